"""Promises: what takes its time runs on a thread of its own from the call on.

    history = await model.fit(x, y)             # asyncio, notebooks
    history = model.fit(x, y).result()          # a plain script
    model.fit(x, y).then(print).catch(print)    # as in JavaScript

- Callbacks of the work run on the event loop where the Promise is awaited, or on the thread where `result()`
  waits. Where nobody waits, they run on the loop of the call while that runs, else on the work's own thread.
- Handlers of `then` run on the event loop that runs where `then` is called, else one after another on a
  thread of ours.
- An await that is cancelled (`asyncio.wait_for`, `task.cancel()`) asks the work to stop at its next step,
  unless somebody else still awaits the Promise or has called `then` on it; the same goes for Ctrl-C in
  `result()`. A timeout of `result(timeout)` stops nothing.
- A rejection that nobody saw is logged once (logger "lamina"), when the last reference goes or at exit.
- The interpreter's exit waits for what runs; Ctrl-C then stops it at its next step.
"""

from __future__ import annotations

from contextvars import copy_context
from time import monotonic
from types import GenericAlias

from . import _core
from ._borders import border
from ._core import TicketLock
from ._promises import reports, runtime
from ._promises.core import FULFILLED, REJECTED, Core, running_loop
from ._promises.jobs import Handler, core_of, is_awaitable
from ._promises.pump import TICK, LoopWaiter, Pump, self_wait_error, stale_error
from ._promises.reports import PromiseCancelledError, UnawaitedPromiseWarning
from ._promises.sole import Sole
from ._promises.work import WorkContext, start, start_awaitable

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable, Generator, Iterable
    from typing import Any, Generic, TypeVar, overload

    T = TypeVar("T")
    T_co = TypeVar("T_co", covariant=True)
    U = TypeVar("U")

    class _Generic(Generic[T_co]):
        """`Promise[int]` for type checkers; at run time `typing` is not imported.

        Type checkers report a forgotten `await` by themselves.
        """
else:
    from ._promises.misuse import Misused

    T_co = object

    class _Generic(Misused):
        __slots__ = ()
        __class_getitem__ = classmethod(GenericAlias)


__all__ = [
    "Promise",
    "PromiseCancelledError",
    "Sole",
    "TicketLock",
    "UnawaitedPromiseWarning",
    "WorkContext",
    "warn_if_forgotten",
]

# How long a cancelled await, or Ctrl-C in result(), waits for the work's step to end before it goes on
# regardless.
STOP_WAIT = 0.4


