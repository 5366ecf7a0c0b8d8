"""Weights that several Programs keep in a kernel's order are held once."""

from __future__ import annotations

import gc
import re
from typing import Any

import numpy as np

import lamina as tf
from lamina import _core

WIDE, UNITS = 1024, 512
BATCHES = range(5, 25)


def in_use() -> int:
    """Bytes that the pool has handed out, the machinery's own among them, as its refusal says."""
    gc.collect()
    # What was freed and kept would be given again, whatever the cap.
    tf.trimMemory()
    _core.pool_set_cap(1)
    try:
        tf.zeros([1 << 20]).dispose()
    except MemoryError as error:
        (found,) = re.findall(r"(\d+) are in use", str(error))
        return int(found)
    finally:
        _core.pool_set_cap(0)
    raise AssertionError("the pool gave more than its cap")


def model_and_weights(seed: int) -> tuple[Any, np.ndarray]:
    model = tf.sequential(layers=[tf.layers.dense(units=UNITS, inputShape=[WIDE], useBias=False)])
    weights = np.random.default_rng(seed).normal(size=(WIDE, UNITS)).astype("f")
    model.setWeights([tf.tensor(weights)])
    return model, weights


def predicts(model: Any, weights: np.ndarray) -> None:
    """Every batch size has a Program of its own, and all use these weights."""
    rng = np.random.default_rng(0)
    for rows in BATCHES:
        x = rng.normal(size=(rows, WIDE)).astype("f")
        y = model.predict(x, batchSize=rows)
        np.testing.assert_allclose(np.asarray(y), x @ weights, rtol=0, atol=1e-3)
        y.dispose()


def test_programs_of_a_model_hold_prepared_weights_once():
    model, weights = model_and_weights(1)
    size = weights.nbytes
    before = in_use()
    predicts(model, weights)
    assert len(model.programs) == len(BATCHES)
    # Beside one packed copy, what the Programs need for a batch of rows.
    assert in_use() - before < 2.5 * size
    other = np.random.default_rng(2).normal(size=weights.shape).astype("f")
    model.setWeights([tf.tensor(other)])
    predicts(model, other)
    assert in_use() - before < 2.5 * size
    model.setWeights([tf.tensor(weights)])
    predicts(model, weights)
    model.programs.clear()
    assert in_use() - before < 0.25 * size
    model.dispose()


def test_another_models_weights_are_its_own():
    one, weights = model_and_weights(3)
    twin, _ = model_and_weights(3)
    other, others = model_and_weights(4)
    for _ in range(2):
        predicts(one, weights)
        predicts(twin, weights)
        predicts(other, others)
    one.dispose()
    predicts(twin, weights)
    twin.dispose()
    other.dispose()
