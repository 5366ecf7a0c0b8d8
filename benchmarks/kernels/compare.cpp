// A matrix product for compare_numpy.py, by the level of its name.
#include <cstring>

#include "core/threads.h"
#include "kernels/table.h"

namespace {

template <class Fill>
lamina::Table<float> filled(Fill fill) {
    lamina::Table<float> table{};
    fill(table);
    return table;
}

}  // namespace

extern "C" {

__attribute__((visibility("default"))) void compare_set_threads(int threads) {
    lamina::set_num_threads(threads);
}

// c = a * b, row-major and without gaps; false for an unknown level.
__attribute__((visibility("default"))) bool compare_gemm(const char* level, const float* a, const float* b,
                                                         float* c, int64_t m, int64_t n, int64_t k) {
    lamina::Gemm<float> g{};
    g.a = a, g.b = b, g.c = c;
    g.m = m, g.n = n, g.k = k;
    g.a_stride = k;
    g.b_stride = g.c_stride = n;
#if defined(__x86_64__)
    static const lamina::Table<float> v2 = filled(lamina::v2::fill_table_gemm);
    static const lamina::Table<float> v3 = filled(lamina::v3::fill_table_gemm);
    static const lamina::Table<float> v4 = filled(lamina::v4::fill_table_gemm);
    if (std::strcmp(level, "v2") == 0) return v2.gemm(g), true;
    if (std::strcmp(level, "v3") == 0) return v3.gemm(g), true;
    if (std::strcmp(level, "v4") == 0) return v4.gemm(g), true;
#elif defined(__aarch64__)
    static const lamina::Table<float> neon = filled(lamina::neon::fill_table_gemm);
    if (std::strcmp(level, "neon") == 0) return neon.gemm(g), true;
#endif
    return false;
}
}
