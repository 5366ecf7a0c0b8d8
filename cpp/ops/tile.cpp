// tile: a tensor repeated along its dimensions.
#include <algorithm>
#include <cstring>

#include "ops/functions.h"
#include "ops/strided.h"

namespace lamina {

namespace {

constexpr int64_t kGrainBytes = 1 << 16;  // fewer are not worth a second thread

// A dimension of the source, and how often it is repeated; adjacent ones are merged where they can.
struct Repeated {
    int64_t size, times;
    int64_t source_bytes, bytes;  // of one of its elements, in the source and in the result

    int64_t once() const { return size * bytes; }
};

using Dimensions = SmallVector<Repeated, Shape::kMaxRank>;

Dimensions repeated_dimensions(const Shape& s, const Ints& reps, int64_t element) {
    Dimensions found;
    for (int i = 0; i < s.rank(); ++i) {
        const int64_t times = reps[static_cast<size_t>(i)];
        Repeated* outer = found.empty() ? nullptr : &found.back();
        if (outer && (times == 1 || outer->size == 1)) {
            // [a, b] tiled by [r, 1] is [ab] tiled by [r]; [1, b] tiled by [r, q] is [b] tiled by [rq].
            outer->size *= s[i];
            outer->times *= times;
        } else {
            found.push_back({s[i], times, 0, 0});
        }
    }
    int64_t source = element, result = element;
    for (size_t i = found.size(); i-- > 0;) {
        found[i].source_bytes = source;
        found[i].bytes = result;
        source *= found[i].size;
        result *= found[i].size * found[i].times;
    }
    return found;
}

// The bytes [begin, end) of what is the `period` bytes at `to` over and over; begin >= period.
void repeat(char* to, int64_t period, int64_t begin, int64_t end) {
    // Once there are whole periods before `begin`, all of them are copied at a time.
    for (int64_t at = begin; at < end;) {
        const int64_t whole = (at - begin) / period * period;
        const int64_t from = whole > 0 ? begin + (at - begin) % period : at % period;
        const int64_t room = whole > 0 ? at - from : period - from;
        const int64_t count = std::min(room, end - at);
        std::memcpy(to + at, to + from, static_cast<size_t>(count));
        at += count;
    }
}

void write_tiles(std::span<const Repeated> dims, const char* from, char* to) {
    const Repeated& d = dims[0];
    if (dims.size() == 1)
        std::memcpy(to, from, static_cast<size_t>(d.once()));
    else
        for (int64_t i = 0; i < d.size; ++i)
            write_tiles(dims.subspan(1), from + i * d.source_bytes, to + i * d.bytes);
    repeat(to, d.once(), d.once(), d.once() * d.times);
}

// The outermost dimension's first round, then the others as copies of it.
void write_all(std::span<const Repeated> dims, const char* from, char* to) {
    const Repeated& d = dims[0];
    parallel_for(d.size, kGrainBytes / d.bytes + 1, [&](int64_t begin, int64_t end) {
        const char* source = from + begin * d.source_bytes;
        if (dims.size() == 1)
            std::memcpy(to + begin * d.bytes, source, static_cast<size_t>((end - begin) * d.bytes));
        else
            for (int64_t i = begin; i < end; ++i, source += d.source_bytes)
                write_tiles(dims.subspan(1), source, to + i * d.bytes);
    });
    const int64_t once = d.once();
    parallel_for(once * (d.times - 1), kGrainBytes,
                 [=](int64_t begin, int64_t end) { repeat(to, once, once + begin, once + end); });
}

[[maybe_unused]] const Op& tile_op = define({
    .name = "tile",
    .inputs = {{"x"}},
    .attrs = {{"reps", AttrType::ints}},
    .infer = [](const Call& c) -> Specs {
        const Ints& reps = c.ints("reps");
        if (static_cast<int>(reps.size()) != c[0].rank())
            value_error("Error in tile: rank of input ", c[0].rank(), " must match length of reps [",
                        Shape(std::span<const int64_t>(reps)), "].");
        Ints dims;
        for (int i = 0; i < c[0].rank(); ++i) {
            const Size times = reps[static_cast<size_t>(i)];
            if (times < 0) value_error("Error in tile: reps must not be negative, got ", times, ".");
            dims.push_back(c[0].shape()[i] * times);
        }
        return {{c[0].dtype(), Shape(std::span<const int64_t>(dims))}};
    },
    .run =
        [](const Call& c, Tensors& out) {
            if (out[0].dtype() == DType::string) {
                const Inputs numbers{element_numbers(c[0].shape())};
                Tensors moved{Tensor::empty(DType::int32, out[0].shape())};
                c.op.run(Call{c.op, numbers, c.attrs}, moved);
                out[0] = gather_strings(c[0], moved[0]);
                return;
            }
            if (out[0].size() == 0) return;
            const auto element = static_cast<int64_t>(element_size(c[0].dtype()));
            Dimensions dims = repeated_dimensions(c[0].shape(), c.ints("reps"), element);
            if (dims.empty()) dims.push_back({1, 1, element, element});
            write_all(std::span<const Repeated>(dims.begin(), dims.size()),
                      static_cast<const char*>(c[0].raw()), out[0].mutable_data<char>());
        },
    // [a, b] tiled by [r, s] is [r, a, s, b] seen flat: the gradient sums over r and s.
    .grad = [](const Gradient& g) -> Tensors {
        const Ints& reps = std::get<Ints>(g.attrs[0]);
        Tensor d = g.dy();
        for (int axis = 0; axis < g.shape(0).rank(); ++axis) {
            const int64_t times = reps[static_cast<size_t>(axis)];
            if (times == 1) continue;
            const Shape& s = d.shape();
            const int64_t outer = s.product(0, axis), inner = s.product(axis + 1, s.rank()),
                          own = g.shape(0)[axis];
            d = reshape(sum(reshape(d, Shape{outer, times, own * inner}), {1}), s.with(axis, own));
        }
        return {d};
    },
    .doc = "x repeated reps[i] times along dimension i.",
});

}  // namespace

}  // namespace lamina
