"""What the user is told: where a Promise was made, a forgotten await, a rejection that nobody saw."""

from __future__ import annotations

import os
import sys

from ..errors import LaminaWarning

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

    from .core import Core

__all__ = ["PromiseCancelledError", "UnawaitedPromiseWarning"]

Site = tuple[str, int]

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


class PromiseCancelledError(Exception):
    """The work of a Promise was asked to stop, and did."""


class UnawaitedPromiseWarning(LaminaWarning):
    """A model is used while a fit runs that nobody awaits; most likely an `await` was forgotten."""


def _user_frame() -> FrameType | None:
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
    return frame


def call_site() -> Site:
    """File and line of the first frame outside of this package."""
    frame = _user_frame()
    return ("<unknown>", 0) if frame is None else (frame.f_code.co_filename, frame.f_lineno)


def warn_forgotten(core: Core, what: str) -> None:
    """Warns once if `core` is still running and nobody has shown an interest in its end."""
    if core.settled or core.awaited or core.warned or core.busy_here() or core.stale:
        return
    core.warned = True
    import warnings

    frame = _user_frame()
    message = (
        f"{what} while {core.name}(), called at {core.made_at}, still runs and nobody waits for it: "
        "write `await` before it, or `.result()` behind it"
    )
    if frame is None:
        warnings.warn(message, UnawaitedPromiseWarning, stacklevel=2)
    else:
        registry = frame.f_globals.setdefault("__warningregistry__", {})
        module = frame.f_globals.get("__name__", "<unknown>")
        filename, line = frame.f_code.co_filename, frame.f_lineno
        warnings.warn_explicit(message, UnawaitedPromiseWarning, filename, line, module, registry)


# Rejections that nobody has seen so far. A dict, as its `pop` is atomic: a finalizer may run at any point of
# any thread, also where a lock is held, so nothing here takes one.
_unseen: dict[int, Core] = {}


def watch(core: Core) -> None:
    """Notes a rejection; it is reported when the last handle goes, or at exit."""
    _unseen[id(core)] = core


def seen(core: Core) -> None:
    core.seen = True
    _unseen.pop(id(core), None)


def report(core: Core) -> None:
    """Logs the rejection unless it was seen or reported before."""
    if _unseen.pop(id(core), None) is None:
        return
    error = core.outcome
    assert isinstance(error, BaseException)
    if isinstance(error, PromiseCancelledError) and core.cancelled:
        return
    import logging

    logging.getLogger("lamina").error(
        "%s(), called at %s, was rejected and nobody saw it (use await, result() or catch()): %s: %s",
        core.name,
        core.made_at,
        type(error).__name__,
        error,
        exc_info=(type(error), error, core.traceback),
    )


def report_all() -> None:
    for core in list(_unseen.values()):
        report(core)


def forget_all() -> None:
    """In a forked child: what was rejected in the parent is reported there."""
    _unseen.clear()
