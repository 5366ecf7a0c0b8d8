"""Gradients by whole numbers and truth values, and through functions without slope."""

from __future__ import annotations

import numpy as np
import pytest

import lamina as tf
from support.oracle import Js

WHOLE = np.array([[3, -2, 5], [1, 4, -7]], np.int32)
OTHER = np.array([[2, 3, -4], [5, 2, 2]], np.int32)
REAL = np.array([[0.5, -1.25, 2.0], [0.75, 3.5, -0.3]], np.float32)
TRUTH = np.array([[True, False, True], [False, False, True]])
DY = np.array([[0.5, 19.25, -1.75], [2.5, 0.125, 3.0]], np.float32)

# TensorFlow.js takes a logarithm or a floor of whole numbers, which it refuses: there it is asked about the
# same numbers as float32.
REFUSED_THERE = {("pow", "WW"), ("pow", "TW"), ("mod", "WW"), ("mod", "TW")}
EXPRESSIONS = {
    "neg": "x => tf.neg(x)",
    "abs": "x => tf.abs(x)",
    "square": "x => tf.square(x)",
    "relu": "x => tf.relu(x)",
    "clip": "x => tf.clipByValue(x, -3, 4)",
    "exp": "x => tf.exp(x)",
    "sign": "x => tf.sign(x)",
    "round": "x => tf.round(x)",
    "sum": "x => tf.mul(tf.sum(x, 0), 0.5)",
    "mean": "x => tf.mean(x, 1)",
    "max": "x => tf.max(x, 1)",
    "min": "x => tf.min(x, 0)",
    "cumsum": "x => tf.cumsum(x, 1)",
    "transpose": "x => tf.transpose(x)",
    "reshape": "x => tf.reshape(x, [3, 2])",
    "slice": "x => tf.slice(x, [0, 1], [2, 2])",
    "gather": "x => tf.gather(x, tf.tensor1d([1, 1, 0], 'int32'))",
    "concat": "x => tf.concat([x, x], 1)",
    "tile": "x => tf.tile(x, [2, 1])",
    "pad": "x => tf.pad(x, [[1, 0], [0, 1]])",
    "where": "x => tf.where(tf.tensor2d([[1, 0, 1], [0, 1, 1]], [2, 3], 'bool'), x, tf.mul(x, 0.5))",
    "matMul": "x => tf.matMul(x, tf.tensor2d([[1.5], [0.5], [-2]]))",
    "dot": "x => tf.dot(x, tf.tensor1d([1.5, 0.5, -2]))",
    "cast": "x => tf.cast(x, 'float32')",
    "zerosLike": "x => tf.zerosLike(x)",
    "scaled": "x => tf.mul(x, 0.5)",
    "prelu": "x => tf.prelu(tf.cast(x, 'float32'), tf.scalar(0.3))",
    "logistic": "x => tf.sigmoid(tf.mul(x, 0.25))",
}


def function(expression: str):
    """The JavaScript of a function as Python."""
    return eval(expression.replace("x =>", "lambda x:"), {"tf": tf})


