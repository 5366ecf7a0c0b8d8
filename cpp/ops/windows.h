// Windows that slide along more or fewer dimensions than two, by the rules for two.
#pragma once

#include "ops/conv_shape.h"

namespace lamina {

// pool_shape() of NHWC images for ops whose attributes have other names.
PoolShape window_shape(const char* label, const Shape& x, const Ints& size, const Ints& strides,
                       const Attr& pad, const Attr& rounding = None{}, const Ints& dilations = {1, 1});

// Windows along one dimension, the depth of volumes [batch, depth, ...].
struct Depth {
    int64_t in, window, stride, dilation, out, before;

    // Beginning of the windows' k-th elements, behind `before` elements of padding.
    int64_t tap(int64_t k) const { return k * dilation; }
    // With padding: what the windows reach, and at least what there is.
    int64_t padded() const;
};
Depth depth_shape(const char* label, int64_t in, int64_t window, int64_t stride, const Attr& pad,
                  const Attr& rounding = None{}, int64_t dilation = 1);

// The three numbers of an attribute that may be one number.
Ints three(const char* label, const char* what, const Ints& values);

// The k-th element of every window along dimension 1 of `padded`, whose shape is that of x but depth
// d.padded().
Tensor read_tap(const Tensor& padded, const Depth& d, int64_t k);
// x with d.before elements of `value` before it along dimension 1, and as many behind as windows reach.
Tensor pad_depth(const Tensor& x, const Depth& d, double value);

}  // namespace lamina
