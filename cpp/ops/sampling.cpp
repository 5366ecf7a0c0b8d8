#include "ops/sampling.h"

#include "ops/functions.h"
#include "ops/kernel_use.h"

namespace lamina {

namespace {

template <class T>
void blend(const Call& c, Tensors& out) {
    const int64_t channels = c[0].shape()[1], points = c[1].shape()[0];
    const T *pixels = c[0].data<T>(), *fractions = c[2].data<T>();
    const auto* index = c[1].data<int32_t>();
    T* y = out[0].mutable_data<T>();
    parallel_for(points, 4096 / (channels + 1) + 1, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
            const T* corner[4];
            for (int64_t k = 0; k < 4; ++k) corner[k] = pixels + index[4 * i + k] * channels;
            const T down = fractions[2 * i], across = fractions[2 * i + 1];
            for (int64_t ch = 0; ch < channels; ++ch) {
                const T above = corner[0][ch] + (corner[1][ch] - corner[0][ch]) * across;
                const T below = corner[2][ch] + (corner[3][ch] - corner[2][ch]) * across;
                y[i * channels + ch] = above + (below - above) * down;
            }
        }
    });
}

const Op& blend_pixels_op = define({
    .name = "blendPixels",
    .inputs = {{"pixels", Accept::real}, {"index", Accept::index}, {"fractions", Accept::real}},
    .infer = [](const Call& c) -> Specs {
        const Shape &x = c[0].shape(), &index = c[1].shape(), &f = c[2].shape();
        if (x.rank() != 2 || index.rank() != 2 || f.rank() != 2 || index[1] != 4 || f[1] != 2 ||
            index[0] != f[0])
            value_error("blendPixels: pixels must be [n, channels], index [m, 4] and fractions [m, 2], got [",
                        x, "], [", index, "] and [", f, "].");
        return {{c[0].dtype(), Shape{index[0], x[1]}}};
    },
    .run =
        [](const Call& c, Tensors& out) {
            const auto* index = c[1].data<int32_t>();
            for (int64_t i = 0; i < c[1].size(); ++i)
                if (index[i] < 0 || index[i] >= c[0].shape()[0])
                    value_error("blendPixels: there is no pixel ", index[i], ".");
            visit_real(c[0].dtype(), [&]<class T>() { blend<T>(c, out); });
        },
    .no_grad = "made of differentiable ops",
    .decompose = [](const Call& c) -> Tensors {
        const int64_t points = c[1].shape()[0];
        const auto corner = [&](int64_t k) {
            return gather(c[0], reshape(slice(c[1], {0, k}, {points, 1}), Shape{points}), 0);
        };
        const Tensor down = slice(c[2], {0, 0}, {points, 1}), across = slice(c[2], {0, 1}, {points, 1});
        const auto between = [](const Tensor& a, const Tensor& b, const Tensor& f) {
            return add(a, mul(sub(b, a), f));
        };
        const Tensor above = between(corner(0), corner(1), across),
                     below = between(corner(2), corner(3), across);
        return {between(above, below, down)};
    },
    .method = false,
    .internal = true,
    .doc = "Of each four rows of pixels [n, channels] that index [m, 4] names (top left, top right, bottom "
           "left, bottom right) what lies between them by fractions [m, 2], downwards and across.",
});

}  // namespace

Tensor pick_pixels(const Tensor& pixels, const Tensor& index) { return gather(pixels, index, 0); }

Tensor blend_pixels(const Tensor& pixels, const Tensor& index, const Tensor& fractions) {
    return call1(blend_pixels_op, {pixels, index, fractions});
}

Tensor pixels_of(const Tensor& images, double outside) {
    const int64_t channels = images.shape()[3], count = images.shape().product(0, 3);
    return pad(reshape(images, Shape{count, channels}), {0, 1, 0, 0}, outside);
}

}  // namespace lamina
