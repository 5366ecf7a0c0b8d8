// One row times a transposed matrix: dot products, with vectors along the depth.
#pragma once

#include "kernels/gemm_tile.h"

namespace lamina::LAMINA_LEVEL {
namespace {

constexpr int64_t dot_grain = 1 << 16;  // fewer multiply-adds are not worth a second thread
constexpr int64_t dot_part = 1 << 14;   // of a long sum: a chain has so few terms that little is rounded away

// c[r] = the dot product of x and b's stored row r, in chains of registers.
template <int rows>
LAMINA_INLINE void dot_tile(const Real* x, const Real* b, int64_t b_row, Real* c, int64_t k, bool add) {
    constexpr int chains = rows == 1 ? 8 : 2;
    constexpr int64_t step = chains * lanes;
    VReal sum[rows][chains];
#pragma GCC unroll 8
    for (int i = 0; i < rows * chains; ++i) sum[i / chains][i % chains] = VReal(0);
    int64_t p = 0;
    for (; p + step <= k; p += step) {
#pragma GCC unroll 8
        for (int i = 0; i < rows * chains; ++i) {
            const int r = i / chains, chain = i % chains;
            const int64_t at = p + chain * lanes;
            sum[r][chain] = fma(VReal::load(x + at), VReal::load(b + r * b_row + at), sum[r][chain]);
        }
    }
    for (; p < k; p += lanes) {
        const int64_t count = min(k - p, lanes);
        const VReal x0 = VReal::load_partial(x + p, count);
#pragma GCC unroll 4
        for (int r = 0; r < rows; ++r)
            sum[r][0] = fma(x0, VReal::load_partial(b + r * b_row + p, count), sum[r][0]);
    }
#pragma GCC unroll 4
    for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 4
        for (int width = chains / 2; width > 0; width /= 2)
#pragma GCC unroll 4
            for (int i = 0; i < width; ++i) sum[r][i] = sum[r][i] + sum[r][i + width];
        const Real total = reduce_add(sum[r][0]);
        c[r] = add ? total + c[r] : total;
    }
}

// c[j] = the dot product of x and b's stored row j, for j in [begin, end).
LAMINA_INLINE void dot_rows(const Real* x, const Real* b, int64_t b_row, Real* c, int64_t begin, int64_t end,
                            int64_t k, bool add) {
    int64_t j = begin;
    for (; j + 4 <= end; j += 4) dot_tile<4>(x, b + j * b_row, b_row, c + j, k, add);
    for (; j < end; ++j) dot_tile<1>(x, b + j * b_row, b_row, c + j, k, add);
}

// The same for all j < n and a depth of several parts, whose sums are added pairwise.
void dot_of_parts(const Real* x, const Real* b, int64_t b_row, Real* c, int64_t n, int64_t k, bool add) {
    const int64_t parts = ceil_div(k, dot_part), groups = ceil_div(n, 4);
    Real* sums = scratch(4, parts * n);
    parallel_for(groups * parts, ceil_div(dot_grain, min(n, 4) * dot_part), [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
            const int64_t j = i / parts * 4, part = i % parts, first = part * dot_part;
            dot_rows(x + first, b + first, b_row, sums + part * n, j, min(j + 4, n), min(k - first, dot_part),
                     false);
        }
    });
    for (int64_t width = 1; width < parts; width *= 2)
        for (int64_t part = 0; part + width < parts; part += 2 * width)
            for (int64_t j = 0; j < n; ++j) sums[part * n + j] += sums[(part + width) * n + j];
    for (int64_t j = 0; j < n; ++j) c[j] = add ? c[j] + sums[j] : sums[j];
}

// The same for any depth. x's values are x_step apart.
void dot_with_rows(const Real* x, int64_t x_step, const Real* b, int64_t b_row, Real* c, int64_t n, int64_t k,
                   bool add) {
    if (x_step != 1) {
        Real* copy = scratch(0, k);
        for (int64_t p = 0; p < k; ++p) copy[p] = x[p * x_step];
        x = copy;
    }
    if (k > dot_part) return dot_of_parts(x, b, b_row, c, n, k, add);
    // Fours of rows, whatever the cut: a row of its own is added in another order.
    parallel_for(ceil_div(n, 4), ceil_div(dot_grain, 4 * k + 1), [&](int64_t begin, int64_t end) {
        dot_rows(x, b, b_row, c, 4 * begin, min(4 * end, n), k, add);
    });
}

}  // namespace
}  // namespace lamina::LAMINA_LEVEL
