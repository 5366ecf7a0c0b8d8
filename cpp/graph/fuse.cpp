#include "graph/fuse.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace lamina {

namespace {

constexpr size_t kMaxMembers = 24;
constexpr size_t kMaxExternals = 24;

struct OpenGroup {
    Shape domain;
    DType dtype;
    std::vector<const PlannedNode*> members;
    std::unordered_set<int32_t> produced;   // root values
    std::unordered_set<int32_t> externals;  // root values read from outside
};

class Fuser {
  public:
    Fuser(const std::vector<Spec>& specs, const std::vector<int32_t>& bases) : specs_(specs), bases_(bases) {}

    std::vector<PlannedStep> run(const std::vector<PlannedNode>& nodes) {
        for (const PlannedNode& n : nodes) {
            if (n.alias) continue;
            if (elementwise(n) && join(n)) continue;
            close_producers(n, nullptr);
            if (n.node->op->effect == Effect::updates) close_all();
            steps_.push_back({&n, {}});
        }
        close_all();
        return std::move(steps_);
    }

  private:
    const Spec& spec(int32_t value) const { return specs_[static_cast<size_t>(value)]; }
    int32_t root(int32_t value) const {
        while (bases_[static_cast<size_t>(value)] >= 0) value = bases_[static_cast<size_t>(value)];
        return value;
    }
    // The type its kernel computes in.
    DType real_type(const PlannedNode& n) const {
        const DType out = spec(n.outputs[0]).dtype;
        return is_real(out) ? out : spec(n.inputs[0]).dtype;
    }

    bool elementwise(const PlannedNode& n) const {
        std::vector<Spec> inputs;
        for (int32_t v : n.inputs) {
            if (v < 0) return false;
            inputs.push_back(spec(v));
        }
        return !inputs.empty() && can_fuse(*n.node->op, n.node->outputs, inputs) &&
               spec(n.outputs[0]).shape.size() > 0;
    }

    // Whether all operands can be read in step with the group's domain.
    bool fits(const PlannedNode& n, const OpenGroup& g) const {
        if (!(spec(n.outputs[0]).shape == g.domain) || real_type(n) != g.dtype) return false;
        if (g.members.size() >= kMaxMembers || g.externals.size() + n.inputs.size() > kMaxExternals)
            return false;
        for (int32_t v : n.inputs) {
            FusedOperand spread;
            if (!FusedGroup::spread_of(spec(v).shape, g.domain, spread)) return false;
            const bool direct = spread.spread == FusedOperand::Spread::direct;
            if (g.produced.contains(root(v)) && !(direct || g.domain.size() == 1)) return false;
            if (spec(v).dtype == DType::boolean && !direct && spread.spread != FusedOperand::Spread::scalar)
                return false;
        }
        return true;
    }

    // Adds n to an open group that it shares a value with, or opens one for it; false where no group could
    // hold it.
    bool join(const PlannedNode& n) {
        OpenGroup fresh{spec(n.outputs[0]).shape, real_type(n), {}, {}, {}};
        if (!fits(n, fresh)) return false;
        OpenGroup* home = nullptr;
        for (OpenGroup& g : open_) {
            bool related = false;
            for (int32_t v : n.inputs)
                related |= g.produced.contains(root(v)) ||
                           (g.externals.contains(root(v)) && spec(v).shape.size() > 1);
            if (related && fits(n, g)) home = &g;
        }
        const PlannedNode* first = home ? home->members.front() : nullptr;
        close_producers(n, home);
        // Closing moves the groups about.
        home = nullptr;
        for (OpenGroup& g : open_)
            if (first && g.members.front() == first) home = &g;
        if (!home) {
            open_.push_back(std::move(fresh));
            home = &open_.back();
        }
        for (int32_t v : n.inputs)
            if (!home->produced.contains(root(v))) home->externals.insert(root(v));
        home->members.push_back(&n);
        home->produced.insert(n.outputs[0]);
        return true;
    }

