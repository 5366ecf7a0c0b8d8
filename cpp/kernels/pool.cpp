// Max and average pooling, NHWC, vectors along channels.
//
// A window without any number gives its gradient to its first value; one in the padding alone has the maximum
// -infinity.
#include "core/threads.h"
#include "kernels/fetch.h"
#include "kernels/max_pool.h"
#include "kernels/table.h"

namespace lamina::LAMINA_LEVEL {
namespace {

constexpr int64_t lanes = VReal::lanes;
constexpr int64_t grain_values = 1 << 13;  // less is not worth a second thread

LAMINA_INLINE int64_t min_of(int64_t a, int64_t b) { return a < b ? a : b; }

// The taps of a window that lie inside the image.
struct Range {
    int64_t first, last, start;  // taps [first, last); tap t reads position start + t * dilation
};

Range inside(int64_t out, int64_t stride, int64_t pad, int64_t dilation, int64_t taps, int64_t size) {
    const int64_t start = out * stride - pad;
    int64_t first = 0, last = taps;
    while (first < last && start + first * dilation < 0) ++first;
    while (last > first && start + (last - 1) * dilation >= size) --last;
    return {first, last, start};
}

struct Window {
    Range h, w;
    int64_t count() const { return (h.last - h.first) * (w.last - w.first); }
};

Window window_at(const PoolShape& s, int64_t oh, int64_t ow) {
    return {inside(oh, s.stride_h, s.pad_top, s.dilation_h, s.k_h, s.in_h),
            inside(ow, s.stride_w, s.pad_left, s.dilation_w, s.k_w, s.in_w)};
}

// f(offset from the image's first value to the tap's channel 0), in row-major order.
template <class F>
LAMINA_INLINE void each_tap(const PoolShape& s, const Window& w, F f) {
    for (int64_t kh = w.h.first; kh < w.h.last; ++kh)
        for (int64_t kw = w.w.first; kw < w.w.last; ++kw)
            f(((w.h.start + kh * s.dilation_h) * s.in_w + w.w.start + kw * s.dilation_w) * s.channels);
}

// Runs f(image index, output row) over all of them; f owns its output row.
template <class F>
LAMINA_INLINE void each_output_row(const PoolShape& s, F f) {
    const int64_t work = s.out_w * s.channels * s.k_h * s.k_w + 1;
    parallel_for(s.batch * s.out_h, grain_values / work + 1, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) f(i / s.out_h, i % s.out_h);
    });
}

// Runs f(image index) over all; for what adds into overlapping windows.
template <class F>
LAMINA_INLINE void each_image_part(const PoolShape& s, F f) {
    // Channels are independent: with few images they are split too.
    const int64_t blocks = (s.channels + lanes - 1) / lanes;
    const int64_t work = s.out_h * s.out_w * s.k_h * s.k_w * lanes + 1;
    parallel_for(s.batch * blocks, grain_values / work + 1, [&](int64_t begin, int64_t end) {
        while (begin < end) {
            const int64_t image = begin / blocks, first = begin % blocks;
            const int64_t last = first + (end - begin) < blocks ? first + (end - begin) : blocks;
            f(image, first * lanes, last * lanes < s.channels ? last * lanes : s.channels);
            begin += last - first;
        }
    });
}

// The outputs [first, last) whose windows lie between the left and the right edge.
struct Whole {
    int64_t first, last;
};

Whole whole_windows(const PoolShape& s) {
    const int64_t first = (s.pad_left + s.stride_w - 1) / s.stride_w;
    const int64_t room = s.in_w + s.pad_left - (s.k_w - 1) * s.dilation_w - 1;
    const int64_t last = min_of(room < 0 ? 0 : room / s.stride_w + 1, s.out_w);
    return {first, last > first ? last : first};
}

// What the windows below a row of them read first, fetched a window at a time: two rows of an image read by
// turns are more than CPUs foresee.
struct NextRows {
    static constexpr int64_t fetched_from = 1 << 21;  // fewer values are in a cache
    const Real* from;
    int64_t rows, pitch, values;

    NextRows(const PoolShape& s, const Real* in, const Window& w)
        : from(in + ((w.h.start + (w.h.last - 1) * s.dilation_h + 1) * s.in_w + w.w.start) * s.channels),
          rows(s.batch * s.in_h * s.in_w * s.channels < fetched_from ? 0 : s.stride_h),
          pitch(s.in_w * s.channels),
          values(s.stride_w * s.channels) {}

