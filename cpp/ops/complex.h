// The parts of complex tensors as C++ functions. The gradient by a complex number is dL/dre + i dL/dim.
#pragma once

#include "ops/op.h"

namespace lamina {

Tensor make_complex(const Tensor& real, const Tensor& imag);
Tensor real_part(const Tensor& x);
Tensor imag_part(const Tensor& x);
// The conjugate of complex numbers; others as they are.
Tensor conjugate(const Tensor& x);

// y[o, j] = the sum over i of x[o, i, j], added in double.
void sum_complex(const Complex* x, Complex* y, int64_t outer, int64_t n, int64_t inner);

}  // namespace lamina
