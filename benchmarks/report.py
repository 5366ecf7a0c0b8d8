#!/usr/bin/env python3
"""Writes docs/performance.md from results of run.py: python benchmarks/report.py results.json ...

A run may be made in parts, with a file for each: those of the same number of threads and the same level are
joined.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

TITLES = {
    "first_programs": "The first program",
    "fits": "Training through `fit`",
    "digits": "Digits to 99 % of the test images",
    "predictions": "Inference",
    "products": "Matrix products",
    "convolutions": "Convolution, 3x3",
    "operators": "Operators",
    "overheads": "Overheads",
    "starts": "Starting",
}

# What the package may weigh.
WHEEL_BYTES = 5 * 10**6

# How much faster than the best peers the operators of the table are to be on average.
OPERATORS_MEAN = 1.3

HOW = """## How it is measured

`benchmarks/run.py` runs each library in a process of its own, from the same descriptions of models
([architectures.py](../benchmarks/architectures.py)) and workloads
([workloads.py](../benchmarks/workloads.py)).

- The peers take turns: a block of calls each, in an order that moves on with each turn, in one run on one
  machine. A figure is the median over the blocks.
- Each block gets inputs it has not seen. A call that is repeated within a block goes through up to eight.
- A time includes waiting for the result. `fit` includes shuffling, gathering batches and the loss; loops
  below `fit` (JAX, tf.function) are given ready batches, PyTorch gathers a shuffled one each step.
- All get the same number of threads and are held to that many cores. `OPENBLAS_CORETYPE` and
  `OPENBLAS_L2_SIZE` are unset, since they slow NumPy down.
- The share of the machine that other processes took meanwhile is noted with each block. Figures with more
  than a few percent mean little; the JSON holds all blocks.
- Not the same in all: PyTorch trains classifiers on logits and pads strided convolutions evenly; its LSTM has
  a second bias; ONNX Runtime only infers; TensorFlow.js on WebAssembly runs on one thread in Node and cannot
  train convolutions or embeddings.

## Measure it yourself

```sh
python benchmarks/run.py --list                        # workloads and peers
python benchmarks/run.py --out results.json            # everything that is installed, two threads
python benchmarks/run.py --only mlp-fit cnn-fit --peers lamina,torch,jax
python benchmarks/run.py --threads 1 --out one.json    # held to one core
python benchmarks/run.py --wheel dist/lamina-*.whl     # its size too
python benchmarks/run.py --isa v3 --out avx2.json      # all that can be are held to AVX2
python benchmarks/report.py results.json one.json avx2.json   # parts of a run are joined
python benchmarks/compare.py base.json branch.json     # two commits; fails on a significant loss
```

A peer in another virtual environment is named by `LAMINA_BENCH_PYTHON_TORCH`, `..._JAX`, `..._TF` or
`..._ONNX`, the path of its Python, which needs NumPy too; JAX and TensorFlow also need Keras, ONNX Runtime
`onnx`. TensorFlow.js is looked for in `LAMINA_BENCH_NODE_MODULES`, the files of MNIST in
`LAMINA_BENCH_MNIST`. What is missing is said. A run with all peers takes most of an hour. Let the machine do
nothing else: the load is printed at the start, and kept with the results.
"""

NOTHING = """# Performance

There are no figures here yet: they are written by a script from a run on a quiet machine, never by hand.

