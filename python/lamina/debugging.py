"""tf.enableDebugMode: every op is checked, and the first value that is not finite is named with its layer."""

from __future__ import annotations

import threading
import warnings
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from . import _core
from .changes import everything
from .errors import LaminaWarning

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

__all__ = ["enableDebugMode"]


class _Here(threading.local):
    """What the thread is computing."""

    depth = 0
    place = ""
    told = False


_here = _Here()
_NOTHING: AbstractContextManager[None] = nullcontext()
# The watches of the threads that asked for the debug mode; it is on while there is one.
_enabled: list[Any] = []


class DebugMode:
    """What enableDebugMode() returns: ends the mode by `disable()`, or at the end of a `with` block."""

    def __init__(self) -> None:
        self._watch: Any = _core.OpWatch(None, _found)
        self._watch.__enter__()
        _enabled.append(self)
        _changed()

    def disable(self) -> None:
        if self in _enabled:
            _enabled.remove(self)
            self._watch.__exit__()
            _changed()

    def __enter__(self) -> DebugMode:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.disable()


def enableDebugMode() -> DebugMode:
    """Checks the result of every op, and each tensor made of values, from now on, and warns of the first
    NaN or Infinity of each step.

    The warning names the op, and in a model the layer. Models run step by step meanwhile, which takes longer.
    The mode ends with `.disable()` of what is returned, or with the block of `with tf.enableDebugMode():`.
    """
    return DebugMode()


def debugging() -> bool:
    """Whether the debug mode is on."""
    return bool(_enabled)


def checked() -> AbstractContextManager[Any]:
    """Around a step: its ops are checked where the debug mode is on."""
    return _checked() if _enabled else _NOTHING


def inside(place: Any) -> AbstractContextManager[Any]:
    """Around a part of a step, or a layer: what is found there is reported to be in that place."""
    return _inside(place) if _enabled else _NOTHING


@contextmanager
def _checked() -> Iterator[None]:
    if _here.depth:
        yield
        return
    _here.depth, _here.told, _here.place = 1, False, ""
    try:
        with _core.OpWatch(None, _found):
            yield
    finally:
        _here.depth, _here.told = 0, False


@contextmanager
def _inside(place: Any) -> Iterator[None]:
    text = place if isinstance(place, str) else f"in layer {place.name} ({place.getClassName()})"
    outer, _here.place = _here.place, text
    try:
        yield
    finally:
        _here.place = outer


def check_made(made: Any, name: str) -> None:
    """Looks at a tensor of the user's values where the debug mode is on."""
    if not _enabled or made.dtype != "float32":
        return
    ops = _core.ops
    for what, is_so in (("NaN", ops.isNaN), ("Infinity", ops.isInf)):
        if bool(ops.any(is_so(made)).dataSync()[0]):
            return _found(name, what, made.shape)


def _found(op: str, what: str, shape: tuple[int, ...]) -> None:
    if _here.told:
        return
    _here.told = _here.depth > 0
    place = f", {_here.place}" if _here.place else ""
    message = f"Found {what} in the result of '{op}' of shape {list(shape)}{place}."
    warnings.warn(message, LaminaWarning, stacklevel=2)


def _changed() -> None:
    # What was compiled is not used while ops are checked, and what runs quickly is left.
    everything.notify()
