// Ops that give the same elements another shape or type.
#include <algorithm>

#include "ops/functions.h"
#include "ops/integer_math.h"
#include "ops/kernel_use.h"
#include "ops/recorder.h"

namespace lamina {

namespace {

Tensors share(const Call& c) { return {c[0].with_shape(c.op.infer(c)[0].shape)}; }

Tensors reshape_back(const Gradient& g) { return {reshape(g.dy(), g.shape(0))}; }

const Op& reshape_op = define({
    .name = "reshape",
    .inputs = {{"x"}},
    .attrs = {{"shape", AttrType::ints}},
    .infer = [](const Call& c) -> Specs {
        Ints dims = c.ints("shape");
        Size known = 1;
        int64_t unknown = -1;
        for (size_t i = 0; i < dims.size(); ++i) {
            if (dims[i] == -1) {
                if (unknown >= 0)
                    value_error("Shapes can only have 1 implicit size. Found -1 at dim ", unknown,
                                " and dim ", i);
                unknown = static_cast<int64_t>(i);
            } else if (dims[i] < 0) {
                value_error("Shapes can not be < 0. Found ", dims[i], " at dim ", i);
            } else {
                known *= dims[i];
            }
        }
        const int64_t size = c[0].size();
        if (unknown >= 0) {
            if (known == 0)
                value_error("Cannot infer the missing size in [", Shape(c[0].shape()),
                            "] when there are 0 elements");
            if (size % known)
                value_error("The implicit shape can't be a fractional number. Got ", size, " / ", known);
            dims[static_cast<size_t>(unknown)] = size / known;
        }
        const Shape shape{std::span<const int64_t>(dims)};
        if (shape.size() != size)
            value_error("Size(", size, ") must match the product of shape ", shape,
                        " when reshaping a tensor of shape [", c[0].shape(), "].");
        return {{c[0].dtype(), shape}};
    },
    .shares = share,
    .grad = reshape_back,
    .doc = "The same elements under another shape; one size may be -1 and follows from the others. Shares "
           "x's memory.",
});

const Op& expand_dims_op = define({
    .name = "expandDims",
    .inputs = {{"x"}},
    .attrs = {{"axis", AttrType::integer, int64_t{0}, true}},
    .infer = [](const Call& c) -> Specs {
        const int axis = normalize_axis("expandDims", c.integer("axis"), c[0].rank() + 1);
        return {{c[0].dtype(), c[0].shape().inserted(axis, 1)}};
    },
    .shares = share,
    .grad = reshape_back,
    .doc = "Inserts a dimension of size 1 at the axis. Shares x's memory.",
});

const Op& squeeze_op = define({
    .name = "squeeze",
    .inputs = {{"x"}},
    .attrs = {{"axis", AttrType::ints, None{}, true}},
    .infer = [](const Call& c) -> Specs {
        const Shape& s = c[0].shape();
        Ints dims;
        const bool every = !c.given("axis") || c.ints("axis").empty();
        std::vector<bool> drop(static_cast<size_t>(s.rank()), every);
        if (c.given("axis"))
            for (int64_t a : c.ints("axis")) {
                const int axis = normalize_axis("squeeze", a, s.rank());
                if (s[axis] != 1)
                    value_error("Can't squeeze axis ", axis, " since its dim '", s[axis], "' is not 1");
                drop[static_cast<size_t>(axis)] = true;
            }
        for (int i = 0; i < s.rank(); ++i)
            if (!drop[static_cast<size_t>(i)] || s[i] != 1) dims.push_back(s[i]);
        return {{c[0].dtype(), Shape(std::span<const int64_t>(dims))}};
    },
    .shares = share,
    .grad = reshape_back,
    .doc = "Removes dimensions of size 1: those at the given axes, or all where there are none. Shares x's "
           "memory.",
});

const Op& clone_op = define({
    .name = "clone",
    .inputs = {{"x"}},
    .infer = same_as_input,
    .shares = share,
    .grad = [](const Gradient& g) -> Tensors { return {g.dy()}; },
    .doc = "The same value under a handle of its own; shares x's memory.",
});

// ---- cast --------------------------------------------------------------------------------------------------

// n elements by the kernels.
template <class From, class To>
void convert(const From* x, To* y, int64_t n) {
    if constexpr (std::is_same_v<From, To>) {
        std::copy_n(x, n, y);
    } else if constexpr (std::is_floating_point_v<From> && std::is_same_v<To, int32_t>) {
        for (int64_t i = 0; i < n; ++i) {
            i += kernels<From>().to_int32(x + i, y + i, n - i);
            if (i < n) y[i] = number_to<int32_t>(static_cast<double>(x[i]));
        }
    } else if constexpr (std::is_floating_point_v<From> && sizeof(To) == 1) {
        const From zero = 0;
        kernels<From>().compare[static_cast<int>(Compare::not_equal)](x, &zero, y, n, 1, 0);
    } else if constexpr (std::is_same_v<From, int32_t> && sizeof(To) == 1) {
        const int32_t zero = 0;
        kernels<float>().compare_int[static_cast<int>(Compare::not_equal)](x, &zero, y, n, 1, 0);
    } else if constexpr (std::is_same_v<From, int32_t> && std::is_floating_point_v<To>) {
        kernels<To>().from_int32(x, y, n);
    } else if constexpr (sizeof(From) == 1 && std::is_floating_point_v<To>) {
        kernels<To>().from_truth(x, y, n);
    } else {
        for (int64_t i = 0; i < n; ++i) y[i] = static_cast<To>(x[i]);
    }
}

template <class From>
void cast_from(const Tensor& x, Tensor& y) {
    const From* from = x.data<From>();
    const int64_t n = x.size();
    if (y.dtype() == DType::complex64) {
        auto* to = y.mutable_data<Complex>();
        for (int64_t i = 0; i < n; ++i) to[i] = {static_cast<float>(from[i]), 0.0f};
        return;
    }
    visit_number(y.dtype(), [&]<class To>() {
        To* to = y.mutable_data<To>();
        parallel_for(n, kElementwiseGrain,
                     [=](int64_t begin, int64_t end) { convert(from + begin, to + begin, end - begin); });
    });
}

void run_cast(const Call& c, Tensors& out) {
    const Tensor& x = c[0];
    if (x.dtype() == DType::complex64) {
        const auto* from = x.data<Complex>();
        visit_number(out[0].dtype(), [&]<class T>() {
            for (int64_t i = 0; i < x.size(); ++i) out[0].mutable_data<T>()[i] = number_to<T>(from[i].re);
        });
    } else {
        visit_number(x.dtype(), [&]<class T>() { cast_from<T>(x, out[0]); });
    }
}

const Op& cast_op = define({
    .name = "cast",
    .inputs = {{"x"}},
    .attrs = {{"dtype", AttrType::dtype}},
    .infer = [](const Call& c) -> Specs {
        const DType to = c.dtype("dtype");
        if ((c[0].dtype() == DType::string) != (to == DType::string))
            type_error("Only strings can be casted to strings: cannot cast ", name_of(c[0].dtype()), " to ",
                       name_of(to), ".");
        return {{to, c[0].shape()}};
    },
    .run = run_cast,
    .shares = share,
    .grad = [](const Gradient& g) -> Tensors {
        const DType from = g.spec(0).dtype, to = g.call().dtype("dtype");
        const DType type = is_integral(from) ? DType::float32 : from;
        // Steps are flat; a truth value as a whole number is not cut.
        const bool cut = is_integral(to) && from != to && from != DType::boolean;
        return {cut ? zeros(g.shape(0), type) : cast(g.dy(), type)};
    },
    .formula = {Formula::Kind::cast},
    .doc = "x as another dtype: numbers are cut toward zero for int32, and true where not 0 for bool. "
           "Casting to x's own dtype shares its memory.",
});

}  // namespace

Tensor reshape(const Tensor& x, const Shape& shape) {
    if (x.shape() == shape) return x;
    // Where nobody watches, as within kernels and eager composed ops, nothing is left of the call.
    if (!Recorder::top() && x.size() == shape.size() && !x.is_symbolic()) return x.with_shape(shape);
    return call1(reshape_op, {x}, {Ints(shape.begin(), shape.end())});
}
Tensor cast(const Tensor& x, DType dtype) {
    if (x.dtype() == dtype) return x;
    return call1(cast_op, {x}, {dtype});
}

}  // namespace lamina
