// Images of another size: each output pixel from one input pixel, or between four.
#include <algorithm>
#include <cmath>
#include <vector>

#include "ops/functions.h"
#include "ops/kernel_use.h"

namespace lamina {

namespace {

// Between which pixels of an axis each output pixel lies, and how far it is from the first to the second.
struct Axis {
    std::vector<int64_t> low, high;
    std::vector<double> fraction;
};

struct Sizes {
    int64_t batch, in_h, in_w, out_h, out_w, channels;
    Axis rows, columns;
};

Axis lay_out(int64_t in, int64_t out, bool align, bool centers, bool nearest) {
    const bool corners = align && out > 1;
    const double ratio =
        static_cast<double>(corners ? in - 1 : in) / static_cast<double>(corners ? out - 1 : out);
    const auto last = static_cast<double>(in - 1);
    Axis axis;
    for (int64_t i = 0; i < out; ++i) {
        if (nearest) {
            const double at = ratio * (static_cast<double>(i) + (centers ? 0.5 : 0.0));
            const double pixel = std::min(last, align ? std::floor(at + 0.5) : std::floor(at));
            axis.low.push_back(static_cast<int64_t>(pixel));
            axis.high.push_back(axis.low.back());
            axis.fraction.push_back(0);
        } else {
            const double at =
                centers ? ratio * (static_cast<double>(i) + 0.5) - 0.5 : ratio * static_cast<double>(i);
            const double low = std::max(0.0, std::floor(at));
            axis.low.push_back(static_cast<int64_t>(low));
            axis.high.push_back(static_cast<int64_t>(std::min(last, std::max(0.0, std::ceil(at)))));
            axis.fraction.push_back(at - low);
        }
    }
    return axis;
}

// Images [batch, height, width, channels], or one without the batch. The attributes are in this order:
constexpr const char *kSize = "size", *kAlign = "alignCorners", *kCenters = "halfPixelCenters";

void check_options(const Call& c, const Shape& images) {
    if (images.rank() != 3 && images.rank() != 4)
        value_error("Error in ", c.op.name, ": x must be rank 3 or 4, but got rank ", images.rank(), ".");
    if (c.ints(kSize).size() != 2)
        value_error("Error in ", c.op.name, ": new shape must 2D, but got ", c.ints(kSize).size(), " sizes.");
    if (c.flag(kAlign) && c.flag(kCenters))
        value_error("Error in ", c.op.name, ": If halfPixelCenters is true, alignCorners must be false.");
}

Shape resized(const Call& c, const Shape& images) {
    check_options(c, images);
    const int at = images.rank() - 3;
    const Ints& size = c.ints(kSize);
    const Shape shape = images.with(at, size[0]).with(at + 1, size[1]);
    if (images.size() == 0 && shape.size() > 0)
        value_error(c.op.name, ": images of shape [", images, "] have no pixels to make others of.");
    return shape;
}

Sizes sizes_of(const Call& c, const Shape& small, const Shape& big, bool nearest) {
    const int at = small.rank() - 3;
    Sizes s{at ? small[0] : 1, small[at], small[at + 1], big[at], big[at + 1], small[at + 2], {}, {}};
    s.rows = lay_out(s.in_h, s.out_h, c.flag(kAlign), c.flag(kCenters), nearest);
    s.columns = lay_out(s.in_w, s.out_w, c.flag(kAlign), c.flag(kCenters), nearest);
    return s;
}

template <class F>
void each_row(const Sizes& s, F f) {
    parallel_for(s.batch * s.out_h, 4096 / (s.out_w * s.channels + 1) + 1, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) f(i / s.out_h, i % s.out_h);
    });
}