    LAMINA_INLINE void fetch_below(int64_t window) const {
        for (int64_t r = 0; r < rows; ++r) fetch_values(from + r * pitch + window * values, values);
    }
};

// Calls few(in, at, count, windows, out, next) for as many windows as lie alike in a row, each with its taps
// at in + at[0, count) and stride_w pixels behind the one before, and many(in, window, out) for one that has
// none or more than most_taps.
template <class Few, class Many>
LAMINA_INLINE void each_window(const PoolShape& s, const Real* x, Real* y, Few few, Many many) {
    const Whole whole = whole_windows(s);
    each_output_row(s, [&](int64_t image, int64_t oh) {
        const Real* in = x + image * s.in_h * s.in_w * s.channels;
        Real* out = y + (image * s.out_h + oh) * s.out_w * s.channels;
        const Range h = inside(oh, s.stride_h, s.pad_top, s.dilation_h, s.k_h, s.in_h);
        for (int64_t ow = 0; ow < s.out_w;) {
            const Window w{h, inside(ow, s.stride_w, s.pad_left, s.dilation_w, s.k_w, s.in_w)};
            if (w.count() == 0 || w.count() > most_taps) {
                many(in, w, out + ow++ * s.channels);
                continue;
            }
            const int64_t windows = ow == whole.first && whole.last > ow ? whole.last - ow : 1;
            int64_t at[most_taps], count = 0;
            each_tap(s, w, [&](int64_t tap) { at[count++] = tap; });
            few(in, at, count, windows, out + ow * s.channels, NextRows(s, in, w));
            ow += windows;
        }
    });
}

void max_pool(const PoolShape& s, const Real* x, Real* y) {
    const auto few = [&](const Real* in, const int64_t* at, int64_t count, int64_t windows, Real* out,
                         const NextRows& next) __attribute__((always_inline)) {
        take_largest_of_row(in, s.stride_w * s.channels, windows, at, count, s.channels, out, s.channels,
                            [&](int64_t window) __attribute__((always_inline)) { next.fetch_below(window); });
    };
    each_window(s, x, y, few, [&](const Real* in, const Window& w, Real* out) {
        each_block(0, s.channels, [&](int64_t c, auto load, auto store) {
            VReal best(w.count() > 0 ? not_a_number : -infinity);
            each_tap(s, w, [&](int64_t at) {
                const VReal v = load(in + at + c);
                best = select(beats(v, best), v, best);
            });
            store(best, out + c);
        });
    });
}

void zero_channels(Real* to, int64_t pixels, int64_t channels, int64_t first, int64_t last) {
    if (last - first == channels) {
        for (int64_t i = 0; i < pixels * channels; ++i) to[i] = 0;
        return;
    }
    for (int64_t i = 0; i < pixels; ++i)
        for (int64_t c = first; c < last; ++c) to[i * channels + c] = 0;
}

// The number of the tap, counted within the window, that holds the first largest; as a real, exact below
// 2^24.
template <class Load>
LAMINA_INLINE VReal first_largest(const PoolShape& s, const Window& w, const Real* in, Load load) {
    VReal best(not_a_number), place(0), tap(0);
    each_tap(s, w, [&](int64_t at) {
        const VReal v = load(in + at);
        const Mask better = beats(v, best);
        best = select(better, v, best);
        place = select(better, tap, place);
        tap = tap + VReal(1);
    });
    return place;
}

// The derivative of relu at z, from x = relu(z).
LAMINA_INLINE VReal relu_slope(VReal x) {
    return select(x > VReal(0), VReal(1), select(x != x, x, VReal(0)));
}

// Whether each input lies in one window at most.
bool are_apart(const PoolShape& s) {
    return s.dilation_h == 1 && s.dilation_w == 1 && s.stride_h >= s.k_h && s.stride_w >= s.k_w &&
           s.k_h * s.k_w <= most_taps && s.out_h > 0;
}

