"""Which changes trace a model again, and which do not: of what it reads, and of what it does not."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import lamina as tf
from lamina import _core
from lamina.models import programs
from support.nets import array, numbers

X, Y = numbers(12, 3, seed=1), numbers(12, 2, seed=2)


@pytest.fixture(autouse=True)
def compiled() -> Iterator[None]:
    """What is tested here never runs through Python."""
    before = programs.fallbacks[0]
    yield
    assert programs.fallbacks[0] == before


def traces_of(act: Callable[[], Any]) -> int:
    before = programs.traces[0]
    act()
    return programs.traces[0] - before


def deep() -> Any:
    """36 layers and their input."""
    x = inputs = tf.input(shape=[8, 8, 4])
    for _ in range(12):
        x = tf.layers.conv2d(filters=4, kernelSize=3, padding="same").apply(x)
        x = tf.layers.reLU().apply(tf.layers.batchNormalization().apply(x))
    return tf.model(inputs=inputs, outputs=x)


def small(**options: Any) -> Any:
    model = tf.sequential(layers=[tf.layers.dense(units=2, inputShape=[3], **options)])
    model.compile(optimizer=tf.train.sgd(0.1), loss="meanSquaredError")
    return model


def test_unrelated_objects_leave_a_running_model_alone() -> None:
    model = deep()
    x = tf.ones([1, 8, 8, 4])
    model.predict(x)
    acts = (
        lambda: tf.layers.dense(units=1),
        lambda: tf.layers.dense(units=1).apply(tf.input(shape=[2])),
        lambda: tf.train.sgd(0.1),
        lambda: setattr(tf.train.adam(), "clipNorm", 3),
        lambda: model.layers[1].computeOutputShape([1, 8, 8, 4]),
        lambda: model.computeOutputShape([2, 8, 8, 4]),
        model.countParams,
        model.getConfig,
        lambda: model.summary(printFn=lambda line: None),
        # Into another graph.
        lambda: model.layers[1].apply(tf.input(shape=[8, 8, 4])),
        lambda: model.compile(optimizer="sgd", loss="meanSquaredError"),
    )
    for act in acts[:-1]:
        assert traces_of(lambda act=act: [(act(), model.predict(x)) for _ in range(9)]) == 0
    # Once: a new compilation begins with none.
    assert traces_of(lambda: (acts[-1](), model.predict(x), model.predict(x))) == 1


def test_a_callback_that_makes_layers_leaves_the_fit_alone() -> None:
    model = small()

    def make(batch: int, logs: Any) -> None:
        tf.layers.dense(units=1, inputShape=[1])

    options = {"epochs": 10, "batchSize": 4, "verbose": 0, "callbacks": {"onBatchEnd": make}}
    assert traces_of(lambda: model.fit(X, Y, options).result()) == 1


def test_what_training_reads_leaves_predict_alone() -> None:
    model = small()
    model.fit(X, Y, {"verbose": 0}).result()
    model.predict(X)
    model.optimizer.clipValue = 0.5
    assert traces_of(lambda: model.predict(X)) == 0
    assert traces_of(lambda: model.fit(X, Y, {"verbose": 0}).result()) == 1


def test_models_do_not_evict_one_another() -> None:
    models = [small() for _ in range(50)]

    def use() -> None:
        for model in models:
            model.trainOnBatch(X, Y).result()
            model.predict(X)

    assert traces_of(use) == 100
    assert traces_of(lambda: [use() for _ in range(3)]) == 0


def test_a_layer_in_many_models_holds_none_of_them() -> None:
    layer = tf.layers.dense(units=2, inputShape=[3])
    inputs = tf.input(shape=[3])
    outputs = layer.apply(inputs)
    for _ in range(1000):
        tf.model(inputs=inputs, outputs=outputs).predict(X)
    kept = tf.model(inputs=inputs, outputs=outputs)
    kept.predict(X)
    gc.collect()
    assert len(layer._lamina_dependents) == 1
    layer.useBias = False
    assert traces_of(lambda: kept.predict(X)) == 1


# --- what is followed ---


class Scale(tf.layers.Layer):
    className = "TestDependentsScale"

    def __init__(self, config: Any = None) -> None:
        super().__init__(config or {})
        self._k = 1.0

    def call(self, inputs: Any, kwargs: Any) -> Any:
        return tf.mul(inputs[0] if isinstance(inputs, list) else inputs, self._k)


def losses_at_rest(model: Any, act: Callable[[], None]) -> list[float]:
    """The losses of two epochs that move nothing, with `act` in between."""

    def end(epoch: int, logs: Any) -> None:
        if epoch == 0:
            act()

    model.optimizer.learningRate = 0
    options = {"epochs": 2, "verbose": 0, "batchSize": 12, "callbacks": {"onEpochEnd": end}}
    return list(model.fit(X, Y, options).result().history.loss)


def test_a_private_attribute_of_a_layer_of_ones_own() -> None:
    layer = Scale({"inputShape": [3]})
    model = tf.sequential(layers=[layer])
    model.setWeights([])
    x = tf.ones([1, 3])
    with_predict = []
    for k in (1.0, 2.0, 5.0):
        layer._k = k
        with_predict += [float(array(model.predict(x))[0, 0]) for _ in range(3)]
    assert with_predict == [1, 1, 1, 2, 2, 2, 5, 5, 5]


def test_a_regularizer_of_a_weight() -> None:
    model = small(kernelRegularizer=tf.regularizers.l2(l2=0.0), useBias=False)
    kernel = array(model.getWeights()[0]).astype("float64")
    first, second = losses_at_rest(model, lambda: setattr(model.layers[0].kernelRegularizer, "l2", 3.0))
    assert second - first == pytest.approx(3 * (kernel**2).sum(), rel=1e-5)


def test_a_loss_that_is_added() -> None:
    model = small()
    first, second = losses_at_rest(model, lambda: model.layers[0].addLoss(lambda: tf.scalar(2.0)))
    assert second - first == pytest.approx(2, rel=1e-6)


def test_an_attribute_of_an_optimizer_of_ones_own() -> None:
    class Own(type(tf.train.sgd(0.1))):  # type: ignore[misc]
        className = "TestDependentsOwn"

        def __init__(self, config: Any = None) -> None:
            super().__init__(config)
            self._factor = 0.0

        def apply(self, variables: Any, grads: Any) -> None:
            super().apply(variables, [tf.mul(g, self._factor) for g in grads])

    moved = []
    model = tf.sequential(layers=[tf.layers.dense(units=2, inputShape=[3])])
    model.compile(optimizer=(own := Own({"learningRate": 0.1})), loss="meanSquaredError")
    for factor in (0.0, 1.0, 0.0):
        own._factor = factor
        before = array(model.getWeights()[0]).copy()
        model.fit(X, Y, {"verbose": 0}).result()
        moved.append(not np.array_equal(before, array(model.getWeights()[0])))
    assert moved == [False, True, False]


def test_an_activation_that_is_an_object_of_ones_own() -> None:
    """It tells nobody of its changes: the model runs step by step, and follows it so."""

    class Times:
        def __init__(self) -> None:
            self._k = 1.0

        def __call__(self, x: Any) -> Any:
            return tf.mul(x, self._k)

    before = programs.fallbacks[0]
    times = Times()
    model = tf.sequential(layers=[tf.layers.dense(units=1, inputShape=[1], useBias=False, activation=times)])
    model.setWeights([[[1.0]]])
    found = []
    for k in (1.0, 2.0, 5.0):
        times._k = k
        found += [float(array(model.predict(tf.ones([1, 1])))[0, 0]) for _ in range(3)]
    assert found == [1, 1, 1, 2, 2, 2, 5, 5, 5]
    assert programs.fallbacks[0] > before
    programs.fallbacks[0] = before


# --- from other threads ---


def test_a_write_from_another_thread_during_a_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    model = tf.sequential(layers=[tf.layers.reLU(inputShape=[3])])
    traced = programs._traced
    began = threading.Event()

    def slowly(*given: Any) -> Any:
        found = traced(*given)
        began.set()
        time.sleep(0.1)
        return found

    monkeypatch.setattr(programs, "_traced", slowly)
    writer = threading.Thread(target=lambda: (began.wait(), setattr(model.layers[0], "maxValue", 0.5)))
    writer.start()
    # Already this one, as it has not begun when the trace ends.
    assert array(model.predict(tf.ones([1, 3]))).max() == 0.5
    writer.join()
    assert array(model.predict(tf.ones([1, 3]))).max() == 0.5


@pytest.mark.parametrize("validation", [False, True], ids=["epochs", "validated"])
def test_a_write_from_another_thread_during_a_fit_without_callbacks(validation: bool) -> None:
    """The fit would take minutes."""
    model = small(kernelRegularizer=tf.regularizers.l2(l2=0.0), useBias=False)
    model.optimizer.learningRate = 1e-12
    options = {"epochs": 10**9, "verbose": 0, "batchSize": 12}
    if validation:
        options["validationData"] = [X, Y]
    promise = model.fit(X, Y, options)
    while model.optimizer.iterations < 5:
        time.sleep(0.001)
    model.layers[0].kernelRegularizer.l2 = 1e6
    for _ in range(2):
        # Steps are counted when a call into the core ends.
        steps = model.optimizer.iterations
        while model.optimizer.iterations < steps + 50:
            time.sleep(0.001)
    model.stopTraining = True
    losses = promise.result().history.loss
    assert losses[0] < 100 < max(losses)


# --- variables whose values Python reads ---


@pytest.mark.parametrize(
    ("read", "is_compiled"),
    [
        (float, True),
        (int, True),
        (lambda v: v.arraySync(), True),
        (lambda v: v.dataSync()[0], False),
        (lambda v: np.asarray(v).item(), False),
        (lambda v: memoryview(v).tolist(), False),
    ],
    ids=["float", "int", "arraySync", "dataSync", "numpy", "memoryview"],
)
def test_a_variable_that_a_loss_reads(read: Callable[[Any], Any], is_compiled: bool) -> None:
    factor = tf.variable(tf.scalar(1.0))
    unread = tf.variable(tf.scalar(1.0))
    model = small()
    before = programs.traces[0], programs.fallbacks[0]

    def loss(y: Any, p: Any) -> Any:
        return tf.mul(tf.mul(tf.mean(tf.square(tf.sub(y, p))), read(factor)), unread)

    model.compile(optimizer=tf.train.sgd(0.0), loss=loss)
    losses = [model.trainOnBatch(X, Y).result() for _ in range(3)]
    factor.assign(tf.scalar(10.0))
    losses += [model.trainOnBatch(X, Y).result() for _ in range(3)]
    unread.assign(tf.scalar(0.5))
    losses += [model.trainOnBatch(X, Y).result() for _ in range(3)]
    np.testing.assert_allclose(np.array(losses) / losses[0], [1] * 3 + [10] * 3 + [5] * 3, rtol=1e-5)
    if is_compiled:
        # A variable that is used as such needs no other trace.
        assert (programs.traces[0], programs.fallbacks[0]) == (before[0] + 2, before[1])
    else:
        # Step by step, which is as right.
        programs.fallbacks[0] = before[1]


def test_a_variable_that_a_loss_reads_in_a_fit_without_callbacks() -> None:
    factor = tf.variable(tf.scalar(1.0))
    model = small()

    def loss(y: Any, p: Any) -> Any:
        return tf.mul(tf.mean(tf.square(tf.sub(y, p))), float(factor))

    model.compile(optimizer=tf.train.sgd(0.0), loss=loss)
    promise = model.fit(X, Y, {"epochs": 10**9, "verbose": 0, "batchSize": 12})
    while model.optimizer.iterations < 5:
        time.sleep(0.001)
    factor.assign(tf.scalar(1000.0))
    for _ in range(2):
        steps = model.optimizer.iterations
        while model.optimizer.iterations < steps + 50:
            time.sleep(0.001)
    model.stopTraining = True
    losses = promise.result().history.loss
    assert losses[-1] == pytest.approx(1000 * losses[0], rel=1e-5)


def test_a_variable_that_a_layer_reads_in_predict() -> None:
    factor = tf.variable(tf.scalar(1.0))

    class Times(tf.layers.Layer):
        className = "TestDependentsTimes"

        def call(self, inputs: Any, kwargs: Any) -> Any:
            return tf.mul(inputs[0] if isinstance(inputs, list) else inputs, float(factor))

    model = tf.sequential(layers=[Times({"inputShape": [1]})])
    found = []
    for value in (1.0, 2.0, 3.0):
        factor.assign(tf.scalar(value))
        found += [float(array(model.predict(tf.ones([1, 1])))[0, 0]) for _ in range(3)]
    assert found == [1, 1, 1, 2, 2, 2, 3, 3, 3]


def test_a_weight_that_a_loss_reads_and_training_changes() -> None:
    """Each step has another number: none is compiled in."""
    before = programs.fallbacks[0]
    model = small(useBias=False)
    twin = small(useBias=False)
    twin.setWeights(model.getWeights())

    def loss_of(which: Any) -> Any:
        kernel = which.layers[0].weights[0].read()

        def loss(y: Any, p: Any) -> Any:
            return tf.mul(tf.mean(tf.square(tf.sub(y, p))), tf.sum(kernel.arraySync()[0]))

        return loss

    model.compile(optimizer=tf.train.sgd(0.1), loss=loss_of(model))
    twin.compile(optimizer=tf.train.sgd(0.1), loss=loss_of(twin), runEagerly=True)
    options = {"epochs": 4, "verbose": 0, "batchSize": 4, "shuffle": False}
    losses = [each.fit(X, Y, options).result().history.loss for each in (model, twin)]
    assert losses[0] == losses[1]
    assert len(set(losses[0])) == 4
    programs.fallbacks[0] = before


# --- what Programs hold ---


def live_bytes() -> int:
    gc.collect()
    return int(_core.pool_stats()["liveBytes"])


def test_two_hundred_lengths_in_flat_memory() -> None:
    """They share one arena: as large as the longest one needs, not as all of them do."""
    model = tf.sequential(
        layers=[
            tf.layers.embedding(inputDim=20, outputDim=32, inputShape=[None]),
            tf.layers.lstm(units=32),
            tf.layers.dense(units=1),
        ]
    )
    rng = np.random.default_rng(0)
    lengths = rng.permutation(np.arange(1, 201))

    def use(length: int) -> np.ndarray:
        return array(model.predict(rng.integers(0, 20, (8, int(length))).astype("int32")))

    use(200)
    # 8 rows of 200 steps of 32 values, for some ops.
    one, held = live_bytes(), []
    for count, length in enumerate(lengths):
        use(length)
        if count % 20 == 19:
            held.append(live_bytes() - one)
    assert max(held) < 200_000, held
    # All of them are still there.
    assert len(model.programs) == 200
    assert traces_of(lambda: [use(length) for length in lengths]) == 0


def test_programs_that_share_an_arena_do_not_disturb_one_another() -> None:
    """Larger ones move it; what was planned before finds it."""
    model = tf.sequential(
        layers=[
            tf.layers.dense(units=16, inputShape=[3], activation="tanh"),
            tf.layers.dense(units=2, activation="softmax"),
        ]
    )
    sizes = [1, 300, 2, 1000, 3, 5000, 1, 300]
    data = [numbers(size, 3, seed=size) for size in sizes]
    first = [array(model.predict(x, {"batchSize": 10_000})).copy() for x in data]
    again = [array(model.predict(x, {"batchSize": 10_000})).copy() for x in data]
    model.compile(optimizer="sgd", loss="meanSquaredError", runEagerly=True)
    eager = [array(model.predict(x, {"batchSize": 10_000})) for x in data]
    for a, b, c in zip(first, again, eager, strict=True):
        assert a.tobytes() == b.tobytes() == c.tobytes()


def test_what_is_used_least_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "LIMIT_BYTES", 40_000)
    model = tf.sequential(layers=[tf.layers.dense(units=2, inputShape=[3])])

    def use(rows: int) -> None:
        model.predict(np.zeros((rows, 3), "float32"))

    use(31)
    for rows in range(1, 31):
        use(rows)
        use(31)
    count = len(model.programs)
    assert 2 <= count < 20
    assert traces_of(lambda: use(31)) == 0
    assert traces_of(lambda: use(1)) == 1
    assert len(model.programs) == count
    monkeypatch.setattr(programs, "LIMIT_BYTES", 0)
    use(50)
    assert len(model.programs) == 2
