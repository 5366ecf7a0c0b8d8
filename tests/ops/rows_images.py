"""Rows of ops that look pixels up: crops and projections of images."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from support.oracle import Js

from .row import Indices, Reals, Row, case

I32 = np.int32
TO_REAL = {"int32": "float32", "bool": "float32", "complex64": TypeError, "string": TypeError}


# ---- between pixels ----------------------------------------------------------------------------------------


def blend(pixels: np.ndarray, index: np.ndarray, fractions: np.ndarray) -> np.ndarray:
    a, b, c, d = (pixels[index[:, k]] for k in range(4))
    down, across = fractions[:, :1], fractions[:, 1:]
    return (1 - down) * ((1 - across) * a + across * b) + down * ((1 - across) * c + across * d)


def points(low: np.ndarray, high: np.ndarray, size: int, count: int) -> np.ndarray:
    """The places [boxes, count] along one axis."""
    if count == 1:
        return (0.5 * (low + high) * (size - 1))[:, None]
    return low[:, None] * (size - 1) + np.arange(count) * ((high - low) * (size - 1) / (count - 1))[:, None]


def places(boxes: np.ndarray, cropSize: Any, imageSize: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """y and x of all points [boxes, h, w], and whether they lie inside."""
    ys = points(boxes[:, 0], boxes[:, 2], imageSize[0], cropSize[0])[:, :, None]
    xs = points(boxes[:, 1], boxes[:, 3], imageSize[1], cropSize[1])[:, None, :]
    y, x = np.broadcast_arrays(ys, xs)
    inside = (y >= 0) & (y <= imageSize[0] - 1) & (x >= 0) & (x <= imageSize[1] - 1)
    return y, x, inside


def crop_corners(
    boxes: np.ndarray, boxInd: np.ndarray, cropSize: Any, imageSize: Any, batch: int, nearest: bool = False
) -> np.ndarray:
    y, x, inside = places(boxes, cropSize, imageSize)
    h, w = imageSize

    def pixel(row: np.ndarray, column: np.ndarray) -> np.ndarray:
        at = (boxInd[:, None, None] * h + row) * w + column
        return np.where(inside, at, batch * h * w).astype(I32)

    if nearest:
        return pixel(np.floor(y + 0.5), np.floor(x + 0.5)).ravel()
    rows, columns = (np.floor(y), np.ceil(y)), (np.floor(x), np.ceil(x))
    return np.stack([pixel(r, c) for r in rows for c in columns], -1).reshape(-1, 4)


def crop_fractions(boxes: np.ndarray, cropSize: Any, imageSize: Any) -> np.ndarray:
    y, x, inside = places(boxes, cropSize, imageSize)
    pairs = np.stack([y - np.floor(y), x - np.floor(x)], -1) * inside[..., None]
    return pairs.reshape(-1, 2)


def crop_and_resize(
    image: np.ndarray,
    boxes: np.ndarray,
    boxInd: np.ndarray,
    cropSize: Any,
    method: str = "bilinear",
    extrapolationValue: float = 0,
) -> np.ndarray:
    batch, h, w, channels = image.shape
    pixels = np.concatenate([image.reshape(-1, channels), np.full((1, channels), extrapolationValue)])
    corners = crop_corners(boxes, boxInd, cropSize, (h, w), batch, method == "nearest")
    if method == "nearest":
        y = pixels[corners]
    else:
        y = blend(pixels, corners, crop_fractions(boxes, cropSize, (h, w)))
    return y.reshape(len(boxes), *cropSize, channels)


def project(transforms: np.ndarray, imageSize: Any, outputSize: Any, batch: int) -> list[np.ndarray]:
    """Where each output pixel comes from: y and x, [batch, height, width]."""
    t = np.broadcast_to(transforms, (batch, 8))[:, :, None, None]
    y, x = np.mgrid[: outputSize[0], : outputSize[1]]
    k = t[:, 6] * x + t[:, 7] * y + 1
    return [(t[:, 3] * x + t[:, 4] * y + t[:, 5]) / k, (t[:, 0] * x + t[:, 1] * y + t[:, 2]) / k]


def fill(at: np.ndarray, n: int, mode: str) -> np.ndarray:
    """A place along an axis of n pixels as the mode brings it inside."""
    last = n - 1
    if mode == "constant":
        return at
    if mode == "nearest" or n == 1:
        return np.clip(at, 0, last)
    inside = (at >= 0) & (at <= last)
    if mode == "reflect":
        low = 2 * n * np.trunc(-at / (2 * n)) + at
        below = np.where(low < -n, low + 2 * n, -low - 1)
        high = at - 2 * n * np.trunc(at / (2 * n))
        above = np.where(high >= n, 2 * n - high - 1, high)
    else:
        below = at + n * (np.trunc(-at / last) + 1)
        above = at - n * np.trunc(at / last)
    return np.where(inside, at, np.clip(np.where(at < 0, below, above), 0, last))


def projection_corners(
    transforms: np.ndarray,
    imageSize: Any,
    outputSize: Any,
    batch: int,
    fillMode: str = "constant",
    nearest: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    h, w = imageSize
    raw = project(transforms, imageSize, outputSize, batch)
    y, x = (fill(at, n, fillMode) for at, n in zip(raw, imageSize, strict=True))

    def pixel(row: np.ndarray, column: np.ndarray) -> np.ndarray:
        inside = (row >= 0) & (row < h) & (column >= 0) & (column < w)
        at = (np.arange(batch)[:, None, None] * h + row) * w + column
        return np.where(inside, at, batch * h * w).astype(I32)

    step = 1e-7
    slopes = [
        np.round((fill(at + step, n, fillMode) - fill(at - step, n, fillMode)) / (2 * step))
        for at, n in zip(raw, imageSize, strict=True)
    ]
    if nearest:
        corners = pixel(np.floor(y + 0.5), np.floor(x + 0.5)).ravel()
    else:
        rows, columns = (np.floor(y), np.floor(y) + 1), (np.floor(x), np.floor(x) + 1)
        corners = np.stack([pixel(r, c) for r in rows for c in columns], -1).reshape(-1, 4)
    return corners, np.stack(slopes, -1).reshape(-1, 2)


def projection_fractions(
    transforms: np.ndarray,
    slopes: np.ndarray,
    imageSize: Any,
    outputSize: Any,
    batch: int,
    fillMode: str = "constant",
) -> np.ndarray:
    raw = project(transforms, imageSize, outputSize, batch)
    y, x = (fill(at, n, fillMode) for at, n in zip(raw, imageSize, strict=True))
    return np.stack([y - np.floor(y), x - np.floor(x)], -1).reshape(-1, 2)


def transform(
    image: np.ndarray,
    transforms: np.ndarray,
    interpolation: str = "nearest",
    fillMode: str = "constant",
    fillValue: float = 0,
    outputShape: Any = None,
) -> np.ndarray:
    batch, h, w, channels = image.shape
    output = (h, w) if outputShape is None else outputShape
    pixels = np.concatenate([image.reshape(-1, channels), np.full((1, channels), fillValue)])
    corners, slopes = projection_corners(
        transforms, (h, w), output, batch, fillMode, interpolation == "nearest"
    )
    if interpolation == "nearest":
        y = pixels[corners]
    else:
        fractions = projection_fractions(transforms, slopes, (h, w), output, batch, fillMode)
        y = blend(pixels, corners, fractions)
    return y.reshape(batch, *output, channels)


def rotation(imageSize: Any, batch: int, radians: float, centerX: float, centerY: float) -> np.ndarray:
    h, w = imageSize
    y, x = np.mgrid[:h, :w]
    y, x = y - centerY, x - centerX
    column = np.floor(x * math.cos(radians) - y * math.sin(radians) + centerX + 0.5)
    row = np.floor(x * math.sin(radians) + y * math.cos(radians) + centerY + 0.5)
    inside = (row >= 0) & (row < h) & (column >= 0) & (column < w)
    at = (np.arange(batch)[:, None, None] * h + row) * w + column
    return np.where(inside, at, batch * h * w).astype(I32)


class Boxes(Reals):
    """y1, x1, y2, x2 that reach beyond the image now and then, and never meet a pixel."""

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        boxes = rng.uniform(-0.1, 0.5, shape)
        boxes[..., 2:] += 0.6
        return boxes.astype(np.float32).astype(np.float64)


class Projections(Reals):
    """Near the identity, never on a pixel."""

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        near = np.array([1, 0, 0.2, 0, 1, 0.3, 0, 0])
        spread = np.array([0.2, 0.2, 0.1, 0.2, 0.2, 0.1, 0.01, 0.01])
        drawn = near + spread * rng.uniform(-1, 1, shape)
        return drawn.astype(np.float32).astype(np.float64)


class Inner(Reals):
    """Boxes within the image."""

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        boxes = rng.uniform(0.02, 0.4, shape)
        boxes[..., 2:] += 0.5
        return boxes.astype(np.float32).astype(np.float64)


WHICH = np.array([1, 0, 1], I32)
CROP = {"cropSize": [3, 4], "imageSize": [5, 6]}
PLANE = {"imageSize": [4, 5], "outputSize": [3, 6], "batch": 2}
MODES = ("constant", "reflect", "wrap", "nearest")
NO_GRADIENT = {"js_grad": False, "note": "TensorFlow.js has no gradient of it"}
INSIDE = {"js": "", "note": "a step of crops and projections; those are asked"}
BOX = np.array([[0.0, 0.0, 1.0, 1.0]])
IMAGE = np.ones((1, 2, 2, 1))


TRANSFORM = (
    "(x, t, ...rest) => tf.concat(tf.split(x, x.shape[0]).map((one, b) => tf.image.transform("
    "one, t.shape[0] === 1 ? t : tf.slice(t, [b, 0], [1, 8]), ...rest)))"
)

ROWS = [
    Row(
        op="blendPixels",
        kind="reduction",
        reference=blend,
        inputs=(Reals(), Indices(0, 6), Reals(0, 1)),
        cases=[case((6, 3), (4, 4), (4, 2)), case((6, 1), (1, 4), (1, 2)), case((6, 2), (0, 4), (0, 2))],
        large=case((6, 40), (900, 4), (900, 2)),
        bad=[
            ((np.ones((2, 1)), np.zeros((1, 3), I32), np.ones((1, 2))), {}, "must be"),
            ((np.ones((2, 1)), np.full((1, 4), 2, I32), np.ones((1, 2))), {}, "there is no pixel 2"),
        ],
        **INSIDE,
    ),
    Row(
        op="cropCorners",
        kind="exact",
        reference=crop_corners,
        inputs=(Boxes(),),
        cases=[
            case((3, 4), WHICH, batch=2, **CROP),
            case((3, 4), WHICH, batch=2, nearest=True, **CROP),
            case((3, 4), WHICH, batch=2, cropSize=[1, 1], imageSize=[5, 6]),
            case((0, 4), np.zeros(0, I32), batch=2, **CROP),
        ],
        bad=[((np.ones((3, 3)), WHICH), {"batch": 2, **CROP}, "must be")],
        **INSIDE,
    ),
    Row(
        op="cropFractions",
        kind="transcendental",
        reference=crop_fractions,
        inputs=(Boxes(),),
        # Nothing arrives for points outside, to which differences give no slope.
        smooth=(Inner(),),
        cases=[
            case((3, 4), **CROP),
            case((2, 4), cropSize=[1, 1], imageSize=[5, 6]),
            case((0, 4), **CROP),
        ],
        second=False,
        bad=[((np.ones((3, 3)),), CROP, "must be")],
        **INSIDE,
    ),
    Row(
        op="cropAndResize",
        kind="transcendental",
        reference=crop_and_resize,
        inputs=(Reals(), Boxes(), Indices(0, 2)),
        cases=[
            case((2, 5, 6, 2), (3, 4), (3,), cropSize=[3, 4]),
            case((2, 5, 6, 2), (3, 4), (3,), cropSize=[3, 4], method="nearest"),
            case((2, 5, 6, 1), (3, 4), (3,), cropSize=[1, 5], extrapolationValue=2.5),
            case((2, 5, 6, 1), (3, 4), (3,), cropSize=[7, 1], method="nearest", extrapolationValue=-1.0),
            case((2, 5, 6, 1), (0, 4), (0,), cropSize=[2, 2]).but(js=False),
        ],
        js="image.cropAndResize",
        bad=[
            ((np.ones((2, 2, 1)), BOX, [0]), {"cropSize": [1, 1]}, "image must be rank 4,but got rank 3"),
            ((IMAGE, BOX[0], [0]), {"cropSize": [1, 1]}, "boxes must be have size"),
            ((IMAGE, BOX, [0, 0]), {"cropSize": [1, 1]}, "boxInd must be have size .1."),
            ((IMAGE, BOX, [0]), {"cropSize": [1]}, "cropSize must be of length 2, but got length 1"),
            ((IMAGE, BOX, [0]), {"cropSize": [0, 1]}, "cropSize must be atleast .1,1., but was 0,1"),
            ((IMAGE, BOX, [1]), {"cropSize": [1, 1]}, "boxInd.0. = 1 is not in .0, 1"),
        ],
        **NO_GRADIENT,
    ),
    Row(
        op="projectionCorners",
        kind="exact",
        reference=projection_corners,
        inputs=(Projections(),),
        cases=[
            *(case((2, 8), fillMode=mode, **PLANE) for mode in MODES),
            case((1, 8), nearest=True, **PLANE),
            case((1, 8), imageSize=[1, 1], outputSize=[3, 3], batch=1, fillMode="reflect"),
        ],
        bad=[
            ((np.ones((2, 7)),), PLANE, "must be"),
            ((np.ones((3, 8)),), PLANE, "3 transforms for 2 images"),
            ((np.ones((1, 8)),), {**PLANE, "outputSize": [-1, 1]}, "must not be negative"),
        ],
        **INSIDE,
    ),
    Row(
        op="projectionFractions",
        kind="transcendental",
        reference=projection_fractions,
        inputs=(Projections(), Reals(1, 1)),
        cases=[
            case((2, 8), (36, 2), **PLANE).but(grad=False),
            case((1, 8), (36, 2), **PLANE).but(grad=False),
        ],
        bad=[((np.ones((2, 7)), np.ones((36, 2))), PLANE, "must be")],
        **INSIDE,
    ),
    Row(
        op="transform",
        kind="transcendental",
        reference=transform,
        inputs=(Reals(), Projections()),
        cases=[
            *(
                case((2, 4, 5, 2), (2, 8), interpolation=how, fillMode=mode)
                for how in ("nearest", "bilinear")
                for mode in MODES
            ),
            case((2, 4, 5, 1), (1, 8), interpolation="bilinear", fillValue=3.0, outputShape=[5, 3]),
            case((1, 4, 5, 1), (1, 8), outputShape=[2, 3]),
            case((1, 1, 1, 1), (1, 8), fillMode="wrap", outputShape=[2, 3]),
        ],
        # It transforms the first image of a batch only.
        js=Js(TRANSFORM),
        bad=[
            ((np.ones((2, 2, 1)), np.ones((1, 8))), {}, "image must be rank 4,but got rank 3"),
            ((IMAGE, np.ones((2, 8))), {}, "should be batch x 8 or 1 x 8"),
            ((IMAGE, np.ones((1, 8))), {"outputShape": [1]}, "outputShape must be .height, width. or null"),
        ],
        **NO_GRADIENT,
    ),
    Row(
        op="rotationPixels",
        kind="exact",
        reference=rotation,
        inputs=(),
        cases=[
            case(imageSize=[4, 5], batch=2, radians=0.4, centerX=2.5, centerY=2.0),
            case(imageSize=[3, 3], batch=1, radians=math.pi / 2, centerX=0.3, centerY=1.1),
        ],
        js="",
        note="a step of rotateWithOffset, which is asked",
        bad=[
            (
                (),
                {"imageSize": [1], "batch": 1, "radians": 0.0, "centerX": 0.0, "centerY": 0.0},
                "two numbers",
            )
        ],
    ),
]
