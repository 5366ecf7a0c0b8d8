#include "graph/builder.h"

#include <algorithm>
#include <cstring>
#include <deque>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "graph/copies.h"
#include "graph/fuse.h"
#include "graph/live.h"
#include "graph/plan.h"

namespace lamina {

namespace {

// In memory that counts as the Program's, not as a tensor's.
Tensor own_copy(const Tensor& constant) {
    BufferRef buffer = Pool::global().allocate_internal(constant.bytes(), "program constant");
    std::memcpy(buffer->data(), constant.raw(), constant.bytes());
    return Tensor::from_buffer(constant.dtype(), constant.shape(), std::move(buffer));
}

const Op& copy_op() {
    static const Op op = [] {
        Op copy{.name = "copy"};
        copy.run = [](const Call& c, Tensors& out) {
            std::memcpy(const_cast<void*>(out[0].raw()), c[0].raw(),
                        static_cast<size_t>(bytes_of(c[0].spec())));
        };
        return copy;
    }();
    return op;
}

class Builder {
  public:
    Builder(const Trace& trace, const Tensors& outputs) : trace_(trace) {
        for (const Tensor& t : outputs) wanted_.push_back(trace.source_of(t));
    }

    void number_values() {
        const std::vector<char> live = live_nodes(trace_, wanted_);
        const std::vector<GraphNode>& nodes = trace_.nodes();
        for (size_t i = 0; i < nodes.size(); ++i)
            if (live[i] && nodes[i].op && nodes[i].op->effect == Effect::updates)
                for (const VariableRef& v : nodes[i].layout.variables) updated_.insert(v.get());
        node_values_.resize(nodes.size());
        const std::map<Held, Copy> copies = copies_of(trace_, live, wanted_);
        planned_.reserve(nodes.size() + copies.size());
        std::multimap<size_t, Held> copied_at;
        for (const auto& [held, copy] : copies) copied_at.emplace(copy.at, held);
        const auto make_copies = [&](size_t at) {
            for (auto [it, end] = copied_at.equal_range(at); it != end; ++it)
                copy(it->second, copies.at(it->second).variable);
        };
        for (const int32_t i : trace_.inputs()) {
            const int32_t v = add(nodes[static_cast<size_t>(i)].outputs[0], Value::Kind::input);
            node_values_[static_cast<size_t>(i)].push_back(v);
            inputs.push_back(v);
        }
        for (size_t i = 0; i < nodes.size(); ++i) {
            const GraphNode& n = nodes[i];
            if (!live[i] || !n.op) continue;
            make_copies(i);
            PlannedNode p;
            p.node = &n;
            for (const Source& s : n.inputs) p.inputs.push_back(value_of(s));
            const bool settled = is_settled(p);
            for (const Spec& spec : n.outputs)
                p.outputs.push_back(add(spec, settled ? Value::Kind::settled : Value::Kind::arena));
            node_values_[i] = p.outputs;
            if (n.outputs.size() == 1 && p.inputs.size() == 1 &&
                shares_memory(*n.op, specs[static_cast<size_t>(p.inputs[0])], n.outputs[0])) {
                p.alias = true;
                bases[static_cast<size_t>(p.outputs[0])] = p.inputs[0];
            }
            // Variables that only an update names are bound too, so that it can let go of them.
            for (const VariableRef& v : n.layout.variables) variable(v);
            (settled ? settled_ : planned_).push_back(std::move(p));
        }
        make_copies(nodes.size());
        for (const Source& s : wanted_) outputs.push_back(value_of(s));
    }

