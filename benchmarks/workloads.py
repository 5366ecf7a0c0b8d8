"""What is measured: names, sizes, arithmetic, and what is aimed at.

A workload is a JSON object that a worker gets as it is. `kind` says what to do with it: "first", "fit",
"predict", "op", "digits", "own" run in the workers, "start" are whole processes (startup.py). `work` is the
arithmetic or the memory traffic of one unit, for rates. `targets` hold for the ratio of the best peer's time
to Lamina's, or for Lamina's seconds. `--tiny` replaces the sizes so that each takes milliseconds: a test of
the runner, no measurement.
"""

from __future__ import annotations

import math
from typing import Any

import architectures as nets

Workload = dict[str, Any]
ELEMENTWISE = ("add", "relu", "exp", "tanh", "sigmoid", "gelu")


def ahead(ratio: float, against: str = "any") -> dict[str, Any]:
    """At least so many times as fast as the best peer with a `fit` of its own, the best loop, or any."""
    return {"ratio": ratio, "against": against}


def within(seconds: float) -> dict[str, Any]:
    return {"seconds": seconds}


def in_memory(size: int) -> dict[str, Any]:
    return {"peak": size}


def first_programs(tiny: bool) -> list[Workload]:
    epochs = 5 if tiny else 1000
    common = {"kind": "first", "unit": "fit", "epochs": epochs}
    return [
        {"name": "first", **common, "units": [1], "bar": False, "targets": [within(0.002)]},
        {"name": "first-bar", **common, "units": [1], "bar": True, "targets": [within(0.060)]},
        {"name": "first-two-layers", **common, "units": [4, 1], "bar": False, "targets": [within(0.004)]},
    ]


def fits(tiny: bool) -> list[Workload]:
    mlp = nets.perceptron(8, 6, 6, 3) if tiny else nets.perceptron(784, 512, 512, 10)
    cnn = nets.convolutional(14, (2, 3), 4) if tiny else nets.convolutional()
    lstm = nets.recurrent(20, 4, 5) if tiny else nets.recurrent()
    sizes: dict[str, Any] = {"widths": (2, 3, 4), "size": 8} if tiny else {}
    rows = [
        ("mlp-fit", mlp, 128, 50, [ahead(1.25, "fit"), ahead(1.0, "loop")]),
        ("cnn-fit", cnn, 128, 20, [ahead(2.0, "fit"), ahead(1.4, "loop")]),
        ("resnet8-fit", nets.residual(1, **sizes), 32, 10, [ahead(1.3)]),
        ("resnet20-fit", nets.residual(3, **sizes), 32, 10, [ahead(1.15)]),
        ("lstm-fit", lstm, 64, 10, [ahead(1.7)]),
    ]
    return [
        {
            **{"name": name, "kind": "fit", "unit": "step", "model": model, "targets": targets},
            **{"batch": 4 if tiny else batch, "steps": 2 if tiny else steps},
        }
        for name, model, batch, steps, targets in rows
    ]


def predictions(tiny: bool) -> list[Workload]:
    cnn = nets.convolutional(14, (2, 3), 4) if tiny else nets.convolutional()
    few: dict[str, Any] = {"size": 16, "blocks": nets.MOBILE_BLOCKS[:2]} if tiny else {}
    rows = [
        ("cnn-predict@1", cnn, 1, [ahead(1.0)]),
        ("cnn-predict@128", cnn, 4 if tiny else 128, [ahead(1.0)]),
        ("mobilenet-0.25-predict", nets.mobile(0.25, **few), 1, [ahead(1.0)]),
        ("mobilenet-1.0-predict", nets.mobile(1.0, **few), 1, [ahead(1.0)]),
        ("small-predict", nets.perceptron(4, 16, 16, 3), 1, [within(1.5e-6)]),
        ("regression-predict", nets.perceptron(10, 32, 1, last="linear"), 1, [within(1.5e-6)]),
        ("narrow-predict", nets.perceptron(16, 8, 8, 8, 4), 1, [within(1.5e-6)]),
    ]
    return [
        {"name": name, "kind": "predict", "unit": "call", "model": model, "batch": batch, "targets": targets}
        for name, model, batch, targets in rows
    ]


def products(tiny: bool) -> list[Workload]:
    return [
        {
            **{"name": f"sgemm@{n}", "kind": "op", "unit": "call", "op": "matMul", "shape": [n, n]},
            **{"work": {"flop": 2 * n**3}, "targets": [ahead(0.95)]},
        }
        for n in ((4, 8) if tiny else (64, 256, 512, 1024, 2048))
    ]


