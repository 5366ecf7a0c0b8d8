"""The benchmark runner on tiny sizes, and what reads its results. Nothing asks how long anything took."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytest.importorskip("numpy")


def script(name: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "benchmarks" / f"{name}.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def run(out: Path, peers: str, *only: str) -> dict[str, Any]:
    small = ("--tiny", "--repeats", 2, "--block", 0.0001, "--pause", 0)
    done = script("run", *small, "--peers", peers, "--out", out, "--only", *only)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(out.read_text())


def test_all_workloads_run(tmp_path):
    document = run(
        tmp_path / "results.json", "lamina,numpy", "first", "fits", "pred", "sgemm", "conv-", "op", "import"
    )
    assert document["tiny"]
    assert document["machine"]["cpu"]
    assert {"lamina", "python"} <= set(document["versions"]["lamina"])
    for workload in document["workloads"]:
        ours = workload["results"]["lamina"]
        assert ours.get("error", ours.get("unsupported")) is None, workload["name"]
        assert 0 < ours["min"] <= ours["median"] <= ours["max"], workload["name"]
        assert len(ours["times"]) == 2
        assert 0 <= ours["others"] <= 1
    results = {workload["name"]: workload["results"] for workload in document["workloads"]}
    assert results["sgemm@8"]["numpy"]["flop_rate"] > 0
    assert results["sgemm@8"]["numpy"]["digest"] == pytest.approx(results["sgemm@8"]["lamina"]["digest"])
    assert "unsupported" in results["cnn-fit"]["numpy"]


def test_absent_peer_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("LAMINA_BENCH_PYTHON_TORCH", str(tmp_path / "nothing"))
    document = run(tmp_path / "results.json", "lamina,torch", "sgemm@4")
    assert "torch" in document["missing"]
    assert "missing" in document["workloads"][0]["results"]["torch"]
    assert "median" in document["workloads"][0]["results"]["lamina"]


def test_unknown_names_are_refused(tmp_path):
    assert "no such peer: nonesuch" in script("run", "--peers", "nonesuch").stderr
    done = script("run", "--only", "nonesuch", "--peers", "numpy", "--out", tmp_path / "results.json")
    assert done.returncode
    assert "nonesuch" in done.stderr


def result(*times: float) -> dict[str, Any]:
    ordered = sorted(times)
    figures = {"median": ordered[len(ordered) // 2], "min": ordered[0], "max": ordered[-1]}
    return {**figures, "times": list(times), "others": 0.01, "disturbed": 0, "units": 1, "count": 1}


def canned() -> dict[str, Any]:
    """Lamina is twice as fast as the best fit, and half as fast as the best loop."""
    fit = {"name": "mlp-fit", "group": "fits", "kind": "fit", "unit": "step"}
    op = {"name": "relu@1e6", "group": "operators", "kind": "op", "unit": "call", "table": True}
    return {
        **{"commit": "abc", "date": "2026-01-02T03:04:05+00:00", "threads": 2, "repeats": 7, "isa": "native"},
        **{
            "tiny": False,
            "missing": {"tfjs-wasm": "no such module"},
            "versions": {"lamina": {"lamina": "0.1.0"}},
        },
        "machine": {"cpu": "A CPU", "features": ["avx2"], "cores": 2, "memory": 2**33, "load": 0.1},
        "wheel": {"name": "lamina.whl", "bytes": 6_000_000},
        "styles": {"lamina": "fit", "keras-jax": "fit", "jax": "loop", "torch": "loop"},
        "workloads": [
            {
                **fit,
                "targets": [{"ratio": 1.25, "against": "fit"}, {"ratio": 1.0, "against": "loop"}],
                "results": {
                    "lamina": result(*(1e-3 + 1e-6 * i for i in range(7))),
                    "keras-jax": result(*(2e-3 + 1e-6 * i for i in range(7))),
                    "jax": result(*(5e-4 + 1e-6 * i for i in range(7))),
                    "torch": {"error": "out of memory"},
                },
            },
            {
                **op,
                "targets": [{"ratio": 0.95, "against": "any"}],
                "results": {"lamina": {**result(1e-5), "bytes_rate": 8e11}, "torch": result(2e-5)},
            },
        ],
    }


def saved(path: Path, document: dict[str, Any]) -> Path:
    path.write_text(json.dumps(document))
    return path


def test_report(tmp_path):
    page = tmp_path / "performance.md"
    done = script("report", saved(tmp_path / "a.json", canned()), "--out", page)
    assert done.returncode == 0, done.stderr
    text = page.read_text()
    assert "1.25 of the best `fit`: met (2.00)" in text
    assert "1 of the best loop: **missed** (0.50)" in text
    assert "Geometric mean of the ratios: 2.00 (target 1.3: met)" in text
    assert "tfjs-wasm (no such module)" in text
    assert "Wheel: 6.00 MB (target 5 MB: **missed**)" in text
    assert "## Measure it yourself" in text


def test_parts_of_a_run_are_joined(tmp_path):
    first, second, one = canned(), canned(), {**canned(), "threads": 1}
    again = {**first["workloads"][1], "results": {"lamina": result(1e-5), "torch": result(4e-5)}}
    more = {**again, "name": "relu@1e7"}
    second.update(
        commit="def", workloads=[again, more], missing={}, versions={"tfjs-wasm": {"tfjs": "4.22.0"}}
    )
    paths = [saved(tmp_path / f"{i}.json", part) for i, part in enumerate((first, second, one))]
    page = tmp_path / "performance.md"
    assert script("report", *paths, "--out", page).returncode == 0
    text = page.read_text()
    assert text.count("## 2 threads") == 1
    assert text.count("## 1 thread\n") == 1
    both = text[text.index("## 2 threads") : text.index("## 1 thread\n")]
    assert both.index("mlp-fit") < both.index("relu@1e6") < both.index("relu@1e7")
    assert "Geometric mean of the ratios: 4.00" in both
    assert "commit abc, def" in both
    assert "Missing" not in both
    # On one thread the aim is to be ahead.
    alone = text[text.index("## 1 thread\n") :]
    assert "| 1 of the best peer: **missed** (0.50) |" in alone
    assert "best `fit`" not in alone


def test_report_without_results_and_of_a_tiny_run(tmp_path):
    page = tmp_path / "performance.md"
    assert script("report", "--out", page).returncode == 0
    assert "no figures" in page.read_text()
    tiny = saved(tmp_path / "tiny.json", {**canned(), "tiny": True})
    assert script("report", tiny, "--out", tmp_path / "other.md").returncode == 2


def scaled(document: dict[str, Any], peers: set[str], factor: float) -> dict[str, Any]:
    changed = copy.deepcopy(document)
    for workload in changed["workloads"]:
        for peer, figures in workload["results"].items():
            if peer in peers and "times" in figures:
                figures["times"] = [factor * time for time in figures["times"]]
    return changed


def test_compare(tmp_path):
    base = saved(tmp_path / "base.json", canned())
    assert script("compare", base, base).returncode == 0
    slower = script("compare", base, saved(tmp_path / "slower.json", scaled(canned(), {"lamina"}, 1.2)))
    assert slower.returncode == 1
    assert "LOSS" in slower.stdout
    faster = script("compare", base, saved(tmp_path / "faster.json", scaled(canned(), {"lamina"}, 0.8)))
    assert faster.returncode == 0
    assert "gain" in faster.stdout
    # All peers took longer: the machine did, not the commit.
    everyone = {"lamina", "keras-jax", "jax", "torch"}
    assert (
        script("compare", base, saved(tmp_path / "drift.json", scaled(canned(), everyone, 1.5))).returncode
        == 0
    )


def test_the_table_of_ops(tmp_path, monkeypatch):
    monkeypatch.setenv("LAMINA_BENCH_PYTHON_TORCH", str(tmp_path / "nothing"))
    small = ("--sizes", 1000, "--repeats", 1, "--block", 0.0001, "--only", "sign", "cumsum-0", "conv2d")
    done = script("op_table", *small, "--out", tmp_path / "ops.json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "missing: torch" in done.stdout
    results = json.loads((tmp_path / "ops.json").read_text())["results"]
    assert [result["op"] for result in results] == ["sign", "cumsum-0", "conv2d"]
    assert all(not result["apart"] and not result["errors"] for result in results)
    assert results[0]["times"].keys() == {"lamina", "numpy", "jax"}
    told = script("op_table", "--report", tmp_path / "ops.json").stdout
    assert "the ten worst" in told
    assert "geometric mean" in told
