"""The topology of functional models as plain data, as TensorFlow.js writes it and as Keras 2 and 3 do."""

from __future__ import annotations

import json
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from ..errors import LaminaWarning
from ..kinds import LARGEST, to_camel_case, to_snake_case, whole_number
from ..layers.base import Layer
from ..layers.entrance import InputLayer
from ..serialization import deserialize, to_json
from .graph import Graph

__all__ = ["entry_to_json", "fast_weights", "graph_config", "make_layer", "restore_graph"]

KERAS_TENSOR = "__keras_tensor__"

_fast: ContextVar[bool] = ContextVar("lamina_fast_weights", default=False)


@contextmanager
def fast_weights(on: bool) -> Iterator[None]:
    """Inside, layers made from configs start with zeros, as their weights are about to be loaded."""
    token = _fast.set(on)
    try:
        yield
    finally:
        _fast.reset(token)


def entry_to_json(entry: dict[str, Any]) -> dict[str, Any]:
    written: dict[str, Any] = {"name": entry["name"]} if "name" in entry else {}
    written.update(to_json(entry))
    if "inboundNodes" in entry:
        written["inbound_nodes"] = [
            [[*reference[:3], {to_snake_case(k): v for k, v in reference[3].items()}] for reference in node]
            for node in entry["inboundNodes"]
        ]
    return written


# --- writing ---


def _first_call(layer: Any) -> int:
    """The index under which files know the first call: that of a model comes after its inner node."""
    return 1 if hasattr(layer, "run_with_masks") else 0


def graph_config(
    graph: Graph, layers: Sequence[Any], outputs: Sequence[Any], inputs: Sequence[Any]
) -> dict[str, Any]:
    """`layers`, `inputLayers` and `outputLayers`; calls outside of the graph are left out and the others
    renumbered.
    """
    numbers: dict[tuple[int, int], int] = {}
    for layer in layers:
        kept = _first_call(layer)
        for index, node in enumerate(layer.inboundNodes):
            if node in graph:
                numbers[id(layer), index] = kept
                kept += 1

    def reference(layer: Any, node_index: int, tensor_index: int) -> list[Any]:
        return [layer.name, numbers.get((id(layer), node_index), 0), tensor_index]

    entries = []
    for layer in layers:
        calls = []
        for node in layer.inboundNodes:
            if node in graph and node.inboundLayers:
                kwargs = _written_kwargs(layer, node.callArgs)
                sources = zip(node.inboundLayers, node.nodeIndices, node.tensorIndices, strict=True)
                calls.append([[*reference(*source), kwargs] for source in sources])
        entries.append(
            {
                "name": layer.name,
                "className": layer.getClassName(),
                "config": layer.getConfig(),
                "inboundNodes": calls,
            }
        )
    return {
        "layers": entries,
        "inputLayers": [reference(x.sourceLayer, x.nodeIndex, x.tensorIndex) for x in inputs],
        "outputLayers": [reference(x.sourceLayer, x.nodeIndex, x.tensorIndex) for x in outputs],
    }


def _written_kwargs(layer: Any, kwargs: Mapping[str, Any]) -> dict[str, Any]:
    given = {key: value for key, value in kwargs.items() if value is not None}
    try:
        json.dumps(given)
    except (TypeError, ValueError):
        warnings.warn(
            f"Layer {layer.name} was passed non-serializable keyword arguments: {given}. They will not be "
            "included in the serialized model (and thus will be missing at deserialization time).",
            LaminaWarning,
            stacklevel=2,
        )
        return {}
    return given


# --- reading ---


def make_layer(entry: Any) -> Any:
    """The layer of one entry, in any spelling."""
    if not isinstance(entry, Mapping):
        raise ValueError(f"Corrupted configuration, expected an object for a layer: {entry!r}")
    if isinstance(entry.get("config"), list) and "Sequential" in (
        entry.get("class_name"),
        entry.get("className"),
    ):
        # Old files of Keras: a Sequential's config is the list of its layers.
        entry = {**entry, "config": {"layers": entry["config"]}}
    layer = deserialize(dict(entry), Layer, "layer")
    layer.setFastWeightInitDuringBuild(_fast.get())
    return layer


