"""The README's main job: the digits are learned, shown, and saved so that TensorFlow.js opens them."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import lamina as tf
from support.nets import close
from support.tools import ROOT

from .programs import on_terminal, run

EXAMPLE = ROOT / "examples" / "digits.py"


@pytest.fixture(scope="module")
def example() -> ModuleType:
    import importlib.util

    spec = importlib.util.spec_from_file_location("digits_example", EXAMPLE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> tuple[str, Path]:
    """What the example shows on a terminal, and the folder it wrote."""
    folder = tmp_path_factory.mktemp("digits")
    code, shown = on_terminal([sys.executable, str(EXAMPLE), "--out", str(folder / "model")])
    assert code == 0, shown
    return shown, folder / "model"


def plain(shown: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)


def test_it_learns_the_digits(trained):
    found = re.search(r"accuracy on 360 digits it has never seen: ([0-9.]+) %", plain(trained[0]))
    assert found is not None
    assert float(found[1]) >= 98.0


def test_a_live_bar_shows_loss_and_accuracy(trained):
    shown = trained[0]
    # It moves: lines are written over.
    assert re.search(r"\rEpoch \d+/60  \[=.*\d+/45.*loss: [0-9.]+.*acc: [0-9.]+", plain(shown))


def test_predictions_stand_beside_their_digits(trained):
    shown = plain(trained[0])
    pairs = re.findall(r"predicted (\d), is (\d)", shown)
    assert len(pairs) == 5
    assert sum(guess == digit for guess, digit in pairs) >= 4
    assert "##" in shown


def test_the_same_seed_gives_the_same_network(example, trained):
    """Bit for bit, in another process and with another display."""
    tf.setRandomSeed(example.SEED)
    model = example.make_model()
    model.fit(*_training(example), epochs=1, batchSize=32, verbose=0).result()
    first = [np.asarray(w).copy() for w in model.getWeights()]
    model.dispose()
    tf.setRandomSeed(example.SEED)
    model = example.make_model()
    model.fit(*_training(example), epochs=1, batchSize=32, verbose=0).result()
    assert all(np.array_equal(a, np.asarray(b)) for a, b in zip(first, model.getWeights(), strict=True))
    model.dispose()


def _training(example):
    x, y = example.split()[:2]
    return tf.tensor4d(x), example.targets(y)


LOGITS = """
    const model = await helpers.loadModel(folder);
    const last = model.layers[model.layers.length - 1];
    const hidden = tf.model({inputs: model.inputs, outputs: model.layers[model.layers.length - 2].output});
    const [kernel, bias] = last.getWeights();
    return xs.map((x) => [model.predict(x), hidden.predict(x).matMul(kernel).add(bias)]);
"""


def test_tensorflowjs_opens_it_and_agrees(example, trained, tfjs):
    folder = trained[1]
    images = np.array(example.split()[2][:100], np.float32)
    noise = np.random.default_rng(0).normal(size=(30, 8, 8, 1)).astype(np.float32)
    theirs = tfjs.eval(LOGITS, folder=str(folder), xs=[images, noise])

    model = tf.loadLayersModel(str(folder)).result()
    last = model.layers[-1]
    hidden = tf.model(inputs=model.inputs, outputs=model.layers[-2].output)
    kernel, bias = last.getWeights()
    for x, (outputs, logits) in zip([images, noise], theirs, strict=True):
        assert close(model.predict(x), outputs)
        assert close(hidden.predict(x).matMul(kernel).add(bias), logits)
    model.dispose()


def test_without_a_terminal_it_prints_lines(tmp_path):
    ended = run([sys.executable, str(EXAMPLE), "--epochs", "2", "--out", str(tmp_path / "model")])
    assert ended.code == 0, ended.err
    assert ended.err == ""
    assert "\x1b" not in ended.out
    assert sorted(path.suffix for path in (tmp_path / "model").iterdir()) == [".bin", ".json"]
