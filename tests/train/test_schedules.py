"""Learning rates that follow the number of the step: their values, and optimizers that follow them."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import lamina as tf
from lamina.models import programs
from support.nets import NETS, array, close, numbers

s = tf.train.schedules

# (ours, Keras' of the same values)
PAIRS = {
    "exponential": (
        lambda: s.exponentialDecay(0.1, 10, 0.5),
        lambda k: k.ExponentialDecay(0.1, 10, 0.5),
    ),
    "staircase": (
        lambda: s.exponentialDecay(0.1, 10, 0.5, True),
        lambda k: k.ExponentialDecay(0.1, 10, 0.5, staircase=True),
    ),
    "inverse": (
        lambda: s.inverseTimeDecay(0.1, 7, 0.5),
        lambda k: k.InverseTimeDecay(0.1, 7, 0.5),
    ),
    "inverse_staircase": (
        lambda: s.inverseTimeDecay(initialLearningRate=0.1, decaySteps=7, decayRate=0.5, staircase=True),
        lambda k: k.InverseTimeDecay(0.1, 7, 0.5, staircase=True),
    ),
    "polynomial": (
        lambda: s.polynomialDecay(0.1, 20, 0.01, 2),
        lambda k: k.PolynomialDecay(0.1, 20, 0.01, 2.0),
    ),
    "polynomial_cycle": (
        lambda: s.polynomialDecay(0.1, 8, 0.01, 1.5, True),
        lambda k: k.PolynomialDecay(0.1, 8, 0.01, 1.5, cycle=True),
    ),
    "piecewise": (
        lambda: s.piecewiseConstantDecay([3, 10, 20], [1.0, 0.5, 0.25, 0.1]),
        lambda k: k.PiecewiseConstantDecay([3, 10, 20], [1.0, 0.5, 0.25, 0.1]),
    ),
    "cosine": (lambda: s.cosineDecay(0.1, 25, 0.2), lambda k: k.CosineDecay(0.1, 25, 0.2)),
    "cosine_warm": (
        lambda: s.cosineDecay(0.02, 20, 0.1, warmupTarget=0.3, warmupSteps=6),
        lambda k: k.CosineDecay(0.02, 20, 0.1, warmup_target=0.3, warmup_steps=6),
    ),
    "restarts": (
        lambda: s.cosineDecayRestarts(0.1, 5, 2, 0.7, 0.05),
        lambda k: k.CosineDecayRestarts(0.1, 5, 2.0, 0.7, 0.05),
    ),
    "restarts_even": (
        lambda: s.cosineDecayRestarts(0.1, 5, 1, 0.9),
        lambda k: k.CosineDecayRestarts(0.1, 5, 1.0, 0.9),
    ),
    "warm_up": (
        lambda: s.warmUp(s.cosineDecay(0.3, 20, 0.1), 6, 0.02),
        lambda k: k.CosineDecay(0.02, 20, 0.1, warmup_target=0.3, warmup_steps=6),
    ),
}


@pytest.mark.peers
@pytest.mark.parametrize("name", PAIRS)
def test_values_are_those_of_keras(name: str) -> None:
    keras = pytest.importorskip("keras", reason="Keras is not installed")
    jax = pytest.importorskip("jax", reason="JAX is not installed")
    # Compiled once, as in Keras' training; step by step each branch would be compiled anew.
    ours, theirs = PAIRS[name][0](), jax.jit(PAIRS[name][1](keras.optimizers.schedules))
    # At the very edge of a restart the rounding of a logarithm decides on which side it lies.
    steps = [step for step in range(40) if not (name == "restarts" and step in (5, 15, 35))]
    found = [float(ours(step)) for step in steps]
    np.testing.assert_allclose(found, [float(theirs(step)) for step in steps], rtol=2e-5, atol=1e-8)


def test_values_by_hand() -> None:
    steps = [0, 1, 2, 3, 4, 9]
    for schedule, expected in (
        (s.exponentialDecay(8, 2, 0.25), [8, 4, 2, 1, 0.5, 8 * 0.25**4.5]),
        (s.exponentialDecay(8, 2, 0.25, True), [8, 8, 2, 2, 0.5, 8 * 0.25**4]),
        (s.inverseTimeDecay(8, 1, 1), [8, 4, 8 / 3, 2, 1.6, 0.8]),
        (s.polynomialDecay(9, 4, 1), [9, 7, 5, 3, 1, 1]),
        (s.piecewiseConstantDecay([1, 3], [5, 4, 3]), [5, 5, 4, 4, 3, 3]),
        (s.cosineDecay(2, 4), [2, 1 + np.sqrt(0.5), 1, 1 - np.sqrt(0.5), 0, 0]),
        (s.cosineDecayRestarts(2, 2, 1), [2, 1, 2, 1, 2, 1]),
        (s.warmUp(8, 4), [0, 2, 4, 6, 8, 8]),
        (s.warmUp(s.exponentialDecay(8, 1, 0.5), 2, 4), [4, 6, 8, 4, 2, 8 / 2**7]),
    ):
        np.testing.assert_allclose([float(schedule(step)) for step in steps], expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: s.exponentialDecay(0.1), "decaySteps"),
        (lambda: s.exponentialDecay(0.1, 0, 0.5), "decaySteps"),
        (lambda: s.exponentialDecay(initial_learning_rate=0.1), "initialLearningRate"),
        (lambda: s.piecewiseConstantDecay([1, 2], [1, 2]), "2 boundaries need 3 values, got 2"),
        (lambda: s.piecewiseConstantDecay([2, 1], [1, 2, 3]), "must increase"),
        (lambda: tf.train.sgd(lr={"className": "CosineDecoy", "config": {}}), "CosineDecay"),
        (lambda: tf.train.sgd("exponentialDecay"), "a number or a schedule"),
    ],
)
def test_wrong_options_are_named(call: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        call()
    with pytest.raises(AttributeError, match=r"tf\.train\.schedules\.exponentialDecay"):
        s.exponential_decay()


def test_minimize_follows_it() -> None:
    optimizer = tf.train.sgd(s.piecewiseConstantDecay([1], [0.5, 0.25]))
    w = tf.variable(tf.scalar(0.0))
    for expected in (-0.5, -1.0, -1.25, -1.5):
        optimizer.minimize(lambda: w.mul(1))
        assert float(w) == expected
    assert optimizer.iterations == 4
    assert optimizer.learningRate == 0.25
    w.dispose()
    optimizer.dispose()


def test_rates_and_schedules_take_turns() -> None:
    """Between single steps, compiled ones, and at any time."""
    found = {}
    for eager in (False, True):
        net = NETS[0]
        model = net.make()
        optimizer = tf.train.sgd(0.1)
        model.setWeights([0.5 * numbers(*w.shape, seed=i) for i, w in enumerate(model.weights)])
        model.compile(optimizer=optimizer, loss=net.loss, runEagerly=eager)
        losses = []
        before = programs.fallbacks[0]
        for rate in (None, s.warmUp(0.3, 4), 0.01, s.exponentialDecay(0.5, 2, 0.5), s.cosineDecay(0.3, 9)):
            if rate is not None:
                optimizer.setLearningRate(rate)
            losses += [model.trainOnBatch(x, y).result() for x, y in net.batches(3)]
            losses += model.fit(net.x, net.y, epochs=2, batchSize=8, shuffle=False).result().history.loss
        assert programs.fallbacks[0] == before
        assert optimizer.learningRateSchedule is rate
        found[eager] = losses, [array(w).tolist() for w in model.getWeights()], optimizer.iterations
        model.dispose()
        optimizer.dispose()
    assert found[False] == found[True]
    assert found[True][2] == 65


def test_a_program_follows_it_without_being_traced_anew() -> None:
    net = NETS[0]
    model = net.model(optimizer := tf.train.sgd(s.exponentialDecay(0.1, 5, 0.5)))
    model.fit(net.x, net.y, epochs=2, batchSize=8).result()
    assert len(model.programs) == 1
    kept = [entry for _, _, entry in model.programs]
    for _ in range(3):
        model.fit(net.x, net.y, epochs=2, batchSize=8).result()
    assert [entry for _, _, entry in model.programs] == kept
    assert optimizer.learningRate == pytest.approx(0.1 * 0.5 ** (40 / 5), rel=1e-5)
    # A changed option of the schedule is traced anew.
    optimizer.learningRateSchedule.initialLearningRate = 0.0
    weights = [array(w) for w in model.getWeights()]
    model.fit(net.x, net.y, epochs=1, batchSize=8).result()
    assert all(np.array_equal(a, array(b)) for a, b in zip(weights, model.getWeights(), strict=True))
    model.dispose()
    optimizer.dispose()


class Halving(s.LearningRateSchedule):
    """A schedule of one's own."""

    className = "Halving"
    options = (tf.config.option("first", tf.config.Number(), doc="The first rate."),)

    def call(self, step: Any) -> Any:
        return tf.mul(self.first, tf.pow(0.5, step))


