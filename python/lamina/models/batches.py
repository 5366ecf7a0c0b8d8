"""Batches of the data of one fit or evaluation, in order or shuffled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from .. import _core
from .data import Rows

__all__ = ["Batches", "part"]


def part(column: Any, start: int, stop: int) -> Any:
    """The samples from `start` to `stop` of a tensor, of Rows, or of None."""
    if column is None:
        return None
    if isinstance(column, Rows):
        return column.part(start, stop)
    rest = [0] * (column.rank - 1)
    return _core.ops.slice(column, [start, *rest], [stop - start, *column.shape[1:]])


def _taken(column: Any, start: int, stop: int, order: Sequence[int] | None, indices: Any) -> Any:
    if column is None:
        return None
    if isinstance(column, Rows):
        return column.slice(start, stop) if order is None else column.gather(order[start:stop])
    return part(column, start, stop) if order is None else _core.ops.gather(column, indices)


class Batches:
    """Columns of equal length, taken batch by batch; the last batch may be shorter."""

    def __init__(
        self, inputs: Sequence[Any], targets: Sequence[Any], weights: Sequence[Any], size: int
    ) -> None:
        self.inputs = list(inputs)
        self.targets = list(targets)
        self.weights = list(weights)
        self.size = size
        self.samples: int = self.inputs[0].shape[0] if self.inputs else 0
        self._feed: Any = None

    def __len__(self) -> int:
        return (self.samples + self.size - 1) // self.size

    def feed(self, shuffled_block: int = 0) -> Any:
        """The batches as the core reads them; a shuffle keeps blocks of so many samples together."""
        if self._feed is None:
            columns = [*self.inputs, *self.targets, *self.weights]
            self._feed = _core.Feed(columns, self.samples, self.full, shuffled_block)
        return self._feed

    @property
    def full(self) -> int:
        """Samples in a full batch."""
        return max(1, min(self.size, self.samples))

    def rest(self, count: int) -> int:
        """Samples in the shorter batch among the first so many; 0 where there is none."""
        return self.samples % self.full if count * self.full > self.samples else 0

    @property
    def counts(self) -> tuple[int, int, int]:
        """How many inputs, targets and weights there are."""
        return len(self.inputs), len(self.targets), len(self.weights)

    def split(self, at: int) -> tuple[Batches, Batches]:
        """The samples before and after a place."""
        return self._part(0, at), self._part(at, self.samples)

    def _part(self, start: int, stop: int) -> Batches:
        inputs, targets, weights = ([part(c, start, stop) for c in group] for group in self._groups())
        return Batches(inputs, targets, weights, self.size)

    def _groups(self) -> tuple[list[Any], list[Any], list[Any]]:
        return self.inputs, self.targets, self.weights

    def at(self, index: int, order: Any = None) -> tuple[int, list[Any], list[Any], list[Any]]:
        """(samples, inputs, targets, weights) of a batch; `order` is a permutation of the samples, int32."""
        start = index * self.size
        stop = min(start + self.size, self.samples)
        listed = None if order is None else memoryview(order)
        indices = None if order is None else _core.ops.slice(order, [start], [stop - start])
        groups = [[_taken(c, start, stop, listed, indices) for c in group] for group in self._groups()]
        return stop - start, groups[0], groups[1], groups[2]

    def take(self) -> Iterator[tuple[int, list[Any], list[Any], list[Any]]]:
        """All batches, see `at`."""
        return map(self.at, range(len(self)))
