"""Handwritten digits: how long training takes until 99 % of the test images are recognised.

The files of MNIST are looked for in the folder that LAMINA_BENCH_MNIST names.
"""

from __future__ import annotations

import gzip
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from cases import Unsupported

GOAL = 0.99
MOST_EPOCHS = 15

Fit = Callable[[np.ndarray, np.ndarray], Any]
Predict = Callable[[np.ndarray], np.ndarray]


def read(name: str, start: int) -> np.ndarray:
    folder = os.environ.get("LAMINA_BENCH_MNIST")
    if not folder:
        raise Unsupported("LAMINA_BENCH_MNIST names no folder")
    with gzip.open(Path(folder) / name) as file:
        return np.frombuffer(file.read(), np.uint8, offset=start)


def images(name: str) -> np.ndarray:
    return read(f"{name}-images-idx3-ubyte.gz", 16).reshape(-1, 28, 28, 1).astype(np.float32) / np.float32(
        255
    )


class Digits:
    """`make` gives a new model as (fit one epoch, predict); each run trains one from the start."""

    units = 1

    def __init__(self, make: Callable[[], tuple[Fit, Predict]]) -> None:
        self._make = make
        self._train = images("train"), np.eye(10, dtype=np.float32)[read("train-labels-idx1-ubyte.gz", 8)]
        self._test = images("t10k"), read("t10k-labels-idx1-ubyte.gz", 8)
        self.about = {"once": True}

    def fresh(self, count: int) -> None:
        """The data are what they are; the weights are new each time."""

    def run(self, count: int) -> float:
        return sum(self._once() for _ in range(count))

    def _once(self) -> float:
        start = time.perf_counter()
        fit, predict = self._make()
        x, labels = self._test
        for _ in range(MOST_EPOCHS):
            fit(*self._train)
            if np.mean(predict(x).argmax(-1) == labels) >= GOAL:
                return time.perf_counter() - start
        raise RuntimeError(f"below {GOAL:.0%} after {MOST_EPOCHS} epochs")
