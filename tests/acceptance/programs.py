"""Programs of their own: what a user types, in a process that ends."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

LIMIT_S = 60.0

PRELUDE = """
import asyncio, os, signal, sys, threading, time
import lamina as tf

def net(units=1, size=1):
    model = tf.sequential(layers=[tf.layers.dense(units=units, inputShape=[size])])
    model.compile(optimizer="sgd", loss="meanSquaredError")
    return model

def data(samples=64, size=1, units=1):
    return tf.ones([samples, size]), tf.ones([samples, units])

def say(*words):
    os.write(1, (" ".join(map(str, words)) + "\\n").encode())
"""


@dataclass
class Ended:
    out: str
    err: str
    code: int
    # From the last signal, or from the start, to the end.
    seconds: float

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


def run(command: list[str], *, limit: float = LIMIT_S, cwd: Path | None = None) -> Ended:
    """Runs a command; sends it Ctrl-C whenever it prints a line "now"."""
    process = subprocess.Popen(
        command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None and process.stderr is not None
    with _ended_after(process, limit) as fired:
        began, out = time.monotonic(), []
        for line in process.stdout:
            out.append(line)
            if line == "now\n":
                began = time.monotonic()
                process.send_signal(signal.SIGINT)
        err = process.stderr.read()
        code = process.wait()
    assert not fired, f"no end after {limit:g} s:\n{''.join(out)}{err}"
    return Ended("".join(out), err, code, time.monotonic() - began)


def python(source: str, *options: str, limit: float = LIMIT_S) -> Ended:
    """A program that begins with PRELUDE."""
    return run([sys.executable, *options, "-c", PRELUDE + textwrap.dedent(source)], limit=limit)


@contextlib.contextmanager
def _ended_after(process: subprocess.Popen[str], limit: float):
    import threading

    fired: list[bool] = []

    def end() -> None:
        fired.append(True)
        process.kill()

    timer = threading.Timer(limit, end)
    timer.start()
    try:
        yield fired
    finally:
        timer.cancel()
        if process.poll() is None:
            process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def on_terminal(command: list[str], *, limit: float = LIMIT_S, cwd: Path | None = None) -> tuple[int, str]:
    """Status and output of a command that believes a person sits before it."""
    import pty

    ours, theirs = pty.openpty()
    env = {**os.environ, "TERM": "xterm", "COLUMNS": "120", "LINES": "40"}
    try:
        process = subprocess.Popen(
            command, cwd=cwd, stdin=theirs, stdout=theirs, stderr=theirs, env=env, close_fds=True
        )
    finally:
        os.close(theirs)
    try:
        text = _read_all(ours, time.monotonic() + limit)
        return process.wait(timeout=5), text
    finally:
        os.close(ours)
        if process.poll() is None:
            process.kill()
            process.wait()


def _read_all(descriptor: int, deadline: float) -> str:
    parts = []
    while time.monotonic() < deadline:
        if not select.select([descriptor], [], [], 0.2)[0]:
            continue
        try:
            data = os.read(descriptor, 65536)
        except OSError:  # The other end is closed.
            break
        if not data:
            break
        parts.append(data)
    return b"".join(parts).decode(errors="replace")


def ticker(lateness: list[float], period: float = 0.005) -> Callable[[], object]:
    """A coroutine function that notes how much later than asked it was woken, until it is cancelled."""

    async def tick() -> None:
        import asyncio

        while True:
            due = time.perf_counter() + period
            await asyncio.sleep(period)
            lateness.append(time.perf_counter() - due)

    return tick
