// Picking and placing slices by their coordinates.
#include "ops/scatter_nd.h"

#include <algorithm>
#include <cstring>

#include "core/string_tensor.h"
#include "ops/bins.h"
#include "ops/functions.h"
#include "ops/integer_math.h"
#include "ops/kernel_use.h"
#include "ops/strided.h"

namespace lamina {

namespace {

// Coordinates [..., depth] into the first `depth` dimensions of a shape: `count` slices of `inner` elements
// each.
struct Slices {
    int64_t depth, count, rows, inner;
};

Slices slices_of(const Shape& indices, const Shape& shape) {
    const int64_t depth = indices[indices.rank() - 1];
    const int d = static_cast<int>(depth);
    return {depth, indices.product(0, indices.rank() - 1), shape.product(0, d),
            shape.product(d, shape.rank())};
}

// The row of `shape`, seen as [rows, inner], that each of the coordinates from the begin-th to the end-th
// names.
void find_rows(const char* op, const Tensor& indices, const Shape& shape, const Slices& s, int64_t begin,
               int64_t end, int64_t* rows) {
    const auto* at = indices.data<int32_t>() + begin * s.depth;
    for (; begin < end; ++begin, ++rows, at += s.depth) {
        *rows = 0;
        for (int i = 0; i < s.depth; ++i) {
            if (at[i] < 0 || at[i] >= shape[i]) {
                std::string coordinates;
                for (int k = 0; k < s.depth; ++k) coordinates = text(coordinates, k ? "," : "", at[k]);
                value_error(op, ": Invalid indices: ", coordinates, " does not index into ", shape);
            }
            *rows = *rows * shape[i] + at[i];
        }
    }
}

std::vector<int64_t> rows_of(const char* op, const Tensor& indices, const Shape& shape, const Slices& s) {
    std::vector<int64_t> rows(static_cast<size_t>(s.count));
    find_rows(op, indices, shape, s, 0, s.count, rows.data());
    return rows;
}

// Calls f(first, count, rows) for all coordinates, some at a time.
template <class F>
void each_rows(const char* op, const Tensor& indices, const Shape& shape, const Slices& s, F f) {
    constexpr int64_t some = 512;
    int64_t rows[some];
    for (int64_t begin = 0; begin < s.count; begin += some) {
        const int64_t end = std::min(begin + some, s.count);
        find_rows(op, indices, shape, s, begin, end, rows);
        f(begin, end - begin, rows);
    }
}

// ---- gatherND ----------------------------------------------------------------------------------------------

const Op& gather_nd_op = define({
    .name = "gatherND",
    .inputs = {{"x"}, {"indices", Accept::index}},
    .infer = [](const Call& c) -> Specs {
        const Shape &x = c[0].shape(), &indices = c[1].shape();
        if (x.rank() < 1)
            value_error("tf.gatherND() expects the input to be rank 1 or higher, but the rank was ", x.rank(),
                        ".");
        if (indices.rank() < 1)
            value_error("tf.gatherND() expects the indices to be rank 1 or higher, but the rank was ",
                        indices.rank(), ".");
        const int64_t depth = indices[indices.rank() - 1];
        if (depth > x.rank())
            value_error("index innermost dimension length must be <= tensor rank; saw: ", depth, " vs. ",
                        x.rank());
        if (x.size() == 0)
            value_error("gatherND: Requested more than 0 entries, but input is empty. Input shape: ", x, ".");
        Ints dims(indices.begin(), indices.end() - 1);
        dims.insert(dims.end(), x.begin() + depth, x.end());
        return {{c[0].dtype(), Shape(std::span<const int64_t>(dims))}};
    },
    .run =
        [](const Call& c, Tensors& out) {
            if (c[0].dtype() == DType::string) {
                const Inputs numbers{element_numbers(c[0].shape()), c[1]};
                Tensors moved{Tensor::empty(DType::int32, out[0].shape())};
                c.op.run(Call{c.op, numbers, c.attrs}, moved);
                out[0] = gather_strings(c[0], moved[0]);
                return;
            }
            const Slices s = slices_of(c[1].shape(), c[0].shape());
            const auto bytes = static_cast<size_t>(s.inner) * element_size(c[0].dtype());
            const auto* from = static_cast<const char*>(c[0].raw());
            auto* to = out[0].mutable_data<char>();
            each_rows("gatherND", c[1], c[0].shape(), s, [&](int64_t, int64_t count, const int64_t* rows) {
                for (int64_t i = 0; i < count; ++i, to += bytes)
                    std::memcpy(to, from + static_cast<size_t>(rows[i]) * bytes, bytes);
            });
        },
    .grad = [](const Gradient& g) -> Tensors {
        const Shape& indices = g.shape(1);
        const Slices s = slices_of(indices, g.shape(0));
        Ints dims{s.count};
        dims.insert(dims.end(), g.shape(0).begin() + s.depth, g.shape(0).end());
        const Tensor flat = reshape(g.x(1), Shape{s.count, s.depth});
        return {scatter_nd(flat, reshape(g.dy(), Shape(std::span<const int64_t>(dims))), g.shape(0)),
                Tensor()};
    },
    .saves = {.inputs = {1}},
    .method = false,
    .doc = "The slices of x at the int32 coordinates in the last dimension of indices. Repeated ones add "
           "their gradients up.",
});

// ---- scatterND ---------------------------------------------------------------------------------------------

// updates.shape = indices.shape[:-1] + shape[depth:]; indices of rank 1 are one coordinate each.
void check_updates(const Call& c, const Tensor& indices, const Tensor& updates, const Shape& shape) {
    if (indices.rank() < 1)
        value_error("tf.", c.op.name, "() expects the indices to be rank 1 or higher, but the rank was ",
                    indices.rank(), ".");
    if (updates.rank() < 1)
        value_error("tf.", c.op.name, "() expects the updates to be rank 1 or higher, but the rank was ",
                    updates.rank(), ".");
    if (shape.rank() < 1)
        value_error(c.op.name, ": Output rank must be greater or equal to 1, but got shape: ", shape);
    const int64_t depth = indices.rank() > 1 ? indices.shape()[indices.rank() - 1] : 1;
    const int batch = std::max(indices.rank() - 1, 1);
    bool fits = depth <= shape.rank() && updates.rank() == batch + shape.rank() - depth;
    for (int i = 0; fits && i < updates.rank(); ++i)
        fits = updates.shape()[i] ==
               (i < batch ? indices.shape()[i] : shape[i - batch + static_cast<int>(depth)]);
    if (!fits)
        value_error(
            c.op.name,
            ": Must have updates.shape = indices.shape[:batchDim] + shape[sliceDim:], got updates.shape: ",
            updates.shape(), ", indices.shape: ", indices.shape(), ", shape: ", shape, ", sliceDim: ", depth,
            ", and batchDim: ", batch, ".");
}

Tensor as_coordinates(const Tensor& indices) {
    return indices.rank() == 1 ? indices.with_shape(indices.shape().inserted(1, 1)) : indices;
}
Tensor coordinates(const Tensor& indices) {
    return indices.rank() == 1 ? reshape(indices, indices.shape().inserted(1, 1)) : indices;
}

template <class T>
void add_to(T& y, T x) {
    if constexpr (std::is_same_v<T, Complex>)
        y = {y.re + x.re, y.im + x.im};
    else if constexpr (std::is_same_v<T, uint8_t>)
        y = y || x;
    else if constexpr (std::is_integral_v<T>)
        y = integer_binary<Binary::add>(y, x);
    else
        y += x;
}

template <class T>
void add_slices(const Call& c, const Tensor& indices, const Slices& s, Tensor& out) {
    const T* x = c[1].data<T>();
    T* y = out.mutable_data<T>();
    fill_values(T(), y, out.size());
    each_rows(c.op.name, indices, out.shape(), s, [&](int64_t, int64_t count, const int64_t* rows) {
        for (int64_t i = 0; i < count; ++i)
            for (int64_t k = 0; k < s.inner; ++k) add_to(y[rows[i] * s.inner + k], *x++);
    });
}

// Real numbers whose rows are named by one coordinate each, by the kernel or, single ones, in parts.
template <class T>
void add_real(const Call& c, const Tensor& indices, const Slices& s, Tensor& out) {
    const auto* at = indices.data<int32_t>();
    for (int64_t i = 0; i < s.count; ++i)
        if (at[i] < 0 || at[i] >= s.rows)
            value_error(c.op.name, ": Invalid indices: ", at[i], " does not index into ", out.shape());
    const T* x = c[1].data<T>();
    T* y = out.mutable_data<T>();
    if (s.inner == 1) {
        sum_in_parts(s.count, y, out.size(), [=](int64_t begin, int64_t end, T* table) {
            for (int64_t i = begin; i < end; ++i) table[at[i]] += x[i];
        });
        return;
    }
    fill_values(T(0), y, out.size());
    kernels<T>().scatter_add_rows(x, at, y, s.count, s.inner, s.rows);
}

const Op& scatter_nd_op = define({
    .name = "scatterND",
    .inputs = {{"indices", Accept::index}, {"updates", Accept::numeric}},
    .attrs = {{"shape", AttrType::ints}},
    .infer = [](const Call& c) -> Specs {
        const Shape shape{std::span<const int64_t>(c.ints("shape"))};
        check_updates(c, c[0], c[1], shape);
        return {{c[1].dtype(), shape}};
    },
    .run =
        [](const Call& c, Tensors& out) {
            const Tensor indices = as_coordinates(c[0]);
            const Slices s = slices_of(indices.shape(), out[0].shape());
            if (c[1].dtype() == DType::complex64) return add_slices<Complex>(c, indices, s, out[0]);
            if (is_real(c[1].dtype()) && s.depth == 1)
                return visit_real(c[1].dtype(), [&]<class T>() { add_real<T>(c, indices, s, out[0]); });
            visit_number(c[1].dtype(), [&]<class T>() { add_slices<T>(c, indices, s, out[0]); });
        },
    .grad = [](const Gradient& g) -> Tensors {
        // Of no coordinates there is nothing to gather.
        if (g.dy().size() == 0) return {Tensor(), zeros(g.shape(1), g.dy().dtype())};
        return {Tensor(), gather_nd(g.dy(), coordinates(g.x(0)))};
    },
    .saves = {.inputs = {0}},
    .method = false,
    .doc = "Zeros of the given shape to which the slices `updates` are added at the coordinates in the last "
           "dimension of "
           "indices, repeated ones one after another.",
});

// ---- tensorScatterUpdate -----------------------------------------------------------------------------------

// Which of the slices stay: where a coordinate repeats, the last.
std::vector<bool> last_of_each(const std::vector<int64_t>& rows, int64_t count) {
    std::vector<int64_t> last(static_cast<size_t>(count), -1);
    for (size_t i = 0; i < rows.size(); ++i) last[static_cast<size_t>(rows[i])] = static_cast<int64_t>(i);
    std::vector<bool> stays(rows.size());
    for (size_t i = 0; i < rows.size(); ++i)
        stays[i] = last[static_cast<size_t>(rows[i])] == static_cast<int64_t>(i);
    return stays;
}

// 1 where a slice of updates stays, 0 where a later one overwrites it; [count, 1, ...] against the updates.
const Op& scatter_mask_op = define({
    .name = "scatterMask",
    .inputs = {{"x"}, {"indices", Accept::index}},
    .infer = [](const Call& c) -> Specs {
        if (c[1].rank() != 2 || c[1].shape()[1] > c[0].rank())
            value_error("scatterMask: indices must be [n, depth], got [", c[1].shape(), "].");
        return {{DType::boolean, Shape{c[1].shape()[0]}}};
    },
    .run =
        [](const Call& c, Tensors& out) {
            const Slices s = slices_of(c[1].shape(), c[0].shape());
            const auto stays = last_of_each(rows_of("scatterMask", c[1], c[0].shape(), s), s.rows);
            for (size_t i = 0; i < stays.size(); ++i) out[0].mutable_data<uint8_t>()[i] = stays[i];
        },
    .no_grad = "its result is a truth value",
    .method = false,
    .internal = true,
    .doc = "Of slices put into x at coordinates [n, depth], whether each stays: where one repeats, the last.",
});

[[maybe_unused]] const Op& tensor_scatter_update_op = define({
    .name = "tensorScatterUpdate",
    .inputs = {{"tensor"}, {"indices", Accept::index}, {"updates"}},
    .infer = [](const Call& c) -> Specs {
        check_updates(c, c[1], c[2], c[0].shape());
        if (c[0].dtype() != c[2].dtype())
            value_error("tensorScatterUpdate: tensor and updates must have the same dtype, instead they are ",
                        name_of(c[0].dtype()), " and ", name_of(c[2].dtype()), ".");
        return {c[0].spec()};
    },
    .run =
        [](const Call& c, Tensors& out) {
            const Tensor indices = as_coordinates(c[1]);
            const Slices s = slices_of(indices.shape(), c[0].shape());
            const auto rows = rows_of("tensorScatterUpdate", indices, c[0].shape(), s);
            if (c[0].dtype() == DType::string) {
                std::vector<std::string_view> values;
                for (int64_t i = 0; i < c[0].size(); ++i) values.push_back(string_at(c[0], i));
                for (size_t i = 0; i < rows.size(); ++i)
                    for (int64_t k = 0; k < s.inner; ++k)
                        values[static_cast<size_t>(rows[i] * s.inner + k)] =
                            string_at(c[2], static_cast<int64_t>(i) * s.inner + k);
                out[0] = make_strings(values, c[0].shape());
                return;
            }
            const size_t element = element_size(c[0].dtype()), bytes = static_cast<size_t>(s.inner) * element;
            auto* y = out[0].mutable_data<char>();
            std::memcpy(y, c[0].raw(), static_cast<size_t>(c[0].size()) * element);
            const auto* x = static_cast<const char*>(c[2].raw());
            for (size_t i = 0; i < rows.size(); ++i)
                std::memcpy(y + static_cast<size_t>(rows[i]) * bytes, x + i * bytes, bytes);
        },
    .grad = [](const Gradient& g) -> Tensors {
        const Tensor& indices = g.x(1);
        const Tensor none = zeros(g.shape(2), g.dy().dtype());
        Tensors grads(3);
        if (g.wants(0)) grads[0] = call1(g.op, {g.dy(), indices, none});
        if (g.wants(2) && none.size() == 0) grads[2] = none;
        if (g.wants(2) && none.size() > 0) {
            const Shape& s = indices.shape();
            const int64_t depth = s.rank() > 1 ? s[s.rank() - 1] : 1,
                          count = s.rank() > 1 ? s.product(0, s.rank() - 1) : s[0];
            const Tensor flat = reshape(indices, Shape{count, depth});
            const Tensor stays = call1(scatter_mask_op, {g.dy(), flat});
            const Tensor picked = reshape(gather_nd(g.dy(), flat), Shape{count, none.size() / count});
            const Tensor kept = mul(picked, cast(reshape(stays, Shape{count, 1}), picked.dtype()));
            grads[2] = reshape(kept, g.shape(2));
        }
        return grads;
    },
    .saves = {.inputs = {1}},
    .method = false,
    .doc = "The tensor with the slices `updates` put in at the coordinates in the last dimension of indices; "
           "where one repeats, "
           "the last stays.",
});

// What belongs to no segment goes to one more row, which is cut off.
[[maybe_unused]] const Op& unsorted_segment_sum_op = define({
    .name = "unsortedSegmentSum",
    .inputs = {{"x", Accept::numeric}, {"segmentIds", Accept::index}},
    .attrs = {{"numSegments", AttrType::integer}},
    .no_grad = "made of differentiable ops",
    .decompose = [](const Call& c) -> Tensors {
        const Shape &x = c[0].shape(), &ids = c[1].shape();
        const int64_t segments = c.integer("numSegments");
        if (segments < 0)
            value_error("unsortedSegmentSum: numSegments must not be negative, but got ", segments, ".");
        check_positions("unsortedSegmentSum", Size(segments) + 1);
        bool fits = ids.rank() >= 1 && ids.rank() <= x.rank();
        for (int i = 0; fits && i < ids.rank(); ++i) fits = x[i] == ids[i];
        if (!fits)
            value_error("unsortedSegmentSum: the shape of segmentIds, [", ids,
                        "], must be how the shape of x, [", x, "], begins.");
        const int64_t n = ids.size(), inner = x.product(ids.rank(), x.rank());
        const auto limit = [](int64_t value) {
            return Tensor::number(static_cast<double>(value), DType::int32);
        };
        const Tensor inside = logical_and(greater_equal(c[1], limit(0)), less(c[1], limit(segments)));
        const Tensor rows = reshape(where(inside, c[1], limit(segments)), Shape{n, 1});
        const Tensor sums = scatter_nd(rows, reshape(c[0], Shape{n, inner}), Shape{segments + 1, inner});
        Ints dims{segments};
        dims.insert(dims.end(), x.begin() + ids.rank(), x.end());
        return {reshape(slice(sums, {0, 0}, {segments, inner}), Shape(std::span<const int64_t>(dims)))};
    },
    .doc = "The sums of the slices of x that have the same segment id, for the ids from 0 to numSegments - "
           "1; other ids are "
           "left out.",
});

}  // namespace

Tensor gather_nd(const Tensor& x, const Tensor& indices) { return call1(gather_nd_op, {x, indices}); }
Tensor scatter_nd(const Tensor& indices, const Tensor& updates, const Shape& shape) {
    return call1(scatter_nd_op, {indices, updates}, {Ints(shape.begin(), shape.end())});
}

}  // namespace lamina