class _Call:
    """One call that waits for its inputs."""

    def __init__(self, layer: Any, references: list[tuple[str, int, int]], kwargs: dict[str, Any]) -> None:
        self.layer = layer
        self.references = references
        self.kwargs = kwargs


def restore_graph(config: Mapping[str, Any]) -> tuple[list[Any], list[Any]]:
    """The symbolic inputs and outputs of the model that the config describes.

    Raises ValueError for configs that cannot be resolved, naming the layers.
    """
    entries = config.get("layers")
    if not isinstance(entries, list):
        raise ValueError("Corrupted configuration: a model needs the list `layers`")
    layers: dict[str, Any] = {}
    calls: list[_Call] = []
    for entry in entries:
        layer = make_layer(entry)
        name = entry.get("name") or layer.name
        if not isinstance(entry.get("name", ""), str):
            raise ValueError(f"Corrupted configuration, expected a string for the name of a layer: {name!r}")
        layers[name] = layer
        nodes = entry.get("inboundNodes", entry.get("inbound_nodes", []))
        if not isinstance(nodes, list):
            raise ValueError(
                f"Corrupted configuration, expected a list for inboundNodes of {name}: {nodes!r}"
            )
        if not nodes and not isinstance(layer, InputLayer):
            raise ValueError(
                f"Corrupted configuration: the layer {name} has no inboundNodes, so nothing says what it is "
                "applied to"
            )
        calls += [_Call(layer, *_parse_call(node)) for node in nodes]
    ends = {
        key: _references(_either(config, key, to_snake_case(key)), key)
        for key in ("inputLayers", "outputLayers")
    }
    offsets = _offsets(layers, [r for call in calls for r in call.references] + ends["outputLayers"])
    _make_calls(calls, layers, offsets)
    found = [
        [_resolved(reference, layers, offsets) for reference in ends[key]]
        for key in ("inputLayers", "outputLayers")
    ]
    for key, tensors in zip(ends, found, strict=True):
        for reference, tensor in zip(ends[key], tensors, strict=True):
            if tensor is None:
                raise ValueError(
                    f"Corrupted configuration: {key} names {list(reference)}, which no layer makes"
                )
    return found[0], found[1]


def _either(config: Mapping[str, Any], *keys: str) -> Any:
    return next((config[key] for key in keys if config.get(key) is not None), None)


def _make_calls(calls: list[_Call], layers: Mapping[str, Any], offsets: Mapping[str, int]) -> None:
    """Calls layers whose inputs are there, until all are called. The calls of one layer keep their order."""
    waiting = calls
    while waiting:
        left: list[_Call] = []
        blocked: set[int] = set()
        for call in waiting:
            tensors = [_resolved(reference, layers, offsets) for reference in call.references]
            if id(call.layer) in blocked or any(tensor is None for tensor in tensors):
                blocked.add(id(call.layer))
                left.append(call)
                continue
            kwargs = {key: _restored(value, layers, offsets) for key, value in call.kwargs.items()}
            call.layer.apply(tensors[0] if len(tensors) == 1 else tensors, kwargs)
        if len(left) == len(waiting):
            raise ValueError(_unresolved(left, layers))
        waiting = left


def _unresolved(calls: list[_Call], layers: Mapping[str, Any]) -> str:
    missing = sorted({name for call in calls for name, _, _ in call.references if name not in layers})
    waiting = ", ".join(dict.fromkeys(call.layer.name for call in calls))
    if missing:
        return (
            f"Corrupted configuration: the inputs of {waiting} name layers that do not exist: "
            f"{', '.join(missing)}"
        )
    return f"Corrupted configuration: the inputs of these layers are never made: {waiting}"


