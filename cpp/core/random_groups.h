// How philox and what is made of it fill memory: compiled once for the core and once for each CPU level, all
// with internal linkage and all with the same values. Double results are the float ones, normals before their
// rounding, so that the reference level draws what the others draw.
//
// Elements are made in groups of 64: sixteen blocks side by side, so that compilers find vectors in the
// loops. Element i is word i / 16 % 4 of block 16 * (i / 64) + i % 16.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#include <immintrin.h>
#pragma GCC diagnostic pop
#endif

namespace lamina {
namespace philox_groups {
namespace {

constexpr int blocks = 16, group = 4 * blocks;

constexpr uint32_t multiplier0 = 0xD2511F53, multiplier1 = 0xCD9E8D57;
constexpr uint32_t increment0 = 0x9E3779B9, increment1 = 0xBB67AE85;

// A bijection (the end of splitmix64), so that different streams of one key never meet.
uint64_t mix(uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
}

// 32-bit words in the low halves of 64-bit lanes; the high halves hold anything.
#if defined(__AVX512F__)
constexpr int width = 8;
#elif defined(__AVX2__)
constexpr int width = 4;
#else
constexpr int width = 2;
#endif
typedef uint64_t Lanes __attribute__((vector_size(8 * width)));
typedef uint32_t Halves __attribute__((vector_size(4 * width)));

inline Lanes product(Lanes a, uint32_t b) {
#if defined(__AVX512F__)
    return Lanes(_mm512_mul_epu32(__m512i(a), _mm512_set1_epi64(b)));
#elif defined(__AVX2__)
    return Lanes(_mm256_mul_epu32(__m256i(a), _mm256_set1_epi64x(b)));
#elif defined(__x86_64__)
    return Lanes(_mm_mul_epu32(__m128i(a), _mm_set1_epi64x(b)));
#else
    return (a & 0xffffffff) * b;
#endif
}

constexpr int rounds = 10;

// The key's two words in each round, for all lanes.
struct Keys {
    Lanes low[rounds], high[rounds];

    explicit Keys(uint64_t key) {
        for (int round = 0; round < rounds; ++round) {
            low[round] = Lanes{} + static_cast<uint32_t>(key + uint64_t{increment0} * round);
            high[round] = Lanes{} + static_cast<uint32_t>((key >> 32) + uint64_t{increment1} * round);
        }
    }
};

// The words a, b, c, d of n times `width` blocks.
template <int n>
inline void philox(const Keys& keys, Lanes (&a)[n], Lanes (&b)[n], Lanes (&c)[n], Lanes (&d)[n]) {
    for (int round = 0; round < rounds; ++round) {
        for (int i = 0; i < n; ++i) {
            const Lanes p = product(a[i], multiplier0), q = product(c[i], multiplier1);
            a[i] = (q >> 32) ^ b[i] ^ keys.low[round];
            b[i] = q;
            c[i] = (p >> 32) ^ d[i] ^ keys.high[round];
            d[i] = p;
        }
    }
}

struct Sequence {
    uint64_t key, step;

    Sequence(uint64_t seed, uint64_t stream, uint64_t s) : key(seed ^ mix(stream)), step(s) {}

    void block(uint64_t index, uint32_t* word) const {
        auto a = static_cast<uint32_t>(index), b = static_cast<uint32_t>(index >> 32);
        auto c = static_cast<uint32_t>(step), d = static_cast<uint32_t>(step >> 32);
        auto low = static_cast<uint32_t>(key), high = static_cast<uint32_t>(key >> 32);
        for (int round = 0; round < rounds; ++round, low += increment0, high += increment1) {
            const uint64_t p = uint64_t{a} * multiplier0, q = uint64_t{c} * multiplier1;
            a = static_cast<uint32_t>(q >> 32) ^ b ^ low;
            b = static_cast<uint32_t>(q);
            c = static_cast<uint32_t>(p >> 32) ^ d ^ high;
            d = static_cast<uint32_t>(p);
        }
        word[0] = a, word[1] = b, word[2] = c, word[3] = d;
    }
};

struct Words {
    uint32_t word[4][blocks];

