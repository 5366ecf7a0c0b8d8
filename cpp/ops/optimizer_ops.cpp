// Updates of variables in place: optimizer steps and assignment.
//
// A step is one pass over all variables together: their elements form one long range, which is cut among the
// threads without regard to where one variable ends.
#include <algorithm>
#include <cstring>

#include "ops/kernel_use.h"

namespace lamina {

namespace {

// Less than this is not worth a second thread: a step reads and writes up to five streams.
constexpr int64_t kStepGrain = 16384;

const char* const kNoGrad = "an update in place";

// ---- the variables of a call -------------------------------------------------------------------------------

// All variables of the call, locked for writing in the order of their addresses, so that two steps that share
// variables cannot wait for each other.
class WriteAll {
  public:
    explicit WriteAll(const Call& c) {
        const std::vector<VariableRef>& all = c.inputs.variables;
        std::vector<size_t> order(all.size());
        for (size_t i = 0; i < all.size(); ++i) order[i] = i;
        std::sort(order.begin(), order.end(),
                  [&](size_t a, size_t b) { return all[a].get() < all[b].get(); });
        writes_.resize(all.size());
        for (size_t i : order) writes_[i] = all[i]->write();
        for (int32_t count : c.inputs.variable_counts) {
            starts_.push_back(next_);
            next_ += static_cast<size_t>(count);
        }
    }

    // The memory of the i-th variable of the which-th list; null where the list is empty.
    template <class T>
    T* data(int which, size_t i) const {
        const size_t start = starts_[static_cast<size_t>(which)];
        const size_t end =
            static_cast<size_t>(which) + 1 < starts_.size() ? starts_[static_cast<size_t>(which) + 1] : next_;
        return start + i < end ? static_cast<T*>(writes_[start + i].data) : nullptr;
    }

