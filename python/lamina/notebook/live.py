"""Outputs of a notebook's cell that change while something runs."""

from __future__ import annotations

import sys
from html import escape
from typing import TYPE_CHECKING, Any

from .._promises.core import running_loop
from . import in_notebook
from .curves import charts
from .tables import promise_html

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .._promises.core import Core
    from ..results import History

__all__ = ["Cell", "Output", "show_promise"]

REDRAW_S = 0.25


class Output:
    """One output of the cell that runs here, shown anew with each `show`."""

    def __init__(self) -> None:
        from uuid import uuid4

        self._id = uuid4().hex
        self._shown = False

    def show(self, html: str, text: str) -> None:
        from IPython.display import publish_display_data

        publish_display_data(  # type: ignore[no-untyped-call, unused-ignore]
            {"text/html": html, "text/plain": text},
            transient={"display_id": self._id},
            update=self._shown,
        )
        self._shown = True


class Cell:
    """The progress of a fit: a bar for the current epoch, the last line, and curves of those that ended."""

    def __init__(self, history: History) -> None:
        from time import monotonic

        self._clock = monotonic
        self._history = history
        self._output = Output()
        self._line = self._bar = ""
        self._drawn = -REDRAW_S

    def epochs(self, lines: Sequence[str]) -> None:
        self._line, self._bar = lines[-1], ""
        self._draw()

    def batch(self, title: str, done: int, total: int, text: str) -> None:
        words = f"{title}  {done}/{total}  {text}"
        self._bar = f'<progress value="{done}" max="{total}"></progress> {escape(words)}'
        self._draw()

    def hide(self) -> None:
        pass

    def close(self) -> None:
        self._bar = ""
        self._draw(always=True)

    def _draw(self, always: bool = False) -> None:
        now = self._clock()
        if not always and now - self._drawn < REDRAW_S:
            return
        self._drawn = now
        lines = [f"<div><code>{line}</code></div>" for line in (escape(self._line), self._bar) if line]
        self._output.show("".join(lines) + charts(self._history.history, live=not always), self._line)


def show_promise(promise: Any) -> None:
    """Shows a Promise, in a notebook until its end."""
    if not in_notebook():
        sys.stdout.write(f"{promise!r}\n")
        return
    _follow(promise._core, Output())


def _follow(core: Core, output: Output) -> None:
    output.show(promise_html(core), f"<Promise {core.name}, {core.state}>")
    loop = running_loop()
    if loop is not None and not (core.settled or core.stale):
        loop.call_later(REDRAW_S, _follow, core, output)
