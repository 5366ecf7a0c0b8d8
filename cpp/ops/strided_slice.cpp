// stridedSlice with its masks, on top of a strided copy that is its own gradient's gradient.
#include "ops/strided_slice.h"

#include <algorithm>
#include <cstring>

#include "ops/functions.h"
#include "ops/kernel_use.h"
#include "ops/strided.h"

namespace lamina {

namespace {

// A number for each dimension, without the heap.
using Numbers = SmallVector<int64_t, Shape::kMaxRank>;
using Span = std::span<const int64_t>;

int64_t at(Span values, int i) { return values[static_cast<size_t>(i)]; }

// Where the first element of the walk stands, and the steps between elements, in a tensor of this shape.
struct Walk {
    int64_t start = 0;
    Strides steps{};
};

Walk walk(Span begin, Span steps, const Shape& s) {
    Walk w;
    const Strides strides = contiguous_strides(s);
    for (int i = 0; i < s.rank(); ++i) {
        // Where there is a single step its size does not matter, and may be any.
        const auto stride = static_cast<uint64_t>(strides[static_cast<size_t>(i)]);
        w.start = static_cast<int64_t>(static_cast<uint64_t>(w.start) +
                                       static_cast<uint64_t>(at(begin, i)) * stride);
        w.steps[static_cast<size_t>(i)] = static_cast<int64_t>(static_cast<uint64_t>(at(steps, i)) * stride);
    }
    return w;
}

// `size` elements of x into y, whose shape has as many.
void read_walk(const Tensor& x, const Walk& w, const Shape& size, Tensor& y) {
    const auto copy = [&](const Tensor& from, Tensor& to) {
        const size_t bytes = element_size(from.dtype());
        if (size.size() > 0)
            strided_copy(bytes, size,
                         static_cast<const char*>(from.raw()) + w.start * static_cast<int64_t>(bytes),
                         w.steps, to.mutable_data<char>(), contiguous_strides(size));
    };
    if (x.dtype() != DType::string) return copy(x, y);
    const Shape shape = y.shape();
    y = move_strings(x, [&](const Tensor& numbers) {
        Tensor moved = Tensor::empty(DType::int32, shape);
        copy(numbers, moved);
        return moved;
    });
}

// Whether the walk of `part` steps stays inside of `whole`.
void check(const Call& c, const Shape& part, const Shape& whole) {
    const Ints &begin = c.ints("begin"), &strides = c.ints("strides");
    const auto rank = static_cast<size_t>(whole.rank());
    bool fits = part.rank() == whole.rank() && begin.size() == rank && strides.size() == rank;
    for (int i = 0; fits && i < whole.rank(); ++i) {
        if (part[i] == 0) continue;
        const int64_t last = Size(part[i] - 1) * at(strides, i) + at(begin, i);
        fits = at(begin, i) >= 0 && at(begin, i) < whole[i] && last >= 0 && last < whole[i] &&
               at(strides, i) != 0;
    }
    if (!fits)
        value_error(c.op.name, ": [", part, "] elements do not fit into [", whole, "] with these steps.");
}

Shape shape_of(Span dims) { return Shape(dims); }
Ints ints_of(const Numbers& numbers) { return {numbers.begin(), numbers.end()}; }

const Op& read_op = define({
    .name = "stridedRead",
    .inputs = {{"x"}},
    .attrs = {{"begin", AttrType::ints}, {"strides", AttrType::ints}, {"size", AttrType::ints}},
    .infer = [](const Call& c) -> Specs {
        const Shape size = shape_of(c.ints("size"));
        check(c, size, c[0].shape());
        return {{c[0].dtype(), size}};
    },
    .run =
        [](const Call& c, Tensors& out) {
            read_walk(c[0], walk(c.ints("begin"), c.ints("strides"), c[0].shape()), out[0].shape(), out[0]);
        },
    .grad = [](const Gradient& g) -> Tensors {
        const Call c = g.call();
        return {strided_write(g.dy(), c.ints("begin"), c.ints("strides"), g.shape(0))};
    },
    .method = false,
    .internal = true,
    .doc = "Of each dimension i the `size[i]` elements from begin[i] on in steps of strides[i].",
});

const Op& write_op = define({
    .name = "stridedWrite",
    .inputs = {{"x", Accept::numeric}},
    .attrs = {{"begin", AttrType::ints}, {"strides", AttrType::ints}, {"shape", AttrType::ints}},
    .infer = [](const Call& c) -> Specs {
        const Shape shape = shape_of(c.ints("shape"));
        check(c, c[0].shape(), shape);
        return {{c[0].dtype(), shape}};
    },
    .run =
        [](const Call& c, Tensors& out) {
            const size_t bytes = element_size(c[0].dtype());
            auto* y = out[0].mutable_data<char>();
            fill_values('\0', y, out[0].size() * static_cast<int64_t>(bytes));
            const Walk w = walk(c.ints("begin"), c.ints("strides"), out[0].shape());
            if (c[0].size() > 0)
                strided_copy(bytes, c[0].shape(), c[0].raw(), contiguous_strides(c[0].shape()),
                             y + w.start * static_cast<int64_t>(bytes), w.steps);
        },
    .grad = [](const Gradient& g) -> Tensors {
        const Call c = g.call();
        return {strided_read(g.dy(), c.ints("begin"), c.ints("strides"),
                             Ints(g.shape(0).begin(), g.shape(0).end()))};
    },
    .method = false,
    .internal = true,
    .doc = "Zeros of the given shape with x from `begin` on in steps of `strides`.",
});

// ---- stridedSlice ------------------------------------------------------------------------------------------

bool bit(int64_t mask, int i) { return i < 63 && (mask >> i & 1); }

// What the call means for each dimension of x, and the shape that is left in the end.
struct Plan {
    Numbers begin, strides, size, shape;
};

struct Range {
    int64_t begin, end, stride;
    bool from_start, to_end, shrink;
};

// TensorFlow's rule: negative positions count from the end, and those outside are drawn to it.
void add_dimension(Plan& p, const Range& r, int64_t dim, int axis) {
    if (r.stride == 0) value_error("stridedSlice: strides[", axis, "] must be non-zero");
    const bool forward = r.stride > 0;
    int64_t begin, size;
    if (r.shrink) {
        if (!forward) value_error("stridedSlice: only stride 1 allowed on non-range indexing.");
        begin = r.begin < 0 ? dim + r.begin : r.begin;
        if (begin < 0 || begin >= dim)
            value_error("stridedSlice: slice index ", begin, " of dimension ", axis, " out of bounds.");
        size = 1;
    } else {
        const int64_t low = forward ? 0 : -1, high = forward ? dim : dim - 1;
        const auto inside = [&](int64_t x) { return std::clamp(x < 0 ? dim + x : x, low, high); };
        begin = r.from_start ? (forward ? low : high) : inside(r.begin);
        const int64_t end = r.to_end ? (forward ? high : low) : inside(r.end);
        const int64_t length = forward ? end - begin : begin - end;
        // Unsigned, where the lowest of all strides has an opposite.
        const auto stride = static_cast<uint64_t>(r.stride), step = forward ? stride : 0 - stride;
        size = length > 0 ? static_cast<int64_t>(static_cast<uint64_t>(length - 1) / step) + 1 : 0;
        p.shape.push_back(size);
    }
    p.begin.push_back(begin);
    p.strides.push_back(r.stride);
    p.size.push_back(size);
}

Plan plan_slice(const Call& c) {
    const Shape& x = c[0].shape();
    // By their places in the block below: a small slice costs little more than to find them by name.
    const Ints &begin = std::get<Ints>(c.attrs[0]), &end = std::get<Ints>(c.attrs[1]);
    const Ints* strides = std::get_if<Ints>(&c.attrs[2]);
    const auto mask = [&](size_t i) { return std::get<int64_t>(c.attrs[3 + i]); };
    if (begin.size() != end.size() || (strides && begin.size() != strides->size()))
        value_error("stridedSlice: begin, end and strides must have the same length, got ", begin.size(),
                    ", ", end.size(), " and ", strides ? strides->size() : begin.size(), ".");
    const int64_t from_start = mask(0), to_end = mask(1), ellipsis = mask(2), new_axis = mask(3),
                  shrink = mask(4);
    if (ellipsis & (ellipsis - 1)) value_error("stridedSlice: Multiple ellipses in slice is not allowed.");
    const int given = static_cast<int>(begin.size());
    int named = 0;  // dimensions of x that the lists name
    for (int i = 0; i < given; ++i) named += !bit(ellipsis, i) && !bit(new_axis, i);
    if (named > x.rank())
        value_error("stridedSlice: Index out of range using input dim ", x.rank(), "; input has only ",
                    x.rank(), " dims.");
    Plan p;
    const auto fill = [&](int count) {
        for (; count > 0; --count) {
            const int axis = static_cast<int>(p.begin.size());
            add_dimension(p, {0, 0, 1, true, true, false}, x[axis], axis);
        }
    };
    bool seen = false;
    for (int i = 0; i < given; ++i) {
        if (bit(ellipsis, i)) {
            fill(x.rank() - named);
            seen = true;
        } else if (bit(new_axis, i)) {
            p.shape.push_back(1);
        } else {
            const int axis = static_cast<int>(p.begin.size());
            add_dimension(p,
                          {at(begin, i), at(end, i), strides ? at(*strides, i) : 1, bit(from_start, i),
                           bit(to_end, i), bit(shrink, i)},
                          x[axis], axis);
        }
    }
    if (!seen) fill(x.rank() - named);
    return p;
}

AttrSpec mask(const char* name) { return {name, AttrType::integer, int64_t{0}, true}; }

[[maybe_unused]] const Op& strided_slice_op = define({
    .name = "stridedSlice",
    .inputs = {{"x"}},
    .attrs = {{"begin", AttrType::ints},
              {"end", AttrType::ints},
              {"strides", AttrType::ints, None{}, true},
              mask("beginMask"),
              mask("endMask"),
              mask("ellipsisMask"),
              mask("newAxisMask"),
              mask("shrinkAxisMask")},
    .infer = [](const Call& c) -> Specs { return {{c[0].dtype(), shape_of(plan_slice(c).shape)}}; },
    .run =
        [](const Call& c, Tensors& out) {
            const Plan p = plan_slice(c);
            read_walk(c[0], walk(p.begin, p.strides, c[0].shape()), shape_of(p.size), out[0]);
        },
    .no_grad = "made of differentiable ops",
    .decompose = [](const Call& c) -> Tensors {
        const Plan p = plan_slice(c);
        return {reshape(strided_read(c[0], ints_of(p.begin), ints_of(p.strides), ints_of(p.size)),
                        shape_of(p.shape))};
    },
    .doc = "x[begin:end:strides] by dimension. Bit i of a mask speaks of place i of the lists: begin or end "
           "is left out, "
           "an ellipsis stands there, a new dimension, or one index, whose dimension goes.",
});

}  // namespace

Tensor strided_read(const Tensor& x, const Ints& begin, const Ints& strides, const Ints& size) {
    return call1(read_op, {x}, {begin, strides, size});
}
Tensor strided_write(const Tensor& x, const Ints& begin, const Ints& strides, const Shape& shape) {
    return call1(write_op, {x}, {begin, strides, Ints(shape.begin(), shape.end())});
}

}  // namespace lamina
