"""Every layer in a small model: trained as a Program and step by step, with the same bits on both sides."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import lamina as tf
from layers.running import inputs_of, make, one_or_all
from layers.table import ROWS, Row

from .sides import assert_same


def model_of(row: Row) -> Any:
    """The row's layer between inputs and a dense layer, so that there is always something to train."""
    fixed = row.config.get("stateful", False) or "inputDim" in row.config or row.layer == "dropout"
    symbols = [
        tf.input(batchShape=shape, dtype=row.dtype) if fixed else tf.input(shape=shape[1:], dtype=row.dtype)
        for shape in row.inputs
    ]
    layer = make(row, name="tested")
    outputs = layer.apply(one_or_all(symbols))
    first = outputs[0] if isinstance(outputs, list) else outputs
    if len(first.shape) > 2:
        first = tf.layers.flatten(name="flat").apply(first)
    last = tf.layers.dense(units=2, name="last", kernelInitializer="ones").apply(first)
    return tf.model(inputs=symbols, outputs=last)


def usable(row: Row) -> bool:
    return len(row.inputs[0]) > 1 and row.config.get("targetShape") != [2, None]


@pytest.mark.parametrize("row", [row for row in ROWS if usable(row)], ids=lambda row: row.id)
def test_layer(row: Row) -> None:
    x = inputs_of(row)
    rows = x[0].shape[0]
    y = np.random.default_rng(5).normal(size=(rows, 2)).astype("float32")
    # Those whose batch size is fixed see only whole batches.
    assert_same(
        lambda: model_of(row),
        one_or_all(x),
        y,
        fit={"batchSize": rows, "shuffle": False},
        optimizer=lambda: tf.train.sgd(0.01),
    )
