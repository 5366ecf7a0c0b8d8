"""Reductions, scans, ranking, counting, segments."""

from __future__ import annotations

import numpy as np

from .description import describe
from .draw import Draw


def reduction(kind: str, least: int = 0):
    def draw(d: Draw) -> list:
        shape = d.shape(least)
        if kind == "truth":
            x = d.truth(shape)
        elif kind == "real":
            x = d.real(shape)
        else:
            x = d.numeric(shape)
        return [x, *d.options(d.axes(x.ndim), d.flag())]

    return draw


describe("all any", reduction("truth"))
describe("sum mean prod max min", reduction("numeric"))
describe("logSumExp moments", reduction("real"))


def lengths(d: Draw) -> list:
    x = d.apart(d.shape(1, 4, empty=False))
    axis = d.choice(None, d.axis(x.ndim), d.order(x.ndim)[:2])
    return [x, *d.options(axis, d.flag())]


describe("euclideanNorm", lengths)


def place_of(d: Draw) -> list:
    x = d.numeric(d.shape(1, empty=False), bools=False)
    return [x, *d.options(d.axis(x.ndim))]


describe("argMax argMin", place_of)


def scan(d: Draw) -> list:
    x = d.numeric(d.shape(1))
    axis = d.axis(x.ndim)
    return [x, *d.options(axis % x.ndim if d.often(0.7) else axis, d.flag(), d.flag())]


describe("cumsum cumprod", scan)


def norms(d: Draw) -> list:
    x = d.apart(d.shape(2, 4, empty=False))
    axis = d.choice(None, d.axis(x.ndim), [0, 1], [1, 0])
    order = d.choice("euclidean", 1, np.inf, -np.inf)
    return [x, *([] if axis is None and d.flag() else [order, axis, d.flag()])]


describe("norm", norms, bad=[lambda d: [d.real((2, 2)), 7, 0], lambda d: [d.real((2, 2, 2)), 1, [0, 1, 2]]])


def largest(d: Draw) -> list:
    x = d.numeric(d.shape(1, empty=False), bools=False)
    return [x, *d.options(d.integer(1, x.shape[-1]), True)]


describe("topk", largest, bad=[lambda d: [d.real((3,)), 4], lambda d: [d.real((3,)), -1]])


def repeating(d: Draw) -> list:
    x = d.whole(d.shape(1, 3, empty=False), 0, 2)
    return [x if d.flag() else x.astype(np.float32), *d.options(d.integer(0, x.ndim - 1))]


describe("unique", repeating)


def sequences(d: Draw) -> tuple[np.ndarray, np.ndarray]:
    rows, n, m = d.integer(1, 3), d.integer(1, 6), d.integer(1, 5)
    lead = () if d.flag() else (rows,)
    return np.sort(d.real((*lead, n)), axis=-1), d.real((*lead, m))


describe("lowerBound upperBound", lambda d: [*sequences(d)])
describe("searchSorted", lambda d: [*sequences(d), *d.options(d.choice("left", "right"))])


def in_top(d: Draw) -> list:
    shape = d.shape(2, 3, empty=False)
    return [d.apart(shape), d.whole(shape[:-1], 0, shape[-1] - 1), *d.options(d.integer(1, shape[-1]))]


describe("inTopKAsync", in_top)


def bins(d: Draw) -> list:
    n, size = d.integer(1, 8), d.integer(1, 6)
    weights = d.choice(d.real((n,)), np.zeros(0, np.float32))
    return [d.whole((n,), 0, 7), weights, size]


describe("bincount", bins)


def dense_bins(d: Draw) -> list:
    shape = (d.integer(1, 8),) if d.flag() else (d.integer(1, 3), d.integer(1, 6))
    weights = d.choice(d.real(shape), np.zeros((0,) * len(shape), np.float32))
    return [d.whole(shape, 0, 7), weights, d.integer(1, 6), *d.options(d.flag())]


describe("denseBincount", dense_bins)


def segments(d: Draw) -> list:
    x = d.real(d.shape(1, 4, empty=False))
    count = d.integer(1, 4)
    return [x, d.whole((x.shape[0],), 0, count - 1), count]


describe("unsortedSegmentSum", segments)


def confusion(d: Draw) -> list:
    n, classes = d.integer(1, 8), d.integer(2, 5)
    return [d.whole((n,), 0, classes - 1), d.whole((n,), 0, classes - 1), classes]


describe("math.confusionMatrix", confusion)
