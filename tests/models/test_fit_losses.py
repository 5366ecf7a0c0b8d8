"""What a fit makes of losses: those without a gradient, and penalties."""

from __future__ import annotations

import numpy as np
import pytest

import lamina as tf
from support.nets import array, numbers, weights_for


def make(units=1, name="d", **options):
    model = tf.sequential(layers=[tf.layers.dense(units=units, inputShape=[3], name=name, **options)])
    model.setWeights(weights_for(model))
    return model


X, Y = numbers(10, 3, seed=1), numbers(10, 1, seed=2)


def test_a_loss_that_has_no_gradient():
    model = make()
    model.compile(optimizer="sgd", loss=lambda y_true, y_pred: y_true)
    with pytest.raises(ValueError, match="Cannot find a connection between any variable and the result"):
        model.fit(X, Y).result()
    model.dispose()


def test_activity_regularizers_count_in_training():
    model = make(activityRegularizer=tf.regularizers.l1(1))
    model.compile(optimizer=(sgd := tf.train.sgd(0)), loss="meanSquaredError")
    expected = float(model.evaluate(X, Y)) + float(np.abs(array(model.predict(X))).mean())
    assert model.trainOnBatch(X, Y).result() == pytest.approx(expected, rel=1e-5)
    model.dispose()
    sgd.dispose()
