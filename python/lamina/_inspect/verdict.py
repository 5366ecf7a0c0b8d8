"""What comes of an inspection."""

from __future__ import annotations

from typing import Any, NamedTuple

from .. import _core

__all__ = ["Verdict"]


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

    @property
    def closed(self) -> bool:
        return self.reason is None

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
