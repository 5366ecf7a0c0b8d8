"""Who is told of what changes: Programs hold for the values that the attributes of layers, optimizers and the
like had when they were traced.

Each `Observed` object tells its dependents, flags of the core, after each write. `reachable` finds the
objects that a Program may have read.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial
from types import CodeType, FunctionType, MethodType
from typing import Any

from . import _core

__all__ = ["Observed", "everything", "is_ours", "notify", "reachable", "tell", "toggle"]

# Tells all Programs of the process.
everything = _core.Dependents()

_ABSENT = object()
_HELD = "_lamina_dependents"
# Values of these types that are equal do the same everywhere; so do numbers but for 0.0 and -0.0.
_PLAIN = frozenset({bool, int, str, bytes, type(None)})
# What Lamina writes while it computes, and no computation reads.
_QUIET = frozenset({"built", "inboundNodes", "outboundNodes"})


class Observed:
    """An object whose attributes compiled code may have read; it tells of each write and each deletion.

    Names with an underscore that Lamina's own classes use are theirs: they call notify() where one matters.
    Those of a user's own class count like any other.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        held = self.__dict__
        before = held.get(name, _ABSENT)
        object.__setattr__(self, name, value)
        # Looked for after the write: who becomes a dependent meanwhile reads what was written.
        dependents = held.get(_HELD)
        if dependents is not None and not _same(before, value) and _tells(self, name):
            dependents.notify()

    def __delattr__(self, name: str) -> None:
        object.__delattr__(self, name)
        if _tells(self, name):
            notify(self)


def toggle(changed: Observed) -> None:
    """Tells the dependents that a flag has another value, to which another Program may belong."""
    dependents = changed.__dict__.get(_HELD)
    if dependents is not None:
        dependents.toggle()


def notify(changed: Observed) -> None:
    """Tells the dependents of a change that was no write of an attribute."""
    dependents = changed.__dict__.get(_HELD)
    if dependents is not None:
        dependents.notify()


def tell(observed: Observed, dependent: Any) -> None:
    """Has the object tell a flag of all changes from now on, as long as the flag lives."""
    dependents = observed.__dict__.get(_HELD)
    if dependents is None:
        dependents = observed.__dict__.setdefault(_HELD, _core.Dependents())
    dependents.add(dependent)


def _same(before: Any, value: Any) -> bool:
    kind = type(value)
    if type(before) is not kind:
        return False
    return bool(before == value) if kind in _PLAIN else kind is float and before == value != 0


def _tells(observed: Observed, name: str) -> bool:
    cls = type(observed)
    if name not in observed.__dict__ and isinstance(getattr(cls, name, None), property):
        # What its setter writes counts.
        return False
    if name[:1] != "_":
        return name not in _QUIET
    return not any(is_ours(base) and name in _private(base) for base in cls.__mro__)


def is_ours(cls: type) -> bool:
    return cls.__module__ == "lamina" or cls.__module__.startswith("lamina.")


@cache
def _private(cls: type) -> frozenset[str]:
    """The names with an underscore that the code of one of Lamina's classes uses."""
    found: set[str] = set(vars(cls))
    for value in vars(cls).values():
        for part in (value, *(getattr(value, each, None) for each in ("fget", "fset", "__func__"))):
            code = getattr(getattr(part, "__wrapped__", part), "__code__", None)
            if code is not None:
                found |= _names_in(code)
    return frozenset(name for name in found if name[:1] == "_")


def _names_in(code: CodeType) -> set[str]:
    found = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            found |= _names_in(constant)
    return found


def reachable(*roots: Any) -> Iterator[Observed]:
    """All objects that tell of changes in the roots, their attributes, lists, dicts and functions."""
    seen: set[int] = set()
    waiting = list(roots)
    while waiting:
        each = waiting.pop()
        if type(each) in _PLAIN or type(each) is float or id(each) in seen:
            continue
        seen.add(id(each))
        if isinstance(each, Observed):
            yield each
            waiting += vars(each).values()
        elif isinstance(each, dict):
            waiting += each.values()
        elif isinstance(each, (list, tuple, set, frozenset)):
            waiting += each
        else:
            waiting += _parts(each)


def _parts(each: Any) -> Iterator[Any]:
    """What a function holds: its object where it is a method, cells, defaults, and what it is partial of."""
    if isinstance(each, MethodType):
        yield from (each.__self__, each.__func__)
    elif isinstance(each, partial):
        yield from (each.func, each.args, each.keywords)
    elif isinstance(each, FunctionType):
        for cell in each.__closure__ or ():
            try:
                yield cell.cell_contents
            except ValueError:  # It is empty.
                continue
        yield from (each.__defaults__, each.__kwdefaults__)
