// Which nodes of a trace are worth running.
#pragma once

#include <vector>

#include "graph/trace.h"

namespace lamina {

// Nodes whose results are wanted, or that have an effect.
std::vector<char> live_nodes(const Trace& trace, const std::vector<Source>& outputs);

}  // namespace lamina
