"""Options: what is taken, what is refused and in which words, and how the same options show elsewhere."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

from lamina.config import (
    NOT_GIVEN,
    Boolean,
    Configurable,
    DType,
    Enum,
    Factory,
    Function,
    Integer,
    ListOf,
    Number,
    OneOf,
    Shape,
    Size,
    String,
    configured,
    option,
    to_camel_case,
    to_snake_case,
)
from lamina.errors import ConfigError


class Base(Configurable):
    options = (
        option("name", String(), None, "Its name."),
        option("padding", Enum("PaddingMode", "valid", "sameSize"), "valid", "How to pad."),
    )


class Thing(Base):
    """A thing with options."""

    className = "Thing"
    options = (
        option("units", Integer(minimum=1), doc="How many."),
        option("learningRate", Number(), 0.1, "How fast.", aliases=("lr",)),
        option("flag", Boolean(), True, "Whether."),
        option("activation", String(), "tanh", "What.", none="linear"),
    )


thing = Factory(Thing, "tf.things.thing")
quick = Factory(Thing, "tf.things.quick", positional=("units", "learningRate"))


def refused(call: Any, *words: str) -> str:
    with pytest.raises(ConfigError) as caught:
        call()
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, TypeError)
    for word in words:
        assert word in str(caught.value), str(caught.value)
    return str(caught.value)


def test_dict_and_keywords_are_the_same() -> None:
    assert thing({"units": 3}).getConfig() == thing(units=3).getConfig()
    assert thing(units=3).getConfig() == {
        "units": 3,
        "learningRate": 0.1,
        "flag": True,
        "activation": "tanh",
        "name": None,
        "padding": "valid",
    }


def test_both_at_once() -> None:
    refused(lambda: thing({"units": 3}, flag=False), "tf.things.thing", "not both", "flag")


def test_alias() -> None:
    assert thing(units=1, lr=0.5).learningRate == 0.5
    refused(lambda: thing(units=1, lr=1, learningRate=2), '"lr" and "learningRate"', "same option")


def test_positional() -> None:
    assert quick(3, 0.5).getConfig() == thing(units=3, lr=0.5).getConfig()
    assert quick({"units": 3}).units == quick(3).units == quick(units=3).units == 3
    refused(lambda: quick(1, 2, 3), "at most 2", "units, learningRate")
    refused(lambda: quick(1, units=3), '"units" is given twice')


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: thing(unit=3), ['"unit"', 'did you mean "units"']),
        (
            lambda: thing(units=3, learning_rate=1),
            ['"learning_rate"', "lowerCamelCase", 'write "learningRate"'],
        ),
        (lambda: thing({"units": 3, "Padding": "valid"}), ['"Padding"', 'did you mean "padding"']),
        (lambda: thing(units=3, zzz=1), ['"zzz"', "its options are", "units"]),
        (lambda: thing(10), ["10 (int)", '{"units": 10}', "units=10"]),
        (lambda: thing([3]), ["[3] (list)", '{"units": [3]}']),
        (lambda: thing({"units": 3}, {}), ["one config"]),
        (thing, ['"units" is required', "an integer of at least 1", '{"units": ...}']),
        (lambda: thing(units=None), ['"units" is required']),
        (lambda: thing(units="3"), ['"units" expects an integer of at least 1', "'3' (str)"]),
        (lambda: thing(units=0), ["at least 1", "0 (int)"]),
        (lambda: thing(units=2.5), ["2.5 (float)"]),
        (lambda: thing(units=True), ["True (bool)"]),
        (lambda: thing(units=1, flag=1), ['"flag" expects True or False']),
        (lambda: thing(units=1, lr=float("nan")), ["nan"]),
        (lambda: thing(units=1, padding="SAME"), ["SAME is not a valid PaddingMode", "valid, sameSize"]),
        (lambda: thing(units=1, padding="same_size"), ['Did you mean "sameSize"']),
        (lambda: thing(units=1, padding="Valid"), ['Did you mean "valid"']),
        (lambda: thing(units=1, padding=3), ['"padding" expects one of "valid", "sameSize"', "3 (int)"]),
    ],
)
def test_refused(call: Any, words: list[str]) -> None:
    refused(call, "tf.things.thing", *words)


def test_none_and_not_given() -> None:
    """None is the default, unless the option says otherwise; NOT_GIVEN always is."""
    assert thing(units=1, lr=None).learningRate == 0.1
    assert thing(units=1, activation=None).activation == "linear"
    assert thing(units=1, activation=NOT_GIVEN).activation == "tanh"
    assert thing(units=1).activation == "tanh"
    assert not NOT_GIVEN
    assert repr(NOT_GIVEN) == "NOT_GIVEN"


def test_numpy_scalars() -> None:
    made = thing(units=np.int64(3), lr=np.float32(0.5), flag=np.True_)
    assert (made.units, made.learningRate, made.flag) == (3, 0.5, True)
    assert [type(v) for v in (made.units, made.learningRate, made.flag)] == [int, float, bool]


def test_users_class_takes_what_it_likes() -> None:
    class Own(Thing):
        def __init__(self, config: Any) -> None:
            super().__init__(config)
            self.more = config["more"]

    assert Own({"units": 2, "more": 5}).more == 5


def test_subclass_overrides_and_ends() -> None:
    class Other(Thing):
        options = (option("units", Integer(), 7, "Not required."),)

    assert Other().units == 7
    assert next(iter(Other.option_set().options)) == "units"

    class Short(Thing):
        options_end = True
        options = (option("units", Integer(), 7, "Alone."),)

    assert list(Short.option_set().options) == ["units"]


def test_from_config_passes_over_unknown_keys() -> None:
    made = Thing.fromConfig({"units": 2, "somethingNewer": 1})
    assert made.units == 2


def test_repr_shows_what_differs() -> None:
    assert repr(thing(units=2, flag=False)) == "Thing(units=2, flag=False)"


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (Number(0, 1), [(0, 0), (0.5, 0.5), (1, 1)], [-0.1, 1.1, "a", None, True, [1]]),
        (Number(), [(float("inf"), float("inf")), (-3, -3)], [float("nan")]),
        (Integer(), [(3, 3), (3.0, 3), (np.int8(4), 4), (np.array(5), 5)], [3.5, "3", False, None]),
        (String(), [("a", "a")], [1, None, b"a"]),
        (Shape(), [([2, None], (2, None)), ((), ()), (np.array([2, 3]), (2, 3))], [3, [-1], "ab", [1.5]]),
        (Shape(free=-1), [([2, -1], (2, -1))], [[-2]]),
        (Size(2), [(3, [3, 3]), ([1, 2], [1, 2]), ((4,), [4, 4])], [0, [1, 2, 3], [], [0, 1], "a", None]),
        (ListOf(Integer()), [([1, 2], [1, 2]), ((), [])], [3, [None], ["a"]]),
        (ListOf(Integer(), nullable=True), [([1, None], [1, None])], [["a"]]),
        (OneOf(Integer(), ListOf(Integer())), [(1, 1), ([1, 2], [1, 2])], ["a", None, [None]]),
        (Function(), [(len, len)], [3, "len"]),
        (DType(), [("float32", "float32"), ("int32", "int32")], ["float64", "Float32", 3]),
    ],
)
def test_kinds(kind: Any, good: list[tuple[Any, Any]], bad: list[Any]) -> None:
    class One(Configurable):
        className = "One"
        options = (option("x", kind, doc="x"),)

    for given, kept in good:
        read = One(x=given).x
        assert read == kept
        assert type(read) is type(kept)
    for given in bad:
        refused(lambda given=given: One(x=given), '"x"')


def test_json_spelling_of_kinds() -> None:
    enum = Enum("Mode", "fanIn", "fanAvg")
    assert enum.to_json("fanAvg") == "fan_avg"
    assert enum.from_json("fan_avg") == enum.from_json("fanAvg") == "fanAvg"
    assert String().to_json("My_label fanAvg") == "My_label fanAvg"
    assert DType().from_json({"class_name": "DTypePolicy", "config": {"name": "int32"}}) == "int32"
    both = OneOf(Integer(), Enum("Mode", "fanIn"))
    assert both.to_json("fanIn") == "fan_in"
    assert both.from_json("fan_in") == "fanIn"
    assert both.to_json(3) == both.from_json(3) == 3


@pytest.mark.parametrize(
    "name",
    [
        *("ReLU", "PReLU", "LeakyReLU", "SimpleRNN", "ConvLSTM2D", "Conv2D", "SpatialDropout1D", "GRU"),
        *("inputDType", "fanAvg", "channelsLast", "useBias", "kernelInitializer", "batchInputShape"),
        *("x", "a1", "_x"),
    ],
)
def test_spellings_are_tensorflows(tfjs: Any, name: str) -> None:
    """The rule is written down in the documentation of TensorFlow.js' format; here its program applies it."""
    code = """
        const layer = tf.layers.dense({units: 1, inputShape: [1]});
        layer.getConfig = () => ({units: 1, name: 'd', trainable: true, [name]: 1});
        const model = tf.sequential({layers: [layer]});
        return Object.keys(model.toJSON(null, false).config.layers[0].config).pop();
    """
    assert to_snake_case(name) == tfjs.eval(code, name=name)


