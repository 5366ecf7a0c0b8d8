"""Rows of ops on whole numbers."""

from __future__ import annotations

import numpy as np

from .row import Indices, Row, case


def ints(*values: int) -> np.ndarray:
    return np.array(values, np.int32)


def broadcast_args(s0: np.ndarray, s1: np.ndarray) -> np.ndarray:
    return np.array(np.broadcast_shapes(tuple(s0), tuple(s1)), np.int32)


ROWS = [
    Row(
        op="bitwiseAnd",
        kind="exact",
        reference=np.bitwise_and,
        inputs=(Indices(-1000, 1000),),
        cases=[case((7,), (7,)), case((), ()), case((2, 3), (2, 3)), case((0,), (0,)).but(js=False)],
        js_grad=False,
        dtypes={"int32": "int32", "float32": TypeError, "string": TypeError},
        bad=[((ints(1), ints(1, 2)), {}, "must have the same shape. x: 1, y: 2")],
    ),
    Row(
        op="broadcastArgs",
        kind="exact",
        reference=broadcast_args,
        cases=[
            case(ints(1, 1, 3), ints(2, 1)),
            case(ints(4), ints(2, 3, 4)),
            case(ints(), ints(3)).but(js=False),
        ],
        js_grad=False,
        dtypes={"float32": TypeError},
        bad=[
            (([[1]], [1]), {}, "first input must be a vector .rank=1.. Has rank 2"),
            (([1], 1), {}, "second input must be a vector .rank=1.. Has rank 0"),
            (([2], [3]), {}, "could not be broadcast together with shapes 2 and 3"),
        ],
    ),
]
