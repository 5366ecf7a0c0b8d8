// What the tests of the contraction kernels share: their tables, random numbers, comparing with ref64.
#pragma once

#include <cstring>
#include <string>

#include "check.h"
#include "core/threads.h"

namespace lamina::test {

#define LAMINA_CONTRACTIONS(isa, T)        \
    inline Table<T> contractions_##isa() { \
        Table<T> table{};                  \
        table.level = #isa;                \
        isa::fill_table_gemm(table);       \
        isa::fill_table_conv(table);       \
        isa::fill_table_depthwise(table);  \
        isa::fill_table_pool(table);       \
        isa::fill_table_rows(table);       \
        return table;                      \
    }
LAMINA_CONTRACTIONS(ref64, double)
#if defined(__x86_64__)
LAMINA_CONTRACTIONS(v2, float)
LAMINA_CONTRACTIONS(v3, float)
LAMINA_CONTRACTIONS(v4, float)
#elif defined(__aarch64__)
LAMINA_CONTRACTIONS(neon, float)
#endif
#undef LAMINA_CONTRACTIONS

inline std::vector<Table<float>> contraction_tables() {
    std::vector<Table<float>> tables;
#if defined(__x86_64__)
    if (cpu_runs("v2")) tables.push_back(contractions_v2());
    if (cpu_runs("v3")) tables.push_back(contractions_v3());
    if (cpu_runs("v4")) tables.push_back(contractions_v4());
#elif defined(__aarch64__)
    tables.push_back(contractions_neon());
#endif
    return tables;
}

// Numbers in [-1, 1), the same in every run.
struct Noise {
    uint64_t state = 1;
    double operator()() {
        state = state * 6364136223846793005u + 1442695040888963407u;
        return static_cast<double>(static_cast<int64_t>(state) >> 40) * 0x1p-23;
    }
    int64_t below(int64_t n) { return static_cast<int64_t>((operator()() + 1) / 2 * static_cast<double>(n)); }
};

// The same values as float and as double, behind a guard that no kernel may read or write usefully.
struct Values {
    std::vector<float> single;
    std::vector<double> twice;

    Values(int64_t n, Noise& noise) : single(static_cast<size_t>(n)), twice(static_cast<size_t>(n)) {
        for (size_t i = 0; i < single.size(); ++i) twice[i] = single[i] = static_cast<float>(noise());
    }
};

// The largest |y - exact| against the largest |exact|.
inline double relative_error(const std::vector<float>& y, const std::vector<double>& exact) {
    double error = 0, size = 1e-30;
    for (size_t i = 0; i < y.size(); ++i) {
        error = std::max(error, y[i] == y[i] ? std::fabs(y[i] - exact[i]) : HUGE_VAL);
        size = std::max(size, std::fabs(exact[i]));
    }
    return error / size;
}

inline bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
    return a.size() == b.size() &&
           (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
}

// Runs f() -> std::vector<float> with 1, 2 and 4 threads: all must give the same bits.
template <class F>
std::vector<float> on_all_thread_counts(F f, bool& same) {
    set_num_threads(1);
    const std::vector<float> y = f();
    for (int threads : {2, 4}) {
        set_num_threads(threads);
        same = same && same_bits(f(), y);
    }
    return y;
}

inline void leaky(const float* x, float* y, int64_t n, float p, float) {
    for (int64_t i = 0; i < n; ++i) y[i] = x[i] > 0 ? x[i] : p * x[i];
}
inline void leaky(const double* x, double* y, int64_t n, double p, double) {
    for (int64_t i = 0; i < n; ++i) y[i] = x[i] > 0 ? x[i] : p * x[i];
}

template <class T>
void between(const T* x, T* y, int64_t n, T low, T high) {
    for (int64_t i = 0; i < n; ++i) y[i] = x[i] < low ? low : x[i] > high ? high : x[i];
}

// Bits: 4 an activation, 8 one that clamps.
template <class T>
void set_activation(Epilogue<T>& e, int bits) {
    if (bits & 4) e.activation = leaky, e.p = T(0.25);
    if (bits & 8) {
        e.low = e.p = T(-0.25);
        e.high = e.q = T(2);
        e.activation = between<T>;
        e.clamps = true;
    }
}

// Clamped results are small beside the sums that they come from, and so is what errors are compared with.
inline double slack(int bits) { return bits & 8 ? 32 : 1; }

}  // namespace lamina::test
