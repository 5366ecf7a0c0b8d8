// What the C++ tests share: checks that count failures, and the tables of the levels that this CPU can run.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "kernels/table.h"
#include "simd/cpu.h"

namespace lamina::test {

inline int failures = 0;

inline void fail(const char* file, int line, const char* what) {
    if (++failures <= 20) std::fprintf(stderr, "%s:%d: %s\n", file, line, what);
}

#define CHECK(condition) ((condition) ? void() : ::lamina::test::fail(__FILE__, __LINE__, #condition))

// What main returns.
inline int result() {
    if (failures) std::fprintf(stderr, "%d checks failed\n", failures);
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}

// The kernels of this folder's tests, filled straight from the levels' own functions.
#define LAMINA_TEST_TABLE(isa, T)           \
    inline Table<T> table_##isa() {         \
        Table<T> table{};                   \
        table.level = #isa;                 \
        isa::fill_table_elementwise(table); \
        isa::fill_table_reduce(table);      \
        isa::fill_table_optimizers(table);  \
        isa::fill_table_norm(table);        \
        return table;                       \
    }
LAMINA_TEST_TABLE(ref64, double)
#if defined(__x86_64__)
LAMINA_TEST_TABLE(v2, float)
LAMINA_TEST_TABLE(v3, float)
LAMINA_TEST_TABLE(v4, float)
#elif defined(__aarch64__)
LAMINA_TEST_TABLE(neon, float)
#endif
#undef LAMINA_TEST_TABLE

inline std::vector<Table<float>> vector_tables() {
    std::vector<Table<float>> tables;
#if defined(__x86_64__)
    if (cpu_runs("v2")) tables.push_back(table_v2());
    if (cpu_runs("v3")) tables.push_back(table_v3());
    if (cpu_runs("v4")) tables.push_back(table_v4());
#elif defined(__aarch64__)
    tables.push_back(table_neon());
#endif
    return tables;
}

// The distance of y from the exact value in units in the last place of the float nearest to it.
inline double ulp_error(float y, double exact) {
    const float nearest = static_cast<float>(exact);
    if (y == nearest || (y != y && exact != exact)) return 0;
    if (y != y || exact != exact) return HUGE_VAL;
    if (std::isinf(exact)) return HUGE_VAL;
    const double value = std::isinf(y) ? std::copysign(0x1p128, y) : y;
    int exponent;
    std::frexp(exact, &exponent);
    const double unit = std::ldexp(1.0, std::max(exponent, -125) - 24);
    return std::fabs(value - exact) / unit;
}

}  // namespace lamina::test
