// Vec<T>: a register of numbers at the CPU level this file is compiled for.
//
// The only place, with vec_math.h, that knows instruction sets and compiler extensions. Kernels are
// written once against Vec<Real> and compiled once per level, where CMake sets LAMINA_LEVEL to v2, v3,
// v4, neon or ref64. ref64 has one lane of double and is the reference for all others.
//
// Everything here has internal linkage, so that no symbol of one level can replace another's.
#pragma once

#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
// g++ 12 warns of the undefined values that its own header uses on purpose.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#include <immintrin.h>
#pragma GCC diagnostic pop
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#define LAMINA_INLINE inline __attribute__((always_inline))

#if defined(LAMINA_REF64)
#include <cmath>
#elif defined(__AVX512F__) && defined(__AVX512VL__) && defined(__AVX512DQ__) && defined(__AVX512BW__)
#define LAMINA_VECTOR_BYTES 64
#elif defined(__AVX2__) && defined(__FMA__)
#define LAMINA_VECTOR_BYTES 32
#else
#define LAMINA_VECTOR_BYTES 16
#endif

namespace lamina::LAMINA_LEVEL {
namespace {

template <class T>
struct Vec;

#if defined(LAMINA_REF64)

using Real = double;

struct Mask {
    bool m;
    friend LAMINA_INLINE Mask operator&(Mask a, Mask b) { return {a.m && b.m}; }
    friend LAMINA_INLINE Mask operator|(Mask a, Mask b) { return {a.m || b.m}; }
    friend LAMINA_INLINE Mask operator~(Mask a) { return {!a.m}; }
};

template <>
struct Vec<double> {
    static constexpr int lanes = 1;
    double v;
    Vec() = default;
    LAMINA_INLINE Vec(double x) : v(x) {}
    static LAMINA_INLINE Vec load(const double* p) { return *p; }
    static LAMINA_INLINE Vec load_partial(const double* p, int64_t n) { return n > 0 ? *p : 0.0; }
    LAMINA_INLINE void store(double* p) const { *p = v; }
    LAMINA_INLINE void store_partial(double* p, int64_t n) const {
        if (n > 0) *p = v;
    }
};

using VReal = Vec<Real>;

LAMINA_INLINE VReal operator+(VReal a, VReal b) { return a.v + b.v; }
LAMINA_INLINE VReal operator-(VReal a, VReal b) { return a.v - b.v; }
LAMINA_INLINE VReal operator*(VReal a, VReal b) { return a.v * b.v; }
LAMINA_INLINE VReal operator/(VReal a, VReal b) { return a.v / b.v; }
LAMINA_INLINE VReal operator-(VReal a) { return -a.v; }
LAMINA_INLINE Mask operator<(VReal a, VReal b) { return {a.v < b.v}; }
LAMINA_INLINE Mask operator<=(VReal a, VReal b) { return {a.v <= b.v}; }
LAMINA_INLINE Mask operator>(VReal a, VReal b) { return {a.v > b.v}; }
LAMINA_INLINE Mask operator>=(VReal a, VReal b) { return {a.v >= b.v}; }
LAMINA_INLINE Mask operator==(VReal a, VReal b) { return {a.v == b.v}; }
LAMINA_INLINE Mask operator!=(VReal a, VReal b) { return {a.v != b.v}; }
LAMINA_INLINE VReal select(Mask m, VReal a, VReal b) { return m.m ? a : b; }
LAMINA_INLINE bool any(Mask m) { return m.m; }
LAMINA_INLINE VReal max_second(VReal a, VReal b) { return a.v > b.v ? a : b; }
LAMINA_INLINE VReal min_second(VReal a, VReal b) { return a.v < b.v ? a : b; }
LAMINA_INLINE VReal fma(VReal a, VReal b, VReal c) { return __builtin_fma(a.v, b.v, c.v); }
LAMINA_INLINE VReal sqrt(VReal a) { return __builtin_sqrt(a.v); }
LAMINA_INLINE VReal floor(VReal a) { return std::floor(a.v); }
LAMINA_INLINE VReal ceil(VReal a) { return std::ceil(a.v); }
LAMINA_INLINE VReal trunc(VReal a) { return std::trunc(a.v); }
LAMINA_INLINE VReal round_even(VReal a) { return std::nearbyint(a.v); }
LAMINA_INLINE VReal abs(VReal a) { return std::fabs(a.v); }
LAMINA_INLINE VReal copysign(VReal magnitude, VReal sign) { return std::copysign(magnitude.v, sign.v); }
LAMINA_INLINE Real reduce_add(VReal a) { return a.v; }
LAMINA_INLINE Real lane(VReal a, int) { return a.v; }

#else  // a vector level

using Real = float;

typedef float FloatRegister __attribute__((vector_size(LAMINA_VECTOR_BYTES)));
typedef int32_t IntRegister __attribute__((vector_size(LAMINA_VECTOR_BYTES)));
typedef uint32_t UintRegister __attribute__((vector_size(LAMINA_VECTOR_BYTES)));

// All bits of a lane are set where it is true.
struct Mask {
    IntRegister m;
    friend LAMINA_INLINE Mask operator&(Mask a, Mask b) { return {a.m & b.m}; }
    friend LAMINA_INLINE Mask operator|(Mask a, Mask b) { return {a.m | b.m}; }
    friend LAMINA_INLINE Mask operator~(Mask a) { return {~a.m}; }
};

template <class T>
LAMINA_INLINE T load_register(const void* p) {
    T r;
    std::memcpy(&r, p, sizeof r);
    return r;
}

template <>
struct Vec<int32_t> {
    static constexpr int lanes = LAMINA_VECTOR_BYTES / 4;
    IntRegister v;
    Vec() = default;
    LAMINA_INLINE Vec(IntRegister r) : v(r) {}
    LAMINA_INLINE Vec(int32_t x) : v(x - IntRegister{}) {}
    static LAMINA_INLINE Vec load(const int32_t* p) { return load_register<IntRegister>(p); }
    LAMINA_INLINE void store(int32_t* p) const { std::memcpy(p, &v, sizeof v); }
};

template <>
struct Vec<float> {
    static constexpr int lanes = LAMINA_VECTOR_BYTES / 4;
    FloatRegister v;
    Vec() = default;
    LAMINA_INLINE Vec(FloatRegister r) : v(r) {}
    // Adding to -0 keeps the sign of a negative zero.
    LAMINA_INLINE Vec(float x) : v(x - FloatRegister{}) {}
    static LAMINA_INLINE Vec load(const float* p) { return load_register<FloatRegister>(p); }
    LAMINA_INLINE void store(float* p) const { std::memcpy(p, &v, sizeof v); }

