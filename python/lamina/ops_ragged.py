"""Ragged tensors: rows of different lengths, as values beside the places (splits) at which rows begin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import _core
from ._arguments import name_arguments
from ._convert import as_like, as_tensor
from .results import AttrDict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._core import Tensor

__all__ = ["raggedGather", "raggedRange", "raggedTensorToTensor"]

ops = _core.ops


def raggedGather(
    paramsNestedSplits: Sequence[Any], paramsDenseValues: Any, indices: Any, outputRaggedRank: int
) -> AttrDict[Any]:
    """{"outputNestedSplits": [...], "outputDenseValues": ...}: the rows of a ragged tensor that indices pick.

    paramsNestedSplits: the splits of each ragged dimension, the outermost first. outputRaggedRank: the number
    of ragged dimensions of the result, indices.rank - 1 more than that of the given tensor.
    """
    values = as_tensor(paramsDenseValues)
    if values.rank == 0:
        raise ValueError("params.rank must be nonzero")
    splits = [as_tensor(each, "int32") for each in paramsNestedSplits]
    *nested, rows = ops.raggedRows(splits, as_tensor(indices, "int32"), values.shape[0])
    return AttrDict(outputNestedSplits=nested, outputDenseValues=ops.gather(values, rows))


def raggedRange(starts: Any, limits: Any, deltas: Any) -> AttrDict[Tensor]:
    """{"rtNestedSplits": ..., "rtDenseValues": ...}: the ranges from starts to limits by deltas, each a row.

    Each argument is a vector with one number for each row, or a number for all.
    """
    first = as_tensor(starts)
    last, step = as_like(limits, first), as_like(deltas, first)
    splits, rows, places = ops.raggedRangePlaces(first, last, step)
    begin, by = (each if each.rank == 0 else ops.gather(each, rows) for each in (first, step))
    values = ops.add(begin, ops.mul(places, by))
    if first.dtype == "int32":
        values = ops.cast(values, "int32")
    return AttrDict(rtNestedSplits=splits, rtDenseValues=values)


_KINDS = ("FIRST_DIM_SIZE", "VALUE_ROWIDS", "ROW_SPLITS")


def _check_default(default: Tensor, values: Tensor) -> None:
    given, inner = list(default.shape), list(values.shape)
    if len(given) >= len(inner):
        raise ValueError(
            f"defaultValue.shape={given} and ragged tensor flatValues.shape={inner}, are incompatible: "
            f"defaultValue.rank = {len(given)} must be less than ragged tensor input flatValues.rank = "
            f"{len(inner)})"
        )
    # From the last dimension on, as broadcasting does.
    for size, wanted in zip(reversed(given), reversed(inner), strict=False):
        if size not in (1, wanted):
            raise ValueError(
                f"defaultValue.shape={given}, and ragged tensor input flatValues.shape={inner} are "
                f"incompatible: {size} cannot become {wanted}"
            )


def raggedTensorToTensor(
    shape: Any,
    values: Any,
    defaultValue: Any,
    rowPartitionTensors: Sequence[Any],
    rowPartitionTypes: Sequence[str],
) -> Tensor:
    """A dense tensor from a ragged one: rows are cut, or filled up with defaultValue.

    shape: that of the result; -1 is the size of the longest row, and -1 alone stands for all sizes.
    rowPartitionTypes say what rowPartitionTensors hold, the outermost dimension first: 'FIRST_DIM_SIZE' a
    number of rows (only as the first), 'VALUE_ROWIDS' the row of each value, 'ROW_SPLITS' where rows begin.
    """
    flat = as_tensor(values)
    default = as_like(defaultValue, flat)
    if default.dtype != flat.dtype:
        raise TypeError(
            f"raggedTensorToTensor: defaultValue is {default.dtype}, but the values are {flat.dtype}."
        )
    unknown = [each for each in rowPartitionTypes if each not in _KINDS]
    if unknown:
        raise ValueError(
            f"raggedTensorToTensor: {unknown[0]!r} is no row partition type; known are {', '.join(_KINDS)}."
        )
    if flat.rank == 0:
        raise ValueError("raggedTensorToTensor: the values must have at least one dimension.")
    _check_default(default, flat)
    parts = [as_tensor(each, "int32") for each in rowPartitionTensors]
    kinds = [_KINDS.index(each) for each in rowPartitionTypes]
    size, sources = ops.raggedPlaces(as_tensor(shape, "int32"), parts, kinds, list(flat.shape))
    last = ops.broadcastTo(default, [1, *flat.shape[1:]])
    return ops.reshape(ops.gather(ops.concat([flat, last], 0), sources), size.arraySync())


name_arguments(globals(), __all__)
