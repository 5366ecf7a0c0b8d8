"""`tf.train`: optimizers."""

from __future__ import annotations

from typing import Any

from .optimizer import Optimizer
from .optimizers import factories

__all__ = ["Optimizer", "adam", "momentum", "rmsprop", "sgd"]

sgd = factories["sgd"]
momentum = factories["momentum"]
adam = factories["adam"]
rmsprop = factories["rmsprop"]


def __getattr__(name: str) -> Any:
    from .._names import suggest

    raise AttributeError(suggest(name, __all__, "tf.train"))
