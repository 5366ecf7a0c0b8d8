#!/usr/bin/env python3
"""Every op beside NumPy, PyTorch and JAX, interleaved, at 1e3, 1e5 and 1e7 elements.

python benchmarks/op_table.py [--only sum conv ...] [--sizes 1000 ...] [--part 1/4] [--out ops.json]
python benchmarks/op_table.py --report ops-1.json ops-2.json ...

A ratio is the time of the fastest of the others by Lamina's: above 1 Lamina is ahead. Printed are all ratios,
their geometric mean at each size, and the ten worst. PyTorch's interpreter is LAMINA_BENCH_PYTHON_TORCH.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import machine
from op_calls import PEERS, ROWS, SIZES, Row
from processes import Lost, Remote

# Sums of the magnitudes of results may differ by this much.
AGREE = 1e-3

# Seconds before each block: PyTorch's threads look for work for 10 ms after a call, on the next one's cores.
PAUSE = 0.015


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", default=[], help="beginnings of names")
    parser.add_argument("--sizes", nargs="+", type=int, default=list(SIZES))
    parser.add_argument("--part", default="1/1", help="i/k: the i-th of k parts of the table")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--block", type=float, default=0.004, help="seconds of a block of calls")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--report", nargs="+", type=Path, help="prints what was measured before")
    return parser.parse_args(arguments)


def measure(remotes: dict[str, Remote], row: Row, size: int, chosen: argparse.Namespace) -> dict[str, Any]:
    """By library the seconds of a call: the fastest of blocks that take turns."""
    counts: dict[str, int] = {}
    digests: dict[str, float | None] = {}
    errors: dict[str, str] = {}
    for peer in (peer for peer in row.calls if peer in remotes):
        answer = remotes[peer].ask(do="prepare", op=row.name, size=size)
        if "error" in answer:
            errors[peer] = answer["error"]
            continue
        digests[peer] = answer["digest"]
        once = min(remotes[peer].ask(do="run", count=1)["seconds"] for _ in range(2))
        counts[peer] = max(1, min(int(chosen.block / max(once, 1e-7)), 10_000))
    times: dict[str, list[float]] = {peer: [] for peer in counts}
    for turn in range(chosen.repeats):
        order = list(counts)
        shift = turn % max(len(order), 1)
        for peer in order[shift:] + order[:shift]:
            time.sleep(PAUSE)
            times[peer].append(remotes[peer].ask(do="run", count=counts[peer])["seconds"] / counts[peer])
    known = {peer: d for peer, d in digests.items() if d is not None}
    ours = known.get("lamina", 0.0)
    apart = [peer for peer, d in known.items() if abs(d - ours) > AGREE * max(abs(ours), 1e-6)]
    found: dict[str, Any] = {"op": row.name, "size": size, "errors": errors, "apart": apart}
    return {**found, "times": {peer: min(each) for peer, each in times.items()}}


def ratio(result: dict[str, Any]) -> float | None:
    others = [t for peer, t in result["times"].items() if peer != "lamina" and peer not in result["apart"]]
    return min(others) / result["times"]["lamina"] if others and "lamina" in result["times"] else None


def told(result: dict[str, Any]) -> str:
    times = "".join(f"{1e6 * result['times'].get(peer, math.nan):12.2f}" for peer in PEERS)
    rest = "".join(f"  {peer}: {error}" for peer, error in result["errors"].items())
    rest += f"  other results: {', '.join(result['apart'])}" if result["apart"] else ""
    of = ratio(result)
    return f"{result['op']:22}{result['size']:10}{times}{of if of is not None else math.nan:9.2f}{rest}"


def summarize(results: list[dict[str, Any]]) -> None:
    rated = [(of, result) for result in results if (of := ratio(result)) is not None]
    for size in sorted({result["size"] for _, result in rated}):
        ratios = [of for of, result in rated if result["size"] == size]
        mean = math.exp(statistics.fmean(map(math.log, ratios)))
        behind = sum(of < 0.8 for of in ratios)
        print(
            f"{size:10}: geometric mean {mean:.2f} of {len(ratios)} ops, {behind} more than 1.25 times slower"
        )
    print("\nthe ten worst:")
    for _, result in sorted(rated, key=lambda each: each[0])[:10]:
        print(told(result))


def started(threads: int) -> dict[str, Remote]:
    """The libraries that are installed."""
    found = {}
    for peer in PEERS:
        try:
            remote = Remote(peer, threads, "native", 120.0, False, script="op_worker.py")
            remote.ask(do="hello")
        except (Lost, OSError) as error:
            print(f"missing: {peer} ({error})")
        else:
            found[peer] = remote
    return found


def run(chosen: argparse.Namespace) -> list[dict[str, Any]]:
    i, k = (int(part) for part in chosen.part.split("/"))
    rows = [row for row in ROWS if not chosen.only or any(row.name.startswith(o) for o in chosen.only)]
    rows = rows[len(rows) * (i - 1) // k : len(rows) * i // k]
    remotes = started(chosen.threads)
    results = []
    try:
        for row in rows:
            for size in chosen.sizes:
                try:
                    results.append(measure(remotes, row, size, chosen))
                except Lost as lost:
                    sys.exit(f"{row.name} at {size}: {lost}")
                print(told(results[-1]), flush=True)
            # After each op: a run that is stopped keeps what it has.
            if chosen.out:
                chosen.out.write_text(json.dumps({"results": results}, indent=1) + "\n")
    finally:
        for remote in remotes.values():
            remote.close()
    return results


def main() -> None:
    chosen = options()
    about = machine.describe()
    print(f"{about['cpu']}, {about['cores']} cores, load {about['load']}, {chosen.threads} threads")
    print(f"{'microseconds':22}{'elements':>10}" + "".join(f"{peer:>12}" for peer in PEERS) + f"{'ratio':>9}")
    if chosen.report:
        results = [result for path in chosen.report for result in json.loads(path.read_text())["results"]]
        for result in results:
            print(told(result))
    else:
        results = run(chosen)
    summarize(results)


if __name__ == "__main__":
    main()
