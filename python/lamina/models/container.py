"""Container: a layer made of layers, with the graph between them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from ..changes import toggle
from ..config import Option, option
from ..errors import DisposedError, LaminaWarning
from ..kinds import String, describe
from ..layers.base import Layer
from ..layers.naming import uid
from ..layers.shapes import as_shapes
from ..layers.symbolic import Node, SymbolicTensor
from ..results import DisposeResult
from .entries import LAYERS, REFERENCES
from .executor import Executor
from .graph import Graph

__all__ = ["Container"]


class Container(Layer):
    """What functional models and sequential ones have in common. It is a layer, too, and may stand in a
    model.
    """

    className = "Container"
    # As they stand in a file; the constructor takes inputs, outputs and a name.
    options: ClassVar[tuple[Option, ...]] = (
        option("name", String(), None, "Name of the model.", stored=False),
        option("layers", LAYERS, None, "The layers.", stored=False),
        option("inputLayers", REFERENCES, None, "Where the inputs come from.", stored=False),
        option("outputLayers", REFERENCES, None, "Where the outputs come from.", stored=False),
    )

    def __init__(self, name: str | None = None) -> None:
        super().__init__({"name": name})
        self.inputs: list[SymbolicTensor] = []
        self.outputs: list[SymbolicTensor] = []
        self.layers: list[Any] = []
        self.inputLayers: list[Any] = []
        self.inputNames: list[str] = []
        self.outputNames: list[str] = []
        self.feedInputShapes: list[tuple[int | None, ...]] = []
        self._graph: Graph | None = None
        self._executor: Executor | None = None
        self._refCount = 1

    def _default_name(self) -> str:
        return uid(self.getClassName().lower())

    # --- the graph ---

    def _set_graph(self, inputs: Sequence[Any], outputs: Sequence[Any]) -> None:
        """Takes the graph between symbolic tensors as this container's own."""
        for x in (*inputs, *outputs):
            if not isinstance(x, SymbolicTensor):
                raise TypeError(
                    "The inputs and outputs of a model are symbolic tensors, from tf.input() and from "
                    f"applying layers to them; got {describe(x)}"
                )
        _check_inputs(inputs)
        names = [x.name for x in outputs]
        if len({x.id for x in outputs}) != len(outputs):
            warnings.warn(
                "The list of outputs passed to the model is redundant. All outputs should only appear once. "
                f"Found: {','.join(names)}",
                LaminaWarning,
                stacklevel=3,
            )
        self._graph = Graph(inputs, outputs)
        self._executor = Executor(self._graph)
        self.inputs, self.outputs = list(inputs), list(outputs)
        self.inputLayers = [x.sourceLayer for x in inputs]
        self.inputNames = [layer.name for layer in self.inputLayers]
        self.outputNames = [x.sourceLayer.name for x in outputs]
        self.feedInputShapes = [tuple(x.shape) for x in inputs]

    def _add_inner_node(self) -> None:
        """The node that links the container's own inputs to its outputs, always its first."""
        node = Node(
            self,
            inputTensors=self.inputs,
            outputTensors=[],
            inputShapes=[x.shape for x in self.inputs],
            outputShapes=[x.shape for x in self.outputs],
            callArgs={},
            inbound=False,
        )
        # The outputs stay those of the inner layers.
        node.outputTensors = list(self.outputs)
        node.outputMasks = [None] * len(self.outputs)

    @property
    def graph(self) -> Graph:
        self._ensure_built()
        assert self._graph is not None
        return self._graph

    def _ensure_built(self) -> None:
        """Makes the graph where it is made late."""

    @property
    def internalOutputShapes(self) -> list[tuple[int | None, ...]]:
        return [tuple(x.shape) for x in self.outputs]

    # --- running ---

    def run(self, inputs: Sequence[Any], training: bool = False) -> list[Any]:
        """The outputs for tensors in the order of `inputs`."""
        return self.run_with_masks(inputs, training)[0]

    def run_with_masks(
        self, inputs: Sequence[Any], training: bool = False, masks: Sequence[Any] | None = None
    ) -> tuple[list[Any], list[Any]]:
        self._ensure_built()
        assert self._executor is not None
        if self._callHook is not None:
            self.invokeCallHook(inputs[0] if len(inputs) == 1 else list(inputs), {"training": training})
        return self._executor.run(inputs, training, masks)

    def _run(self, inputs: list[Any], kwargs: dict[str, Any]) -> Any:
        if len(inputs) != len(self.inputs):
            raise ValueError(f"{self.name} has {len(self.inputs)} inputs, but was called with {len(inputs)}")
        mask = kwargs.get("mask")
        masks = mask if isinstance(mask, (list, tuple)) else None if mask is None else [mask]
        outputs, _ = self.run_with_masks(inputs, bool(kwargs.get("training")), masks)
        outputs = [y.clone() if any(y is x for x in inputs) else y for y in outputs]
        return outputs[0] if len(outputs) == 1 else outputs

    def call(self, inputs: Any, kwargs: dict[str, Any]) -> Any:
        return self._run(list(inputs) if isinstance(inputs, (list, tuple)) else [inputs], kwargs)

    def computeMask(self, inputs: Any, mask: Any = None) -> Any:
        given = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
        masks = mask if isinstance(mask, (list, tuple)) else [mask] * len(given)
        made = self.run_with_masks(given, False, masks)[1]
        return made[0] if len(made) == 1 else made

    def computeOutputShape(self, inputShape: Any) -> Any:
        shapes = as_shapes(inputShape)
        graph = self.graph
        if len(shapes) != len(graph.inputs):
            raise ValueError(
                f"Invalid inputShape argument {inputShape}: model has {len(graph.inputs)} tensor inputs."
            )
        if shapes == [tuple(x.shape) for x in graph.inputs]:
            found = [tuple(x.shape) for x in graph.outputs]
            return found[0] if len(found) == 1 else found
        known = {x.id: shape for x, shape in zip(graph.inputs, shapes, strict=True)}
        for node in graph.nodes:
            if all(x.id in known for x in node.outputTensors):
                continue
            given = [known[x.id] for x in node.inputTensors]
            made = as_shapes(node.outboundLayer.computeOutputShape(given[0] if len(given) == 1 else given))
            known.update({x.id: shape for x, shape in zip(node.outputTensors, made, strict=True)})
        found = [known[x.id] for x in graph.outputs]
        return found[0] if len(found) == 1 else found

    # --- weights ---

    @property
    def _unique_layers(self) -> list[Any]:
        return list({id(layer): layer for layer in self.layers}.values())

    @property
    def trainable(self) -> bool:
        return self._trainable

    @trainable.setter
    def trainable(self, trainable: bool) -> None:
        _mark_weights(self, trainable)
        self._trainable = trainable
        toggle(self)

    @property  # type: ignore[misc]
    def trainableWeights(self) -> list[Any]:
        if not self._trainable:
            return []
        return [weight for layer in self._unique_layers for weight in layer.trainableWeights]

    @property  # type: ignore[misc]
    def nonTrainableWeights(self) -> list[Any]:
        weights = [weight for layer in self._unique_layers for weight in layer.nonTrainableWeights]
        if self._trainable:
            return weights
        return [weight for layer in self._unique_layers for weight in layer.trainableWeights] + weights

    def _weights_by_nature(self) -> tuple[list[Any], list[Any]]:
        held = [layer._weights_by_nature() for layer in self._unique_layers]
        return [w for trained, _ in held for w in trained], [w for _, fixed in held for w in fixed]

    @property
    def stateful(self) -> bool:
        return any(layer.stateful for layer in self.layers)

    def resetStates(self, states: Any = None) -> None:
        """Resets the states of all stateful layers."""
        for layer in self._unique_layers:
            if layer.stateful:
                layer.resetStates()

    def calculateLosses(self) -> list[Any]:
        """The penalties of all layers, each layer counted once, as scalars."""
        return [loss for layer in self._unique_layers for loss in layer.calculateLosses()]

    def setFastWeightInitDuringBuild(self, value: bool) -> None:
        super().setFastWeightInitDuringBuild(value)
        for layer in self.layers:
            layer.setFastWeightInitDuringBuild(value)

    # --- layers ---

    def getLayer(self, nameOrIndex: str | int | None = None, index: int | None = None) -> Any:
        """The layer of a name or an index. Raises ValueError where there is none."""
        if index is None and isinstance(nameOrIndex, int):
            index = nameOrIndex
        if index is not None:
            if not -len(self.layers) <= index < len(self.layers):
                raise ValueError(
                    f"Was asked to retrieve layer at index {index}, but model only has {len(self.layers)} "
                    "layer(s)."
                )
            return self.layers[index]
        if nameOrIndex is None:
            raise ValueError("Provide either a layer name or layer index")
        for layer in self.layers:
            if layer.name == nameOrIndex:
                return layer
        raise ValueError(
            f"No such layer: {nameOrIndex}. The layers are: {', '.join(layer.name for layer in self.layers)}"
        )

    # --- the end ---

    def assertNotDisposed(self) -> None:
        if self._refCount == 0:
            raise DisposedError(f"Container '{self.name}' is already disposed.")

    def dispose(self) -> DisposeResult:
        """Gives up one use of the model; with the last one, those of its layers, whose weights are freed when
        nothing else uses them. Returns `{refCountAfterDispose, numDisposedVariables}`."""
        self.assertNotDisposed()
        assert self._refCount is not None
        self._refCount -= 1
        disposed = 0
        if self._refCount == 0:
            uses = self._uses()
            # A model has one use more, with which it begins.
            for layer in [*uses, *(each for each in self._unique_layers if isinstance(each, Container))]:
                # Another model over the same graph may have freed it already.
                if layer._refCount != 0:
                    disposed += layer.dispose().numDisposedVariables
        return DisposeResult(refCountAfterDispose=self._refCount, numDisposedVariables=disposed)

    def _uses(self) -> list[Any]:
        """The layers, each as often as this model calls it."""
        return [node.outboundLayer for node in self.graph.nodes]

    # --- config ---

    def getConfig(self) -> dict[str, Any]:
        """The graph as plain data: names and configs of the layers, and how they are connected."""
        from .topology import graph_config

        return {"name": self.name, **graph_config(self.graph, self.layers, self.outputs, self.inputs)}


