// Many runs of a Program over batches of stored data: an epoch in one call.
#pragma once

#include <atomic>
#include <chrono>
#include <vector>

#include "graph/program.h"

namespace lamina {

// Samples in rows. `bytes` are uint8 values that the program reads as int32 or float32.
struct Column {
    Tensor data;  // undefined where `bytes` is used
    BufferRef bytes;
    int64_t row_elements = 0;
};

using Clock = std::chrono::steady_clock;

// Which samples go through which program.
struct StepRange {
    Program* full = nullptr;         // for batches of batch_size
    Program* last = nullptr;         // for the shorter one at the end, where there is one
    const int32_t* order = nullptr;  // a permutation of the samples, or nullptr
    int64_t samples = 0, batch_size = 0;
    int64_t begin = 0, end = 0;                          // batches to run
    std::atomic<int64_t>* finished = nullptr;            // counts the steps that ran to their end
    Clock::time_point until = Clock::time_point::max();  // when to stop early, after one step at least
};

// Runs batches [begin, end), adding output j of each, a scalar, times the batch's size to sums[j]; also to
// last_values[j] the plain value of the last batch. Stops early, between two batches, once `stop` is set
// or `until` has passed. Returns the batch after the last one that ran.
int64_t run_steps(const StepRange& range, const std::vector<Column>& columns, double* sums,
                  double* last_values, const std::atomic<bool>& stop);

// Several epochs in a row.
struct EpochRange {
    StepRange steps;  // of each epoch; `order` is made here where there is a `shuffled_block`
    int64_t epochs = 0;
    int64_t shuffled_block = 0;  // samples that stay together; 0: no shuffling
    uint64_t updates = 0;  // that were made before the first epoch: the seeds of the orders follow from it
};

struct EpochResult {
    int64_t complete = 0;      // epochs that ran to their end
    std::vector<double> sums;  // of each complete epoch, one after another
    int64_t batch = 0;         // how far the next one came, and its sums
    std::vector<double> partial;
};

EpochResult run_epochs(const EpochRange& range, const std::vector<Column>& columns,
                       const std::atomic<bool>& stop);

// The seed of the order of samples after so many updates, from the program's random seed.
uint64_t shuffle_seed(uint64_t updates);

// A random permutation of 0 .. n-1 that follows from the seed (Fisher & Yates). Blocks of so many keep
// together, and what is left of the last one stays at the end.
void shuffle(int32_t* order, int64_t n, uint64_t seed, int64_t block = 1);

}  // namespace lamina
