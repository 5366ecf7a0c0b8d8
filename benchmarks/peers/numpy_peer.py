"""NumPy: what a user without a framework writes. The variant "out" gives results a place."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from cases import Calls, Unsupported, Values

ONE, HALF = np.float32(1), np.float32(0.5)


class Peer:
    def __init__(self, variant: str, threads: int) -> None:
        del threads  # OpenBLAS reads its own variable
        self.out = variant == "out"

    def versions(self) -> dict[str, str]:
        return {"numpy": np.__version__}

    def prepare(self, workload: dict[str, Any]) -> Calls:
        values = Values()
        if workload["kind"] == "op":
            call = self.with_out(workload) if self.out else self.op(workload)
            nbytes = workload["work"].get("bytes", 0)
            return Calls(lambda: values.of_op(workload), call, nbytes=nbytes)
        if self.out or workload["kind"] in ("own", "digits"):
            raise Unsupported
        if workload["kind"] == "first" and len(workload["units"]) == 1 and not workload["bar"]:
            return Calls(values.line, lambda x, y: line_fit(x, y, workload["epochs"]))
        dense = all(
            layer["layer"] == "dense" for layer in workload.get("model", {}).get("layers", [{"layer": ""}])
        )
        if workload["kind"] == "predict" and dense:
            model = workload["model"]
            return Calls(lambda: (values.inputs(model, workload["batch"]),), perceptron(model, values))
        raise Unsupported

    def with_out(self, workload: dict[str, Any]) -> Callable[..., Any]:
        result = np.empty(workload["shape"], np.float32)
        op = workload["op"]
        if op == "relu":
            return lambda x: np.maximum(x, np.float32(0), out=result)
        functions = {"matMul": np.matmul, "add": np.add, "exp": np.exp, "tanh": np.tanh}
        if op not in functions:
            raise Unsupported
        function = functions[op]
        return lambda *inputs: function(*inputs, out=result)

    def op(self, workload: dict[str, Any]) -> Callable[..., Any]:
        calls: dict[str, Callable[..., Any]] = {
            "matMul": np.matmul,
            "add": np.add,
            "relu": lambda x: np.maximum(x, np.float32(0)),
            "exp": np.exp,
            "tanh": np.tanh,
            "sigmoid": lambda x: ONE / (ONE + np.exp(-x)),
            "softmax": softmax,
            "layerNorm": layer_norm,
            "sumRows": lambda x: x.sum(0),
            "sumColumns": lambda x: x.sum(1),
            "batchNorm": batch_norm,
            "gather": lambda table, rows: table[rows],
        }
        if workload["op"] == "adam":
            return adam(workload["shape"])
        if workload["op"] not in calls:
            raise Unsupported
        return calls[workload["op"]]


def softmax(x: np.ndarray) -> np.ndarray:
    e = np.exp(x - x.max(-1, keepdims=True))
    e /= e.sum(-1, keepdims=True)
    return e


def layer_norm(x: np.ndarray) -> np.ndarray:
    centred = x - x.mean(-1, keepdims=True)
    centred /= np.sqrt(np.square(centred).mean(-1, keepdims=True) + np.float32(1e-3))
    return centred


def batch_norm(x: np.ndarray) -> np.ndarray:
    axes = tuple(range(x.ndim - 1))
    centred = x - x.mean(axes)
    centred /= np.sqrt(np.square(centred).mean(axes) + np.float32(1e-3))
    return centred


def adam(shape: list[int]) -> Callable[[np.ndarray], None]:
    weights, mean, square = (np.zeros(shape, np.float32) for _ in range(3))
    first, second, rate = np.float32(0.9), np.float32(0.999), np.float32(1e-3)

    def update(gradient: np.ndarray) -> None:
        np.add(first * mean, (ONE - first) * gradient, out=mean)
        np.add(second * square, (ONE - second) * gradient * gradient, out=square)
        np.subtract(weights, rate * mean / (np.sqrt(square) + np.float32(1e-7)), out=weights)

    return update


def line_fit(x: np.ndarray, y: np.ndarray, epochs: int) -> tuple[np.ndarray, np.ndarray]:
    w, b, rate = np.ones((1, 1), np.float32), np.zeros(1, np.float32), np.float32(0.01)
    for _ in range(epochs):
        difference = (x @ w + b - y) * HALF
        w -= rate * (x.T @ difference)
        b -= rate * difference.sum(0)
    return w, b


def perceptron(model: dict[str, Any], values: Values) -> Callable[[np.ndarray], np.ndarray]:
    sizes = [model["input"][0], *(layer["units"] for layer in model["layers"])]
    weights = [(values.uniform(a, b), values.uniform(b)) for a, b in pairwise(sizes)]
    is_softmax = model["layers"][-1]["activation"] == "softmax"

    def forward(x: np.ndarray) -> np.ndarray:
        for w, b in weights[:-1]:
            x = np.maximum(x @ w + b, np.float32(0))
        w, b = weights[-1]
        x = x @ w + b
        return softmax(x) if is_softmax else x

    return forward