"""


def seconds(value: float) -> str:
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if value >= scale:
            return f"{value / scale:.3g} {unit}"
    return f"{value / 1e-9:.3g} ns" if value else "0"


def measured(workload: dict[str, Any]) -> dict[str, float]:
    return {peer: result["median"] for peer, result in workload["results"].items() if "median" in result}


def best_peer(
    workload: dict[str, Any], styles: dict[str, str], against: str = "any"
) -> tuple[str, float] | None:
    others = [
        (median, peer)
        for peer, median in measured(workload).items()
        if peer != "lamina" and against in ("any", styles[peer])
    ]
    return (min(others)[1], min(others)[0]) if others else None


def verdict(target: dict[str, Any], workload: dict[str, Any], styles: dict[str, str]) -> str:
    """What was aimed at, and whether it is reached."""
    ours = measured(workload).get("lamina")
    if ours is None:
        return "not measured"
    if "seconds" in target:
        reached = ours <= target["seconds"]
        return f"at most {seconds(target['seconds'])}: {'met' if reached else '**missed**'}"
    if "peak" in target:
        reached = workload["results"]["lamina"]["peak"] <= target["peak"]
        return f"at most {target['peak'] / 1e6:g} MB: {'met' if reached else '**missed**'}"
    best = best_peer(workload, styles, target["against"])
    which = {"any": "peer", "fit": "`fit`", "loop": "loop"}[target["against"]]
    if best is None:
        return f"{target['ratio']:g} of the best {which}: no peer measured"
    ratio = best[1] / ours
    state = "met" if ratio >= target["ratio"] else "**missed**"
    return f"{target['ratio']:g} of the best {which}: {state} ({ratio:.2f})"


def rate(workload: dict[str, Any]) -> str:
    result = workload["results"].get("lamina", {})
    for key, unit in (("flop_rate", "GFLOP/s"), ("bytes_rate", "GB/s")):
        if key in result:
            return f"{result[key] / 1e9:.3g} {unit}"
    return f"{result['peak'] / 1e6:.3g} MB" if workload["kind"] == "start" and "peak" in result else ""


def row(workload: dict[str, Any], styles: dict[str, str]) -> str:
    ours = measured(workload).get("lamina")
    best = best_peer(workload, styles)
    name, time = best if best else ("", 0.0)
    ratio = f"{time / ours:.2f}" if best and ours else ""
    aims = "; ".join(verdict(target, workload, styles) for target in workload["targets"])
    cells = [workload["name"], seconds(ours) if ours else "", rate(workload)]
    cells += [f"{name} {seconds(time)}" if best else "", ratio, aims]
    return "| " + " | ".join(cells) + " |"


def table(workloads: list[dict[str, Any]], styles: dict[str, str]) -> list[str]:
    lines = ["| | Lamina | | best peer | ratio | target |", "|---|---|---|---|---|---|"]
    return [*lines, *(row(workload, styles) for workload in workloads), ""]


def all_peers(workloads: list[dict[str, Any]], peers: list[str]) -> list[str]:
    shown = [peer for peer in peers if any(peer in measured(workload) for workload in workloads)]
    lines = ["| | " + " | ".join(shown) + " |", "|---" * (len(shown) + 1) + "|"]
    for workload in workloads:
        medians = measured(workload)
        cells = [seconds(medians[peer]) if peer in medians else "" for peer in shown]
        lines.append("| " + " | ".join([workload["name"], *cells]) + " |")
    return ['<details markdown="1"><summary>All peers</summary>', "", *lines, "", "</details>", ""]


def mean_of_operators(workloads: list[dict[str, Any]], styles: dict[str, str]) -> list[str]:
    ratios = []
    for workload in workloads:
        best, ours = best_peer(workload, styles), measured(workload).get("lamina")
        if best and ours and workload.get("table"):
            ratios.append(best[1] / ours)
    if not ratios:
        return []
    mean = math.exp(statistics.fmean(map(math.log, ratios)))
    state = "met" if mean >= OPERATORS_MEAN else "**missed**"
    return [f"Geometric mean of the ratios: {mean:.2f} (target {OPERATORS_MEAN}: {state}).", ""]


def step_costs(workloads: list[dict[str, Any]]) -> list[str]:
    """A straight line through steps of few and of many instructions that compute next to nothing."""
    points = [
        (workload["results"]["lamina"]["instructions"], measured(workload)["lamina"])
        for workload in workloads
        if "lamina" in measured(workload) and "instructions" in workload["results"]["lamina"]
    ]
    if len(points) < 2:
        return []
    (few, short), (many, long) = min(points), max(points)
    slope = (long - short) / (many - few)
    step = max(short - few * slope, 0.0)
    costs = f"{seconds(max(slope, 0.0))} an instruction, {seconds(step)} a step beside them"
    return [f"Per step: {costs} (targets 100 ns and 600 ns), from {few} and {many} instructions.", ""]


def disturbance(document: dict[str, Any]) -> str:
    shares = [
        result["others"]
        for workload in document["workloads"]
        for result in workload["results"].values()
        if "others" in result
    ]
    if not shares:
        return "nothing was measured"
    high = sum(share > 0.1 for share in shares)
    middle = statistics.median(shares)
    return f"others took {middle:.0%} of the machine (median; over 10 % in {high} of {len(shares)})"


def aimed(workload: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """On one thread and held to AVX2, the aim is to be ahead."""
    if (document["threads"], document["isa"]) == (2, "native"):
        return workload
    ratios = [target for target in workload["targets"] if "ratio" in target]
    others = [target for target in workload["targets"] if "ratio" not in target]
    return {**workload, "targets": ([{"ratio": 1.0, "against": "any"}] if ratios else []) + others}


def section(document: dict[str, Any]) -> list[str]:
    about, styles = document["machine"], document["styles"]
    held = ", held to AVX2" if document["isa"] == "v3" else ""
    threads = f"{document['threads']} thread" + ("s" if document["threads"] > 1 else "")
    found = {
        f"{key} {value}" for versions in document["versions"].values() for key, value in versions.items()
    }
    least, most = document["repeats"], document.get("most_repeats", document["repeats"])
    turns = str(least) if least == most else f"{least} to {most}"
    lines = [f"## {threads}{held}", ""]
    lines.append(
        f"{document['date'][:10]}, commit {document['commit']}, {about['cpu']} "
        f"({', '.join(about['features'])}), {about['cores']} cores, "
        f"{about['memory'] / 2**30:.0f} GiB. Medians of {turns} turns; "
        f"{disturbance(document)}; load {about['load']} at the start."
    )
    lines += ["", f"Versions: {', '.join(sorted(found))}.", ""]
    if document["missing"]:
        absent = "; ".join(f"{name} ({reason})" for name, reason in document["missing"].items())
        lines += [f"Missing: {absent}.", ""]
    if "wheel" in document:
        size = document["wheel"]["bytes"]
        state = "met" if size <= WHEEL_BYTES else "**missed**"
        lines += [f"Wheel: {size / 1e6:.2f} MB (target {WHEEL_BYTES / 1e6:g} MB: {state}).", ""]
    for group, title in TITLES.items():
        workloads = [
            aimed(workload, document) for workload in document["workloads"] if workload["group"] == group
        ]
        if workloads:
            lines += [f"### {title}", "", *table(workloads, styles)]
            lines += mean_of_operators(workloads, styles) + step_costs(workloads)
            lines += all_peers(workloads, list(styles))
    return lines


def joined(documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One document for each number of threads and CPU level; of what was measured again, the last."""
    together: dict[tuple[int, str], dict[str, Any]] = {}
    for document in documents:
        key = document["threads"], document["isa"]
        before = together.setdefault(key, document)
        if before is document:
            continue
        workloads = {workload["name"]: workload for workload in before["workloads"]}
        workloads.update((workload["name"], workload) for workload in document["workloads"])
        commits = dict.fromkeys([*before["commit"].split(", "), document["commit"]])
        together[key] = {
            **before,
            **document,
            "commit": ", ".join(commits),
            "workloads": list(workloads.values()),
            "styles": {**before["styles"], **document["styles"]},
            "versions": {**before["versions"], **document["versions"]},
            # A peer that was there once is not missing.
            "missing": {
                name: reason
                for name, reason in {**before["missing"], **document["missing"]}.items()
                if name not in before["versions"] and name not in document["versions"]
            },
            "repeats": min(before["repeats"], document["repeats"]),
            "most_repeats": max(before.get("most_repeats", before["repeats"]), document["repeats"]),
        }
    return list(together.values())


def report(documents: list[dict[str, Any]]) -> str:
    if not documents:
        return NOTHING + HOW
    documents = joined(documents)
    lines = [
        "# Performance",
        "",
        "Written by `benchmarks/report.py`. A ratio is the best peer's time over Lamina's.",
        "",
    ]
    for document in documents:
        lines += section(document)
    return "\n".join(lines) + "\n" + HOW


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "results", nargs="*", type=Path, help="none: the page says how to measure, without figures"
    )
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "performance.md")
    chosen = parser.parse_args(arguments)
    documents = [json.loads(path.read_text()) for path in chosen.results]
    if any(document["tiny"] for document in documents):
        print("a run with --tiny measures nothing", file=sys.stderr)
        return 2
    chosen.out.write_text(report(documents))
    return 0


if __name__ == "__main__":
    sys.exit(main())