class Promise(_Generic[T_co]):
    """A result that is on its way.

    `Promise(executor)` calls `executor(resolve, reject)` at once, as in JavaScript; the library's own come
    from `Promise.start`.
    """

    __slots__ = ("__weakref__", "_core")

    def __init__(
        self, executor: Callable[[Callable[..., None], Callable[[BaseException], None]], object]
    ) -> None:
        if not callable(executor):
            raise TypeError(f"Promise resolver {executor!r} is not a function")
        self._core = core = Core("Promise")
        resolve, reject = _settlers(core)
        try:
            executor(resolve, reject)
        except Exception as error:
            reject(error)

    @classmethod
    def _of(cls, core: Core) -> Promise[Any]:
        promise = cls.__new__(cls)
        promise._core = core
        return promise

    def __del__(self) -> None:
        core = getattr(self, "_core", None)
        if core is not None:
            core.abandon()

    @staticmethod
    def start(
        work: Callable[[WorkContext], T], *, name: str = "promise", sole: Sole | None = None
    ) -> Promise[T]:
        """Runs `work(context)` on a thread of its own, at once; its value or error becomes the Promise's.

        It is rejected with RuntimeError while other work of the same `sole` runs.
        """
        return Promise._of(start(work, name, sole))

    @staticmethod
    def resolve(value: Any = None, *, name: str = "Promise.resolve") -> Promise[Any]:
        """A Promise of `value`; a Promise is returned as it is, an awaitable is awaited. `name` is whose it
        is, for messages.
        """
        if isinstance(value, Promise):
            return value
        core = Core(name)
        _adopt(core, value)
        return Promise._of(core)

    @staticmethod
    def reject(error: BaseException, *, name: str = "Promise.reject") -> Promise[Any]:
        """A Promise that was rejected with `error`; `name` is whose it is, for messages."""
        if not isinstance(error, BaseException):
            raise TypeError(f"a Promise is rejected with an exception, not with {error!r}")
        core = Core(name)
        core.reject(error)
        return Promise._of(core)

    @staticmethod
    def all(values: Iterable[Any]) -> Promise[list[Any]]:
        """The values of all, in their order, what is no Promise as it is; rejected with the first error."""
        core = Core("Promise.all")
        promises = [Promise.resolve(value) for value in values]
        if not promises:
            core.fulfil([])
        left = set(range(len(promises)))
        found: list[Any] = [None] * len(promises)

        def react(index: int, source: Core) -> None:
            if source.state is REJECTED:
                core.reject(source.outcome)
                return
            found[index] = source.outcome
            with core.lock:
                left.discard(index)
                last = not left
            if last:
                core.fulfil(found)

        for index, promise in enumerate(promises):
            core.link(promise._core)
            promise._core.react(lambda source, index=index: react(index, source))  # type: ignore[misc]
        return Promise._of(core)

    # Chains.

    if TYPE_CHECKING:

        @overload
        def then(
            self,
            onFulfilled: Callable[[T_co], Awaitable[U]],
            onRejected: Callable[[BaseException], Any] | None = None,
        ) -> Promise[U]: ...
        @overload
        def then(
            self, onFulfilled: Callable[[T_co], U], onRejected: Callable[[BaseException], Any] | None = None
        ) -> Promise[U]: ...
        @overload
        def then(
            self, onFulfilled: None = None, onRejected: Callable[[BaseException], Any] | None = None
        ) -> Promise[Any]: ...

    def then(
        self,
        onFulfilled: Callable[[Any], Any] | None = None,
        onRejected: Callable[[BaseException], Any] | None = None,
    ) -> Promise[Any]:
        """A Promise of what the handler returns, of a Promise or awaitable what that comes to.

        Without a handler for the outcome, the outcome passes on. An error in a handler rejects the new
        Promise.
        """
        for handler in (onFulfilled, onRejected):
            if handler is not None and not callable(handler):
                raise TypeError(f"a handler must be callable, not {handler!r}")
        core, source = Core(f"{self._core.name}().then"), self._core
        if source.stale:
            raise stale_error(source)
        context = copy_context()

        def react(source: Core) -> None:
            handler = onFulfilled if source.state is FULFILLED else onRejected
            if handler is None:
                core.settle(source.state, source.outcome)
            else:
                Handler(core, context, handler, (source.outcome,)).place()

        core.link(source)
        source.react(react)
        return Promise._of(core)

    def catch(self, onRejected: Callable[[BaseException], Any]) -> Promise[Any]:
        """`then(None, onRejected)`."""
        return self.then(None, onRejected)

    def finally_(self, onFinally: Callable[[], Any]) -> Promise[T_co]:
        """Calls `onFinally()` at the end, whatever it is, and passes the outcome on unless the handler fails.

        JavaScript's `finally`, which is a keyword in Python; `getattr(promise, "finally")` is the same
        method.
        """

        def fulfilled(value: Any) -> Any:
            return Promise.resolve(onFinally()).then(lambda _ignored: value)

        def rejected(error: BaseException) -> Any:
            return Promise.resolve(onFinally()).then(lambda _ignored: Promise.reject(error))

        return self.then(fulfilled, rejected)

    # Waiting.

    @border
    def result(self, timeout: float | None = None) -> T_co:
        """Waits on this thread, where callbacks of the work then run; returns the value or raises the error.

        TimeoutError after `timeout` seconds; the work goes on. Ctrl-C asks the work to stop, waits a moment
        for its step to end, and is raised. RuntimeError where the wait could never end: in a callback of
        this very work, or on the thread of an event loop that a coroutine of the work needs (use `await`
        there).
        """
        core = self._core
        pump: Pump | None = None
        try:
            core.awaited = True
            if not core.settled:
                pump = Pump()
                with pump.present:
                    _wait(core, pump, timeout)
        except (KeyboardInterrupt, SystemExit):
            _stop(core, pump)
            raise
        finally:
            if pump is not None:
                core.leave(pump)
                pump.close()
        value: T_co = core.deliver()
        return value

    @border
    def __await__(self) -> Generator[Any, None, T_co]:
        """`await promise`, on an asyncio event loop."""
        core = self._core
        loop = running_loop()
        if loop is None:
            raise RuntimeError(
                "a Promise can be awaited on an asyncio event loop only; elsewhere wait with result(), "
                "under trio by `await trio.to_thread.run_sync(promise.result)`"
            )
        core.awaited = True
        waiting: Generator[Any, None, T_co] = _core.border_iterator(self._await(core, loop))
        return waiting

    def _await(self, core: Core, loop: asyncio.AbstractEventLoop) -> Generator[Any, None, T_co]:
        if not core.settled:
            if core.stale:
                raise stale_error(core)
            if core.busy_here():
                raise self_wait_error(core)
            runtime.handlers.step_aside()
            waiter = LoopWaiter(loop)
            core.enter(waiter)
            try:
                yield from waiter.future
            except BaseException as error:
                core.leave(waiter)
                # GeneratorExit: the coroutine is thrown away, and cannot wait for anything more.
                if not isinstance(error, GeneratorExit) and core.give_up():
                    yield from _stopped(core, loop)
                raise
        value: T_co = core.deliver()
        return value

    def cancel(self) -> None:
        """Asks the work to stop at its next step, whoever waits for it; a `fit` ends after its batch."""
        self._core.cancel()

    # What is known of it.

    @property
    def state(self) -> str:
        """One of "pending", "fulfilled", "rejected"."""
        return self._core.state

    @property
    def made_at(self) -> str:
        """File and line of the call that made it."""
        return self._core.made_at

    @property
    def awaited(self) -> bool:
        """Whether anybody has awaited it, called `result()`, or attached a handler."""
        return self._core.awaited

    def __repr__(self) -> str:
        core = self._core
        if core.state is FULFILLED:
            value = repr(core.outcome)
            end = f"fulfilled: {value if len(value) <= 80 else value[:77] + '...'}"
        elif core.state is REJECTED:
            end = f"rejected: {core.outcome!r}"
        else:
            end = "stopping" if core.cancelled else "pending"
        return f"<Promise {core.name}, made at {core.made_at}, {end}>"

    def _repr_html_(self) -> str:
        from .notebook.tables import promise_html

        return promise_html(self._core)

    def _ipython_display_(self) -> None:
        from .notebook.live import show_promise

        show_promise(self)


