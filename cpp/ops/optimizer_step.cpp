#include "ops/optimizer_step.h"

namespace lamina {

namespace {

const char* const kNoGrad = "an update in place";

}  // namespace

WriteAll::WriteAll(const Call& c) {
    const std::vector<VariableRef>& all = c.inputs.variables;
    SmallVector<size_t, 16> order;
    for (size_t i = 0; i < all.size(); ++i) {
        order.push_back(i);
        writes_.push_back({});
    }
    std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return all[a].get() < all[b].get(); });
    for (size_t i : order) writes_[i] = all[i]->write();
    for (int32_t count : c.inputs.variable_counts) {
        starts_.push_back(next_);
        next_ += static_cast<size_t>(count);
    }
}

void wrong_count(const Call& c, int which, size_t got, size_t wanted) {
    value_error("Error in ", c.op.name, ": ", c.op.inputs[static_cast<size_t>(which)].name, " has ", got,
                got == 1 ? " member" : " members", ", expected ", wanted, ".");
}

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

}  // namespace lamina
