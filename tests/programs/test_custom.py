"""A user's own layers, losses and metrics: compiled where they can be, step by step where they cannot."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pytest

import lamina as tf
from lamina.layers.base import Layer
from lamina.models import programs
from support.nets import numbers, weights_for

from .sides import assert_same, trained

X, Y = numbers(12, 3, seed=1), numbers(12, 2, seed=2)


class Scale(Layer):
    className = "Scale"

    def build(self, inputShape: Any) -> None:
        self.gain = self.addWeight("gain", [inputShape[-1]], "float32", "ones")
        self.built = True

    def call(self, inputs: Any) -> Any:
        return tf.tanh(inputs.mul(self.gain.read()))


class Looks(Scale):
    """Reads values, which no trace has."""

    className = "Looks"

    def computeOutputShape(self, inputShape: Any) -> Any:
        return inputShape

    def call(self, inputs: Any) -> Any:
        return inputs.mul(2.0 if float(inputs.sum()) > 0 else 0.5).mul(self.gain.read())


class Alternates(Scale):
    """Does something else each time it runs."""

    className = "Alternates"
    calls = 0

    def call(self, inputs: Any) -> Any:
        type(self).calls += 1
        return inputs.mul(self.gain.read()).mul(float(self.calls))


class Counts(Scale):
    """Counts its runs in plain Python."""

    className = "Counts"
    calls = 0

    def call(self, inputs: Any) -> Any:
        type(self).calls += 1
        return inputs.mul(self.gain.read())


def around(layer: Any) -> Any:
    return tf.sequential(layers=[tf.layers.dense(units=4, inputShape=[3]), layer, tf.layers.dense(units=2)])


def my_loss(yTrue: Any, yPred: Any) -> Any:
    return tf.mean(tf.abs(yTrue.sub(yPred)).pow(1.5), -1)


def my_metric(yTrue: Any, yPred: Any) -> Any:
    return tf.max(tf.abs(yTrue.sub(yPred)))


def test_custom_code_is_compiled(fallbacks):
    assert_same(lambda: around(Scale({})), X, Y, loss=my_loss, metrics=[my_metric])
    assert fallbacks[0] == 0


@pytest.mark.parametrize("kind", [Looks, Alternates], ids=lambda c: c.__name__)
def test_what_cannot_be_compiled_runs_step_by_step(kind, fallbacks, caplog):
    def side(eager):
        kind.calls = 0
        return trained(lambda: around(kind({})), X, Y, eager)

    with caplog.at_level(logging.INFO, "lamina"):
        compiled = side(False)
    assert fallbacks[0] > 0
    # Said once, with the reason.
    told = [record for record in caplog.records if "runs step by step" in record.message]
    assert len(told) == 1
    if kind is Looks:
        eager = side(True)
        assert compiled.losses == eager.losses
        assert compiled.history == eager.history
        assert compiled.weights == eager.weights


def test_a_loss_that_reads_values_runs_step_by_step(fallbacks):
    def looking(yTrue, yPred):
        return my_loss(yTrue, yPred).mul(1.0 if float(yPred.max()) > 100 else 2.0)

    sides = [trained(lambda: around(Scale({})), X, Y, eager, loss=looking) for eager in (False, True)]
    assert sides[0] == sides[1]
    assert fallbacks[0] > 0


def test_a_metric_that_reads_values_runs_step_by_step(fallbacks):
    def looking(yTrue, yPred):
        return tf.scalar(float(tf.max(yPred)))

    options = {"loss": "meanSquaredError", "metrics": [looking]}
    sides = [trained(lambda: around(Scale({})), X, Y, eager, **options) for eager in (False, True)]
    assert sides[0] == sides[1]
    assert fallbacks[0] > 0


def test_closed_code_is_traced_once_for_all_fits(fallbacks):
    model = around(Scale({}))
    model.compile(optimizer=(used := tf.train.sgd(0.01)), loss=my_loss)
    before = programs.traces[0]
    for _ in range(3):
        model.fit(X, Y, epochs=20, batchSize=12, verbose=0).result()
    assert programs.traces[0] - before == 1
    assert fallbacks[0] == 0
    model.dispose()
    used.dispose()


def test_open_code_runs_once_for_each_step(fallbacks):
    model = around(Counts({}))
    model.compile(optimizer=(used := tf.train.sgd(0.01)), loss="meanSquaredError")
    Counts.calls = 0
    model.fit(X, Y, epochs=20, batchSize=6, verbose=0).result()
    assert Counts.calls == 40
    assert fallbacks[0] > 0
    model.dispose()
    used.dispose()


def test_predict_runs_open_layers_each_time():
    model = around(Alternates({}))
    given = tf.tensor2d(X)
    assert not np.allclose(np.asarray(model.predict(given)), np.asarray(model.predict(given)))
    model.dispose()


def test_an_error_in_custom_code_is_raised_in_its_own_words():
    class Fails(Scale):
        className = "Fails"
        on = False

        def call(self, inputs):
            if self.on:
                raise KeyError("of my own")
            return inputs.mul(self.gain.read())

    model = around(Fails({}))
    model.compile(optimizer=(used := tf.train.sgd(0.01)), loss="meanSquaredError")
    Fails.on = True
    for call in (
        lambda: model.fit(X, Y, verbose=0).result(),
        lambda: model.predict(X),
        lambda: model.evaluate(X, Y),
        lambda: model.trainOnBatch(X, Y).result(),
    ):
        with pytest.raises(KeyError, match="of my own"):
            call()
    Fails.on = False
    model.fit(X, Y, verbose=0).result()
    model.dispose()
    used.dispose()


def test_a_global_that_a_loss_reads_is_seen_by_the_next_fit():
    factor = [1.0]

    def loss(yTrue, yPred):
        return tf.mean(yTrue.sub(yPred).square(), -1).mul(factor[0])

    def losses():
        model = tf.sequential(layers=[tf.layers.dense(units=2, inputShape=[3], kernelInitializer="ones")])
        model.setWeights(weights_for(model))
        model.compile(optimizer=(used := tf.train.sgd(0.0)), loss=loss)
        found = []
        for value in (1.0, 3.0):
            factor[0] = value
            found.append(model.fit(X, Y, verbose=0, shuffle=False).result().history.loss[0])
        model.dispose()
        used.dispose()
        return found

    one, three = losses()
    assert three == pytest.approx(3 * one, rel=1e-6)


class Squeeze(Layer):
    """A layer with layers of its own in a list, as users write blocks."""

    className = "Squeeze"

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self.blocks = [
            tf.layers.conv2d(filters=3, kernelSize=1, activation="relu"),
            tf.layers.batchNormalization(),
        ]

    def computeOutputShape(self, inputShape: Any) -> Any:
        return [*inputShape[:-1], 3]

    def call(self, inputs: Any, kwargs: Any) -> Any:
        for block in self.blocks:
            inputs = block.apply(inputs, {"training": kwargs.get("training", False)})
        return inputs.mul(0.5)


def images() -> Any:
    return tf.sequential(
        layers=[
            tf.layers.conv2d(filters=4, kernelSize=3, inputShape=[6, 6, 2]),
            tf.layers.batchNormalization(),
            Squeeze({}),
            tf.layers.flatten(),
            tf.layers.dense(units=2),
        ]
    )


def texts() -> Any:
    return tf.sequential(
        layers=[
            tf.layers.lstm(units=4, inputShape=[5, 3], returnSequences=True),
            Scale({}),
            tf.layers.lstm(units=3),
            tf.layers.dense(units=2),
        ]
    )


@pytest.mark.parametrize(("make", "shape"), [(images, (12, 6, 6, 2)), (texts, (12, 5, 3))])
def test_custom_code_in_other_networks(make, shape, fallbacks):
    assert_same(make, numbers(*shape, seed=3), Y, loss=my_loss, metrics=[my_metric])
    assert fallbacks[0] == 0
