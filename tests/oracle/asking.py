"""Calls our side: arguments in the forms that Python users have, results as NumPy arrays, gradients."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

import lamina as tf
from lamina import _core
from support.oracle import UNDEFINED

from .description import FUNCTIONS, SURFACE, Description, function
from .draw import Draw

Path = tuple[Any, ...]
# All but those that take their arguments in another order than the function of their name.
METHODS = set(SURFACE["methods"]) - {"concat", "stack", "where"}


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """What lies in lists, tuples and dicts, with the way to it."""
    if isinstance(value, dict):
        for key, part in dict.items(value):
            yield from leaves(part, (*path, key))
    elif isinstance(value, (list, tuple)):
        for key, part in enumerate(value):
            yield from leaves(part, (*path, key))
    else:
        yield path, value


def replaced(value: Any, path: Path, new: Any) -> Any:
    """A copy with another leaf."""
    if not path:
        return new
    head, *rest = path
    if isinstance(value, dict):
        return {k: replaced(v, tuple(rest), new) if k == head else v for k, v in value.items()}
    return [replaced(v, tuple(rest), new) if k == head else v for k, v in enumerate(value)]


def at(value: Any, path: Path) -> Any:
    for key in path:
        value = value[key]
    return value


def real_paths(arguments: Sequence[Any], wrt: Sequence[int] | None) -> list[Path]:
    """The way to each argument that is a tensor of real numbers."""
    return [
        path
        for path, leaf in leaves(list(arguments))
        if isinstance(leaf, np.ndarray) and leaf.dtype == np.float32 and (wrt is None or path[0] in wrt)
    ]


def for_js(value: Any) -> Any:
    """What is not given is `undefined` there."""
    if value is None:
        return UNDEFINED
    if isinstance(value, dict):
        return {k: for_js(v) for k, v in value.items()}
    return [for_js(v) for v in value] if isinstance(value, (list, tuple)) else value


def for_us(value: Any, draw: Draw | None = None) -> Any:
    """Arrays become tensors; with `draw` some stay arrays, and some become lists and numbers."""
    if isinstance(value, dict):
        return {k: for_us(v, draw) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [for_us(v, draw) for v in value]
    if not isinstance(value, np.ndarray):
        return value
    form = draw.integer(0, 5) if draw is not None else 0
    if form == 1:
        return value if value.dtype != object else value.tolist() if value.size else tensor_of(value)
    # Lists of whole numbers become real ones, and empty ones have no shape.
    if form == 2 and value.dtype in (np.float32, np.bool_) and value.size:
        return value.tolist()
    return tensor_of(value)


def tensor_of(array: np.ndarray) -> Any:
    if array.dtype == object:
        return tf.tensor(array.ravel().tolist(), list(array.shape), "string")
    return tf.tensor(array)


def call(described: Description, arguments: Sequence[Any], draw: Draw | None = None) -> Any:
    """The function's result; with `draw` called as function, method or by keyword."""
    if described.ours is not None:
        return settled(described.ours(*arguments))
    name = described.name
    names = FUNCTIONS[name]
    form = draw.integer(0, 3) if draw is not None else 0
    first = arguments[0] if arguments else None
    if form == 1 and isinstance(first, tf.Tensor) and name in METHODS:
        return settled(getattr(arguments[0], name)(*arguments[1:]))
    if form == 2 and len(arguments) <= len(names) and name not in ("einsum", "print"):
        place = draw.integer(1, len(names)) if draw is not None else 0
        rest = dict(zip(names[place:], arguments[place:], strict=False))
        return settled(function(name)(*arguments[:place], **rest))
    return settled(function(name)(*arguments))


def settled(result: Any) -> Any:
    return result.result() if isinstance(result, tf.Promise) else result


def array_of(value: Any) -> Any:
    if not isinstance(value, tf.Tensor):
        return value
    if value.dtype == "string":
        flat = value.dataSync()
        return np.array(list(flat), object).reshape(value.shape)
    return np.asarray(value)


def outputs_of(result: Any) -> list[tuple[Path, Any]]:
    """In the order of the names, as two libraries may list them otherwise."""
    return sorted(leaves(result), key=lambda item: [str(key) for key in item[0]])


def values_of(result: Any) -> list[tuple[Path, Any]]:
    return [(path, array_of(leaf)) for path, leaf in outputs_of(result)]


def gradients(
    described: Description, arguments: Sequence[Any], paths: Sequence[Path], dys: dict[Path, np.ndarray]
) -> list[np.ndarray | None]:
    """d <outputs, dys> / d the arguments at these paths; dys by the outputs' own."""
    values = for_us(list(arguments))
    xs = [at(values, path) for path in paths]
    with _core.Tape() as tape:
        for x in xs:
            tape.watch(x)
        total = None
        for path, y in leaves(call(described, values)):
            if path in dys:
                term = tf.sum(tf.mul(y, dys[path]))
                total = term if total is None else tf.add(total, term)
    return [None if g is None else np.asarray(g) for g in tape.gradient(total, xs)]
