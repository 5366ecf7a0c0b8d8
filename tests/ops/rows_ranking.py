"""Rows of ops that rank, search, count, and find what is there."""

from __future__ import annotations

import numpy as np

from support.oracle import Js

from .row import Indices, Reals, Row, Truths, case

I32 = np.int32


def topk(x: np.ndarray, k: int = 1, sorted: bool = True) -> tuple[np.ndarray, np.ndarray]:
    order = np.argsort(-x, axis=-1, kind="stable")[..., :k]
    return np.take_along_axis(x, order, -1), order.astype(I32)


def search(sortedSequence: np.ndarray, values: np.ndarray, side: str = "left") -> np.ndarray:
    if not values.size:
        return np.zeros(values.shape, I32)
    rows = sortedSequence.reshape(-1, sortedSequence.shape[-1])
    asked = values.reshape(-1, values.shape[-1])
    found = [np.searchsorted(row, v, side) for row, v in zip(rows, asked, strict=True)]
    return np.array(found, I32).reshape(values.shape)


def dense_bincount(x: np.ndarray, weights: np.ndarray, size: int, binaryOutput: bool = False) -> np.ndarray:
    if x.ndim == 2:
        by_row = weights.reshape(len(x), -1)
        return np.stack([dense_bincount(r, w, size, binaryOutput) for r, w in zip(x, by_row, strict=True)])
    counts = np.zeros(size)
    inside = x < size
    np.add.at(counts, x[inside], weights[inside] if weights.size else 1.0)
    if binaryOutput:
        counts = np.isin(np.arange(size), x).astype(np.float64)
    return counts


def bincount(x: np.ndarray, weights: np.ndarray, size: int) -> np.ndarray:
    return dense_bincount(x.ravel(), weights.ravel(), size)


def unique(x: np.ndarray, axis: int = 0) -> tuple[np.ndarray, np.ndarray]:
    first, indices = unique_indices(x, axis)
    return np.take(x, first, axis), indices


def unique_indices(x: np.ndarray, axis: int = 0) -> tuple[np.ndarray, np.ndarray]:
    known: dict[bytes, int] = {}
    first, indices = [], []
    for i, part in enumerate(np.moveaxis(x, axis, 0)):
        key = (part + 0.0).tobytes()
        if key not in known:
            known[key] = len(known)
            first.append(i)
        indices.append(known[key])
    return np.array(first, I32), np.array(indices, I32)