def compare(ours, theirs):
    assert ours.dtype == "float32"
    np.testing.assert_allclose(np.asarray(ours), theirs, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("dtype", ["int32", "bool"])
@pytest.mark.parametrize("name", EXPRESSIONS)
def test_of_one(tfjs, name, dtype):
    x = WHOLE if dtype == "int32" else TRUTH
    compare(
        tf.grad(function(EXPRESSIONS[name]))(tf.tensor(x)),
        tfjs.grad(Js(f"({EXPRESSIONS[name]})"), [x]).grads[0],
    )


@pytest.mark.parametrize("pair", ["WW", "WR", "RW", "TR", "TW"])
@pytest.mark.parametrize(
    "name", ["add", "sub", "mul", "div", "maximum", "minimum", "squaredDifference", "pow", "mod"]
)
def test_of_two(tfjs, name, pair):
    a, b = ({"W": WHOLE, "R": REAL, "T": TRUTH}[kind] for kind in pair)
    if pair == "WW":
        b = OTHER
    found = tf.grads(getattr(tf, name))([tf.tensor(a), tf.tensor(b)], tf.tensor(DY))
    if (name, pair) in REFUSED_THERE:
        a, b = a.astype(np.float32), b.astype(np.float32)
    for ours, theirs in zip(found, tfjs.grad(name, [a, b], wrt=[0, 1], dy=DY).grads, strict=True):
        compare(ours, theirs)


def test_power_of_truths(tfjs):
    """TensorFlow.js loses the gradient by the base."""
    a, b = TRUTH.astype(np.float32), REAL
    found = tf.grads(tf.pow)([tf.tensor(TRUTH), tf.tensor(b)], tf.tensor(DY))
    for ours, theirs in zip(found, tfjs.grad("pow", [a, b], wrt=[0, 1], dy=DY).grads, strict=True):
        compare(ours, theirs)


def test_large_whole_numbers():
    """Slopes are real numbers, which do not overflow where the function itself does."""
    x = tf.tensor1d([100_000], "int32")
    assert np.asarray(tf.grad(tf.square)(x)).tolist() == [200_000]
    found = tf.grad(lambda x: tf.div(tf.tensor1d([1], "int32"), x))(x)
    np.testing.assert_allclose(np.asarray(found), [-1e-10], rtol=1e-6)


def test_second_derivative():
    x = tf.tensor1d([1, 2, 3], "int32")
    found = tf.grad(lambda x: tf.sum(tf.grad(lambda x: tf.mul(tf.square(x), x))(x)))(x)
    compare(found, [6, 12, 18])


FLAT = {
    "isNaN": tf.isNaN,
    "isInf": tf.isInf,
    "isFinite": tf.isFinite,
    "argMax": tf.argMax,
    "argMin": lambda x: tf.argMin(x, 1),
    "equal": lambda x: tf.equal(x, 1),
    "notEqual": lambda x: tf.notEqual(1, x),
    "less": lambda x: tf.less(x, 1),
    "lessEqual": lambda x: tf.lessEqual(x, x),
    "greater": lambda x: tf.greater(x, 1),
    "greaterEqual": lambda x: tf.greaterEqual(x, 1),
    "floorDiv": lambda x: tf.floorDiv(x, 2),
    "cast": lambda x: tf.cast(tf.mul(x, 0.5), "int32"),
    "oneHot": lambda x: tf.oneHot(tf.cast(x, "int32"), 3),
    "what follows": lambda x: tf.mul(tf.cast(tf.greater(x, 1), "float32"), 5),
    "logic": lambda x: tf.logicalAnd(tf.greater(x, 1), tf.less(x, 3)),
    "indices": lambda x: tf.gather(tf.tensor1d([1, 2, 3]), tf.cast(tf.clipByValue(x, 0, 2), "int32")),
    "condition": lambda x: tf.where(tf.greater(x, 0), 1.0, 2.0),
    "topk": lambda x: tf.topk(x, 2).indices,
}


@pytest.mark.parametrize("name", FLAT)
def test_without_slope(name):
    for x in (REAL, WHOLE):
        found = tf.grad(FLAT[name])(tf.tensor(x))
        compare(found, np.zeros(x.shape, np.float32))


def test_slope_beside_none():
    """What has no slope adds none to what has."""
    x = tf.tensor(REAL)
    found = tf.grad(lambda x: tf.mul(x, tf.cast(tf.greater(x, 0), "float32")))(x)
    compare(found, (REAL > 0).astype(np.float32))
    values, indices = tf.grads(tf.gather)([tf.tensor1d([1.0, 2.0]), tf.tensor1d([1, 1], "int32")])
    compare(values, [0, 2])
    compare(indices, [0, 0])


def test_target_of_whole_numbers():
    """dy of whole numbers, and none, are real numbers."""
    x = tf.tensor1d([1, 2], "int32")
    compare(tf.grad(lambda x: tf.add(x, x))(x), [2, 2])
    compare(tf.grad(lambda x: tf.add(x, x))(x, tf.tensor1d([1, 3], "int32")), [2, 6])


def test_inputs_that_do_not_matter():
    pair = [tf.ones([2]), tf.ones([2])]
    with pytest.raises(ValueError, match=r"f\(x\) with respect to x.*does not depend on input 0 \('a'\)\."):
        tf.grads(lambda a, b: tf.square(b))(pair)
    with pytest.raises(ValueError, match=r"does not depend on input 1\.$"):
        tf.valueAndGrads(lambda *xs: tf.square(xs[0]))(pair)
    with pytest.raises(ValueError, match=r"does not depend on x\."):
        tf.grad(lambda a: tf.ones([2]))(pair[0])


def test_gradient_of_another_type():
    f = tf.customGrad(
        lambda x, save: {"value": tf.square(x), "gradFunc": lambda dy, saved: tf.cast(dy, "int32")}
    )
    with pytest.raises(TypeError, match="gradient of input 0 must have 'float32' dtype, but has 'int32'"):
        tf.grad(f)(tf.ones([2]))
