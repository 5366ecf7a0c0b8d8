// What the fused LSTM and its loop of simpler ops share.
#pragma once

#include "ops/op.h"

namespace lamina {

struct LstmSizes {
    int64_t batch, steps, inputs, units;
};

// Of a call with the inputs x, kernel, recurrentKernel, bias, initialH, initialC, mask; a ValueError where
// their shapes do not fit together.
LstmSizes lstm_sizes(const Call& c);

// The same result by matMul and elementwise ops for each step: y, lastH, lastC, and where asked for the
// state.
Tensors lstm_loop(const Call& c, bool with_state);

}  // namespace lamina
