// One row times a transposed matrix: dot products, with vectors along the depth.
#pragma once

#include "kernels/gemm_tile.h"

namespace lamina::LAMINA_LEVEL {
namespace {

constexpr int64_t dot_grain = 1 << 17;  // fewer multiply-adds are not worth a second thread

// c[r] = the dot product of x and b's stored row r, in two chains per lane.
template <int rows>
LAMINA_INLINE void dot_tile(const Real* x, const Real* b, int64_t b_row, Real* c, int64_t k, bool add) {
    VReal sum[rows][2];
#pragma GCC unroll 4
    for (int r = 0; r < rows; ++r) sum[r][0] = sum[r][1] = VReal(0);
    int64_t p = 0;
    for (; p + 2 * lanes <= k; p += 2 * lanes) {
        const VReal x0 = VReal::load(x + p), x1 = VReal::load(x + p + lanes);
#pragma GCC unroll 4
        for (int r = 0; r < rows; ++r) {
            sum[r][0] = fma(x0, VReal::load(b + r * b_row + p), sum[r][0]);
            sum[r][1] = fma(x1, VReal::load(b + r * b_row + p + lanes), sum[r][1]);
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
        const Real total = reduce_add(sum[r][0] + sum[r][1]);
        c[r] = add ? total + c[r] : total;
    }
}

// c[j] = the dot product of x and b's stored row j, for j < n. x's values are x_step apart.
void dot_with_rows(const Real* x, int64_t x_step, const Real* b, int64_t b_row, Real* c, int64_t n, int64_t k,
                   bool add) {
    if (x_step != 1) {
        Real* copy = scratch(0, k);
        for (int64_t p = 0; p < k; ++p) copy[p] = x[p * x_step];
        x = copy;
    }
    parallel_for(n, ceil_div(dot_grain, k + 1), [&](int64_t begin, int64_t end) {
        int64_t j = begin;
        for (; j + 4 <= end; j += 4) dot_tile<4>(x, b + j * b_row, b_row, c + j, k, add);
        for (; j < end; ++j) dot_tile<1>(x, b + j * b_row, b_row, c + j, k, add);
    });
}

}  // namespace
}  // namespace lamina::LAMINA_LEVEL
