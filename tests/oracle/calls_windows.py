"""Convolutions, pools and their fused forms."""

from __future__ import annotations

from typing import Any

import numpy as np

from .description import describe
from .draw import Draw


def image(d: Draw, sizes: list[int], channels: int, batch: bool = True) -> np.ndarray:
    lead = (d.integer(1, 2),) if batch else ()
    return d.apart((*lead, *sizes, channels))


class Window:
    """Sizes, filter, strides, dilations and padding that go together, for `rank` dimensions."""

    def __init__(self, d: Draw, rank: int, dilated: bool = True, numbers: bool = True) -> None:
        self.filter = [d.integer(1, 3) for _ in range(rank)]
        self.strides = [d.integer(1, 3) for _ in range(rank)]
        self.dilations = [1] * rank
        self.pad: Any = d.choice("same", "valid")
        self.rounding: str | None = None
        if dilated and d.often(0.25):
            self.strides = [1] * rank
            self.dilations = [d.integer(1, 2) for _ in range(rank)]
        reach = [(f - 1) * e + 1 for f, e in zip(self.filter, self.dilations, strict=True)]
        self.sizes = [r + d.integer(0, 4) for r in reach]
        if numbers and d.often(0.25):
            # Square: a number is understood alike everywhere.
            # No window lies beyond the input.
            self.filter, self.strides = [self.filter[0]] * rank, [min(self.strides[0], self.filter[0])] * rank
            self.dilations = [self.dilations[0]] * rank
            self.sizes = [reach[0] + d.integer(0, 4) for _ in range(rank)]
            # None lies in the padding, either.
            self.rounding = d.choice(None, "floor", "ceil", "round")
            self.pad = d.integer(0, min(2, self.filter[0] - 1)) if self.rounding in (None, "floor") else 0

    def of(self, d: Draw, values: list[int]) -> Any:
        """A number where all are the same, now and then."""
        return values[0] if len(set(values)) == 1 and d.flag() else list(values)


def convolution(d: Draw, fused: bool = False, depthwise: bool = False) -> list:
    w = Window(d, 2)
    c, out = d.integer(1, 3), d.integer(1, 3)
    x = image(d, w.sizes, c, batch=d.often(0.8))
    filter_ = d.real((*w.filter, c, out))
    data_format = "NHWC"
    if not depthwise and not fused and w.dilations == [1, 1] and w.rounding is None and d.often(0.15):
        data_format = "NCHW"
        x = np.ascontiguousarray(np.moveaxis(x, -1, -3))
    pad = w.pad
    if pad == "valid" and d.often(0.2) and data_format == "NHWC":
        pad = [[0, 0], [d.integer(0, 1), d.integer(0, 1)], [d.integer(0, 1), d.integer(0, 1)], [0, 0]]
    required = [x, filter_, w.of(d, w.strides), pad]
    if w.rounding or w.dilations != [1, 1] or data_format == "NCHW":
        return [*required, data_format, w.of(d, w.dilations), *([w.rounding] if w.rounding else [])]
    return [*required, *d.options(data_format, w.of(d, w.dilations))]


BAD_WINDOWS = [
    lambda d: [d.real((1, 4, 4, 2)), d.real((2, 2, 3, 1)), 1, "valid"],
    lambda d: [d.real((1, 4, 4, 2)), d.real((2, 2, 2, 1)), 2, "valid", "NHWC", 2],
    lambda d: [d.real((1, 4, 4, 2)), d.real((2, 2, 2, 1)), 1, "same", "NHWC", 1, "floor"],
    lambda d: [d.real((4, 4)), d.real((2, 2, 2, 1)), 1, "valid"],
    lambda d: [d.real((1, 4, 4, 2)), d.real((2, 2, 2, 1)), 1, "around"],
]
describe("conv2d", convolution, bad=BAD_WINDOWS)
describe("depthwiseConv2d", lambda d: convolution(d, depthwise=True), bad=BAD_WINDOWS)


def fused(d: Draw, depthwise: bool = False) -> list:
    x, filter_, strides, pad, *rest = convolution(d, fused=True, depthwise=depthwise)
    config = {"x": x, "filter": filter_, "strides": strides, "pad": pad}
    config.update(zip(("dataFormat", "dilations", "dimRoundingMode"), rest, strict=False))
    channels = filter_.shape[2] * filter_.shape[3] if depthwise else filter_.shape[3]
    if d.flag():
        config["bias"] = d.real((channels,))
    activation = d.choice(None, "linear", "relu", "relu6", "elu", "sigmoid", "leakyrelu", "prelu")
    if activation:
        config["activation"] = activation
    if activation == "prelu":
        config["preluActivationWeights"] = d.real((channels,), 0, 1)
    if activation == "leakyrelu":
        config["leakyreluAlpha"] = d.number(0.05, 0.5)
    return [config]


describe("fused.conv2d", fused)
describe("fused.depthwiseConv2d", lambda d: fused(d, depthwise=True))


def fused_product(d: Draw) -> list:
    n, k, m = (d.integer(1, 4) for _ in range(3))
    ta, tb = d.flag(), d.flag()
    config = {
        "a": d.real((k, n) if ta else (n, k)),
        "b": d.real((m, k) if tb else (k, m)),
        "transposeA": ta,
        "transposeB": tb,
    }
    if d.flag():
        config["bias"] = d.real((m,))
    activation = d.choice(None, "linear", "relu", "relu6", "elu", "sigmoid", "leakyrelu", "prelu")
    if activation:
        config["activation"] = activation
    if activation == "prelu":
        config["preluActivationWeights"] = d.real((m,), 0, 1)
    return [config]


