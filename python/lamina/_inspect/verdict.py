"""What comes of an inspection."""

from __future__ import annotations

from typing import Any, NamedTuple

from .. import _core

__all__ = ["Verdict"]

_OF_FUNCTIONS = ("code", "defaults", "kwdefaults", "mro")


class Verdict(NamedTuple):
    """Whether code is closed (`reason` is None) or open, and why.

    The verdict holds as long as `guards.hold()`, and as no object with dependents that the code reaches
    changes. `custom` says whether there is any code of the user's own.
    """

    reason: str | None
    custom: bool
    guards: _core.Guards
    containers: tuple[tuple[Any, Any], ...]
    """(container, what it held) of the lists and dicts that the code may change in place."""
    objects: tuple[Any, ...]
    """The objects with dependents that the code reaches."""

    @property
    def closed(self) -> bool:
        return self.reason is None

    def what_changed(self) -> str:
        """The name of what a guard that does not hold watches."""
        for kind, holder, key in self.guards.broken():
            if isinstance(key, str):
                return f"`{key}`"
            return f"`{holder.__name__}`" if kind in _OF_FUNCTIONS else f"a {kind}"
        return "something that it reads"

    def undo_changes(self) -> bool:
        """Puts back what the code did to lists and dicts while it was traced; whether it did anything.

        Such code is open, though nothing in its instructions says so.
        """
        changed = False
        for container, held in self.containers:
            if isinstance(container, list):
                if len(container) != len(held) or any(
                    a is not b for a, b in zip(container, held, strict=True)
                ):
                    container[:] = held
                    changed = True
            elif list(map(id, _flat(container))) != list(map(id, _flat(held))):
                container.clear()
                container.update(held)
                changed = True
        return changed


def _flat(held: dict[Any, Any]) -> list[Any]:
    return [part for item in held.items() for part in item]
