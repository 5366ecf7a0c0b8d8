"""Who uses an optimizer, who frees it, and what of its state a file holds."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest

import lamina as tf
from support.nets import numbers

X, Y = numbers(8, 2), numbers(8, 1)
NAMES = ["sgd", "adam", "adamax", "rmsprop", "adagrad", "adadelta"]


def net(optimizer="adam", loss="meanSquaredError", **names):
    first, last = names.get("first", "a"), names.get("last", "b")
    model = tf.sequential(
        layers=[
            tf.layers.dense(units=3, inputShape=[2], name=first, kernelInitializer="ones"),
            tf.layers.dense(units=1, name=last, kernelInitializer="ones"),
        ]
    )
    model.compile(optimizer=optimizer, loss=loss)
    if isinstance(optimizer, str):
        model.optimizer.learningRate = 0.01
    return model


def fit(model, epochs=1):
    return model.fit(X, Y, epochs=epochs, batchSize=8, shuffle=False, verbose=0).result().history["loss"]


def weights(model):
    return [np.asarray(weight).copy() for weight in model.getWeights()]


def same(a, b):
    assert all(np.isfinite(x).all() for x in a)
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


@pytest.mark.parametrize("name", NAMES)
def test_compiled_again_with_its_own_optimizer_it_trains_on(name):
    straight, again = net(name), net(name)
    fit(straight, 4)
    fit(again, 2)
    again.compile(optimizer=again.optimizer, loss="meanSquaredError")
    fit(again, 2)
    assert same(weights(straight), weights(again))
    straight.dispose()
    again.dispose()


@pytest.mark.parametrize("name", NAMES)
def test_with_the_optimizer_of_another_model(name):
    """Its steps go on: the second model's first step is as large as that of a used optimizer."""
    own = getattr(tf.train, name)(0.01)
    first, second = net(own), net(own)
    fit(first, 2)
    fit(second)
    expected = weights(second)
    first.dispose()
    second.dispose()
    own.dispose()
    first = net(name)
    fit(first, 2)
    second = net(first.optimizer)
    fit(second)
    assert np.allclose(weights(second)[0], expected[0], atol=1e-6)
    # Who made it needs it no more, and the other trains on.
    first.compile(optimizer="sgd", loss="meanSquaredError")
    fit(first)
    fit(second)
    assert second.optimizer.iterations == 4
    first.dispose()
    fit(second)
    second.dispose()


def test_an_optimizer_goes_with_its_last_user():
    before = tf.memory()["numTensors"]
    first = net("adam")
    fit(first)
    optimizer = first.optimizer
    second = net(optimizer)
    fit(second)
    # 4 weights. Their 8 slots and the 2 powers of beta are still in use.
    assert first.dispose()["numDisposedVariables"] == 4
    assert len(optimizer.variables()) == 2 + 8 + 8
    assert second.dispose()["numDisposedVariables"] == 4 + 2 + 8 + 8
    assert optimizer.variables() == []
    del optimizer, first, second
    assert tf.memory()["numTensors"] == before


def test_an_optimizer_of_the_users_own_outlives_its_models():
    own = tf.train.adam(0.1)
    model = net(own)
    fit(model)
    model.compile(optimizer="sgd", loss="meanSquaredError")
    model.dispose()
    assert len(own.variables()) == 2 + 8
    own.dispose()


def test_another_optimizer_given_to_a_compiled_model():
    model = net("adam")
    fit(model)
    before, own = model.optimizer, tf.train.sgd(0.1)
    model.optimizer = own
    assert before.variables() == []
    fit(model)
    model.dispose()
    own.dispose()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("frozen", [0, 1])
def test_state_goes_on_from_a_file_after_freezing(tmp_path, name, frozen):
    model = net(name)
    fit(model, 2)
    model.layers[frozen].trainable = False
    model.compile(optimizer=model.optimizer, loss="meanSquaredError")
    fit(model)
    model.save(tmp_path / "model", includeOptimizer=True).result()
    loaded = tf.loadLayersModel(tmp_path / "model").result()
    assert loaded.optimizer.iterations == 3
    fit(model, 2)
    fit(loaded, 2)
    assert same(weights(model), weights(loaded))
    # Thawed, the layer goes on with its own state.
    for each in (model, loaded):
        each.layers[frozen].trainable = True
        each.compile(optimizer=each.optimizer, loss="meanSquaredError")
        fit(each, 2)
    assert same(weights(model), weights(loaded))
    model.dispose()
    loaded.dispose()


def test_a_file_holds_the_state_of_its_own_model_alone(tmp_path):
    own = tf.train.adam(0.1)
    first, second = net(own, first="c", last="d"), net(own)
    fit(first)
    fit(second)
    second.save(tmp_path / "model", includeOptimizer=True).result()
    content = json.loads((tmp_path / "model" / "model.json").read_text())
    found = [w["name"] for w in content["weightsManifest"][0]["weights"] if w.get("group") == "optimizer"]
    of_weights = ["a/kernel", "a/bias", "b/kernel", "b/bias"]
    assert found == ["iter", *(f"{name}/{slot}" for slot in ("m", "v") for name in of_weights)]
    loaded = tf.loadLayersModel(tmp_path / "model").result()
    expected, own_loss = fit(loaded, 3), fit(second, 3)
    assert expected == own_loss
    for model in (first, second, loaded):
        model.dispose()
    own.dispose()


SAVES = """
import sys, numpy as np, lamina as tf
def net(names):
    model = tf.sequential(layers=[
        tf.layers.dense(units=3, inputShape=[2], name=names[0], kernelInitializer="ones"),
        tf.layers.dense(units=1, name=names[1], kernelInitializer="ones")])
    model.compile(optimizer="adam", loss="meanSquaredError")
    x = np.ones((4, 2), "float32")
    model.fit(x, x[:, :1], epochs=2, verbose=0, shuffle=False).result()
    return model
others = [net(("a", "b")) for _ in range(int(sys.argv[1]))]
model = net(("a", "b"))
model.name = "m"
model.save(sys.argv[2], includeOptimizer=True).result()
"""


def test_a_file_does_not_depend_on_what_else_lives_in_the_process(tmp_path):
    files = []
    for others in ("0", "3"):
        folder = tmp_path / others
        subprocess.run([sys.executable, "-c", SAVES, others, os.fspath(folder)], check=True)
        files.append({path.name: path.read_bytes() for path in folder.iterdir()})
    names = [sorted(file) for file in files]
    assert names[0] == names[1]
    assert files[0] == files[1]
