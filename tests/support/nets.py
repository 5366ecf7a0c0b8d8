"""Small networks of every kind, with weights and batches from a fixed source, for comparison with peers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import lamina as tf

Batch = tuple[np.ndarray, np.ndarray]


@dataclass
class Net:
    """How to make a network, and what to train it on."""

    name: str
    make: Callable[[], Any]
    loss: str
    x: np.ndarray
    y: np.ndarray
    batch: int

    def model(self, optimizer: Any = "sgd", metrics: Any = ()) -> Any:
        """The network with its weights set, compiled."""
        model = self.make()
        model.setWeights(weights_for(model))
        model.compile({"optimizer": optimizer, "loss": self.loss, "metrics": list(metrics)})
        return model

    def batches(self, steps: int) -> list[Batch]:
        """`steps` batches, going through the data again and again."""
        count = len(self.x) // self.batch
        return [
            (self.x[i * self.batch : (i + 1) * self.batch], self.y[i * self.batch : (i + 1) * self.batch])
            for i in (step % count for step in range(steps))
        ]


def numbers(*shape: int, seed: int = 0) -> np.ndarray:
    """Values from -1 to 1."""
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)


def weights_for(model: Any, seed: int = 7) -> list[np.ndarray]:
    """A value for each weight, in the order of getWeights(): small, and positive for variances."""
    found = []
    for index, weight in enumerate(model.weights):
        value = 0.5 * numbers(*weight.shape, seed=seed + index)
        if weight.originalName.endswith(("variance", "gamma")):
            value = np.abs(value) + 0.5
        found.append(value.astype(np.float32))
    return found


def one_hot(classes: np.ndarray, count: int) -> np.ndarray:
    return np.eye(count, dtype=np.float32)[classes]


def dense() -> Any:
    return tf.sequential(
        layers=[
            tf.layers.dense(units=8, inputShape=[5], activation="tanh", name="hidden"),
            tf.layers.dense(units=3, activation="softmax", name="out"),
        ]
    )


def conv() -> Any:
    return tf.sequential(
        layers=[
            tf.layers.conv2d(
                filters=4, kernelSize=3, inputShape=[6, 6, 2], activation="relu", padding="same", name="conv"
            ),
            tf.layers.maxPooling2d(poolSize=2, name="pool"),
            tf.layers.flatten(name="flat"),
            tf.layers.dense(units=3, activation="softmax", name="out"),
        ]
    )


def normalized() -> Any:
    return tf.sequential(
        layers=[
            tf.layers.dense(units=6, inputShape=[5], name="hidden"),
            tf.layers.batchNormalization(name="bn"),
            tf.layers.activation(activation="relu", name="act"),
            tf.layers.dense(units=2, name="out"),
        ]
    )


def recurrent() -> Any:
    return tf.sequential(
        layers=[
            tf.layers.lstm(
                units=5,
                inputShape=[4, 3],
                recurrentActivation="sigmoid",
                recurrentInitializer="glorotNormal",
                name="lstm",
            ),
            tf.layers.dense(units=1, name="out"),
        ]
    )


def _classes(count: int, seed: int) -> np.ndarray:
    return one_hot(np.random.default_rng(seed).integers(0, 3, count), 3)


NETS = [
    Net("dense", dense, "categoricalCrossentropy", numbers(40, 5, seed=1), _classes(40, 2), 8),
    Net("conv", conv, "categoricalCrossentropy", numbers(24, 6, 6, 2, seed=3), _classes(24, 4), 8),
    Net("normalized", normalized, "meanSquaredError", numbers(40, 5, seed=5), numbers(40, 2, seed=6), 8),
    Net("recurrent", recurrent, "meanSquaredError", numbers(24, 4, 3, seed=7), numbers(24, 1, seed=8), 8),
]


def array(tensor: Any) -> np.ndarray:
    return np.array(tensor.arraySync(), np.float32)


def close(a: Any, b: Any, tolerance: float = 1e-5) -> bool:
    """Whether two arrays agree within `tolerance` of the largest value."""
    a, b = np.asarray(a, np.float32), np.asarray(b, np.float32)
    return a.shape == b.shape and float(np.abs(a - b).max(initial=0)) <= tolerance * max(
        1e-3, float(np.abs(b).max(initial=0))
    )
