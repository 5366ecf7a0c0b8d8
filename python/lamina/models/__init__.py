"""`tf.models`: models, and how they are made and loaded."""

from __future__ import annotations

from typing import Any

from .model import Functional, LayersModel, model
from .saving import loadLayersModel, modelFromJSON
from .sequential import Sequential, sequential

__all__ = [
    "Functional",
    "LayersModel",
    "Sequential",
    "loadLayersModel",
    "model",
    "modelFromJSON",
    "sequential",
]


def __getattr__(name: str) -> Any:
    from .._names import suggest

    raise AttributeError(suggest(name, __all__, "tf.models"))
