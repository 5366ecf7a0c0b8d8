// Copies between strided layouts: what all movement ops come down to.
#pragma once

#include <array>

#include "ops/op.h"

namespace lamina {

// Element strides; negative and zero ones are allowed where reading.
using Strides = std::array<int64_t, Shape::kMaxRank>;

Strides contiguous_strides(const Shape& shape);

// For every index of `shape`: to[offset by to_strides] = from[offset by from_strides], for elements of the
// given bytes (1, 4 or 8). Large copies use several threads.
void strided_copy(size_t element_bytes, const Shape& shape, const void* from, const Strides& from_strides,
                  void* to, const Strides& to_strides);

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
