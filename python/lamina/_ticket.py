"""The model's lock: first come, first served."""

from __future__ import annotations

import os
from _thread import allocate_lock
from collections import deque
from weakref import WeakSet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _thread import LockType
    from collections.abc import Callable
    from types import TracebackType

    class RLock:
        def acquire(self, blocking: bool = True, timeout: float = -1) -> bool: ...
        def release(self) -> None: ...
        def __exit__(
            self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
        ) -> None: ...
        def _is_owned(self) -> bool: ...
        def _at_fork_reinit(self) -> None: ...
else:
    # The C class itself: `release` and `__exit__` stay native, where Ctrl-C cannot come in between.
    from _thread import RLock

__all__ = ["TicketLock"]

_take = RLock.acquire


class TicketLock(RLock):
    """A re-entrant lock that serves its waiters in the order of their arrival.

    A plain lock lets the thread that just released it take it again before anybody else wakes; a fit that
    locks step by step would starve every `predict`. Here whoever comes while others wait queues behind them.
    Only the head of the queue blocks on the native lock, each other waiter on a gate that its forerunner
    opens, so that releasing costs what it costs natively.
    """

    __slots__ = ("_mutex", "_on_wait", "_queue")

    def __init__(self, on_wait: Callable[[], None] | None = None) -> None:
        """`on_wait` is called by each thread that has to queue, so that the holder may hurry."""
        self._on_wait = on_wait
        self._queue: deque[LockType] = deque()
        self._mutex = allocate_lock()
        _locks.add(self)

    def __enter__(self) -> bool:
        # `if` and `take` stand together in one `try`, as Ctrl-C may arrive right after the lock was taken.
        try:
            if not self._queue and _take(self, False):
                return True
        except BaseException:
            self._undo()
            raise
        return self._wait(-1)

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Takes the lock; False if it is not to be had within `timeout` seconds, at once if not blocking."""
        try:
            if not self._queue and _take(self, False):
                return True
        except BaseException:
            self._undo()
            raise
        if blocking:
            return self._wait(timeout)
        return self.held and _take(self, False)

    # For code that takes the lock if it is to be had at once and nobody waits.
    take_native = RLock.acquire
    release_native = RLock.release

    @property
    def queue(self) -> deque[LockType]:
        """Who waits; the same object as long as the lock lives."""
        return self._queue

    @property
    def held(self) -> bool:
        """Whether this very thread holds the lock."""
        return self._is_owned()

    @property
    def waiting(self) -> int:
        """How many threads stand in the queue."""
        return len(self._queue)

    def _wait(self, timeout: float) -> bool:
        if self.held:
            return _take(self)
        gate = allocate_lock()
        gate.acquire()
        try:
            with self._mutex:
                self._queue.append(gate)
                head = len(self._queue) == 1
            if self._on_wait is not None:
                self._on_wait()
            if timeout < 0:
                if not head:
                    gate.acquire()
                return _take(self)
            return self._wait_until(gate if not head else None, timeout)
        except BaseException:
            self._undo()
            raise
        finally:
            self._leave(gate)

    def _wait_until(self, gate: LockType | None, timeout: float) -> bool:
        from time import monotonic

        deadline = monotonic() + timeout
        if gate is not None and not gate.acquire(timeout=timeout):
            return False
        return _take(self, True, max(0.0, deadline - monotonic()))

    def _leave(self, gate: LockType) -> None:
        """Out of the queue, with the lock or without; who stands first now may go for the lock."""
        with self._mutex:
            if gate not in self._queue:
                return
            was_head = self._queue[0] is gate
            self._queue.remove(gate)
            if was_head and self._queue:
                self._queue[0].release()

    def _undo(self) -> None:
        if self.held:
            self.release()

    def _after_fork(self) -> None:
        """In the child nobody else is left: the threads that held the lock or waited do not exist there."""
        self._queue.clear()
        self._mutex = allocate_lock()
        if not self.held:
            self._at_fork_reinit()

    def __repr__(self) -> str:
        held = "held by this thread" if self.held else "not held by this thread"
        return f"<TicketLock {held}, {self.waiting} waiting>"


_locks: WeakSet[TicketLock] = WeakSet()


# What the forking thread holds from before the fork until after it: no step is cut in two.
_held: list[TicketLock] = []

# Longer than a step; who holds a lock and waits for one of the forking thread is not waited for without end.
FORK_PATIENCE = 2.0


def _before_fork() -> None:
    _held[:] = [lock for lock in list(_locks) if lock.acquire(timeout=FORK_PATIENCE)]


def _after_fork_in_parent() -> None:
    for lock in _held:
        lock.release()
    _held.clear()


def _after_fork() -> None:
    _after_fork_in_parent()
    for lock in list(_locks):
        lock._after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork
    )
