"""Classes by name, and configs in both spellings without loss."""

from __future__ import annotations

import json
from typing import Any

import pytest

import lamina as tf
from lamina import constraints, initializers, layers, regularizers, serialization
from lamina.layers.base import Layer
from lamina.serialization import (
    SerializationMap,
    custom_objects,
    deserialize,
    from_json,
    getRegisteredName,
    registerClass,
    serialize,
    to_json,
)


@pytest.fixture
def registry() -> Any:
    """The registered classes; what a test adds is taken out again."""
    names = SerializationMap.getMap().classNameMap
    before = dict(names)
    yield names
    names.clear()
    names.update(before)


def through_json(spec: dict[str, Any]) -> dict[str, Any]:
    return from_json(json.loads(json.dumps(to_json(spec))))


def test_register(registry: Any) -> None:
    @registerClass
    class One(Layer):
        className = "One"

    class Two(Layer):
        className = "Two"

    registerClass(Two, "pkg", "Zwei")
    assert registry["One"] is One
    assert registry["Two"] is Two
    assert getRegisteredName(One) == "Custom>One"
    assert getRegisteredName(Two) == "pkg>Zwei"


def test_a_class_without_a_name_goes_by_its_own(registry: Any, tmp_path: Any) -> None:
    """Not by that of the class it derives from, which a file would mean then."""

    class Plain(Layer):
        def call(self, inputs: Any, kwargs: Any = None) -> Any:
            return inputs * 2

    class Derived(tf.layers.dense(units=1).__class__):
        pass

    for cls in (Plain, Derived):
        registerClass(cls)
        assert registry[cls.__name__] is cls
        assert getRegisteredName(cls) == f"Custom>{cls.__name__}"
    layers = [tf.layers.dense(units=1, inputShape=[1]), Plain(), Derived(units=2)]
    model = tf.sequential(layers=layers)
    model.save(tmp_path).result()
    again = tf.loadLayersModel(tmp_path).result()
    assert [type(layer) for layer in again.layers[1:]] == [Plain, Derived]
    x = tf.ones([2, 1])
    assert again.predict(x).arraySync() == model.predict(x).arraySync()
    again.dispose()
    model.dispose()


def test_registered_names_are_tensorflows(tfjs: Any) -> None:
    """Every class that is here goes by the name that TensorFlow.js has for it."""
    layers.load_all()
    tf.train.rmsprop(0.1)  # Whoever asks for an optimizer loads them all.
    there = set(tfjs.eval("Object.keys(tf.serialization.SerializationMap.getMap().classNameMap)"))
    keras = {
        "LecunNormal",
        "LecunUniform",
        "OrthogonalInitializer",
        "IdentityInitializer",
        "L1",
        "L2",
        "RMSprop",
    }
    here = {
        name
        for name, cls in SerializationMap.getMap().classNameMap.items()
        if cls.__module__.startswith("lamina")
    }
    schedules = {
        "CosineDecay",
        "CosineDecayRestarts",
        "ExponentialDecay",
        "InverseTimeDecay",
        "PiecewiseConstantDecay",
        "PolynomialDecay",
        "WarmUp",
    }
    assert here - there == keras | schedules | {"AdamW", "Lion", "Nadam"}


def test_unknown_class() -> None:
    with pytest.raises(ValueError, match=r"Unknown layer: Dens\. Did you mean Dense\?.*registerClass"):
        deserialize({"className": "Dens", "config": {}}, Layer, "layer")
    with pytest.raises(ValueError, match="Improper config format"):
        deserialize({"className": "Dense"}, Layer, "layer")
    with pytest.raises(ValueError, match="Unknown layer: Zeros"):
        deserialize({"className": "Zeros", "config": {}}, Layer, "layer")


def test_an_activation_is_no_layer() -> None:
    with pytest.raises(ValueError, match="Unknown activation: Dense"):
        layers.dense(units=1, activation="Dense")
    with pytest.raises(ValueError, match="Unknown activation: Zeros"):
        layers.dense(units=1, activation={"className": "Zeros", "config": {"value": 1}})


def test_strings_and_keys_of_a_custom_layer_are_kept(registry: Any) -> None:
    """snake_case keys, camelCase keys, labels, nested dicts: all come back as they were."""

    @registerClass
    class My_Layer(Layer):
        className = "My_Layer"

        def __init__(self, config: Any) -> None:
            super().__init__(config)
            self.extra = {
                key: config[key] for key in ("my_key", "camelKey", "label", "nested", "meanSquared_x")
            }

        def getConfig(self) -> dict[str, Any]:
            return {**super().getConfig(), **self.extra}

    extra = {
        "my_key": "hello_world",
        "camelKey": "HelloWorld my_label",
        "label": "channelsFirst",
        "nested": {"user_key": 1, "userKey": [{"a_b": "c_d"}]},
        "meanSquared_x": None,
    }
    layer = My_Layer({"name": "some_Name_1", "inputShape": [3], **extra})
    spec = serialize(layer)
    written = to_json(spec)
    assert written["config"]["batch_input_shape"] == [None, 3]
    assert through_json(spec) == spec
    again = deserialize(json.loads(json.dumps(written)), Layer, "layer")
    assert again.extra == extra
    assert again.name == "some_Name_1"


