// Pools that are made of others: with dilations, over volumes, with indices; and morphological dilation.
#include <algorithm>
#include <limits>

#include "ops/conv_shape.h"
#include "ops/functions.h"
#include "ops/integer_math.h"
#include "ops/kernel_use.h"
#include "ops/strided_slice.h"
#include "ops/windows.h"

namespace lamina {

namespace {

const char* const kComposed = "made of differentiable ops";

Tensor pool2d(const char* name, const Tensor& x, const Ints& size, const Ints& strides, const Attr& pad,
              const Attr& rounding) {
    return call1(*find_op(name), {x}, {size, strides, pad, rounding, Ints{1, 1}, std::string("NHWC")});
}

Ints two(const Ints& values) { return values.size() == 1 ? Ints(2, values[0]) : values; }

// ---- pool --------------------------------------------------------------------------------------------------

// Dilated windows over x are plain ones over every n-th element; space moves into the batch for that, as in
// TensorFlow.js, where padding for 'same' then counts as zeros.
[[maybe_unused]] const Op& pool_op = define({
    .name = "pool",
    .inputs = {{"input", Accept::real}},
    .attrs = {{"windowShape", AttrType::ints},
              {"poolingType", AttrType::string, NotGiven{}, false, {"avg", "max"}},
              pad_attr(),
              {"dilations", AttrType::ints, Ints{1, 1}, true},
              {"strides", AttrType::ints, Ints{1, 1}, true},
              rounding_attr()},
    .no_grad = kComposed,
    .decompose = [](const Call& c) -> Tensors {
        const Tensor x = to_nhwc(c[0], (nhwc_shape("pool", c[0].shape(), false), false));
        const Ints window = two(c.ints("windowShape")), dilations = two(c.ints("dilations")),
                   strides = two(c.ints("strides"));
        const Attr* pad = &c.attr("pad");
        const auto* name = std::get_if<std::string>(pad);
        window_shape("pool", x.shape(), window, strides, *pad, None{}, dilations);
        const char* kind = c.string("poolingType") == "avg" ? "avgPool" : "maxPool";
        if (dilations == Ints{1, 1})
            return {from_nhwc(pool2d(kind, x, window, strides, *pad, c.attr("dimRoundingMode")), c[0].rank(),
                              false)};
        Ints paddings, crops;
        for (int i = 0; i < 2; ++i) {
            const auto k = static_cast<size_t>(i);
            const int64_t extra = name && *name == "same" ? (window[k] - 1) * dilations[k] : 0;
            const int64_t full = x.shape()[i + 1] + extra,
                          fill = (dilations[k] - full % dilations[k]) % dilations[k];
            paddings.insert(paddings.end(), {extra / 2, extra - extra / 2 + fill});
            crops.insert(crops.end(), {0, fill});
        }
        const Tensor spread = call1(*find_op("spaceToBatchND"), {x}, {dilations, paddings});
        const Tensor y =
            pool2d(kind, spread, window, strides, std::string("valid"), c.attr("dimRoundingMode"));
        return {from_nhwc(call1(*find_op("batchToSpaceND"), {y}, {dilations, crops}), c[0].rank(), false)};
    },
    .doc =
        "Max or average pooling of images [batch, height, width, channels], with dilated windows on demand.",
});

// ---- over volumes ------------------------------------------------------------------------------------------

struct Volume {
    Tensor x;
    Ints size, strides;
    Depth depth;
};

Volume volume_of(const Call& c) {
    const char* label = c.op.name;
    if (c[0].rank() != 4 && c[0].rank() != 5)
        value_error("Error in ", label, ": x must be rank 5 but got rank ", c[0].rank(), ".");
    if (c.string("dataFormat") != "NDHWC")
        value_error("Error in ", label, ": Only NDHWC is currently supported, but got dataFormat of ",
                    c.string("dataFormat"));
    Volume v{c[0].rank() == 5 ? c[0] : reshape(c[0], c[0].shape().inserted(0, 1)),
             three(label, "filterSize", c.ints("filterSize")),
             three(label, "strides", c.ints("strides")),
             {}};
    v.depth =
        depth_shape(label, v.x.shape()[1], v.size[0], v.strides[0], c.attr("pad"), c.attr("dimRoundingMode"));
    return v;
}

// Each image pooled; then the windows along the depth.
Tensor pooled_images(const char* kind, const Call& c, const Volume& v) {
    const Shape& s = v.x.shape();
    const Tensor y = pool2d(kind, reshape(v.x, {s[0] * s[1], s[2], s[3], s[4]}), {v.size[1], v.size[2]},
                            {v.strides[1], v.strides[2]}, c.attr("pad"), c.attr("dimRoundingMode"));
    return reshape(y, {s[0], s[1], y.shape()[1], y.shape()[2], y.shape()[3]});
}

Tensor as_given(const Tensor& y, const Call& c) {
    return c[0].rank() == 5 ? y : reshape(y, y.shape().without(0));
}

std::vector<AttrSpec> volume_attrs(Attr size) {
    return {{"filterSize", AttrType::ints, std::move(size), true},
            strides_attr(),
            pad_attr(),
            rounding_attr(),
            {"dataFormat", AttrType::string, std::string("NDHWC"), true, {"NDHWC", "NCDHW"}}};
}

[[maybe_unused]] const Op& max_pool3d_op = define({
    .name = "maxPool3d",
    .inputs = {{"x", Accept::numeric}},
    .attrs = volume_attrs(Ints{1, 1, 1}),
    .no_grad = kComposed,
    .decompose = [](const Call& c) -> Tensors {
        const Volume v = volume_of(c);
        const double lowest =
            is_real(c[0].dtype()) ? -std::numeric_limits<double>::infinity() : -2147483648.0;
        const Tensor padded = pad_depth(pooled_images("maxPool", c, v), v.depth, lowest);
        Tensor top = read_tap(padded, v.depth, 0);
        for (int64_t k = 1; k < v.depth.window; ++k) top = maximum(top, read_tap(padded, v.depth, k));
        return {as_given(top, c)};
    },
    .method = false,
    .doc = "The largest value of each window of volumes [batch, depth, height, width, channels]; padding "
           "does not count.",
});

// The means of windows in each image are NaN over nothing but padding, and 0 in volumes.
Tensor without_empty_windows(const Tensor& means, const Call& c, const Volume& v) {
    const Shape& s = v.x.shape();
    const PoolShape p = window_shape("avgPool3d", {s[0] * s[1], s[2], s[3], s[4]}, {v.size[1], v.size[2]},
                                     {v.strides[1], v.strides[2]}, c.attr("pad"), c.attr("dimRoundingMode"));
    const auto holds = [](int64_t at, int64_t window, int64_t size) { return at + window > 0 && at < size; };
    Tensor full = Tensor::empty(DType::boolean, {1, 1, p.out_h, p.out_w, 1}, "avgPool3d");
    auto* flags = full.mutable_data<uint8_t>();
    bool all = true;
    for (int64_t i = 0; i < p.out_h * p.out_w; ++i) {
        flags[i] = holds(i / p.out_w * p.stride_h - p.pad_top, p.k_h, p.in_h) &&
                   holds(i % p.out_w * p.stride_w - p.pad_left, p.k_w, p.in_w);
        all &= flags[i] != 0;
    }
    return all ? means : where(full, means, Tensor::number(0, means.dtype()));
}

[[maybe_unused]] const Op& avg_pool3d_op = define({
    .name = "avgPool3d",
    .inputs = {{"x", Accept::real}},
    .attrs = volume_attrs(NotGiven{}),
    .no_grad = kComposed,
    .decompose = [](const Call& c) -> Tensors {
        const Volume v = volume_of(c);
        const Depth& d = v.depth;
        const Tensor padded = pad_depth(without_empty_windows(pooled_images("avgPool", c, v), c, v), d, 0);
        Tensor total = read_tap(padded, d, 0);
        for (int64_t k = 1; k < d.window; ++k) total = add(total, read_tap(padded, d, k));
        // Padding does not count: each depth has a divisor of its own.
        Tensor count = Tensor::empty(DType::int32, {d.out, 1, 1, 1}, "avgPool3d");
        for (int64_t i = 0; i < d.out; ++i) {
            int64_t n = 0;
            for (int64_t k = 0; k < d.window; ++k) {
                const int64_t at = i * d.stride + d.tap(k) - d.before;
                n += at >= 0 && at < d.in;
            }
            count.mutable_data<int32_t>()[i] = static_cast<int32_t>(std::max<int64_t>(n, 1));
        }
        return {as_given(div(total, cast(count, total.dtype())), c)};
    },
    .method = false,
    .doc =
        "The mean of each window of volumes [batch, depth, height, width, channels]; padding does not count.",
});

// ---- with indices ------------------------------------------------------------------------------------------

PoolShape argmax_shape(const Call& c) {
    if (c[0].rank() != 4)
        value_error("Error in maxPoolWithArgmax: x must be rank 4 but got rank ", c[0].rank(), ".");
    return window_shape("maxPoolWithArgmax", c[0].shape(), c.ints("filterSize"), c.ints("strides"),
                        c.attr("pad"));
}

template <class T>
void run_argmax(const PoolShape& s, const Tensor& x, bool with_batch, Tensors& out) {
    T* values = out[0].mutable_data<T>();
    auto* indices = out[1].mutable_data<int32_t>();
    for (int64_t b = 0; b < s.batch; ++b)
        for (int64_t oy = 0; oy < s.out_h; ++oy)
            for (int64_t ox = 0; ox < s.out_w; ++ox)
                for (int64_t c = 0; c < s.channels; ++c) {
                    T top = -std::numeric_limits<T>::infinity();
                    int64_t place = -1;
                    for (int64_t ky = 0; ky < s.k_h; ++ky)
                        for (int64_t kx = 0; kx < s.k_w; ++kx) {
                            const int64_t iy = oy * s.stride_h - s.pad_top + ky,
                                          ix = ox * s.stride_w - s.pad_left + kx;
                            if (iy < 0 || iy >= s.in_h || ix < 0 || ix >= s.in_w) continue;
                            const int64_t at = (iy * s.in_w + ix) * s.channels + c;
                            const T value = x.data<T>()[b * s.in_h * s.in_w * s.channels + at];
                            // NaN is passed over, as by maxPool, where there is anything else.
                            if (place < 0 || value > top || (top != top && value == value)) {
                                top = value;
                                place = at;
                            }
                        }
                    *values++ = top;
                    *indices++ = static_cast<int32_t>(
                        place + (with_batch && place >= 0 ? b * s.in_h * s.in_w * s.channels : 0));
                }
}

[[maybe_unused]] const Op& argmax_op = define({
    .name = "maxPoolWithArgmax",
    .inputs = {{"x", Accept::real}},
    .attrs = {{"filterSize", AttrType::ints},
              strides_attr(),
              pad_attr(),
              {"includeBatchInIndex", AttrType::boolean, false, true}},
    .outputs = {"result", "indexes"},
    .infer = [](const Call& c) -> Specs {
        const PoolShape s = argmax_shape(c);
        const Shape y{s.batch, s.out_h, s.out_w, s.channels};
        check_positions(c.op.name,
                        (c.flag("includeBatchInIndex") ? s.batch : 1) * s.in_h * s.in_w * s.channels);
        return {{c[0].dtype(), y}, {DType::int32, y}};
    },
    .run =
        [](const Call& c, Tensors& out) {
            visit_real(c[0].dtype(), [&]<class T>() {
                run_argmax<T>(argmax_shape(c), c[0], c.flag("includeBatchInIndex"), out);
            });
        },
    .grad = [](const Gradient& g) -> Tensors {
        const Shape& x = g.shape(0);
        const int64_t n = g.y(1).size(), image = x.product(1, 4);
        if (n == 0) return {zeros(x, g.dy().dtype())};
        Tensor at = g.y(1);
        if (!g.call().flag("includeBatchInIndex")) {
            check_positions("the gradient of maxPoolWithArgmax", x.size());
            Tensor base = Tensor::empty(DType::int32, Shape{x[0], 1, 1, 1}, "maxPoolWithArgmax");
            for (int64_t b = 0; b < x[0]; ++b)
                base.mutable_data<int32_t>()[b] = static_cast<int32_t>(b * image);
            at = add(at, base);
        }
        return {reshape(scatter_add(reshape(g.dy(), Shape{n, 1}), reshape(at, Shape{n}), x.size()), x)};
    },
    .saves = {.outputs = {1}},
    .method = false,
    .doc = "The largest value of each window of images [batch, height, width, channels], and where it "
           "stands: its place in its "
           "image seen flat, or in the whole batch with includeBatchInIndex. Padding does not count.",
});

// ---- dilation2d --------------------------------------------------------------------------------------------

[[maybe_unused]] const Op& dilation2d_op = define({
    .name = "dilation2d",
    .inputs = {{"x", Accept::real}, {"filter", Accept::real}},
    .attrs = {strides_attr(),
              {"pad", AttrType::string, NotGiven{}, false, {"valid", "same"}},
              dilations_attr(),
              {"dataFormat", AttrType::string, std::string("NHWC"), true, {"NHWC"}}},
    .promote = true,
    .no_grad = kComposed,
    .decompose = [](const Call& c) -> Tensors {
        if (c[0].rank() != 3 && c[0].rank() != 4)
            value_error("Error in dilation2d: input must be rank 3 or 4, but got rank ", c[0].rank(), ".");
        if (c[1].rank() != 3)
            value_error("Error in dilation2d: filter must be rank 3, but got rank ", c[1].rank(), ".");
        const Tensor x = to_nhwc(c[0], false);
        const Shape &s = x.shape(), &f = c[1].shape();
        if (s[3] != f[2])
            value_error("Error in dilation2d:  input and filter must have the same depth: ", s[3], " vs ",
                        f[2]);
        const Ints strides = two(c.ints("strides")), dilations = two(c.ints("dilations"));
        if (dilations.size() != 2 || dilations[0] < 1 || dilations[1] < 1)
            value_error("Error in dilation2d: dilations must be two positive numbers.");
        const Size reach_h = Size(f[0] - 1) * dilations[0] + 1, reach_w = Size(f[1] - 1) * dilations[1] + 1;
        const PoolShape p = window_shape("dilation2d", s, {reach_h, reach_w}, strides, c.attr("pad"));
        const auto behind = [](int64_t out, int64_t stride, int64_t reach, int64_t in, int64_t before) {
            return std::max<int64_t>(0, (out - 1) * stride + reach - in - before);
        };
        const Ints paddings{0,          0,
                            p.pad_top,  behind(p.out_h, p.stride_h, reach_h, s[1], p.pad_top),
                            p.pad_left, behind(p.out_w, p.stride_w, reach_w, s[2], p.pad_left),
                            0,          0};
        const bool pads = std::any_of(paddings.begin(), paddings.end(), [](int64_t n) { return n > 0; });
        const Tensor padded = pads ? pad(x, paddings, -std::numeric_limits<double>::infinity()) : x;
        Tensor top;
        for (int64_t i = 0; i < f[0]; ++i)
            for (int64_t j = 0; j < f[1]; ++j) {
                const Tensor seen =
                    strided_read(padded, {0, i * dilations[0], j * dilations[1], 0},
                                 {1, p.stride_h, p.stride_w, 1}, {s[0], p.out_h, p.out_w, s[3]});
                const Tensor raised = add(seen, reshape(slice(c[1], {i, j, 0}, {1, 1, f[2]}), {f[2]}));
                top = top ? maximum(top, raised) : raised;
            }
        return {from_nhwc(top, c[0].rank(), false)};
    },
    .doc = "Grayscale dilation: the largest sum of an element of x and one of the filter [height, width, "
           "channels] over each "
           "window. In a tie the first gets the gradient.",
});

}  // namespace

}  // namespace lamina
