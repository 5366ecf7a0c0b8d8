"""dispose(): counts as in TensorFlow.js, and memory as it was before."""

from __future__ import annotations

import numpy as np
import pytest

import lamina as tf
from support.nets import numbers

X, Y = numbers(6, 2), numbers(6, 1)


def make():
    return tf.sequential(layers=[tf.layers.dense(units=3, inputShape=[2]), tf.layers.dense(units=1)])


def numbers_live():
    memory = tf.memory()
    return memory["numTensors"], memory["numDataBuffers"]


@pytest.mark.parametrize(("optimizer", "count"), [("sgd", 5), ("adam", 14), ("rmsprop", 12)])
def test_counts_after_training(tfjs, optimizer, count):
    before = numbers_live()
    model = make()
    model.compile(optimizer=optimizer, loss="meanSquaredError")
    model.fit(X, Y, epochs=2).result()
    assert model.dispose() == {"refCountAfterDispose": 0, "numDisposedVariables": count}
    assert numbers_live() == before
    body = """
      const m = tf.sequential({layers: [tf.layers.dense({units: 3, inputShape: [2]}), tf.layers.dense({units:
      1})]}); m.compile({optimizer, loss: 'meanSquaredError'}); await m.fit(tf.tensor(x), tf.tensor(y),
      {epochs: 2}); return m.dispose();
    """
    theirs = tfjs.eval(body, optimizer=optimizer, x=X.tolist(), y=Y.tolist())
    assert theirs == {"refCountAfterDispose": 0, "numDisposedVariables": count}


def test_an_optimizer_of_the_users_own_stays():
    optimizer = tf.train.adam()
    model = make()
    model.compile(optimizer=optimizer, loss="meanSquaredError")
    model.fit(X, Y).result()
    assert model.dispose().numDisposedVariables == 4
    assert optimizer.iterations == 1
    optimizer.dispose()


def test_compiling_again_frees_the_optimizer_before():
    model = make()
    for _ in range(3):
        model.compile(optimizer="adam", loss="meanSquaredError")
        model.fit(X, Y).result()
    model.dispose()


def test_shared_layers_live_as_long_as_their_last_model():
    layer = tf.layers.dense(units=2)
    models = []
    for _ in range(2):
        x = tf.input(shape=[2])
        models.append(tf.model(inputs=x, outputs=layer.apply(x)))
    assert models[0].dispose() == {"refCountAfterDispose": 0, "numDisposedVariables": 0}
    assert models[1].predict(X).shape == (6, 2)
    assert models[1].dispose() == {"refCountAfterDispose": 0, "numDisposedVariables": 2}


def test_inner_models_go_with_the_outer_one():
    inner = tf.sequential(layers=[tf.layers.dense(units=2, inputShape=[2])])
    x = tf.input(shape=[2])
    model = tf.model(inputs=x, outputs=inner.apply(x))
    assert model.dispose().numDisposedVariables == 2
    with pytest.raises(RuntimeError, match="already disposed"):
        inner.dispose()


def test_a_disposed_model_says_so_by_name():
    model = tf.sequential(name="gone", layers=[tf.layers.dense(units=1, inputShape=[2])])
    model.compile(optimizer="sgd", loss="meanSquaredError")
    model.dispose()
    for call in (
        model.dispose,
        lambda: model.predict(X),
        lambda: model.evaluate(X, Y),
        lambda: model.fit(X, Y).result(),
        lambda: model.save("nowhere").result(),
    ):
        with pytest.raises(RuntimeError, match="Container 'gone' is already disposed"):
            call()


def test_a_clone_taken_before_a_step_does_not_change():
    model = make()
    model.compile(optimizer="sgd", loss="meanSquaredError")
    weights = model.getWeights()
    views = [np.asarray(w) for w in weights]
    copies = [v.copy() for v in views]
    model.fit(X, Y, epochs=3).result()
    for weight, view, copy in zip(weights, views, copies, strict=True):
        assert np.array_equal(np.asarray(weight), copy)
        assert np.array_equal(view, copy)
    model.dispose()
    for view, copy in zip(views, copies, strict=True):
        assert np.array_equal(view, copy)


def test_predictions_outlive_the_model():
    model = make()
    y = model.predict(X)
    model.dispose()
    assert y.shape == (6, 1)
    assert len(y.arraySync()) == 6


@pytest.mark.parametrize(("values", "said"), [([], "length 0"), ([1, 2, 3, 4], "not compatible")])
def test_set_weights_checks(values, said):
    model = make()
    with pytest.raises(ValueError, match=said):
        model.setWeights([np.zeros(v, np.float32) for v in values])
    model.dispose()
