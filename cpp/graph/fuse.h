// Turning the nodes of a trace into instructions: elementwise neighbours become one fused instruction.
#pragma once

#include <vector>

#include "graph/fused.h"
#include "graph/trace.h"

namespace lamina {

// A node with its operands as value numbers (-1: left out).
struct PlannedNode {
    const GraphNode* node = nullptr;
    std::vector<int32_t> inputs;
    std::vector<int32_t> outputs;
    bool alias = false;  // output 0 is input 0 under another shape: nothing to compute
};

// Either one node or a group of fused ones.
struct PlannedStep {
    const PlannedNode* node = nullptr;
    std::vector<const PlannedNode*> group;
};

// The order in which to compute the nodes. A group stands where its last member stood; it is complete before
// any other step reads one of its results or an effect takes place.
std::vector<PlannedStep> fuse(const std::vector<PlannedNode>& nodes, const std::vector<Spec>& specs,
                              const std::vector<int32_t>& bases);

// The group's program. `specs` and `bases` by value number; `needed` tells which results are read outside of
// the group.
FusedGroup make_group(const std::vector<const PlannedNode*>& members, const std::vector<Spec>& specs,
                      const std::vector<int32_t>& bases, const std::vector<bool>& needed);

}  // namespace lamina
