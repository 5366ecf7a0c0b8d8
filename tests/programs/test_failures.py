"""Errors in the middle: what was begun is taken back or finished, and the next call works."""

from __future__ import annotations

import gc
import time
from typing import Any

import numpy as np
import pytest

import lamina as tf
from lamina import _core
from lamina.models import programs
from support.nets import NETS, numbers

from .sides import bits, optimizer_of, weights_of

NET = NETS[0]


def compiled() -> tuple[Any, Any]:
    used = tf.train.adam(0.01)
    return NET.model(used), used


@pytest.mark.parametrize("where", ["onBatchBegin", "onBatchEnd", "onEpochBegin", "onEpochEnd"])
def test_an_error_in_a_callback_leaves_the_last_full_step(where):
    model, used = compiled()
    seen = []

    def fail(index, logs):
        seen.append((weights_of(model), optimizer_of(model)))
        if len(seen) == 2:
            raise KeyError("stop here")

    options = {"epochs": 3, "batchSize": 8, "verbose": 0, "callbacks": {where: fail}}
    with pytest.raises(KeyError, match="stop here"):
        model.fit(NET.x, NET.y, options).result()
    assert (weights_of(model), optimizer_of(model)) == seen[-1]
    # And the model goes on.
    assert len(model.fit(NET.x, NET.y, epochs=2, verbose=0).result().epoch) == 2
    model.dispose()
    used.dispose()


def counts() -> tuple[int, int]:
    memory = tf.memory()
    return memory["numTensors"], memory["numDataBuffers"]


def fails_at_every_allocation(make: Any, call: Any, most: int = 400) -> int:
    """Lets each allocation of `call(model)` fail in turn; gives how many there were."""
    for n in range(1, most):
        model, used = make()
        before = counts()
        _core.pool_fail_at(n)
        try:
            call(model)
        except MemoryError:
            failed = True
        else:
            failed = False
        finally:
            _core.pool_fail_at(0)
        if not failed:
            model.dispose()
            used.dispose()
            return n - 1
        gc.collect()
        # The optimizer may have made its state, nothing else stays.
        state = len(used.variables()) if used.variables() else 0
        # The thread of the call may be ending still.
        deadline = time.monotonic() + 1
        while not (within := all(now <= limit + state for now, limit in zip(counts(), before, strict=True))):
            if time.monotonic() > deadline:
                break
            time.sleep(0.005)
        assert within
        call(model)
        assert all(np.isfinite(np.asarray(w)).all() for w in model.getWeights())
        model.dispose()
        used.dispose()
    raise AssertionError("the call never succeeded")


X, Y = NET.batches(1)[0]


@pytest.mark.parametrize(
    "call",
    [
        lambda model: model.trainOnBatch(X, Y).result(),
        lambda model: model.fit(NET.x, NET.y, epochs=2, batchSize=16, verbose=0).result(),
        lambda model: model.evaluate(X, Y),
        lambda model: model.predict(X),
    ],
    ids=["trainOnBatch", "fit", "evaluate", "predict"],
)
def test_memory_errors_while_tracing_planning_and_running(call):
    before = programs.fallbacks[0]
    assert fails_at_every_allocation(compiled, call) > 3
    # A step that was not compiled for want of memory runs through Python; that is no fallback of the layers.
    programs.fallbacks[0] = before


def test_memory_errors_in_a_step_that_is_compiled():
    def made():
        model, used = compiled()
        model.trainOnBatch(X, Y).result()
        model.predict(X)
        return model, used

    def step(model):
        # Held values make each update copy first.
        held = [w.read().clone() for w in model.weights]
        model.trainOnBatch(X, Y).result()
        del held

    assert fails_at_every_allocation(made, step) > 3


def test_a_failed_epoch_counts_the_steps_that_it_made():
    """Memory that runs out between two steps: weights and optimizer stand at the same step."""
    model, used = compiled()
    model.fit(NET.x, NET.y, epochs=1, batchSize=8, verbose=0, shuffle=False).result()
    seen = used.iterations
    for n in range(1, 60):
        _core.pool_fail_at(n)
        try:
            model.fit(NET.x, NET.y, epochs=2, batchSize=8, verbose=0, shuffle=False).result()
        except MemoryError:
            pass
        finally:
            _core.pool_fail_at(0)
        # beta^t of Adam says how many updates were made.
        power = float(used._own_variables()[0])
        assert power == pytest.approx(0.9 ** (used.iterations + 1), rel=1e-3)
        assert used.iterations >= seen
        seen = used.iterations
        if used.iterations > 100:
            break
    model.dispose()
    used.dispose()


def test_wrong_data_leave_no_trace():
    model, used = compiled()
    before = weights_of(model)
    for x, y in (
        (numbers(4, 6), numbers(4, 3)),
        (numbers(4, 5), numbers(4, 2)),
        (numbers(3, 5), numbers(4, 3)),
    ):
        with pytest.raises(ValueError, match=r"\w"):
            model.trainOnBatch(x, y).result()
        with pytest.raises(ValueError, match=r"\w"):
            model.fit(x, y, verbose=0).result()
    assert weights_of(model) == before
    model.dispose()
    used.dispose()


def test_a_loss_that_is_connected_with_nothing_is_refused_compiled_too():
    model = NET.make()
    model.compile(optimizer=(used := tf.train.sgd(0.1)), loss=lambda t, p: tf.mean(t, -1))
    with pytest.raises(ValueError, match="Cannot find a connection"):
        model.trainOnBatch(X, Y).result()
    model.dispose()
    used.dispose()


def test_nan_in_data_stays_in_the_step():
    model, used = compiled()
    before = bits(model.predict(X))
    broken = X.copy()
    broken[0, 0] = np.nan
    assert np.isnan(model.evaluate(broken, Y).dataSync()).all()
    assert bits(model.predict(X)) == before
    model.dispose()
    used.dispose()
