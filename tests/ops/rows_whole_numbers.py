"""Rows of ops on whole numbers."""

from __future__ import annotations

import numpy as np

from .row import Indices, Reals, Row, case


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
    Row(
        op="classLabels",
        kind="exact",
        reference=lambda labels, counted, classes: np.floor(labels).astype(np.int32),
        inputs=(Reals(0, 4), Reals(0.5, 1)),
        cases=[
            case((7,), None, classes=4),
            case((2, 3), (2,), classes=4),
            case((2, 3), (2, 3), classes=5),
            case((0,), None, classes=2),
            case((), None, classes=4),
        ],
        dtypes={"int32": "int32", "bool": "int32", "string": TypeError},
        bad=[
            (([0.0, 3.0], None, 3), {}, "label 3 .sample 1 of the batch. is none of the 3 classes"),
            (([[0], [-1]], None, 3), {}, "label -1 .sample 1 of the batch.*labels are 0 to 2"),
            (([float("nan")], None, 3), {}, "label nan"),
            (([0.0], [1.0, 2.0], 3), {}, "counted of shape .2. must begin as the labels of shape .1. do"),
        ],
        js="",
        note="TensorFlow.js does not check labels",
    ),
    Row(
        op="wholeIndices",
        kind="exact",
        reference=lambda x: x.astype(np.int32),
        inputs=(Indices(-4, 5),),
        cases=[case((7,)), case((2, 3)), case((0,)), case(())],
        dtypes={"int32": "int32", "bool": "int32", "string": TypeError},
        bad=[
            (([0.0, 1.5],), {}, "index 1.5 .element 1. is none"),
            (([float("nan")],), {}, "index nan"),
            (([float("inf")],), {}, "index inf"),
            (([2.0**32],), {}, "index 4.29497e.09 .element 0."),
        ],
        js="",
        note="TensorFlow.js cuts and wraps",
    ),
]
