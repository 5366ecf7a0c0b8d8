"""`tf.train`: optimizers, and schedules of learning rates."""

from __future__ import annotations

from ..serialization import lookup
from . import adam_family as adam_family
from . import optimizers as optimizers
from . import schedules
from .optimizer import Optimizer
from .options import factories

__all__ = ["Optimizer", "schedules"]

__getattr__, __dir__ = lookup(factories, "tf.train", __all__)
