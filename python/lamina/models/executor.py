"""Runs a graph on tensors: each node once, every mask only where it belongs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .. import _core
from ..debugging import inside
from ..layers.base import as_list
from .graph import Graph

__all__ = ["Executor"]


class Step:
    """One node, with the slots of its inputs and outputs."""

    __slots__ = ("inputs", "kwargs", "layer", "outputs", "runs_graph")

    def __init__(self, node: Any, slots: dict[int, int]) -> None:
        self.layer = node.outboundLayer
        self.inputs = [slots[x.id] for x in node.inputTensors]
        self.outputs = [slots[x.id] for x in node.outputTensors]
        # Whether a model trains is for the call of the model to say, as in TensorFlow.js.
        kwargs = {k: v for k, v in node.callArgs.items() if v is not None and k != "training"}
        self.kwargs: Mapping[str, Any] = kwargs
        # A model inside a model passes masks in and out.
        self.runs_graph = hasattr(self.layer, "run_with_masks")


class Executor:
    """A graph made ready to run."""

    def __init__(self, graph: Graph) -> None:
        self._inputs = graph.inputs
        slots: dict[int, int] = {}
        for x in graph.inputs:
            slots.setdefault(x.id, len(slots))
        self._steps: list[Step] = []
        for node in graph.nodes:
            fed = all(x.id in slots for x in node.outputTensors)
            for x in node.outputTensors:
                slots.setdefault(x.id, len(slots))
            # What is fed need not be computed: input layers, and any tensor given in their place.
            if not fed:
                self._steps.append(Step(node, slots))
        self._size = len(slots)
        self._outputs = [slots[x.id] for x in graph.outputs]
        self._fed = [slots[x.id] for x in graph.inputs]

    def run(
        self, inputs: Sequence[Any], training: bool = False, masks: Sequence[Any] | None = None
    ) -> tuple[list[Any], list[Any]]:
        """The outputs and their masks (None where there is none) for tensors in the order of the graph's
        inputs.

        Raises ValueError where an input's dtype cannot become that of the model.
        """
        values: list[Any] = [None] * self._size
        found_masks: list[Any] = [None] * self._size
        for index, (slot, key, value) in enumerate(zip(self._fed, self._inputs, inputs, strict=True)):
            values[slot] = as_dtype(value, key)
            found_masks[slot] = masks[index] if masks else None
        for step in self._steps:
            given = [values[slot] for slot in step.inputs]
            given_masks = [found_masks[slot] for slot in step.inputs]
            try:
                with inside(step.layer):
                    outputs, made_masks = _run_layer(step, given, given_masks, training)
            except Exception as error:
                _note(error, step.layer, given)
                raise
            for slot, value, mask in zip(step.outputs, outputs, made_masks, strict=True):
                values[slot], found_masks[slot] = value, mask
        return [values[slot] for slot in self._outputs], [found_masks[slot] for slot in self._outputs]


def as_dtype(value: Any, key: Any) -> Any:
    if value.dtype == key.dtype:
        return value
    try:
        return _core.ops.cast(value, key.dtype)
    except (ValueError, TypeError):
        raise ValueError(
            f"The dtype of the feed ({value.dtype}) can not be cast to the dtype of the key "
            f"'{key.name}' ({key.dtype})."
        ) from None


def _run_layer(step: Step, given: list[Any], masks: list[Any], training: bool) -> tuple[list[Any], list[Any]]:
    layer = step.layer
    if step.runs_graph:
        layer.assertNotDisposed()
        outputs, made = layer.run_with_masks(given, training, masks)
        return outputs, made
    kwargs = dict(step.kwargs)
    if training:
        kwargs.setdefault("training", True)
    masked = any(mask is not None for mask in masks)
    if masked:
        kwargs.setdefault("mask", masks[0] if len(masks) == 1 else masks)
    outputs = as_list(layer._run(given, kwargs) if layer.built else layer.apply(given, kwargs))
    return outputs, _output_masks(layer, given, masks, len(outputs))


def _output_masks(layer: Any, given: list[Any], masks: list[Any], count: int) -> list[Any]:
    if not layer.supportsMasking:
        return [None] * count
    single = len(given) == 1
    made = layer.computeMask(given[0] if single else given, masks[0] if single else masks)
    found = as_list(made)
    return (found + [None] * count)[:count]


def _note(error: Exception, layer: Any, given: list[Any]) -> None:
    """Says in which layer it happened, where Python has notes on errors."""
    add_note = getattr(error, "add_note", None)
    if add_note is not None:
        shapes = ", ".join(str(list(x.shape)) for x in given)
        add_note(f"in layer {layer.name} ({layer.getClassName()}) on input of shape {shapes}")
