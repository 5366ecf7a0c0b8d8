"""One call of user Python: a callback that the work waits for, or a handler of `then`.

A job is offered to every place where it may run; the first that comes claims it. So nobody has to know which
of them is asleep, blocked, about to leave, or yet to come.
"""

from __future__ import annotations

from _thread import allocate_lock

from . import runtime
from .core import FULFILLED, PENDING, REJECTED, Core, post
from .reports import PromiseCancelledError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable
    from contextvars import Context
    from typing import Any, Protocol

    from .. import _core

    class Place(Protocol):
        @property
        def passes_on(self) -> bool:
            """Whether Ctrl-C and sys.exit() go on to the code below the job."""

        def spawn(self, awaitable: Awaitable[Any], context: Context) -> asyncio.Task[Any] | Core:
            """Starts what a job returned; RuntimeError where it could never go on."""


def core_of(value: object) -> Core | None:
    """The core of a Promise; None for anything else."""
    core = getattr(value, "_core", None)
    return core if isinstance(core, Core) else None


def is_awaitable(value: object) -> bool:
    return hasattr(type(value), "__await__")


async def _await(awaitable: Awaitable[Any]) -> Any:
    return await awaitable


def start_task(
    loop: asyncio.AbstractEventLoop, awaitable: Awaitable[Any], context: Context
) -> asyncio.Task[Any]:
    import asyncio

    # A coroutine must not be wrapped: cancelled before it begins, it would never have been awaited.
    coroutine = awaitable if asyncio.iscoroutine(awaitable) else _await(awaitable)
    return context.run(loop.create_task, coroutine)


class OnLoop:
    """A loop of the user's that runs."""

    __slots__ = ("loop",)
    passes_on = True

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop

    def spawn(self, awaitable: Awaitable[Any], context: Context) -> asyncio.Task[Any]:
        return start_task(self.loop, awaitable, context)


# How often, a tick apart, a claimed job is found with nobody at it until it counts as lost.
MANY_LOOKS = 5


