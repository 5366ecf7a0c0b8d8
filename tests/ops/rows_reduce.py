"""Rows of reductions and running sums."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from support.oracle import Js

from .row import Domain, Reals, Row, Truths, case

BOX = (3, 4, 5)
AXES = [None, 0, 1, 2, -1, -3, [0], [0, 1], [1, 2], [0, 2], [2, 0], [-1, -2], [0, 1, 2]]
# Blocks of columns and of rows, rows that are cut to tiles, and those that are fetched ahead.
LONG = [case((40_000, 5), axis=0), case((3, 70_001), axis=1), case((2, 700, 90), axis=1)]
LONG += [case((40, 5_001), axis=0), case((1_300, 1_030), axis=0), case((3, 140_000), axis=0)]
LONG += [case((2, 130, 4_100), axis=1)]

ANY = Reals()
# Sums of these do not cancel out.
PLENTY = Reals(-1.0, 2.0)

NUMBERS = {"int32": "int32", "bool": "int32", "complex64": TypeError, "string": TypeError}
EXTREME = {"int32": "int32", "bool": "bool", "complex64": TypeError, "string": TypeError}
TO_REAL = {"int32": "float32", "bool": "float32", "complex64": TypeError, "string": TypeError}
TRUTH = {
    "float32": TypeError,
    "int32": TypeError,
    "complex64": TypeError,
    "string": TypeError,
    "bool": "bool",
}
INDEX = {"int32": "int32", "bool": "int32", "complex64": TypeError, "string": TypeError}
WRONG_AXIS = [(([[1.0]], 2), {}, "axis 2 is out of range"), (([[1.0]], -3), {}, "axis -3 is out of range")]
WRONG_AXES = [
    *WRONG_AXIS,
    (([[1.0]], [0, 0]), {}, "an axis is named twice"),
    (([[1.0]], [0, -2]), {}, "twice"),
]


def _axis(axis: Any) -> Any:
    return tuple(axis) if isinstance(axis, list) else axis


def over(f: Any) -> Any:
    """A NumPy reduction under our attributes."""
    return lambda x, axis=None, keepDims=False: f(x, axis=_axis(axis), keepdims=keepDims)


EXTREMES = {"max", "min", "logSumExp"}


def reduction(
    op: str, kind: str, reference: Any, domain: Domain = ANY, *, empty: bool = True, **more: Any
) -> Row:
    cases = [case(BOX, axis=a) for a in AXES]
    cases += [case(BOX, axis=a, keepDims=True) for a in (None, 1, [0, 2])]
    cases += [
        case(()),
        case((1,)),
        case((2, 3, 1, 2, 1, 2), axis=[1, 3, 5]),
        case((2, 3, 1, 2, 1, 2), axis=[0, 3]),
    ]
    cases += [case((4, 1, 3), axis=[0, 2]), case((2, 1, 3), axis=[], keepDims=False).but(js=False)]
    if empty:
        cases += [
            case((0,)),
            case((0, 3), axis=0),
            case((3, 0), axis=0),
            case((2, 0, 3), axis=[1, 2], keepDims=True),
        ]
    more.setdefault("large", case((300, 401)))
    more.setdefault("bad", WRONG_AXES)
    return Row(
        op=op,
        kind=kind,
        reference=over(reference) if reference is not None else more.pop("full_reference"),
        # Nothing has no largest value to differentiate.
        cases=[
            c.but(js=c.js and 0 not in c.shapes[0], grad=0 not in c.shapes[0] or op not in EXTREMES)
            for c in cases
        ],
        inputs=(domain,),
        family="reduction",
        **more,
    )


def log_sum_exp(x: np.ndarray, axis: Any = None, keepDims: bool = False) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        top = np.max(x, axis=_axis(axis), keepdims=True, initial=-math.inf)
        shift = np.where(np.isfinite(top), top, 0)
        total = np.log(np.sum(np.exp(x - shift), axis=_axis(axis), keepdims=True)) + shift
    return total if keepDims else np.squeeze(total, tuple(range(x.ndim)) if axis is None else _axis(axis))


def mean(x: np.ndarray, axis: Any = None, keepdims: bool = False) -> np.ndarray:
    count = x.size if axis is None else math.prod(x.shape[a] for a in np.atleast_1d(axis).astype(int))
    return np.sum(x, axis=axis, keepdims=keepdims) / max(count, 1)


def moments(x: np.ndarray, axis: Any = None, keepDims: bool = False) -> tuple[np.ndarray, np.ndarray]:
    return (
        np.asarray(mean(x, _axis(axis), keepDims)),
        np.asarray(mean((x - mean(x, _axis(axis), True)) ** 2, _axis(axis), keepDims)),
    )


def extreme_or(f: Any, neutral: float) -> Any:
    return lambda x, axis=None, keepdims=False: f(x, axis=axis, keepdims=keepdims, initial=neutral)


def cumsum(x: np.ndarray, axis: int = 0, exclusive: bool = False, reverse: bool = False) -> np.ndarray:
    y = np.flip(x, axis) if reverse else x
    y = np.cumsum(y, axis=axis) - (y if exclusive else 0)
    return np.flip(y, axis) if reverse else y


def arg(f: Any) -> Any:
    return lambda x, axis=0: f(x, axis=axis).astype(np.int32)


CUMSUM_FLAGS = [{"exclusive": e, "reverse": r} for e, r in itertools.product([False, True], repeat=2)]

ROWS = [
    reduction("sum", "reduction", np.sum, PLENTY, dtypes={**NUMBERS, "complex64": "complex64"}, second=False),
    reduction("mean", "reduction", mean, PLENTY, dtypes=TO_REAL, second=False),
    reduction(
        "prod",
        "reduction",
        np.prod,
        Reals(0.6, 1.4),
        dtypes=NUMBERS,
        js_grad=False,
        large=case((300, 40), axis=1),
        note="TensorFlow.js' gradient of prod along several axes is wrong",
    ),
    reduction(
        "max", "exact", extreme_or(np.max, -math.inf), Reals(distinct=True), dtypes=EXTREME, js_second=False
    ),
    reduction(
        "min", "exact", extreme_or(np.min, math.inf), Reals(distinct=True), dtypes=EXTREME, js_second=False
    ),
    reduction(
        "all",
        "exact",
        np.all,
        Truths(),
        dtypes=TRUTH,
        large=None,
        bad=[(([True], 1), {}, "axis 1 is out of range")],
    ),
    reduction(
        "any",
        "exact",
        np.any,
        Truths(),
        dtypes=TRUTH,
        large=None,
        bad=[(([True], 1), {}, "axis 1 is out of range")],
    ),
    reduction(
        "squaredSum",
        "reduction",
        lambda x, **more: np.sum(np.square(x), **more),
        PLENTY,
        js="",
        note="a step of norm",
        dtypes={"int32": TypeError, "complex64": TypeError},
        second=False,
    ),
    reduction(
        "logSumExp", "transcendental", None, full_reference=log_sum_exp, dtypes=TO_REAL, js_second=False
    ),
    reduction(
        "moments",
        "reduction",
        None,
        PLENTY,
        full_reference=moments,
        dtypes={k: v if isinstance(v, type) else (v, v) for k, v in TO_REAL.items()},
        js=Js("(...a) => { const m = tf.moments(...a); return [m.mean, m.variance]; }"),
    ),
    *(
        Row(
            op=op,
            kind="exact",
            reference=arg(f),
            inputs=(Reals(distinct=True),),
            cases=[
                case((1,)),
                case((7,)),
                *(case(BOX, axis=a) for a in (0, 1, 2, -1, -2)),
                case((2, 3, 1, 2, 1, 2), axis=3),
                case((0, 3), axis=1).but(js=False),
            ],
            js_grad=False,
            dtypes=INDEX,
            large=case((400, 301), axis=1),
            bad=[*WRONG_AXIS, (([], 0), {}, "axis 0 of shape .0. is empty")],
        )
        for op, f in (("argMax", np.argmax), ("argMin", np.argmin))
    ),
    Row(
        op="cumsum",
        kind="reduction",
        reference=cumsum,
        cases=[
            *(case((3, 7), axis=1, **flags) for flags in CUMSUM_FLAGS),
            case(BOX, axis=1).but(js_grad=False),
            case((1,)),
            case((9,)),
            case(BOX, axis=-1, reverse=True).but(js=False),
            case(BOX, axis=0).but(js_grad=False),
            case((0,)).but(js=False),
            case((2, 3, 1, 2, 1, 2), axis=3).but(js_grad=False),
        ],
        second=False,
        note="TensorFlow.js' gradient is wrong but for the last axis of a matrix",
        dtypes=NUMBERS,
        large=case((400, 301), axis=1),
        bad=WRONG_AXIS,
    ),
]
