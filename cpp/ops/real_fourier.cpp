// Fourier transforms of real numbers along the last dimension: those of half as many complex ones.
#include <cmath>

#include "ops/fourier.h"
#include "ops/fourier_plan.h"
#include "ops/functions.h"
#include "ops/kernel_use.h"

namespace lamina {

namespace {

// Of the last dimension the elements [0, count), or zeros behind them.
Tensor resized(const Tensor& x, int64_t count) {
    const Shape& s = x.shape();
    const int last = s.rank() - 1;
    if (count == s[last]) return x;
    if (count < s[last]) {
        const Shape to = s.with(last, count);
        return slice(x, Ints(static_cast<size_t>(s.rank()), 0), Ints(to.begin(), to.end()));
    }
    Ints paddings(static_cast<size_t>(2 * s.rank()), 0);
    paddings.back() = count - s[last];
    return pad(x, paddings);
}

// The pairs [begin, begin + count) of the last but one dimension.
Tensor some_pairs(const Tensor& x, int64_t begin, int64_t count) {
    const int at = x.rank() - 2;
    const Shape to = x.shape().with(at, count);
    Ints from(static_cast<size_t>(x.rank()), 0);
    from[static_cast<size_t>(at)] = begin;
    return slice(x, from, Ints(to.begin(), to.end()));
}

// The first of each pair.
Tensor real_of_pairs(const Tensor& x) {
    const Shape re = x.shape().with(x.rank() - 1, 1);
    const Tensor first = slice(x, Ints(static_cast<size_t>(x.rank()), 0), Ints(re.begin(), re.end()));
    return reshape(first, re.without(re.rank() - 1));
}

// ---- one row -----------------------------------------------------------------------------------------------

// With z[j] = x[2 j] + i x[2 j + 1], the transform of x is that of its even places plus w^k = exp(-2 pi i k /
// n) times that of its odd ones, and both are in the transform of z:
//     even[k] = (z[k] + conj z[m - k]) / 2,  odd[k] = (z[k] - conj z[m - k]) / 2 i,  m = n / 2.
template <class T>
void unfold(const FourierPlan<T>& plan, Parts<T> z, int64_t m, T* y) {
    y[0] = z.re[0] + z.im[0];
    y[1] = 0;
    y[2 * m] = z.re[0] - z.im[0];
    y[2 * m + 1] = 0;
    const T* w_re = plan.half_turn_re();
    const T* w_im = plan.half_turn_im();
    for (int64_t k = 1; k < m; ++k) {
        const T even_re = (z.re[k] + z.re[m - k]) / 2, even_im = (z.im[k] - z.im[m - k]) / 2;
        const T odd_re = (z.im[k] + z.im[m - k]) / 2, odd_im = (z.re[m - k] - z.re[k]) / 2;
        y[2 * k] = even_re + (w_re[k] * odd_re - w_im[k] * odd_im);
        y[2 * k + 1] = even_im + (w_re[k] * odd_im + w_im[k] * odd_re);
    }
}

// The other way: z[k] = even[k] + i odd[k], from which the imaginary parts at both ends are left out.
template <class T>
void fold(const FourierPlan<T>& plan, const T* x, int64_t m, Parts<T> z) {
    z.re[0] = (x[0] + x[2 * m]) / 2;
    z.im[0] = (x[0] - x[2 * m]) / 2;
    const T* w_re = plan.half_turn_re();
    const T* w_im = plan.half_turn_im();
    for (int64_t k = 1; k < m; ++k) {
        const T *a = x + 2 * k, *b = x + 2 * (m - k);
        const T even_re = (a[0] + b[0]) / 2, even_im = (a[1] - b[1]) / 2;
        const T rest_re = (a[0] - b[0]) / 2, rest_im = (a[1] + b[1]) / 2;
        // Times conj w.
        const T odd_re = rest_re * w_re[k] + rest_im * w_im[k],
                odd_im = rest_im * w_re[k] - rest_re * w_im[k];
        z.re[k] = even_re - odd_im;
        z.im[k] = even_im + odd_re;
    }
}

// Calls f(row, first, second) with scratch memory for each row.
template <class T, class F>
void each_row(const FourierPlan<T>& plan, int64_t rows, F f) {
    const int64_t work = plan.scratch();
    const auto cost = static_cast<double>(work) * (8 + std::log2(static_cast<double>(work)));
    parallel_for(rows, static_cast<int64_t>(32768 / cost) + 1, [&](int64_t begin, int64_t end) {
        // Convolutions' memory: none runs on this thread meanwhile.
        T* memory = static_cast<T*>(thread_scratch(2, static_cast<size_t>(4 * work) * sizeof(T)));
        for (int64_t row = begin; row < end; ++row)
            f(row, Parts<T>{memory, memory + work}, Parts<T>{memory + 2 * work, memory + 3 * work});
    });
}

template <class T>
void run_forward(const Tensor& x, Tensor& out) {
    const int64_t n = x.shape()[x.rank() - 1], rows = x.size() / n, half = n / 2 + 1;
    const bool even = n % 2 == 0;
    const auto plan = FourierPlan<T>::of(even ? n / 2 : n);
    each_row(*plan, rows, [&](int64_t row, Parts<T> first, Parts<T> second) {
        const T* from = x.data<T>() + row * n;
        T* to = out.mutable_data<T>() + row * half * 2;
        for (int64_t i = 0; i < (even ? n / 2 : n); ++i) {
            first.re[i] = from[even ? 2 * i : i];
            first.im[i] = even ? from[2 * i + 1] : T(0);
        }
        const Parts<T> y = plan->run(first, second);
        if (even) return unfold(*plan, y, n / 2, to);
        for (int64_t k = 0; k < half; ++k) {
            to[2 * k] = y.re[k];
            to[2 * k + 1] = y.im[k];
        }
    });
}

template <class T>
void run_backward(const Tensor& x, Tensor& out) {
    const int64_t half = x.shape()[x.rank() - 2], m = half - 1, rows = x.size() / 2 / half;
    const auto plan = FourierPlan<T>::of(m);
    each_row(*plan, rows, [&](int64_t row, Parts<T> first, Parts<T> second) {
        T* to = out.mutable_data<T>() + row * 2 * m;
        fold(*plan, x.data<T>() + row * half * 2, m, first);
        // The other direction is the plan's own with the parts swapped.
        const Parts<T> y = plan->run({first.im, first.re}, {second.im, second.re});
        const T scale = T(1) / static_cast<T>(m);
        for (int64_t i = 0; i < m; ++i) {
            to[2 * i] = scale * y.im[i];
            to[2 * i + 1] = scale * y.re[i];
        }
    });
}

// ---- the ops -----------------------------------------------------------------------------------------------

const Op& forward_op = define({
    .name = "realFourier",
    .inputs = {{"x", Accept::real}},
    .infer = [](const Call& c) -> Specs {
        const Shape& s = c[0].shape();
        if (s.rank() < 1 || s[s.rank() - 1] < 1)
            value_error("realFourier: x must be [..., n] with n above 0, got [", s, "].");
        const int last = s.rank() - 1;
        return {{c[0].dtype(), s.with(last, s[last] / 2 + 1).inserted(s.rank(), 2)}};
    },
    .run =
        [](const Call& c, Tensors& out) {
            if (c[0].size() == 0) return;
            visit_real(c[0].dtype(), [&]<class T>() { run_forward<T>(c[0], out[0]); });
        },
    .no_grad = "made of differentiable ops",
    .decompose = [](const Call& c) -> Tensors {
        const Shape& s = c[0].shape();
        const Tensor re = reshape(c[0], s.inserted(s.rank(), 1));
        Ints paddings(static_cast<size_t>(2 * re.rank()), 0);
        paddings.back() = 1;
        return {some_pairs(fourier(pad(re, paddings), false, 1), 0, s[s.rank() - 1] / 2 + 1)};
    },
    .method = false,
    .internal = true,
    .doc = "The first n / 2 + 1 numbers of the transform of real numbers [..., n], as pairs.",
});

const Op& backward_op = define({
    .name = "realFourierInverse",
    .inputs = {{"x", Accept::real}},
    .infer = [](const Call& c) -> Specs {
        const Shape& s = c[0].shape();
        if (s.rank() < 2 || s[s.rank() - 1] != 2 || s[s.rank() - 2] < 2)
            value_error("realFourierInverse: x must be [..., n, 2] with n above 1, got [", s, "].");
        const Shape rows = s.without(s.rank() - 1);
        const int last = rows.rank() - 1;
        return {{c[0].dtype(), rows.with(last, 2 * (rows[last] - 1))}};
    },
    .run =
        [](const Call& c, Tensors& out) {
            if (c[0].size() == 0) return;
            visit_real(c[0].dtype(), [&]<class T>() { run_backward<T>(c[0], out[0]); });
        },
    .no_grad = "made of differentiable ops",
    .decompose = [](const Call& c) -> Tensors {
        Tensor x = c[0];
        const int64_t half = x.shape()[x.rank() - 2];
        if (half > 2) {
            // Behind them, backwards, the conjugates of all but the first and the last.
            const Tensor rest = reverse(some_pairs(x, 1, half - 2), {x.rank() - 2});
            Tensor signs = Tensor::empty(x.dtype(), Shape{2}, "irfft");
            visit_real(x.dtype(), [&]<class T>() {
                signs.mutable_data<T>()[0] = 1;
                signs.mutable_data<T>()[1] = -1;
            });
            x = concat({x, mul(rest, signs)}, x.rank() - 2);
        }
        const Tensor y = fourier(x, true, 1.0 / static_cast<double>(x.shape()[x.rank() - 2]));
        return {real_of_pairs(y)};
    },
    .method = false,
    .internal = true,
    .doc = "The 2 (n - 1) real numbers whose transform begins with the pairs [..., n, 2].",
});

[[maybe_unused]] const Op& rfft_op = define({
    .name = "rfft",
    .inputs = {{"input"}},
    .attrs = {{"fftLength", AttrType::integer, None{}, true}},
    .no_grad = "made of differentiable ops",
    .decompose = [](const Call& c) -> Tensors {
        if (!is_real(c[0].dtype()))
            type_error("The dtype for rfft() must be real value but got ", name_of(c[0].dtype()));
        const int64_t size = transformed_size(c), n = c.given("fftLength") ? c.integer("fftLength") : size;
        if (n < 1) value_error("rfft: the length must be at least 1, but got ", n, ".");
        return {complex_from_pairs(call1(forward_op, {resized(c[0], n)}))};
    },
    .doc = "The first n / 2 + 1 numbers of the discrete Fourier transform of real numbers along the last "
           "dimension, which "
           "is cut or filled with zeros to n = fftLength first. The others are their conjugates.",
});

[[maybe_unused]] const Op& irfft_op = define({
    .name = "irfft",
    .inputs = {{"input"}},
    .no_grad = "made of differentiable ops",
    .decompose = [](const Call& c) -> Tensors {
        if (c[0].dtype() != DType::complex64)
            type_error("The dtype for irfft() must be complex64 but got ", name_of(c[0].dtype()), ".");
        const int64_t half = transformed_size(c);
        if (half < 1) value_error("irfft: the last dimension must not be empty.");
        const Tensor x = complex_to_pairs(c[0]);
        return {half == 1 ? real_of_pairs(x) : call1(backward_op, {x})};
    },
    .doc = "The inverse of rfft: the 2 (n - 1) real numbers along the last dimension whose transform begins "
           "with the n complex numbers of the input. One number alone is its own.",
});

}  // namespace

}  // namespace lamina