// Writes the gradient of all inputs of one window, whose taps are at[0, count).
template <int fixed_count, bool relu>
LAMINA_INLINE void spread(const int64_t* at, int64_t count, int64_t channels, const Real* in,
                          const Real* from, Real* to) {
    const int64_t n = fixed_count > 0 ? fixed_count : count;
    each_block(0, channels, [&](int64_t c, auto load, auto store) {
        VReal best(not_a_number), place(0);
#pragma GCC unroll 4
        for (int64_t i = 0; i < n; ++i) {
            const VReal v = load(in + at[i] + c);
            const Mask better = beats(v, best);
            best = select(better, v, best);
            place = select(better, VReal(static_cast<Real>(i)), place);
        }
        // As if it were added to a zero, and multiplied: no -0 where the other way gives 0.
        const VReal d = VReal(0) + load(from + c);
#pragma GCC unroll 4
        for (int64_t i = 0; i < n; ++i) {
            VReal g = select(place == VReal(static_cast<Real>(i)), d, VReal(0));
            if (relu) g = g * relu_slope(load(in + at[i] + c));
            store(g, to + at[i] + c);
        }
    });
}

void zero_pixels(Real* to, int64_t first, int64_t last, int64_t channels) {
    for (int64_t i = first * channels; i < last * channels; ++i) to[i] = 0;
}

// Windows that lie apart: an output row owns the input rows up to the next one's, and writes each once.
template <bool relu>
void max_pool_grad_apart(const PoolShape& s, const Real* dy, const Real* x, Real* dx) {
    each_output_row(s, [&](int64_t image, int64_t oh) {
        const int64_t base = image * s.in_h * s.in_w * s.channels;
        const Real* in = x + base;
        const Real* from = dy + (image * s.out_h + oh) * s.out_w * s.channels;
        Real* to = dx + base;
        const Range h = inside(oh, s.stride_h, s.pad_top, 1, s.k_h, s.in_h);
        auto row_of = [&](int64_t row) { return row < 0 ? 0 : min_of(row, s.in_h); };
        const int64_t begin = row_of(h.start + h.first), end = row_of(h.start + h.last);
        const int64_t next = oh + 1 == s.out_h ? s.in_h : row_of(h.start + s.stride_h);
        if (oh == 0) zero_pixels(to, 0, begin * s.in_w, s.channels);
        zero_pixels(to, end * s.in_w, next * s.in_w, s.channels);
        int64_t done = 0;  // columns
        auto zero_columns = [&](int64_t until) {
            for (int64_t row = begin; row < end && done < until; ++row)
                zero_pixels(to, row * s.in_w + done, row * s.in_w + until, s.channels);
        };
        for (int64_t ow = 0; ow < s.out_w; ++ow, from += s.channels) {
            const Window w{h, inside(ow, s.stride_w, s.pad_left, 1, s.k_w, s.in_w)};
            if (w.count() == 0) continue;
            zero_columns(w.w.start + w.w.first);
            int64_t at[most_taps], count = 0;
            each_tap(s, w, [&](int64_t tap) { at[count++] = tap; });
            if (count == 4)
                spread<4, relu>(at, count, s.channels, in, from, to);
            else
                spread<0, relu>(at, count, s.channels, in, from, to);
            done = w.w.start + w.w.last;
        }
        zero_columns(s.in_w);
    });
}

template <bool relu>
void max_pool_grad_of(const PoolShape& s, const Real* dy, const Real* x, Real* dx) {
    if (are_apart(s)) return max_pool_grad_apart<relu>(s, dy, x, dx);
    const int64_t in_size = s.in_h * s.in_w * s.channels, out_size = s.out_h * s.out_w * s.channels;
    each_image_part(s, [&](int64_t image, int64_t first, int64_t last) {
        Real* to = dx + image * in_size;
        const Real* in = x + image * in_size;
        const Real* from = dy + image * out_size;
        zero_channels(to, s.in_h * s.in_w, s.channels, first, last);
        for (int64_t oh = 0; oh < s.out_h; ++oh)
            for (int64_t ow = 0; ow < s.out_w; ++ow, from += s.channels) {
                const Window w = window_at(s, oh, ow);
                each_block(first, last, [&](int64_t c, auto load, auto store) {
                    const VReal place = first_largest(s, w, in + c, load), d = load(from + c);
                    VReal tap(0);
                    each_tap(s, w, [&](int64_t at) {
                        store(load(to + at + c) + select(place == tap, d, VReal(0)), to + at + c);
                        tap = tap + VReal(1);
                    });
                });
            }
        for (int64_t i = 0; i < s.in_h * s.in_w && relu; ++i)
            each_block(first, last, [&](int64_t c, auto load, auto store) {
                const int64_t at = i * s.channels + c;
                store(load(to + at) * relu_slope(load(in + at)), to + at);
            });
    });
}

