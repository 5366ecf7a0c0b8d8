#include "ops/windows.h"

#include <algorithm>

#include "ops/functions.h"
#include "ops/strided_slice.h"

namespace lamina {

PoolShape window_shape(const char* label, const Shape& x, const Ints& size, const Ints& strides,
                       const Attr& pad, const Attr& rounding, const Ints& dilations) {
    static const Op& op = *find_op("maxPool");
    const Inputs none;
    const Attrs attrs{size, strides, pad, rounding, dilations, std::string("NHWC")};
    return pool_shape(Call{op, none, attrs}, label, x, size);
}

int64_t Depth::padded() const { return std::max(before + in, tap(window - 1) + (out - 1) * stride + 1); }

Depth depth_shape(const char* label, int64_t in, int64_t window, int64_t stride, const Attr& pad,
                  const Attr& rounding, int64_t dilation) {
    const PoolShape s =
        window_shape(label, {1, in, 1, 1}, {window, 1}, {stride, 1}, pad, rounding, {dilation, 1});
    return {in, window, stride, dilation, s.out_h, s.pad_top};
}

Ints three(const char* label, const char* what, const Ints& values) {
    if (values.size() == 1) return Ints(3, values[0]);
    if (values.size() != 3)
        value_error("Error in ", label, ": ", what, " must be a number or three numbers, but got ",
                    values.size(), ".");
    return values;
}

Tensor read_tap(const Tensor& padded, const Depth& d, int64_t k) {
    Ints begin(static_cast<size_t>(padded.rank()), 0), strides(begin.size(), 1),
        size(padded.shape().begin(), padded.shape().end());
    begin[1] = d.tap(k);
    strides[1] = d.stride;
    size[1] = d.out;
    return strided_read(padded, begin, strides, size);
}

Tensor pad_depth(const Tensor& x, const Depth& d, double value) {
    const int64_t after = d.padded() - d.before - d.in;
    if (d.before == 0 && after == 0) return x;
    Ints paddings(static_cast<size_t>(2 * x.rank()), 0);
    paddings[2] = d.before;
    paddings[3] = after;
    return pad(x, paddings, value);
}

}  // namespace lamina
