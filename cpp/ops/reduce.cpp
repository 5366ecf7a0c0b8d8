// Reductions over axes.
#include <memory>

#include "ops/complex.h"
#include "ops/functions.h"
#include "ops/integer_math.h"
#include "ops/kernel_use.h"
#include "ops/scan.h"
#include "ops/strided.h"

namespace lamina {

namespace {

// Dimensions without the heap: Programs find them anew in each run.
using Axes = SmallVector<int64_t, Shape::kMaxRank>;

// axes of an attribute, sorted and checked; none given means all.
Axes reduced_axes(const Call& c, int rank) {
    Axes axes;
    if (!c.given("axis")) {
        for (int i = 0; i < rank; ++i) axes.push_back(i);
        return axes;
    }
    for (int64_t a : c.ints("axis")) axes.push_back(normalize_axis(c.op.name, a, rank));
    std::sort(axes.begin(), axes.end());
    if (std::adjacent_find(axes.begin(), axes.end()) != axes.end())
        value_error(c.op.name, ": an axis is named twice.");
    return axes;
}

Ints as_ints(const Axes& axes) { return {axes.begin(), axes.end()}; }

Shape reduced_shape(const Shape& shape, std::span<const int64_t> axes, bool keep_dims) {
    Axes dims;
    size_t next = 0;
    for (int i = 0; i < shape.rank(); ++i) {
        const bool reduced = next < axes.size() && axes[next] == i;
        next += reduced;
        if (!reduced)
            dims.push_back(shape[i]);
        else if (keep_dims)
            dims.push_back(1);
    }
    return Shape(std::span<const int64_t>(dims));
}

// x seen as [outer, n, inner] with n to be reduced, after moving the axes together where they are apart.
struct Folded {
    Tensor x;
    int64_t outer, n, inner;
};

Folded fold(const Tensor& x, std::span<const int64_t> axes) {
    const Shape& s = x.shape();
    if (axes.empty()) return {x, s.size(), 1, 1};
    const int first = static_cast<int>(axes.front()), last = static_cast<int>(axes.back());
    // Dimensions of size 1 between the axes do not keep them apart.
    bool adjacent = true;
    size_t next = 0;
    for (int i = first; i <= last; ++i) {
        if (axes[next] == i)
            ++next;
        else
            adjacent &= s[i] == 1;
    }
    if (adjacent) return {x, s.product(0, first), s.product(first, last + 1), s.product(last + 1, s.rank())};
    Ints perm;
    int64_t outer = 1;
    for (int i = 0; i < s.rank(); ++i)
        if (std::find(axes.begin(), axes.end(), i) == axes.end()) {
            perm.push_back(i);
            outer *= s[i];
        }
    perm.insert(perm.end(), axes.begin(), axes.end());
    int64_t n = 1;
    for (int64_t a : axes) n *= s[static_cast<int>(a)];
    return {transpose(x, perm), outer, n, 1};
}

template <class T>
T identity(Reduce f) {
    switch (f) {
        case Reduce::prod:
            return T(1);
        case Reduce::max:
            return std::numeric_limits<T>::has_infinity ? -std::numeric_limits<T>::infinity()
                                                        : std::numeric_limits<T>::lowest();
        case Reduce::min:
            return std::numeric_limits<T>::has_infinity ? std::numeric_limits<T>::infinity()
                                                        : std::numeric_limits<T>::max();
        default:
            return T(0);
    }
}

// Long runs are cut into blocks of this many elements whose results are combined in order: the cut depends on
// the shape alone, so that any number of threads gives the same sum.
constexpr int64_t kBlock = 1 << 16;

// Columns are cut to blocks of rows: no more than a sum can take one after the other without rounding much
// away, and so many that the blocks' own results are few beside them. Long rows are cut for the threads.
constexpr int64_t kMostRows = 512, kLeastRows = 64, kColumns = 4096;

template <Reduce F, class T>
void reduce_columns(const T* x, T* y, int64_t outer, int64_t n, int64_t inner) {
    const auto columns = kernels<T>().reduce_columns[static_cast<int>(F)];
    const int64_t rows = std::max(std::min(kMostRows, kBlock / inner), kLeastRows);
    const int64_t blocks = (n + rows - 1) / rows, cuts = (inner + kColumns - 1) / kColumns;
    const auto reduce_blocks = [&](T* to) {
        const int64_t grain = kElementwiseGrain / (std::min(rows, n) * std::min(inner, kColumns)) + 1;
        parallel_for(outer * blocks * cuts, grain, [=](int64_t begin, int64_t end) {
            for (int64_t i = begin; i < end; ++i) {
                const int64_t block = i / cuts, column = i % cuts * kColumns;
                const int64_t o = block / blocks, row = block % blocks * rows;
                const int64_t width = std::min(kColumns, inner - column);
                T* y = to + block * inner + column;
                std::fill_n(y, width, identity<T>(F));
                columns(x + (o * n + row) * inner + column, y, std::min(rows, n - row), width, inner);
            }
        });
    };
    if (blocks == 1) return reduce_blocks(y);
    const auto partial = std::make_unique_for_overwrite<T[]>(static_cast<size_t>(outer * blocks * inner));
    reduce_blocks(partial.get());
    constexpr Reduce combine = F == Reduce::sum_of_squares ? Reduce::sum : F;
    reduce_columns<combine>(partial.get(), y, outer, blocks, inner);
}

template <Reduce F, class T>
void reduce_real(const Folded& f, T* y) {
    const T* x = f.x.data<T>();
    const auto run = kernels<T>().reduce_run[static_cast<int>(F)];
    constexpr Reduce combine = F == Reduce::sum_of_squares ? Reduce::sum : F;
    if (f.n == 0 || f.inner == 0) return std::fill(y, y + f.outer * f.inner, identity<T>(F));
    if (f.inner > 1) return reduce_columns<F>(x, y, f.outer, f.n, f.inner);
    if (f.n <= kBlock) {
        parallel_for(f.outer, std::max<int64_t>(1, kElementwiseGrain / f.n), [&](int64_t begin, int64_t end) {
            for (int64_t o = begin; o < end; ++o) y[o] = run(x + o * f.n, f.n);
        });
        return;
    }
    const int64_t blocks = (f.n + kBlock - 1) / kBlock;
    std::vector<T> partial(static_cast<size_t>(f.outer * blocks));
    parallel_for(f.outer * blocks, 1, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
            const int64_t o = i / blocks, at = i % blocks * kBlock;
            partial[static_cast<size_t>(i)] = run(x + o * f.n + at, std::min(kBlock, f.n - at));
        }
    });
    const auto join = kernels<T>().reduce_run[static_cast<int>(combine)];
    for (int64_t o = 0; o < f.outer; ++o) y[o] = join(partial.data() + o * blocks, blocks);
}

