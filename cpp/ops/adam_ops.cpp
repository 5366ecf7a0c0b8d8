// Steps of Adam and its relatives, which correct running means for their start at 0.
//
// What depends on the number of the step stands in scalar variables, so that a Program reads it anew each
// time.
#include "ops/optimizer_step.h"

namespace lamina {

namespace {

// 1 - beta^t, from the variable that holds beta^t and is advanced to the next power in its own precision.
double bias_correction(const Call& c, const WriteAll& memory, int list, double beta) {
    const bool narrow = c.variables(list)[0]->dtype() == DType::float32;
    const double factor = narrow ? static_cast<float>(beta) : beta;
    return 1 - advance_single(c, memory, list, [&](double power) { return power * factor; });
}

// step(w, m, v, gradient, count) for pieces of all variables; m and v are the second and third list.
template <class T, class F>
void each_moment_piece(const Call& c, const WriteAll& memory, std::span<const Tensor> grads, F step) {
    each_piece(c.variables(0), [&](size_t i, int64_t from, int64_t n) {
        step(memory.data<T>(0, i) + from, memory.data<T>(1, i) + from, memory.data<T>(2, i) + from,
             grads[i].data<T>() + from, n);
    });
}

constexpr Slots kAdam{.grads = 5, .learning_rate = 6, .lists = 3, .singles = 2};

Op adam_block() {
    Op op =
        step_op("applyAdam",
                {variables("variables"), variables("ms"), variables("vs"), variables("accBeta1"),
                 variables("accBeta2"), step_grads(), step_rate()},
                {number("beta1"), number("beta2"), number("epsilon"), {"weightDecay", AttrType::number, 0.0}},
                "A step of Adam (Kingma & Ba 2015), with epsilon outside of the bias correction. accBeta1 "
                "and accBeta2 hold beta^t for the step to be taken and are advanced by it. weightDecay "
                "shrinks the variables apart from the gradient (Loshchilov & Hutter 2019).");
    op.infer = infer_step<kAdam>;
    op.run = [](const Call& c, Tensors&) {
        const WriteAll memory(c);
        const double beta1 = c.number("beta1"), beta2 = c.number("beta2");
        const double correction1 = bias_correction(c, memory, 3, beta1);
        const double correction2 = bias_correction(c, memory, 4, beta2);
        const double rate = scalar_of(c[kAdam.learning_rate]);
        visit_variables(c, [&]<class T>() {
            const AdamStep<T> step{.learning_rate = static_cast<T>(rate),
                                   .beta1 = static_cast<T>(beta1),
                                   .beta2 = static_cast<T>(beta2),
                                   .epsilon = static_cast<T>(c.number("epsilon")),
                                   .correction1 = static_cast<T>(correction1),
                                   .correction2 = static_cast<T>(correction2),
                                   .rest1 = static_cast<T>(1 - beta1),
                                   .rest2 = static_cast<T>(1 - beta2),
                                   .shrink = static_cast<T>(rate * c.number("weightDecay"))};
            each_moment_piece<T>(
                c, memory, c.list(kAdam.grads),
                [&](T* w, T* m, T* v, const T* g, int64_t n) { kernels<T>().adam(w, m, v, g, n, step); });
        });
    };
    return op;
}
[[maybe_unused]] const Op& adam_op = define(adam_block());

constexpr Slots kAdamax{.grads = 5, .learning_rate = 6, .lists = 3, .singles = 2};

Op adamax_block() {
    Op op = step_op("applyAdamax",
                    {variables("variables"), variables("ms"), variables("vs"), variables("iteration"),
                     variables("accBeta1"), step_grads(), step_rate()},
                    {number("beta1"), number("beta2"), number("epsilon"), number("decay")},
                    "A step of Adamax (Kingma & Ba 2015, section 7.1), at learningRate / (1 + iteration * "
                    "decay). iteration and accBeta1, which holds beta1^t, are advanced by it.");
    op.infer = infer_step<kAdamax>;
    op.run = [](const Call& c, Tensors&) {
        const WriteAll memory(c);
        const double beta1 = c.number("beta1");
        const double iteration = advance_single(c, memory, 3, [](double steps) { return steps + 1; });
        const double correction = bias_correction(c, memory, 4, beta1);
        const double rate = scalar_of(c[kAdamax.learning_rate]) / (1 + iteration * c.number("decay"));
        visit_variables(c, [&]<class T>() {
            const AdamaxStep<T> step{.rate = static_cast<T>(rate / correction),
                                     .beta1 = static_cast<T>(beta1),
                                     .beta2 = static_cast<T>(c.number("beta2")),
                                     .epsilon = static_cast<T>(c.number("epsilon")),
                                     .rest1 = static_cast<T>(1 - beta1)};
            each_moment_piece<T>(
                c, memory, c.list(kAdamax.grads),
                [&](T* w, T* m, T* v, const T* g, int64_t n) { kernels<T>().adamax(w, m, v, g, n, step); });
        });
    };
    return op;
}
[[maybe_unused]] const Op& adamax_op = define(adamax_block());

constexpr Slots kNadam{.grads = 6, .learning_rate = 7, .lists = 3, .singles = 3};
// The rate at which Nadam's momentum approaches beta1 (Dozat 2016, section 2).
constexpr double kMomentumDecay = 0.96;

Op nadam_block() {
    Op op =
        step_op("applyNadam",
                {variables("variables"), variables("ms"), variables("vs"), variables("accBeta2"),
                 variables("decayPower"), variables("momentumProduct"), step_grads(), step_rate()},
                {number("beta1"), number("beta2"), number("epsilon")},
                "A step of Nadam (Dozat 2016), Adam with Nesterov's momentum. accBeta2 holds beta2^t, "
                "decayPower 0.96^t, both for the step to be taken, and momentumProduct the product of the "
                "momenta beta1 * (1 - decayPower / 2) of the steps before; all are advanced by it.");
    op.infer = infer_step<kNadam>;
    op.run = [](const Call& c, Tensors&) {
        const WriteAll memory(c);
        const double beta1 = c.number("beta1"), beta2 = c.number("beta2");
        const double correction = bias_correction(c, memory, 3, beta2);
        const double power = advance_single(c, memory, 4, [](double p) { return p * kMomentumDecay; });
        const double momentum = beta1 * (1 - 0.5 * power);
        const double next_momentum = beta1 * (1 - 0.5 * kMomentumDecay * power);
        const double product =
            momentum * advance_single(c, memory, 5, [&](double before) { return before * momentum; });
        visit_variables(c, [&]<class T>() {
            const NadamStep<T> step{
                .learning_rate = static_cast<T>(scalar_of(c[kNadam.learning_rate])),
                .beta1 = static_cast<T>(beta1),
                .beta2 = static_cast<T>(beta2),
                .epsilon = static_cast<T>(c.number("epsilon")),
                .rest1 = static_cast<T>(1 - beta1),
                .rest2 = static_cast<T>(1 - beta2),
                .mean_share = static_cast<T>(next_momentum / (1 - product * next_momentum)),
                .gradient_share = static_cast<T>((1 - momentum) / (1 - product)),
                .correction2 = static_cast<T>(correction)};
            each_moment_piece<T>(
                c, memory, c.list(kNadam.grads),
                [&](T* w, T* m, T* v, const T* g, int64_t n) { kernels<T>().nadam(w, m, v, g, n, step); });
        });
    };
    return op;
}
[[maybe_unused]] const Op& nadam_op = define(nadam_block());

}  // namespace

}  // namespace lamina
