// The one loop over batches: a feed gives them, Programs compute, a sink takes the outputs.
#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <vector>

#include "graph/feed.h"

namespace lamina {

// What becomes of the outputs.
class Sink {
  public:
    virtual ~Sink() = default;
    // Runs the program, whose inputs are filled with so many samples.
    virtual void step(Program& program, int64_t rows) = 0;
};

// Sums of scalar outputs, each times the samples of its batch.
class Sums : public Sink {
  public:
    explicit Sums(std::vector<double> totals = {}) : totals(std::move(totals)) {}
    void step(Program& program, int64_t rows) override;
    void add(std::vector<double> values, int64_t rows);

    std::vector<double> totals;
    std::vector<double> last;  // the plain values of the last batch
};

// Outputs written one behind the other into their results.
class Results : public Sink {
  public:
    // For so many runs of `full` and one of `last`, if it is given. Nothing where their outputs cannot be
    // joined along their first axis.
    static std::optional<Results> of(const Program& full, int64_t runs, const Program* last);
    void step(Program& program, int64_t rows) override;

    Tensors results;

  private:
    std::vector<int64_t> filled_;  // bytes of each
    std::vector<void*> places_;
};

using Clock = std::chrono::steady_clock;

struct Loop {
    Feed& feed;
    // Told apart by how many samples they take; several times the batch size for a run of joined batches.
    std::vector<Program*> programs;
    Sink& sink;
    const std::atomic<bool>& stop;                       // looked at before each step
    std::atomic<int64_t>* finished = nullptr;            // counts the batches that ran to their end
    Clock::time_point until = Clock::time_point::max();  // looked at after each step
};

// Why a loop came back.
enum class Ended : uint8_t { done, asked, late, no_program };

struct LoopEnd {
    int64_t batch;  // behind the last one that ran
    Ended why;
};

// Runs the batches [begin, end); `until` ends it after one step at the earliest.
LoopEnd run_loop(const Loop& loop, int64_t begin, int64_t end);

struct EpochsEnd {
    int64_t complete = 0;      // epochs that ran to their end
    std::vector<double> sums;  // of each complete epoch, one after another
    int64_t batch = 0;         // how far the next one came, and its sums
    std::vector<double> partial;
    Ended why = Ended::done;
};

// Runs so many epochs of `steps` batches; the loop's sink is not used. `updates`: those before the first one.
EpochsEnd run_epochs(const Loop& loop, int64_t steps, int64_t epochs, uint64_t updates);

}  // namespace lamina
