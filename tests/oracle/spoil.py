"""Makes calls that must fail out of calls that work. TensorFlow.js says which of them do fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .asking import leaves, replaced
from .description import Arguments, Description
from .draw import Draw

Spoiler = Callable[[Draw, Any], Any]


def _more_dimensions(_: Draw, x: np.ndarray) -> np.ndarray:
    return x.reshape(x.shape + (1,) * (6 - x.ndim))


def _other_size(_: Draw, x: np.ndarray) -> np.ndarray:
    return np.resize(x, (*x.shape[:-1], 11) if x.ndim else (11, 7)) if x.size else np.zeros((11, 7), x.dtype)


def _flat(_: Draw, x: np.ndarray) -> np.ndarray:
    return x.reshape(-1)


def _text(d: Draw, x: np.ndarray) -> np.ndarray:
    return d.text(x.shape)


def _complex(d: Draw, x: np.ndarray) -> np.ndarray:
    return d.complex(x.shape)


# In place of a tensor; most calls take none of them.
TENSORS: list[Spoiler] = [
    lambda d, x: None,
    lambda d, x: d.choice("text", {}, {"a": 1}),
    lambda d, x: [[1.0], [2.0, 3.0]],
    _more_dimensions,
    _other_size,
    _text,
    _flat,
    _complex,
]
NUMBERS: list[Spoiler] = [
    lambda d, x: d.choice(99, 1000),
    lambda d, x: -99,
    lambda d, x: "text",
    lambda d, x: x + 0.5,
]
STRINGS: list[Spoiler] = [lambda d, x: "no such thing", lambda d, x: -7]


def spoilers(leaf: Any) -> list[Spoiler]:
    if isinstance(leaf, np.ndarray):
        return TENSORS
    if isinstance(leaf, (bool, np.bool_)) or leaf is None:
        return []
    if isinstance(leaf, (int, float)):
        return NUMBERS
    return STRINGS if isinstance(leaf, str) else []


def spoiled(described: Description, seed: int) -> Iterator[Arguments]:
    """Ever new calls: the description's own, fewer arguments than needed, one argument replaced."""
    for index in range(100):
        draw = Draw(seed, 7, index)
        if index % 4 == 0 and described.bad:
            yield described.bad[(index // 4) % len(described.bad)](draw)
            continue
        arguments = described.arguments(seed, 1000 + index)
        if index % 11 == 10:
            yield arguments[: draw.integer(0, max(len(arguments) - 1, 0))]
            continue
        found = [
            (path, leaf)
            for path, leaf in leaves(arguments)
            if spoilers(leaf) and path[0] not in described.kept
        ]
        if not found:
            yield []
            continue
        path, leaf = found[draw.integer(0, len(found) - 1)]
        yield replaced(arguments, path, draw.choice(*spoilers(leaf))(draw, leaf))
