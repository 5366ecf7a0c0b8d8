// Slices of a tensor by the coordinates at which they begin.
#pragma once

#include "ops/op.h"

namespace lamina {

Tensor gather_nd(const Tensor& x, const Tensor& indices);
Tensor scatter_nd(const Tensor& indices, const Tensor& updates, const Shape& shape);

}  // namespace lamina
