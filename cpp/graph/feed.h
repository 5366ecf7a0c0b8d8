// Where a loop's batches come from.
#pragma once

#include <memory>
#include <vector>

#include "graph/program.h"

namespace lamina {

// Batches of samples, by their number in the epoch. They are read in order.
class Feed {
  public:
    virtual ~Feed() = default;
    // Samples in a full batch.
    virtual int64_t batch_size() const = 0;
    // Batches in an epoch; -1 where only the end will tell.
    virtual int64_t batches() const = 0;
    // Samples in the batches [first, first + count), as far as they exist.
    virtual int64_t rows(int64_t first, int64_t count) = 0;
    // Puts so many samples, from the beginning of batch `first`, where the program reads its inputs. They
    // stay there until the next call.
    virtual void fill(int64_t first, int64_t rows, Program& program) = 0;
    // `updates`: how many were made before, which the order of the samples follows from.
    virtual void begin_epoch(uint64_t updates) = 0;
};

// Samples in rows that lie behind each other. `bytes`: uint8 values, which programs read as int32 or float32.
struct Column {
    const void* data = nullptr;
    std::shared_ptr<const void> keeper;  // of the memory
    bool bytes = false;
    int64_t row_elements = 0;
};

// Arrays that are there as a whole. In their own order they are read in place.
class ArrayFeed : public Feed {
  public:
    // shuffled_block: how many samples a shuffle keeps together; 0: epochs keep the order.
    ArrayFeed(std::vector<Column> columns, int64_t samples, int64_t batch_size, int64_t shuffled_block);

    int64_t samples() const noexcept { return samples_; }
    size_t column_count() const noexcept { return columns_.size(); }
    // A permutation of the samples for the batches to come; nullptr: their own order.
    void set_order(const int32_t* order) noexcept { order_ = order; }

    int64_t batch_size() const override { return batch_size_; }
    int64_t batches() const override;
    int64_t rows(int64_t first, int64_t count) override;
    void fill(int64_t first, int64_t rows, Program& program) override;
    void begin_epoch(uint64_t updates) override;

  private:
    std::vector<Column> columns_;
    int64_t samples_, batch_size_, shuffled_block_;
    std::vector<int32_t> shuffled_;
    const int32_t* order_ = nullptr;
};

// The seed of the order of samples after so many updates, from the program's random seed.
uint64_t shuffle_seed(uint64_t updates);

// A random permutation of 0 .. n-1 that follows from the seed (Fisher & Yates). Blocks of so many keep
// together, and what is left of the last one stays at the end.
void shuffle(int32_t* order, int64_t n, uint64_t seed, int64_t block = 1);

}  // namespace lamina
