"""`tf.models`: models, and how they are made and loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .model import Functional, LayersModel, model
from .sequential import Sequential, sequential

if TYPE_CHECKING:
    from .loading import loadLayersModel, modelFromJSON

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
    if name in ("loadLayersModel", "modelFromJSON"):
        # Not `from . import loading`, which asks this function first.
        from .loading import loadLayersModel, modelFromJSON

        return loadLayersModel if name == "loadLayersModel" else modelFromJSON
    from .._names import suggest

    raise AttributeError(suggest(name, __all__, "tf.models"))
