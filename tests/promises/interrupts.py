"""Breaks off what a model does at every point, and looks whether the model is still usable.

    python tests/promises/interrupts.py points 1     at each point where CPython looks for Ctrl-C
    python tests/promises/interrupts.py moments 2000 at so many random moments
    python tests/promises/interrupts.py forks 500    forks during so many fits

Prints what went wrong, and at the end how many times it broke something off.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any

import numpy as np

import lamina as tf

FOLDER = tempfile.mkdtemp()
PATH = os.path.join(FOLDER, "model")
ROWS = np.random.default_rng(1)
X, Y = ROWS.random((64, 4), "float32"), ROWS.random((64, 2), "float32")


def make() -> Any:
    model = tf.sequential(
        layers=[
            tf.layers.dense(units=8, inputShape=[4], activation="tanh"),
            tf.layers.dense(units=2),
        ]
    )
    settle(model)
    return model


def settle(model: Any) -> None:
    model.compile(optimizer="adam", loss="meanSquaredError")


def nothing(*_: object) -> None: ...


ACTIONS: dict[str, Callable[[Any], object]] = {
    "fit": lambda model: model.fit(X, Y, epochs=3, verbose=0).result(),
    "fit with callbacks": lambda model: model.fit(
        X, Y, epochs=2, verbose=0, callbacks={"onBatchEnd": nothing}
    ).result(),
    "evaluate": lambda model: model.evaluate(X, Y),
    "predict": lambda model: model.predict(X),
    "trainOnBatch": lambda model: model.trainOnBatch(X, Y).result(),
    "save": lambda model: model.save(PATH).result(),
    "load": lambda _model: tf.loadLayersModel(PATH).result(),
    "compile": settle,
}


def check(model: Any) -> None:
    """The next fit, predict, and save work."""
    end = time.monotonic() + 2
    while model.isTraining:
        assert time.monotonic() < end, "it is fitting for ever"
        time.sleep(0.0005)
    for name in ("fit", "predict", "save"):
        ACTIONS[name](model)
    assert all(np.isfinite(np.asarray(weight)).all() for weight in model.getWeights())
    assert not model.lock.held and model.lock.waiting == 0


class Failures:
    def __init__(self) -> None:
        self.count = 0

    def note(self, what: str, error: BaseException) -> None:
        self.count += 1
        print(f"FAILED {what}: {error!r}"[:300])
        traceback.print_exception(error, file=sys.stdout)


class Point:
    """Raises KeyboardInterrupt at the n-th point of this thread's Python code where CPython looks for it."""

    def __init__(self, number: int) -> None:
        self.left = number
        self.reached: str | None = None

    def __call__(self, frame: FrameType, event: str, arg: object) -> None:
        if event in ("call", "c_return"):
            self.left -= 1
            if self.left == 0:
                self.reached = f"{event} in {frame.f_code.co_name}, line {frame.f_lineno}"
                raise KeyboardInterrupt


def points(stride: int) -> int:
    failures, hits = Failures(), 0
    for name, act in ACTIONS.items():
        model, number, beyond = make(), 1, 0
        while beyond < 2:
            # The first call traces, later ones do not.
            if number // stride % 7 == 6:
                model = make()
            point = Point(number)
            try:
                sys.setprofile(point)
                try:
                    act(model)
                finally:
                    sys.setprofile(None)
            except KeyboardInterrupt:
                hits += 1
            except BaseException as error:
                failures.note(f"{name}, broken off at {point.reached}", error)
            beyond += point.reached is None
            try:
                check(model)
            except BaseException as error:
                failures.note(f"after {name}, broken off at {point.reached}", error)
                model = make()
            number += stride
    print(f"broken off: {hits}")
    return failures.count


def moments(number: int) -> int:
    failures, hits, armed = Failures(), 0, False

    def interrupt(*_: object) -> None:
        nonlocal armed
        if armed:
            armed = False
            raise KeyboardInterrupt

    signal.signal(signal.SIGALRM, interrupt)
    drawn = random.Random(1)
    model = make()
    while hits < number:
        name = drawn.choice(list(ACTIONS))
        if drawn.random() < 0.3:
            model = make()
        try:
            try:
                armed = True
                signal.setitimer(signal.ITIMER_REAL, drawn.uniform(1e-5, 1.5e-3))
                ACTIONS[name](model)
            finally:
                armed = False
        except KeyboardInterrupt:
            hits += 1
        except BaseException as error:
            failures.note(name, error)
        signal.setitimer(signal.ITIMER_REAL, 0)
        try:
            check(model)
        except BaseException as error:
            failures.note(f"after {name}", error)
            model = make()
    print(f"broken off: {hits}")
    return failures.count


def forks(number: int) -> int:
    failures, drawn, model = Failures(), random.Random(1), make()
    for count in range(number):
        callbacks = {"onBatchEnd": nothing} if count % 3 == 0 else {}
        promise = model.fit(X, Y, epochs=10**6, verbose=0, callbacks=callbacks)
        time.sleep(drawn.uniform(0, 3e-3))
        child = os.fork()
        if child == 0:
            signal.alarm(20)
            os._exit(_in_child(model, promise))
        status = os.waitpid(child, 0)[1]
        try:
            assert status == 0, f"the child ended with status {status}"
            promise.cancel()
            with suppress(tf.PromiseCancelledError):
                promise.result()
            check(model)
        except BaseException as error:
            failures.note(f"fork {count}", error)
            model = make()
    print(f"forked: {number}")
    return failures.count


def _in_child(model: Any, promise: Any) -> int:
    try:
        assert not model.isTraining
        try:
            promise.result()
        except RuntimeError as error:
            assert "fork" in str(error)
        else:
            raise AssertionError("the parent's fit ended in the child")
        promise.cancel()
        check(model)
        for act in ACTIONS.values():
            act(model)
        check(make())
    except BaseException:
        traceback.print_exc(file=sys.stdout)
        sys.stdout.flush()
        return 1
    return 0


if __name__ == "__main__":
    ACTIONS["save"](make())
    ways = {"points": points, "moments": moments, "forks": forks}
    failed = ways[sys.argv[1]](int(sys.argv[2]))
    print(f"failed: {failed}")
