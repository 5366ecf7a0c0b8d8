// pow, mod and floor_div of float vectors, in double.
#pragma once

#include <cmath>

#include "simd/vec_wide.h"

namespace lamina::LAMINA_LEVEL {
namespace {

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

LAMINA_INLINE VReal pow(VReal a, VReal b) {
    // Squares are so frequent that they get their own way, the same for a lane whatever its neighbours are.
    const Mask square = b == VReal(2);
    if (!any(~square)) return a * a;
    const VReal infinity(__builtin_inff());
    const auto positive = [](DoubleRegister x, DoubleRegister y) { return pow_positive(x, y); };
    VReal y = on_halves(positive, Wide(abs(a)), Wide(b)).narrow();
    const Mask usual = (a > VReal(0)) & (a < infinity) & (abs(b) < infinity);
    if (any(~usual)) [[unlikely]]
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
