"""What a piece of user code is made of, and the list of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import lamina as tf
from lamina.layers.base import Layer

__all__ = ["CLOSED", "OPEN", "SNIPPETS", "Case", "Own", "Snippet", "error", "snippet"]

CLOSED, OPEN = "closed", "open"


@dataclass
class Case:
    """What of a model is the user's own; `draws` counts what the code asks the outside for."""

    loss: Any = "meanSquaredError"
    metrics: list[Any] = field(default_factory=list)
    layer: Callable[[], Any] | None = None
    optimizer: Callable[[], Any] = lambda: tf.train.sgd(0.01)
    draws: list[int] = field(default_factory=list)
    prepare: Callable[[Any], None] | None = None
    # Called after each of several steps; what it changes has to take effect.
    change: Callable[[], None] | None = None
    bits: bool = True

    def model(self) -> Any:
        middle = [] if self.layer is None else [self.layer()]
        return tf.sequential(
            layers=[
                tf.layers.dense(units=4, inputShape=[3], name="first"),
                *middle,
                tf.layers.dense(units=2, name="last"),
            ]
        )


@dataclass
class Snippet:
    name: str
    kind: str
    make: Callable[[], Case]
    word: str  # stands in the reason


SNIPPETS: list[Snippet] = []


def snippet(kind: str, word: str = "") -> Callable[[Callable[[], Case]], Callable[[], Case]]:
    def add(make: Callable[[], Case]) -> Callable[[], Case]:
        SNIPPETS.append(Snippet(make.__name__, kind, make, word))
        return make

    return add


def error(yTrue: Any, yPred: Any) -> Any:
    return yTrue.sub(yPred).square().mean(-1)


class Own(Layer):
    """What most layers below have in common."""

    className = "Own"

    def computeOutputShape(self, inputShape: Any) -> Any:
        return inputShape