describe("fused.matMul", fused_product)


def convolution1d(d: Draw) -> list:
    w = Window(d, 1, numbers=False)
    c = d.integer(1, 3)
    x, filter_ = image(d, w.sizes, c, batch=d.often(0.8)), d.real((*w.filter, c, d.integer(1, 3)))
    if w.dilations != [1]:
        return [x, filter_, w.strides[0], w.pad, "NWC", w.dilations[0]]
    return [x, filter_, w.strides[0], w.pad, *d.options("NWC", 1)]


describe("conv1d", convolution1d, bad=[lambda d: [d.real((1, 4, 2)), d.real((2, 3, 1)), 1, "valid"]])


def convolution3d(d: Draw) -> list:
    w = Window(d, 3, numbers=False)
    c = d.integer(1, 2)
    x, filter_ = image(d, w.sizes, c, batch=d.often(0.8)), d.real((*w.filter, c, d.integer(1, 2)))
    required = [x, filter_, w.of(d, w.strides), w.pad]
    if w.dilations != [1, 1, 1]:
        return [*required, "NDHWC", w.of(d, w.dilations)]
    return [*required, *d.options("NDHWC", 1)]


describe(
    "conv3d", convolution3d, bad=[lambda d: [d.real((1, 4, 4, 4, 2)), d.real((2, 2, 2, 3, 1)), 1, "valid"]]
)


def transposed(rank: int):
    def draw(d: Draw) -> list:
        filter_, strides = [d.integer(1, 3) for _ in range(rank)], [d.integer(1, 3) for _ in range(rank)]
        pad = d.choice("same", "valid")
        sizes = [d.integer(1, 3) for _ in range(rank)]
        c, out, batch = d.integer(1, 2), d.integer(1, 2), d.integer(1, 2)
        if pad == "same":
            whole = [n * s - d.integer(0, s - 1) for n, s in zip(sizes, strides, strict=True)]
        else:
            whole = [(n - 1) * s + f for n, s, f in zip(sizes, strides, filter_, strict=True)]
        x = d.real((batch, *sizes, c))
        strides = strides[0] if len(set(strides)) == 1 and d.flag() else strides
        return [x, d.real((*filter_, out, c)), [batch, *whole, out], strides, pad]

    return draw


describe(
    "conv2dTranspose",
    transposed(2),
    bad=[lambda d: [d.real((1, 2, 2, 2)), d.real((2, 2, 1, 3)), [1, 4, 4, 1], 2, "same"]],
)
describe(
    "conv3dTranspose",
    transposed(3),
    bad=[lambda d: [d.real((1, 2, 2, 2, 2)), d.real((2, 2, 2, 1, 3)), [1, 4, 4, 4, 1], 2, "same"]],
)


def separable(d: Draw) -> list:
    w = Window(d, 2, numbers=False)
    c, m = d.integer(1, 2), d.integer(1, 2)
    filters = [d.real((*w.filter, c, m)), d.real((1, 1, c * m, d.integer(1, 3)))]
    x = image(d, w.sizes, c, batch=d.often(0.8))
    return [x, *filters, w.of(d, w.strides), w.pad, w.of(d, w.dilations), *d.options("NHWC")]


describe("separableConv2d", separable)


def morphological(d: Draw) -> list:
    w = Window(d, 2, numbers=False)
    c = d.integer(1, 3)
    x, filter_ = image(d, w.sizes, c, batch=d.often(0.8)), d.apart((*w.filter, c))
    return [x, filter_, w.of(d, w.strides), w.pad, w.of(d, w.dilations), *d.options("NHWC")]


describe("dilation2d", morphological)


def pooled(rank: int):
    def draw(d: Draw) -> list:
        w = Window(d, rank, dilated=False, numbers=rank == 2)
        x = image(d, w.sizes, d.integer(1, 3), batch=d.often(0.8))
        rest = [w.rounding] if w.rounding else []
        return [x, w.of(d, w.filter), w.of(d, w.strides), w.pad, *rest]

    return draw


BAD_POOLS = [
    lambda d: [d.real((4, 4)), 2, 1, "valid"],
    lambda d: [d.real((1, 4, 4, 1)), 2, 1, "same", "floor"],
    lambda d: [d.real((1, 4, 4, 1)), 2, 1, "full"],
]
describe("maxPool avgPool", pooled(2), bad=BAD_POOLS)
describe("maxPool3d avgPool3d", pooled(3), bad=BAD_POOLS[:1])


def with_places(d: Draw) -> list:
    w = Window(d, 2, dilated=False, numbers=False)
    x = image(d, w.sizes, d.integer(1, 3))
    return [x, w.of(d, w.filter), w.of(d, w.strides), w.pad, *d.options(d.flag())]


describe("maxPoolWithArgmax", with_places)


def pooling(d: Draw) -> list:
    w = Window(d, 2, numbers=False)
    x = image(d, w.sizes, d.integer(1, 3), batch=d.often(0.8))
    return [x, w.of(d, w.filter), d.choice("max", "avg"), w.pad, w.of(d, w.dilations), w.of(d, w.strides)]


describe("pool", pooling)
