"""Rows of ops on sparse and ragged tensors, and on strings."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from support.oracle import Js

from .row import Row, case

I32 = np.int32
WORDS = np.array(["a", "bc", "", "d", "\u00e4\u00f6", "f", "a"])


def ints(*values: Any) -> np.ndarray:
    return np.array(values, I32)


def fill_empty_rows(indices: np.ndarray, denseShape: np.ndarray) -> tuple[np.ndarray, ...]:
    rows = [np.flatnonzero(indices[:, 0] == row) for row in range(denseShape[0])]
    order = [i for row in rows for i in (row if len(row) else [len(indices)])]
    filled = [
        indices[i] if i < len(indices) else [row] + [0] * (indices.shape[1] - 1)
        for row, of_row in enumerate(rows)
        for i in (of_row if len(of_row) else [len(indices)])
    ]
    back = [order.index(i) for i in range(len(indices))]
    empty = np.array([not len(row) for row in rows], np.bool_)
    places = np.array(filled, I32).reshape(-1, indices.shape[1])
    return places, np.array(order, I32), empty, np.array(back, I32)


def sparse_reshape(
    inputIndices: np.ndarray, inputShape: np.ndarray, newShape: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    shape = newShape.copy()
    shape[newShape < 0] = np.prod(inputShape) // -np.prod(newShape)
    flat = np.ravel_multi_index(tuple(inputIndices.T), tuple(inputShape))
    places = np.stack(np.unravel_index(flat, tuple(shape)), -1)
    return places.reshape(-1, len(shape)).astype(I32), shape


def ragged_rows(
    paramsNestedSplits: list[np.ndarray], indices: np.ndarray, numValues: int
) -> list[np.ndarray]:
    """By nested lists of the numbers of the values."""
    rows: list[Any] = list(range(numValues))
    for splits in reversed(paramsNestedSplits):
        rows = [rows[a:b] for a, b in itertools.pairwise(splits)]
    picked = [rows[i] for i in indices.ravel()]
    found = []
    count = 1
    for size, inner in zip(indices.shape[:-1], indices.shape[1:], strict=True):
        count *= size
        found.append(np.arange(count + 1) * inner)
    for depth in range(len(paramsNestedSplits)):
        if depth or indices.ndim:
            found.append(np.cumsum([0, *map(len, picked)]))
        picked = [each for row in picked for each in row]
    return [np.array(each, I32) for each in (*found, picked)]


def range_places(starts: np.ndarray, limits: np.ndarray, deltas: np.ndarray) -> tuple[np.ndarray, ...]:
    rows = [
        np.arange(a, b, d)
        for a, b, d in zip(*np.broadcast_arrays(*map(np.atleast_1d, (starts, limits, deltas))), strict=True)
    ]
    splits = np.cumsum([0, *map(len, rows)])
    return (
        splits.astype(I32),
        np.repeat(np.arange(len(rows)), np.diff(splits)).astype(I32),
        np.concatenate([np.arange(len(row)) for row in rows]).astype(I32),
    )


def ragged_places(
    shape: np.ndarray, rowPartitionTensors: list[np.ndarray], kinds: list[int], valuesShape: list[int]
) -> tuple[np.ndarray, np.ndarray]:
    """By nested lists of the numbers of the values; all of splits."""
    splits = []
    rows = valuesShape[0]
    for kind, part in reversed(list(zip(kinds, rowPartitionTensors, strict=True))):
        if kind == 0:
            continue
        if kind == 1:
            outer = next(
                len(s) - 1 if k == 2 else int(s[0]) for k, s in zip(kinds, rowPartitionTensors, strict=True)
            )
            part = np.cumsum([0, *np.bincount(part, minlength=outer)])
        splits.insert(0, part)
    nested: list[Any] = list(range(rows))
    for part in reversed(splits):
        nested = [nested[a:b] for a, b in itertools.pairwise(part)]

    def widths(level: Any, depth: int) -> list[int]:
        if not depth:
            return []
        inner = [widths(each, depth - 1) for each in level]
        return [
            max(map(len, level), default=0),
            *([max(w) for w in zip(*inner, strict=True)] if inner else [0] * (depth - 1)),
        ]

    full = [len(nested), *widths(nested, len(splits)), *valuesShape[1:]]
    asked = shape.tolist() if shape.ndim else [-1] * len(full)
    full = [b if a < 0 else a for a, b in zip(asked, full, strict=True)]

    def lay(level: Any, sizes: list[int]) -> list[int]:
        if not sizes:
            return [level]
        found = []
        for i in range(sizes[0]):
            if level is not None and i < len(level):
                found += lay(level[i], sizes[1:])
            else:
                found += [rows] * math.prod(sizes[1:])
        return found

    return np.array(full, I32), np.array(lay(nested, full[: len(splits) + 1]), I32)


def string_split(
    input: np.ndarray, delimiter: np.ndarray, skipEmpty: bool = True
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rows = []
    for text in input.tolist():
        marks = str(delimiter)
        pieces = list(text)
        if marks:
            for mark in marks[1:]:
                text = text.replace(mark, marks[0])
            pieces = text.split(marks[0]) if text else []
        rows.append([p for p in pieces if p or (marks and not skipEmpty)])
    places = [(i, j) for i, row in enumerate(rows) for j in range(len(row))]
    shape = ints(len(rows), max(map(len, rows), default=0))
    return np.array(places, I32).reshape(-1, 2), np.array([p for row in rows for p in row], object), shape


def n_grams(
    data: np.ndarray,
    dataSplits: np.ndarray,
    texts: np.ndarray,
    nGramWidths: list[int],
    padWidth: int,
    preserveShortSequences: bool,
) -> tuple[np.ndarray, np.ndarray]:
    separator, left, right = texts.tolist()
    found, splits = [], [0]
    for a, b in itertools.pairwise(dataSplits):
        row, before = data[a:b].tolist(), len(found)
        for width in nGramWidths:
            side = min(width - 1 if padWidth < 0 else padWidth, width - 1)
            padded = [left] * side + row + [right] * side
            found += [separator.join(padded[i : i + width]) for i in range(len(padded) - width + 1)]
        if preserveShortSequences and row and len(found) == before:
            found.append(separator.join([left] * max(padWidth, 0) + row + [right] * max(padWidth, 0)))
        splits.append(len(found))
    return np.array(found, object), np.array(splits, I32)


STEP = {"kind": "exact", "inputs": ()}
COORDINATES = ints([0, 0], [3, 1], [1, 2], [1, 0])
ORDERED = ints([0, 1], [1, 0], [1, 1])
SPLITS = ints(0, 3, 3, 7, 9)
OUTER, INNER = ints(0, 2, 3, 3), ints(0, 1, 4, 5)
SPLIT = Js(
    "(x, d, s) => { const r = tf.string.stringSplit(x, d, s); return [r.indices, r.values, r.shape]; }"
)
GRAMS = Js(
    "(d, s, t, w, p, k) => { const [sep, left, right] = t.dataSync();"
    " const r = tf.string.stringNGrams(d, s, sep, w, left, right, p, k); return [r.nGrams, r.nGramsSplits]; }"
)
FILL = (
    "(i, s) => { const n = i.shape[0]; const r = tf.sparse.sparseFillEmptyRows("
    "i, tf.range(0, n, 1, 'int32'), s, tf.scalar(n, 'int32'));"
    " return [r.outputIndices, r.outputValues, r.emptyRowIndicator, r.reverseIndexMap]; }"
)
RESHAPE = "(...a) => { const r = tf.sparse.sparseReshape(...a); return [r.outputIndices, r.outputShape]; }"

ROWS = [
    Row(
        op="fillEmptyRows",
        reference=fill_empty_rows,
        cases=[
            case(COORDINATES, ints(5, 4)),
            case(COORDINATES, ints(4, 3)),
            case(ORDERED, ints(2, 2)),
            case(np.zeros((0, 3), I32), ints(2, 4, 4)).but(js=False),
            case(np.zeros((0, 2), I32), ints(0, 4)).but(js=False),
        ],
        js=Js(FILL),
        bad=[
            ((ints(0), ints(1)), {}, "Indices should be Tensor2D"),
            ((ORDERED, ints([2, 2])), {}, "Dense shape should be Tensor1D"),
            ((ORDERED, ints(0, 2)), {}, "denseShape.0. = 0 but indices.shape.0. = 3"),
            ((ints([-1, 0]), ints(2, 2)), {}, "indices.0, 0. is invalid: -1 < 0"),
            ((ORDERED, ints(1, 2)), {}, "indices.1, 0. is invalid: 1 >= 1"),
        ],
        **STEP,
    ),
    Row(
        op="sparseReshape",
        reference=sparse_reshape,
        cases=[
            case(COORDINATES, ints(4, 6), ints(2, 12)),
            case(COORDINATES, ints(4, 6), ints(2, -1, 3)),
            case(ORDERED, ints(2, 3), ints(6)),
            case(np.zeros((0, 2), I32), ints(2, 3), ints(3, 2)).but(js=False),
        ],
        js=Js(RESHAPE),
        bad=[
            ((ints(0), ints(1), ints(1)), {}, "Input indices should be Tensor2D"),
            ((ORDERED, ints([2, 3]), ints(6)), {}, "Input shape should be Tensor1D"),
            ((ORDERED, ints(2, 3), I32(6)), {}, "New shape should be Tensor1D"),
            (
                (ORDERED, ints(2, 3), ints(-1, -1)),
                {},
                "only one output dimension may be -1, not both 0 and 1",
            ),
            ((ORDERED, ints(2, 3), ints(-2, 3)), {}, "size 0 must be non-negative, not -2"),
            ((ORDERED, ints(2, 3), ints(-1, 4)), {}, "requires a multiple of 4"),
            ((ORDERED, ints(2, 3), ints(0, -1)), {}, "cannot infer the missing input size"),
            ((ORDERED, ints(2, 3), ints(2, 2)), {}, "with 6 dense values, but the requested shape has 4"),
            ((ORDERED, ints(2, 3, 1), ints(6)), {}, "coordinates of 2 numbers"),
            ((ORDERED, ints(2, -3), ints(6)), {}, "negative"),
            ((ORDERED, ints(2, 3), ints(*[1 << 20] * 3)), {}, "more elements than a tensor may have"),
        ],
        **STEP,
    ),
    Row(
        op="segmentCounts",
        reference=lambda indices, segmentIds, rows: np.bincount(segmentIds).astype(I32),
        cases=[
            case(ints(0, 1, 1), ints(0, 0, 1), rows=2),
            case(ints(0, 2, 1), ints(1, 3, 3), rows=3),
            case(np.zeros(0, I32), np.zeros(0, I32), rows=3),
        ],
        js="",
        note="a step of sparseSegmentSum, which is asked",
        bad=[
            ((ints([0]), ints(0), 1), {}, "Indices should be Tensor1D"),
            ((ints(0), ints([0]), 1), {}, "Segment ids should be Tensor1D"),
            ((ints(0), ints(0, 1), 1), {}, "segmentIds and indices should have same size"),
            ((ints(0, 0), ints(-2, -1), 1), {}, "segment ids must be >= 0"),
            ((ints(0, 0), ints(-1, 0), 1), {}, "Segment id -1 out of range .0, 1."),
            ((ints(0, 0), ints(1, 0), 1), {}, "segment ids are not increasing"),
            ((ints(0, 1), ints(0, 1), 1), {}, "Bad: indices.1. == 1 out of range .0, 1."),
        ],
        **STEP,
    ),
    Row(
        op="raggedRows",
        reference=ragged_rows,
        cases=[
            case([SPLITS], ints(2, 1, 0, 3), numValues=9),
            case([SPLITS], ints([3], [0]), numValues=9),
            case([SPLITS], np.array(2, I32), numValues=9),
            case([OUTER, INNER], ints(1, 0), numValues=5),
            case([OUTER, INNER], ints([[2, 0]]), numValues=5),
            case([OUTER, INNER], np.array(0, I32), numValues=5),
            case([SPLITS], np.zeros(0, I32), numValues=9),
        ],
        js="",
        note="a step of raggedGather, which is asked",
        bad=[
            (([], ints(0), 1), {}, "paramsNestedSplits must be non empty"),
            (([I32(0)], ints(0), 1), {}, "Split tensors must not be scalars"),
            (([SPLITS], ints([0], [4]), 9), {}, "indices.1,0. = 4 is not in .0, 4"),
            (([ints(-1, 3)], ints(0), 9), {}, "Ragged splits must be non-negative"),
            (([ints(0, 10)], ints(0), 9), {}, "Ragged splits must not point past values"),
            (([ints(0, 3, 2)], ints(0), 9), {}, "sorted in ascending order"),
            (([ints(0, 1), np.zeros(0, I32)], ints(0), 9), {}, "past values|may not be empty"),
        ],
        **STEP,
    ),
    Row(
        op="raggedRangePlaces",
        reference=range_places,
        cases=[
            case(ints(0, 5, 8), ints(3, 7, 12), ints(1, 1, 2)),
            case(np.array([0.0, 5.0]), np.array([2.5, 1.0]), np.array([1.0, -0.75])),
            case(np.array(0, I32), ints(3, 0, -1), np.array(1, I32)),
            case(np.array(1.0), np.array(2.0), np.array(0.25)),
        ],
        js="",
        note="a step of raggedRange, which is asked",
        bad=[
            (([[0]], 1, 1), {}, "starts must be a scalar or vector"),
            (([0, 0], [1], 1), {}, "must have the same shape"),
            (([0.0], [1.0], [0.0]), {}, "Requires delta != 0"),
            ((0.0, 1e30, 1.0), {}, "Requires ..limit - start. / delta. <= 2147483647"),
        ],
        dtypes={"complex64": TypeError, "string": TypeError},
        **STEP,
    ),
    Row(
        op="raggedPlaces",
        reference=ragged_places,
        cases=[
            case(ints(-1, -1), [ints(4), ints(0, 2, 3, 3, 4)], kinds=[0, 2], valuesShape=[4]),
            case(ints(3, 1), [ints(0, 2, 3, 3, 4)], kinds=[2], valuesShape=[4]),
            case(ints(6, 4), [ints(0, 2, 3, 3, 4)], kinds=[2], valuesShape=[4]),
            case(ints(-1, -1, 2), [ints(4), ints(0, 0, 2, 3)], kinds=[0, 1], valuesShape=[4, 2]),
            case(ints(-1, -1, -1), [OUTER, INNER], kinds=[2, 2], valuesShape=[5]),
            case(np.array(-1, I32), [OUTER, INNER], kinds=[2, 2], valuesShape=[5, 3]),
            case(ints(2, 1, 2), [ints(3), OUTER, INNER], kinds=[0, 2, 2], valuesShape=[5]),
        ],
        js="",
        note="a step of raggedTensorToTensor, which is asked",
        bad=[
            ((ints(-1, -1), []), {"kinds": [], "valuesShape": [1]}, "No row_partition_types given"),
            ((ints(-1, -1), [ints(0)]), {"kinds": [1], "valuesShape": [1]}, "Cannot handle VALUE_ROWIDS"),
            ((ints(-1), [SPLITS]), {"kinds": [2], "valuesShape": [9]}, "rt input.rank = 2"),
            ((I32(3), [SPLITS]), {"kinds": [2], "valuesShape": [9]}, "only valid scalar shape tensor"),
            ((ints(-2, 1), [SPLITS]), {"kinds": [2], "valuesShape": [9]}, "Dimension -2 must be >= -1"),
            (
                (ints(-1, 1, 3), [SPLITS]),
                {"kinds": [2], "valuesShape": [9, 2]},
                "rt input.shape.2. = 2 but shape.2. = 3",
            ),
            (
                (ints(-1, -1), [ints(2), SPLITS]),
                {"kinds": [0, 2], "valuesShape": [9]},
                "Row partition size is greater than output size: 4 > 2",
            ),
            (
                (ints(-1, -1), [ints(2), ints(0, 2)]),
                {"kinds": [0, 1], "valuesShape": [2]},
                "currentValueRowId=2, which is not less than 2",
            ),
            (
                (ints(-1, -1), [SPLITS]),
                {"kinds": [2], "valuesShape": [3]},
                "ask for 9 values, but there are 3",
            ),
            ((ints(-1, -1), [SPLITS]), {"kinds": [2, 2], "valuesShape": [9]}, "1 row partitions and 2 types"),
            (
                (ints(-1, 3), [ints((1 << 31) - 1), SPLITS]),
                {"kinds": [0, 2], "valuesShape": [9]},
                "more rows than",
            ),
            (
                (ints(-1, -1), [np.zeros(0, I32)]),
                {"kinds": [2], "valuesShape": [9]},
                "Tensor requires at least one element",
            ),
        ],
        **STEP,
    ),
    Row(
        op="stringSplit",
        reference=string_split,
        cases=[
            case(np.array(["hello world", "a  b c", "", " x "]), np.array(" ")),
            case(np.array(["hello world", "a  b c", "", " x "]), np.array(" "), skipEmpty=False),
            case(np.array(["a,b;c", ";;", "d"]), np.array(",;")),
            case(np.array(["a,b;c", ";;", "d"]), np.array(",;"), skipEmpty=False),
            case(np.array(["abc", "", "de"]), np.array("")),
            # There bytes are parted, which are no characters.
            case(np.array(["a\u00e4b\u00f6", "\u20ac"]), np.array("")).but(js=False),
            case(np.array(["a\u00e4b\u00e4", "\u00e3"]), np.array("\u00e4")).but(js=False),
        ],
        js=SPLIT,
        bad=[
            ((np.array([["a"]]), np.array("")), {}, "Input should be Tensor1D"),
            ((WORDS, np.array(["a"])), {}, "Delimiter should be a scalar"),
            (([1.0], np.array("")), {}, "must be string tensor"),
            ((WORDS, 1.0), {}, "must be string tensor"),
        ],
        **STEP,
    ),
    Row(
        op="stringNGrams",
        reference=n_grams,
        cases=[
            case(
                WORDS,
                ints(0, 2, 2, 7),
                np.array(["|", "LP", "RP"]),
                nGramWidths=widths,
                padWidth=pad,
                preserveShortSequences=short,
            )
            for widths, pad, short in (
                ([2], -1, False),
                ([1, 3], -1, False),
                ([3], 0, False),
                ([3], 0, True),
                ([5], 1, True),
                ([4, 2], 1, False),
                ([9], 2, True),
            )
        ],
        js=GRAMS,
        bad=[
            ((np.array([["a"]]), ints(0, 1), WORDS[:3], [1], 0, False), {}, "Data must be a vector"),
            ((WORDS, ints(1, 7), WORDS[:3], [1], 0, False), {}, "First split value must be 0, got 1"),
            ((WORDS, ints(0, 9), WORDS[:3], [1], 0, False), {}, "Invalid split value 9, must be in .0, 7."),
            ((WORDS, ints(0, 6), WORDS[:3], [1], 0, False), {}, "Expected 7, got 6"),
            ((WORDS, ints(0, 7), WORDS[:2], [1], 0, False), {}, "separator, left and right"),
            (
                (WORDS, ints(0, 7), WORDS[:3], [0], 0, False),
                {},
                "widths must be at least 1 and at most .*, got 0",
            ),
            (
                (WORDS, ints(0, 7), WORDS[:3], [1 << 40], -1, False),
                {},
                "at most .*, got 1099511627776",
            ),
            (
                (WORDS, ints(0, 7), WORDS[:3], [1 << 20], -1, False),
                {},
                "n-grams of 1048576 words are too long",
            ),
            (([1.0], ints(0, 1), WORDS[:3], [1], 0, False), {}, "must be string tensor"),
        ],
        **STEP,
    ),
    Row(
        op="stringToHashBucketFast",
        # FarmHash64 of these words; TensorFlow.js is asked for more.
        reference=lambda input, numBuckets: np.array({3: [0, 2, 2], 1: [0, 0, 0]}[numBuckets], I32),
        cases=[
            case(np.array(["Hello", "TensorFlow", "2.x"]), numBuckets=3),
            case(np.array(["Hello", "TensorFlow", "2.x"]), numBuckets=1),
        ],
        js="string.stringToHashBucketFast",
        bad=[
            ((WORDS, 0), {}, "Number of buckets must be at least 1"),
            (([1.0], 3), {}, "must be string tensor"),
        ],
        **STEP,
    ),
]