@pytest.mark.parametrize(
    ("snake", "camel"),
    [
        ("use_bias", "useBias"),
        ("a", "a"),
        ("fan__avg", "fanAvg"),
        ("x_1", "x1"),
        ("useBias", "useBias"),
        ("a_", "a"),
    ],
)
def test_camel_case(snake: str, camel: str) -> None:
    assert to_camel_case(snake) == camel


# --- functions ---


class Model:
    @configured(
        "tf.LayersModel.fit",
        option("epochs", Integer(minimum=1), 1, "How often."),
        option("batchSize", Integer(minimum=1), 32, "How many at once."),
    )
    def fit(self, x: Any, y: Any = None, config: Any = None) -> Any:
        """Fits.

        Twice indented:
            text.
        """
        return self, x, y, config


@configured("tf.train.sgd", option("learningRate", Number(), doc="Speed."), positional=("learningRate",))
def sgd(config: Any) -> Any:
    """Makes one."""
    return config.learningRate


def test_configured_method() -> None:
    model = Model()
    for call in (
        lambda: model.fit(1, 2, {"epochs": 3}),
        lambda: model.fit(1, 2, epochs=3),
        lambda: model.fit(1, y=2, epochs=3),
        lambda: model.fit(x=1, y=2, epochs=3),
        lambda: Model.fit(model, 1, 2, {"epochs": 3}),
    ):
        assert call() == (model, 1, 2, {"epochs": 3, "batchSize": 32})
    config = model.fit(1)[3]
    assert config.epochs == config["epochs"] == 1
    with pytest.raises(AttributeError):
        _ = config.nothing


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda m: m.fit(), ['"x" is missing']),
        (lambda m: m.fit(1, 2, 3), ["3 (int)", 'fit(x, y, {"epochs": 3})', "fit(x, y, epochs=3)"]),
        (lambda m: m.fit(1, 2, {}, 3), ["2 arguments and a config", "got 4"]),
        (lambda m: m.fit(1, 2, {"epochs": 1}, epochs=2), ["not both"]),
        (lambda m: m.fit(1, 2, batch_size=3), ['write "batchSize"']),
        (lambda m: m.fit(1, x=2), ['"x" is given twice']),
    ],
)
def test_configured_method_refuses(call: Any, words: list[str]) -> None:
    refused(lambda: call(Model()), "tf.LayersModel.fit", *words)


def test_configured_function() -> None:
    assert sgd(0.1) == sgd(learningRate=0.1) == sgd({"learningRate": 0.1}) == 0.1
    refused(sgd, '"learningRate" is required')
    refused(lambda: sgd(1, 2), "at most 1")


def test_signatures_and_docs() -> None:
    assert str(inspect.signature(quick)).startswith(
        "(units: 'int', learningRate: 'float' = 0.1, *, flag: 'bool' = True"
    )
    parameters = inspect.signature(thing).parameters
    assert all(p.kind is p.KEYWORD_ONLY for p in parameters.values())
    assert parameters["units"].default is inspect.Parameter.empty
    assert parameters["padding"].annotation == 'Literal["valid", "sameSize"]'
    assert (
        str(inspect.signature(Model().fit))
        == "(x: 'Any', y: 'Any' = None, *, epochs: 'int' = 1, batchSize: 'int' = 32)"
    )
    for shown in (
        "A thing with options.",
        "units: an integer of at least 1; required. How many.",
        "also `lr`",
    ):
        assert shown in thing.__doc__
    assert "batchSize: an integer of at least 1; default 32. How many at once." in Model.fit.__doc__
    assert repr(thing) == "<function tf.things.thing>"
