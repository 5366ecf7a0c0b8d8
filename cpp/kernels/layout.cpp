// Numbers in another order: matrices transposed square by square in registers, and rows read in steps.
#include "kernels/table.h"
#include "simd/transpose.h"

namespace lamina::LAMINA_LEVEL {
namespace {

void transpose_any(const Real* x, int64_t x_stride, Real* y, int64_t y_stride, int64_t rows,
                   int64_t columns) {
    for (int64_t i = 0; i < rows; ++i)
        for (int64_t j = 0; j < columns; ++j) y[j * y_stride + i] = x[i * x_stride + j];
}

#if defined(LAMINA_REF64)

void transpose_matrix(const Real* x, int64_t x_stride, Real* y, int64_t y_stride, int64_t rows,
                      int64_t columns) {
    transpose_any(x, x_stride, y, y_stride, rows, columns);
}

#else

constexpr int64_t lanes = VReal::lanes;

void interleave(const Real* __restrict a, const Real* __restrict b, Real* __restrict y, int64_t n) {
    for (int64_t i = 0; i < n; ++i) {
        y[2 * i] = a[i];
        y[2 * i + 1] = b[i];
    }
}

void transpose_matrix(const Real* x, int64_t x_stride, Real* y, int64_t y_stride, int64_t rows,
                      int64_t columns) {
    if (rows == 2 && y_stride == 2) return interleave(x, x + x_stride, y, columns);
    int64_t j = 0;
    for (; j + lanes <= columns; j += lanes) {
        int64_t i = 0;
        for (; i + lanes <= rows; i += lanes) {
            VReal square[lanes];
#pragma GCC unroll 16
            for (int64_t k = 0; k < lanes; ++k) square[k] = VReal::load(x + (i + k) * x_stride + j);
            transpose(square);
#pragma GCC unroll 16
            for (int64_t k = 0; k < lanes; ++k) square[k].store(y + (j + k) * y_stride + i);
        }
        transpose_any(x + i * x_stride + j, x_stride, y + j * y_stride + i, y_stride, rows - i, lanes);
    }
    transpose_any(x + j, x_stride, y + j * y_stride, y_stride, rows, columns - j);
}

#endif

// The steps that occur most are loops of their own, which compilers turn into vectors.
void read_steps(const Real* __restrict x, int64_t step, Real* __restrict y, int64_t n) {
    if (step == -1) {
        for (int64_t i = 0; i < n; ++i) y[i] = x[-i];
    } else if (step == 2) {
        for (int64_t i = 0; i < n; ++i) y[i] = x[2 * i];
    } else {
        for (int64_t i = 0; i < n; ++i) y[i] = x[step * i];
    }
}

}  // namespace

void fill_table_layout(Table<Real>& t) {
    t.transpose = transpose_matrix;
    t.read_steps = read_steps;
}

}  // namespace lamina::LAMINA_LEVEL
