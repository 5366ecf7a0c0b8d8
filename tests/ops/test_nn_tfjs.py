"""Convolutions, pools, softmax and normalisation: values and derivatives as TensorFlow.js has them."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from lamina import _core
from support.oracle import Js, TfjsError

from . import derivatives

TOLERANCE = 1e-5


@dataclass
class Row:
    """`call` is read as Python and as JavaScript, over `names` of tensors with the given shapes."""

    call: str
    shapes: dict[str, tuple[int, ...]]
    second: bool = False
    low: float = -1.0

    def __str__(self) -> str:
        shapes = " ".join("x".join(map(str, shape)) for shape in self.shapes.values())
        return f"{self.call} {shapes}"


CONV_SHAPES = {"x": (2, 5, 6, 3), "f": (3, 2, 3, 4)}
SQUARE = {"x": (2, 5, 6, 3), "f": (3, 3, 3, 4)}
DEPTHWISE_SHAPES = {"x": (2, 5, 6, 3), "f": (3, 2, 3, 2)}
IMAGE = {"x": (2, 5, 6, 3)}

ROWS = [
    Row("tf.conv2d(x, f, 1, 'valid')", CONV_SHAPES),
    Row("tf.conv2d(x, f, 1, 'same')", CONV_SHAPES),
    Row("tf.conv2d(x, f, 2, 'same')", CONV_SHAPES),
    Row("tf.conv2d(x, f, [2, 1], 'valid')", CONV_SHAPES),
    # With a number as padding TensorFlow.js takes the height's filter and stride for the width too.
    Row("tf.conv2d(x, f, [2, 2], 1)", SQUARE),
    Row("tf.conv2d(x, f, 2, 1, 'NHWC', 1, 'floor')", SQUARE),
    Row("tf.conv2d(x, f, 2, [[0, 0], [1, 0], [2, 1], [0, 0]])", CONV_SHAPES),
    Row("tf.conv2d(x, f, 1, 'same')", {"x": (5, 6, 3), "f": (3, 3, 3, 4)}),
    Row("tf.conv2d(x, f, 1, 'same')", {"x": (2, 4, 5, 3), "f": (1, 1, 3, 4)}),
    Row("tf.conv2d(x, f, 1, 'valid')", {"x": (2, 4, 5, 3), "f": (4, 5, 3, 4)}),
    Row("tf.depthwiseConv2d(x, f, 1, 'valid')", DEPTHWISE_SHAPES),
    Row("tf.depthwiseConv2d(x, f, 2, 'same')", DEPTHWISE_SHAPES),
    Row("tf.depthwiseConv2d(x, f, [2, 2], 1)", SQUARE),
    Row("tf.depthwiseConv2d(x, f, 1, 'same')", {"x": (5, 6, 3), "f": (3, 3, 3, 1)}),
    Row("tf.maxPool(x, 2, 2, 'valid')", IMAGE),
    Row("tf.maxPool(x, [3, 2], [1, 2], 'same')", IMAGE),
    Row("tf.maxPool(x, 3, 2, 1)", IMAGE),
    Row("tf.maxPool(x, 2, 1, 'same')", {"x": (5, 6, 3)}),
    Row("tf.avgPool(x, 2, 2, 'valid')", IMAGE),
    Row("tf.softmax(x)", {"x": (3, 5)}),
    Row("tf.softmax(x, 2)", {"x": (2, 3, 4)}),
    Row("tf.softmax(x)", {"x": (7,)}),
    Row("tf.logSoftmax(x)", {"x": (3, 5)}),
    Row("tf.logSoftmax(x, 2)", {"x": (2, 3, 4)}),
    Row(
        "tf.batchNorm(x, m, v, b, g, 0.01)",
        {"x": (2, 3, 2, 4), "m": (4,), "v": (4,), "b": (4,), "g": (4,)},
        second=True,
        low=0.3,
    ),
    Row(
        "tf.batchNorm(x, m, v, b, g)",
        {"x": (3, 4), "m": (3, 4), "v": (3, 4), "b": (3, 4), "g": (3, 4)},
        second=True,
        low=0.3,
    ),
]

# Where TensorFlow.js has no gradient, or a wrong one: dilated and channels-first convolutions have none, the
# mode of rounding is forgotten, an average is spread as if padding had counted, and batchNorm needs a scale.
VALUES_ONLY = [
    Row("tf.maxPool(x, 3, 2, 1, 'ceil')", IMAGE),
    Row("tf.conv2d(x, f, 2, 1, 'NHWC', 1, 'ceil')", SQUARE),
    Row("tf.conv2d(x, f, 2, 1, 'NHWC', 1, 'round')", SQUARE),
    Row("tf.avgPool(x, [3, 2], [1, 2], 'same')", IMAGE),
    Row("tf.avgPool(x, 3, 2, 1)", IMAGE),
    Row("tf.avgPool(x, 2, 1, 'same')", {"x": (5, 6, 3)}),
    Row("tf.batchNorm(x, m, v)", {"x": (2, 3, 4), "m": (4,), "v": (4,)}, low=0.3),
    Row("tf.conv2d(x, f, 1, 'same', 'NHWC', 2)", {"x": (2, 7, 8, 3), "f": (3, 2, 3, 4)}),
    Row("tf.conv2d(x, f, [1, 1], 'valid', 'NHWC', [2, 3])", {"x": (2, 7, 8, 3), "f": (3, 2, 3, 4)}),
    Row("tf.conv2d(x, f, 2, 'same', 'NCHW')", {"x": (2, 3, 5, 6), "f": (3, 2, 3, 4)}),
    Row(
        "tf.conv2d(x, f, 1, [[0, 0], [0, 0], [1, 0], [2, 1]], 'NCHW')", {"x": (2, 3, 5, 6), "f": (3, 2, 3, 4)}
    ),
    Row("tf.depthwiseConv2d(x, f, 1, 'same', 'NHWC', 2)", {"x": (2, 7, 8, 3), "f": (3, 2, 3, 2)}),
]


def values_for(row: Row) -> list[np.ndarray]:
    rng = np.random.default_rng(zlib.crc32(str(row).encode()))
    made = []
    for shape in row.shapes.values():
        # No two values are close, so that the largest of a window is where both sides see it.
        values = rng.permutation(int(np.prod(shape))) + rng.uniform(0.2, 0.8)
        made.append((row.low + (1 - row.low) * values / (values.max() + 1)).reshape(shape).astype(np.float32))
    return made


def python_of(row: Row) -> Any:
    return eval(f"lambda tf, {', '.join(row.shapes)}: {row.call}")


def js_of(row: Row) -> Js:
    return Js(f"({', '.join(row.shapes)}) => {row.call}")


def here(row: Row) -> Any:
    f = python_of(row)
    return lambda *xs: f(_core.ops, *xs)


def close(ours: np.ndarray | None, theirs: np.ndarray, what: str) -> None:
    assert ours is not None, what
    assert ours.shape == theirs.shape, what
    assert ours.dtype == theirs.dtype, what
    scale = max(1.0, float(np.abs(theirs).max(initial=0)))
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=TOLERANCE * scale, err_msg=what)


@pytest.mark.parametrize("row", VALUES_ONLY + ROWS, ids=str)
def test_values(tfjs, row):
    arrays = values_for(row)
    close(np.asarray(here(row)(*arrays)), tfjs.op(js_of(row), *arrays), "value")


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_derivatives(tfjs, row):
    arrays = values_for(row)
    rng = np.random.default_rng(3)
    shape = here(row)(*arrays).shape
    dy = rng.uniform(-1, 1, shape).astype(np.float32)
    directions = [rng.uniform(-1, 1, a.shape).astype(np.float32) for a in arrays]
    answer = tfjs.grad(js_of(row), arrays, dy=dy, v=directions if row.second else None)
    for ours, theirs, name in zip(
        derivatives.first(here(row), arrays, [dy]), answer.grads, row.shapes, strict=True
    ):
        close(ours, theirs, f"d/d{name}")
    if row.second:
        ours2 = derivatives.second(here(row), arrays, [dy], directions)
        for ours, theirs, name in zip(ours2, answer.second, row.shapes, strict=True):
            if theirs is None:
                assert ours is None or not ours.any(), name
            else:
                close(ours, theirs, f"second derivative by {name}")


ERRORS = [
    ("tf.conv2d(x, f, 1, 'same')", {"x": (2, 5, 6, 2), "f": (3, 2, 3, 4)}),
    ("tf.conv2d(x, f, 1, 'same')", {"x": (5, 6), "f": (3, 2, 3, 4)}),
    ("tf.conv2d(x, f, 1, 'same')", {"x": (2, 5, 6, 3), "f": (3, 2, 3)}),
    ("tf.conv2d(x, f, 2, 'same', 'NHWC', 2)", CONV_SHAPES),
    ("tf.conv2d(x, f, [2, 1], 'same', 'NHWC', [1, 2])", CONV_SHAPES),
    ("tf.conv2d(x, f, 0, 'same')", CONV_SHAPES),
    ("tf.conv2d(x, f, 1, 'same', 'NHWC', 0)", CONV_SHAPES),
    ("tf.conv2d(x, f, 1, 'same', 'NHWC', 1, 'floor')", CONV_SHAPES),
    ("tf.depthwiseConv2d(x, f, 1, 'same')", {"x": (2, 5, 6, 2), "f": (3, 2, 3, 4)}),
    ("tf.softmax(x, 0)", {"x": (2, 3)}),
    ("tf.logSoftmax(x, 0)", {"x": (2, 3)}),
]


@pytest.mark.parametrize(("call", "shapes"), ERRORS, ids=lambda v: v if isinstance(v, str) else "")
def test_errors_have_the_same_words(tfjs, call, shapes):
    row = Row(call, shapes)
    arrays = values_for(row)
    with pytest.raises(TfjsError) as theirs:
        tfjs.op(js_of(row), *arrays)
    with pytest.raises(ValueError) as ours:
        here(row)(*arrays)
    assert str(ours.value) == str(theirs.value)


def test_max_pool_of_integers_keeps_them(tfjs):
    x = np.arange(16, dtype=np.int32).reshape(1, 4, 4, 1) * 123456789 % 2147483629
    close(np.asarray(_core.ops.maxPool(x, 2, 2, "valid")), tfjs.op("maxPool", x, 2, 2, "valid"), "int32")


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("axis", [None, 0, [0, 1], -1, [1], [0, 2]], ids=str)
def test_moments(tfjs, axis, keep):
    x = np.random.default_rng(0).normal(3, 2, (2, 4, 3)).astype(np.float32)
    code = "const m = tf.moments(x, axis, keep); return [m.mean, m.variance]"
    theirs = tfjs.eval(code, x=x, axis=axis, keep=keep)
    for ours, other in zip(_core.ops.moments(x, axis, keep), theirs, strict=True):
        close(np.asarray(ours), other, "moment")


def test_a_missing_window_is_an_error():
    x, f = np.zeros((1, 2, 2, 1), np.float32), np.zeros((5, 5, 1, 1), np.float32)
    with pytest.raises(ValueError, match=r"a window of \[5,5\] does not fit into an input of \[2,2\]"):
        _core.ops.conv2d(x, f, 1, "valid")