def convolutions(tiny: bool) -> list[Workload]:
    shape, filters = ([2, 6, 6, 4], 4) if tiny else ([32, 56, 56, 64], 64)
    rows = [("forward", "conv", 0.95), ("grad-input", "convInput", 0.95), ("grad-filter", "convFilter", 1.1)]
    flop = 2 * math.prod(shape) * 9 * filters
    return [
        {
            **{
                "name": f"conv-{name}",
                "kind": "op",
                "unit": "call",
                "op": op,
                "shape": shape,
                "filters": filters,
            },
            **{"work": {"flop": flop}, "targets": [ahead(ratio)]},
        }
        for name, op, ratio in rows
    ]


def _op(name: str, label: str, shape: list[int], passes: float, **rest: Any) -> Workload:
    """`passes`: how often each element of the shape is read or written."""
    work = {"bytes": int(4 * math.prod(shape) * passes)}
    common = {
        "kind": "op",
        "unit": "call",
        "op": name,
        "shape": shape,
        "work": work,
        "targets": [ahead(0.95)],
    }
    return {"name": f"{name}@{label}", **common, "table": True, **rest}


def operators(tiny: bool) -> list[Workload]:
    # Images hold about as many elements as the label says, rows are a thousand long.
    sizes: list[tuple[str, int, list[int]]] = [
        ("1e4", 10**4, [1, 12, 12, 64]),
        ("1e6", 10**6, [5, 56, 56, 64]),
        ("1e7", 10**7, [50, 56, 56, 64]),
    ]
    if tiny:
        sizes = [("tiny", 64, [1, 4, 4, 4])]
    found = []
    for label, count, image in sizes:
        matrix = [max(4, count // 1000), min(1000, count // 4)]
        found += [_op(name, label, [count], 3 if name == "add" else 2) for name in ELEMENTWISE]
        found += [_op(name, label, matrix, 2) for name in ("softmax", "layerNorm")]
        found += [_op(name, label, matrix, 1) for name in ("sumRows", "sumColumns")]
        found += [_op("batchNorm", label, image, 2), _op("maxPool", label, image, 1.25)]
        found += [_op("depthwise", label, image, 2)]
        width = 4 if tiny else 128
        found += [_op("gather", label, [count // width, width], 2, rows=10 if tiny else 20000)]
        found += [_op("adam", label, [count], 7)]
    return found


def starts(tiny: bool) -> list[Workload]:
    del tiny
    return [
        {"name": "import", "kind": "start", "unit": "process", "job": "import", "targets": [within(0.025)]},
        {
            "name": "first-process",
            "kind": "start",
            "unit": "process",
            "job": "first",
            "targets": [in_memory(25 * 10**6)],
        },
    ]


def digits(tiny: bool) -> list[Workload]:
    """To 99 % of the test images; without the images nothing runs."""
    if tiny:
        return []
    # "twice as fast": in half the time of the best.
    common = {"kind": "digits", "unit": "run", "batch": 128, "targets": [ahead(2.0)]}
    return [{"name": "digits", "model": nets.convolutional(), **common}]


def overheads(tiny: bool) -> list[Workload]:
    sizes: dict[str, Any] = {"widths": (2, 3, 4), "size": 8} if tiny else {}
    few: dict[str, Any] = {"size": 16, "blocks": nets.MOBILE_BLOCKS[:2]} if tiny else {}
    rows = 16 if tiny else 4096
    return [
        {
            **{"name": "trace-resnet20", "own": "trace", "unit": "model", "batch": 32},
            **{"model": nets.residual(3, **sizes), "targets": [within(0.030)]},
        },
        {
            **{"name": "load-mobilenet-1.0", "own": "load", "unit": "call"},
            **{"model": nets.mobile(1.0, **few), "targets": [within(0.150)]},
        },
        {"name": "steps-short", "own": "steps", "unit": "step", "layers": 1, "steps": rows, "targets": []},
        {"name": "steps-long", "own": "steps", "unit": "step", "layers": 40, "steps": rows, "targets": []},
    ]


def workloads(tiny: bool = False) -> list[Workload]:
    groups = (first_programs, fits, digits, predictions, products, convolutions, operators, overheads, starts)
    defaults = {overheads: {"kind": "own"}}
    return [
        {"group": group.__name__, **defaults.get(group, {}), **workload}
        for group in groups
        for workload in group(tiny)
    ]


def select(found: list[Workload], only: list[str]) -> list[Workload]:
    """Those whose name or group starts with one of the words; all where none is given."""
    if not only:
        return found
    words = tuple(only)
    chosen = [w for w in found if w["name"].startswith(words) or w["group"].startswith(words)]
    if not chosen:
        raise SystemExit(
            f"no workload begins with {' or '.join(only)}: {', '.join(w['name'] for w in found)}"
        )
    return chosen