    void make_instructions() {
        const std::vector<PlannedStep> steps = fuse(planned_, specs, bases);
        // In which step each value is made, and whether another one reads it.
        std::vector<int32_t> made_in(values.size(), -1);
        std::vector<bool> needed(values.size(), false);
        const auto members = [](const PlannedStep& s) {
            return s.node ? std::vector<const PlannedNode*>{s.node} : s.group;
        };
        for (size_t i = 0; i < steps.size(); ++i)
            for (const PlannedNode* n : members(steps[i]))
                for (int32_t v : n->outputs) made_in[static_cast<size_t>(v)] = static_cast<int32_t>(i);
        for (size_t i = 0; i < steps.size(); ++i)
            for (const PlannedNode* n : members(steps[i]))
                for (int32_t v : n->inputs)
                    if (v >= 0 && made_in[static_cast<size_t>(root(v))] != static_cast<int32_t>(i))
                        needed[static_cast<size_t>(root(v))] = true;
        for (int32_t v : outputs) needed[static_cast<size_t>(root(v))] = true;

        for (const PlannedStep& s : steps) {
            Instruction instruction;
            if (s.node) {
                generic(*s.node, instruction);
            } else if (s.group.size() == 1) {
                generic(*s.group[0], instruction);
            } else {
                instruction.fused = std::make_unique<FusedGroup>(make_group(s.group, specs, bases, needed));
                for (const FusedOperand& e : instruction.fused->externals)
                    instruction.reads.push_back(root(e.value));
                for (const FusedStep& step : instruction.fused->steps)
                    if (step.output >= 0) instruction.writes.push_back(step.output);
                ++stats.fused_groups;
                stats.fused_ops += static_cast<int64_t>(s.group.size());
            }
            instructions.push_back(std::move(instruction));
        }
        find_read_again();
        for (const PlannedNode& n : settled_)
            if (!n.alias) generic(n, settling.emplace_back());
        for (const Instruction& instruction : instructions)
            for (const std::vector<int32_t>* list : {&instruction.reads, &instruction.writes})
                for (int32_t v : *list) stats.elements += specs[static_cast<size_t>(v)].shape.size();
        stats.instructions = static_cast<int64_t>(instructions.size());
        stats.traced_nodes = static_cast<int64_t>(trace_.nodes().size());
    }

    // Lifetimes, places, and the handles that instructions are given.
    void place() {
        for (size_t i = 0; i < instructions.size(); ++i) {
            const auto at = static_cast<int32_t>(i);
            for (int32_t v : instructions[i].writes) touch(v, at);
            for (int32_t v : instructions[i].reads) touch(v, at);
        }
        for (int32_t v : outputs) touch(root(v), static_cast<int32_t>(instructions.size()));

        std::vector<Lifetime> lifetimes;
        std::vector<size_t> which;
        for (size_t i = 0; i < values.size(); ++i) {
            const Value& v = values[i];
            if (v.kind != Value::Kind::arena || bases[i] >= 0 || v.first < 0) continue;
            lifetimes.push_back({v.bytes, v.first, v.last});
            which.push_back(i);
        }
        const Plan plan = plan_arena(lifetimes);
        for (size_t k = 0; k < which.size(); ++k) values[which[k]].offset = plan.offsets[k];
        stats.arena_bytes = plan.arena_bytes;
        stats.peak_live_bytes = plan.peak_bytes;
    }

    int32_t root(int32_t v) const {
        while (bases[static_cast<size_t>(v)] >= 0) v = bases[static_cast<size_t>(v)];
        return v;
    }

    std::vector<Value> values;
    std::vector<Spec> specs;
    std::vector<int32_t> bases, inputs, outputs, variables;
    std::vector<Instruction> instructions, settling;
    ProgramStats stats{};

  private:
    // Whether a value follows from constants and from variables that the graph does not update.
    bool is_settled(int32_t v) const {
        const Value& value = values[static_cast<size_t>(root(v))];
        return value.kind == Value::Kind::constant || value.kind == Value::Kind::settled ||
               (value.kind == Value::Kind::variable && !updated_.contains(value.variable.get()));
    }
    bool is_settled(const PlannedNode& n) const {
        return n.node->op->effect == Effect::pure && !n.inputs.empty() &&
               std::all_of(n.inputs.begin(), n.inputs.end(),
                           [&](int32_t v) { return v < 0 || is_settled(v); });
    }

    int32_t add(const Spec& spec, Value::Kind kind) {
        Value v;
        v.kind = kind;
        v.bytes = bytes_of(spec);
        v.handle = Tensor::unplaced(spec);
        values.push_back(std::move(v));
        specs.push_back(spec);
        bases.push_back(-1);
        return static_cast<int32_t>(values.size()) - 1;
    }

    int32_t variable(const VariableRef& variable) {
        const auto [place, fresh] = by_variable_.emplace(variable.get(), -1);
        if (fresh) {
            place->second = add(variable->spec(), Value::Kind::variable);
            values.back().variable = variable;
            variables.push_back(place->second);
        }
        return place->second;
    }

