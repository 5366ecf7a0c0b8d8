"""A small convolutional network learns handwritten digits and is saved as a model.json for TensorFlow.js.

python examples/digits.py [--epochs 20] [--out digits-model]
"""

from __future__ import annotations

import argparse
import csv
import random
from pathlib import Path

import lamina as tf

DATA = Path(__file__).parent / "data" / "digits.csv"
SHADES = " .:-=+*#%@"

Image = list[list[list[float]]]


def load() -> tuple[list[Image], list[int]]:
    """Images of 8x8x1 with pixels from 0 to 1, and the digits they show."""
    with DATA.open(newline="") as file:
        rows = list(csv.reader(file))[1:]
    random.Random(0).shuffle(rows)
    images = [[[[int(row[8 * i + j]) / 16] for j in range(8)] for i in range(8)] for row in rows]
    return images, [int(row[64]) for row in rows]


def make_model() -> tf.Sequential:
    layers = tf.layers
    model = tf.sequential()
    model.add(layers.inputLayer(inputShape=[8, 8, 1]))
    model.add(layers.conv2d(filters=16, kernelSize=3, padding="same", activation="relu"))
    model.add(layers.conv2d(filters=32, kernelSize=3, padding="same", activation="relu"))
    model.add(layers.maxPooling2d(poolSize=2))
    model.add(layers.flatten())
    model.add(layers.dropout(rate=0.25))
    model.add(layers.dense(units=64, activation="relu"))
    model.add(layers.dense(units=10, activation="softmax"))
    model.compile(optimizer=tf.train.adam(0.002), loss="sparseCategoricalCrossentropy", metrics=["accuracy"])
    return model


def show(images: list[Image], digits: list[int], guesses: list[int]) -> None:
    """Images side by side, each with the prediction and the digit below."""
    for i in range(8):
        rows = ("".join(2 * SHADES[round(9 * pixel[0])] for pixel in image[i]) for image in images)
        print("   ".join(rows))
    captions = (f"predicted {g}, is {d}".ljust(16) for g, d in zip(guesses, digits, strict=True))
    print("   ".join(captions))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--out", default="digits-model")
    options = parser.parse_args()

    tf.setRandomSeed(1)
    images, digits = load()
    split = len(images) * 4 // 5
    x_train, y_train = tf.tensor4d(images[:split]), tf.tensor2d([[d] for d in digits[:split]])
    x_test, y_test = tf.tensor4d(images[split:]), tf.tensor2d([[d] for d in digits[split:]])

    model = make_model()
    model.summary()
    model.fit(x_train, y_train, epochs=options.epochs, batchSize=32, validationData=[x_test, y_test]).result()

    _loss, accuracy = model.evaluate(x_test, y_test)
    print(f"\naccuracy on {len(images) - split} digits it has never seen: {100 * float(accuracy):.2f} %\n")

    guesses = model.predict(x_test).argMax(-1).arraySync()
    show(images[split : split + 5], digits[split : split + 5], guesses[:5])

    model.save(options.out).result()
    print(f"\nsaved in {options.out}; in TensorFlow.js: await tf.loadLayersModel('.../model.json')")


if __name__ == "__main__":
    main()
