// Elements around a tensor: a constant, or its own reflected.
#include <algorithm>
#include <cstring>

#include "ops/functions.h"
#include "ops/integer_math.h"
#include "ops/kernel_use.h"
#include "ops/strided.h"

namespace lamina {

namespace {

Size before(const Ints& paddings, int axis) { return paddings[static_cast<size_t>(2 * axis)]; }
Size after(const Ints& paddings, int axis) { return paddings[static_cast<size_t>(2 * axis + 1)]; }

// A padded tensor as rows of groups: what lies behind the last padded dimension is one group of `inner`
// elements, and that dimension the row.
struct Rows {
    int last = 0;  // the dimension
    int64_t count = 1, inner = 1;
    int64_t n = 0, left = 0, right = 0;  // groups

    Rows(const Shape& x, const Ints& paddings) {
        for (int i = 0; i < x.rank(); ++i)
            if (before(paddings, i) + after(paddings, i) > 0) last = i;
        for (int i = 0; i < last; ++i) count *= before(paddings, i) + x[i] + after(paddings, i);
        inner = x.product(last + 1, x.rank());
        n = x[last], left = before(paddings, last), right = after(paddings, last);
    }
};

// Calls f(row of the result, row of x) on several threads; place(i, axis) is where in x position i of the
// result's dimension lies, or -1, which makes the row of x -1.
template <class Place, class F>
void each_row(const Rows& rows, const Shape& x, const Ints& paddings, Place place, F f) {
    const int64_t length = (rows.left + rows.n + rows.right) * rows.inner;
    parallel_for(rows.count, kElementwiseGrain / std::max<int64_t>(1, length) + 1,
                 [&](int64_t begin, int64_t end) {
                     for (int64_t row = begin; row < end; ++row) {
                         int64_t rest = row, from = 0, scale = 1;
                         for (int i = rows.last - 1; i >= 0; --i) {
                             const int64_t size = before(paddings, i) + x[i] + after(paddings, i);
                             const int64_t at = place(rest % size, i);
                             rest /= size;
                             from = at < 0 || from < 0 ? -1 : from + at * scale;
                             scale *= x[i];
                         }
                         f(row, from);
                     }
                 });
}

// ---- pad ---------------------------------------------------------------------------------------------------

template <class T>
void run_pad(const Tensor& x, const Ints& paddings, T value, Tensor& out) {
    const Rows rows(x.shape(), paddings);
    const T* from = x.size() > 0 ? x.data<T>() : nullptr;
    T* to = out.mutable_data<T>();
    const int64_t left = rows.left * rows.inner, n = rows.n * rows.inner, right = rows.right * rows.inner;
    const auto place = [&](int64_t i, int axis) {
        const int64_t at = i - before(paddings, axis);
        return at < x.shape()[axis] ? at : -1;
    };
    each_row(rows, x.shape(), paddings, place, [&](int64_t row, int64_t source) {
        T* y = to + row * (left + n + right);
        if (source < 0 || n == 0) {
            repeat(value, y, left + n + right);
            return;
        }
        repeat(value, y, left);
        std::memcpy(y + left, from + source * n, static_cast<size_t>(n) * sizeof(T));
        repeat(value, y + left + n, right);
    });
}

const Op& pad_op = define({
    .name = "pad",
    .inputs = {{"x", Accept::numeric}},
    .attrs = {{"paddings", AttrType::pairs}, {"constantValue", AttrType::number, 0.0, true}},
    .infer = [](const Call& c) -> Specs {
        const Ints& p = c.ints("paddings");
        if (static_cast<int>(p.size()) != 2 * c[0].rank())
            value_error("pad: paddings must have a pair [before, after] for each of the ", c[0].rank(),
                        " dimensions.");
        if (c[0].rank() == 0) value_error("pad(scalar) is not defined. Pass non-scalar to pad");
        Ints dims;
        for (int i = 0; i < c[0].rank(); ++i) {
            if (before(p, i) < 0 || after(p, i) < 0)
                value_error("pad: paddings must not be negative, got [", before(p, i), ",", after(p, i),
                            "].");
            dims.push_back(before(p, i) + c[0].shape()[i] + after(p, i));
        }
        return {{c[0].dtype(), Shape(std::span<const int64_t>(dims))}};
    },
    .run =
        [](const Call& c, Tensors& out) {
            if (out[0].size() == 0) return;
            const Ints& paddings = c.ints("paddings");
            const double value = c.number("constantValue");
            if (c[0].dtype() == DType::complex64)
                return run_pad(c[0], paddings, Complex{static_cast<float>(value), 0.0f}, out[0]);
            visit_number(c[0].dtype(),
                         [&]<class T>() { run_pad(c[0], paddings, number_to<T>(value), out[0]); });
        },
    .grad = [](const Gradient& g) -> Tensors {
        const Ints& p = std::get<Ints>(g.attrs[0]);
        Ints begin;
        for (size_t i = 0; i < p.size(); i += 2) begin.push_back(p[i]);
        return {slice(g.dy(), begin, Ints(g.shape(0).begin(), g.shape(0).end()))};
    },
    .doc = "x with `paddings` ([before, after] per dimension) of a constant around it.",
});

// ---- mirrorPad ---------------------------------------------------------------------------------------------

// Which position of [0, n) is seen at i places behind its beginning; with edge 1 the outermost is the mirror,
// with 0 the mirror stands outside of it.
int64_t reflected(int64_t i, int64_t n, int64_t edge) {
    if (i < 0) i = edge - 1 - i;
    return i >= n ? 2 * n - 1 - edge - i : i;
}

int64_t edge_of(const Call& c) { return c.string("mode") == "reflect" ? 1 : 0; }

template <class T>
void run_mirror(const Tensor& x, const Ints& paddings, int64_t edge, Tensor& out) {
    const Rows rows(x.shape(), paddings);
    const auto* from = static_cast<const T*>(x.raw());
    T* to = out.mutable_data<T>();
    const auto bytes = static_cast<size_t>(rows.inner) * sizeof(T);
    const auto place = [&](int64_t i, int axis) {
        return reflected(i - before(paddings, axis), x.shape()[axis], edge);
    };
    each_row(rows, x.shape(), paddings, place, [&](int64_t row, int64_t source) {
        T* y = to + row * (rows.left + rows.n + rows.right) * rows.inner;
        const T* in = from + source * rows.n * rows.inner;
        const auto groups = [&](int64_t first, int64_t last) {
            for (int64_t i = first; i < last; ++i)
                std::memcpy(y + (rows.left + i) * rows.inner, in + reflected(i, rows.n, edge) * rows.inner,
                            bytes);
        };
        groups(-rows.left, 0);
        std::memcpy(y + rows.left * rows.inner, in, static_cast<size_t>(rows.n) * bytes);
        groups(rows.n, rows.n + rows.right);
    });
}

[[maybe_unused]] const Op& mirror_pad_op = define({
    .name = "mirrorPad",
    .inputs = {{"x"}},
    .attrs = {{"paddings", AttrType::pairs},
              {"mode", AttrType::string, NotGiven{}, false, {"reflect", "symmetric"}}},
    .infer = [](const Call& c) -> Specs {
        const Ints& paddings = c.ints("paddings");
        const Shape& x = c[0].shape();
        const int rank = x.rank();
        if (rank == 0) value_error("mirrorPad(scalar) is not defined. Pass non-scalar to mirrorPad");
        if (static_cast<int>(paddings.size()) != 2 * rank)
            value_error("mirrorPad: Padding doesn't match input. Must be ", rank, ". Got ",
                        paddings.size() / 2, ".");
        Ints dims;
        for (int axis = 0; axis < rank; ++axis) {
            const int64_t most = x[axis] - edge_of(c);
            if (before(paddings, axis) < 0 || after(paddings, axis) < 0 || before(paddings, axis) > most ||
                after(paddings, axis) > most)
                value_error("mirrorPad: Padding in dimension ", axis, " cannot be greater than or equal to ",
                            most, " or less than 0 for input of shape ", x);
            dims.push_back(before(paddings, axis) + x[axis] + after(paddings, axis));
        }
        return {{c[0].dtype(), Shape(std::span<const int64_t>(dims))}};
    },
    .run =
        [](const Call& c, Tensors& out) {
            const auto mirror = [&](const Tensor& x, Tensor& y) {
                if (y.size() == 0) return;
                const size_t bytes = element_size(x.dtype());
                if (bytes == 1) return run_mirror<uint8_t>(x, c.ints("paddings"), edge_of(c), y);
                if (bytes == 4) return run_mirror<uint32_t>(x, c.ints("paddings"), edge_of(c), y);
                run_mirror<uint64_t>(x, c.ints("paddings"), edge_of(c), y);
            };
            if (c[0].dtype() != DType::string) return mirror(c[0], out[0]);
            const Shape shape = out[0].shape();
            out[0] = move_strings(c[0], [&](const Tensor& numbers) {
                Tensor moved = Tensor::empty(DType::int32, shape);
                mirror(numbers, moved);
                return moved;
            });
        },
    .no_grad = "made of differentiable ops",
    .decompose = [](const Call& c) -> Tensors {
        const Ints& paddings = c.ints("paddings");
        Tensor y = c[0];
        for (int axis = 0; axis < c[0].rank(); ++axis) {
            const int64_t n = c[0].shape()[axis], left = before(paddings, axis),
                          right = after(paddings, axis);
            if (left + right == 0) continue;
            check_positions("mirrorPad", n);
            Tensor from = Tensor::empty(DType::int32, Shape{left + n + right}, "mirrorPad");
            for (int64_t i = 0; i < from.size(); ++i)
                from.mutable_data<int32_t>()[i] = static_cast<int32_t>(reflected(i - left, n, edge_of(c)));
            y = gather(y, from, axis);
        }
        return {y};
    },
    .doc = "x with its own elements reflected around it, [before, after] per dimension: 'reflect' leaves the "
           "edge itself out, 'symmetric' repeats it.",
});

}  // namespace

Tensor pad(const Tensor& x, const Ints& paddings, double value) {
    return call1(pad_op, {x}, {paddings, value});
}

}  // namespace lamina
