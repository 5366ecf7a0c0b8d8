// Activation functions.
#include <cmath>

#include "ops/unary.h"

namespace lamina {

namespace {

Tensors chain(const Gradient& g, const Tensor& slope) { return {mul(g.dy(), slope)}; }

const Op& sigmoid_op = define(unary<Unary::sigmoid>({
    .name = "sigmoid",
    .inputs = {{"x", Accept::real}},
    .grad = [](const Gradient& g) -> Tensors { return chain(g, mul(g.y(), sub(1.0, g.y()))); },
    .saves = {.outputs = {0}},
    .doc = "1 / (1 + exp(-x)).",
}));

const Op& softplus_op = define(unary<Unary::softplus>({
    .name = "softplus",
    .inputs = {{"x", Accept::to_real}},
    .grad = [](const Gradient& g) -> Tensors { return chain(g, sigmoid(g.x(0))); },
    .saves = {.inputs = {0}},
    .doc = "log(1 + exp(x)).",
}));

const Op& relu_op = define(unary<Unary::relu>({
    .name = "relu",
    .inputs = {{"x", Accept::numeric}},
    .grad = [](const Gradient& g) -> Tensors { return chain(g, step(g.y(), 0)); },
    .saves = {.outputs = {0}},
    .doc = "max(x, 0). The derivative at 0 is 0.",
}));

const Op& relu6_op = define(unary<Unary::relu6>({
    .name = "relu6",
    .inputs = {{"x", Accept::numeric}},
    .grad = [](const Gradient& g) -> Tensors {
        const Tensor below_six = less_equal(g.x(0), Tensor::number(6, g.x(0).dtype()));
        return chain(g, mul(step(g.x(0), 0), cast(below_six, g.x(0).dtype())));
    },
    .saves = {.inputs = {0}},
    .doc = "min(max(x, 0), 6). The derivative is 0 at 0 and 1 at 6.",
}));

const Op& leaky_relu_op = define(unary<Unary::leaky_relu>({
    .name = "leakyRelu",
    .inputs = {{"x", Accept::to_real}},
    .attrs = {{"alpha", AttrType::number, 0.2, true}},
    .run = [](const Call& c, Tensors& out) { run_unary<Unary::leaky_relu>(c, out, c.number("alpha")); },
    .grad = [](const Gradient& g) -> Tensors { return chain(g, step(g.x(0), g.call().number("alpha"))); },
    .saves = {.inputs = {0}},
    .formula = {.p = "alpha"},
    .doc = "x where x > 0, alpha * x elsewhere (Maas et al. 2013).",
}));

// expm1(x) = y below 0, so that the slope exp(x) is y + 1.
const Op& elu_op = define(unary<Unary::elu>({
    .name = "elu",
    .inputs = {{"x", Accept::real}},
    .grad = [](const Gradient& g) -> Tensors {
        return chain(g, add(minimum(g.y(), Tensor::number(0, g.y().dtype())), 1.0));
    },
    .saves = {.outputs = {0}},
    .doc = "x where x > 0, exp(x) - 1 elsewhere (Clevert et al. 2016).",
}));

constexpr double kSeluAlpha = 1.6732632423543772848170429916717;
constexpr double kSeluScale = 1.0507009873554804934193349852946;

const Op& selu_op = define(unary<Unary::selu>({
    .name = "selu",
    .inputs = {{"x", Accept::to_real}},
    .grad = [](const Gradient& g) -> Tensors {
        const DType type = g.x(0).dtype();
        const Tensor positive = greater(g.x(0), Tensor::number(0, type));
        return chain(g,
                     where(positive, Tensor::number(kSeluScale, type), add(g.y(), kSeluAlpha * kSeluScale)));
    },
    .saves = {.inputs = {0}, .outputs = {0}},
    .doc = "scale * (x where x > 0, alpha * (exp(x) - 1) elsewhere) with the constants of Klambauer et al. "
           "2017.",
}));

const Op& hard_sigmoid_op = define(unary<Unary::hard_sigmoid>({
    .name = "hardSigmoid",
    .inputs = {{"x", Accept::to_real}},
    .grad = [](const Gradient& g) -> Tensors {
        const DType type = g.y().dtype();
        const Tensor zero = Tensor::number(0, type), slope = Tensor::number(0.2, type);
        // Inside both bounds.
        const Tensor below_one = where(less(g.y(), Tensor::number(1, type)), slope, zero);
        return chain(g, where(greater(g.y(), zero), below_one, zero));
    },
    .saves = {.outputs = {0}},
    .internal = true,
    .doc = "0.2 * x + 0.5, limited to [0, 1].",
}));

const char* const kComposed = "made of differentiable ops";

Tensor gelu_tail(const Tensor& x, const Tensor& inner) { return mul(mul(x, 0.5), add(inner, 1.0)); }

// The slope is Phi(x) + x phi(x), with the density phi.
const Op& gelu_op = define(unary<Unary::gelu>({
    .name = "gelu",
    .inputs = {{"x", Accept::to_real}},
    .grad = [](const Gradient& g) -> Tensors {
        const Tensor& x = g.x(0);
        const Tensor below = mul(add(erf(mul(x, std::sqrt(0.5))), 1.0), 0.5);
        const Tensor density = mul(exp(mul(square(x), -0.5)), 1 / std::sqrt(2 * M_PI));
        return chain(g, add(below, mul(x, density)));
    },
    .saves = {.inputs = {0}},
    .internal = true,
    .doc = "x * Phi(x) with the normal distribution's exact Phi (Hendrycks & Gimpel 2016).",
}));

const Op& gelu_new_op = define({
    .name = "geluNew",
    .inputs = {{"x", Accept::to_real}},
    .no_grad = kComposed,
    .decompose = [](const Call& c) -> Tensors {
        const Tensor cube = mul(c[0], square(c[0]));
        return {gelu_tail(c[0], tanh(mul(add(c[0], mul(cube, 0.044715)), std::sqrt(2 / M_PI))))};
    },
    .internal = true,
    .doc = "The tanh form of gelu: 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))).",
});

const Op& softsign_op = define({
    .name = "softsign",
    .inputs = {{"x", Accept::to_real}},
    .no_grad = kComposed,
    .decompose = [](const Call& c) -> Tensors { return {div(c[0], add(abs(c[0]), 1.0))}; },
    .internal = true,
    .doc = "x / (1 + |x|).",
});

const Op& swish_op = define({
    .name = "swish",
    .inputs = {{"x", Accept::to_real}},
    .attrs = {{"alpha", AttrType::number, 1.0, true}},
    .no_grad = kComposed,
    .decompose = [](const Call& c) -> Tensors { return {mul(c[0], sigmoid(mul(c[0], c.number("alpha"))))}; },
    .internal = true,
    .doc = "x * sigmoid(alpha * x) (Ramachandran et al. 2017).",
});

const Op& mish_op = define({
    .name = "mish",
    .inputs = {{"x", Accept::to_real}},
    .no_grad = kComposed,
    .decompose = [](const Call& c) -> Tensors { return {mul(c[0], tanh(softplus(c[0])))}; },
    .internal = true,
    .doc = "x * tanh(softplus(x)) (Misra 2019).",
});

}  // namespace

Tensor sigmoid(const Tensor& x) { return call1(sigmoid_op, {x}); }
Tensor softplus(const Tensor& x) { return call1(softplus_op, {x}); }
Tensor relu(const Tensor& x) { return call1(relu_op, {x}); }

}  // namespace lamina
