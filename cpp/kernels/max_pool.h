// The largest of a window: the first value that `>` finds, as in TensorFlow.js. NaN never wins, and a window
// without any number gives NaN.
#pragma once

#include "kernels/each_block.h"

namespace lamina::LAMINA_LEVEL {
namespace {

constexpr Real not_a_number = static_cast<Real>(__builtin_nan(""));
constexpr Real infinity = static_cast<Real>(__builtin_inf());

// x > best is false for NaN on either side; a number also beats the NaN that stands at the beginning.
LAMINA_INLINE Mask beats(VReal x, VReal best) { return (x > best) | ((best != best) & (x == x)); }

constexpr int64_t most_taps = 64;

// Of one window, whose taps are in + at[0, count); fixed_count: 0, or what count is.
template <int fixed_count>
LAMINA_INLINE void take_largest(const Real* in, const int64_t* at, int64_t count, int64_t channels,
                                Real* out) {
    const int64_t n = fixed_count > 0 ? fixed_count : count;
    each_block(0, channels, [&](int64_t c, auto load, auto store) {
        VReal best(-infinity);
#pragma GCC unroll 4
        for (int64_t i = 0; i < n; ++i) best = max_second(load(in + at[i] + c), best);
        if (any(best == VReal(-infinity))) {  // perhaps there was no number
            best = VReal(not_a_number);
            for (int64_t i = 0; i < n; ++i) {
                const VReal v = load(in + at[i] + c);
                best = select(beats(v, best), v, best);
            }
        }
        store(best, out + c);
    });
}

// Of `windows` windows, each `step` values behind the one before, their results `out_step` apart; before(i)
// is called before window i. count is not 0.
template <class Before>
LAMINA_INLINE void take_largest_of_row(const Real* in, int64_t step, int64_t windows, const int64_t* at,
                                       int64_t count, int64_t channels, Real* out, int64_t out_step,
                                       Before before) {
    for (int64_t i = 0; i < windows; ++i, in += step, out += out_step) {
        before(i);
        if (count == 4)
            take_largest<4>(in, at, count, channels, out);
        else
            take_largest<0>(in, at, count, channels, out);
    }
}

}  // namespace
}  // namespace lamina::LAMINA_LEVEL
