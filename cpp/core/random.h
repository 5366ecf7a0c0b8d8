// Random numbers by counting: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
// 2011).
//
// A sequence is named by a key (the program's seed), a stream (the layer or call) and a step; its element i
// is a function of these four numbers alone. So any cut into calls and threads gives the same values, on
// every machine: the arithmetic is plain and without the C library.
#pragma once

#include <cstdint>

namespace lamina {

// 32 random bits each: out[k] = element begin + k, for k in [0, n). What the kernels make of them is in
// core/random_groups.h.
void philox_bits(uint64_t key, uint64_t stream, uint64_t step, uint32_t* out, int64_t begin,
                 int64_t n) noexcept;

// One block of the generator as its authors define it.
void philox_block(const uint32_t key[2], const uint32_t counter[4], uint32_t out[4]) noexcept;

}  // namespace lamina
