"""Rows of ops that pick and place by coordinates, steps and windows of a tensor."""

from __future__ import annotations

from typing import Any

import numpy as np

from .row import Indices, Reals, Row, case

ANY = {"bool": "bool", "complex64": "complex64", "string": "string"}
BOX = (3, 4, 5)
I32 = np.int32


def ints(*values: Any) -> np.ndarray:
    return np.array(values, I32)


def gather_nd(x: np.ndarray, indices: np.ndarray) -> np.ndarray:
    return x[tuple(np.moveaxis(indices, -1, 0))]


def columns(indices: np.ndarray) -> np.ndarray:
    return indices[:, None] if indices.ndim == 1 else indices


def scatter_nd(indices: np.ndarray, updates: np.ndarray, shape: list[int]) -> np.ndarray:
    y = np.zeros(shape)
    np.add.at(y, tuple(np.moveaxis(columns(indices), -1, 0)), updates)
    return y


def scatter_update(tensor: np.ndarray, indices: np.ndarray, updates: np.ndarray) -> np.ndarray:
    y = tensor.copy()
    depth = columns(indices).shape[-1]
    rows = columns(indices).reshape(-1, depth)
    for row, value in zip(rows, updates.reshape(len(rows), *tensor.shape[depth:]), strict=True):
        y[tuple(row)] = value
    return y


def scatter_mask(x: np.ndarray, indices: np.ndarray) -> np.ndarray:
    rows = indices.tolist()
    return np.array([row not in rows[i + 1 :] for i, row in enumerate(rows)], np.bool_)


def segment_sum(x: np.ndarray, segmentIds: np.ndarray, numSegments: int) -> np.ndarray:
    y = np.zeros((numSegments, *x.shape[segmentIds.ndim :]))
    inside = (segmentIds >= 0) & (segmentIds < numSegments)
    np.add.at(y, segmentIds[inside], x[inside])
    return y


def strided(x: np.ndarray, begin: Any, strides: Any, size: Any) -> np.ndarray:
    return x[np.ix_(*(b + s * np.arange(n) for b, s, n in zip(begin, strides, size, strict=True)))]


def strided_write(x: np.ndarray, begin: Any, strides: Any, shape: Any) -> np.ndarray:
    y = np.zeros(shape)
    y[np.ix_(*(b + s * np.arange(n) for b, s, n in zip(begin, strides, x.shape, strict=True)))] = x
    return y


def strided_slice(x: np.ndarray, begin: Any, end: Any, strides: Any = None, **masks: int) -> np.ndarray:
    key: list[Any] = []
    for i, (b, e) in enumerate(zip(begin, end, strict=True)):
        mask = {name: value >> i & 1 for name, value in masks.items()}
        if mask.get("ellipsisMask"):
            key.append(...)
        elif mask.get("newAxisMask"):
            key.append(None)
        elif mask.get("shrinkAxisMask"):
            key.append(b)
        else:
            step = 1 if strides is None else strides[i]
            key.append(slice(None if mask.get("beginMask") else b, None if mask.get("endMask") else e, step))
    return x[tuple(key)]


