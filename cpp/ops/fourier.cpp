// Fourier transforms of complex numbers along the last dimension.
#include "ops/fourier.h"

#include <cmath>
#include <cstring>
#include <type_traits>

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
            kernels<T>().read_steps(from, 2, re, n);
            kernels<T>().read_steps(from + 1, 2, im, n);
            const Parts<T> y = plan->run(first, second);
            if (scale != 1) {
                const auto multiply = kernels<T>().binary[static_cast<int>(Binary::mul)];
                for (T* part : {y.re, y.im}) multiply(part, &scale, part, n, 1, 0);
            }
            const T *y_re = inverse ? y.im : y.re, *y_im = inverse ? y.re : y.im;
            kernels<T>().transpose(y_re, y_im - y_re, to, 2, 2, n);
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

// ---- complex numbers as real pairs -------------------------------------------------------------------------

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
    .grad = [](const Gradient& g) -> Tensors { return {complex_from_pairs(g.dy())}; },
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
                if (std::is_same_v<T, float>) return copy_bytes(c, out);
                const T* x = c[0].data<T>();
                auto* y = out[0].mutable_data<Complex>();
                for (int64_t i = 0; i < out[0].size(); ++i)
                    y[i] = {static_cast<float>(x[2 * i]), static_cast<float>(x[2 * i + 1])};
            });
        },
    .grad = [](const Gradient& g) -> Tensors { return {cast(complex_to_pairs(g.dy()), g.spec(0).dtype)}; },
    .method = false,
    .internal = true,
    .doc = "Complex numbers from pairs of real and imaginary part in the last dimension.",
});

// ---- the public ones ---------------------------------------------------------------------------------------

Tensor complex_transform(const Call& c, bool inverse) {
    if (c[0].dtype() != DType::complex64)
        type_error("The dtype for tf.spectral.", c.op.name, "() must be complex64 but got ",
                   name_of(c[0].dtype()), ".");
    const int64_t n = transformed_size(c);
    return complex_from_pairs(
        fourier(complex_to_pairs(c[0]), inverse, inverse && n > 0 ? 1.0 / static_cast<double>(n) : 1));
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

}  // namespace

Tensor fourier(const Tensor& x, bool inverse, double scale) {
    return call1(fourier_op, {x}, {inverse, scale});
}
Tensor complex_to_pairs(const Tensor& x) { return call1(to_pairs_op, {x}); }
Tensor complex_from_pairs(const Tensor& x) { return call1(from_pairs_op, {x}); }

int64_t transformed_size(const Call& c) {
    if (c[0].rank() == 0) value_error(c.op.name, "() expects an input of at least one dimension.");
    return c[0].shape()[c[0].rank() - 1];
}

}  // namespace lamina
