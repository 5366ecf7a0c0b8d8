// Sliding windows: what strides, padding, dilations and the data format of convolutions and pools mean.
#pragma once

#include "kernels/table.h"
#include "ops/op.h"

namespace lamina {

// The attributes that convolutions and pools share, in the order in which window_attrs gives them to the
// internal ops. The public ops declare them in TensorFlow.js' order and read them by name.
AttrSpec strides_attr();
AttrSpec pad_attr();
AttrSpec dilations_attr();
AttrSpec rounding_attr();
AttrSpec data_format_attr();

// For an internal op that works on NHWC: `size` (of the image or of the filter), then strides, pad,
// dilations, dimRoundingMode.
std::vector<AttrSpec> internal_window_attrs();
Attrs window_attrs(const Call& c, int64_t height, int64_t width);

bool channels_first(const Call& c);

// The shape [batch, height, width, channels] of an image argument: rank 3 is a batch of one.
Shape nhwc_shape(const char* op, const Shape& x, bool first);
// The shape that an image of NHWC shape `y` has in the caller's format.
Shape caller_shape(const Shape& y, int rank, bool first);
// The same for values; differentiable.
Tensor to_nhwc(const Tensor& x, bool first);
Tensor from_nhwc(const Tensor& y, int rank, bool first);

// x is NHWC; filter is [height, width, in, out], or [height, width, in, multiplier] where depthwise.
// Everything that is wrong with the call is a ValueError in TensorFlow.js' words; `label` is the name that it
// uses there.
ConvShape conv_shape(const Call& c, const char* label, const Shape& x, const Shape& filter, bool depthwise);
PoolShape pool_shape(const Call& c, const char* label, const Shape& x);
PoolShape pool_shape(const Call& c, const char* label, const Shape& x, const Ints& filter_size);

// For Op::plan and what it kept: the windows of a convolution or a pool.
template <class Windows>
std::shared_ptr<const void> kept(const Windows& windows) {
    return std::make_shared<const Windows>(windows);
}
template <class Windows>
const Windows& planned(const Call& c) {
    return *static_cast<const Windows*>(c.plan);
}

// Whether a convolution whose results are pooled may keep the largest of each of these windows alone: they
// lie beside each other, inside of the image, and rows are short enough to stay in a cache.
bool can_keep_largest(const ConvShape& conv, const PoolShape& pool);

}  // namespace lamina
