"""The machine: threads and memory."""

from __future__ import annotations

from . import _core

__all__ = ["getMemoryLimit", "getNumThreads", "setMemoryLimit", "setNumThreads", "trimMemory"]


def getNumThreads() -> int:
    """How many threads compute: the CPUs of this process, LAMINA_NUM_THREADS or what setNumThreads() said."""
    return _core.num_threads()


def setNumThreads(n: int) -> None:
    """Sets how many threads compute, from 1 to 1024. Results do not depend on it.

    Raises ValueError for other numbers.
    """
    if isinstance(n, bool) or not isinstance(n, int):
        raise TypeError(f"setNumThreads: the number of threads must be a whole number, but got {n!r:.60}")
    _core.set_num_threads(n)


def getMemoryLimit() -> int:
    """How many bytes tensors may take together; 0 where there is no limit."""
    return int(_core.pool_stats()["capBytes"])


def setMemoryLimit(numBytes: int) -> None:
    """Sets how many bytes tensors, and freed memory that is kept for the next ones, may take together.

    What would go beyond it raises MemoryError; 0 lifts the limit. Raises ValueError for a negative number.
    """
    if isinstance(numBytes, bool) or not isinstance(numBytes, int):
        raise TypeError(
            f"setMemoryLimit: the limit must be a whole number of bytes, but got {numBytes!r:.60}"
        )
    if numBytes < 0:
        raise ValueError(f"setMemoryLimit: the limit must be 0 or more bytes, but got {numBytes}")
    _core.pool_set_cap(numBytes)


def trimMemory() -> int:
    """Gives freed memory, which is kept for the next tensors, back to the system; returns how many bytes."""
    return int(_core.pool_trim())
