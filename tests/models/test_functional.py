"""tf.model: graphs with branches, shared layers, several inputs and outputs, masks, and configs of other
writers.
"""

from __future__ import annotations

import json

import numpy as np
import pytest

import lamina as tf
from support.nets import array, close, numbers


def skip_model():
    x = tf.input(shape=[4], name="in")
    h = tf.layers.dense(units=4, activation="relu", name="h").apply(x)
    y = tf.layers.add(name="sum").apply([x, h])
    return tf.model(inputs=x, outputs=tf.layers.dense(units=2, name="out").apply(y), name="skip")


def two_by_two():
    a, b = tf.input(shape=[2], name="a"), tf.input(shape=[3], name="b")
    both = tf.layers.concatenate(name="both").apply([a, b])
    shared = tf.layers.dense(units=4, activation="tanh", name="shared").apply(both)
    return tf.model(
        inputs=[a, b],
        outputs=[
            tf.layers.dense(units=1, name="o1").apply(shared),
            tf.layers.dense(units=3, activation="softmax", name="o2").apply(shared),
        ],
    )


def test_symbolic_and_eager():
    assert tf.layers.flatten().apply(tf.input({"shape": [2, 4]})).shape == (None, 8)


def test_a_skip_connection(tfjs):
    model = skip_model()
    x = numbers(5, 4)
    weights = [array(w) for w in model.getWeights()]
    assert model.inputNames == ["in"]
    assert model.outputNames == ["out"]
    assert [layer.name for layer in model.layers] == ["in", "h", "sum", "out"]
    theirs = tfjs.predict({"topology": model.toJSON(None, False), "weights": weights}, x)
    assert close(array(model.predict(x)), theirs.outputs[0])
    model.dispose()


def test_names_without_a_choice_count():
    x = tf.input(shape=[1])
    model = tf.model(inputs=x, outputs=tf.layers.dense(units=1).apply(x))
    assert model.name.startswith("model")
    assert model.name[5:].isdigit()
    model.dispose()


def test_several_inputs_and_outputs_in_every_form():
    model = two_by_two()
    a, b = numbers(4, 2), numbers(4, 3, seed=1)
    by_list = model.predict([a, b])
    by_name = model.predict({"b": b, "a": a})
    assert [t.shape for t in by_list] == [(4, 1), (4, 3)]
    for one, other in zip(by_list, by_name, strict=True):
        assert close(array(one), array(other), 0)
    with pytest.raises(ValueError, match='No data provided for "b"'):
        model.predict({"a": a})
    with pytest.raises(ValueError, match='No input of the model is called "c"'):
        model.predict({"a": a, "b": b, "c": b})
    with pytest.raises(ValueError, match=r"Expected to see 2 Tensor\(s\)"):
        model.predict([a, b, b])
    with pytest.raises(ValueError, match="but only received one Tensor"):
        model.predict(a)
    model.dispose()


def test_a_shared_layer_has_one_set_of_weights(tfjs):
    a, b = tf.input(shape=[3], name="sa"), tf.input(shape=[3], name="sb")
    layer = tf.layers.dense(units=2, name="siamese")
    y = tf.layers.concatenate(name="joined").apply([layer.apply(a), layer.apply(b)])
    model = tf.model(inputs=[a, b], outputs=y)
    assert len(model.weights) == 2
    assert len(layer.inboundNodes) == 2
    with pytest.raises(AttributeError, match="multiple inbound nodes"):
        _ = layer.output
    x = [numbers(2, 3), numbers(2, 3, seed=1)]
    weights = [array(w) for w in model.getWeights()]
    theirs = tfjs.predict({"topology": model.toJSON(None, False), "weights": weights}, x)
    assert close(array(model.predict(x)), theirs.outputs[0])
    again = type(model).fromConfig(model.getConfig())
    again.setWeights(weights)
    assert close(array(again.predict(x)), theirs.outputs[0])
    assert model.dispose() == {"refCountAfterDispose": 0, "numDisposedVariables": 2}
    again.dispose()


