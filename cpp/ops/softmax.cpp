// Softmax along the last axis, its logarithm, and the cross entropy that belongs to it.
#include "ops/functions.h"
#include "ops/kernel_use.h"

namespace lamina {

namespace {

int64_t last_dim(const Shape& shape) { return shape[shape.rank() - 1]; }

Shape drop_last(const Shape& shape) { return shape.without(shape.rank() - 1); }

// Each row over the last axis summed, the axis kept.
Tensor row_sum(const Tensor& x) { return sum(x, {-1}, true); }

// f(first row, number of rows) for all rows of n values, on several threads where it pays; exp makes an
// element dearer than those that kElementwiseGrain was chosen for.
template <class F>
void each_rows(int64_t rows, int64_t n, F f) {
    parallel_for(rows, kElementwiseGrain / (4 * n + 1) + 1,
                 [&](int64_t begin, int64_t end) { f(begin, end - begin); });
}

template <class T>
using RowsKernel = SoftmaxRows<T> Table<T>::*;
template <class T>
using GradKernel = SoftmaxGradRows<T> Table<T>::*;

template <RowsKernel<float> Float, RowsKernel<double> Double>
void run_rows(const Call& c, Tensors& out) {
    const int64_t n = last_dim(c[0].shape());
    if (c[0].size() == 0) return;
    visit_real(c[0].dtype(), [&]<class T>() {
        SoftmaxRows<T> kernel;
        if constexpr (sizeof(T) == sizeof(float))
            kernel = kernels<T>().*Float;
        else
            kernel = kernels<T>().*Double;
        const T* x = c[0].data<T>();
        T* y = out[0].mutable_data<T>();
        each_rows(c[0].size() / n, n,
                  [&](int64_t i, int64_t rows) { kernel(x + i * n, y + i * n, rows, n); });
    });
}

template <GradKernel<float> Float, GradKernel<double> Double>
void run_grad_rows(const Call& c, Tensors& out) {
    const int64_t n = last_dim(c[0].shape());
    if (c[0].size() == 0) return;
    visit_real(c[0].dtype(), [&]<class T>() {
        SoftmaxGradRows<T> kernel;
        if constexpr (sizeof(T) == sizeof(float))
            kernel = kernels<T>().*Float;
        else
            kernel = kernels<T>().*Double;
        const T *dy = c[0].data<T>(), *y = c[1].data<T>();
        T* dx = out[0].mutable_data<T>();
        each_rows(c[0].size() / n, n,
                  [&](int64_t i, int64_t rows) { kernel(dy + i * n, y + i * n, dx + i * n, rows, n); });
    });
}

Specs infer_rows(const Call& c, const char* title, const char* axis_name) {
    const int rank = c[0].rank();
    const int64_t axis = c.integer(axis_name);
    if (rank == 0) value_error("Error in ", c.op.name, ": logits must be at least rank 1, but got rank 0.");
    if (axis != -1 && axis != rank - 1)
        value_error(title, " along a non-last dimension is not yet supported. Logits was rank ", rank,
                    " and ", axis_name, " was ", axis);
    return {c[0].spec()};
}

// ---- softmax -----------------------------------------------------------------------------------------------

Tensor softmax_grad(const Tensor& dy, const Tensor& y);

const Op& softmax_op = define({
    .name = "softmax",
    .inputs = {{"logits", Accept::real}},
    .attrs = {{"dim", AttrType::integer, int64_t{-1}, true}},
    .infer = [](const Call& c) { return infer_rows(c, "Softmax", "dim"); },
    .run = run_rows<&Table<float>::softmax, &Table<double>::softmax>,
    .grad = [](const Gradient& g) -> Tensors { return {softmax_grad(g.dy(), g.y())}; },
    .saves = {.outputs = {0}},
    .doc = "exp(logits) divided by its sum over the last dimension.",
});

// dx = (dy - s) y with s = sum(dy y). Its matrix is symmetric, hence the part of dy is itself.
const Op& softmax_grad_op = define({
    .name = "softmaxGrad",
    .inputs = {{"dy", Accept::real}, {"y", Accept::real}},
    .promote = true,
    .infer = same_as_input,
    .run = run_grad_rows<&Table<float>::softmax_grad, &Table<double>::softmax_grad>,
    .grad = [](const Gradient& g) -> Tensors {
        const Tensor &dy = g.x(0), &y = g.x(1);
        const Tensor u = g.dy();
        Tensor by_dy, by_y;
        if (g.wants(0)) by_dy = softmax_grad(u, y);
        if (g.wants(1)) by_y = sub(mul(u, sub(dy, row_sum(mul(dy, y)))), mul(dy, row_sum(mul(u, y))));
        return {by_dy, by_y};
    },
    .saves = {.inputs = {0, 1}},
    .method = false,
    .internal = true,
    .doc = "The gradient of softmax from its result y.",
});

Tensor softmax_grad(const Tensor& dy, const Tensor& y) { return call1(softmax_grad_op, {dy, y}); }

// ---- logSoftmax --------------------------------------------------------------------------------------------

Tensor log_softmax_grad(const Tensor& dy, const Tensor& y);

const Op& log_softmax_op = define({
    .name = "logSoftmax",
    .inputs = {{"logits", Accept::to_real}},
    .attrs = {{"axis", AttrType::integer, int64_t{-1}, true}},
    .infer = [](const Call& c) { return infer_rows(c, "Log Softmax", "axis"); },
    .run = run_rows<&Table<float>::log_softmax, &Table<double>::log_softmax>,
    .grad = [](const Gradient& g) -> Tensors { return {log_softmax_grad(g.dy(), g.y())}; },
    .saves = {.outputs = {0}},
    .doc = "The logarithm of softmax along the last dimension.",
});

// dx = dy - exp(y) s with s = sum(dy)
const Op& log_softmax_grad_op = define({
    .name = "logSoftmaxGrad",
    .inputs = {{"dy", Accept::real}, {"y", Accept::real}},
    .promote = true,
    .infer = same_as_input,
    .run = run_grad_rows<&Table<float>::log_softmax_grad, &Table<double>::log_softmax_grad>,
    .grad = [](const Gradient& g) -> Tensors {
        const Tensor u_p = mul(g.dy(), exp(g.x(1)));
        Tensor by_dy, by_y;
        if (g.wants(0)) by_dy = sub(g.dy(), row_sum(u_p));
        if (g.wants(1)) by_y = neg(mul(u_p, row_sum(g.x(0))));
        return {by_dy, by_y};
    },
    .saves = {.inputs = {0, 1}},
    .method = false,
    .internal = true,
    .doc = "The gradient of logSoftmax from its result y.",
});

Tensor log_softmax_grad(const Tensor& dy, const Tensor& y) { return call1(log_softmax_grad_op, {dy, y}); }

// ---- cross entropy -----------------------------------------------------------------------------------------

Specs infer_cross_entropy(const Call& c) {
    const Shape &x = c[0].shape(), &t = c[1].shape();
    if (x.rank() == 0)
        value_error("Error in ", c.op.name, ": logits must be at least rank 1, but got rank 0.");
    if (!(x == t)) value_error("Error in ", c.op.name, ": Shapes [", x, "] and [", t, "] must match");
    return {{c[0].dtype(), drop_last(x)}};
}

Tensor cross_entropy_grad(const Tensor& logits, const Tensor& labels, const Tensor& dy);

const Op& cross_entropy_op = define({
    .name = "softmaxCrossEntropy",
    .inputs = {{"logits", Accept::to_real}, {"labels", Accept::to_real}},
    .promote = true,
    .infer = infer_cross_entropy,
    .run =
        [](const Call& c, Tensors& out) {
            const int64_t n = last_dim(c[0].shape());
            visit_real(c[0].dtype(), [&]<class T>() {
                const T *x = c[0].data<T>(), *target = c[1].data<T>();
                T* loss = out[0].mutable_data<T>();
                each_rows(out[0].size(), n, [&](int64_t i, int64_t rows) {
                    kernels<T>().softmax_cross_entropy(x + i * n, target + i * n, loss + i, nullptr, rows, n);
                });
            });
        },
    .grad = [](const Gradient& g) -> Tensors {
        const Tensor dy = g.dy();
        const Shape column = dy.shape().inserted(dy.rank(), 1);
        Tensor by_logits, by_labels;
        if (g.wants(0)) by_logits = cross_entropy_grad(g.x(0), g.x(1), dy);
        if (g.wants(1)) by_labels = neg(mul(log_softmax(g.x(0)), reshape(dy, column)));
        return {by_logits, by_labels};
    },
    .saves = {.inputs = {0, 1}},
    .decompose = [](const Call& c) -> Tensors {
        infer_cross_entropy(c);
        return {neg(sum(mul(c[1], log_softmax(c[0])), {-1}))};
    },
    .method = false,
    .internal = true,
    .doc = "The cross entropy of softmax(logits) against the distribution `labels`, one value for each row "
           "over the "
           "last dimension.",
});

// dx = (softmax(x) S - t) dy with S = sum(t), each row with its dy
const Op& cross_entropy_grad_op = define({
    .name = "softmaxCrossEntropyGrad",
    .inputs = {{"logits", Accept::real}, {"labels", Accept::real}, {"dy", Accept::real}},
    .promote = true,
    .infer = same_as_input,
    .run =
        [](const Call& c, Tensors& out) {
            const int64_t n = last_dim(c[0].shape());
            visit_real(c[0].dtype(), [&]<class T>() {
                const T *x = c[0].data<T>(), *target = c[1].data<T>(), *dy = c[2].data<T>();
                T* dx = out[0].mutable_data<T>();
                const auto scale = kernels<T>().binary[static_cast<int>(Binary::mul)];
                each_rows(c[2].size(), n, [&](int64_t begin, int64_t rows) {
                    T loss;
                    for (int64_t i = begin; i < begin + rows; ++i) {
                        T* row = dx + i * n;
                        kernels<T>().softmax_cross_entropy(x + i * n, target + i * n, &loss, row, 1, n);
                        scale(row, dy + i, row, n, 1, 0);
                    }
                });
            });
        },
    .grad = [](const Gradient& g) -> Tensors {
        const Tensor &x = g.x(0), &t = g.x(1);
        const Tensor d = reshape(g.x(2), g.shape(2).inserted(g.shape(2).rank(), 1));
        const Tensor u = g.dy();
        const Tensor p = softmax(x);
        Tensor by_x, by_t, by_dy;
        if (g.wants(0)) by_x = softmax_grad(mul(mul(u, row_sum(t)), d), p);
        if (g.wants(1)) by_t = mul(sub(row_sum(mul(u, p)), u), d);
        if (g.wants(2)) by_dy = sum(mul(u, sub(mul(p, row_sum(t)), t)), {-1});
        return {by_x, by_t, by_dy};
    },
    .saves = {.inputs = {0, 1, 2}},
    .method = false,
    .internal = true,
    .doc = "The gradient of softmaxCrossEntropy by its logits.",
});

Tensor cross_entropy_grad(const Tensor& logits, const Tensor& labels, const Tensor& dy) {
    return call1(cross_entropy_grad_op, {logits, labels, dy});
}

}  // namespace

Tensor softmax(const Tensor& logits) { return call1(softmax_op, {logits}); }
Tensor log_softmax(const Tensor& logits) { return call1(log_softmax_op, {logits}); }

}  // namespace lamina
