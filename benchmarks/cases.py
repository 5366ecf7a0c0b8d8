"""What a worker measures: blocks of calls, each with inputs that have not been seen before."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

import numpy as np

# Inputs made for one block; more calls than these go through them again.
COPIES = 8
# Large inputs: fewer, so that all peers fit into memory.
COPY_BYTES = 64 * 2**20


class Unsupported(Exception):
    """This peer has nothing for the workload."""


class Case(Protocol):
    units: int  # steps, calls: what one `run(1)` does

    def fresh(self, count: int) -> None:
        """New inputs for a block of so many calls; not timed."""

    def run(self, count: int) -> float:
        """Seconds that so many calls took; everything has been computed when it returns."""


class Calls:
    """`call(*inputs)` so many times; `make` gives new inputs, `around` what a block runs in."""

    def __init__(
        self,
        make: Callable[[], tuple[Any, ...]],
        call: Callable[..., Any],
        around: Callable[[], AbstractContextManager[Any]] = nullcontext,
        nbytes: int = 0,
    ) -> None:
        self.units = 1
        self._make = make
        self._call = call
        self._around = around
        self._copies = max(2, min(COPIES, COPY_BYTES // max(nbytes, 1)))
        self._inputs: list[tuple[Any, ...]] = []

    def fresh(self, count: int) -> None:
        self._inputs = [self._make() for _ in range(min(count, self._copies))]

    def digest(self) -> list[float]:
        """The same for all layouts of the same numbers: their sum, and that of their sizes."""
        with self._around():
            result = self._call(*self._make())
        if isinstance(result, (list, tuple)):
            result = next(part for part in result if part is not None)
        numbers = np.asarray(result).astype(np.float64)
        return [float(numbers.sum()), float(np.abs(numbers).sum())]

    def run(self, count: int) -> float:
        call, inputs = self._call, self._inputs
        turns, rest = divmod(count, len(inputs))
        order = inputs * turns + inputs[:rest]
        with self._around():
            start = time.perf_counter()
            for values in order:
                call(*values)
            return time.perf_counter() - start


class Epochs:
    """`fit(x, y, epochs)` of new data, so many steps an epoch."""

    def __init__(
        self, make: Callable[[], tuple[Any, Any]], steps: int, fit: Callable[[Any, Any, int], Any]
    ) -> None:
        self.units = steps
        self.about: dict[str, Any] = {}
        self._make = make
        self._fit = fit
        self._data: tuple[Any, Any] = (None, None)

    def fresh(self, count: int) -> None:
        del count
        self._data = self._make()

    def run(self, count: int) -> float:
        x, y = self._data
        start = time.perf_counter()
        self._fit(x, y, count)
        return time.perf_counter() - start


class Values:
    """Random arrays; each peer of a workload starts from the same seed."""

    def __init__(self, seed: int = 1) -> None:
        self._random = np.random.default_rng(seed)

    def uniform(self, *shape: int, low: float = -1.0) -> np.ndarray:
        return self._random.random(shape, np.float32) * np.float32(1 - low) + np.float32(low)

    def integers(self, below: int, *shape: int) -> np.ndarray:
        return self._random.integers(0, below, shape, np.int32)

    def inputs(self, model: dict[str, Any], rows: int) -> np.ndarray:
        if "vocabulary" in model:
            return self.integers(model["vocabulary"], rows, *model["input"])
        return self.uniform(rows, *model["input"], low=0.0)

    def targets(self, model: dict[str, Any], rows: int) -> np.ndarray:
        units = model["layers"][-1]["units"]
        if model["loss"] == "crossEntropy":
            return np.eye(units, dtype=np.float32)[self.integers(units, rows)]
        if model["loss"] == "binaryCrossEntropy":
            return self.integers(2, rows, units).astype(np.float32)
        return self.uniform(rows, units)

    def data(self, workload: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
        rows = workload["batch"] * workload["steps"]
        return self.inputs(workload["model"], rows), self.targets(workload["model"], rows)

    def line(self) -> tuple[np.ndarray, np.ndarray]:
        """Four points near y = 2 x - 1, the data of the first program."""
        x = np.array([[1], [2], [3], [4]], np.float32) + self.uniform(4, 1) * np.float32(0.01)
        return x, 2 * x - 1

    def of_op(self, workload: dict[str, Any]) -> tuple[np.ndarray, ...]:
        """The inputs of an operator: what it reads, and its filter, gradient or table where it has one."""
        op, shape = workload["op"], workload["shape"]
        x = self.uniform(*shape)
        if op in ("matMul", "add"):
            return x, self.uniform(*shape)
        if op == "conv":
            return x, self.uniform(3, 3, shape[-1], workload["filters"])
        if op == "convInput":
            return self.uniform(*shape[:-1], workload["filters"]), self.uniform(
                3, 3, shape[-1], workload["filters"]
            )
        if op == "convFilter":
            return x, self.uniform(*shape[:-1], workload["filters"])
        if op == "depthwise":
            return x, self.uniform(3, 3, shape[-1], 1)
        if op == "gather":
            return self.uniform(workload["rows"], shape[1]), self.integers(workload["rows"], shape[0])
        return (x,)
