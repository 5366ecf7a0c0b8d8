"""What a fit shows: a live bar on a terminal, curves in a notebook, and plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from ..formatting import short_number
from ..notebook import in_notebook
from ..results import AttrDict, History
from .base import batches_of

__all__ = ["LOOK_MS", "Display", "Lines", "display_for", "say", "terminal", "values_text"]

# How long a fit is silent whose `verbose` nobody wrote.
SILENCE_S = 0.5
# How often a fit leaves the core, to look at how far it is and to keep the values of its epochs.
LOOK_MS = 100.0
EPOCH_LINE_S = 0.2
BAR_WIDTH = 24
LEAST_WIDTH = 20


def say(text: str) -> None:
    """A line for the person who watches."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def values_text(logs: dict[str, float]) -> str:
    train = [key for key in logs if not key.startswith("val_")]
    keys = train + [key for key in logs if key.startswith("val_")]
    return "  ".join(f"{key}: {short_number(logs[key])}" for key in keys)


class Screen(Protocol):
    def epochs(self, lines: Sequence[str]) -> None: ...
    def batch(self, title: str, done: int, total: int, text: str) -> None: ...
    def hide(self) -> None: ...
    def close(self) -> None: ...


class Lines:
    """Lines about epochs, nothing in between."""

    def epochs(self, lines: Sequence[str]) -> None:
        say("\n".join(lines))

    def batch(self, title: str, done: int, total: int, text: str) -> None:
        pass

    def hide(self) -> None:
        pass

    def close(self) -> None:
        pass


class Bar:
    """A live bar under the lines about epochs that ended.

    It is one line that is written over. A drawing library would take tens of milliseconds to import, and
    hold the interpreter's lock meanwhile.
    """

    def __init__(self) -> None:
        self._drawn = 0

    def epochs(self, lines: Sequence[str]) -> None:
        self.hide()
        say("\n".join(lines))

    def batch(self, title: str, done: int, total: int, text: str) -> None:
        full = BAR_WIDTH * done // max(1, total)
        start = f"{title}  " if title else ""
        line = f"{start}[{'=' * full}{'.' * (BAR_WIDTH - full)}]  {done}/{total}  {text}"[: _width() - 1]
        sys.stdout.write("\r" + line.ljust(self._drawn))
        sys.stdout.flush()
        self._drawn = len(line)

    def hide(self) -> None:
        if self._drawn:
            sys.stdout.write("\r" + " " * self._drawn + "\r")
            sys.stdout.flush()
            self._drawn = 0

    close = hide


def _width() -> int:
    """The columns of the terminal."""
    import os

    try:
        columns = os.get_terminal_size(sys.stdout.fileno()).columns
    except (AttributeError, OSError, ValueError):
        columns = 0
    # Some terminals do not know: they say 0.
    return max(LEAST_WIDTH, columns or 80)