    int32_t value_of(const Source& s) {
        if (s.node >= 0) return node_values_[static_cast<size_t>(s.node)][static_cast<size_t>(s.output)];
        if (s.variable) {
            const auto copied = copied_.find({s.variable.get(), s.version});
            return copied != copied_.end() ? copied->second : variable(s.variable);
        }
        if (!s.constant) return -1;
        const auto [place, fresh] = by_constant_.emplace(s.constant.value_id(), -1);
        if (fresh) {
            place->second = add(s.constant.spec(), Value::Kind::constant);
            Value& v = values.back();
            v.handle = own_copy(s.constant);
        }
        return place->second;
    }

    void copy(const Held& held, const VariableRef& variable) {
        GraphNode& node = own_nodes_.emplace_back();
        node.op = &copy_op();
        node.outputs.push_back(variable->spec());
        PlannedNode p;
        p.node = &node;
        p.inputs.push_back(this->variable(variable));
        p.outputs.push_back(add(variable->spec(), Value::Kind::arena));
        copied_[held] = p.outputs[0];
        planned_.push_back(std::move(p));
    }

    // From the last instruction to the first, with what is read behind each.
    void find_read_again() {
        std::unordered_set<int32_t> read;
        for (int32_t v : outputs) read.insert(root(v));
        for (auto i = instructions.rbegin(); i != instructions.rend(); ++i) {
            for (int32_t v : i->updates)
                if (read.contains(v)) i->read_again.push_back(v);
            read.insert(i->reads.begin(), i->reads.end());
        }
    }

    void touch(int32_t value, int32_t at) {
        Value& v = values[static_cast<size_t>(root(value))];
        if (v.first < 0) v.first = at;
        v.last = std::max(v.last, at);
    }

    void generic(const PlannedNode& n, Instruction& instruction) {
        instruction.op = n.node->op;
        instruction.attrs = n.node->attrs;
        instruction.inputs = n.node->layout;
        for (int32_t v : n.inputs) {
            instruction.inputs.tensors.push_back(v < 0 ? Tensor() : values[static_cast<size_t>(v)].handle);
            if (v >= 0) instruction.reads.push_back(root(v));
        }
        if (n.node->op->plan)
            instruction.plan = n.node->op->plan(Call{*n.node->op, instruction.inputs, instruction.attrs});
        for (int32_t v : n.outputs) {
            instruction.outputs.push_back(values[static_cast<size_t>(v)].handle);
            instruction.writes.push_back(v);
        }
        if (n.node->op->prepare && n.inputs.size() == n.node->op->inputs.size() && is_settled(n.inputs[1]))
            instruction.weights = root(n.inputs[1]);
        if (n.node->op->effect == Effect::updates)
            for (const VariableRef& v : n.node->layout.variables)
                instruction.updates.push_back(by_variable_.at(v.get()));
    }

    const Trace& trace_;
    std::vector<Source> wanted_;
    std::vector<std::vector<int32_t>> node_values_;
    std::vector<PlannedNode> planned_, settled_;
    std::unordered_set<const Variable*> updated_;
    std::deque<GraphNode> own_nodes_;
    std::map<Held, int32_t> copied_;
    std::unordered_map<const Variable*, int32_t> by_variable_;
    std::unordered_map<uint64_t, int32_t> by_constant_;
};

}  // namespace

int64_t bytes_of(const Spec& spec) {
    return spec.shape.size() * static_cast<int64_t>(element_size(spec.dtype));
}

ProgramParts build(const Trace& trace, const Tensors& outputs) {
    Builder builder(trace, outputs);
    builder.number_values();
    builder.make_instructions();
    ProgramParts parts;
    builder.place();
    parts.stats = builder.stats;
    parts.values = std::move(builder.values);
    for (size_t i = 0; i < parts.values.size(); ++i) parts.values[i].base = builder.bases[i];
    parts.inputs = std::move(builder.inputs);
    parts.outputs = std::move(builder.outputs);
    parts.variables = std::move(builder.variables);
    parts.instructions = std::move(builder.instructions);
    parts.settling = std::move(builder.settling);
    return parts;
}

}  // namespace lamina
