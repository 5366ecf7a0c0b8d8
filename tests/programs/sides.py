"""The same training twice: as Programs and step by step, from equal weights, data and random numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import lamina as tf
from lamina.models import programs
from support.nets import close, weights_for

SEED = 20


@dataclass
class Side:
    """What a training left behind; all values as bytes, since both sides promise the same bits."""

    history: dict[str, list[float]] = field(default_factory=dict)
    losses: list[Any] = field(default_factory=list)
    weights: list[bytes] = field(default_factory=list)
    optimizer: list[tuple[str, bytes]] = field(default_factory=list)
    evaluated: list[float] = field(default_factory=list)
    predicted: list[bytes] = field(default_factory=list)
    folds: bool = False  # inference may fold a batch normalization into the layer before it


def as_list(values: Any) -> list[Any]:
    return values if isinstance(values, list) else [values]


def bits(tensor: Any) -> bytes:
    return np.asarray(tensor).tobytes()


def weights_of(model: Any) -> list[bytes]:
    return [bits(w) for w in model.getWeights()]


def optimizer_of(model: Any) -> list[tuple[str, bytes]]:
    """The optimizer's values, without the variables' names, which differ from model to model."""
    return [(w.name.rpartition("/")[2], bits(w.tensor)) for w in model.optimizer.getWeights().result()]


def trained(
    make: Callable[[], Any],
    x: Any,
    y: Any,
    eager: bool,
    fit: dict[str, Any] | None = None,
    optimizer: Callable[[], Any] = lambda: tf.train.adam(0.01),
    set_weights: bool = True,
    **compilation: Any,
) -> Side:
    """One side: single batches, a fit with a short last batch, an evaluation and a prediction."""
    model = make()
    if set_weights:
        model.setWeights(weights_for(model))
    used = optimizer()
    model.compile({"loss": "meanSquaredError", **compilation, "optimizer": used, "runEagerly": eager})
    tf.setRandomSeed(SEED)
    side = Side(folds=any(w.originalName.endswith("moving_variance") for w in model.weights))
    side.losses = [model.trainOnBatch(x, y).result() for _ in range(3)]
    config = {"epochs": 2, "batchSize": 4, "verbose": 0, **(fit or {})}
    side.history = dict(model.fit(x, y, config).result().history)
    if model.stateful:
        model.resetStates()
    side.evaluated = [float(v) for v in as_list(model.evaluate(x, y, {"batchSize": config["batchSize"]}))]
    side.predicted = [bits(p) for p in as_list(model.predict(x, {"batchSize": config["batchSize"]}))]
    side.weights = weights_of(model)
    side.optimizer = optimizer_of(model)
    model.dispose()
    used.dispose()
    return side


def assert_same(make: Callable[[], Any], x: Any, y: Any, **options: Any) -> Side:
    """Both sides agree bit for bit, after folding within 1e-5 of the largest value; nothing fell back."""
    before = programs.fallbacks[0]
    compiled = trained(make, x, y, False, **options)
    assert programs.fallbacks[0] == before, "a step could not be traced"
    eager = trained(make, x, y, True, **options)
    assert np.isfinite(compiled.losses).all(), compiled.losses
    assert compiled.losses == eager.losses
    assert compiled.history == eager.history
    assert compiled.weights == eager.weights
    assert compiled.optimizer == eager.optimizer
    if not compiled.folds:
        assert compiled.evaluated == eager.evaluated
        assert compiled.predicted == eager.predicted
        return compiled
    assert np.allclose(compiled.evaluated, eager.evaluated, rtol=1e-5, atol=0)
    for mine, other in zip(compiled.predicted, eager.predicted, strict=True):
        assert close(np.frombuffer(mine, np.float32), np.frombuffer(other, np.float32))
    return compiled
