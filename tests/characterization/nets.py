"""Small networks of all kinds, each with what it is compiled with, its data and its fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import lamina as tf
from support.nets import numbers, one_hot

L = tf.layers
S = tf.train.schedules
ROWS = 20


@dataclass
class Case:
    """A compiled model and what `fit` gets; `own`: it keeps the initial weights that its layers draw."""

    model: Any
    loss: Any
    x: Any
    y: Any
    optimizer: Any = "sgd"
    metrics: Any = ()
    fit: dict[str, Any] = field(default_factory=dict)
    own: bool = False
    save: dict[str, Any] = field(default_factory=lambda: {"includeOptimizer": True})


CASES: dict[str, Callable[[], Case]] = {}


def case(make: Callable[[], Case]) -> Callable[[], Case]:
    CASES[make.__name__] = make
    return make


def stack(*layers: Any) -> Any:
    return tf.sequential(layers=list(layers), name="stack")


def classes(seed: int, rows: int = ROWS) -> np.ndarray:
    return one_hot((np.arange(rows) + seed) % 3, 3)


def words(seed: int, length: int, rows: int = ROWS) -> np.ndarray:
    """Whole numbers from 0 to 8, the last ones of most rows 0."""
    grid = (np.arange(rows * length).reshape(rows, length) * (2 * seed + 3)) % 8 + 1
    ends = np.arange(rows)[:, None] % (length - 1) + 2
    return np.where(np.arange(length) < ends, grid, 0).astype(np.int32)


@case
def dense_sgd() -> Case:
    model = stack(
        L.dense(units=17, inputShape=[5], activation="tanh", name="hidden"),
        L.dense(units=3, activation="softmax", name="out"),
    )
    x, y = numbers(ROWS, 5, seed=1), classes(1)
    return Case(model, "categoricalCrossentropy", x, y, tf.train.sgd(0.1), ["accuracy"])


@case
def dense_deep_adam() -> Case:
    hidden = [
        L.dense(units=33, activation=each, name=f"hidden_{each}")
        for each in ("relu", "elu", "selu", "sigmoid", "softplus", "swish", "gelu", "mish", "hardSigmoid")
    ]
    model = stack(L.inputLayer(inputShape=[7], name="rows"), *hidden, L.dense(units=2, name="out"))
    return Case(
        model,
        "meanSquaredError",
        numbers(ROWS, 7, seed=2),
        numbers(ROWS, 2, seed=3),
        tf.train.adam(0.01),
        ["mae"],
    )


@case
def own_initial_weights() -> Case:
    i = tf.initializers
    model = stack(
        L.dense(units=6, inputShape=[5], kernelInitializer=i.glorotUniform(seed=1), name="glorot"),
        L.dense(units=6, kernelInitializer=i.heNormal(seed=2), activation="relu", name="he"),
        L.dense(units=6, kernelInitializer=i.orthogonal(seed=3), name="orthogonal"),
        L.dense(units=6, kernelInitializer=i.truncatedNormal(stddev=0.3, seed=4), name="truncated"),
        L.dense(units=6, kernelInitializer=i.leCunUniform(seed=5), name="lecun"),
        L.dense(units=1, kernelInitializer="glorotNormal", name="seeded"),
    )
    x, y = numbers(ROWS, 5, seed=4), numbers(ROWS, 1, seed=5)
    return Case(
        model, "meanAbsoluteError", x, y, tf.train.momentum(0.05, 0.9), own=True, fit={"shuffle": True}
    )


@case
def conv_momentum() -> Case:
    model = stack(
        L.conv2d(
            filters=5, kernelSize=3, inputShape=[9, 8, 3], activation="relu", padding="same", name="first"
        ),
        L.conv2d(filters=4, kernelSize=[2, 3], strides=[2, 1], useBias=False, name="second"),
        L.maxPooling2d(poolSize=2, name="pool"),
        L.conv2d(filters=3, kernelSize=2, dilationRate=2, padding="same", name="third"),
        L.flatten(name="flat"),
        L.dense(units=3, activation="softmax", name="out"),
    )
    x, y = numbers(ROWS, 9, 8, 3, seed=6), classes(2)
    return Case(model, "categoricalCrossentropy", x, y, tf.train.momentum(0.02, 0.9, True), ["accuracy"])


@case
def separable_rmsprop() -> Case:
    model = stack(
        L.depthwiseConv2d(kernelSize=3, depthMultiplier=2, inputShape=[7, 7, 3], name="depthwise"),
        L.conv2d(filters=8, kernelSize=1, activation="relu", name="pointwise"),
        L.depthwiseConv2d(kernelSize=2, strides=2, padding="same", name="again"),
        L.globalAveragePooling2d({"name": "pool"}),
        L.dense(units=2, activation="sigmoid", name="out"),
    )
    x, y = numbers(ROWS, 7, 7, 3, seed=7), classes(3)[:, :2]
    return Case(model, "binaryCrossentropy", x, y, tf.train.rmsprop(0.01), ["binaryAccuracy", "precision"])


@case
def pools_adagrad() -> Case:
    image = tf.input(shape=[8, 8, 3], name="image")
    x = L.averagePooling2d(poolSize=3, strides=2, padding="same", name="average").apply(image)
    y = L.maxPooling2d(poolSize=[2, 3], strides=[2, 2], name="max").apply(image)
    both = L.concatenate(name="both").apply(
        [L.globalMaxPooling2d({"name": "top"}).apply(y), L.globalAveragePooling2d({"name": "mean"}).apply(x)]
    )
    model = tf.model(inputs=image, outputs=L.dense(units=3, name="out").apply(both), name="pools")
    x, y = numbers(ROWS, 8, 8, 3, seed=8), classes(4)
    return Case(model, "meanSquaredError", x, y, tf.train.adagrad(0.05), ["mse"])


@case
def embedding_lstm_adamax() -> Case:
    model = stack(
        L.embedding(inputDim=9, outputDim=4, inputLength=6, name="embed"),
        L.lstm(units=5, name="lstm"),
        L.dense(units=1, activation="sigmoid", name="out"),
    )
    x, y = words(1, 6), classes(5)[:, :1]
    return Case(model, "binaryCrossentropy", x, y, tf.train.adamax(0.02), ["accuracy"])


@case
def masked_lstm_nadam() -> Case:
    model = stack(
        L.embedding(inputDim=9, outputDim=4, maskZero=True, inputLength=6, name="embed"),
        L.lstm(units=6, returnSequences=True, recurrentActivation="sigmoid", name="all"),
        L.lstm(units=3, goBackwards=True, activation="relu", name="last"),
        L.dense(units=3, activation="softmax", name="out"),
    )
    return Case(model, "categoricalCrossentropy", words(2, 6), classes(6), tf.train.nadam(0.02), ["accuracy"])


@case
def cells_sgd() -> Case:
    model = stack(
        L.rnn(cell=L.lstmCell(units=4, name="lower"), inputShape=[5, 3], returnSequences=True, name="cells"),
        L.lstm(units=3, unitForgetBias=False, useBias=False, name="upper"),
        L.dense(units=1, name="out"),
    )
    return Case(
        model, "squaredHinge", numbers(ROWS, 5, 3, seed=9), numbers(ROWS, 1, seed=10), tf.train.sgd(0.1)
    )


@case
def normalized_adam() -> Case:
    model = stack(
        L.conv2d(filters=6, kernelSize=3, inputShape=[6, 6, 2], useBias=False, name="conv"),
        L.batchNormalization(momentum=0.9, name="norm"),
        L.activation(activation="relu", name="act"),
        L.flatten(name="flat"),
        L.dense(units=7, name="hidden"),
        L.batchNormalization(center=False, epsilon=0.01, name="again"),
        L.dense(units=3, activation="softmax", name="out"),
    )
    x, y = numbers(ROWS, 6, 6, 2, seed=11), classes(7)
    split = {"validationSplit": 0.2}
    return Case(model, "categoricalCrossentropy", x, y, tf.train.adam(0.01), ["accuracy"], split)


@case
def dropout_adamw() -> Case:
    model = stack(
        L.dense(units=20, inputShape=[5], activation="relu", name="hidden"),
        L.dropout(rate=0.3, seed=3, name="seeded"),
        L.dense(units=20, activation="relu", name="more"),
        L.dropout(rate=0.5, name="drop"),
        L.dense(units=1, name="out"),
    )
    x, y = numbers(ROWS, 5, seed=12), numbers(ROWS, 1, seed=13)
    return Case(
        model, "meanSquaredError", x, y, tf.train.adamw(0.01, weightDecay=0.02), fit={"shuffle": True}
    )


@case
def several_inputs_and_outputs_lion() -> Case:
    left, right = tf.input(shape=[4], name="left"), tf.input(shape=[3], name="right")
    x = L.dense(units=6, activation="tanh", name="one").apply(left)
    y = L.dense(units=6, activation="tanh", name="two").apply(right)
    merged = [getattr(L, each)(name=each).apply([x, y]) for each in ("add", "multiply", "maximum", "average")]
    both = L.concatenate(name="both").apply(merged)
    first = L.dense(units=3, activation="softmax", name="class").apply(both)
    second = L.dense(units=1, name="value").apply(L.minimum(name="minimum").apply([x, y]))
    model = tf.model(inputs=[left, right], outputs=[first, second], name="several")
    return Case(
        model,
        {"class": "categoricalCrossentropy", "value": "meanSquaredError"},
        [numbers(ROWS, 4, seed=14), numbers(ROWS, 3, seed=15)],
        [classes(8), numbers(ROWS, 1, seed=16)],
        tf.train.lion(0.005),
        {"class": "accuracy", "value": ["mae", "mse"]},
    )


@case
def shared_layer_adadelta() -> Case:
    left, right = tf.input(shape=[4], name="left"), tf.input(shape=[4], name="right")
    shared = L.dense(units=5, activation="relu", kernelRegularizer="l2", name="shared")
    both = L.concatenate(name="both").apply([shared.apply(left), shared.apply(shared_input(right))])
    model = tf.model(inputs=[left, right], outputs=L.dense(units=1, name="out").apply(both), name="sharing")
    x = [numbers(ROWS, 4, seed=17), numbers(ROWS, 4, seed=18)]
    return Case(model, "meanSquaredError", x, numbers(ROWS, 1, seed=19), tf.train.adadelta(1.0))


def shared_input(tensor: Any) -> Any:
    return L.leakyReLU(alpha=0.2, name="leaky").apply(tensor)


@case
def inner_model_adam() -> Case:
    inside = tf.sequential(
        layers=[
            L.dense(units=6, inputShape=[4], activation="relu", name="inside"),
            L.batchNormalization(name="norm"),
        ],
        name="inner",
    )
    x = tf.input(shape=[4], name="x")
    y = inside.apply(L.dense(units=4, activation="tanh", name="before").apply(inside_twice(inside, x)))
    model = tf.model(inputs=x, outputs=L.dense(units=2, name="out").apply(y), name="outer")
    data = numbers(ROWS, 4, seed=20), numbers(ROWS, 2, seed=21)
    return Case(model, "meanAbsoluteError", *data, tf.train.adam(0.02), ["mse"], {"validationSplit": 0.25})


def inside_twice(inside: Any, x: Any) -> Any:
    return L.dense(units=4, name="between").apply(inside.apply(x))


@case
def regularized_sgd() -> Case:
    r = tf.regularizers
    model = stack(
        L.dense(
            units=8,
            inputShape=[5],
            kernelRegularizer=r.l1l2(l1=0.01, l2=0.02),
            biasRegularizer=r.l1(l1=0.1),
            activation="relu",
            name="hidden",
        ),
        L.prelu(alphaRegularizer=r.l2(l2=0.05), name="prelu"),
        L.dense(units=1, kernelRegularizer="l1l2", name="out"),
    )
    x, y = numbers(ROWS, 5, seed=22), numbers(ROWS, 1, seed=23)
    return Case(model, "meanSquaredError", x, y, tf.train.sgd(0.1), ["mse"])


@case
def constrained_rmsprop() -> Case:
    c = tf.constraints
    model = stack(
        L.dense(units=6, inputShape=[5], kernelConstraint=c.maxNorm(maxValue=0.6), name="max"),
        L.dense(units=6, kernelConstraint=c.unitNorm(), biasConstraint=c.nonNeg(), name="unit"),
        L.dense(units=3, kernelConstraint=c.minMaxNorm(minValue=0.3, maxValue=0.9, rate=0.5), name="range"),
    )
    x, y = numbers(ROWS, 5, seed=24), numbers(ROWS, 3, seed=25)
    return Case(model, "meanSquaredError", x, y, tf.train.rmsprop(0.02, 0.8, 0.5, 1e-6, True))


@case
def weighted_classes() -> Case:
    model = stack(
        L.dense(units=9, inputShape=[5], activation="selu", name="hidden"),
        L.dense(units=3, activation="softmax", name="out"),
    )
    x, y = numbers(ROWS, 5, seed=26), np.arange(ROWS, dtype=np.float32)[:, None] % 3
    fit = {"classWeight": {0: 0.5, 1: 2.0, 2: 1.25}}
    loss = "sparseCategoricalCrossentropy"
    return Case(model, loss, x, y, tf.train.adam(0.02), ["accuracy"], fit)


@case
def weighted_rows() -> Case:
    model = stack(
        L.dense(units=9, inputShape=[5], activation="softsign", name="hidden"), L.dense(units=2, name="out")
    )
    x, y = numbers(ROWS, 5, seed=27), numbers(ROWS, 2, seed=28)
    fit = {"sampleWeight": np.abs(numbers(ROWS, seed=29)), "batchSize": 6}
    return Case(model, "meanSquaredError", x, y, tf.train.sgd(0.2), ["mae"], fit)


@case
def frozen_layer() -> Case:
    targets = np.abs(numbers(ROWS, 4, seed=31)) / 2
    model = stack(
        L.dense(units=6, inputShape=[5], activation="relu", trainable=False, name="frozen"),
        L.reshape(targetShape=[3, 2], name="shape"),
        L.flatten(name="flat"),
        L.dense(units=4, activation="tanh", name="hidden"),
        L.repeatVector(n=3, name="repeat"),
        L.thresholdedReLU(theta=0.1, name="threshold"),
        L.softmax(axis=-1, name="softmax"),
    )
    return Case(
        model, "kullbackLeiblerDivergence", numbers(ROWS, 5, seed=30), np.repeat(targets[:, None], 3, axis=1)
    )


class Squares(tf.layers.Layer):  # type: ignore[misc, name-defined]
    """A user's layer: x * w + x^2."""

    className = "Squares"

    def build(self, inputShape: Any) -> None:
        self.w = self.addWeight("w", [inputShape[-1]], "float32", tf.initializers.ones())
        super().build(inputShape)

    def call(self, inputs: Any, kwargs: Any = None) -> Any:
        x = inputs[0] if isinstance(inputs, list) else inputs
        return tf.add(tf.mul(x, self.w.read()), tf.square(x))

    def computeOutputShape(self, inputShape: Any) -> Any:
        return inputShape