// For int32 and bool: f(accumulated, element) over every group.
template <class T, class R, class F>
void reduce_plain(const Folded& f, R* y, R start, F combine) {
    const T* x = f.x.data<T>();
    for (int64_t o = 0; o < f.outer; ++o)
        for (int64_t j = 0; j < f.inner; ++j) {
            R r = start;
            for (int64_t i = 0; i < f.n; ++i) r = combine(r, x[(o * f.n + i) * f.inner + j]);
            y[o * f.inner + j] = r;
        }
}

template <Reduce F>
void run_reduce(const Call& c, Tensors& out) {
    const Folded f = fold(c[0], reduced_axes(c, c[0].rank()));
    const auto combine = [](int32_t a, int32_t b) -> int32_t {
        const auto ua = static_cast<uint32_t>(a), ub = static_cast<uint32_t>(b);
        if (F == Reduce::sum) return static_cast<int32_t>(ua + ub);
        if (F == Reduce::prod) return static_cast<int32_t>(ua * ub);
        return F == Reduce::max ? std::max(a, b) : std::min(a, b);
    };
    if (c[0].dtype() == DType::int32)
        return reduce_plain<int32_t>(f, out[0].mutable_data<int32_t>(), identity<int32_t>(F), combine);
    if (c[0].dtype() == DType::boolean) {
        if (out[0].dtype() == DType::int32)  // sum, prod
            return reduce_plain<uint8_t>(f, out[0].mutable_data<int32_t>(), identity<int32_t>(F), combine);
        return reduce_plain<uint8_t>(
            f, out[0].mutable_data<uint8_t>(), static_cast<uint8_t>(F == Reduce::min),
            [&](uint8_t a, uint8_t b) { return static_cast<uint8_t>(combine(a, b)); });
    }
    if (c[0].dtype() == DType::complex64) {
        return sum_complex(f.x.data<Complex>(), out[0].mutable_data<Complex>(), f.outer, f.n, f.inner);
    }
    visit_real(c[0].dtype(), [&]<class T>() { reduce_real<F>(f, out[0].mutable_data<T>()); });
}

