// Ranking, searching and counting.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "ops/bins.h"
#include "ops/functions.h"
#include "ops/integer_math.h"
#include "ops/kernel_use.h"

namespace lamina {

namespace {

// ---- topk --------------------------------------------------------------------------------------------------

// Larger values first, a NaN before all; equal ones in their order.
template <class T>
bool ranks_before(T a, T b) {
    if constexpr (std::is_floating_point_v<T>)
        if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && !std::isnan(b);
    return a > b;
}

// The k first of n by insertion: most values are passed over by the kernel, as they do not reach the k-th.
template <class T>
void few_largest(const T* from, int64_t n, int64_t k, T* values, int32_t* indices) {
    int64_t held = 0;
    for (int64_t i = 0; i < n; ++i) {
        if (held == k) {
            // Above all others a NaN lets nothing pass that is not one, too, and comes later.
            if (std::isnan(values[k - 1])) return;
            i += kernels<T>().first_above(from + i, n - i, values[k - 1]);
            if (i >= n) return;
        }
        int64_t at = held < k ? held++ : k - 1;
        for (; at > 0 && ranks_before(from[i], values[at - 1]); --at) {
            values[at] = values[at - 1];
            indices[at] = indices[at - 1];
        }
        values[at] = from[i];
        indices[at] = static_cast<int32_t>(i);
    }
}

template <class T>
void run_topk(const Tensor& x, int64_t k, Tensors& out) {
    const int64_t n = x.shape()[x.rank() - 1], rows = n > 0 ? x.size() / n : 0;
    T* values = out[0].mutable_data<T>();
    auto* indices = out[1].mutable_data<int32_t>();
    parallel_for(rows, std::max<int64_t>(1, 4096 / std::max<int64_t>(1, n)), [&](int64_t begin, int64_t end) {
        std::vector<int32_t> order;
        for (int64_t row = begin; row < end; ++row) {
            const T* from = x.data<T>() + row * n;
            if constexpr (std::is_floating_point_v<T>) {
                if (k > 0 && k <= 32 && n >= 2 * k) {
                    few_largest(from, n, k, values + row * k, indices + row * k);
                    continue;
                }
            }
            order.resize(static_cast<size_t>(n));
            std::iota(order.begin(), order.end(), 0);
            std::partial_sort(order.begin(), order.begin() + k, order.end(), [from](int32_t a, int32_t b) {
                return ranks_before(from[a], from[b]) || (!ranks_before(from[b], from[a]) && a < b);
            });
            for (int64_t i = 0; i < k; ++i) {
                indices[row * k + i] = order[static_cast<size_t>(i)];
                values[row * k + i] = from[order[static_cast<size_t>(i)]];
            }
        }
    });
}

[[maybe_unused]] const Op& topk_op = define({
    .name = "topk",
    .inputs = {{"x", Accept::numeric}},
    .attrs = {{"k", AttrType::integer, int64_t{1}, true}, {"sorted", AttrType::boolean, true, true}},
    .outputs = {"values", "indices"},
    .infer = [](const Call& c) -> Specs {
        if (c[0].dtype() == DType::complex64) type_error("topk is not defined for complex64 tensors.");
        if (c[0].rank() == 0) value_error("topk() expects the input to be of rank 1 or higher");
        const int last = c[0].rank() - 1;
        const int64_t k = c.integer("k"), n = c[0].shape()[last];
        if (k < 0) value_error("'k' passed to topk() must be >= 0 but got ", k);
        if (k > n) value_error("'k' passed to topk() must be <= the last dimension (", n, ") but got ", k);
        check_positions("topk", n);
        const Shape shape = c[0].shape().with(last, k);
        return {{c[0].dtype(), shape}, {DType::int32, shape}};
    },
    .run =
        [](const Call& c, Tensors& out) {
            visit_number(c[0].dtype(), [&]<class T>() { run_topk<T>(c[0], c.integer("k"), out); });
        },
    .grad = [](const Gradient& g) -> Tensors {
        const Shape& x = g.shape(0);
        if (x.size() == 0 || g.dy().size() == 0) return {zeros(x, g.dy().dtype())};
        const int64_t n = x[x.rank() - 1], rows = x.size() / n, picks = g.y(1).size();
        check_positions("the gradient of topk", x.size());
        Tensor base = Tensor::empty(DType::int32, Shape{rows, 1}, "topk");
        for (int64_t i = 0; i < rows; ++i) base.mutable_data<int32_t>()[i] = static_cast<int32_t>(i * n);
        const Tensor at = reshape(add(reshape(g.y(1), Shape{rows, picks / rows}), base), Shape{picks});
        return {reshape(scatter_add(reshape(g.dy(), Shape{picks, 1}), at, rows * n), x)};
    },
    .saves = {.outputs = {1}},
    .doc = "The k largest values along the last dimension, largest first, and their int32 indices; of equal "
           "ones the first.",
});

// ---- searchSorted ------------------------------------------------------------------------------------------

Specs infer_search(const Call& c) {
    if (c[0].dtype() == DType::complex64) type_error(c.op.name, " is not defined for complex64 tensors.");
    const Shape &s = c[0].shape(), &v = c[1].shape();
    if (s.rank() == 0 || v.rank() == 0)
        value_error(c.op.name, ": Sorted input argument must be at least 1-dimensional");
    if (s.product(0, s.rank() - 1) != v.product(0, v.rank() - 1))
        value_error(c.op.name, ": Leading dimension of 'sortedSequence' and 'values' must match.");
    check_positions(c.op.name, s[s.rank() - 1]);
    return {{DType::int32, v}};
}

template <class T>
void search_row(const T* sorted, int64_t n, const T* values, int32_t* to, int64_t count, bool left) {
    if constexpr (std::is_floating_point_v<T>) {
        if (n < INT32_MAX) return kernels<T>().search(sorted, n, values, to, count, left);
    }
    for (int64_t i = 0; i < count; ++i)
        to[i] = static_cast<int32_t>((left ? std::lower_bound(sorted, sorted + n, values[i])
                                           : std::upper_bound(sorted, sorted + n, values[i])) -
                                     sorted);
}

void run_search(const Call& c, Tensors& out, bool left) {
    const int64_t n = c[0].shape()[c[0].rank() - 1], m = c[1].shape()[c[1].rank() - 1];
    visit_number(c[0].dtype(), [&]<class T>() {
        const T *sorted = c[0].data<T>(), *values = c[1].data<T>();
        auto* to = out[0].mutable_data<int32_t>();
        parallel_for(c[1].size(), kElementwiseGrain / 16, [=](int64_t begin, int64_t end) {
            while (begin < end) {
                const int64_t row = begin / m, last = std::min(end, (row + 1) * m);
                search_row(sorted + row * n, n, values + begin, to + begin, last - begin, left);
                begin = last;
            }
        });
    });
}

Op search(const char* name, std::vector<AttrSpec> attrs, void (*run)(const Call&, Tensors&),
          const char* doc) {
    return {
        .name = name,
        .inputs = {{"sortedSequence", Accept::numeric}, {"values", Accept::numeric}},
        .attrs = std::move(attrs),
        .promote = true,
        .infer = infer_search,
        .run = run,
        .no_grad = "its result is an index",
        .method = false,
        .doc = doc,
    };
}

[[maybe_unused]] const Op& search_sorted_op = define(search(
    "searchSorted", {{"side", AttrType::string, std::string("left"), true, {"left", "right"}}},
    [](const Call& c, Tensors& out) { run_search(c, out, c.string("side") == "left"); },
    "Where each value would be put into the sorted last dimension of sortedSequence: before ('left') or "
    "behind "
    "('right') those that equal it."));
[[maybe_unused]] const Op& lower_bound_op = define(search(
    "lowerBound", {}, [](const Call& c, Tensors& out) { run_search(c, out, true); },
    "searchSorted with side 'left'."));
[[maybe_unused]] const Op& upper_bound_op = define(search(
    "upperBound", {}, [](const Call& c, Tensors& out) { run_search(c, out, false); },
    "searchSorted with side 'right'."));

// ---- bincount ----------------------------------------------------------------------------------------------

bool any_negative(const int32_t* x, int64_t n) {
    int32_t bits = 0;
    for (int64_t i = 0; i < n; ++i) bits |= x[i];
    return bits < 0;
}

template <class T>
void mark_bins(const int32_t* x, int64_t n, T* y, int64_t size) {
    std::fill_n(y, size, T(0));
    for (int64_t i = 0; i < n; ++i)
        if (x[i] < size) y[x[i]] = T(1);
}

template <class T>
void add_weights(const int32_t* x, const T* w, int64_t n, T* y, int64_t size) {
    if constexpr (std::is_floating_point_v<T>) {
        sum_in_parts(n, y, size, [=](int64_t begin, int64_t end, T* table) {
            for (int64_t i = begin; i < end; ++i)
                if (x[i] < size) table[x[i]] += w[i];
        });
    } else {
        std::fill_n(y, size, T(0));
        for (int64_t i = 0; i < n; ++i)
            if (x[i] < size) y[x[i]] = integer_binary<Binary::add>(y[x[i]], w[i]);
    }
}

// Into a second table every other time: one that repeats need not wait for itself.
template <class T>
void count_bins(const int32_t* x, int64_t n, T* y, int64_t size) {
    std::vector<uint32_t> counts(static_cast<size_t>(2 * size));
    sum_in_parts(n, counts.data(), 2 * size, [=](int64_t begin, int64_t end, uint32_t* table) {
        int64_t i = begin;
        for (; i + 2 <= end; i += 2) {
            const int64_t a = x[i], b = x[i + 1];
            if (a < size) ++table[a];
            if (b < size) ++table[size + b];
        }
        if (i < end && x[i] < size) ++table[x[i]];
    });
    for (int64_t i = 0; i < size; ++i)
        y[i] = number_to<T>(
            static_cast<double>(counts[static_cast<size_t>(i)] + counts[static_cast<size_t>(size + i)]));
}

const Op& dense_bincount_op = define({
    .name = "denseBincount",
    .inputs = {{"x", Accept::index}, {"weights", Accept::numeric}},
    .attrs = {{"size", AttrType::integer}, {"binaryOutput", AttrType::boolean, false, true}},
    .infer = [](const Call& c) -> Specs {
        const int64_t size = c.integer("size");
        if (c[1].dtype() == DType::complex64)
            type_error("denseBincount is not defined for complex64 tensors.");
        if (c[0].rank() < 1 || c[0].rank() > 2)
            value_error("Error in denseBincount: input must be at most rank 2, but got rank ", c[0].rank(),
                        ".");
        if (size < 0) value_error("denseBincount: size must be non-negative, but got ", size, ".");
        if (c[1].size() != c[0].size() && c[1].size() != 0)
            value_error(
                "Error in denseBincount: weights must have the same shape as x or 0-length, but got x "
                "shape: ",
                c[0].shape(), ", weights shape: ", c[1].shape(), ".");
        return {{c[1].dtype(), c[0].shape().with(c[0].rank() - 1, size)}};
    },
    .run =
        [](const Call& c, Tensors& out) {
            const int64_t size = c.integer("size"), n = c[0].shape()[c[0].rank() - 1];
            const bool binary = c.flag("binaryOutput"), weighted = c[1].size() > 0;
            const auto* x = c[0].data<int32_t>();
            if (any_negative(x, c[0].size())) value_error("denseBincount: Input x must be non-negative!");
            visit_number(c[1].dtype(), [&]<class T>() {
                T* y = out[0].mutable_data<T>();
                for (int64_t row = 0; row * n < c[0].size(); ++row) {
                    const int32_t* from = x + row * n;
                    const T* w = weighted ? c[1].data<T>() + row * n : nullptr;
                    if (binary)
                        mark_bins(from, n, y + row * size, size);
                    else if (weighted)
                        add_weights(from, w, n, y + row * size, size);
                    else
                        count_bins(from, n, y + row * size, size);
                }
                if (n == 0) std::fill_n(y, out[0].size(), T(0));
            });
        },
    .grad = [](const Gradient& g) -> Tensors {
        const Call c = g.call();
        const Tensor& x = g.x(0);
        if (c.flag("binaryOutput") || g.shape(1).size() == 0)
            return {Tensor(), zeros(g.shape(1), g.dy().dtype())};
        // What lies beyond the last bin reads from one more, which is zero.
        const int64_t size = c.integer("size"), n = x.shape()[x.rank() - 1], rows = x.size() / n;
        const Tensor bins = pad(reshape(g.dy(), Shape{rows, size}), {0, 0, 0, 1});
        check_positions("the gradient of denseBincount", Size(rows) * (size + 1));
        Tensor base = Tensor::empty(DType::int32, Shape{rows, 1}, "denseBincount");
        for (int64_t i = 0; i < rows; ++i)
            base.mutable_data<int32_t>()[i] = static_cast<int32_t>(i * (size + 1));
        const Tensor last = Tensor::number(static_cast<double>(size), DType::int32);
        const Tensor at = add(minimum(reshape(x, Shape{rows, n}), last), base);
        return {Tensor(), gather(reshape(bins, Shape{rows * (size + 1)}), reshape(at, g.shape(1)), 0)};
    },
    .saves = {.inputs = {0}},
    .method = false,
    .doc = "How often each whole number below `size` stands in x [n], or in each row of x [rows, n]; or the "
           "sum of its "
           "weights where they are not empty; with binaryOutput 1 where it is there at all.",
});

[[maybe_unused]] const Op& bincount_op = define({
    .name = "bincount",
    .inputs = {{"x", Accept::index}, {"weights", Accept::numeric}},
    .attrs = {{"size", AttrType::integer}},
    .no_grad = "made of differentiable ops",
    .decompose = [](const Call& c) -> Tensors {
        if (c.integer("size") < 0)
            value_error("bincount: size must be non-negative, but got ", c.integer("size"), ".");
        if (c[1].size() != c[0].size() && c[1].size() != 0)
            value_error(
                "Error in bincount: weights must have the same size as input or 0-length, but got input "
                "shape: ",
                c[0].shape(), ", weights shape: ", c[1].shape(), ".");
        const Tensor x = reshape(c[0], Shape{c[0].size()}), weights = reshape(c[1], Shape{c[1].size()});
        return {call1(dense_bincount_op, {x, weights}, {c.attr("size")})};
    },
    .method = false,
    .doc = "How often each whole number below `size` stands in x; or the sum of its weights where they are "
           "not empty.",
});

}  // namespace

}  // namespace lamina
