// Weights in the order in which a kernel reads them, kept once where several Programs prepare the same.
#pragma once

#include "core/tensor.h"

namespace lamina {

// `prepared`, or what was given before with the same content and is still in use.
Tensor share_weights(const Tensor& prepared);

// Lets go of what no Program uses any more.
void forget_unused_weights();

}  // namespace lamina
