#!/usr/bin/env python3
"""Measures Lamina beside its peers, interleaved, in one run.

python benchmarks/run.py [--only mlp-fit sgemm ...] [--peers lamina,torch,...] [--threads 2] [--out FILE]

Each peer is a process of its own; LAMINA_BENCH_PYTHON_TORCH, _JAX, _TF, _ONNX, _LAMINA name other
interpreters, LAMINA_BENCH_NODE and LAMINA_BENCH_NODE_MODULES another Node and its packages. For each workload
the peers take turns: a block of calls each, on inputs that are new to the block, in an order that moves on
with each turn. A peer that is not installed, cannot do a workload or fails is reported as such.
"""

from __future__ import annotations

import argparse
import datetime
import json
import math
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import machine
from catalog import DEFAULT, PEERS
from processes import Lost, Remote
from startup import Start
from workloads import Workload, select, workloads

# Blocks that another process disturbed this much are counted in the result.
DISTURBED = 0.1
# A peer whose block takes longer than this is no rival; three blocks say so.
SLOW_SECONDS, SLOW_REPEATS = 5.0, 3
# How far sums over the results of two peers may lie apart.
AGREE = 1e-4


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", default=[], metavar="W", help="beginnings of names or groups")
    parser.add_argument("--peers", default=",".join(DEFAULT), help="names, separated by commas")
    parser.add_argument("--threads", type=int, default=2, help="1 also holds each process to one core")
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--block", type=float, default=0.1, help="seconds that a block should take at least")
    parser.add_argument(
        "--pause", type=float, default=0.15, help="seconds between blocks: threads of peers go on waiting"
    )
    parser.add_argument(
        "--timeout", type=float, default=180.0, help="seconds for one answer, compiling included"
    )
    parser.add_argument("--isa", choices=["native", "v3"], default="native", help="v3: all are held to AVX2")
    parser.add_argument("--out", type=Path, default=Path("results.json"))
    parser.add_argument("--wheel", type=Path, help="notes its size")
    parser.add_argument("--tiny", action="store_true", help="tiny sizes: tests the runner, measures nothing")
    parser.add_argument("--list", action="store_true", help="names of workloads and peers")
    parser.add_argument("--verbose", action="store_true", help="what workers write to stderr")
    chosen = parser.parse_args(arguments)
    if chosen.repeats < 1 or chosen.threads < 1:
        parser.error("--repeats and --threads must be at least 1")
    chosen.peers = [name for name in chosen.peers.split(",") if name]
    unknown = [name for name in chosen.peers if name not in PEERS]
    if unknown:
        parser.error(f"no such peer: {', '.join(unknown)}; there are {', '.join(PEERS)}")
    return chosen


class Pool:
    """The processes of all peers; one that was lost is started again for the next workload."""

    def __init__(self, chosen: argparse.Namespace) -> None:
        self._chosen = chosen
        self._remotes: dict[str, Remote] = {}
        self.missing: dict[str, str] = {}
        self.versions: dict[str, dict[str, str]] = {}

    def get(self, name: str) -> Remote | None:
        if name in self.missing:
            return None
        if name not in self._remotes:
            chosen = self._chosen
            try:
                remote = Remote(name, chosen.threads, chosen.isa, chosen.timeout, chosen.verbose)
                hello = remote.ask(do="hello")
            except (Lost, OSError, json.JSONDecodeError) as error:
                hello = {"missing": str(error)}
            if "versions" not in hello:
                self.missing[name] = hello.get("missing") or hello.get("error", "no answer")
                say(f"  {name}: MISSING, {self.missing[name]}")
                return None
            self._remotes[name] = remote
            self.versions[name] = hello["versions"]
        return self._remotes[name]

    def lose(self, name: str) -> None:
        self._remotes.pop(name).close(kill=True)

    def close(self) -> None:
        for remote in self._remotes.values():
            remote.close()
        self._remotes.clear()


def say(text: str) -> None:
    print(text, flush=True)


