// Asking for memory before it is read, where CPUs do not foresee it.
#pragma once

#include <cstdint>

#include "simd/vec.h"

namespace lamina::LAMINA_LEVEL {
namespace {

constexpr int64_t values_per_line = 64 / static_cast<int64_t>(sizeof(Real));

// The line at p into the cache of that level.
template <int level = 2>
LAMINA_INLINE void fetch(const Real* p) {
    __builtin_prefetch(p, 0, 4 - level);
}

// The same for all lines of n values.
template <int level = 2>
LAMINA_INLINE void fetch_values(const Real* p, int64_t n) {
    for (int64_t i = 0; i < n; i += values_per_line) fetch<level>(p + i);
}

}  // namespace
}  // namespace lamina::LAMINA_LEVEL
