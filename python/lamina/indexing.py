"""t[...] as NumPy reads it: integers, slices with steps, None, Ellipsis, one integer or bool array."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import _core

if TYPE_CHECKING:
    from ._core import Tensor

__all__ = ["index"]


def _error(tensor: Tensor, key: Any, why: str) -> IndexError:
    return IndexError(f"tensor of shape {list(tensor.shape)} indexed by {key!r:.60}: {why}")


def _is_integer(part: Any) -> bool:
    return (
        hasattr(part, "__index__")
        and not isinstance(part, (bool, _core.Tensor))
        and getattr(part, "ndim", 0) == 0
    )


def _expand(tensor: Tensor, key: Any) -> list[Any]:
    """One entry per dimension, and None for each new one."""
    parts = list(key) if isinstance(key, tuple) else [key]
    used = sum(part is not None and part is not Ellipsis for part in parts)
    places = [i for i, part in enumerate(parts) if part is Ellipsis]
    if len(places) > 1:
        raise _error(tensor, key, "only one '...' may stand in an index")
    if used > tensor.rank:
        raise _error(tensor, key, f"{used} indices for {tensor.rank} dimensions")
    place = places[0] if places else len(parts)
    parts[place : place + len(places)] = [slice(None)] * (tensor.rank - used)
    return parts


def _are_whole(part: Any, numbers: Tensor) -> bool:
    """Whether Python's numbers, which all make float32 tensors, were integers."""
    return not isinstance(part, float) and all(x % 1 == 0 for x in numbers._to_flat_list())


def _positions(tensor: Tensor, key: Any, part: Any, size: int) -> Tensor:
    """The places along an axis that a list or array of integers or booleans names."""
    wanted = part if isinstance(part, _core.Tensor) else _core.tensor(part)
    if wanted.dtype == "bool":
        if wanted.shape != (size,):
            raise _error(
                tensor, key, f"the mask has shape {list(wanted.shape)} where an axis has {size} entries"
            )
        return _core.tensor([i for i, hit in enumerate(wanted._to_list()) if hit], None, "int32")
    if wanted.dtype == "float32" and not isinstance(part, _core.Tensor) and _are_whole(part, wanted):
        wanted = _core.tensor(part, None, "int32")
    if wanted.dtype != "int32":
        raise _error(
            tensor, key, f"an index must be an integer, a slice or an int32 or bool array, not {wanted.dtype}"
        )
    ops = _core.ops
    negative = ops.cast(ops.less(wanted, _core.tensor(0, None, "int32")), "int32")
    return ops.add(wanted, ops.mul(negative, _core.tensor(size, None, "int32")))


def index(tensor: Tensor, key: Any) -> Tensor:
    """The part of a tensor that `key` names; integers drop their dimension, None adds one of size 1.

    Raises IndexError for a place that is not there.
    """
    ops = _core.ops
    begin: list[int] = []
    size: list[int] = []
    shape: list[int] = []
    flips: list[int] = []
    picks: list[tuple[int, Any]] = []
    axis = 0
    for part in _expand(tensor, key):
        if part is None:
            shape.append(1)
            continue
        dim = tensor.shape[axis]
        if isinstance(part, slice):
            start, stop, step = part.indices(dim)
            count = len(range(start, stop, step))
            if abs(step) == 1 or count <= 1:
                first = start if step > 0 or count <= 1 else start - count + 1
                begin.append(first if count else 0)
                size.append(count)
                if step < 0 and count > 1:
                    flips.append(axis)
            else:
                begin.append(0)
                size.append(dim)
                picks.append((axis, _core.tensor(list(range(start, stop, step)), None, "int32")))
            shape.append(count)
        elif _is_integer(part):
            at = part.__index__()
            if not -dim <= at < dim:
                raise _error(tensor, key, f"{at} is out of range for an axis of {dim} entries")
            begin.append(at % dim)
            size.append(1)
        else:
            where = _positions(tensor, key, part, dim)
            begin.append(0)
            size.append(dim)
            picks.append((axis, where))
            shape += where.shape
        axis += 1
    if (
        sum(not isinstance(p, slice) and not _is_integer(p) and p is not None for p in _expand(tensor, key))
        > 1
    ):
        raise _error(tensor, key, "only one axis may be indexed by an array; use tf.gather for each")
    result = tensor
    if tensor.rank and (any(begin) or tuple(size) != tuple(tensor.shape)):
        result = ops.slice(result, begin, size)
    if flips:
        result = ops.reverse(result, flips)
    # From the last axis on, so that an array of several dimensions does not move those before it.
    for at, where in reversed(picks):
        result = ops.gather(result, where, at)
    return ops.reshape(result, shape)