class Measurement:
    """One workload: what each peer answered, and its times."""

    def __init__(self, workload: Workload, chosen: argparse.Namespace, pool: Pool) -> None:
        self.workload = workload
        self._chosen = chosen
        self._pool = pool
        self.results: dict[str, dict[str, Any]] = {}
        self._running: dict[str, tuple[Any, int]] = {}
        self._blocks: dict[str, list[dict[str, Any]]] = {}
        self._digest: list[float] | None = None

    def take(self) -> dict[str, dict[str, Any]]:
        for name in self._chosen.peers:
            self._prepare(name)
        for turn in range(self._chosen.repeats):
            names = list(self._running)
            shift = turn % max(len(names), 1)
            for name in names[shift:] + names[:shift]:
                self._block(name)
        for name, blocks in self._blocks.items():
            if name in self._running:
                self.results[name].update(self._summary(name, blocks))
        for remote, _ in self._running.values():
            remote.ask(do="drop")
        return self.results

    def _remote(self, name: str) -> Any:
        if self.workload["kind"] == "start":
            return Start(name, self._chosen.threads, self._chosen.isa)
        return self._pool.get(name)

    def _prepare(self, name: str) -> None:
        remote = self._remote(name)
        if remote is None:
            self.results[name] = {"missing": self._pool.missing[name]}
            return
        try:
            answer = remote.ask(do="prepare", workload=self.workload)
            if "units" not in answer:
                self.results[name] = answer
                return
            count = 1 if answer.get("once") else self._calls(remote)
        except Lost as lost:
            self._failed(name, lost)
            return
        except ArithmeticError as error:
            self.results[name] = {"error": str(error)}
            return
        self.results[name] = {**answer, "count": count}
        if self._differs(answer):
            self.results[name]["error"] = "computes something else than the first peer"
            return
        self._running[name] = (remote, count)
        self._blocks[name] = []

    def _differs(self, answer: dict[str, Any]) -> bool:
        """Whether an operator's result is not that of the first peer."""
        if "digest" not in answer:
            return False
        if self._digest is None:
            self._digest = answer["digest"]
        total, size = self._digest
        other_total, other_size = answer["digest"]
        return max(abs(other_total - total), abs(other_size - size)) > AGREE * max(size, 1e-9)

    def _calls(self, remote: Any) -> int:
        """How many calls fill a block: more until it is long enough, so that warming up does not mislead."""
        count, goal = 1, self._chosen.block
        while True:
            answer = remote.ask(do="run", count=count)
            if "seconds" not in answer:
                raise ArithmeticError(answer.get("error", "no time"))
            if answer["seconds"] >= goal or count >= 10**6:
                return count
            wanted = count * goal / max(answer["seconds"], 1e-7)
            count = max(count + 1, min(math.ceil(wanted), 16 * count))

    def _block(self, name: str) -> None:
        if name not in self._running:
            return
        remote, count = self._running[name]
        past = self._blocks[name]
        if len(past) >= SLOW_REPEATS and past[0]["seconds"] > SLOW_SECONDS:
            return
        # Threads of the peer before may still be spinning; that is no burden of this one.
        time.sleep(self._chosen.pause)
        others = machine.Others()
        try:
            answer = remote.ask(do="run", count=count)
        except Lost as lost:
            del self._running[name]
            self._failed(name, lost)
            return
        if "seconds" not in answer:
            del self._running[name]
            self.results[name] = answer
            return
        # Making the inputs counts as the peer's own work here, though not as its time.
        answer["others"] = others.share(answer.get("cpu_all", answer["cpu"]))
        self._blocks[name].append(answer)

    def _failed(self, name: str, lost: Lost) -> None:
        self.results[name] = {"error": str(lost)}
        if self.workload["kind"] != "start":
            self._pool.lose(name)

    def _summary(self, name: str, blocks: list[dict[str, Any]]) -> dict[str, Any]:
        units = self.results[name]["units"] * self._running[name][1]
        times = [block["seconds"] / units for block in blocks]
        found: dict[str, Any] = {
            "median": statistics.median(times),
            "min": min(times),
            "max": max(times),
            "times": times,
            "others": statistics.median(block["others"] for block in blocks),
            "disturbed": sum(block["others"] > DISTURBED for block in blocks),
        }
        for unit, amount in self.workload.get("work", {}).items():
            found[unit + "_rate"] = amount / found["median"]
        if "peak" in blocks[0]:
            found["peak"] = statistics.median(block["peak"] for block in blocks)
        return found


def commit() -> str:
    root = Path(__file__).resolve().parent
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=12"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or "unknown"


def line_of(name: str, result: dict[str, Any]) -> str:
    for reason in ("missing", "unsupported", "error"):
        if reason in result:
            return f"  {name:16} {reason}: {result[reason]}"
    spread = f"{1e6 * result['min']:.5g} to {1e6 * result['max']:.5g}"
    rate = "".join(
        f"  {result[key] / 1e9:8.1f} G{key[:-5]}/s" for key in ("flop_rate", "bytes_rate") if key in result
    )
    return f"  {name:16} {1e6 * result['median']:12.5g} us  ({spread}){rate}  others {result['others']:.0%}"


def run(chosen: argparse.Namespace) -> dict[str, Any]:
    document: dict[str, Any] = {
        "commit": commit(),
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "threads": chosen.threads,
        "repeats": chosen.repeats,
        "isa": chosen.isa,
        "tiny": chosen.tiny,
        "machine": machine.describe(),
        "styles": {name: PEERS[name].style for name in chosen.peers},
        "workloads": [],
    }
    if chosen.wheel:
        document["wheel"] = {"name": chosen.wheel.name, "bytes": chosen.wheel.stat().st_size}
    about = document["machine"]
    say(f"{about['cpu']}, {about['cores']} cores, load {about['load']}")
    say(f"{chosen.threads} threads, commit {document['commit']}")
    pool = Pool(chosen)
    try:
        for workload in select(workloads(chosen.tiny), chosen.only):
            say(f"{workload['name']} (per {workload['unit']})")
            results = Measurement(workload, chosen, pool).take()
            for name, result in results.items():
                say(line_of(name, result))
            # The model's description is long, and in architectures.py.
            kept = {key: value for key, value in workload.items() if key != "model"}
            document["workloads"].append({**kept, "results": results})
            document["versions"], document["missing"] = pool.versions, pool.missing
            document["load_after"] = machine.load()
            # After each one: a run that is stopped keeps what it has.
            chosen.out.write_text(json.dumps(document, indent=1) + "\n")
    finally:
        pool.close()
    return document


def main() -> None:
    chosen = options()
    if chosen.list:
        say("workloads: " + ", ".join(w["name"] for w in workloads(chosen.tiny)))
        say("peers: " + ", ".join(PEERS))
        return
    document = run(chosen)
    for name, reason in document.get("missing", {}).items():
        say(f"missing: {name} ({reason})")
    say(f"written: {chosen.out}")


if __name__ == "__main__":
    sys.exit(main())
