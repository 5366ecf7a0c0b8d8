#include "ops/conv_shape.h"

#include <cmath>
#include <cstring>
#include <sstream>

#include "ops/functions.h"

namespace lamina {

namespace {

std::string joined(const Ints& values) {
    std::ostringstream out;
    for (size_t i = 0; i < values.size(); ++i) out << (i ? "," : "") << values[i];
    return out.str();
}

struct Pair {
    int64_t h, w;
    bool is_one() const { return h == 1 && w == 1; }
};

Pair pair_of(const char* label, const char* what, const Ints& values) {
    if (values.size() == 1) return {values[0], values[0]};
    if (values.size() == 2) return {values[0], values[1]};
    value_error("Error in ", label, ": ", what, " must be a number or a pair of numbers, but got [",
                joined(values), "].");
}

// Where the window starts along one dimension and how often it fits.
struct Extent {
    int64_t out, before;
};

struct Side {
    Size in, window, stride;  // window: as far as the dilated filter reaches
};

Extent same_extent(const Side& s) {
    const Size out = (s.in + s.stride - 1) / s.stride;
    const int64_t total = std::max<int64_t>(0, (out - 1) * s.stride + s.window - s.in);
    return {out, total / 2};
}

// mode: null where none is given.
int64_t rounded(double value, const std::string* mode) {
    if (std::abs(value) > 0x1p53) throw SizeError(text("a size of ", value, " is too large."));
    if (!mode) return static_cast<int64_t>(std::trunc(value));
    if (*mode == "round") return static_cast<int64_t>(std::floor(value + 0.5));
    if (*mode == "ceil") return static_cast<int64_t>(std::ceil(value));
    return static_cast<int64_t>(std::floor(value));
}

Extent padded_extent(const Side& s, int64_t before, int64_t after, const std::string* mode) {
    const double steps = static_cast<double>(int64_t{s.in - s.window + before + after}) /
                         static_cast<double>(int64_t{s.stride});
    return {rounded(steps + 1, mode), before};
}

Extent valid_extent(const Side& s) {
    const double places = static_cast<double>(int64_t{s.in - s.window + 1});
    return {static_cast<int64_t>(std::ceil(places / static_cast<double>(int64_t{s.stride}))), 0};
}

// The eight numbers of explicit padding in NHWC order.
Ints explicit_padding(const char* label, const Ints& pad, bool first) {
    if (pad.size() != 8)
        value_error("Error in ", label,
                    ": explicit padding is four pairs, one for each dimension of x, but got ", pad.size(),
                    " numbers.");
    if (!first) return pad;
    return {pad[0], pad[1], pad[4], pad[5], pad[6], pad[7], pad[2], pad[3]};
}

Attr nhwc_padding(const Call& c) {
    const Attr& pad = c.attr("pad");
    const Ints* pairs = std::get_if<Ints>(&pad);
    if (!pairs || pairs->size() == 1) return pad;
    return explicit_padding(c.op.name, *pairs, channels_first(c));
}

struct Plan {
    Extent h, w;
};

Plan plan_of(const Call& c, const char* label, const Side& h, const Side& w) {
    const Attr& rounding = c.attr("dimRoundingMode");
    const std::string* mode = std::get_if<std::string>(&rounding);
    // A name, as nearly always, is not copied: Programs come here in each run.
    const Attr& given = c.attr("pad");
    if (const auto* name = std::get_if<std::string>(&given)) {
        if (mode)
            value_error("Error in ", label, ": pad must be an integer when using dimRoundingMode ", *mode,
                        " but got pad ", *name, ".");
        if (*name == "same") return {same_extent(h), same_extent(w)};
        if (*name == "valid") return {valid_extent(h), valid_extent(w)};
        value_error("Unknown padding parameter: ", *name);
    }
    const Attr pad = nhwc_padding(c);
    int64_t sides[4];
    if (const auto* pairs = std::get_if<Ints>(&pad)) {
        for (size_t i = 0; i < 4; ++i) sides[i] = pairs->size() == 8 ? (*pairs)[2 + i] : (*pairs)[0];
    } else if (const auto* one = std::get_if<int64_t>(&pad)) {
        for (int64_t& side : sides) side = *one;
    } else if (const auto* real = std::get_if<double>(&pad); real && *real == std::trunc(*real)) {
        for (int64_t& side : sides) side = static_cast<int64_t>(*real);
    } else {
        value_error("Error in ", label, ": Unknown padding parameter");
    }
    for (const int64_t side : sides)
        if (side < 0) value_error("Error in ", label, ": padding must not be negative, but got ", side, ".");
    return {padded_extent(h, sides[0], sides[1], mode), padded_extent(w, sides[2], sides[3], mode)};
}

// TensorFlow.js writes conv2D here.
void check_steps(std::string_view label, Pair strides, Pair dilations, const Call& c) {
    if (label == "conv2d") label = "conv2D";
    if (!strides.is_one() && !dilations.is_one())
        value_error("Error in ", label, ": Either strides or dilations must be 1. Got strides ",
                    joined(c.ints("strides")), " and dilations '", joined(c.ints("dilations")), "'");
    if (dilations.h <= 0 || dilations.w <= 0)
        value_error("Error in ", label, ": Dilated rates should be larger than 0.");
    if (strides.h <= 0 || strides.w <= 0)
        value_error("Error in ", label, ": Strides should be larger than 0.");
}

// Kernels lay padded rows out: what lies beyond the input takes memory, for which a size alone must not ask.
void check_reach(const char* label, const Side& side, const Extent& extent, int64_t channels) {
    constexpr int64_t kMostElements = int64_t{1} << 26;
    const int64_t beyond = std::max({int64_t{side.window - side.in}, extent.before, int64_t{0}});
    if (beyond > kMostElements / std::max<int64_t>(1, channels))
        value_error("Error in ", label, ": a window of ", side.window, " reaches too far beyond an input of ",
                    side.in, ".");
}

// (window - 1) * dilation + 1
int64_t dilated(const char* label, int64_t window, int64_t dilation) {
    const Size size = Size(window - 1) * dilation;
    if (size > (int64_t{1} << 48))
        value_error("Error in ", label, ": a window of ", window, " with dilation ", dilation,
                    " is too large.");
    return size + 1;
}

// conv_shape and pool_shape: all but the channels.
PoolShape slide(const Call& c, const char* label, const Shape& x, Pair window) {
    const Pair strides = pair_of(label, "strides", c.ints("strides"));
    const Pair dilations = pair_of(label, "dilations", c.ints("dilations"));
    check_steps(label, strides, dilations, c);
    const Side h{x[1], dilated(label, window.h, dilations.h), strides.h};
    const Side w{x[2], dilated(label, window.w, dilations.w), strides.w};
    const Plan plan = plan_of(c, label, h, w);
    check_reach(label, h, plan.h, x[3]);
    check_reach(label, w, plan.w, x[3]);
    if (plan.h.out < 0 || plan.w.out < 0)
        value_error("Error in ", label, ": a window of [", h.window, ",", w.window,
                    "] does not fit into an input of [", h.in, ",", w.in, "] with this padding.");
    return {x[0],     x[1],      x[2],      x[3],        plan.h.out,  plan.w.out,    window.h,
            window.w, strides.h, strides.w, dilations.h, dilations.w, plan.h.before, plan.w.before};
}

}  // namespace

// ---- attributes --------------------------------------------------------------------------------------------

AttrSpec strides_attr() { return {"strides", AttrType::ints}; }
AttrSpec pad_attr() { return {"pad", AttrType::padding}; }
AttrSpec dilations_attr() { return {"dilations", AttrType::ints, Ints{1, 1}, true}; }
AttrSpec rounding_attr() {
    return {"dimRoundingMode", AttrType::string, None{}, true, {"ceil", "round", "floor"}};
}
AttrSpec data_format_attr() {
    return {"dataFormat", AttrType::string, std::string("NHWC"), true, {"NHWC", "NCHW"}};
}

std::vector<AttrSpec> internal_window_attrs() {
    return {{"size", AttrType::ints}, strides_attr(), pad_attr(), dilations_attr(), rounding_attr()};
}

Attrs window_attrs(const Call& c, int64_t height, int64_t width) {
    return {Ints{height, width}, c.attr("strides"), nhwc_padding(c), c.attr("dilations"),
            c.attr("dimRoundingMode")};
}

bool channels_first(const Call& c) {
    for (size_t i = 0; i < c.op.attrs.size(); ++i)
        if (std::strcmp(c.op.attrs[i].name, "dataFormat") == 0)
            return std::get<std::string>(c.attrs[i]) == "NCHW";
    return false;
}

// ---- data formats ------------------------------------------------------------------------------------------

Shape nhwc_shape(const char* op, const Shape& x, bool first) {
    if (x.rank() != 3 && x.rank() != 4)
        value_error("Error in ", op, ": input must be rank 4, but got rank ", x.rank(), ".");
    const Shape s = x.rank() == 4 ? x : x.inserted(0, 1);
    return first ? Shape{s[0], s[2], s[3], s[1]} : s;
}

Shape caller_shape(const Shape& y, int rank, bool first) {
    const Shape s = first ? Shape{y[0], y[3], y[1], y[2]} : y;
    return rank == 4 ? s : s.without(0);
}

Tensor to_nhwc(const Tensor& x, bool first) {
    const Tensor batched = x.rank() == 4 ? x : reshape(x, x.shape().inserted(0, 1));
    return first ? transpose(batched, {0, 2, 3, 1}) : batched;
}

Tensor from_nhwc(const Tensor& y, int rank, bool first) {
    const Tensor image = first ? transpose(y, {0, 3, 1, 2}) : y;
    return rank == 4 ? image : reshape(image, image.shape().without(0));
}

// ---- shapes ------------------------------------------------------------------------------------------------

ConvShape conv_shape(const Call& c, const char* label, const Shape& x, const Shape& filter, bool depthwise) {
    if (filter.rank() != 4)
        value_error("Error in ", label, ": filter must be rank 4, but got rank ", filter.rank(), ".");
    if (x[3] != filter[2]) {
        if (depthwise)
            value_error("Error in ", label, ": number of input channels (", x[3],
                        ") must match the inChannels dimension in filter ", filter[2], ".");
        value_error("Error in ", label, ": depth of input (", x[3], ") must match input depth for filter ",
                    filter[2], ".");
    }
    const PoolShape p = slide(c, label, x, {filter[0], filter[1]});
    return {p.batch,
            p.in_h,
            p.in_w,
            x[3],
            p.out_h,
            p.out_w,
            depthwise ? x[3] * filter[3] : filter[3],
            p.k_h,
            p.k_w,
            p.stride_h,
            p.stride_w,
            p.dilation_h,
            p.dilation_w,
            p.pad_top,
            p.pad_left};
}

PoolShape pool_shape(const Call& c, const char* label, const Shape& x, const Ints& filter_size) {
    const Pair window = pair_of(label, "filterSize", filter_size);
    if (window.h <= 0 || window.w <= 0)
        value_error("Error in ", label, ": filterSize should be larger than 0, but got ", joined(filter_size),
                    ".");
    return slide(c, label, x, window);
}

PoolShape pool_shape(const Call& c, const char* label, const Shape& x) {
    return pool_shape(c, label, x, c.ints("filterSize"));
}

bool can_keep_largest(const ConvShape& conv, const PoolShape& pool) {
    constexpr int64_t most_taps = 64, most_pixels = 256;
    const bool beside = pool.k_h == pool.stride_h && pool.k_w == pool.stride_w && pool.dilation_h == 1 &&
                        pool.dilation_w == 1 && pool.pad_top == 0 && pool.pad_left == 0 &&
                        pool.out_h * pool.k_h <= pool.in_h && pool.out_w * pool.k_w <= pool.in_w;
    const int64_t taps = pool.k_h * pool.k_w, filter = conv.k_h * conv.k_w;
    return beside && taps > 1 && taps <= most_taps && filter > 1 && conv.in_c > 0 &&
           conv.out_h <= most_pixels && conv.out_w <= most_pixels;
}

}  // namespace lamina