setattr(Promise, "finally", Promise.finally_)


def warn_if_forgotten(sole: Sole, what: str) -> None:
    """Warns once if work runs there that nobody has awaited; `what` is the subject, as in "predict()".

    UnawaitedPromiseWarning, at the user's line, naming the line of the forgotten call. A callback of the
    work itself may use the model as it likes.
    """
    core = sole.core
    if core is not None:
        reports.warn_forgotten(core, what)


def _settlers(core: Core) -> tuple[Callable[..., None], Callable[[BaseException], None]]:
    """`resolve` and `reject` of an executor; the first call counts."""
    decided = False

    def resolve(value: Any = None) -> None:
        nonlocal decided
        if not decided:
            decided = True
            _adopt(core, value)

    def reject(error: BaseException) -> None:
        nonlocal decided
        if not isinstance(error, BaseException):
            raise TypeError(f"a Promise is rejected with an exception, not with {error!r}")
        if not decided:
            decided = True
            core.reject(error)

    return resolve, reject


def _adopt(core: Core, value: Any) -> None:
    """Settles `core` with a value, or with what a Promise or awaitable comes to."""
    source = core_of(value)
    if source is core:
        core.reject(TypeError("Chaining cycle detected for promise"))
        return
    if source is None:
        if not is_awaitable(value):
            core.fulfil(value)
            return
        if running_loop() is not None:
            Handler(core, copy_context(), lambda: value, ()).place()
            return
        source = start_awaitable(value, copy_context())
    core.link(source)
    source.react(lambda source: core.settle(source.state, source.outcome))


def _wait(core: Core, pump: Pump, timeout: float | None) -> None:
    """Waits on this thread until `core` is settled, and runs the callbacks meanwhile."""
    pump.refuse_deadlock(core)
    runtime.handlers.step_aside()
    deadline = None if timeout is None else monotonic() + timeout
    core.enter(pump)
    while not core.settled:
        rest = TICK if deadline is None else min(TICK, deadline - monotonic())
        if rest <= 0:
            raise TimeoutError(f"{core.name}(), called at {core.made_at}, still runs after {timeout:g} s")
        pump.turn(rest)


def _stop(core: Core, pump: Pump | None) -> None:
    """Asks for an end, and gives the work a moment for its step and its last callbacks."""
    core.cancel(force=True)
    if pump is None:
        pump = Pump()
    until = monotonic() + STOP_WAIT
    with pump.present:
        core.enter(pump)
        while not core.settled and (rest := until - monotonic()) > 0:
            pump.turn(min(TICK, rest))
    if core.settled and core.state is REJECTED:
        reports.seen(core)


def _stopped(core: Core, loop: asyncio.AbstractEventLoop) -> Generator[Any, None, None]:
    """Waits a moment for work that was asked to stop; what it uses is then free again."""
    waiter = LoopWaiter(loop)
    core.enter(waiter)
    timer = loop.call_later(STOP_WAIT, waiter.settled)
    try:
        yield from waiter.future
    finally:
        timer.cancel()
        core.leave(waiter)
        if core.state is REJECTED:
            reports.seen(core)
