// Running products as a C++ function, for gradients.
#pragma once

#include "ops/op.h"

namespace lamina {

Tensor cumprod(const Tensor& x, int64_t axis, bool exclusive, bool reverse);

// The derivative of the product along `axis` by each factor: the product of all others.
Tensor product_of_others(const Tensor& x, int64_t axis);

}  // namespace lamina
