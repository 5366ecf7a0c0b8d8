"""`trainable` takes effect at the next step, compiled again or not; what it does not touch stays."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lamina as tf
from lamina.models import programs
from support.nets import array, numbers

X, Y = numbers(12, 3, seed=1), numbers(12, 2, seed=2)
SILENT = {"verbose": 0, "batchSize": 4}


def stack(optimizer: Any = "sgd", **options: Any) -> Any:
    model = tf.sequential(
        layers=[
            tf.layers.dense(units=4, inputShape=[3], activation="tanh"),
            tf.layers.dense(units=3, activation="tanh"),
            tf.layers.dense(units=2),
        ]
    )
    model.compile(optimizer=optimizer, loss="meanSquaredError", **options)
    return model


def kernels(model: Any) -> list[np.ndarray]:
    return [array(layer.getWeights()[0]).copy() for layer in model.layers]


def moved(model: Any, act: Callable[[], Any]) -> list[bool]:
    before = kernels(model)
    act()
    return [not np.array_equal(a, b) for a, b in zip(before, kernels(model), strict=True)]


def fit(model: Any) -> None:
    model.fit(X, Y, SILENT).result()


def once(model: Any) -> None:
    model.trainOnBatch(X, Y).result()


EAGER = pytest.mark.parametrize("eager", [False, True], ids=["program", "eager"])


@EAGER
@pytest.mark.parametrize("train", [fit, once])
def test_both_ways_after_compile(train: Any, eager: bool) -> None:
    model = stack(runEagerly=eager)
    assert moved(model, lambda: train(model)) == [True, True, True]
    model.layers[0].trainable = False
    assert moved(model, lambda: train(model)) == [False, True, True]
    model.layers[1].trainable = False
    assert moved(model, lambda: train(model)) == [False, False, True]
    model.layers[0].trainable = True
    assert moved(model, lambda: train(model)) == [True, False, True]
    model.layers[1].trainable = True
    assert moved(model, lambda: train(model)) == [True, True, True]


@EAGER
def test_a_layer_that_was_frozen_at_compile(eager: bool) -> None:
    model = stack()
    model.layers[0].trainable = False
    model.compile(optimizer=tf.train.adam(0.01), loss="meanSquaredError", runEagerly=eager)
    assert moved(model, lambda: fit(model)) == [False, True, True]
    model.layers[0].trainable = True
    assert moved(model, lambda: fit(model)) == [True, True, True]


@EAGER
def test_from_a_callback(eager: bool) -> None:
    model = stack(runEagerly=eager)
    seen = [kernels(model)]

    def end(batch: int, logs: Any) -> None:
        seen.append(kernels(model))
        model.layers[0].trainable = batch % 2 == 1

    model.fit(X, Y, {**SILENT, "batchSize": 2, "callbacks": {"onBatchEnd": end}}).result()
    assert [not np.array_equal(a[0], b[0]) for a, b in itertools.pairwise(seen)] == [
        True, False, True, False, True, False,
    ]  # fmt: skip
    assert all(not np.array_equal(a[2], b[2]) for a, b in itertools.pairwise(seen))


def test_a_single_weight_and_a_cell() -> None:
    model = tf.sequential(
        layers=[tf.layers.lstm(units=2, inputShape=[3, 1], name="lstm"), tf.layers.dense(units=2)]
    )
    model.compile(optimizer="sgd", loss="meanSquaredError")
    x = X[:, :, None]
    train = lambda: model.trainOnBatch(x, Y).result()  # noqa: E731
    assert moved(model, train) == [True, True]
    model.layers[0].cell.trainable = False
    assert moved(model, train) == [False, True]
    model.layers[0].cell.trainable = True
    assert moved(model, train) == [True, True]
    model.layers[1].weights[0].trainable = False
    bias = array(model.layers[1].getWeights()[1]).copy()
    assert moved(model, train) == [True, False]
    assert not np.array_equal(bias, array(model.layers[1].getWeights()[1]))


def test_a_model_in_a_model() -> None:
    inner = tf.sequential(layers=[tf.layers.dense(units=3, inputShape=[3])])
    model = tf.sequential(layers=[inner, tf.layers.dense(units=2)])
    model.compile(optimizer="sgd", loss="meanSquaredError")
    assert moved(model, lambda: once(model)) == [True, True]
    inner.trainable = False
    assert moved(model, lambda: once(model)) == [False, True]
    inner.trainable = True
    assert moved(model, lambda: once(model)) == [True, True]


@pytest.mark.parametrize("when", ["before compile", "after compile", "in a fit"])
@EAGER
def test_nothing_left_to_train(when: str, eager: bool, tfjs: Any) -> None:
    """TensorFlow.js' error."""
    model = stack(runEagerly=eager)
    options: dict[str, Any] = {**SILENT, "epochs": 2}
    if when == "in a fit":
        options["callbacks"] = {"onEpochEnd": lambda epoch, logs: setattr(model, "trainable", False)}
    else:
        model.trainable = False
    if when == "before compile":
        model.compile(optimizer="sgd", loss="meanSquaredError", runEagerly=eager)
    theirs = tfjs.eval(
        """
        const m = tf.sequential({layers: [1, 2, 3].map(() => tf.layers.dense({units: 2, inputShape: [2]}))});
        m.compile({loss: 'meanSquaredError', optimizer: 'sgd'});
        m.layers.forEach(layer => { layer.trainable = false; });
        try { await m.trainOnBatch(tf.ones([1, 2]), tf.ones([1, 2])); return ''; }
        catch (error) { return error.message; }
        """
    )
    before = programs.fallbacks[0]
    with pytest.raises(ValueError) as raised:
        model.fit(X, Y, options).result()
    assert str(raised.value) == theirs
    with pytest.raises(ValueError, match="at least one of the input variables"):
        once(model)
    assert programs.fallbacks[0] == before
    model.trainable = True
    assert moved(model, lambda: once(model)) == [True, True, True]


