"""Programs and threads: predictions during a fit, saving, disposing, and forked children."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np
import pytest

import lamina as tf
from support.nets import NETS, numbers

from .sides import bits, weights_of

NET = NETS[0]
pytestmark = pytest.mark.filterwarnings("ignore::lamina.UnawaitedPromiseWarning")
# Where an earlier test brought JAX into the process; the children here do not use it.
JAX_WARNS = "ignore:os.fork:RuntimeWarning"


def in_threads(count: int, work: Callable[[int], None]) -> None:
    """Runs work(i) on so many threads at once and raises the first error of any."""
    errors: list[BaseException] = []

    def run(index: int) -> None:
        try:
            work(index)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(index,)) for index in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


@contextmanager
def fitting(model: Any, x: Any = NET.x, y: Any = NET.y) -> Iterator[Any]:
    """While a fit runs, which ends with the block."""
    promise = model.fit(x, y, {"epochs": 1_000_000, "batchSize": 8, "verbose": 0})
    try:
        yield promise
    finally:
        promise.cancel()
        with suppress(tf.PromiseCancelledError, RuntimeError):
            promise.result()


def test_predictions_of_four_threads_during_a_fit():
    model = NET.model(used := tf.train.sgd(0.01))
    given = tf.tensor2d(NET.x)
    steps = model.predict(given)
    made = []

    def work(index):
        for _ in range(50):
            y = np.asarray(model.predict(given))
            assert np.isfinite(y).all()
            assert np.allclose(y.sum(-1), 1, atol=1e-5)
            made.append(index)

    with fitting(model) as promise:
        in_threads(4, work)
        model.stopTraining = True
        assert promise.result().history.loss
    assert len(made) == 200
    assert bits(model.predict(given)) != bits(steps)
    model.dispose()
    used.dispose()


def test_predictions_during_a_fit_see_whole_steps():
    """A model of one weight that each step sets to the next number: kernel and bias always agree."""
    model = tf.sequential(layers=[tf.layers.dense(units=2, inputShape=[1])])
    model.setWeights([np.ones((1, 2), "float32"), np.ones(2, "float32")])
    # The gradient of kernel and bias is the same where x is 1.
    model.compile(optimizer=(used := tf.train.sgd(1e-4)), loss="meanSquaredError")
    ones = np.ones((4, 1), "float32")
    zero = tf.tensor2d([[0.0], [1.0]])

    def work(index):
        for _ in range(200):
            bias, both = np.asarray(model.predict(zero))
            np.testing.assert_allclose(both, 2 * bias, rtol=1e-6)

    with fitting(model, ones, np.zeros((4, 2), "float32")):
        in_threads(4, work)
    model.dispose()
    used.dispose()


def test_predictions_of_many_threads_are_those_of_one():
    model = NET.make()
    inputs = [tf.tensor2d(numbers(1 + i % 3, 5, seed=i)) for i in range(12)]
    expected = [bits(model.predict(x)) for x in inputs]

    def work(index):
        for step in range(300):
            at = (index * 5 + step) % len(inputs)
            assert bits(model.predict(inputs[at])) == expected[at]

    in_threads(6, work)
    model.dispose()


def test_two_models_train_at_the_same_time():
    def losses(model):
        return model.fit(NET.x, NET.y, epochs=20, batchSize=8, verbose=0, shuffle=False)

    made = [(NET.model(used), used) for used in (tf.train.adam(0.01) for _ in range(4))]
    found = [promise.result().history.loss for promise in [losses(model) for model, _ in made]]
    assert found[0] == found[1] == found[2] == found[3]
    assert weights_of(made[0][0]) == weights_of(made[3][0])
    for model, used in made:
        model.dispose()
        used.dispose()


def test_weights_are_read_and_saved_during_a_fit(tmp_path):
    model = NET.model(used := tf.train.sgd(1e-3))

    def work(index):
        for _ in range(10):
            if index == 0:
                model.save(f"file://{tmp_path}/model").result()
            elif index == 1:
                assert all(np.isfinite(np.asarray(w)).all() for w in model.getWeights())
            elif index == 2:
                model.evaluate(NET.x, NET.y)
            else:
                model.setWeights([np.asarray(w) for w in model.getWeights()])

    with fitting(model):
        in_threads(4, work)
    again = tf.loadLayersModel(f"file://{tmp_path}/model/model.json").result()
    assert np.isfinite(np.asarray(again.predict(NET.x))).all()
    for each in (model, again, used):
        each.dispose()


def test_models_saved_to_one_place_do_not_take_each_others_files(tmp_path):
    models = [NET.make() for _ in range(4)]
    values = [weights_of(model) for model in models]

    def work(index):
        for _ in range(25):
            models[index].save(tmp_path).result()

    in_threads(4, work)
    again = tf.loadLayersModel(tmp_path).result()
    assert weights_of(again) in values
    # The last one stands there, and the shards of the others are gone.
    assert len(list(tmp_path.iterdir())) == 2
    for each in (*models, again):
        each.dispose()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore::DeprecationWarning", JAX_WARNS)
def test_a_child_forked_during_a_save_saves(tmp_path, monkeypatch):
    model = NET.make()
    inside, go_on = threading.Event(), threading.Event()
    real = os.replace

    def waits(source, target):
        inside.set()
        go_on.wait(20)
        real(source, target)

    monkeypatch.setattr(os, "replace", waits)
    promise = model.save(tmp_path / "parent")
    inside.wait(20)
    child = os.fork()
    if child == 0:
        go_on.set()
        try:
            model.save(tmp_path / "child").result(20)
        except BaseException:
            os._exit(1)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    go_on.set()
    promise.result()
    assert status == 0
    assert (tmp_path / "child" / "model.json").exists()
    model.dispose()


def test_dispose_during_a_fit_ends_it():
    model = NET.model(used := tf.train.sgd(1e-3))
    with fitting(model) as promise:
        model.predict(NET.x)
        model.dispose()
        with pytest.raises(RuntimeError, match="disposed"):
            promise.result(20)
    with pytest.raises(RuntimeError, match="disposed"):
        model.predict(NET.x)
    used.dispose()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore::DeprecationWarning", JAX_WARNS)
def test_a_forked_child_predicts_trains_and_disposes():
    model = NET.model(used := tf.train.adam(0.01))
    given = tf.tensor2d(NET.x)
    model.fit(NET.x, NET.y, epochs=2, verbose=0).result()
    expected = bits(model.predict(given))
    weights = list(model.weights)
    child = os.fork()
    if child == 0:
        try:
            right = bits(model.predict(given)) == expected
            right &= len(model.fit(NET.x, NET.y, epochs=3, verbose=0).result().epoch) == 3
            right &= bits(model.predict(given)) != expected
            model.dispose()
            right &= all(w.val.isDisposed for w in weights)
        except BaseException:
            right = False
        os._exit(0 if right else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert bits(model.predict(given)) == expected
    model.dispose()
    used.dispose()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore::DeprecationWarning", JAX_WARNS)
def test_a_child_forked_during_a_fit_predicts():
    model = NET.model(used := tf.train.sgd(1e-3))
    given = tf.tensor2d(NET.x)
    with fitting(model):
        time.sleep(0.02)
        child = os.fork()
        if child == 0:
            try:
                right = bool(np.isfinite(np.asarray(model.predict(given))).all())
            except BaseException:
                right = False
            os._exit(0 if right else 1)
        status = os.waitpid(child, 0)[1]
    assert status == 0
    model.dispose()
    used.dispose()
