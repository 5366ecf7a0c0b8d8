"""Optimizers by themselves: options, slots, gradients by name, state."""

from __future__ import annotations

import numpy as np
import pytest

import lamina as tf
from support.nets import NETS, array, numbers


def value(variable) -> np.ndarray:
    return np.array(variable.arraySync(), np.float32)


def test_every_spelling_is_the_same():
    for optimizer in (
        tf.train.sgd(0.1),
        tf.train.sgd({"learningRate": 0.1}),
        tf.train.sgd({"lr": 0.1}),
        tf.train.sgd(lr=0.1),
        tf.train.sgd(learningRate=0.1),
    ):
        assert optimizer.learningRate == 0.1
        assert optimizer.getConfig() == {"learningRate": 0.1}
        assert optimizer.getClassName() == "SGD"
        optimizer.dispose()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (tf.train.sgd, "learningRate"),
        (tf.train.rmsprop, "learningRate"),
        (lambda: tf.train.sgd(learning_rate=0.1), "learningRate"),
        (lambda: tf.train.sgd({"lr": 0.1, "learningRate": 0.1}), "same option"),
        (lambda: tf.train.sgd(0.1, 0.2), "at most 1"),
        (lambda: tf.train.adam({"beta1": 2}), "beta1"),
        (lambda: tf.train.sgd(float("nan")), "learningRate"),
        (lambda: tf.train.sgd("fast"), "learningRate"),
    ],
)
def test_wrong_options_are_named(call, said):
    with pytest.raises(ValueError, match=said):
        call()


def test_configs():
    adam = tf.train.adam()
    assert adam.getConfig() == {"learningRate": 0.001, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-7}
    again = type(adam).fromConfig(adam.getConfig())
    assert again.getConfig() == adam.getConfig()
    momentum = tf.train.momentum(0.1, 0.9)
    assert momentum.getConfig() == {"learningRate": 0.1, "momentum": 0.9, "useNesterov": False}
    for each in (adam, again, momentum):
        each.dispose()


def test_minimize_moves_only_the_variables_given():
    a, b = tf.variable(tf.scalar(2.0)), tf.variable(tf.scalar(3.0))
    optimizer = tf.train.sgd(0.1)
    cost = optimizer.minimize(lambda: a.mul(b), True, [a])
    assert float(cost) == 6
    assert float(a) == pytest.approx(2 - 0.1 * 3)
    assert float(b) == 3
    assert optimizer.iterations == 1
    assert optimizer.minimize(lambda: a.mul(b)) is None
    assert float(b) == pytest.approx(3 - 0.1 * 1.7)
    for each in (a, b, optimizer):
        each.dispose()


def test_compute_and_apply_gradients_by_name_and_by_list():
    w = tf.variable(tf.tensor1d([1, 2]))
    optimizer = tf.train.sgd(0.5)
    found = optimizer.computeGradients(lambda: w.mul(w).sum())
    assert float(found["value"]) == 5
    assert value(found["grads"][w.name]).tolist() == [2, 4]
    optimizer.applyGradients(found["grads"])
    assert value(w).tolist() == [0, 0]
    optimizer.applyGradients([{"name": w.name, "tensor": tf.tensor1d([2, -2])}])
    assert value(w).tolist() == [-1, 1]
    with pytest.raises(ValueError, match="nobody"):
        optimizer.applyGradients({"nobody": tf.scalar(1)})
    w.dispose()
    optimizer.dispose()


def test_learning_rate_changes_take_effect():
    for optimizer in (
        tf.train.sgd(0.1),
        tf.train.momentum(0.1, 0.0),
        tf.train.rmsprop(0.1),
        tf.train.adam(0.1),
    ):
        w = tf.variable(tf.scalar(1.0))
        optimizer.setLearningRate(0)
        optimizer.minimize(lambda w=w: w.mul(w))
        assert float(w) == 1
        optimizer.learningRate = 0.25
        optimizer.minimize(lambda w=w: w.mul(w))
        assert float(w) < 1
        w.dispose()
        optimizer.dispose()


def test_slots_belong_to_variables_not_to_places():
    a, b = tf.variable(tf.scalar(1.0)), tf.variable(tf.scalar(1.0))
    optimizer = tf.train.momentum(0.1, 0.9)
    optimizer.minimize(lambda: a.mul(4).add(b))
    # Now b comes first: it keeps its own momentum of 1, and a waits with its 4.
    optimizer.minimize(lambda: b.mul(0), False, [b])
    assert float(b) == pytest.approx(1 - 0.1 - 0.1 * 0.9)
    optimizer.minimize(lambda: a.mul(0), False, [a])
    assert float(a) == pytest.approx(1 - 0.4 - 0.4 * 0.9)
    for each in (a, b, optimizer):
        each.dispose()


