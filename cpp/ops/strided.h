// Copies between strided layouts: what all movement ops come down to.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>

#include "ops/kernel_use.h"

namespace lamina {

// Element strides; negative and zero ones are allowed where reading.
using Strides = std::array<int64_t, Shape::kMaxRank>;

Strides contiguous_strides(const Shape& shape);

// For every index of `shape`: to[offset by to_strides] = from[offset by from_strides], for elements of the
// given bytes (1, 4 or 8). Large copies use several threads.
void strided_copy(size_t element_bytes, const Shape& shape, const void* from, const Strides& from_strides,
                  void* to, const Strides& to_strides);

// n copies of a value: a few, then copies of these while they are in the first-level cache.
template <class T>
void repeat(T value, T* to, int64_t n) {
    constexpr int64_t few = 1024 / sizeof(T), most = 8 * few;
    std::fill_n(to, std::min(n, few), value);
    for (int64_t done = few; done < n;) {
        const int64_t count = std::min({done, most, n - done});
        std::memcpy(to + done, to, static_cast<size_t>(count) * sizeof(T));
        done += count;
    }
}

// The same on several threads where it pays.
template <class T>
void fill_values(T value, T* to, int64_t n) {
    parallel_for(n, kElementwiseGrain,
                 [=](int64_t begin, int64_t end) { repeat(value, to + begin, end - begin); });
}

// Applies a movement to a string tensor: `move` gets the tensor's element numbers as an int32 tensor and
// returns where each element of the result comes from.
template <class F>
Tensor move_strings(const Tensor& strings, F&& move);
Tensor gather_strings(const Tensor& strings, const Tensor& from);
Tensor element_numbers(const Shape& shape);

template <class F>
Tensor move_strings(const Tensor& strings, F&& move) {
    return gather_strings(strings, move(element_numbers(strings.shape())));
}

}  // namespace lamina
