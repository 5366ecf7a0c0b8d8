// Inverse trigonometric and hyperbolic functions of float vectors.
//
// The polynomials are minimax fits of (atan(t) - t) / t^3 on [0, 1] and (asin(t) - t) / t^3 on [0, 1/2] in
// t^2.
#pragma once

#include "simd/vec_log.h"
#include "simd/vec_wide.h"

namespace lamina::LAMINA_LEVEL {
namespace {

// pi/2 and pi in two parts.
constexpr float half_pi_high = 0x1.921fb6p+0f, half_pi_low = -0x1.777a5cp-25f;

// ---- atan --------------------------------------------------------------------------------------------------

// For t in [0, 1].
LAMINA_INLINE VReal atan_unit(VReal t) {
    const VReal s = t * t;
    VReal p = fma(VReal(-0x1.d62e0cp-10f), s, VReal(0x1.65a54ep-7f));
    p = fma(p, s, VReal(-0x1.fed064p-6f));
    p = fma(p, s, VReal(0x1.dac964p-5f));
    p = fma(p, s, VReal(-0x1.58346cp-4f));
    p = fma(p, s, VReal(0x1.c099f2p-4f));
    p = fma(p, s, VReal(-0x1.2421b4p-3f));
    p = fma(p, s, VReal(0x1.9991fep-3f));
    p = fma(p, s, VReal(-0x1.55553ep-2f));
    return fma(t * s, p, t);
}

LAMINA_INLINE VReal atan(VReal x) {
    const VReal absolute = abs(x);
    const Mask large = absolute > VReal(1);
    const VReal y = atan_unit(select(large, VReal(1) / absolute, absolute));
    const VReal turned = VReal(half_pi_high) - (y - VReal(half_pi_low));
    return copysign(select(large, turned, y), x);
}

// The angle of the point (x, y) in [-pi, pi].
LAMINA_INLINE VReal atan2(VReal y, VReal x) {
    const VReal up = abs(y), along = abs(x), infinity(__builtin_inff());
    const Mask steep = up > along;
    const VReal small = select(steep, along, up), big = select(steep, up, along);
    // 0 / 0 is the angle of the x axis, infinity / infinity that of the diagonal.
    const VReal ratio = select(big == VReal(0), VReal(0), select(small == infinity, VReal(1), small / big));
    const VReal angle = atan_unit(ratio);
    const Mask left = VInt(0) > bits(x);
    const VReal from_above = VReal(half_pi_high) - (copysign(angle, x) - VReal(half_pi_low));
    const VReal from_left = VReal(2 * half_pi_high) - (angle - VReal(2 * half_pi_low));
    const VReal found = copysign(select(steep, from_above, select(left, from_left, angle)), y);
    return select(x != x, x, select(y != y, y, found));
}

// ---- asin, acos --------------------------------------------------------------------------------------------

// (asin(t) - t) / t for s = t^2 in [0, 1/4].
LAMINA_INLINE VReal asin_rest(VReal s) {
    VReal p = fma(VReal(0x1.59dab6p-5f), s, VReal(0x1.8ba26cp-6f));
    p = fma(p, s, VReal(0x1.748c62p-5f));
    p = fma(p, s, VReal(0x1.33014ep-4f));
    p = fma(p, s, VReal(0x1.5555cap-3f));
    return p * s;
}

// 2 asin(sqrt(half)), with the root in a part of 12 bits, whose square is exact, and the rest.
LAMINA_INLINE VReal twice_asin_root(VReal half) {
    const VReal root = sqrt(half);
    const VReal high = from_bits(bits(root) & VInt(-4096));
    const VReal low = select(half > VReal(0), (half - high * high) / (root + high), VReal(0));
    return VReal(2) * (high + fma(asin_rest(half), root, low));
}

// Outside of [-1, 1] the root is NaN.
LAMINA_INLINE VReal asin(VReal x) {
    const VReal absolute = abs(x), half = (VReal(1) - absolute) * VReal(0.5f);
    const VReal near = fma(absolute, asin_rest(x * x), absolute);
    const VReal far = VReal(half_pi_high) - (twice_asin_root(half) - VReal(half_pi_low));
    return copysign(select(absolute > VReal(0.5f), far, near), x);
}

LAMINA_INLINE VReal acos(VReal x) {
    const VReal absolute = abs(x), half = (VReal(1) - absolute) * VReal(0.5f);
    const VReal near = VReal(half_pi_high) - (x - (VReal(half_pi_low) - x * asin_rest(x * x)));
    const VReal angle = twice_asin_root(half);
    const VReal turned = VReal(2 * half_pi_high) - (angle - VReal(2 * half_pi_low));
    return select(absolute > VReal(0.5f), select(x < VReal(0), turned, angle), near);
}

// ---- asinh, acosh, atanh -----------------------------------------------------------------------------------

// log(high + low) + e ln 2 for a normal number `high` and a rest below half its last place.
LAMINA_INLINE VReal log_of_sum(VReal high, VReal low, VReal e) {
    const VInt exponent = (bits(high) - VInt(two_thirds_bits)) >> 23;
    const VReal scale = from_bits((VInt(127) - exponent) << 23);
    const VReal f = fma(low, scale, from_bits(bits(high) - (exponent << 23)) - VReal(1));
    return log_reduced(to_real(exponent) + e, f);
}

// log(y) for doubles y.
LAMINA_INLINE VReal log_of_wide(Wide y) {
    const VReal high = y.narrow();
    const auto rest = [](DoubleRegister a, DoubleRegister b) { return a - b; };
    return log_of_sum(high, on_halves(rest, y, Wide(high)).narrow(), VReal(0));
}

// log(2 x) for large x.
LAMINA_INLINE VReal log_of_twice(VReal x) { return log_of_sum(x * VReal(0.5f), VReal(0), VReal(2)); }

// A root known as a float, made good to double by one step of Newton's.
LAMINA_INLINE DoubleRegister better_root(DoubleRegister square, DoubleRegister root) {
    return broadcast_double(0.5) * (root + square / root);
}

// Above this a root of x^2 + 1 or x^2 - 1 is x itself, and log(2 x) is to be found.
constexpr float root_limit = 0x1p30f;
// Below this asinh and atanh are x itself.
constexpr float linear_limit = 0x1p-12f;

LAMINA_INLINE VReal asinh(VReal x) {
    const VReal absolute = abs(x);
    const Mask large = absolute > VReal(root_limit);
    const VReal small = select(large, VReal(1), absolute);
    const auto sum = [](DoubleRegister a, DoubleRegister root) {
        return a + better_root(fma(a, a, broadcast_double(1)), root);
    };
    const Wide wide = on_halves(sum, Wide(small), Wide(sqrt(fma(small, small, VReal(1)))));
    const VReal y = select(large, log_of_twice(absolute), log_of_wide(wide));
    const VReal infinity(__builtin_inff());
    const Mask kept = (absolute < VReal(linear_limit)) | ~(absolute < infinity);
    return select(kept, x, copysign(y, x));
}

LAMINA_INLINE VReal acosh(VReal x) {
    const Mask large = x > VReal(root_limit);
    // Above 1, so that there is a root to divide by.
    const VReal small = select(large | ~(x > VReal(1)), VReal(2), x);
    const auto sum = [](DoubleRegister a, DoubleRegister root) {
        return a + better_root((a - broadcast_double(1)) * (a + broadcast_double(1)), root);
    };
    const VReal root = sqrt((small - VReal(1)) * (small + VReal(1)));
    const Wide wide = on_halves(sum, Wide(small), Wide(root));
    const VReal y = select(large, log_of_twice(x), log_of_wide(wide));
    const VReal infinity(__builtin_inff()), nan(__builtin_nanf(""));
    return select(x > VReal(1), select(x < infinity, y, x), select(x == VReal(1), VReal(0), nan));
}

LAMINA_INLINE VReal atanh(VReal x) {
    const VReal absolute = abs(x);
    const VReal inside = select(absolute < VReal(1), absolute, VReal(0.5f));
    const auto ratio = [](DoubleRegister a) { return (broadcast_double(1) + a) / (broadcast_double(1) - a); };
    const VReal y = VReal(0.5f) * log_of_wide(on_halves(ratio, Wide(inside)));
    const VReal infinity(__builtin_inff()), nan(__builtin_nanf(""));
    const VReal outside = select(absolute == VReal(1), infinity, nan);
    const VReal found = copysign(select(absolute < VReal(1), y, outside), x);
    return select(absolute < VReal(linear_limit), x, found);
}

}  // namespace
}  // namespace lamina::LAMINA_LEVEL
