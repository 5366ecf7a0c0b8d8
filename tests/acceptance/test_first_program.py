"""The first program of the TensorFlow.js documentation, in every form a user may write it."""

from __future__ import annotations

import asyncio
import sys

import numpy as np
import pytest

import lamina as tf
from support.tools import ROOT

from .programs import run, ticker

EXAMPLES = ROOT / "examples"

XS = [[1], [2], [3], [4]]
YS = [[1], [3], [5], [7]]


def first_model():
    model = tf.sequential()
    model.add(tf.layers.dense({"units": 1, "inputShape": [1]}))
    model.compile({"optimizer": "sgd", "loss": "meanSquaredError"})
    return model


def guess(model) -> float:
    """For 5; the line through the points gives 9."""
    return model.predict(tf.tensor2d([[5]], [1, 1])).dataSync()[0]


def points():
    return tf.tensor2d(XS, [4, 1]), tf.tensor2d(YS, [4, 1])


@pytest.fixture(autouse=True)
def same_start():
    tf.setRandomSeed(3)


def test_in_a_script_with_result(capsys):
    model = first_model()
    xs, ys = points()
    history = model.fit(xs, ys, {"epochs": 1000}).result()
    model.predict(tf.tensor2d([[5]], [1, 1])).print()
    shown = capsys.readouterr().out
    assert shown.startswith("Tensor\n     [[")
    assert float(shown.strip("Tensor\n [],")) == pytest.approx(9, abs=0.3)
    assert len(history.history.loss) == 1000
    assert history.history["loss"][-1] < 0.01
    model.dispose()


def test_in_asyncio_with_await():
    async def main():
        model = first_model()
        await model.fit(*points(), {"epochs": 1000})
        found = guess(model)
        model.dispose()
        return found

    assert asyncio.run(main()) == pytest.approx(9, abs=0.3)


def test_with_then():
    model = first_model()
    done = model.fit(*points(), {"epochs": 1000}).then(lambda history: (guess(model), history.epoch[-1]))
    found, last = done.result()
    assert found == pytest.approx(9, abs=0.3)
    assert last == 999
    model.dispose()


def test_with_keywords():
    model = tf.sequential()
    model.add(tf.layers.dense(units=1, inputShape=[1]))
    model.compile(optimizer="sgd", loss="meanSquaredError")
    model.fit(*points(), epochs=1000).result()
    assert guess(model) == pytest.approx(9, abs=0.3)
    model.dispose()


def test_the_keras_half_of_the_page():
    """NumPy arrays in, print() of the prediction out."""
    model = tf.sequential()
    model.add(tf.layers.dense(units=1, inputShape=[1]))
    model.compile(loss="meanSquaredError", optimizer="sgd")
    xs = np.array(XS)
    ys = np.array(YS)
    model.fit(xs, ys, epochs=1000).result()
    found = model.predict(np.array([[5]]))
    assert str(found).startswith("Tensor\n     [[")
    assert np.asarray(found).item() == pytest.approx(9, abs=0.3)
    model.dispose()


def test_the_same_numbers_in_every_form():
    """One seed, one result: the forms differ in nothing but their words."""

    def by_dict(model):
        model.fit(*points(), {"epochs": 20}).result()

    def by_keyword(model):
        model.fit(*points(), epochs=20).result()

    def by_arrays(model):
        model.fit(np.array(XS, np.float32), np.array(YS, np.float64), epochs=20).result()

    def by_lists(model):
        model.fit(XS, YS, epochs=20).result()

    found = set()
    for form in (by_dict, by_keyword, by_arrays, by_lists):
        tf.setRandomSeed(3)
        model = first_model()
        form(model)
        found.add(guess(model))
        model.dispose()
    assert len(found) == 1


@pytest.mark.parametrize("name", ["hello.py", "hello_keras.py"])
def test_examples_as_scripts(name):
    ended = run([sys.executable, str(EXAMPLES / name)])
    assert (ended.code, ended.err) == (0, "")
    assert float(ended.lines[-1].strip(" [],")) == pytest.approx(9, abs=0.5)


def test_a_file_with_await_at_top_level():
    ended = run([sys.executable, "-m", "lamina", "run", str(EXAMPLES / "hello_async.py")])
    assert (ended.code, ended.err) == (0, "")
    assert float(ended.lines[-1].strip(" [],")) == pytest.approx(9, abs=0.5)


def test_run_passes_arguments_and_errors_on(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        "import sys, asyncio\nawait asyncio.sleep(0)\nprint(__name__, sys.argv[1:])\nraise SystemExit(3)\n"
    )
    ended = run([sys.executable, "-m", "lamina", "run", str(program), "a", "--b"])
    assert (ended.lines, ended.code) == (["__main__ ['a', '--b']"], 3)
    program.write_text("await nothing\n")
    ended = run([sys.executable, "-m", "lamina", "run", str(program)])
    assert ended.code == 1
    assert f'"{program}", line 1' in ended.err
    assert "NameError" in ended.err


@pytest.mark.parametrize("eagerly", [False, True], ids=["traced", "eager"])
def test_the_event_loop_goes_on(eagerly):
    """A ticker on the loop that awaits the fit, with every worker thread busy. How late it is at the
    99th percentile is measured by benchmarks/ticker.py; here only that nobody held the loop.
    """
    lateness: list[float] = []

    async def main():
        model = tf.sequential(
            layers=[
                tf.layers.dense(units=256, inputShape=[256], activation="relu"),
                tf.layers.dense(units=256),
            ]
        )
        model.compile(optimizer="adam", loss="meanSquaredError", runEagerly=eagerly)
        x = np.random.default_rng(0).normal(size=(1024, 256)).astype(np.float32)
        ticking = asyncio.create_task(ticker(lateness)())
        await model.fit(x, x, epochs=60, batchSize=256, verbose=0)
        ticking.cancel()
        model.dispose()

    asyncio.run(main())
    assert len(lateness) >= 3
    assert max(lateness) < 0.25
