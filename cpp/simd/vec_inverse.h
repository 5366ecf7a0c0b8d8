// Inverse trigonometric and hyperbolic functions of float vectors.
//
// The polynomials are minimax fits of (atan(t) - t) / t^3 on [0, 1] and (asin(t) - t) / t^3 on [0, 1/2] in
// t^2.
#pragma once

#include "simd/vec_log.h"

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

// A sum of two floats, the second below half the last place of the first: twice float's 24 bits.
struct Pair {
    VReal high, low;
};

// a + b and a * b without any error (Knuth; Dekker where there is no fma).
LAMINA_INLINE Pair exact_sum(VReal a, VReal b) {
    const VReal sum = a + b, rest = sum - a;
    return {sum, (a - (sum - rest)) + (b - rest)};
}

LAMINA_INLINE Pair exact_product(VReal a, VReal b) {
    const VReal product = a * b;
#if defined(__FMA__) || defined(__aarch64__)
    return {product, fma(a, b, -product)};
#else
    const auto upper = [](VReal x) {
        const VReal scaled = x * VReal(4097);
        return scaled - (scaled - x);
    };
    const VReal a1 = upper(a), b1 = upper(b), a2 = a - a1, b2 = b - b1;
    return {product, a2 * b2 - (((product - a1 * b1) - a2 * b1) - a1 * b2)};
#endif
}

// The square root of a pair.
LAMINA_INLINE Pair root(Pair x) {
    const VReal first = sqrt(x.high);
    const Pair square = exact_product(first, first);
    const VReal missing = ((x.high - square.high) - square.low) + x.low;
    return {first, missing * VReal(0.5f) / first};
}

// log(high + low) + e ln 2 for a normal number `high`.
LAMINA_INLINE VReal log_of_sum(Pair y, VReal e) {
    const VInt exponent = (bits(y.high) - VInt(two_thirds_bits)) >> 23;
    const VReal scale = from_bits((VInt(127) - exponent) << 23);
    const VReal f = fma(y.low, scale, from_bits(bits(y.high) - (exponent << 23)) - VReal(1));
    return log_reduced(to_real(exponent) + e, f);
}

// log(x + root) for x where it is at most root_limit.
LAMINA_INLINE VReal log_with_root(VReal x, Pair square) {
    const Pair r = root(square), sum = exact_sum(x, r.high);
    return log_of_sum({sum.high, sum.low + r.low}, VReal(0));
}

// log(2 x) for large x.
LAMINA_INLINE VReal log_of_twice(VReal x) { return log_of_sum({x * VReal(0.5f), VReal(0)}, VReal(2)); }

// Above this a root of x^2 + 1 or x^2 - 1 is x itself, and log(2 x) is to be found.
constexpr float root_limit = 0x1p30f;
// asinh and atanh near 0, by minimax fits of (asinh(t) - t) / t^3 on [0, 1] and (atanh(t) - t) / t^3 on
// [0, 1/2] in t^2.
LAMINA_INLINE VReal asinh_unit(VReal t) {
    const VReal s = t * t;
    VReal p = fma(VReal(-0x1.9a3512p-12f), s, VReal(0x1.3c1e40p-9f));
    p = fma(p, s, VReal(-0x1.cdbeacp-8f));
    p = fma(p, s, VReal(0x1.bdf6e8p-7f));
    p = fma(p, s, VReal(-0x1.582ea6p-6f));
    p = fma(p, s, VReal(0x1.ec990cp-6f));
    p = fma(p, s, VReal(-0x1.6d5d5ep-5f));
    p = fma(p, s, VReal(0x1.333030p-4f));
    p = fma(p, s, VReal(-0x1.55554cp-3f));
    return fma(t * s, p, t);
}

LAMINA_INLINE VReal atanh_half(VReal t) {
    const VReal s = t * t;
    VReal p = fma(VReal(0x1.68544cp-3f), s, VReal(0x1.91c624p-6f));
    p = fma(p, s, VReal(0x1.a52daep-4f));
    p = fma(p, s, VReal(0x1.c13742p-4f));
    p = fma(p, s, VReal(0x1.24c232p-3f));
    p = fma(p, s, VReal(0x1.99982cp-3f));
    p = fma(p, s, VReal(0x1.555558p-2f));
    return fma(t * s, p, t);
}

// Above 1 as log(x + sqrt(x^2 + 1)), which is far enough from 0 there for the root's rounding.
LAMINA_INLINE VReal asinh(VReal x) {
    const VReal absolute = abs(x), infinity(__builtin_inff());
    const Mask large = absolute > VReal(root_limit), near = absolute < VReal(1);
    const VReal usual = select(large | near, VReal(1), absolute);
    const Pair sum = exact_sum(sqrt(fma(usual, usual, VReal(1))), usual);
    const VReal high = select(large, absolute * VReal(0.5f), sum.high);
    const VReal far = log_of_sum({high, select(large, VReal(0), sum.low)}, select(large, VReal(2), VReal(0)));
    const VReal y = select(near, asinh_unit(select(near, absolute, VReal(0))), far);
    return select(absolute < infinity, copysign(y, x), x);
}

LAMINA_INLINE VReal acosh(VReal x) {
    const Mask large = x > VReal(root_limit);
    // Above 1, so that there is a root to divide by.
    const VReal small = select(large | ~(x > VReal(1)), VReal(2), x);
    const Pair below = exact_sum(small, VReal(-1)), above = exact_sum(small, VReal(1));
    const Pair product = exact_product(below.high, above.high);
    const VReal rest = product.low + (below.high * above.low + below.low * above.high);
    const VReal near = log_with_root(small, {product.high, rest});
    const VReal y = select(large, log_of_twice(x), near);
    const VReal infinity(__builtin_inff()), nan(__builtin_nanf(""));
    return select(x > VReal(1), select(x < infinity, y, x), select(x == VReal(1), VReal(0), nan));
}

// From 1/2 on as log((1 + x) / (1 - x)) / 2: the quotient's rounding is small against a logarithm above 1.
LAMINA_INLINE VReal atanh(VReal x) {
    const VReal absolute = abs(x);
    const Mask near = absolute < VReal(0.5f), inside = absolute < VReal(1);
    const VReal usual = select(inside & ~near, absolute, VReal(0.5f));
    const VReal quotient = (VReal(1) + usual) / (VReal(1) - usual);
    const VReal far = VReal(0.5f) * log_of_sum({quotient, VReal(0)}, VReal(0));
    const VReal y = select(near, atanh_half(select(near, absolute, VReal(0))), far);
    const VReal infinity(__builtin_inff()), nan(__builtin_nanf(""));
    return copysign(select(inside, y, select(absolute == VReal(1), infinity, nan)), x);
}

}  // namespace
}  // namespace lamina::LAMINA_LEVEL
