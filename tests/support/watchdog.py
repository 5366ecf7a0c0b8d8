"""A test that hangs fails by name, with all stacks; one that cannot be stopped ends the run."""

from __future__ import annotations

import faulthandler
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

import pytest

MARKER = "watchdog"
DEFAULT_S = 120.0
HARD_EXTRA_S = 5.0

stderr = pytest.StashKey[TextIO]()


def configure(config: pytest.Config) -> None:
    """Keeps a copy of the real stderr: during a test descriptor 2 is pytest's capture file."""
    config.stash[stderr] = os.fdopen(os.dup(2), "w")


def unconfigure(config: pytest.Config) -> None:
    config.stash[stderr].close()


def seconds(item: pytest.Item) -> float:
    marker = item.get_closest_marker(MARKER)
    return float(marker.args[0]) if marker is not None and marker.args else DEFAULT_S


@contextmanager
def guard(item: pytest.Item) -> Iterator[None]:
    """First an exception in the main thread, then, where it sits in native code, the end of the process."""
    limit = seconds(item)
    out = item.config.stash[stderr]
    soft = hasattr(signal, "SIGALRM") and threading.current_thread() is threading.main_thread()

    def on_alarm(_signum: int, _frame: object) -> None:
        out.write(f"\nwatchdog: {item.nodeid} ran past {limit:g} s\n")
        out.flush()
        faulthandler.dump_traceback(file=out, all_threads=True)
        pytest.fail(f"watchdog: no end after {limit:g} s (stacks of all threads on stderr)")

    if soft:
        previous = signal.signal(signal.SIGALRM, on_alarm)
        signal.setitimer(signal.ITIMER_REAL, limit)
    faulthandler.dump_traceback_later(limit + HARD_EXTRA_S, exit=True, file=out)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        if soft:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, previous)
