#include "graph/trace.h"

#include "core/error.h"

namespace lamina {

Tensor Trace::input(const Spec& spec) {
    GraphNode node;
    node.outputs.push_back(spec);
    const auto at = static_cast<int32_t>(nodes_.size());
    inputs_.push_back(at);
    nodes_.push_back(std::move(node));
    return Tensor::symbolic(spec, {this, at, 0});
}

bool Trace::take(const Call& call, const Specs& specs, Tensors& out) {
    bool symbolic = false;
    for (const Tensor& t : call.inputs.tensors) {
        if (!t || !t.is_symbolic()) continue;
        if (!owns(t)) return false;  // an outer trace's
        symbolic = true;
    }
    if (!symbolic) return false;
    if (call.op.shapes == Shapes::from_values)
        fail(ErrorKind::runtime, call.op.name, ": the shape of the result depends on values, which a trace does not have.");

    GraphNode node;
    node.op = &call.op;
    node.attrs = call.attrs;
    for (const Tensor& t : call.inputs.tensors) {
        Source source;
        if (t && t.is_symbolic())
            source = {t.symbol().node, t.symbol().output, {}};
        else
            source.constant = t;
        node.inputs.push_back(std::move(source));
    }
    node.shape_of_inputs.counts = call.inputs.counts;
    node.shape_of_inputs.variables = call.inputs.variables;
    node.shape_of_inputs.variable_counts = call.inputs.variable_counts;
    node.outputs = specs;
    const auto at = static_cast<int32_t>(nodes_.size());
    for (size_t i = 0; i < specs.size(); ++i)
        out.push_back(Tensor::symbolic(specs[i], {this, at, static_cast<int32_t>(i)}));
    nodes_.push_back(std::move(node));
    return true;
}

Tensors Trace::run(const Tensors& inputs, const Tensors& wanted) const {
    if (inputs.size() != inputs_.size())
        value_error("The graph has ", inputs_.size(), " inputs, got ", inputs.size(), " values.");
    std::vector<Tensors> values(nodes_.size());
    for (size_t i = 0; i < inputs.size(); ++i) {
        const Spec& spec = nodes_[static_cast<size_t>(inputs_[i])].outputs[0];
        if (inputs[i].dtype() != spec.dtype || !(inputs[i].shape() == spec.shape))
            value_error("Input ", i, " of the graph is a ", name_of(spec.dtype), " tensor of shape [", spec.shape, "], got ",
                        name_of(inputs[i].dtype()), " [", inputs[i].shape(), "].");
        values[static_cast<size_t>(inputs_[i])].push_back(inputs[i]);
    }
    for (size_t i = 0; i < nodes_.size(); ++i) {
        const GraphNode& node = nodes_[i];
        if (!node.op) continue;
        Inputs arguments = node.shape_of_inputs;
        for (const Source& s : node.inputs)
            arguments.tensors.push_back(s.node < 0 ? s.constant
                                                   : values[static_cast<size_t>(s.node)][static_cast<size_t>(s.output)]);
        // A variable read while tracing is read again: it may have changed.
        for (Tensor& t : arguments.tensors)
            if (t)
                if (const VariableRef variable = t.variable()) t = variable->read();
        values[i] = call(*node.op, std::move(arguments), node.attrs);
    }
    Tensors out;
    for (const Tensor& t : wanted) {
        if (!owns(t)) value_error("A wanted output was not made by this trace.");
        out.push_back(values[static_cast<size_t>(t.symbol().node)][static_cast<size_t>(t.symbol().output)]);
    }
    return out;
}

}  // namespace lamina
