// Logarithms of float vectors.
//
// x = 2^e (1 + f) with 1 + f in [2/3, 4/3), then log(1 + f) = f - f^2/2 + f^3 p(f) with a minimax fit p.
#pragma once

#include "simd/vec.h"

namespace lamina::LAMINA_LEVEL {
namespace {

// e ln 2 + log(1 + f)
LAMINA_INLINE VReal log_reduced(VReal e, VReal f) {
    VReal p = fma(VReal(-0x1.09289cp-3f), f, VReal(0x1.1e9196p-3f));
    p = fma(p, f, VReal(-0x1.f2993ep-4f));
    p = fma(p, f, VReal(0x1.1ecf8ep-3f));
    p = fma(p, f, VReal(-0x1.55a19ap-3f));
    p = fma(p, f, VReal(0x1.99d088p-3f));
    p = fma(p, f, VReal(-0x1.fffedep-3f));
    p = fma(p, f, VReal(0x1.555506p-2f));
    const VReal square = f * f;
    VReal y = fma(p * f, square, VReal(-0.5f) * square);
    // ln 2 in two parts, the first of 9 bits, so that its product with e is exact.
    y = fma(e, VReal(-2.12194440e-4f), y) + f;
    return fma(e, VReal(0.693359375f), y);
}

constexpr int32_t two_thirds_bits = 0x3f2aaaab;

// log's values where x is no positive finite number: -inf at 0, NaN below, x itself for inf and NaN.
LAMINA_INLINE VReal log_limits(VReal x, VReal y) {
    const VReal infinity(__builtin_inff()), nan(__builtin_nanf(""));
    return select(x > VReal(0), select(x < infinity, y, x), select(x == VReal(0), -infinity, nan));
}

LAMINA_INLINE VReal log(VReal x) {
    const Mask tiny = x < VReal(0x1p-126f);
    const VReal normal = select(tiny, x * VReal(0x1p24f), x);
    const VInt exponent = (bits(normal) - VInt(two_thirds_bits)) >> 23;
    const VReal f = from_bits(bits(normal) - (exponent << 23)) - VReal(1);
    const VReal e = to_real(exponent) - select(tiny, VReal(24), VReal(0));
    return log_limits(x, log_reduced(e, f));
}

LAMINA_INLINE VReal log1p(VReal x) {
    const VReal u = VReal(1) + x;
    const VInt exponent = (bits(u) - VInt(two_thirds_bits)) >> 23;
    // What the rounding of 1 + x lost is added to f (Kahan); it does not matter where x is large.
    const VReal lost = x - (u - VReal(1));
    const VReal scale = select(x < VReal(0x1p60f), from_bits((VInt(127) - exponent) << 23), VReal(0));
    const VReal f = fma(lost, scale, from_bits(bits(u) - (exponent << 23)) - VReal(1));
    const VReal y = log_limits(u, log_reduced(to_real(exponent), f));
    return select(x == VReal(0), x, y);  // keeps -0
}

// log(1 + z) for z in [0, 1] or NaN.
LAMINA_INLINE VReal log1p_unit(VReal z) {
    const Mask upper = z > VReal(1.0f / 3.0f);
    const VReal f = select(upper, fma(z, VReal(0.5f), VReal(-0.5f)), z);
    return log_reduced(select(upper, VReal(1), VReal(0)), f);
}

}  // namespace
}  // namespace lamina::LAMINA_LEVEL
