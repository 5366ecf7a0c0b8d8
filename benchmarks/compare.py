#!/usr/bin/env python3
"""Compares two results of run.py: python benchmarks/compare.py base.json branch.json [--tolerance 0.05]

Prints for each workload how much faster the second is. A loss counts where the medians differ by more than
the tolerance and the blocks themselves differ significantly (rank sums, one in a hundred); the exit status is
1 then. The peers have not changed between two commits: how much they did is the machine's drift, and is taken
out.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
from pathlib import Path
from typing import Any

# Normal quantile for one in a hundred, on one side.
SIGNIFICANT = 2.33


def times(document: dict[str, Any]) -> dict[str, dict[str, list[float]]]:
    """The blocks of each workload by peer, without those that were not measured."""
    return {
        workload["name"]: {
            peer: result["times"] for peer, result in workload["results"].items() if "times" in result
        }
        for workload in document["workloads"]
    }


def slower(base: list[float], branch: list[float]) -> float:
    """How many standard deviations the ranks of `branch` lie above what chance gives."""
    both = sorted(base + branch)
    ranks = {value: (both.index(value) + len(both) - both[::-1].index(value) + 1) / 2 for value in both}
    n, m = len(base), len(branch)
    deviation = math.sqrt(n * m * (n + m + 1) / 12)
    return (sum(ranks[value] for value in branch) - m * (n + m + 1) / 2) / deviation


def drift(base: dict[str, list[float]], branch: dict[str, list[float]], peer: str) -> float:
    """By which factor the other peers took longer in the second run; 1 where there are none."""
    ratios = [
        statistics.median(branch[name]) / statistics.median(base[name])
        for name in base
        if name in branch and name != peer
    ]
    return statistics.median(ratios) if ratios else 1.0


def compare(a: dict[str, Any], b: dict[str, Any], peer: str, tolerance: float) -> list[dict[str, Any]]:
    rows = []
    first, second = times(a), times(b)
    for name in first:
        if name not in second or peer not in first[name] or peer not in second[name]:
            continue
        base, branch = first[name][peer], second[name][peer]
        moved = drift(first[name], second[name], peer)
        corrected = [value / moved for value in branch]
        ratio = statistics.median(base) / statistics.median(corrected)
        sure = slower(base, corrected)
        verdict = ""
        if ratio < 1 - tolerance and sure > SIGNIFICANT:
            verdict = "LOSS"
        elif ratio > 1 + tolerance and sure < -SIGNIFICANT:
            verdict = "gain"
        medians = statistics.median(base), statistics.median(branch)
        rows.append({"name": name, "medians": medians, "drift": moved, "ratio": ratio, "verdict": verdict})
    return rows


def differences(a: dict[str, Any], b: dict[str, Any]) -> list[str]:
    """What should be the same in both runs and is not."""
    found = [f"{key}: {a[key]} and {b[key]}" for key in ("threads", "isa", "tiny") if a[key] != b[key]]
    if a["machine"]["cpu"] != b["machine"]["cpu"]:
        found.append(f"cpu: {a['machine']['cpu']} and {b['machine']['cpu']}")
    return found


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("base", type=Path)
    parser.add_argument("branch", type=Path)
    parser.add_argument("--peer", default="lamina")
    parser.add_argument("--tolerance", type=float, default=0.05)
    chosen = parser.parse_args(arguments)
    a, b = (json.loads(path.read_text()) for path in (chosen.base, chosen.branch))
    print(f"{a['commit']} -> {b['commit']}, {b['threads']} threads, {b['machine']['cpu']}")
    for text in differences(a, b):
        print(f"not comparable, {text}")
    rows = compare(a, b, chosen.peer, chosen.tolerance)
    if not rows:
        print(f"nothing of {chosen.peer} is in both")
        return 2
    print(f"{'':28}{'base':>12}{'branch':>12}  us{'drift':>8}{'faster':>8}")
    for row in rows:
        base, branch = (1e6 * value for value in row["medians"])
        print(
            f"{row['name']:28}{base:12.5g}{branch:12.5g}"
            f"{row['drift']:12.3f}{row['ratio']:8.3f}  {row['verdict']}"
        )
    mean = math.exp(statistics.fmean(math.log(row["ratio"]) for row in rows))
    print(f"{'geometric mean':64}{mean:8.3f}")
    return int(any(row["verdict"] == "LOSS" for row in rows))


if __name__ == "__main__":
    sys.exit(main())
