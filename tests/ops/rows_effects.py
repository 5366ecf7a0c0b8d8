"""Rows of ops with effects: updates of variables, and random numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from support.oracle import UNDEFINED

State = dict[str, np.ndarray]


@dataclass(frozen=True)
class Update:
    """An op that changes variables: `reference` changes arrays in the same way."""

    op: str
    reference: Callable[
        ..., None
    ]  # (state, gradient, rate, **attrs); state["variables"] and the others by name
    states: Sequence[str] = ()  # lists of variables beside the first
    singles: Sequence[str] = ()  # lists of one scalar each
    attrs: Sequence[dict[str, Any]] = ({},)
    js: Callable[..., tuple[str, list[Any]]] | None = None  # tf.train's function and its arguments
    optional: str = ""  # the list that may be empty

    def __str__(self) -> str:
        return self.op


def sgd(s: State, g: np.ndarray, rate: float) -> None:
    s["variables"] -= rate * g


def momentum(s: State, g: np.ndarray, rate: float, momentum: float, useNesterov: bool = False) -> None:
    s["accumulators"] = momentum * s["accumulators"] + g
    s["variables"] -= rate * (g + momentum * s["accumulators"] if useNesterov else s["accumulators"])


def adam(s: State, g: np.ndarray, rate: float, *, beta1: float, beta2: float, epsilon: float) -> None:
    s["ms"] = beta1 * s["ms"] + (1 - beta1) * g
    s["vs"] = beta2 * s["vs"] + (1 - beta2) * g**2
    m, v = s["ms"] / (1 - s["accBeta1"]), s["vs"] / (1 - s["accBeta2"])
    s["variables"] -= rate * m / (np.sqrt(v) + epsilon)


def rms_prop(s: State, g: np.ndarray, rate: float, *, decay: float, momentum: float, epsilon: float) -> None:
    s["meanSquares"] = decay * s["meanSquares"] + (1 - decay) * g**2
    variance = s["meanSquares"]
    if "meanGrads" in s:
        s["meanGrads"] = decay * s["meanGrads"] + (1 - decay) * g
        variance = variance - s["meanGrads"] ** 2
    s["moments"] = momentum * s["moments"] + rate * g / np.sqrt(variance + epsilon)
    s["variables"] -= s["moments"]


UPDATES = [
    Update("applySgd", sgd, js=lambda rate: ("sgd", [rate])),
    Update(
        "applyMomentum",
        momentum,
        states=("accumulators",),
        attrs=({"momentum": 0.9}, {"momentum": 0.7, "useNesterov": True}),
        js=lambda rate, momentum, useNesterov=False: ("momentum", [rate, momentum, useNesterov]),
    ),
    Update(
        "applyAdam",
        adam,
        states=("ms", "vs"),
        singles=("accBeta1", "accBeta2"),
        attrs=({"beta1": 0.9, "beta2": 0.99, "epsilon": 1e-7},),
        js=lambda rate, beta1, beta2, epsilon: ("adam", [rate, beta1, beta2, epsilon]),
    ),
    Update(
        "applyRmsProp",
        rms_prop,
        states=("meanSquares", "moments", "meanGrads"),
        attrs=(
            {"decay": 0.9, "momentum": 0.0, "epsilon": 1e-7},
            {"decay": 0.8, "momentum": 0.5, "epsilon": 1e-3},
        ),
        js=lambda rate, decay, momentum, epsilon: ("rmsprop", [rate, decay, momentum, epsilon]),
        optional="meanGrads",
    ),
]


@dataclass(frozen=True)
class Random:
    """An op that draws numbers, with what is known of their distribution."""

    op: str
    args: Sequence[Any]  # behind the shape (or the tensor), before the seed
    mean: float
    deviation: float
    low: float = -math.inf
    high: float = math.inf
    dtype: str = "float32"
    takes_tensor: bool = False
    js: str | None = ""  # TensorFlow.js' name where another; None where it has none
    seeds: Sequence[Any] = field(default=(42, "text", 0.5))

    def __str__(self) -> str:
        return f"{self.op}{list(self.args)}".replace(" ", "")


def truncated_deviation(limit: float) -> float:
    density = math.exp(-(limit**2) / 2) / math.sqrt(2 * math.pi)
    return math.sqrt(1 - 2 * limit * density / math.erf(limit / math.sqrt(2)))


RANDOM = [
    Random("randomUniform", [0, 1, "float32"], 0.5, math.sqrt(1 / 12), 0, 1),
    Random("randomUniform", [-2, 6, "float32"], 2, 8 / math.sqrt(12), -2, 6),
    Random("randomUniform", [0, 10, "int32"], 4.5, math.sqrt(99 / 12), 0, 9, "int32"),
    # Cut toward 0 as in TensorFlow.js, which has twice as many zeros.
    Random("randomUniformInt", [-3, 5], 0.875, math.sqrt(4.375 - 0.875**2), -2, 4, "int32"),
    Random("randomNormal", [3, 0.5, "float32"], 3, 0.5),
    Random("randomStandardNormal", ["float32"], 0, 1),
    Random("truncatedNormal", [3, 0.5, "float32"], 3, 0.5 * truncated_deviation(2), 2, 4),
    Random("randomGamma", [2, 3, "float32"], 6, math.sqrt(18), 0),
    Random("randomGamma", [0.5, 1, "float32"], 0.5, math.sqrt(0.5), 0),
    Random("dropout", [0.25, None], 1, math.sqrt(1 / 3), 0, 4 / 3, takes_tensor=True),
    Random("dropoutMask", [0.25, None], 1, math.sqrt(1 / 3), 0, 4 / 3, takes_tensor=True, js="dropout"),
]

# Rows that have a test of their own: what it is called.
SINGLE = {
    "assign": "test_effects.py::test_assign",
    "multinomial": "test_multinomial.py::test_frequencies",
}

OPS = {row.op for row in UPDATES} | {row.op for row in RANDOM} | set(SINGLE)


def js_arguments(row: Random, first: Any, seed: Any) -> list[Any]:
    return [first, *(UNDEFINED if a is None else a for a in row.args), seed]