    void close_producers(const PlannedNode& n, const OpenGroup* except) {
        const PlannedNode* spared = except ? except->members.front() : nullptr;
        for (size_t i = 0; i < open_.size();) {
            bool read = false;
            if (open_[i].members.front() != spared)
                for (int32_t v : n.inputs) read |= v >= 0 && open_[i].produced.contains(root(v));
            if (read)
                close(i);
            else
                ++i;
        }
    }

    void close(size_t i) {
        steps_.push_back({nullptr, std::move(open_[i].members)});
        open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(i));
    }

    void close_all() {
        while (!open_.empty()) close(0);
    }

    const std::vector<Spec>& specs_;
    const std::vector<int32_t>& bases_;
    std::vector<OpenGroup> open_;
    std::vector<PlannedStep> steps_;
};

double parameter(const GraphNode& node, const char* name) {
    if (!name) return 0;
    return Call{*node.op, node.layout, node.attrs}.number(name);
}

}  // namespace

std::vector<PlannedStep> fuse(const std::vector<PlannedNode>& nodes, const std::vector<Spec>& specs,
                              const std::vector<int32_t>& bases) {
    return Fuser(specs, bases).run(nodes);
}

FusedGroup make_group(const std::vector<const PlannedNode*>& members, const std::vector<Spec>& specs,
                      const std::vector<int32_t>& bases, const std::vector<bool>& needed) {
    FusedGroup g;
    const auto spec = [&](int32_t v) -> const Spec& { return specs[static_cast<size_t>(v)]; };
    const auto root = [&](int32_t v) {
        while (bases[static_cast<size_t>(v)] >= 0) v = bases[static_cast<size_t>(v)];
        return v;
    };
    g.domain = spec(members[0]->outputs[0]).shape;
    const DType out = spec(members[0]->outputs[0]).dtype;
    g.dtype = is_real(out) ? out : spec(members[0]->inputs[0]).dtype;

    std::unordered_map<int32_t, int32_t> step_of;       // root value -> step
    std::unordered_map<int64_t, int32_t> external_of;   // value and spread -> external
    std::vector<std::pair<size_t, int>> step_operands;  // operands to shift at the end
    for (const PlannedNode* n : members) {
        FusedStep s;
        s.op = n->node->op;
        s.formula = n->node->op->formula;
        s.p = parameter(*n->node, s.formula.p);
        s.q = parameter(*n->node, s.formula.q);
        s.truth = spec(n->outputs[0]).dtype == DType::boolean;
        s.output = needed[static_cast<size_t>(n->outputs[0])] ? n->outputs[0] : -1;
        for (size_t i = 0; i < n->inputs.size(); ++i) {
            const int32_t v = n->inputs[i];
            const auto made = step_of.find(root(v));
            if (made != step_of.end()) {
                s.operands[i] = made->second;
                step_operands.emplace_back(g.steps.size(), static_cast<int>(i));
                continue;
            }
            FusedOperand e;
            FusedGroup::spread_of(spec(v).shape, g.domain, e);
            e.value = v;
            if (e.spread == FusedOperand::Spread::direct)
                e.period = static_cast<int64_t>(element_size(spec(v).dtype));
            const int64_t key =
                (static_cast<int64_t>(root(v)) << 32) ^ (static_cast<int64_t>(e.spread) << 28) ^ e.period;
            const auto [place, fresh] = external_of.emplace(key, static_cast<int32_t>(g.externals.size()));
            if (fresh) g.externals.push_back(e);
            s.operands[i] = place->second;
        }
        step_of[n->outputs[0]] = static_cast<int32_t>(g.steps.size());
        g.steps.push_back(s);
    }
    for (const auto& [step, i] : step_operands)
        g.steps[step].operands[i] += static_cast<int32_t>(g.externals.size());
    g.assign_slots();
    return g;
}

}  // namespace lamina
