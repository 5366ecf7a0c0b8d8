#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>

#include "ops/op.h"

namespace lamina {

namespace {

std::map<std::string, Op, std::less<>>& registry() {
    static auto* ops = new std::map<std::string, Op, std::less<>>;
    return *ops;
}

const char* defect(const Op& op) {
    if (!op.run && !op.shares && !op.decompose) return "has nothing to run";
    if (op.shapes == Shapes::fixed && !op.infer && (op.run || op.shares))
        return "has fixed shapes but no infer";
    if (!op.grad && !op.no_grad) return "has neither a gradient nor a reason for having none";
    if (!*op.doc) return "has no doc";
    return nullptr;
}

}  // namespace

const Op& define(Op op) {
    const char* problem = defect(op);
    const std::string name = op.name;
    const auto [place, fresh] = registry().emplace(name, std::move(op));
    if (!fresh) problem = "is defined twice";
    if (problem) {
        std::fprintf(stderr, "lamina: op %s %s\n", name.c_str(), problem);
        std::abort();
    }
    return place->second;
}

const Op* find_op(std::string_view name) {
    const auto found = registry().find(name);
    return found == registry().end() ? nullptr : &found->second;
}

std::vector<const Op*> all_ops() {
    std::vector<const Op*> ops;
    for (const auto& [name, op] : registry()) ops.push_back(&op);
    return ops;
}

}  // namespace lamina
