"""Rows of products of vectors and matrices, of diagonals, bands, and averages."""

from __future__ import annotations

import numpy as np

from .row import Indices, Reals, Row, case

NO_NUMBERS = {"complex64": TypeError, "string": TypeError}


def diag(x: np.ndarray) -> np.ndarray:
    return np.diag(x.ravel()).reshape(x.shape * 2)


def band_part(a: np.ndarray, numLower: int, numUpper: int) -> np.ndarray:
    i, j = np.ogrid[: a.shape[-2], : a.shape[-1]]
    lower = (i - j <= numLower) | (numLower < 0)
    upper = (j - i <= numUpper) | (numUpper < 0)
    return np.where(lower & upper, a, np.zeros((), a.dtype))


def confusion(labels: np.ndarray, predictions: np.ndarray, numClasses: int) -> np.ndarray:
    counts = np.zeros((numClasses, numClasses), np.int32)
    np.add.at(counts, (labels, predictions), 1)
    return counts


def moving_average(v, x, decay, step=None, zeroDebias=True):
    update = (x - v) * (1 - decay)
    return v + (update / (1 - decay**step) if zeroDebias else update)


def local_response(x, depthRadius=5, bias=1.0, alpha=1.0, beta=0.5):
    channels = np.arange(x.shape[-1])
    near = np.abs(channels[:, None] - channels) <= depthRadius
    return x * (bias + alpha * np.square(x) @ near) ** -beta


ROWS = [
    Row(
        op="dot",
        kind="contraction",
        reference=np.dot,
        cases=[
            case((4,), (4,)),
            case((3, 4), (4,)),
            case((4,), (4, 3)),
            case((2, 3), (3, 4)),
            case((0,), (0,)).but(js=False),
        ],
        large=case((7, 40_000), (40_000,)),
        js_second=False,
        dtypes={"int32": "int32", "string": TypeError},
        bad=[
            (([1.0], [1.0, 2.0]), {}, "inner dimensions of inputs must match, but got 1 and 2"),
            ((1.0, [1.0]), {}, "must all be rank 1 or 2, but got ranks 0 and 1"),
            ((np.zeros((1, 1, 1)), [1.0]), {}, "must all be rank 1 or 2"),
        ],
    ),
    Row(
        op="outerProduct",
        kind="contraction",
        reference=np.outer,
        cases=[case((3,), (4,)), case((1,), (1,)), case((0,), (2,)).but(js=False)],
        js_second=False,
        dtypes={"int32": "int32", "string": TypeError},
        bad=[(([[1.0]], [1.0]), {}, "inputs must be rank 1, but got ranks 2 and 1")],
    ),
    Row(
        op="diag",
        kind="exact",
        reference=diag,
        cases=[case((4,)), case((2, 3)), case((1,)), case((0,)).but(js=False)],
        second=False,
        js_grad=False,
        note="TensorFlow.js has no gradient of diag",
        dtypes={"int32": "int32", "string": TypeError},
        bad=[((np.zeros((1, 1, 1, 1, 1)),), {}, "too many dimensions")],
    ),
    Row(
        op="bandPart",
        kind="exact",
        reference=band_part,
        cases=[
            case((4, 5), numLower=1, numUpper=2),
            case((4, 5), numLower=-1, numUpper=0),
            case((5, 4), numLower=0, numUpper=-1),
            case((2, 3, 3), numLower=0, numUpper=0),
            case((3, 3), numLower=-1, numUpper=-1),
        ],
        second=False,
        js="linalg.bandPart",
        js_grad=False,
        note="TensorFlow.js asks for the gradient of a comparison",
        dtypes={"int32": "int32"},
        bad=[
            (([1.0], 0, 0), {}, "Rank must be at least 2, got 1"),
            (([[1.0]], 2, 0), {}, "numLower .2. must not be greater than the number of rows .1."),
            (([[1.0]], 0, 2), {}, "numUpper .2. must not be greater than the number of columns .1."),
        ],
    ),
    Row(
        op="confusionMatrix",
        kind="exact",
        reference=confusion,
        inputs=(Indices(0, 3),),
        cases=[case((8,), (8,), numClasses=3), case((1,), (1,), numClasses=5)],
        js="math.confusionMatrix",
        js_grad=False,
        bad=[
            (([0], [0, 1], 2), {}, "Mismatch in the number of examples: 1 vs. 2"),
            (([[0]], [0], 2), {}, "rank of labels to be 1, but got 2"),
            (([0], [[0]], 2), {}, "rank of predictions to be 1, but got 2"),
            (([0], [0], 0), {}, "numClasses must be a positive integer"),
        ],
    ),
    Row(
        op="movingAverage",
        kind="normalisation",
        reference=moving_average,
        inputs=(Reals(), Reals(), Reals(0.5, 0.9), Reals(1.0, 3.0)),
        cases=[
            case((3, 4), (3, 4), (), (), zeroDebias=True),
            case((5,), (5,), (), None, zeroDebias=False).but(js=False),
            case((2,), (2,), (), ()),
        ],
        js_second=False,
        dtypes=NO_NUMBERS,
        bad=[
            (([1.0], [1.0], 0.5), {}, "step is required"),
            (([1.0], [1.0, 2.0], 0.5, 1), {}, "Shape mismatch in v and x"),
            (([1.0], np.array([1], np.int32), 0.5, 1), {}, "must match"),
        ],
    ),
    Row(
        op="localResponseNormalization",
        kind="normalisation",
        reference=local_response,
        cases=[
            case((2, 3, 4)),
            case((1, 2, 2, 7), depthRadius=2),
            case((2, 2, 1, 5), depthRadius=1, bias=0.5, alpha=0.3, beta=0.75),
            case((1, 1, 2, 3), depthRadius=0, bias=2.0),
            case((0, 2, 2, 3)).but(js=False),
        ],
        js_second=False,
        dtypes=NO_NUMBERS,
        bad=[(([1.0],), {}, "x must be rank 3 or 4 but got rank 1")],
    ),
]