template <Reduce F>
Specs infer_reduce(const Call& c) {
    DType type = c[0].dtype();
    if (type == DType::complex64 && F != Reduce::sum)
        type_error(c.op.name, " is not defined for complex64 tensors.");
    if (type == DType::boolean && (F == Reduce::sum || F == Reduce::prod)) type = DType::int32;
    return {{type, reduced_shape(c[0].shape(), reduced_axes(c, c[0].rank()), c.flag("keepDims"))}};
}

const std::vector<AttrSpec> kReduceAttrs = {{"axis", AttrType::ints, None{}, true},
                                            {"keepDims", AttrType::boolean, false, true}};

// The gradient's shape with the reduced axes in place, as ones.
Shape kept_shape(const Gradient& g) {
    const Call c{g.op, g.saved_inputs, g.attrs};
    return reduced_shape(g.shape(0), reduced_axes(c, g.shape(0).rank()), true);
}

const Op& sum_op = define({
    .name = "sum",
    .inputs = {{"x", Accept::numeric}},
    .attrs = kReduceAttrs,
    .infer = infer_reduce<Reduce::sum>,
    .run = run_reduce<Reduce::sum>,
    .grad = [](const Gradient& g) -> Tensors {
        return {broadcast_to(reshape(g.dy(), kept_shape(g)), g.shape(0))};
    },
    .doc = "The sum over the given axes, or over all. A bool tensor's sum is int32.",
});

[[maybe_unused]] const Op& squared_sum_op = define({
    .name = "squaredSum",
    .inputs = {{"x", Accept::real}},
    .attrs = kReduceAttrs,
    .infer = infer_reduce<Reduce::sum_of_squares>,
    .run = run_reduce<Reduce::sum_of_squares>,
    .no_grad = "made of differentiable ops",
    .decompose = [](const Call& c) -> Tensors {
        return {sum(square(c[0]), as_ints(reduced_axes(c, c[0].rank())), c.flag("keepDims"))};
    },
    .method = false,
    .internal = true,
    .doc = "The sum of the squares over the given axes, or over all.",
});

const Op& mean_op = define({
    .name = "mean",
    .inputs = {{"x", Accept::to_real}},
    .attrs = kReduceAttrs,
    .no_grad = "made of differentiable ops",
    .decompose = [](const Call& c) -> Tensors {
        const Ints axes = as_ints(reduced_axes(c, c[0].rank()));
        double n = 1;
        for (int64_t a : axes) n *= static_cast<double>(c[0].shape()[static_cast<int>(a)]);
        // The mean of nothing is 0, as TensorFlow.js' cpu backend gives.
        return {div(sum(c[0], axes, c.flag("keepDims")), n > 0 ? n : 1)};
    },
    .doc = "The mean over the given axes, or over all; of an integer tensor float32.",
});