def test_state_goes_on_bit_for_bit():
    def run(split: int | None) -> list[float]:
        net = NETS[0]
        optimizer = tf.train.adam(0.01)
        model = net.model(optimizer)
        for step, (x, y) in enumerate(net.batches(12)):
            if step == split:
                state = optimizer.getWeights().result()
                other = tf.train.adam(0.01)
                other.setWeights(state).result()
                optimizer.dispose()
                optimizer = other
                weights = [w.clone() for w in model.getWeights()]
                model.dispose()
                model = net.model(optimizer)
                model.setWeights(weights)
            model.trainOnBatch(x, y).result()
        found = [v for w in model.getWeights() for v in array(w).ravel().tolist()]
        model.dispose()
        optimizer.dispose()
        return found

    assert run(None) == run(5)


def test_state_that_does_not_fit_is_refused():
    adam = tf.train.adam()
    with pytest.raises(ValueError, match="slots"):
        adam.setWeights([{"name": "iter", "tensor": tf.scalar(1)}, {"name": "a/m", "tensor": tf.scalar(1)}])
    sgd = tf.train.sgd(0.1)
    with pytest.raises(ValueError, match="does not have settable weights"):
        sgd.setWeights([{"name": "iter", "tensor": tf.scalar(1)}, {"name": "a/m", "tensor": tf.scalar(1)}])
    adam.dispose()
    sgd.dispose()


@pytest.mark.parametrize(
    ("constraint", "holds"),
    [
        (
            {"className": "MaxNorm", "config": {"maxValue": 0.1, "axis": 0}},
            lambda w: np.linalg.norm(w, axis=0).max() <= 0.1001,
        ),
        ("nonNeg", lambda w: w.min() >= 0),
        ("unitNorm", lambda w: np.allclose(np.linalg.norm(w, axis=0), 1, atol=1e-5)),
    ],
)
def test_constraints_hold_after_every_update(constraint, holds):
    model = tf.sequential(layers=[tf.layers.dense(units=2, inputShape=[3], kernelConstraint=constraint)])
    model.compile(optimizer="sgd", loss="meanSquaredError")
    x, y = numbers(8, 3), numbers(8, 2, seed=1)
    for _ in range(3):
        model.trainOnBatch(x, y).result()
        assert holds(array(model.getWeights()[0]))
    model.dispose()


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("sgd", {"learningRate": 0.01}),
        ("SGD", {"learningRate": 0.01}),
        ("adam", {"learningRate": 0.001, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-7}),
        ("Adam", {"learningRate": 0.001, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-7}),
        (
            "rmsprop",
            {"learningRate": 0.001, "decay": 0.9, "momentum": 0.0, "epsilon": 1e-7, "centered": False},
        ),
    ],
)
def test_strings_for_compile(name, config):
    model = NETS[0].model(name)
    assert model.optimizer.getConfig() == config
    model.dispose()


@pytest.mark.parametrize(
    ("name", "said"),
    [("momentum", "tf.train.momentum"), ("adma", "adam"), ("nope", "Unknown optimizer nope")],
)
def test_unknown_strings_for_compile(name, said):
    model = NETS[0].make()
    with pytest.raises(ValueError, match=said):
        model.compile(optimizer=name, loss="meanSquaredError")
    with pytest.raises(ValueError, match=r"instance of tf\.Optimizer"):
        model.compile(optimizer=tf.train.sgd, loss="meanSquaredError")
    model.dispose()


@pytest.mark.parametrize(
    ("namespace", "name", "said"),
    [
        ("train", "SGD", "tf.train.sgd"),
        ("metrics", "accuracy", "tf.metrics"),
        ("metrics", "binary_accuracy", "tf.metrics.binaryAccuracy"),
        ("callbacks", "early_stopping", "tf.callbacks.earlyStopping"),
        ("io", "from_memory", "tf.io.fromMemory"),
        ("models", "load_layers_model", "tf.models.loadLayersModel"),
    ],
)
def test_unknown_names_are_answered(namespace, name, said):
    with pytest.raises(AttributeError, match=said):
        getattr(getattr(tf, namespace), name)
