// What the fused LSTM, its gradient and its loop of simpler ops share.
#pragma once

#include <vector>

#include "ops/activation_table.h"
#include "ops/kernel_use.h"
#include "ops/op.h"

namespace lamina {

struct LstmSizes {
    int64_t batch, steps, inputs, units;
};

// Of a call with the inputs x, kernel, recurrentKernel, bias, initialH, initialC, mask; a ValueError where
// their shapes do not fit together.
LstmSizes lstm_sizes(const Call& c);

// The attributes `activation` and `recurrentActivation`, and what one of them says; a ValueError where the
// fused passes do not know it.
std::vector<AttrSpec> lstm_attrs();
const Activation& lstm_activation(const Call& c, const char* name);

// The same result by matMul and elementwise ops for each step: y, lastH, lastC, and where asked for the
// state.
Tensors lstm_loop(const Call& c, bool with_state);

// Of lstmFused.
Tensors lstm_grad(const Gradient& g);

// Weights [k, n], or transposed [n, k], that many products share, packed once into the calling thread's
// scratch: two of convolution's slots, which no product uses, so that a Program's runs take no memory.
constexpr int kPackedKernel = 3, kPackedRecurrent = 6;

template <class T>
struct Packed {
    Gemm<T> product{};  // with all that describes the weights

    Packed(const Tensor& weights, int64_t k, int64_t n, bool transpose, int slot) {
        product.b = weights.data<T>();
        product.k = k;
        product.n = n;
        product.b_stride = transpose ? k : n;
        product.transpose_b = transpose;
        const int64_t size = kernels<T>().gemm_packed_size(product);
        if (size == 0) return;
        T* packed = static_cast<T*>(thread_scratch(slot, static_cast<size_t>(size) * sizeof(T)));
        kernels<T>().gemm_pack(product, packed);
        product.packed_b = packed;
    }
};

}  // namespace lamina
