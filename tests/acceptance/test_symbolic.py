"""Symbolic and eager application of the same layers, and functional models."""

from __future__ import annotations

import numpy as np
import pytest

import lamina as tf
from support.nets import close


def test_flatten_of_a_symbolic_tensor():
    symbolic = tf.layers.flatten().apply(tf.input({"shape": [2, 4]}))
    assert symbolic.shape == (None, 8)
    assert isinstance(symbolic, tf.SymbolicTensor)


def test_flatten_of_a_tensor(capsys, tfjs):
    tf.layers.flatten().apply(tf.ones([2, 3, 4])).print()
    shown = capsys.readouterr().out
    tfjs.eval("(tf.layers.flatten().apply(tf.ones([2, 3, 4])).print(), 0)")
    assert shown == "\n".join(tfjs.logs) + "\n"


def test_one_layer_both_ways():
    layer = tf.layers.dense({"units": 3})
    given = tf.input({"shape": [2]})
    symbolic = layer.apply(given)
    assert symbolic.shape == (None, 3)
    kernel, bias = layer.getWeights()
    x = tf.tensor2d([[1, 2], [3, 4]])
    assert close(layer.apply(x), np.asarray(x) @ np.asarray(kernel) + np.asarray(bias))
    model = tf.model(inputs=given, outputs=symbolic)
    assert close(model.predict(x), layer.apply(x))
    model.dispose()


def test_a_model_with_a_skip_connection(tfjs):
    image = tf.input({"shape": [6, 6, 3]})
    before = tf.layers.conv2d(filters=4, kernelSize=1, name="before").apply(image)
    inner = tf.layers.conv2d(filters=4, kernelSize=3, padding="same", activation="relu", name="inner").apply(
        before
    )
    joined = tf.layers.add(name="joined").apply([before, inner])
    pooled = tf.layers.globalAveragePooling2d(name="pooled").apply(joined)
    outputs = tf.layers.dense(units=2, name="out").apply(pooled)
    model = tf.model({"inputs": image, "outputs": outputs})
    assert [layer.name for layer in model.layers][1:] == ["before", "inner", "joined", "pooled", "out"]

    rng = np.random.default_rng(5)
    x = rng.normal(size=(7, 6, 6, 3)).astype(np.float32)
    y = rng.normal(size=(7, 2)).astype(np.float32)
    weights = [0.3 * rng.normal(size=w.shape).astype(np.float32) for w in model.getWeights()]
    model.setWeights(weights)
    topology = model.toJSON(None, False)
    theirs = tfjs.predict({"topology": topology, "weights": weights}, x)
    assert close(model.predict(x), theirs.outputs[0])

    model.compile({"optimizer": tf.train.sgd(0.05), "loss": "meanSquaredError"})
    compiled = {"optimizer": {"name": "sgd", "args": [0.05]}, "loss": "meanSquaredError"}
    there = tfjs.train({"topology": topology, "weights": weights, "compile": compiled}, batches=[(x, y)] * 10)
    here = [model.trainOnBatch(x, y).result() for _ in range(10)]
    assert close(here, there.losses)
    model.dispose()


def test_a_model_is_a_layer():
    inner = tf.sequential(layers=[tf.layers.dense(units=3, inputShape=[2], activation="tanh")])
    given = tf.input(shape=[2])
    outer = tf.model(inputs=given, outputs=tf.layers.dense(units=1).apply(inner.apply(given)))
    assert outer.outputs[0].shape == (None, 1)
    assert outer.predict(tf.ones([5, 2])).shape == (5, 1)
    assert inner.predict(tf.ones([5, 2])).shape == (5, 3)
    # The inner model goes with the outer one, as in TensorFlow.js.
    assert outer.dispose() == {"refCountAfterDispose": 0, "numDisposedVariables": 4}
    with pytest.raises(RuntimeError, match=f"'{inner.name}' is already disposed"):
        inner.predict(tf.ones([5, 2]))
