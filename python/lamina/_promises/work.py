"""The thread of a Promise, and what the work on it may ask for."""

from __future__ import annotations

from contextvars import copy_context
from time import monotonic, sleep

from . import runtime
from .core import Core
from .jobs import Callback, core_of
from .pump import LOOK, TICK, PrivateLoop
from .reports import PromiseCancelledError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable
    from contextvars import Context
    from typing import Any

    from .sole import Sole

# A script says `model.fit(...).result()`: the first callback gives it this long, counted from the call, to
# get there, so that callbacks run on its thread from the first to the last.
GRACE = 0.05
# What a callback still gets when the work was asked to stop: looked at by ticks, and shorter than STOP_WAIT.
PATIENCE = 0.08


class WorkContext:
    """What the work of a Promise gets: whether it shall stop, and a way to call the user's functions."""

    __slots__ = ("__weakref__", "_context", "_core", "_grace_ends", "_patience_ends", "_private")
    passes_on = False

    def __init__(self, core: Core) -> None:
        self._core = core
        self._context = copy_context()
        self._private: PrivateLoop | None = None
        self._grace_ends = monotonic() + GRACE
        self._patience_ends: float | None = None

    @property
    def cancelled(self) -> bool:
        """Whether the work was asked to stop; it looks between its steps."""
        return self._core.cancelled

    def on_cancel(self, fn: Callable[[], None]) -> None:
        """Has `fn` called, on any thread, when the work is asked to stop; at once where it already was."""
        self._core.on_cancel = fn
        if self._core.cancelled:
            fn()

    def shows(self, html: Callable[[], str]) -> None:
        """Has `html` called, on any thread, where a notebook shows the Promise while the work runs."""
        self._core.shows = html

    def check(self) -> None:
        """Raises PromiseCancelledError if the work was asked to stop."""
        if self._core.cancelled:
            raise PromiseCancelledError(f"{self._core.name}() was asked to stop")

    def call(self, fn: Callable[..., Any], *args: Any) -> Any:
        """Runs a function of the user's and returns its value, of a coroutine or Promise what that comes to.

        To be called on the work's thread, without the model's lock. The function runs, with the context
        variables of the user's call: where it is awaited, on that event loop, the one of the call first;
        where `result()` waits, on the thread that waits; where nobody waits, on the event loop of the call
        if it still runs, else right here. Its errors are raised here; PromiseCancelledError if it was cut
        short.
        """
        job = Callback(self._core, self._context, fn, args)
        if not job.place() and not self._somebody_comes(job):
            self._run_here(job)
        if job.hints is not None:
            ended, coming = job.hints
            ended.exchange(coming, LOOK)
        while not job.done.acquire(timeout=TICK):
            self._look(job)
            if job.claimed:
                if job.lost():
                    name = self._core.name
                    raise PromiseCancelledError(f"the event loop of a callback of {name}() has ended")
            elif not job.place():
                self._run_here(job)
        return job.value()

    def _somebody_comes(self, job: Callback) -> bool:
        while monotonic() < self._grace_ends and not runtime.exiting():
            sleep(0.0005)
            if job.claimed or job.place():
                return True
        return False

    def _run_here(self, job: Callback) -> None:
        job.run(self)
        private = self._private
        # A coroutine stands on the private loop, which only this thread can run.
        while private is not None and private.busy and job.done.locked():
            private.idle(TICK)
            self._look(job)

    def _look(self, job: Callback) -> None:
        """A coroutine or Promise that was under way when the work was asked to stop gets a moment to end."""
        if not (self._core.cancelled and job.may_be_cut):
            return
        if self._patience_ends is None:
            self._patience_ends = monotonic() + PATIENCE
        elif monotonic() > self._patience_ends:
            job.may_be_cut = False
            self._core.cut()

    def spawn(self, awaitable: Awaitable[Any], context: Context) -> asyncio.Task[Any]:
        if self._private is None:
            self._private = PrivateLoop()
        return self._private.spawn(awaitable, context)

    def close(self) -> None:
        private, self._private = self._private, None
        if private is not None:
            private.close()


def start(work: Callable[[WorkContext], Any], name: str, sole: Sole | None = None) -> Core:
    """Begins `work` on a thread of its own. The core is rejected where it cannot begin."""
    core = Core(name)
    core.working = True
    context = WorkContext(core)
    state = copy_context()

    def run() -> None:
        nonlocal work, context, state
        runtime.enter(core)
        error: BaseException | None = None
        value = None
        try:
            try:
                value = state.run(work, context)
            finally:
                context.close()
        except BaseException as caught:
            error = caught
        finally:
            core.working = False
            core.shows = None
            runtime.leave(core)
            # A traceback keeps this frame, and with it all that the work holds.
            del work, context, state
        if error is not None:
            core.reject(error)
        elif (followed := core_of(value)) is not None:
            core.link(followed)
            followed.react(lambda source: core.settle(source.state, source.outcome))
        else:
            core.fulfil(value)
        del error, value

    core.runner = runtime.Runner(run, name)
    started = True
    try:
        with runtime.starting():
            if sole is not None:
                sole.take(core)
            started = core.runner.start()
    except Exception as error:
        core.reject(error)
    except BaseException:
        # Ctrl-C: nobody gets the Promise.
        core.cancel(force=True)
        raise
    if not started:
        run()
    return core


def start_awaitable(awaitable: Awaitable[Any], context: Context) -> Core:
    """Awaits it on a thread and a loop of its own."""

    def work(work_context: WorkContext) -> Any:
        job = Callback(work_context._core, context, lambda: awaitable, ())
        work_context._run_here(job)
        while not job.done.acquire(timeout=TICK):
            work_context._look(job)
        return job.value()

    return start(work, "coroutine")
