"""The threads of Promises: how they start, how the interpreter's exit waits for them, what a fork leaves."""

from __future__ import annotations

import os
import sys
import threading
from _thread import allocate_lock
from collections import deque
from time import sleep

from . import reports
from .core import Core, _Process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import RLock
else:
    # The C class itself: Ctrl-C cannot come between taking it and `with`.
    from _thread import RLock

# How long a running thread of Python code may keep the others waiting while a Promise runs. With Python's
# own 5 ms an event loop would be late by as much each time that it wakes.
SWITCH_INTERVAL = 0.0005


# How long the exit waits for a thread that was to be started and does not come.
START_PATIENCE = 1.0


class _State:
    """All that a fork has to make anew."""

    def __init__(self) -> None:
        self.lock = allocate_lock()
        # Held while a Runner starts, so that whoever asks whether it is lost is not too early.
        self.starting = RLock()
        self.runners: set[Runner] = set()
        self.running: set[Core] = set()
        self.exiting = False
        self.started = 0
        self.interval: float | None = None


_state = _State()


def starting() -> RLock:
    """Held while a Runner starts, and for what must be decided before."""
    return _state.starting


def exiting() -> bool:
    """Whether the main program has ended and only the running Promises are waited for."""
    return _state.exiting


class _Started(threading.Event):
    """For a thread whose starter does not wait for it here.

    `Event.wait` is Python code: Ctrl-C in the middle of it would leave the thread's locks in disorder.
    """

    def wait(self, timeout: float | None = None) -> bool:
        return True


def _nothing() -> None: ...


class Runner:
    """One call on a thread of its own, which the interpreter's exit waits for.

    Ctrl-C may interrupt a start at any point. What counts is then whether the call has begun: the thread
    begins it by taking a lock, and whoever takes that lock before has called it off.
    """

    __slots__ = ("_begun", "_called_off", "_entered", "_target", "_thread")

    def __init__(self, target: Callable[[], object], name: str) -> None:
        self._target = target
        self._begun = allocate_lock()
        self._called_off = False
        state = _state
        with state.lock:
            state.started += 1
            number = state.started
        self._thread = threading.Thread(target=self._run, name=f"lamina-{name}-{number}", daemon=False)
        self._thread._started = _Started()  # type: ignore[attr-defined]
        self._entered = allocate_lock()

    def start(self) -> bool:
        """Begins the call; False where the interpreter's exit lets no thread start (since Python 3.12).

        RuntimeError where the system has no thread left.
        """
        state = _state
        self._entered.acquire()
        try:
            with state.starting:
                with state.lock:
                    state.runners.add(self)
                self._thread.start()
                self._entered.acquire()
        except BaseException as error:
            if self.lost():
                self._forget()
            if isinstance(error, RuntimeError) and (state.exiting or "shutdown" in str(error)):
                return False
            raise
        return True

    def lost(self) -> bool:
        """Whether the call does not run, and never will if it did not begin."""
        with _state.starting:
            if self._begun.acquire(False):
                self._called_off = True
                self._target = _nothing  # what it holds is free
            return self._called_off or not self._thread.is_alive()

    @property
    def thread(self) -> threading.Thread:
        return self._thread

    def _run(self) -> None:
        begins = self._begun.acquire(False)
        # Not kept beyond the call: the target knows the core, and that its Runner.
        target, self._target = self._target, _nothing
        self._entered.release()
        try:
            if begins:
                target()
        finally:
            self._forget()

    def _forget(self) -> None:
        # Not the state of the start: this thread may have forked.
        with _state.lock:
            _state.runners.discard(self)


def spawn(target: Callable[[], object], name: str) -> None:
    """Runs `target` on a thread of its own; right here where the exit lets no thread start."""
    if not Runner(target, name).start():
        target()


