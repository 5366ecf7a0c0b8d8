// The functions of vec_math.h at the reference level: the C library's, in double.
#pragma once

#include <cmath>

#include "simd/vec.h"

namespace lamina::LAMINA_LEVEL {
namespace {

LAMINA_INLINE VReal exp(VReal x) { return std::exp(x.v); }
LAMINA_INLINE VReal exp_nonpositive(VReal x) { return std::exp(x.v); }
LAMINA_INLINE VReal expm1(VReal x) { return std::expm1(x.v); }
LAMINA_INLINE VReal log(VReal x) { return std::log(x.v); }
LAMINA_INLINE VReal log1p(VReal x) { return std::log1p(x.v); }
LAMINA_INLINE VReal sin(VReal x) { return std::sin(x.v); }
LAMINA_INLINE VReal cos(VReal x) { return std::cos(x.v); }
LAMINA_INLINE VReal tan(VReal x) { return std::tan(x.v); }
LAMINA_INLINE VReal asin(VReal x) { return std::asin(x.v); }
LAMINA_INLINE VReal acos(VReal x) { return std::acos(x.v); }
LAMINA_INLINE VReal atan(VReal x) { return std::atan(x.v); }
LAMINA_INLINE VReal atan2(VReal y, VReal x) { return std::atan2(y.v, x.v); }
LAMINA_INLINE VReal asinh(VReal x) { return std::asinh(x.v); }
LAMINA_INLINE VReal acosh(VReal x) { return std::acosh(x.v); }
LAMINA_INLINE VReal atanh(VReal x) { return std::atanh(x.v); }
LAMINA_INLINE VReal sinh(VReal x) { return std::sinh(x.v); }
LAMINA_INLINE VReal cosh(VReal x) { return std::cosh(x.v); }
LAMINA_INLINE VReal tanh(VReal x) { return std::tanh(x.v); }
LAMINA_INLINE VReal erf(VReal x) { return std::erf(x.v); }
LAMINA_INLINE VReal gelu(VReal x) { return x.v * 0.5 * (std::erf(x.v * 0.70710678118654752) + 1.0); }

LAMINA_INLINE VReal sigmoid(VReal x) {
    const double z = std::exp(-std::fabs(x.v));
    return (x.v < 0 ? z : 1.0) / (1.0 + z);
}

LAMINA_INLINE VReal softplus(VReal x) {
    return (x.v < 0 ? 0.0 : x.v) + std::log1p(std::exp(-std::fabs(x.v)));
}

// JavaScript's Math.pow: as C's, but NaN for a NaN exponent and for 1 or -1 to an infinite power.
LAMINA_INLINE VReal pow(VReal a, VReal b) {
    if (b.v != b.v || (std::isinf(b.v) && std::fabs(a.v) == 1.0)) return __builtin_nan("");
    return std::pow(a.v, b.v);
}

// The remainder has the sign of the divisor b.
LAMINA_INLINE VReal mod(VReal a, VReal b) {
    double rest = std::fmod(a.v, b.v);
    if (rest != 0 && (rest < 0) != (b.v < 0)) rest = std::fmod(rest + b.v, b.v);
    return rest == 0 ? std::copysign(0.0, b.v) : rest;
}

LAMINA_INLINE VReal floor_div(VReal a, VReal b) { return std::floor(a.v / b.v); }

}  // namespace
}  // namespace lamina::LAMINA_LEVEL
