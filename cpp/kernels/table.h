// The kernels of one CPU level, as a table of function pointers.
//
// Kernels see raw pointers and sizes. T is float at the vector levels and double at ref64. Each level
// fills one table (fill_table_v2, ...); isa.h chooses among them. A kernel that uses several threads says so;
// all others work on the part that the caller gives them. Buffers never overlap unless a comment allows it.
#pragma once

#include <cstdint>

namespace lamina {

// ---- elementwise -------------------------------------------------------------------------------------------

// One formula a line in the .h files below serves this enum and the kernels.
enum class Unary : uint8_t {
#define LAMINA_FORMULA(name, ...) name,
#include "kernels/unary_formulas.h"
#undef LAMINA_FORMULA
    count_
};

enum class Binary : uint8_t {
#define LAMINA_FORMULA(name, ...) name,
#include "kernels/binary_formulas.h"
#undef LAMINA_FORMULA
    count_
};

// The derivatives of activations.
enum class Slope : uint8_t {
#define LAMINA_FORMULA(name, ...) name,
#include "kernels/slope_formulas.h"
#undef LAMINA_FORMULA
    count_
};

enum class Compare : uint8_t { equal, not_equal, less, less_equal, greater, greater_equal, count_ };

// y[i] = f(x[i]); p and q are the formula's parameters (slope, bounds, ...). y may be x.
template <class T>
using UnaryKernel = void (*)(const T* x, T* y, int64_t n, T p, T q);

// y[i] = f(a[i * a_step], b[i * b_step]) with steps of 0 or 1. y may be a or b where their step is 1.
template <class T>
using BinaryKernel = void (*)(const T* a, const T* b, T* y, int64_t n, int a_step, int b_step);

// dx[i] = dy[i] * f'(x[i]), written in terms of y = f(x); p is the parameter of f. dx may be dy.
template <class T>
using SlopeKernel = void (*)(const T* dy, const T* y, T* dx, int64_t n, T p);

template <class T>
using CompareKernel = void (*)(const T* a, const T* b, uint8_t* y, int64_t n, int a_step, int b_step);

// y[i] = c[i * c_step] ? a[i * a_step] : b[i * b_step]
template <class T>
using SelectKernel = void (*)(const uint8_t* c, const T* a, const T* b, T* y, int64_t n, int c_step,
                              int a_step, int b_step);

// ---- reductions --------------------------------------------------------------------------------------------

enum class Reduce : uint8_t { sum, prod, max, min, sum_of_squares, count_ };

// The n values at x, contiguous, become one. NaN in gives NaN out. The order of additions depends on n only.
template <class T>
using ReduceRun = T (*)(const T* x, int64_t n);

// y[j] = f(y[j], x[i * row_step + j]) for j in [0, columns) and i in [0, n), in this order; the caller sets y
// beforehand.
template <class T>
using ReduceColumns = void (*)(const T* x, T* y, int64_t n, int64_t columns, int64_t row_step);

// rows x n, each row normalised: softmax, or its logarithm. y may be x.
template <class T>
using SoftmaxRows = void (*)(const T* x, T* y, int64_t rows, int64_t n);

// dx = (dy - sum(dy * y)) * y for softmax, dy - exp(y) * sum(dy) for log-softmax; y is the forward result.
template <class T>
using SoftmaxGradRows = void (*)(const T* dy, const T* y, T* dx, int64_t rows, int64_t n);

// ---- contractions ------------------------------------------------------------------------------------------

// What happens to a finished tile: y = activation(y + bias[column] + addend[row, column]), each part
// optional.
template <class T>
struct Epilogue {
    const T* bias = nullptr;
    const T* addend = nullptr;
    int64_t addend_stride = 0;  // elements between the addend's rows
    UnaryKernel<T> activation = nullptr;
    T p = 0, q = 0;
    // The activation is min(high, max(low, y)), which kernels apply before they store y.
    bool clamps = false;
    T low = 0, high = 0;
};

// c (m x n) = op(a) (m x k) * op(b) (k x n), row-major with the given strides between stored rows.
// With accumulate, c's old content is added (before the epilogue). Uses several threads.
template <class T>
struct Gemm {
    const T* a;
    const T* b;
    T* c;
    int64_t m, n, k;
    int64_t a_stride, b_stride, c_stride;
    bool transpose_a = false, transpose_b = false;
    bool accumulate = false;
    Epilogue<T> epilogue;
    const T* packed_b = nullptr;  // b as gemm_pack arranged it; b itself is then not read
};

// NHWC; filters are [k_h, k_w, in_c, out_c] ([k_h, k_w, in_c, multiplier] when depthwise, with
// out_c = in_c * multiplier and output channel in_c * multiplier + j). Padding below and right follows from
// out_h, out_w.
struct ConvShape {
    int64_t batch, in_h, in_w, in_c, out_h, out_w, out_c;
    int64_t k_h, k_w, stride_h, stride_w, dilation_h, dilation_w, pad_top, pad_left;
};

struct PoolShape {
    int64_t batch, in_h, in_w, channels, out_h, out_w;
    int64_t k_h, k_w, stride_h, stride_w, dilation_h, dilation_w, pad_top, pad_left;
};

// ---- optimizers: one pass over one segment, in place -------------------------------------------------------

template <class T>
struct AdamStep {
    T learning_rate, beta1, beta2, epsilon;
    T correction1, correction2;  // 1 - beta^t
    // Better given from double arithmetic: float(1 - 0.999) and 1 - float(0.999) differ by 1e-5.
    T rest1 = 1 - beta1, rest2 = 1 - beta2;
    T shrink = 0;  // learning rate * weight decay: the share of the weight that goes before the step
};

template <class T>
struct AdamaxStep {
    T rate;  // learning rate / (1 - beta1^t)
    T beta1, beta2, epsilon;
    T rest1 = 1 - beta1;
};

template <class T>
struct NadamStep {
    T learning_rate, beta1, beta2, epsilon;
    T rest1, rest2;
    T mean_share, gradient_share;  // what the mean and the gradient of this step count in the update
    T correction2;                 // 1 - beta2^t
};

template <class T>
struct LionStep {
    T learning_rate, beta1, beta2;
    T rest1, rest2;
    T shrink = 0;  // as in AdamStep
};

template <class T>
struct AdadeltaStep {
    T learning_rate, rho, epsilon;
    T rest = 1 - rho;
};

template <class T>
struct RmsPropStep {
    T learning_rate, decay, momentum, epsilon;
    T rest = 1 - decay;  // better from double, as above
};

// ---- Fourier transforms ------------------------------------------------------------------------------------

// One pass of an autosorting (Stockham) transform over n = radix * m * s complex numbers, their real and
// imaginary parts apart. For p < m, q < s and j < radix:
//     y[q + s * (radix * p + j)] = w^(p j) * sum over k < radix of x[q + s * (p + m * k)] * r^(j k)
// with the twiddles w^(p j) at [(j - 1) * m + p], and the roots r^i at [i]. x and y do not overlap.
template <class T>
struct FourierPass {
    const T *x_re, *x_im;
    T *y_re, *y_im;
    const T *twiddle_re, *twiddle_im, *root_re, *root_im;
    int64_t radix, m, s;
};

template <class T>
struct Table {
    const char* level;
    int lanes;

