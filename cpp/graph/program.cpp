#include "graph/program.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "core/error.h"
#include "core/random_state.h"
#include "graph/builder.h"
#include "graph/fold.h"
#include "graph/shared_weights.h"
#include "kernels/isa.h"

namespace lamina {

Program::Program(const Trace& trace, const Tensors& outputs, std::shared_ptr<Arena> arena)
    : arena_(arena ? std::move(arena) : std::make_shared<Arena>()) {
    const Folded folded = fold(trace, outputs);
    ProgramParts parts = folded.trace ? build(*folded.trace, folded.outputs) : build(trace, outputs);
    stats_ = parts.stats;
    stats_.traced_nodes = static_cast<int64_t>(trace.nodes().size());
    values_ = std::move(parts.values);
    inputs_ = std::move(parts.inputs);
    outputs_ = std::move(parts.outputs);
    variables_ = std::move(parts.variables);
    instructions_ = std::move(parts.instructions);
    settling_ = std::move(parts.settling);
    own_inputs_.resize(inputs_.size());
    for (int32_t v : outputs_) output_specs_.push_back(values_[static_cast<size_t>(v)].handle.spec());
    // Values that share memory in the order in which they were made: a base comes before what rests on it.
    for (size_t i = 0; i < values_.size(); ++i) {
        if (values_[i].base < 0) continue;
        aliases_.push_back(static_cast<int32_t>(i));
        auto root = static_cast<size_t>(values_[i].base);
        while (values_[root].base >= 0) root = static_cast<size_t>(values_[root].base);
        if (values_[root].kind != Value::Kind::arena) moving_aliases_.push_back(static_cast<int32_t>(i));
    }
    watch();
}

// Places the values anew where the arena has moved. Only before a run: until then another Program may run in
// it.
void Program::take_arena() {
    void* place_now = arena_->reserve(stats_.arena_bytes);
    if (place_now == arena_place_) return;
    arena_place_ = nullptr;
    for (Value& v : values_)
        if (v.kind == Value::Kind::arena && v.offset >= 0)
            v.handle.place(static_cast<char*>(place_now) + v.offset);
    place(aliases_);
    arena_place_ = place_now;
}

int64_t Program::own_bytes() const noexcept {
    // An instruction holds about as much again in the tensors and lists behind it.
    auto bytes = static_cast<int64_t>(2 * sizeof(Instruction) * (instructions_.size() + settling_.size()) +
                                      2 * sizeof(Value) * values_.size());
    for (const BufferRef& input : own_inputs_)
        if (input) bytes += static_cast<int64_t>(input->bytes());
    return bytes;
}

Program::~Program() {
    instructions_.clear();
    if (settles_) forget_unused_weights();
}

void Program::place(const std::vector<int32_t>& aliases) {
    for (const int32_t i : aliases) {
        Value& v = values_[static_cast<size_t>(i)];
        const Tensor& base = values_[static_cast<size_t>(v.base)].handle;
        if (base.is_placed()) v.handle.place(const_cast<void*>(base.raw()));
    }
}

void* Program::input_memory(size_t i) {
    Value& v = values_[static_cast<size_t>(inputs_[i])];
    if (!own_inputs_[i])
        own_inputs_[i] = Pool::global().allocate_internal(static_cast<size_t>(v.bytes), "program input");
    v.handle.place(own_inputs_[i]->data());
    return own_inputs_[i]->data();
}

void Program::bind(size_t i, const Tensor& value) {
    Value& v = values_[static_cast<size_t>(inputs_[i])];
    if (value.dtype() != v.handle.dtype() || !(value.shape() == v.handle.shape()))
        value_error("Input ", i, " of the program is a ", name_of(v.handle.dtype()), " tensor of shape [",
                    v.handle.shape(), "], got ", name_of(value.dtype()), " [", value.shape(), "].");
    v.handle.place(const_cast<void*>(value.raw()), value.buffer());
}

void Program::freeze() {
    settle();
    for (int32_t v : variables_) bind_variable(v);
    frozen_ = true;
    place(aliases_);
}

void Program::bind_variables() {
    settle();
    if (frozen_) return;
    for (int32_t v : bound_) bind_variable(v);
}

void Program::bind_variable(int32_t index) {
    Value& v = values_[static_cast<size_t>(index)];
    BufferRef memory = v.variable->buffer();
    void* data = memory->data();
    v.handle.place(data, std::move(memory));
}

void Program::release() {
    if (frozen_) return;
    for (int32_t v : variables_) values_[static_cast<size_t>(v)].handle.place(nullptr);
}

void Program::execute(Instruction& instruction) {
    if (instruction.fused) {
        instruction.fused->run(
            [&](int32_t v) { return const_cast<void*>(values_[static_cast<size_t>(v)].handle.raw()); });
        return;
    }
    // An update finds its variables held by nobody else, and may write in place.
    for (int32_t v : instruction.updates) values_[static_cast<size_t>(v)].handle.place(nullptr);
    const size_t count = instruction.outputs.size();
    instruction.op->run(Call{*instruction.op, instruction.inputs, instruction.attrs, instruction.plan.get()},
                        instruction.outputs);
    // An op may hand back a tensor of its own instead of filling the one it was given.
    for (size_t i = 0; i < count; ++i) {
        Tensor& planned = values_[static_cast<size_t>(instruction.writes[i])].handle;
        if (instruction.outputs[i].same_handle(planned)) continue;
        std::memcpy(const_cast<void*>(planned.raw()), instruction.outputs[i].raw(),
                    static_cast<size_t>(bytes_of(planned.spec())));
        instruction.outputs[i] = planned;
    }
    if (!instruction.read_again.empty()) {
        for (int32_t v : instruction.read_again) bind_variable(v);
        place(moving_aliases_);
    }
}

void Program::run() {
    struct Release {
        Program* program;
        ~Release() { program->release(); }
    } on_exit{this};
    take_arena();
    bind_variables();
    place(moving_aliases_);
    run_instructions();
}

const void* Program::output_data(size_t i) const {
    return values_[static_cast<size_t>(outputs_[i])].handle.raw();
}

void Program::read_from(size_t i, const void* data) {
    values_[static_cast<size_t>(inputs_[i])].handle.place(const_cast<void*>(data));
}

void Program::forget_inputs() {
    for (int32_t v : inputs_) values_[static_cast<size_t>(v)].handle.place(nullptr);
}

Tensors Program::run_fresh(const Tensors& inputs) {
    if (inputs.size() != inputs_.size())
        value_error("The program has ", inputs_.size(), " inputs, got ", inputs.size(), " values.");
    for (size_t i = 0; i < inputs.size(); ++i) bind(i, inputs[i]);
    return run_bound();
}

Tensors Program::run_bound() {
    struct Unbind {
        Program* program;
        ~Unbind() { program->forget_inputs(); }
    } on_exit{this};
    Tensors fresh;
    std::vector<void*> places;
    for (const Spec& spec : output_specs_) {
        fresh.push_back(Tensor::empty(spec, "program"));
        places.push_back(fresh.back().mutable_data<void>());
    }
    run_into(places);
    return fresh;
}

void Program::run_into(const std::vector<void*>& places) {
    take_arena();
    // Each arena output lies where it is wanted for this run; where that cannot be, it is copied at the end.
    std::vector<std::pair<int32_t, void*>> moved;
    for (size_t i = 0; i < outputs_.size(); ++i) {
        const int32_t v = root(outputs_[i]);
        Value& value = values_[static_cast<size_t>(v)];
        const bool taken =
            std::any_of(moved.begin(), moved.end(), [&](const auto& m) { return m.first == v; });
        if (value.kind != Value::Kind::arena || taken) continue;
        moved.emplace_back(v, const_cast<void*>(value.handle.raw()));
        value.handle.place(places[i]);
    }
    struct Restore {
        Program* program;
        std::vector<std::pair<int32_t, void*>>& moved;
        ~Restore() {
            for (const auto& [v, place] : moved) program->values_[static_cast<size_t>(v)].handle.place(place);
            program->place(program->aliases_);
        }
    } back{this, moved};
    bind_variables();
    struct Release {
        Program* program;
        ~Release() { program->release(); }
    } release_variables{this};
    place(aliases_);
    run_instructions();
    for (size_t i = 0; i < outputs_.size(); ++i) {
        const void* at = output_data(i);
        if (at != places[i]) std::memcpy(places[i], at, static_cast<size_t>(bytes_of(output_specs_[i])));
    }
}

void Program::run_instructions() {
    if (const auto log = OpLog::active()) return run_logged(*log);
    if (!profiling_) {
        for (Instruction& instruction : instructions_) execute(instruction);
        return;
    }
    using Clock = std::chrono::steady_clock;
    for (Instruction& instruction : instructions_) {
        const auto begin = Clock::now();
        execute(instruction);
        instruction.nanoseconds +=
            std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - begin).count();
    }
    ++profiled_runs_;
}

