"""Calls that a type checker must refuse: an ignore comment that is not needed is itself an error."""

from __future__ import annotations

import lamina as tf

model = tf.sequential()
x = tf.tensor2d([[1], [2]], [2, 1])

tf.layers.dense(units="1")  # type: ignore # pyright: ignore
tf.layers.dense(unit=1)  # type: ignore # pyright: ignore
tf.layers.dense(10)  # type: ignore # pyright: ignore
tf.layers.dense(units=1, activation="rellu")  # type: ignore # pyright: ignore
tf.layers.dense({"units": 1, "kernel_initializer": "zeros"})  # type: ignore # pyright: ignore
tf.layers.conv2d(filters=8, kernelSize=3, padding="SAME")  # type: ignore # pyright: ignore
model.compile(optimizer="sgd", loss="mean_squared_error")  # type: ignore # pyright: ignore
model.fit(x, x, epoch=2)  # type: ignore # pyright: ignore
tf.add(x)  # type: ignore # pyright: ignore
tf.reduce_mean(x)  # type: ignore # pyright: ignore
