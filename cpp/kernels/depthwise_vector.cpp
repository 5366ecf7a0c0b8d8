// Depthwise convolutions and their gradients: vectors along channels, tiles along a row of pixels. They are
// bound by memory, hence no copies: taps outside of the image are left out. A multiplier other than one
// repeats the input's channels first.
#include "kernels/depthwise_three.h"

namespace lamina::LAMINA_LEVEL {
namespace {

// `pixels` outputs from column q on, with the column taps [taps.first, taps.last).
template <int pixels>
void depthwise_tile(const Depthwise& d, const InputRows& in, int64_t q, Interval taps, Real* y,
                    int64_t y_step, const Epilogue<Real>& e, const Real* addend) {
    const int64_t channels = d.channels, step = d.w.stride * channels;
    auto block = [&](int64_t c, auto load, auto store) __attribute__((always_inline)) {
        VReal sum[pixels];
#pragma GCC unroll 8
        for (int i = 0; i < pixels; ++i) sum[i] = VReal(0);
        for (int64_t t = in.taps.first; t < in.taps.last; ++t) {
            const Real* row = in.at(d, t) + q * step + c;
            const Real* filter = d.filter + d.h.tap[t] * channels + c;
            for (int64_t u = taps.first; u < taps.last; ++u) {
                const VReal f = load(filter + d.w.tap[u] * channels);
                const Real* x = row + d.w.offset[u] * channels;
#pragma GCC unroll 8
                for (int i = 0; i < pixels; ++i) sum[i] = fma(load(x + i * step), f, sum[i]);
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

void depthwise_row(const Depthwise& d, int64_t row, Real* y, int64_t y_step, const Epilogue<Real>& e) {
    const InputRows in = input_rows(d, row);
    const Real* addend = e.addend ? e.addend + row * d.w.out * e.addend_stride : nullptr;
    if (has_three_taps(d)) {
        const RowTiles tiles(d.w.out, tile_pixels);
        const bool right = (d.w.out - 1) * d.w.stride + d.w.high() == d.w.in;
        for (int64_t i = 0; i < tiles.tiles; ++i) {
            const int64_t q = tiles.start(i);
            fetch_ahead(d, row, 1, q, tiles.size(i));
            const ThreeTaps kernel = (d.w.stride == 1 ? three_taps_of<1> : three_taps_of<2>)[tiles.size(i)];
            kernel(d, in, q, q == 0 && d.w.low() < 0, i + 1 == tiles.tiles && right, y + q * y_step, y_step,
                   e, addend ? addend + q * e.addend_stride : nullptr);
        }
        return;
    }
    const Interval inside = outputs_inside(d.w, d.w.low(), d.w.high());
    const Interval all{0, d.w.taps};
    auto tile = [&](auto kernel, int64_t q, Interval taps) {
        kernel(d, in, q, taps, y + q * y_step, y_step, e, addend ? addend + q * e.addend_stride : nullptr);
    };
    int64_t q = 0;
    for (; q < inside.first; ++q) tile(depthwise_tile<1>, q, taps_inside(d.w, q));
    for (; q + tile_pixels <= inside.last; q += tile_pixels) tile(depthwise_tile<tile_pixels>, q, all);
    if (q + tile_pixels / 2 <= inside.last)
        tile(depthwise_tile<tile_pixels / 2>, q, all), q += tile_pixels / 2;
    for (; q < inside.last; ++q) tile(depthwise_tile<1>, q, all);
    for (; q < d.w.out; ++q) tile(depthwise_tile<1>, q, taps_inside(d.w, q));
}

void depthwise(const ConvShape& s, const Real* x, const Real* filter, Real* y, const Epilogue<Real>& e) {
    if (s.out_c == 0 || s.out_w == 0) return;
    AxisMemory m(s);
    const Depthwise d{s.batch, s.out_c, s.out_c / s.in_c, vertical(s).forward(m), horizontal(s).forward(m),
                      x,       filter};
    // One task is `height` rows of an image.
    const int64_t height = has_three_by_three(d) ? 2 : 1, tasks = ceil_div(d.h.out, height);
    const int64_t row_size = s.out_w * s.out_c;
    parallel_for(s.batch * tasks, depthwise_grain / (height * d.row_work()) + 1,
                 [&](int64_t begin, int64_t end) {
                     for (int64_t i = begin; i < end; ++i) {
                         const int64_t q = i % tasks * height, row = i / tasks * d.h.out + q;
                         const int64_t rows = min(height, d.h.out - q);
                         Real* to = y + row * row_size;
                         if (rows == 2)
                             depthwise_two_rows(d, row, to, s.out_c, row_size, e);
                         else
                             depthwise_row(d, row, to, s.out_c, e);
                         if (e.activation && !e.clamps) e.activation(to, to, rows * row_size, e.p, e.q);
                     }
                 });
}

// With strides, the inputs fall into phases, each a convolution of dy without stride.
void depthwise_grad_input(const ConvShape& s, const Real* dy, const Real* filter, Real* dx) {
    if (s.in_c == 0) return;
    const int64_t multiplier = s.out_c / s.in_c;
    for (int64_t ph = 0; ph < min(s.stride_h, s.in_h); ++ph)
        for (int64_t pw = 0; pw < min(s.stride_w, s.in_w); ++pw) {
            AxisMemory m(s);
            const Depthwise d{s.batch, s.out_c, 1, vertical(s).backward(m, ph), horizontal(s).backward(m, pw),
                              dy,      filter};
            const int64_t step = s.stride_w * s.in_c;
            parallel_for(d.rows(), depthwise_grain / d.row_work() + 1, [&](int64_t begin, int64_t end) {
                for (int64_t row = begin; row < end; ++row) {
                    const int64_t image = row / d.h.out, in_row = ph + row % d.h.out * s.stride_h;
                    Real* to = dx + ((image * s.in_h + in_row) * s.in_w + pw) * s.in_c;
                    if (multiplier == 1) {
                        depthwise_row(d, row, to, step, {});
                        continue;
                    }
                    Real* each = scratch(3, d.w.out * s.out_c);
                    depthwise_row(d, row, each, s.out_c, {});
                    for (int64_t q = 0; q < d.w.out; ++q)
                        for (int64_t c = 0; c < s.in_c; ++c) {
                            Real sum = 0;
                            for (int64_t j = 0; j < multiplier; ++j) sum += *each++;
                            to[q * step + c] = sum;
                        }
                }
            });
        }
}

// sum[i] += x(column tap first + i) * dy, over the columns [begin, end), for all channels. Taps lie tap_step
// apart.
template <int taps>
void add_products(const Real* x, int64_t x_step, int64_t tap_step, const Real* dy, int64_t channels,
                  int64_t count, Real* sum) {
    auto block = [&](int64_t c, auto load, auto store) __attribute__((always_inline)) {
        VReal total[taps][2];
#pragma GCC unroll 4
        for (int i = 0; i < taps; ++i) total[i][0] = total[i][1] = VReal(0);
        const Real* from = x + c;
        const Real* by = dy + c;
        int64_t q = 0;
        // Even and odd columns apart, for two chains.
        for (; q + 2 <= count; q += 2, from += 2 * x_step, by += 2 * channels) {
            const VReal y0 = load(by), y1 = load(by + channels);
#pragma GCC unroll 4
            for (int i = 0; i < taps; ++i) {
                total[i][0] = fma(load(from + i * tap_step), y0, total[i][0]);
                total[i][1] = fma(load(from + i * tap_step + x_step), y1, total[i][1]);
            }
        }
        if (q < count) {
            const VReal y0 = load(by);
#pragma GCC unroll 4
            for (int i = 0; i < taps; ++i) total[i][0] = fma(load(from + i * tap_step), y0, total[i][0]);
        }
#pragma GCC unroll 4
        for (int i = 0; i < taps; ++i) {
            Real* to = sum + i * channels + c;
            store(load(to) + (total[i][0] + total[i][1]), to);
        }
    };
    each_block(0, channels, block);
}

// Adds one output row to the sums of all taps.
void add_row(const Depthwise& d, int64_t row, const Real* dy, Real* sum) {
    const InputRows in = input_rows(d, row);
    const int64_t channels = d.channels, step = d.w.stride * channels;
    for (int64_t t = in.taps.first; t < in.taps.last; ++t) {
        const Real* x = in.at(d, t);
        Real* sums = sum + d.h.tap[t] * channels;
        for (int64_t u = 0; u < d.w.taps;) {
            const int64_t taps = min(d.w.taps - u, 4);
            const int64_t tap_step = taps > 1 ? (d.w.offset[u + 1] - d.w.offset[u]) * channels : 0;
            auto add = [&](auto kernel, int64_t tap, int64_t first, int64_t last) {
                if (first < last)
                    kernel(x + first * step + d.w.offset[tap] * channels, step, tap_step,
                           dy + first * channels, channels, last - first, sums + tap * channels);
            };
            // Where all these taps are inside they share the loads of dy; the rest of each follows.
            const Interval all = outputs_inside(d.w, d.w.offset[u], d.w.offset[u + taps - 1]);
            switch (taps) {
                case 4:
                    add(add_products<4>, u, all.first, all.last);
                    break;
                case 3:
                    add(add_products<3>, u, all.first, all.last);
                    break;
                case 2:
                    add(add_products<2>, u, all.first, all.last);
                    break;
                default:
                    add(add_products<1>, u, all.first, all.last);
                    break;
            }
            for (int64_t i = 0; i < taps; ++i, ++u) {
                const Interval own = outputs_inside(d.w, d.w.offset[u], d.w.offset[u]);
                if (all.first >= all.last) {
                    add(add_products<1>, u, own.first, own.last);
                } else {
                    add(add_products<1>, u, own.first, all.first);
                    add(add_products<1>, u, all.last, own.last);
                }
            }
        }
    }
}

// The batch is cut into parts by shape only; their sums are added in order.
void depthwise_grad_filter(const ConvShape& s, const Real* x, const Real* dy, Real* dfilter) {
    const int64_t size = s.k_h * s.k_w * s.out_c;
    if (size == 0) return;
    AxisMemory m(s);
    const Depthwise d{s.batch, s.out_c, s.out_c / s.in_c, vertical(s).forward(m), horizontal(s).forward(m),
                      x,       nullptr};
    const int64_t rows = d.rows();
    const int64_t parts = max(min(min(rows, 32), rows * d.row_work() / (1 << 16)), 1);
    Real* sums = scratch(2, parts * size);
    parallel_for(parts, depthwise_grain / (rows * d.row_work() / parts + 1) + 1,
                 [&](int64_t begin, int64_t end) {
                     for (int64_t p = begin; p < end; ++p) {
                         Real* sum = sums + p * size;
                         for (int64_t i = 0; i < size; ++i) sum[i] = 0;
                         for (int64_t row = rows * p / parts; row < rows * (p + 1) / parts; ++row)
                             add_row(d, row, dy + row * s.out_w * s.out_c, sum);
                     }
                 });
    for (int64_t i = 0; i < size; ++i) dfilter[i] = sums[i];
    for (int64_t p = 1; p < parts; ++p)
        for (int64_t i = 0; i < size; ++i) dfilter[i] += sums[p * size + i];
}

}  // namespace

void fill_table_depthwise(Table<Real>& t) {
    t.depthwise = depthwise;
    t.depthwise_grad_input = depthwise_grad_input;
    t.depthwise_grad_filter = depthwise_grad_filter;
}

}  // namespace lamina::LAMINA_LEVEL
