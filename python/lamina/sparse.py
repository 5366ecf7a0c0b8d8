"""tf.sparse: sparse tensors as coordinates [n, rank], values [n] and a dense shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import _core
from ._arguments import name_arguments
from ._convert import as_like, as_tensor
from .results import AttrDict

if TYPE_CHECKING:
    from ._core import Tensor

__all__ = ["sparseFillEmptyRows", "sparseReshape", "sparseSegmentMean", "sparseSegmentSum"]

ops = _core.ops


def sparseFillEmptyRows(indices: Any, values: Any, denseShape: Any, defaultValue: Any) -> AttrDict[Tensor]:
    """A sparse tensor in which every row has a value: {"outputIndices": [m, rank], "outputValues": [m],
    "emptyRowIndicator": [rows], "reverseIndexMap": [n]}.

    Rows without one get defaultValue at [row, 0, ...]. The indicator is true for them, and the map says where
    each old value went. Coordinates come out by rows.
    """
    given = as_tensor(values)
    default = as_like(defaultValue, given)
    if given.rank != 1:
        raise ValueError(f"Values should be Tensor1D but received shape {list(given.shape)}")
    if default.rank != 0:
        raise ValueError(f"Default value should be a scalar but received shape {list(default.shape)}")
    places = as_tensor(indices, "int32")
    if places.rank == 2 and places.shape[0] != given.size:
        raise ValueError(
            f"sparseFillEmptyRows: there are {given.size} values for {places.shape[0]} coordinates."
        )
    outputIndices, sources, empty, reverse = ops.fillEmptyRows(places, as_tensor(denseShape, "int32"))
    outputValues = ops.gather(ops.concat([given, ops.reshape(default, [1])], 0), sources)
    return AttrDict(
        outputIndices=outputIndices,
        outputValues=outputValues,
        emptyRowIndicator=empty,
        reverseIndexMap=reverse,
    )


def sparseReshape(inputIndices: Any, inputShape: Any, newShape: Any) -> AttrDict[Tensor]:
    """{"outputIndices": [n, new rank], "outputShape": [new rank]}: the coordinates when the dense tensor
    gets a new shape, of which one size may be -1, and that shape.
    """
    arguments = [as_tensor(each, "int32") for each in (inputIndices, inputShape, newShape)]
    outputIndices, outputShape = ops.sparseReshape(*arguments)
    return AttrDict(outputIndices=outputIndices, outputShape=outputShape)


def _segments(name: str, data: Any, indices: Any, segmentIds: Any) -> tuple[Tensor, Tensor]:
    """The sum of each segment, and how many slices it has."""
    values, places, ids = as_tensor(data), as_tensor(indices, "int32"), as_tensor(segmentIds, "int32")
    if values.rank < 1:
        raise ValueError(f"{name}: Data should be at least 1 dimensional but received scalar")
    counts = ops.segmentCounts(places, ids, values.shape[0])
    sums = ops.unsortedSegmentSum(ops.gather(values, places), ids, counts.shape[0])
    return sums, counts


def sparseSegmentSum(data: Any, indices: Any, segmentIds: Any) -> Tensor:
    """The sums of the slices data[indices] that have the same segment id, from 0 to the last.

    segmentIds are sorted; an id that is missing gives zeros.
    """
    return _segments("sparseSegmentSum", data, indices, segmentIds)[0]


def sparseSegmentMean(data: Any, indices: Any, segmentIds: Any) -> Tensor:
    """The means of the slices data[indices] that have the same segment id, from 0 to the last.

    segmentIds are sorted; an id that is missing gives zeros. Means of whole numbers are cut towards zero.
    """
    sums, counts = _segments("sparseSegmentMean", data, indices, segmentIds)
    shape = [counts.shape[0], *[1] * (sums.rank - 1)]
    size = ops.reshape(ops.maximum(counts, _core.tensor(1, None, "int32")), shape)
    if sums.dtype == "int32":
        return ops.mul(ops.sign(sums), ops.floorDiv(ops.abs(sums), size))
    return ops.div(sums, size)


name_arguments(globals(), __all__)


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    from ._names import suggest_in_tf

    raise AttributeError(suggest_in_tf(name, __all__, "tf.sparse"))