def test_a_schedule_of_ones_own() -> None:
    tf.serialization.registerClass(Halving)
    net = NETS[0]
    found = []
    for eager in (True, False):
        model = net.make()
        model.setWeights([0.5 * numbers(*w.shape, seed=i) for i, w in enumerate(model.weights)])
        optimizer = tf.train.sgd(Halving(first=0.5))
        model.compile(optimizer=optimizer, loss=net.loss, runEagerly=eager)
        before = programs.fallbacks[0]
        found.append(model.fit(net.x, net.y, epochs=3, batchSize=8, shuffle=False).result().history.loss)
        assert programs.fallbacks[0] == before
        model.dispose()
        optimizer.dispose()
    assert found[0] == found[1]
    again = tf.train.sgd(0.1).fromConfig(optimizer.getConfig())
    assert isinstance(again.learningRateSchedule, Halving)
    assert again.learningRateSchedule.first == 0.5
    again.dispose()


@pytest.mark.parametrize("name", PAIRS)
def test_configs(name: str) -> None:
    schedule = PAIRS[name][0]()
    optimizer = tf.train.adam(schedule)
    config = json.loads(json.dumps(optimizer.getConfig()))
    again = tf.train.adam(0.1).fromConfig(config)
    assert again.getConfig() == optimizer.getConfig()
    assert float(again.learningRateSchedule(7)) == float(schedule(7))
    optimizer.dispose()
    again.dispose()