@EAGER
def test_slots_stay_with_their_variables(eager: bool) -> None:
    """Momentum by hand: a variable goes on with the velocity that it had when it was frozen."""
    layer = tf.layers.dense(units=1, inputShape=[1], useBias=False)
    other = tf.layers.dense(units=1, useBias=False)
    model = tf.sequential(layers=[layer, other])
    model.compile(optimizer=tf.train.momentum(0.1, 0.9), loss=lambda y, p: p, runEagerly=eager)
    model.setWeights([[[1.0]], [[2.0]]])
    weights, speed = np.array([1.0, 2.0]), np.zeros(2)
    for frozen in (None, 0, 0, None, 1, None):
        layer.trainable, other.trainable = frozen != 0, frozen != 1
        model.trainOnBatch([[1.0]], [[0.0]]).result()
        slopes = weights[::-1].copy()
        for index in range(2):
            if index != frozen:
                speed[index] = 0.9 * speed[index] + slopes[index]
                weights[index] -= 0.1 * speed[index]
        np.testing.assert_allclose([float(array(w)[0, 0]) for w in model.getWeights()], weights, rtol=1e-5)


@EAGER
def test_penalties_of_frozen_weights_count(eager: bool) -> None:
    model = tf.sequential(
        layers=[
            tf.layers.dense(units=3, inputShape=[3], kernelRegularizer=tf.regularizers.l2(l2=0.5)),
            tf.layers.dense(units=2),
        ]
    )
    model.compile(optimizer=tf.train.sgd(0.0), loss="meanSquaredError", runEagerly=eager)
    free = model.trainOnBatch(X, Y).result()
    model.layers[0].trainable = False
    assert model.trainOnBatch(X, Y).result() == free
    plain = float(array(model.evaluate(X, Y)))
    kernel = array(model.layers[0].getWeights()[0]).astype("float64")
    assert free - plain == pytest.approx(0.5 * (kernel**2).sum(), rel=1e-4)


@EAGER
@pytest.mark.parametrize("how", ["layer", "inner", "inner with its layer free"])
def test_frozen_batch_normalization_uses_and_keeps_its_averages(how: str, eager: bool) -> None:
    """As in Keras."""
    norm = tf.layers.batchNormalization(inputShape=[3], scale=False, center=False)
    inner = tf.sequential(layers=[norm])
    model = tf.sequential(layers=[inner, tf.layers.dense(units=2)])
    model.compile(optimizer="sgd", loss="meanSquaredError", runEagerly=eager)
    averages = lambda: [array(w).copy() for w in norm.getWeights()]  # noqa: E731

    def kept() -> bool:
        before = averages()
        once(model)
        return all(np.array_equal(a, b) for a, b in zip(before, averages(), strict=True))

    assert not kept()
    if how == "layer":
        norm.trainable = False
    else:
        inner.trainable = False
    assert kept()
    # What it computes is what it computes outside of training.
    kernel, bias = (array(w) for w in model.layers[1].getWeights())
    mean, variance = averages()
    x = (X - mean) / np.sqrt(variance + 1e-3)
    model.optimizer.learningRate = 0
    assert model.trainOnBatch(X, Y).result() == pytest.approx(
        float(((x @ kernel + bias - Y) ** 2).mean()), rel=1e-5
    )
    norm.trainable = True
    inner.trainable = True
    assert not kept()