def difference(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.flatnonzero(~np.isin(x, y)).astype(I32)


class Sorted(Reals):
    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        return np.sort(super().draw(rng, shape), axis=-1)


class Whole(Reals):
    """Few different values, so that some repeat."""

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        return np.round(super().draw(rng, shape))


SEARCHES = [
    case((6,), (4,)),
    case((3, 5), (3, 2)),
    case((2, 2, 4), (2, 2, 3)),
    case((1,), (3,)),
    case((5,), (0,)).but(js=False),
]
WRONG_SEARCH = [
    (([[1.0], [2.0]], [[1.0]]), {}, "Leading dimension of 'sortedSequence' and 'values' must match"),
    ((1.0, [1.0]), {}, "at least 1-dimensional"),
]

ROWS = [
    Row(
        op="topk",
        kind="exact",
        reference=topk,
        inputs=(Reals(distinct=True),),
        cases=[
            case((7,)),
            case((7,), k=3),
            case((3, 5), k=2),
            case((2, 3, 4), k=4),
            case((3, 5), k=0).but(js=False),
            case((0, 3), k=2).but(js=False),
            case((2, 3), k=3, sorted=True),
        ],
        graded=1,
        second=False,
        js=Js("(...a) => { const r = tf.topk(...a); return [r.values, r.indices]; }"),
        js_grad=False,
        note="TensorFlow.js has no gradient of topk",
        dtypes={"int32": ("int32", "int32"), "complex64": TypeError, "string": TypeError},
        large=case((300, 401), k=7),
        bad=[
            (([1.0], 2), {}, "must be <= the last dimension .1. but got 2"),
            (([1.0], -1), {}, "must be >= 0 but got -1"),
            ((1.0,), {}, "rank 1 or higher"),
        ],
    ),
    Row(
        op="searchSorted",
        kind="exact",
        reference=search,
        inputs=(Sorted(), Reals()),
        cases=[*SEARCHES, *(c.but(attrs={"side": "right"}) for c in SEARCHES)],
        js=Js("(s, v, ...a) => tf.reshape(tf.searchSorted(s, v, ...a), v.shape)"),
        js_grad=False,
        note="TensorFlow.js gives a matrix whatever the shape of the values",
        dtypes={"int32": "int32", "complex64": TypeError, "string": TypeError},
        bad=[*WRONG_SEARCH, (([1.0], [1.0], "middle"), {}, "must be one of")],
    ),
    *(
        Row(
            op=op,
            kind="exact",
            reference=lambda s, v, side=side: search(s, v, side),
            inputs=(Sorted(), Reals()),
            cases=SEARCHES,
            js=Js(f"(s, v) => tf.reshape(tf.{op}(s, v), v.shape)"),
            js_grad=False,
            dtypes={"int32": "int32", "complex64": TypeError},
            bad=WRONG_SEARCH,
        )
        for op, side in (("lowerBound", "left"), ("upperBound", "right"))
    ),
    Row(
        op="denseBincount",
        kind="reduction",
        reference=dense_bincount,
        inputs=(Indices(0, 6), Reals()),
        cases=[
            case((9,), (9,), size=4),
            case((9,), (0,), size=6),
            case((2, 5), (2, 5), size=5),
            case((2, 5), (0,), size=7),
            case((2, 5), (2, 5), size=5, binaryOutput=True),
            case((9,), (9,), size=6, binaryOutput=True).but(js=False),
            case((0,), (0,), size=3),
        ],
        second=False,
        js_grad=False,
        note="TensorFlow.js has no gradient of it",
        bad=[
            (([-1], [], 2), {}, "must be non-negative"),
            (([1], [], -1), {}, "size must be non-negative"),
            (([1], [1.0, 2.0], 2), {}, "weights must have the same shape"),
            ((np.zeros((1, 1, 1), I32), [], 2), {}, "at most rank 2"),
        ],
    ),
    Row(
        op="bincount",
        kind="reduction",
        reference=bincount,
        inputs=(Indices(0, 6), Reals()),
        cases=[case((9,), (9,), size=4), case((9,), (0,), size=6), case((0,), (0,), size=3)],
        second=False,
        js_grad=False,
        note="TensorFlow.js has no gradient of it",
        bad=[
            (([-1], [], 2), {}, "must be non-negative"),
            (([1], [], -1), {}, "size must be non-negative"),
            (([1], [1.0, 2.0], 2), {}, "weights must have the same size"),
        ],
    ),
    Row(
        op="unique",
        kind="exact",
        reference=unique,
        inputs=(Whole(),),
        smooth=(Reals(distinct=True),),
        cases=[
            case((12,)),
            case((8, 1)),
            case((6, 2), axis=0),
            case((1, 9), axis=1),
            case((2, 2, 3), axis=-1),
            case((0,)).but(js=False),
        ],
        graded=1,
        second=False,
        js=Js("(...a) => { const r = tf.unique(...a); return [r.values, r.indices]; }"),
        js_grad=False,
        note="TensorFlow.js has no gradient of unique",
        dtypes={
            "int32": ("int32", "int32"),
            "string": ("string", "int32"),
            "complex64": ("complex64", "int32"),
        },
        bad=[((1.0,), {}, "must be at least 1D")],
    ),
    Row(
        op="uniqueIndices",
        kind="exact",
        reference=unique_indices,
        inputs=(Whole(),),
        cases=[case((12,)), case((6, 2), axis=-1), case((0,))],
        js="",
        note="a step of unique",
        bad=[((1.0,), {}, "unique: The input tensor must be at least 1D")],
    ),
    Row(
        op="trueCoordinates",
        kind="exact",
        reference=lambda condition: np.argwhere(condition).astype(I32),
        inputs=(Truths(),),
        cases=[case((7,)), case((3, 4)), case((2, 1, 3)), case((0, 2))],
        js="whereAsync",
        js_grad=False,
        dtypes={"string": TypeError},
    ),
    Row(
        op="differenceIndices",
        kind="exact",
        reference=difference,
        inputs=(Whole(),),
        cases=[case((9,), (3,)), case((4,), (0,)), case((0,), (4,))],
        js="",
        note="a step of setdiff1dAsync",
    ),
]
