"""What is alive, when it goes, and what survives: counts as in TensorFlow.js, exports that never change."""

from __future__ import annotations

import gc

import numpy as np
import pytest

import lamina as tf

from .programs import python


def counts() -> tuple[int, int]:
    memory = tf.memory()
    return memory.numTensors, memory.numDataBuffers


def net(**options):
    model = tf.sequential(
        layers=[
            tf.layers.dense(units=4, inputShape=[3], activation="relu"),
            tf.layers.batchNormalization(),
            tf.layers.dense(units=2),
        ]
    )
    model.compile({"optimizer": "adam", "loss": "meanSquaredError", **options})
    return model


def data(samples=8):
    rng = np.random.default_rng(0)
    return rng.normal(size=(samples, 3)).astype(np.float32), rng.normal(size=(samples, 2)).astype(np.float32)


def test_training_and_dispose_leave_nothing():
    before = counts()
    x, y = data()
    model = net(metrics=["accuracy"])
    model.fit(x, y, epochs=3, validationSplit=0.25, verbose=0).result()
    model.evaluate(x, y)
    model.predict(x)
    assert counts() > before
    model.dispose()
    assert counts() == before


def test_training_does_not_grow():
    x, y = data()
    model = net()
    model.fit(x, y, epochs=2, verbose=0).result()
    before = counts()
    for _ in range(3):
        model.fit(x, y, epochs=2, verbose=0).result()
    assert counts() == before
    model.dispose()


def test_tidy():
    before = counts()
    outside = []

    def work():
        a = tf.ones([2, 2])
        outside.append(a)
        return {"sum": [tf.add(a, a)]}

    kept = tf.tidy("work", work)
    assert outside[0].isDisposed
    assert float(kept["sum"][0].sum()) == 8
    kept["sum"][0].dispose()
    outside.clear()
    assert counts() == before


def test_keep():
    made = []

    def work():
        made.append(tf.keep(tf.ones([2])))
        made.append(tf.ones([2]))

    tf.tidy(work)
    assert [t.isDisposed for t in made] == [False, True]
    made[0].dispose()


def test_a_result_of_an_inner_tidy_ends_with_the_outer():
    made = []

    def outer():
        made.append(tf.tidy(lambda: tf.ones([2])))
        assert not made[0].isDisposed
        return tf.tidy(lambda: tf.ones([3]))

    kept = tf.tidy(outer)
    assert made[0].isDisposed
    assert not kept.isDisposed
    kept.dispose()


def test_dispose_walks_containers():
    a, b = tf.ones([2]), tf.ones([3])
    tf.dispose({"a": a, "rest": [b]})
    assert a.isDisposed
    assert b.isDisposed


def test_clone_and_reshape_share_memory(tfjs):
    """The differences that TensorFlow.js' own memory() shows for the same steps."""
    code = """
        const steps = [];
        const note = () => { const m = tf.memory(); steps.push([m.numTensors, m.numDataBuffers]); };
        note();
        const a = tf.zeros([4]); note();
        const b = a.clone(); note();
        const c = b.reshape([2, 2]); note();
        a.dispose(); note();
        b.dispose(); note();
        c.dispose(); note();
        return steps;
    """
    theirs = tfjs.eval(code)
    steps = [counts()]
    a = tf.zeros([4])
    steps.append(counts())
    b = a.clone()
    steps.append(counts())
    c = b.reshape([2, 2])
    steps.append(counts())
    for each in (a, b, c):
        each.dispose()
        steps.append(counts())

    def relative(rows):
        return [(t - rows[0][0], n - rows[0][1]) for t, n in rows]

    assert relative(steps) == relative(theirs)


SHARED = """
    const layer = tf.layers.dense({units: 2});
    const a = tf.input({shape: [3]}), b = tf.input({shape: [3]});
    const one = tf.model({inputs: a, outputs: layer.apply(a)});
    const two = tf.model({inputs: b, outputs: layer.apply(b)});
    return [one.dispose(), layer.dispose()];
"""


def test_disposing_shared_layers(tfjs):
    theirs = tfjs.eval(SHARED)
    layer = tf.layers.dense({"units": 2})
    a, b = tf.input({"shape": [3]}), tf.input({"shape": [3]})
    one = tf.model({"inputs": a, "outputs": layer.apply(a)})
    two = tf.model({"inputs": b, "outputs": layer.apply(b)})
    assert [one.dispose(), layer.dispose()] == theirs
    # Its layer is gone already; TensorFlow.js throws, and such a model can never be disposed.
    assert two.dispose() == {"refCountAfterDispose": 0, "numDisposedVariables": 0}


def test_a_layer_used_twice_in_one_model_is_freed_with_it():
    """In TensorFlow.js it keeps one use, and its weights."""
    before = counts()
    layer = tf.layers.dense({"units": 3})
    x = tf.input({"shape": [3]})
    model = tf.model({"inputs": x, "outputs": layer.apply(layer.apply(x))})
    assert model.dispose() == {"refCountAfterDispose": 0, "numDisposedVariables": 2}
    assert counts() == before