def enter(core: Core) -> None:
    """The work of `core` begins."""
    with _state.lock:
        if not _state.running and sys.getswitchinterval() > SWITCH_INTERVAL:
            _state.interval = sys.getswitchinterval()
            sys.setswitchinterval(SWITCH_INTERVAL)
        _state.running.add(core)


def leave(core: Core) -> None:
    with _state.lock:
        _state.running.discard(core)
        if not _state.running:
            _restore_interval()


def _restore_interval() -> None:
    before, _state.interval = _state.interval, None
    # Someone else may have set it in the meantime: then it is theirs.
    if before is not None and abs(sys.getswitchinterval() - SWITCH_INTERVAL) < 1e-6:
        sys.setswitchinterval(before)


class _Handlers:
    """Runs the handlers of `then` where no loop runs: one at a time and in order, as JavaScript does.

    Its thread lives while there is work. A handler that blocks in `result()` steps aside, and another thread
    goes on with the rest, as what it waits for may be among them.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._lock = allocate_lock()
        self._queue: deque[Callable[[], object]] = deque()
        self._turn: Runner | None = None
        self._here = threading.local()

    def post(self, call: Callable[[], object]) -> bool:
        with self._lock:
            self._queue.append(call)
            if self._turn is not None and not self._turn.lost():
                return True
            turn, started = self._next()
        if not started:
            self._run(turn)
        return True

    def step_aside(self) -> None:
        """Called where this thread is about to block."""
        mine = getattr(self._here, "turn", None)
        if mine is None:
            return
        started = True
        with self._lock:
            if self._turn is not mine:
                return
            if self._queue:
                turn, started = self._next()
            else:
                self._turn = None
        if not started:
            self._run(turn)

    def _next(self) -> tuple[Runner, bool]:
        """The next thread that runs handlers, and whether it could be started."""
        turn = self._turn = Runner(lambda: self._run(turn), "handlers")
        try:
            return turn, turn.start()
        except RuntimeError:
            # Handlers must not get lost for want of a thread.
            return turn, False

    def _run(self, turn: Runner) -> None:
        before = getattr(self._here, "turn", None)
        self._here.turn = turn
        try:
            while True:
                with self._lock:
                    if self._turn is not turn:
                        return
                    if not self._queue:
                        self._turn = None
                        return
                    call = self._queue.popleft()
                call()
                del call
        finally:
            self._here.turn = before


handlers = _Handlers()


def _ended_by_ctrl_c() -> bool:
    # At a prompt it may have been an earlier line.
    last = getattr(sys, "last_exc", getattr(sys, "last_value", None))
    return not hasattr(sys, "ps1") and isinstance(last, KeyboardInterrupt)


def _at_exit() -> None:
    """Waits for what runs.

    Ctrl-C, also one that has ended the program, asks it to stop; after a second one nobody waits any more.
    """
    _state.exiting = True
    stopping = False
    if _ended_by_ctrl_c():
        stopping = True
        _stop_all()
    waited = 0.0
    while True:
        try:
            with _state.lock:
                runner = next(iter(_state.runners), None)
            if runner is None:
                break
            if runner.thread.is_alive():
                runner.thread.join(0.1)
                waited = 0.0
            elif waited < START_PATIENCE:
                # One that is just being started cannot be joined yet.
                sleep(0.001)
                waited += 0.001
            elif runner.lost():
                runner._forget()
        except KeyboardInterrupt:
            if stopping:
                break
            stopping = True
            _stop_all()
    reports.report_all()


def _stop_all() -> None:
    with _state.lock:
        running = list(_state.running)
    for core in running:
        core.cancel(force=True)


def _after_fork() -> None:
    """In the child none of the threads exists: what was pending there never ends here."""
    global _state
    _Process.generation += 1
    interval = _state.interval
    _state = _State()
    _state.interval = interval
    _restore_interval()
    handlers.reset()
    reports.forget_all()


# Before the interpreter joins its threads, while Ctrl-C can still be answered; there is no public name for
# it.
threading._register_atexit(_at_exit)  # type: ignore[attr-defined]
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
