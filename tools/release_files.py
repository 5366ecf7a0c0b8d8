#!/usr/bin/env python3
"""Writes the files of a release that later ones must open for ever: tests/data/releases/VERSION.

python tools/release_files.py [FOLDER]     once for each release; a folder that exists stays as it is
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import lamina as tf

ROOT = Path(__file__).resolve().parent.parent
RELEASES = ROOT / "tests" / "data" / "releases"


def network() -> Any:
    """Layers of every kind of weight: images and words in, two outputs, a shared layer, a skip connection."""
    layers = tf.layers
    image = tf.input(shape=[6, 6, 2], name="image")
    words = tf.input(shape=[5], name="words", dtype="int32")
    x = layers.conv2d(filters=4, kernelSize=3, padding="same", activation="relu", name="conv").apply(image)
    x = layers.batchNormalization(name="norm").apply(x)
    x = layers.depthwiseConv2d(kernelSize=2, name="depthwise").apply(x)
    x = layers.globalAveragePooling2d({"name": "pool"}).apply(x)
    y = layers.embedding(inputDim=11, outputDim=3, maskZero=True, name="embed").apply(words)
    y = layers.lstm(units=4, name="lstm").apply(y)
    shared = layers.dense(units=4, activation="tanh", name="shared", kernelRegularizer="l2")
    x, y = shared.apply(x), shared.apply(y)
    both = layers.add(name="sum").apply([x, y])
    skip = layers.concatenate(name="skip").apply([both, x])
    first = layers.dense(units=3, activation="softmax", name="class").apply(skip)
    second = layers.dense(units=1, name="value").apply(both)
    return tf.model(inputs=[image, words], outputs=[first, second], name="every_kind")


def data(samples: int = 8) -> tuple[list[Any], list[Any]]:
    """Inputs and targets; the tests of older releases need them as they are."""
    image = tf.sin(tf.range(0, samples * 72)).reshape([samples, 6, 6, 2])
    words = tf.tensor2d([[(3 * i + j * j) % 11 for j in range(5)] for i in range(samples)], None, "int32")
    classes = tf.tensor2d([[float(i % 3 == c) for c in range(3)] for i in range(samples)])
    values = tf.tensor2d([[0.1 * i] for i in range(samples)])
    return [image, words], [classes, values]


def compile_model(model: Any) -> None:
    model.compile(optimizer=tf.train.adam(0.01), loss=["categoricalCrossentropy", "meanSquaredError"])


def write(folder: Path) -> None:
    """A trained model with its optimizer and exported, what it predicts, and the losses of its next steps."""
    tf.setRandomSeed(1)
    model = network()
    compile_model(model)
    x, y = data()
    for _ in range(3):
        model.trainOnBatch(x, y).result()
    model.setUserDefinedMetadata({"written by": tf.__version__, "umlaut": "ü"})
    model.save(str(folder / "model"), includeOptimizer=True).result()
    model.exportProgram(folder / "program.lamina").result()
    predictions = [output.arraySync() for output in model.predict(x)]
    model.trainOnBatch(x, y).result()
    losses = model.trainOnBatch(x, y).result()
    expected = {"predictions": predictions, "losses two steps later": losses}
    (folder / "expected.json").write_text(json.dumps(expected, indent=1) + "\n", encoding="utf-8")
    model.dispose()


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else RELEASES / tf.__version__
    if target.exists():
        sys.exit(f"{target} is there: what a release has written is not written again")
    target.mkdir(parents=True)
    write(target)
