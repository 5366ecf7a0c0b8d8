// Ops that move elements: each is a strided copy.
#include <algorithm>
#include <cstring>

#include "core/string_tensor.h"
#include "ops/functions.h"
#include "ops/strided.h"

namespace lamina {

namespace {

// Copies `shape` elements of x, read from element `start` on with the given strides, into y (contiguous).
void read_strided(const Tensor& x, int64_t start, const Strides& strides, Tensor& y) {
    const size_t bytes = element_size(x.dtype());
    const char* from = static_cast<const char*>(x.raw()) + start * static_cast<int64_t>(bytes);
    strided_copy(bytes, y.shape(), from, strides, y.mutable_data<char>(), contiguous_strides(y.shape()));
}

// The same with strings taken care of.
void move(const Tensor& x, int64_t start, const Strides& strides, Tensor& y) {
    if (x.dtype() != DType::string) return read_strided(x, start, strides, y);
    const Shape shape = y.shape();
    y = move_strings(x, [&](const Tensor& numbers) {
        Tensor moved = Tensor::empty(DType::int32, shape);
        read_strided(numbers, start, strides, moved);
        return moved;
    });
}

// ---- transpose, reverse ------------------------------------------------------------------------------------

// What run() needs of it takes nothing from the heap.
using Axes = SmallVector<int64_t, Shape::kMaxRank>;

Axes permutation(const Call& c) {
    const int rank = c[0].rank();
    Axes perm;
    if (!c.given("perm")) {
        for (int i = rank - 1; i >= 0; --i) perm.push_back(i);
        return perm;
    }
    for (const int64_t p : c.ints("perm")) perm.push_back(normalize_axis("transpose", p, rank));
    Axes sorted = perm;
    std::sort(sorted.begin(), sorted.end());
    if (static_cast<int>(perm.size()) != rank ||
        std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
        value_error("Error in transpose: rank of input ", rank, " must match length of perm [",
                    Shape(std::span<const int64_t>(perm)), "], which names each axis once.");
    return perm;
}

const Op& transpose_op = define({
    .name = "transpose",
    .inputs = {{"x"}},
    .attrs = {{"perm", AttrType::ints, None{}, true}, {"conjugate", AttrType::boolean, false, true}},
    .infer = [](const Call& c) -> Specs {
        Ints dims;
        for (int64_t p : permutation(c)) dims.push_back(c[0].shape()[static_cast<int>(p)]);
        return {{c[0].dtype(), Shape(std::span<const int64_t>(dims))}};
    },
    .run =
        [](const Call& c, Tensors& out) {
            const Strides strides = contiguous_strides(c[0].shape());
            Strides permuted{};
            const Axes perm = permutation(c);
            for (size_t i = 0; i < perm.size(); ++i) permuted[i] = strides[static_cast<size_t>(perm[i])];
            move(c[0], 0, permuted, out[0]);
            if (!c.flag("conjugate") || out[0].dtype() != DType::complex64) return;
            auto* y = out[0].mutable_data<Complex>();
            for (int64_t i = 0; i < out[0].size(); ++i) y[i].im = -y[i].im;
        },
    .grad = [](const Gradient& g) -> Tensors {
        Ints inverse(static_cast<size_t>(g.shape(0).rank()));
        if (!std::holds_alternative<Ints>(g.attrs[0])) return {call1(g.op, {g.dy()}, g.attrs)};
        const Ints& perm = std::get<Ints>(g.attrs[0]);
        for (size_t i = 0; i < perm.size(); ++i) {
            const int64_t p = perm[i] < 0 ? perm[i] + static_cast<int64_t>(perm.size()) : perm[i];
            inverse[static_cast<size_t>(p)] = static_cast<int64_t>(i);
        }
        return {call1(g.op, {g.dy()}, {inverse, g.attrs[1]})};
    },
    .doc = "The dimensions in the order perm, or reversed; complex numbers conjugated on demand.",
});

const Op& reverse_op = define({
    .name = "reverse",
    .inputs = {{"x"}},
    .attrs = {{"axis", AttrType::ints, None{}, true}},
    .infer = [](const Call& c) -> Specs {
        if (c.given("axis"))
            for (int64_t a : c.ints("axis")) normalize_axis("reverse", a, c[0].rank());
        return {c[0].spec()};
    },
    .run =
        [](const Call& c, Tensors& out) {
            Strides strides = contiguous_strides(c[0].shape());
            int64_t start = 0;
            const auto flip = [&](int axis) {
                int64_t& stride = strides[static_cast<size_t>(axis)];
                start += (c[0].shape()[axis] - 1) * stride;
                stride = -stride;
            };
            bool wanted[Shape::kMaxRank];
            std::fill_n(wanted, c[0].rank(), !c.given("axis"));
            if (c.given("axis"))
                for (int64_t a : c.ints("axis")) wanted[normalize_axis("reverse", a, c[0].rank())] = true;
            if (c[0].size() == 0) return;
            for (int i = 0; i < c[0].rank(); ++i)
                if (wanted[i]) flip(i);
            move(c[0], start, strides, out[0]);
        },
    .grad = [](const Gradient& g) -> Tensors { return {call1(g.op, {g.dy()}, g.attrs)}; },
    .doc = "The elements in reversed order along the given axes, or all.",
});

// ---- broadcastTo ------------------------------------------------------------------------------------------

const Op& broadcast_to_op = define({
    .name = "broadcastTo",
    .inputs = {{"x"}},
    .attrs = {{"shape", AttrType::ints}},
    .infer = [](const Call& c) -> Specs {
        const Shape to{std::span<const int64_t>(c.ints("shape"))};
        if (to.rank() < c[0].rank() || !(broadcast(c[0].shape(), to) == to))
            value_error("broadcastTo(): [", c[0].shape(), "] cannot be broadcast to [", to, "].");
        return {{c[0].dtype(), to}};
    },
    .run =
        [](const Call& c, Tensors& out) {
            const Strides own = contiguous_strides(c[0].shape());
            Strides strides{};
            const int skip = out[0].rank() - c[0].rank();
            for (int i = 0; i < c[0].rank(); ++i)
                if (c[0].shape()[i] != 1)
                    strides[static_cast<size_t>(i + skip)] = own[static_cast<size_t>(i)];
            move(c[0], 0, strides, out[0]);
        },
    .grad = [](const Gradient& g) -> Tensors { return {sum_to(g.dy(), g.shape(0))}; },
    .doc = "x repeated along dimensions of size 1 to fill the shape.",
});

// ---- slice -------------------------------------------------------------------------------------------------

struct Window {
    Axes begin, size;
};

// begin and size may name fewer dimensions than x has; a size of -1 reaches to the end.
Window window(const Call& c) {
    const Shape& s = c[0].shape();
    const Ints &begin = c.ints("begin"), none, &size = c.given("size") ? c.ints("size") : none;
    if (static_cast<int>(begin.size()) > s.rank() || static_cast<int>(size.size()) > s.rank())
        value_error("Error in slice", s.rank(), "D: Length of begin [", begin.size(), "] and of size [",
                    size.size(), "] must not exceed the rank of the array (", s.rank(), ").");
    Window w;
    for (const int64_t b : begin) w.begin.push_back(b);
    for (const int64_t n : size) w.size.push_back(n);
    w.begin.resize(static_cast<size_t>(s.rank()), 0);
    w.size.resize(static_cast<size_t>(s.rank()), -1);
    for (int i = 0; i < s.rank(); ++i) {
        int64_t &b = w.begin[static_cast<size_t>(i)], &n = w.size[static_cast<size_t>(i)];
        if (b < 0 || n < -1 || b > s[i])
            value_error("slice() does not support begin ", b, " and size ", n, " in dimension ", i,
                        " of shape [", s, "].");
        if (n == -1) n = s[i] - b;
        if (const Size end = Size(b) + n; end > s[i])
            value_error("Error in slice", s.rank(), "D: begin[", i, "] + size[", i, "] (", end,
                        ") would overflow input.shape[", i, "] (", s[i], ")");
    }
    return w;
}

const Op& slice_op = define({
    .name = "slice",
    .inputs = {{"x"}},
    .attrs = {{"begin", AttrType::ints}, {"size", AttrType::ints, None{}, true}},
    .infer = [](const Call& c) -> Specs {
        if (c[0].rank() == 0) value_error("Slicing scalar is not possible");
        return {{c[0].dtype(), Shape(std::span<const int64_t>(window(c).size))}};
    },
    .run =
        [](const Call& c, Tensors& out) {
            const Window w = window(c);
            const Strides strides = contiguous_strides(c[0].shape());
            int64_t start = 0;
            for (size_t i = 0; i < w.begin.size(); ++i) start += w.begin[i] * strides[i];
            if (out[0].size() > 0 || out[0].dtype() == DType::string) move(c[0], start, strides, out[0]);
        },
    .grad = [](const Gradient& g) -> Tensors {
        const Shape &x = g.shape(0), &y = g.output_specs[0].shape;
        const Ints& begin = std::get<Ints>(g.attrs[0]);
        Ints paddings;
        for (int i = 0; i < x.rank(); ++i) {
            const int64_t before = i < static_cast<int>(begin.size()) ? begin[static_cast<size_t>(i)] : 0;
            paddings.push_back(before);
            paddings.push_back(x[i] - before - y[i]);
        }
        return {pad(g.dy(), paddings)};
    },
    .doc = "The part of x that begins at `begin` and has the given size; -1 or nothing reaches to the end.",
});

}  // namespace

Tensor transpose(const Tensor& x, const Ints& perm) { return call1(transpose_op, {x}, {perm}); }
Tensor reverse(const Tensor& x, const Ints& axes) { return call1(reverse_op, {x}, {axes}); }
Tensor broadcast_to(const Tensor& x, const Shape& shape) {
    if (x.shape() == shape) return x;
    return call1(broadcast_to_op, {x}, {Ints(shape.begin(), shape.end())});
}
Tensor slice(const Tensor& x, const Ints& begin, const Ints& size) {
    return call1(slice_op, {x}, {begin, size});
}

}  // namespace lamina