def _resolved(reference: tuple[str, int, int], layers: Mapping[str, Any], offsets: Mapping[str, int]) -> Any:
    """The tensor of a reference; None where it is not there (yet)."""
    name, node_index, tensor_index = reference
    layer = layers.get(name)
    if layer is None:
        return None
    index = node_index + offsets.get(name, 0)
    if index >= len(layer.inboundNodes):
        return None
    outputs = layer.inboundNodes[index].outputTensors
    return outputs[tensor_index] if tensor_index < len(outputs) else None


def _offsets(layers: Mapping[str, Any], references: Iterable[tuple[str, int, int]]) -> dict[str, int]:
    """Keras 3 counts the calls of an inner Sequential from 0; ours come after the inner node."""
    lowest: Counter[str] = Counter()
    for name, node_index, _ in references:
        lowest[name] = min(lowest.get(name, node_index), node_index)
    return {
        name: 1
        for name, lowest_index in lowest.items()
        if lowest_index == 0 and _first_call(layers.get(name)) == 1
    }


def _is_reference(value: Any) -> bool:
    return (
        isinstance(value, (list, tuple))
        and len(value) >= 3
        and isinstance(value[0], str)
        and all((index := whole_number(each)) is not None and 0 <= index < LARGEST for each in value[1:3])
    )


def _references(value: Any, key: str) -> list[tuple[str, int, int]]:
    """Ends of the graph: a list of references, a single one (Keras 3), or a dict of them by name."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if _is_reference(value):
        value = [value]
    if not isinstance(value, list) or not all(_is_reference(each) for each in value):
        raise ValueError(f"Corrupted configuration, {key} is not a list of [layer, node, tensor]: {value!r}")
    return [(each[0], int(each[1]), int(each[2])) for each in value]


def _parse_call(node: Any) -> tuple[list[tuple[str, int, int]], dict[str, Any]]:
    """The inputs and keywords of a call, from a list of references or from Keras 3's `{args, kwargs}`."""
    if isinstance(node, Mapping):
        tensors = list(_keras_tensors(node.get("args", [])))
        kwargs = {to_camel_case(k): v for k, v in node.get("kwargs", {}).items() if v is not None}
        if not tensors:
            raise ValueError(f"Corrupted configuration, a call without inputs: {node!r}")
        return tensors, kwargs
    if not isinstance(node, list):
        raise ValueError(f"Corrupted configuration, expected array for nodeData: {node!r}")
    if _is_reference(node):
        node = [node]
    if not all(_is_reference(each) for each in node):
        raise ValueError(
            f"Corrupted configuration, expected [layer, node, tensor, keywords] in nodeData: {node!r}"
        )
    kwargs = {}
    for each in node:
        if len(each) > 3 and each[3]:
            if not isinstance(each[3], Mapping) or not isinstance(
                each[3].get("training", False), (int, type(None))
            ):
                raise ValueError(f"Corrupted configuration, wrong keywords of a call: {each[3]!r}")
            kwargs.update({to_camel_case(k): v for k, v in each[3].items() if v is not None})
    return [(each[0], int(each[1]), int(each[2])) for each in node], kwargs


def _keras_tensors(value: Any) -> Iterator[tuple[str, int, int]]:
    if isinstance(value, Mapping):
        if value.get("class_name") == KERAS_TENSOR:
            name, node_index, tensor_index = value["config"]["keras_history"]
            yield name, int(node_index), int(tensor_index)
        else:
            for each in value.values():
                yield from _keras_tensors(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _keras_tensors(each)


def _restored(value: Any, layers: Mapping[str, Any], offsets: Mapping[str, int]) -> Any:
    """A keyword of a call; symbolic tensors among them are looked up."""
    if isinstance(value, Mapping) and value.get("class_name") == KERAS_TENSOR:
        return _resolved(next(_keras_tensors(value)), layers, offsets)
    if isinstance(value, list):
        return [_restored(each, layers, offsets) for each in value]
    return value
