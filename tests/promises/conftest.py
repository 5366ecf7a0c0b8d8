"""Programs of their own, for what only a whole process shows: exit, Ctrl-C, fork."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

LIMIT_S = 10.0

PRELUDE = """
import asyncio, os, signal, sys, threading, time
from lamina.promises import Promise, PromiseCancelledError

def fit(steps, step_s=0.02, callback=None):
    def work(context):
        for step in range(steps):
            if context.cancelled:
                return f"stopped"
            time.sleep(step_s)
            if callback is not None:
                context.call(callback, step)
        return "done"
    return Promise.start(work, name="fit")

def say(*words):
    os.write(1, (" ".join(map(str, words)) + "\\n").encode())
"""


@dataclass
class Ended:
    out: list[str]
    err: str
    code: int
    # From the signal, where one was sent, to the end of the process.
    seconds: float


@pytest.fixture
def program() -> Callable[..., Ended]:
    """Runs a program; sends Ctrl-C as soon as it says "now", once more for each further "now"."""

    def run(source: str, *options: str) -> Ended:
        process = subprocess.Popen(
            [sys.executable, *options, "-u", "-c", PRELUDE + textwrap.dedent(source)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONFAULTHANDLER": "1"},
        )
        killer = Alarm(process)
        began = time.monotonic()
        out = []
        assert process.stdout is not None and process.stderr is not None
        try:
            for line in process.stdout:
                out.append(line.rstrip("\n"))
                if out[-1] == "now":
                    time.sleep(0.05)
                    began = time.monotonic()
                    process.send_signal(signal.SIGINT)
            code = process.wait()
            seconds = time.monotonic() - began
            err = process.stderr.read()
        finally:
            killer.stop()
            process.stdout.close()
            process.stderr.close()
        assert not killer.fired, f"no end after {LIMIT_S} s:\n{err}"
        return Ended(out, err, code, seconds)

    return run


class Alarm:
    """Ends a process that does not end: with all its stacks first."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        import threading

        self.process = process
        self.fired = False
        self.timer = threading.Timer(LIMIT_S, self.fire)
        self.timer.start()

    def fire(self) -> None:
        self.fired = True
        self.process.send_signal(signal.SIGABRT)

    def stop(self) -> None:
        self.timer.cancel()
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """After every test all threads have ended and Python's switch interval is what it was."""
    import threading

    interval = sys.getswitchinterval()
    yield
    gc.collect()
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline:
        left = [thread.name for thread in threading.enumerate() if thread.name.startswith("lamina-")]
        if not left:
            break
        time.sleep(0.005)
    assert left == []
    assert sys.getswitchinterval() == interval
