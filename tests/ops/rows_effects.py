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
class Single:
    """A scalar that a step advances: where it starts, and what it is after one step."""

    start: Callable[[dict[str, Any]], float]  # of the attributes
    after: Callable[[dict[str, float], dict[str, Any]], float]  # of all scalars before, and the attributes


def power_of(attr: str, name: str) -> Single:
    return Single(lambda a: a[attr], lambda s, a: s[name] * a[attr])


@dataclass(frozen=True)
class Update:
    """An op that changes variables: `reference` changes arrays in the same way."""

    op: str
    reference: Callable[
        ..., None
    ]  # (state, gradient, rate, **attrs); state["variables"] and the others by name
    states: Sequence[str] = ()  # lists of variables beside the first
    singles: dict[str, Single] = field(default_factory=dict)  # lists of one scalar each
    attrs: Sequence[dict[str, Any]] = ({},)
    # tf.train's function and its arguments; None where TensorFlow.js has no such step.
    js: Callable[..., tuple[str, list[Any]] | None] = lambda rate, **attrs: None
    optional: str = ""  # the list that may be empty

    def __str__(self) -> str:
        return self.op

    def __hash__(self) -> int:
        return hash(self.op)


def sgd(s: State, g: np.ndarray, rate: float) -> None:
    s["variables"] -= rate * g


def momentum(s: State, g: np.ndarray, rate: float, momentum: float, useNesterov: bool = False) -> None:
    s["accumulators"] = momentum * s["accumulators"] + g
    s["variables"] -= rate * (g + momentum * s["accumulators"] if useNesterov else s["accumulators"])


def adam(
    s: State,
    g: np.ndarray,
    rate: float,
    *,
    beta1: float,
    beta2: float,
    epsilon: float,
    weightDecay: float = 0,
) -> None:
    s["ms"] = beta1 * s["ms"] + (1 - beta1) * g
    s["vs"] = beta2 * s["vs"] + (1 - beta2) * g**2
    m, v = s["ms"] / (1 - s["accBeta1"]), s["vs"] / (1 - s["accBeta2"])
    s["variables"] -= rate * weightDecay * s["variables"]
    s["variables"] -= rate * m / (np.sqrt(v) + epsilon)


def adamax(
    s: State, g: np.ndarray, rate: float, *, beta1: float, beta2: float, epsilon: float, decay: float
) -> None:
    s["ms"] = beta1 * s["ms"] + (1 - beta1) * g
    s["vs"] = np.maximum(beta2 * s["vs"], np.abs(g))
    rate /= (1 + s["iteration"] * decay) * (1 - s["accBeta1"])
    s["variables"] -= rate * s["ms"] / (s["vs"] + epsilon)


def nadam(s: State, g: np.ndarray, rate: float, *, beta1: float, beta2: float, epsilon: float) -> None:
    now = beta1 * (1 - 0.5 * s["decayPower"])
    then = beta1 * (1 - 0.5 * s["decayPower"] * 0.96)
    product = s["momentumProduct"] * now
    s["ms"] = beta1 * s["ms"] + (1 - beta1) * g
    s["vs"] = beta2 * s["vs"] + (1 - beta2) * g**2
    m = then * s["ms"] / (1 - product * then) + (1 - now) * g / (1 - product)
    s["variables"] -= rate * m / (np.sqrt(s["vs"] / (1 - s["accBeta2"])) + epsilon)


def lion(s: State, g: np.ndarray, rate: float, *, beta1: float, beta2: float, weightDecay: float = 0) -> None:
    s["variables"] -= rate * weightDecay * s["variables"]
    s["variables"] -= rate * np.sign(beta1 * s["ms"] + (1 - beta1) * g)
    s["ms"] = beta2 * s["ms"] + (1 - beta2) * g


def adagrad(s: State, g: np.ndarray, rate: float, epsilon: float) -> None:
    s["sums"] = s["sums"] + g**2
    s["variables"] -= rate * g / np.sqrt(s["sums"] + epsilon)


def adadelta(s: State, g: np.ndarray, rate: float, *, rho: float, epsilon: float) -> None:
    step = np.sqrt(s["accumUpdates"] + epsilon) / np.sqrt(s["accumGrads"] + epsilon) * g
    s["accumGrads"] = rho * s["accumGrads"] + (1 - rho) * g**2
    s["accumUpdates"] = rho * s["accumUpdates"] + (1 - rho) * step**2
    s["variables"] -= rate * step


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
        singles={"accBeta1": power_of("beta1", "accBeta1"), "accBeta2": power_of("beta2", "accBeta2")},
        attrs=(
            {"beta1": 0.9, "beta2": 0.99, "epsilon": 1e-7},
            {"beta1": 0.9, "beta2": 0.99, "epsilon": 1e-7, "weightDecay": 0.1},
        ),
        js=lambda rate, beta1, beta2, epsilon, weightDecay=0: (
            None if weightDecay else ("adam", [rate, beta1, beta2, epsilon])
        ),
    ),
    Update(
        "applyAdamax",
        adamax,
        states=("ms", "vs"),
        singles={
            "iteration": Single(lambda a: 0, lambda s, a: s["iteration"] + 1),
            "accBeta1": power_of("beta1", "accBeta1"),
        },
        attrs=(
            {"beta1": 0.9, "beta2": 0.99, "epsilon": 1e-7, "decay": 0.0},
            {"beta1": 0.8, "beta2": 0.9, "epsilon": 1e-3, "decay": 0.5},
        ),
        js=lambda rate, beta1, beta2, epsilon, decay: ("adamax", [rate, beta1, beta2, epsilon, decay]),
    ),
    Update(
        "applyNadam",
        nadam,
        states=("ms", "vs"),
        singles={
            "accBeta2": power_of("beta2", "accBeta2"),
            "decayPower": Single(lambda a: 0.96, lambda s, a: s["decayPower"] * 0.96),
            "momentumProduct": Single(
                lambda a: 1, lambda s, a: s["momentumProduct"] * a["beta1"] * (1 - 0.5 * s["decayPower"])
            ),
        },
        attrs=({"beta1": 0.9, "beta2": 0.99, "epsilon": 1e-7},),
    ),
    Update(
        "applyLion",
        lion,
        states=("ms",),
        attrs=({"beta1": 0.9, "beta2": 0.99}, {"beta1": 0.8, "beta2": 0.9, "weightDecay": 0.1}),
    ),
    Update(
        "applyAdagrad",
        adagrad,
        states=("sums",),
        attrs=({"epsilon": 1e-7},),
        js=lambda rate, epsilon: ("adagrad", [rate, 0]),
    ),
    Update(
        "applyAdadelta",
        adadelta,
        states=("accumGrads", "accumUpdates"),
        attrs=({"rho": 0.95, "epsilon": 1e-7}, {"rho": 0.8, "epsilon": 1e-3}),
        js=lambda rate, rho, epsilon: ("adadelta", [rate, rho, epsilon]),
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