@pytest.mark.parametrize(
    ("layer", "known", "unknown"),
    [
        (lambda: tf.layers.dense(units=2), [3], [None]),
        (lambda: tf.layers.conv2d(filters=2, kernelSize=1), [4, 4, 3], [None, None, None]),
        (lambda: tf.layers.lstm(units=2), [4, 3], [None, None]),
        (tf.layers.batchNormalization, [4, 3], [None, None]),
    ],
)
def test_a_layer_built_before_keeps_its_sizes_in_a_file(layer, known, unknown, tmp_path):
    """A model of it that takes inputs of sizes that it does not know."""
    built = layer()
    built.apply(tf.input(shape=known))
    x = tf.input(shape=unknown)
    model = tf.model(inputs=x, outputs=built.apply(x))
    model.save(f"file://{tmp_path}").result()
    again = tf.loadLayersModel(tmp_path).result()
    sample = numbers(2, *known)
    assert close(array(model.predict(sample)), array(again.predict(sample)))
    model.dispose()
    again.dispose()


def test_a_model_called_twice_inside_a_model(tfjs):
    u = tf.input(shape=[2], name="u")
    inner = tf.model(inputs=u, outputs=tf.layers.dense(units=2, name="core").apply(u), name="inner_twice")
    x = tf.input(shape=[2], name="x")
    y = inner.apply(inner.apply(x))
    model = tf.model(inputs=x, outputs=y)
    data = numbers(3, 2)
    kernel, bias = (array(w) for w in model.getWeights())
    expected = (data @ kernel + bias) @ kernel + bias
    assert close(array(model.predict(data)), expected)
    config = model.getConfig()
    calls = next(each for each in config["layers"] if each["name"] == "inner_twice")["inboundNodes"]
    # The calls of an inner model are counted from 1, as in TensorFlow.js.
    assert calls == [[["x", 0, 0, {}]], [["inner_twice", 1, 0, {}]]]
    assert config["outputLayers"] == [["inner_twice", 2, 0]]
    theirs = tfjs.predict({"topology": model.toJSON(None, False), "weights": [kernel, bias]}, data)
    assert close(theirs.outputs[0], expected)
    again = type(model).fromConfig(config)
    again.setWeights([kernel, bias])
    assert close(array(again.predict(data)), expected)
    model.dispose()
    again.dispose()


def test_an_input_without_any_use_stays_in_the_file(tfjs, tmp_path):
    a, b = tf.input(shape=[3], name="a"), tf.input(shape=[4], name="b")
    model = tf.model(inputs=[b, a], outputs=tf.layers.dense(units=2, name="d").apply(a))
    model.compile(optimizer="sgd", loss="meanSquaredError")
    x = [numbers(6, 4), numbers(6, 3, seed=1)]
    before = array(model.predict(x))
    model.fit(x, numbers(6, 2, seed=2), epochs=2, verbose=0).result()
    assert not close(before, array(model.predict(x)))
    assert [layer.name for layer in model.layers] == ["a", "d", "b"]
    model.save(tmp_path).result()
    again = tf.loadLayersModel(tmp_path).result()
    assert again.inputNames == ["b", "a"]
    assert array(again.predict(x)).tolist() == array(model.predict(x)).tolist()
    assert close(tfjs.load(tmp_path, x).outputs[0], array(model.predict(x)))
    model.dispose()
    again.dispose()


