// The parts of complex tensors as C++ functions. The gradient by a complex number is dL/dre + i dL/dim.
#pragma once

#include "ops/op.h"

namespace lamina {

Tensor make_complex(const Tensor& real, const Tensor& imag);
Tensor real_part(const Tensor& x);
Tensor imag_part(const Tensor& x);
// The conjugate of complex numbers; others as they are.
Tensor conjugate(const Tensor& x);

}  // namespace lamina
