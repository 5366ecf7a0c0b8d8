"""Rows of convolutions along one dimension and over volumes, of transposed ones, and of other pools."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from support.oracle import Js

from .row import Reals, Row, case

Pads = list[tuple[int, int]]


def each(value: Any, count: int) -> list[int]:
    return [int(value)] * count if np.ndim(value) == 0 else [int(v) for v in value]


def extent(size: int, reach: int, stride: int, pad: Any) -> tuple[int, tuple[int, int]]:
    """How often a window fits, and the padding that it needs."""
    if pad == "same":
        out = -(-size // stride)
        total = max((out - 1) * stride + reach - size, 0)
        return out, (total // 2, total - total // 2)
    p = 0 if pad == "valid" else int(pad)
    return (size + 2 * p - reach) // stride + 1, (p, p)


def windows(x: np.ndarray, size: Any, strides: Any, pad: Any, dilations: Any, value: float) -> np.ndarray:
    """Of x [batch, ..., channels] the windows [batch, *places, *size, channels], padded with `value`."""
    n = x.ndim - 2
    size, strides, dilations = each(size, n), each(strides, n), each(dilations, n)
    found = [
        extent(s, (k - 1) * d + 1, stride, pad)
        for s, k, stride, d in zip(x.shape[1:-1], size, strides, dilations, strict=True)
    ]
    pads: Pads = [(0, 0), *(p for _, p in found), (0, 0)]
    # Room for the last window of every dimension.
    padded = np.pad(x, [(a, b + 64) for a, b in pads[:-1]] + [(0, 0)], constant_values=value)[: x.shape[0]]
    places = np.ix_(*(np.arange(out) for out, _ in found))
    y = np.empty((x.shape[0], *(out for out, _ in found), *size, x.shape[-1]))
    for at in taps(size):
        index = tuple(p * s + k * d for p, s, k, d in zip(places, strides, at, dilations, strict=True))
        y[(slice(None), *[slice(None)] * n, *at)] = padded[(slice(None), *index)]
    return y


def taps(size: list[int]) -> Iterator[tuple[int, ...]]:
    return itertools.product(*(range(k) for k in size))


def batched(f: Any) -> Any:
    """f for one example, without the batch."""

    def call(x: np.ndarray, *arguments: Any, rank: int, **attrs: Any) -> np.ndarray:
        return f(x[None], *arguments, **attrs)[0] if x.ndim < rank else f(x, *arguments, **attrs)

    return call


def convolve(x: np.ndarray, filter: np.ndarray, strides: Any, pad: Any, dilations: Any = 1) -> np.ndarray:
    n = x.ndim - 2
    w = windows(x, filter.shape[:n], strides, pad, dilations, 0.0)
    axes = list(range(n + 1, w.ndim))
    return np.tensordot(w, filter, (axes, list(range(n + 1))))


def conv1d(x, filter, stride, pad, dataFormat="NWC", dilation=1, dimRoundingMode=None):
    return batched(convolve)(x, filter, stride, pad, dilation, rank=3)


def conv3d(x, filter, strides, pad, dataFormat="NDHWC", dilations=(1, 1, 1)):
    return batched(convolve)(x, filter, strides, pad, dilations, rank=5)


def transposed(x: np.ndarray, filter: np.ndarray, outputShape: Any, strides: Any, pad: Any) -> np.ndarray:
    """The gradient of the convolution of an image of outputShape, element by element of the filter."""
    n = filter.ndim - 2
    shape = list(outputShape)[-n - 1 : -1]
    strides = each(strides, n)
    pads = [extent(s, k, stride, pad)[1] for s, k, stride in zip(shape, filter.shape, strides, strict=False)]
    room = np.zeros((x.shape[0], *(s + 64 for s in shape), filter.shape[n]))
    for at in taps(list(filter.shape[:n])):
        index = [k + s * np.arange(size) for k, s, size in zip(at, strides, x.shape[1:-1], strict=True)]
        room[(slice(None), *np.ix_(*index))] += x @ filter[at].T
    return room[(slice(None), *(slice(a, a + s) for (a, _), s in zip(pads, shape, strict=True)))]


def conv2d_transpose(x, filter, outputShape, strides, pad, dimRoundingMode=None):
    return batched(transposed)(x, filter, outputShape, strides, pad, rank=4)


def conv3d_transpose(x, filter, outputShape, strides, pad):
    return batched(transposed)(x, filter, outputShape, strides, pad, rank=5)


def separable(x, depthwiseFilter, pointwiseFilter, strides, pad, dilation=(1, 1), dataFormat="NHWC"):
    if x.ndim == 3:
        return separable(x[None], depthwiseFilter, pointwiseFilter, strides, pad, dilation)[0]
    w = windows(x, depthwiseFilter.shape[:2], strides, pad, dilation, 0.0)
    y = np.einsum("bhwijc,ijcm->bhwcm", w, depthwiseFilter)
    return y.reshape(*y.shape[:3], -1) @ pointwiseFilter[0, 0]


def max_pool3d(x, filterSize=1, strides=1, pad="valid", dimRoundingMode=None, dataFormat="NDHWC"):
    if x.ndim == 4:
        return max_pool3d(x[None], filterSize, strides, pad)[0]
    return windows(x, filterSize, strides, pad, 1, -np.inf).max((4, 5, 6), initial=-np.inf)


def avg_pool3d(x, filterSize, strides, pad, dimRoundingMode=None, dataFormat="NDHWC"):
    if x.ndim == 4:
        return avg_pool3d(x[None], filterSize, strides, pad)[0]
    return np.nanmean(windows(x, filterSize, strides, pad, 1, np.nan), (4, 5, 6))


def pool(input, windowShape, poolingType, pad, dilations=1, strides=1, dimRoundingMode=None):
    if input.ndim == 3:
        return pool(input[None], windowShape, poolingType, pad, dilations, strides)[0]
    dilated = each(dilations, 2) != [1, 1]
    # Where space moves into the batch, padding is zeros that count.
    value = 0.0 if dilated else -np.inf if poolingType == "max" else np.nan
    w = windows(input, windowShape, strides, pad, dilations, value)
    return w.max((3, 4)) if poolingType == "max" else np.nanmean(w, (3, 4))


def with_argmax(x, filterSize, strides, pad, includeBatchInIndex=False):
    numbers = np.arange(x[0].size, dtype=np.float64).reshape(1, *x.shape[1:]).repeat(len(x), 0)
    if includeBatchInIndex:
        numbers += (np.arange(len(x)) * x[0].size).reshape(-1, 1, 1, 1)
    w = windows(x, filterSize, strides, pad, 1, -np.inf)
    places = windows(numbers, filterSize, strides, pad, 1, -1)
    flat = w.reshape(*w.shape[:3], -1, x.shape[3])
    at = flat.argmax(3)[:, :, :, None]
    found = np.take_along_axis(places.reshape(flat.shape), at, 3)[:, :, :, 0]
    return np.take_along_axis(flat, at, 3)[:, :, :, 0], found.astype(np.int32)


def dilation2d(x, filter, strides, pad, dilations=(1, 1), dataFormat="NHWC"):
    if x.ndim == 3:
        return dilation2d(x[None], filter, strides, pad, dilations)[0]
    w = windows(x, filter.shape[:2], strides, pad, dilations, -np.inf)
    return (w + filter).max((3, 4))


REFUSED = {"string": TypeError, "complex64": TypeError}
VOLUME = (1, 4, 5, 3, 2)
APART = (Reals(distinct=True),)

ROWS = [
    Row(
        op="conv1d",
        kind="contraction",
        reference=conv1d,
        cases=[
            case((2, 7, 3), (3, 3, 2), stride=1, pad="same"),
            case((2, 7, 3), (3, 3, 2), stride=2, pad="valid"),
            case((7, 2), (2, 2, 4), stride=1, pad="valid"),
            case((1, 9, 2), (3, 2, 2), stride=1, pad="same", dilation=2).but(js_grad=False),
            case((1, 6, 1), (1, 1, 3), stride=1, pad=1).but(js=False),
        ],
        dtypes=REFUSED,
        js_second=False,
        bad=[
            (([1.0], np.zeros((1, 1, 1)), 1, "same"), {}, "input must be rank 3, but got rank 1"),
            (([[1.0]], [1.0], 1, "same"), {}, "filter must be rank 3"),
            (([[1.0]], np.zeros((1, 2, 1)), 1, "same"), {}, "depth of input .1. must match"),
            (([[1.0]], np.zeros((1, 1, 1)), 2, "same", "NWC", 2), {}, "Either stride or dilation must be 1"),
            (([[1.0]], np.zeros((1, 1, 1)), 1, "same", "NCW"), {}, "only NWC is currently supported"),
        ],
    ),
    Row(
        op="conv2dTranspose",
        kind="contraction",
        reference=conv2d_transpose,
        cases=[
            case((2, 3, 3, 2), (2, 2, 4, 2), outputShape=[2, 6, 6, 4], strides=2, pad="same"),
            case((1, 2, 3, 2), (3, 2, 1, 2), outputShape=[1, 4, 4, 1], strides=1, pad="valid"),
            case((3, 3, 1), (3, 3, 2, 1), outputShape=[3, 3, 2], strides=[1, 1], pad="same"),
            case((1, 2, 2, 1), (3, 3, 1, 1), outputShape=[1, 5, 5, 1], strides=[2, 2], pad="valid"),
        ],
        dtypes=REFUSED,
        js_second=False,
        bad=[
            (([1.0], np.zeros((1, 1, 1, 1)), [1], 1, "same"), {}, "input must be rank 4"),
            (
                (np.zeros((1, 1, 1, 1)), np.zeros((1, 1, 1, 1)), [1, 1, 1], 1, "same"),
                {},
                "Length of outputShape",
            ),
            (
                (np.zeros((1, 1, 1, 1)), np.zeros((1, 1, 2, 1)), [1, 1, 1, 1], 1, "same"),
                {},
                "depth of output .1.",
            ),
            (
                (np.zeros((1, 1, 1, 1)), np.zeros((1, 1, 1, 2)), [1, 1, 1, 1], 1, "same"),
                {},
                "depth of input .1.",
            ),
            (
                (np.zeros((1, 1, 1, 1)), np.zeros((1, 1, 1, 1)), [2, 1, 1, 1], 1, "same"),
                {},
                "the batch of outputShape",
            ),
        ],
    ),
    Row(
        op="separableConv2d",
        kind="contraction",
        reference=separable,
        cases=[
            case((1, 5, 4, 2), (3, 2, 2, 2), (1, 1, 4, 3), strides=1, pad="same"),
            case((2, 5, 5, 1), (2, 2, 1, 3), (1, 1, 3, 2), strides=2, pad="valid"),
            case((4, 4, 2), (2, 2, 2, 1), (1, 1, 2, 1), strides=[1, 1], pad="same"),
            case((1, 6, 5, 1), (2, 2, 1, 1), (1, 1, 1, 2), strides=1, pad="valid", dilation=[2, 1]).but(
                js_grad=False
            ),
        ],
        dtypes=REFUSED,
        js_second=False,
        bad=[
            (([1.0], np.zeros((1, 1, 1, 1)), np.zeros((1, 1, 1, 1)), 1, "same"), {}, "input must be rank 4"),
            (
                (np.zeros((1, 1, 1)), [1.0], np.zeros((1, 1, 1, 1)), 1, "same"),
                {},
                "depthwise filter must be rank 4",
            ),
            (
                (np.zeros((1, 1, 1)), np.zeros((1, 1, 1, 1)), [1.0], 1, "same"),
                {},
                "pointwise filter must be rank 4",
            ),
            (
                (np.zeros((1, 1, 1)), np.zeros((1, 1, 1, 1)), np.zeros((2, 1, 1, 1)), 1, "same"),
                {},
                "the first dimension",
            ),
            (
                (np.zeros((1, 1, 1)), np.zeros((1, 1, 1, 1)), np.zeros((1, 1, 2, 1)), 1, "same"),
                {},
                "must be 1, but got 2",
            ),
            (
                (np.zeros((1, 1, 1)), np.zeros((1, 1, 1, 1)), np.zeros((1, 1, 1, 1)), 1, "same", 1, "NCHW"),
                {},
                "does not support dataFormat NCHW",
            ),
        ],
    ),
    Row(
        op="conv3d",
        kind="contraction",
        reference=conv3d,
        cases=[
            case(VOLUME, (2, 3, 2, 2, 3), strides=1, pad="same"),
            case(VOLUME, (2, 2, 2, 2, 1), strides=[2, 1, 2], pad="valid"),
            case((3, 3, 3, 1), (2, 2, 2, 1, 2), strides=[1, 1, 1], pad="valid"),
            case((2, 5, 4, 4, 1), (3, 2, 2, 1, 1), strides=2, pad="same"),
            case((1, 6, 5, 5, 1), (2, 2, 2, 1, 1), strides=1, pad="valid", dilations=[2, 1, 2]).but(
                js_grad=False
            ),
        ],
        dtypes=REFUSED,
        js_second=False,
        bad=[
            (([1.0], np.zeros((1, 1, 1, 1, 1)), 1, "same"), {}, "input must be rank 5"),
            ((np.zeros((1, 1, 1, 1)), [1.0], 1, "same"), {}, "filter must be rank 5"),
            ((np.zeros((1, 1, 1, 1)), np.zeros((1, 1, 1, 2, 1)), 1, "same"), {}, "depth of input .1."),
            (
                (np.zeros((1, 1, 1, 1)), np.zeros((1, 1, 1, 1, 1)), [1, 2], "same"),
                {},
                "strides must be a number or three",
            ),
            (
                (np.zeros((1, 1, 1, 1)), np.zeros((1, 1, 1, 1, 1)), 2, "same", "NDHWC", 2),
                {},
                "Either strides or dilations must be 1",
            ),
            ((np.zeros((1, 1, 1, 1)), np.zeros((1, 1, 1, 1, 1)), 1, "same", "NCDHW"), {}, "only NDHWC"),
        ],
    ),
    Row(
        op="conv3dTranspose",
        kind="contraction",
        reference=conv3d_transpose,
        cases=[
            case((1, 2, 3, 2, 2), (2, 2, 2, 3, 2), outputShape=[1, 4, 6, 4, 3], strides=2, pad="same"),
            case((2, 2, 2, 2, 1), (3, 2, 2, 1, 1), outputShape=[2, 4, 3, 3, 1], strides=1, pad="valid"),
            case((2, 2, 2, 1), (3, 3, 3, 2, 1), outputShape=[2, 2, 2, 2], strides=1, pad="same"),
        ],
        dtypes=REFUSED,
        js_second=False,
        js_grad=False,
        note="TensorFlow.js has no gradient of it",
        bad=[
            (([1.0], np.zeros((1, 1, 1, 1, 1)), [1], 1, "same"), {}, "input must be rank 5"),
            (
                (np.zeros((1, 1, 1, 1)), np.zeros((1, 1, 1, 1, 1)), [1, 1], 1, "same"),
                {},
                "Length of outputShape",
            ),
            (
                (np.zeros((1, 1, 1, 1)), np.zeros((1, 1, 1, 2, 1)), [1, 1, 1, 1], 1, "same"),
                {},
                "depth of output .1.",
            ),
            (
                (np.zeros((1, 1, 1, 1)), np.zeros((1, 1, 1, 1, 2)), [1, 1, 1, 1], 1, "same"),
                {},
                "depth of input .1.",
            ),
            (
                (np.zeros((1, 1, 1, 1)), np.zeros((1, 1, 1, 1, 1)), [2, 1, 1, 1], 1, "same"),
                {},
                "does not belong to",
            ),
        ],
    ),
    Row(
        op="maxPool3d",
        kind="exact",
        reference=max_pool3d,
        inputs=APART,
        cases=[
            case(VOLUME, filterSize=2, strides=1, pad="same"),
            case(VOLUME, filterSize=[2, 3, 2], strides=[2, 1, 1], pad="valid").but(js_grad=False),
            case((4, 4, 4, 1), filterSize=2, strides=2, pad="valid"),
            case((1, 4, 4, 4, 1), filterSize=3, strides=2, pad=1),
            case(VOLUME, strides=1, pad="valid"),
        ],
        second=False,
        js_second=False,
        js=Js("(x, f, ...a) => tf.maxPool3d(x, f ?? [1, 1, 1], ...a)"),
        dtypes={"complex64": TypeError},
        bad=[
            (([1.0], 1, 1, "same"), {}, "x must be rank 5 but got rank 1"),
            ((np.zeros((1, 1, 1, 1)), 1, 1, "same", None, "NCDHW"), {}, "Only NDHWC is currently supported"),
        ],
    ),
    Row(
        op="avgPool3d",
        kind="reduction",
        reference=avg_pool3d,
        cases=[
            case(VOLUME, filterSize=2, strides=1, pad="same").but(js_grad=False),
            case(VOLUME, filterSize=[2, 3, 2], strides=[2, 1, 1], pad="valid"),
            case((4, 4, 4, 1), filterSize=2, strides=2, pad="valid"),
            case((1, 4, 4, 4, 1), filterSize=3, strides=2, pad=1).but(js_grad=False),
        ],
        second=False,
        js_second=False,
        dtypes={"complex64": TypeError},
        bad=[
            (([1.0], 1, 1, "same"), {}, "x must be rank 5 but got rank 1"),
            ((np.zeros((1, 1, 1, 1)), 1, 1, "same", None, "NCDHW"), {}, "Only NDHWC is currently supported"),
        ],
    ),
    Row(
        op="pool",
        kind="reduction",
        reference=pool,
        inputs=APART,
        cases=[
            case((1, 5, 4, 2), windowShape=2, poolingType="max", pad="same"),
            case(
                (1, 5, 4, 2), windowShape=[2, 3], poolingType="avg", pad="valid", strides=[2, 1], dilations=1
            ),
            case((6, 6, 1), windowShape=2, poolingType="max", pad="valid", dilations=[2, 2]),
            case((1, 7, 6, 2), windowShape=[2, 2], poolingType="avg", pad="same", dilations=[2, 3]),
            case((1, 5, 5, 1), windowShape=3, poolingType="max", pad="same", dilations=2),
        ],
        second=False,
        js_second=False,
        dtypes={"complex64": TypeError, "string": TypeError},
        bad=[
            (([1.0], 2, "max", "same"), {}, "must be rank 4"),
            ((np.zeros((1, 4, 4, 1)), 2, "max", "same", 2, 2), {}, "Either strides or dilations must be 1"),
            ((np.zeros((1, 4, 4, 1)), 2, "min", "same"), {}, "must be one of 'avg', 'max'"),
        ],
    ),
    Row(
        op="maxPoolWithArgmax",
        kind="exact",
        reference=with_argmax,
        inputs=APART,
        cases=[
            case((2, 4, 5, 2), filterSize=2, strides=2, pad="valid"),
            case((2, 4, 5, 2), filterSize=[3, 2], strides=1, pad="same"),
            case((2, 4, 4, 1), filterSize=2, strides=2, pad="same", includeBatchInIndex=True),
        ],
        graded=1,
        second=False,
        # Its indices are floating-point numbers in a tensor that calls itself int32.
        js=Js(
            "(...a) => { const r = tf.maxPoolWithArgmax(...a);"
            " return [r.result, tf.tensor(Array.from(r.indexes.dataSync()), r.indexes.shape, 'int32')]; }"
        ),
        js_grad=False,
        note="TensorFlow.js has no gradient of it",
        dtypes={"complex64": TypeError},
        bad=[(([1.0], 2, 2, "same"), {}, "x must be rank 4 but got rank 1")],
    ),
    Row(
        op="dilation2d",
        kind="elementwise",
        reference=dilation2d,
        cases=[
            case((1, 5, 4, 2), (2, 2, 2), strides=1, pad="same"),
            case((2, 5, 5, 1), (3, 2, 1), strides=2, pad="valid"),
            case((5, 5, 3), (2, 2, 3), strides=1, pad="valid", dilations=[2, 2]),
            case((1, 7, 7, 1), (2, 3, 1), strides=[2, 1], pad="same", dilations=[1, 2]),
        ],
        second=False,
        js_second=False,
        dtypes=REFUSED,
        bad=[
            (([1.0], np.zeros((1, 1, 1)), 1, "same"), {}, "input must be rank 3 or 4"),
            ((np.zeros((1, 1, 1)), [1.0], 1, "same"), {}, "filter must be rank 3"),
            ((np.zeros((1, 1, 1)), np.zeros((1, 1, 2)), 1, "same"), {}, "must have the same depth: 1 vs 2"),
            ((np.zeros((1, 1, 1)), np.zeros((1, 1, 1)), 1, "same", 0), {}, "dilations must be two positive"),
        ],
    ),
]
