// The elementary functions of VReal.
//
// At the vector levels exp, log, tanh, sigmoid, erf, sin and cos, and the inverse trigonometric and
// hyperbolic functions, are within 2 units in the last place over all floats, with denormals, infinities and
// NaN as IEEE 754 wants them; tests/cpp/ulp_test.cpp measures it.
#pragma once

#include "simd/vec.h"

#if defined(LAMINA_REF64)
#include "simd/vec_math_ref64.h"
#else
#include "simd/vec_exp.h"
#include "simd/vec_inverse.h"
#include "simd/vec_log.h"
#include "simd/vec_pow.h"
#include "simd/vec_trig.h"
#endif

namespace lamina::LAMINA_LEVEL {
namespace {

// -1, 1, or x itself where it is zero or NaN.
LAMINA_INLINE VReal sign(VReal x) {
    return select(x > VReal(0), VReal(1), select(x < VReal(0), VReal(-1), x));
}

LAMINA_INLINE VReal selu(VReal x) {
    const VReal scale(Real(1.0507009873554805)), scale_alpha(Real(1.7580993408473768));
    return select(x > VReal(0), scale * x, scale_alpha * expm1(x));
}

}  // namespace
}  // namespace lamina::LAMINA_LEVEL
