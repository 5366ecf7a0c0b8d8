"""What changes while Programs exist: attributes, weights, rates, compilations, shapes, and other models."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pytest

import lamina as tf
from lamina.models import programs
from support.nets import NETS, array, numbers, weights_for

from .sides import assert_same, bits, optimizer_of, weights_of

X, Y = numbers(12, 3, seed=1), numbers(12, 2, seed=2)


def make(**options: Any) -> Any:
    model = tf.sequential(
        layers=[
            tf.layers.dense(units=4, inputShape=[3], activation="tanh", name="first"),
            tf.layers.dropout(rate=0.0, name="drop"),
            tf.layers.dense(units=2, name="last", **options),
        ]
    )
    model.setWeights(weights_for(model))
    return model


def after(act: Any, eager: bool, optimizer: Any = "sgd", **fit: Any) -> tuple[Any, ...]:
    """What a fit leaves behind in which `act(model, epoch)` is called at the end of each epoch."""
    model = make()
    tf.setRandomSeed(4)
    model.compile(optimizer=optimizer, loss="meanSquaredError", runEagerly=eager)
    hooks = {"onEpochEnd": lambda epoch, logs: act(model, epoch)}
    options = {"epochs": 4, "batchSize": 5, "verbose": 0, "callbacks": hooks, **fit}
    history = model.fit(X, Y, options).result()
    left = dict(history.history), weights_of(model), optimizer_of(model), bits(model.predict(X))
    model.dispose()
    return left


def same_on_both_sides(act: Any, **options: Any) -> tuple[Any, ...]:
    before = programs.fallbacks[0]
    compiled = after(act, False, **options)
    assert programs.fallbacks[0] == before
    assert compiled == after(act, True, **options)
    return compiled


def untouched(model: Any, epoch: int) -> None:
    """A callback that does nothing."""


def set_rate(model: Any, epoch: int) -> None:
    model.layers[1].rate = 0.5 if epoch >= 1 else 0.0


def change_activation(model: Any, epoch: int) -> None:
    if epoch == 1:
        model.layers[0].activation = tf.layers.activation(activation="relu").activation


def set_learning_rate(model: Any, epoch: int) -> None:
    model.optimizer.learningRate = 0.1 / (epoch + 1)


def set_weights(model: Any, epoch: int) -> None:
    if epoch == 1:
        model.setWeights([2 * array(w) for w in model.getWeights()])


def assign(model: Any, epoch: int) -> None:
    model.layers[0].weights[0].read().assign(tf.ones([3, 4]))


def write(model: Any, epoch: int) -> None:
    model.layers[2].weights[1].write(tf.fill([2], epoch))


def stop(model: Any, epoch: int) -> None:
    model.stopTraining = epoch == 1


def predict_and_evaluate(model: Any, epoch: int) -> None:
    model.predict(X)
    model.evaluate(X, Y)


@pytest.mark.parametrize(
    "act",
    [set_rate, change_activation, set_learning_rate, set_weights, assign, write, stop, predict_and_evaluate],
    ids=lambda f: f.__name__,
)
def test_a_callback_changes_something(act):
    changed = same_on_both_sides(act)
    if act is not predict_and_evaluate:
        assert changed != after(untouched, False)


@pytest.mark.parametrize("where", ["onBatchBegin", "onBatchEnd"])
def test_a_batch_callback_changes_something(where):
    def left(eager):
        model = make()
        tf.setRandomSeed(4)
        model.compile(optimizer="adam", loss="meanSquaredError", runEagerly=eager)

        def act(batch, logs):
            model.layers[1].rate = 0.25 * batch
            model.optimizer.learningRate = 0.01 * (batch + 1)

        model.fit(X, Y, {"epochs": 2, "batchSize": 4, "verbose": 0, "callbacks": {where: act}}).result()
        found = weights_of(model), optimizer_of(model), dict(model.history.history)
        model.dispose()
        return found

    assert left(False) == left(True)


def test_recompiling_in_a_callback_leaves_the_running_fit_alone():
    def recompile(model, epoch):
        if epoch == 1:
            model.compile(optimizer="sgd", loss="meanAbsoluteError")

    model = make()
    model.compile(optimizer="sgd", loss="meanSquaredError")
    hooks = {"onEpochEnd": lambda epoch, logs: recompile(model, epoch)}
    history = model.fit(X, Y, epochs=4, verbose=0, shuffle=False, callbacks=hooks).result()
    other = make()
    other.compile(optimizer="sgd", loss="meanSquaredError")
    expected = other.fit(X, Y, epochs=4, verbose=0, shuffle=False).result()
    assert history.history == expected.history
    assert weights_of(model) == weights_of(other)
    # The next fit uses what was compiled last.
    again = model.fit(X, Y, epochs=1, verbose=0).result().history.loss[0]
    assert again == pytest.approx(float(other_loss(other)), rel=1e-5)
    model.dispose()
    other.dispose()


def other_loss(model: Any) -> Any:
    model.compile(optimizer="sgd", loss="meanAbsoluteError")
    return model.evaluate(X, Y)


def test_freezing_between_fits():
    model = make()
    model.compile(optimizer="adam", loss="meanSquaredError")
    model.fit(X, Y, verbose=0).result()
    first = bits(model.layers[0].getWeights()[0])
    model.layers[0].trainable = False
    model.compile(optimizer="adam", loss="meanSquaredError")
    model.fit(X, Y, verbose=0).result()
    assert bits(model.layers[0].getWeights()[0]) == first
    model.layers[0].trainable = True
    model.compile(optimizer="adam", loss="meanSquaredError")
    model.fit(X, Y, verbose=0).result()
    assert bits(model.layers[0].getWeights()[0]) != first
    model.dispose()


def test_weights_set_between_calls_are_seen():
    model = make()
    before = bits(model.predict(X))
    assert bits(model.predict(X)) == before
    for change in (
        lambda: model.setWeights([array(w) + 1 for w in model.getWeights()]),
        lambda: model.layers[2].setWeights([tf.fill([4, 2], 0.25), tf.zeros([2])]),
        lambda: model.weights[1].read().assign(tf.ones([4])),
        lambda: model.weights[3].write(tf.ones([2])),
    ):
        change()
        now = bits(model.predict(X))
        assert now != before
        fresh = make()
        fresh.setWeights(model.getWeights())
        assert bits(fresh.predict(X)) == now
        fresh.dispose()
        before = now
    model.dispose()


def test_what_was_taken_before_a_step_stays():
    model = make()
    model.compile(optimizer=(used := tf.train.adam(0.1)), loss="meanSquaredError")
    model.trainOnBatch(X, Y).result()
    clone = model.weights[0].read().clone()
    listed = model.getWeights()
    view = np.asarray(model.weights[0].read())
    state = used.getWeights().result()
    slots = [np.asarray(w.tensor) for w in state]
    held = [clone, *listed, view, *slots]
    before = [bits(h) for h in held]
    model.trainOnBatch(X, Y).result()
    model.fit(X, Y, epochs=3, verbose=0).result()
    assert [bits(h) for h in held] == before
    assert bits(model.getWeights()[0]) != before[0]
    model.dispose()
    used.dispose()
    assert [bits(h) for h in held[:-1]] == before[:-1]


def test_predictions_stay_when_the_next_is_made():
    model = make()
    first = model.predict(X)
    before = bits(first)
    model.predict(2 * X)
    assert bits(first) == before
    given = tf.tensor2d(X)
    for _ in range(3):
        kept = [model.predict(given), model.predict(given)]
        assert bits(kept[0]) == bits(kept[1]) == before
    model.dispose()


def test_a_layer_in_two_models_with_their_own_optimizers():
    def left(eager):
        layer = tf.layers.dense(units=3, inputShape=[3], name="common", kernelInitializer="ones")
        models = []
        for name in ("a", "b"):
            x = tf.input(shape=[3])
            last = tf.layers.dense(units=2, name=name, kernelInitializer="ones")
            models.append(tf.model(inputs=x, outputs=last.apply(layer.apply(x))))
        used = [tf.train.adam(0.05), tf.train.momentum(0.1, 0.9)]
        for model, optimizer in zip(models, used, strict=True):
            model.compile(optimizer=optimizer, loss="meanSquaredError", runEagerly=eager)
        losses = []
        for step in range(6):
            losses.append(models[step % 2].trainOnBatch(X, Y).result())
        models[0].fit(X, Y, epochs=2, verbose=0, shuffle=False).result()
        models[1].fit(X, Y, epochs=2, verbose=0, shuffle=False).result()
        found = losses, [weights_of(m) for m in models], [optimizer_of(m) for m in models]
        for each in (*models, *used):
            each.dispose()
        return found

    compiled = left(False)
    assert compiled == left(True)
    assert compiled[1][0][:2] == compiled[1][1][:2]


def test_dispose_while_a_program_exists():
    net = NETS[0]
    model = net.model(used := tf.train.adam(0.01))
    model.trainOnBatch(*net.batches(1)[0]).result()
    model.predict(net.x)
    given = tf.tensor2d(net.x)
    model.predict(given)
    model.dispose()
    with pytest.raises(RuntimeError, match="disposed"):
        model.predict(given)
    with pytest.raises(RuntimeError, match="disposed"):
        model.predict(net.x)
    used.dispose()


def test_disposing_the_optimizer_frees_its_state():
    net = NETS[0]
    model = net.model("sgd")
    model.trainOnBatch(*net.batches(1)[0]).result()
    held = tf.memory()
    model.compile(optimizer=(used := tf.train.adam(0.01)), loss=net.loss)
    model.trainOnBatch(*net.batches(1)[0]).result()
    assert tf.memory()["numDataBuffers"] > held["numDataBuffers"]
    model.compile(optimizer="sgd", loss=net.loss)
    used.dispose()
    del used
    assert tf.memory() == held
    model.dispose()


def test_many_shapes_in_flat_memory():
    """500 lengths of batch and sequence: the least recently used plans go."""
    model = tf.sequential(
        layers=[
            tf.layers.lstm(units=4, inputShape=[None, 3], returnSequences=True),
            tf.layers.lstm(units=3),
            tf.layers.dense(units=2),
        ]
    )
    model.compile(optimizer=(used := tf.train.sgd(0.01)), loss="meanSquaredError")
    rng = np.random.default_rng(0)

    def step(index):
        batch, length = 1 + index % 25, 1 + (index * 7) % 20
        x = rng.normal(size=(batch, length, 3)).astype("float32")
        model.trainOnBatch(x, np.zeros((batch, 2), "float32")).result()
        model.predict(x)

    for index in range(100):
        step(index)
    gc.collect()
    before = tf.memory()
    stats = _pool()
    for index in range(100, 500):
        step(index)
    gc.collect()
    assert tf.memory() == before
    # What the pool holds for reuse and for Programs, with room for classes of sizes that are new.
    assert _pool() < 1.5 * stats + (1 << 20)
    model.dispose()
    used.dispose()


def _pool() -> int:
    from lamina import _core

    found = _core.pool_stats()
    return int(found["liveBytes"] + found["cachedBytes"])


def test_steps_of_a_fit_and_of_single_batches_are_the_same():
    def trained(by_fit):
        model = make()
        model.compile(optimizer=(used := tf.train.adam(0.01)), loss="meanSquaredError")
        if by_fit:
            model.fit(X, Y, epochs=3, batchSize=6, shuffle=False, verbose=0).result()
        else:
            for _ in range(3):
                for start in (0, 6):
                    model.trainOnBatch(X[start : start + 6], Y[start : start + 6]).result()
        left = weights_of(model), optimizer_of(model)
        model.dispose()
        used.dispose()
        return left

    assert trained(True) == trained(False)


def test_threads_do_not_change_results():
    count = tf.getNumThreads()
    found = []
    try:
        for threads in (1, 2, 4):
            tf.setNumThreads(threads)
            net = NETS[1]
            side = assert_same(net.make, net.x, net.y, loss=net.loss)
            found.append((side.losses, side.weights, side.history, side.predicted))
    finally:
        tf.setNumThreads(count)
    assert found[0] == found[1] == found[2]
