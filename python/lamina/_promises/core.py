"""What a Promise is underneath: its state, who waits for it, and what it waits for itself.

The handle that the user holds is apart (`lamina.promises.Promise`), so that its going shows that nobody can
see a rejection any more, whatever threads and chains still know of the core.
"""

from __future__ import annotations

import sys
from _thread import allocate_lock

from . import reports

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterator
    from threading import RLock
    from types import TracebackType
    from typing import Any, Protocol

    from .jobs import Job
    from .runtime import Runner

    class Waiter(Protocol):
        """An `await` or a `result()`; also those of chained Promises are known to the core at their root."""

        @property
        def loop(self) -> asyncio.AbstractEventLoop | None:
            """The loop on which an await stands."""

        @property
        def blocked(self) -> asyncio.AbstractEventLoop | None:
            """The loop whose thread a result() blocks."""

        @property
        def gone(self) -> bool:
            """Whether it waits no more, though Ctrl-C kept it from saying so."""

        def settled(self) -> None: ...
        def post(self, job: Job) -> bool: ...

else:
    # The C class itself: Ctrl-C cannot come between taking it and `with`.
    from _thread import RLock

PENDING, FULFILLED, REJECTED = "pending", "fulfilled", "rejected"


class _Process:
    """Counts forks: what was pending in the parent never ends in the child."""

    generation = 0


def running_loop() -> asyncio.AbstractEventLoop | None:
    """The event loop that runs in this thread. Where there is one, asyncio is imported already."""
    events = sys.modules.get("asyncio.events")
    get = getattr(events, "_get_running_loop", None)
    return None if get is None else get()


def post(loop: asyncio.AbstractEventLoop, call: Callable[..., object], *args: object) -> bool:
    """call_soon_threadsafe; False if the loop is closed."""
    try:
        loop.call_soon_threadsafe(call, *args)
    except RuntimeError:
        return False
    return True


