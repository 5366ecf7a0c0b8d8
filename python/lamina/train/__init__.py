"""`tf.train`: optimizers."""

from __future__ import annotations

from .optimizer import Optimizer
from .optimizers import factories

__all__ = ["Optimizer", "adam", "momentum", "rmsprop", "sgd"]

sgd = factories["sgd"]
momentum = factories["momentum"]
adam = factories["adam"]
rmsprop = factories["rmsprop"]
