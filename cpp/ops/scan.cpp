// Running products.
#include "ops/scan.h"

#include "ops/functions.h"
#include "ops/integer_math.h"
#include "ops/kernel_use.h"

namespace lamina {

namespace {

template <class T>
void run_products(const Tensor& x, Tensor& out, int axis, bool exclusive, bool backward) {
    const Shape& s = x.shape();
    const int64_t outer = s.product(0, axis), n = s[axis], inner = s.product(axis + 1, s.rank());
    const T* from = x.data<T>();
    T* to = out.mutable_data<T>();
    parallel_for(outer * inner, std::max<int64_t>(1, kElementwiseGrain / std::max<int64_t>(1, n)),
                 [&](int64_t begin, int64_t end) {
                     for (int64_t row = begin; row < end; ++row) {
                         const int64_t base = row / inner * n * inner + row % inner;
                         T running = 1;
                         for (int64_t i = 0; i < n; ++i) {
                             const int64_t at = base + (backward ? n - 1 - i : i) * inner;
                             const T factor = from[at], before = running;
                             if constexpr (std::is_integral_v<T>)
                                 running = integer_binary<Binary::mul>(running, factor);
                             else
                                 running *= factor;
                             to[at] = exclusive ? before : running;
                         }
                     }
                 });
}

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

const Op& cumprod_op = define({
    .name = "cumprod",
    .inputs = {{"x", Accept::numeric}},
    .attrs = {{"axis", AttrType::integer, int64_t{0}, true},
              {"exclusive", AttrType::boolean, false, true},
              {"reverse", AttrType::boolean, false, true}},
    .infer = [](const Call& c) -> Specs {
        if (c[0].dtype() == DType::complex64) type_error("cumprod is not defined for complex64 tensors.");
        normalize_axis("cumprod", c.integer("axis"), c[0].rank());
        return {{c[0].dtype() == DType::boolean ? DType::int32 : c[0].dtype(), c[0].shape()}};
    },
    .run =
        [](const Call& c, Tensors& out) {
            if (c[0].size() == 0) return;
            const int axis = normalize_axis("cumprod", c.integer("axis"), c[0].rank());
            const Tensor x = c[0].dtype() == DType::boolean ? cast(c[0], DType::int32) : c[0];
            visit_number(x.dtype(), [&]<class T>() {
                run_products<T>(x, out[0], axis, c.flag("exclusive"), c.flag("reverse"));
            });
        },
    .grad = [](const Gradient& g) -> Tensors {
        const Call c = g.call();
        const Tensor& x = g.x(0);
        if (x.size() == 0) return {zeros_like(x)};
        const int axis = normalize_axis("cumprod", c.integer("axis"), x.rank());
        return {cumprod_grad(x, g.dy(), axis, c.flag("exclusive"), c.flag("reverse"))};
    },
    .saves = {.inputs = {0}},
    .doc = "Running products along the axis; exclusive leaves each element itself out, reverse runs from the "
           "end.",
});

}  // namespace

Tensor cumprod(const Tensor& x, int64_t axis, bool exclusive, bool reverse) {
    return call1(cumprod_op, {x}, {axis, exclusive, reverse});
}

Tensor product_of_others(const Tensor& x, int64_t axis) {
    return mul(cumprod(x, axis, true, false), cumprod(x, axis, true, true));
}

}  // namespace lamina
