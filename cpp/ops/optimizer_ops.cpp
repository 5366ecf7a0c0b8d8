// Updates of variables in place: steps along the gradient, steps scaled by its past squares, and assignment.
#include <cstring>

#include "ops/optimizer_step.h"

namespace lamina {

namespace {

// ---- steps -------------------------------------------------------------------------------------------------

constexpr Slots kSgd{.grads = 1, .learning_rate = 2, .lists = 1};

Op sgd_block() {
    Op op = step_op("applySgd", {variables("variables"), step_grads(), step_rate()}, {},
                    "variable -= learningRate * gradient.");
    op.infer = infer_step<kSgd>;
    op.run = [](const Call& c, Tensors&) {
        const WriteAll memory(c);
        const auto grads = c.list(kSgd.grads);
        visit_variables(c, [&]<class T>() {
            const T rate = static_cast<T>(scalar_of(c[kSgd.learning_rate]));
            each_piece(c.variables(0), [&](size_t i, int64_t from, int64_t n) {
                kernels<T>().sgd(memory.data<T>(0, i) + from, grads[i].data<T>() + from, n, rate);
            });
        });
    };
    return op;
}
[[maybe_unused]] const Op& sgd_op = define(sgd_block());

constexpr Slots kMomentum{.grads = 2, .learning_rate = 3, .lists = 2};

Op momentum_block() {
    Op op = step_op(
        "applyMomentum", {variables("variables"), variables("accumulators"), step_grads(), step_rate()},
        {number("momentum"), {"useNesterov", AttrType::boolean, false}},
        "accumulator = momentum * accumulator + gradient; variable -= learningRate * accumulator, or with "
        "Nesterov's form learningRate * (gradient + momentum * accumulator).");
    op.infer = infer_step<kMomentum>;
    op.run = [](const Call& c, Tensors&) {
        const WriteAll memory(c);
        const auto grads = c.list(kMomentum.grads);
        visit_variables(c, [&]<class T>() {
            const T rate = static_cast<T>(scalar_of(c[kMomentum.learning_rate]));
            const T momentum = static_cast<T>(c.number("momentum"));
            const bool nesterov = c.flag("useNesterov");
            each_piece(c.variables(0), [&](size_t i, int64_t from, int64_t n) {
                kernels<T>().momentum(memory.data<T>(0, i) + from, memory.data<T>(1, i) + from,
                                      grads[i].data<T>() + from, n, rate, momentum, nesterov);
            });
        });
    };
    return op;
}
[[maybe_unused]] const Op& momentum_op = define(momentum_block());

constexpr Slots kLion{.grads = 2, .learning_rate = 3, .lists = 2};

Op lion_block() {
    Op op =
        step_op("applyLion", {variables("variables"), variables("ms"), step_grads(), step_rate()},
                {number("beta1"), number("beta2"), {"weightDecay", AttrType::number, 0.0}},
                "A step of Lion (Chen et al. 2023): the sign of beta1 * m + (1 - beta1) * gradient; then m "
                "takes up the gradient by beta2.");
    op.infer = infer_step<kLion>;
    op.run = [](const Call& c, Tensors&) {
        const WriteAll memory(c);
        const auto grads = c.list(kLion.grads);
        visit_variables(c, [&]<class T>() {
            const double beta1 = c.number("beta1"), beta2 = c.number("beta2");
            const double rate = scalar_of(c[kLion.learning_rate]);
            const LionStep<T> step{.learning_rate = static_cast<T>(rate),
                                   .beta1 = static_cast<T>(beta1),
                                   .beta2 = static_cast<T>(beta2),
                                   .rest1 = static_cast<T>(1 - beta1),
                                   .rest2 = static_cast<T>(1 - beta2),
                                   .shrink = static_cast<T>(rate * c.number("weightDecay"))};
            each_piece(c.variables(0), [&](size_t i, int64_t from, int64_t n) {
                kernels<T>().lion(memory.data<T>(0, i) + from, memory.data<T>(1, i) + from,
                                  grads[i].data<T>() + from, n, step);
            });
        });
    };
    return op;
}
[[maybe_unused]] const Op& lion_op = define(lion_block());

constexpr Slots kRmsProp{.grads = 4, .learning_rate = 5, .lists = 4, .optional_list = 3};

Op rms_prop_block() {
    Op op = step_op("applyRmsProp",
                    {variables("variables"), variables("meanSquares"), variables("moments"),
                     variables("meanGrads"), step_grads(), step_rate()},
                    {number("decay"), number("momentum"), number("epsilon")},
                    "A step of RMSProp with epsilon inside of the root; meanGrads is empty unless centered.");
    op.infer = infer_step<kRmsProp>;
    op.run = [](const Call& c, Tensors&) {
        const WriteAll memory(c);
        const auto grads = c.list(kRmsProp.grads);
        visit_variables(c, [&]<class T>() {
            const double decay = c.number("decay");
            const RmsPropStep<T> step{.learning_rate = static_cast<T>(scalar_of(c[kRmsProp.learning_rate])),
                                      .decay = static_cast<T>(decay),
                                      .momentum = static_cast<T>(c.number("momentum")),
                                      .epsilon = static_cast<T>(c.number("epsilon")),
                                      .rest = static_cast<T>(1 - decay)};
            each_piece(c.variables(0), [&](size_t i, int64_t from, int64_t n) {
                T* mean_grad = memory.data<T>(3, i);
                kernels<T>().rmsprop(memory.data<T>(0, i) + from, memory.data<T>(1, i) + from,
                                     mean_grad ? mean_grad + from : nullptr, memory.data<T>(2, i) + from,
                                     grads[i].data<T>() + from, n, step);
            });
        });
    };
    return op;
}
[[maybe_unused]] const Op& rms_prop_op = define(rms_prop_block());

constexpr Slots kAdagrad{.grads = 2, .learning_rate = 3, .lists = 2};

Op adagrad_block() {
    Op op = step_op("applyAdagrad", {variables("variables"), variables("sums"), step_grads(), step_rate()},
                    {number("epsilon")},
                    "A step of Adagrad (Duchi et al. 2011): sum += gradient^2; variable -= learningRate * "
                    "gradient / sqrt(sum + epsilon).");
    op.infer = infer_step<kAdagrad>;
    op.run = [](const Call& c, Tensors&) {
        const WriteAll memory(c);
        const auto grads = c.list(kAdagrad.grads);
        visit_variables(c, [&]<class T>() {
            const T rate = static_cast<T>(scalar_of(c[kAdagrad.learning_rate]));
            const T epsilon = static_cast<T>(c.number("epsilon"));
            each_piece(c.variables(0), [&](size_t i, int64_t from, int64_t n) {
                kernels<T>().adagrad(memory.data<T>(0, i) + from, memory.data<T>(1, i) + from,
                                     grads[i].data<T>() + from, n, rate, epsilon);
            });
        });
    };
    return op;
}
[[maybe_unused]] const Op& adagrad_op = define(adagrad_block());

constexpr Slots kAdadelta{.grads = 3, .learning_rate = 4, .lists = 3};

Op adadelta_block() {
    Op op =
        step_op("applyAdadelta",
                {variables("variables"), variables("accumGrads"), variables("accumUpdates"), step_grads(),
                 step_rate()},
                {number("rho"), number("epsilon")},
                "A step of Adadelta (Zeiler 2012) as TensorFlow.js has it: the step divides by the mean of "
                "squared gradients before this one.");
    op.infer = infer_step<kAdadelta>;
    op.run = [](const Call& c, Tensors&) {
        const WriteAll memory(c);
        const auto grads = c.list(kAdadelta.grads);
        visit_variables(c, [&]<class T>() {
            const double rho = c.number("rho");
            const AdadeltaStep<T> step{.learning_rate = static_cast<T>(scalar_of(c[kAdadelta.learning_rate])),
                                       .rho = static_cast<T>(rho),
                                       .epsilon = static_cast<T>(c.number("epsilon")),
                                       .rest = static_cast<T>(1 - rho)};
            each_piece(c.variables(0), [&](size_t i, int64_t from, int64_t n) {
                kernels<T>().adadelta(memory.data<T>(0, i) + from, memory.data<T>(1, i) + from,
                                      memory.data<T>(2, i) + from, grads[i].data<T>() + from, n, step);
            });
        });
    };
    return op;
}
[[maybe_unused]] const Op& adadelta_op = define(adadelta_block());

// ---- assignment --------------------------------------------------------------------------------------------

// The value is copied: the memory of an intermediate result may be used again after this call.
Op assign_block() {
    Op op =
        step_op("assign", {variables("variable"), {"value", Accept::any}}, {}, "Sets a variable to a value.");
    op.infer = [](const Call& c) -> Specs {
        if (c.variables(0).size() != 1) wrong_count(c, 0, c.variables(0).size(), 1);
        const Spec& spec = c.variables(0)[0]->spec();
        const Tensor& value = c[1];
        if (!(value.shape() == spec.shape))
            value_error("Error in assign: the variable has shape [", spec.shape, "], the new value [",
                        value.shape(), "].");
        if (value.dtype() != spec.dtype)
            value_error("dtype of the new value (", name_of(value.dtype()), ") and previous value (",
                        name_of(spec.dtype), ") must match");
        return {};
    };
    op.run = [](const Call& c, Tensors&) {
        const VariableRef& variable = c.variables(0)[0];
        if (variable->dtype() == DType::string) return variable->assign(c[1]);
        const Variable::Write memory = variable->write();
        const size_t bytes = static_cast<size_t>(c[1].size()) * element_size(c[1].dtype());
        if (memory.data != c[1].raw()) std::memcpy(memory.data, c[1].raw(), bytes);
    };
    return op;
}
[[maybe_unused]] const Op& assign_op = define(assign_block());

}  // namespace

}  // namespace lamina
