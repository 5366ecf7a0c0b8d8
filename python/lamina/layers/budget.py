"""How many numbers the weights of layers may hold, given what their file has.

A file of a few bytes must not ask for all memory. What is a little too much is let through here, as the
comparison with the file, weight by weight, says more precisely what is wrong.
"""

from __future__ import annotations

import math
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["at_most", "spend"]

SLACK = 1 << 20

_left: ContextVar[list[int] | None] = ContextVar("lamina_numbers_left", default=None)


@contextmanager
def at_most(numbers: int | None) -> Iterator[None]:
    """Inside, layers that are made together hold about so many numbers; None: as many as they like."""
    token = _left.set(None if numbers is None else [2 * numbers + SLACK])
    try:
        yield
    finally:
        _left.reset(token)


def spend(layer: str, weight: str, shape: Sequence[int]) -> None:
    """Counts a weight that is about to be made. Raises ValueError where it is far more than the file has."""
    left = _left.get()
    if left is None:
        return
    needed = math.prod(shape)
    if needed > left[0]:
        raise ValueError(
            f"Layer {layer}: the weight {weight} of shape {list(shape)} needs {needed} numbers, "
            "which the file does not have"
        )
    left[0] -= needed
