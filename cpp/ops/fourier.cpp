// Fourier transforms along the last dimension.
#include <cmath>
#include <cstring>

#include "ops/fourier_plan.h"
#include "ops/functions.h"
#include "ops/kernel_use.h"

namespace lamina {

namespace {

// ---- the transform of real pairs ---------------------------------------------------------------------------

template <class T>
void run_fourier(const Tensor& x, bool inverse, T scale, Tensor& out) {
    const int64_t n = x.shape()[x.rank() - 2], rows = x.size() / 2 / n;
    const auto plan = FourierPlan<T>::of(n);
    const int64_t work = plan->scratch();
    const auto cost = static_cast<double>(work) * (4 + std::log2(static_cast<double>(work)));
    const auto grain = static_cast<int64_t>(32768 / cost) + 1;
    parallel_for(rows, grain, [&](int64_t begin, int64_t end) {
        // Convolutions' memory: none runs on this thread meanwhile.
        T* memory = static_cast<T*>(thread_scratch(2, static_cast<size_t>(4 * work) * sizeof(T)));
        const Parts<T> first{memory, memory + work}, second{memory + 2 * work, memory + 3 * work};
        for (int64_t row = begin; row < end; ++row) {
            const T* from = x.data<T>() + row * n * 2;
            T* to = out.mutable_data<T>() + row * n * 2;
            // The other direction is this one with the parts swapped.
            T *re = inverse ? first.im : first.re, *im = inverse ? first.re : first.im;
            for (int64_t i = 0; i < n; ++i) {
                re[i] = from[2 * i];
                im[i] = from[2 * i + 1];
            }
            const Parts<T> y = plan->run(first, second);
            const T *y_re = inverse ? y.im : y.re, *y_im = inverse ? y.re : y.im;
            for (int64_t i = 0; i < n; ++i) {
                to[2 * i] = scale * y_re[i];
                to[2 * i + 1] = scale * y_im[i];
            }
        }
    });
}

// The transform is linear; its adjoint is the one in the other direction, scaled alike.
const Op& fourier_op = define({
    .name = "fourier",
    .inputs = {{"x", Accept::real}},
    .attrs = {{"inverse", AttrType::boolean, false}, {"scale", AttrType::number, 1.0}},
    .infer = [](const Call& c) -> Specs {
        const Shape& s = c[0].shape();
        if (s.rank() < 2 || s[s.rank() - 1] != 2)
            value_error("fourier: x must be [..., n, 2], got [", s, "].");
        return {c[0].spec()};
    },
    .run =
        [](const Call& c, Tensors& out) {
            if (c[0].size() == 0) return;
            visit_real(c[0].dtype(), [&]<class T>() {
                run_fourier<T>(c[0], c.flag("inverse"), static_cast<T>(c.number("scale")), out[0]);
            });
        },
    .grad = [](const Gradient& g) -> Tensors {
        const Call c = g.call();
        return {call1(g.op, {g.dy()}, {!c.flag("inverse"), c.number("scale")})};
    },
    .method = false,
    .internal = true,
    .doc = "scale * sum over j of x[j] exp(-2 pi i j k / n) for complex numbers given as pairs [..., n, 2]; "
           "with inverse the sign of the exponent is +.",
});

Tensor fourier(const Tensor& x, bool inverse, double scale) {
    return call1(fourier_op, {x}, {inverse, scale});
}

// ---- complex numbers as real pairs -------------------------------------------------------------------------

Tensor to_pairs(const Tensor& x);
Tensor from_pairs(const Tensor& x);

void copy_bytes(const Call& c, Tensors& out) {
    std::memcpy(out[0].mutable_data<char>(), c[0].raw(),
                static_cast<size_t>(c[0].size()) * element_size(c[0].dtype()));
}

// The gradient by a complex number is dL/dre + i dL/dim: that of its pair, put together.
const Op& to_pairs_op = define({
    .name = "complexToPairs",
    .inputs = {{"x", Accept::numeric}},
    .infer = [](const Call& c) -> Specs {
        if (c[0].dtype() != DType::complex64)
            type_error("complexToPairs: x must be complex64, got ", name_of(c[0].dtype()), ".");
        return {{DType::float32, c[0].shape().inserted(c[0].rank(), 2)}};
    },
    .run = copy_bytes,
    .grad = [](const Gradient& g) -> Tensors { return {from_pairs(g.dy())}; },
    .method = false,
    .internal = true,
    .doc = "Real and imaginary parts of complex numbers in a new last dimension of 2.",
});

const Op& from_pairs_op = define({
    .name = "complexFromPairs",
    .inputs = {{"x", Accept::real}},
    .infer = [](const Call& c) -> Specs {
        const Shape& s = c[0].shape();
        if (s.rank() < 1 || s[s.rank() - 1] != 2)
            value_error("complexFromPairs: x must be [..., 2], got [", s, "].");
        return {{DType::complex64, s.without(s.rank() - 1)}};
    },
    .run =
        [](const Call& c, Tensors& out) {
            visit_real(c[0].dtype(), [&]<class T>() {
                const T* x = c[0].data<T>();
                auto* y = out[0].mutable_data<Complex>();
                for (int64_t i = 0; i < out[0].size(); ++i)
                    y[i] = {static_cast<float>(x[2 * i]), static_cast<float>(x[2 * i + 1])};
            });
        },
    .grad = [](const Gradient& g) -> Tensors { return {cast(to_pairs(g.dy()), g.spec(0).dtype)}; },
    .method = false,
    .internal = true,
    .doc = "Complex numbers from pairs of real and imaginary part in the last dimension.",
});

Tensor to_pairs(const Tensor& x) { return call1(to_pairs_op, {x}); }
Tensor from_pairs(const Tensor& x) { return call1(from_pairs_op, {x}); }

// ---- the public ones ---------------------------------------------------------------------------------------

int64_t last_size(const Call& c) {
    if (c[0].rank() == 0) value_error(c.op.name, "() expects an input of at least one dimension.");
    return c[0].shape()[c[0].rank() - 1];
}

Tensor complex_transform(const Call& c, bool inverse) {
    if (c[0].dtype() != DType::complex64)
        type_error("The dtype for tf.spectral.", c.op.name, "() must be complex64 but got ",
                   name_of(c[0].dtype()), ".");
    const int64_t n = last_size(c);
    return from_pairs(fourier(to_pairs(c[0]), inverse, inverse && n > 0 ? 1.0 / static_cast<double>(n) : 1));
}

[[maybe_unused]] const Op& fft_op = define({
    .name = "fft",
    .inputs = {{"input"}},
    .no_grad = "made of differentiable ops",
    .decompose = [](const Call& c) -> Tensors { return {complex_transform(c, false)}; },
    .doc = "The discrete Fourier transform of complex numbers along the last dimension, of any size: sum "
           "over j of "
           "x[j] exp(-2 pi i j k / n).",
});

[[maybe_unused]] const Op& ifft_op = define({
    .name = "ifft",
    .inputs = {{"input"}},
    .no_grad = "made of differentiable ops",
    .decompose = [](const Call& c) -> Tensors { return {complex_transform(c, true)}; },
    .doc = "The inverse of fft: sum over k of x[k] exp(2 pi i j k / n) / n along the last dimension.",
});

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

[[maybe_unused]] const Op& rfft_op = define({
    .name = "rfft",
    .inputs = {{"input"}},
    .attrs = {{"fftLength", AttrType::integer, None{}, true}},
    .no_grad = "made of differentiable ops",
    .decompose = [](const Call& c) -> Tensors {
        if (!is_real(c[0].dtype()))
            type_error("The dtype for rfft() must be real value but got ", name_of(c[0].dtype()));
        const int64_t n = c.given("fftLength") ? c.integer("fftLength") : last_size(c);
        last_size(c);
        if (n < 1) value_error("rfft: the length must be at least 1, but got ", n, ".");
        const Tensor x = resized(c[0], n);
        const Tensor re = reshape(x, x.shape().inserted(x.rank(), 1));
        Ints paddings(static_cast<size_t>(2 * re.rank()), 0);
        paddings.back() = 1;
        return {from_pairs(some_pairs(fourier(pad(re, paddings), false, 1), 0, n / 2 + 1))};
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
        const int64_t half = last_size(c);
        if (half < 1) value_error("irfft: the last dimension must not be empty.");
        Tensor x = to_pairs(c[0]);
        if (half > 2) {
            // Behind them, backwards, the conjugates of all but the first and the last.
            const Tensor rest = reverse(some_pairs(x, 1, half - 2), {x.rank() - 2});
            Tensor signs = Tensor::empty(DType::float32, Shape{2}, "irfft");
            signs.mutable_data<float>()[0] = 1;
            signs.mutable_data<float>()[1] = -1;
            x = concat({x, mul(rest, signs)}, x.rank() - 2);
        }
        const int64_t n = x.shape()[x.rank() - 2];
        const Tensor y = fourier(x, true, 1.0 / static_cast<double>(n));
        const Shape re = y.shape().with(y.rank() - 1, 1);
        const Tensor first = slice(y, Ints(static_cast<size_t>(y.rank()), 0), Ints(re.begin(), re.end()));
        return {reshape(first, re.without(re.rank() - 1))};
    },
    .doc = "The inverse of rfft: the 2 (n - 1) real numbers along the last dimension whose transform begins "
           "with the n complex numbers of the input. One number alone is its own.",
});

}  // namespace

}  // namespace lamina