void max_pool_grad(const PoolShape& s, const Real* dy, const Real* x, Real* dx) {
    max_pool_grad_of<false>(s, dy, x, dx);
}

void max_pool_relu_grad(const PoolShape& s, const Real* dy, const Real* x, Real* dx) {
    max_pool_grad_of<true>(s, dy, x, dx);
}

void max_pool_pick(const PoolShape& s, const Real* values, const Real* x, Real* y) {
    const int64_t in_size = s.in_h * s.in_w * s.channels;
    each_output_row(s, [&](int64_t image, int64_t oh) {
        const Real* in = x + image * in_size;
        const Real* from = values + image * in_size;
        Real* out = y + (image * s.out_h + oh) * s.out_w * s.channels;
        for (int64_t ow = 0; ow < s.out_w; ++ow, out += s.channels) {
            const Window w = window_at(s, oh, ow);
            each_block(0, s.channels, [&](int64_t c, auto load, auto store) {
                const VReal place = first_largest(s, w, in + c, load);
                VReal picked(0), tap(0);
                each_tap(s, w, [&](int64_t at) {
                    picked = select(place == tap, load(from + at + c), picked);
                    tap = tap + VReal(1);
                });
                store(picked, out + c);
            });
        }
    });
}

// Of one window, whose taps are in + at[0, count); fixed_count: 0, or what count is.
template <int fixed_count>
LAMINA_INLINE void take_average(const Real* in, const int64_t* at, int64_t count, int64_t channels,
                                Real* out) {
    const int64_t n = fixed_count > 0 ? fixed_count : count;
    const VReal divisor(static_cast<Real>(n));
    each_block(0, channels, [&](int64_t c, auto load, auto store) {
        VReal sum(0);
#pragma GCC unroll 4
        for (int64_t i = 0; i < n; ++i) sum = sum + load(in + at[i] + c);
        store(sum / divisor, out + c);
    });
}

void avg_pool(const PoolShape& s, const Real* x, Real* y) {
    const auto few = [&](const Real* in, const int64_t* at, int64_t count, int64_t windows, Real* out,
                         const NextRows& next) __attribute__((always_inline)) {
        for (int64_t i = 0; i < windows; ++i, in += s.stride_w * s.channels, out += s.channels) {
            next.fetch_below(i);
            if (count == 4)
                take_average<4>(in, at, count, s.channels, out);
            else
                take_average<0>(in, at, count, s.channels, out);
        }
    };
    each_window(s, x, y, few, [&](const Real* in, const Window& w, Real* out) {
        const VReal count(static_cast<Real>(w.count()));  // 0 gives 0 / 0, NaN
        each_block(0, s.channels, [&](int64_t c, auto load, auto store) {
            VReal sum(0);
            each_tap(s, w, [&](int64_t at) { sum = sum + load(in + at + c); });
            store(sum / count, out + c);
        });
    });
}

void avg_pool_grad(const PoolShape& s, const Real* dy, Real* dx) {
    const int64_t in_size = s.in_h * s.in_w * s.channels, out_size = s.out_h * s.out_w * s.channels;
    each_image_part(s, [&](int64_t image, int64_t first, int64_t last) {
        Real* to = dx + image * in_size;
        const Real* from = dy + image * out_size;
        zero_channels(to, s.in_h * s.in_w, s.channels, first, last);
        for (int64_t oh = 0; oh < s.out_h; ++oh)
            for (int64_t ow = 0; ow < s.out_w; ++ow, from += s.channels) {
                const Window w = window_at(s, oh, ow);
                const VReal count(static_cast<Real>(w.count()));
                each_block(first, last, [&](int64_t c, auto load, auto store) {
                    const VReal part = load(from + c) / count;
                    each_tap(s, w, [&](int64_t at) { store(load(to + at + c) + part, to + at + c); });
                });
            }
    });
}

}  // namespace

void fill_table_pool(Table<Real>& t) {
    t.max_pool = max_pool;
    t.max_pool_grad = max_pool_grad;
    t.max_pool_relu_grad = max_pool_relu_grad;
    t.max_pool_pick = max_pool_pick;
    t.avg_pool = avg_pool;
    t.avg_pool_grad = avg_pool_grad;
}

}  // namespace lamina::LAMINA_LEVEL
