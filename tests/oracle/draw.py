"""Draws arguments: shapes, numbers, axes. Small sizes, all ranks, now and then empty tensors and ties."""

from __future__ import annotations

from typing import Any

import numpy as np

Shape = tuple[int, ...]

EMPTY = 0.06  # how often a drawn shape has no elements
GRID = 0.25  # how often real numbers lie on a grid, so that some are equal, zero or halves


class Draw:
    """A source of arguments; two with the same key draw the same. Without ties no numbers are rounded."""

    def __init__(self, *key: int, ties: bool = True) -> None:
        self.rng = np.random.default_rng(key)
        self._grid = GRID if ties else 0.0

    def integer(self, low: int, high: int) -> int:
        """Both ends included."""
        return int(self.rng.integers(low, high + 1))

    def number(self, low: float, high: float) -> float:
        return float(np.float32(self.rng.uniform(low, high)))

    def choice(self, *values: Any) -> Any:
        return values[self.integer(0, len(values) - 1)]

    def flag(self) -> bool:
        return self.rng.uniform() < 0.5

    def often(self, probability: float) -> bool:
        return self.rng.uniform() < probability

    def options(self, *values: Any) -> list[Any]:
        """The first few of them: those at the end may be left out."""
        return list(values[: self.integer(0, len(values))])

    # ---- shapes and axes ----

    def shape(self, low: int = 0, high: int = 4, empty: bool = True, largest: int = 4) -> Shape:
        dims = [self.integer(1, largest) for _ in range(self.integer(low, high))]
        if empty and dims and self.often(EMPTY):
            dims[self.integer(0, len(dims) - 1)] = 0
        return tuple(dims)

    def broadcast(self, count: int, high: int = 4) -> list[Shape]:
        """Shapes that broadcast with each other."""
        whole = self.shape(0, high)
        found = []
        for _ in range(count):
            part = whole[self.integer(0, len(whole)) if self.flag() else 0 :]
            found.append(tuple(1 if dim and self.often(0.25) else dim for dim in part))
        return found

    def part(self, shape: Shape) -> Shape:
        """A shape that broadcasts to the given one."""
        tail = shape[self.integer(0, len(shape)) :]
        return tuple(1 if dim and self.often(0.3) else dim for dim in tail)

    def axis(self, rank: int) -> int:
        return self.integer(-rank, rank - 1)

    def axes(self, rank: int) -> int | list[int] | None:
        """For a reduction: nothing, one axis or several, each counted from either end."""
        kind = self.integer(0, 2)
        if kind == 0 or not rank:
            return None
        if kind == 1:
            return self.axis(rank)
        chosen = self.rng.permutation(rank)[: self.integer(1, rank)]
        return [int(a) - rank * self.flag() for a in chosen]

    def order(self, rank: int) -> list[int]:
        return [int(a) for a in self.rng.permutation(rank)]

    # ---- values ----

    def real(self, shape: Shape | None = None, low: float = -2.0, high: float = 2.0) -> np.ndarray:
        shape = self.shape() if shape is None else shape
        values = self.rng.uniform(low, high, shape)
        if self.often(self._grid):
            values = np.clip(np.round(values * 2) / 2, low, high)
        return np.asarray(values, np.float32)

    def apart(self, shape: Shape, low: float = -2.0, high: float = 2.0) -> np.ndarray:
        """Real numbers of which no two are equal."""
        size = int(np.prod(shape))
        values = (self.rng.permutation(size) + 0.25 + 0.5 * self.rng.uniform(0, 1, size)) / max(size, 1)
        return np.asarray(low + (high - low) * values, np.float32).reshape(shape)

    def whole(self, shape: Shape | None = None, low: int = -4, high: int = 4) -> np.ndarray:
        """int32, both ends included."""
        shape = self.shape() if shape is None else shape
        return np.asarray(self.rng.integers(low, high + 1, shape), np.int32)

    def truth(self, shape: Shape | None = None) -> np.ndarray:
        shape = self.shape() if shape is None else shape
        return np.asarray(self.rng.uniform(0, 1, shape) < 0.5)

    def text(self, shape: Shape | None = None) -> np.ndarray:
        shape = self.shape() if shape is None else shape
        words = ["", "a", "b", "ab", "long word", "ü", "a b  c"]
        flat = [self.choice(*words) for _ in range(int(np.prod(shape)))]
        return np.array(flat, object).reshape(shape)

    def complex(self, shape: Shape | None = None) -> np.ndarray:
        shape = self.shape() if shape is None else shape
        return np.asarray(self.real(shape) + 1j * self.real(shape), np.complex64)

    def numeric(self, shape: Shape | None = None, bools: bool = True) -> np.ndarray:
        """float32 mostly, or int32, or bool."""
        kind = self.integer(0, 9)
        if kind == 0 and bools:
            return self.truth(shape)
        return self.whole(shape) if kind <= 3 else self.real(shape)

    def any(self, shape: Shape | None = None) -> np.ndarray:
        """Of any dtype."""
        return self.complex(shape) if self.often(0.1) else self.no_complex(shape)

    def no_complex(self, shape: Shape | None = None) -> np.ndarray:
        return self.text(shape) if self.often(0.1) else self.numeric(shape)
