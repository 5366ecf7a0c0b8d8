"""The seed of everything random that has no seed of its own."""

from __future__ import annotations

from typing import Any

from . import _core

__all__ = ["setRandomSeed"]

_MASK = (1 << 64) - 1


def setRandomSeed(seed: int) -> None:
    """Makes all unseeded random numbers from here on follow from `seed`, a whole number from 0 to 2**64 - 1.

    The environment variable LAMINA_SEED does the same from the start. Without either each run draws other
    numbers.

    Raises TypeError or ValueError for anything else.
    """
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise TypeError(f"setRandomSeed: the seed must be a whole number, but got {seed!r:.60}")
    if not 0 <= seed <= _MASK:
        raise ValueError(f"setRandomSeed: the seed must be from 0 to 2**64 - 1, but got {seed}")
    _core.set_random_seed(seed)


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    from ._names import suggest_in_tf

    raise AttributeError(suggest_in_tf(name, __all__, "tf.random"))
