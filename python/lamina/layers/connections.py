"""How a layer stands in the graph: its symbolic inputs and outputs, by the nodes of its symbolic calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .shapes import Shapes

if TYPE_CHECKING:
    from .symbolic import Node, SymbolicTensor

__all__ = ["Connected"]


class Connected:
    """The part of Layer that deals with nodes."""

    name: str
    inboundNodes: list[Node]
    outboundNodes: list[Node]

    def _node(self, index: int, what: str) -> Node:
        if not self.inboundNodes:
            raise RuntimeError(f"The layer {self.name} has never been called and thus has no defined {what}.")
        if not 0 <= index < len(self.inboundNodes):
            raise ValueError(
                f"Asked to get {what} at node {index}, but the layer {self.name} has only "
                f"{len(self.inboundNodes)} inbound nodes."
            )
        return self.inboundNodes[index]

    def _only_node(self, what: str, none: str) -> Node:
        if not self.inboundNodes:
            raise AttributeError(f"Layer {self.name} {none}")
        if len(self.inboundNodes) > 1:
            raise AttributeError(
                f'Layer {self.name} has multiple inbound nodes, hence the notion of "layer {what}" is '
                "ill-defined. "
                f"Use `get{what.capitalize()}At(nodeIndex)` instead."
            )
        return self.inboundNodes[0]

    def getInputAt(self, nodeIndex: int) -> SymbolicTensor | list[SymbolicTensor]:
        """The input(s) of the layer's symbolic call of that index, from 0."""
        return _one_or_all(self._node(nodeIndex, "input").inputTensors)

    def getOutputAt(self, nodeIndex: int) -> SymbolicTensor | list[SymbolicTensor]:
        """The output(s) of the layer's symbolic call of that index, from 0."""
        return _one_or_all(self._node(nodeIndex, "output").outputTensors)

    @property
    def input(self) -> SymbolicTensor | list[SymbolicTensor]:
        """The input(s) of the only symbolic call. AttributeError where there is none or more than one."""
        return _one_or_all(self._only_node("input", "is not connected, no input to return.").inputTensors)

    @property
    def output(self) -> SymbolicTensor | list[SymbolicTensor]:
        """The output(s) of the only symbolic call. AttributeError where there is none or more than one."""
        return _one_or_all(self._only_node("output", "has no inbound nodes.").outputTensors)

    @property
    def outputShape(self) -> Shapes:
        """The shape(s) of the output, where all symbolic calls agree on it. AttributeError otherwise."""
        if not self.inboundNodes:
            raise AttributeError(
                f"The layer {self.name} has never been called and thus has no defined output shape."
            )
        shapes = self.inboundNodes[0].outputShapes
        if any(node.outputShapes != shapes for node in self.inboundNodes):
            raise AttributeError(
                f"The layer {self.name} has multiple inbound nodes with different output shapes. "
                'Hence the notion of "output shape" is ill-defined for the layer.'
            )
        return shapes[0] if len(shapes) == 1 else list(shapes)


def _one_or_all(tensors: list[SymbolicTensor]) -> SymbolicTensor | list[SymbolicTensor]:
    return tensors[0] if len(tensors) == 1 else list(tensors)
