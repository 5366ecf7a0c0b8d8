// Random numbers by counting: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
// 2011).
//
// A sequence is named by a key (the program's seed), a stream (the layer or call) and a step; its element i
// is a function of these four numbers alone. So any cut into calls and threads gives the same values, on
// every machine: the arithmetic is plain and without the C library. Double results are the float ones,
// normals before their rounding, so that the reference level draws what the others draw.
#pragma once

#include <cstdint>

namespace lamina {

// out[k] = element begin + k, for k in [0, n).

// 24 random bits: multiples of 2^-24 in [0, 1).
void philox_uniform(uint64_t key, uint64_t stream, uint64_t step, float* out, int64_t begin,
                    int64_t n) noexcept;
void philox_uniform(uint64_t key, uint64_t stream, uint64_t step, double* out, int64_t begin,
                    int64_t n) noexcept;

// Mean 0, standard deviation 1, by the method of Box and Muller.
void philox_normal(uint64_t key, uint64_t stream, uint64_t step, float* out, int64_t begin,
                   int64_t n) noexcept;
void philox_normal(uint64_t key, uint64_t stream, uint64_t step, double* out, int64_t begin,
                   int64_t n) noexcept;

// The same, with values outside of [-2, 2] drawn again.
void philox_truncated_normal(uint64_t key, uint64_t stream, uint64_t step, float* out, int64_t begin,
                             int64_t n) noexcept;
void philox_truncated_normal(uint64_t key, uint64_t stream, uint64_t step, double* out, int64_t begin,
                             int64_t n) noexcept;

// 1 / (1 - rate) where the uniform value is at least rate, else 0; for rate in [0, 1).
void philox_dropout(uint64_t key, uint64_t stream, uint64_t step, double rate, float* out, int64_t begin,
                    int64_t n) noexcept;
void philox_dropout(uint64_t key, uint64_t stream, uint64_t step, double rate, double* out, int64_t begin,
                    int64_t n) noexcept;

// 32 random bits each, the raw material of the above.
void philox_bits(uint64_t key, uint64_t stream, uint64_t step, uint32_t* out, int64_t begin,
                 int64_t n) noexcept;

// One block of the generator as its authors define it.
void philox_block(const uint32_t key[2], const uint32_t counter[4], uint32_t out[4]) noexcept;

}  // namespace lamina