    UnaryKernel<T> unary[static_cast<int>(Unary::count_)];
    BinaryKernel<T> binary[static_cast<int>(Binary::count_)];
    CompareKernel<T> compare[static_cast<int>(Compare::count_)];
    SelectKernel<T> select;
    SlopeKernel<T> slope[static_cast<int>(Slope::count_)];

    // Whole numbers and truth values; in binary_int there is null where a formula has no such form.
    CompareKernel<int32_t> compare_int[static_cast<int>(Compare::count_)];
    CompareKernel<uint8_t> compare_truth[static_cast<int>(Compare::count_)];
    CompareKernel<uint8_t> logical_and, logical_or, logical_xor;
    BinaryKernel<int32_t> binary_int[static_cast<int>(Binary::count_)];  // y is not a or b
    BinaryKernel<int32_t> bit_and;
    bool (*has_truth)(const uint8_t* x, int64_t n, bool value);  // whether any of the n is `value`
    void (*is_nan)(const T* x, uint8_t* y, int64_t n);
    void (*is_inf)(const T* x, uint8_t* y, int64_t n);
    void (*is_finite)(const T* x, uint8_t* y, int64_t n);
    // Cut toward zero, up to the first number that int32 does not hold; returns how many those are.
    int64_t (*to_int32)(const T* x, int32_t* y, int64_t n);
    void (*from_int32)(const int32_t* x, T* y, int64_t n);
    void (*from_truth)(const uint8_t* x, T* y, int64_t n);
    // y[i] = start + (first + i) * step, in double.
    void (*ramp)(double start, double step, int64_t first, T* y, int64_t n);
    // y[j * y_stride + i] = x[i * x_stride + j] and y[i] = x[i * step]; they move bits, whatever these mean.
    void (*transpose)(const T* x, int64_t x_stride, T* y, int64_t y_stride, int64_t rows, int64_t columns);
    void (*read_steps)(const T* x, int64_t step, T* y, int64_t n);

