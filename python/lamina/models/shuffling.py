"""The order of samples in an epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import _core

if TYPE_CHECKING:
    from .._core import Tensor

__all__ = ["block_of", "permutation"]


def block_of(shuffle: bool | str, batch_size: int) -> int:
    """How many samples keep together under fit's option `shuffle`; 0 where they keep their order."""
    return batch_size if shuffle == "batch" else int(bool(shuffle))


def permutation(samples: int, updates: int, block: int = 1) -> Tensor:
    """The numbers below `samples` in random order, an int32 tensor; blocks of so many keep together.

    What is left of the last block stays at the end.

    With tf.setRandomSeed the order follows from the seed and from how many updates were made so far, so that
    a resumed training goes through the data as an uninterrupted one does.
    """
    return _core.shuffled(samples, _core.shuffle_seed(updates), block)
