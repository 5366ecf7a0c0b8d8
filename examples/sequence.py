"""A recurrent network remembers: which symbol stood at the start of a sequence?

A sequence is 0s with one of 1, 2, 3 somewhere at its start; its label is that symbol. An LSTM has to carry it
past all the 0s.

python examples/sequence.py [--epochs 25]
"""

from __future__ import annotations

import argparse
import random

import lamina as tf

LENGTH, SYMBOLS = 12, 4


def sequences(count: int, seed: int) -> tuple[tf.Tensor, tf.Tensor]:
    """Sequences [count, LENGTH] of symbols, and the symbol to remember [count, 1], counted from 0."""
    draw = random.Random(seed)
    rows, labels = [], []
    for _ in range(count):
        symbol = draw.randrange(1, SYMBOLS)
        row = [0] * LENGTH
        row[draw.randrange(3)] = symbol
        rows.append(row)
        labels.append([symbol - 1])
    return tf.tensor2d(rows, None, "int32"), tf.tensor2d(labels)


def make_model() -> tf.Sequential:
    model = tf.sequential()
    model.add(tf.layers.embedding(inputDim=SYMBOLS, outputDim=4, inputLength=LENGTH))
    model.add(tf.layers.lstm(units=16, recurrentActivation="sigmoid", unitForgetBias=True))
    model.add(tf.layers.dense(units=SYMBOLS - 1, activation="softmax"))
    model.compile(optimizer=tf.train.adam(0.003), loss="sparseCategoricalCrossentropy", metrics=["accuracy"])
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=25)
    options = parser.parse_args()

    tf.setRandomSeed(1)
    model = make_model()
    xs, ys = sequences(1000, seed=1)
    model.fit(xs, ys, epochs=options.epochs, batchSize=32, validationSplit=0.1).result()
    _loss, accuracy = model.evaluate(*sequences(500, seed=2))
    print(f"remembered in {100 * float(accuracy):.1f} % of sequences it has never seen")


if __name__ == "__main__":
    main()