    Words(const Sequence& s, const Keys& keys, int64_t g) {
        const Lanes low = Lanes{} + (s.step & 0xffffffff), high = Lanes{} + (s.step >> 32);
        Lanes count;
        for (int i = 0; i < width; ++i) count[i] = static_cast<uint64_t>(i);
        for (int first = 0; first < blocks; first += 2 * width) {
            // A multiple of 16, so that what is added to it does not carry over.
            const uint64_t index = static_cast<uint64_t>(g) * blocks, upper = index >> 32;
            const uint64_t base = (index & 0xffffffff) + static_cast<uint64_t>(first);
            Lanes a[2] = {count + base, count + (base + width)}, b[2] = {Lanes{} + upper, Lanes{} + upper};
            Lanes c[2] = {low, low}, d[2] = {high, high};
            philox(keys, a, b, c, d);
            const Lanes* const lanes[4] = {a, b, c, d};
            for (int k = 0; k < 4; ++k)
                for (int i = 0; i < 2; ++i) {
                    const Halves lows = __builtin_convertvector(lanes[k][i], Halves);
                    std::memcpy(word[k] + first + i * width, &lows, sizeof lows);
                }
        }
    }

    const uint32_t* all() const { return &word[0][0]; }
};

// make(values, g) fills the 64 values of group g; those asked for are copied.
template <class T, class Make>
void fill(T* out, int64_t begin, int64_t n, Make make) {
    const int64_t end = begin + n;
    for (int64_t g = begin / group; g * group < end; ++g) {
        const int64_t first = g * group;
        if (first >= begin && first + group <= end) {
            make(out + (first - begin), g);
            continue;
        }
        T values[group];
        make(values, g);
        const int64_t from = first < begin ? begin : first, to = first + group < end ? first + group : end;
        std::memcpy(out + (from - begin), values + (from - first),
                    static_cast<size_t>(to - from) * sizeof(T));
    }
}

// ---- normal values -----------------------------------------------------------------------------------------

// log x for normal x, within 2^-42: x = 2^e m, m in [2/3, 4/3), log m = s p(s^2) with s = (m - 1) / (m + 1).
inline __attribute__((always_inline)) double log_of(double x) {
    uint64_t raw;
    std::memcpy(&raw, &x, sizeof raw);
    const uint64_t biased = raw - 0x3fe5555555555555 + (uint64_t{1024} << 52);
    const uint64_t exponent = (biased >> 52) | 0x4330000000000000;  // as the last bits of 2^52
    const uint64_t scaled = raw - (biased & 0xfff0000000000000) + (uint64_t{1024} << 52);
    double e, m;
    std::memcpy(&e, &exponent, sizeof e);
    std::memcpy(&m, &scaled, sizeof m);
    const double s = (m - 1) / (m + 1), z = s * s;
    const double p =
        0x1.ffffffffff9d3p+0 +
        z * (0x1.5555555aba0bap-1 +
             z * (0x1.99998d66a0458p-2 +
                  z * (0x1.2497521e0ea05p-2 + z * (0x1.c53d9270fa9dbp-3 + z * 0x1.9cea4438a1377p-3))));
    return (e - (0x1p52 + 1024)) * 0x1.62e42fefa39efp-1 + s * p;
}

// The quotient's bits make the radius, the others the angle: word / 2^32 of a full turn.
inline __attribute__((always_inline)) void box_muller(uint32_t radius_bits, uint32_t angle_bits,
                                                      double& first, double& second) {
    // The signed offset makes a conversion that SSE2 has.
    const double u = static_cast<double>(static_cast<int32_t>(radius_bits ^ 0x80000000)) + (0x1p31 + 0.5);
    const double radius = std::sqrt(-2 * log_of(u * 0x1p-32));

    const uint32_t quarter = (angle_bits + (1u << 29)) >> 30;  // the nearest, of five
    const int32_t rest = static_cast<int32_t>(angle_bits - (quarter << 30));
    const double t = rest * 0x1.921fb54442d18p-30, z = t * t;  // 2 pi / 2^32
    const double sine =
        t *
        (0x1.fffffffffffd7p-1 +
         z * (-0x1.5555555550bd5p-3 +
              z * (0x1.1111110bb450dp-7 +
                   z * (-0x1.a019f87105593p-13 + z * (0x1.71d71a2bcba37p-19 + z * -0x1.a948bcd2cf754p-26)))));
    const double cosine =
        0x1.ffffffffffe0cp-1 +
        z * (-0x1.ffffffffe3796p-2 +
             z * (0x1.5555554476d2ap-5 +
                  z * (-0x1.6c16b2d3e2114p-10 + z * (0x1.a00e965f221d6p-16 + z * -0x1.23c5b54c9b112p-22))));
    const bool swapped = quarter & 1;
    const double x = swapped ? sine : cosine, y = swapped ? cosine : sine;
    first = radius * ((quarter + 1) & 2 ? -x : x);
    second = radius * (quarter & 2 ? -y : y);
}

// Words 0 and 1 of the group are radii, 2 and 3 angles; cosines fill the first half, sines the second.
template <class T>
void normal_group(const Sequence& s, const Keys& keys, T* values, int64_t g) {
    const Words words(s, keys, g);
    const uint32_t* w = words.all();
    for (int i = 0; i < group / 2; ++i) {
        double first, second;
        box_muller(w[i], w[i + group / 2], first, second);
        values[i] = static_cast<T>(first);
        values[i + group / 2] = static_cast<T>(second);
    }
}

constexpr double bound = 2;  // standard deviations, of truncated values

// Drawn again from sequences of its own, until a value fits: 22 in 23 do.
double replacement(const Sequence& s, int64_t element) {
    for (uint64_t attempt = 1;; ++attempt) {
        Sequence again = s;
        again.key ^= mix(attempt + 0x9e3779b97f4a7c15);
        uint32_t word[4];
        again.block(static_cast<uint64_t>(element), word);
        double first, second;
        box_muller(word[0], word[2], first, second);
        if (std::fabs(first) <= bound) return first;
    }
}

// 24 random bits: multiples of 2^-24 in [0, 1).
template <class T>
void uniform(const Sequence& s, T* out, int64_t begin, int64_t n) {
    const Keys keys(s.key);
    fill(out, begin, n, [&](T* values, int64_t g) {
        const Words words(s, keys, g);
        const uint32_t* w = words.all();
        for (int i = 0; i < group; ++i)
            values[i] = static_cast<T>(static_cast<int32_t>(w[i] >> 8)) * T(0x1p-24);
    });
}

// Mean 0, standard deviation 1, by the method of Box and Muller.
template <class T>
void normal(const Sequence& s, T* out, int64_t begin, int64_t n) {
    const Keys keys(s.key);
    fill(out, begin, n, [&](T* values, int64_t g) { normal_group(s, keys, values, g); });
}

// The same, with values outside of [-2, 2] drawn again.
template <class T>
void truncated_normal(const Sequence& s, T* out, int64_t begin, int64_t n) {
    const Keys keys(s.key);
    fill(out, begin, n, [&](T* values, int64_t g) {
        double exact[group];
        normal_group(s, keys, exact, g);
        for (int i = 0; i < group; ++i) {
            if (std::fabs(exact[i]) > bound) exact[i] = replacement(s, g * group + i);
            values[i] = static_cast<T>(exact[i]);
        }
    });
}

// 1 / (1 - rate) where the uniform value is at least rate, else 0; for rate in [0, 1).
template <class T>
void dropout(const Sequence& s, double rate, T* out, int64_t begin, int64_t n) {
    const T kept = static_cast<T>(1 / (1 - rate));
    const int32_t least = static_cast<int32_t>(std::ceil(rate * 0x1p24));
    const Keys keys(s.key);
    fill(out, begin, n, [&](T* values, int64_t g) {
        const Words words(s, keys, g);
        const uint32_t* w = words.all();
        for (int i = 0; i < group; ++i) values[i] = static_cast<int32_t>(w[i] >> 8) >= least ? kept : T(0);
    });
}

}  // namespace
}  // namespace philox_groups
}  // namespace lamina
