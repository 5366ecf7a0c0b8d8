#include "graph/steps.h"

#include <cstring>
#include <numeric>

#include "core/random.h"
#include "core/random_state.h"
#include "core/threads.h"

namespace lamina {

namespace {

// Rows below this many bytes in all are copied by the calling thread.
constexpr int64_t kCopyGrain = 1 << 18;

template <class T>
void widen(const uint8_t* from, T* to, int64_t n) {
    for (int64_t i = 0; i < n; ++i) to[i] = static_cast<T>(from[i]);
}

// Rows order[from ..] (or from itself on) of a column, into the program's input.
void gather(const Column& c, const int32_t* order, int64_t from, int64_t rows, Program& program,
            size_t input) {
    const Spec& spec = program.input_spec(input);
    if (!order && c.data) {
        // A stretch of rows in place: nothing to copy.
        const auto bytes = static_cast<size_t>(c.row_elements) * element_size(spec.dtype);
        const Tensor rows_of = Tensor::unplaced(spec);
        Tensor view = rows_of;
        view.place(
            const_cast<char*>(static_cast<const char*>(c.data.raw()) + static_cast<size_t>(from) * bytes),
            c.data.buffer());
        program.bind(input, view);
        return;
    }
    char* to = static_cast<char*>(program.input_memory(input));
    const auto row_bytes = static_cast<int64_t>(element_size(spec.dtype)) * c.row_elements;
    const int64_t grain = std::max<int64_t>(1, kCopyGrain / std::max<int64_t>(1, row_bytes));
    parallel_for(rows, grain, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
            const int64_t row = order ? order[from + i] : from + i;
            char* place = to + i * row_bytes;
            if (c.data) {
                std::memcpy(place, static_cast<const char*>(c.data.raw()) + row * row_bytes,
                            static_cast<size_t>(row_bytes));
            } else {
                const auto* source = static_cast<const uint8_t*>(c.bytes->data()) + row * c.row_elements;
                if (spec.dtype == DType::int32)
                    widen(source, reinterpret_cast<int32_t*>(place), c.row_elements);
                else
                    widen(source, reinterpret_cast<float*>(place), c.row_elements);
            }
        }
    });
}

bool is_late(const StepRange& range) {
    return range.until != Clock::time_point::max() && Clock::now() >= range.until;
}

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

}  // namespace

int64_t run_steps(const StepRange& range, const std::vector<Column>& columns, double* sums,
                  double* last_values, const std::atomic<bool>& stop) {
    int64_t batch = range.begin;
    for (; batch < range.end && !stop.load(std::memory_order_relaxed); ++batch) {
        if (batch > range.begin && is_late(range)) break;
        const int64_t from = batch * range.batch_size;
        const int64_t rows = std::min(range.batch_size, range.samples - from);
        Program& program = rows == range.batch_size ? *range.full : *range.last;
        for (size_t i = 0; i < columns.size(); ++i) gather(columns[i], range.order, from, rows, program, i);
        program.run();
        if (range.finished) range.finished->fetch_add(1, std::memory_order_relaxed);
        for (size_t j = 0; j < program.output_count(); ++j) {
            last_values[j] = scalar_output(program, j);
            sums[j] += last_values[j] * static_cast<double>(rows);
        }
    }
    return batch;
}

EpochResult run_epochs(const EpochRange& range, const std::vector<Column>& columns,
                       const std::atomic<bool>& stop) {
    EpochResult result;
    StepRange steps = range.steps;
    const size_t outputs = steps.full->output_count();
    std::vector<double> values(outputs);
    std::vector<int32_t> order(range.shuffled_block ? static_cast<size_t>(steps.samples) : 0);
    uint64_t updates = range.updates;
    while (result.complete < range.epochs && !stop.load(std::memory_order_relaxed)) {
        if (range.shuffled_block) {
            shuffle(order.data(), steps.samples, shuffle_seed(updates), range.shuffled_block);
            steps.order = order.data();
        }
        std::vector<double> sums(outputs, 0.0);
        const int64_t reached = run_steps(steps, columns, sums.data(), values.data(), stop);
        if (reached < steps.end) {
            result.batch = reached;
            result.partial = std::move(sums);
            break;
        }
        result.sums.insert(result.sums.end(), sums.begin(), sums.end());
        updates += static_cast<uint64_t>(steps.end - steps.begin);
        ++result.complete;
        if (is_late(steps)) break;
    }
    return result;
}

uint64_t shuffle_seed(uint64_t updates) {
    // A stream that no op draws from: those are numbered by calls.
    constexpr uint64_t kShuffleStream = ~uint64_t{0};
    uint32_t bits[2];
    philox_bits(random_state().key, kShuffleStream, updates, bits, 0, 2);
    return (static_cast<uint64_t>(bits[1]) << 32) | bits[0];
}

void shuffle(int32_t* order, int64_t n, uint64_t seed, int64_t block) {
    std::iota(order, order + n, 0);
    if (block > 1) {
        std::vector<int32_t> blocks(static_cast<size_t>(n / block));
        shuffle(blocks.data(), n / block, seed);
        for (const int32_t from : blocks)
            for (int64_t i = 0; i < block; ++i) *order++ = static_cast<int32_t>(from * block + i);
        return;
    }
    // 32 random bits at a time; the multiply-and-shift reduction to a range is biased by less than 2^-32 of
    // it per draw.
    constexpr int64_t kBlock = 256;
    uint32_t bits[kBlock];
    int64_t drawn = 0;
    for (int64_t i = n - 1; i > 0; --i, ++drawn) {
        if (drawn % kBlock == 0) philox_bits(seed, 0, 0, bits, drawn, std::min(kBlock, n - 1 - drawn));
        const auto j = static_cast<int64_t>(
            (static_cast<uint64_t>(bits[drawn % kBlock]) * static_cast<uint64_t>(i + 1)) >> 32);
        std::swap(order[i], order[j]);
    }
}

}  // namespace lamina