def block_dims(s: tuple[int, ...], block: Any) -> list[int]:
    return [d for size, k in zip(s[1:], block, strict=False) for d in (size // k, k)]


def space_to_batch(x: np.ndarray, blockShape: Any, paddings: Any) -> np.ndarray:
    n = len(blockShape)
    x = np.pad(x, [(0, 0), *np.reshape(paddings, (-1, 2)).tolist(), *[(0, 0)] * (x.ndim - n - 1)])
    y = x.reshape(x.shape[0], *block_dims(x.shape, blockShape), *x.shape[n + 1 :])
    rest = range(2 * n + 1, y.ndim)
    y = y.transpose(*range(2, 2 * n + 1, 2), 0, *range(1, 2 * n + 1, 2), *rest)
    return y.reshape(-1, *y.shape[n + 1 :])


def batch_to_space(x: np.ndarray, blockShape: Any, crops: Any) -> np.ndarray:
    n = len(blockShape)
    batch = x.shape[0] // int(np.prod(blockShape))
    y = x.reshape(*blockShape, batch, *x.shape[1:])
    order = [n, *(axis for i in range(n) for axis in (n + 1 + i, i)), *range(2 * n + 1, y.ndim)]
    y = y.transpose(*order).reshape(
        batch, *(x.shape[i + 1] * k for i, k in enumerate(blockShape)), *x.shape[n + 1 :]
    )
    edges = zip(np.reshape(crops, (-1, 2)).tolist(), y.shape[1:], strict=False)
    return y[(slice(None), *(slice(a, size - b) for (a, b), size in edges))]


def depth_to_space(x: np.ndarray, blockSize: int, dataFormat: str = "NHWC") -> np.ndarray:
    if dataFormat == "NCHW":
        return np.moveaxis(depth_to_space(np.moveaxis(x, 1, 3), blockSize), 3, 1)
    b, h, w, c = x.shape
    y = x.reshape(b, h, w, blockSize, blockSize, c // blockSize**2).transpose(0, 1, 3, 2, 4, 5)
    return y.reshape(b, h * blockSize, w * blockSize, -1)


def space_to_depth(x: np.ndarray, blockSize: int, dataFormat: str = "NHWC") -> np.ndarray:
    if dataFormat == "NCHW":
        return np.moveaxis(space_to_depth(np.moveaxis(x, 1, 3), blockSize), 3, 1)
    b, h, w, c = x.shape
    y = x.reshape(b, h // blockSize, blockSize, w // blockSize, blockSize, c).transpose(0, 1, 3, 2, 4, 5)
    return y.reshape(b, h // blockSize, w // blockSize, -1)


def mirror_pad(x: np.ndarray, paddings: Any, mode: str) -> np.ndarray:
    return np.pad(x, np.reshape(paddings, (-1, 2)), mode=mode)


LINEAR: dict[str, Any] = {"kind": "exact", "second": False}
NOT_THERE = {"js_grad": False, "note": "TensorFlow.js has no gradient of it"}

ROWS = [
    Row(
        op="gatherND",
        reference=gather_nd,
        inputs=(Reals(),),
        cases=[
            case((3, 4), ints([0, 1], [2, 3], [0, 1])),
            case((3, 4), ints([2], [0])),
            case((5,), ints([[4], [0]], [[1], [1]])),
            case(BOX, ints([2, 3], [0, 0])),
            case((3, 4), ints(1, 2)),
            case((2, 3), np.zeros((0, 1), I32)).but(js=False),
        ],
        bad=[
            ((1.0, ints(0)), {}, "input to be rank 1 or higher"),
            (([1.0], I32(0)), {}, "indices to be rank 1 or higher"),
            (([1.0], ints([0, 0])), {}, "innermost dimension length must be <= tensor rank; saw: 2 vs. 1"),
            (([[1.0]], ints([0, 1])), {}, "Invalid indices: 0,1 does not index into 1,1"),
            (([[1.0]], ints([-1])), {}, "Invalid indices: -1"),
            ((np.zeros((0, 2)), ints([0])), {}, "input is empty"),
        ],
        **LINEAR,
        **NOT_THERE,
    ),
    Row(
        op="scatterND",
        reference=scatter_nd,
        inputs=(Reals(),),
        cases=[
            case(ints([0], [3], [0]), (3,), shape=[5]),
            case(ints([1, 2], [0, 0]), (2,), shape=[2, 3]),
            case(ints([2], [0]), (2, 4), shape=[3, 4]),
            case(ints([[0], [1]], [[1], [1]]), (2, 2, 3), shape=[2, 3]),
            case(ints(1, 0), (2, 3), shape=[4, 3]),
            case(np.zeros((0, 1), I32), (0, 2), shape=[3, 2]),
        ],
        bad=[
            ((I32(0), [1.0], [2]), {}, "indices to be rank 1 or higher"),
            ((ints([0]), 1.0, [2]), {}, "updates to be rank 1 or higher"),
            ((ints([0]), [1.0, 2.0], [2]), {}, "Must have updates.shape"),
            ((ints([0]), [1.0], []), {}, "Output rank must be greater"),
            ((ints([2]), [1.0], [2]), {}, "Invalid indices: 2 does not index into 2"),
        ],
        kind="reduction",
        second=False,
        **NOT_THERE,
    ),
    Row(
        op="tensorScatterUpdate",
        reference=scatter_update,
        inputs=(Reals(),),
        cases=[
            case((5,), ints([0], [3]), (2,)),
            case((5,), ints([3], [3], [1]), (3,)),
            case((2, 3), ints([1, 2], [0, 0]), (2,)),
            case((3, 4), ints([2], [0]), (2, 4)),
            case((2, 3), ints([[0], [1]]), (1, 2, 3)),
            case((3, 2), np.zeros((0, 1), I32), (0, 2)),
        ],
        bad=[
            (([1.0], ints([0]), [1.0, 2.0]), {}, "Must have updates.shape"),
            (([1.0], ints([0]), ints(1)), {}, "same dtype"),
            (([1.0], ints([1]), [2.0]), {}, "Invalid indices: 1"),
        ],
        **LINEAR,
        **NOT_THERE,
    ),
    Row(
        op="scatterMask",
        reference=scatter_mask,
        inputs=(Reals(), Indices(0, 3)),
        cases=[case((3,), ints([0], [2], [0])), case((3, 3), (5, 2)), case((3,), (0, 1))],
        kind="exact",
        js="",
        note="a step of the gradient of tensorScatterUpdate",
        bad=[(([1.0], ints(0)), {}, "indices must be .n, depth.")],
    ),
    Row(
        op="unsortedSegmentSum",
        kind="reduction",
        reference=segment_sum,
        inputs=(Reals(), Indices(0, 4)),
        cases=[
            case((5,), (5,), numSegments=4),
            case((5, 3), (5,), numSegments=6),
            case((6, 2, 3), (6,), numSegments=2).but(js_grad=False),
            case((2, 3), (2, 3), numSegments=4).but(js=False),
            case((4,), ints(-1, 0, 7, 0), numSegments=2).but(js_grad=False),
            case((0, 3), (0,), numSegments=2).but(js=False),
        ],
        second=False,
        js_second=False,
        dtypes={"string": TypeError},
        bad=[
            (([1.0], ints(0, 1), 2), {}, "must be how the shape of x"),
            (([1.0], I32(0), 2), {}, "must be how the shape of x"),
            (([1.0], ints(0), -1), {}, "numSegments must not be negative"),
        ],
    ),
    Row(
        op="stridedRead",
        reference=strided,
        cases=[
            case((7,), begin=[1], strides=[2], size=[3]),
            case((4, 5), begin=[3, 0], strides=[-1, 3], size=[4, 2]),
            case(BOX, begin=[0, 1, 4], strides=[1, 1, -2], size=[3, 3, 2]),
            case((3, 4), begin=[0, 2], strides=[1, 1], size=[3, 0]),
            case((), begin=[], strides=[], size=[]),
        ],
        js="",
        note="a step of stridedSlice",
        dtypes=ANY,
        large=case((300, 401), begin=[0, 400], strides=[1, -2], size=[300, 201]),
        bad=[
            (([1.0], [0], [1], [2]), {}, "do not fit"),
            (([1.0], [-1], [1], [1]), {}, "do not fit"),
            (([1.0], [0, 0], [1], [1]), {}, "do not fit"),
            (([1.0, 2.0], [0], [0], [2]), {}, "do not fit"),
        ],
        **LINEAR,
    ),
    Row(
        op="stridedWrite",
        reference=strided_write,
        cases=[
            case((3,), begin=[1], strides=[2], shape=[7]),
            case((4, 2), begin=[3, 0], strides=[-1, 3], shape=[4, 5]),
            case((3, 0), begin=[0, 2], strides=[1, 1], shape=[3, 4]),
            case((), begin=[], strides=[], shape=[]),
        ],
        js="",
        note="the gradient of stridedRead",
        dtypes={**ANY, "string": TypeError},
        bad=[(([1.0, 2.0], [0], [1], [1]), {}, "do not fit")],
        **LINEAR,
    ),
    Row(
        op="stridedSlice",
        reference=strided_slice,
        cases=[
            case((7,), begin=[1], end=[6], strides=[2]),
            case((7,), begin=[6], end=[0], strides=[-2]),
            case((7,), begin=[-3], end=[100]),
            case((7,), begin=[5], end=[2], strides=[1]).but(js=False),
            case(BOX, begin=[1, 0, 1], end=[3, 2, 5], strides=[1, 1, 2]),
            case(BOX, begin=[2, 3, 4], end=[0, 0, 0], strides=[-1, -2, -3]),
            case(BOX, begin=[1, 2], end=[2, 4]),
            case(BOX, begin=[1, 2, 3], end=[2, 3, 4], strides=[1, 1, 1], beginMask=5),
            case(BOX, begin=[1, 2, 3], end=[2, 3, 4], strides=[1, 1, 1], endMask=3),
            case(BOX, begin=[1, 2, 3], end=[2, 3, 4], strides=[-1, 1, -1], beginMask=5, endMask=7),
            case(BOX, begin=[1, 0, 3], end=[2, 0, 4], strides=[1, 1, 1], ellipsisMask=2),
            case(BOX, begin=[0, 3], end=[0, 4], strides=[1, 1], ellipsisMask=1),
            case(BOX, begin=[1, 0, 2], end=[2, 0, 3], strides=[1, 1, 1], newAxisMask=2),
            case(BOX, begin=[1, 2, 3], end=[2, 3, 4], strides=[1, 1, 1], shrinkAxisMask=5),
            case(BOX, begin=[-1, 2, 3], end=[0, 4, 4], strides=[1, 1, 1], shrinkAxisMask=1),
            case(
                BOX,
                begin=[1, 0, 0, 3],
                end=[2, 0, 0, 5],
                strides=[1, 1, 1, 2],
                ellipsisMask=2,
                newAxisMask=4,
                shrinkAxisMask=1,
            ).but(js=False),
            case(
                (2, 3, 4, 5),
                begin=[0, 0, 1],
                end=[0, 0, 3],
                strides=[1, 1, 2],
                ellipsisMask=2,
                beginMask=1,
                endMask=1,
            ),
            case((0, 3), begin=[0, 1], end=[0, 3]).but(js=False),
        ],
        dtypes=ANY,
        bad=[
            (([1.0], [0], [1], [0]), {}, r"strides\[0\] must be non-zero"),
            (([1.0], [0, 0], [1, 1]), {}, "input has only 1 dims"),
            (([1.0], [0], [1], [1], 0, 0, 3), {}, "Multiple ellipses"),
            (([1.0], [1], [1], [1], 0, 0, 0, 0, 1), {}, "slice index 1 of dimension 0 out of bounds"),
            (([1.0], [0], [1], [-1], 0, 0, 0, 0, 1), {}, "only stride 1 allowed"),
            (([1.0], [0], [1, 2]), {}, "same length"),
        ],
        **LINEAR,
        **NOT_THERE,
    ),
    Row(
        op="spaceToBatchND",
        reference=space_to_batch,
        cases=[
            case((2, 4), blockShape=[2], paddings=[[0, 0]]),
            case((1, 4, 6, 2), blockShape=[2, 3], paddings=[[0, 0], [0, 0]]),
            case((2, 3, 4, 1), blockShape=[2, 2], paddings=[[1, 0], [1, 1]]),
            case((1, 4, 4, 2, 3), blockShape=[2, 2, 1], paddings=[[0, 0], [0, 0], [0, 0]]),
        ],
        dtypes={"int32": "int32", "string": TypeError},
        bad=[
            (([[1.0, 2.0, 3.0]], [2], [[0, 0]]), {}, "must be divisible by blockShapes"),
            (([1.0], [2], [[0, 0]]), {}, "input rank 1 should be >"),
            (([[1.0]], [1], [[0, 0], [0, 0]]), {}, "paddings has 2 pairs"),
            (([[1.0]], [0], [[0, 0]]), {}, "must be positive"),
            (([[1.0]], [1], [[-1, 0]]), {}, "must not be negative"),
        ],
        **LINEAR,
    ),
    Row(
        op="batchToSpaceND",
        reference=batch_to_space,
        cases=[
            case((4, 3), blockShape=[2], crops=[[0, 0]]),
            case((6, 2, 3, 2), blockShape=[2, 3], crops=[[0, 0], [0, 0]]),
            case((4, 2, 3, 1), blockShape=[2, 2], crops=[[1, 0], [2, 1]]),
            case((8, 2, 1, 2, 3), blockShape=[2, 2, 2], crops=[[0, 0], [0, 1], [0, 0]]),
        ],
        dtypes=ANY,
        bad=[
            (([[1.0]], [2], [[0, 0]]), {}, "is not divisible by the product"),
            (([[1.0]], [1], [[1, 1]]), {}, "crops .1,1. are more than the 1 elements"),
        ],
        **LINEAR,
    ),
    Row(
        op="depthToSpace",
        reference=depth_to_space,
        cases=[
            case((1, 2, 3, 8), blockSize=2),
            case((2, 1, 2, 9), blockSize=3),
            case((2, 8, 3, 2), blockSize=2, dataFormat="NCHW").but(js=False),
        ],
        dtypes={"complex64": "complex64"},
        bad=[
            ((np.zeros((1, 2, 2, 3)), 2), {}, "must be evenly divisible by 4 but is 3"),
            ((np.zeros((1, 2, 2, 4)), 1), {}, "blockSize should be > 1"),
            (([1.0], 2), {}, "must be rank 4"),
        ],
        **LINEAR,
        **NOT_THERE,
    ),
    Row(
        op="spaceToDepth",
        reference=space_to_depth,
        cases=[
            case((1, 4, 6, 2), blockSize=2),
            case((2, 3, 3, 1), blockSize=3),
            case((1, 2, 4, 6), blockSize=2, dataFormat="NCHW"),
        ],
        dtypes=ANY,
        js="",
        note="TensorFlow.js has no spaceToDepth",
        bad=[
            ((np.zeros((1, 3, 2, 3)), 2), {}, "must be divisible by blockSize 2"),
            ((np.zeros((1, 2, 2, 4)), 0), {}, "blockSize should be > 1"),
            (([1.0], 2), {}, "must be rank 4"),
        ],
        **LINEAR,
    ),
    Row(
        op="mirrorPad",
        reference=mirror_pad,
        cases=[
            case((4,), paddings=[[2, 3]], mode="reflect"),
            case((4,), paddings=[[2, 4]], mode="symmetric"),
            case((3, 4), paddings=[[1, 0], [2, 3]], mode="reflect"),
            case((3, 4), paddings=[[3, 1], [0, 0]], mode="symmetric"),
            case((2, 3, 2), paddings=[[1, 1], [0, 2], [1, 0]], mode="symmetric"),
        ],
        dtypes=ANY,
        kind="exact",
        second=False,
        **NOT_THERE,
        bad=[
            ((1.0, [], "reflect"), {}, "mirrorPad.scalar. is not defined"),
            (([1.0, 2.0], [[2, 0]], "reflect"), {}, "cannot be greater than or equal to 1"),
            (([1.0], [[0, 0], [0, 0]], "reflect"), {}, "Must be 1. Got 2"),
            (([1.0], [[0, 0]], "edge"), {}, "must be one of"),
        ],
    ),
]
