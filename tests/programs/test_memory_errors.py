"""Every allocation of a training step, of a prediction, of loading and saving fails in turn."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import lamina as tf
from lamina import _core
from lamina.models import programs
from support.nets import NETS

from .sides import bits, optimizer_of, weights_of

MOST = 2000
by_net = pytest.mark.parametrize("net", NETS, ids=lambda net: net.name)


@pytest.fixture(autouse=True, scope="module")
def quick_collections() -> Iterator[None]:
    """What the test run holds is left out of the many collections here."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def memory() -> tuple[int, int, int]:
    gc.collect()
    found = tf.memory()
    return found["numTensors"], found["numDataBuffers"], found["numBytes"]


def is_within(limit: tuple[int, int, int]) -> bool:
    """Whether no more is held than that, once threads that just ended have let go."""
    deadline = time.monotonic() + 1
    while not all(now <= most for now, most in zip(memory(), limit, strict=True)):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True


def fails_in_turn(call: Callable[[], Any], check: Callable[[], None]) -> int:
    """Lets each allocation of `call` fail; `check` looks at what is left. Gives how many there were."""
    for n in range(1, MOST):
        first = _core.pool_allocations()
        _core.pool_fail_at(n)
        try:
            call()
        except MemoryError as error:
            assert "failure asked for by a test" in str(error)
        else:
            # Where it did happen, memory was only nice to have: an idle Program can be made later.
            if _core.pool_allocations() - first < n:
                return n - 1
        finally:
            _core.pool_fail_at(0)
        check()
    raise AssertionError("the call never succeeded")


@by_net
@pytest.mark.parametrize("eager", [False, True], ids=["compiled", "eager"])
def test_a_step(net, eager):
    """Weights and optimizer stand before the step or behind it, and the next step is right."""
    used = tf.train.adam(0.01)
    model = net.make()
    model.compile(optimizer=used, loss=net.loss, runEagerly=eager)
    model.trainOnBatch(*net.batches(1)[0]).result()
    start = [np.asarray(w).copy() for w in model.getWeights()]
    slots = [dict(entry, tensor=entry.tensor.clone()) for entry in used.state()]

    def step() -> None:
        model.trainOnBatch(*net.batches(2)[1]).result()

    def back() -> None:
        model.setWeights(start)
        used.setWeights(slots).result()

    def state() -> Any:
        # Moving averages are set in the forward pass and may be a step ahead.
        weights = [bits(w.read()) for w in model.trainableWeights]
        return weights, optimizer_of(model)

    back()
    before = state()
    step()
    after = state()
    back()
    step()
    assert state() == after
    back()
    limit = memory()

    def check() -> None:
        assert state() in (before, after)
        back()
        assert is_within(limit)
        step()
        assert state() == after
        back()

    check()
    assert fails_in_turn(step, check) > 3
    for each in (model, used, *(entry["tensor"] for entry in slots)):
        each.dispose()


@by_net
def test_loading_and_saving(net, tmp_path):
    model = net.model("adam")
    model.trainOnBatch(*net.batches(1)[0]).result()
    model.save(tmp_path / "model", includeOptimizer=True).result()
    expected = weights_of(model), optimizer_of(model)
    made: list[Any] = []
    before = memory()

    def load() -> None:
        made.append(tf.loadLayersModel(tmp_path / "model").result())

    def check() -> None:
        while made:
            each = made.pop()
            assert (weights_of(each), optimizer_of(each)) == expected
            each.dispose()
        assert is_within(before)

    load()
    check()
    assert fails_in_turn(load, check) > 3
    check()

    def save() -> None:
        model.save(tmp_path / "again", includeOptimizer=True).result()

    fails_in_turn(save, check)
    load()
    check()
    model.dispose()


@by_net
@pytest.mark.parametrize("eager", [False, True], ids=["compiled", "eager"])
def test_predictions(net, eager, monkeypatch):
    monkeypatch.setenv("LAMINA_EAGER", "1" if eager else "0")
    before = programs.fallbacks[0]
    model = net.model()
    given = tf.tensor(net.x)
    expected = bits(model.predict(given))
    settled = memory()

    def check() -> None:
        assert is_within(settled)
        assert bits(model.predict(given)) == expected

    assert fails_in_turn(lambda: model.predict(given), check) > 0
    programs.fallbacks[0] = before
    model.dispose()
    given.dispose()
