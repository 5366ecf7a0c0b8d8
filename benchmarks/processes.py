"""Worker processes as the runner sees them: one line of JSON there, one back."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import subprocess
import sys
from typing import Any

from catalog import PEERS, environment


class Lost(Exception):
    """The process ended, or did not answer in time."""


class Remote:
    """A peer's process, with its threads held to the first cores."""

    def __init__(
        self, name: str, threads: int, isa: str, timeout: float, verbose: bool, *, script: str = "worker.py"
    ) -> None:
        self.name = name
        self.entry = PEERS[name]
        self._timeout = timeout
        variables = environment(threads, isa, self.entry)
        if self.entry.style == "fit" and not self.entry.is_javascript:
            variables["LAMINA_BENCH_TERMINAL"] = "1"
        cores = sorted(os.sched_getaffinity(0))[:threads]
        self._process = subprocess.Popen(
            self.entry.command(name, script),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=sys.stderr if verbose else subprocess.DEVNULL,
            env=variables,
            text=True,
        )
        # Interpreters take longer to start than this: the threads that a peer makes inherit it.
        os.sched_setaffinity(self._process.pid, cores)

    def ask(self, **request: Any) -> dict[str, Any]:
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
        except OSError as error:
            raise Lost(f"{self.name} ended with {process.poll()}") from error
        with selectors.DefaultSelector() as ready:
            # An answer is one line, written at once: once it begins, readline finds all of it.
            ready.register(process.stdout, selectors.EVENT_READ)
            if not ready.select(self._timeout):
                self.close(kill=True)
                raise Lost(f"no answer within {self._timeout:g} s")
        line = process.stdout.readline()
        if not line:
            raise Lost(f"{self.name} ended with {process.wait()}")
        return json.loads(line)

    def close(self, kill: bool = False) -> None:
        process = self._process
        if kill:
            process.kill()
        elif process.stdin is not None and not process.stdin.closed:
            with contextlib.suppress(OSError):
                process.stdin.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()