def test_config_has_the_form_of_tfjs(tfjs):
    model = two_by_two()
    topology = model.toJSON(None, False)
    assert list(topology) == ["class_name", "config", "keras_version", "backend"]
    assert topology["class_name"] == "Model"
    assert topology["keras_version"] == "tfjs-layers 4.22.0"
    assert topology["backend"] == "tensor_flow.js"
    theirs = tfjs.eval("(await tf.models.modelFromJSON(m)).toJSON(null, false)", m=topology)
    assert theirs["config"]["input_layers"] == topology["config"]["input_layers"]
    assert theirs["config"]["output_layers"] == topology["config"]["output_layers"]
    for mine, its in zip(topology["config"]["layers"], theirs["config"]["layers"], strict=True):
        assert list(mine) == list(its)
        assert {**mine, "config": 0} == {**its, "config": 0}
        assert {k: v for k, v in its["config"].items() if mine["config"].get(k) != v} == {}
    assert json.loads(model.toJSON()) == topology
    model.dispose()


def test_deep_graphs_do_not_exhaust_the_stack():
    x = y = tf.input(shape=[1])
    for _ in range(1500):
        y = tf.layers.activation(activation="linear").apply(y)
    model = tf.model(inputs=x, outputs=y)
    assert array(model.predict(np.ones((1, 1), np.float32))).tolist() == [[1]]
    model.dispose()


def test_mistakes_in_graphs():
    x, other = tf.input(shape=[1], name="ok"), tf.input(shape=[1], name="lost")
    y = tf.layers.add(name="plus").apply([x, other])
    with pytest.raises(RuntimeError, match=r'Graph disconnected.*lost.* at layer "lost"'):
        tf.model(inputs=x, outputs=y)
    with pytest.raises(ValueError, match="redundant"):
        tf.model(inputs=[x, x], outputs=y)
    with pytest.raises(TypeError, match="symbolic tensors"):
        tf.model(inputs=x, outputs=np.ones(3))
    with pytest.raises(TypeError, match="must be InputLayer objects"):
        tf.model(inputs=y, outputs=tf.layers.dense(units=1).apply(y))
    named = tf.layers.dense(units=1, name="same").apply(x)
    again = tf.layers.dense(units=1, name="same").apply(named)
    with pytest.raises(RuntimeError, match='The name "same" is used 2 times'):
        tf.model(inputs=x, outputs=again)
    with pytest.raises(ValueError, match='"outputs" is required'):
        tf.model(inputs=x)
    for tensor in (named, again):
        tensor.sourceLayer.dispose()


def test_execute_gives_values_in_between():
    model = skip_model()
    x = numbers(2, 4)
    kernel, bias = (array(w) for w in model.getWeights()[:2])
    hidden = np.maximum(x @ kernel + bias, 0)
    assert close(array(model.execute(tf.tensor(x), "h")), hidden)
    total, out = model.execute({"in": tf.tensor(x)}, ["sum", "out"])
    assert close(array(total), hidden + x)
    assert close(array(out), array(model.predict(x)))
    with pytest.raises(ValueError, match="Cannot find SymbolicTensors"):
        model.execute(tf.tensor(x), "nothing")
    model.dispose()


# --- masks ---


def test_masks_pass_only_through_layers_that_support_them():
    x = tf.input(shape=[3], name="ids")
    e = tf.layers.embedding(inputDim=5, outputDim=2, maskZero=True, name="emb").apply(x)
    y = tf.layers.lstm(units=2, name="rnn").apply(e)
    model = tf.model(inputs=x, outputs=y)
    ids = np.array([[1, 2, 0], [1, 2, 3]], np.float32)
    masked = array(model.predict(ids))
    shorter = array(model.predict(np.array([[1, 2, 0], [1, 2, 0]], np.float32)))
    assert close(masked[0], shorter[1], 0)
    assert not close(masked[1], masked[0])
    model.dispose()


