"""The order of samples in an epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import _core

if TYPE_CHECKING:
    from .._core import Tensor

__all__ = ["permutation"]


def permutation(samples: int, updates: int) -> Tensor:
    """The numbers below `samples` in random order, an int32 tensor.

    With tf.setRandomSeed the order follows from the seed and from how many updates were made so far, so that
    a resumed training goes through the data as an uninterrupted one does.
    """
    return _core.shuffled(samples, _core.shuffle_seed(updates))
