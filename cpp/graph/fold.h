// Before a Program is built, steps are folded into others, and into weights.
#pragma once

#include <memory>

#include "graph/trace.h"

namespace lamina {

struct Folded {
    std::unique_ptr<Trace> trace;  // null: nothing was to be folded
    Tensors outputs;               // of `trace`
};

// The same computation with fewer steps on what changes from run to run: a batchNorm with fixed statistics
// goes into filter and bias of the convolution or product before it, an activation behind one of these into
// its epilogue. The folded weights are nodes that depend on variables alone; a trace that updates variables
// keeps its own. In all traces the gradient of a relu goes into that of the maxPool behind it.
Folded fold(const Trace& trace, const Tensors& outputs);

}  // namespace lamina
