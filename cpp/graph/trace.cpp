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

Source Trace::source_of(const Tensor& t) const {
    Source source;
    if (!t) return source;
    if (t.is_symbolic()) {
        if (t.symbol().trace != this)
            fail(ErrorKind::runtime, "A tensor of another trace was used in this one.");
        source.node = t.symbol().node;
        source.output = t.symbol().output;
        return source;
    }
    source.variable = t.variable();
    if (!source.variable) {
        source.constant = t;
    } else if (const auto found = past_.find(source.variable.get()); found != past_.end()) {
        const std::vector<Tensor>& past = found->second;
        while (source.version < static_cast<int32_t>(past.size()) &&
               !t.same_handle(past[static_cast<size_t>(source.version)]))
            ++source.version;
    }
    return source;
}

bool Trace::take(const Call& call, const Specs& specs, Tensors& out) {
    bool takes = call.op.effect != Effect::pure;
    for (const Tensor& t : call.inputs.tensors) {
        if (!t) continue;
        if (t.is_symbolic() && t.symbol().trace != this) return false;  // an outer trace's
        takes |= t.is_symbolic() || t.variable() != nullptr;
    }
    if (!takes) return false;
    if (call.op.shapes == Shapes::from_values)
        fail(ErrorKind::runtime, call.op.name,
             ": the shape of the result depends on values, which a trace does not have.");

    GraphNode node;
    node.op = &call.op;
    node.attrs = call.attrs;
    for (const Tensor& t : call.inputs.tensors) node.inputs.push_back(source_of(t));
    node.layout.counts = call.inputs.counts;
    node.layout.variables = call.inputs.variables;
    node.layout.variable_counts = call.inputs.variable_counts;
    node.outputs = specs;
    const auto at = static_cast<int32_t>(nodes_.size());
    for (size_t i = 0; i < specs.size(); ++i)
        out.push_back(Tensor::symbolic(specs[i], {this, at, static_cast<int32_t>(i)}));
    if (call.op.effect == Effect::updates) {
        for (const VariableRef& v : node.layout.variables) {
            past_[v.get()].push_back(v->read());
            // The same value under a new handle, which tells what is read from now on.
            v->assign(v->read());
        }
    }
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
            value_error("Input ", i, " of the graph is a ", name_of(spec.dtype), " tensor of shape [",
                        spec.shape, "], got ", name_of(inputs[i].dtype()), " [", inputs[i].shape(), "].");
        values[static_cast<size_t>(inputs_[i])].push_back(inputs[i]);
    }
    std::unordered_map<const Variable*, std::vector<Tensor>> past;
    const auto value_of = [&](const Source& s) {
        if (s.node >= 0) return values[static_cast<size_t>(s.node)][static_cast<size_t>(s.output)];
        if (!s.variable) return s.constant;
        const auto found = past.find(s.variable.get());
        return found != past.end() && s.version < static_cast<int32_t>(found->second.size())
                   ? found->second[static_cast<size_t>(s.version)]
                   : s.variable->read();
    };
    for (size_t i = 0; i < nodes_.size(); ++i) {
        const GraphNode& node = nodes_[i];
        if (!node.op) continue;
        Inputs arguments = node.layout;
        for (const Source& s : node.inputs) arguments.tensors.push_back(value_of(s));
        if (node.op->effect == Effect::updates)
            for (const VariableRef& v : node.layout.variables) past[v.get()].push_back(v->read());
        values[i] = call(*node.op, std::move(arguments), node.attrs);
    }
    Tensors out;
    for (const Tensor& t : wanted) out.push_back(value_of(source_of(t)));
    return out;
}

}  // namespace lamina
