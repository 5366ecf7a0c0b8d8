// Convolutions over images.
#include "ops/conv_blocks.h"

namespace lamina {

namespace {

struct Conv2d {
    static constexpr bool depthwise = false;
    static constexpr const char* name = "conv2d";
    static constexpr const char* label = "conv2d";
    static constexpr const char* by_input_name = "conv2dBackpropInput";
    static constexpr const char* by_filter_name = "conv2dBackpropFilter";
    static constexpr const char* fused_name = "fusedConv2d";
    static constexpr const char* fused_label = "fused conv2d";

    static const Op *forward, *by_input, *by_filter;

    template <class T>
    static auto forward_kernel() {
        return kernels<T>().conv2d;
    }
    template <class T>
    static auto by_input_kernel() {
        return kernels<T>().conv2d_grad_input;
    }
    template <class T>
    static auto by_filter_kernel() {
        return kernels<T>().conv2d_grad_filter;
    }
};

using Blocks = ConvBlocks<Conv2d>;

const Op* Conv2d::forward = &define(
    Blocks::forward_block("The convolution of images [batch, height, width, in] with a filter [height, "
                          "width, in, out]; rank 3 is a batch of "
                          "one. pad: 'same', 'valid', a number, or explicit pairs for each dimension."));
const Op* Conv2d::by_input = &define(Blocks::by_input_block());
const Op* Conv2d::by_filter = &define(Blocks::by_filter_block());
[[maybe_unused]] const Op& fused_conv2d_op = define(Blocks::fused_block());

}  // namespace

}  // namespace lamina
