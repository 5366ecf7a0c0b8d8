// Tracing: the calls that symbolic tensors go through, as a graph.
#pragma once

#include <vector>

#include "ops/recorder.h"

namespace lamina {

// Where an input of a node comes from: the output of an earlier node, or, where node is -1, a constant.
struct Source {
    int32_t node = -1;
    int32_t output = 0;
    Tensor constant;  // undefined for an optional input that was left out
};

struct GraphNode {
    const Op* op = nullptr;  // null: an input of the graph
    Attrs attrs;
    std::vector<Source> inputs;
    Inputs shape_of_inputs;  // counts and variables as in the call; no tensors
    Specs outputs;
};

// While it is pushed, calls with a symbolic input of this trace become nodes and run no kernel.
class Trace final : public Recorder {
  public:
    Tensor input(const Spec& spec);
    bool take(const Call& call, const Specs& specs, Tensors& out) override;

    const std::vector<GraphNode>& nodes() const noexcept { return nodes_; }

    // Computes the given symbolic tensors from values of the inputs, in the order in which they were made, by calling each op in
    // turn. A ValueError names an input of another type or shape.
    Tensors run(const Tensors& inputs, const Tensors& wanted) const;

  private:
    bool owns(const Tensor& t) const { return t.is_symbolic() && t.symbol().trace == this; }

    std::vector<GraphNode> nodes_;
    std::vector<int32_t> inputs_;
};

}  // namespace lamina
