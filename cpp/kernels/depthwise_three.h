// Depthwise convolutions whose three column taps lie beside each other: each input is loaded once for all
// outputs of a tile that read it.
#pragma once

#include "kernels/conv_axis.h"
#include "kernels/each_block.h"
#include "kernels/fetch.h"

namespace lamina::LAMINA_LEVEL {
namespace {

constexpr int64_t depthwise_grain = 1 << 16;  // fewer multiply-adds are not worth a second thread
constexpr int tile_pixels = 8;

struct Depthwise {
    int64_t batch, channels, multiplier;  // channels of the output
    Axis h, w;
    const Real* x;
    const Real* filter;

    int64_t rows() const { return batch * h.out; }
    int64_t in_channels() const { return channels / multiplier; }
    int64_t row_work() const { return w.out * channels * (h.taps * w.taps + 1); }
};

// The outputs [first, last) for which every tap is inside, and for others the taps [first, last) that are.
struct Interval {
    int64_t first, last;
};

Interval outputs_inside(const Axis& a, int64_t low, int64_t high) {
    const int64_t first = low >= 0 ? 0 : ceil_div(-low, a.stride);
    const int64_t last = a.in > high ? (a.in - 1 - high) / a.stride + 1 : 0;
    const int64_t end = min(last, a.out);
    return {min(first, max(end, 0)), max(end, 0)};
}

Interval taps_inside(const Axis& a, int64_t q) {
    Interval i{0, a.taps};
    while (i.first < i.last && q * a.stride + a.offset[i.first] < 0) ++i.first;
    while (i.first < i.last && q * a.stride + a.offset[i.last - 1] >= a.in) --i.last;
    return i;
}

// Repeats each channel: lane o of the output reads channel o / multiplier.
void repeat_channels(const Depthwise& d, const Real* from, Real* to) {
    const int64_t count = d.w.in * d.in_channels();
    for (int64_t i = 0; i < count; ++i)
        for (int64_t j = 0; j < d.multiplier; ++j) *to++ = from[i];
}

// The input rows that output row `row` of the batch reads, one for each tap inside.
struct InputRows {
    Interval taps;
    const Real* first;  // of tap taps.first
    int64_t pitch;      // between taps, where the rows are copies

