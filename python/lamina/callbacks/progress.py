"""What a fit shows: nothing for half a second, then a live bar on a terminal, curves in a notebook, and plain
lines elsewhere.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Protocol

from ..formatting import short_number
from ..notebook import in_notebook
from ..results import AttrDict, History
from .base import batches_of

__all__ = ["Display", "display_for", "say"]

SILENCE_S = 0.5
REDRAW_S = 0.05
EPOCH_LINE_S = 0.2


def say(text: str) -> None:
    """A line for the person who watches."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def values_text(logs: dict[str, float]) -> str:
    train = [key for key in logs if not key.startswith("val_")]
    keys = train + [key for key in logs if key.startswith("val_")]
    return "  ".join(f"{key}: {short_number(logs[key])}" for key in keys)


class Screen(Protocol):
    def epoch(self, line: str) -> None: ...
    def batch(self, title: str, done: int, total: int, text: str) -> None: ...
    def close(self) -> None: ...


class Lines:
    """Lines about epochs, nothing in between."""

    def epoch(self, line: str) -> None:
        say(line)

    def batch(self, title: str, done: int, total: int, text: str) -> None:
        pass

    def close(self) -> None:
        pass


class Bar:
    """A live bar for the current epoch, under the lines about those that ended."""

    def __init__(self) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[values]}"),
            transient=True,
        )
        self._progress.start()
        self._task = self._progress.add_task("", values="")

    def epoch(self, line: str) -> None:
        self._progress.console.print(line, highlight=False, markup=False)

    def batch(self, title: str, done: int, total: int, text: str) -> None:
        self._progress.update(self._task, description=title, completed=done, total=total, values=text)

    def close(self) -> None:
        self._progress.stop()


class Display:
    """Shows the progress of one fit: `verbose` 1 is a bar on a terminal and curves in a notebook, 2 a line
    for each epoch.

    Epochs that follow each other quickly do not all get a line, but the last one does.
    """

    def __init__(self, verbose: int) -> None:
        from time import monotonic

        self._clock = monotonic
        self._verbose = verbose
        self._screen: Screen | None = None
        self._history = History()
        self._kept: list[str] = []
        self._unshown: str | None = None
        self._epochs = self._epoch = self._batches = 0
        self._start = self._epoch_start = self._drawn = 0.0
        self._line_at = -EPOCH_LINE_S
        self._stride = 1
        self._looked, self._done = 0.0, 0

    def begin(self, params: AttrDict[Any], history: History) -> None:
        self._history = history
        self._start = self._clock()
        self._epochs = params.epochs
        self._batches = batches_of(params)

    def _open(self) -> Screen | None:
        """The screen, once the fit has run for long enough."""
        if self._screen is None and self._clock() - self._start >= SILENCE_S:
            self._screen = _screen(self._history) if self._verbose == 1 else Lines()
            for line in self._kept:
                self._screen.epoch(line)
            self._kept.clear()
        return self._screen

    def epoch_begin(self, epoch: int) -> None:
        self._epoch = epoch
        self._epoch_start = self._looked = self._clock()
        self._done = 0

    def batch_end(self, batch: int, means: Callable[[], dict[str, float]]) -> None:
        now = self._clock()
        if now > self._looked:
            pace = (batch + 1 - self._done) / (now - self._looked)
            self._stride = max(1, int(pace * REDRAW_S))
        self._looked, self._done = now, batch + 1
        if now - self._drawn < REDRAW_S:
            return
        self._drawn = now
        screen = self._open()
        if screen is not None:
            title = f"Epoch {self._epoch + 1}/{self._epochs}"
            screen.batch(title, batch + 1, self._batches, values_text(means()))

    def stride(self) -> int:
        """How many batches take about as long as it is until the next look, by those of this epoch so far."""
        return self._stride

    def epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        now = self._clock()
        if self._verbose == 1 and now - self._line_at < EPOCH_LINE_S:
            self._unshown = self._line(epoch, now, logs)
            return
        self._line_at = now
        self._unshown = None
        self._show(self._line(epoch, now, logs))

    def _line(self, epoch: int, now: float, logs: dict[str, float]) -> str:
        return f"Epoch {epoch + 1}/{self._epochs}  {now - self._epoch_start:.2f}s  {values_text(logs)}"

    def _show(self, line: str) -> None:
        screen = self._open()
        if screen is None:
            self._kept.append(line)
        else:
            screen.epoch(line)

    def close(self) -> None:
        if self._unshown is not None:
            self._show(self._unshown)
        if self._screen is not None:
            self._screen.close()


def _screen(history: History) -> Screen:
    """What suits the place: an output of a notebook's cell, a bar on a terminal, lines elsewhere."""
    if in_notebook():
        from ..notebook.live import Cell

        return Cell(history)
    terminal = getattr(sys.stdout, "isatty", lambda: False)()
    return Bar() if terminal else Lines()


def display_for(verbose: int) -> Display | None:
    """The display of a fit; None where nothing is to be shown."""
    return Display(verbose) if verbose else None
