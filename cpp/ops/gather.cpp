// Picking and placing by index.
#include <algorithm>
#include <atomic>
#include <cstring>

#include "core/string_tensor.h"
#include "ops/functions.h"
#include "ops/integer_math.h"
#include "ops/kernel_use.h"
#include "ops/strided.h"

namespace lamina {

namespace {

struct GatherPlan {
    int axis, batch_dims;
    int64_t batch, outer, size, inner, picks;
};

GatherPlan plan_gather(const Call& c) {
    const Shape &x = c[0].shape(), &index = c[1].shape();
    GatherPlan p{};
    p.axis = normalize_axis("gather", c.integer("axis"), x.rank());
    int64_t batch_dims = c.integer("batchDims");
    if (batch_dims < -index.rank() || batch_dims > index.rank())
        value_error("Expect batchDims in the range of [-", index.rank(), ", ", index.rank(), "], but got ",
                    batch_dims);
    if (batch_dims < 0) batch_dims += index.rank();
    if (batch_dims > p.axis)
        value_error("batchDims (", batch_dims, ") must be less than or equal to axis (", p.axis, ").");
    p.batch_dims = static_cast<int>(batch_dims);
    for (int i = 0; i < p.batch_dims; ++i)
        if (x[i] != index[i])
            value_error("x.shape[", i, "]: ", x[i], " should be equal to indices.shape[", i, "]: ", index[i],
                        ".");
    p.batch = x.product(0, p.batch_dims);
    p.outer = x.product(p.batch_dims, p.axis);
    p.size = x[p.axis];
    p.inner = x.product(p.axis + 1, x.rank());
    p.picks = index.product(p.batch_dims, index.rank());
    return p;
}

Specs infer_gather(const Call& c) {
    const GatherPlan p = plan_gather(c);
    const Shape &x = c[0].shape(), &index = c[1].shape();
    Ints dims(x.begin(), x.begin() + p.axis);
    dims.insert(dims.end(), index.begin() + p.batch_dims, index.end());
    dims.insert(dims.end(), x.begin() + p.axis + 1, x.end());
    return {{c[0].dtype(), Shape(std::span<const int64_t>(dims))}};
}

// Whether n indices lie in [0, size): a negative one has its sign set, and so has size - 1 less a larger one.
bool all_inside(const int32_t* index, int64_t n, int64_t size) {
    constexpr int64_t kStep = 64;  // in steps of a fixed length the compiler takes several at once
    const auto last = static_cast<uint32_t>(std::min(size, int64_t{1} << 31) - 1);
    uint32_t signs = 0;
    const auto outside = [last](int32_t i) {
        return static_cast<uint32_t>(i) | (last - static_cast<uint32_t>(i));
    };
    int64_t begin = 0;
    for (; begin + kStep <= n; begin += kStep) {
        const int32_t* at = index + begin;
        for (int64_t i = 0; i < kStep; ++i) signs |= outside(at[i]);
    }
    for (; begin < n; ++begin) signs |= outside(index[begin]);
    return signs >> 31 == 0;
}

void check_indices(const char* op, const Tensor& index, int64_t size) {
    const auto* at = index.data<int32_t>();
    if (all_inside(at, index.size(), size)) return;
    while (*at >= 0 && *at < size) ++at;
    value_error(op, ": the index value ", *at, " is not in [0, ", size - 1, "]");
}

// Single elements along the only axis that counts. A piece of the indices is looked at just before it is
// used, while it is in the first-level cache.
template <class T>
void pick_elements(const GatherPlan& p, const Tensor& index, const void* x, void* y) {
    constexpr int64_t kPiece = 4096;
    const auto* at = index.data<int32_t>();
    std::atomic<bool> inside = true;
    parallel_for(p.picks, kElementwiseGrain, [&](int64_t begin, int64_t end) {
        for (int64_t n; begin < end; begin += n) {
            n = std::min(kPiece, end - begin);
            if (!all_inside(at + begin, n, p.size)) return inside.store(false, std::memory_order_relaxed);
            kernels<T>().gather_rows(static_cast<const T*>(x), at + begin, static_cast<T*>(y) + begin, n, 1,
                                     p.size);
        }
    });
    // Of several that are outside the first is named.
    if (!inside.load(std::memory_order_relaxed)) check_indices("GatherV2", index, p.size);
}

// For T of as many bytes as an element has.
template <class T>
void pick(const GatherPlan& p, const void* x, const int32_t* index, void* y) {
    const int64_t row = p.picks * p.inner;
    parallel_for(p.batch * p.outer, kElementwiseGrain / std::max<int64_t>(1, row) + 1,
                 [&](int64_t begin, int64_t end) {
                     for (int64_t o = begin; o < end; ++o) {
                         const T* from = static_cast<const T*>(x) + o * p.size * p.inner;
                         T* to = static_cast<T*>(y) + o * row;
                         const int32_t* at = index + o / p.outer * p.picks;
                         if (p.inner == 1)
                             for (int64_t i = 0; i < p.picks; ++i) to[i] = from[at[i]];
                         else
                             for (int64_t i = 0; i < p.picks; ++i)
                                 std::memcpy(to + i * p.inner, from + at[i] * p.inner,
                                             static_cast<size_t>(p.inner) * sizeof(T));
                     }
                 });
}

void run_gather(const Call& c, Tensors& out) {
    const GatherPlan p = plan_gather(c);
    const DType type = c[0].dtype();
    const size_t bytes = element_size(type);
    const bool rows = p.batch == 1 && p.outer == 1;
    if (rows && p.inner == 1 && type != DType::string) {
        auto* y = out[0].mutable_data<char>();
        if (type == DType::float64) return pick_elements<double>(p, c[1], c[0].raw(), y);
        if (bytes == sizeof(float)) return pick_elements<float>(p, c[1], c[0].raw(), y);
    }
    check_indices("GatherV2", c[1], p.size);
    if (type == DType::string) {
        const Inputs numbers{element_numbers(c[0].shape()), c[1]};
        Tensors moved{Tensor::empty(DType::int32, out[0].shape())};
        run_gather(Call{c.op, numbers, c.attrs}, moved);
        out[0] = gather_strings(c[0], moved[0]);
        return;
    }
    const auto* index = c[1].data<int32_t>();
    if (is_real(type) && rows) {
        visit_real(type, [&]<class T>() {
            kernels<T>().gather_rows(c[0].data<T>(), index, out[0].mutable_data<T>(), p.picks, p.inner,
                                     p.size);
        });
        return;
    }
    auto* to = out[0].mutable_data<char>();
    if (bytes == 1) return pick<uint8_t>(p, c[0].raw(), index, to);
    if (bytes == 4) return pick<uint32_t>(p, c[0].raw(), index, to);
    pick<uint64_t>(p, c[0].raw(), index, to);
}

// Positions are counted through: [batch * outer * picks] rows go to row (batch, outer, index) of the result.
Tensors gather_grad(const Gradient& g) {
    const Tensor& index = g.x(1);
    const Inputs inputs{Tensor::symbolic(g.spec(0), {}), index};
    const GatherPlan p = plan_gather(Call{g.op, inputs, g.attrs});
    Tensor rows = reshape(index, Shape{p.batch, 1, p.picks});
    if (p.batch * p.outer > 1) {
        check_positions("the gradient of gather", p.batch * p.outer * p.size);
        Tensor base = Tensor::empty(DType::int32, Shape{p.batch, p.outer, 1}, "gather");
        for (int64_t i = 0; i < p.batch * p.outer; ++i)
            base.mutable_data<int32_t>()[i] = static_cast<int32_t>(i * p.size);
        rows = add(rows, base);
    }
    const Tensor flat_rows = reshape(rows, Shape{p.batch * p.outer * p.picks});
    const Tensor dy = reshape(g.dy(), Shape{p.batch * p.outer * p.picks, p.inner});
    return {reshape(scatter_add(dy, flat_rows, p.batch * p.outer * p.size), g.shape(0)), Tensor()};
}

const Op& gather_op = define({
    .name = "gather",
    .inputs = {{"x"}, {"indices", Accept::index}},
    .attrs = {{"axis", AttrType::integer, int64_t{0}, true},
              {"batchDims", AttrType::integer, int64_t{0}, true}},
    .infer = infer_gather,
    .run = run_gather,
    .grad = gather_grad,
    .saves = {.inputs = {1}},
    .doc = "The slices of x along the axis that the int32 indices name. An index outside is an error; "
           "repeated indices add "
           "their gradients up.",
});

const Op& scatter_add_op = define({
    .name = "scatterAdd",
    .inputs = {{"x", Accept::real}, {"indices", Accept::index}},
    .attrs = {{"rows", AttrType::integer}},
    .infer = [](const Call& c) -> Specs {
        if (c[0].rank() != 2 || c[1].rank() != 1 || c[0].shape()[0] != c[1].shape()[0])
            value_error("scatterAdd: x must be [n, inner] and indices [n], got [", c[0].shape(), "] and [",
                        c[1].shape(), "].");
        return {{c[0].dtype(), Shape{c.integer("rows"), c[0].shape()[1]}}};
    },
    .run =
        [](const Call& c, Tensors& out) {
            check_indices(c.op.name, c[1], c.integer("rows"));
            visit_real(c[0].dtype(), [&]<class T>() {
                T* y = out[0].mutable_data<T>();
                fill_values(T(0), y, out[0].size());
                kernels<T>().scatter_add_rows(c[0].data<T>(), c[1].data<int32_t>(), y, c[0].shape()[0],
                                              c[0].shape()[1], c.integer("rows"));
            });
        },
    .grad = [](const Gradient& g) -> Tensors { return {gather(g.dy(), g.x(1), 0), Tensor()}; },
    .saves = {.inputs = {1}},
    .method = false,
    .internal = true,
    .doc = "Zeros of shape [rows, inner] to which row i of x is added at row indices[i], in the order of i.",
});

const Op& one_hot_op = define({
    .name = "oneHot",
    .inputs = {{"indices", Accept::index}},
    .attrs = {{"depth", AttrType::integer},
              {"onValue", AttrType::number, 1.0, true},
              {"offValue", AttrType::number, 0.0, true},
              {"dtype", AttrType::dtype, DType::int32, true}},
    .infer = [](const Call& c) -> Specs {
        if (c.integer("depth") < 2)
            value_error("Error in oneHot: depth must be >=2, but it is ", c.integer("depth"));
        if (c.dtype("dtype") == DType::string || c.dtype("dtype") == DType::complex64)
            type_error("oneHot: dtype must be a number type, got ", name_of(c.dtype("dtype")), ".");
        return {{c.dtype("dtype"), c[0].shape().inserted(c[0].rank(), c.integer("depth"))}};
    },
    .run =
        [](const Call& c, Tensors& out) {
            const int64_t depth = c.integer("depth");
            const auto* index = c[0].data<int32_t>();
            visit_number(out[0].dtype(), [&]<class T>() {
                T* y = out[0].mutable_data<T>();
                fill_values(number_to<T>(c.number("offValue")), y, out[0].size());
                for (int64_t i = 0; i < c[0].size(); ++i)
                    if (index[i] >= 0 && index[i] < depth)
                        y[i * depth + index[i]] = number_to<T>(c.number("onValue"));
            });
        },
    .no_grad = "indices are whole numbers",
    .method = true,
    .doc = "A new last dimension of `depth`, with onValue at each index and offValue elsewhere; an index "
           "outside gives a row "
           "of offValue.",
});

}  // namespace

Tensor gather(const Tensor& x, const Tensor& indices, int64_t axis) {
    return call1(gather_op, {x, indices}, {axis});
}
Tensor scatter_add(const Tensor& x, const Tensor& index, int64_t rows) {
    return call1(scatter_add_op, {x, index}, {rows});
}
Tensor one_hot(const Tensor& indices, int64_t depth, DType dtype) {
    return call1(one_hot_op, {indices}, {depth, 1.0, 0.0, dtype});
}

}  // namespace lamina
