// Fourier transforms of complex numbers as real pairs.
#pragma once

#include "ops/op.h"

namespace lamina {

// scale * sum over j of x[j] exp(-+ 2 pi i j k / n) for pairs [..., n, 2]; the sign is + with inverse.
Tensor fourier(const Tensor& x, bool inverse, double scale);

Tensor complex_to_pairs(const Tensor& x);
Tensor complex_from_pairs(const Tensor& x);

// The size of the first input's last dimension; a ValueError where it has none.
int64_t transformed_size(const Call& c);

}  // namespace lamina