def test_masks_pass_through_inner_models():
    u = tf.input(shape=[3], name="inner_ids")
    inner = tf.model(
        inputs=u, outputs=tf.layers.embedding(inputDim=5, outputDim=2, maskZero=True, name="e2").apply(u)
    )
    x = tf.input(shape=[3], name="outer_ids")
    layer = tf.layers.lstm(units=2, name="r2")
    model = tf.model(inputs=x, outputs=layer.apply(inner.apply(x)))
    ids = np.array([[1, 0, 0], [1, 4, 0]], np.float32)
    first = array(model.predict(ids))[0]
    weights = [array(w) for w in model.getWeights()]
    flat_x = tf.input(shape=[3], name="flat_ids")
    e = tf.layers.embedding(inputDim=5, outputDim=2, maskZero=True, name="e3").apply(flat_x)
    flat = tf.model(inputs=flat_x, outputs=tf.layers.lstm(units=2, name="r3").apply(e))
    flat.setWeights(weights)
    assert close(first, array(flat.predict(ids))[0], 1e-6)
    model.dispose()
    flat.dispose()


# --- configs of Keras ---

DENSE = {"units": 2, "activation": "linear", "use_bias": True}


def keras_3(**changes):
    history = {"class_name": "__keras_tensor__", "config": {"shape": [None, 3], "keras_history": ["x", 0, 0]}}
    dense = {"class_name": "__keras_tensor__", "config": {"shape": [None, 2], "keras_history": ["d", 0, 0]}}
    return {
        "class_name": "Functional",
        "config": {
            "name": "k3",
            "trainable": True,
            "layers": [
                {
                    "module": "keras.layers",
                    "class_name": "InputLayer",
                    "config": {"batch_shape": [None, 3], "dtype": "float32", "sparse": False, "name": "x"},
                    "registered_name": None,
                    "name": "x",
                    "inbound_nodes": [],
                },
                {
                    "module": "keras.layers",
                    "class_name": "Dense",
                    "config": {
                        "name": "d",
                        "trainable": True,
                        "dtype": {
                            "module": "keras",
                            "class_name": "DTypePolicy",
                            "config": {"name": "float32"},
                        },
                        **DENSE,
                    },
                    "registered_name": None,
                    "build_config": {"input_shape": [None, 3]},
                    "name": "d",
                    "inbound_nodes": [{"args": [history], "kwargs": {}}],
                },
                {
                    "class_name": "Add",
                    "config": {"name": "plus", "trainable": True, "dtype": "float32"},
                    "name": "plus",
                    "inbound_nodes": [{"args": [[dense, dense]], "kwargs": {}}],
                },
            ],
            "input_layers": [["x", 0, 0]],
            "output_layers": [["plus", 0, 0]],
            **changes,
        },
    }


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"input_layers": ["x", 0, 0], "output_layers": ["plus", 0, 0]},
        {"input_layers": {"first": ["x", 0, 0]}},
    ],
    ids=["lists", "flattened", "dict"],
)
def test_keras_3(changes):
    model = tf.models.modelFromJSON(keras_3(**changes)).result()
    x = numbers(2, 3)
    kernel, bias = (array(w) for w in model.getWeights())
    assert close(array(model.predict(x)), 2 * (x @ kernel + bias))
    model.dispose()


def test_unresolved_inputs_are_an_error_not_a_loop():
    config = keras_3()
    config["config"]["layers"][1]["inbound_nodes"] = [[["nowhere", 0, 0, {}]]]
    with pytest.raises(ValueError, match=r"the inputs of d, plus name layers that do not exist: nowhere"):
        tf.models.modelFromJSON(config).result()
    config["config"]["layers"][1]["inbound_nodes"] = [[["plus", 0, 0, {}]]]
    with pytest.raises(ValueError, match="the inputs of these layers are never made: d, plus"):
        tf.models.modelFromJSON(config).result()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"layers": "none"}, "`layers`"),
        ({"layers": [7]}, "expected an object for a layer"),
        ({"output_layers": [["gone", 0, 0]]}, "outputLayers names"),
        ({"input_layers": 3}, "inputLayers is not a list"),
    ],
)
def test_corrupt_configs(change, said):
    with pytest.raises(ValueError, match=said):
        tf.models.modelFromJSON(keras_3(**change)).result()