    // The first n lanes (0 <= n <= lanes), the others zero; memory behind them is not touched.
    static LAMINA_INLINE Vec load_partial(const float* p, int64_t n) {
#if LAMINA_VECTOR_BYTES == 64
        return FloatRegister(_mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << n) - 1u), p));
#elif LAMINA_VECTOR_BYTES == 32
        return FloatRegister(_mm256_maskload_ps(p, first_lanes(n)));
#else
        switch (n) {
            case 0:
                return FloatRegister{};
            case 1:
                return FloatRegister{p[0]};
            case 2:
                return FloatRegister{p[0], p[1]};
            case 3:
                return FloatRegister{p[0], p[1], p[2]};
        }
        return load(p);
#endif
    }
    LAMINA_INLINE void store_partial(float* p, int64_t n) const {
#if LAMINA_VECTOR_BYTES == 64
        _mm512_mask_storeu_ps(p, static_cast<__mmask16>((1u << n) - 1u), __m512(v));
#else
        // By halves: copies of a variable size become calls, and AVX's masked stores take some CPUs 20
        // cycles.
        if (n == lanes) return store(p);
        FloatRegister rest = v;
#if LAMINA_VECTOR_BYTES == 32
        if (n & 4) {
            std::memcpy(p, &rest, 16);
            rest = __builtin_shufflevector(rest, rest, 4, 5, 6, 7, 4, 5, 6, 7);
            p += 4;
        }
        if (n & 2) {
            std::memcpy(p, &rest, 8);
            rest = __builtin_shufflevector(rest, rest, 2, 3, 2, 3, 2, 3, 2, 3);
            p += 2;
        }
#else
        if (n & 2) {
            std::memcpy(p, &rest, 8);
            rest = __builtin_shufflevector(rest, rest, 2, 3, 2, 3);
            p += 2;
        }
#endif
        if (n & 1) *p = rest[0];
#endif
    }

#if LAMINA_VECTOR_BYTES == 32
  private:
    static LAMINA_INLINE __m256i first_lanes(int64_t n) {
        return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(n)),
                                  _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
    }
#endif
};

using VReal = Vec<Real>;
using VInt = Vec<int32_t>;

