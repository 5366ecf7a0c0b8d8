// Batch normalisation and moments.
#include <algorithm>

#include "ops/functions.h"
#include "ops/kernel_use.h"

namespace lamina {

namespace {

// ---- batchNorm ---------------------------------------------------------------------------------------------

const char* const kParameters[] = {"mean", "variance", "offset", "scale"};

Specs infer_batch_norm(const Call& c) {
    const Shape& x = c[0].shape();
    for (int i = 1; i < 5; ++i) {
        if (!c.has(i)) continue;
        const Shape& p = c[i].shape();
        if (p.rank() != c[1].rank())
            value_error("Batch normalization gradient requires mean and ", kParameters[i - 1],
                        " to have equal ranks.");
        if (!(broadcast(x, p) == x))
            value_error("Error in batchNorm: ", kParameters[i - 1], " of shape [", p,
                        "] does not fit an input of shape [", x, "].");
    }
    return {c[0].spec()};
}

// Whether mean, variance, offset and scale are one value for each channel, the last dimension.
bool per_channel(const Call& c) {
    const Shape& x = c[0].shape();
    if (x.rank() == 0 || x.size() == 0) return false;
    for (int i = 1; i < 5; ++i)
        if (c.has(i) && !(c[i].rank() == 1 && c[i].size() == x[x.rank() - 1])) return false;
    return true;
}

Tensor composed_batch_norm(const Call& c) {
    const double epsilon = c.number("varianceEpsilon");
    const Tensor inverse = rsqrt(add(c[2], epsilon));
    Tensor y = mul(sub(c[0], c[1]), c.has(4) ? mul(inverse, c[4]) : inverse);
    return c.has(3) ? add(y, c[3]) : y;
}

void run_batch_norm(const Call& c, Tensors& out) {
    if (!per_channel(c)) {
        out[0] = composed_batch_norm(c);
        return;
    }
    const int64_t channels = c[1].size(), rows = c[0].size() / channels;
    visit_real(c[0].dtype(), [&]<class T>() {
        const T* x = c[0].data<T>();
        T* y = out[0].mutable_data<T>();
        parallel_for(rows, kElementwiseGrain / channels + 1, [&](int64_t begin, int64_t end) {
            kernels<T>().batch_norm(x + begin * channels, c[1].data<T>(), c[2].data<T>(),
                                    c.has(4) ? c[4].data<T>() : nullptr, c.has(3) ? c[3].data<T>() : nullptr,
                                    static_cast<T>(c.number("varianceEpsilon")), y + begin * channels,
                                    end - begin, channels);
        });
    });
}

// With r = 1 / sqrt(variance + epsilon) and a = r scale, all parameters of one shape, and sums over what that
// shape leaves out: dx = a dy, d mean = -a sum(dy), d variance = -a r^2 / 2 sum(dy (x - mean)), d offset =
// sum(dy), d scale = r sum(dy (x - mean)).
Tensors grad_batch_norm(const Gradient& g) {
    const Tensor &x = g.x(0), &mean = g.x(1), &variance = g.x(2), &scale = g.x(4);
    const Tensor dy = g.dy();
    Shape common = broadcast(mean.shape(), variance.shape());
    if (scale) common = broadcast(common, scale.shape());
    if (g.wants(3)) common = broadcast(common, g.shape(3));
    const Tensor r = rsqrt(add(variance, g.call().number("varianceEpsilon")));
    const Tensor a = scale ? mul(r, scale) : r;
    Tensors all(5);
    if (g.wants(0)) all[0] = mul(dy, a);
    if (g.wants(1) || g.wants(3)) {
        const Tensor total = sum_to(dy, common);
        if (g.wants(1)) all[1] = sum_to(neg(mul(total, a)), mean.shape());
        if (g.wants(3)) all[3] = sum_to(total, g.shape(3));
    }
    if (g.wants(2) || g.wants(4)) {
        const Tensor moment = sum_to(mul(dy, sub(x, mean)), common);
        if (g.wants(2)) all[2] = sum_to(mul(mul(moment, mul(a, square(r))), -0.5), variance.shape());
        if (g.wants(4)) all[4] = sum_to(mul(moment, r), scale.shape());
    }
    return all;
}

[[maybe_unused]] const Op& batch_norm_op = define({
    .name = "batchNorm",
    .inputs = {{"x", Accept::to_real},
               {"mean", Accept::to_real},
               {"variance", Accept::to_real},
               {"offset", Accept::to_real, Arity::optional},
               {"scale", Accept::to_real, Arity::optional}},
    .attrs = {{"varianceEpsilon", AttrType::number, 0.001, true}},
    .promote = true,
    .infer = infer_batch_norm,
    .run = run_batch_norm,
    .grad = grad_batch_norm,
    .saves = {.inputs = {0, 1, 2, 4}},
    .decompose = [](const Call& c) -> Tensors {
        infer_batch_norm(c);
        return {composed_batch_norm(c)};
    },
    .doc = "(x - mean) / sqrt(variance + varianceEpsilon) * scale + offset, with parameters of the last "
           "dimension's size "
           "or of any shape that broadcasts to x.",
});

// ---- moments -----------------------------------------------------------------------------------------------

Ints reduced_axes(const Call& c) {
    Ints axes;
    if (c.given("axis")) {
        for (int64_t a : c.ints("axis")) axes.push_back(normalize_axis(c.op.name, a, c[0].rank()));
        std::sort(axes.begin(), axes.end());
        if (std::adjacent_find(axes.begin(), axes.end()) != axes.end())
            value_error(c.op.name, ": an axis is named twice.");
    } else {
        for (int i = 0; i < c[0].rank(); ++i) axes.push_back(i);
    }
    return axes;
}

Shape reduced_shape(Shape shape, const Ints& axes, bool keep_dims) {
    for (size_t i = axes.size(); i-- > 0;) {
        const int axis = static_cast<int>(axes[i]);
        shape = keep_dims ? shape.with(axis, 1) : shape.without(axis);
    }
    return shape;
}

Specs infer_moments(const Call& c) {
    const Spec spec{c[0].dtype(), reduced_shape(c[0].shape(), reduced_axes(c), c.flag("keepDims"))};
    return {spec, spec};
}

Tensors composed_moments(const Call& c) {
    const Ints axes = reduced_axes(c);
    const Tensor middle = mean(c[0], axes, true);
    const Tensor variance = mean(square(sub(c[0], middle)), axes, true);
    const Shape shape = reduced_shape(c[0].shape(), axes, c.flag("keepDims"));
    return {reshape(middle, shape), reshape(variance, shape)};
}

// Mean and variance of n values; piece by piece, so that the distances from the mean need little room.
template <class T>
void row_moments(const T* x, int64_t n, T* mean, T* variance) {
    constexpr int64_t piece = 1024;
    T distances[piece];
    const Table<T>& table = kernels<T>();
    *mean = table.reduce_run[static_cast<int>(Reduce::sum)](x, n) / static_cast<T>(n);
    T total = 0;
    for (int64_t i = 0; i < n; i += piece) {
        const int64_t count = std::min(piece, n - i);
        table.binary[static_cast<int>(Binary::sub)](x + i, mean, distances, count, 1, 0);
        total += table.reduce_run[static_cast<int>(Reduce::sum_of_squares)](distances, count);
    }
    *variance = total / static_cast<T>(n);
}

void run_moments(const Call& c, Tensors& out) {
    const Ints axes = reduced_axes(c);
    const Shape& s = c[0].shape();
    const int count = static_cast<int>(axes.size()), rank = s.rank();
    const bool leading = count > 0 && axes.back() == count - 1;
    const bool trailing = count > 0 && axes.front() == rank - count;
    if ((!leading && !trailing) || s.size() == 0) {
        out = composed_moments(c);
        return;
    }
    visit_real(c[0].dtype(), [&]<class T>() {
        const T* x = c[0].data<T>();
        T *mean = out[0].mutable_data<T>(), *variance = out[1].mutable_data<T>();
        if (leading)
            return kernels<T>().moments(x, mean, variance, s.product(0, count), s.product(count, rank));
        const int64_t n = s.product(rank - count, rank);
        parallel_for(s.product(0, rank - count), kElementwiseGrain / n + 1, [&](int64_t begin, int64_t end) {
            for (int64_t i = begin; i < end; ++i) row_moments(x + i * n, n, mean + i, variance + i);
        });
    });
}

// The variance's derivative through the mean is zero, since the distances from the mean sum to zero.
Tensors grad_moments(const Gradient& g) {
    const Call c = g.call();
    const Ints axes = reduced_axes(c);
    const Shape kept = reduced_shape(g.shape(0), axes, true);
    const double weight = 1.0 / static_cast<double>(std::max<int64_t>(
                                    1, g.shape(0).size() / std::max<int64_t>(1, kept.size())));
    Tensor dx;
    if (g.upstream[1]) {
        const Tensor slope = mul(reshape(g.upstream[1], kept), 2 * weight);
        dx = mul(sub(g.x(0), reshape(g.y(0), kept)), slope);
    }
    if (g.upstream[0]) {
        const Tensor share = mul(reshape(g.upstream[0], kept), weight);
        dx = dx ? add(dx, share) : broadcast_to(share, g.shape(0));
    }
    return {dx};
}

[[maybe_unused]] const Op& moments_op = define({
    .name = "moments",
    .inputs = {{"x", Accept::to_real}},
    .attrs = {{"axis", AttrType::ints, None{}, true}, {"keepDims", AttrType::boolean, false, true}},
    .outputs = {"mean", "variance"},
    .infer = infer_moments,
    .run = run_moments,
    .grad = grad_moments,
    .saves = {.inputs = {0}, .outputs = {0}},
    .decompose = [](const Call& c) -> Tensors { return composed_moments(c); },
    .doc = "Mean and (population) variance over the given axes, or over all.",
});

}  // namespace

}  // namespace lamina
