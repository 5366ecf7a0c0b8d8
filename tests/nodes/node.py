"""A node of an ONNX graph as the adapters see it, and the registry of adapters.

ONNX has types that Lamina has not: small and large integers become int32, float16 and float64 become float32.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import lamina as tf

__all__ = ["ADAPTERS", "Inexpressible", "Node", "adapter", "as_held", "run"]


class Inexpressible(Exception):
    """What the node asks for is no function of TensorFlow.js; the words say why."""


def as_held(array: Any) -> np.ndarray:
    """In the type that Lamina has for it."""
    array = np.asarray(array)
    if array.ndim > 6:
        raise Inexpressible("a tensor has at most 6 dimensions")
    if array.dtype.kind in "iu":
        # Ends of slices are often the largest integer there is.
        return np.clip(array, -(2**31), 2**31 - 1).astype(np.int32)
    if array.dtype in (np.float16, np.float64):
        return array.astype(np.float32)
    if array.dtype.kind in "OSU":
        if any(not isinstance(text, (str, bytes)) for text in array.ravel()):
            raise Inexpressible("sequences and maps are no tensors")
        return np.array([str(text) for text in array.ravel()], object).reshape(array.shape)
    if array.dtype.kind not in "fbc":
        raise Inexpressible(f"there is no type {array.dtype}")
    return array


def tensor(array: np.ndarray) -> Any:
    if array.dtype == object:
        return tf.tensor(array.ravel().tolist(), list(array.shape), "string")
    return tf.tensor(array)


class Node:
    """Inputs are arrays, None where they are left out; `x(i)` is one of them as a tensor."""

    def __init__(self, kind: str, inputs: Sequence[Any], attributes: dict[str, Any], outputs: int) -> None:
        self.kind = kind
        self.inputs = list(inputs)
        self.attributes = attributes
        self.outputs = outputs

    def has(self, i: int) -> bool:
        return i < len(self.inputs) and self.inputs[i] is not None

    def array(self, i: int) -> np.ndarray:
        return self.inputs[i]

    def x(self, i: int = 0) -> Any:
        return tensor(as_held(self.inputs[i]))

    def every(self) -> list[Any]:
        return [self.x(i) for i in range(len(self.inputs))]

    def rank(self, i: int = 0) -> int:
        return self.inputs[i].ndim

    def ints(self, i: int) -> list[int]:
        return [int(n) for n in as_held(self.inputs[i]).ravel()]

    def number(self, i: int, default: float) -> float:
        return float(self.inputs[i].ravel()[0]) if self.has(i) else default

    def get(self, name: str, default: Any = None) -> Any:
        return self.attributes.get(name, default)


Adapter = Callable[[Node], Any]
ADAPTERS: dict[str, Adapter] = {}


def adapter(names: str) -> Callable[[Adapter], Adapter]:
    def register(function: Adapter) -> Adapter:
        for name in names.split():
            assert name not in ADAPTERS, name
            ADAPTERS[name] = function
        return function

    return register


def run(node: Node) -> list[np.ndarray]:
    found = ADAPTERS[node.kind](node)
    return [_array(y) for y in (found if isinstance(found, (list, tuple)) else [found])]


def _array(y: Any) -> np.ndarray:
    if isinstance(y, tf.Tensor) and y.dtype == "string":
        return np.array(list(y.dataSync()), object).reshape(y.shape)
    return np.asarray(y)
