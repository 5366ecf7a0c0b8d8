// Every n-th element along each dimension, and the way back.
#pragma once

#include "ops/op.h"

namespace lamina {

// y[i] = x[begin + i * strides], `size` elements of each dimension; strides may be negative.
Tensor strided_read(const Tensor& x, const Ints& begin, const Ints& strides, const Ints& size);
// Zeros of `shape` with y[begin + i * strides] = x[i].
Tensor strided_write(const Tensor& x, const Ints& begin, const Ints& strides, const Shape& shape);

}  // namespace lamina