LAMINA_INLINE VReal operator+(VReal a, VReal b) { return a.v + b.v; }
LAMINA_INLINE VReal operator-(VReal a, VReal b) { return a.v - b.v; }
LAMINA_INLINE VReal operator*(VReal a, VReal b) { return a.v * b.v; }
LAMINA_INLINE VReal operator/(VReal a, VReal b) { return a.v / b.v; }
LAMINA_INLINE VReal operator-(VReal a) { return -a.v; }
LAMINA_INLINE Mask operator<(VReal a, VReal b) { return {a.v < b.v}; }
LAMINA_INLINE Mask operator<=(VReal a, VReal b) { return {a.v <= b.v}; }
LAMINA_INLINE Mask operator>(VReal a, VReal b) { return {a.v > b.v}; }
LAMINA_INLINE Mask operator>=(VReal a, VReal b) { return {a.v >= b.v}; }
LAMINA_INLINE Mask operator==(VReal a, VReal b) { return {a.v == b.v}; }
LAMINA_INLINE Mask operator!=(VReal a, VReal b) { return {a.v != b.v}; }
LAMINA_INLINE VReal select(Mask m, VReal a, VReal b) { return m.m ? a.v : b.v; }

// Overflow wraps.
LAMINA_INLINE VInt operator+(VInt a, VInt b) { return IntRegister(UintRegister(a.v) + UintRegister(b.v)); }
LAMINA_INLINE VInt operator-(VInt a, VInt b) { return IntRegister(UintRegister(a.v) - UintRegister(b.v)); }
LAMINA_INLINE VInt operator*(VInt a, VInt b) { return IntRegister(UintRegister(a.v) * UintRegister(b.v)); }
LAMINA_INLINE VInt operator&(VInt a, VInt b) { return a.v & b.v; }
LAMINA_INLINE VInt operator|(VInt a, VInt b) { return a.v | b.v; }
LAMINA_INLINE VInt operator^(VInt a, VInt b) { return a.v ^ b.v; }
LAMINA_INLINE VInt operator<<(VInt a, int n) { return IntRegister(UintRegister(a.v) << n); }
LAMINA_INLINE VInt operator>>(VInt a, int n) { return a.v >> n; }
LAMINA_INLINE Mask operator==(VInt a, VInt b) { return {a.v == b.v}; }
LAMINA_INLINE Mask operator>(VInt a, VInt b) { return {a.v > b.v}; }
LAMINA_INLINE VInt select(Mask m, VInt a, VInt b) { return m.m ? a.v : b.v; }

LAMINA_INLINE VInt bits(VReal a) { return IntRegister(a.v); }
LAMINA_INLINE VReal from_bits(VInt a) { return FloatRegister(a.v); }
LAMINA_INLINE VReal to_real(VInt a) { return __builtin_convertvector(a.v, FloatRegister); }

// p[i] in each lane.
LAMINA_INLINE VReal pick(const float* p, VInt i) {
#if LAMINA_VECTOR_BYTES == 64
    return FloatRegister(_mm512_i32gather_ps(__m512i(i.v), p, 4));
#elif LAMINA_VECTOR_BYTES == 32
    return FloatRegister(_mm256_i32gather_ps(p, __m256i(i.v), 4));
#else
    return FloatRegister{p[i.v[0]], p[i.v[1]], p[i.v[2]], p[i.v[3]]};
#endif
}

// Toward zero; lanes outside of int32 are INT32_MIN on x86.
LAMINA_INLINE VInt to_int(VReal a) {
#if LAMINA_VECTOR_BYTES == 64
    return IntRegister(_mm512_cvttps_epi32(__m512(a.v)));
#elif LAMINA_VECTOR_BYTES == 32
    return IntRegister(_mm256_cvttps_epi32(__m256(a.v)));
#elif defined(__x86_64__)
    return IntRegister(_mm_cvttps_epi32(__m128(a.v)));
#else
    return IntRegister(vcvtq_s32_f32(float32x4_t(a.v)));
#endif
}

// a > b ? a : b, hence b where either is NaN.
LAMINA_INLINE VReal max_second(VReal a, VReal b) {
#if LAMINA_VECTOR_BYTES == 64
    return FloatRegister(_mm512_max_ps(__m512(a.v), __m512(b.v)));
#elif LAMINA_VECTOR_BYTES == 32
    return FloatRegister(_mm256_max_ps(__m256(a.v), __m256(b.v)));
#elif defined(__x86_64__)
    return FloatRegister(_mm_max_ps(__m128(a.v), __m128(b.v)));
#else
    return select(a > b, a, b);
#endif
}

// a < b ? a : b, hence b where either is NaN.
LAMINA_INLINE VReal min_second(VReal a, VReal b) {
#if LAMINA_VECTOR_BYTES == 64
    return FloatRegister(_mm512_min_ps(__m512(a.v), __m512(b.v)));
#elif LAMINA_VECTOR_BYTES == 32
    return FloatRegister(_mm256_min_ps(__m256(a.v), __m256(b.v)));
#elif defined(__x86_64__)
    return FloatRegister(_mm_min_ps(__m128(a.v), __m128(b.v)));
#else
    return select(a < b, a, b);
#endif
}

