// Inverse trigonometric and hyperbolic functions.
#include "ops/broadcast.h"
#include "ops/functions.h"
#include "ops/kernel_use.h"
#include "ops/unary.h"

namespace lamina {

namespace {

template <Unary F>
Op inverse(const char* name, Tensors (*grad)(const Gradient&), const char* doc) {
    return unary<F>({
        .name = name,
        .inputs = {{"x", Accept::to_real}},
        .infer = same_as_input,
        .grad = grad,
        .saves = {.inputs = {0}},
        .doc = doc,
    });
}

// (1 - x)(1 + x) keeps its digits near the ends, where 1 - x * x does not.
Tensor one_minus_square(const Tensor& x) { return mul(sub(1.0, x), add(x, 1.0)); }

[[maybe_unused]] const Op& asin_op = define(inverse<Unary::asin>(
    "asin", [](const Gradient& g) -> Tensors { return {div(g.dy(), sqrt(one_minus_square(g.x(0))))}; },
    "The angle in [-pi/2, pi/2] whose sine is x; NaN outside of [-1, 1]."));

[[maybe_unused]] const Op& acos_op = define(inverse<Unary::acos>(
    "acos", [](const Gradient& g) -> Tensors { return {neg(div(g.dy(), sqrt(one_minus_square(g.x(0)))))}; },
    "The angle in [0, pi] whose cosine is x; NaN outside of [-1, 1]."));

[[maybe_unused]] const Op& atan_op = define(inverse<Unary::atan>(
    "atan", [](const Gradient& g) -> Tensors { return {div(g.dy(), add(square(g.x(0)), 1.0))}; },
    "The angle in (-pi/2, pi/2) whose tangent is x."));

[[maybe_unused]] const Op& asinh_op = define(inverse<Unary::asinh>(
    "asinh", [](const Gradient& g) -> Tensors { return {div(g.dy(), sqrt(add(square(g.x(0)), 1.0)))}; },
    "The inverse of the hyperbolic sine."));

[[maybe_unused]] const Op& acosh_op = define(inverse<Unary::acosh>(
    "acosh",
    [](const Gradient& g) -> Tensors {
        return {div(g.dy(), sqrt(mul(add(g.x(0), -1.0), add(g.x(0), 1.0))))};
    },
    "The inverse of the hyperbolic cosine; NaN below 1."));

[[maybe_unused]] const Op& atanh_op = define(inverse<Unary::atanh>(
    "atanh", [](const Gradient& g) -> Tensors { return {div(g.dy(), one_minus_square(g.x(0)))}; },
    "The inverse of the hyperbolic tangent; NaN outside of [-1, 1]."));

[[maybe_unused]] const Op& atan2_op = define({
    .name = "atan2",
    .inputs = {{"a", Accept::to_real}, {"b", Accept::to_real}},
    .promote = true,
    .infer = [](const Call& c) -> Specs { return {{c[0].dtype(), broadcast(c[0].shape(), c[1].shape())}}; },
    .run =
        [](const Call& c, Tensors& out) {
            const BroadcastPlan<2> plan(out[0].shape(), {&c[0].shape(), &c[1].shape()});
            visit_real(c[0].dtype(), [&]<class T>() {
                const auto kernel = kernels<T>().binary[static_cast<int>(Binary::atan2)];
                const T *a = c[0].data<T>(), *b = c[1].data<T>();
                T* y = out[0].mutable_data<T>();
                plan.run(kElementwiseGrain, [&](const std::array<int64_t, 2>& at, int64_t to, int64_t n) {
                    kernel(a + at[0], b + at[1], y + to, n, plan.step(0), plan.step(1));
                });
            });
        },
    .grad = [](const Gradient& g) -> Tensors {
        const Tensor &a = g.x(0), &b = g.x(1);
        const Tensor d = div(g.dy(), add(square(a), square(b)));
        Tensors grads(2);
        if (g.wants(0)) grads[0] = sum_to(mul(d, b), g.shape(0));
        if (g.wants(1)) grads[1] = sum_to(neg(mul(d, a)), g.shape(1));
        return grads;
    },
    .saves = {.inputs = {0, 1}},
    .formula = {.kind = Formula::Kind::binary, .index = static_cast<uint8_t>(Binary::atan2)},
    .doc =
        "The angle of the point (b, a) in (-pi, pi]: atan(a / b) in the right quadrant. With broadcasting.",
});

[[maybe_unused]] const Op& log_sigmoid_op = define({
    .name = "logSigmoid",
    .inputs = {{"x", Accept::to_real}},
    .no_grad = "made of differentiable ops",
    .decompose = [](const Call& c) -> Tensors { return {neg(softplus(neg(c[0])))}; },
    .doc = "log(sigmoid(x)) without overflow.",
});

[[maybe_unused]] const Op& add_n_op = define({
    .name = "addN",
    .inputs = {{"tensors", Accept::numeric, Arity::list}},
    .no_grad = "made of differentiable ops",
    .decompose = [](const Call& c) -> Tensors {
        const auto parts = c.list(0);
        if (parts.empty()) value_error("Must pass at least one tensor to tf.addN(), but got 0");
        for (const Tensor& t : parts) {
            if (t.dtype() != parts[0].dtype())
                value_error("All tensors passed to tf.addN() must have the same dtype, but got ",
                            name_of(parts[0].dtype()), " and ", name_of(t.dtype()), ".");
            if (!(t.shape() == parts[0].shape()))
                value_error("All tensors passed to tf.addN() must have the same shape, but got [",
                            parts[0].shape(), "] and [", t.shape(), "].");
        }
        Tensor total = parts[0];
        for (size_t i = 1; i < parts.size(); ++i) total = add(total, parts[i]);
        return {total};
    },
    .method = false,
    .doc = "The sum of tensors of one shape and dtype.",
});

}  // namespace

}  // namespace lamina
