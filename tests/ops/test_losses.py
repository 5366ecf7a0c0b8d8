"""tf.losses: values and gradients as TensorFlow.js has them, with weights and every reduction."""

from __future__ import annotations

import numpy as np
import pytest

import lamina as tf
from support.oracle import UNDEFINED

from . import derivatives

RNG = np.random.default_rng(4)
LABELS = (RNG.uniform(0, 1, (4, 3)) < 0.5).astype(np.float32)
PREDICTIONS = RNG.uniform(0.1, 0.9, (4, 3)).astype(np.float32)
LOGITS = RNG.uniform(-3, 3, (4, 3)).astype(np.float32)
ONE_HOT = np.eye(3, dtype=np.float32)[[0, 2, 1, 1]]
WEIGHTS = [
    None,
    np.array([[0.5, 0, 2], [1, 0.25, 0], [0, 0, 1], [1, 1, 3]], np.float32),
    np.array([[1.5], [0], [2], [0.5]], np.float32),
    np.float32(0.7),
]
ROW_WEIGHTS = [None, np.array([0.5, 0, 2, 1], np.float32), np.float32(0.7)]

# Name, leading arguments, weights, and what stands between weights and reduction.
LOSSES = [
    ("absoluteDifference", [LABELS, PREDICTIONS], WEIGHTS, []),
    ("computeWeightedLoss", [PREDICTIONS], WEIGHTS, []),
    ("cosineDistance", [LABELS, PREDICTIONS, 1], [None, WEIGHTS[2]], []),
    ("hingeLoss", [LABELS, LOGITS], WEIGHTS, []),
    ("huberLoss", [LABELS, LOGITS], WEIGHTS, [0.7]),
    ("logLoss", [LABELS, PREDICTIONS], WEIGHTS, [1e-3]),
    ("meanSquaredError", [LABELS, PREDICTIONS], WEIGHTS, []),
    ("sigmoidCrossEntropy", [LABELS, LOGITS], WEIGHTS, [0.2]),
    ("sigmoidCrossEntropy", [LABELS, LOGITS], WEIGHTS, [0]),
    ("softmaxCrossEntropy", [ONE_HOT, LOGITS], ROW_WEIGHTS, [0.2]),
    ("softmaxCrossEntropy", [ONE_HOT, LOGITS], ROW_WEIGHTS, [0]),
]
CASES = [
    (name, leading, weights, between, reduction)
    for name, leading, choices, between in LOSSES
    for weights in choices
    for reduction in tf.Reduction
]
by_case = pytest.mark.parametrize(("name", "leading", "weights", "between", "reduction"), CASES)


@by_case
def test_tensorflow_js(tfjs, name, leading, weights, between, reduction):
    arguments = [*leading, UNDEFINED if weights is None else weights, *between, int(reduction)]
    theirs = tfjs.op(f"losses.{name}", *arguments)
    loss = getattr(tf.losses, name)
    found = loss(*leading, weights, *between, reduction)
    np.testing.assert_allclose(np.asarray(found), theirs, rtol=1e-5, atol=1e-6)

    at = len(leading) - 1 if name != "cosineDistance" else 1
    dy = np.asarray(RNG.uniform(-1, 1, theirs.shape), np.float32)
    answer = tfjs.grad(f"losses.{name}", arguments, wrt=[at], dy=dy)

    def f(x):
        return loss(*leading[:at], x, *leading[at + 1 :], weights, *between, reduction)

    ours = derivatives.first(f, [leading[at]], [dy])
    np.testing.assert_allclose(ours[0], answer.grads[0], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("name", "leading", "weights", "between"), LOSSES)
def test_derivatives(name, leading, weights, between):
    loss = getattr(tf.losses, name)
    arrays = [x.astype(np.float64) for x in leading if isinstance(x, np.ndarray)]
    if name == "softmaxCrossEntropy":
        arrays[0] = arrays[0] * 0.8 + 0.1
    rest = leading[len(arrays) :]
    derivatives.check(lambda *xs: loss(*xs, *rest, None, *between), arrays, tries=1)


def test_defaults():
    assert [r.name for r in tf.Reduction] == ["NONE", "MEAN", "SUM", "SUM_BY_NONZERO_WEIGHTS"]
    assert float(tf.losses.meanSquaredError([1.0, 2.0], [1.0, 4.0])) == 2
    assert tf.losses.meanSquaredError([1.0, 2.0], [1.0, 4.0], reduction=tf.Reduction.NONE).shape == (2,)
    assert float(tf.losses.huberLoss([0.0], [3.0])) == 2.5


def test_refused():
    with pytest.raises(ValueError, match=r"Error in logLoss: Shapes \[1\] and \[2\] must match"):
        tf.losses.logLoss([1.0], [1.0, 2.0])
    with pytest.raises(ValueError, match="Unknown reduction: 7"):
        tf.losses.meanSquaredError([1.0], [1.0], None, 7)
