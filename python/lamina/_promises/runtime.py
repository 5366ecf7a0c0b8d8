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

# How long a running thread of Python code may keep the others waiting while a Promise runs. With Python's
# own 5 ms an event loop would be late by as much each time that it wakes.
SWITCH_INTERVAL = 0.0005


class _State:
    """All that a fork has to make anew."""

    def __init__(self) -> None:
        self.lock = allocate_lock()
        self.threads: set[threading.Thread] = set()
        self.running: set[Core] = set()
        self.exiting = False
        self.started = 0
        self.interval: float | None = None


_state = _State()


def exiting() -> bool:
    """Whether the main program has ended and only the running Promises are waited for."""
    return _state.exiting


def spawn(target: Callable[[], object], name: str) -> None:
    """Runs `target` on a thread of its own, which the interpreter's exit waits for.

    Since Python 3.12 no thread can be started once the exit has begun; then it runs right here.
    """
    state = _state

    def run() -> None:
        try:
            target()
        finally:
            # Not the state of above: this thread may have forked.
            with _state.lock:
                _state.threads.discard(thread)

    with state.lock:
        state.started += 1
        thread = threading.Thread(target=run, name=f"lamina-{name}-{state.started}", daemon=False)
        state.threads.add(thread)
    try:
        thread.start()
    except RuntimeError as error:
        with state.lock:
            state.threads.discard(thread)
        if not (state.exiting or "shutdown" in str(error)):
            raise
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
        self._turn: object | None = None
        self._here = threading.local()

    def post(self, call: Callable[[], object]) -> bool:
        with self._lock:
            self._queue.append(call)
            if self._turn is not None:
                return True
            turn = self._turn = object()
        spawn(lambda: self._run(turn), "handlers")
        return True

    def step_aside(self) -> None:
        """Called where this thread is about to block."""
        mine = getattr(self._here, "turn", None)
        if mine is None:
            return
        with self._lock:
            if self._turn is not mine:
                return
            turn = self._turn = object() if self._queue else None
        if turn is not None:
            spawn(lambda: self._run(turn), "handlers")

    def _run(self, turn: object) -> None:
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
    while True:
        try:
            with _state.lock:
                thread = next(iter(_state.threads), None)
            if thread is None:
                break
            # One that is just being started cannot be joined yet.
            if thread.is_alive():
                thread.join(0.1)
            else:
                sleep(0.001)
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