    ReduceRun<T> reduce_run[static_cast<int>(Reduce::count_)];
    ReduceColumns<T> reduce_columns[static_cast<int>(Reduce::count_)];
    // Index of the first largest (smallest) of n contiguous values; NaN is skipped, all NaN gives 0.
    int64_t (*arg_max)(const T* x, int64_t n);
    int64_t (*arg_min)(const T* x, int64_t n);
    // Index of the first of n values that is above the bound or NaN; n where none is.
    int64_t (*first_above)(const T* x, int64_t n, T bound);
    SoftmaxRows<T> softmax, log_softmax;
    SoftmaxGradRows<T> softmax_grad, log_softmax_grad;
    // y[row] = log(sum(exp(x[row])))
    SoftmaxRows<T> log_sum_exp;
    // Per row: loss = log(sum(exp(x))) * sum(target) - sum(target * x), and where dx is given
    // dx = softmax(x) * sum(target) - target.
    void (*softmax_cross_entropy)(const T* x, const T* target, T* loss, T* dx, int64_t rows, int64_t n);

    // Several threads, all of these.
    void (*gemm)(const Gemm<T>& args);
    void (*gemm_batched)(const Gemm<T>& args, int64_t batch, int64_t a_step, int64_t b_step, int64_t c_step);
    // b of `args` in the form that products read, whatever their m: so many values, 0 where there is none.
    int64_t (*gemm_packed_size)(const Gemm<T>& args);
    void (*gemm_pack)(const Gemm<T>& args, T* packed);
    void (*conv2d)(const ConvShape& s, const T* x, const T* filter, T* y, const Epilogue<T>& epilogue);
    // The same for filters, and the convolution with one.
    int64_t (*conv2d_packed_size)(const ConvShape& s);
    void (*conv2d_pack)(const ConvShape& s, const T* filter, T* packed);
    void (*conv2d_packed)(const ConvShape& s, const T* x, const T* packed, T* y, const Epilogue<T>& epilogue);
    // conv2d, or conv2d_packed where packed is not null, of which the largest of each of the windows of rows
    // x columns that lie beside each other is kept, as max_pool does; what is left over at the end is cut
    // off. Filters of one tap are not packed for it. Several threads.
    void (*conv2d_max_pool)(const ConvShape& s, int64_t rows, int64_t columns, const T* x, const T* filter,
                            const T* packed, T* y, const Epilogue<T>& epilogue);
    void (*conv2d_grad_input)(const ConvShape& s, const T* dy, const T* filter, T* dx);
    void (*conv2d_grad_filter)(const ConvShape& s, const T* x, const T* dy, T* dfilter);
    void (*depthwise)(const ConvShape& s, const T* x, const T* filter, T* y, const Epilogue<T>& epilogue);
    void (*depthwise_grad_input)(const ConvShape& s, const T* dy, const T* filter, T* dx);
    void (*depthwise_grad_filter)(const ConvShape& s, const T* x, const T* dy, T* dfilter);
    void (*max_pool)(const PoolShape& s, const T* x, T* y);
    // The gradient goes to the first largest of each window.
    void (*max_pool_grad)(const PoolShape& s, const T* dy, const T* x, T* dx);
    // The same where x = relu(z), for the gradient of z.
    void (*max_pool_relu_grad)(const PoolShape& s, const T* dy, const T* x, T* dx);
    // y[...] = dy at the place of each window's first largest x: the derivative of max_pool_grad by dy.
    void (*max_pool_pick)(const PoolShape& s, const T* values, const T* x, T* y);
    // Padding is not counted in the divisor.
    void (*avg_pool)(const PoolShape& s, const T* x, T* y);
    void (*avg_pool_grad)(const PoolShape& s, const T* dy, T* dx);

    // One row at one step of an LSTM of u units: of the sums for i, f, c, o come the four gates followed by
    // the cell, and h. A null activation is the identity. gates may be sums.
    void (*lstm_cell)(const T* sums, const T* c_before, T* gates, T* h, int64_t u, UnaryKernel<T> activation,
                      UnaryKernel<T> recurrent);
    // Back through it: dz for the sums; dh and dc become the gradients of h and c before the step, dh (0)
    // without what comes through the sums. A null slope is 1.
    void (*lstm_cell_grad)(const T* gates, const T* c_before, T* dz, T* dh, T* dc, int64_t u,
                           UnaryKernel<T> activation, SlopeKernel<T> slope, SlopeKernel<T> recurrent_slope);

