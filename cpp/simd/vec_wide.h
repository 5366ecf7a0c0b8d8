// Wide: the lanes of one VReal as doubles, for the few functions that need more than float's 24 bits.
#pragma once

#include "simd/vec.h"

#if !defined(LAMINA_REF64)

namespace lamina::LAMINA_LEVEL {
namespace {

typedef double DoubleRegister __attribute__((vector_size(LAMINA_VECTOR_BYTES)));
typedef int64_t LongRegister __attribute__((vector_size(LAMINA_VECTOR_BYTES)));
typedef uint64_t UlongRegister __attribute__((vector_size(LAMINA_VECTOR_BYTES)));

// One half of the lanes.
LAMINA_INLINE DoubleRegister broadcast_double(double x) { return x - DoubleRegister{}; }

LAMINA_INLINE DoubleRegister fma(DoubleRegister a, DoubleRegister b, DoubleRegister c) {
#if LAMINA_VECTOR_BYTES == 64
    return DoubleRegister(_mm512_fmadd_pd(__m512d(a), __m512d(b), __m512d(c)));
#elif LAMINA_VECTOR_BYTES == 32
    return DoubleRegister(_mm256_fmadd_pd(__m256d(a), __m256d(b), __m256d(c)));
#elif defined(__aarch64__)
    return DoubleRegister(vfmaq_f64(float64x2_t(c), float64x2_t(a), float64x2_t(b)));
#else
    return a * b + c;
#endif
}

#if LAMINA_VECTOR_BYTES == 64
#define LAMINA_ROUND(x86_mode, neon) \
    DoubleRegister(_mm512_roundscale_pd(__m512d(a), x86_mode | _MM_FROUND_NO_EXC))
#elif LAMINA_VECTOR_BYTES == 32
#define LAMINA_ROUND(x86_mode, neon) DoubleRegister(_mm256_round_pd(__m256d(a), x86_mode | _MM_FROUND_NO_EXC))
#elif defined(__x86_64__)
#define LAMINA_ROUND(x86_mode, neon) DoubleRegister(_mm_round_pd(__m128d(a), x86_mode | _MM_FROUND_NO_EXC))
#else
#define LAMINA_ROUND(x86_mode, neon) DoubleRegister(neon(float64x2_t(a)))
#endif
LAMINA_INLINE DoubleRegister floor(DoubleRegister a) {
    return LAMINA_ROUND(_MM_FROUND_TO_NEG_INF, vrndmq_f64);
}
LAMINA_INLINE DoubleRegister trunc(DoubleRegister a) { return LAMINA_ROUND(_MM_FROUND_TO_ZERO, vrndq_f64); }
LAMINA_INLINE DoubleRegister round_even(DoubleRegister a) {
    return LAMINA_ROUND(_MM_FROUND_TO_NEAREST_INT, vrndnq_f64);
}
#undef LAMINA_ROUND

struct Wide {
    DoubleRegister low, high;

    explicit LAMINA_INLINE Wide(VReal x) {
#if LAMINA_VECTOR_BYTES == 64
        low = DoubleRegister(_mm512_cvtps_pd(_mm512_castps512_ps256(__m512(x.v))));
        high = DoubleRegister(_mm512_cvtps_pd(_mm512_extractf32x8_ps(__m512(x.v), 1)));
#elif LAMINA_VECTOR_BYTES == 32
        low = DoubleRegister(_mm256_cvtps_pd(_mm256_castps256_ps128(__m256(x.v))));
        high = DoubleRegister(_mm256_cvtps_pd(_mm256_extractf128_ps(__m256(x.v), 1)));
#elif defined(__x86_64__)
        low = DoubleRegister(_mm_cvtps_pd(__m128(x.v)));
        high = DoubleRegister(_mm_cvtps_pd(_mm_movehl_ps(__m128(x.v), __m128(x.v))));
#else
        low = DoubleRegister(vcvt_f64_f32(vget_low_f32(float32x4_t(x.v))));
        high = DoubleRegister(vcvt_high_f64_f32(float32x4_t(x.v)));
#endif
    }

    LAMINA_INLINE Wide(DoubleRegister l, DoubleRegister h) : low(l), high(h) {}

    // Rounded once: overflow becomes infinity, small values denormal.
    LAMINA_INLINE VReal narrow() const {
#if LAMINA_VECTOR_BYTES == 64
        const __m512 l = _mm512_castps256_ps512(_mm512_cvtpd_ps(__m512d(low)));
        return FloatRegister(_mm512_insertf32x8(l, _mm512_cvtpd_ps(__m512d(high)), 1));
#elif LAMINA_VECTOR_BYTES == 32
        const __m256 l = _mm256_castps128_ps256(_mm256_cvtpd_ps(__m256d(low)));
        return FloatRegister(_mm256_insertf128_ps(l, _mm256_cvtpd_ps(__m256d(high)), 1));
#elif defined(__x86_64__)
        return FloatRegister(_mm_movelh_ps(_mm_cvtpd_ps(__m128d(low)), _mm_cvtpd_ps(__m128d(high))));
#else
        return FloatRegister(vcvt_high_f32_f64(vcvt_f32_f64(float64x2_t(low)), float64x2_t(high)));
#endif
    }
};

// f applied to both halves.
template <class F>
LAMINA_INLINE Wide on_halves(F f, Wide a) {
    return {f(a.low), f(a.high)};
}
template <class F>
LAMINA_INLINE Wide on_halves(F f, Wide a, Wide b) {
    return {f(a.low, b.low), f(a.high, b.high)};
}

}  // namespace
}  // namespace lamina::LAMINA_LEVEL

#endif
