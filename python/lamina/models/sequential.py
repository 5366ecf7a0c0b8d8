"""tf.sequential: a stack of layers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._borders import borders
from ..config import Anything, ListOf, configured, option
from ..errors import ConfigError
from ..kinds import String, describe
from ..layers.base import Layer
from ..layers.naming import uid
from ..layers.shapes import one_shape
from ..layers.symbolic import get_source_inputs
from ..serialization import SerializationMap
from .container import Container
from .model import LayersModel

__all__ = ["Sequential", "sequential"]

ONE_OUTPUT = (
    "All layers in a Sequential model should have a single output tensor. "
    "For multi-output layers, use the functional API."
)
ONE_INPUT = (
    "All layers in a Sequential model should have a single input tensor. "
    "For multi-input layers, use the functional API."
)


class Sequential(LayersModel):
    """A model whose layers stand one behind the other; made by tf.sequential()."""

    className = "Sequential"
    options = ()

    _not_compiled = "The model needs to be compiled before being used."

    def __init__(self, name: str | None = None, layers: Any = ()) -> None:
        if name is not None and not isinstance(name, str):
            raise ConfigError(
                "tf.Sequential is the class: write tf.sequential(layers=[...]) to make a model."
            )
        super(LayersModel, self).__init__(name)
        self.built = False
        # The output after each layer, so that pop() finds its way back.
        self._tails: list[Any] = []
        for layer in layers:
            self.add(layer)

    def _default_name(self) -> str:
        return uid("sequential_")

    # --- layers ---

    def add(self, layer: Any) -> None:
        """Puts a layer (or a model of one input and one output) on top.

        The first one needs an inputShape. Raises ValueError where it has none or does not fit what is below.
        """
        if isinstance(layer, Layer):
            # Raises where the layer's __init__() left out that of Layer.
            layer.inboundNodes  # noqa: B018
        elif not hasattr(layer, "inboundNodes"):
            raise TypeError(
                f"model.add() takes a layer, such as tf.layers.dense({{'units': 1}}); got {describe(layer)}"
            )
        if isinstance(layer, Container):
            if any(each is self for each in _with_inner(layer)):
                raise ValueError(
                    f"Model {self.name} cannot be added to itself. For the same layers twice, add each of "
                    "them again; for a copy, add tf.models.modelFromJSON(model.toJSON()).result()."
                )
            layer._ensure_built()
            if len(layer.outputs) != 1:
                raise ValueError(ONE_OUTPUT)
            if len(layer.inputs) != 1:
                raise ValueError(ONE_INPUT)
        if self._tails:
            output = layer.apply(self.outputs[0])
            if isinstance(output, list):
                raise TypeError(ONE_OUTPUT)
            _check_sizes(layer, layer.inboundNodes[-1])
        else:
            output = self._begin(layer)
        self._tails.append(output)
        self.outputs = [output]
        self.layers.append(layer)
        self._changed()

    def _begin(self, layer: Any) -> Any:
        from ..layers.entrance import input as make_input

        if isinstance(layer, Container):
            self.inputs = list(layer.inputs)
            return layer.outputs[0]
        if not layer.inboundNodes:
            if layer.batchInputShape is None:
                raise ValueError(
                    "The first layer in a Sequential model must get an `inputShape` or `batchInputShape` "
                    "argument."
                )
            layer.apply(
                make_input(batchShape=layer.batchInputShape, dtype=layer.dtype, name=f"{layer.name}_input")
            )
        if len(layer.inboundNodes) != 1:
            raise ValueError(
                "A layer added to a Sequential model must not already be connected somewhere else. "
                f"LayersModel received layer {layer.name} which has {len(layer.inboundNodes)} pre-existing "
                "inbound connections."
            )
        node = layer.inboundNodes[0]
        if len(node.outputTensors) != 1:
            raise ValueError(ONE_OUTPUT)
        _check_sizes(layer, node)
        self.inputs = get_source_inputs(node.outputTensors[0]) if node.inboundLayers else node.outputTensors
        return node.outputTensors[0]

    def pop(self) -> None:
        """Takes the last layer away. Raises TypeError where there is none."""
        if not self.layers:
            raise TypeError("There are no layers in the model.")
        self.layers.pop()
        self._tails.pop()
        if self._tails:
            self.layers[-1].outboundNodes = []
            self.outputs = [self._tails[-1]]
        else:
            self.inputs, self.outputs = [], []
        self._changed()

    def _changed(self) -> None:
        self.built = False
        self._drop_compilation()
        calls = self.inboundNodes[1:]
        self.inboundNodes = []
        if self._tails:
            self._add_inner_node()
        self.inboundNodes += calls

    def build(self, inputShape: Any = None) -> None:
        """Makes the graph of the layers. Raises TypeError where there are none."""
        if inputShape is not None:
            one_shape(inputShape)
        if not self._tails:
            raise TypeError("Sequential model cannot be built: model is empty. Add some layers first.")
        self._set_graph(self.inputs, self.outputs)
        self.built = True

    def _ensure_built(self) -> None:
        if not self.built:
            self.build()

    def _uses(self) -> list[Any]:
        return self.layers

    def countParams(self) -> int:
        self._ensure_built()
        return super().countParams()

    # --- config ---

    def getConfig(self) -> dict[str, Any]:
        """The name, and class names and configs of the layers in their order."""
        layers = [{"className": layer.getClassName(), "config": layer.getConfig()} for layer in self.layers]
        return {"name": self.name, "layers": layers}

    @classmethod
    def fromConfig(cls, config: Any) -> Sequential:
        """A model from what getConfig() returned, or from the config in a file of TensorFlow.js or Keras."""
        from .topology import make_layer

        entries = config if isinstance(config, list) else config.get("layers")
        if not isinstance(entries, list):
            raise ValueError(
                "When the config data for a Sequential model is not an Array, it must be an Object that "
                "contains the 'layers' field."
            )
        name = None if isinstance(config, list) else config.get("name")
        if not isinstance(name, (str, type(None))):
            raise ValueError(f"Corrupted configuration, expected a string for the name of a model: {name!r}")
        model = cls(name)
        for index, entry in enumerate(entries):
            if not isinstance(entry, Mapping):
                raise ValueError(f"Corrupted configuration, expected an object for layer {index}: {entry!r}")
            layer = make_layer(entry)
            if index == 0 and isinstance(config, Mapping):
                _give_input_shape(layer, config)
            model.add(layer)
        return model


def _give_input_shape(layer: Any, config: Mapping[str, Any]) -> None:
    """Keras writes the input shape of a model that was built late beside its layers."""
    shape = config.get("buildInputShape", config.get("build_input_shape"))
    if (
        shape
        and not layer.inboundNodes
        and layer.batchInputShape is None
        and not isinstance(layer, Container)
    ):
        layer.batchInputShape = tuple(shape)
        layer.dtype = layer.dtype or "float32"


def _check_sizes(layer: Any, node: Any) -> None:
    if any(size is not None and size < 0 for size in node.outputTensors[0].shape):
        given = ",".join("" if size is None else str(size) for size in node.inputTensors[0].shape)
        raise ValueError(
            f"Negative dimension size caused by adding layer {layer.name} with input shape [{given}]"
        )


SerializationMap.register(Sequential)
borders(Sequential)


@configured(
    "tf.sequential",
    option("layers", ListOf(Anything("a layer")), None, "The layers, from the input on."),
    option("name", String(), None, "Name of the model."),
)
def sequential(config: Any) -> Sequential:
    """A model of layers one behind the other: `tf.sequential()`, `tf.sequential({"layers": [...]})`."""
    return Sequential(config.name, config.layers or ())


def _with_inner(layer: Any) -> Iterator[Any]:
    """A layer, and those that stand in it at any depth."""
    yield layer
    for inner in getattr(layer, "layers", ()):
        yield from _with_inner(inner)
