// The part of a Program that follows from weights alone: run when they have changed, not in each run.
#include <algorithm>

#include "graph/program.h"
#include "graph/shared_weights.h"
#include "kernels/isa.h"

namespace lamina {

int32_t Program::root(int32_t v) const {
    while (values_[static_cast<size_t>(v)].base >= 0) v = values_[static_cast<size_t>(v)].base;
    return v;
}

// Finds the variables that settled values and prepared weights come from.
void Program::watch() {
    find_bound();
    std::vector<char> watched(values_.size(), 0);
    for (const Instruction& s : settling_)
        for (int32_t v : s.reads) watched[static_cast<size_t>(v)] = 1;
    for (const Instruction& s : instructions_)
        if (s.weights >= 0) watched[static_cast<size_t>(s.weights)] = 1;
    for (int32_t v : variables_)
        if (watched[static_cast<size_t>(v)]) watched_.push_back(v);
    versions_.resize(watched_.size());
    settles_ = !settling_.empty() || std::any_of(instructions_.begin(), instructions_.end(),
                                                 [](const Instruction& s) { return s.weights >= 0; });
}

bool Program::is_settled() const {
    if (!settles_) return true;
    if (level_ != kernels<float>().level) return false;
    for (size_t i = 0; i < watched_.size(); ++i)
        if (values_[static_cast<size_t>(watched_[i])].variable->version() != versions_[i]) return false;
    return true;
}

void Program::settle() {
    if (is_settled()) return;
    level_ = nullptr;
    for (size_t i = 0; i < watched_.size(); ++i)
        versions_[i] = values_[static_cast<size_t>(watched_[i])].variable->version();
    if (!frozen_)
        for (int32_t v : variables_) bind_variable(v);
    for (Value& v : values_) {
        if (v.kind != Value::Kind::settled || v.base >= 0) continue;
        BufferRef memory = Pool::global().allocate_internal(static_cast<size_t>(v.bytes), "program weights");
        void* data = memory->data();
        v.handle.place(data, std::move(memory));
    }
    place(moving_aliases_);
    for (Instruction& s : settling_) execute(s);
    for (Instruction& s : instructions_) {
        if (s.weights < 0) continue;
        const size_t inputs = s.op->inputs.size();
        s.inputs.tensors.resize(inputs, Tensor());
        if (const Tensor ready = s.op->prepare(Call{*s.op, s.inputs, s.attrs}))
            s.inputs.tensors.push_back(share_weights(ready));
    }
    let_go_of_settled();
    level_ = kernels<float>().level;
}

// Which values the instructions read in each run: not weights that are prepared.
std::vector<char> Program::read_in_runs() const {
    std::vector<char> read(values_.size(), 0);
    for (const Instruction& s : instructions_) {
        const bool prepared = s.weights >= 0 && s.inputs.tensors.size() > s.op->inputs.size();
        for (size_t i = 0; i < s.reads.size(); ++i)
            if (!(prepared && i == 1)) read[static_cast<size_t>(s.reads[i])] = 1;
    }
    for (int32_t v : outputs_) read[static_cast<size_t>(root(v))] = 1;
    return read;
}

// The variables that have to be bound in each run. Those that are only updated are written through
// themselves.
void Program::find_bound() {
    const std::vector<char> read = read_in_runs();
    bound_.clear();
    for (int32_t v : variables_)
        if (read[static_cast<size_t>(v)]) bound_.push_back(v);
}

// What only settled steps read need not stay.
void Program::let_go_of_settled() {
    const std::vector<char> read = read_in_runs();
    for (size_t i = 0; i < values_.size(); ++i)
        if (values_[i].kind == Value::Kind::settled && values_[i].base < 0 && !read[i])
            values_[i].handle.place(nullptr);
    find_bound();
}

}  // namespace lamina
