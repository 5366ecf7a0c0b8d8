#include "graph/copies.h"

#include <algorithm>
#include <unordered_map>

namespace lamina {

std::map<Held, Copy> copies_of(const Trace& trace, const std::vector<char>& live,
                               const std::vector<Source>& outputs) {
    const std::vector<GraphNode>& nodes = trace.nodes();
    std::unordered_map<const Variable*, std::vector<size_t>> updates;
    for (size_t i = 0; i < nodes.size(); ++i)
        if (nodes[i].op && nodes[i].op->effect == Effect::updates)
            for (const VariableRef& v : nodes[i].layout.variables) updates[v.get()].push_back(i);
    // Where the value ends: the node that sets the variable anew.
    const auto end_of = [&](const Held& held) {
        const std::vector<size_t>& moves = updates[held.first];
        const auto version = static_cast<size_t>(held.second);
        return version < moves.size() ? moves[version] : nodes.size();
    };
    std::vector<Source> sources(nodes.size());  // of nodes that give a variable's value in another shape
    const auto source_of = [&](const Source& s) {
        return s.node >= 0 ? sources[static_cast<size_t>(s.node)] : s;
    };
    std::map<Held, size_t> first_use;
    std::map<Held, Copy> copies;
    for (size_t i = 0; i < nodes.size(); ++i) {
        const GraphNode& n = nodes[i];
        if (!n.op || !live[i]) continue;
        for (const Source& s : n.inputs) {
            const Source from = source_of(s);
            if (!from.variable) continue;
            const Held held{from.variable.get(), from.version};
            const size_t first = std::min(first_use.emplace(held, i).first->second, end_of(held));
            // An update that reads what it sets writes over it.
            if (end_of(held) <= i) copies.emplace(held, Copy{from.variable, first});
        }
        if (n.inputs.size() != 1 || n.outputs.size() != 1) continue;
        const Source from = source_of(n.inputs[0]);
        if (from.variable && shares_memory(*n.op, from.variable->spec(), n.outputs[0])) sources[i] = from;
    }
    for (const Source& s : outputs) {
        const Source from = source_of(s);
        if (!from.variable) continue;
        const Held held{from.variable.get(), from.version};
        const auto used = first_use.find(held);
        copies.emplace(held,
                       Copy{from.variable,
                            std::min(used == first_use.end() ? nodes.size() : used->second, end_of(held))});
    }
    return copies;
}

}  // namespace lamina
