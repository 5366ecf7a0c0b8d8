"""The machine: threads and CPU levels."""

from __future__ import annotations

from . import _core

__all__ = ["getNumThreads", "setNumThreads"]


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
