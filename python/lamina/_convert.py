"""Arguments as tensors, for functions that look at them before they call an op."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from itertools import islice
from typing import Any, TypeVar, cast

from . import _core

__all__ = [
    "as_like",
    "as_sizes",
    "as_tensor",
    "as_truths",
    "as_whole",
    "listed",
    "none_is_default",
    "with_rank",
]

# Far more than a tensor has dimensions.
MOST_SIZES = 1 << 16

F = TypeVar("F", bound=Callable[..., Any])


def none_is_default(function: F) -> F:
    """Has None stand for the default of an option, as undefined does in TensorFlow.js."""
    code, values = function.__code__, function.__defaults__ or ()
    names = code.co_varnames[: code.co_argcount]
    first = len(names) - len(values)
    by_name = {**dict(zip(names[first:], values, strict=True)), **(function.__kwdefaults__ or {})}

    @wraps(function)
    def called(*args: Any, **options: Any) -> Any:
        if any(value is None for value in args[first:]):
            given = [values[i] if value is None else value for i, value in enumerate(args[first:])]
            args = (*args[:first], *given)
        for name, value in options.items():
            if value is None and name in by_name:
                options[name] = by_name[name]
        return function(*args, **options)

    vars(called)["fills_none"] = True
    return cast("F", called)


def as_tensor(x: Any, dtype: str | None = None) -> _core.Tensor:
    """x itself where it is a tensor, else a tensor of it; dtype is what array-likes become."""
    return x if isinstance(x, _core.Tensor) else _core.tensor(x, None, dtype)


def as_like(x: Any, other: _core.Tensor) -> _core.Tensor:
    """x itself where it is a tensor, else a tensor of it in the dtype of the other."""
    if isinstance(x, _core.Tensor) or other.dtype != "float64":
        return as_tensor(x, other.dtype)
    # float64 is the reference level's alone: no name makes it, but ops widen to it.
    return _core.ops.add(_core.tensor(x, None, "float32"), _core.ops.sum(_core.ops.zerosLike(other)))


def with_rank(values: Any, rank: int) -> Any:
    """With as many dimensions of 1 at the end as it takes to have that rank."""
    if values.rank >= rank:
        return values
    return _core.ops.reshape(values, [*values.shape, *([1] * (rank - values.rank))])


def as_truths(x: Any, name: str, where: str) -> _core.Tensor:
    """As a bool tensor; tensors of other types are refused."""
    tensor = as_tensor(x, "bool")
    if tensor.dtype != "bool":
        raise ValueError(
            f"Argument '{name}' passed to '{where}' must be bool tensor, but got {tensor.dtype} tensor"
        )
    return tensor


def as_whole(x: Any, what: str) -> int:
    """A whole number from a number or a tensor of one; `what` begins the error's words."""
    if isinstance(x, (str, bytes)):
        raise TypeError(f"{what} must be an integer, got {x!r}.")
    value = float(x)
    if value != value // 1 or abs(value) == float("inf"):
        raise ValueError(f"{what} must be an integer, got {x}.")
    return int(value)


def listed(values: Iterable[Any], where: str) -> list[Any]:
    """The members as a list; a ValueError where there are too many: an iterator need not end."""
    members = list(islice(values, MOST_SIZES + 1))
    if len(members) > MOST_SIZES:
        raise ValueError(f"{where}: there are more than {MOST_SIZES} numbers.")
    return members


def as_sizes(shape: Sequence[Any], where: str) -> list[int]:
    """A shape whose sizes are whole and not negative."""
    if isinstance(shape, _core.Tensor) and shape.rank != 1:
        raise ValueError(f"{where}: a shape is a list of sizes, but got a tensor of rank {shape.rank}.")
    # Whole numbers, nearly always, need no text of what else they were.
    sizes = [
        s if type(s) is int else as_whole(s, f"{where}: each size of a shape") for s in listed(shape, where)
    ]
    if sizes and min(sizes) < 0:
        raise ValueError(f"{where}: Tensor must have a shape of non-negative sizes, but got {sizes}.")
    return sizes