// All maxima get the gradient, as in TensorFlow.js.
template <Reduce F>
Op extreme(const char* name, const char* doc) {
    return {
        .name = name,
        .inputs = {{"x", Accept::numeric}},
        .attrs = kReduceAttrs,
        .infer = infer_reduce<F>,
        .run = run_reduce<F>,
        .grad = [](const Gradient& g) -> Tensors {
            const Shape kept = kept_shape(g);
            const Tensor hit = equal(g.x(0), reshape(g.y(), kept));
            return {mul(cast(hit, g.dy().dtype()), reshape(g.dy(), kept))};
        },
        .saves = {.inputs = {0}, .outputs = {0}},
        .doc = doc,
    };
}
const Op& max_op = define(extreme<Reduce::max>(
    "max",
    "The largest value over the given axes, or over all; NaN where one is. All maxima get the gradient."));
const Op& min_op = define(extreme<Reduce::min>(
    "min",
    "The smallest value over the given axes, or over all; NaN where one is. All minima get the gradient."));

// The derivative by one factor is the product of the others: of those before it times those behind it, so
// that zeros need no division.
const Op& prod_op = define({
    .name = "prod",
    .inputs = {{"x", Accept::numeric}},
    .attrs = kReduceAttrs,
    .infer = infer_reduce<Reduce::prod>,
    .run = run_reduce<Reduce::prod>,
    .grad = [](const Gradient& g) -> Tensors {
        const Tensor& x = g.x(0);
        const Call c = g.call();
        const Axes axes = reduced_axes(c, x.rank());
        Ints perm, inverse(static_cast<size_t>(x.rank()));
        int64_t n = 1;
        for (int i = 0; i < x.rank(); ++i)
            if (std::find(axes.begin(), axes.end(), i) == axes.end()) perm.push_back(i);
        for (int64_t a : axes) {
            perm.push_back(a);
            n *= x.shape()[static_cast<int>(a)];
        }
        for (size_t i = 0; i < perm.size(); ++i)
            inverse[static_cast<size_t>(perm[i])] = static_cast<int64_t>(i);
        if (x.size() == 0) return {zeros_like(x)};
        const Tensor moved = transpose(x, perm);
        const Tensor others = product_of_others(reshape(moved, Shape{x.size() / n, n}), 1);
        const Tensor slope = transpose(reshape(others, moved.shape()), inverse);
        return {mul(slope, reshape(g.dy(), kept_shape(g)))};
    },
    .saves = {.inputs = {0}},
    .doc = "The product over the given axes, or over all. A bool tensor's product is int32.",
});

// Groups that lie in a row, each up to the first value that decides.
template <bool All>
void scan_truths(const Folded& f, uint8_t* y) {
    for (int64_t o = 0; o < f.outer; ++o) {
        const bool decided = kernels<float>().has_truth(f.x.data<uint8_t>() + o * f.n, f.n, !All);
        y[o] = decided != All;
    }
}

template <bool All>
Op truth(const char* name, const char* doc) {
    return {
        .name = name,
        .inputs = {{"x", Accept::boolean}},
        .attrs = kReduceAttrs,
        .infer = infer_reduce<Reduce::max>,
        .run =
            [](const Call& c, Tensors& out) {
                const Folded f = fold(c[0], reduced_axes(c, c[0].rank()));
                if (f.inner == 1) return scan_truths<All>(f, out[0].mutable_data<uint8_t>());
                reduce_plain<uint8_t>(f, out[0].mutable_data<uint8_t>(), static_cast<uint8_t>(All),
                                      [](uint8_t a, uint8_t b) -> uint8_t { return All ? a && b : a || b; });
            },
        .no_grad = "its result is a truth value",
        .doc = doc,
    };
}
const Op& all_op =
    define(truth<true>("all", "Whether all values over the given axes, or over all, are true."));
const Op& any_op =
    define(truth<false>("any", "Whether any value over the given axes, or over all, is true."));

// ---- arguments of extremes ---------------------------------------------------------------------------------

