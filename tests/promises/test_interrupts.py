"""After Ctrl-C at any point, and after a fork in the middle of a fit, every model is usable."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import weakref
from pathlib import Path

import pytest

import lamina as tf
from lamina._promises import runtime
from support.nets import numbers

SCRIPT = Path(__file__).with_name("interrupts.py")
posix = pytest.mark.skipif(not hasattr(os, "fork"), reason="POSIX only")


def run(*arguments: str) -> list[str]:
    ended = subprocess.run(
        [sys.executable, "-u", str(SCRIPT), *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=600,
    )
    lines = ended.stdout.splitlines()
    assert lines[-1:] == ["failed: 0"] and ended.returncode == 0, ended.stdout[-5000:] + ended.stderr[-5000:]
    return lines


def test_ctrl_c_at_some_points():
    assert int(run("points", "23")[0].removeprefix("broken off: ")) > 60


@posix
def test_ctrl_c_at_random_moments():
    assert run("moments", "50")[0] == "broken off: 50"


@posix
def test_forks_during_fits():
    assert run("forks", "8")[0] == "forked: 8"


@pytest.mark.full
@pytest.mark.watchdog(600)
def test_ctrl_c_at_every_point():
    assert int(run("points", "1")[0].removeprefix("broken off: ")) > 2000


@posix
@pytest.mark.full
@pytest.mark.watchdog(600)
def test_ctrl_c_at_2000_random_moments():
    assert run("moments", "2000")[0] == "broken off: 2000"


@posix
@pytest.mark.full
@pytest.mark.watchdog(600)
def test_500_forks_during_fits():
    assert run("forks", "500")[0] == "forked: 500"


def test_a_thread_that_cannot_be_started(monkeypatch):
    def start(_thread):
        raise RuntimeError("can't start new thread")

    model = tf.sequential(layers=[tf.layers.dense(units=1, inputShape=[2])])
    model.compile(optimizer="sgd", loss="meanSquaredError")
    x, y = numbers(4, 2), numbers(4, 1)
    with monkeypatch.context() as patch:
        patch.setattr("threading.Thread.start", start)
        refused = model.fit(x, y, verbose=0)
        assert not model.isTraining
        with pytest.raises(RuntimeError, match="can't start new thread"):
            refused.result()
        # A handler runs on the thread that posts it.
        seen = []
        tf.Promise.resolve(1).then(seen.append)
        assert seen == [1]
    assert not runtime._state.runners
    assert model.fit(x, y, verbose=0).result().epoch == [0]
    model.dispose()


def test_handlers_go_on_after_a_start_that_was_broken_off(monkeypatch):
    def start(_thread):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("threading.Thread.start", start)
        with pytest.raises(KeyboardInterrupt):
            tf.Promise.resolve(1).then(lambda value: value)
    assert tf.Promise.resolve(2).then(lambda value: value + 1).result() == 3


def test_a_promise_goes_without_the_collector():
    class Kept: ...

    def work(_context):
        return Kept()

    gc.disable()
    try:
        promise = tf.Promise.start(work)
        gone = weakref.ref(promise.result())
        runner = promise._core.runner
        assert runner is not None
        runner.thread.join()
        del promise, runner
        assert gone() is None
    finally:
        gc.enable()
