"""tf.image: images as tensors [batch, height, width, channels] resized, cropped, turned; boxes in them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from . import _core
from ._arguments import name_arguments
from ._convert import as_tensor, none_is_default
from .ops_boxes import (
    nonMaxSuppression,
    nonMaxSuppressionAsync,
    nonMaxSuppressionPadded,
    nonMaxSuppressionPaddedAsync,
    nonMaxSuppressionWithScore,
    nonMaxSuppressionWithScoreAsync,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._core import Tensor

__all__ = [
    "cropAndResize",
    "flipLeftRight",
    "grayscaleToRGB",
    "nonMaxSuppression",
    "nonMaxSuppressionAsync",
    "nonMaxSuppressionPadded",
    "nonMaxSuppressionPaddedAsync",
    "nonMaxSuppressionWithScore",
    "nonMaxSuppressionWithScoreAsync",
    "resizeBilinear",
    "resizeNearestNeighbor",
    "rgbToGrayscale",
    "rotateWithOffset",
    "threshold",
    "transform",
]

ops = _core.ops

cropAndResize = ops.cropAndResize
resizeBilinear = ops.resizeBilinear
resizeNearestNeighbor = ops.resizeNearestNeighbor
transform = ops.transform


def _of_rank_4(image: Any, name: str) -> Tensor:
    tensor = as_tensor(image)
    if tensor.rank != 4:
        raise ValueError(f"Error in {name}: image must be rank 4,but got rank {tensor.rank}.")
    return tensor


def flipLeftRight(image: Any) -> Tensor:
    """Images [batch, height, width, channels] mirrored from left to right."""
    return ops.reverse(_of_rank_4(image, "flipLeftRight"), 2)


# ---- colours ---------------------------------------------------------------------------------------------

# How much of red, green and blue the eye sees.
_LUMA = (0.2989, 0.587, 0.114)


def _with_channels(image: Any, count: int, name: str, kind: str) -> Tensor:
    tensor = as_tensor(image)
    if tensor.rank < 2:
        raise ValueError(f"Error in {name}: images must be at least rank 2, but got rank {tensor.rank}.")
    if tensor.shape[-1] != count:
        raise ValueError(
            f"Error in {name}: last dimension of {kind} image should be size {count}, "
            f"but got size {tensor.shape[-1]}."
        )
    return tensor


def grayscaleToRGB(image: Any) -> Tensor:
    """Grayscale images [..., 1] as [..., 3], with the one channel three times."""
    gray = _with_channels(image, 1, "grayscaleToRGB", "a grayscale")
    return ops.tile(gray, [1] * (gray.rank - 1) + [3])


def rgbToGrayscale(image: Any) -> Tensor:
    """Images [..., 3] of red, green and blue as grayscale [..., 1], in the image's own dtype."""
    colours = _with_channels(image, 3, "RGBToGrayscale", "an RGB")
    gray = ops.sum(ops.mul(colours, list(_LUMA)), -1, True)
    return ops.cast(gray, colours.dtype) if colours.dtype in ("int32", "bool") else gray


def _otsu(gray: Tensor) -> Tensor:
    """The brightness that parts the pixels into the two classes of the largest variance between them."""
    levels = ops.cast(ops.round(gray), "int32")
    histogram = ops.cast(ops.bincount(ops.reshape(levels, [-1]), [], 256), "float32")
    places = ops.range(0, 256, 1, "float32")
    # For each threshold: how many pixels are at or below it, and the sum of their brightness.
    below, moment = ops.cumsum(histogram), ops.cumsum(ops.mul(histogram, places))
    above = ops.sub(ops.sum(histogram), below)
    rest = ops.sub(ops.sum(ops.mul(histogram, places)), moment)
    apart = ops.sub(ops.divNoNan(moment, below), ops.divNoNan(rest, above))
    variance = ops.mul(ops.mul(below, above), ops.square(apart))
    variance = ops.slice(variance, 0, 255)
    best = ops.cast(ops.argMax(variance), "float32")
    # Where all pixels are alike there is nothing to part.
    return ops.where(ops.greater(ops.max(variance), 0), best, -1.0)


@none_is_default
def threshold(image: Any, method: str = "binary", inverted: bool = False, threshValue: float = 0.5) -> Tensor:
    """An image [height, width, channels] in black and white, as int32 [height, width, 1] of 0 and 255.

    Of three channels the brightness counts. White is what is brighter than the threshold, or with `inverted`
    what is not.

    method: 'binary' takes threshValue * 255 as the threshold; 'otsu' finds the one that parts the pixels
    best (Otsu, 1979).
    """
    pixels = as_tensor(image)
    if pixels.rank != 3:
        raise ValueError(f"Error in threshold: image must be rank 3,but got rank {pixels.rank}.")
    if pixels.shape[2] not in (1, 3):
        raise ValueError(
            f"Error in threshold: image color channel must be equal to 3 or 1but got {pixels.shape[2]}."
        )
    if pixels.dtype not in ("int32", "float32"):
        raise TypeError(f"Error in dtype: image dtype must be int32 or float32,but got dtype {pixels.dtype}.")
    if method not in ("otsu", "binary"):
        raise ValueError(f"Method must be binary or otsu, but was {method}")
    gray = pixels
    if pixels.shape[2] == 3:
        red, green, blue = ops.split(ops.cast(pixels, "float32"), 3, 2)
        gray = ops.add(ops.add(ops.mul(red, _LUMA[0]), ops.mul(green, _LUMA[1])), ops.mul(blue, _LUMA[2]))
    limit = _otsu(gray) if method == "otsu" else as_tensor(threshValue * 255)
    white = ops.lessEqual(gray, limit) if inverted else ops.greater(gray, limit)
    return ops.mul(ops.cast(white, "int32"), _core.tensor(255, None, "int32"))


# ---- rotation --------------------------------------------------------------------------------------------


@none_is_default
def rotateWithOffset(
    image: Any,
    radians: float,
    fillValue: float | Sequence[float] = 0,
    center: float | Sequence[float] = 0.5,
) -> Tensor:
    """Images [batch, height, width, channels] rotated clockwise about a point, each pixel a copy of one.

    fillValue: what comes in from outside, a number or one for each of red, green and blue; a fourth channel
    is then 255. center: the point as part of width and height, a number for both or [x, y].
    """
    images = _of_rank_4(image, "rotateWithOffset")
    if images.dtype in ("int32", "bool"):
        images = ops.cast(images, "float32")
    batch, height, width, channels = images.shape
    x, y = (center, center) if isinstance(center, (int, float)) else center
    if not math.isfinite(radians):
        raise ValueError(f"rotateWithOffset: radians must be a finite number, but got {radians}.")
    places = ops.rotationPixels([height, width], batch, radians, width * x, height * y)
    if isinstance(fillValue, (int, float)):
        fill = [float(fillValue)] * channels
    else:
        fill = [*map(float, fillValue)][:3]
        fill = ([*fill, 255.0] if channels == 4 else fill)[:channels]
        if len(fill) != channels:
            raise ValueError(
                f"rotateWithOffset: fillValue has {len(fillValue)} numbers for {channels} channels."
            )
    pixels = ops.reshape(images, [batch * height * width, channels])
    table = ops.concat([pixels, ops.reshape(_core.tensor(fill), [1, channels])], 0)
    return ops.gather(table, places)


name_arguments(globals(), __all__)


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    from ._names import suggest_in_tf

    raise AttributeError(suggest_in_tf(name, __all__, "tf.image"))