    // rows x inner values are copied from table[index[i]] to y[i]; an index outside of [0, size) gives zeros.
    void (*gather_rows)(const T* table, const int32_t* index, T* y, int64_t rows, int64_t inner,
                        int64_t size);
    // y[index[i]] += x[i] in the order of i; indices outside of [0, size) are skipped.
    void (*scatter_add_rows)(const T* x, const int32_t* index, T* y, int64_t rows, int64_t inner,
                             int64_t size);

    // y = (x - mean) / sqrt(variance + epsilon) * scale + offset per channel, for rows x channels; scale and
    // offset may be null.
    void (*batch_norm)(const T* x, const T* mean, const T* variance, const T* scale, const T* offset,
                       T epsilon, T* y, int64_t rows, int64_t channels);
    // The same for rows of n values, each by its own mean and population variance; scale and offset, n values
    // each, may be null. y may be x.
    void (*layer_norm)(const T* x, const T* scale, const T* offset, T epsilon, T* y, int64_t rows, int64_t n);
    // Population mean and variance per channel, two passes. Several threads.
    void (*moments)(const T* x, T* mean, T* variance, int64_t rows, int64_t channels);
    // Per channel: the sums of dy and of dy * (x - mean). Several threads.
    void (*batch_norm_sums)(const T* x, const T* dy, const T* mean, T* sum, T* moment, int64_t rows,
                            int64_t channels);
    // dx = a * dy + p * (x - mean) + q per channel.
    void (*batch_norm_grad)(const T* x, const T* dy, const T* mean, const T* a, const T* p, const T* q, T* dx,
                            int64_t rows, int64_t channels);

    // Where values would be put into n sorted ones, n < 2^31: before those that equal them, or behind. The
    // elements are looked at in the order of std::lower_bound.
    void (*search)(const T* sorted, int64_t n, const T* values, int32_t* y, int64_t count, bool before);

    // Elements [begin, begin + n) of the sequences of core/random.h, with step 0.
    void (*random_uniform)(uint64_t key, uint64_t stream, T* y, int64_t begin, int64_t n);
    void (*random_normal)(uint64_t key, uint64_t stream, T* y, int64_t begin, int64_t n);
    void (*random_truncated_normal)(uint64_t key, uint64_t stream, T* y, int64_t begin, int64_t n);
    void (*random_dropout)(uint64_t key, uint64_t stream, double rate, T* y, int64_t begin, int64_t n);

    void (*fourier_pass)(const FourierPass<T>& pass);

    void (*sgd)(T* w, const T* g, int64_t n, T learning_rate);
    void (*momentum)(T* w, T* a, const T* g, int64_t n, T learning_rate, T momentum, bool nesterov);
    void (*adam)(T* w, T* m, T* v, const T* g, int64_t n, const AdamStep<T>& s);
    void (*adamax)(T* w, T* m, T* v, const T* g, int64_t n, const AdamaxStep<T>& s);
    void (*nadam)(T* w, T* m, T* v, const T* g, int64_t n, const NadamStep<T>& s);
    void (*lion)(T* w, T* m, const T* g, int64_t n, const LionStep<T>& s);
    void (*adagrad)(T* w, T* a, const T* g, int64_t n, T learning_rate, T epsilon);
    void (*adadelta)(T* w, T* square_grad, T* square_step, const T* g, int64_t n, const AdadeltaStep<T>& s);
    // mean_grad is null unless centered.
    void (*rmsprop)(T* w, T* mean_square, T* mean_grad, T* mom, const T* g, int64_t n,
                    const RmsPropStep<T>& s);
};

// Each level adds its kernels by these; one per source file in kernels/.
#define LAMINA_FILL(level, T)                     \
    namespace level {                             \
    void fill_table_elementwise(Table<T>& table); \
    void fill_table_lstm(Table<T>& table);        \
    void fill_table_numbers(Table<T>& table);     \
    void fill_table_layout(Table<T>& table);      \
    void fill_table_random(Table<T>& table);      \
    void fill_table_reduce(Table<T>& table);      \
    void fill_table_optimizers(Table<T>& table);  \
    void fill_table_gemm(Table<T>& table);        \
    void fill_table_conv(Table<T>& table);        \
    void fill_table_depthwise(Table<T>& table);   \
    void fill_table_pool(Table<T>& table);        \
    void fill_table_rows(Table<T>& table);        \
    void fill_table_fourier(Table<T>& table);     \
    void fill_table_norm(Table<T>& table);        \
    void fill_table_norm_grad(Table<T>& table);   \
    }
#if defined(__x86_64__)
LAMINA_FILL(v2, float)
LAMINA_FILL(v3, float)
LAMINA_FILL(v4, float)
#elif defined(__aarch64__)
LAMINA_FILL(neon, float)
#endif
LAMINA_FILL(ref64, double)

}  // namespace lamina
