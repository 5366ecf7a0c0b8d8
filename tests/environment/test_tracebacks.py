"""An error shows the user's lines and the message; Lamina's own lines only where somebody asks for them."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import textwrap
import traceback
from pathlib import Path

import numpy as np
import pytest

import lamina as tf

PACKAGE = os.path.dirname(os.path.abspath(tf.__file__)) + os.sep
X, Y = np.ones((4, 2), "float32"), np.ones((4, 1), "float32")


@pytest.fixture(autouse=True)
def as_people_have_it(monkeypatch):
    monkeypatch.delenv("LAMINA_TRACEBACK", raising=False)


@pytest.fixture
def model():
    model = tf.sequential(layers=[tf.layers.dense(units=1, inputShape=[2])])
    model.compile(optimizer="sgd", loss="meanSquaredError")
    yield model
    model.dispose()


def functions(error):
    return [entry.name for entry in traceback.extract_tb(error.__traceback__)]


def shown(error):
    return "".join(traceback.format_exception(error))


def caught(call):
    try:
        call()
    except Exception as error:
        return error
    raise AssertionError("no error")


CALLS = {
    "fit": lambda m: m.fit(np.ones((4, 5)), Y).result(),
    "predict": lambda m: m.predict(np.ones((4, 5))),
    "evaluate": lambda m: m.evaluate(np.ones((4, 5)), Y),
    "trainOnBatch": lambda m: m.trainOnBatch(np.ones((4, 5)), Y).result(),
    "compile": lambda m: m.compile(optimizer="adm", loss="meanSquaredError"),
    "setWeights": lambda m: m.setWeights([1]),
    "getLayer": lambda m: m.getLayer("nothing"),
    "add": lambda _: tf.sequential().add(3),
    "model": lambda _: tf.model(inputs=3, outputs=4),
    "load": lambda _: tf.loadLayersModel("/nowhere/at/all").result(),
    "option": lambda _: tf.layers.dense(unit=3),
    "value": lambda _: tf.layers.dropout(rate=-1),
    "optimizer": lambda _: tf.train.adam(learnRate=3),
    "apply": lambda _: tf.layers.dense(units=1).apply(tf.ones([3])),
    "call": lambda _: tf.layers.dense(units=1)("x"),
    "name": lambda _: tf.layers.dens,
    "op": lambda _: tf.add(tf.ones([2]), tf.ones([3])),
    "tensor": lambda _: tf.tensor([[1], [1, 2]]),
    "loss": lambda _: tf.losses.huberLoss({}, tf.ones([2])),
    "metric": lambda _: tf.metrics.binaryAccuracy(tf.ones([2]), "a"),
    "entry": lambda _: tf.ones([2])[5],
    "gradient": lambda _: tf.grad(lambda x: x)("a"),
    "minimize": lambda _: tf.train.sgd(0.1).minimize(lambda: tf.scalar(1.0)),
    "forgotten await": lambda _: tf.Promise.resolve(1).history,
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_only_the_users_lines_are_shown(model, call):
    error = caught(lambda: call(model))
    assert functions(error)[-1] == "<lambda>"
    assert PACKAGE not in shown(error)


def test_of_callbacks_layers_and_functions_of_the_users_own_all_lines_are_shown(model):
    def fails(*_):
        raise KeyError("mine")

    def helper(*_):
        fails()

    class Own(tf.layers.Layer):
        className = "Own"

        def call(self, inputs, kwargs):
            return helper(inputs)

        def computeOutputShape(self, shape):
            return shape

    own = tf.sequential(layers=[tf.layers.dense(units=1, inputShape=[2]), Own()])
    for call, first in (
        (lambda: model.fit(X, Y, verbose=0, callbacks={"onEpochEnd": helper}).result(), "helper"),
        (lambda: own.predict(X), "call"),
        (lambda: tf.tidy(helper), "helper"),
        (lambda: tf.grad(helper)(tf.ones([1])), "helper"),
    ):
        error = caught(call)
        names = functions(error)
        assert names[names.index(first) :] == [*(["call"] if first == "call" else []), "helper", "fails"]
        assert PACKAGE not in shown(error)
    own.dispose()


def test_an_awaited_promise(model):
    async def train():
        await model.fit(np.ones((4, 5)), Y)

    async def later():
        promise = model.fit(X, Y, verbose=0, callbacks={"onEpochEnd": lambda epoch, logs: 1 / 0})
        await asyncio.sleep(0)
        await promise

    async def works():
        return await model.fit(X, Y, verbose=0)

    async def cancelled():
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(model_forever(), 0.05)

    async def model_forever():
        return await model.fit(X, Y, epochs=10**9, verbose=0)

    for main, last in ((train, "train"), (later, "<lambda>")):
        error = caught(lambda main=main: asyncio.run(main()))
        assert functions(error)[-1] == last
        assert PACKAGE not in shown(error)
    assert asyncio.run(works()).epoch == [0]
    asyncio.run(cancelled())


def test_errors_before_are_the_users_own(model):
    """What Lamina tried and handled is not shown; what the user handles is."""

    def again():
        try:
            raise KeyError("the user's")
        except KeyError:
            model.predict(np.ones((4, 5)))

    text = shown(caught(again))
    assert "During handling" in text and "the user's" in text and PACKAGE not in text
    text = shown(caught(lambda: tf.layers.dense(units="x")))
    assert "During handling" not in text and "direct cause" not in text


def test_an_error_before_whose_traceback_was_taken_away(model):
    def again():
        try:
            raise KeyError("the user's")
        except KeyError as before:
            before.__traceback__ = None
            model.predict(np.ones((4, 5)))

    error = caught(again)
    assert isinstance(error.__context__, KeyError)
    assert PACKAGE not in shown(error)


def test_all_lines_where_asked_for(model, monkeypatch):
    monkeypatch.setenv("LAMINA_TRACEBACK", "full")
    error = caught(lambda: model.predict(np.ones((4, 5))))
    assert PACKAGE in shown(error)


def test_a_script_shows_its_line_and_the_message(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent("""
        import lamina as tf
        model = tf.sequential(layers=[tf.layers.dense(units=1, inputShape=[2])])
        model.compile(optimizer="sgd", loss="meanSquaredError")
        model.fit(tf.ones([4, 3]), tf.ones([4, 1])).result()
        """)
    )
    environment = {key: value for key, value in os.environ.items() if key != "LAMINA_TRACEBACK"}
    ended = subprocess.run(
        [sys.executable, str(script)], check=False, capture_output=True, text=True, env=environment
    )
    lines = [line for line in ended.stderr.splitlines() if "^" not in line]
    assert lines[:3] == [
        "Traceback (most recent call last):",
        f'  File "{script}", line 5, in <module>',
        "    model.fit(tf.ones([4, 3]), tf.ones([4, 1])).result()",
    ]
    assert lines[3].startswith("ValueError: ") and PACKAGE not in ended.stderr


def test_a_border_is_the_function_itself():
    import inspect
    import pickle

    method = tf.Sequential.predict
    assert inspect.isfunction(tf.tidy) and tf.tidy.__name__ == "tidy" and "tidy" in repr(tf.tidy)
    assert list(inspect.signature(tf.Sequential.predictOnBatch).parameters) == ["self", "x"]
    assert inspect.getdoc(tf.Sequential.predictOnBatch)
    assert method is tf.Sequential.predict
    assert pickle.loads(pickle.dumps(tf.tidy)) is tf.tidy
    assert Path(inspect.getsourcefile(tf.tidy) or "").name == "memory.py"