class Core:
    __slots__ = (
        "__weakref__",
        "abandoned",
        "awaited",
        "busy",
        "cancelled",
        "children",
        "generation",
        "home",
        "jobs",
        "lock",
        "name",
        "on_cancel",
        "outcome",
        "reactions",
        "runner",
        "seen",
        "shows",
        "site",
        "sources",
        "state",
        "task",
        "traceback",
        "waiters",
        "warned",
        "working",
    )

    def __init__(self, name: str) -> None:
        self.name = name
        self.site = reports.call_site()
        self.home = running_loop()
        self.generation = _Process.generation
        self.state = PENDING
        self.outcome: Any = None
        self.traceback: TracebackType | None = None
        self.lock = allocate_lock()
        self.reactions: list[Callable[[Core], object]] = []
        # True: waits for this very core; False: for one behind it in a chain.
        self.waiters: dict[Waiter, bool] = {}
        self.sources: list[Core] = []
        self.children: set[Core] = set()
        self.jobs: list[Job] = []
        self.task: asyncio.Task[Any] | None = None
        # Held by the thread that runs a callback of this core.
        self.busy = RLock()
        self.runner: Runner | None = None  # of work on a thread
        self.abandoned = self.awaited = self.cancelled = self.seen = self.warned = False
        self.on_cancel: Callable[[], None] | None = None  # told when `cancelled` is set
        self.shows: Callable[[], str] | None = None  # HTML of how far the work is, for notebooks
        self.working = False  # whether work runs that may stand in a callback

    @property
    def made_at(self) -> str:
        return f"{self.site[0]}:{self.site[1]}"

    @property
    def settled(self) -> bool:
        return self.state is not PENDING

    @property
    def running(self) -> bool:
        """Whether work on a thread goes on.

        This follows from the thread itself, as nothing that has to be reset at the end is safe from Ctrl-C.
        """
        runner = self.runner
        return runner is not None and self.state is PENDING and not self.stale and not runner.lost()

    @property
    def stale(self) -> bool:
        """Whether this is a copy of a Promise that the parent process was still working on."""
        return self.state is PENDING and self.generation != _Process.generation

    # The end.

    def fulfil(self, value: object) -> None:
        self._settle(FULFILLED, value)

    def reject(self, error: BaseException) -> None:
        self._settle(REJECTED, error)

    def settle(self, state: str, outcome: Any) -> None:
        self._settle(state, outcome)

    def _settle(self, state: str, outcome: Any) -> None:
        with self.lock:
            if self.state is not PENDING:
                return
            if state is REJECTED:
                self.traceback = outcome.__traceback__
            self.outcome = outcome
            self.state = state
            reactions, self.reactions = self.reactions, []
            waiters, self.waiters = self.waiters, {}
            sources, self.sources = self.sources, []
        for source in sources:
            source.lose(self, waiters)
        if state is REJECTED and not self.seen:
            reports.watch(self)
            if self.abandoned:
                reports.report(self)
        for waiter, direct in waiters.items():
            if direct:
                waiter.settled()
        for reaction in reactions:
            reaction(self)

    def deliver(self) -> Any:
        """The value, or the error raised; whoever gets it has seen it."""
        if self.state is FULFILLED:
            return self.outcome
        reports.seen(self)
        # Each raise adds frames to the traceback: start over, as the error may be raised for several waiters.
        raise self.outcome.with_traceback(self.traceback)

    def react(self, reaction: Callable[[Core], object]) -> None:
        """Calls `reaction(self)` at the end, at once if that has come; an error counts as seen."""
        with self.lock:
            if self.state is PENDING:
                self.seen = True
                self.reactions.append(reaction)
                return
        reports.seen(self)
        reaction(self)

    def abandon(self) -> None:
        """The handle is gone. Called by a finalizer, hence without a lock."""
        self.abandoned = True
        if self.state is REJECTED and not self.seen:
            reports.report(self)

    # Who waits, and for whom.

    def enter(self, waiter: Waiter, direct: bool = True) -> None:
        with self.lock:
            if self.state is PENDING:
                if waiter in self.waiters:
                    return
                self.waiters[waiter] = direct
            elif direct:
                waiter.settled()
                return
            jobs, sources = list(self.jobs), list(self.sources)
        for job in jobs:
            job.place()
        for source in sources:
            source.enter(waiter, False)

    def leave(self, waiter: Waiter) -> None:
        with self.lock:
            if self.waiters.pop(waiter, None) is None:
                return
            sources = list(self.sources)
        for source in sources:
            source.leave(waiter)

    def link(self, source: Core) -> None:
        """This core goes on when `source` ends, so whoever waits here waits there too."""
        with source.lock:
            source.children.add(self)
        with self.lock:
            self.sources.append(source)
            waiters = list(self.waiters)
        source.awaited = True
        for waiter in waiters:
            source.enter(waiter, False)

    def unlink(self, source: Core) -> None:
        with self.lock:
            if source in self.sources:
                self.sources.remove(source)
            waiters = dict(self.waiters)
        source.lose(self, waiters)

    def lose(self, child: Core, waiters: dict[Waiter, bool]) -> None:
        with self.lock:
            self.children.discard(child)
        for waiter in waiters:
            self.leave(waiter)

    def reach(self) -> Iterator[Core]:
        """This core and all that it waits for."""
        found, todo = {self}, [self]
        while todo:
            core = todo.pop()
            yield core
            fresh = [s for s in core.sources if s not in found]
            found.update(fresh)
            todo += fresh

    def busy_here(self) -> bool:
        """Whether a callback of this core is what runs right here."""
        if self.busy._is_owned():  # type: ignore[attr-defined]
            return True
        task, loop = self.task, running_loop()
        if task is None or loop is None:
            return False
        return sys.modules["asyncio"].current_task(loop) is task

    @property
    def wanted(self) -> bool:
        """Whether somebody waits for this very core."""
        return any(direct and not waiter.gone for waiter, direct in self.waiters.items())

    # Stopping.

    def give_up(self) -> bool:
        """An await ended early: stops the work if nobody else is interested; whether it was asked to stop."""
        with self.lock:
            if self.children or self.wanted:
                return False
        self.cancel()
        return True

    def cancel(self, force: bool = False) -> None:
        """Asks for an end at the next step, also what only this core waits for; `force`: all of that."""
        # Its lock may have been held by another thread at the fork.
        if self.stale:
            return
        with self.lock:
            if self.state is not PENDING or (self.cancelled and not force):
                return
            again, self.cancelled = self.cancelled, True
        if self.on_cancel is not None:
            self.on_cancel()
        # Work that waits for a callback gives it a moment to end, and sees to it by itself.
        if not self.working:
            self.cut(force, again)

    def cut(self, force: bool = False, again: bool = False) -> None:
        """Ends what this core waits for."""
        with self.lock:
            task, sources = self.task, list(self.sources)
        if task is not None and not again:
            post(task.get_loop(), task.cancel)
        for source in sources:
            with source.lock:
                source.children.discard(self)
                wanted = bool(source.children) or source.wanted
            if force or not wanted:
                source.cancel(force)
