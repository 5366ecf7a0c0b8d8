// The program's random sequence: a key, and a count of the calls that have drawn from it.
#pragma once

#include <cstdint>

namespace lamina {

struct RandomState {
    uint64_t key = 0;
    uint64_t calls = 0;
};

// The key of the calls that are made from now on, which are counted from 0 again.
void set_random_seed(uint64_t seed) noexcept;

// For saving and resuming. Until a seed is set the key comes from the environment variable LAMINA_SEED (a
// ValueError where that is no whole number), or from the system's entropy.
RandomState random_state();
void set_random_state(const RandomState& state) noexcept;

// The state for one call without a seed of its own; the next one gets another.
RandomState next_random_call();

}  // namespace lamina