void Program::run_logged(OpLog& log) {
    using Clock = std::chrono::steady_clock;
    for (Instruction& instruction : instructions_) {
        OpEvent event;
        event.before = Pool::global().stats();
        const auto begin = Clock::now();
        execute(instruction);
        event.nanoseconds =
            std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - begin).count();
        event.after = Pool::global().stats();
        event.ops = names_of(instruction);
        for (int32_t v : instruction.reads)
            event.inputs.push_back(values_[static_cast<size_t>(v)].handle.spec());
        for (int32_t v : instruction.writes)
            event.outputs.push_back(values_[static_cast<size_t>(v)].handle.spec());
        log.add(std::move(event));
    }
}

std::vector<std::string> Program::names_of(const Instruction& instruction) {
    std::vector<std::string> names;
    if (instruction.fused)
        for (const FusedStep& step : instruction.fused->steps) names.emplace_back(step.op->name);
    else
        names.emplace_back(instruction.op->name);
    return names;
}

void Program::measure(int runs) {
    // What the steps change is given back afterwards, on errors too.
    struct Restore {
        RandomState random = random_state();
        std::vector<std::pair<VariableRef, Tensor>> held;
        ~Restore() {
            for (const auto& [variable, value] : held) variable->assign(value);
            set_random_state(random);
        }
    } restore;
    for (const int32_t v : variables_) {
        const VariableRef& variable = values_[static_cast<size_t>(v)].variable;
        restore.held.emplace_back(variable, variable->read());
    }
    for (size_t i = 0; i < inputs_.size(); ++i)
        std::memset(input_memory(i), 0, static_cast<size_t>(values_[static_cast<size_t>(inputs_[i])].bytes));
    // The first run brings memory and caches in place.
    run();
    profile(true);
    try {
        for (int i = 0; i < runs; ++i) run();
    } catch (...) {
        profiling_ = false;
        throw;
    }
    profiling_ = false;
}

void Program::profile(bool on) {
    profiling_ = on;
    if (!on) return;
    profiled_runs_ = 0;
    for (Instruction& instruction : instructions_) instruction.nanoseconds = 0;
}

std::vector<InstructionReport> Program::report() const {
    std::vector<InstructionReport> lines;
    for (const Instruction& instruction : instructions_) {
        InstructionReport line;
        line.ops = names_of(instruction);
        for (int32_t v : instruction.writes)
            line.shapes.push_back(values_[static_cast<size_t>(v)].handle.shape());
        line.nanoseconds = profiled_runs_ ? instruction.nanoseconds / profiled_runs_ : 0;
        lines.push_back(std::move(line));
    }
    return lines;
}

}  // namespace lamina
