// Places for values in one arena.
#pragma once

#include <cstdint>
#include <vector>

namespace lamina {

// A value that exists from step `first` to step `last`, both included.
struct Lifetime {
    int64_t bytes;
    int32_t first, last;
};

struct Plan {
    std::vector<int64_t> offsets;
    int64_t arena_bytes;
    int64_t peak_bytes;  // the most that is alive at once: no plan can be smaller
};

// Values whose lifetimes meet never overlap; offsets are multiples of 64. Larger values are placed first,
// each at the lowest place that is free for as long as it lives.
Plan plan_arena(const std::vector<Lifetime>& values);

}  // namespace lamina
