// Layer normalisation: each row by its own moments.
#include "ops/functions.h"
#include "ops/kernel_use.h"

namespace lamina {

namespace {

Specs infer(const Call& c) {
    const Shape& x = c[0].shape();
    if (x.rank() == 0) value_error("Error in ", c.op.name, ": x must be at least rank 1, but got rank 0.");
    for (int slot : {1, 2})
        if (c.has(slot) && !(c[slot].shape() == Shape{x[x.rank() - 1]}))
            value_error("Error in ", c.op.name, ": ", c.op.inputs[static_cast<size_t>(slot)].name,
                        " must have shape [", x[x.rank() - 1], "], but got [", c[slot].shape(), "].");
    return {c[0].spec()};
}

void run(const Call& c, Tensors& out) {
    const int64_t size = c[0].size();
    if (size == 0) return;
    const int64_t n = c[0].shape()[c[0].rank() - 1];
    visit_real(c[0].dtype(), [&]<class T>() {
        const T *x = c[0].data<T>(), *offset = c.has(1) ? c[1].data<T>() : nullptr,
                *scale = c.has(2) ? c[2].data<T>() : nullptr;
        T* y = out[0].mutable_data<T>();
        const T epsilon = static_cast<T>(c.number("epsilon"));
        parallel_for(size / n, kElementwiseGrain / (2 * n) + 1, [&](int64_t begin, int64_t end) {
            kernels<T>().layer_norm(x + begin * n, scale, offset, epsilon, y + begin * n, end - begin, n);
        });
    });
}

struct Normal {
    Tensor values;  // (x - mean) * factor
    Tensor factor;  // 1 / sqrt(variance + epsilon)
};

Normal normalise(const Tensor& x, double epsilon) {
    const Tensor centered = sub(x, mean(x, {-1}, true));
    const Tensor factor = rsqrt(add(mean(square(centered), {-1}, true), epsilon));
    return {mul(centered, factor), factor};
}

// With n = (x - mean) factor and d = dy scale: dx = factor (d - mean(d) - n mean(d n)), d scale = sum(dy n),
// d offset = sum(dy).
Tensors grad(const Gradient& g) {
    const Tensor dy = g.dy();
    Tensors all(3);
    if (g.wants(1)) all[1] = sum_to(dy, g.shape(1));
    if (!g.wants(0) && !g.wants(2)) return all;
    const Normal normal = normalise(g.x(0), g.call().number("epsilon"));
    if (g.wants(2)) all[2] = sum_to(mul(dy, normal.values), g.shape(2));
    if (g.wants(0)) {
        const Tensor d = g.x(2) ? mul(dy, g.x(2)) : dy;
        const Tensor along = mul(normal.values, mean(mul(d, normal.values), {-1}, true));
        all[0] = mul(sub(sub(d, mean(d, {-1}, true)), along), normal.factor);
    }
    return all;
}

[[maybe_unused]] const Op& layer_norm_op = define({
    .name = "layerNorm",
    .inputs = {{"x", Accept::to_real},
               {"offset", Accept::to_real, Arity::optional},
               {"scale", Accept::to_real, Arity::optional}},
    .attrs = {{"epsilon", AttrType::number, 0.001, true}},
    .infer = infer,
    .run = run,
    .grad = grad,
    .saves = {.inputs = {0, 2}},
    .decompose = [](const Call& c) -> Tensors {
        infer(c);
        Tensor y = normalise(c[0], c.number("epsilon")).values;
        if (c.has(2)) y = mul(y, c[2]);
        return {c.has(1) ? add(y, c[1]) : y};
    },
    .method = false,
    .internal = true,
    .doc =
        "(x - mean) / sqrt(variance + epsilon) * scale + offset, with the mean and the (population) variance "
        "of each row along the last dimension.",
});

}  // namespace

}  // namespace lamina
