// Comparisons, logic and selection.
#include "core/string_tensor.h"
#include "ops/broadcast.h"
#include "ops/functions.h"
#include "ops/kernel_use.h"

namespace lamina {

namespace {

const char* const kTruth = "its result is a truth value";

template <Compare F, class T>
bool holds(const T& a, const T& b) {
    switch (F) {
        case Compare::equal:
            return a == b;
        case Compare::not_equal:
            return a != b;
        case Compare::less:
            return a < b;
        case Compare::less_equal:
            return a <= b;
        case Compare::greater:
            return a > b;
        default:
            return a >= b;
    }
}

constexpr bool is_order(Compare f) { return f != Compare::equal && f != Compare::not_equal; }

template <Compare F>
void run_compare(const Call& c, Tensors& out) {
    const BroadcastPlan<2> plan(out[0].shape(), {&c[0].shape(), &c[1].shape()});
    uint8_t* y = out[0].mutable_data<uint8_t>();
    const int sa = plan.step(0), sb = plan.step(1);
    const auto loop = [&](auto&& a, auto&& b) {
        plan.run(kElementwiseGrain, [&](const std::array<int64_t, 2>& at, int64_t to, int64_t n) {
            for (int64_t i = 0; i < n; ++i) y[to + i] = holds<F>(a(at[0] + i * sa), b(at[1] + i * sb));
        });
    };
    const auto elements = [&]<class T>(const CompareKernel<T> kernel) {
        const T* a = c[0].data<T>();
        const T* b = c[1].data<T>();
        plan.run(kElementwiseGrain, [&](const std::array<int64_t, 2>& at, int64_t to, int64_t n) {
            kernel(a + at[0], b + at[1], y + to, n, sa, sb);
        });
    };
    constexpr auto index = static_cast<int>(F);
    switch (c[0].dtype()) {
        case DType::string:
            return loop([&](int64_t i) { return string_at(c[0], i); },
                        [&](int64_t i) { return string_at(c[1], i); });
        case DType::complex64: {
            const auto* a = c[0].data<Complex>();
            const auto* b = c[1].data<Complex>();
            // Only (in)equality gets here.
            return loop([a](int64_t i) { return std::pair(a[i].re, a[i].im); },
                        [b](int64_t i) { return std::pair(b[i].re, b[i].im); });
        }
        case DType::int32:
            return elements(kernels<float>().compare_int[index]);
        case DType::boolean:
            return elements(kernels<float>().compare_truth[index]);
        default:
            visit_real(c[0].dtype(), [&]<class T>() { elements(kernels<T>().compare[index]); });
    }
}

template <Compare F>
Op compare(const char* name, const char* doc) {
    return {
        .name = name,
        .inputs = {{"a"}, {"b"}},
        .promote = true,
        .infer = [](const Call& c) -> Specs {
            if (is_order(F) && c[0].dtype() == DType::complex64)
                type_error(c.op.name, " is not defined for complex64 tensors.");
            return {{DType::boolean, broadcast(c[0].shape(), c[1].shape())}};
        },
        .run = run_compare<F>,
        .no_grad = kTruth,
        .formula = {Formula::Kind::compare, static_cast<uint8_t>(F)},
        .doc = doc,
    };
}

const Op& equal_op = define(compare<Compare::equal>("equal", "a == b as bool, with broadcasting."));
const Op& not_equal_op =
    define(compare<Compare::not_equal>("notEqual", "a != b as bool, with broadcasting."));
const Op& less_op = define(compare<Compare::less>("less", "a < b as bool, with broadcasting."));
const Op& less_equal_op =
    define(compare<Compare::less_equal>("lessEqual", "a <= b as bool, with broadcasting."));
const Op& greater_op = define(compare<Compare::greater>("greater", "a > b as bool, with broadcasting."));
const Op& greater_equal_op =
    define(compare<Compare::greater_equal>("greaterEqual", "a >= b as bool, with broadcasting."));

// ---- logic -------------------------------------------------------------------------------------------------

void run_logic(const Call& c, Tensors& out, CompareKernel<uint8_t> kernel) {
    const BroadcastPlan<2> plan(out[0].shape(), {&c[0].shape(), &c[1].shape()});
    const auto* a = c[0].data<uint8_t>();
    const auto* b = c[1].data<uint8_t>();
    auto* y = out[0].mutable_data<uint8_t>();
    plan.run(kElementwiseGrain, [&](const std::array<int64_t, 2>& at, int64_t to, int64_t n) {
        kernel(a + at[0], b + at[1], y + to, n, plan.step(0), plan.step(1));
    });
}

Op logic(const char* name, void (*run)(const Call&, Tensors&), const char* doc) {
    return {
        .name = name,
        .inputs = {{"a", Accept::boolean}, {"b", Accept::boolean}},
        .infer = [](const Call& c) -> Specs {
            return {{DType::boolean, broadcast(c[0].shape(), c[1].shape())}};
        },
        .run = run,
        .no_grad = kTruth,
        .doc = doc,
    };
}

const Op& and_op = define(logic(
    "logicalAnd", [](const Call& c, Tensors& out) { run_logic(c, out, kernels<float>().logical_and); },
    "a and b for bool tensors, with broadcasting."));
const Op& or_op = define(logic(
    "logicalOr", [](const Call& c, Tensors& out) { run_logic(c, out, kernels<float>().logical_or); },
    "a or b for bool tensors, with broadcasting."));
const Op& xor_op = define(logic(
    "logicalXor", [](const Call& c, Tensors& out) { run_logic(c, out, kernels<float>().logical_xor); },
    "Either a or b for bool tensors, with broadcasting."));

const Op& not_op = define({
    .name = "logicalNot",
    .inputs = {{"x", Accept::boolean}},
    .infer = same_as_input,
    .run =
        [](const Call& c, Tensors& out) {
            const auto* x = c[0].data<uint8_t>();
            auto* y = out[0].mutable_data<uint8_t>();
            const auto kernel = kernels<float>().logical_xor;
            parallel_for(c[0].size(), kElementwiseGrain, [=](int64_t begin, int64_t end) {
                const uint8_t one = 1;
                kernel(x + begin, &one, y + begin, end - begin, 1, 0);
            });
        },
    .no_grad = kTruth,
    .doc = "Not x for a bool tensor.",
});

// ---- selection ---------------------------------------------------------------------------------------------

template <class T>
void select_loop(const BroadcastPlan<3>& plan, const Call& c, Tensor& out) {
    const auto* condition = c[0].data<uint8_t>();
    const T* a = c[1].data<T>();
    const T* b = c[2].data<T>();
    T* y = out.mutable_data<T>();
    plan.run(kElementwiseGrain, [&](const std::array<int64_t, 3>& at, int64_t to, int64_t n) {
        for (int64_t i = 0; i < n; ++i)
            y[to + i] = condition[at[0] + i * plan.step(0)] ? a[at[1] + i * plan.step(1)]
                                                            : b[at[2] + i * plan.step(2)];
    });
}

void run_where(const Call& c, Tensors& out) {
    const BroadcastPlan<3> plan(out[0].shape(), {&c[0].shape(), &c[1].shape(), &c[2].shape()});
    switch (out[0].dtype()) {
        case DType::string: {
            std::vector<std::string_view> values(static_cast<size_t>(out[0].shape().size()));
            plan.run(INT64_MAX, [&](const std::array<int64_t, 3>& at, int64_t to, int64_t n) {
                for (int64_t i = 0; i < n; ++i)
                    values[static_cast<size_t>(to + i)] = c[0].data<uint8_t>()[at[0] + i * plan.step(0)]
                                                              ? string_at(c[1], at[1] + i * plan.step(1))
                                                              : string_at(c[2], at[2] + i * plan.step(2));
            });
            out[0] = make_strings(values, out[0].shape());
            return;
        }
        case DType::complex64:
            return select_loop<Complex>(plan, c, out[0]);
        case DType::boolean:
            return select_loop<uint8_t>(plan, c, out[0]);
        default:
            // An int32 is moved as the float of the same bits.
            visit_real(out[0].dtype() == DType::int32 ? DType::float32 : out[0].dtype(), [&]<class T>() {
                const auto kernel = kernels<T>().select;
                const auto *a = static_cast<const T*>(c[1].raw()), *b = static_cast<const T*>(c[2].raw());
                T* y = reinterpret_cast<T*>(out[0].mutable_data<char>());
                plan.run(kElementwiseGrain, [&](const std::array<int64_t, 3>& at, int64_t to, int64_t n) {
                    kernel(c[0].data<uint8_t>() + at[0], a + at[1], b + at[2], y + to, n, plan.step(0),
                           plan.step(1), plan.step(2));
                });
            });
    }
}

const Op& where_op = define({
    .name = "where",
    .inputs = {{"condition", Accept::boolean}, {"a"}, {"b"}},
    .infer = [](const Call& c) -> Specs {
        return {{promote(c[1].dtype(), c[2].dtype()),
                 broadcast(broadcast(c[0].shape(), c[1].shape()), c[2].shape())}};
    },
    .run =
        [](const Call& c, Tensors& out) {
            if (c[1].dtype() == c[2].dtype()) return run_where(c, out);
            const Inputs same{c[0], cast(c[1], out[0].dtype()), cast(c[2], out[0].dtype())};
            run_where(Call{c.op, same, c.attrs}, out);
        },
    .grad = [](const Gradient& g) -> Tensors {
        const Tensor none = Tensor::number(0, g.dy().dtype());
        Tensors d(3);
        if (g.wants(1)) d[1] = sum_to(where(g.x(0), g.dy(), none), g.shape(1));
        if (g.wants(2)) d[2] = sum_to(where(g.x(0), none, g.dy()), g.shape(2));
        return d;
    },
    .saves = {.inputs = {0}},
    .formula = {Formula::Kind::select},
    .method = false,
    .doc = "a where condition holds, b elsewhere; all three broadcast.",
});

}  // namespace

Tensor equal(const Tensor& a, const Tensor& b) { return call1(equal_op, {a, b}); }
Tensor less(const Tensor& a, const Tensor& b) { return call1(less_op, {a, b}); }
Tensor less_equal(const Tensor& a, const Tensor& b) { return call1(less_equal_op, {a, b}); }
Tensor greater(const Tensor& a, const Tensor& b) { return call1(greater_op, {a, b}); }
Tensor greater_equal(const Tensor& a, const Tensor& b) { return call1(greater_equal_op, {a, b}); }
Tensor logical_and(const Tensor& a, const Tensor& b) { return call1(and_op, {a, b}); }
Tensor logical_not(const Tensor& x) { return call1(not_op, {x}); }
Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b) {
    return call1(where_op, {condition, a, b});
}

}  // namespace lamina
