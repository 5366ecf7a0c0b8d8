"""A small convolutional network learns handwritten digits and is saved as a model.json for TensorFlow.js.

python examples/digits.py [--epochs 60] [--out digits-model]
"""

from __future__ import annotations

import argparse
import csv
import random
from pathlib import Path

import lamina as tf

DATA = Path(__file__).parent / "data" / "digits.csv"
SHADES = " .:-=+*#%@"
SEED = 2

Image = list[list[list[float]]]
Data = tuple[list[Image], list[int], list[Image], list[int]]


def load() -> tuple[list[Image], list[int]]:
    """Images of 8x8x1 with pixels from 0 to 1, and the digits they show."""
    with DATA.open(newline="") as file:
        rows = list(csv.reader(file))[1:]
    random.Random(0).shuffle(rows)
    images = [[[[int(row[8 * i + j]) / 16] for j in range(8)] for i in range(8)] for row in rows]
    return images, [int(row[64]) for row in rows]


def split() -> Data:
    """Four fifths to train with, the rest to test with: images and digits of each."""
    images, digits = load()
    count = len(images) * 4 // 5
    return images[:count], digits[:count], images[count:], digits[count:]


def targets(digits: list[int]) -> tf.Tensor:
    return tf.tensor2d([[digit] for digit in digits])


def make_model() -> tf.Sequential:
    layers = tf.layers
    model = tf.sequential()
    model.add(layers.inputLayer(inputShape=[8, 8, 1]))
    model.add(layers.conv2d(filters=32, kernelSize=3, padding="same", activation="relu"))
    model.add(layers.conv2d(filters=64, kernelSize=3, padding="same", activation="relu"))
    model.add(layers.maxPooling2d(poolSize=2))
    model.add(layers.flatten())
    model.add(layers.dropout(rate=0.5))
    model.add(layers.dense(units=128, activation="relu"))
    model.add(layers.dense(units=10, activation="softmax"))
    model.compile(optimizer=tf.train.adam(0.001), loss="sparseCategoricalCrossentropy", metrics=["accuracy"])
    return model


def train(model: tf.Sequential, data: Data, epochs: int) -> dict[str, list[float]]:
    """Loss and accuracy of each epoch, on the training and (val_*) the test digits."""
    x_train, y_train, x_test, y_test = data
    history = model.fit(
        tf.tensor4d(x_train),
        targets(y_train),
        epochs=epochs,
        batchSize=32,
        validationData=[tf.tensor4d(x_test), targets(y_test)],
    ).result()
    return history.history


def guess(model: tf.Sequential, images: list[Image]) -> list[int]:
    return model.predict(tf.tensor4d(images)).argMax(-1).arraySync()


def show(images: list[Image], digits: list[int], guesses: list[int]) -> None:
    """Images side by side, each with the prediction and the digit below."""
    for i in range(8):
        rows = ("".join(2 * SHADES[round(9 * pixel[0])] for pixel in image[i]) for image in images)
        print("   ".join(rows))
    captions = (f"predicted {g}, is {d}".ljust(16) for g, d in zip(guesses, digits, strict=True))
    print("   ".join(captions))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--out", default="digits-model")
    options = parser.parse_args()

    tf.setRandomSeed(SEED)
    data = split()
    x_test, y_test = data[2:]
    model = make_model()
    model.summary()
    train(model, data, options.epochs)

    _loss, accuracy = model.evaluate(tf.tensor4d(x_test), targets(y_test))
    print(f"\naccuracy on {len(y_test)} digits it has never seen: {100 * float(accuracy):.2f} %\n")
    show(x_test[:5], y_test[:5], guess(model, x_test[:5]))

    model.save(options.out).result()
    print(f"\nsaved in {options.out}; in TensorFlow.js: await tf.loadLayersModel('.../model.json')")


if __name__ == "__main__":
    main()
