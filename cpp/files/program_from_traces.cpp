// What traces of one model for several batch sizes have in common.
#include <cstring>
#include <map>
#include <set>

#include "core/error.h"
#include "files/program_graph.h"

namespace lamina {

namespace {

[[noreturn]] void differs(const std::string& what) {
    value_error("The model cannot be exported for every batch size, since ", what,
                " does not follow it. Give the size with {\"batchSize\": n}.");
}

template <class T>
bool all_equal(const std::vector<T>& items) {
    for (const T& item : items)
        if (!(item == items[0])) return false;
    return true;
}

bool same_content(const Tensor& a, const Tensor& b) {
    return a.dtype() == b.dtype() && a.shape() == b.shape() && std::memcmp(a.raw(), b.raw(), a.bytes()) == 0;
}

// The first element of a tensor all of whose elements are alike; else undefined.
Tensor only_value(const Tensor& t) {
    if (t.dtype() == DType::string || t.size() == 0) return {};
    const size_t width = element_size(t.dtype());
    const char* p = static_cast<const char*>(t.raw());
    for (int64_t i = 1; i < t.size(); ++i)
        if (std::memcmp(p, p + static_cast<size_t>(i) * width, width) != 0) return {};
    Tensor one = Tensor::empty(t.dtype(), Shape());
    std::memcpy(one.mutable_data<char>(), p, width);
    return one;
}

class Joining {
  public:
    Joining(std::span<const TracedModel> traces, const std::vector<WeightName>& weights)
        : traces_(traces), names_(weights) {}

    ProgramGraph graph(const std::vector<std::string>& input_names,
                       const std::vector<std::string>& output_names) {
        const Trace& first = *traces_[0].trace;
        for (const TracedModel& t : traces_)
            if (t.trace->nodes().size() != first.nodes().size() || t.trace->inputs() != first.inputs())
                differs("the number of operations");
        if (traces_.size() == 1) result_.fixed_batch = traces_[0].batch;

        call_of_node_.assign(first.nodes().size(), -1);
        for (size_t i = 0; i < first.inputs().size(); ++i) {
            const auto node = static_cast<size_t>(first.inputs()[i]);
            result_.inputs.push_back(port(input_names.at(i), [&](const TracedModel& t) -> const Spec& {
                return t.trace->nodes()[node].outputs[0];
            }));
        }
        const std::vector<char> live = live_nodes();
        for (size_t i = 0; i < first.nodes().size(); ++i)
            if (live[i]) add_call(i);
        for (size_t i = 0; i < traces_[0].outputs.size(); ++i) {
            std::vector<Source> sources;
            for (const TracedModel& t : traces_) sources.push_back(t.trace->source_of(t.outputs[i]));
            result_.results.push_back(value(sources, output_names.at(i)));
            result_.outputs.push_back(port(output_names.at(i), [&](const TracedModel& t) -> const Spec& {
                return t.outputs[i].spec();
            }));
        }
        return std::move(result_);
    }

  private:
    std::vector<char> live_nodes() const {
        const Trace& trace = *traces_[0].trace;
        const std::vector<GraphNode>& nodes = trace.nodes();
        std::vector<char> live(nodes.size(), 0);
        for (const Tensor& t : traces_[0].outputs)
            if (const Source s = trace.source_of(t); s.node >= 0) live[static_cast<size_t>(s.node)] = 1;
        for (size_t i = nodes.size(); i-- > 0;) {
            const GraphNode& n = nodes[i];
            if (!n.op) {
                live[i] = 0;
                continue;
            }
            if (n.op->effect != Effect::pure)
                value_error("The model cannot be exported: ", n.op->name,
                            n.op->effect == Effect::random ? " draws random numbers" : " changes its state",
                            " each time it runs.");
            if (!live[i]) continue;
            for (const Source& s : n.inputs)
                if (s.node >= 0) live[static_cast<size_t>(s.node)] = 1;
        }
        return live;
    }

    // How a number grows that has these values in the traces.
    BatchInt growth(const std::vector<int64_t>& values, const std::string& what) const {
        if (all_equal(values)) return {values[0], 0};
        const int64_t step = traces_[1].batch - traces_[0].batch;
        BatchInt found{0, (values[1] - values[0]) / step};
        found.plus = values[0] - found.times * traces_[0].batch;
        for (size_t i = 0; i < values.size(); ++i)
            if (found.at(traces_[i].batch) != values[i]) differs(what);
        return found;
    }

    BatchShape growth(const std::vector<Shape>& shapes, const std::string& what) const {
        BatchShape result;
        for (const Shape& s : shapes)
            if (s.rank() != shapes[0].rank()) differs(what);
        for (int axis = 0; axis < shapes[0].rank(); ++axis) {
            std::vector<int64_t> sizes;
            for (const Shape& s : shapes) sizes.push_back(s[axis]);
            result.push_back(growth(sizes, what));
        }
        return result;
    }

    template <class SpecOf>
    GraphPort port(const std::string& name, SpecOf&& spec_of) const {
        std::vector<Shape> shapes;
        for (const TracedModel& t : traces_) shapes.push_back(spec_of(t).shape);
        return {name, spec_of(traces_[0]).dtype, growth(shapes, "the shape of '" + name + "'")};
    }