def test_a_toggle_from_another_thread_during_a_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    model = stack()
    traced = programs._traced
    began, frozen = threading.Event(), threading.Event()

    def slowly(*given: Any) -> Any:
        found = traced(*given)
        began.set()
        assert frozen.wait(10)
        return found

    def freeze() -> None:
        began.wait(10)
        model.layers[0].trainable = False
        frozen.set()

    monkeypatch.setattr(programs, "_traced", slowly)
    thread = threading.Thread(target=freeze)
    thread.start()
    # The step begins when the trace has ended.
    assert moved(model, lambda: once(model)) == [False, True, True]
    thread.join()


def test_two_traces_for_a_hundred_toggles() -> None:
    generator = tf.sequential(layers=[tf.layers.dense(units=3, inputShape=[2], activation="tanh")])
    judge = tf.sequential(layers=[tf.layers.dense(units=1, inputShape=[3], activation="sigmoid")])
    judge.compile(optimizer="adam", loss="binaryCrossentropy")
    both = tf.sequential(layers=[generator, judge])
    both.compile(optimizer="adam", loss="binaryCrossentropy")
    ones, z = np.ones((12, 1), "float32"), numbers(12, 2, seed=3)
    before = programs.traces[0]
    for _ in range(50):
        judge.trainable = True
        judge.trainOnBatch(X, ones).result()
        generator.predict(z)
        judge.trainable = False
        still = array(judge.getWeights()[0]).copy()
        both.trainOnBatch(z, ones).result()
        assert np.array_equal(still, array(judge.getWeights()[0]))
    # Of the judge, of both, and of generator.predict.
    assert programs.traces[0] - before == 3
    for toggled in (True, False) * 50:
        judge.trainable = toggled
        both.trainOnBatch(z, ones).result()
    assert programs.traces[0] - before == 4


# --- the order of weights ---


def test_weights_taken_a_layer_frozen_weights_put_back() -> None:
    model = stack()
    model.setWeights([np.full(w.shape, index, "float32") for index, w in enumerate(model.weights)])
    taken = model.getWeights()
    for frozen in ((0,), (0, 2), (1,), (0, 1, 2), ()):
        for index, layer in enumerate(model.layers):
            layer.trainable = index not in frozen
        assert [float(array(w).flat[0]) for w in model.getWeights()] == [0, 1, 2, 3, 4, 5]
        model.setWeights(taken)
        assert [float(array(w).flat[0]) for layer in model.layers for w in layer.getWeights()] == [
            0, 1, 2, 3, 4, 5,
        ]  # fmt: skip
    model.trainable = False
    assert [float(array(w).flat[0]) for w in model.getWeights()] == [0, 1, 2, 3, 4, 5]
    assert model.getWeights(True) == []


def test_the_order_is_that_of_tensorflowjs_with_nothing_frozen(tfjs: Any) -> None:
    def names(frozen: bool) -> list[str]:
        norm = tf.layers.batchNormalization(inputShape=[2], name="norm")
        inner = tf.sequential(layers=[norm, tf.layers.dense(units=2, name="inside")])
        model = tf.sequential(layers=[inner, tf.layers.dense(units=1, name="last")])
        norm.trainable = not frozen
        return [w.originalName for w in model.weights]

    theirs = tfjs.eval(
        """
        const inner = tf.sequential({layers: [
            tf.layers.batchNormalization({inputShape: [2], name: 'norm'}),
            tf.layers.dense({units: 2, name: 'inside'})]});
        const m = tf.sequential({layers: [inner, tf.layers.dense({units: 1, name: 'last'})]});
        return m.weights.map(w => w.originalName);
        """
    )
    assert names(False) == names(True) == theirs
