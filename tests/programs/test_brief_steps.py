"""trainOnBatch on its caller: where the step is known to be short, and the model's lock is free."""

from __future__ import annotations

import threading
from math import inf

import numpy as np
import pytest

import lamina as tf
from support.nets import NETS

from .sides import bits, optimizer_of, weights_of

NET = NETS[0]


@pytest.fixture
def limit(monkeypatch):
    """Sets how many seconds a short step takes."""
    return lambda seconds: monkeypatch.setattr("lamina.models.programs.BRIEF_S", seconds)


@pytest.fixture
def model():
    used = tf.train.adam(0.01)
    made = NET.model(used)
    yield made
    made.dispose()
    used.dispose()


def started(monkeypatch) -> list[str]:
    """The names of the threads that Promises start from now on."""
    names: list[str] = []
    from lamina._promises import runtime

    begun = runtime.Runner.start
    monkeypatch.setattr(runtime.Runner, "start", lambda self: names.append("thread") or begun(self))
    return names


def test_a_known_short_step_runs_at_once(limit, model, monkeypatch):
    limit(inf)
    model.trainOnBatch(NET.x, NET.y).result()
    threads = started(monkeypatch)
    promise = model.trainOnBatch(NET.x, NET.y)
    assert not threads and isinstance(promise.result(), (float, list))
    # Another shape is traced first, which takes its time.
    model.trainOnBatch(NET.x[:2], NET.y[:2]).result()
    assert len(threads) == 1


def test_a_long_step_gets_a_thread(limit, model, monkeypatch):
    limit(-1)
    threads = started(monkeypatch)
    for _ in range(3):
        model.trainOnBatch(NET.x, NET.y).result()
    assert len(threads) == 3


def test_both_ways_train_alike(limit):
    def trained(seconds):
        limit(seconds)
        tf.setRandomSeed(4)
        model = NET.model(used := tf.train.adam(0.01))
        losses = [model.trainOnBatch(NET.x, NET.y).result() for _ in range(5)]
        found = losses, bits(weights_of(model)), optimizer_of(model)
        model.dispose()
        used.dispose()
        return found

    assert trained(inf) == trained(-1)


def test_a_model_in_use_is_waited_for_on_a_thread(limit, model):
    limit(inf)
    model.trainOnBatch(NET.x, NET.y).result()
    held, leave = threading.Event(), threading.Event()

    def hold():
        with model.lock:
            held.set()
            leave.wait(30)

    other = threading.Thread(target=hold)
    other.start()
    held.wait(30)
    promise = model.trainOnBatch(NET.x, NET.y)  # returns though the lock is not free
    with pytest.raises(TimeoutError):
        promise.result(0.01)
    leave.set()
    other.join()
    promise.result()


def test_changes_take_effect_at_the_next_step(limit):
    limit(inf)
    model = tf.sequential(layers=[tf.layers.dense(units=1, inputShape=[1], kernelInitializer="ones")])
    model.compile(optimizer=(used := tf.train.sgd(0.125)), loss="meanSquaredError")
    x, y = np.ones((1, 1), "f"), np.zeros((1, 1), "f")
    # The output is w + b, and each moves by an eighth of twice the output.
    assert model.trainOnBatch(x, y).result() == 1
    assert model.trainOnBatch(x, y).result() == 0.25
    used.learningRate = 0
    assert [model.trainOnBatch(x, y).result() for _ in range(3)] == [0.0625] * 3
    model.dispose()
    used.dispose()


def test_errors_reject_the_promise(limit, model, monkeypatch):
    limit(inf)
    model.trainOnBatch(NET.x, NET.y).result()

    def fail(*_arguments):
        raise MemoryError("no room")

    monkeypatch.setattr(model, "_run_once", fail)
    promise = model.trainOnBatch(NET.x, NET.y)
    with pytest.raises(MemoryError, match="no room"):
        promise.result()
