"""Where errors leave Lamina: people see their own lines and the message.

`LAMINA_TRACEBACK=full` shows Lamina's own lines too.
"""

from __future__ import annotations

import os
from types import FunctionType

from . import _core

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    F = TypeVar("F", bound=Callable[..., Any])

__all__ = ["border", "borders"]

_core.hide_frames_of(os.path.dirname(os.path.abspath(__file__)) + os.sep)


def border(function: F) -> F:
    """The function, as people call it. Between our own functions it changes nothing."""
    bordered: F = _core.border(function)
    return bordered


def borders(cls: type) -> None:
    """Makes borders of all public methods that a class defines."""
    for name, value in list(vars(cls).items()):
        if not name.startswith("_") and type(value) is FunctionType:
            setattr(cls, name, border(value))
