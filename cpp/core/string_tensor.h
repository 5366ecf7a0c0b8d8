// String tensors: n + 1 offsets (int64) into the UTF-8 bytes that follow them, all in one buffer.
#pragma once

#include <span>
#include <string_view>

#include "core/tensor.h"

namespace lamina {

// A ValueError where the number of strings is not the size of the shape.
Tensor make_strings(std::span<const std::string_view> values, const Shape& shape);

// Valid as long as the tensor's buffer.
std::string_view string_at(const Tensor& t, int64_t i);

}  // namespace lamina