def test_custom_layer_written_by_tensorflow(registry: Any) -> None:
    """There all keys are snake_case; its own reader makes them camelCase, so the class expects that."""

    @registerClass
    class Own(Layer):
        className = "Own"

        def __init__(self, config: Any) -> None:
            super().__init__(config)
            self.user_key = config["userKey"]

    spec = {"class_name": "Own", "config": {"name": "x", "user_key": {"inner_key": "a_b"}}}
    assert deserialize(spec).user_key == {"innerKey": "a_b"}


def test_custom_objects(registry: Any) -> None:
    class Own(Layer):
        className = "Own"

    spec = {"className": "Own", "config": {"name": "x"}}
    with pytest.raises(ValueError, match="Unknown layer: Own"):
        deserialize(spec, Layer, "layer")
    assert isinstance(deserialize(spec, Layer, "layer", {"Own": Own}), Own)
    with custom_objects({"Own": Own}):
        assert isinstance(deserialize(spec, Layer, "layer"), Own)
    with pytest.raises(ValueError, match="Unknown layer: Own"):
        deserialize(spec, Layer, "layer")


def test_custom_objects_reach_nested_configs() -> None:
    class Twos(initializers.Initializer):
        className = "Twos"
        options = ()

    spec = {
        "className": "Dense",
        "config": {"units": 1, "kernelInitializer": {"className": "Twos", "config": {}}},
    }
    made = deserialize(spec, Layer, "layer", {"Twos": Twos})
    assert isinstance(made.kernelInitializer, Twos)


def test_keras_spellings() -> None:
    """What Keras 2 and 3 write: further keys, a dtype policy, an axis in a list, NumPy scalars, other
    names.
    """
    dense = deserialize(
        {
            "module": "keras.layers",
            "class_name": "Dense",
            "config": {
                "name": "d",
                "units": {"type": "ndarray", "value": 3},
                "dtype": {"class_name": "DTypePolicy", "config": {"name": "float32"}},
                "kernel_initializer": {"module": "x", "class_name": "LecunNormal", "config": {"seed": None}},
                "kernel_regularizer": {"class_name": "L2", "config": {"l2": 0.25}},
                "lora_rank": None,
            },
            "registered_name": None,
            "build_config": {"input_shape": [None, 2]},
        }
    )
    assert dense.units == 3
    assert dense.kernelInitializer.getConfig()["mode"] == "fanIn"
    assert (dense.kernelRegularizer.l1, dense.kernelRegularizer.l2) == (0, 0.25)
    assert deserialize({"class_name": "BatchNormalization", "config": {"axis": [3]}}).axis == 3
    entrance = deserialize({"class_name": "InputLayer", "config": {"batch_shape": [None, 4], "name": "i"}})
    assert entrance.batchInputShape == (None, 4)


@pytest.mark.parametrize(
    "made",
    [
        initializers.varianceScaling(scale=2, mode="fanOut", distribution="truncatedNormal", seed=3),
        initializers.glorotUniform(seed=1),
        initializers.constant(value=0.5),
        regularizers.l1(l1=0.3),
        regularizers.l1l2(l2=0),
        constraints.minMaxNorm(rate=0.5, axis=1),
    ],
    ids=repr,
)
def test_objects_round_trip(made: Any) -> None:
    spec = serialize(made)
    assert spec is not None
    assert through_json(spec) == spec
    assert deserialize(to_json(spec)).getConfig() == made.getConfig()


def test_gelu_new_survives() -> None:
    layer = layers.dense(units=1, activation="gelu_new")
    spec = serialize(layer)
    assert spec is not None
    assert to_json(spec)["config"]["activation"] == "gelu_new"
    assert deserialize(to_json(spec)).activation.getClassName() == "gelu_new"


@pytest.mark.parametrize(
    ("written", "name"),
    [("hard_sigmoid", "hardSigmoid"), ("ReLU", "relu"), ("re_lu", "relu"), ("silu", "swish")],
)
def test_activations_in_files(written: str, name: str) -> None:
    made = deserialize({"class_name": "Dense", "config": {"units": 1, "activation": written}})
    assert made.activation.getClassName() == name


def test_layers_as_activations() -> None:
    """Keras 3 writes functions and layers as objects."""
    function = {
        "module": "builtins",
        "class_name": "function",
        "config": "hard_sigmoid",
        "registered_name": "function",
    }
    assert (
        deserialize({"class_name": "Dense", "config": {"units": 1, "activation": function}}).getConfig()[
            "activation"
        ]
        == "hardSigmoid"
    )
    capped = {"module": "keras.layers", "class_name": "ReLU", "config": {"name": "r", "max_value": 2.0}}
    dense = deserialize(
        {"class_name": "Dense", "config": {"units": 1, "activation": capped, "use_bias": False}}
    )
    dense.apply([[1.0]])
    dense.setWeights([[[1.0]]])
    assert [float(dense.apply([[x]]).arraySync()[0][0]) for x in (-1.0, 1.0, 5.0)] == [0, 1, 2]
    spec = serialize(dense)
    assert spec is not None
    assert through_json(spec) == spec
    assert spec["config"]["activation"]["config"]["maxValue"] == 2


def test_a_function_as_activation() -> None:
    from lamina import _core

    assert layers.dense(units=1, activation=_core.ops.relu).getConfig()["activation"] == "relu"
    own = layers.dense(units=1, activation=lambda x: x)
    with pytest.raises(ValueError, match="cannot be saved"):
        own.getConfig()


def test_serializable_is_public() -> None:
    assert serialization.Serializable is not None
    assert layers.dense(units=1).getClassName() == "Dense"
