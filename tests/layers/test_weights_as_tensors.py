"""A weight may stand wherever a tensor is wanted, and gradients flow through it."""

from __future__ import annotations

import numpy as np
import pytest

import lamina as tf


@pytest.fixture
def weight():
    layer = tf.layers.dense(units=2, inputShape=[2], useBias=False)
    layer.apply(tf.ones([1, 2]))
    layer.setWeights([tf.tensor([[1.0, 2.0], [3.0, 4.0]])])
    yield layer.weights[0]
    layer.dispose()


VALUE = np.array([[1, 2], [3, 4]], np.float32)
ROW = np.array([[10, 20]], np.float32)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (lambda w, t: tf.mul(t, w), ROW * VALUE),
        (lambda w, t: tf.matMul(t, w), ROW @ VALUE),
        (lambda w, t: tf.concat([w, t], 0), np.concatenate([VALUE, ROW])),
        (lambda w, t: tf.norm(w, 1), 10.0),
        (lambda w, t: tf.losses.meanSquaredError(w, tf.zeros([2, 2])), 7.5),
        (lambda w, t: t + w, ROW + VALUE),
        (lambda w, t: w - t, VALUE - ROW),
        (lambda w, t: 2 / w, 2 / VALUE),
        (lambda w, t: w @ w, VALUE @ VALUE),
        (lambda w, t: w * w, VALUE * VALUE),
        (lambda w, t: -w[0], -VALUE[0]),
        (lambda w, t: np.asarray(w), VALUE),
    ],
)
def test_values(weight, ours, theirs):
    assert np.asarray(ours(weight, tf.tensor(ROW))) == pytest.approx(theirs, rel=1e-6)


def test_gradients(weight):
    found = tf.variableGrads(lambda: tf.sum(tf.square(weight)))
    assert np.asarray(found["grads"][weight.name]) == pytest.approx(2 * VALUE)


def test_a_layer_of_ones_own_trains_with_it():
    class Scale(tf.layers.Layer):
        className = "ScaleByWeight"

        def build(self, inputShape):
            self.factor = self.addWeight("factor", [1], "float32", "ones")
            super().build(inputShape)

        def call(self, inputs, kwargs=None):
            return tf.mul(inputs[0] if isinstance(inputs, list) else inputs, self.factor)

    model = tf.sequential(layers=[tf.layers.inputLayer(inputShape=[1]), Scale()])
    model.compile(optimizer=tf.train.sgd(0.5), loss="meanSquaredError")
    model.fit([[1.0]], [[3.0]], verbose=0).result()
    # The slope of (w - 3)^2 at 1 is -4.
    assert float(model.getWeights()[0].arraySync()[0]) == pytest.approx(3.0)
    model.dispose()
