"""Images: sizes, colours, crops, boxes."""

from __future__ import annotations

import numpy as np

from .description import describe
from .draw import Draw


def batch(d: Draw, channels: int | None = None, smallest: int = 1) -> np.ndarray:
    return d.real(
        (d.integer(1, 2), d.integer(smallest, 5), d.integer(smallest, 5), channels or d.integer(1, 3))
    )


describe("image.flipLeftRight", lambda d: [batch(d)], bad=[lambda d: [d.real((2, 2))]])
describe(
    "image.grayscaleToRGB",
    lambda d: [d.choice(d.real, d.whole)((*d.shape(1, 3, empty=False), 1))],
    bad=[lambda d: [d.real((2, 2))], lambda d: [d.real((1,))]],
)
describe(
    "image.rgbToGrayscale",
    lambda d: [d.choice(d.real, d.whole)((*d.shape(1, 3, empty=False), 3))],
    bad=[lambda d: [d.real((2, 2))], lambda d: [d.real((3,))]],
)


def resizing(d: Draw) -> list:
    images = batch(d)
    if d.often(0.2):
        images = images[0]
    flags = d.choice((), (False,), (True,), (False, True), (False, False))
    return [images, [d.integer(1, 6), d.integer(1, 6)], *flags]


describe(
    "image.resizeNearestNeighbor image.resizeBilinear",
    resizing,
    bad=[
        lambda d: [d.real((1, 2, 2, 1)), [2, 2], True, True],
        lambda d: [d.real((2, 2)), [2, 2]],
        lambda d: [d.real((1, 2, 2, 1)), [2]],
    ],
)


def rotating(d: Draw) -> list:
    images = batch(d, 3)
    fill = d.choice(0, 5, [1, 2, 3])
    return [images, d.number(-3, 3), *d.options(fill, d.choice(0.5, 0.25, [0.25, 0.75]))]


describe("image.rotateWithOffset", rotating, bad=[lambda d: [d.real((2, 2)), 1.0]])


def cropping(d: Draw) -> list:
    images = batch(d, smallest=2)
    n = d.integer(1, 3)
    boxes = d.real((n, 4), -0.3, 1.3)
    places = d.whole((n,), 0, images.shape[0] - 1)
    rest = d.options(d.choice("bilinear", "nearest"), d.choice(0, -1.5))
    return [images, boxes, places, [d.integer(1, 4), d.integer(1, 4)], *rest]


describe(
    "image.cropAndResize",
    cropping,
    bad=[
        lambda d: [d.real((1, 2, 2, 1)), d.real((1, 3)), np.zeros(1, np.int32), [2, 2]],
        lambda d: [d.real((1, 2, 2, 1)), d.real((1, 4)), np.zeros(2, np.int32), [2, 2]],
        lambda d: [d.real((1, 2, 2, 1)), d.real((1, 4)), np.zeros(1, np.int32), [0, 2]],
        lambda d: [d.real((1, 2, 2, 1)), d.real((1, 4)), np.zeros(1, np.int32), [2, 2], "cubic"],
    ],
)


def boxes(d: Draw, soft: bool = False, padded: bool = False) -> list:
    n = d.integer(1, 8)
    corners = d.apart((n, 2), 0, 1)
    found = np.concatenate([corners, corners + d.apart((n, 2), 0.3, 0.9)], 1).astype(np.float32)
    required = [found, d.apart((n,), 0, 1), d.integer(1, 6)]
    rest = [d.choice(0.5, 0.2, 0.0), d.choice(-np.inf, 0.3)]
    if soft:
        rest.append(d.choice(0.0, 0.5))
    if padded:
        rest.append(d.flag())
    return [*required, *d.options(*rest)]


BAD_BOXES = [
    lambda d: [d.real((2, 3)), d.real((2,)), 2],
    lambda d: [d.real((2, 4)), d.real((3,)), 2],
    lambda d: [d.real((2, 4)), d.real((2,)), 2, 1.5],
]
describe("image.nonMaxSuppression image.nonMaxSuppressionAsync", boxes, bad=BAD_BOXES)
describe(
    "image.nonMaxSuppressionWithScore image.nonMaxSuppressionWithScoreAsync",
    lambda d: boxes(d, soft=True),
    bad=BAD_BOXES,
)
describe(
    "image.nonMaxSuppressionPadded image.nonMaxSuppressionPaddedAsync",
    lambda d: boxes(d, padded=True),
    bad=BAD_BOXES,
)


def limits(d: Draw) -> list:
    image = d.whole((d.integer(1, 6), d.integer(1, 6), d.choice(1, 3)), 0, 255)
    return [image, *d.options(d.choice("binary", "otsu"), d.flag(), d.number(0.2, 0.8))]


describe(
    "image.threshold",
    limits,
    bad=[lambda d: [d.whole((2, 2, 1), 0, 255), "median"], lambda d: [d.whole((2, 2, 2), 0, 255)]],
)


def transforming(d: Draw) -> list:
    images = batch(d, smallest=2)
    images = images[:1] if d.often(0.7) else images
    n = d.choice(1, images.shape[0])
    by = np.asarray([[1, 0, 0, 0, 1, 0, 0, 0]] * n, np.float32) + d.real((n, 8), -0.3, 0.3)
    by[:, 6:] *= 0.1
    by[:, [2, 5]] *= 5
    rest = [
        d.choice("nearest", "bilinear"),
        d.choice("constant", "reflect", "wrap", "nearest"),
        d.choice(0, 2),
        [d.integer(1, 5), d.integer(1, 5)],
    ]
    return [images, by.astype(np.float32), *d.options(*rest)]


describe("image.transform", transforming, bad=[lambda d: [d.real((1, 2, 2, 1)), d.real((1, 7))]])
