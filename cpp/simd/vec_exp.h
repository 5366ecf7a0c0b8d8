// The exponential and what is made of it, for float vectors.
//
// Polynomials are minimax fits (Remez, coefficients rounded to float one after the other); the reductions are
// those of Cody and Waite, "Software Manual for the Elementary Functions" (1980).
#pragma once

#include "simd/vec_log.h"
#include "simd/vec_tanh.h"

namespace lamina::LAMINA_LEVEL {
namespace {

struct ExpReduced {
    VReal r, n;   // x = n * ln 2 + r, |r| <= ln(2) / 2
    VInt biased;  // n + 127 in the last bits
};

// For |x| up to 2^20.
LAMINA_INLINE ExpReduced reduce_exp(VReal x) {
    // Added to this number, a value is rounded to a whole one, which stands in the last bits of the sum.
    const VReal shift(0x1.8p23f + 127);
    const VReal sum = fma(x, VReal(1.44269504f), shift), n = sum - shift;
    // The first part of ln 2 has 9 bits: its product with n is exact without fma.
    const VReal r = fma(n, VReal(2.12194440e-4f), fma(n, VReal(-0.693359375f), x));
    return {r, n, bits(sum)};
}

// x * 2^n where the power is a normal number.
LAMINA_INLINE VReal times_power(VReal x, const ExpReduced& reduced) {
#if LAMINA_VECTOR_BYTES == 64
    return FloatRegister(_mm512_scalef_ps(__m512(x.v), __m512(reduced.n.v)));
#else
    return x * from_bits(reduced.biased << 23);
#endif
}

// 2^(n - k), the same.
LAMINA_INLINE VReal power(const ExpReduced& reduced, int k) {
    return from_bits((reduced.biased - VInt(k)) << 23);
}

// e^r - 1 for a reduced r, fit for the relative error of e^r.
LAMINA_INLINE VReal exp_polynomial(VReal r) {
    VReal q = fma(VReal(0x1.6ac64ap-10f), r, VReal(0x1.123e02p-7f));
    q = fma(q, r, VReal(0x1.55585ap-5f));
    q = fma(q, r, VReal(0x1.55548cp-3f));
    q = fma(q, r, VReal(0x1.fffffcp-2f));
    return fma(r * r, q, r);
}

// Beyond these bounds the result is infinite or zero. The order of operands lets NaN through.
LAMINA_INLINE VReal exp_bounded(VReal x) { return max_second(VReal(-105.0f), min_second(VReal(91.0f), x)); }

#if LAMINA_VECTOR_BYTES == 64

LAMINA_INLINE VReal exp(VReal x) {
    const ExpReduced reduced = reduce_exp(exp_bounded(x));
    return times_power(VReal(1) + exp_polynomial(reduced.r), reduced);
}

// e^x for x <= 0.
LAMINA_INLINE VReal exp_nonpositive(VReal x) {
    const ExpReduced reduced = reduce_exp(max_second(VReal(-105.0f), x));
    return times_power(VReal(1) + exp_polynomial(reduced.r), reduced);
}

#else

// e^x where 2^n is no normal number.
__attribute__((noinline, cold)) inline VReal exp_extreme(VReal x) {
    // Results that round to zero are not computed: underflow costs some CPUs a hundred cycles.
    const Mask vanishes = x < VReal(-104.0f);
    const ExpReduced reduced = reduce_exp(select(vanishes, VReal(0), exp_bounded(x)));
    // The first factor leaves a normal number, so that only the second one rounds.
    const VInt whole = to_int(reduced.n), half = whole >> 1;
    const VReal first = from_bits((half + VInt(127)) << 23);
    const VReal second = from_bits((whole - half + VInt(127)) << 23);
    const VReal y = (VReal(1) + exp_polynomial(reduced.r)) * first * second;
    return select(vanishes, VReal(0), y);
}

LAMINA_INLINE VReal exp(VReal x) {
    if (any(~(abs(x) < VReal(87.0f)))) [[unlikely]]
        return exp_extreme(x);
    const ExpReduced reduced = reduce_exp(x);
    return times_power(VReal(1) + exp_polynomial(reduced.r), reduced);
}

// e^x for x <= 0.
LAMINA_INLINE VReal exp_nonpositive(VReal x) { return exp(x); }

#endif

LAMINA_INLINE VReal negative_abs(VReal x) { return from_bits(bits(x) | VInt(INT32_MIN)); }

LAMINA_INLINE VReal expm1(VReal x) {
    const ExpReduced reduced = reduce_exp(max_second(VReal(-30.0f), min_second(VReal(89.0f), x)));
    const VReal r = reduced.r;
    // Fit for the relative error of e^r - 1.
    VReal q = fma(VReal(0x1.9c5cc0p-13f), r, VReal(0x1.6d4c90p-10f));
    q = fma(q, r, VReal(0x1.1113acp-7f));
    q = fma(q, r, VReal(0x1.5554eap-5f));
    q = fma(q, r, VReal(0x1.555554p-3f));
    q = fma(q, r, VReal(0.5f));
    const VReal small = fma(r * r, q, r);
    // 2^n (e^r - 1) + (2^n - 1) at half size, since 2^128 is no float.
    const VReal half_power = power(reduced, 1);
    const VReal y = fma(half_power, small, half_power - VReal(0.5f));
    return copysign(select(reduced.n == VReal(0), small, y + y), x);
}

// t / (t + t e^-x) with t = 2^-32, so that nothing overflows before the result becomes denormal.
LAMINA_INLINE VReal sigmoid(VReal x) {
    const ExpReduced reduced = reduce_exp(-max_second(VReal(-105.0f), min_second(VReal(60.0f), x)));
    const VReal t(0x1p-32f), scaled = power(reduced, 32), p = exp_polynomial(reduced.r);
    // One rounding where scaled + t is exact; otherwise t joins the smaller term.
    const VReal split = scaled + fma(scaled, p, t), joined = fma(scaled, p, scaled + t);
    return t / select(reduced.n > VReal(23), split, joined);
}

#if LAMINA_VECTOR_BYTES != 64

LAMINA_INLINE VReal tanh(VReal x) {
    const VReal a = abs(x), square = x * x;
    VReal p = fma(VReal(-0x1.750ce2p-8f), square, VReal(0x1.51f8cep-6f));
    p = fma(p, square, VReal(-0x1.b835a4p-5f));
    p = fma(p, square, VReal(0x1.1106f6p-3f));
    p = fma(p, square, VReal(-0x1.555532p-2f));
    const VReal small = fma(x * square, p, x);
    // 1 - 2 / (e^2a + 1); at 10 the quotient is below half a unit in the last place.
    const ExpReduced reduced = reduce_exp(min_second(VReal(20.0f), a + a));
    const VReal e = times_power(VReal(1) + exp_polynomial(reduced.r), reduced);
    const VReal large = VReal(1) - VReal(2) / (e + VReal(1));
    return select(a < VReal(0.625f), small, copysign(large, x));
}

#endif

// e^a / 2 for a >= 0, infinite from 89.42 on.
LAMINA_INLINE VReal half_exp(VReal a) {
    const ExpReduced reduced = reduce_exp(min_second(VReal(89.5f), a));
    const VReal quarter = (VReal(1) + exp_polynomial(reduced.r)) * power(reduced, 2);
    return quarter + quarter;
}

LAMINA_INLINE VReal sinh(VReal x) {
    const VReal a = abs(x), square = x * x;
    VReal p = fma(VReal(0x1.756c1ep-19f), square, VReal(0x1.a022bcp-13f));
    p = fma(p, square, VReal(0x1.1110e0p-7f));
    p = fma(p, square, VReal(0x1.555556p-3f));
    const VReal small = fma(x * square, p, x);
    const VReal half = half_exp(a);
    return select(a < VReal(1), small, copysign(half - VReal(0.25f) / half, x));
}

LAMINA_INLINE VReal cosh(VReal x) {
    const VReal half = half_exp(abs(x));
    return half + VReal(0.25f) / half;
}

// log(1 + e^x) = max(x, 0) + log(1 + e^-|x|)
LAMINA_INLINE VReal softplus(VReal x) {
    const VReal z = exp_nonpositive(negative_abs(x));
    return max_second(VReal(0), x) + log1p_unit(z);
}

// A polynomial in x^2 up to 1; 1 - exp(-q(x)) with a fit of -log(erfc(x)) above, which is 1 from 3.95 on.
LAMINA_INLINE VReal erf(VReal x) {
    const VReal a = abs(x), square = x * x;
    VReal p = fma(VReal(0x1.4771fep-14f), square, VReal(-0x1.a3515ep-11f));
    p = fma(p, square, VReal(0x1.53f224p-8f));
    p = fma(p, square, VReal(-0x1.b7f71ap-6f));
    p = fma(p, square, VReal(0x1.ce2ce6p-4f));
    p = fma(p, square, VReal(-0x1.81273ep-2f));
    p = fma(p, square, VReal(0x1.06eba8p-3f));
    const VReal small = fma(x, p, x);

    const VReal b = min_second(VReal(3.95f), a);
    VReal q = fma(VReal(0x1.6bf27ep-16f), b, VReal(-0x1.cededcp-12f));
    q = fma(q, b, VReal(0x1.139604p-8f));
    q = fma(q, b, VReal(-0x1.9d0a5cp-6f));
    q = fma(q, b, VReal(0x1.bc1868p-4f));
    q = fma(q, b, VReal(0x1.4434f8p-1f));
    q = fma(q, b, VReal(0x1.212c2cp+0f));
    q = fma(q, b, VReal(-0x1.8b3f1ap-13f));
    const ExpReduced reduced = reduce_exp(-q);
    const VReal e = times_power(VReal(1) + exp_polynomial(reduced.r), reduced);
    return select(a < VReal(1), small, copysign(VReal(1) - e, x));
}

// x (1 + erf(x / sqrt 2)) / 2 = max(x, 0) - |x| erfc(|x| / sqrt 2) / 2, where erfc is p^-8 with a polynomial
// p, fit to an error of 1e-8 in the result. From 5.6 on the second part is less than that.
LAMINA_INLINE VReal gelu(VReal x) {
    const VReal bound(5.6f), a = abs(x), b = min_second(bound, a);
    VReal p = fma(VReal(0x1.886224p-22f), b, VReal(-0x1.3b95aap-19f));
    p = fma(p, b, VReal(0x1.ead6e4p-17f));
    p = fma(p, b, VReal(-0x1.b24a7p-20f));
    p = fma(p, b, VReal(0x1.3285eep-12f));
    p = fma(p, b, VReal(0x1.9d1562p-11f));
    p = fma(p, b, VReal(0x1.1d4ea4p-7f));
    p = fma(p, b, VReal(0x1.6ea05cp-5f));
    p = fma(p, b, VReal(0x1.988528p-4f));
    p = fma(p, b, VReal(1));
    const VReal p2 = p * p, p4 = p2 * p2;
    const VReal near = max_second(VReal(0), x) - VReal(0.5f) * a / (p4 * p4);
    return select(a < bound, near, x * select(x > VReal(0), VReal(1), VReal(0)));
}

}  // namespace
}  // namespace lamina::LAMINA_LEVEL
