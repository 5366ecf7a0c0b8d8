"""Calls that a type checker must accept. Checked by mypy and pyright, never run."""

from __future__ import annotations

import numpy as np
from typing_extensions import assert_type

import lamina as tf

model = tf.sequential()
model.add(tf.layers.dense({"units": 1, "inputShape": [1]}))
model.add(tf.layers.dense(units=1, activation="relu", kernelInitializer="heNormal"))
model.add(tf.layers.conv2d(filters=8, kernelSize=3, padding="same", dataFormat="channelsFirst"))
model.compile({"optimizer": "sgd", "loss": "meanSquaredError"})
model.compile(optimizer=tf.train.sgd(0.1), loss="meanSquaredError", metrics=["accuracy"])
tf.train.sgd({"learningRate": 0.1})
tf.train.sgd(learningRate=0.1)
tf.train.adamw(tf.train.schedules.cosineDecay(0.1, 100), weightDecay=0.01, clipNorm=1.0)
tf.train.schedules.warmUp({"learningRate": 0.1, "warmupSteps": 10})

x = tf.tensor2d([[1], [2]], [2, 1])
assert_type(x, tf.Tensor)
assert_type(tf.add(x, 1), tf.Tensor)
assert_type(x + 1, tf.Tensor)
assert_type(x.relu(), tf.Tensor)
tf.add(np.ones((2, 1)), [[1.0], [2.0]])

history = model.fit(x, x, {"epochs": 2}).result()
assert_type(history, tf.History)


async def train() -> tf.History:
    return await model.fit(np.ones((2, 1)), [[1.0], [2.0]], epochs=2, validationSplit=0.5)
