// From the lanes of a register to one value, in a fixed tree order, and registers filled in part.
#pragma once

#include "simd/vec.h"

namespace lamina::LAMINA_LEVEL {
namespace {

#if defined(LAMINA_REF64)

template <class F>
LAMINA_INLINE Real fold_lanes(VReal a, F) {
    return a.v;
}

LAMINA_INLINE Mask first_lanes(int64_t n) { return {n > 0}; }

#else

// Halves are combined with each other until one lane is left: f must be commutative.
template <class F>
LAMINA_INLINE Real fold_lanes(VReal a, F f) {
    const FloatRegister& v = a.v;
#if LAMINA_VECTOR_BYTES == 64
    a = f(a, VReal(__builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7)));
    a = f(a, VReal(__builtin_shufflevector(v, v, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11)));
    a = f(a, VReal(__builtin_shufflevector(v, v, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13)));
    a = f(a, VReal(__builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14)));
#elif LAMINA_VECTOR_BYTES == 32
    a = f(a, VReal(__builtin_shufflevector(v, v, 4, 5, 6, 7, 0, 1, 2, 3)));
    a = f(a, VReal(__builtin_shufflevector(v, v, 2, 3, 0, 1, 6, 7, 4, 5)));
    a = f(a, VReal(__builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6)));
#else
    a = f(a, VReal(__builtin_shufflevector(v, v, 2, 3, 0, 1)));
    a = f(a, VReal(__builtin_shufflevector(v, v, 1, 0, 3, 2)));
#endif
    return lane(a, 0);
}

// True in the first n lanes.
LAMINA_INLINE Mask first_lanes(int64_t n) {
    IntRegister index;
    for (int i = 0; i < VReal::lanes; ++i) index[i] = i;
    return VInt(static_cast<int32_t>(n)) > VInt(index);
}

#endif

LAMINA_INLINE Real sum_lanes(VReal a) {
    return fold_lanes(a, [](VReal x, VReal y) { return x + y; });
}

// The first n values at p, `fill` in the other lanes.
LAMINA_INLINE VReal load_filled(const Real* p, int64_t n, VReal fill) {
    return select(first_lanes(n), VReal::load_partial(p, n), fill);
}

}  // namespace
}  // namespace lamina::LAMINA_LEVEL
