// Convolutions that are made of others: along one dimension, transposed, separable, over volumes.
#include "ops/conv_shape.h"
#include "ops/functions.h"
#include "ops/strided_slice.h"
#include "ops/windows.h"

namespace lamina {

namespace {

const char* const kComposed = "made of differentiable ops";

std::string listed(const Ints& values) { return Shape(std::span<const int64_t>(values)).to_string(); }

Tensor conv2d(const Tensor& x, const Tensor& filter, const Ints& strides, const Attr& pad,
              const Ints& dilations = {1, 1}, const Attr& rounding = None{}) {
    static const Op& op = *find_op("conv2d");
    return call1(op, {x, filter}, {strides, pad, std::string("NHWC"), dilations, rounding});
}

Tensor conv2d_by_input(const Tensor& dy, const Tensor& filter, const Ints& size, const Ints& strides,
                       const Attr& pad, const Attr& rounding = None{}) {
    static const Op& op = *find_op("conv2dBackpropInput");
    return call1(op, {dy, filter}, {size, strides, pad, Ints{1, 1}, rounding});
}

void check_depth(const char* label, int64_t x, int64_t filter) {
    if (x != filter)
        value_error("Error in ", label, ": depth of input (", x, ") must match input depth for filter ",
                    filter, ".");
}

void check_rank(const char* label, const char* what, const Tensor& t, int rank) {
    if (t.rank() != rank)
        value_error("Error in ", label, ": ", what, " must be rank ", rank, ", but got rank ", t.rank(), ".");
}

// x as a batch, and back again: `rank` is that of a batch.
Tensor batched(const char* label, const Tensor& x, int rank) {
    if (x.rank() == rank) return x;
    if (x.rank() != rank - 1) check_rank(label, "input", x, rank);
    return reshape(x, x.shape().inserted(0, 1));
}
Tensor as_given(const Tensor& y, const Tensor& x, int rank) {
    return x.rank() == rank ? y : reshape(y, y.shape().without(0));
}

[[maybe_unused]] const Op& conv1d_op = define({
    .name = "conv1d",
    .inputs = {{"x", Accept::real}, {"filter", Accept::real}},
    .attrs = {{"stride", AttrType::integer},
              pad_attr(),
              {"dataFormat", AttrType::string, std::string("NWC"), true, {"NWC", "NCW"}},
              {"dilation", AttrType::integer, int64_t{1}, true},
              rounding_attr()},
    .promote = true,
    .no_grad = kComposed,
    .decompose = [](const Call& c) -> Tensors {
        const Tensor x = batched("conv1d", c[0], 3);
        check_rank("conv1d", "filter", c[1], 3);
        if (c.string("dataFormat") != "NWC")
            value_error("Error in conv1d: got dataFormat of ", c.string("dataFormat"),
                        " but only NWC is currently supported.");
        check_depth("conv1d", x.shape()[2], c[1].shape()[1]);
        const int64_t stride = c.integer("stride"), dilation = c.integer("dilation");
        if (stride != 1 && dilation != 1)
            value_error("Error in conv1D: Either stride or dilation must be 1. Got stride ", stride,
                        " and dilation '", dilation, "'");
        // A number pads the width alone.
        Attr pad = c.attr("pad");
        if (const auto* sides = std::get_if<Ints>(&pad); sides && sides->size() == 1)
            pad = Ints{0, 0, 0, 0, (*sides)[0], (*sides)[0], 0, 0};
        const Shape &s = x.shape(), &f = c[1].shape();
        const Tensor y = conv2d(reshape(x, {s[0], 1, s[1], s[2]}), reshape(c[1], {1, f[0], f[1], f[2]}),
                                {1, stride}, pad, {1, dilation}, c.attr("dimRoundingMode"));
        return {as_given(reshape(y, y.shape().without(1)), c[0], 3)};
    },
    .doc = "The convolution of sequences [batch, width, in] with a filter [width, in, out]; rank 2 is a "
           "batch of one.",
});

[[maybe_unused]] const Op& conv2d_transpose_op = define({
    .name = "conv2dTranspose",
    .inputs = {{"x", Accept::real}, {"filter", Accept::real}},
    .attrs = {{"outputShape", AttrType::ints}, strides_attr(), pad_attr(), rounding_attr()},
    .promote = true,
    .no_grad = kComposed,
    .decompose = [](const Call& c) -> Tensors {
        const Tensor x = batched("conv2dTranspose", c[0], 4);
        check_rank("conv2dTranspose", "filter", c[1], 4);
        Ints shape = c.ints("outputShape");
        if (static_cast<int>(shape.size()) != c[0].rank())
            value_error("Error in conv2dTranspose: Length of outputShape (", shape.size(),
                        ") must match the rank of x (", c[0].rank(), ")");
        if (shape.size() == 3) shape.insert(shape.begin(), 1);
        const Shape &s = x.shape(), &f = c[1].shape();
        if (shape[3] != f[2])
            value_error("Error in conv2dTranspose: depth of output (", shape[3],
                        ") must match output depth for filter ", f[2], ".");
        check_depth("conv2dTranspose", s[3], f[3]);
        if (shape[0] != s[0])
            value_error("Error in conv2dTranspose: the batch of outputShape (", shape[0],
                        ") must be that of x (", s[0], ").");
        const Tensor y = conv2d_by_input(x, c[1], {shape[1], shape[2]}, c.ints("strides"), c.attr("pad"),
                                         c.attr("dimRoundingMode"));
        return {as_given(y, c[0], 4)};
    },
    .doc = "The transposed convolution of images [batch, height, width, in] with a filter [height, width, "
           "out, in]: the image "
           "of outputShape to whose convolution's gradient x would be.",
});

[[maybe_unused]] const Op& separable_op = define({
    .name = "separableConv2d",
    .inputs = {{"x", Accept::real}, {"depthwiseFilter", Accept::real}, {"pointwiseFilter", Accept::real}},
    .attrs = {strides_attr(),
              pad_attr(),
              {"dilation", AttrType::ints, Ints{1, 1}, true},
              {"dataFormat", AttrType::string, std::string("NHWC"), true, {"NHWC", "NCHW"}}},
    .promote = true,
    .no_grad = kComposed,
    .decompose = [](const Call& c) -> Tensors {
        if (c.string("dataFormat") == "NCHW")
            value_error("separableConv2d currently does not support dataFormat NCHW; only NHWC is supported");
        const Tensor x = batched("separableConv2d", c[0], 4);
        check_rank("separableConv2d", "depthwise filter", c[1], 4);
        check_rank("separableConv2d", "pointwise filter", c[2], 4);
        const Shape &depthwise = c[1].shape(), &pointwise = c[2].shape();
        for (const int i : {0, 1})
            if (pointwise[i] != 1)
                value_error("Error in separableConv2d: the ", i ? "second" : "first",
                            " dimension of pointwise filter must be 1, but got ", pointwise[i], ".");
        if (pointwise[2] != depthwise[2] * depthwise[3])
            value_error("Error in separableConv2d: the third dimension of pointwise filter must be ",
                        depthwise[2] * depthwise[3], ", but got ", pointwise[2], ".");
        static const Op& depthwise_op = *find_op("depthwiseConv2d");
        const Tensor y = call1(depthwise_op, {x, c[1]},
                               {c.attr("strides"), c.attr("pad"), std::string("NHWC"), c.attr("dilation")});
        return {as_given(conv2d(y, c[2], {1, 1}, std::string("valid")), c[0], 4)};
    },
    .doc = "A depthwise convolution with depthwiseFilter [height, width, in, multiplier], then one with "
           "pointwiseFilter "
           "[1, 1, in * multiplier, out].",
});

// ---- volumes -----------------------------------------------------------------------------------------------

AttrSpec volume_pad_attr() { return {"pad", AttrType::string, NotGiven{}, false, {"valid", "same"}}; }

// Plane k of a filter [depth, height, width, ...].
Tensor plane(const Tensor& filter, int64_t k) {
    const Shape& f = filter.shape();
    return reshape(slice(filter, {k, 0, 0, 0, 0}, {1, f[1], f[2], f[3], f[4]}), {f[1], f[2], f[3], f[4]});
}

// Volumes [b, d, ...] as images [b * d, ...], and back.
Tensor as_images(const Tensor& x) {
    const Shape& s = x.shape();
    return reshape(x, {s[0] * s[1], s[2], s[3], s[4]});
}
Tensor as_volumes(const Tensor& y, int64_t batch, int64_t depth) {
    const Shape& s = y.shape();
    return reshape(y, {batch, depth, s[1], s[2], s[3]});
}

// For each depth of the window the images that lie there are convolved with a plane of the filter.
[[maybe_unused]] const Op& conv3d_op = define({
    .name = "conv3d",
    .inputs = {{"x", Accept::real}, {"filter", Accept::real}},
    .attrs = {strides_attr(),
              volume_pad_attr(),
              {"dataFormat", AttrType::string, std::string("NDHWC"), true, {"NDHWC", "NCDHW"}},
              {"dilations", AttrType::ints, Ints{1, 1, 1}, true}},
    .promote = true,
    .no_grad = kComposed,
    .decompose = [](const Call& c) -> Tensors {
        const Tensor x = batched("conv3d", c[0], 5);
        check_rank("conv3d", "filter", c[1], 5);
        check_depth("conv3d", x.shape()[4], c[1].shape()[3]);
        const Ints strides = three("conv3d", "strides", c.ints("strides")),
                   dilations = three("conv3d", "dilations", c.ints("dilations"));
        const Ints ones(3, 1);
        if (strides != ones && dilations != ones)
            value_error("Error in conv3D: Either strides or dilations must be 1. Got strides ",
                        listed(strides), " and dilations '", listed(dilations), "'");
        if (c.string("dataFormat") != "NDHWC")
            value_error("Error in conv3d: got dataFormat of ", c.string("dataFormat"),
                        " but only NDHWC is currently supported.");
        const Depth d = depth_shape("conv3d", x.shape()[1], c[1].shape()[0], strides[0], c.attr("pad"),
                                    None{}, dilations[0]);
        const Tensor padded = pad_depth(x, d, 0);
        Tensor total;
        for (int64_t k = 0; k < d.window; ++k) {
            const Tensor part = conv2d(as_images(read_tap(padded, d, k)), plane(c[1], k),
                                       {strides[1], strides[2]}, c.attr("pad"), {dilations[1], dilations[2]});
            total = total ? add(total, part) : part;
        }
        return {as_given(as_volumes(total, x.shape()[0], d.out), c[0], 5)};
    },
    .method = false,
    .doc = "The convolution of volumes [batch, depth, height, width, in] with a filter [depth, height, "
           "width, in, out]; rank 4 "
           "is a batch of one.",
});

[[maybe_unused]] const Op& conv3d_transpose_op = define({
    .name = "conv3dTranspose",
    .inputs = {{"x", Accept::real}, {"filter", Accept::real}},
    .attrs = {{"outputShape", AttrType::ints}, strides_attr(), volume_pad_attr()},
    .promote = true,
    .no_grad = kComposed,
    .decompose = [](const Call& c) -> Tensors {
        const Tensor x = batched("conv3dTranspose", c[0], 5);
        check_rank("conv3dTranspose", "filter", c[1], 5);
        Ints shape = c.ints("outputShape");
        if (static_cast<int>(shape.size()) != c[0].rank())
            value_error("Error in conv3dTranspose: Length of outputShape (", shape.size(),
                        ") must match the rank of x (", c[0].rank(), ")");
        if (shape.size() == 4) shape.insert(shape.begin(), 1);
        const Shape &s = x.shape(), &f = c[1].shape();
        if (shape[4] != f[3])
            value_error("Error in conv3dTranspose: depth of output (", shape[4],
                        ") must match output depth for filter ", f[3], ".");
        check_depth("conv3dTranspose", s[4], f[4]);
        const Ints strides = three("conv3dTranspose", "strides", c.ints("strides"));
        const Depth d = depth_shape("conv3dTranspose", shape[1], f[0], strides[0], c.attr("pad"));
        if (shape[0] != s[0] || d.out != s[1])
            value_error("Error in conv3dTranspose: x of batch ", s[0], " and depth ", s[1],
                        " does not belong to an output of batch ", shape[0], " and depth ", shape[1], ".");
        const Shape whole{shape[0], d.padded(), shape[2], shape[3], shape[4]};
        Tensor total;
        for (int64_t k = 0; k < d.window; ++k) {
            const Tensor images = conv2d_by_input(as_images(x), plane(c[1], k), {shape[2], shape[3]},
                                                  {strides[1], strides[2]}, c.attr("pad"));
            const Tensor part = strided_write(as_volumes(images, s[0], s[1]), {0, d.tap(k), 0, 0, 0},
                                              {1, d.stride, 1, 1, 1}, whole);
            total = total ? add(total, part) : part;
        }
        const Tensor y = slice(total, {0, d.before, 0, 0, 0}, shape);
        return {as_given(y, c[0], 5)};
    },
    .method = false,
    .doc = "The transposed convolution of volumes [batch, depth, height, width, in] with a filter [depth, "
           "height, width, out, "
           "in], of the given output shape.",
});

}  // namespace

}  // namespace lamina
