// Transposing a square of numbers in registers.
#pragma once

#include "simd/vec.h"

namespace lamina::LAMINA_LEVEL {
namespace {

#if !defined(LAMINA_REF64)

#if LAMINA_VECTOR_BYTES == 64
#define LAMINA_EACH_LANE(f) \
    f(0), f(1), f(2), f(3), f(4), f(5), f(6), f(7), f(8), f(9), f(10), f(11), f(12), f(13), f(14), f(15)
#elif LAMINA_VECTOR_BYTES == 32
#define LAMINA_EACH_LANE(f) f(0), f(1), f(2), f(3), f(4), f(5), f(6), f(7)
#else
#define LAMINA_EACH_LANE(f) f(0), f(1), f(2), f(3)
#endif

// Lanes whose index has the bit `step` change places with the other register's lanes that do not have it.
template <int step>
LAMINA_INLINE void exchange_lanes(VReal& a, VReal& b) {
    constexpr int n = VReal::lanes;
#define LAMINA_LOW(i) ((i) & step ? n + (i) - step : (i))
#define LAMINA_HIGH(i) ((i) & step ? n + (i) : (i) + step)
    const FloatRegister low = __builtin_shufflevector(a.v, b.v, LAMINA_EACH_LANE(LAMINA_LOW));
    const FloatRegister high = __builtin_shufflevector(a.v, b.v, LAMINA_EACH_LANE(LAMINA_HIGH));
#undef LAMINA_LOW
#undef LAMINA_HIGH
    a = low;
    b = high;
}

template <int step>
LAMINA_INLINE void transpose_step(VReal (&r)[VReal::lanes]) {
    if constexpr (step < VReal::lanes) {
#pragma GCC unroll 16
        for (int i = 0; i < VReal::lanes; ++i)
            if (!(i & step)) exchange_lanes<step>(r[i], r[i | step]);
        transpose_step<2 * step>(r);
    }
}

// Lane j of r[i] and lane i of r[j] change places.
LAMINA_INLINE void transpose(VReal (&r)[VReal::lanes]) { transpose_step<1>(r); }

#undef LAMINA_EACH_LANE

#endif

}  // namespace
}  // namespace lamina::LAMINA_LEVEL
