// Program: a traced graph made ready to run again and again: fused, with every value's place in one arena
// fixed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "graph/arena.h"
#include "graph/fused.h"
#include "graph/op_log.h"
#include "graph/trace.h"

namespace lamina {

// One value of the graph while the Program runs. `handle` is what ops are given; where it points is settled
// by the plan or, for inputs, outputs and variables, before each run.
struct Value {
    // settled: computed anew only when a variable has changed.
    enum class Kind : uint8_t { arena, input, output, constant, variable, settled, none };
    Kind kind = Kind::none;
    Tensor handle;
    int32_t base = -1;  // another value whose memory this one shares
    int64_t bytes = 0;
    int64_t offset = -1;            // in the arena
    int32_t first = -1, last = -1;  // instructions between which it must exist
    VariableRef variable;
};

struct Instruction {
    const Op* op = nullptr;  // null: `fused`
    std::unique_ptr<FusedGroup> fused;
    Inputs inputs;
    Attrs attrs;
    std::shared_ptr<const void> plan;  // of the op
    Tensors outputs;
    std::vector<int32_t> reads, writes;  // values
    std::vector<int32_t> updates;        // variables' values that it may write
    std::vector<int32_t> read_again;     // those among them that are read afterwards
    int32_t weights = -1;                // the settled value that Op::prepare may take, -1: none
    int64_t nanoseconds = 0;             // in all profiled runs
};

struct InstructionReport {
    std::vector<std::string> ops;
    std::vector<Shape> shapes;  // of the results
    int64_t nanoseconds = 0;    // in the mean of the profiled runs
};

struct ProgramStats {
    int64_t instructions, fused_groups, fused_ops, arena_bytes, peak_live_bytes, traced_nodes;
    int64_t elements;  // that the instructions read and write
};

// Not safe for concurrent runs: whoever owns it sees to that.
class Program {
  public:
    // Takes what it needs of the trace. `outputs` are the wanted values; effects happen in any case.
    // It works in the arena, or else in memory of its own.
    Program(const Trace& trace, const Tensors& outputs, std::shared_ptr<Arena> arena = nullptr);
    ~Program();
    Program(const Program&) = delete;

    size_t input_count() const noexcept { return inputs_.size(); }
    const Spec& input_spec(size_t i) const { return values_[static_cast<size_t>(inputs_[i])].handle.spec(); }
    size_t output_count() const noexcept { return outputs_.size(); }
    const Spec& output_spec(size_t i) const { return output_specs_[i]; }

    // Where input i's values are to be written before run(), if bind() is not used for it.
    void* input_memory(size_t i);
    // Input i is read from there in the next runs; nullptr: from input_memory again.
    void bind(size_t i, const Tensor& value);
    // Input i is read from there in the next runs; the caller keeps it.
    void read_from(size_t i, const void* data);
    void forget_inputs();
    // Runs once. Output i is then at output_data(i), until the next run.
    void run();
    const void* output_data(size_t i) const;
    // Runs once, writing output i to places[i].
    void run_into(const std::vector<void*>& places);
    // Runs once, with outputs in memory of their own.
    Tensors run_fresh(const Tensors& inputs);
    // The same on inputs that are bound already; they are forgotten afterwards.
    Tensors run_bound();

    // What was traced follows from the value that the variable had at that version.
    void hold_for(const VariableRef& variable, uint64_t version) {
        held_for_.emplace_back(variable, version);
    }
    // Whether all these variables have those values.
    bool holds() const noexcept {
        for (const auto& [variable, version] : held_for_)
            if (variable->version() != version) return false;
        return true;
    }

    // Takes what the variables hold now for all runs to come.
    void freeze();

    ProgramStats stats() const noexcept { return stats_; }
    // What it holds for itself, about: neither its arena nor weights.
    int64_t own_bytes() const noexcept;
    // While on, runs take the time of each instruction.
    void profile(bool on);
    std::vector<InstructionReport> report() const;
    // Profiles so many runs on zeros. Variables and the random sequence are afterwards what they were.
    void measure(int runs);

  private:
    void take_arena();
    void bind_variable(int32_t value);
    void bind_variables();
    int32_t root(int32_t value) const;
    void watch();
    bool is_settled() const;
    void settle();
    std::vector<char> read_in_runs() const;
    void find_bound();
    void let_go_of_settled();
    void release();
    void place(const std::vector<int32_t>& aliases);
    void execute(Instruction& instruction);
    void run_instructions();
    void run_logged(OpLog& log);
    static std::vector<std::string> names_of(const Instruction& instruction);

    std::vector<Value> values_;
    std::vector<Instruction> instructions_;
    std::vector<int32_t> inputs_, outputs_;
    Specs output_specs_;
    std::vector<int32_t> variables_;
    std::vector<int32_t> bound_;  // the variables that instructions read in each run
    // What follows from variables that stay as they are: computed, with the weights that ops prepare, when
    // one of the watched variables has another version than then, or the kernels another level.
    std::vector<Instruction> settling_;
    std::vector<int32_t> watched_;
    std::vector<uint64_t> versions_;
    const char* level_ = nullptr;
    // Values that lie in another's memory; the moving ones in that of an input or a variable.
    std::vector<int32_t> aliases_, moving_aliases_;
    std::vector<std::pair<VariableRef, uint64_t>> held_for_;
    std::shared_ptr<Arena> arena_;
    void* arena_place_ = nullptr;  // where it was when the values got their places
    std::vector<BufferRef> own_inputs_;
    ProgramStats stats_{};
    bool profiling_ = false, frozen_ = false, settles_ = false;
    int64_t profiled_runs_ = 0;
};

}  // namespace lamina