def test_keras_spelling_is_read() -> None:
    config = {
        "learning_rate": {
            "module": "keras.optimizers.schedules",
            "class_name": "ExponentialDecay",
            "config": {
                "initial_learning_rate": 0.1,
                "decay_steps": 10,
                "decay_rate": 0.5,
                "staircase": False,
            },
            "registered_name": None,
        }
    }
    from lamina.serialization import deserialize

    optimizer = deserialize({"class_name": "SGD", "config": config})
    assert optimizer.learningRateSchedule.decaySteps == 10
    optimizer.dispose()


def test_saved_and_gone_on_with(tmp_path: Any, tfjs: Any) -> None:
    def rest(model: Any) -> list[float]:
        return model.fit(net.x, net.y, epochs=2, batchSize=8, shuffle=False).result().history.loss

    net = NETS[0]
    model = net.model(optimizer := tf.train.adam(s.cosineDecay(0.1, 30), clipNorm=0.5))
    rest(model)
    model.save(tmp_path, includeOptimizer=True).result()
    config = json.loads((tmp_path / "model.json").read_text())["trainingConfig"]["optimizer_config"]["config"]
    # TensorFlow.js goes on with the rate of the moment.
    assert config["learningRate"] == optimizer.learningRate
    assert config["learningRateSchedule"]["className"] == "CosineDecay"
    code = "(await helpers.loadModel(dir)).optimizer.getConfig().learningRate"
    assert tfjs.eval(f"return {code};", dir=str(tmp_path)) == pytest.approx(optimizer.learningRate)
    again = tf.loadLayersModel(tmp_path).result()
    assert again.optimizer.iterations == optimizer.iterations == 10
    assert again.optimizer.clipNorm == 0.5
    assert rest(again) == rest(model)
    for ours, theirs in zip(model.getWeights(), again.getWeights(), strict=True):
        assert close(array(ours), array(theirs), 0)
    for each in (model, again, optimizer):
        each.dispose()
