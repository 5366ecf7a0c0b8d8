"""Both derivatives of the neural network ops, and of the ops that their gradients call, by differences."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lamina import _core

from . import derivatives

ops = _core.ops
Shapes = tuple[tuple[int, ...], ...]

WINDOWS = {
    "valid": ((2, 5, 6, 3), (3, 2), (1, "valid")),
    "same": ((2, 5, 6, 3), (3, 3), (2, "same")),
    "dilated": ((1, 6, 6, 2), (2, 3), (1, "same", "NHWC", 2)),
    "number": ((1, 4, 5, 2), (3, 3), ([2, 1], 1)),
    "ceil": ((1, 6, 6, 2), (3, 3), (2, 1, "NHWC", 1, "ceil")),
    "explicit": ((1, 4, 5, 2), (3, 3), ([1, 2], [[0, 0], [1, 0], [2, 1], [0, 0]])),
    "channels first": ((2, 2, 4, 5), (3, 2), (2, "same", "NCHW")),
    "channels first, explicit": ((1, 2, 4, 5), (3, 3), ([1, 2], [[0, 0], [0, 0], [1, 0], [2, 1]], "NCHW")),
    "rank 3": ((4, 5, 2), (2, 2), (1, "valid")),
    "1x1": ((2, 3, 3, 3), (1, 1), (1, "valid")),
}
ACTIVATIONS = [
    "linear",
    "relu",
    "relu6",
    "leakyRelu",
    "elu",
    "selu",
    "sigmoid",
    "tanh",
    "hardSigmoid",
    "softplus",
    "softsign",
]


def arrays_of(shapes: Shapes, name: str, low: float = -1.0) -> list[np.ndarray]:
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    return [rng.uniform(low, 1, shape) for shape in shapes]


def check(name: str, f: Callable[..., Any], *shapes: tuple[int, ...], low: float = -1.0) -> None:
    derivatives.check(f, arrays_of(shapes, name, low))


def channels_of(window: Any) -> int:
    shape, _, args = window
    return shape[1] if "NCHW" in args else shape[-1]


@pytest.mark.parametrize("name", WINDOWS)
@pytest.mark.parametrize("op", ["conv2d", "depthwiseConv2d"])
def test_convolution(op, name):
    shape, size, args = WINDOWS[name]
    filter_shape = (*size, channels_of(WINDOWS[name]), 2)
    check(name, lambda x, f: getattr(ops, op)(x, f, *args), shape, filter_shape)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("name", ["valid", "same", "channels first", "rank 3"])
@pytest.mark.parametrize(
    ("op", "plain"), [("fusedConv2d", "conv2d"), ("fusedDepthwiseConv2d", "depthwiseConv2d")]
)
def test_fused_convolution(op, plain, name, activation):
    shape, size, args = WINDOWS[name]
    channels = channels_of(WINDOWS[name])
    out = 2 if op == "fusedConv2d" else 2 * channels
    shapes = (shape, (*size, channels, 2), (out,))

    def fused(x, f, b):
        return getattr(ops, op)(x, f, b, *args, activation=activation)

    def composed(x, f, b):
        y = getattr(ops, plain)(x, f, *args)
        y = ops.add(y, ops.reshape(b, [out, 1, 1]) if "NCHW" in args else b)
        return y if activation == "linear" else getattr(ops, activation)(y)

    check(name + activation, fused, *shapes)
    xs = derivatives.to_tensors(arrays_of(shapes, name))
    np.testing.assert_allclose(fused(*xs), composed(*xs), rtol=0, atol=1e-12)


@pytest.mark.parametrize("bias", [(), (1,), (3,), (4, 3), (3, 4, 3), (1, 1, 1, 3)], ids=str)
def test_fused_convolution_with_any_bias(bias):
    shapes = ((2, 3, 4, 2), (2, 2, 2, 3), bias)
    check("bias", lambda x, f, b: ops.fusedConv2d(x, f, b, 1, "same", activation="tanh"), *shapes)
    x, f, b = derivatives.to_tensors(arrays_of(shapes, "bias"))
    fused = ops.fusedConv2d(x, f, b, 1, "same", activation="tanh")
    np.testing.assert_allclose(fused, ops.tanh(ops.add(ops.conv2d(x, f, 1, "same"), b)), rtol=0, atol=1e-12)


def test_parts_of_a_convolution_gradient():
    for op, multiplied in (("conv2d", 3), ("depthwiseConv2d", 4)):
        last = 3 if op == "conv2d" else 2
        by_input, by_filter = getattr(ops, op + "BackpropInput"), getattr(ops, op + "BackpropFilter")
        dy = (2, 2, 3, multiplied)
        check(op, lambda y, f, g=by_input: g(y, f, [4, 5], 2, "same"), dy, (3, 2, 2, last))
        check(op, lambda x, y, g=by_filter: g(x, y, [3, 2], 2, "same"), (2, 4, 5, 2), dy)


POOLS = {
    "2x2": ((2, 4, 6, 3), (2, 2, "valid")),
    "same": ((2, 5, 4, 2), (3, 2, "same")),
    "ceil": ((1, 6, 6, 2), (3, 2, 1, "ceil")),
    "dilated": ((1, 5, 6, 2), (2, 1, "same", None, 2)),
    "channels first": ((2, 3, 4, 5), ([2, 3], [1, 2], "same", None, 1, "NCHW")),
    "rank 3": ((4, 5, 2), (2, 2, "same")),
}


@pytest.mark.parametrize("name", POOLS)
@pytest.mark.parametrize("op", ["maxPool", "avgPool"])
def test_pool(op, name):
    shape, args = POOLS[name]
    check(name, lambda x: getattr(ops, op)(x, *args), shape)


def test_parts_of_a_pool_gradient():
    small, large = (1, 2, 2, 2), (1, 4, 4, 2)
    check("grad", lambda dy, x: ops.maxPoolGrad(dy, x, 2, 2, "valid"), small, large)
    check("pick", lambda v, x: ops.maxPoolPick(v, x, 2, 2, "valid"), large, large)
    check("average", lambda dy: ops.avgPoolGrad(dy, 2, 2, "valid", size=[4, 4]), small)


def test_softmax():
    for op in (ops.softmax, ops.logSoftmax):
        check("softmax", op, (3, 4))
        check("softmax", op, (2, 3, 4))
    for op in (ops.softmaxGrad, ops.logSoftmaxGrad):
        check("grad", op, (3, 4), (3, 4))


def test_cross_entropy():
    for shape in ((3, 4), (2, 3, 4), (4,)):
        check("loss", ops.softmaxCrossEntropy, shape, shape)
        check("grad", ops.softmaxCrossEntropyGrad, shape, shape, shape[:-1])
    x, t = derivatives.to_tensors(arrays_of(((3, 4), (3, 4)), "values"))
    expected = -(np.asarray(t) * np.asarray(ops.logSoftmax(x))).sum(-1)
    np.testing.assert_allclose(ops.softmaxCrossEntropy(x, t), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("parameters", [(3,), (1, 4, 1), (2, 4, 3), (4, 1)], ids=str)
def test_batch_norm(parameters):
    # Variances in [0.3, 1).
    check("full", ops.batchNorm, (2, 4, 3), *[parameters] * 4, low=0.3)
    check("plain", ops.batchNorm, (2, 4, 3), *[parameters] * 2, low=0.3)
    check("scale", lambda x, m, v, s: ops.batchNorm(x, m, v, None, s), (2, 4, 3), *[parameters] * 3, low=0.3)


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("axis", [None, 0, [0, 1], -1, [1], [0, 2]], ids=str)
def test_moments(axis, keep):
    check("both", lambda x: ops.moments(x, axis, keep), (2, 4, 3))
    for which in (0, 1):
        check("one", lambda x, k=which: ops.moments(x, axis, keep)[k], (2, 4, 3))


def test_batch_norm_of_its_own_moments():
    def normalised(x, offset, scale):
        mean, variance = ops.moments(x, [0, 1])
        return ops.batchNorm(x, mean, variance, offset, scale)

    check("training", normalised, (3, 4, 2), (2,), (2,))


MASK = [[1, 0, 1, 1], [0, 1, 1, 0]]


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize(
    ("activation", "recurrent"),
    [
        ("tanh", "hardSigmoid"),
        ("tanh", "sigmoid"),
        ("relu", "sigmoid"),
        ("linear", "tanh"),
        ("softsign", "relu"),
        ("swish", "sigmoid"),
        ("softmax", "hardSigmoid"),
    ],
)
def test_lstm(activation, recurrent, masked, backwards):
    batch, time, inputs, units = 2, 4, 3, 2
    mask = _core.tensor(np.array(MASK, bool)) if masked else None
    shapes = (
        (batch, time, inputs),
        (inputs, 4 * units),
        (units, 4 * units),
        (4 * units,),
        (batch, units),
        (batch, units),
    )

    def whole(*xs):
        return ops.lstm(*xs, mask, activation, recurrent, backwards)

    check("lstm", whole, *shapes)
    check(
        "last",
        lambda x, k, r, h, c: ops.lstm(x, k, r, None, h, c, mask, activation, recurrent)[1],
        *shapes[:3],
        *shapes[4:],
    )