// y[o] = the place of the extreme of run o. Long runs are cut into blocks, whose extremes are compared in
// order.
template <bool Max, class T>
void arg_of_runs(const T* x, int32_t* y, int64_t runs, int64_t n) {
    const auto kernel = Max ? kernels<T>().arg_max : kernels<T>().arg_min;
    const int64_t blocks = (n + kBlock - 1) / kBlock;
    std::vector<int32_t> of_blocks(blocks > 1 ? static_cast<size_t>(runs * blocks) : 0);
    int32_t* places = blocks > 1 ? of_blocks.data() : y;
    parallel_for(runs * blocks, std::max<int64_t>(1, kElementwiseGrain / std::min(n, kBlock)),
                 [=](int64_t begin, int64_t end) {
                     for (int64_t i = begin; i < end; ++i) {
                         const int64_t first = i % blocks * kBlock;
                         const T* from = x + i / blocks * n + first;
                         places[i] = static_cast<int32_t>(first + kernel(from, std::min(n - first, kBlock)));
                     }
                 });
    for (int64_t o = 0; blocks > 1 && o < runs; ++o) {
        const T* run = x + o * n;
        const auto beats = [run](int32_t a, int32_t b) {
            return (Max ? run[a] > run[b] : run[a] < run[b]) || (run[b] != run[b] && run[a] == run[a]);
        };
        y[o] = places[o * blocks];
        for (int64_t b = 1; b < blocks; ++b)
            if (beats(places[o * blocks + b], y[o])) y[o] = places[o * blocks + b];
    }
}

template <bool Max>
void run_arg(const Call& c, Tensors& out) {
    const Axes axes{normalize_axis(c.op.name, c.integer("axis"), c[0].rank())};
    Folded f = fold(c[0], axes);
    if (f.inner != 1) {
        Ints perm;
        for (int i = 0; i < c[0].rank(); ++i)
            if (i != axes[0]) perm.push_back(i);
        perm.push_back(axes[0]);
        f = {transpose(c[0], perm), f.outer * f.inner, f.n, 1};
    }
    auto* y = out[0].mutable_data<int32_t>();
    const DType type = c[0].dtype();
    if (is_integral(type)) {
        visit_number(type, [&]<class T>() {
            const T* x = f.x.data<T>();
            for (int64_t o = 0; o < f.outer; ++o) {
                const T *begin = x + o * f.n, *end = begin + f.n;
                y[o] = static_cast<int32_t>(
                    (Max ? std::max_element(begin, end) : std::min_element(begin, end)) - begin);
            }
        });
        return;
    }
    visit_real(type, [&]<class T>() { arg_of_runs<Max>(f.x.data<T>(), y, f.outer, f.n); });
}

template <bool Max>
Op arg_extreme(const char* name, const char* doc) {
    return {
        .name = name,
        .inputs = {{"x", Accept::numeric}},
        .attrs = {{"axis", AttrType::integer, int64_t{0}, true}},
        .infer = [](const Call& c) -> Specs {
            if (c[0].dtype() == DType::complex64)
                type_error(c.op.name, " is not defined for complex64 tensors.");
            const int axis = normalize_axis(c.op.name, c.integer("axis"), c[0].rank());
            if (c[0].shape()[axis] == 0)
                value_error(c.op.name, ": axis ", axis, " of shape [", c[0].shape(), "] is empty.");
            check_positions(c.op.name, c[0].shape()[axis]);
            return {{DType::int32, c[0].shape().without(axis)}};
        },
        .run = run_arg<Max>,
        .no_grad = "its result is an index",
        .doc = doc,
    };
}
const Op& arg_max_op = define(arg_extreme<true>(
    "argMax", "The index of the first largest value along the axis, as int32; NaN is passed over."));
const Op& arg_min_op = define(arg_extreme<false>(
    "argMin", "The index of the first smallest value along the axis, as int32; NaN is passed over."));

