"""Rows of ops that reshape, move, cut, join and pick elements, and of those that make tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from support.oracle import Js

from .row import Case, Indices, Reals, Row, case

ANY = {"int32": "int32", "bool": "bool", "complex64": "complex64", "string": "string"}
NUMERIC = {**ANY, "string": TypeError}
BOX = (3, 4, 5)
HIGH = (2, 3, 1, 2, 1, 2)
LINEAR: dict[str, Any] = {"kind": "exact", "second": False}


def move(op: str, reference: Any, cases: list[Case], **more: Any) -> Row:
    more.setdefault("dtypes", ANY)
    return Row(op=op, reference=reference, cases=cases, **LINEAR, **more)


def squeeze(x: np.ndarray, axis: Any = None) -> np.ndarray:
    return np.squeeze(x, tuple(axis) if isinstance(axis, list) else axis)


def reverse(x: np.ndarray, axis: Any = None) -> np.ndarray:
    return np.flip(x, tuple(axis) if isinstance(axis, list) else axis)


def slice_of(x: np.ndarray, begin: Any, size: Any = None) -> np.ndarray:
    begin = [begin] if isinstance(begin, int) else list(begin)
    size = [] if size is None else [size] if isinstance(size, int) else list(size)
    size += [-1] * (x.ndim - len(size))
    begin += [0] * (x.ndim - len(begin))
    return x[tuple(slice(b, None if n == -1 else b + n) for b, n in zip(begin, size, strict=True))]


def pad(x: np.ndarray, paddings: Any, constantValue: float = 0.0) -> np.ndarray:
    return np.pad(x, np.reshape(paddings, (-1, 2)), constant_values=constantValue)


def split(x: np.ndarray, numOrSizeSplits: Any, axis: int = 0) -> list[np.ndarray]:
    if isinstance(numOrSizeSplits, int):
        return np.split(x, numOrSizeSplits, axis)
    sizes = list(numOrSizeSplits)
    if -1 in sizes:
        sizes[sizes.index(-1)] = x.shape[axis] - sum(s for s in sizes if s != -1)
    return np.split(x, np.cumsum(sizes)[:-1], axis)


def gather(x: np.ndarray, indices: np.ndarray, axis: int = 0, batchDims: int = 0) -> np.ndarray:
    axis %= x.ndim
    batchDims += indices.ndim if batchDims < 0 else 0
    if batchDims == 0:
        return np.take(x, indices, axis)
    rows = [gather(a, i, axis - 1, batchDims - 1) for a, i in zip(x, indices, strict=True)]
    return np.stack(rows)


def scatter_add(x: np.ndarray, indices: np.ndarray, rows: int) -> np.ndarray:
    y = np.zeros((rows, x.shape[1]))
    np.add.at(y, indices, x)
    return y


DTYPES = {"float32": np.float32, "int32": np.int32, "bool": np.bool_}


def one_hot(
    indices: np.ndarray, depth: int, onValue: float = 1, offValue: float = 0, dtype: str = "int32"
) -> np.ndarray:
    return np.where(indices[..., None] == np.arange(depth), onValue, offValue).astype(DTYPES[dtype])


ROWS = [
    move(
        "reshape",
        np.reshape,
        [
            case((), shape=[]),
            case((), shape=[1, 1]),
            case((6,), shape=[2, 3]),
            case(BOX, shape=[-1]),
            case(BOX, shape=[5, -1, 2]),
            case((0, 3), shape=[3, 0]),
            case((0,), shape=[0]),
            case(HIGH, shape=[4, 6]),
            case((4, 6), shape=list(HIGH)),
        ],
        shares=True,
        bad=[
            (([1.0, 2.0], [3]), {}, r"Size\(2\) must match the product of shape 3"),
            (([1.0, 2.0], [-1, -1]), {}, "only have 1 implicit size"),
            (([1.0, 2.0], [-2]), {}, "can not be < 0"),
            (([1.0, 2.0], [3, -1]), {}, "fractional"),
            (([1.0], [1] * 9), {}, "at most"),
        ],
    ),
    move(
        "expandDims",
        lambda x, axis=0: np.expand_dims(x, axis),
        [
            case(()),
            case((3,)),
            case((3,), axis=1),
            case((3,), axis=-1),
            case(BOX, axis=2),
            case((0, 2), axis=-2),
        ],
        shares=True,
        bad=[(([1.0], 2), {}, "axis 2 is out of range"), (([1.0], -3), {}, "axis -3 is out of range")],
    ),
    move(
        "squeeze",
        squeeze,
        [
            case(()),
            case((1,)),
            case((3, 1, 2)),
            case((3, 1, 2, 1), axis=[1]),
            case((3, 1, 2, 1), axis=[-1]),
            case((1, 0, 1)),
            case(HIGH),
            case((2, 3), axis=[]).but(js=False),
        ],
        shares=True,
        bad=[(([[1.0, 2.0]], [1]), {}, "Can't squeeze axis 1"), (([1.0], [1]), {}, "axis 1 is out of range")],
    ),
    move("clone", lambda x: x, [case(()), case((3, 4)), case((0,))], shares=True),
    move(
        "cast",
        lambda x, dtype: x.astype(DTYPES[dtype]),
        [
            case((3, 4), dtype="int32").but(grad=False),
            case((3, 4), dtype="bool").but(grad=False),
            case((), dtype="int32").but(grad=False),
            case((0,), dtype="bool").but(grad=False),
            case((3,), dtype="float32").but(grad=False),
        ],
        dtypes={},
        js_grad=False,
        note="its gradient: test_gradients.py::test_cast",
        large=case((300, 401), dtype="int32"),
        bad=[
            (([1.0], "float16"), {}, "Unknown dtype 'float16'"),
            (([1.0], "string"), {}, "Only strings can be casted to strings"),
            ((["a"], "int32"), {}, "Only strings can be casted to strings"),
            (([1.0], 3), {}, "dtype"),
        ],
    ),
    move(
        "transpose",
        lambda x, perm=None: np.transpose(x, perm),
        [
            case(()),
            case((5,)),
            case((3, 4)),
            case((17, 35)),
            case(BOX),
            *(case(BOX, perm=p) for p in ([0, 2, 1], [2, 0, 1], [1, 0, 2], [1, 2, 0])),
            case(BOX, perm=[0, -1, 1]).but(js=False),
            case((0, 3)),
            case(HIGH, perm=[5, 1, 3, 0, 4, 2]),
            case((3, 1, 4), perm=[1, 0, 2]),
        ],
        large=case((301, 403)),
        bad=[
            (([[1.0]], [0]), {}, "must match length of perm"),
            (([[1.0]], [0, 0]), {}, "names each axis once"),
            (([[1.0]], [0, 2]), {}, "axis 2 is out of range"),
        ],
    ),
    move(
        "reverse",
        reverse,
        [
            case(()),
            case((5,)),
            case((3, 4)),
            case(BOX, axis=0),
            case(BOX, axis=-1),
            case(BOX, axis=[0, 2]),
            case((0, 2)),
            case(HIGH, axis=[1, 3]),
        ],
        large=case((301, 403)),
        bad=[(([1.0], 1), {}, "axis 1 is out of range")],
    ),
    move(
        "broadcastTo",
        np.broadcast_to,
        [
            case((), shape=[]),
            case((), shape=[2, 3]),
            case((3,), shape=[2, 3]),
            case((3, 1), shape=[3, 4]),
            case((2, 1, 3), shape=[4, 2, 5, 3]),
            case((1,), shape=[0]).but(js=False),
            case((2, 1, 1, 3), shape=[2, 2, 3, 3]),
        ],
        large=case((1, 401), shape=[300, 401]),
        bad=[
            (([1.0, 2.0], [3]), {}, "broadcast"),
            (([1.0, 2.0], [1]), {}, "broadcast"),
            (([[1.0]], [1]), {}, "cannot be broadcast"),
        ],
    ),
    move(
        "tile",
        np.tile,
        [
            case((3,), reps=[2]),
            case((2, 3), reps=[1, 1]),
            case((2, 3), reps=[2, 1]),
            case((2, 3), reps=[3, 2]),
            case((2, 1, 3), reps=[1, 4, 2]),
            case((2,), reps=[0]).but(js=False),
            case((0, 2), reps=[2, 2]).but(js=False),
            case((2, 1, 2, 1, 1, 2), reps=[1, 2, 1, 2, 2, 1]).but(js_grad=False),
            # Several pieces for the threads, and rounds that pieces begin in the middle of.
            case((300, 70), reps=[5, 3]).but(js=False),
            case((1, 7), reps=[20_011, 1]).but(js=False),
        ],
        dtypes={**ANY, "string": "string"},
        bad=[(([1.0], [1, 2]), {}, "must match length of reps"), (([1.0], [-1]), {}, "negative")],
    ),
    move(
        "slice",
        slice_of,
        [
            case((5,), begin=[1], size=[3]),
            case((5,), begin=2),
            case((5,), begin=1, size=2),
            case((3, 4), begin=[1, 1], size=[2, 2]),
            case((3, 4), begin=[1], size=[1]),
            case(BOX, begin=[0, 1, 2], size=[-1, 2, -1]),
            case((5,), begin=[5], size=[0]),
            case((5,), begin=[2], size=[0]),
            case(BOX, begin=[1, 0, 0]),
            case(HIGH, begin=[1, 0, 0, 1, 0, 0], size=[1, 2, 1, 1, 1, 2]),
            case((0, 3), begin=[0, 1], size=[0, 2]).but(js=False),
        ],
        large=case((301, 403), begin=[1, 1], size=[299, 401]),
        bad=[
            ((1.0, [0], [1]), {}, "Slicing scalar is not possible"),
            (([1.0], [0], [2]), {}, "would overflow input.shape"),
            (([1.0], [-1], [1]), {}, "slice"),
            (([1.0], [0, 0], [1, 1]), {}, "must not exceed the rank"),
            (([1.0], [2], [-1]), {}, "slice"),
        ],
    ),
    move(
        "pad",
        pad,
        [
            case((3,), paddings=[[1, 2]]),
            case((2, 3), paddings=[[0, 0], [0, 0]]),
            case((2, 3), paddings=[[1, 0], [2, 3]], constantValue=1.5),
            case((2, 1, 2), paddings=[[1, 1], [0, 2], [3, 0]]),
            case((0, 2), paddings=[[1, 1], [0, 1]]).but(js=False),
            case((2, 1, 2, 1), paddings=[[1, 0], [0, 1], [1, 1], [0, 2]], constantValue=-2.0),
        ],
        dtypes=NUMERIC,
        large=case((301, 403), paddings=[[1, 2], [3, 4]]),
        bad=[
            (([1.0], [[1, 1], [1, 1]]), {}, "a pair .before, after. for each"),
            (([1.0], [[-1, 1]]), {}, "must not be negative"),
            ((1.0, []), {}, "scalar"),
        ],
    ),
    move(
        "concat",
        lambda xs, axis=0: np.concatenate(xs, axis),
        [
            case([(3,)]),
            case([(3,), (2,)]),
            case([(2, 3), (1, 3), (4, 3)]),
            case([(2, 3), (2, 1)], axis=1),
            case([(2, 3), (2, 1)], axis=-1),
            case([(2, 3, 4), (2, 2, 4), (2, 1, 4)], axis=1),
            case([(0, 3), (2, 3)]),
            case([(2, 0), (2, 2)], axis=1),
            case([HIGH, HIGH], axis=2),
        ],
        large=case([(301, 403), (301, 101)], axis=1),
        bad=[
            (([],), {}, "at least one tensor"),
            (([[1.0], [[1.0]]],), {}, "does not match the shape of the rest"),
            (([1.0, 2.0],), {}, "scalars"),
            (([[1.0]], 1), {}, "axis 1 is out of range"),
            ((3.0,), {}, "list of tensors"),
            (([["a"], [1.0]],), {}, "Can not upcast"),
        ],
    ),
    move(
        "stack",
        lambda xs, axis=0: np.stack(xs, axis),
        [
            case([(), ()]),
            case([(3,)]),
            case([(3,), (3,)]),
            case([(2, 3)] * 3, axis=1),
            case([(2, 3)] * 2, axis=-1),
            case([(0, 2)] * 2).but(js=False),
            case([(2, 3, 1, 2, 2)] * 2, axis=2),
        ],
        bad=[
            (([],), {}, "at least one tensor"),
            (([[1.0], [1.0, 2.0]],), {}, "matching shapes"),
            (([[1.0]], 2), {}, "axis 2 is out of range"),
        ],
    ),
    move(
        "split",
        split,
        [
            case((6,), numOrSizeSplits=3),
            case((6,), numOrSizeSplits=[1, 3, 2]),
            case((2, 6), numOrSizeSplits=2, axis=1),
            case((2, 6), numOrSizeSplits=[4, -1], axis=-1),
            case((4, 2, 3), numOrSizeSplits=[1, 3]),
            case((3, 2), numOrSizeSplits=[0, 3]).but(js=False),
            case((3, 4), numOrSizeSplits=1).but(js_grad=False),
        ],
        bad=[
            (([1.0, 2.0], 3), {}, "Number of splits must evenly divide the axis"),
            (([1.0, 2.0], [1, 2]), {}, "sum of sizes must match"),
            (([1.0, 2.0], [-1, -1]), {}, "only one negative value"),
            (([1.0, 2.0], 0), {}, "evenly divide"),
            (([1.0], 1, 1), {}, "axis 1 is out of range"),
            (([1.0, 2.0], "a"), {}, "numOrSizeSplits"),
        ],
    ),
    move(
        "unstack",
        lambda x, axis=0: [np.take(x, i, axis) for i in range(x.shape[axis])],
        [
            case((3,)),
            case((2, 3)),
            case((2, 3), axis=1),
            case((2, 3), axis=-1),
            case((2, 3, 2), axis=1),
            case((2, 0)).but(js=False),
            case((1, 2)).but(js_grad=False),
        ],
        bad=[((1.0,), {}, "axis 0 is out of range"), (([1.0], 1), {}, "axis 1 is out of range")],
    ),
    Row(
        "gather",
        reference=gather,
        inputs=(Reals(), Indices(0, 3)),
        cases=[
            case((3,), ()),
            case((3,), (4,)),
            case((3, 4), (5,)),
            case((4, 3), (5,), axis=1),
            case((4, 3), (2, 2), axis=-1),
            case((5, 4, 3), (2, 3), axis=1),
            case((2, 3, 4), (2, 5), axis=1, batchDims=1),
            case((2, 2, 3), (2, 2, 3), axis=2, batchDims=2).but(js_grad=False),
            case((2, 4, 3), (2, 2), axis=2, batchDims=1),
            case((2, 4, 3), (2, 2), axis=2, batchDims=-1).but(js_grad=False),
            case((3, 0), (2,)).but(js=False),
            case((3, 2), (0,)).but(js=False),
            case((4, 5), (3, 0)).but(js=False),
        ],
        large=case((1000, 70), (900,)),
        dtypes={},
        bad=[
            (([1.0, 2.0], np.array([2], np.int32)), {}, r"the index value 2 is not in \[0, 1\]"),
            (([1.0, 2.0], np.array([-1], np.int32)), {}, "index value -1"),
            (([1.0], [0], 1), {}, "axis 1 is out of range"),
            (([[1.0]], [[0]], 1, 3), {}, "batchDims"),
            (([[1.0]], [[0], [0]], 1, 1), {}, "should be equal to"),
            (([1.0], np.array(["a"])), {}, "indices"),
        ],
        **LINEAR,
    ),
    Row(
        "scatterAdd",
        kind="reduction",
        reference=scatter_add,
        inputs=(Reals(), Indices(0, 4)),
        cases=[
            case((5, 3), (5,), rows=4),
            case((5, 1), (5,), rows=7),
            case((0, 3), (0,), rows=2),
            case((40, 17), (40,), rows=4),
            case((3, 0), (3,), rows=4).but(js=False),
        ],
        second=False,
        js=Js("(x, i, rows) => tf.unsortedSegmentSum(x, i, rows)"),
        dtypes={},
        large=case((1000, 70), (1000,), rows=5),
        bad=[
            (([1.0], [0], 1), {}, "must be .n, inner."),
            (([[1.0]], [0, 1], 1), {}, "must be .n, inner."),
            (([[1.0]], np.array([3], np.int32), 2), {}, "scatterAdd.*index|index.*3"),
        ],
    ),
    Row(
        "oneHot",
        kind="exact",
        reference=one_hot,
        inputs=(Indices(-1, 5),),
        cases=[
            case((), depth=3),
            case((4,), depth=3),
            case((2, 3), depth=4),
            case((5,), depth=4, onValue=2.0, offValue=-1.0),
            case((5,), depth=4, dtype="float32"),
            case((5,), depth=4, dtype="bool"),
            case((0,), depth=2),
            case((5,), depth=3, onValue=0.5, offValue=0.25, dtype="float32"),
        ],
        js_grad=False,
        dtypes={},
        bad=[(([1], 1), {}, "depth must be >=2"), (([1], 2, 1, 0, "string"), {}, "dtype")],
    ),
    Row(
        "fill",
        kind="exact",
        reference=lambda shape, value, dtype="float32": np.full(shape, value, DTYPES[dtype]),
        cases=[
            case(shape=[], value=2.5),
            case(shape=[3], value=-1.0),
            case(shape=[2, 0], value=1.0),
            case(shape=[2, 3], value=7.9, dtype="int32").but(js=False),
            case(shape=[2], value=1.0, dtype="bool"),
            case(shape=[1, 2, 1, 2, 1, 2], value=0.5),
        ],
        dtypes={},
        bad=[
            (([-1], 1.0), {}, "negative"),
            (([2], 1.0, "string"), {}, "cannot be 'string'"),
            (([1 << 30, 1 << 30], 1.0), {}, "too large"),
        ],
    ),
    Row(
        "eye",
        kind="exact",
        reference=lambda rows, columns, dtype="float32": np.eye(rows, columns, dtype=DTYPES[dtype]),
        cases=[
            case(rows=3, columns=3),
            case(rows=2, columns=5),
            case(rows=5, columns=2, dtype="int32"),
            case(rows=4, columns=4, dtype="bool"),
            case(rows=0, columns=3).but(js=False),
            case(rows=3, columns=0).but(js=False),
            case(rows=400, columns=301),
        ],
        js=Js("(rows, columns, dtype) => tf.eye(rows, columns, undefined, dtype)"),
        dtypes={},
        bad=[
            ((-1, 1), {}, "negative"),
            ((2, 2, "string"), {}, "cannot be 'string'"),
            ((1 << 30, 1 << 30), {}, "too large"),
        ],
    ),
    Row(
        "range",
        kind="exact",
        # A step of 1 counts down as well.
        reference=lambda start, stop, step=1.0, dtype="float32": np.arange(
            start, stop, -1.0 if stop < start and step == 1 else step
        ).astype(DTYPES[dtype]),
        cases=[
            case(start=0, stop=5),
            case(start=2, stop=8, step=3),
            case(start=5, stop=0, step=-2),
            case(start=0, stop=5, dtype="int32"),
            case(start=1, stop=1),
            case(start=0.5, stop=3.0, step=0.5),
            case(start=-3, stop=4, step=2, dtype="int32"),
            case(start=2, stop=0),
        ],
        dtypes={},
        bad=[
            ((0, 1, 0), {}, "Cannot have a step of zero"),
            ((0, float("inf")), {}, "no finite length"),
            ((0, 3, 1, "bool"), {}, "must be one of"),
        ],
    ),
    Row(
        "linspace",
        kind="elementwise",
        reference=np.linspace,
        cases=[
            case(start=0, stop=1, num=5),
            case(start=3, stop=-3, num=4),
            case(start=2, stop=5, num=1),
            case(start=0, stop=0, num=3),
        ],
        dtypes={},
        bad=[((0, 1, 0), {}, "number of values should be positive")],
    ),
]