class Job:
    __slots__ = ("_claim", "args", "context", "core", "fn", "following", "hints", "offered", "on_user_loop")

    def __init__(self, core: Core, context: Context, fn: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self.core = core
        self.context = context
        self.fn = fn
        self.args = args
        self.offered: set[object] = set()
        # Of its end and of its coming, where who waits and who runs it look for each other.
        self.hints: tuple[_core.Hint, _core.Hint] | None = None
        self.on_user_loop = self.following = False
        self._claim = allocate_lock()
        with core.lock:
            core.jobs.append(self)

    @property
    def claimed(self) -> bool:
        return self._claim.locked()

    def place(self) -> bool:
        """Offers the job to those who may run it; False if there is none."""
        raise NotImplementedError

    def finish(self, state: str, outcome: Any) -> None:
        raise NotImplementedError

    def offer(self, place: object, send: Callable[[], bool]) -> bool:
        """Sends the job there once; False where it does not arrive."""
        if place in self.offered:
            return True
        if not send():
            return False
        self.offered.add(place)
        return True

    def offer_loop(self, loop: asyncio.AbstractEventLoop) -> bool:
        return self.offer(loop, lambda: post(loop, self.run, OnLoop(loop)))

    def run(self, place: Place) -> None:
        """Runs the job here unless somebody else has."""
        if not self._claim.acquire(False):
            return
        core = self.core
        with core.lock:
            core.jobs.remove(self)
        with core.busy:
            try:
                value = self.context.run(self.fn, *self.args)
                followed = core_of(value)
                if followed is None and is_awaitable(value):
                    started = self._spawn(value, place)
                    followed = started if isinstance(started, Core) else None
                elif followed is None:
                    self.finish(FULFILLED, value)
            except BaseException as error:
                self._fail(error)
                if place.passes_on and isinstance(error, (KeyboardInterrupt, SystemExit)):
                    raise
            else:
                if followed is not None:
                    self._follow(followed)

    def _follow(self, source: Core) -> None:
        if source is self.core:
            self.finish(REJECTED, TypeError("a handler cannot return the very Promise that waits for it"))
            return
        self.following = True
        self.core.link(source)
        source.react(self._source_ended)

    def _source_ended(self, source: Core) -> None:
        self.core.unlink(source)
        self.finish(source.state, source.outcome)

    def _spawn(self, awaitable: Awaitable[Any], place: Place) -> asyncio.Task[Any] | Core:
        try:
            started = place.spawn(awaitable, self.context)
        except RuntimeError:
            close = getattr(awaitable, "close", None)
            if close is not None:
                close()
            raise
        if not isinstance(started, Core):
            self.core.task = started
            self.on_user_loop = isinstance(place, OnLoop)
            started.add_done_callback(self._task_ended)
        return started

    def _task_ended(self, task: asyncio.Task[Any]) -> None:
        self.core.task = None
        if task.cancelled():
            self.finish(REJECTED, PromiseCancelledError(f"a callback of {self.core.name}() was cancelled"))
            return
        error = task.exception()
        if error is None:
            self.finish(FULFILLED, task.result())
        else:
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        """Ctrl-C and sys.exit() belong to the thread on which they came up; to the work they say: stop."""
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            stopped = PromiseCancelledError(f"{type(error).__name__} in a callback of {self.core.name}()")
            stopped.__cause__ = error
            self.core.cancelled = True
            self.finish(REJECTED, stopped)
        else:
            self.finish(REJECTED, error)


class Callback(Job):
    """A call that the work waits for."""

    __slots__ = ("done", "idle_looks", "may_be_cut", "outcome", "state")

    def __init__(self, core: Core, context: Context, fn: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self.state = PENDING
        self.outcome: Any = None
        self.idle_looks = 0
        # Not one that the work calls on its way out, as a fit does at the end of training.
        self.may_be_cut = not core.cancelled
        self.done = allocate_lock()
        self.done.acquire()
        super().__init__(core, context, fn, args)

    def finish(self, state: str, outcome: Any) -> None:
        if self.state is PENDING:
            self.state, self.outcome = state, outcome
            self.done.release()

    def place(self) -> bool:
        home = self.core.home
        with self.core.lock:
            waiters = [waiter for waiter in self.core.waiters if not waiter.gone]
        pumps = [w for w in waiters if w.loop is None]
        blocked = [p.blocked for p in pumps]
        awaits = [w for w in waiters if w.loop is not None and w.loop.is_running() and w.loop not in blocked]
        # A second round means that the loop did not come in time, perhaps as it is blocked itself.
        second = bool(self.offered)
        if awaits:
            next((w for w in awaits if w.loop is home), awaits[0]).post(self)
            if not second:
                return True
        for pump in pumps:
            pump.post(self)
        return bool(awaits or pumps) or (home is not None and home.is_running() and self.offer_loop(home))

    def value(self) -> Any:
        """What it came to; its error is raised."""
        if self.state is REJECTED:
            raise self.outcome
        return self.outcome

    def _idle(self) -> bool:
        """Whether no thread runs a callback of the core."""
        idle = self.core.busy.acquire(False)
        if idle:
            self.core.busy.release()
        return idle

    def lost(self) -> bool:
        """Whether who claimed it will not go on; asked every now and then."""
        task = self.core.task
        if task is None and not self.following and self._idle():
            # Ctrl-C may strike between claiming and calling; whoever is only slow gets some time to go on.
            self.idle_looks += 1
            return self.idle_looks > MANY_LOOKS
        self.idle_looks = 0
        if task is None or not self.on_user_loop:
            return False
        loop = task.get_loop()
        return loop.is_closed() or ((runtime.exiting() or self.core.cancelled) and not loop.is_running())


class Handler(Job):
    """A handler of `then`: settles the Promise that `then` returned."""

    __slots__ = ()

    def finish(self, state: str, outcome: Any) -> None:
        self.core.settle(state, outcome)

    def place(self) -> bool:
        core = self.core
        home = core.home
        if home is not None and home.is_running() and self.offer_loop(home):
            with core.lock:
                pumps = [w for w in core.waiters if w.blocked is home]
            for pump in pumps:
                pump.post(self)
            return True
        return self.offer(runtime.handlers, lambda: runtime.handlers.post(lambda: self.run(OWN_THREAD)))


class _OwnThread:
    """Where no loop runs: each coroutine gets a thread and a loop of its own."""

    passes_on = False

    def spawn(self, awaitable: Awaitable[Any], context: Context) -> Core:
        from .work import start_awaitable

        return start_awaitable(awaitable, context)


OWN_THREAD = _OwnThread()