class Display:
    """Shows the progress of one fit: `verbose` 1 is a bar on a terminal and curves in a notebook, 2 a line
    for each epoch.

    With 1, epochs that follow each other quickly do not all get a line, but the last one does. Nothing is
    shown before `silence` seconds have passed; a fit that ends sooner shows nothing where silence is not 0.
    """

    def __init__(self, verbose: int, silence: float) -> None:
        from time import monotonic

        self._clock = monotonic
        self._each = verbose > 1
        self._silence = silence
        self._screen: Screen | None = None
        self._history = History()
        self._kept: list[str] = []
        # The last epoch, where it got no line: its index, seconds and logs.
        self._unshown: tuple[int, float, dict[str, float]] | None = None
        self._epochs = self._epoch = self._batches = 0
        self._start = self._looked = self._epoch_start = 0.0
        self._line_at = -EPOCH_LINE_S

    def begin(self, params: AttrDict[Any], history: History) -> None:
        self._history = history
        self._start = self._epoch_start = self._clock()
        self._epochs = params.epochs
        self._batches = batches_of(params)

    def _open(self) -> Screen | None:
        """The screen, once the fit has run for long enough."""
        if self._screen is None and self._clock() - self._start >= self._silence:
            self._screen = Lines() if self._each else _screen(self._history)
            if self._kept:
                self._screen.epochs(self._kept)
            self._kept = []
        return self._screen

    def epoch_begin(self, epoch: int) -> None:
        self._epoch = epoch

    def batch_end(self, batch: int, means: Callable[[], dict[str, float]]) -> None:
        """After batches of the epoch that began; its means are asked for where they are shown."""
        now = self._clock()
        if now - self._looked < LOOK_MS / 2000:
            return
        self._looked = now
        screen = self._open()
        if screen is not None:
            title = f"Epoch {self._epoch + 1}/{self._epochs}"
            screen.batch(title, batch + 1, self._batches, values_text(means()))

    def epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        now = self._clock()
        seconds, self._epoch_start = now - self._epoch_start, now
        if self._each or now - self._line_at >= EPOCH_LINE_S:
            self._line_at = now
            self._unshown = None
            self._show([self._line(epoch, seconds, logs)])
        else:
            self._unshown = (epoch, seconds, logs)

    def epochs_passed(self, first: int, values: dict[str, Sequence[float]], begun: float) -> None:
        """After epochs that ran in one call: their values, and the share of the next one that ran, too."""
        count = len(next(iter(values.values())))
        now = self._clock()
        seconds = (now - self._epoch_start) / (count + begun)
        self._epoch_start += seconds * count
        last = first + count - 1
        if self._each:
            self._show([self._line(first + i, seconds, _at(values, i)) for i in range(count)])
            return
        self._unshown = (last, seconds, _at(values, count - 1))
        if now - self._line_at >= EPOCH_LINE_S:
            self._line_at = now
            self._show_last()
        screen = self._open()
        if screen is not None:
            text = values_text(_at(values, count - 1))
            if self._batches > 1 and last + 1 < self._epochs:
                batch = round(begun * self._batches)
                screen.batch(f"Epoch {last + 2}/{self._epochs}", batch, self._batches, text)
            else:
                screen.batch(f"Epoch {last + 1}/{self._epochs}", last + 1, self._epochs, text)

    def _line(self, epoch: int, seconds: float, logs: dict[str, float]) -> str:
        return f"Epoch {epoch + 1}/{self._epochs}  {seconds:.2f}s  {values_text(logs)}"

    def _show(self, lines: list[str]) -> None:
        screen = self._open()
        if screen is None:
            self._kept += lines
        else:
            screen.epochs(lines)

    def _show_last(self) -> None:
        if self._unshown is not None:
            line, self._unshown = self._line(*self._unshown), None
            self._show([line])

    def hide(self) -> None:
        """Before a callback, which may print: takes away what would stand in its line."""
        if self._screen is not None:
            self._screen.hide()

    def close(self) -> None:
        self._show_last()
        if self._screen is not None:
            self._screen.close()


def _at(values: dict[str, Sequence[float]], index: int) -> dict[str, float]:
    return {name: of_name[index] for name, of_name in values.items()}


def _screen(history: History) -> Screen:
    """What suits the place: an output of a notebook's cell, a bar on a terminal, lines elsewhere."""
    if in_notebook():
        from ..notebook.live import Cell

        return Cell(history)
    return terminal()


def terminal() -> Screen:
    """A bar on a terminal, lines elsewhere."""
    live = getattr(sys.stdout, "isatty", lambda: False)()
    return Bar() if live else Lines()


def display_for(verbose: int | None) -> Display | None:
    """The display for a `verbose`; None where nothing is to be shown.

    A verbose of None was not written: it is 1, but a short fit is silent.
    """
    if verbose is None:
        return Display(1, SILENCE_S)
    return Display(verbose, 0.0) if verbose else None
