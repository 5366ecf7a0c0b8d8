"""A user's own code gives what it gives step by step, whether it is compiled or not."""

from __future__ import annotations

import logging
import random
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

import lamina as tf
from lamina.models import programs
from support.nets import numbers, weights_for

from .sides import as_list, bits, weights_of
from .snippets import CLOSED, SNIPPETS, Case, Snippet
from .snippets.case import Own

X, Y = numbers(12, 3, seed=1), numbers(12, 2, seed=2)


@dataclass
class Side:
    losses: list[Any] = field(default_factory=list)
    predicted: list[bytes] = field(default_factory=list)
    weights: list[bytes] = field(default_factory=list)
    draws: int = 0
    compiled: int = 0
    fell_back: int = 0


def run(snippet: Snippet, eager: bool) -> Side:
    """Single batches, a fit, an evaluation and predictions; in between, what the code reads changes."""
    case: Case = snippet.make()
    model = case.model()
    optimizer = case.optimizer()
    model.compile(optimizer=optimizer, loss=case.loss, metrics=case.metrics, runEagerly=eager)
    model.predict(tf.zeros([1, 3]))
    model.setWeights(weights_for(model))
    if case.prepare is not None:
        case.prepare(model)
    random.seed(5)
    tf.setRandomSeed(20)
    case.draws.clear()
    side = Side()
    before = programs.fallbacks[0]

    def change(*_: Any) -> None:
        if case.change is not None:
            case.change()

    side.losses.append(model.trainOnBatch(X, Y).result())
    change()
    side.losses.append(model.trainOnBatch(X, Y).result())
    options = {"epochs": 2, "batchSize": 5, "verbose": 0, "shuffle": False}
    history = model.fit(X, Y, {**options, "callbacks": {"onEpochEnd": change}}).result().history
    side.losses.append(dict(history))
    side.losses.append([float(v) for v in as_list(model.evaluate(X, Y, batchSize=4))])
    given = tf.tensor2d(X)
    for _ in range(2):
        side.predicted += [bits(model.predict(given)), bits(model.predict(given))]
        change()
    side.weights = weights_of(model)
    side.draws = len(case.draws)
    side.compiled = len(list(model.programs))
    side.fell_back = programs.fallbacks[0] - before
    model.dispose()
    optimizer.dispose()
    return side


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda s: s.name)
def test_values_are_those_of_eager_steps(snippet: Snippet, fallbacks: list[int]) -> None:
    mine, eager = run(snippet, False), run(snippet, True)
    assert mine.losses == eager.losses
    assert mine.predicted == eager.predicted
    assert mine.weights == eager.weights
    assert mine.draws == eager.draws
    assert eager.compiled == eager.fell_back == 0
    if snippet.kind == CLOSED:
        assert mine.fell_back == 0
        assert mine.compiled > 0
    else:
        assert mine.fell_back > 0


def fitted(loss: Any, act: Any = None, epochs: int = 3, **options: Any) -> list[float]:
    """The loss of each epoch of a model whose weights stand still."""
    model = tf.sequential(layers=[tf.layers.dense(units=2, inputShape=[3], kernelInitializer="ones")])
    optimizer = tf.train.sgd(0.0)
    model.compile(optimizer=optimizer, loss=loss)
    callbacks = {} if act is None else {"callbacks": {"onEpochEnd": act}}
    config = {"epochs": epochs, "verbose": 0, "batchSize": 12, **callbacks, **options}
    history = model.fit(X, Y, config).result().history
    model.dispose()
    optimizer.dispose()
    return list(history["loss"])


def ratios(losses: list[float]) -> list[float]:
    return [round(each / losses[0], 4) for each in losses]


