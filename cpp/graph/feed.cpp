#include "graph/feed.h"

#include <algorithm>
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
    const auto row_bytes = static_cast<int64_t>(element_size(spec.dtype)) * c.row_elements;
    if (!order && !c.bytes) {
        program.read_from(input, static_cast<const char*>(c.data) + from * row_bytes);
        return;
    }
    char* to = static_cast<char*>(program.input_memory(input));
    const int64_t grain = std::max<int64_t>(1, kCopyGrain / std::max<int64_t>(1, row_bytes));
    parallel_for(rows, grain, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
            const int64_t row = order ? order[from + i] : from + i;
            char* place = to + i * row_bytes;
            if (!c.bytes) {
                std::memcpy(place, static_cast<const char*>(c.data) + row * row_bytes,
                            static_cast<size_t>(row_bytes));
            } else {
                const auto* source = static_cast<const uint8_t*>(c.data) + row * c.row_elements;
                if (spec.dtype == DType::int32)
                    widen(source, reinterpret_cast<int32_t*>(place), c.row_elements);
                else
                    widen(source, reinterpret_cast<float*>(place), c.row_elements);
            }
        }
    });
}

}  // namespace

ArrayFeed::ArrayFeed(std::vector<Column> columns, int64_t samples, int64_t batch_size, int64_t shuffled_block)
    : columns_(std::move(columns)),
      samples_(samples),
      batch_size_(batch_size),
      shuffled_block_(shuffled_block) {}

int64_t ArrayFeed::batches() const { return (samples_ + batch_size_ - 1) / batch_size_; }

int64_t ArrayFeed::rows(int64_t first, int64_t count) {
    return std::clamp<int64_t>(samples_ - first * batch_size_, 0, count * batch_size_);
}

void ArrayFeed::fill(int64_t first, int64_t rows, Program& program) {
    for (size_t i = 0; i < columns_.size(); ++i)
        gather(columns_[i], order_, first * batch_size_, rows, program, i);
}

void ArrayFeed::begin_epoch(uint64_t updates) {
    if (!shuffled_block_) return;
    shuffled_.resize(static_cast<size_t>(samples_));
    shuffle(shuffled_.data(), samples_, shuffle_seed(updates), shuffled_block_);
    order_ = shuffled_.data();
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