  private:
    std::vector<Variable::Write> writes_;
    std::vector<size_t> starts_;
    size_t next_ = 0;
};

struct Slots {
    int grads, learning_rate;  // input slots
    int lists;                 // lists of variables that have one member for each gradient
    int optional_list = -1;    // the one among them that may be empty
    int singles = 0;           // lists behind those, of one scalar each
};

[[noreturn]] void wrong_count(const Call& c, int which, size_t got, size_t wanted) {
    value_error("Error in ", c.op.name, ": ", c.op.inputs[static_cast<size_t>(which)].name, " has ", got,
                got == 1 ? " member" : " members", ", expected ", wanted, ".");
}

// The lists of variables are the first slots of every block here, so that list and slot have the same index.
void check_step(const Call& c, const Slots& slots) {
    const auto variables = c.variables(0);
    const auto grads = c.list(slots.grads);
    if (grads.size() != variables.size()) wrong_count(c, slots.grads, grads.size(), variables.size());
    for (int list = 1; list < slots.lists; ++list) {
        const auto states = c.variables(list);
        if (list == slots.optional_list && states.empty()) continue;
        if (states.size() != variables.size()) wrong_count(c, list, states.size(), variables.size());
    }
    for (size_t i = 0; i < variables.size(); ++i) {
        const Spec& spec = variables[i]->spec();
        const auto check = [&](const char* what, const Spec& other) {
            if (!(other.shape == spec.shape))
                value_error("Error in ", c.op.name, ": ", what, "[", i, "] has shape [", other.shape,
                            "], but variables[", i, "] has shape [", spec.shape, "].");
            if (other.dtype != spec.dtype)
                value_error("Error in ", c.op.name, ": ", what, "[", i, "] is ", name_of(other.dtype),
                            ", but variables[", i, "] is ", name_of(spec.dtype), ".");
        };
        if (!is_real(spec.dtype))
            value_error("Error in ", c.op.name, ": variables[", i, "] is ", name_of(spec.dtype),
                        ", not float32.");
        if (spec.dtype != variables[0]->dtype())
            value_error("Error in ", c.op.name, ": variables[", i, "] is ", name_of(spec.dtype),
                        ", but variables[0] is ", name_of(variables[0]->dtype()), ".");
        check("grads", grads[i].spec());
        for (int list = 1; list < slots.lists; ++list)
            if (!c.variables(list).empty())
                check(c.op.inputs[static_cast<size_t>(list)].name, c.variables(list)[i]->spec());
    }
    for (int list = slots.lists; list < slots.lists + slots.singles; ++list) {
        const auto single = c.variables(list);
        if (single.size() != 1) wrong_count(c, list, single.size(), 1);
        if (single[0]->shape().size() != 1 || !is_real(single[0]->dtype()))
            value_error("Error in ", c.op.name, ": ", c.op.inputs[static_cast<size_t>(list)].name,
                        " must be a scalar, but has shape [", single[0]->shape(), "].");
    }
    if (c[slots.learning_rate].size() != 1)
        value_error("Error in ", c.op.name, ": learningRate must be a scalar, but has shape [",
                    c[slots.learning_rate].shape(), "].");
    std::vector<VariableRef> sorted = c.inputs.variables;
    std::sort(sorted.begin(), sorted.end());
    if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
        value_error("Error in ", c.op.name, ": the same variable was given twice.");
}

double scalar_of(const Tensor& t) {
    return t.dtype() == DType::float64 ? *t.data<double>() : static_cast<double>(*t.data<float>());
}

// step(variable, first element, count) for pieces of all variables.
template <class F>
void each_piece(std::span<const VariableRef> variables, F step) {
    std::vector<int64_t> ends;
    int64_t total = 0;
    for (const VariableRef& v : variables) ends.push_back(total += v->shape().size());
    parallel_for(total, kStepGrain, [&](int64_t begin, int64_t end) {
        auto at = static_cast<size_t>(std::upper_bound(ends.begin(), ends.end(), begin) - ends.begin());
        for (; begin < end; ++at) {
            const int64_t start = at ? ends[at - 1] : 0, stop = std::min(end, ends[at]);
            if (stop > begin) step(at, begin - start, stop - begin);
            begin = std::max(begin, stop);
        }
    });
}

// run.template operator()<T>() with the variables' type.
template <class F>
void visit_variables(const Call& c, F&& run) {
    visit_real(c.variables(0).empty() ? DType::float32 : c.variables(0)[0]->dtype(), std::forward<F>(run));
}

InputSpec variables(const char* name) { return {name, Accept::any, Arity::variables}; }
const InputSpec kGrads{"grads", Accept::to_real, Arity::list};
const InputSpec kLearningRate{"learningRate", Accept::to_real};

template <Slots slots>
Specs infer_step(const Call& c) {
    check_step(c, slots);
    return {};
}

Op step_op(const char* name, std::vector<InputSpec> inputs, std::vector<AttrSpec> attrs, const char* doc) {
    Op op{.name = name};
    op.inputs = std::move(inputs);
    op.attrs = std::move(attrs);
    op.outputs = {};
    op.effect = Effect::updates;
    op.no_grad = kNoGrad;
    op.method = false;
    op.internal = true;
    op.doc = doc;
    return op;
}

AttrSpec number(const char* name) { return {name, AttrType::number}; }

// ---- steps -------------------------------------------------------------------------------------------------

constexpr Slots kSgd{.grads = 1, .learning_rate = 2, .lists = 1};

Op sgd_block() {
    Op op = step_op("applySgd", {variables("variables"), kGrads, kLearningRate}, {},
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
        "applyMomentum", {variables("variables"), variables("accumulators"), kGrads, kLearningRate},
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

constexpr Slots kAdam{.grads = 5, .learning_rate = 6, .lists = 3, .singles = 2};

Op adam_block() {
    Op op = step_op("applyAdam",
                    {variables("variables"), variables("ms"), variables("vs"), variables("accBeta1"),
                     variables("accBeta2"), kGrads, kLearningRate},
                    {number("beta1"), number("beta2"), number("epsilon")},
                    "A step of Adam (Kingma & Ba 2015), with epsilon outside of the bias correction. "
                    "accBeta1 and accBeta2 "
                    "hold beta^t for the step to be taken and are advanced by it.");
    op.infer = infer_step<kAdam>;
    op.run = [](const Call& c, Tensors&) {
        const WriteAll memory(c);
        const auto grads = c.list(kAdam.grads);
        const auto advance = [&]<class T>(int which, double beta) {
            T& power = *memory.data<T>(which, 0);
            const double correction = 1 - power;
            power = static_cast<T>(power * static_cast<T>(beta));
            return correction;
        };
        double corrections[2];
        for (int k = 0; k < 2; ++k)
            visit_real(c.variables(3 + k)[0]->dtype(), [&]<class T>() {
                corrections[k] = advance.template operator()<T>(3 + k, c.number(k ? "beta2" : "beta1"));
            });
        visit_variables(c, [&]<class T>() {
            const double beta1 = c.number("beta1"), beta2 = c.number("beta2");
            const AdamStep<T> step{.learning_rate = static_cast<T>(scalar_of(c[kAdam.learning_rate])),
                                   .beta1 = static_cast<T>(beta1),
                                   .beta2 = static_cast<T>(beta2),
                                   .epsilon = static_cast<T>(c.number("epsilon")),
                                   .correction1 = static_cast<T>(corrections[0]),
                                   .correction2 = static_cast<T>(corrections[1]),
                                   .rest1 = static_cast<T>(1 - beta1),
                                   .rest2 = static_cast<T>(1 - beta2)};
            each_piece(c.variables(0), [&](size_t i, int64_t from, int64_t n) {
                kernels<T>().adam(memory.data<T>(0, i) + from, memory.data<T>(1, i) + from,
                                  memory.data<T>(2, i) + from, grads[i].data<T>() + from, n, step);
            });
        });
    };
    return op;
}
[[maybe_unused]] const Op& adam_op = define(adam_block());

constexpr Slots kRmsProp{.grads = 4, .learning_rate = 5, .lists = 4, .optional_list = 3};

Op rms_prop_block() {
    Op op = step_op("applyRmsProp",
                    {variables("variables"), variables("meanSquares"), variables("moments"),
                     variables("meanGrads"), kGrads, kLearningRate},
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
