"""The same weights, the same batches: the same losses as TensorFlow.js and Keras, step by step."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import lamina as tf
from support.nets import NETS, Net, array, close, weights_for

STEPS = 50

# Our arguments, which are TensorFlow.js' too: (function of tf.train, arguments).
OPTIMIZERS: dict[str, tuple[str, list[Any]]] = {
    "sgd": ("sgd", [0.1]),
    "momentum": ("momentum", [0.05, 0.9]),
    "nesterov": ("momentum", [0.05, 0.9, True]),
    "adam": ("adam", [0.01]),
    "adam_all": ("adam", [0.02, 0.8, 0.95, 1e-3]),
    "rmsprop": ("rmsprop", [0.01]),
    "rmsprop_momentum": ("rmsprop", [0.005, 0.8, 0.5, 1e-5]),
    "adagrad": ("adagrad", [0.05]),
    "adagrad_all": ("adagrad", [0.02, 0.5]),
    "adadelta": ("adadelta", [0.2]),
    "adadelta_all": ("adadelta", [0.1, 0.8, 1e-3]),
    "adamax": ("adamax", [0.01]),
    "adamax_all": ("adamax", [0.02, 0.8, 0.95, 1e-3, 0.1]),
}
# Of these TensorFlow.js cannot tell the state.
UNTOLD = ("adamax", "adamax_all")

by_net = pytest.mark.parametrize("net", NETS, ids=lambda net: net.name)


def losses(model: Any, net: Net, steps: int = STEPS) -> list[float]:
    return [model.trainOnBatch(x, y).result() for x, y in net.batches(steps)]


@pytest.mark.parametrize("name", OPTIMIZERS)
@by_net
def test_tfjs(tfjs, net: Net, name: str) -> None:
    function, arguments = OPTIMIZERS[name]
    optimizer = getattr(tf.train, function)(*arguments)
    model = net.model(optimizer)
    source = {
        "topology": model.toJSON(None, False),
        "weights": weights_for(model),
        "compile": {"optimizer": {"name": function, "args": arguments}, "loss": net.loss},
    }
    theirs = tfjs.train(source, batches=net.batches(STEPS))
    ours = losses(model, net)
    assert close(ours, theirs.losses), np.abs(np.subtract(ours, theirs.losses)).max()
    state = optimizer.state_of(model._named_for_optimizer())
    assert float(state[0].tensor) == STEPS
    if name not in UNTOLD:
        # TensorFlow.js numbers the variables of one process: out/kernel_2/m.
        assert [each.name for each in state] == [
            re.sub(r"_\d+(/\w+)$", r"\1", each["name"]) for each in theirs.optimizer_weights
        ]
        assert theirs.optimizer_weights[0]["tensor"] == STEPS
    for weight, value, expected in zip(model.weights, model.getWeights(), theirs.weights, strict=True):
        # A bias before a normalization has no gradient but rounding errors, which Adam makes steps of.
        if net.name != "normalized" or weight.originalName not in ("hidden/bias", "bn/moving_mean"):
            assert close(array(value), expected, 1e-3), weight.originalName
    model.dispose()
    optimizer.dispose()


# --- Keras ---


def keras_net(net: Net, keras: Any) -> Any:
    layers = keras.layers
    sequences = {
        "dense": lambda: [
            keras.Input((5,)),
            layers.Dense(8, activation="tanh"),
            layers.Dense(3, activation="softmax"),
        ],
        "conv": lambda: [
            keras.Input((6, 6, 2)),
            layers.Conv2D(4, 3, activation="relu", padding="same"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(3, activation="softmax"),
        ],
        "normalized": lambda: [
            keras.Input((5,)),
            layers.Dense(6),
            layers.BatchNormalization(),
            layers.Activation("relu"),
            layers.Dense(2),
        ],
        "recurrent": lambda: [
            keras.Input((4, 3)),
            layers.LSTM(5, activation="tanh", recurrent_activation="sigmoid"),
            layers.Dense(1),
        ],
    }
    return keras.Sequential(sequences[net.name]())


def keras_weights(net: Net, weights: list[np.ndarray]) -> list[np.ndarray]:
    """Keras lists the moving statistics with their layer, TensorFlow.js after all that is trained."""
    if net.name != "normalized":
        return weights
    kernel, bias, gamma, beta, kernel2, bias2, mean, variance = weights
    return [kernel, bias, gamma, beta, mean, variance, kernel2, bias2]


KERAS = {
    "sgd": (lambda o: o.SGD(0.1), lambda: tf.train.sgd(0.1)),
    "momentum": (lambda o: o.SGD(0.05, momentum=0.9), lambda: tf.train.momentum(0.05, 0.9)),
    "nesterov": (
        lambda o: o.SGD(0.05, momentum=0.9, nesterov=True),
        lambda: tf.train.momentum(0.05, 0.9, True),
    ),
    # Keras adds epsilon before it corrects the bias, so that it has to be small to agree.
    "adam": (lambda o: o.Adam(0.01, epsilon=1e-12), lambda: tf.train.adam(0.01, epsilon=1e-12)),
    "rmsprop": (lambda o: o.RMSprop(0.01), lambda: tf.train.rmsprop(0.01)),
    "rmsprop_momentum": (
        lambda o: o.RMSprop(0.005, rho=0.8, momentum=0.5, epsilon=1e-5),
        lambda: tf.train.rmsprop(0.005, 0.8, 0.5, 1e-5),
    ),
    # TensorFlow.js subtracts epsilon in this one, which makes NaN of small gradients.
    "rmsprop_centered": (
        lambda o: o.RMSprop(0.005, centered=True, epsilon=1e-5),
        lambda: tf.train.rmsprop(0.005, 0.9, 0, 1e-5, True),
    ),
    "adagrad": (lambda o: o.Adagrad(0.05), lambda: tf.train.adagrad(0.05)),
    "adamax": (lambda o: o.Adamax(0.01), lambda: tf.train.adamax(0.01)),
    "adamw": (
        lambda o: o.AdamW(0.01, weight_decay=0.1, epsilon=1e-12),
        lambda: tf.train.adamw(0.01, epsilon=1e-12, weightDecay=0.1),
    ),
    "nadam": (lambda o: o.Nadam(0.01), lambda: tf.train.nadam(0.01)),
    "nadam_all": (lambda o: o.Nadam(0.02, 0.8, 0.95, 1e-5), lambda: tf.train.nadam(0.02, 0.8, 0.95, 1e-5)),
    "lion": (lambda o: o.Lion(0.001), tf.train.lion),
    "lion_all": (
        lambda o: o.Lion(0.002, 0.8, 0.95, weight_decay=0.1),
        lambda: tf.train.lion(0.002, 0.8, 0.95, 0.1),
    ),
    "clip_norm": (lambda o: o.SGD(0.1, clipnorm=0.05), lambda: tf.train.sgd(0.1, clipNorm=0.05)),
    "clip_value": (lambda o: o.SGD(0.1, clipvalue=0.01), lambda: tf.train.sgd(0.1, clipValue=0.01)),
    "clip_global": (
        lambda o: o.Adam(0.01, global_clipnorm=0.1, epsilon=1e-12),
        lambda: tf.train.adam(0.01, globalClipNorm=0.1, epsilon=1e-12),
    ),
    "schedule": (
        lambda o: o.SGD(o.schedules.CosineDecay(0.0, 30, 0.1, warmup_target=0.1, warmup_steps=10)),
        lambda: tf.train.sgd(tf.train.schedules.warmUp(tf.train.schedules.cosineDecay(0.1, 30, 0.1), 10)),
    ),
}


@pytest.mark.peers
@pytest.mark.parametrize("name", KERAS)
@by_net
def test_keras(net: Net, name: str) -> None:
    keras = pytest.importorskip("keras", reason="Keras is not installed")
    theirs, ours = KERAS[name]
    optimizer = ours()
    model = net.model(optimizer)
    peer = keras_net(net, keras)
    peer.set_weights(keras_weights(net, weights_for(model)))
    loss = {"categoricalCrossentropy": "categorical_crossentropy", "meanSquaredError": "mse"}[net.loss]
    peer.compile(optimizer=theirs(keras.optimizers), loss=loss)
    expected = []
    for x, y in net.batches(STEPS):
        # Some versions of Keras give the mean over all batches since the last reset.
        peer.reset_metrics()
        expected.append(float(peer.train_on_batch(x, y)))
    got = losses(model, net)
    assert close(got, expected), np.abs(np.subtract(got, expected)).max()
    model.dispose()
    optimizer.dispose()
