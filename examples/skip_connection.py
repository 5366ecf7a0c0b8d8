"""The functional API: a network of two paths that meet, where the input also goes straight to the end.

python examples/skip_connection.py [--epochs 300]
"""

from __future__ import annotations

import argparse
import math

import lamina as tf


def make_model() -> tf.LayersModel:
    x = tf.input(shape=[2])
    hidden = tf.layers.dense(units=16, activation="tanh").apply(x)
    for _ in range(2):
        # What a block adds to its input is learned; at first it is nearly nothing.
        step = tf.layers.dense(units=16, activation="tanh").apply(hidden)
        step = tf.layers.dense(units=16, kernelInitializer="zeros").apply(step)
        hidden = tf.layers.add().apply([hidden, step])
    both = tf.layers.concatenate().apply([hidden, x])
    return tf.model(inputs=x, outputs=tf.layers.dense(units=1, activation="sigmoid").apply(both))


def spirals(count: int = 200) -> tuple[list[list[float]], list[list[float]]]:
    """Points on two spirals around each other, and on which of them each lies."""
    points, sides = [], []
    for i in range(count):
        side = i % 2
        turn = 2 * i / count
        angle = math.pi * (turn + side)
        points.append([turn * math.cos(angle) / 2, turn * math.sin(angle) / 2])
        sides.append([float(side)])
    return points, sides


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=300)
    options = parser.parse_args()

    tf.setRandomSeed(1)
    model = make_model()
    model.compile(optimizer=tf.train.adam(0.01), loss="binaryCrossentropy", metrics=["accuracy"])
    model.summary()
    points, sides = spirals()
    xs, ys = tf.tensor2d(points), tf.tensor2d(sides)
    model.fit(xs, ys, epochs=options.epochs, batchSize=20).result()
    _loss, accuracy = model.evaluate(xs, ys)
    print(f"on the right spiral: {100 * float(accuracy):.1f} % of {len(points)} points")


if __name__ == "__main__":
    main()
