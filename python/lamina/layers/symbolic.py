"""The graph that symbolic calls build: symbolic tensors, the nodes between layers, and what inputs a layer
takes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..config import NOT_GIVEN, Anything, DType, Integer, OptionSet, option
from ..config import Shape as ShapeKind
from .naming import next_id, scoped_name, unique_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .base import Layer
    from .shapes import Shape

__all__ = ["InputSpec", "Node", "SymbolicTensor", "get_source_inputs"]


class SymbolicTensor:
    """A tensor without values: the output of a layer while a model is put together.

    `shape` has None for unknown sizes (mostly the batch). `sourceLayer`, `nodeIndex` and `tensorIndex` say
    which output of which call of which layer it is.
    """

    def __init__(
        self,
        dtype: str,
        shape: Shape,
        sourceLayer: Layer,
        inputs: Sequence[SymbolicTensor],
        callArgs: Mapping[str, Any],
        *,
        name: str | None = None,
        outputTensorIndex: int | None = None,
    ) -> None:
        self.id = next_id()
        self.dtype = dtype
        self.shape = shape
        self.rank = len(shape)
        self.sourceLayer = sourceLayer
        self.inputs = list(inputs)
        self.callArgs = dict(callArgs)
        self.outputTensorIndex = outputTensorIndex
        self.nodeIndex = 0
        self.tensorIndex = 0
        self.originalName = scoped_name(name) if name else ""
        self.name = unique_name(self.originalName) if name else ""

    def _has_no_values(self) -> TypeError:
        return TypeError(
            f"{self!r} stands for an output of layer {self.sourceLayer.name} and has no values. Make "
            "a model of it with tf.model({'inputs': ..., 'outputs': ...}), or apply the layer to a tensor."
        )

    def __bool__(self) -> bool:
        raise self._has_no_values()

    def __float__(self) -> float:
        raise self._has_no_values()

    def __iter__(self) -> Any:
        raise self._has_no_values()

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise self._has_no_values()

    def __repr__(self) -> str:
        return f"<SymbolicTensor {self.name or self.id} {self.dtype}{self.shape}>"


class Node:
    """One symbolic call of a layer: which tensors went in and came out.

    It stands in the `inboundNodes` of the layer called and in the `outboundNodes` of the layers before.
    """

    def __init__(
        self,
        outboundLayer: Layer,
        *,
        inputTensors: Sequence[SymbolicTensor],
        outputTensors: Sequence[SymbolicTensor],
        inputShapes: Sequence[Shape],
        outputShapes: Sequence[Shape],
        callArgs: Mapping[str, Any],
        inbound: bool = True,
    ) -> None:
        self.id = next_id()
        self.outboundLayer = outboundLayer
        sources = inputTensors if inbound else ()
        self.inboundLayers = [x.sourceLayer for x in sources]
        self.nodeIndices = [x.nodeIndex for x in sources]
        self.tensorIndices = [x.tensorIndex for x in sources]
        self.inputTensors = list(inputTensors)
        self.outputTensors = list(outputTensors)
        self.inputMasks: list[Any] = [None] * len(self.inputTensors)
        self.outputMasks: list[Any] = [None] * len(self.outputTensors)
        self.inputShapes = list(inputShapes)
        self.outputShapes = list(outputShapes)
        self.callArgs = dict(callArgs)
        for layer in self.inboundLayers:
            layer.outboundNodes.append(self)
        outboundLayer.inboundNodes.append(self)
        for index, tensor in enumerate(self.outputTensors):
            tensor.sourceLayer = outboundLayer
            tensor.nodeIndex = len(outboundLayer.inboundNodes) - 1
            tensor.tensorIndex = index

    def getConfig(self) -> dict[str, Any]:
        return {
            "outboundLayer": self.outboundLayer.name,
            "inboundLayers": [layer.name for layer in self.inboundLayers],
            "nodeIndices": self.nodeIndices,
            "tensorIndices": self.tensorIndices,
        }


def get_source_inputs(
    tensor: SymbolicTensor, layer: Layer | None = None, node_index: int | None = None
) -> list[SymbolicTensor]:
    """The input tensors that `tensor` is computed from, each once, in the order of a depth-first walk."""
    if layer is None or node_index:
        layer, node_index = tensor.sourceLayer, tensor.nodeIndex
    found: dict[int, SymbolicTensor] = {}
    seen: set[int] = set()
    pending = [(tensor, layer, node_index or 0)]
    while pending:
        x, source, index = pending.pop()
        if not source.inboundNodes:
            found.setdefault(x.id, x)
            continue
        node = source.inboundNodes[index]
        # A node is walked once, however many paths lead to it.
        if node.id in seen:
            continue
        seen.add(node.id)
        if not node.inboundLayers:
            for each in node.inputTensors:
                found.setdefault(each.id, each)
        steps = zip(node.inputTensors, node.inboundLayers, node.nodeIndices, strict=bool(node.inboundLayers))
        pending += reversed(list(steps))
    return list(found.values())


_SPEC = OptionSet(
    "tf.InputSpec",
    (
        option("dtype", DType(), None, "Dtype."),
        option("shape", ShapeKind(), None, "Shape."),
        option("ndim", Integer(minimum=0), None, "Rank."),
        option("maxNDim", Integer(minimum=0), None, "Largest rank."),
        option("minNDim", Integer(minimum=0), None, "Smallest rank."),
        option("axes", Anything("a dict of sizes by axis"), None, "Sizes by axis."),
    ),
)


class InputSpec:
    """What one input of a layer must be; None leaves a property open.

    `axes` maps an axis (negative ones count from the end) to its size.
    """

    def __init__(self, config: Any = NOT_GIVEN, /, **keywords: Any) -> None:
        given = _SPEC.read(config, keywords)
        self.dtype: str | None = given.dtype
        self.shape: Shape | None = given.shape
        self.ndim: int | None = given.ndim if given.shape is None else len(given.shape)
        self.maxNDim: int | None = given.maxNDim
        self.minNDim: int | None = given.minNDim
        self.axes: dict[int, int | None] = {int(axis): size for axis, size in (given.axes or {}).items()}

    def completed(self, shape: Shape) -> Shape:
        """`shape`, its unknown sizes as they have to be."""
        sizes = list(shape)
        required = {**self.axes, **dict(enumerate(self.shape or ()))}
        for axis, size in required.items():
            if sizes[axis] is None:
                sizes[axis] = size
        return tuple(sizes)

    def check(self, x: Any, index: int, layer_name: str) -> None:
        """Raises ValueError where `x`, the input of that index, is not as specified."""
        problem = self._problem(tuple(x.shape), x.dtype)
        if problem:
            raise ValueError(f"Input {index} is incompatible with layer {layer_name}: {problem}.")

    def _problem(self, shape: Shape, dtype: str) -> str | None:
        ndim = len(shape)
        if self.ndim is not None and ndim != self.ndim:
            return f"expected ndim={self.ndim}, found ndim={ndim} (shape {shape})"
        if self.maxNDim is not None and ndim > self.maxNDim:
            return f"expected max_ndim={self.maxNDim}, found ndim={ndim} (shape {shape})"
        if self.minNDim is not None and ndim < self.minNDim:
            return f"expected min_ndim={self.minNDim}, found ndim={ndim} (shape {shape})"
        if self.dtype is not None and dtype != self.dtype:
            return f"expected dtype={self.dtype}, found dtype={dtype}"
        for axis, size in self.axes.items():
            if size is not None and shape[axis] not in (size, None):
                return f"expected axis {axis} of input shape to have value {size} but got shape {shape}"
        if self.shape is not None:
            for wanted, found in zip(self.shape, shape, strict=True):
                if wanted is not None and found is not None and wanted != found:
                    return f"expected shape={self.shape}, found shape={shape}"
        return None
