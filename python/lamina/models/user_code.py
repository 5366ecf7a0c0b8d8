"""What is known of the user's own code that the steps of a model reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .._inspect import Verdict

__all__ = ["LOOK_AT_GUARDS_MS", "UserCode"]

# So many values that change within so many steps make code open.
FAILURES = 4
WITHIN = 100

# What makes a step return to Python while it has guards, in milliseconds.
LOOK_AT_GUARDS_MS = 10


class UserCode:
    """The verdict on the code of one kind of step, and how steady it was."""

    def __init__(self) -> None:
        self.verdict: Verdict | None = None
        self._open: str | None = None
        self._failures: list[int] = []

    @property
    def reason(self) -> str | None:
        """Why the code has to run step by step; None where it may be compiled."""
        return self._open or (None if self.verdict is None else self.verdict.reason)

    @property
    def guards(self) -> Any:
        """What has to hold before each run; None where there is nothing."""
        if self._open is not None or self.verdict is None or not len(self.verdict.guards):
            return None
        return self.verdict.guards

    def holds(self) -> bool:
        """Whether what was found is still so."""
        guards = self.guards
        return guards is None or bool(guards.hold())

    def fail(self, step: int, what: str | None = None) -> None:
        """A guard failed at that step: `what` changed."""
        assert self.verdict is not None
        self._failures = [each for each in self._failures if step - each < WITHIN] + [step]
        if len(self._failures) >= FAILURES:
            # Open code stays so without another look at each step.
            self._open = self.verdict.reason or (
                f"{self.verdict.what_changed()} changed {len(self._failures)} times in {WITHIN} steps; "
                "make it a `tf.variable`"
            )

    def look(self, *roots: Any) -> Verdict:
        """Inspects the code as it is now."""
        from .._inspect import classify

        self.verdict = classify(*roots)
        return self.verdict

    def settle(self) -> None:
        """After a trace: code that changed a list or dict meanwhile is open, and what it did is undone."""
        if self.verdict is not None and self.verdict.undo_changes():
            self._open = "it changes a list or dict that it reads; keep what changes in a `tf.variable`"
