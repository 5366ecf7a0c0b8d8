"""Rows of elementwise functions of two and three tensors, with broadcasting."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .row import Case, Reals, Row, Truths, case
from .rows_unary import TRUTH

ANY = Reals(-3, 3)
PAIRS = [
    ((), ()),
    ((4,), (4,)),
    ((3, 5), (3, 5)),
    ((), (3,)),
    ((3,), ()),
    ((1,), (5,)),
    ((3, 4), (4,)),
    ((4,), (3, 4)),
    ((3, 1), (4,)),
    ((3, 4), (3, 1)),
    ((2, 1, 3), (4, 1)),
    ((5, 1, 2), (1, 3, 1)),
    ((0,), (1,)),
    ((2, 0), (2, 1)),
    ((2, 1, 3, 1, 2, 1), (1, 2, 3, 2, 1, 2)),
    ((2, 3, 1, 2, 1, 2), (2, 1, 1)),
]
LARGE = Case(((331, 401), (401,)))
INCOMPATIBLE = (([[1.0, 2.0]], [1.0, 2.0, 3.0]), {}, "could not be broadcast together with shapes")

# dtypes of the results of two tensors of one dtype
ARITHMETIC = {"int32": "int32", "bool": "bool", "complex64": "complex64", "string": TypeError}
NO_COMPLEX = {**ARITHMETIC, "complex64": TypeError}
EXTREME = {**NO_COMPLEX, "bool": "int32"}
EQUALITY = {"int32": "bool", "bool": "bool", "complex64": "bool", "string": "bool"}
LOGIC = {
    "float32": TypeError,
    "int32": TypeError,
    "complex64": TypeError,
    "string": TypeError,
    "bool": "bool",
}


# The gradients of these compare, and TensorFlow.js has no gradient for comparisons.
ONCE_IN_JS = {"maximum", "minimum", "pow", "prelu"}
EQUAL_IN_JS = {"maximum", "minimum", "squaredDifference", "prelu"}


def binary(op: str, kind: str, reference: Any, a: Any = None, b: Any = None, **more: Any) -> Row:
    more.setdefault("dtypes", NO_COMPLEX)
    more.setdefault("large", LARGE)
    more.setdefault("bad", [INCOMPATIBLE])
    more.setdefault("js_second", op not in ONCE_IN_JS)
    # TensorFlow.js fails on shapes that are broadcast against a size of 0,
    # and its gradients of some ops know no broadcasting.
    cases = [
        Case(
            (a, b),
            js=0 not in a or a == b,
            js_grad=a == b or op not in EQUAL_IN_JS or (op == "prelu" and np.broadcast_shapes(a, b) == a),
        )
        for a, b in PAIRS
    ]
    return Row(
        op=op,
        kind=kind,
        reference=reference,
        inputs=(a or ANY, b or a or ANY),
        cases=cases,
        family="binary",
        **more,
    )


def div_no_nan(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.where(b == 0, 0.0, a / np.where(b == 0, 1.0, b))


def mod(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """JavaScript's (a % b + b) % b where the signs differ: NaN for an infinite b."""
    rest = np.fmod(a, b)
    return np.where((rest != 0) & ((rest < 0) != (b < 0)), np.fmod(rest + b, b), rest)


def power(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """JavaScript's: NaN for a NaN exponent, and for 1 or -1 to an infinite power."""
    return np.where(np.isnan(b) | (np.isinf(b) & (np.abs(a) == 1)), np.nan, np.power(a, b))


COMPARISONS = {
    "equal": np.equal,
    "notEqual": np.not_equal,
    "less": np.less,
    "lessEqual": np.less_equal,
    "greater": np.greater,
    "greaterEqual": np.greater_equal,
}
LOGICAL = {"logicalAnd": np.logical_and, "logicalOr": np.logical_or, "logicalXor": np.logical_xor}
# Away from 0, of both signs.
DIVISOR = Reals(-2.0, 2.0, kinks=(-0.15, -0.05, 0.05, 0.15))

ROWS = [
    binary("add", "elementwise", np.add, dtypes=ARITHMETIC),
    binary("sub", "elementwise", np.subtract, dtypes=ARITHMETIC),
    binary("mul", "elementwise", np.multiply, dtypes=ARITHMETIC),
    binary("div", "elementwise", np.divide, b=Reals(0.4, 2.0), dtypes=ARITHMETIC),
    binary(
        "divNoNan",
        "elementwise",
        div_no_nan,
        b=Reals(0.4, 2.0),
        js_grad=False,
        dtypes={"int32": "float32", "bool": "float32", "complex64": TypeError, "string": TypeError},
        note="TensorFlow.js has no gradient for equal(), which it calls",
    ),
    binary(
        "floorDiv",
        "exact",
        lambda a, b: np.floor(a / b).astype(np.int32),
        a=Reals(-9, 9),
        b=Reals(0.4, 2.0),
        dtypes={**NO_COMPLEX, "float32": "int32", "bool": "int32"},
        special=[-7.0, -2.0, -1.0, 1.0, 2.0, 3.0, 7.0],
    ),
    binary("maximum", "exact", np.maximum, dtypes=EXTREME),
    binary("minimum", "exact", np.minimum, dtypes=EXTREME),
    binary("mod", "elementwise", mod, b=Reals(0.4, 2.0), smooth=(Reals(2.1, 2.9), Reals(1.0, 1.04))),
    binary("pow", "transcendental", power, a=Reals(0.3, 3.0), b=Reals(-2.0, 2.0)),
    binary("squaredDifference", "elementwise", lambda a, b: (a - b) ** 2),
    *(
        binary(
            op,
            "exact",
            reference,
            js_grad=False,
            dtypes=EQUALITY if "qual" in op and op[0] in "en" else {**TRUTH, "string": "bool"},
        )
        for op, reference in COMPARISONS.items()
    ),
    *(
        binary(
            op,
            "exact",
            reference,
            a=Truths(),
            dtypes=LOGIC,
            large=None,
            bad=[(([True, False], [True, False, True]), {}, "could not be broadcast together")],
        )
        for op, reference in LOGICAL.items()
    ),
    binary(
        "prelu",
        "elementwise",
        lambda x, alpha: np.where(x > 0, x, alpha * x),
        b=Reals(0.1, 0.9),
        smooth=(Reals(-3, 3, kinks=(0.0,)), Reals(0.1, 0.9)),
        dtypes={"int32": "float32", "bool": "float32", "complex64": TypeError, "string": TypeError},
        special=[-math.inf, -1.0, -0.5, 1.0, math.nan],
    ),
    Row(
        op="where",
        kind="exact",
        reference=np.where,
        inputs=(Truths(), Reals(), Reals()),
        cases=[
            case((), (), ()),
            case((5,), (5,), (5,)),
            case((3, 4), (3, 4), (3, 4)),
            case((3, 4), (), ()),
            case((), (3, 4), (4,)),
            case((4,), (3, 4), (3, 1)),
            case((3, 1), (1, 4), (2, 1, 1)),
            case((0,), (1,), (0,)).but(js=False),
            case((2, 1, 3, 1, 2, 1), (1, 2, 3, 2, 1, 2), (3, 1, 1, 1)).but(js_grad=False),
        ],
        dtypes={},  # the condition has a dtype of its own: test_dtypes.py
        large=case((331, 401), (401,), (331, 1)),
        bad=[
            (([True, False], [1.0, 2.0], [1.0, 2.0, 3.0]), {}, "could not be broadcast together"),
            (([True], ["a"], [1.0]), {}, "Can not upcast"),
        ],
    ),
]
