// Arithmetic of two tensors with broadcasting.
#include <algorithm>
#include <cstring>

#include "ops/broadcast.h"
#include "ops/complex.h"
#include "ops/functions.h"
#include "ops/integer_math.h"
#include "ops/kernel_use.h"

namespace lamina {

namespace {

Specs infer_binary(const Call& c) { return {{c[0].dtype(), broadcast(c[0].shape(), c[1].shape())}}; }

template <Binary F>
Complex complex_binary(Complex a, Complex b) {
    switch (F) {
        case Binary::add:
            return {a.re + b.re, a.im + b.im};
        case Binary::sub:
            return {a.re - b.re, a.im - b.im};
        case Binary::mul:
            return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
        default: {  // div
            const float norm = b.re * b.re + b.im * b.im;
            return {(a.re * b.re + a.im * b.im) / norm, (a.im * b.re - a.re * b.im) / norm};
        }
    }
}

template <class T, class F>
void run_scalar_loop(const BroadcastPlan<2>& plan, const Call& c, Tensor& out, F f) {
    const T* a = c[0].data<T>();
    const T* b = c[1].data<T>();
    T* y = out.mutable_data<T>();
    const int sa = plan.step(0), sb = plan.step(1);
    plan.run(kElementwiseGrain, [&](const std::array<int64_t, 2>& at, int64_t to, int64_t n) {
        for (int64_t i = 0; i < n; ++i) y[to + i] = f(a[at[0] + i * sa], b[at[1] + i * sb]);
    });
}

// Where operand `which` is a short row for all rows, as a bias is: the kernel gets it repeated, so that it
// does not begin anew in every row. False where this is not so.
template <class T>
bool run_with_row(const BroadcastPlan<2>& plan, BinaryKernel<T> kernel, const T* a, const T* b, T* y,
                  int64_t size, int which) {
    constexpr int64_t room = 2048;
    const int64_t n = plan.repeated_row(which);
    if (n == 0 || n > room / 4) return false;
    alignas(64) T repeated[room];
    const int64_t rows = room / n;
    for (int64_t i = 0; i < rows; ++i)
        std::memcpy(repeated + i * n, which ? b : a, static_cast<size_t>(n) * sizeof(T));
    parallel_for(size / n, kElementwiseGrain / n + 1, [&](int64_t begin, int64_t end) {
        for (; begin < end; begin += rows) {
            const int64_t at = begin * n, count = std::min(rows, end - begin) * n;
            kernel(which ? a + at : repeated, which ? repeated : b + at, y + at, count, 1, 1);
        }
    });
    return true;
}

template <Binary F>
void run_binary(const Call& c, Tensors& out) {
    const BroadcastPlan<2> plan(out[0].shape(), {&c[0].shape(), &c[1].shape()});
    const DType type = out[0].dtype();
    if (type == DType::int32) {
        const auto kernel = kernels<float>().binary_int[static_cast<int>(F)];
        if (!kernel) return run_scalar_loop<int32_t>(plan, c, out[0], integer_binary<F, int32_t>);
        const auto *a = c[0].data<int32_t>(), *b = c[1].data<int32_t>();
        auto* y = out[0].mutable_data<int32_t>();
        plan.run(kElementwiseGrain, [&](const std::array<int64_t, 2>& at, int64_t to, int64_t n) {
            kernel(a + at[0], b + at[1], y + to, n, plan.step(0), plan.step(1));
        });
        return;
    }
    if (type == DType::boolean) return run_scalar_loop<uint8_t>(plan, c, out[0], integer_binary<F, uint8_t>);
    if (type == DType::complex64) return run_scalar_loop<Complex>(plan, c, out[0], complex_binary<F>);
    visit_real(type, [&]<class T>() {
        const auto kernel = kernels<T>().binary[static_cast<int>(F)];
        const T* a = c[0].data<T>();
        const T* b = c[1].data<T>();
        T* y = out[0].mutable_data<T>();
        for (int which : {1, 0})
            if (run_with_row(plan, kernel, a, b, y, out[0].size(), which)) return;
        plan.run(kElementwiseGrain, [&](const std::array<int64_t, 2>& at, int64_t to, int64_t n) {
            kernel(a + at[0], b + at[1], y + to, n, plan.step(0), plan.step(1));
        });
    });
}

using GradFunction = Tensors (*)(const Gradient&);

template <Binary F>
Op binary(const char* name, GradFunction grad, Saves saves, const char* doc) {
    constexpr bool arithmetic = F == Binary::add || F == Binary::sub || F == Binary::mul || F == Binary::div;
    Op op{.name = name};
    op.inputs = {{"a", Accept::numeric}, {"b", Accept::numeric}};
    op.promote = true;
    op.infer = arithmetic ? infer_binary : [](const Call& c) -> Specs {
        if (c[0].dtype() == DType::complex64) type_error(c.op.name, " is not defined for complex64 tensors.");
        return infer_binary(c);
    };
    op.run = run_binary<F>;
    op.grad = grad;
    op.saves = std::move(saves);
    op.formula = {Formula::Kind::binary, static_cast<uint8_t>(F)};
    op.doc = doc;
    return op;
}

// The part of a gradient that belongs to input i: summed over what broadcasting repeated, and only where it
// is asked for.
template <class F>
Tensor part(const Gradient& g, int i, F&& make) {
    return g.wants(i) ? sum_to(make(), g.shape(i)) : Tensor();
}

const Op& add_op = define(binary<Binary::add>(
    "add",
    [](const Gradient& g) -> Tensors {
        return {part(g, 0, [&] { return g.dy(); }), part(g, 1, [&] { return g.dy(); })};
    },
    {}, "a + b, with broadcasting. bool + bool stays bool."));

const Op& sub_op = define(binary<Binary::sub>(
    "sub",
    [](const Gradient& g) -> Tensors {
        return {part(g, 0, [&] { return g.dy(); }), part(g, 1, [&] { return neg(g.dy()); })};
    },
    {}, "a - b, with broadcasting."));

const Op& mul_op = define(binary<Binary::mul>(
    "mul",
    [](const Gradient& g) -> Tensors {
        return {part(g, 0, [&] { return mul(g.dy(), conjugate(g.x(1))); }),
                part(g, 1, [&] { return mul(g.dy(), conjugate(g.x(0))); })};
    },
    {.inputs = {0, 1}}, "a * b, elementwise with broadcasting."));

const Op& div_op = define(binary<Binary::div>(
    "div",
    [](const Gradient& g) -> Tensors {
        const auto by_b = [&] {
            const Tensor a = conjugate(g.x(0)), b = conjugate(g.x(1));
            return neg(div(mul(g.dy(), a), b.dtype() == DType::complex64 ? mul(b, b) : square(b)));
        };
        return {part(g, 0, [&] { return div(g.dy(), conjugate(g.x(1))); }), part(g, 1, by_b)};
    },
    {.inputs = {0, 1}},
    "a / b, with broadcasting. Two int32 tensors give an int32 tensor, rounded down; there x / 0 is 0."));

// Where a == 0, a^(b-1) may be infinite though the product is not; TensorFlow.js gives log(a) = 0 for a <= 0.
Op pow_block() {
    Op op = binary<Binary::pow>(
        "pow",
        [](const Gradient& g) -> Tensors {
            const Tensor &a = g.x(0), &b = g.x(1);
            return {part(g, 0, [&] { return mul(g.dy(), mul(b, pow(a, add(b, -1.0)))); }), part(g, 1, [&] {
                        const Tensor positive = greater(a, Tensor::number(0, a.dtype()));
                        const Tensor safe = where(positive, a, Tensor::number(1, a.dtype()));
                        return mul(mul(g.dy(), pow(a, b)), log(safe));
                    })};
        },
        {.inputs = {0, 1}}, "base to the power of exp, with broadcasting.");
    op.inputs = {{"base", Accept::numeric}, {"exp", Accept::numeric}};
    return op;
}
const Op& pow_op = define(pow_block());

// Two bool tensors give int32, as in TensorFlow.js.
template <Binary F>
Op extreme(const char* name, GradFunction grad, const char* doc) {
    Op op = binary<F>(name, grad, {.inputs = {0, 1}}, doc);
    op.infer = [](const Call& c) -> Specs {
        if (c[0].dtype() == DType::complex64) type_error(c.op.name, " is not defined for complex64 tensors.");
        Specs specs = infer_binary(c);
        if (specs[0].dtype == DType::boolean) specs[0].dtype = DType::int32;
        return specs;
    };
    op.run = [](const Call& c, Tensors& out) {
        if (c[0].dtype() != DType::boolean) return run_binary<F>(c, out);
        const Inputs numbers{cast(c[0], DType::int32), cast(c[1], DType::int32)};
        run_binary<F>(Call{c.op, numbers, c.attrs}, out);
    };
    return op;
}

// A tie sends the gradient to a, as TensorFlow.js does.
const Op& maximum_op = define(extreme<Binary::maximum>(
    "maximum",
    [](const Gradient& g) -> Tensors {
        const Tensor &a = g.x(0), &b = g.x(1);
        return {part(g, 0, [&] { return mul(g.dy(), cast(greater_equal(a, b), a.dtype())); }),
                part(g, 1, [&] { return mul(g.dy(), cast(less(a, b), a.dtype())); })};
    },
    "The larger of a and b, with broadcasting; NaN where either is. In a tie the gradient goes to a."));

const Op& minimum_op = define(extreme<Binary::minimum>(
    "minimum",
    [](const Gradient& g) -> Tensors {
        const Tensor &a = g.x(0), &b = g.x(1);
        return {part(g, 0, [&] { return mul(g.dy(), cast(less_equal(a, b), a.dtype())); }),
                part(g, 1, [&] { return mul(g.dy(), cast(greater(a, b), a.dtype())); })};
    },
    "The smaller of a and b, with broadcasting; NaN where either is. In a tie the gradient goes to a."));

const Op& mod_op = define(binary<Binary::mod>(
    "mod",
    [](const Gradient& g) -> Tensors {
        return {part(g, 0, [&] { return g.dy(); }),
                part(g, 1, [&] { return neg(mul(g.dy(), floor(div(g.x(0), g.x(1))))); })};
    },
    {.inputs = {0, 1}}, "The remainder of a / b with the sign of b, with broadcasting."));

const Op& squared_difference_op = define(binary<Binary::squared_difference>(
    "squaredDifference",
    [](const Gradient& g) -> Tensors {
        const auto slope = [&] { return mul(g.dy(), mul(sub(g.x(0), g.x(1)), 2.0)); };
        return {part(g, 0, slope), part(g, 1, [&] { return neg(slope()); })};
    },
    {.inputs = {0, 1}}, "(a - b)^2, with broadcasting."));

Op prelu_block() {
    Op op = binary<Binary::prelu>(
        "prelu",
        [](const Gradient& g) -> Tensors {
            const Tensor &x = g.x(0), &alpha = g.x(1);
            const Tensor above = greater(x, Tensor::number(0, x.dtype()));
            return {part(g, 0, [&] { return where(above, g.dy(), mul(alpha, g.dy())); }),
                    part(g, 1, [&] { return where(above, Tensor::number(0, x.dtype()), mul(x, g.dy())); })};
        },
        {.inputs = {0, 1}},
        "x where x > 0, alpha * x elsewhere, with a tensor alpha that broadcasts (He et al. 2015).");
    op.inputs = {{"x", Accept::to_real}, {"alpha", Accept::to_real}};
    return op;
}
[[maybe_unused]] const Op& prelu_op = define(prelu_block());

Op floor_div_block() {
    Op op = binary<Binary::floor_div>(
        "floorDiv", nullptr, {},
        "a / b rounded down, with broadcasting. The result is int32, also of float32 tensors.");
    op.no_grad = "piecewise constant";
    op.formula = {};
    op.infer = [](const Call& c) -> Specs {
        if (c[0].dtype() == DType::complex64) type_error("floorDiv is not defined for complex64 tensors.");
        return {{DType::int32, broadcast(c[0].shape(), c[1].shape())}};
    };
    op.run = [](const Call& c, Tensors& out) {
        if (is_integral(c[0].dtype())) {
            const Inputs as_int{cast(c[0], DType::int32), cast(c[1], DType::int32)};
            return run_binary<Binary::floor_div>(Call{c.op, as_int, c.attrs}, out);
        }
        Tensors quotient{Tensor::empty(c[0].dtype(), out[0].shape(), c.op.name)};
        run_binary<Binary::floor_div>(c, quotient);
        out[0] = cast(quotient[0], DType::int32);
    };
    return op;
}
const Op& floor_div_op = define(floor_div_block());

const Op& div_no_nan_op = define({
    .name = "divNoNan",
    .inputs = {{"a", Accept::to_real}, {"b", Accept::to_real}},
    .promote = true,
    .infer = infer_binary,
    .no_grad = "made of differentiable ops",
    .decompose = [](const Call& c) -> Tensors {
        const Tensor zero = zeros_like(c[1]);
        const Tensor by_zero = equal(c[1], zero);
        const Tensor quotient = div(c[0], where(by_zero, ones_like(c[1]), c[1]));
        return {where(broadcast_to(by_zero, quotient.shape()), zeros_like(quotient), quotient)};
    },
    .doc = "a / b, and 0 where b is 0, with broadcasting.",
});

}  // namespace

Tensor add(const Tensor& a, const Tensor& b) { return call1(add_op, {a, b}); }
Tensor sub(const Tensor& a, const Tensor& b) { return call1(sub_op, {a, b}); }
Tensor mul(const Tensor& a, const Tensor& b) { return call1(mul_op, {a, b}); }
Tensor div(const Tensor& a, const Tensor& b) { return call1(div_op, {a, b}); }
Tensor pow(const Tensor& a, const Tensor& b) { return call1(pow_op, {a, b}); }
Tensor maximum(const Tensor& a, const Tensor& b) { return call1(maximum_op, {a, b}); }
Tensor minimum(const Tensor& a, const Tensor& b) { return call1(minimum_op, {a, b}); }
Tensor floor_div(const Tensor& a, const Tensor& b) { return call1(floor_div_op, {a, b}); }

Tensor add(const Tensor& x, double c) { return add(x, Tensor::number(c, x.dtype())); }
Tensor sub(double c, const Tensor& x) { return sub(Tensor::number(c, x.dtype()), x); }
Tensor mul(const Tensor& x, double c) { return mul(x, Tensor::number(c, x.dtype())); }
Tensor div(const Tensor& x, double c) { return div(x, Tensor::number(c, x.dtype())); }

}  // namespace lamina
