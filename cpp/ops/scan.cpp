// Running sums and products.
#include "ops/scan.h"

#include <algorithm>

#include "ops/functions.h"
#include "ops/integer_math.h"
#include "ops/kernel_use.h"

namespace lamina {

namespace {

using GradFunction = Tensors (*)(const Gradient&);

// F is add or mul.
template <Binary F, class T>
T combine(T a, T b) {
    if constexpr (std::is_integral_v<T>) return integer_binary<F>(a, b);
    return F == Binary::add ? a + b : a * b;
}

template <Binary F, class T>
BinaryKernel<T> combining_kernel() {
    if constexpr (std::is_same_v<T, int32_t>)
        return kernels<float>().binary_int[static_cast<int>(F)];
    else
        return kernels<T>().binary[static_cast<int>(F)];
}

// Several rows [n] at once, so that one's additions do not wait for another's.
template <Binary F, int rows, class T>
void scan_rows(const T* from, T* to, int64_t n, bool exclusive, bool backward) {
    T running[rows];
    std::fill_n(running, rows, static_cast<T>(F == Binary::mul));
    const int64_t step = backward ? -1 : 1;
    for (int64_t i = 0, at = backward ? n - 1 : 0; i < n; ++i, at += step) {
#pragma GCC unroll 8
        for (int k = 0; k < rows; ++k) {
            const T before = running[k];
            running[k] = combine<F>(before, from[k * n + at]);
            to[k * n + at] = exclusive ? before : running[k];
        }
    }
}

// Columns [first, last) of [n, inner], a row at a time.
template <Binary F, class T>
void scan_columns(const T* from, T* to, int64_t n, int64_t inner, int64_t first, int64_t last, bool exclusive,
                  bool backward) {
    const auto kernel = combining_kernel<F, T>();
    const int64_t step = backward ? -inner : inner;
    int64_t at = (backward ? (n - 1) * inner : 0) + first;
    if (exclusive)
        std::fill_n(to + at, last - first, static_cast<T>(F == Binary::mul));
    else
        std::copy_n(from + at, last - first, to + at);
    for (int64_t i = 1; i < n; ++i, at += step)
        kernel(to + at, from + at + (exclusive ? 0 : step), to + at + step, last - first, 1, 1);
}

template <Binary F, class T>
void run_scan(const Tensor& x, Tensor& out, int axis, bool exclusive, bool backward) {
    const Shape& s = x.shape();
    const int64_t outer = s.product(0, axis), n = s[axis], inner = s.product(axis + 1, s.rank());
    const T* from = x.data<T>();
    T* to = out.mutable_data<T>();
    if (inner == 1) {
        constexpr int group = 8;
        parallel_for((outer + group - 1) / group, kElementwiseGrain / (n * group) + 1,
                     [&](int64_t begin, int64_t end) {
                         int64_t row = begin * group;
                         const int64_t last = std::min(end * group, outer);
                         for (; row + group <= last; row += group)
                             scan_rows<F, group>(from + row * n, to + row * n, n, exclusive, backward);
                         for (; row < last; ++row)
                             scan_rows<F, 1>(from + row * n, to + row * n, n, exclusive, backward);
                     });
        return;
    }
    // Few enough columns for two rows to stay in the first-level cache.
    constexpr int64_t width = 1024;
    const int64_t parts = (inner + width - 1) / width;
    // A thread's part of the columns where there are no more.
    const int64_t cut =
        outer * parts > 1 || n * inner < kElementwiseGrain ? width : std::max<int64_t>(inner / 8, 64);
    const int64_t blocks = (inner + cut - 1) / cut;
    parallel_for(outer * blocks, kElementwiseGrain / (n * std::min(inner, cut)) + 1,
                 [&](int64_t begin, int64_t end) {
                     for (int64_t i = begin; i < end; ++i) {
                         const int64_t at = i / blocks * n * inner, first = i % blocks * cut;
                         scan_columns<F>(from + at, to + at, n, inner, first, std::min(first + cut, inner),
                                         exclusive, backward);
                     }
                 });
}

template <Binary F>
Op scan(const char* name, GradFunction grad, Saves saves, const char* doc) {
    return {
        .name = name,
        .inputs = {{"x", Accept::numeric}},
        .attrs = {{"axis", AttrType::integer, int64_t{0}, true},
                  {"exclusive", AttrType::boolean, false, true},
                  {"reverse", AttrType::boolean, false, true}},
        .infer = [](const Call& c) -> Specs {
            if (c[0].dtype() == DType::complex64)
                type_error(c.op.name, " is not defined for complex64 tensors.");
            normalize_axis(c.op.name, c.integer("axis"), c[0].rank());
            return {{c[0].dtype() == DType::boolean ? DType::int32 : c[0].dtype(), c[0].shape()}};
        },
        .run =
            [](const Call& c, Tensors& out) {
                if (c[0].size() == 0) return;
                const int axis = normalize_axis(c.op.name, c.integer("axis"), c[0].rank());
                const Tensor x = c[0].dtype() == DType::boolean ? cast(c[0], DType::int32) : c[0];
                const bool exclusive = c.flag("exclusive"), backward = c.flag("reverse");
                if (x.dtype() == DType::int32)
                    return run_scan<F, int32_t>(x, out[0], axis, exclusive, backward);
                visit_real(x.dtype(),
                           [&]<class T>() { run_scan<F, T>(x, out[0], axis, exclusive, backward); });
            },
        .grad = grad,
        .saves = std::move(saves),
        .doc = doc,
    };
}

const Op& cumsum_op = define(scan<Binary::add>(
    "cumsum",
    [](const Gradient& g) -> Tensors {
        const Call c = g.call();
        return {cumsum(g.dy(), c.integer("axis"), c.flag("exclusive"), !c.flag("reverse"))};
    },
    {}, "Running sums along the axis; exclusive leaves each element itself out, reverse runs from the end."));

// Element k of the result is element k + by of [outer, n, inner], and 0 where there is none.
Tensor shifted(const Tensor& x, int by) {
    const Shape& s = x.shape();
    const Tensor rest = slice(x, {0, by > 0 ? 1 : 0, 0}, {s[0], s[1] - 1, s[2]});
    return pad(rest, {0, 0, by > 0 ? 0 : 1, by > 0 ? 1 : 0, 0, 0});
}

const Op& recurrence_op = define({
    .name = "recurrence",
    .inputs = {{"a", Accept::real}, {"b", Accept::real}},
    .attrs = {{"reverse", AttrType::boolean}},
    .promote = true,
    .infer = [](const Call& c) -> Specs {
        if (c[0].rank() != 3 || !(c[0].shape() == c[1].shape()))
            value_error("recurrence: a and b must be [outer, n, inner], got [", c[0].shape(), "] and [",
                        c[1].shape(), "].");
        return {c[0].spec()};
    },
    .run =
        [](const Call& c, Tensors& out) {
            const Shape& s = c[0].shape();
            const int64_t n = s[1], inner = s[2];
            const bool backward = c.flag("reverse");
            visit_real(c[0].dtype(), [&]<class T>() {
                const T *a = c[0].data<T>(), *b = c[1].data<T>();
                T* y = out[0].mutable_data<T>();
                for (int64_t row = 0; row < s[0] * inner; ++row) {
                    T last = 0;
                    for (int64_t i = 0; i < n; ++i) {
                        const int64_t at =
                            (row / inner * n + (backward ? n - 1 - i : i)) * inner + row % inner;
                        last = i == 0 ? b[at] : b[at] + a[at] * last;
                        y[at] = last;
                    }
                }
            });
        },
    .grad = [](const Gradient& g) -> Tensors {
        if (g.shape(0).size() == 0) return {zeros_like(g.dy()), g.dy()};
        const bool backward = g.call().flag("reverse");
        const int ahead = backward ? -1 : 1;
        const Tensor db = call1(g.op, {shifted(g.x(0), ahead), g.dy()}, {!backward});
        return {mul(db, shifted(g.y(), -ahead)), db};
    },
    .saves = {.inputs = {0}, .outputs = {0}},
    .method = false,
    .internal = true,
    .doc = "y[k] = b[k] + a[k] * y[k - 1] along the middle axis, from 0; reverse: y[k] = b[k] + a[k] * y[k + "
           "1].",
});

// Of y_i = x_0 ... x_i the derivative by x_k is the product of the x_j with j < k times that of those with k
// < j <= i. Summed over i, dx_k = x_0 ... x_(k-1) s_k where s_k = dy_k + x_(k+1) s_(k+1): no division, so
// that zeros do no harm.
Tensor cumprod_grad(const Tensor& x, const Tensor& dy, int axis, bool exclusive, bool backward) {
    const Shape& s = x.shape();
    const Shape rows{s.product(0, axis), s[axis], s.product(axis + 1, s.rank())};
    const auto facing = [&](const Tensor& t) { return backward ? reverse(t, {1}) : t; };
    const Tensor factors = facing(reshape(x, rows)), d = facing(reshape(dy, rows));
    // What comes out exclusively at i comes out inclusively one place earlier.
    const Tensor sums = call1(recurrence_op, {shifted(factors, 1), exclusive ? shifted(d, 1) : d}, {true});
    return reshape(facing(mul(cumprod(factors, 1, true, false), sums)), s);
}

const Op& cumprod_op = define(scan<Binary::mul>(
    "cumprod",
    [](const Gradient& g) -> Tensors {
        const Call c = g.call();
        const Tensor& x = g.x(0);
        if (x.size() == 0) return {zeros_like(x)};
        const int axis = normalize_axis("cumprod", c.integer("axis"), x.rank());
        return {cumprod_grad(x, g.dy(), axis, c.flag("exclusive"), c.flag("reverse"))};
    },
    {.inputs = {0}},
    "Running products along the axis; exclusive leaves each element itself out, reverse runs from the end."));

}  // namespace

Tensor cumsum(const Tensor& x, int64_t axis, bool exclusive, bool reverse) {
    return call1(cumsum_op, {x}, {axis, exclusive, reverse});
}
Tensor cumprod(const Tensor& x, int64_t axis, bool exclusive, bool reverse) {
    return call1(cumprod_op, {x}, {axis, exclusive, reverse});
}

Tensor product_of_others(const Tensor& x, int64_t axis) {
    return mul(cumprod(x, axis, true, false), cumprod(x, axis, true, true));
}

}  // namespace lamina