def _check_inputs(inputs: Sequence[Any]) -> None:
    if len({x.id for x in inputs}) != len(inputs):
        raise ValueError(
            "The list of inputs passed to the model is redundant. All inputs should only appear once. "
            f"Found: {','.join(x.name for x in inputs)}"
        )
    for index, x in enumerate(inputs):
        layer = x.sourceLayer
        if layer.getClassName() != "InputLayer":
            raise TypeError(
                "Input layers to a LayersModel must be InputLayer objects. "
                f"Received inputs: {','.join(str(x) for x in inputs)}. "
                f"Input {index} (0-based) originates from layer type {layer.getClassName()}."
            )


def _mark_weights(container: Container, trainable: bool) -> None:
    """Marks all layers and their weights; the layers' own `trainable` stays, as in TensorFlow.js."""
    for layer in container.layers:
        if isinstance(layer, Container):
            _mark_weights(layer, trainable)
        layer._frozenByModel = not trainable
        toggle(layer)
        for weight in layer._trainableWeights:
            weight.trainable = trainable


def as_tensors(value: Any) -> list[Any]:
    """One symbolic tensor, or a list, or a dict of them, as a list."""
    if isinstance(value, Mapping):
        return list(value.values())
    return list(value) if isinstance(value, (list, tuple)) else [value]
