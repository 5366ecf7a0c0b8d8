// Images turned and projected: each output pixel is looked up where a map says.
#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/functions.h"
#include "ops/integer_math.h"
#include "ops/kernel_use.h"
#include "ops/sampling.h"

namespace lamina {

namespace {

// ---- coordinates beyond the edge ---------------------------------------------------------------------------

struct Mapped {
    double at, slope;
};

Mapped clamped(double at, double slope, int64_t size) {
    const auto last = static_cast<double>(size - 1);
    if (at < 0) return {0, 0};
    if (at > last) return {last, 0};
    return {at, slope};
}

// The edge pixels are repeated: ... b a | a b c | c b ...
Mapped reflected(double at, int64_t size) {
    if (at >= 0 && at <= static_cast<double>(size - 1)) return {at, 1};
    if (size <= 1) return {0, 0};
    const auto n = static_cast<double>(size), period = 2 * n;
    double slope = 1;
    if (at < 0) {
        at += period * std::trunc(-at / period);
        if (at < -n) {
            at += period;
        } else {
            at = -at - 1;
            slope = -1;
        }
    } else {
        at -= period * std::trunc(at / period);
        if (at >= n) {
            at = period - at - 1;
            slope = -1;
        }
    }
    return clamped(at, slope, size);
}

Mapped wrapped(double at, int64_t size) {
    const auto n = static_cast<double>(size), last = n - 1;
    if (at >= 0 && at <= last) return {at, 1};
    if (size <= 1) return {0, 0};
    if (at < 0)
        at += n * (std::trunc(-at / last) + 1);
    else
        at -= n * std::trunc(at / last);
    return clamped(at, 1, size);
}

Mapped map_coordinate(double at, int64_t size, const std::string& mode) {
    if (mode == "reflect") return reflected(at, size);
    if (mode == "wrap") return wrapped(at, size);
    if (mode == "nearest") return clamped(at, 1, size);
    return {at, 1};
}

// ---- projections -------------------------------------------------------------------------------------------

constexpr const char *kImage = "imageSize", *kOutput = "outputSize", *kMode = "fillMode";
const std::vector<const char*> kModes{"constant", "reflect", "wrap", "nearest"};

// Calls f(image, y, x) with the place in the image that each output pixel comes from; without one where the
// projection has none.
template <class F>
void each_point(const Call& c, int64_t batch, F f) {
    const Ints &image = c.ints(kImage), &output = c.ints(kOutput);
    const std::string& mode = c.string(kMode);
    visit_real(c[0].dtype(), [&]<class T>() {
        for (int64_t b = 0; b < batch; ++b) {
            const T* t = c[0].data<T>() + (c[0].shape()[0] == 1 ? 0 : b * 8);
            for (int64_t i = 0; i < output[0]; ++i)
                for (int64_t j = 0; j < output[1]; ++j) {
                    const auto y = static_cast<double>(i), x = static_cast<double>(j);
                    const double k = t[6] * x + t[7] * y + 1;
                    if (k == 0) {
                        f(b, Mapped{NAN, 0}, Mapped{NAN, 0});
                        continue;
                    }
                    f(b, map_coordinate((t[3] * x + t[4] * y + t[5]) / k, image[0], mode),
                      map_coordinate((t[0] * x + t[1] * y + t[2]) / k, image[1], mode));
                }
        }
    });
}

void check_projection(const Call& c) {
    if (c[0].rank() != 2 || c[0].shape()[1] != 8 || c.ints(kImage).size() != 2 || c.ints(kOutput).size() != 2)
        value_error(c.op.name, ": transforms must be [n, 8], got [", c[0].shape(),
                    "], sizes two numbers each.");
    for (const int64_t size : c.ints(kOutput))
        if (size < 0) value_error(c.op.name, ": sizes must not be negative, got ", size, ".");
    const int64_t n = c[0].shape()[0];
    if (n != 1 && n != c.integer("batch"))
        value_error(c.op.name, ": there are ", n, " transforms for ", c.integer("batch"), " images.");
}

int64_t points_of(const Call& c) { return c.size("batch") * c.ints(kOutput)[0] * c.ints(kOutput)[1]; }

// Of a bilinear transformation; the nearest one has no use for slopes.
const Op& corners_op = define({
    .name = "projectionCorners",
    .inputs = {{"transforms", Accept::real}},
    .attrs = {{kImage, AttrType::ints},
              {kOutput, AttrType::ints},
              {"batch", AttrType::integer},
              {kMode, AttrType::string, std::string("constant"), false, kModes},
              {"nearest", AttrType::boolean, false}},
    .outputs = {"corners", "slopes"},
    .infer = [](const Call& c) -> Specs {
        check_projection(c);
        const int64_t points = points_of(c);
        return {{DType::int32, c.flag("nearest") ? Shape{points} : Shape{points, 4}},
                {c[0].dtype(), Shape{points, 2}}};
    },
    .run =
        [](const Call& c, Tensors& out) {
            const Ints& image = c.ints(kImage);
            const int64_t batch = c.integer("batch");
            const bool nearest = c.flag("nearest");
            if (batch * image[0] * image[1] > std::numeric_limits<int32_t>::max())
                value_error("transform: there are more pixels than int32 can count.");
            auto* to = out[0].mutable_data<int32_t>();
            visit_real(c[0].dtype(), [&]<class T>() {
                T* slope = out[1].mutable_data<T>();
                each_point(c, batch, [&](int64_t b, Mapped y, Mapped x) {
                    const auto pixel = [&](double row, double column) {
                        // A NaN is outside.
                        const bool there = row >= 0 && row < static_cast<double>(image[0]) && column >= 0 &&
                                           column < static_cast<double>(image[1]);
                        return static_cast<int32_t>(there ? (b * image[0] + static_cast<int64_t>(row)) *
                                                                    image[1] +
                                                                static_cast<int64_t>(column)
                                                          : batch * image[0] * image[1]);
                    };
                    *slope++ = static_cast<T>(y.slope);
                    *slope++ = static_cast<T>(x.slope);
                    if (nearest) {
                        *to++ = pixel(std::floor(y.at + 0.5), std::floor(x.at + 0.5));
                        return;
                    }
                    const double top = std::floor(y.at), left = std::floor(x.at);
                    *to++ = pixel(top, left);
                    *to++ = pixel(top, left + 1);
                    *to++ = pixel(top + 1, left);
                    *to++ = pixel(top + 1, left + 1);
                });
            });
        },
    .no_grad = "its results are indices, and slopes that are constant between them",
    .method = false,
    .internal = true,
    .doc = "For each output pixel of a projection the pixels around the place that it comes from, [points, "
           "4], or "
           "the nearest, [points]; and the slopes of what fillMode makes of the place, [points, 2].",
});

Tensor grid(int64_t height, int64_t width, DType type, bool rows) {
    Tensor y = Tensor::empty(type, Shape{1, height * width}, "transform");
    visit_real(type, [&]<class T>() {
        for (int64_t i = 0; i < height * width; ++i)
            y.mutable_data<T>()[i] = static_cast<T>(rows ? i / width : i % width);
    });
    return y;
}

// With k = t6 x + t7 y + 1, the place is ((t3 x + t4 y + t5) / k, (t0 x + t1 y + t2) / k).
Tensors fractions_grad(const Gradient& g) {
    const Call c = g.call();
    const Ints& output = c.ints(kOutput);
    const Tensor &t = g.x(0), &slopes = g.x(1);
    const int64_t n = g.shape(0)[0], batch = c.integer("batch"), points = output[0] * output[1];
    const DType type = g.spec(0).dtype;
    const Tensor x = grid(output[0], output[1], type, false), y = grid(output[0], output[1], type, true);
    const auto entry = [&](int64_t i) { return slice(t, {0, i}, {n, 1}); };
    const Tensor k = add(add(mul(entry(6), x), mul(entry(7), y)), 1.0);
    const Tensor dy = reshape(mul(g.dy(), slopes), Shape{batch, points, 2});
    const auto part = [&](int64_t which) {
        const Tensor one = reshape(slice(dy, {0, 0, which}, {batch, points, 1}), Shape{batch, points});
        // k is zero where there is no place, and nothing arrives.
        const Tensor none = equal(k, zeros_like(k));
        return div(one, where(none, ones_like(k), k));
    };
    const Tensor down = part(0), across = part(1);
    const auto place = [&](int64_t first) {
        return div(add(add(mul(entry(first), x), mul(entry(first + 1), y)), entry(first + 2)), k);
    };
    const Tensor both = neg(add(mul(down, place(3)), mul(across, place(0))));
    const auto total = [&](const Tensor& terms) { return sum(terms, {1}, true); };
    const Tensor grads =
        concat({total(mul(across, x)), total(mul(across, y)), total(across), total(mul(down, x)),
                total(mul(down, y)), total(down), total(mul(both, x)), total(mul(both, y))},
               1);
    return {sum_to(grads, g.shape(0)), Tensor()};
}

const Op& fractions_op = define({
    .name = "projectionFractions",
    .inputs = {{"transforms", Accept::real}, {"slopes", Accept::real}},
    .attrs = {{kImage, AttrType::ints},
              {kOutput, AttrType::ints},
              {"batch", AttrType::integer},
              {kMode, AttrType::string, std::string("constant"), false, kModes}},
    .infer = [](const Call& c) -> Specs {
        check_projection(c);
        return {{c[0].dtype(), Shape{points_of(c), 2}}};
    },
    .run =
        [](const Call& c, Tensors& out) {
            visit_real(c[0].dtype(), [&]<class T>() {
                T* to = out[0].mutable_data<T>();
                each_point(c, c.integer("batch"), [&](int64_t, Mapped y, Mapped x) {
                    const bool there = std::isfinite(y.at) && std::isfinite(x.at);
                    *to++ = there ? static_cast<T>(y.at - std::floor(y.at)) : T(0);
                    *to++ = there ? static_cast<T>(x.at - std::floor(x.at)) : T(0);
                });
            });
        },
    .grad = fractions_grad,
    .saves = {.inputs = {0, 1}},
    .method = false,
    .internal = true,
    .doc = "For each output pixel of a projection how far the place that it comes from lies behind the pixel "
           "before it, downwards and across, [points, 2]. `slopes` are those of projectionCorners.",
});

[[maybe_unused]] const Op& transform_op = define({
    .name = "transform",
    .inputs = {{"image", Accept::to_real}, {"transforms", Accept::to_real}},
    .attrs = {{"interpolation", AttrType::string, std::string("nearest"), true, {"nearest", "bilinear"}},
              {kMode, AttrType::string, std::string("constant"), true, kModes},
              {"fillValue", AttrType::number, 0.0, true},
              {"outputShape", AttrType::ints, None{}, true}},
    .no_grad = "made of differentiable ops",
    .decompose = [](const Call& c) -> Tensors {
        const Shape &image = c[0].shape(), &t = c[1].shape();
        if (image.rank() != 4)
            value_error("Error in transform: image must be rank 4,but got rank ", image.rank(), ".");
        if (t.rank() != 2 || t[1] != 8 || (t[0] != 1 && t[0] != image[0]))
            value_error("Error in transform: Input transform should be batch x 8 or 1 x 8, got [", t, "].");
        const Ints size{image[1], image[2]};
        const Ints output = c.given("outputShape") ? c.ints("outputShape") : size;
        if (output.size() != 2)
            value_error("Error in transform: outputShape must be [height, width] or null, but got ",
                        output.size(), " numbers.");
        const Tensor pixels = pixels_of(c[0], c.number("fillValue"));
        const bool nearest = c.string("interpolation") == "nearest";
        const Tensors found = call(corners_op, {c[1]}, {size, output, image[0], c.attr(kMode), nearest});
        Tensor y;
        if (nearest) {
            y = pick_pixels(pixels, found[0]);
        } else {
            const Tensor fractions =
                call1(fractions_op, {c[1], found[1]}, {size, output, image[0], c.attr(kMode)});
            y = blend_pixels(pixels, found[0], cast(fractions, pixels.dtype()));
        }
        return {reshape(y, Shape{image[0], output[0], output[1], image[3]})};
    },
    .method = false,
    .internal = true,
    .doc = "Images [batch, height, width, channels] under projections [a0, a1, a2, b0, b1, b2, c0, c1], one "
           "for all or one each: the output pixel (x, y) is the input's at ((a0 x + a1 y + a2) / k, (b0 x + "
           "b1 y "
           "+ b2) / k) with k = c0 x + c1 y + 1. fillMode says what lies outside. With 'bilinear' it has "
           "gradients by the transforms, too.",
});

// ---- rotation ----------------------------------------------------------------------------------------------

[[maybe_unused]] const Op& rotation_op = define({
    .name = "rotationPixels",
    .inputs = {},
    .attrs = {{kImage, AttrType::ints},
              {"batch", AttrType::integer},
              {"radians", AttrType::number},
              {"centerX", AttrType::number},
              {"centerY", AttrType::number}},
    .infer = [](const Call& c) -> Specs {
        const Ints& image = c.ints(kImage);
        if (image.size() != 2) value_error("rotationPixels: imageSize must be two numbers.");
        const Shape shape{c.integer("batch"), image[0], image[1]};
        check_positions("rotateWithOffset", shape.size() + 1);
        return {{DType::int32, shape}};
    },
    .run =
        [](const Call& c, Tensors& out) {
            const Ints& image = c.ints(kImage);
            const int64_t batch = c.integer("batch");
            const double sine = std::sin(c.number("radians")), cosine = std::cos(c.number("radians"));
            const double center_x = c.number("centerX"), center_y = c.number("centerY");
            auto* to = out[0].mutable_data<int32_t>();
            for (int64_t b = 0; b < batch; ++b)
                for (int64_t i = 0; i < image[0]; ++i)
                    for (int64_t j = 0; j < image[1]; ++j) {
                        const double x = static_cast<double>(j) - center_x,
                                     y = static_cast<double>(i) - center_y;
                        const double column = std::floor(x * cosine - y * sine + center_x + 0.5);
                        const double row = std::floor(x * sine + y * cosine + center_y + 0.5);
                        const bool there = row >= 0 && row < static_cast<double>(image[0]) && column >= 0 &&
                                           column < static_cast<double>(image[1]);
                        *to++ = static_cast<int32_t>(there ? (b * image[0] + static_cast<int64_t>(row)) *
                                                                     image[1] +
                                                                 static_cast<int64_t>(column)
                                                           : batch * image[0] * image[1]);
                    }
        },
    .no_grad = "its results are indices",
    .method = false,
    .internal = true,
    .doc = "For each pixel of each image the one that a rotation about a center puts there; behind them all "
           "where it lies outside.",
});

}  // namespace

}  // namespace lamina