    const Real* at(const Depthwise& d, int64_t t) const {
        if (d.multiplier > 1) return first + (t - taps.first) * pitch;
        return first + (d.h.offset[t] - d.h.offset[taps.first]) * pitch;
    }
};

InputRows input_rows(const Depthwise& d, int64_t row) {
    const int64_t image = row / d.h.out, q = row % d.h.out;
    InputRows r{taps_inside(d.h, q), nullptr, d.w.in * d.channels};
    if (r.taps.first == r.taps.last) return r;
    const int64_t pitch = d.w.in * d.in_channels();
    auto from = [&](int64_t t) { return d.x + (image * d.h.in + q * d.h.stride + d.h.offset[t]) * pitch; };
    r.first = from(r.taps.first);
    if (d.multiplier > 1) {
        Real* copy = scratch(3, (r.taps.last - r.taps.first) * r.pitch);
        r.first = copy;
        for (int64_t t = r.taps.first; t < r.taps.last; ++t, copy += r.pitch)
            repeat_channels(d, from(t), copy);
    }
    return r;
}

// What the epilogue makes of the sum at channel c; `addend` is the pixel's, or null.
template <class Load>
LAMINA_INLINE VReal finished(VReal sum, const Epilogue<Real>& e, const Real* addend, int64_t c, Load load) {
    if (e.bias) sum = sum + load(e.bias + c);
    if (addend) sum = sum + load(addend + c);
    return e.clamps ? clamped(sum, e.low, e.high) : sum;
}

// Asks for what `rows` output rows after `row` read first, next to `pixels` columns from q on. Channels go in
// blocks, so that lines are read a pixel apart, which the hardware does not foresee. Inlined: compilers drop
// calls of functions that do nothing else.
LAMINA_INLINE void fetch_ahead(const Depthwise& d, int64_t row, int64_t rows, int64_t q, int64_t pixels) {
    if (d.multiplier > 1) return;
    const int64_t pitch = d.w.in * d.channels, end = d.batch * d.h.in * pitch;
    const int64_t below =
        row / d.h.out * d.h.in + (row % d.h.out + rows - 1) * d.h.stride + d.h.offset[d.h.taps - 1] + 1;
    for (int64_t r = below; r < below + rows * d.h.stride; ++r) {
        const int64_t first = max(r, 0) * pitch + q * d.w.stride * d.channels;
        const int64_t last = min(first + pixels * d.w.stride * d.channels, end);
        fetch_values(d.x + first, last - first);
    }
}

constexpr int64_t most_tap_rows = 8;

// `pixels` outputs from column q on with three column taps that lie beside each other: each input is loaded
// once for all outputs that read it. left, right: the first or the last column is outside.
template <int pixels, int stride>
void three_taps(const Depthwise& d, const InputRows& in, int64_t q, bool left, bool right, Real* y,
                int64_t y_step, const Epilogue<Real>& e, const Real* addend) {
    constexpr int columns = (pixels - 1) * stride + 3;
    const int64_t channels = d.channels, rows = in.taps.last - in.taps.first;
    const int64_t tap0 = d.w.tap[0] * channels, tap1 = d.w.tap[1] * channels, tap2 = d.w.tap[2] * channels;
    const Real *x[most_tap_rows], *filter[most_tap_rows];
    for (int64_t t = 0; t < rows; ++t) {
        x[t] = in.at(d, in.taps.first + t) + (q * stride + d.w.offset[0]) * channels;
        filter[t] = d.filter + d.h.tap[in.taps.first + t] * channels;
    }
    auto block = [&](int64_t c, auto load, auto store) __attribute__((always_inline)) {
        VReal sum[pixels];
#pragma GCC unroll 8
        for (int i = 0; i < pixels; ++i) sum[i] = VReal(0);
        for (int64_t t = 0; t < rows; ++t) {
            const Real *from = x[t] + c, *f = filter[t] + c;
            const VReal f0 = load(f + tap0), f1 = load(f + tap1), f2 = load(f + tap2);
#pragma GCC unroll 20
            for (int j = 0; j < columns; ++j) {
                if ((j == 0 && left) || (j == columns - 1 && right)) continue;
                const VReal v = load(from + j * channels);
                if (j % stride == 0 && j / stride < pixels) sum[j / stride] = fma(v, f0, sum[j / stride]);
                if (j >= 1 && (j - 1) % stride == 0 && (j - 1) / stride < pixels)
                    sum[(j - 1) / stride] = fma(v, f1, sum[(j - 1) / stride]);
                if (j >= 2 && (j - 2) % stride == 0)
                    sum[(j - 2) / stride] = fma(v, f2, sum[(j - 2) / stride]);
            }
        }
#pragma GCC unroll 8
        for (int i = 0; i < pixels; ++i) {
            const Real* added = addend ? addend + i * e.addend_stride : nullptr;
            store(finished(sum[i], e, added, c, load), y + i * y_step + c);
        }
    };
    each_block(0, channels, block);
}

using ThreeTaps = void (*)(const Depthwise&, const InputRows&, int64_t, bool, bool, Real*, int64_t,
                           const Epilogue<Real>&, const Real*);

template <int stride>
constexpr ThreeTaps three_taps_of[tile_pixels + 1] = {
    nullptr,
    three_taps<1, stride>,
    three_taps<2, stride>,
    three_taps<3, stride>,
    three_taps<4, stride>,
    three_taps<5, stride>,
    three_taps<6, stride>,
    three_taps<7, stride>,
    three_taps<8, stride>,
};

// Two rows of such outputs, with three row taps and no stride: what both read is loaded once. `row` is the
// upper one, both are of one image.
template <int pixels>
void three_by_three(const Depthwise& d, int64_t row, int64_t q, bool left, bool right, Real* y,
                    int64_t y_step, int64_t y_row, const Epilogue<Real>& e, const Real* addend) {
    constexpr int columns = pixels + 2;
    const int64_t channels = d.channels, pitch = d.w.in * channels;
    const int64_t image = row / d.h.out, top = row % d.h.out + d.h.offset[0];
    const Real* x = d.x + (image * d.h.in + top) * pitch + (q + d.w.offset[0]) * channels;
    auto block = [&](int64_t c, auto load, auto store) __attribute__((always_inline)) {
        VReal sum[2][pixels];
#pragma GCC unroll 8
        for (int i = 0; i < pixels; ++i) sum[0][i] = sum[1][i] = VReal(0);
#pragma GCC unroll 4
        for (int r = 0; r < 4; ++r) {
            if (top + r < 0 || top + r >= d.h.in) continue;
            const Real* from = x + r * pitch + c;
            // Row tap r of the upper outputs, r - 1 of the lower ones.
            VReal f[2][3];
#pragma GCC unroll 2
            for (int k = 0; k < 2; ++k)
#pragma GCC unroll 3
                for (int u = 0; u < 3; ++u)
                    if (r - k >= 0 && r - k < 3)
                        f[k][u] = load(d.filter + (d.h.tap[r - k] + d.w.tap[u]) * channels + c);
#pragma GCC unroll 10
            for (int j = 0; j < columns; ++j) {
                if ((j == 0 && left) || (j == columns - 1 && right)) continue;
                const VReal v = load(from + j * channels);
#pragma GCC unroll 2
                for (int k = 0; k < 2; ++k)
#pragma GCC unroll 3
                    for (int u = 0; u < 3; ++u)
                        if (r - k >= 0 && r - k < 3 && j - u >= 0 && j - u < pixels)
                            sum[k][j - u] = fma(v, f[k][u], sum[k][j - u]);
            }
        }
#pragma GCC unroll 2
        for (int k = 0; k < 2; ++k)
#pragma GCC unroll 8
            for (int i = 0; i < pixels; ++i) {
                const Real* added = addend ? addend + (k * d.w.out + i) * e.addend_stride : nullptr;
                store(finished(sum[k][i], e, added, c, load), y + k * y_row + i * y_step + c);
            }
    };
    each_block(0, channels, block);
}

using ThreeByThree = void (*)(const Depthwise&, int64_t, int64_t, bool, bool, Real*, int64_t, int64_t,
                              const Epilogue<Real>&, const Real*);

constexpr ThreeByThree three_by_three_of[tile_pixels + 1] = {
    nullptr,           three_by_three<1>, three_by_three<2>, three_by_three<3>, three_by_three<4>,
    three_by_three<5>, three_by_three<6>, three_by_three<7>, three_by_three<8>,
};

bool has_three_taps(const Depthwise& d) {
    return d.w.taps == 3 && d.w.is_dense() && d.w.stride <= 2 && d.h.taps <= most_tap_rows &&
           d.w.low() >= -1 && (d.w.out - 1) * d.w.stride + d.w.high() <= d.w.in;
}

// Its sums and filters take 23 registers.
constexpr bool pairs_rows = LAMINA_VECTOR_BYTES == 64;

bool has_three_by_three(const Depthwise& d) {
    return pairs_rows && has_three_taps(d) && d.multiplier == 1 && d.w.stride == 1 && d.h.stride == 1 &&
           d.h.taps == 3 && d.h.is_dense();
}

// Rows `row` and `row` + 1, whose results lie y_row apart.
void depthwise_two_rows(const Depthwise& d, int64_t row, Real* y, int64_t y_step, int64_t y_row,
                        const Epilogue<Real>& e) {
    const Real* addend = e.addend ? e.addend + row * d.w.out * e.addend_stride : nullptr;
    const RowTiles tiles(d.w.out, tile_pixels);
    const bool right = d.w.out - 1 + d.w.high() == d.w.in;
    for (int64_t i = 0; i < tiles.tiles; ++i) {
        const int64_t q = tiles.start(i);
        fetch_ahead(d, row, 2, q, tiles.size(i));
        three_by_three_of[tiles.size(i)](d, row, q, q == 0 && d.w.low() < 0, i + 1 == tiles.tiles && right,
                                         y + q * y_step, y_step, y_row, e,
                                         addend ? addend + q * e.addend_stride : nullptr);
    }
}

}  // namespace
}  // namespace lamina::LAMINA_LEVEL
