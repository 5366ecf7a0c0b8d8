"""The order of samples in an epoch."""

from __future__ import annotations

from array import array

__all__ = ["permutation"]


def permutation(samples: int, step: int) -> array[int]:
    """The numbers below `samples` in random order.

    With tf.setRandomSeed the order follows from the seed and from `step`, the number of updates made so far,
    so that a resumed training goes through the data as an uninterrupted one does.
    """
    from random import Random

    from ..random import seed_for

    seed = seed_for("shuffle", step)
    order = array("i", range(samples))
    Random(seed).shuffle(order)
    return order
