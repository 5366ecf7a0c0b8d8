"""`tf.callbacks`: what may watch and steer a fit."""

from __future__ import annotations

from typing import Any

from .base import Callback, CustomCallback
from .stopping import EarlyStopping, earlyStopping

__all__ = ["Callback", "CustomCallback", "EarlyStopping", "earlyStopping"]


def __getattr__(name: str) -> Any:
    from .._names import suggest

    raise AttributeError(suggest(name, reversed(__all__), "tf.callbacks"))
