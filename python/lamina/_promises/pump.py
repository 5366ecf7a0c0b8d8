"""The places where jobs run beside the user's own loops: a waiting `result()`, and event loops of ours."""

from __future__ import annotations

from _thread import allocate_lock
from collections import deque

from .. import _core
from ..notebook import in_notebook
from . import runtime
from .core import Core, post, running_loop
from .jobs import Job, start_task

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable
    from contextvars import Context
    from typing import Any

# The longest sleep in one go. Where a signal does not wake a lock (Windows), Ctrl-C is noticed by this clock.
TICK = 0.1
# A thread that sleeps takes 20 to 50 us to wake. For as many microseconds the work and a waiting result()
# look for each other before they sleep; after some misses in a row they do not for some callbacks.
LOOK = 50
MISSES, REST = 3, 16


class LoopWaiter:
    """One `await`."""

    __slots__ = ("future", "loop")
    blocked = None

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.future: asyncio.Future[None] = loop.create_future()
        if in_notebook():
            self._stay_awake()

    def _stay_awake(self) -> None:
        """The interrupt button only leaves a callback in the loop of a kernel, which may sleep on."""
        if not self.future.done():
            self.loop.call_later(TICK, self._stay_awake)

    @property
    def gone(self) -> bool:
        return self.future.done()

    def settled(self) -> None:
        post(self.loop, self._wake)

    def _wake(self) -> None:
        if not self.future.done():
            self.future.set_result(None)

    def post(self, job: Job) -> bool:
        return job.offer_loop(self.loop)


class PrivateLoop:
    """An event loop for coroutines of callbacks where no loop runs; it runs while its owner idles.

    It is run by `run_forever` and `stop` alone: a stop too many, as Ctrl-C may leave one behind, is then no
    more than an early return.
    """

    __slots__ = ("_tasks", "loop")

    def __init__(self) -> None:
        import asyncio

        self.loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[Any]] = set()

    def spawn(self, awaitable: Awaitable[Any], context: Context) -> asyncio.Task[Any]:
        task = start_task(self.loop, awaitable, context)
        self._tasks.add(task)
        task.add_done_callback(self._task_ended)
        return task

    def _task_ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        self.loop.stop()

    def wake(self) -> None:
        """From any thread: ends the idling."""
        post(self.loop, self.loop.stop)

    def idle(self, seconds: float) -> None:
        """Runs the loop until woken, until a task ends, or until the time is over."""
        timer = self.loop.call_later(seconds, self.loop.stop)
        try:
            self.loop.run_forever()
        finally:
            timer.cancel()

    @property
    def busy(self) -> bool:
        return bool(self._tasks)

    def finish(self) -> None:
        """Runs what is under way to its end."""
        while self._tasks:
            self.idle(TICK)
        self.close()

    def close(self) -> None:
        """Ends as asyncio.run() does: what the user left running is cancelled."""
        import asyncio

        loop = self.loop
        rest = asyncio.all_tasks(loop)
        for task in rest:
            task.cancel()

        async def end() -> None:
            if rest:
                await asyncio.wait(rest)
            await loop.shutdown_asyncgens()
            await loop.shutdown_default_executor()
            loop.stop()

        ending = loop.create_task(end())
        while not ending.done():
            loop.run_forever()
        loop.close()


class Pump:
    """One waiting `result()`: runs the callbacks of the work that it waits for."""

    __slots__ = ("_answer", "_hint", "_misses", "_private", "_queue", "_rest", "_wake", "blocked", "present")
    loop = None
    passes_on = True

    def __init__(self) -> None:
        self.blocked = running_loop()
        self._queue: deque[Job] = deque()
        self._wake = allocate_lock()
        self._wake.acquire()
        self._private: PrivateLoop | None = None
        # Held, by a `with`, while somebody turns the pump.
        self.present = allocate_lock()
        self._hint = _core.Hint()
        self._answer: _core.Hint | None = None  # of the callback that just ended
        self._misses = self._rest = 0

    @property
    def gone(self) -> bool:
        return not self.present.locked()

    def refuse_deadlock(self, core: Core) -> None:
        """RuntimeError where the wait could not end, as what it waits for stands on this very thread."""
        for source in core.reach():
            if source.stale:
                raise stale_error(source)
            if source.busy_here():
                raise self_wait_error(source)
            task = source.task
            if task is not None and self.blocked is not None and task.get_loop() is self.blocked:
                raise RuntimeError(
                    "result() would block the event loop on which a coroutine of "
                    f"{source.name}() is under way: use `await` instead"
                )

    def settled(self) -> None:
        self._rouse()
        self._hint.tell()

    def post(self, job: Job) -> bool:
        return job.offer(self, lambda: self._take(job))

    def _take(self, job: Job) -> bool:
        if self._rest:
            self._rest -= 1
        else:
            job.hints = (_core.Hint(), self._hint)
        self._queue.append(job)
        self._rouse()
        return True

    def _rouse(self) -> None:
        try:
            self._wake.release()
        except RuntimeError:
            return  # it is awake already
        private = self._private
        if private is not None:
            private.wake()

    def turn(self, seconds: float) -> None:
        """Runs what is in the queue, or sleeps until something is."""
        if self._queue:
            job = self._queue.popleft()
            job.run(self)
            self._answer = job.hints and job.hints[0]
        elif self._private is None:
            answer, self._answer = self._answer, None
            if answer is not None:
                self._misses = 0 if self._hint.exchange(answer, LOOK) else self._misses + 1
                if self._misses == MISSES:
                    self._misses, self._rest = 0, REST
            self._wake.acquire(timeout=seconds)
        elif not self._wake.acquire(False):
            self._private.idle(seconds)

    def spawn(self, awaitable: Awaitable[Any], context: Context) -> asyncio.Task[Any]:
        if self.blocked is not None:
            raise RuntimeError(
                "a callback returned a coroutine, but result() blocks the event loop of this thread: "
                "use `await` instead of result()"
            )
        if self._private is None:
            self._private = PrivateLoop()
        return self._private.spawn(awaitable, context)

    def close(self) -> None:
        private, self._private = self._private, None
        if private is None:
            return
        if private.busy:
            # The wait ended early (timeout, Ctrl-C), the work goes on, and its callback must be able to end.
            runtime.spawn(private.finish, "callbacks")
        else:
            private.close()


def self_wait_error(core: Core) -> RuntimeError:
    return RuntimeError(f"a callback of {core.name}() cannot wait for the Promise that called it")


def stale_error(core: Core) -> RuntimeError:
    return RuntimeError(
        f"{core.name}(), called at {core.made_at}, was running when this process was forked: "
        "it goes on in the parent only"
    )
