// Depthwise convolutions: each channel with filters of its own.
#include "ops/conv_blocks.h"

namespace lamina {

namespace {

struct Depthwise {
    static constexpr bool depthwise = true;
    static constexpr const char* name = "depthwiseConv2d";
    static constexpr const char* label = "depthwiseConv2d";
    static constexpr const char* by_input_name = "depthwiseConv2dBackpropInput";
    static constexpr const char* by_filter_name = "depthwiseConv2dBackpropFilter";
    static constexpr const char* fused_name = "fusedDepthwiseConv2d";
    static constexpr const char* fused_label = "fused depthwiseConv2d";

    static const Op *forward, *by_input, *by_filter;

    template <class T>
    static auto forward_kernel() {
        return kernels<T>().depthwise;
    }
    template <class T>
    static auto by_input_kernel() {
        return kernels<T>().depthwise_grad_input;
    }
    template <class T>
    static auto by_filter_kernel() {
        return kernels<T>().depthwise_grad_filter;
    }
};

using Blocks = ConvBlocks<Depthwise>;

const Op* Depthwise::forward = &define(
    Blocks::forward_block("Each channel of the images [batch, height, width, in] convolved with its own "
                          "filters, [height, width, in, "
                          "multiplier]; output channel i * multiplier + j comes from input channel i."));
const Op* Depthwise::by_input = &define(Blocks::by_input_block());
const Op* Depthwise::by_filter = &define(Blocks::by_filter_block());
[[maybe_unused]] const Op& fused_depthwise_op = define(Blocks::fused_block());

}  // namespace

}  // namespace lamina
