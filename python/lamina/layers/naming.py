"""Names of layers and weights, as TensorFlow.js makes them: counters and scopes of the process."""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING

from .._core import TicketLock

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["check_name", "name_scope", "next_id", "scoped_name", "uid", "unique_name"]

_VALID = re.compile(r"[A-Za-z0-9][-A-Za-z0-9._/]*\Z")

_ids = count()
_uids: dict[str, int] = {}
_taken: dict[str, int] = {}
# Also whole in a forked child.
_lock = TicketLock()
_local = threading.local()


def next_id() -> int:
    """A number that no other layer, node or symbolic tensor has."""
    return next(_ids)


def uid(prefix: str) -> str:
    """The prefix and the number of times it was asked for: "Dense1", "Dense2"."""
    with _lock:
        _uids[prefix] = _uids.get(prefix, 0) + 1
        return f"{prefix}{_uids[prefix]}"


def check_name(name: str) -> str:
    """The name, where it may name a tensor. Raises ValueError where not."""
    if not _VALID.match(name):
        raise ValueError(
            f"Not a valid tensor name: '{name}'. A name starts with a letter or digit and goes on with "
            "letters, "
            "digits and - . _ /"
        )
    return name


@contextmanager
def name_scope(name: str) -> Iterator[None]:
    """Inside, names of weights start with `name` and a slash."""
    outer: str = getattr(_local, "scope", "")
    _local.scope = f"{outer}{name}/"
    try:
        yield
    finally:
        _local.scope = outer


def scoped_name(name: str) -> str:
    """The name within the scopes around the call."""
    return getattr(_local, "scope", "") + check_name(name)


def unique_name(name: str) -> str:
    """The name, with _1, _2 ... where the process has used it before."""
    check_name(name)
    with _lock:
        number = _taken.get(name, 0)
        _taken[name] = number + 1
        if number == 0:
            return name
        unique = f"{name}_{number}"
        _taken[unique] = 1
        return unique
