"""The first program of the TensorFlow.js documentation: a line through four points."""

import lamina as tf

# A model for linear regression.
model = tf.sequential()
model.add(tf.layers.dense({"units": 1, "inputShape": [1]}))
model.compile({"optimizer": "sgd", "loss": "meanSquaredError"})

# The points of y = 2x - 1.
xs = tf.tensor2d([[1], [2], [3], [4]], [4, 1])
ys = tf.tensor2d([[1], [3], [5], [7]], [4, 1])

# fit returns a Promise: `await` it in a coroutine or a notebook, `.result()` in a plain script.
model.fit(xs, ys, {"epochs": 1000}).result()

# A point it has not seen; about 9.
model.predict(tf.tensor2d([[5]], [1, 1])).print()
