"""The graph behind a model: its nodes in an order in which they can run, and its layers in TensorFlow.js'
order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["Graph"]


class Graph:
    """All nodes between `inputs` and `outputs` (symbolic tensors), those of inputs without any use included.

    `nodes` is sorted so that every node comes after those it needs; `layers` holds each layer once, by
    decreasing depth and, within a depth, in the order in which the walk from the outputs met them. Raises
    RuntimeError for cycles, for outputs that the inputs do not reach, and for two layers of one name.
    """

    def __init__(self, inputs: Sequence[Any], outputs: Sequence[Any]) -> None:
        self.inputs = list(inputs)
        self.outputs = list(outputs)
        met: dict[int, int] = {}
        # Inputs last: those that no output needs belong to the model, too.
        found = _walk([*self.outputs, *self.inputs], met)
        node_depths, layer_depths = _depths(found)
        self.node_depths = {id(node): depth for node, depth in node_depths}
        self.nodes = [node for node, _ in sorted(node_depths, key=lambda entry: -entry[1])]
        by_id = {id(node.outboundLayer): node.outboundLayer for node in found}
        ordered = sorted(by_id, key=lambda key: (-layer_depths[key], met[key]))
        self.layers = [by_id[key] for key in ordered]
        self._members = {id(node) for node in found}
        self._check_connected()
        self._check_names()

    def __contains__(self, node: object) -> bool:
        return id(node) in self._members

    def _check_connected(self) -> None:
        computable = {x.id for x in self.inputs}
        complete: list[str] = []
        for node in self.nodes:
            layer = node.outboundLayer
            for x in node.inputTensors:
                if x.id not in computable:
                    raise RuntimeError(
                        f"Graph disconnected: cannot obtain value for tensor {x.name} {list(x.shape)} "
                        f'at layer "{layer.name}". The following previous layers were accessed without '
                        f"issue: {','.join(complete)}"
                    )
            computable.update(x.id for x in node.outputTensors)
            complete.append(layer.name)

    def _check_names(self) -> None:
        names = [layer.name for layer in self.layers]
        for name in names:
            count = names.count(name)
            if count != 1:
                raise RuntimeError(
                    f'The name "{name}" is used {count} times in the model. All layer names should be '
                    f"unique. Layer names: {names}"
                )


def node_of(tensor: Any) -> Any:
    """The node that makes a symbolic tensor."""
    return tensor.sourceLayer.inboundNodes[tensor.nodeIndex]


def _walk(ends: list[Any], met: dict[int, int]) -> list[Any]:
    """All nodes behind these tensors, each after those it needs. Notes in `met` when a layer is seen first.

    The walk keeps its own stack, as models may be deeper than Python's.
    """
    found: list[Any] = []
    finished: set[int] = set()
    active: set[int] = set()
    for end in ends:
        stack: list[tuple[Any, int]] = [(end, -1)]
        while stack:
            tensor, position = stack.pop()
            node = node_of(tensor)
            if position < 0:
                if id(node) in finished:
                    continue
                if id(node) in active:
                    raise RuntimeError(
                        f'The tensor {tensor.name} at layer "{tensor.sourceLayer.name}" is part of a cycle.'
                    )
                active.add(id(node))
                met.setdefault(id(tensor.sourceLayer), len(met))
                position = 0
            # The inner nodes of an input layer end here; a node made for its inputs has itself as input.
            sources = [] if not node.inboundLayers else node.inputTensors
            if position < len(sources):
                stack.append((tensor, position + 1))
                stack.append((sources[position], -1))
                continue
            active.discard(id(node))
            finished.add(id(node))
            found.append(node)
    return found


def _depths(found: list[Any]) -> tuple[list[tuple[Any, int]], dict[int, int]]:
    """Depths of nodes and layers: 0 at the outputs; a shared layer is as deep as its deepest node."""
    depths: dict[int, int] = {}
    layers: dict[int, int] = {}
    for node in reversed(found):
        layer = id(node.outboundLayer)
        depth = max(depths.get(id(node), 0), layers.get(layer, 0))
        depths[id(node)] = layers[layer] = depth
        if node.inboundLayers:
            for x in node.inputTensors:
                source = id(node_of(x))
                depths[source] = max(depths.get(source, 0), depth + 1)
    return [(node, depths[id(node)]) for node in reversed(found)], layers
