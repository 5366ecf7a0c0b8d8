// Crops of images, resized to one size.
#include <cmath>
#include <limits>
#include <vector>

#include "ops/functions.h"
#include "ops/kernel_use.h"
#include "ops/sampling.h"

namespace lamina {

namespace {

constexpr const char *kCrop = "cropSize", *kImage = "imageSize";

// Where along one axis of an image of `size` pixels the i-th of `count` points of a box from a to b lies.
double point(double a, double b, int64_t size, int64_t count, int64_t i) {
    const auto last = static_cast<double>(size - 1);
    if (count < 2) return 0.5 * (a + b) * last;
    const double step = (b - a) * last / static_cast<double>(count - 1);
    return a * last + static_cast<double>(i) * step;
}

// Such a point among pixels; with its fraction of 0 where it lies outside.
struct Place {
    int32_t low, high, nearest;
    double fraction;
    bool inside;
};

// Of all boxes, [n, count]: the points along the axis whose ends stand at `from` and `from + 2` in each box.
std::vector<Place> places(const Tensor& boxes, int64_t from, int64_t size, int64_t count) {
    std::vector<Place> found;
    found.reserve(static_cast<size_t>(boxes.shape()[0] * count));
    visit_real(boxes.dtype(), [&]<class T>() {
        const T* box = boxes.data<T>();
        for (int64_t b = 0; b < boxes.shape()[0]; ++b, box += 4)
            for (int64_t i = 0; i < count; ++i) {
                const double at = point(box[from], box[from + 2], size, count, i);
                if (!(at >= 0 && at <= static_cast<double>(size - 1))) {
                    found.push_back({0, 0, 0, 0, false});
                    continue;
                }
                const double low = std::floor(at);
                found.push_back({static_cast<int32_t>(low), static_cast<int32_t>(std::ceil(at)),
                                 static_cast<int32_t>(std::floor(at + 0.5)), at - low, true});
            }
    });
    return found;
}

// Calls f(point, box, down, across) with the places of each point of each crop, on several threads.
template <class F>
void each_point(const Tensor& boxes, const Ints& crop, const Ints& image, F f) {
    const std::vector<Place> down = places(boxes, 0, image[0], crop[0]),
                             across = places(boxes, 1, image[1], crop[1]);
    parallel_for(static_cast<int64_t>(down.size()), 4096 / (crop[1] + 1) + 1,
                 [&](int64_t begin, int64_t end) {
                     for (int64_t row = begin; row < end; ++row) {
                         const int64_t box = row / crop[0];
                         for (int64_t k = 0; k < crop[1]; ++k)
                             f(row * crop[1] + k, box, down[static_cast<size_t>(row)],
                               across[static_cast<size_t>(box * crop[1] + k)]);
                     }
                 });
}

int64_t points_of(const Call& c) { return c[0].shape()[0] * c.sizes(kCrop)[0] * c.sizes(kCrop)[1]; }

const Op& crop_corners_op = define({
    .name = "cropCorners",
    .inputs = {{"boxes", Accept::real}, {"boxInd", Accept::index}},
    .attrs = {{kCrop, AttrType::ints},
              {kImage, AttrType::ints},
              {"batch", AttrType::integer},
              {"nearest", AttrType::boolean, false}},
    .infer = [](const Call& c) -> Specs {
        if (c[0].rank() != 2 || c[0].shape()[1] != 4 || c[1].rank() != 1 ||
            c[1].shape()[0] != c[0].shape()[0] || c.ints(kCrop).size() != 2 || c.ints(kImage).size() != 2)
            value_error("cropCorners: boxes must be [n, 4] and boxInd [n], got [", c[0].shape(), "] and [",
                        c[1].shape(), "], sizes two numbers each.");
        const int64_t points = points_of(c);
        return {{DType::int32, c.flag("nearest") ? Shape{points} : Shape{points, 4}}};
    },
    .run =
        [](const Call& c, Tensors& out) {
            const Ints &crop = c.ints(kCrop), &image = c.ints(kImage);
            const int64_t batch = c.integer("batch"), outside = Size(batch) * image[0] * image[1];
            const auto* which = c[1].data<int32_t>();
            for (int64_t i = 0; i < c[1].size(); ++i)
                if (which[i] < 0 || which[i] >= batch)
                    value_error("cropAndResize: boxInd[", i, "] = ", which[i], " is not in [0, ", batch,
                                ").");
            if (outside > std::numeric_limits<int32_t>::max())
                value_error("cropAndResize: there are more pixels than int32 can count.");
            auto* to = out[0].mutable_data<int32_t>();
            const bool nearest = c.flag("nearest");
            each_point(c[0], crop, image, [&](int64_t i, int64_t box, const Place& y, const Place& x) {
                const bool there = y.inside && x.inside;
                const auto pixel = [&](int64_t row, int64_t column) {
                    return static_cast<int32_t>(there ? (which[box] * image[0] + row) * image[1] + column
                                                      : outside);
                };
                if (nearest) {
                    to[i] = pixel(y.nearest, x.nearest);
                    return;
                }
                to[4 * i] = pixel(y.low, x.low);
                to[4 * i + 1] = pixel(y.low, x.high);
                to[4 * i + 2] = pixel(y.high, x.low);
                to[4 * i + 3] = pixel(y.high, x.high);
            });
        },
    .no_grad = "its results are indices",
    .method = false,
    .internal = true,
    .doc = "For each point of each crop the pixels around it, [points, 4], or the nearest, [points]; counted "
           "through "
           "`batch` images, and behind them all for a point outside.",
});

// d point / d a and d point / d b for each of `count` points, [count, 2].
Tensor slopes(int64_t size, int64_t count, DType type) {
    Tensor y = Tensor::empty(type, Shape{count, 2}, "cropFractions");
    visit_real(type, [&]<class T>() {
        for (int64_t i = 0; i < count; ++i) {
            y.mutable_data<T>()[2 * i] = static_cast<T>(point(1, 0, size, count, i));
            y.mutable_data<T>()[2 * i + 1] = static_cast<T>(point(0, 1, size, count, i));
        }
    });
    return y;
}

const Op& crop_fractions_op = define({
    .name = "cropFractions",
    .inputs = {{"boxes", Accept::real}},
    .attrs = {{kCrop, AttrType::ints}, {kImage, AttrType::ints}},
    .infer = [](const Call& c) -> Specs {
        if (c[0].rank() != 2 || c[0].shape()[1] != 4 || c.ints(kCrop).size() != 2 ||
            c.ints(kImage).size() != 2)
            value_error("cropFractions: boxes must be [n, 4], got [", c[0].shape(),
                        "], sizes two numbers each.");
        return {{c[0].dtype(), Shape{points_of(c), 2}}};
    },
    .run =
        [](const Call& c, Tensors& out) {
            const Ints &crop = c.ints(kCrop), &image = c.ints(kImage);
            visit_real(c[0].dtype(), [&]<class T>() {
                T* to = out[0].mutable_data<T>();
                each_point(c[0], crop, image, [&](int64_t i, int64_t, const Place& y, const Place& x) {
                    const bool there = y.inside && x.inside;
                    to[2 * i] = there ? static_cast<T>(y.fraction) : T(0);
                    to[2 * i + 1] = there ? static_cast<T>(x.fraction) : T(0);
                });
            });
        },
    // What arrives for a point outside is zero, since its four corners are one.
    .grad = [](const Gradient& g) -> Tensors {
        const Call c = g.call();
        const Ints &crop = c.ints(kCrop), &image = c.ints(kImage);
        const int64_t n = g.shape(0)[0];
        const Tensor dy = reshape(g.dy(), Shape{n, crop[0], crop[1], 2});
        const auto along = [&](int64_t which, int64_t summed) {
            const Tensor part = slice(dy, {0, 0, 0, which}, {n, crop[0], crop[1], 1});
            return reshape(sum(part, {summed}), Shape{n, crop[static_cast<size_t>(which)]});
        };
        const DType type = g.spec(0).dtype;
        const Tensor down = mat_mul(along(0, 2), slopes(image[0], crop[0], type));
        const Tensor across = mat_mul(along(1, 1), slopes(image[1], crop[1], type));
        // y1, x1, y2, x2
        const Tensor pairs = concat({reshape(down, Shape{n, 2, 1}), reshape(across, Shape{n, 2, 1})}, 2);
        return {reshape(pairs, Shape{n, 4})};
    },
    .method = false,
    .internal = true,
    .doc = "For each point of each crop how far it lies behind the pixel before it, downwards and across, "
           "[points, 2].",
});

[[maybe_unused]] const Op& crop_and_resize_op = define({
    .name = "cropAndResize",
    .inputs = {{"image", Accept::to_real}, {"boxes", Accept::to_real}, {"boxInd", Accept::index}},
    .attrs = {{kCrop, AttrType::ints},
              {"method", AttrType::string, std::string("bilinear"), true, {"bilinear", "nearest"}},
              {"extrapolationValue", AttrType::number, 0.0, true}},
    .no_grad = "made of differentiable ops",
    .decompose = [](const Call& c) -> Tensors {
        const Shape &image = c[0].shape(), &boxes = c[1].shape();
        const Ints& crop = c.ints(kCrop);
        if (image.rank() != 4)
            value_error("Error in cropAndResize: image must be rank 4,but got rank ", image.rank(), ".");
        if (boxes.rank() != 2 || boxes[1] != 4)
            value_error("Error in cropAndResize: boxes must be have size [", boxes.rank() ? boxes[0] : 0,
                        ",4] but had shape ", boxes, ".");
        const int64_t n = boxes[0];
        if (c[2].rank() != 1 || c[2].shape()[0] != n)
            value_error("Error in cropAndResize: boxInd must be have size [", n, "] but had shape ",
                        c[2].shape(), ".");
        if (crop.size() != 2)
            value_error("Error in cropAndResize: cropSize must be of length 2, but got length ", crop.size(),
                        ".");
        if (crop[0] < 1 || crop[1] < 1)
            value_error("cropSize must be atleast [1,1], but was ", crop[0], ",", crop[1]);
        const Ints size{image[1], image[2]};
        const bool nearest = c.string("method") == "nearest";
        const Tensor pixels = pixels_of(c[0], c.number("extrapolationValue"));
        const Tensor corners = call1(crop_corners_op, {c[1], c[2]}, {crop, size, image[0], nearest});
        Tensor y;
        if (nearest)
            y = pick_pixels(pixels, corners);
        else
            y = blend_pixels(pixels, corners,
                             cast(call1(crop_fractions_op, {c[1]}, {crop, size}), pixels.dtype()));
        return {reshape(y, Shape{n, crop[0], crop[1], image[3]})};
    },
    .method = false,
    .internal = true,
    .doc = "Crops of the images [batch, height, width, channels], each resized to cropSize. boxes [n, 4] "
           "hold y1, x1, y2, x2, where 0 and 1 are the first and the last pixel, and boxInd [n] the image of "
           "each; "
           "points outside become extrapolationValue. With 'bilinear' it has gradients by the boxes, too.",
});

}  // namespace

}  // namespace lamina
