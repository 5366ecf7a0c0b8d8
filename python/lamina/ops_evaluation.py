"""Functions of tf whose results have names, or a size that depends on values: those give Promises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import _core
from ._arguments import name_arguments, with_caller
from ._convert import as_tensor, as_truths, none_is_default
from .results import AttrDict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ._core import Tensor
    from .promises import Promise

__all__ = [
    "booleanMaskAsync", "inTopKAsync", "maxPoolWithArgmax", "rand", "setdiff1dAsync", "topk", "unique",
    "whereAsync",
]  # fmt: skip

ops = _core.ops


class Selection(AttrDict["Tensor"]):
    """`values` of a tensor, and the `indices` that belong to them."""

    __slots__ = ()

    @property
    def values(self) -> Tensor:  # type: ignore[override]
        """The values; as a dict's method the name has no use here."""
        return self["values"]


@none_is_default
def topk(x: Any, k: int = 1, sorted: bool = True) -> Selection:
    """{"values": ..., "indices": ...}: the k largest values along the last dimension, and their places.

    The largest is first. Of equal values the first comes first. sorted: False allows any order.
    """
    values, indices = ops.topk(x, k, sorted)
    return Selection(values=values, indices=indices)


@none_is_default
def unique(x: Any, axis: int = 0) -> Selection:
    """{"values": ..., "indices": ...}: the different slices of x along the axis in the order in which they
    come, and for each slice which of them it is.
    """
    values, indices = ops.unique(x, axis)
    return Selection(values=values, indices=indices)


@none_is_default
def maxPoolWithArgmax(
    x: Any,
    filterSize: int | Sequence[int],
    strides: int | Sequence[int],
    pad: str | int,
    includeBatchInIndex: bool = False,
) -> AttrDict[Tensor]:
    """{"result": ..., "indexes": ...}: the largest value of each window of images [batch, height, width,
    channels], and its place in its image seen flat, or in the whole batch with includeBatchInIndex.
    """
    result, indexes = ops.maxPoolWithArgmax(x, filterSize, strides, pad, includeBatchInIndex)
    return AttrDict(result=result, indexes=indexes)


def rand(shape: Sequence[int], randFunction: Callable[[], float], dtype: str | None = None) -> Tensor:
    """A tensor of what randFunction() returns, called once for each element."""
    if dtype not in (None, "float32", "int32", "bool"):
        raise ValueError(f"Unknown data type {dtype}")
    size = 1
    for dim in shape:
        size *= dim
    values = [float(randFunction()) for _ in range(size)]
    tensor = _core.tensor(values, list(shape), "float32")
    return tensor if dtype in (None, "float32") else ops.cast(tensor, dtype)


# ---- promises --------------------------------------------------------------------------------------------


def promised(work: Callable[[], Any], name: str) -> Promise[Any]:
    """A Promise of what work() returns or raises; it is done at once, so that gradients flow through it."""
    from .promises import Promise

    try:
        return Promise.resolve(work())
    except Exception as error:
        from sys import _getframe

        return Promise.reject(with_caller(error, _getframe(1)), name=name)


def whereAsync(condition: Any) -> Promise[Tensor]:
    """A Promise of the coordinates [n, rank] of all elements that are true, as int32."""
    return promised(
        lambda: ops.trueCoordinates(as_truths(condition, "condition", "whereAsync")), "tf.whereAsync"
    )


def booleanMaskAsync(tensor: Any, mask: Any, axis: int | None = None) -> Promise[Tensor]:
    """A Promise of the slices of a tensor for which the mask, which begins at the axis, is true."""

    def pick() -> Tensor:
        given, wanted = as_tensor(tensor), as_truths(mask, "mask", "booleanMaskAsync")
        first = 0 if axis is None else axis
        shape, covered = list(given.shape), list(given.shape)[first : first + wanted.rank]
        if not wanted.rank:
            raise ValueError("booleanMaskAsync: mask cannot be scalar")
        if covered != list(wanted.shape):
            raise ValueError(
                "booleanMaskAsync: mask's shape must match the first K dimensions of tensor's shape, but got "
                f"{list(wanted.shape)} and {covered}"
            )
        flat = ops.reshape(given, [*shape[:first], wanted.size, *shape[first + wanted.rank :]])
        places = ops.trueCoordinates(ops.reshape(wanted, [wanted.size]))
        return ops.gather(flat, ops.squeeze(places, [1]), first)

    return promised(pick, "tf.booleanMaskAsync")


def setdiff1dAsync(x: Any, y: Any) -> Promise[list[Tensor]]:
    """A Promise of the values of a vector x that y does not have, and of their places in x."""

    def subtract() -> list[Tensor]:
        values, others = as_tensor(x), as_tensor(y)
        if values.dtype != others.dtype:
            raise ValueError(
                f"x and y should have the same dtype, but got x ({values.dtype}) and y ({others.dtype})."
            )
        for name, each in (("x", values), ("y", others)):
            if each.rank != 1:
                raise ValueError(f"{name} should be 1D tensor, but got {name} ({list(each.shape)}).")
        places = ops.differenceIndices(values, others)
        return [ops.gather(values, places), places]

    return promised(subtract, "tf.setdiff1dAsync")


@none_is_default
def inTopKAsync(predictions: Any, targets: Any, k: int = 1) -> Promise[Tensor]:
    """A Promise of whether each target, a class, is among the k largest of its predictions, as bool."""

    def look() -> Tensor:
        scores, wanted = as_tensor(predictions), ops.cast(as_tensor(targets), "int32")
        if scores.rank < 2:
            raise ValueError(
                f"inTopK() expects the predictions to be of rank 2 or higher, but got {scores.rank}"
            )
        if scores.rank - 1 != wanted.rank:
            raise ValueError(
                "predictions rank should be 1 larger than targets rank, but got predictions rank "
                f"{scores.rank} and targets rank {wanted.rank}"
            )
        if scores.shape[:-1] != wanted.shape:
            raise ValueError(
                "predictions's shape should be align with the targets' shape, except the last dimension: "
                f"{list(scores.shape)} and {list(wanted.shape)}"
            )
        last = scores.shape[-1]
        if not 0 < k <= last:
            raise ValueError(
                f"'k' passed to inTopK() must be > 0 && <= the predictions last dimension ({last}), "
                f"but got {k}"
            )
        found = ops.topk(scores, k)[1]
        return ops.any(ops.equal(found, ops.expandDims(wanted, -1)), -1)

    return promised(look, "tf.inTopKAsync")


name_arguments(globals(), __all__)
