// Sine, cosine and tangent of float vectors.
#pragma once

#include <cmath>

#include "simd/vec_wide.h"

namespace lamina::LAMINA_LEVEL {
namespace {

struct TrigReduced {
    VReal r;        // |x| = quadrant * pi/2 + r, |r| <= 1.01 pi/4; rounded from double
    VInt quadrant;  // only its last two bits count
};

// The largest |x| that the reduction takes: the multiple of pi/2 then has 17 bits.
constexpr float trig_limit = 1e5f;

LAMINA_INLINE VReal nearest_quarter(VReal absolute) { return round_even(absolute * VReal(0.636619772f)); }

// x - k pi/2, with pi/2 in a part of 33 bits, whose product is exact, and the rest.
LAMINA_INLINE DoubleRegister trig_rest(DoubleRegister x, DoubleRegister k) {
    x = fma(k, broadcast_double(-0x1.921fb544p+0), x);
    return fma(k, broadcast_double(-0x1.0b4611a626331p-34), x);
}

LAMINA_INLINE TrigReduced reduce_trig(VReal absolute) {
    const VReal n = nearest_quarter(absolute);
    const auto rest = [](DoubleRegister x, DoubleRegister k) { return trig_rest(x, k); };
    return {on_halves(rest, Wide(absolute), Wide(n)).narrow(), to_int(n)};
}

LAMINA_INLINE VReal sin_polynomial(VReal r, VReal square) {
    VReal p = fma(VReal(-0x1.991c26p-13f), square, VReal(0x1.1106c6p-7f));
    p = fma(p, square, VReal(-0x1.555544p-3f));
    return fma(r * square, p, r);
}

LAMINA_INLINE VReal cos_polynomial(VReal square) {
    VReal p = fma(VReal(0x1.99e0eep-16f), square, VReal(-0x1.6c0c1ap-10f));
    p = fma(p, square, VReal(0x1.55554ap-5f));
    return fma(square * square, p, fma(square, VReal(-0.5f), VReal(1)));
}

LAMINA_INLINE VReal flip_sign(VReal x, VInt top_bit) {
    return from_bits(bits(x) ^ (top_bit & VInt(INT32_MIN)));
}

// sin(|x| + shift * pi/2)
LAMINA_INLINE VReal sin_shifted(VReal absolute, int shift) {
    const TrigReduced reduced = reduce_trig(absolute);
    const VInt quadrant = reduced.quadrant + VInt(shift);
    const VReal square = reduced.r * reduced.r;
    const Mask odd = (quadrant & VInt(1)) == VInt(1);
    const VReal y = select(odd, cos_polynomial(square), sin_polynomial(reduced.r, square));
    return flip_sign(y, quadrant << 30);
}

// Very large arguments are rare enough for the C library, lane by lane, whose reduction knows pi to 1200
// bits.
template <class F>
LAMINA_INLINE VReal by_lane(VReal x, F f) {
    float lanes[VReal::lanes];
    x.store(lanes);
    for (float& value : lanes) value = static_cast<float>(f(static_cast<double>(value)));
    return VReal::load(lanes);
}

__attribute__((noinline, cold)) inline VReal sin_large(VReal x) {
    return by_lane(x, [](double value) { return std::sin(value); });
}
__attribute__((noinline, cold)) inline VReal cos_large(VReal x) {
    return by_lane(x, [](double value) { return std::cos(value); });
}
__attribute__((noinline, cold)) inline VReal tan_large(VReal x) {
    return by_lane(x, [](double value) { return std::tan(value); });
}

LAMINA_INLINE VReal sin(VReal x) {
    const VReal absolute = abs(x);
    const Mask large = absolute > VReal(trig_limit);
    const VReal y = flip_sign(sin_shifted(absolute, 0), bits(x));
    if (any(large)) [[unlikely]]
        return select(large, sin_large(x), y);
    return y;
}

LAMINA_INLINE VReal cos(VReal x) {
    const VReal absolute = abs(x);
    const Mask large = absolute > VReal(trig_limit);
    const VReal y = sin_shifted(absolute, 1);
    if (any(large)) [[unlikely]]
        return select(large, cos_large(x), y);
    return y;
}

// tan(|x|) up to its sign: the tangent of what is left of |x|, or its reciprocal in odd quarters.
#if defined(__FMA__) || defined(__aarch64__)

// All in pairs of floats, of which the second is what rounding took from the first.
LAMINA_INLINE VReal tan_of_quarters(VReal absolute, VReal n) {
    // pi/2 in three parts; the product with the first leaves no rest to round.
    const VReal near = fma(n, VReal(-0x1.921fb6p+0f), absolute), second(-0x1.777a5cp-25f);
    const VReal product = n * second, r = near - product;
    const VReal lost = fma(n, VReal(0x1.ee59dap-50f), ((near - r) - product) - fma(n, second, -product));
    const VReal s = r * r;
    VReal p = fma(VReal(0x1.225e1ap-8f), s, VReal(-0x1.322a76p-16f));
    p = fma(p, s, VReal(0x1.65c984p-7f));
    p = fma(p, s, VReal(0x1.5c2d28p-6f));
    p = fma(p, s, VReal(0x1.bae82cp-5f));
    p = fma(p, s, VReal(0x1.110d4ap-3f));
    p = fma(p, s, VReal(0x1.555562p-2f));
    const VReal rest = r * s * p, t = r + rest;
    const VReal more = rest + fma(lost * t, t, lost), high = r + more, low = (r - high) + more;
    // -1 / (high + low), with the quotient's own error added.
    const VReal q = VReal(1) / high, error = fma(-low, q, fma(-high, q, VReal(1)));
    const Mask odd = (to_int(n) & VInt(1)) == VInt(1);
    return select(odd, -fma(q, error, q), high);
}

#else

// A quotient of two rounded values would be off by three units: all in double.
LAMINA_INLINE DoubleRegister tan_reduced(DoubleRegister r, DoubleRegister k) {
    const auto splat = [](double value) { return broadcast_double(value); };
    const DoubleRegister square = r * r, half = k * splat(0.5);
    DoubleRegister s = fma(splat(0x1.6cb80257da364p-19), square, splat(-0x1.a00f11bee9ba5p-13));
    s = fma(s, square, splat(0x1.111107e1a14c7p-7));
    s = fma(s, square, splat(-0x1.5555554bb42d6p-3));
    s = fma(r * square, s, r);
    DoubleRegister c = fma(splat(0x1.98f222e7d7268p-16), square, splat(-0x1.6c0754e7bddb6p-10));
    c = fma(c, square, splat(0x1.55553ae8a6196p-5));
    c = fma(c, square, splat(-0x1.ffffffc70b280p-2));
    c = fma(c, square, splat(1));
    const auto odd = floor(half) != half;
    return (odd ? -c : s) / (odd ? s : c);
}

LAMINA_INLINE VReal tan_of_quarters(VReal absolute, VReal n) {
    const auto quotient = [](DoubleRegister a, DoubleRegister k) { return tan_reduced(trig_rest(a, k), k); };
    return on_halves(quotient, Wide(absolute), Wide(n)).narrow();
}

#endif

LAMINA_INLINE VReal tan(VReal x) {
    const VReal absolute = abs(x);
    const Mask large = absolute > VReal(trig_limit);
    const VReal y = flip_sign(tan_of_quarters(absolute, nearest_quarter(absolute)), bits(x));
    if (any(large)) [[unlikely]]
        return select(large, tan_large(x), y);
    return y;
}

}  // namespace
}  // namespace lamina::LAMINA_LEVEL