    void add_call(size_t node) {
        const GraphNode& first = traces_[0].trace->nodes()[node];
        GraphCall c;
        c.op = first.op;
        const std::string what = text("the operation ", first.op->name);
        std::vector<const GraphNode*> nodes;
        for (const TracedModel& t : traces_) {
            const GraphNode& n = t.trace->nodes()[node];
            if (n.op != first.op || n.inputs.size() != first.inputs.size() ||
                n.outputs.size() != first.outputs.size())
                differs(what);
            nodes.push_back(&n);
        }
        for (size_t i = 0; i < first.attrs.size(); ++i) c.attrs.push_back(attr(nodes, i, what));
        for (size_t i = 0; i < first.inputs.size(); ++i) {
            std::vector<Source> sources;
            for (const GraphNode* n : nodes) sources.push_back(n->inputs[i]);
            c.inputs.push_back(value(sources, what));
        }
        for (const int32_t n : first.layout.counts) c.counts.push_back(n);
        for (size_t i = 0; i < first.outputs.size(); ++i) {
            std::vector<Shape> shapes;
            for (const GraphNode* n : nodes) shapes.push_back(n->outputs[i].shape);
            c.outputs.push_back({first.outputs[i].dtype, growth(shapes, what)});
        }
        call_of_node_[node] = static_cast<int32_t>(result_.calls.size());
        result_.calls.push_back(std::move(c));
    }

    GraphAttr attr(const std::vector<const GraphNode*>& nodes, size_t i, const std::string& what) const {
        std::vector<Attr> values;
        for (const GraphNode* n : nodes) values.push_back(n->attrs[i]);
        if (all_equal(values)) return {values[0]};
        std::vector<Ints> lists;
        for (const Attr& a : values) {
            if (a.index() != values[0].index()) differs(what);
            if (const auto* n = std::get_if<int64_t>(&a)) {
                lists.push_back({*n});
            } else if (const auto* list = std::get_if<Ints>(&a)) {
                lists.push_back(*list);
            } else {
                differs(what);
            }
            if (lists.back().size() != lists[0].size()) differs(what);
        }
        GraphAttr result;
        Ints plus;
        for (size_t k = 0; k < lists[0].size(); ++k) {
            std::vector<int64_t> numbers;
            for (const Ints& list : lists) numbers.push_back(list[k]);
            const BatchInt grown = growth(numbers, what);
            plus.push_back(grown.plus);
            result.times.push_back(grown.times);
        }
        result.value = std::holds_alternative<int64_t>(values[0]) ? Attr(plus[0]) : Attr(plus);
        return result;
    }

    GraphValue value(const std::vector<Source>& sources, const std::string& what) {
        const Source& first = sources[0];
        for (const Source& s : sources)
            if (s.node != first.node || s.output != first.output || s.variable != first.variable ||
                static_cast<bool>(s.constant) != static_cast<bool>(first.constant))
                differs(what);
        if (first.node >= 0) {
            const auto& inputs = traces_[0].trace->inputs();
            for (size_t i = 0; i < inputs.size(); ++i)
                if (inputs[i] == first.node) return {GraphValue::From::input, static_cast<int32_t>(i)};
            return {GraphValue::From::node, call_of_node_[static_cast<size_t>(first.node)], first.output};
        }
        if (first.variable) return weight(first.variable);
        if (!first.constant) return {};
        return constant(sources, what);
    }

    GraphValue weight(const VariableRef& variable) {
        const auto [place, fresh] =
            weights_.emplace(variable.get(), static_cast<int32_t>(result_.weights.size()));
        if (fresh) {
            std::string name;
            for (const WeightName& w : names_)
                if (w.variable == variable.get()) name = w.name;
            if (name.empty()) name = text("variable ", result_.weights.size());
            while (!taken_.insert(name).second) name += "'";
            // A variable of its own, which keeps what the model's holds now.
            result_.weights.push_back({name, Variable::make(variable->read().detached())});
        }
        return {GraphValue::From::weight, place->second};
    }

    GraphValue constant(const std::vector<Source>& sources, const std::string& what) {
        const Tensor& first = sources[0].constant;
        bool same = true;
        for (const Source& s : sources) same &= same_content(s.constant, first);
        if (same) {
            const auto [place, fresh] =
                constants_.emplace(first.value_id(), static_cast<int32_t>(result_.constants.size()));
            if (fresh) result_.constants.push_back({first});
            return {GraphValue::From::constant, place->second};
        }
        std::vector<Shape> shapes;
        const Tensor one = only_value(first);
        for (const Source& s : sources) {
            const Tensor other = only_value(s.constant);
            if (!one || !other || !same_content(one, other)) differs(text("a constant of ", what));
            shapes.push_back(s.constant.shape());
        }
        result_.constants.push_back({one, growth(shapes, what)});
        return {GraphValue::From::constant, static_cast<int32_t>(result_.constants.size()) - 1};
    }

    std::span<const TracedModel> traces_;
    const std::vector<WeightName>& names_;
    ProgramGraph result_;
    std::vector<int32_t> call_of_node_;
    std::map<const Variable*, int32_t> weights_;
    std::map<uint64_t, int32_t> constants_;
    std::set<std::string> taken_;
};

}  // namespace

ProgramGraph ProgramGraph::from_traces(std::span<const TracedModel> traces,
                                       const std::vector<std::string>& input_names,
                                       const std::vector<std::string>& output_names,
                                       const std::vector<WeightName>& weights) {
    return Joining(traces, weights).graph(input_names, output_names);
}

}  // namespace lamina