template <class T>
void bilinear(const Sizes& s, const T* x, T* y) {
    each_row(s, [&](int64_t b, int64_t r) {
        const auto row = static_cast<size_t>(r);
        const T* top = x + (b * s.in_h + s.rows.low[row]) * s.in_w * s.channels;
        const T* bottom = x + (b * s.in_h + s.rows.high[row]) * s.in_w * s.channels;
        const T down = static_cast<T>(s.rows.fraction[row]);
        T* to = y + (b * s.out_h + r) * s.out_w * s.channels;
        for (int64_t k = 0; k < s.out_w; ++k, to += s.channels) {
            const auto column = static_cast<size_t>(k);
            const int64_t left = s.columns.low[column] * s.channels,
                          right = s.columns.high[column] * s.channels;
            const T across = static_cast<T>(s.columns.fraction[column]);
            for (int64_t c = 0; c < s.channels; ++c) {
                const T above = top[left + c] + (top[right + c] - top[left + c]) * across;
                const T below = bottom[left + c] + (bottom[right + c] - bottom[left + c]) * across;
                to[c] = above + (below - above) * down;
            }
        }
    });
}

template <class T>
void nearest(const Sizes& s, const T* x, T* y) {
    each_row(s, [&](int64_t b, int64_t r) {
        const T* from = x + (b * s.in_h + s.rows.low[static_cast<size_t>(r)]) * s.in_w * s.channels;
        T* to = y + (b * s.out_h + r) * s.out_w * s.channels;
        for (int64_t k = 0; k < s.out_w; ++k, to += s.channels)
            std::copy_n(from + s.columns.low[static_cast<size_t>(k)] * s.channels, s.channels, to);
    });
}

// What each pixel of dy came from gets its share of it. One image is one thread's, so that the order of
// additions stays the same.
template <class T>
void spread_back(const Sizes& s, const T* dy, T* dx) {
    std::fill_n(dx, s.batch * s.in_h * s.in_w * s.channels, T(0));
    parallel_for(s.batch, 1, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin * s.out_h * s.out_w; i < end * s.out_h * s.out_w; ++i) {
            const int64_t b = i / (s.out_h * s.out_w);
            const auto row = static_cast<size_t>(i / s.out_w % s.out_h),
                       column = static_cast<size_t>(i % s.out_w);
            const T* from = dy + i * s.channels;
            const T down = static_cast<T>(s.rows.fraction[row]),
                    across = static_cast<T>(s.columns.fraction[column]);
            const auto add = [&](int64_t y, int64_t x, T weight) {
                T* to = dx + ((b * s.in_h + y) * s.in_w + x) * s.channels;
                for (int64_t c = 0; c < s.channels; ++c) to[c] += weight * from[c];
            };
            const int64_t top = s.rows.low[row], bottom = s.rows.high[row];
            const int64_t left = s.columns.low[column], right = s.columns.high[column];
            add(top, left, (1 - down) * (1 - across));
            if (right != left || across != 0) add(top, right, (1 - down) * across);
            if (bottom != top || down != 0) {
                add(bottom, left, down * (1 - across));
                add(bottom, right, down * across);
            }
        }
    });
}

// The gradients are linear: that of one by dy is the resizing itself.
template <bool is_nearest>
Op gradient_block(const char* name, const char* doc) {
    return {
        .name = name,
        .inputs = {{"dy", Accept::real}},
        .attrs = {{kSize, AttrType::ints},
                  {kAlign, AttrType::boolean, false},
                  {kCenters, AttrType::boolean, false}},
        .infer = [](const Call& c) -> Specs { return {{c[0].dtype(), resized(c, c[0].shape())}}; },
        .run =
            [](const Call& c, Tensors& out) {
                if (out[0].size() == 0) return;
                const Sizes s = sizes_of(c, out[0].shape(), c[0].shape(), is_nearest);
                visit_real(c[0].dtype(),
                           [&]<class T>() { spread_back<T>(s, c[0].data<T>(), out[0].mutable_data<T>()); });
            },
        .grad = [](const Gradient& g) -> Tensors {
            const Shape& dy = g.shape(0);
            const int at = dy.rank() - 3;
            const Op& forward = *find_op(is_nearest ? "resizeNearestNeighbor" : "resizeBilinear");
            const Call c = g.call();
            return {call1(forward, {g.dy()}, {Ints{dy[at], dy[at + 1]}, c.flag(kAlign), c.flag(kCenters)})};
        },
        .method = false,
        .internal = true,
        .doc = doc,
    };
}

