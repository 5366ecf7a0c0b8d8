// The library as a whole: version, threads, random numbers, memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "lamina/error.h"

namespace lamina {
inline namespace v1 {

inline std::string version() { return lamina_version(); }

// The CPU level whose kernels run: "v2", "v3", "v4" or "neon".
inline std::string cpuLevel() {
    const char* level = nullptr;
    detail::check(lamina_cpu_level(&level));
    return level;
}

inline int numThreads() { return lamina_num_threads(); }
inline void setNumThreads(int threads) { detail::check(lamina_set_num_threads(threads)); }
// The seed of all random numbers that are drawn without a seed of their own.
inline void setRandomSeed(std::uint64_t seed) { detail::check(lamina_set_random_seed(seed)); }

struct Memory {
    std::int64_t liveBuffers, liveBytes;  // of tensors and variables
    std::int64_t cachedBytes;             // kept for reuse
    std::int64_t allocations;             // so far, of the library's pool
};

inline Memory memory() {
    lamina_memory m{};
    lamina_memory_stats(&m);
    return {m.live_buffers, m.live_bytes, m.cached_bytes, m.allocations};
}

// Gives memory that is kept for reuse back to the system; returns how many bytes.
inline std::size_t trimMemory() { return lamina_memory_trim(); }

}  // namespace v1
}  // namespace lamina
