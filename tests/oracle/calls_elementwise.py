"""Arithmetic, basic mathematics, comparisons: one element at a time."""

from __future__ import annotations

import numpy as np

from .description import describe
from .draw import Draw

# ---- of one tensor ----

describe("neg square sign relu relu6 exp", lambda d: [d.numeric(bools=False)])
describe("floor ceil round", lambda d: [d.real()])
describe("abs", lambda d: [d.complex() if d.often(0.1) else d.numeric(bools=False)])
describe(
    "atan cos elu erf expm1 logSigmoid selu sigmoid sin sinh cosh softplus tanh asinh",
    lambda d: [d.real()],
)
describe("tan", lambda d: [d.real(low=-1.2, high=1.2)])
describe("acos asin atanh", lambda d: [d.real(low=-0.95, high=0.95)])
describe("acosh", lambda d: [d.real(low=1.05, high=5)])
describe("log sqrt rsqrt reciprocal", lambda d: [d.real(low=0.1, high=4)])
describe("log1p", lambda d: [d.real(low=-0.8, high=4)])
describe("step", lambda d: [d.real(), *d.options(d.choice(0, 1, 0.5, -2))])
describe("leakyRelu", lambda d: [d.real(), *d.options(d.number(0, 1))])
describe("isNaN isInf isFinite", lambda d: [with_oddities(d)])


def with_oddities(d: Draw) -> np.ndarray:
    x = d.real()
    if x.size:
        for odd in (np.nan, np.inf, -np.inf):
            x.flat[d.integer(0, x.size - 1)] = odd
    return x


def clipping(d: Draw) -> list:
    low = d.number(-1.5, 0.5)
    return [d.real(), low, low + d.number(0, 1.5)]


describe("clipByValue", clipping, bad=[lambda d: [d.real(), 1.0, d.number(-1, 0.5)]])


def sloping(d: Draw) -> list:
    x = d.real()
    return [x, d.real(d.part(x.shape), 0, 1)]


describe("prelu", sloping)
describe("logicalNot", lambda d: [d.truth()])
describe("clone", lambda d: [d.any()])
describe("zerosLike onesLike", lambda d: [d.complex() if d.often(0.1) else d.numeric()])

# ---- of two ----


def two(d: Draw) -> list:
    return [d.numeric(shape) for shape in d.broadcast(2)]


def two_alike(d: Draw) -> list:
    """Of one type, or one of them a number."""
    a, b = d.broadcast(2)
    if d.often(0.1):
        return [d.real(a), d.number(-2, 2)]
    return [d.whole(a), d.whole(b)] if d.often(0.3) else [d.real(a), d.real(b)]


describe("add sub mul", lambda d: [d.complex(s) for s in d.broadcast(2)] if d.often(0.1) else two(d))
describe("maximum minimum", two)
describe("squaredDifference", two_alike)
describe("equal notEqual", lambda d: [d.text(s) for s in d.broadcast(2)] if d.often(0.1) else two(d))
describe("greater greaterEqual less lessEqual", two)


def dividing(d: Draw) -> list:
    """Whole numbers, too; none is 0 in the divisor, and few quotients are whole."""
    a, b = d.broadcast(2)
    if d.often(0.3):
        below = d.whole(b, 1, 4)
        return [d.whole(a, -9, 9), np.where(d.truth(b), below, -below).astype(np.int32)]
    below = d.real(b, 0.3, 2)
    return [d.real(a), np.where(d.truth(b), below, -below).astype(np.float32)]


describe("div floorDiv mod", dividing)
describe("divNoNan", lambda d: [d.real(a) for a in d.broadcast(2)])


def powers(d: Draw) -> list:
    a, b = d.broadcast(2)
    if d.often(0.25):
        return [d.whole(a), d.whole(b, 0, 3)]
    return [d.real(a, 0.2, 2), d.real(b)]


describe("pow", powers)
describe("atan2", lambda d: [d.apart(a) for a in d.broadcast(2)])
describe("logicalAnd logicalOr logicalXor", lambda d: [d.truth(s) for s in d.broadcast(2)])
describe("bitwiseAnd", lambda d: [d.whole(s := d.shape(), -100, 100), d.whole(s, 0, 99)])


def adding(d: Draw) -> list:
    shape = d.shape()
    kind = d.choice(d.real, d.real, d.whole)
    return [[kind(shape) for _ in range(d.integer(1, 4))]]


describe("addN", adding)


def choosing(d: Draw) -> list:
    condition, a, b = d.broadcast(3)
    return [d.truth(condition), d.numeric(a), d.numeric(b)]


describe("where", choosing)
describe("whereAsync", lambda d: [d.truth(d.shape(1))])

# ---- dtypes ----


def casting(d: Draw) -> list:
    dtype = d.choice("float32", "int32", "bool", "complex64")
    return [d.numeric(), dtype]


describe("cast", casting)
describe("complex", lambda d: [d.real(s := d.shape()), d.real(s)])
describe("real imag", lambda d: [d.complex()])
