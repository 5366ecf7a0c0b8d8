#include "graph/loop.h"

#include <algorithm>

#include "core/error.h"
#include "graph/builder.h"

namespace lamina {

namespace {

double scalar_output(const Program& program, size_t i) {
    const void* at = program.output_data(i);
    switch (program.output_spec(i).dtype) {
        case DType::float64:
            return *static_cast<const double*>(at);
        case DType::int32:
            return *static_cast<const int32_t*>(at);
        default:
            return static_cast<double>(*static_cast<const float*>(at));
    }
}

bool is_late(const Loop& loop) {
    return loop.until != Clock::time_point::max() && Clock::now() >= loop.until;
}

struct Step {
    Program* program = nullptr;
    int64_t batches = 0, rows = 0;
};

// The step that takes most of the batches [batch, end).
Step next_step(const Loop& loop, int64_t batch, int64_t end) {
    Step best;
    for (Program* program : loop.programs) {
        const int64_t rows = program->input_spec(0).shape[0];
        const int64_t count = std::max<int64_t>(1, rows / loop.feed.batch_size());
        if (count > best.batches && batch + count <= end && loop.feed.rows(batch, count) == rows)
            best = {program, count, rows};
    }
    return best;
}

// Programs do not hold on to samples.
struct Emptied {
    const std::vector<Program*>& programs;
    ~Emptied() {
        for (Program* program : programs) program->forget_inputs();
    }
};

LoopEnd run_batches(const Loop& loop, Sink& sink, int64_t begin, int64_t end) {
    for (int64_t batch = begin; batch < end;) {
        if (loop.stop.load(std::memory_order_relaxed)) return {batch, Ended::asked};
        if (batch > begin && is_late(loop)) return {batch, Ended::late};
        const Step step = next_step(loop, batch, end);
        if (!step.program) return {batch, Ended::no_program};
        if (!step.program->holds()) return {batch, Ended::asked};
        loop.feed.fill(batch, step.rows, *step.program);
        sink.step(*step.program, step.rows);
        if (loop.finished) loop.finished->fetch_add(step.batches, std::memory_order_relaxed);
        batch += step.batches;
    }
    return {end, Ended::done};
}

}  // namespace

void Sums::step(Program& program, int64_t rows) {
    program.run();
    std::vector<double> values = std::move(last);
    values.resize(program.output_count());
    for (size_t j = 0; j < values.size(); ++j) values[j] = scalar_output(program, j);
    add(std::move(values), rows);
}

void Sums::add(std::vector<double> values, int64_t rows) {
    last = std::move(values);
    totals.resize(last.size());
    for (size_t j = 0; j < last.size(); ++j) totals[j] += last[j] * static_cast<double>(rows);
}

std::optional<Results> Results::of(const Program& full, int64_t runs, const Program* last) {
    Results found;
    for (size_t i = 0; i < full.output_count(); ++i) {
        Spec spec = full.output_spec(i);
        if (runs + (last ? 1 : 0) > 1) {
            if (spec.shape.rank() == 0) return std::nullopt;
            int64_t count = spec.shape[0] * runs;
            if (last) {
                const Spec& rest = last->output_spec(i);
                if (rest.dtype != spec.dtype || rest.shape.rank() != spec.shape.rank() ||
                    !std::equal(rest.shape.begin() + 1, rest.shape.end(), spec.shape.begin() + 1))
                    return std::nullopt;
                count += rest.shape[0];
            }
            spec.shape = spec.shape.with(0, count);
        }
        found.results.push_back(Tensor::empty(spec, "predict"));
    }
    found.filled_.resize(full.output_count());
    found.places_.resize(full.output_count());
    return found;
}

void Results::step(Program& program, int64_t) {
    if (program.output_count() != places_.size())
        value_error("batches differ in how many outputs they have.");
    for (size_t i = 0; i < places_.size(); ++i) places_[i] = results[i].mutable_data<char>() + filled_[i];
    program.run_into(places_);
    for (size_t i = 0; i < places_.size(); ++i) filled_[i] += bytes_of(program.output_spec(i));
}

LoopEnd run_loop(const Loop& loop, int64_t begin, int64_t end) {
    const Emptied emptied{loop.programs};
    return run_batches(loop, loop.sink, begin, end);
}

EpochsEnd run_epochs(const Loop& loop, int64_t steps, int64_t epochs, uint64_t updates) {
    const Emptied emptied{loop.programs};
    EpochsEnd result;
    while (result.complete < epochs) {
        if (loop.stop.load(std::memory_order_relaxed)) {
            result.why = Ended::asked;
            break;
        }
        loop.feed.begin_epoch(updates);
        Sums sums;
        const LoopEnd end = run_batches(loop, sums, 0, steps);
        if (end.why != Ended::done) {
            result.why = end.why;
            result.batch = end.batch;
            result.partial = std::move(sums.totals);
            break;
        }
        result.sums.insert(result.sums.end(), sums.totals.begin(), sums.totals.end());
        updates += static_cast<uint64_t>(steps);
        ++result.complete;
        if (is_late(loop)) {
            result.why = Ended::late;
            break;
        }
    }
    return result;
}

}  // namespace lamina