// Some columns at a time become rows, which the kernel takes.
template <class T>
void log_sum_exp_of_columns(const Folded& f, T* y) {
    constexpr int64_t kTile = 1 << 14;
    const int64_t width = std::clamp<int64_t>(kTile / f.n, 1, f.inner);
    const int64_t tiles = (f.inner + width - 1) / width;
    const T* x = f.x.data<T>();
    parallel_for(f.outer * tiles, kElementwiseGrain / (4 * f.n * width) + 1, [&](int64_t begin, int64_t end) {
        T* rows = static_cast<T*>(thread_scratch(2, static_cast<size_t>(f.n * width) * sizeof(T)));
        for (int64_t i = begin; i < end; ++i) {
            const int64_t o = i / tiles, first = i % tiles * width, count = std::min(width, f.inner - first);
            strided_copy(sizeof(T), {count, f.n}, x + o * f.n * f.inner + first, {1, f.inner}, rows,
                         {f.n, 1});
            kernels<T>().log_sum_exp(rows, y + o * f.inner + first, count, f.n);
        }
    });
}

const Op& log_sum_exp_op = define({
    .name = "logSumExp",
    .inputs = {{"x", Accept::to_real}},
    .attrs = kReduceAttrs,
    .infer = infer_reduce<Reduce::sum>,
    .run =
        [](const Call& c, Tensors& out) {
            const Folded f = fold(c[0], reduced_axes(c, c[0].rank()));
            visit_real(c[0].dtype(), [&]<class T>() {
                T* y = out[0].mutable_data<T>();
                if (f.n == 0 || f.inner == 0)
                    return std::fill_n(y, f.outer * f.inner, -std::numeric_limits<T>::infinity()), void();
                if (f.inner > 1) return log_sum_exp_of_columns(f, y);
                const T* x = f.x.data<T>();
                parallel_for(f.outer, kElementwiseGrain / (4 * f.n) + 1, [&](int64_t begin, int64_t end) {
                    kernels<T>().log_sum_exp(x + begin * f.n, y + begin, end - begin, f.n);
                });
            });
        },
    .no_grad = "made of differentiable ops",
    .decompose = [](const Call& c) -> Tensors {
        const Ints axes = as_ints(reduced_axes(c, c[0].rank()));
        // The shift cancels, so that no gradient passes through it; an infinite one would give NaN.
        const Tensor top = max(c[0].is_symbolic() ? c[0] : c[0].detached(), axes, true);
        const Tensor finite =
            less(abs(top), Tensor::number(std::numeric_limits<float>::infinity(), top.dtype()));
        const Tensor shift = where(finite, top, zeros_like(top));
        const Tensor kept = add(log(sum(exp(sub(c[0], shift)), axes, true)), shift);
        return {reshape(kept, reduced_shape(c[0].shape(), axes, c.flag("keepDims")))};
    },
    .doc = "log(sum(exp(x))) over the given axes, or over all, without overflow.",
});

}  // namespace

Tensor sum(const Tensor& x, const Ints& axes, bool keep_dims) {
    return call1(sum_op, {x}, {axes, keep_dims});
}
Tensor sum(const Tensor& x) { return call1(sum_op, {x}); }
Tensor mean(const Tensor& x, const Ints& axes, bool keep_dims) {
    return call1(mean_op, {x}, {axes, keep_dims});
}
Tensor max(const Tensor& x, const Ints& axes, bool keep_dims) {
    return call1(max_op, {x}, {axes, keep_dims});
}
Tensor prod(const Tensor& x, const Ints& axes, bool keep_dims) {
    return call1(prod_op, {x}, {axes, keep_dims});
}

Tensor sum_to(const Tensor& y, const Shape& shape) {
    if (y.shape() == shape) return y;
    const int extra = y.rank() - shape.rank();
    Ints axes;
    for (int i = 0; i < y.rank(); ++i)
        if (i < extra || (shape[i - extra] == 1 && y.shape()[i] != 1)) axes.push_back(i);
    return reshape(sum(y, axes), shape);
}

}  // namespace lamina
