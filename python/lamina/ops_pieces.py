"""Functions of tf that cut, join and place pieces of tensors: for one rank, or made of several ops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import _core
from ._arguments import name_arguments
from ._convert import as_like, as_tensor, none_is_default

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._core import Tensor

__all__ = [
    "batchNorm2d", "batchNorm3d", "batchNorm4d", "concat1d", "concat2d", "concat3d", "concat4d",
    "ensureShape", "meshgrid", "pad1d", "pad2d", "pad3d", "pad4d", "reverse1d", "reverse2d", "reverse3d",
    "reverse4d", "slice1d", "slice2d", "slice3d", "slice4d", "sparseToDense",
]  # fmt: skip

ops = _core.ops


def _of_rank(name: str, rank: int, x: Any, argument: str = "x") -> Tensor:
    tensor = as_tensor(x)
    if tensor.rank != rank:
        raise ValueError(f"{name}: '{argument}' must be rank {rank}, but got a rank {tensor.rank} tensor")
    return tensor


# ---- concat ----------------------------------------------------------------------------------------------


def _concat(rank: int, tensors: Sequence[Any], axis: int) -> Tensor:
    return ops.concat(
        [_of_rank(f"concat{rank}d", rank, t, f"tensors[{i}]") for i, t in enumerate(tensors)], axis
    )


def concat1d(tensors: Sequence[Any]) -> Tensor:
    """Vectors one behind another."""
    return _concat(1, tensors, 0)


def concat2d(tensors: Sequence[Any], axis: int) -> Tensor:
    """Tensors of rank 2 one behind another along the axis."""
    return _concat(2, tensors, axis)


def concat3d(tensors: Sequence[Any], axis: int) -> Tensor:
    """Tensors of rank 3 one behind another along the axis."""
    return _concat(3, tensors, axis)


def concat4d(tensors: Sequence[Any], axis: int) -> Tensor:
    """Tensors of rank 4 one behind another along the axis."""
    return _concat(4, tensors, axis)


# ---- slice -----------------------------------------------------------------------------------------------


def slice1d(x: Any, begin: int, size: int) -> Tensor:
    """The `size` elements of a vector from `begin` on."""
    return ops.slice(_of_rank("slice1d", 1, x), [begin], [size])


def slice2d(x: Any, begin: Sequence[int], size: Sequence[int]) -> Tensor:
    """The part of a tensor of rank 2 that begins at `begin` and has the given size."""
    return ops.slice(_of_rank("slice2d", 2, x), begin, size)


def slice3d(x: Any, begin: Sequence[int], size: Sequence[int]) -> Tensor:
    """The part of a tensor of rank 3 that begins at `begin` and has the given size."""
    return ops.slice(_of_rank("slice3d", 3, x), begin, size)


def slice4d(x: Any, begin: Sequence[int], size: Sequence[int]) -> Tensor:
    """The part of a tensor of rank 4 that begins at `begin` and has the given size."""
    return ops.slice(_of_rank("slice4d", 4, x), begin, size)


# ---- reverse ---------------------------------------------------------------------------------------------


def reverse1d(x: Any) -> Tensor:
    """A vector in reversed order."""
    return ops.reverse(_of_rank("reverse1d", 1, x), 0)


def reverse2d(x: Any, axis: int | Sequence[int] | None = None) -> Tensor:
    """A tensor of rank 2 in reversed order along the given axes, or all."""
    return ops.reverse(_of_rank("reverse2d", 2, x), axis)


def reverse3d(x: Any, axis: int | Sequence[int] | None = None) -> Tensor:
    """A tensor of rank 3 in reversed order along the given axes, or all."""
    return ops.reverse(_of_rank("reverse3d", 3, x), axis)


def reverse4d(x: Any, axis: int | Sequence[int] | None = None) -> Tensor:
    """A tensor of rank 4 in reversed order along the given axes, or all."""
    return ops.reverse(_of_rank("reverse4d", 4, x), axis)


# ---- pad -------------------------------------------------------------------------------------------------


def _pad(rank: int, x: Any, paddings: Any, constantValue: float) -> Tensor:
    if len(paddings) != rank or any(len(pair) != 2 for pair in paddings):
        raise ValueError(f"pad{rank}d: Invalid number of paddings. Must be {rank} pairs [before, after].")
    return ops.pad(_of_rank(f"pad{rank}d", rank, x), paddings, constantValue)


@none_is_default
def pad1d(x: Any, paddings: Sequence[int], constantValue: float = 0) -> Tensor:
    """A vector with paddings [before, after] of a constant."""
    if len(paddings) != 2:
        raise ValueError("pad1d: Invalid number of paddings. Must be length of 2.")
    return _pad(1, x, [paddings], constantValue)


@none_is_default
def pad2d(x: Any, paddings: Sequence[Sequence[int]], constantValue: float = 0) -> Tensor:
    """A tensor of rank 2 with paddings [before, after] per dimension of a constant."""
    return _pad(2, x, paddings, constantValue)


@none_is_default
def pad3d(x: Any, paddings: Sequence[Sequence[int]], constantValue: float = 0) -> Tensor:
    """A tensor of rank 3 with paddings [before, after] per dimension of a constant."""
    return _pad(3, x, paddings, constantValue)


@none_is_default
def pad4d(x: Any, paddings: Sequence[Sequence[int]], constantValue: float = 0) -> Tensor:
    """A tensor of rank 4 with paddings [before, after] per dimension of a constant."""
    return _pad(4, x, paddings, constantValue)


# ---- batchNorm -------------------------------------------------------------------------------------------


def _batch_norm(rank: int, x: Any, statistics: dict[str, Any], epsilon: float | None) -> Tensor:
    name = f"batchNorm{rank}d"
    values: dict[str, Any] = {}
    for key, value in statistics.items():
        if value is None:
            continue
        values[key] = tensor = as_tensor(value)
        if tensor.rank not in (rank, 1):
            raise ValueError(
                f"Error in {name}: {key} must be rank {rank} or rank 1 but got rank {tensor.rank}."
            )
    return ops.batchNorm(_of_rank(name, rank, x), **values, varianceEpsilon=epsilon)


def batchNorm2d(  # noqa: PLR0917 - the positions are TensorFlow.js'
    x: Any,
    mean: Any,
    variance: Any,
    offset: Any = None,
    scale: Any = None,
    varianceEpsilon: float | None = None,
) -> Tensor:
    """batchNorm of a tensor of rank 2."""
    given = {"mean": mean, "variance": variance, "offset": offset, "scale": scale}
    return _batch_norm(2, x, given, varianceEpsilon)


def batchNorm3d(  # noqa: PLR0917 - the positions are TensorFlow.js'
    x: Any,
    mean: Any,
    variance: Any,
    offset: Any = None,
    scale: Any = None,
    varianceEpsilon: float | None = None,
) -> Tensor:
    """batchNorm of a tensor of rank 3."""
    given = {"mean": mean, "variance": variance, "offset": offset, "scale": scale}
    return _batch_norm(3, x, given, varianceEpsilon)


def batchNorm4d(  # noqa: PLR0917 - the positions are TensorFlow.js'
    x: Any,
    mean: Any,
    variance: Any,
    offset: Any = None,
    scale: Any = None,
    varianceEpsilon: float | None = None,
) -> Tensor:
    """batchNorm of a tensor of rank 4."""
    given = {"mean": mean, "variance": variance, "offset": offset, "scale": scale}
    return _batch_norm(4, x, given, varianceEpsilon)


# ---- others ----------------------------------------------------------------------------------------------


def ensureShape(x: Any, shape: Sequence[int | None]) -> Tensor:
    """x itself, if it has the given shape; None fits any size. Else a ValueError."""
    tensor = as_tensor(x)
    fits = len(shape) == tensor.rank and all(
        wanted in (None, size) for wanted, size in zip(shape, tensor.shape, strict=True)
    )
    if not fits:
        raise ValueError(
            f"EnsureShape: Shape of tensor {list(tensor.shape)} is not compatible with expected shape "
            f"{list(shape)}"
        )
    return tensor


def meshgrid(
    x: Any = None, y: Any = None, config: dict[str, str] | None = None, *, indexing: str | None = None
) -> list[Tensor]:
    """The coordinates of all points of a grid over two vectors, as two matrices.

    indexing: 'xy' (the default) gives matrices [len(y), len(x)], 'ij' gives [len(x), len(y)].
    """
    options = {**(config or {}), **({} if indexing is None else {"indexing": indexing})}
    order = options.pop("indexing", "xy")
    if options:
        raise ValueError(
            f"meshgrid: there is no option {next(iter(options))!r}; its one option is 'indexing'."
        )
    if order not in ("xy", "ij"):
        raise ValueError(f"{order!r} is not a valid third argument to meshgrid: indexing is 'xy' or 'ij'.")
    if x is None:
        return []
    if y is None:
        return [as_tensor(x)]
    left, right = ops.reshape(x, [-1]), ops.reshape(y, [-1])
    width, height = left.shape[0], right.shape[0]
    if order == "xy":
        shape, first, second = [height, width], [1, width], [height, 1]
    else:
        shape, first, second = [width, height], [width, 1], [1, height]
    return [
        ops.broadcastTo(ops.reshape(left, first), shape),
        ops.broadcastTo(ops.reshape(right, second), shape),
    ]


@none_is_default
def sparseToDense(
    sparseIndices: Any, sparseValues: Any, outputShape: Sequence[int], defaultValue: Any = 0
) -> Tensor:
    """A tensor of outputShape with defaultValue everywhere but at sparseIndices, where sparseValues stand.

    The indices are a scalar or vector of places in a vector, or a matrix of coordinates; the values are one
    for each, or one for all. Where an index repeats, the last value stays.
    """
    indices = as_tensor(sparseIndices, "int32")
    values = as_tensor(sparseValues)
    if indices.dtype != "int32":
        raise TypeError(
            f"tf.sparseToDense() expects the indices to be int32 type, but the dtype was {indices.dtype}."
        )
    if indices.rank > 2:
        raise ValueError(
            f"sparseIndices should be a scalar, vector, or matrix, but got shape {list(indices.shape)}."
        )
    count = indices.shape[0] if indices.rank else 1
    depth = indices.shape[1] if indices.rank > 1 else 1
    if len(outputShape) != depth:
        raise ValueError(
            f"outputShape has incorrect number of elements: {len(outputShape)}, should be: {depth}."
        )
    if not (values.rank == 0 or (values.rank == 1 and values.size == count)):
        raise ValueError(f"sparseValues has incorrect shape {list(values.shape)}, should be [] or [{count}]")
    default = as_like(defaultValue, values)
    if default.dtype != values.dtype:
        raise TypeError(
            f"sparseValues.dtype ({values.dtype}) must match defaultValues.dtype ({default.dtype})"
        )
    background = ops.broadcastTo(default, list(outputShape))
    pieces = ops.broadcastTo(values, [count])
    return ops.tensorScatterUpdate(background, ops.reshape(indices, [count, depth]), pieces)


name_arguments(globals(), __all__)
