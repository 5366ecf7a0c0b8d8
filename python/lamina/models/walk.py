"""How far an evaluation or prediction is, for those who watch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["Walk"]

REDRAW_S = 0.05


class Walk:
    """Shows how far an evaluation or prediction is: `verbose` 1 is a bar on a terminal and a line at the end,
    2 the line alone, 0 nothing.
    """

    _screen: Any = None

    def __init__(self, verbose: int, batches: int) -> None:
        if not verbose:
            return
        from time import monotonic

        from ..callbacks.progress import Lines, terminal

        self._screen = terminal() if verbose == 1 else Lines()
        self._batches = batches
        self._clock = monotonic
        self._start = self._looked = monotonic()

    def __enter__(self) -> Walk:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._screen is not None:
            self._screen.close()

    def at(self, batch: int, values: Callable[[], dict[str, float]] = dict) -> None:
        """After so many batches. `values` are means so far, asked for where they are shown."""
        if self._screen is None:
            return
        from ..callbacks.progress import values_text

        now = self._clock()
        if batch == self._batches:
            line = f"{batch}/{batch}  {now - self._start:.2f}s  {values_text(values())}"
            self._screen.epochs([line.rstrip()])
        elif now - self._looked >= REDRAW_S:
            self._looked = now
            self._screen.batch("", batch, self._batches, values_text(values()))
