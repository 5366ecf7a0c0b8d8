#include "graph/live.h"

namespace lamina {

std::vector<char> live_nodes(const Trace& trace, const std::vector<Source>& outputs) {
    const std::vector<GraphNode>& nodes = trace.nodes();
    std::vector<char> live(nodes.size(), 0);
    for (const Source& s : outputs)
        if (s.node >= 0) live[static_cast<size_t>(s.node)] = 1;
    for (size_t i = nodes.size(); i-- > 0;) {
        const GraphNode& n = nodes[i];
        if (n.op && n.op->effect != Effect::pure) live[i] = 1;
        if (!live[i]) continue;
        for (const Source& s : n.inputs)
            if (s.node >= 0) live[static_cast<size_t>(s.node)] = 1;
    }
    return live;
}

}  // namespace lamina
