// Complex tensors and their parts.
#include "ops/complex.h"

#include "ops/functions.h"
#include "ops/kernel_use.h"

namespace lamina {

namespace {

const Op& complex_op = define({
    .name = "complex",
    .inputs = {{"real", Accept::to_real}, {"imag", Accept::to_real}},
    .infer = [](const Call& c) -> Specs {
        if (!(c[0].shape() == c[1].shape()))
            value_error("real and imag shapes, ", c[0].shape(), " and ", c[1].shape(),
                        ", must match in call to tf.complex().");
        return {{DType::complex64, c[0].shape()}};
    },
    .run =
        [](const Call& c, Tensors& out) {
            const Tensor re = cast(c[0], DType::float32), im = cast(c[1], DType::float32);
            auto* y = out[0].mutable_data<Complex>();
            for (int64_t i = 0; i < re.size(); ++i) y[i] = {re.data<float>()[i], im.data<float>()[i]};
        },
    .grad = [](const Gradient& g) -> Tensors {
        return {cast(real_part(g.dy()), g.spec(0).dtype), cast(imag_part(g.dy()), g.spec(1).dtype)};
    },
    .method = false,
    .doc = "The complex numbers real + i imag, as complex64.",
});

template <bool Imaginary>
Op part_block(const char* name, const char* doc) {
    return {
        .name = name,
        .inputs = {{"input", Accept::numeric}},
        .infer = [](const Call& c) -> Specs {
            if (c[0].dtype() != DType::complex64)
                type_error("Argument 'input' passed to '", c.op.name, "' must be complex64 tensor, but got ",
                           name_of(c[0].dtype()), " tensor");
            return {{DType::float32, c[0].shape()}};
        },
        .run =
            [](const Call& c, Tensors& out) {
                const auto* x = c[0].data<Complex>();
                auto* y = out[0].mutable_data<float>();
                for (int64_t i = 0; i < c[0].size(); ++i) y[i] = Imaginary ? x[i].im : x[i].re;
            },
        .grad = [](const Gradient& g) -> Tensors {
            const Tensor none = zeros_like(g.dy());
            return {Imaginary ? make_complex(none, g.dy()) : make_complex(g.dy(), none)};
        },
        .method = false,
        .doc = doc,
    };
}

const Op& real_op = define(part_block<false>("real", "The real part of complex numbers, as float32."));
const Op& imag_op = define(part_block<true>("imag", "The imaginary part of complex numbers, as float32."));

}  // namespace

void sum_complex(const Complex* x, Complex* y, int64_t outer, int64_t n, int64_t inner) {
    for (int64_t o = 0; o < outer; ++o)
        for (int64_t j = 0; j < inner; ++j) {
            double re = 0, im = 0;
            for (int64_t i = 0; i < n; ++i) {
                const Complex& value = x[(o * n + i) * inner + j];
                re += static_cast<double>(value.re);
                im += static_cast<double>(value.im);
            }
            y[o * inner + j] = {static_cast<float>(re), static_cast<float>(im)};
        }
}

Tensor make_complex(const Tensor& real, const Tensor& imag) { return call1(complex_op, {real, imag}); }
Tensor real_part(const Tensor& x) { return call1(real_op, {x}); }
Tensor imag_part(const Tensor& x) { return call1(imag_op, {x}); }
Tensor conjugate(const Tensor& x) {
    return x.dtype() == DType::complex64 ? make_complex(real_part(x), neg(imag_part(x))) : x;
}

}  // namespace lamina