def test_a_value_that_changes_all_the_time_is_run_step_by_step(
    fallbacks: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    factor = 1.0

    def act(*_: Any) -> None:
        nonlocal factor
        factor += 1.0

    def loss(a: Any, b: Any) -> Any:
        return a.sub(b).square().mean(-1).mul(factor)

    before = programs.traces[0]
    with caplog.at_level(logging.INFO, "lamina"):
        losses = fitted(loss, act, epochs=8)
    assert ratios(losses) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert fallbacks[0] > 0
    # The first time, and after each of three changes; the fourth makes it open.
    assert programs.traces[0] - before == 4
    (told,) = [r.getMessage() for r in caplog.records if "step by step" in r.getMessage()]
    assert "`factor` changed 4 times in 100 steps; make it a `tf.variable`" in told


def test_a_value_that_changes_now_and_then_stays_compiled(fallbacks: list[int]) -> None:
    factor = 1.0

    def act(epoch: int, logs: Any) -> None:
        nonlocal factor
        factor += 1.0

    def loss(a: Any, b: Any) -> Any:
        return a.sub(b).square().mean(-1).mul(factor)

    x, y = np.tile(X, (4, 1)), np.tile(Y, (4, 1))
    model = tf.sequential(layers=[tf.layers.dense(units=2, inputShape=[3], kernelInitializer="ones")])
    optimizer = tf.train.sgd(0.0)
    model.compile(optimizer=optimizer, loss=loss)
    config = {"epochs": 8, "verbose": 0, "batchSize": 1, "callbacks": {"onEpochEnd": act}, "shuffle": False}
    found = model.fit(x, y, config).result().history["loss"]
    # 48 steps lie between two changes.
    assert fallbacks[0] == 0
    assert ratios(found) == [1, 2, 3, 4, 5, 6, 7, 8]
    model.dispose()
    optimizer.dispose()


def test_the_reason_is_told_once_with_the_remedy(caplog: pytest.LogCaptureFixture) -> None:
    kept = {"factor": 1.0}
    with caplog.at_level(logging.INFO, "lamina"):
        fitted(lambda a, b: a.sub(b).square().mean(-1).mul(kept["factor"]), epochs=4)
    (told,) = [r.getMessage() for r in caplog.records if "step by step" in r.getMessage()]
    assert "`kept` is a dict, in " in told
    assert "(test_user_code.py:" in told
    assert told.endswith("; make it an attribute of the layer, or a `tf.variable`")


def test_open_code_becomes_closed_when_what_it_reads_does(fallbacks: list[int]) -> None:
    factor: Any = {"of": 1.0}

    def loss(a: Any, b: Any) -> Any:
        value = factor["of"] if isinstance(factor, dict) else factor
        return a.sub(b).square().mean(-1).mul(value)

    def act(*_: Any) -> None:
        nonlocal factor
        factor = 2.0

    before = programs.traces[0]
    losses = fitted(loss, act, epochs=4)
    assert ratios(losses) == [1, 2, 2, 2]
    assert programs.traces[0] - before == 1


def stands_still(kernel: Any, seconds: float) -> bool:
    """Whether a variable stops moving within so many seconds. The model's lock is not taken, and the fit not
    disturbed.
    """
    deadline = time.monotonic() + seconds
    while True:
        before = bits(kernel)
        time.sleep(0.05)
        if bits(kernel) == before:
            return True
        if time.monotonic() >= deadline:
            return False


@pytest.mark.parametrize("where", ["global", "cell", "list", "class"])
def test_a_change_by_another_thread_is_seen_in_a_long_fit(where: str, fallbacks: list[int]) -> None:
    """No callback asks: the fit itself looks every 10 ms."""
    cell = 1.0

    class Scale(Own):
        className = "Scale"
        factor = 1.0

        def __init__(self) -> None:
            super().__init__({})
            self.parts = [1.0]

    # A global of a namespace of its own, so that the snippet may read it.
    namespace: dict[str, Any] = {"FACTOR": 1.0}
    exec("def scaled(x):\n    return x.mul(FACTOR)", namespace)
    scaled = namespace["scaled"]

    def call(self: Any, inputs: Any) -> Any:
        return scaled(inputs).mul(cell).mul(self.parts[0]).mul(self.factor)

    Scale.call = call  # type: ignore[method-assign]
    layer = Scale()
    model = tf.sequential(
        layers=[tf.layers.dense(units=2, inputShape=[3], kernelInitializer="zeros", useBias=False), layer]
    )
    optimizer = tf.train.sgd(1e-3)
    # Its gradient is the same in each step, unless the layer gives zeros.
    model.compile(optimizer=optimizer, loss=lambda a, b: b.mean(-1))

    def change() -> None:
        nonlocal cell
        if where == "global":
            namespace["FACTOR"] = 0.0
        elif where == "cell":
            cell = 0.0
        elif where == "list":
            layer.parts[0] = 0.0
        else:
            Scale.factor = 0.0

    kernel = model.layers[0].weights[0].read()
    promise = model.fit(np.ones((12, 3)), Y, epochs=200_000_000, verbose=0, batchSize=12)
    time.sleep(0.2)
    assert stands_still(kernel, seconds=0.0) is False
    change()
    assert stands_still(kernel, seconds=30.0)
    model.stopTraining = True
    promise.result()
    assert fallbacks[0] == 0
    model.dispose()
    optimizer.dispose()


def test_an_error_that_the_code_catches_is_no_way_around(fallbacks: list[int]) -> None:
    """A trace has no values: what the code does where there are none is not what it does."""

    def loss(a: Any, b: Any) -> Any:
        try:
            factor = 2.0 if float(b.sum()) > -1e9 else 3.0
        except RuntimeError:
            factor = 100.0
        return a.sub(b).square().mean(-1).mul(factor)

    found = fitted(loss)[0]
    plain = fitted("meanSquaredError")[0]
    assert found == pytest.approx(2 * plain, rel=1e-6)
    assert fallbacks[0] > 0


class Gain(Own):
    className = "Gain"

    def __init__(self) -> None:
        super().__init__({})
        self._k = 2.0

    def call(self, inputs: Any) -> Any:
        return inputs.mul(self._k)


def test_predict_with_a_closed_layer_is_compiled_and_follows_it() -> None:
    layer = Gain()
    model = tf.sequential(layers=[tf.layers.dense(units=2, inputShape=[3], kernelInitializer="ones"), layer])
    given = tf.tensor2d(X)
    first = np.asarray(model.predict(given))
    before = programs.traces[0]
    for _ in range(5):
        assert np.array_equal(np.asarray(model.predict(given)), first)
    assert programs.traces[0] == before
    assert type(vars(model)["predict"]).__name__ == "QuickPredict"
    layer._k = 4.0
    assert np.array_equal(np.asarray(model.predict(given)), 2 * first)
    Gain.call, kept = lambda self, inputs: inputs.mul(self._k).mul(2.0), Gain.call  # type: ignore[method-assign]
    try:
        assert np.array_equal(np.asarray(model.predict(given)), 4 * first)
    finally:
        Gain.call = kept  # type: ignore[method-assign]
    assert np.array_equal(np.asarray(model.predict(given)), 2 * first)
    model.dispose()


def test_a_call_hook_is_called_each_time() -> None:
    calls: list[Any] = []
    dense = tf.layers.dense(units=2, inputShape=[3])
    model = tf.sequential(layers=[dense])
    optimizer = tf.train.sgd(0.01)
    model.compile(optimizer=optimizer, loss="meanSquaredError")
    given = tf.tensor2d(X)
    model.predict(given)
    model.predict(given)
    dense.setCallHook(lambda inputs, kwargs: calls.append(inputs.shape))
    for count in (1, 2, 3):
        model.predict(given)
        assert len(calls) == count
    calls.clear()
    model.fit(X, Y, epochs=5, batchSize=6, verbose=0).result()
    assert calls == [(6, 3)] * 10
    dense.clearCallHook()
    model.predict(given)
    assert len(calls) == 10
    model.dispose()
    optimizer.dispose()


def test_open_code_leaves_other_models_alone(fallbacks: list[int]) -> None:
    kept = {"factor": 1.0}
    closed = tf.sequential(layers=[tf.layers.dense(units=2, inputShape=[3])])
    closed.predict(tf.tensor2d(X))
    before = programs.traces[0]
    fitted(lambda a, b: a.sub(b).square().mean(-1).mul(kept["factor"]))
    closed.predict(tf.tensor2d(X))
    assert programs.traces[0] == before
    assert fallbacks[0] > 0
    closed.dispose()


def test_an_unknown_python_is_told_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, fallbacks: list[int]
) -> None:
    monkeypatch.setattr("lamina._inspect.opcodes.VERSIONS", ())
    monkeypatch.setattr(programs, "_told", set())
    with caplog.at_level(logging.INFO, "lamina"):
        for _ in range(3):
            fitted(lambda a, b: a.sub(b).square().mean(-1))
    (told,) = [r.getMessage() for r in caplog.records if "step by step" in r.getMessage()]
    assert "Lamina does not know the instructions of this Python" in told
    assert fallbacks[0] > 0


def test_a_function_of_laminas_that_is_replaced_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def act(epoch: int, logs: Any) -> None:
        if epoch == 0:
            monkeypatch.setattr(tf, "square", lambda x: x.mul(x).mul(3.0))

    losses = fitted(lambda a, b: tf.square(a.sub(b)).mean(-1), act)
    assert losses[1] == pytest.approx(3 * losses[0], rel=1e-6)


def test_open_code_is_not_inspected_at_each_step(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = []
    classify = __import__("lamina._inspect", fromlist=["classify"]).classify

    def counted(*roots: Any) -> Any:
        looks.append(1)
        return classify(*roots)

    monkeypatch.setattr("lamina._inspect.classify", counted)
    a_number, kept = 1.0, {"factor": 1.0}

    def loss(a: Any, b: Any) -> Any:
        return a.sub(b).square().mean(-1).mul(a_number).mul(kept["factor"])

    def act(*_: Any) -> None:
        nonlocal a_number
        a_number += 1.0

    losses = fitted(loss, act, epochs=20)
    assert ratios(losses) == list(range(1, 21))
    assert len(looks) <= 5
