"""The first program of the TensorFlow.js documentation with its `await`; run it by `python -m lamina run`."""

import lamina as tf

model = tf.sequential()
model.add(tf.layers.dense({"units": 1, "inputShape": [1]}))
model.compile({"optimizer": "sgd", "loss": "meanSquaredError"})

xs = tf.tensor2d([[1], [2], [3], [4]], [4, 1])
ys = tf.tensor2d([[1], [3], [5], [7]], [4, 1])

await model.fit(xs, ys, {"epochs": 1000})

model.predict(tf.tensor2d([[5]], [1, 1])).print()
