"""`tf.models`: models, and how they are made and loaded."""

from __future__ import annotations

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
