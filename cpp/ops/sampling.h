// Pixels between pixels, for crops and transformations of images.
#pragma once

#include "ops/op.h"

namespace lamina {

// Rows of `pixels` [n, channels]: index [m] gives one for each result, index [m, 4] gives top left, top
// right, bottom left and bottom right, between which fractions [m, 2] (down, across) choose.
Tensor pick_pixels(const Tensor& pixels, const Tensor& index);
Tensor blend_pixels(const Tensor& pixels, const Tensor& index, const Tensor& fractions);

// Images [batch, height, width, channels] as rows of pixels, with one more behind them that is `outside`.
Tensor pixels_of(const Tensor& images, double outside);

}  // namespace lamina
