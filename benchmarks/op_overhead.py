"""What a call costs beside its arithmetic: nanoseconds for ops on one element, and NumPy's in the same run.

python benchmarks/op_overhead.py
"""

from __future__ import annotations

import argparse
import timeit
from collections.abc import Callable
from typing import Any

import numpy as np

import lamina as tf


def nanoseconds(call: Callable[[], Any], number: int, repeat: int) -> float:
    """Of one call, in the fastest of several runs: what others on the machine add is no part of it."""
    return min(timeit.repeat(call, number=number, repeat=repeat)) / number * 1e9


def calls() -> dict[str, tuple[Callable[[], Any], Callable[[], Any] | None]]:
    """By name our call and NumPy's."""
    x, y, m = tf.tensor([1.5]), tf.tensor([2.5]), tf.tensor([[1.5]])
    a, b, n = np.float32([1.5]), np.float32([2.5]), np.float32([[1.5]])
    add, multiply, matrices, exponential, total = tf.add, tf.mul, tf.matMul, tf.exp, tf.sum
    reshape = tf.reshape
    return {
        "tf.add(x, y)": (lambda: add(x, y), lambda: np.add(a, b)),
        "x + y": (lambda: x + y, lambda: a + b),
        "x.add(y)": (lambda: x.add(y), None),
        "x * 2": (lambda: x * 2, lambda: a * 2),
        "tf.mul(x, y)": (lambda: multiply(x, y), lambda: np.multiply(a, b)),
        "tf.exp(x)": (lambda: exponential(x), lambda: np.exp(a)),
        "tf.sum(x)": (lambda: total(x), lambda: np.sum(a)),
        "tf.matMul(m, m)": (lambda: matrices(m, m), lambda: np.matmul(n, n)),
        "tf.reshape(x, [1, 1])": (lambda: reshape(x, [1, 1]), lambda: np.reshape(a, [1, 1])),
        "tf.tensor([1.5])": (lambda: tf.tensor([1.5]), lambda: np.array([1.5], np.float32)),
        "float(x)": (lambda: float(x), lambda: float(a[0])),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--number", type=int, default=50_000, help="calls in one run")
    parser.add_argument("--repeat", type=int, default=9, help="runs")
    options = parser.parse_args()
    empty = nanoseconds(lambda: None, options.number, options.repeat)
    print(f"{'call':24}{'lamina':>10}{'numpy':>10}   ns; an empty call ({empty:.0f} ns) is subtracted")
    for name, (ours, theirs) in calls().items():
        mine = nanoseconds(ours, options.number, options.repeat) - empty
        other = nanoseconds(theirs, options.number, options.repeat) - empty if theirs else None
        print(f"{name:24}{mine:10.0f}" + (f"{other:10.0f}" if other is not None else ""))


if __name__ == "__main__":
    main()
