"""The loss and the metrics of an output with a mask: masked steps are left out."""

from __future__ import annotations

import numpy as np
import pytest

import lamina as tf
from support.nets import array

STEPS = np.array([[1, 2, 0, 0], [2, 1, 1, 0]], np.float32)
MASK = STEPS != 0


def tagger(loss, **config):
    """Classes of each step of a sequence, padded with zeros."""
    model = tf.sequential(
        layers=[
            tf.layers.embedding(inputDim=3, outputDim=2, inputLength=4, maskZero=True),
            tf.layers.dense(units=3, activation="softmax"),
        ]
    )
    model.compile(optimizer=tf.train.sgd(0.1), loss=loss, **config)
    return model


def expected_loss(model, x, labels, weights=None):
    p = array(model.predict(x)).astype(np.float64)
    each = -np.log(np.take_along_axis(p, labels[..., None].astype(int), -1)[..., 0])
    mask = x != 0
    each = each if weights is None else each * weights.reshape(weights.shape + (1,) * (2 - weights.ndim))
    return (each * mask).sum() / mask.sum()


LABELS = np.array([[0, 1, 2, 2], [1, 1, 0, 0]], np.float32)


@pytest.mark.parametrize("eager", [False, True])
@pytest.mark.parametrize("weights", [None, np.float32([2, 0.5]), np.float32([[1, 2, 3, 4], [0, 1, 2, 5]])])
def test_mean_over_the_rest(eager, weights):
    model = tagger("sparseCategoricalCrossentropy", metrics=["accuracy"], runEagerly=eager)
    given = {} if weights is None else {"sampleWeight": weights}
    wanted = expected_loss(model, STEPS, LABELS, weights)
    hits = (array(model.predict(STEPS)).argmax(-1) == LABELS)[MASK].mean()
    loss, accuracy = model.evaluate(STEPS, LABELS[..., None], **given)
    assert float(loss) == pytest.approx(wanted, rel=1e-5)
    assert float(accuracy) == pytest.approx(hits)
    history = model.fit(STEPS, LABELS[..., None], **given).result().history
    assert history.loss[0] == pytest.approx(wanted, rel=1e-5)
    assert history.acc[0] == pytest.approx(hits)
    model.dispose()


@pytest.mark.parametrize("eager", [False, True])
def test_masked_steps_need_no_label(eager):
    model = tagger("sparseCategoricalCrossentropy", metrics=["crossentropy"], runEagerly=eager)
    unlabelled = np.where(MASK, LABELS, -1)[..., None]
    expected = expected_loss(model, STEPS, LABELS)
    assert [float(v) for v in model.evaluate(STEPS, unlabelled)] == pytest.approx([expected] * 2, rel=1e-5)
    history = model.fit(STEPS, unlabelled).result().history
    assert history.loss[0] == pytest.approx(expected, rel=1e-5)
    with pytest.raises(ValueError, match=r"The label -1 \(sample 0 of the batch\)"):
        model.evaluate(STEPS, np.where(MASK, -1, 0)[..., None])
    model.dispose()


def test_nothing_but_masked_steps():
    model = tagger("sparseCategoricalCrossentropy")
    before = [array(w) for w in model.getWeights()]
    history = model.fit(np.zeros_like(STEPS), LABELS[..., None]).result().history
    assert history.loss == [0.0]
    for w, old in zip(model.getWeights(), before, strict=True):
        assert np.array_equal(array(w), old)
    model.dispose()


def test_weights_of_masked_steps_get_no_gradient():
    """Steps that are masked do not change what their labels are."""
    first, second = tagger("meanSquaredError"), tagger("meanSquaredError")
    second.setWeights(first.getWeights())
    y = np.random.default_rng(1).uniform(0, 1, (2, 4, 3)).astype(np.float32)
    other = np.where(MASK[..., None], y, 5).astype(np.float32)
    a, b = first.fit(STEPS, y).result(), second.fit(STEPS, other).result()
    assert a.history.loss == b.history.loss
    for left, right in zip(first.getWeights(), second.getWeights(), strict=True):
        assert np.array_equal(array(left), array(right))
    first.dispose(), second.dispose()
