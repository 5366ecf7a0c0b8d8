// pow, mod and floor_div of float vectors, in double.
#pragma once

#include <cmath>

#include "simd/vec_wide.h"

namespace lamina::LAMINA_LEVEL {
namespace {

#if LAMINA_VECTOR_BYTES == 64

// For 2^e m with m in [0.699, 1.399), by m's place in sixteen intervals: c near 1 / m of 14 bits, -log2 c;
// and 2^(i/16). An interval around 1 has c = 1.
alignas(64) constexpr double pow_inverse[16] = {
    0x1.662p+0, 0x1.572p+0, 0x1.495p+0, 0x1.3cap+0, 0x1.30dp+0, 0x1.25ep+0, 0x1.1bbp+0, 0x1.123p+0,
    0x1.095p+0, 1,          0x1.e58p-1, 0x1.ca4p-1, 0x1.b20p-1, 0x1.9c2p-1, 0x1.886p-1, 0x1.768p-1};
alignas(64) constexpr double pow_log[16] = {-0x1.eff16e557a91dp-2, -0x1.b0bb8bf4af1a8p-2,
                                            -0x1.740871deb8e15p-2, -0x1.39fd9259eebbdp-2,
                                            -0x1.01d228cf4071ap-2, -0x1.97ac270c8f462p-3,
                                            -0x1.2f6ddde311e73p-3, -0x1.9594f001c4a9ap-4,
                                            -0x1.a649bfe7f2265p-5, 0,
                                            0x1.3a0cf56a06c4bp-4,  0x1.47b2c2f8cb155p-3,
                                            0x1.e857d3d361368p-3,  0x1.409347a934e48p-2,
                                            0x1.891fe20affb86p-2,  0x1.ce01a12f5d8d1p-2};
alignas(64) constexpr double pow_roots[16] = {1,
                                              0x1.0b5586cf9890fp+0,
                                              0x1.172b83c7d517bp+0,
                                              0x1.2387a6e756238p+0,
                                              0x1.306fe0a31b715p+0,
                                              0x1.3dea64c123422p+0,
                                              0x1.4bfdad5362a27p+0,
                                              0x1.5ab07dd485429p+0,
                                              0x1.6a09e667f3bcdp+0,
                                              0x1.7a11473eb0187p+0,
                                              0x1.8ace5422aa0dbp+0,
                                              0x1.9c49182a3f090p+0,
                                              0x1.ae89f995ad3adp+0,
                                              0x1.c199bdd85529cp+0,
                                              0x1.d5818dcfba487p+0,
                                              0x1.ea4afa2a490dap+0};

// table[i % 16]
LAMINA_INLINE DoubleRegister pick_sixteen(const double* table, UlongRegister i) {
    return DoubleRegister(
        _mm512_permutex2var_pd(_mm512_load_pd(table), __m512i(i), _mm512_load_pd(table + 8)));
}

// x^y = 2^(y (e + log2 m)) for x > 0; log2 of 1 + r = c m and 2^g are minimax fits with relative errors of
// 2^-32 and 2^-29.
LAMINA_INLINE DoubleRegister pow_positive(DoubleRegister x, DoubleRegister y) {
    constexpr int64_t lowest = 0x3fe6600000000000;  // 0.699
    const auto splat = [](double value) { return broadcast_double(value); };
    const LongRegister raw = LongRegister(x), place = LongRegister(UlongRegister(raw) - lowest);
    const DoubleRegister e = __builtin_convertvector(place >> 52, DoubleRegister);
    const DoubleRegister m = DoubleRegister(UlongRegister(raw) - (UlongRegister(place) & (~0ull << 52)));
    const UlongRegister interval = UlongRegister(place) >> 48;

    const DoubleRegister r = fma(m, pick_sixteen(pow_inverse, interval), splat(-1)), r2 = r * r;
    DoubleRegister p = fma(splat(0x1.279cbc00778c0p-2), r, splat(-0x1.7199ae3c6e7bep-2));
    p = fma(p, r2, fma(splat(0x1.ec709d79e2fb4p-2), r, splat(-0x1.71547460c72a1p-1)));
    const DoubleRegister whole = fma(splat(0x1.71547652b5de1p+0), r, e + pick_sixteen(pow_log, interval));
    const DoubleRegister z = y * fma(p, r2, whole);

    const DoubleRegister shifted = z + splat(0x1.8p48), sixteenths = shifted - splat(0x1.8p48);
    const DoubleRegister g = z - sixteenths;
    const DoubleRegister q = fma(splat(0x1.c6ac6aa2f9d94p-5), g, splat(0x1.ebfff4532dc0fp-3));
    const DoubleRegister power = fma(q, g * g, fma(splat(0x1.62e43001bc4a6p-1), g, splat(1)));
    // The last bits of `shifted` are those of 16 z, rounded; the scale is 2^floor(z).
    const DoubleRegister root = pick_sixteen(pow_roots, UlongRegister(shifted));
    return DoubleRegister(_mm512_scalef_pd(__m512d(power * root), __m512d(sixteenths)));
}

// What is beyond these bounds overflows or vanishes there, too, and z stays exact enough to be split.
LAMINA_INLINE VReal pow_exponent(VReal y) {
    return max_second(VReal(-0x1p40f), min_second(VReal(0x1p40f), y));
}

#else

// x^y = 2^(y log2 x) for x > 0. log2 x = e + log2 m with m in [2/3, 4/3) and, for s = (m - 1) / (m + 1),
// log2 m = s p(s^2); both polynomials are minimax fits with relative errors of 2^-42 and 2^-34.
LAMINA_INLINE DoubleRegister pow_positive(DoubleRegister x, DoubleRegister y) {
    constexpr uint64_t two_thirds = 0x3fe5555555555555, exponent_offset = 1024;
    const auto splat = [](double value) { return broadcast_double(value); };

    // Unsigned, since not every level can shift signed 64-bit integers.
    const UlongRegister raw = UlongRegister(x);
    const UlongRegister biased = raw - two_thirds + (exponent_offset << 52);
    const UlongRegister two52 = UlongRegister(splat(0x1p52));
    const DoubleRegister e = DoubleRegister((biased >> 52) | two52) - splat(0x1p52 + double(exponent_offset));
    const UlongRegister power = (biased & (uint64_t(0xfff) << 52)) - (exponent_offset << 52);
    const DoubleRegister m = DoubleRegister(raw - power);

    const DoubleRegister s = (m - splat(1)) / (m + splat(1)), square = s * s;
    DoubleRegister p = fma(splat(0x1.29daeab0578f9p-2), square, splat(0x1.46f1a5c01a018p-2));
    p = fma(p, square, splat(0x1.a61ea638af807p-2));
    p = fma(p, square, splat(0x1.2776bc424bd4cp-1));
    p = fma(p, square, splat(0x1.ec709dcb680a2p-1));
    p = fma(p, square, splat(0x1.71547652b7e8ap+1));
    DoubleRegister z = y * fma(s, p, e);

    // Beyond these bounds the result is infinite or zero as a float.
    z = z < splat(200) ? z : splat(200);
    z = z > splat(-200) ? z : splat(-200);
    const DoubleRegister n = round_even(z), g = z - n;
    DoubleRegister q = fma(splat(0x1.fe16a4e68e222p-17), g, splat(0x1.446ad3d503b0cp-13));
    q = fma(q, g, splat(0x1.5d8a7308998fcp-10));
    q = fma(q, g, splat(0x1.3b29db6210128p-7));
    q = fma(q, g, splat(0x1.c6b08aaaf4b60p-5));
    q = fma(q, g, splat(0x1.ebfbe0a5c5c4ap-3));
    q = fma(q, g, splat(0x1.62e42ff1191f2p-1));
    q = fma(q, g, splat(0x1.ffffffffab122p-1));
    const DoubleRegister shifted = n + splat(0x1.8p52 + 1023);  // the last bits are n + 1023
    return q * DoubleRegister(UlongRegister(shifted) << 52);
}

LAMINA_INLINE VReal pow_exponent(VReal y) { return y; }

#endif

// JavaScript's Math.pow: as C's, but NaN for a NaN exponent and for 1 or -1 to an infinite power.
__attribute__((noinline, cold)) inline VReal pow_limits(VReal a, VReal b, VReal y) {
    const VReal infinity(__builtin_inff()), nan(__builtin_nanf("")), zero(0), one(1);
    const VReal size = abs(a);
    const Mask grows = b > zero;
    y = select(size == zero, select(grows, zero, infinity), y);
    y = select(size == infinity, select(grows, infinity, zero), y);
    const Mask endless = abs(b) == infinity;
    const Mask both_or_none = (grows & (size > one)) | (~grows & (size < one));
    y = select(endless, select(size == one, nan, select(both_or_none, infinity, zero)), y);

    const VReal half = b * VReal(0.5f);
    const Mask whole = floor(b) == b;
    const Mask odd = whole & (floor(half) != half);
    const Mask negative = copysign(one, a) < zero;
    y = select(negative & odd, -y, y);
    y = select((a < zero) & (size < infinity) & ~whole, nan, y);
    y = select((a != a) | (b != b), nan, y);
    return select(b == zero, one, y);
}

// Whether a or b is none of the lanes' usual kind: a positive and both finite.
LAMINA_INLINE bool has_pow_limits(VReal a, VReal b) {
#if LAMINA_VECTOR_BYTES == 64
    constexpr int nan = 0x81, zero = 0x06, infinite = 0x18, negative = 0x40;
    return (_mm512_fpclass_ps_mask(__m512(a.v), nan | zero | infinite | negative) |
            _mm512_fpclass_ps_mask(__m512(b.v), nan | infinite)) != 0;
#else
    const VReal infinity(__builtin_inff());
    return any(~((a > VReal(0)) & (a < infinity) & (abs(b) < infinity)));
#endif
}

LAMINA_INLINE VReal pow(VReal a, VReal b) {
    // Squares are so frequent that they get their own way, the same for a lane whatever its neighbours are.
    const Mask square = b == VReal(2);
    if (!any(~square)) return a * a;
    const auto positive = [](DoubleRegister x, DoubleRegister y) { return pow_positive(x, y); };
    VReal y = on_halves(positive, Wide(abs(a)), Wide(pow_exponent(b))).narrow();
    if (has_pow_limits(a, b)) [[unlikely]]
        y = pow_limits(a, b, y);
    return select(square, a * a, y);
}

template <class F>
LAMINA_INLINE VReal by_lane(VReal a, VReal b, F f) {
    float left[VReal::lanes], right[VReal::lanes];
    a.store(left);
    b.store(right);
    for (int i = 0; i < VReal::lanes; ++i) left[i] = static_cast<float>(f(left[i], right[i]));
    return VReal::load(left);
}

LAMINA_INLINE double mod_scalar(double a, double b) {
    double rest = std::fmod(a, b);
    if (rest != 0 && (rest < 0) != (b < 0)) rest = std::fmod(rest + b, b);
    return rest == 0 ? std::copysign(0.0, b) : rest;
}

__attribute__((noinline, cold)) inline VReal mod_large(VReal a, VReal b) {
    return by_lane(a, b, [](double x, double y) { return mod_scalar(x, y); });
}

// The remainder has the sign of the divisor b. As in JavaScript's (a % b + b) % b it is zero where a sum
// rounds to b.
LAMINA_INLINE VReal mod(VReal a, VReal b) {
    const auto remainder = [](DoubleRegister x, DoubleRegister y) {
        // Exact while the quotient has at most 28 bits: so has its product with y, 52.
        const DoubleRegister rest = x - trunc(x / y) * y;
        const DoubleRegister zero{};
        const auto wrong_side = (rest != zero) & ((rest < zero) != (y < zero));
        const DoubleRegister moved = rest + y;
        return wrong_side ? (moved == y ? zero : moved) : rest;
    };
    const Mask usual = (abs(a / b) < VReal(0x1p27f)) & (abs(b) < VReal(__builtin_inff()));
    const VReal y = on_halves(remainder, Wide(a), Wide(b)).narrow();
    const VReal signed_zero = select(y == VReal(0), copysign(y, b), y);
    if (any(~usual)) [[unlikely]]
        return select(usual, signed_zero, mod_large(a, b));
    return signed_zero;
}

// The quotient is taken in double: rounded to float, it could reach the next whole number.
LAMINA_INLINE VReal floor_div(VReal a, VReal b) {
    const auto quotient = [](DoubleRegister x, DoubleRegister y) { return floor(x / y); };
    return on_halves(quotient, Wide(a), Wide(b)).narrow();
}

}  // namespace
}  // namespace lamina::LAMINA_LEVEL
