"""The place of work that runs alone of its kind. Models hold one before any Promise is made, so this module
imports nothing.
"""

from __future__ import annotations

from weakref import ref

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from weakref import ReferenceType

    from .core import Core


class Sole:
    """The place of work that runs alone of its kind, such as the fit of a model.

    Whether the place is taken follows from the work itself. So it is free after whatever ended the work: a
    thread that could not be started, Ctrl-C at any point, a fork.
    """

    __slots__ = ("_core", "_on_take", "_refusal")

    def __init__(self, refusal: str, on_take: Callable[[], None] | None = None) -> None:
        """`refusal` is the error of work that comes too early. `on_take` is called when work begins."""
        self._refusal = refusal
        self._on_take = on_take
        self._core: ReferenceType[Core] | None = None

    @property
    def core(self) -> Core | None:
        """The work that runs; None while there is none."""
        core = None if self._core is None else self._core()
        return core if core is not None and core.running else None

    def check_free(self) -> None:
        """Raises RuntimeError while other work runs."""
        core = self.core
        if core is not None:
            raise RuntimeError(
                f"{self._refusal} It was called at {core.made_at}: wait for it with `await` or `.result()`."
            )

    def take(self, core: Core) -> None:
        """Puts work there that is about to start. RuntimeError while other work runs."""
        self.check_free()
        self._core = ref(core)
        if self._on_take is not None:
            self._on_take()