const Op& bilinear_grad_op = define(gradient_block<false>(
    "resizeBilinearGrad", "The gradient by images of `size`, of which resizeBilinear made those of dy."));
const Op& nearest_grad_op = define(gradient_block<true>(
    "resizeNearestNeighborGrad",
    "The gradient by images of `size`, of which resizeNearestNeighbor made those of dy."));

Tensors resize_grad(const Gradient& g, const Op& op) {
    const Shape& x = g.shape(0);
    const int at = x.rank() - 3;
    // Of no output pixels nothing comes back.
    if (g.dy().size() == 0) return {zeros(x, g.dy().dtype())};
    const Call c = g.call();
    return {call1(op, {g.dy()}, {Ints{x[at], x[at + 1]}, c.flag(kAlign), c.flag(kCenters)})};
}

[[maybe_unused]] const Op& resize_bilinear_op = define({
    .name = "resizeBilinear",
    .inputs = {{"images", Accept::to_real}},
    .attrs = {{kSize, AttrType::ints},
              {kAlign, AttrType::boolean, false, true},
              {kCenters, AttrType::boolean, false, true}},
    .infer = [](const Call& c) -> Specs { return {{c[0].dtype(), resized(c, c[0].shape())}}; },
    .run =
        [](const Call& c, Tensors& out) {
            if (out[0].size() == 0) return;
            const Sizes s = sizes_of(c, c[0].shape(), out[0].shape(), false);
            visit_real(c[0].dtype(),
                       [&]<class T>() { bilinear<T>(s, c[0].data<T>(), out[0].mutable_data<T>()); });
        },
    .grad = [](const Gradient& g) -> Tensors { return resize_grad(g, bilinear_grad_op); },
    .method = false,
    .internal = true,
    .doc = "Images [batch, height, width, channels], or one without the batch, of the size [height, width], "
           "each pixel "
           "between the four nearest of the input, as float32. alignCorners lays the corner pixels of both "
           "on each other, halfPixelCenters the corners of the images with pixels as areas.",
});

[[maybe_unused]] const Op& resize_nearest_op = define({
    .name = "resizeNearestNeighbor",
    .inputs = {{"images", Accept::numeric}},
    .attrs = {{kSize, AttrType::ints},
              {kAlign, AttrType::boolean, false, true},
              {kCenters, AttrType::boolean, false, true}},
    .infer = [](const Call& c) -> Specs {
        check_options(c, c[0].shape());
        if (c[0].dtype() != DType::int32 && !is_real(c[0].dtype()))
            type_error("resizeNearestNeighbor: `images` must have `int32` or `float32` as dtype, got ",
                       name_of(c[0].dtype()), ".");
        return {{c[0].dtype(), resized(c, c[0].shape())}};
    },
    .run =
        [](const Call& c, Tensors& out) {
            if (out[0].size() == 0) return;
            const Sizes s = sizes_of(c, c[0].shape(), out[0].shape(), true);
            visit_number(c[0].dtype(),
                         [&]<class T>() { nearest<T>(s, c[0].data<T>(), out[0].mutable_data<T>()); });
        },
    .grad = [](const Gradient& g) -> Tensors { return resize_grad(g, nearest_grad_op); },
    .method = false,
    .internal = true,
    .doc = "Images [batch, height, width, channels], or one without the batch, of the size [height, width], "
           "each pixel "
           "a copy of one of the input. alignCorners lays the corner pixels of both on each other; "
           "halfPixelCenters looks where the middle of each pixel lies.",
});

}  // namespace

}  // namespace lamina
