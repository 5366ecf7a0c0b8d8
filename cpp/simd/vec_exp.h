// The exponential and what is made of it, for float vectors.
//
// Polynomials are minimax fits (Remez, coefficients rounded to float one after the other); the reductions are
// those of Cody and Waite, "Software Manual for the Elementary Functions" (1980).
#pragma once

#include "simd/vec_log.h"

namespace lamina::LAMINA_LEVEL {
namespace {

// x * 2^n for whole n in [-300, 300], rounded once.
LAMINA_INLINE VReal scale_by_power(VReal x, VReal n) {
#if LAMINA_VECTOR_BYTES == 64
    return FloatRegister(_mm512_scalef_ps(__m512(x.v), __m512(n.v)));
#else
    // The first factor leaves x a normal number, so that only the second one rounds.
    const VInt whole = to_int(n), half = whole >> 1;
    const VReal first = from_bits((half + VInt(127)) << 23);
    const VReal second = from_bits((whole - half + VInt(127)) << 23);
    return x * first * second;
#endif
}

struct ExpReduced {
    VReal r, n;  // x = n * ln 2 + r, |r| <= ln(2) / 2
};

LAMINA_INLINE ExpReduced reduce_exp(VReal x) {
    const VReal n = round_even(x * VReal(1.44269504f));
    // The first part of ln 2 has 9 bits: its product with n is exact without fma.
    const VReal r = fma(n, VReal(2.12194440e-4f), fma(n, VReal(-0.693359375f), x));
    return {r, n};
}

// e^r - 1 for a reduced r, fit for the relative error of e^r.
LAMINA_INLINE VReal exp_polynomial(VReal r) {
    VReal q = fma(VReal(0x1.6ac64ap-10f), r, VReal(0x1.123e02p-7f));
    q = fma(q, r, VReal(0x1.55585ap-5f));
    q = fma(q, r, VReal(0x1.55548cp-3f));
    q = fma(q, r, VReal(0x1.fffffcp-2f));
    return fma(r * r, q, r);
}

// e^x * 2^shift.
LAMINA_INLINE VReal exp_shifted(VReal x, float shift) {
    // Beyond these bounds the result is infinite or zero; the order of operands lets NaN through.
    x = max_second(VReal(-105.0f), min_second(VReal(91.0f), x));
    const ExpReduced reduced = reduce_exp(x);
    return scale_by_power(VReal(1) + exp_polynomial(reduced.r), reduced.n + VReal(shift));
}

LAMINA_INLINE VReal exp(VReal x) { return exp_shifted(x, 0.0f); }

// e^x for x <= 0.
LAMINA_INLINE VReal exp_nonpositive(VReal x) {
    const ExpReduced reduced = reduce_exp(max_second(VReal(-105.0f), x));
    return scale_by_power(VReal(1) + exp_polynomial(reduced.r), reduced.n);
}

LAMINA_INLINE VReal negative_abs(VReal x) { return from_bits(bits(x) | VInt(INT32_MIN)); }

LAMINA_INLINE VReal expm1(VReal x) {
    const VReal bounded = max_second(VReal(-30.0f), min_second(VReal(89.0f), x));
    const auto [r, n] = reduce_exp(bounded);
    // Fit for the relative error of e^r - 1.
    VReal q = fma(VReal(0x1.9c5cc0p-13f), r, VReal(0x1.6d4c90p-10f));
    q = fma(q, r, VReal(0x1.1113acp-7f));
    q = fma(q, r, VReal(0x1.5554eap-5f));
    q = fma(q, r, VReal(0x1.555554p-3f));
    q = fma(q, r, VReal(0.5f));
    const VReal small = fma(r * r, q, r);
    // 2^n (e^r - 1) + (2^n - 1) at half size, since 2^128 is no float.
    const VReal half_power = scale_by_power(VReal(0.5f), n);
    const VReal y = fma(half_power, small, half_power - VReal(0.5f));
    return copysign(select(n == VReal(0), small, y + y), x);
}

// t / (t + t e^-x) with t = 2^-32, so that nothing overflows before the result becomes denormal.
LAMINA_INLINE VReal sigmoid(VReal x) {
    x = max_second(VReal(-105.0f), min_second(VReal(60.0f), x));
    const auto [r, n] = reduce_exp(-x);
    const VReal t(0x1p-32f), power = from_bits((to_int(n) + VInt(127 - 32)) << 23);
    const VReal p = exp_polynomial(r);
    // One rounding where power + t is exact; otherwise t joins the smaller term.
    const VReal denominator = select(n > VReal(23), power + fma(power, p, t), fma(power, p, power + t));
    return t / denominator;
}

LAMINA_INLINE VReal tanh(VReal x) {
    const VReal a = abs(x), square = x * x;
    VReal p = fma(VReal(-0x1.750ce2p-8f), square, VReal(0x1.51f8cep-6f));
    p = fma(p, square, VReal(-0x1.b835a4p-5f));
    p = fma(p, square, VReal(0x1.1106f6p-3f));
    p = fma(p, square, VReal(-0x1.555532p-2f));
    const VReal small = fma(x * square, p, x);
    // 1 - 2 / (e^2a + 1); at 10 the quotient is below half a unit in the last place.
    const ExpReduced reduced = reduce_exp(min_second(VReal(20.0f), a + a));
    const VReal e = scale_by_power(VReal(1) + exp_polynomial(reduced.r), reduced.n);
    const VReal large = VReal(1) - VReal(2) / (e + VReal(1));
    return select(a < VReal(0.625f), small, copysign(large, x));
}

LAMINA_INLINE VReal sinh(VReal x) {
    const VReal a = abs(x), square = x * x;
    VReal p = fma(VReal(0x1.756c1ep-19f), square, VReal(0x1.a022bcp-13f));
    p = fma(p, square, VReal(0x1.1110e0p-7f));
    p = fma(p, square, VReal(0x1.555556p-3f));
    const VReal small = fma(x * square, p, x);
    const VReal half = exp_shifted(a, -1.0f);
    return select(a < VReal(1), small, copysign(half - VReal(0.25f) / half, x));
}

LAMINA_INLINE VReal cosh(VReal x) {
    const VReal half = exp_shifted(abs(x), -1.0f);
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
    const VReal e = scale_by_power(VReal(1) + exp_polynomial(reduced.r), reduced.n);
    return select(a < VReal(1), small, copysign(VReal(1) - e, x));
}

}  // namespace
}  // namespace lamina::LAMINA_LEVEL
