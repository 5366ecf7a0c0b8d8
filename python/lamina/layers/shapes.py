"""Shapes of the Layers API: tuples with None for a size that is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import _core

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeGuard

__all__ = [
    "Shape",
    "Shapes",
    "as_shape",
    "as_shapes",
    "infer_shape",
    "is_shape",
    "known_sizes",
    "one_shape",
    "shapes_of",
]

Shape = tuple[int | None, ...]
Shapes = Shape | list[Shape]


def is_shape(value: Any) -> TypeGuard[Sequence[int | None]]:
    """Whether it is one shape, not a list of shapes."""
    return isinstance(value, (tuple, list)) and all(size is None or isinstance(size, int) for size in value)


def as_shape(value: Sequence[int | None]) -> Shape:
    return tuple(value)


def as_shapes(value: Any) -> list[Shape]:
    """One shape or several, as a list of tuples."""
    return [tuple(value)] if is_shape(value) else [tuple(each) for each in value]


def one_shape(value: Any) -> Shape:
    """The only shape. Raises ValueError where there are several."""
    shapes = as_shapes(value)
    if len(shapes) != 1:
        raise ValueError(f"Expected exactly 1 Shape; got {len(shapes)}")
    return shapes[0]


def known_sizes(shape: Sequence[int | None]) -> list[int]:
    """The sizes that are known."""
    return [size for size in shape if size is not None]


def shapes_of(tensors: Sequence[Any]) -> Shapes:
    """The shape of the tensor, or a list of shapes for several."""
    shapes: list[Shape] = [tuple(each.shape) for each in tensors]
    return shapes[0] if len(shapes) == 1 else shapes


def infer_shape(
    function: Callable[..., Any], shapes: Sequence[Shape], dtypes: Sequence[str] | None = None
) -> Shapes:
    """The shape(s) of function(*tensors), found by tracing it.

    Each unknown size is tried with two numbers; a size of the result that differs between the two is unknown.
    """
    dtypes = dtypes or ["float32"] * len(shapes)
    if not any(None in shape for shape in shapes):
        return _traced(function, shapes, dtypes, lambda axis: 0)
    # Numbers with many divisors, so that layers which halve or pair their input can be tried as well.
    first = _traced(function, shapes, dtypes, lambda axis: 48 + 12 * axis)
    second = _traced(function, shapes, dtypes, lambda axis: 60 + 24 * axis)
    if isinstance(first, tuple) and isinstance(second, tuple):
        return _common(first, second)
    return [_common(a, b) for a, b in zip(as_shapes(first), as_shapes(second), strict=True)]


def _common(a: Shape, b: Shape) -> Shape:
    if len(a) != len(b):
        raise ValueError("The rank of the output depends on sizes that are not known.")
    return tuple(x if x == y else None for x, y in zip(a, b, strict=True))


def _traced(
    function: Callable[..., Any], shapes: Sequence[Shape], dtypes: Sequence[str], probe: Callable[[int], int]
) -> Shapes:
    with _core.Trace() as trace:
        inputs = [
            trace.input([probe(axis) if size is None else size for axis, size in enumerate(shape)], dtype)
            for shape, dtype in zip(shapes, dtypes, strict=True)
        ]
        outputs = function(*inputs)
        if isinstance(outputs, (list, tuple)):
            return [tuple(each.shape) for each in outputs]
        return tuple(outputs.shape)
