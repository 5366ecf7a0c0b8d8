// Vectors along channels.
#pragma once

#include <cstdint>

#include "simd/vec.h"

namespace lamina::LAMINA_LEVEL {
namespace {

// Calls f(c, load, store) for each vector of the channels [first, last); the last may be a part.
template <class F>
LAMINA_INLINE void each_block(int64_t first, int64_t last, F f) {
    constexpr int lanes = VReal::lanes;
    int64_t c = first;
    for (; c + lanes <= last; c += lanes)
        f(c, [](const Real* p) { return VReal::load(p); }, [](VReal v, Real* p) { v.store(p); });
    const int64_t rest = last - c;
    if (rest > 0)
        f(
            c, [rest](const Real* p) { return VReal::load_partial(p, rest); },
            [rest](VReal v, Real* p) { v.store_partial(p, rest); });
}

}  // namespace
}  // namespace lamina::LAMINA_LEVEL
