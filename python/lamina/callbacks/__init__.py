"""`tf.callbacks`: what may watch and steer a fit."""

from __future__ import annotations

from .base import Callback, CustomCallback
from .early_stopping import EarlyStopping, earlyStopping

__all__ = ["Callback", "CustomCallback", "EarlyStopping", "earlyStopping"]
