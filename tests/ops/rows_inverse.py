"""Rows of inverse functions, of complex numbers, and of running products."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from .row import Reals, Row, case
from .rows_unary import TO_REAL, unary

NO_NUMBERS = {"complex64": TypeError, "string": TypeError}
BOX = (3, 4, 5)


@dataclass(frozen=True)
class Complexes:
    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        return (rng.uniform(-2, 2, shape) + 1j * rng.uniform(-2, 2, shape)).astype(np.complex64)


def cumprod(x: np.ndarray, axis: int = 0, exclusive: bool = False, reverse: bool = False) -> np.ndarray:
    y = np.flip(x, axis) if reverse else x
    product = np.cumprod(y, axis=axis)
    if exclusive:
        product = np.roll(product, 1, axis)
        if product.shape[axis]:
            np.moveaxis(product, axis, 0)[0] = 1
    return np.flip(product, axis) if reverse else product


def recurrence(a: np.ndarray, b: np.ndarray, reverse: bool) -> np.ndarray:
    y = np.zeros_like(b)
    n = b.shape[1]
    last = np.zeros_like(b[:, 0]) if n else None
    for k in reversed(range(n)) if reverse else range(n):
        last = b[:, k] + a[:, k] * last
        y[:, k] = last
    return y


def add_n(tensors: list[np.ndarray]) -> np.ndarray:
    return np.sum(tensors, axis=0)


FLAGS = [{"exclusive": e, "reverse": r} for e, r in itertools.product([False, True], repeat=2)]

ROWS = [
    unary("asin", "transcendental", np.arcsin, -0.8, 0.8, dtypes=TO_REAL),
    unary("acos", "transcendental", np.arccos, -0.8, 0.8, dtypes=TO_REAL),
    unary("atan", "transcendental", np.arctan, dtypes=TO_REAL),
    unary("asinh", "transcendental", np.arcsinh, dtypes=TO_REAL),
    unary("acosh", "transcendental", np.arccosh, 1.3, 4.0, dtypes=TO_REAL),
    unary("atanh", "transcendental", np.arctanh, -0.8, 0.8, dtypes=TO_REAL),
    unary(
        "logSigmoid",
        "transcendental",
        lambda x: -np.logaddexp(0.0, -x),
        js_second=False,
        dtypes=TO_REAL,
    ),
    Row(
        op="atan2",
        kind="transcendental",
        reference=np.arctan2,
        inputs=(Reals(0.3, 2.0), Reals(-2.0, 2.0)),
        cases=[
            case((), ()),
            case((7,), (7,)),
            case((3, 5), (5,)),
            case((3, 1), (1, 4)),
            case((0, 3), (3,)),
            case((2, 1, 3), (4, 1)),
        ],
        large=case((300, 401), (401,)),
        dtypes=TO_REAL,
        family="binary",
        js_second=False,
    ),
    Row(
        op="addN",
        kind="reduction",
        reference=add_n,
        cases=[
            case([(3, 4), (3, 4)]),
            case([(3, 4)]),
            case([(5,), (5,), (5,), (5,)]),
            case([(), ()]),
            case([(0, 2), (0, 2)]),
        ],
        second=False,
        dtypes={"int32": "int32", "complex64": "complex64", "string": TypeError},
        bad=[
            (([],), {}, "at least one tensor"),
            (([[1.0], [1.0, 2.0]],), {}, "same shape"),
            (([np.array([1], np.int32), [1.0]],), {}, "same dtype"),
        ],
    ),
    Row(
        op="cumprod",
        kind="reduction",
        reference=cumprod,
        inputs=(Reals(0.6, 1.5),),
        cases=[
            *(case((3, 7), axis=1, **flags) for flags in FLAGS),
            *(case(BOX, axis=1, **flags) for flags in FLAGS),
            case((1,)),
            case((9,)),
            case(BOX, axis=0),
            case(BOX, axis=-1, reverse=True).but(js=False),
            case((0,)).but(js=False),
            case((2, 3, 1, 2, 1, 2), axis=3),
        ],
        js_grad=False,
        note="TensorFlow.js has no gradient of cumprod",
        dtypes={"int32": "int32", "bool": "int32", **NO_NUMBERS},
        large=case((400, 301), axis=1),
        bad=[(([[1.0]], 2), {}, "axis 2 is out of range"), (([[1.0]], -3), {}, "axis -3 is out of range")],
    ),
    Row(
        op="recurrence",
        kind="reduction",
        reference=recurrence,
        cases=[
            case((2, 5, 3), (2, 5, 3), reverse=False),
            case((2, 5, 3), (2, 5, 3), reverse=True),
            case((1, 1, 4), (1, 1, 4), reverse=True),
            case((2, 0, 3), (2, 0, 3), reverse=False),
        ],
        js="",
        note="a step of the gradient of cumprod",
        bad=[(([1.0], [1.0], True), {}, "must be .outer, n, inner.")],
    ),
    Row(
        op="complex",
        kind="exact",
        reference=lambda re, im: (re + 1j * im).astype(np.complex64),
        cases=[case(()).but(shapes=((), ()), grad=False), case((3, 4), (3, 4)).but(grad=False)],
        dtypes={"string": TypeError, "int32": "complex64"},
        js_grad=False,
        note="TensorFlow.js has no gradient of complex; ours is in test_complex.py",
        bad=[(([1.0], [1.0, 2.0]), {}, "real and imag shapes, 1 and 2")],
    ),
    *(
        Row(
            op=op,
            kind="exact",
            reference=part,
            inputs=(Complexes(),),
            cases=[case(()), case((3, 4)), case((0,)).but(js=False)],
            dtypes={"string": TypeError, "float32": TypeError, "int32": TypeError},
            js_grad=False,
            note="TensorFlow.js has no gradient of the parts; ours is in test_complex.py",
        )
        for op, part in (("real", np.real), ("imag", np.imag))
    ),
]