@pytest.mark.parametrize("symbolic", [True, False])
def test_disposing_a_layer(tfjs, symbolic):
    code = """
        const layer = tf.layers.dense({units: 2});
        const x = symbolic ? tf.input({shape: [3]}) : tf.ones([1, 3]);
        layer.apply(x);
        layer.apply(x);
        const results = [];
        for (let i = 0; i < 3; i++) {
            try { results.push(layer.dispose()); } catch (e) { results.push(e.message); }
        }
        return [results, layer.name];
    """
    theirs, name = tfjs.eval(code, symbolic=symbolic)
    layer = tf.layers.dense({"units": 2})
    x = tf.input({"shape": [3]}) if symbolic else tf.ones([1, 3])
    layer.apply(x)
    layer.apply(x)
    ours = []
    for _ in range(3):
        try:
            ours.append(layer.dispose())
        except RuntimeError as error:
            ours.append(str(error).replace(layer.name, name))
    assert ours == theirs


def test_predict_after_dispose_names_the_model():
    model = net()
    name = model.name
    model.dispose()
    for use in (model.predict, lambda x: model.evaluate(x, x), model.getWeights):
        with pytest.raises(RuntimeError, match=f"'{name}' is already disposed"):
            use(*[tf.ones([1, 3])] if use != model.getWeights else [])


def test_use_of_a_disposed_tensor_names_it():
    t = tf.ones([2, 3])
    t.dispose()
    with pytest.raises(RuntimeError, match=r"disposed") as error:
        tf.add(t, 1)
    assert str(t.id) in str(error.value)
    assert "[2, 3]" in str(error.value) or "2,3" in str(error.value)
    assert "add" in str(error.value)
    v = tf.variable(tf.ones([2]), True, "mine")
    v.dispose()
    with pytest.raises(RuntimeError, match="mine"):
        v.add(1)


MANY = """
import gc, resource

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()

def one():
    x, y = data(8, 4, 2)
    model = tf.sequential(layers=[
        tf.layers.dense(units=8, inputShape=[4], activation="relu"), tf.layers.dense(units=2)])
    model.compile(optimizer="adam", loss="meanSquaredError")
    model.fit(x, y, epochs=1, verbose=0).result()
    model.dispose()

for _ in range(200):
    one()
gc.collect()
start, tensors = resident(), tf.memory().numTensors
for _ in range(1000):
    one()
gc.collect()
print(resident() - start, tf.memory().numTensors - tensors)
"""


def test_a_thousand_models_leave_memory_flat():
    ended = python(MANY, limit=100)
    assert ended.code == 0, ended.err
    grown, tensors = map(int, ended.out.split())
    assert tensors == 0
    assert grown < 4 * 2**20


def test_a_model_that_is_only_dropped_is_freed():
    before = counts()
    x, y = data()
    model = net()
    model.fit(x, y, epochs=1, verbose=0).result()
    del model
    gc.collect()
    assert counts() == before


def exports(weight):
    """Every way of taking a value out, each with a function that reads it."""
    clone = weight.clone()
    array = np.asarray(weight)
    dlpack = np.from_dlpack(weight)
    view = memoryview(weight)
    return {
        "clone": lambda: np.array(clone.arraySync()),
        "numpy": lambda: np.array(array),
        "dlpack": lambda: np.array(dlpack),
        "buffer": lambda: np.array(view),
    }


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam", "rmsprop"])
def test_exports_never_change(optimizer):
    """Taken before training steps: the same after them, and after dispose() of the model."""
    x, y = data()
    chosen = tf.train.momentum(0.1, 0.9) if optimizer == "momentum" else optimizer
    model = net(optimizer=chosen)
    model.trainOnBatch(x, y).result()
    taken = []
    for layer in model.layers:
        for weight in layer.weights:
            for name, read in exports(weight.read()).items():
                taken.append((f"{weight.originalName} {name}", read(), read))
    whole = [(f"getWeights {i}", np.array(w), w) for i, w in enumerate(model.getWeights())]
    for _ in range(3):
        model.trainOnBatch(x, y).result()
    model.fit(x, y, epochs=2, verbose=0).result()
    now = [np.asarray(w) for w in model.getWeights()]
    changed = [not np.array_equal(value, w) for (_, value, _), w in zip(whole, now, strict=True)]
    assert any(changed)
    for stage in ("training", "dispose"):
        assert [name for name, value, read in taken if not np.array_equal(value, read())] == [], stage
        assert [name for name, value, w in whole if not np.array_equal(value, np.asarray(w))] == [], stage
        if stage == "training":
            model.dispose()
    if optimizer == "momentum":
        chosen.dispose()


def test_exports_are_read_only_and_outlive_their_tensor():
    t = tf.tensor([1.0, 2.0, 3.0])
    array, view = np.asarray(t), memoryview(t)
    dlpack = np.from_dlpack(t)
    t.dispose()
    assert array.tolist() == view.tolist() == dlpack.tolist() == [1, 2, 3]
    assert view.readonly
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 5
    with pytest.raises((ValueError, TypeError)):
        view[0] = 5.0
