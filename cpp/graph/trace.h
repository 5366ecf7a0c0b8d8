// Tracing: the calls that symbolic tensors go through, as a graph.
#pragma once

#include <unordered_map>
#include <vector>

#include "ops/recorder.h"

namespace lamina {

// Where an input of a node comes from: the output of an earlier node; else what a variable holds after so
// many updates by this graph; else a constant, undefined for an optional input that was left out.
struct Source {
    int32_t node = -1;
    int32_t output = 0;
    VariableRef variable;
    int32_t version = 0;
    Tensor constant;
};

struct GraphNode {
    const Op* op = nullptr;  // null: an input of the graph
    Attrs attrs;
    std::vector<Source> inputs;
    Inputs layout;  // counts and variables as in the call; no tensors
    Specs outputs;
};

// While it is pushed, calls with a symbolic input of this trace, with a variable's value, or with an effect
// become nodes and run no kernel. What depends on constants alone is computed at once and is a constant of
// the graph.
class Trace final : public Recorder {
  public:
    Tensor input(const Spec& spec);
    bool take(const Call& call, const Specs& specs, Tensors& out) override;

    const std::vector<GraphNode>& nodes() const noexcept { return nodes_; }
    const std::vector<int32_t>& inputs() const noexcept { return inputs_; }
    // The value of a tensor that was met while tracing.
    Source source_of(const Tensor& t) const;

    // Computes the given tensors from values of the inputs by calling each op in turn. A ValueError names an
    // input of another type or shape.
    Tensors run(const Tensors& inputs, const Tensors& wanted) const;

  private:
    std::vector<GraphNode> nodes_;
    std::vector<int32_t> inputs_;
    // The handle that a variable gave out before each of its updates: what was read then keeps its value.
    std::unordered_map<const Variable*, std::vector<Tensor>> past_;
};

}  // namespace lamina
