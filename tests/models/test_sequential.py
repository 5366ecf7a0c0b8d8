"""tf.sequential: adding, removing, nesting, names, shapes, configs."""

from __future__ import annotations

import numpy as np
import pytest

import lamina as tf
from support.nets import array, close, numbers


def test_the_first_program():
    model = tf.sequential()
    model.add(tf.layers.dense({"units": 1, "inputShape": [1]}))
    model.compile({"optimizer": "sgd", "loss": "meanSquaredError"})
    xs = tf.tensor2d([[1], [2], [3], [4]], [4, 1])
    ys = tf.tensor2d([[1], [3], [5], [7]], [4, 1])
    model.fit(xs, ys, {"epochs": 1000}).result()
    assert float(model.predict(tf.tensor2d([[5]], [1, 1]))) == pytest.approx(9, abs=0.1)
    model.dispose()


def test_shapes_names_and_layers():
    model = tf.sequential({"name": "stack", "layers": [tf.layers.dense(units=3, inputShape=[2], name="a")]})
    model.add(tf.layers.dense(units=1, name="b"))
    assert model.name == "stack"
    assert [layer.name for layer in model.layers] == ["a", "b"]
    assert model.inputs[0].shape == (None, 2)
    assert model.outputs[0].shape == (None, 1)
    assert model.getLayer("b") is model.layers[1] is model.getLayer(None, 1)
    assert model.countParams() == 13
    assert [w.originalName for w in model.weights] == ["a/kernel", "a/bias", "b/kernel", "b/bias"]
    with pytest.raises(ValueError, match="No such layer: c"):
        model.getLayer("c")
    with pytest.raises(ValueError, match="index 5"):
        model.getLayer(5)
    model.dispose()


def test_default_names_count():
    first, second = tf.sequential(), tf.sequential()
    prefix, number = first.name.rsplit("_", 1)
    assert prefix == "sequential"
    assert second.name == f"sequential_{int(number) + 1}"


def test_the_first_layer_needs_a_shape():
    with pytest.raises(ValueError, match="must get an `inputShape` or `batchInputShape` argument"):
        tf.sequential().add(tf.layers.dense(units=1))
    with pytest.raises(TypeError, match="model is empty"):
        tf.sequential().build()
    with pytest.raises(TypeError, match="takes a layer"):
        tf.sequential().add("dense")


def test_an_input_layer_of_its_own():
    model = tf.sequential(layers=[tf.layers.inputLayer(inputShape=[2]), tf.layers.dense(units=1)])
    assert model.predict(np.ones((3, 2), np.float32)).shape == (3, 1)
    assert len(model.layers) == 2
    model.dispose()


def test_pop():
    model = tf.sequential(
        layers=[tf.layers.dense(units=3, inputShape=[2], name="p1"), tf.layers.dense(units=1, name="p2")]
    )
    gone = model.layers[-1]
    model.pop()
    assert [layer.name for layer in model.layers] == ["p1"]
    assert model.predict(np.ones((1, 2), np.float32)).shape == (1, 3)
    model.add(tf.layers.dense(units=4, name="p3"))
    assert model.predict(np.ones((1, 2), np.float32)).shape == (1, 4)
    model.pop()
    model.pop()
    with pytest.raises(TypeError, match="no layers"):
        model.pop()
    model.dispose()
    gone.dispose()


def test_models_in_models():
    def make():
        inner = tf.sequential(
            name="inner", layers=[tf.layers.dense(units=3, inputShape=[2], name="i1", activation="tanh")]
        )
        return tf.sequential(name="outer", layers=[inner, tf.layers.dense(units=1, name="o1")])

    model = make()
    x = numbers(4, 2)
    assert [w.originalName for w in model.weights] == ["i1/kernel", "i1/bias", "o1/kernel", "o1/bias"]
    kernel, bias, kernel2, bias2 = (array(w) for w in model.getWeights())
    expected = np.tanh(x @ kernel + bias) @ kernel2 + bias2
    assert close(array(model.predict(x)), expected)
    model.compile(optimizer="sgd", loss="meanSquaredError")
    model.fit(x, numbers(4, 1), epochs=2).result()
    other = tf.models.modelFromJSON(model.toJSON()).result()
    other.setWeights(model.getWeights())
    assert close(array(other.predict(x)), array(model.predict(x)), 1e-7)
    model.dispose()
    other.dispose()


def test_a_layer_twice_shares_its_weights():
    layer = tf.layers.dense(units=2, inputShape=[2], name="twice")
    model = tf.sequential(layers=[layer, layer])
    assert len(model.layers) == 2
    assert len(model.weights) == 2
    x = numbers(3, 2)
    kernel, bias = (array(w) for w in model.getWeights())
    assert close(array(model.predict(x)), (x @ kernel + bias) @ kernel + bias)
    assert model.dispose() == {"refCountAfterDispose": 0, "numDisposedVariables": 2}


def test_config_round_trip(tfjs):
    model = tf.sequential(
        name="round", layers=[tf.layers.dense(units=3, inputShape=[2], name="r1", activation="hardSigmoid")]
    )
    theirs = tfjs.predict({"topology": model.toJSON(None, False)})
    assert theirs.class_name == "Sequential"
    ours = model.getConfig()
    assert theirs.config["name"] == ours["name"] == "round"
    # Every option that TensorFlow.js writes stands in ours, with the same value.
    for mine, its in zip(ours["layers"], theirs.config["layers"], strict=True):
        assert mine["className"] == its["className"]
        differing = {
            k: (v, mine["config"].get(k)) for k, v in its["config"].items() if mine["config"].get(k) != v
        }
        assert differing == {}
    again = type(model).fromConfig(ours)
    assert again.getConfig() == ours
    model.dispose()
    again.dispose()


def test_keras_configs_without_a_shape_on_the_first_layer():
    topology = {
        "class_name": "Sequential",
        "config": {
            "name": "late",
            "layers": [{"class_name": "Dense", "config": {"name": "late_d", "units": 2}}],
            "build_input_shape": [None, 3],
        },
    }
    model = tf.models.modelFromJSON(topology).result()
    assert model.predict(np.ones((1, 3), np.float32)).shape == (1, 2)
    model.dispose()


def test_before_compile():
    model = tf.sequential(layers=[tf.layers.dense(units=1, inputShape=[1])])
    x = np.ones((2, 1), np.float32)
    for call in (
        lambda: model.evaluate(x, x),
        lambda: model.fit(x, x).result(),
        lambda: model.trainOnBatch(x, x).result(),
    ):
        with pytest.raises(RuntimeError, match=r"The model needs to be compiled before being used\."):
            call()
    model.dispose()
