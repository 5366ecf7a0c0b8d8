// Values of variables that outlive them: what a graph read before it set the variable anew, and what it gives
// out.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "graph/trace.h"

namespace lamina {

// What a variable holds at some point of the graph, by how many of the graph's updates came before.
using Held = std::pair<const Variable*, int32_t>;

struct Copy {
    VariableRef variable;
    size_t at;  // the node before which it is made
};

// Which of these are still wanted when the variable has moved on or when the Program has ended. `live` says
// which nodes run, `outputs` what is wanted in the end.
std::map<Held, Copy> copies_of(const Trace& trace, const std::vector<char>& live,
                               const std::vector<Source>& outputs);

}  // namespace lamina