// a * b + c, with one rounding where the level has the instruction (all but v2).
LAMINA_INLINE VReal fma(VReal a, VReal b, VReal c) {
#if LAMINA_VECTOR_BYTES == 64
    return FloatRegister(_mm512_fmadd_ps(__m512(a.v), __m512(b.v), __m512(c.v)));
#elif LAMINA_VECTOR_BYTES == 32
    return FloatRegister(_mm256_fmadd_ps(__m256(a.v), __m256(b.v), __m256(c.v)));
#elif defined(__aarch64__)
    return FloatRegister(vfmaq_f32(float32x4_t(c.v), float32x4_t(a.v), float32x4_t(b.v)));
#else
    return a * b + c;
#endif
}

LAMINA_INLINE VReal sqrt(VReal a) {
#if LAMINA_VECTOR_BYTES == 64
    return FloatRegister(_mm512_sqrt_ps(__m512(a.v)));
#elif LAMINA_VECTOR_BYTES == 32
    return FloatRegister(_mm256_sqrt_ps(__m256(a.v)));
#elif defined(__x86_64__)
    return FloatRegister(_mm_sqrt_ps(__m128(a.v)));
#else
    return FloatRegister(vsqrtq_f32(float32x4_t(a.v)));
#endif
}

#if LAMINA_VECTOR_BYTES == 64
#define LAMINA_ROUND(x86_mode, neon) \
    FloatRegister(_mm512_roundscale_ps(__m512(a.v), x86_mode | _MM_FROUND_NO_EXC))
#elif LAMINA_VECTOR_BYTES == 32
#define LAMINA_ROUND(x86_mode, neon) FloatRegister(_mm256_round_ps(__m256(a.v), x86_mode | _MM_FROUND_NO_EXC))
#elif defined(__x86_64__)
#define LAMINA_ROUND(x86_mode, neon) FloatRegister(_mm_round_ps(__m128(a.v), x86_mode | _MM_FROUND_NO_EXC))
#else
#define LAMINA_ROUND(x86_mode, neon) FloatRegister(neon(float32x4_t(a.v)))
#endif
LAMINA_INLINE VReal floor(VReal a) { return LAMINA_ROUND(_MM_FROUND_TO_NEG_INF, vrndmq_f32); }
LAMINA_INLINE VReal ceil(VReal a) { return LAMINA_ROUND(_MM_FROUND_TO_POS_INF, vrndpq_f32); }
LAMINA_INLINE VReal trunc(VReal a) { return LAMINA_ROUND(_MM_FROUND_TO_ZERO, vrndq_f32); }
LAMINA_INLINE VReal round_even(VReal a) { return LAMINA_ROUND(_MM_FROUND_TO_NEAREST_INT, vrndnq_f32); }
#undef LAMINA_ROUND

LAMINA_INLINE VReal abs(VReal a) { return from_bits(bits(a) & VInt(0x7fffffff)); }
LAMINA_INLINE VReal copysign(VReal magnitude, VReal sign) {
    const VInt top(INT32_MIN);
    return from_bits((bits(magnitude) & VInt(0x7fffffff)) | (bits(sign) & top));
}

LAMINA_INLINE bool any(Mask m) {
#if LAMINA_VECTOR_BYTES == 64
    return _mm512_movepi32_mask(__m512i(m.m)) != 0;
#elif LAMINA_VECTOR_BYTES == 32
    return _mm256_movemask_ps(__m256(m.m)) != 0;
#elif defined(__x86_64__)
    return _mm_movemask_ps(__m128(m.m)) != 0;
#else
    return vmaxvq_u32(uint32x4_t(m.m)) != 0;
#endif
}

LAMINA_INLINE Real lane(VReal a, int i) { return a.v[i]; }

// In a fixed tree order: halves are added to each other.
LAMINA_INLINE Real reduce_add(VReal a) {
    float x[VReal::lanes];
    a.store(x);
    for (int width = VReal::lanes / 2; width > 0; width /= 2)
        for (int i = 0; i < width; ++i) x[i] += x[i + width];
    return x[0];
}

#endif

// NaN in either gives NaN, as Math.max and Math.min do.
LAMINA_INLINE VReal max(VReal a, VReal b) { return select(a != a, a, max_second(a, b)); }
LAMINA_INLINE VReal min(VReal a, VReal b) { return select(a != a, a, min_second(a, b)); }

}  // namespace
}  // namespace lamina::LAMINA_LEVEL
