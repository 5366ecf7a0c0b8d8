#!/usr/bin/env python3
"""One peer in its own process: reads requests as lines of JSON, answers each with one line.

python worker.py PEER        (started by run.py)

    {"do": "hello"}                                -> {"versions": {...}}
    {"do": "prepare", "workload": {...}}           -> {"units": 50, "first": seconds} or {"unsupported": why}
    {"do": "run", "count": 3}                      -> {"seconds": s, "cpu": s, "cpu_all": with the inputs}
    {"do": "drop"}                                 -> {}
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import platform
import resource
import subprocess
import sys
import time
import traceback
from typing import Any, TextIO

from catalog import PEERS


def cpu_seconds() -> float:
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def show_on_terminal() -> None:
    """Progress bars are drawn only for a terminal: gives the process one, which another process reads."""
    ours, theirs = os.openpty()
    subprocess.Popen(["cat"], stdin=ours, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(ours)
    os.dup2(theirs, 1)
    os.dup2(theirs, 2)
    os.environ["TERM"] = "xterm-256color"


class Worker:
    def __init__(self, peer: str) -> None:
        entry = PEERS[peer]
        module = importlib.import_module(f"peers.{entry.module}")
        self.peer = module.Peer(entry.variant, int(os.environ["LAMINA_BENCH_THREADS"]))
        self.case: Any = None

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        what = request["do"]
        if what == "prepare":
            return self.prepare(request["workload"])
        if what == "run":
            before = cpu_seconds()
            self.case.fresh(request["count"])
            ready = cpu_seconds()
            seconds = self.case.run(request["count"])
            after = cpu_seconds()
            return {"seconds": seconds, "cpu": after - ready, "cpu_all": after - before}
        if what == "drop":
            self.case = None
            gc.collect()
            return {}
        return {"versions": {"python": platform.python_version(), **self.peer.versions()}}

    def prepare(self, workload: dict[str, Any]) -> dict[str, Any]:
        from cases import Unsupported

        start = time.perf_counter()
        try:
            self.case = self.peer.prepare(workload)
        except Unsupported as reason:
            return {"unsupported": str(reason) or "not in this peer's list"}
        about = getattr(self.case, "about", {})
        # All peers begin with the same numbers; an update has no result to look at.
        if workload["kind"] == "op" and workload["op"] != "adam":
            about = {"digest": self.case.digest()}
        self.case.fresh(1)
        first = self.case.run(1)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        prepared = time.perf_counter() - start
        return {"units": self.case.units, "first": first, "prepared": prepared, "peak": peak, **about}


def serve(peer: str, requests: TextIO, answers: TextIO) -> None:
    worker = None
    for line in requests:
        try:
            if worker is None:
                worker = Worker(peer)
            answer = worker.answer(json.loads(line))
        except ImportError as error:
            answer = {"missing": str(error)}
        except Exception as error:  # a peer that fails at one workload still runs the others
            traceback.print_exc()
            answer = {"error": f"{type(error).__name__}: {error}"[:300]}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    # Whatever a peer prints must not come between the answers.
    channel = os.fdopen(os.dup(1), "w")
    if os.environ.get("LAMINA_BENCH_TERMINAL"):
        show_on_terminal()
    else:
        os.dup2(2, 1)
    serve(sys.argv[1], sys.stdin, channel)
