"""Whole models, compiled and step by step: the same bits for every net, loss, metric and optimizer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lamina as tf
from lamina.objectives import losses as LOSSES
from support.nets import NETS, numbers, one_hot

from .sides import assert_same

X, Y = numbers(10, 5, seed=1), numbers(10, 2, seed=2)

OPTIMIZERS: dict[str, Callable[[], Any]] = {
    "sgd": lambda: tf.train.sgd(0.1),
    "momentum": lambda: tf.train.momentum(0.05, 0.9),
    "nesterov": lambda: tf.train.momentum(0.05, 0.9, True),
    "adam": lambda: tf.train.adam(0.01),
    "adam_all": lambda: tf.train.adam(0.02, 0.8, 0.95, 1e-3),
    "rmsprop": lambda: tf.train.rmsprop(0.01),
    "rmsprop_momentum": lambda: tf.train.rmsprop(0.005, 0.8, 0.5, 1e-5),
    "rmsprop_centered": lambda: tf.train.rmsprop(0.005, 0.9, 0, 1e-5, True),
    "adagrad": lambda: tf.train.adagrad(0.05),
    "adadelta": lambda: tf.train.adadelta(0.5),
    "adamax": lambda: tf.train.adamax(0.01, decay=0.1),
    "adamw": lambda: tf.train.adamw(0.01, weightDecay=0.01),
    "nadam": lambda: tf.train.nadam(0.01),
    "lion": lambda: tf.train.lion(0.002, weightDecay=0.01),
    "clip_norm": lambda: tf.train.sgd(0.1, clipNorm=0.5),
    "clip_value": lambda: tf.train.adam(0.01, clipValue=0.01),
    "clip_global": lambda: tf.train.momentum(0.05, 0.9, globalClipNorm=0.5),
    "schedule": lambda: tf.train.adam(tf.train.schedules.exponentialDecay(0.01, 4, 0.9)),
    "warm_up": lambda: tf.train.sgd(
        tf.train.schedules.warmUp(tf.train.schedules.cosineDecay(0.1, 6, 0.1), 3, 0.01)
    ),
}


def small(**options: Any) -> Any:
    return tf.sequential(
        layers=[
            tf.layers.dense(units=4, inputShape=[5], activation="relu", **options),
            tf.layers.dense(units=2, **options),
        ]
    )


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("net", NETS, ids=lambda net: net.name)
def test_nets_and_optimizers(net, optimizer):
    side = assert_same(
        net.make, net.x, net.y, loss=net.loss, optimizer=OPTIMIZERS[optimizer], fit={"batchSize": 9}
    )
    assert side.losses[-1] < side.losses[0]


def targets_for(name: str) -> np.ndarray:
    if name == "sparseCategoricalCrossentropy":
        return np.array([[i % 3] for i in range(8)], np.float32)
    if "inge" in name:
        return np.where(numbers(8, 3, seed=4) > 0, 1, -1).astype(np.float32)
    return one_hot(np.arange(8) % 3, 3)


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_losses(name):
    def make():
        return tf.sequential(layers=[tf.layers.dense(units=3, inputShape=[5], activation="softmax")])

    assert_same(make, numbers(8, 5), targets_for(name), loss=name)


@pytest.mark.parametrize(
    ("metrics", "loss", "units"),
    [
        (
            ["acc", "categoricalAccuracy", "categoricalCrossentropy", "precision", tf.metrics.recall],
            "categoricalCrossentropy",
            3,
        ),
        (["acc", "ce"], "sparseCategoricalCrossentropy", 3),
        (["accuracy", "binaryAccuracy", tf.metrics.binaryCrossentropy], "binaryCrossentropy", 1),
        (["mse", "mae", "mape", "cosine", tf.metrics.r2Score], "meanSquaredError", 3),
    ],
    ids=["categorical", "sparse", "binary", "regression"],
)
def test_metrics(metrics, loss, units):
    def make():
        return tf.sequential(layers=[tf.layers.dense(units=units, inputShape=[5], activation="sigmoid")])

    y = targets_for(loss) if units == 3 else (numbers(8, 1) > 0).astype(np.float32)
    assert_same(make, numbers(8, 5, seed=3), y, loss=loss, metrics=metrics)


@pytest.mark.parametrize(
    "options",
    [
        {"kernelRegularizer": "l1l2", "biasRegularizer": "l1l2"},
        {"activityRegularizer": {"className": "L1L2", "config": {"l1": 0.02, "l2": 0.1}}},
        {"kernelConstraint": "nonNeg", "biasConstraint": "nonNeg"},
        {"kernelConstraint": {"className": "MaxNorm", "config": {"maxValue": 0.4, "axis": 0}}},
        {"kernelConstraint": "unitNorm"},
        {
            "kernelConstraint": {
                "className": "MinMaxNorm",
                "config": {"minValue": 0.3, "maxValue": 0.6, "rate": 0.5},
            }
        },
    ],
    ids=["regularizers", "activity", "nonNeg", "maxNorm", "unitNorm", "minMaxNorm"],
)
def test_penalties_and_constraints(options):
    assert_same(lambda: small(**options), X, Y)


@pytest.mark.parametrize(
    "fit",
    [
        {"classWeight": {"0": 1.5, "1": 0.25, "2": 1}},
        {"sampleWeight": np.linspace(0, 2, 8).astype(np.float32)},
        {"validationSplit": 0.25},
        {"validationData": [numbers(5, 5, seed=8), targets_for("")[:5]]},
        {"shuffle": False, "stepsPerEpoch": 1},
        {"epochs": 3, "batchSize": 3, "stepsPerEpoch": 2},
        {"batchSize": 100},
    ],
    ids=",".join,
)
def test_options_of_fit(fit):
    def make():
        return tf.sequential(layers=[tf.layers.dense(units=3, inputShape=[5], activation="softmax")])

    assert_same(
        make, numbers(8, 5), targets_for(""), loss="categoricalCrossentropy", metrics=["acc"], fit=fit
    )


def skip() -> Any:
    x = tf.input(shape=[5])
    h = tf.layers.dense(units=5, activation="tanh").apply(x)
    merged = tf.layers.add().apply([x, h])
    return tf.model(inputs=x, outputs=tf.layers.dense(units=2).apply(merged))


def shared() -> Any:
    layer = tf.layers.dense(units=5, activation="sigmoid", kernelRegularizer="l1l2")
    x = tf.input(shape=[5])
    return tf.model(inputs=x, outputs=tf.layers.dense(units=2).apply(layer.apply(layer.apply(x))))


def nested() -> Any:
    inner = tf.sequential(layers=[tf.layers.dense(units=3, inputShape=[5]), tf.layers.batchNormalization()])
    x = tf.input(shape=[5])
    return tf.model(inputs=x, outputs=tf.layers.dense(units=2).apply(inner.apply(x)))


def frozen() -> Any:
    model = small()
    model.layers[0].trainable = False
    return model


def frozen_batch_norm() -> Any:
    return tf.sequential(
        layers=[
            tf.layers.dense(units=4, inputShape=[5]),
            tf.layers.batchNormalization(trainable=False),
            tf.layers.dense(units=2),
        ]
    )


@pytest.mark.parametrize("make", [skip, shared, nested, frozen, frozen_batch_norm], ids=lambda f: f.__name__)
def test_shapes_of_models(make):
    assert_same(make, X, Y)


def test_several_inputs_and_outputs():
    def make():
        a, b = tf.input(shape=[5]), tf.input(shape=[3])
        h = tf.layers.concatenate().apply([tf.layers.dense(units=4).apply(a), b])
        one = tf.layers.dense(units=2, name="one").apply(h)
        two = tf.layers.dense(units=3, name="two", activation="softmax").apply(h)
        return tf.model(inputs=[a, b], outputs=[one, two])

    assert_same(
        make,
        [X, numbers(10, 3, seed=9)],
        [Y, one_hot(np.arange(10) % 3, 3)],
        loss=["meanSquaredError", "categoricalCrossentropy"],
        metrics={"one": "mae", "two": ["acc", "precision"]},
    )


def test_an_output_that_is_an_input():
    def make():
        x = tf.input(shape=[5], name="x")
        return tf.model(inputs=x, outputs=[tf.layers.dense(units=2, name="made").apply(x), x])

    assert_same(make, X, [Y, X], loss=["meanSquaredError", "meanAbsoluteError"])


def test_masks():
    def make():
        return tf.sequential(
            layers=[
                tf.layers.embedding(inputDim=6, outputDim=3, inputLength=5, maskZero=True),
                tf.layers.lstm(units=3, returnSequences=True),
                tf.layers.lstm(units=2),
            ]
        )

    x = np.random.default_rng(3).integers(0, 6, (10, 5)).astype(np.int32)
    x[:, 0] = 0
    assert_same(make, x, Y)


def test_uint8_data():
    def make():
        return tf.sequential(
            layers=[tf.layers.flatten(inputShape=[3, 3]), tf.layers.dense(units=2, kernelInitializer="ones")]
        )

    assert_same(make, np.random.default_rng(1).integers(0, 5, (10, 3, 3)).astype(np.uint8), Y)


@pytest.mark.parametrize("seed", [None, 7])
def test_dropout_draws_the_same_masks(seed):
    """Two dropouts on one input draw masks of their own; so does each step."""
    options = {} if seed is None else {"seed": seed}

    def make():
        x = tf.input(shape=[5])
        first, second = (tf.layers.dropout(rate=0.5, **options).apply(x) for _ in range(2))
        merged = tf.layers.concatenate().apply([first, second])
        return tf.model(inputs=x, outputs=tf.layers.dense(units=2, kernelInitializer="ones").apply(merged))

    assert_same(make, X, Y)


def test_two_dropouts_on_one_input_differ():
    x = tf.input(shape=[50])
    outputs = [tf.layers.dropout(rate=0.5).apply(x) for _ in range(2)]
    joined = tf.layers.dense(units=1, useBias=False, kernelInitializer="ones").apply(
        tf.layers.add().apply(outputs)
    )
    model = tf.model(inputs=x, outputs=joined)
    model.compile(optimizer=(used := tf.train.sgd(0.0)), loss="meanAbsoluteError")
    ones, zeros = np.ones((1, 50), np.float32), np.zeros((1, 1), np.float32)
    found = {model.trainOnBatch(ones, zeros).result() for _ in range(20)}
    # Equal masks would give multiples of 4.
    assert any(value % 4 for value in found)
    assert len(found) > 3
    model.dispose()
    used.dispose()


def test_stateful_lstm_goes_on_from_batch_to_batch():
    def make():
        return tf.sequential(
            layers=[
                tf.layers.lstm(units=3, stateful=True, batchInputShape=[2, 4, 3], returnSequences=True),
                tf.layers.lstm(units=2, stateful=True),
            ]
        )

    assert_same(make, numbers(2, 4, 3), Y[:2], fit={"batchSize": 2, "epochs": 4})
