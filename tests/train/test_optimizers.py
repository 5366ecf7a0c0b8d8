"""Optimizers by themselves: options, slots, gradients by name, state."""

from __future__ import annotations

import numpy as np
import pytest

import lamina as tf
from support.nets import NETS, array, numbers

# One of each kind.
EVERY = {
    "sgd": lambda: tf.train.sgd(0.1),
    "momentum": lambda: tf.train.momentum(0.1, 0.5),
    "adagrad": lambda: tf.train.adagrad(0.1),
    "adadelta": lambda: tf.train.adadelta(0.1),
    "adam": lambda: tf.train.adam(0.1),
    "adamax": lambda: tf.train.adamax(0.1, decay=0.1),
    "rmsprop": lambda: tf.train.rmsprop(0.1),
    "rmsprop_centered": lambda: tf.train.rmsprop(0.1, 0.9, 0.5, 1e-5, True),
    "adamw": lambda: tf.train.adamw(0.01, weightDecay=0.1),
    "nadam": lambda: tf.train.nadam(0.1),
    "lion": lambda: tf.train.lion(0.01, weightDecay=0.1),
    "clipped": lambda: tf.train.adam(0.1, globalClipNorm=0.1),
    "scheduled": lambda: tf.train.adam(tf.train.schedules.cosineDecay(0.1, 30)),
}


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
    for make in EVERY.values():
        optimizer = make()
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


@pytest.mark.parametrize("name", EVERY)
def test_state_goes_on_bit_for_bit(name):
    def run(split: int | None) -> list[float]:
        net = NETS[0]
        optimizer = EVERY[name]()
        model = net.model(optimizer)
        for step, (x, y) in enumerate(net.batches(12)):
            if step == split:
                state = optimizer.getWeights().result()
                other = EVERY[name]()
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


@pytest.mark.parametrize("name", EVERY)
def test_saved_in_a_file_and_gone_on_with(name, tmp_path):
    def rest(trained) -> list[float]:
        return trained.fit(net.x, net.y, epochs=2, batchSize=8, shuffle=False).result().history.loss

    net = NETS[0]
    optimizer = EVERY[name]()
    model = net.model(optimizer)
    rest(model)
    model.save(tmp_path, includeOptimizer=True).result()
    again = tf.loadLayersModel(tmp_path).result()
    assert type(again.optimizer) is type(optimizer)
    assert again.optimizer.getConfig() == optimizer.getConfig()
    assert rest(again) == rest(model)
    for ours, theirs in zip(model.getWeights(), again.getWeights(), strict=True):
        assert np.array_equal(array(ours), array(theirs))
    for each in (model, again, optimizer):
        each.dispose()


def test_scalars_of_a_long_training():
    """They are made again step by step, until they stand still."""
    for name in ("adam", "adamax", "nadam"):
        optimizer = EVERY[name]()
        optimizer.setWeights([{"name": "iter", "tensor": tf.scalar(200_000, "int32")}]).result()
        assert optimizer.iterations == 200_000
        scalars = [float(v) for v in optimizer.variables()]
        assert scalars[0] == (200_000 if name == "adamax" else pytest.approx(0, abs=1e-30)), name
        optimizer.dispose()


@pytest.mark.parametrize("name", EVERY)
def test_gradients_of_zero_and_nan(name):
    """Without a slope nothing moves but by weight decay; NaN is seen in the weight."""
    optimizer = EVERY[name]()
    w = tf.variable(tf.tensor1d([1.0, 1.0]))
    optimizer.applyGradients({w.name: tf.tensor1d([0.0, float("nan")])})
    still, lost = value(w)
    assert np.isnan(lost)
    if name == "clipped":
        # One length of all gradients together: it is NaN, too.
        assert np.isnan(still)
    else:
        assert still == (pytest.approx(1 - 0.01 * 0.1) if hasattr(optimizer, "weightDecay") else 1)
    w.dispose()
    optimizer.dispose()


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("sgd", [0.1]),
        ("momentum", [0.1, 0.9]),
        ("adagrad", [0.1]),
        ("adadelta", []),
        ("adam", []),
        ("adamax", []),
        ("rmsprop", [0.1]),
    ],
)
def test_counts_of_memory(tfjs, name, args):
    """Tensors alive once it is made, after two steps, and when it is disposed."""
    theirs = tfjs.eval(
        """const v = tf.variable(tf.tensor1d([1, 2])), out = [], start = tf.memory().numTensors;
        const see = () => out.push(tf.memory().numTensors - start);
        const o = tf.train[name](...args); see();
        for (let i = 0; i < 2; ++i) { o.minimize(() => v.square().sum()); see(); }
        o.dispose(); see();
        return out;""",
        name=name, args=args,
    )  # fmt: skip
    v = tf.variable(tf.tensor1d([1, 2]))
    start = tf.memory().numTensors
    optimizer = getattr(tf.train, name)(*args)
    found = [tf.memory().numTensors - start]
    for _ in range(2):
        optimizer.minimize(lambda: v.square().sum())
        found.append(tf.memory().numTensors - start)
    optimizer.dispose()
    found.append(tf.memory().numTensors - start)
    if name == "momentum":
        # There its momentum is a tensor, which nothing disposes.
        theirs = [count - 1 for count in theirs]
    assert found == theirs
    v.dispose()


@pytest.mark.parametrize(
    ("options", "grads", "expected"),
    [
        ({"clipValue": 2}, [[1, -5], [3, 0.5]], [[1, -2], [2, 0.5]]),
        ({"clipNorm": 5}, [[6, 8], [3, 4]], [[3, 4], [3, 4]]),
        ({"globalClipNorm": 6.5}, [[3, 4], [0, 12]], [[1.5, 2], [0, 6]]),
        ({"globalClipNorm": 13}, [[3, 4], [0, 12]], [[3, 4], [0, 12]]),
        ({"clipNorm": 5}, [[0, 0], [0, 0]], [[0, 0], [0, 0]]),
    ],
)
def test_limits_of_gradients(options, grads, expected):
    optimizer = tf.train.sgd(1, **options)
    assert optimizer.getConfig() == {"learningRate": 1, **options}
    weights = [tf.variable(tf.zeros([2])) for _ in grads]
    optimizer.applyGradients({w.name: tf.tensor1d(g) for w, g in zip(weights, grads, strict=True)})
    np.testing.assert_allclose([value(w) for w in weights], -np.array(expected), rtol=1e-6)
    for each in (*weights, optimizer):
        each.dispose()


def test_one_limit_at_a_time():
    with pytest.raises(ValueError, match="only one of clipNorm and clipValue"):
        tf.train.adam(clipNorm=1, clipValue=1)
    for wrong in (0, -1, "a"):
        with pytest.raises(ValueError, match="clipNorm"):
            tf.train.adam(clipNorm=wrong)


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
        ("adagrad", {"learningRate": 0.01, "initialAccumulatorValue": 0.1}),
        ("Adadelta", {"learningRate": 1.0, "rho": 0.95, "epsilon": 1e-7}),
        (
            "adamax",
            {"learningRate": 0.002, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-7, "decay": 0.0},
        ),
        (
            "adamw",
            {"learningRate": 0.001, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-7, "weightDecay": 0.004},
        ),
        ("Nadam", {"learningRate": 0.001, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-7}),
        ("lion", {"learningRate": 0.001, "beta1": 0.9, "beta2": 0.99, "weightDecay": 0.0}),
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
