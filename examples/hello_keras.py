"""The same line in the style of Keras: NumPy arrays in (`pip install numpy`), options by keyword."""

import numpy as np

import lamina as tf

model = tf.sequential()
model.add(tf.layers.dense(units=1, inputShape=[1]))
model.compile(optimizer="sgd", loss="meanSquaredError")

xs = np.array([[1], [2], [3], [4]])
ys = np.array([[1], [3], [5], [7]])

model.fit(xs, ys, epochs=1000).result()

print(model.predict(np.array([[5]])))
