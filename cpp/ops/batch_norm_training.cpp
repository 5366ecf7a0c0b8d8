// Batch normalisation by the moments of the batch itself, as one op: two passes forward and two backward.
#include <cmath>

#include "ops/functions.h"
#include "ops/kernel_use.h"

namespace lamina {

namespace {

Shape channels_of(const Call& c) {
    const Shape& x = c[0].shape();
    if (x.rank() < 2)
        value_error("Error in ", c.op.name, ": x must be at least rank 2, but got rank ", x.rank(), ".");
    return {x[x.rank() - 1]};
}

void check_parameter(const Call& c, int slot) {
    if (c.has(slot) && !(c[slot].shape() == channels_of(c)))
        value_error("Error in ", c.op.name, ": ", c.op.inputs[static_cast<size_t>(slot)].name,
                    " must have shape [", channels_of(c), "], but got [", c[slot].shape(), "].");
}

int64_t rows_of(const Shape& x) { return x.product(0, x.rank() - 1); }

Ints leading_axes(const Shape& x) {
    Ints axes;
    for (int i = 0; i + 1 < x.rank(); ++i) axes.push_back(i);
    return axes;
}

Tensor optional(const Call& c, int slot) { return c.has(slot) ? c[slot] : Tensor(); }

const Op& op_named(const char* name) { return *find_op(name); }

// ---- backward ----------------------------------------------------------------------------------------------

// With r = 1 / sqrt(variance + epsilon), a = r scale, n rows, S = sum(dy) and M = sum(dy (x - mean)):
// dx = a (dy - S / n - (x - mean) r^2 M / n), d offset = S, d scale = r M.
template <class T>
void run_grad(const Call& c, Tensors& out) {
    const int64_t channels = c[1].size(), rows = rows_of(c[0].shape());
    if (c[0].size() == 0) {
        for (int k = 1; k < 3; ++k)
            std::fill_n(out[static_cast<size_t>(k)].mutable_data<T>(), channels, T(0));
        return;
    }
    const T *x = c[0].data<T>(), *mean = c[1].data<T>(), *variance = c[2].data<T>(), *dy = c[4].data<T>();
    const T* scale = c.has(3) ? c[3].data<T>() : nullptr;
    T *dx = out[0].mutable_data<T>(), *sum = out[1].mutable_data<T>(), *moment = out[2].mutable_data<T>();
    kernels<T>().batch_norm_sums(x, dy, mean, sum, moment, rows, channels);

    Tensor factors = Tensor::empty(c[0].dtype(), {3, channels}, c.op.name);
    T *a = factors.mutable_data<T>(), *p = a + channels, *q = p + channels;
    const T epsilon = static_cast<T>(c.number("varianceEpsilon")), n = static_cast<T>(rows);
    for (int64_t i = 0; i < channels; ++i) {
        const T r = 1 / std::sqrt(variance[i] + epsilon);
        a[i] = scale ? r * scale[i] : r;
        p[i] = -a[i] * r * r * (moment[i] / n);
        q[i] = -a[i] * (sum[i] / n);
        moment[i] *= r;
    }
    parallel_for(rows, kElementwiseGrain / channels + 1, [&](int64_t begin, int64_t end) {
        const int64_t from = begin * channels;
        kernels<T>().batch_norm_grad(x + from, dy + from, mean, a, p, q, dx + from, end - begin, channels);
    });
}

const Op& training_grad_op = define({
    .name = "batchNormTrainingGrad",
    .inputs = {{"x", Accept::real},
               {"mean", Accept::real},
               {"variance", Accept::real},
               {"scale", Accept::real, Arity::optional},
               {"dy", Accept::real}},
    .attrs = {{"varianceEpsilon", AttrType::number, 0.001, true}},
    .outputs = {"dx", "dOffset", "dScale"},
    .infer = [](const Call& c) -> Specs {
        for (int slot : {1, 2, 3}) check_parameter(c, slot);
        if (!(c[4].shape() == c[0].shape()))
            value_error("Error in ", c.op.name, ": dy must have shape [", c[0].shape(), "], but got [",
                        c[4].shape(), "].");
        return {c[0].spec(), c[1].spec(), c[1].spec()};
    },
    .run = [](const Call& c,
              Tensors& out) { visit_real(c[0].dtype(), [&]<class T>() { run_grad<T>(c, out); }); },
    // Two tapes that watch the forward pass see moments and batchNorm; nothing else comes here.
    .grad = [](const Gradient&) -> Tensors {
        fail(ErrorKind::runtime,
             "batchNormTraining: a gradient of a gradient needs both to be asked for around the forward "
             "pass.");
    },
    .method = false,
    .internal = true,
    .doc = "The gradient of batchNormTraining's y.",
});

// ---- forward -----------------------------------------------------------------------------------------------

void run_training(const Call& c, Tensors& out) {
    const int64_t channels = c[0].shape()[c[0].rank() - 1], rows = rows_of(c[0].shape());
    visit_real(c[0].dtype(), [&]<class T>() {
        const T* x = c[0].data<T>();
        T *y = out[0].mutable_data<T>(), *mean = out[1].mutable_data<T>(),
          *variance = out[2].mutable_data<T>();
        if (c[0].size() == 0) {
            for (T* to : {mean, variance}) std::fill_n(to, channels, T(0));
            return;
        }
        kernels<T>().moments(x, mean, variance, rows, channels);
        const T *offset = c.has(1) ? c[1].data<T>() : nullptr, *scale = c.has(2) ? c[2].data<T>() : nullptr;
        parallel_for(rows, kElementwiseGrain / channels + 1, [&](int64_t begin, int64_t end) {
            kernels<T>().batch_norm(x + begin * channels, mean, variance, scale, offset,
                                    static_cast<T>(c.number("varianceEpsilon")), y + begin * channels,
                                    end - begin, channels);
        });
    });
}

// Of mean and variance, where somebody uses them for more than moving averages.
Tensor moments_grad(const Gradient& g) {
    const Shape& x = g.shape(0);
    const double weight = 1.0 / static_cast<double>(std::max<int64_t>(1, rows_of(x)));
    Tensor dx;
    if (g.upstream[2]) dx = mul(sub(g.x(0), g.y(1)), mul(g.upstream[2], 2 * weight));
    if (g.upstream[1]) {
        const Tensor share = mul(g.upstream[1], weight);
        dx = dx ? add(dx, share) : broadcast_to(share, x);
    }
    return dx;
}

[[maybe_unused]] const Op& training_op = define({
    .name = "batchNormTraining",
    .inputs = {{"x", Accept::to_real},
               {"offset", Accept::to_real, Arity::optional},
               {"scale", Accept::to_real, Arity::optional}},
    .attrs = {{"varianceEpsilon", AttrType::number, 0.001, true}},
    .outputs = {"y", "mean", "variance"},
    .infer = [](const Call& c) -> Specs {
        const Spec channel{c[0].dtype(), channels_of(c)};
        for (int slot : {1, 2}) check_parameter(c, slot);
        return {c[0].spec(), channel, channel};
    },
    .run = run_training,
    .grad = [](const Gradient& g) -> Tensors {
        Tensors all(3);
        if (g.upstream[0]) {
            const Tensors through =
                call(training_grad_op, {g.x(0), g.y(1), g.y(2), g.x(2), g.upstream[0]}, g.attrs);
            all = {through[0], g.wants(1) ? through[1] : Tensor(), g.wants(2) ? through[2] : Tensor()};
        }
        if (const Tensor more = moments_grad(g)) all[0] = all[0] ? add(all[0], more) : more;
        return all;
    },
    .saves = {.inputs = {0, 2}, .outputs = {1, 2}},
    .decompose = [](const Call& c) -> Tensors {
        for (int slot : {1, 2}) check_parameter(c, slot);
        const Tensors m = call(op_named("moments"), {c[0]}, {leading_axes(c[0].shape())});
        const Tensor y =
            call1(op_named("batchNorm"), {c[0], m[0], m[1], optional(c, 1), optional(c, 2)}, c.attrs);
        return {y, m[0], m[1]};
    },
    .method = false,
    .internal = true,
    .doc = "x normalised by its own mean and (population) variance over all but the last dimension, times "
           "scale, plus "
           "offset; and these moments.",
});

}  // namespace

}  // namespace lamina