@case
def users_layer_and_loss() -> Case:
    model = stack(
        L.dense(units=6, inputShape=[5], name="hidden"), Squares(name="squares"), L.dense(units=1, name="out")
    )

    def fourth(expected: Any, found: Any) -> Any:
        return tf.mean(tf.pow(tf.sub(expected, found), 4), -1)

    x, y = numbers(ROWS, 5, seed=31), numbers(ROWS, 1, seed=32)
    # A loss that is no name cannot be saved.
    return Case(model, fourth, x, y, tf.train.adam(0.01), save={})


def scheduled(optimizer: Any) -> Case:
    model = stack(
        L.dense(units=6, inputShape=[5], activation="relu", name="hidden"), L.dense(units=1, name="out")
    )
    return Case(model, "meanSquaredError", numbers(ROWS, 5, seed=33), numbers(ROWS, 1, seed=34), optimizer)


SCHEDULED: dict[str, Callable[[], Any]] = {
    "exponential": lambda: tf.train.sgd(S.exponentialDecay(0.1, 4, 0.5)),
    "polynomial_momentum": lambda: tf.train.momentum(S.polynomialDecay(0.1, 10, 0.01, 2), 0.5),
    "piecewise": lambda: tf.train.adam(S.piecewiseConstantDecay([3, 7], [0.1, 0.05, 0.01])),
    "cosine_clipped": lambda: tf.train.adam(S.cosineDecay(0.1, 12, 0.2), clipNorm=0.5),
    "restarts_clipped": lambda: tf.train.rmsprop(S.cosineDecayRestarts(0.1, 3, 2, 0.7), globalClipNorm=0.3),
    "inverse_clipped": lambda: tf.train.sgd(S.inverseTimeDecay(0.2, 3, 0.5), clipValue=0.1),
}
CASES.update(
    {f"schedule_{name}": lambda make=make: scheduled(make()) for name, make in SCHEDULED.items()}  # type: ignore[misc]
)
