// Elementwise functions of one tensor, with their derivatives.
#include "ops/unary.h"

#include <cmath>

#include "ops/complex.h"

namespace lamina {

namespace {

// Shorthands for the gradients below: what arrives, times a slope.
Tensors chain(const Gradient& g, const Tensor& slope) { return {mul(g.dy(), slope)}; }
Tensors flat(const Gradient& g) { return {zeros_like(g.dy())}; }

const Op& neg_op = define(unary<Unary::neg>({
    .name = "neg",
    .inputs = {{"x", Accept::numeric}},
    .grad = [](const Gradient& g) -> Tensors { return {neg(g.dy())}; },
    .doc = "-x.",
}));

// TensorFlow.js: the slope at 0 is -1. A complex number's has a direction, and none at 0.
const Op& abs_op = define(unary<Unary::abs>({
    .name = "abs",
    .inputs = {{"x", Accept::numeric}},
    .infer = [](const Call& c) -> Specs {
        const DType type = c[0].dtype();
        return {{type == DType::complex64 ? DType::float32 : type, c[0].shape()}};
    },
    .run =
        [](const Call& c, Tensors& out) {
            if (c[0].dtype() != DType::complex64) return run_unary<Unary::abs>(c, out);
            const auto* x = c[0].data<Complex>();
            auto* y = out[0].mutable_data<float>();
            for (int64_t i = 0; i < c[0].size(); ++i) y[i] = std::hypot(x[i].re, x[i].im);
        },
    .grad = [](const Gradient& g) -> Tensors {
        if (g.spec(0).dtype != DType::complex64) return chain(g, step(g.x(0), -1));
        const Tensor length = abs(g.x(0)), none = equal(length, zeros_like(length));
        const Tensor scale = div(g.dy(), where(none, ones_like(length), length));
        return {make_complex(mul(scale, real_part(g.x(0))), mul(scale, imag_part(g.x(0))))};
    },
    .saves = {.inputs = {0}},
    .doc = "|x|; of complex numbers as float32. The derivative at 0 is -1, as in TensorFlow.js, and 0 of "
           "complex ones.",
}));

const Op& sign_op = define(unary<Unary::sign>({
    .name = "sign",
    .inputs = {{"x", Accept::numeric}},
    .grad = flat,
    .doc = "-1, 0 or 1 by the sign of x; NaN stays. The derivative is 0.",
}));

const Op& floor_op = define(unary<Unary::floor>({
    .name = "floor",
    .inputs = {{"x", Accept::real}},
    .grad = flat,
    .doc = "The largest whole number not above x. The derivative is 0.",
}));

const Op& ceil_op = define(unary<Unary::ceil>({
    .name = "ceil",
    .inputs = {{"x", Accept::real}},
    .grad = flat,
    .doc = "The smallest whole number not below x. The derivative is 0.",
}));

const Op& round_op = define(unary<Unary::round>({
    .name = "round",
    .inputs = {{"x", Accept::numeric}},
    .grad = flat,
    .doc = "The nearest whole number, halves to the even one. The derivative is 0.",
}));

const Op& square_op = define(unary<Unary::square>({
    .name = "square",
    .inputs = {{"x", Accept::numeric}},
    .grad = [](const Gradient& g) -> Tensors { return chain(g, mul(g.x(0), 2.0)); },
    .saves = {.inputs = {0}},
    .doc = "x * x.",
}));

const Op& sqrt_op = define(unary<Unary::sqrt>({
    .name = "sqrt",
    .inputs = {{"x", Accept::real}},
    .grad = [](const Gradient& g) -> Tensors { return {div(g.dy(), mul(g.y(), 2.0))}; },
    .saves = {.outputs = {0}},
    .doc = "The square root; NaN below 0.",
}));

const Op& rsqrt_op = define(unary<Unary::rsqrt>({
    .name = "rsqrt",
    .inputs = {{"x", Accept::real}},
    .grad = [](const Gradient& g) -> Tensors { return chain(g, mul(div(g.y(), g.x(0)), -0.5)); },
    .saves = {.inputs = {0}, .outputs = {0}},
    .doc = "1 / sqrt(x).",
}));

const Op& reciprocal_op = define(unary<Unary::reciprocal>({
    .name = "reciprocal",
    .inputs = {{"x", Accept::to_real}},
    .grad = [](const Gradient& g) -> Tensors { return chain(g, neg(square(g.y()))); },
    .saves = {.outputs = {0}},
    .doc = "1 / x.",
}));

const Op& exp_op = define(unary<Unary::exp>({
    .name = "exp",
    .inputs = {{"x", Accept::to_real}},
    .grad = [](const Gradient& g) -> Tensors { return chain(g, g.y()); },
    .saves = {.outputs = {0}},
    .doc = "e to the power of x.",
}));

const Op& expm1_op = define(unary<Unary::expm1>({
    .name = "expm1",
    .inputs = {{"x", Accept::to_real}},
    .grad = [](const Gradient& g) -> Tensors { return chain(g, exp(g.x(0))); },
    .saves = {.inputs = {0}},
    .doc = "exp(x) - 1, accurate near 0.",
}));

const Op& log_op = define(unary<Unary::log>({
    .name = "log",
    .inputs = {{"x", Accept::real}},
    .grad = [](const Gradient& g) -> Tensors { return {div(g.dy(), g.x(0))}; },
    .saves = {.inputs = {0}},
    .doc = "The natural logarithm; -Infinity at 0, NaN below.",
}));

const Op& log1p_op = define(unary<Unary::log1p>({
    .name = "log1p",
    .inputs = {{"x", Accept::to_real}},
    .grad = [](const Gradient& g) -> Tensors { return {div(g.dy(), add(g.x(0), 1.0))}; },
    .saves = {.inputs = {0}},
    .doc = "log(1 + x), accurate near 0.",
}));

const Op& sin_op = define(unary<Unary::sin>({
    .name = "sin",
    .inputs = {{"x", Accept::real}},
    .grad = [](const Gradient& g) -> Tensors { return chain(g, cos(g.x(0))); },
    .saves = {.inputs = {0}},
    .doc = "The sine of x in radians.",
}));

const Op& cos_op = define(unary<Unary::cos>({
    .name = "cos",
    .inputs = {{"x", Accept::real}},
    .grad = [](const Gradient& g) -> Tensors { return chain(g, neg(sin(g.x(0)))); },
    .saves = {.inputs = {0}},
    .doc = "The cosine of x in radians.",
}));

const Op& tan_op = define(unary<Unary::tan>({
    .name = "tan",
    .inputs = {{"x", Accept::real}},
    .grad = [](const Gradient& g) -> Tensors { return chain(g, add(square(g.y()), 1.0)); },
    .saves = {.outputs = {0}},
    .doc = "The tangent of x in radians.",
}));

const Op& sinh_op = define(unary<Unary::sinh>({
    .name = "sinh",
    .inputs = {{"x", Accept::to_real}},
    .grad = [](const Gradient& g) -> Tensors { return chain(g, cosh(g.x(0))); },
    .saves = {.inputs = {0}},
    .doc = "The hyperbolic sine.",
}));

const Op& cosh_op = define(unary<Unary::cosh>({
    .name = "cosh",
    .inputs = {{"x", Accept::real}},
    .grad = [](const Gradient& g) -> Tensors { return chain(g, sinh(g.x(0))); },
    .saves = {.inputs = {0}},
    .doc = "The hyperbolic cosine.",
}));

const Op& tanh_op = define(unary<Unary::tanh>({
    .name = "tanh",
    .inputs = {{"x", Accept::real}},
    .grad = [](const Gradient& g) -> Tensors { return chain(g, sub(1.0, square(g.y()))); },
    .saves = {.outputs = {0}},
    .doc = "The hyperbolic tangent.",
}));

const Op& erf_op = define(unary<Unary::erf>({
    .name = "erf",
    .inputs = {{"x", Accept::to_real}},
    .grad = [](const Gradient& g) -> Tensors {
        return chain(g, mul(exp(neg(square(g.x(0)))), 2.0 / std::sqrt(M_PI)));
    },
    .saves = {.inputs = {0}},
    .doc = "The error function 2/sqrt(pi) * integral of exp(-t^2) from 0 to x.",
}));

const Op& step_op = define(unary<Unary::step>({
    .name = "step",
    .inputs = {{"x", Accept::numeric}},
    .attrs = {{"alpha", AttrType::number, 0.0, true}},
    .run = [](const Call& c, Tensors& out) { run_unary<Unary::step>(c, out, c.number("alpha")); },
    .grad = flat,
    .formula = {.p = "alpha"},
    .doc = "1 where x > 0, alpha elsewhere; NaN stays. The derivative is 0.",
}));

// Both edges belong to the inside.
const Op& clip_op = define(unary<Unary::clip>({
    .name = "clipByValue",
    .inputs = {{"x", Accept::numeric}},
    .attrs = {{"clipValueMin", AttrType::number}, {"clipValueMax", AttrType::number}},
    .infer = [](const Call& c) -> Specs {
        refuse_complex(c);
        const double low = c.number("clipValueMin"), high = c.number("clipValueMax");
        if (!(low <= high))
            value_error("Error in clip: min (", low, ") must be less than or equal to max (", high, ").");
        return {c[0].spec()};
    },
    .run =
        [](const Call& c, Tensors& out) {
            run_unary<Unary::clip>(c, out, c.number("clipValueMin"), c.number("clipValueMax"));
        },
    .grad = [](const Gradient& g) -> Tensors {
        const Call c = g.call();
        const Tensor& x = g.x(0);
        const Tensor low = Tensor::number(c.number("clipValueMin"), x.dtype());
        const Tensor high = Tensor::number(c.number("clipValueMax"), x.dtype());
        const Tensor zero = Tensor::number(0, x.dtype());
        return {where(greater_equal(x, low), where(less_equal(x, high), g.dy(), zero), zero)};
    },
    .saves = {.inputs = {0}},
    .formula = {.p = "clipValueMin", .q = "clipValueMax"},
    .doc = "x limited to [clipValueMin, clipValueMax]; NaN stays. The derivative is 1 inside, edges "
           "included, and 0 outside.",
}));

// ---- tests of a number's kind ------------------------------------------------------------------------------

// The kernel for real numbers; what it is of whole ones and truth values.
template <class Kernel>
void run_predicate(const Call& c, Tensors& out, Kernel kernel, bool of_whole) {
    uint8_t* y = out[0].mutable_data<uint8_t>();
    if (!is_real(c[0].dtype())) {
        std::fill_n(y, c[0].size(), static_cast<uint8_t>(of_whole));
        return;
    }
    visit_real(c[0].dtype(), [&]<class T>() {
        const T* x = c[0].data<T>();
        const auto test = kernel(kernels<T>());
        parallel_for(c[0].size(), kElementwiseGrain,
                     [=](int64_t begin, int64_t end) { test(x + begin, y + begin, end - begin); });
    });
}

Op predicate(const char* name, void (*run)(const Call&, Tensors&), const char* doc) {
    return {
        .name = name,
        .inputs = {{"x", Accept::numeric}},
        .infer = [](const Call& c) -> Specs {
            refuse_complex(c);
            return {{DType::boolean, c[0].shape()}};
        },
        .run = run,
        .no_grad = "its result is a truth value",
        .doc = doc,
    };
}

const Op& is_nan_op = define(predicate(
    "isNaN",
    [](const Call& c, Tensors& out) {
        run_predicate(c, out, [](const auto& table) { return table.is_nan; }, false);
    },
    "Whether x is NaN, as bool."));
const Op& is_inf_op = define(predicate(
    "isInf",
    [](const Call& c, Tensors& out) {
        run_predicate(c, out, [](const auto& table) { return table.is_inf; }, false);
    },
    "Whether x is infinite, as bool."));
const Op& is_finite_op = define(predicate(
    "isFinite",
    [](const Call& c, Tensors& out) {
        run_predicate(c, out, [](const auto& table) { return table.is_finite; }, true);
    },
    "Whether x is neither infinite nor NaN, as bool."));

}  // namespace

// The op refuses complex numbers as TensorFlow.js does; gradients need them.
Tensor neg(const Tensor& x) { return x.dtype() == DType::complex64 ? mul(x, -1.0) : call1(neg_op, {x}); }
Tensor abs(const Tensor& x) { return call1(abs_op, {x}); }
Tensor sign(const Tensor& x) { return call1(sign_op, {x}); }
Tensor floor(const Tensor& x) { return call1(floor_op, {x}); }
Tensor square(const Tensor& x) { return call1(square_op, {x}); }
Tensor sqrt(const Tensor& x) { return call1(sqrt_op, {x}); }
Tensor rsqrt(const Tensor& x) { return call1(rsqrt_op, {x}); }
Tensor reciprocal(const Tensor& x) { return call1(reciprocal_op, {x}); }
Tensor exp(const Tensor& x) { return call1(exp_op, {x}); }
Tensor log(const Tensor& x) { return call1(log_op, {x}); }
Tensor log1p(const Tensor& x) { return call1(log1p_op, {x}); }
Tensor sin(const Tensor& x) { return call1(sin_op, {x}); }
Tensor cos(const Tensor& x) { return call1(cos_op, {x}); }
Tensor sinh(const Tensor& x) { return call1(sinh_op, {x}); }
Tensor cosh(const Tensor& x) { return call1(cosh_op, {x}); }
Tensor tanh(const Tensor& x) { return call1(tanh_op, {x}); }
Tensor erf(const Tensor& x) { return call1(erf_op, {x}); }
Tensor step(const Tensor& x, double alpha) { return call1(step_op, {x}, {alpha}); }

}  // namespace lamina
