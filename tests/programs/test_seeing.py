"""explain, profile, time and the debug mode."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import lamina as tf
from lamina.models.sequential import Sequential
from support.nets import NETS

from .sides import optimizer_of, weights_of

NET = NETS[0]
X, Y = NET.batches(1)[0]


def test_explain_shows_each_program_and_changes_nothing():
    model = NET.model(used := tf.train.adam(0.01))
    lines: list[str] = []
    assert "Nothing is compiled yet" in str(model.explain(printFn=lines.append))
    model.predict(X)
    model.fit(X, Y, epochs=2, verbose=0).result()
    tf.setRandomSeed(3)
    drawn = np.asarray(tf.randomUniform([3])).tolist()
    tf.setRandomSeed(3)
    before = weights_of(model), optimizer_of(model)
    found = model.explain(runs=3, printFn=lines.append)
    assert (weights_of(model), optimizer_of(model)) == before
    assert np.asarray(tf.randomUniform([3])).tolist() == drawn
    assert [p["what"] for p in found.programs] == ["predict", "train"]
    train = found.programs[1]
    assert train["stats"]["arenaBytes"] >= train["stats"]["peakLiveBytes"] > 0
    assert train["traceMs"] > 0
    assert sum(each["us"] for each in train["instructions"]) > 0
    assert any(len(each["ops"]) > 1 for each in train["instructions"])
    text = str(found)
    assert lines[-len(text.split("\n")) :] == text.split("\n")
    for part in (
        "a step of training on float32[8,5], float32[8,3]",
        "fused",
        "applyAdam",
        "arena",
        "traced in",
    ):
        assert part in text
    model.dispose()
    used.dispose()


def test_profile_of_eager_code():
    def work():
        x = tf.tensor2d([[1, 2], [3, 4]])
        return tf.relu(x.matMul(x))

    found = tf.profile(work).result()
    assert found.kernelNames == ["matMul", "relu"]
    assert found.newTensors == 1
    assert found.newBytes == 16
    assert found.peakBytes >= 16
    first = found.kernels[0]
    assert first.name == "matMul"
    assert first.inputShapes == [[2, 2], [2, 2]]
    assert first.outputShapes == [[2, 2]]
    assert first.kernelTimeMs > 0
    assert first.bytesAdded == 16
    assert first.tensorsAdded == 1
    assert np.asarray(found.result).tolist() == [[7, 10], [15, 22]]


def test_profile_and_time_of_programs():
    model = NET.model(used := tf.train.adam(0.01))
    given = tf.tensor2d(X)
    for _ in range(2):
        model.predict(given)
    found = tf.profile(lambda: model.predict(given)).result()
    assert found.kernelNames[-2:] == ["fusedMatMul", "softmax"]
    trained = tf.profile(lambda: model.fit(X, Y, epochs=2, verbose=0)).result()
    assert trained.result.epoch == [0, 1]
    assert [k.name for k in trained.kernels].count("applyAdam") == 2
    assert any("+" in k.name for k in trained.kernels)
    spent = tf.time(lambda: model.fit(X, Y, epochs=5, verbose=0)).result()
    assert 0 < spent.kernelMs < spent.wallMs
    assert set(spent) == {"kernelMs", "wallMs"}
    model.dispose()
    used.dispose()


def test_errors_of_profiled_code_are_raised():
    with pytest.raises(KeyError):
        tf.profile(lambda: {}["x"]).result()
    with pytest.raises(TypeError, match="function"):
        tf.time(3).result()


def logarithm(yTrue, yPred):
    return tf.mean(tf.log(yPred.sub(5)), -1)


def test_debug_mode_names_op_and_layer():
    model = tf.sequential(
        layers=[
            tf.layers.dense(units=3, inputShape=[5], name="hidden", kernelInitializer="ones"),
            tf.layers.activation(activation="relu", name="act"),
        ]
    )
    given = tf.fill([2, 5], 3e38)
    model.predict(given)
    with tf.enableDebugMode(), pytest.warns(tf.LaminaWarning, match=r"Infinity.*hidden \(Dense\)") as told:
        model.predict(given)
    assert len(told) == 1
    assert "Matmul" in str(told[0].message) or "MatMul" in str(told[0].message)
    # Off again, and compiled again.
    assert len(model.programs) > 0
    model.predict(given)
    model.dispose()


def test_debug_mode_finds_the_loss_and_eager_ops():
    model = NET.model(used := tf.train.sgd(0.1))
    model.compile(optimizer=used, loss=logarithm)
    with tf.enableDebugMode():
        with pytest.warns(tf.LaminaWarning, match=r"Found NaN in the result of 'log'.*in the loss"):
            model.trainOnBatch(X, Y).result()
        with pytest.warns(tf.LaminaWarning, match="Found NaN in the result of 'sqrt'"):
            tf.sqrt(-1.0)
    tf.sqrt(-1.0)
    model.dispose()
    used.dispose()


def test_debug_mode_runs_step_by_step_with_the_same_numbers():
    def left(debug):
        model = NET.model(used := tf.train.adam(0.01))
        if debug:
            with tf.enableDebugMode():
                history = model.fit(NET.x, NET.y, epochs=2, verbose=0, shuffle=False).result()
        else:
            history = model.fit(NET.x, NET.y, epochs=2, verbose=0, shuffle=False).result()
        found = dict(history.history), weights_of(model)
        model.dispose()
        used.dispose()
        return found

    assert left(True) == left(False)


def test_a_quick_predict_looks_like_the_method():
    model = NET.make()
    before = inspect.signature(model.predict), model.predict.__doc__, repr(model.predict)
    given = tf.tensor2d(X)
    model.predict(given)
    assert "predict" in vars(model)
    assert (inspect.signature(model.predict), model.predict.__doc__, repr(model.predict)) == before
    assert np.array_equal(model.predict(given, batchSize=3), model.predict(given))
    assert np.array_equal(model.predict(X), model.predict(x=given))
    with pytest.raises(ValueError, match="shape"):
        model.predict(tf.ones([2, 6]))
    with pytest.raises(ValueError, match="batchsize"):
        model.predict(given, batchsize=3)
    given.dispose()
    with pytest.raises(RuntimeError, match="disposed"):
        model.predict(given)
    model.dispose()


def test_a_predict_of_the_users_own_is_not_overtaken():
    class Mine(Sequential):
        def predict(self, x):
            return "mine"

    model = Mine()
    model.add(tf.layers.dense(units=1, inputShape=[2]))
    assert model.predict(x := tf.ones([1, 2])) == "mine"
    assert model.predictOnBatch(x).shape == (1, 1)
    assert model.predict(x) == "mine"
    model.dispose()
