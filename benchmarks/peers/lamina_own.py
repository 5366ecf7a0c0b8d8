"""What only Lamina is asked: what making a Program costs, a step beside its arithmetic, and loading."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from pathlib import Path
from typing import Any

from cases import Calls, Epochs, Values

import lamina as tf


class Tracing:
    """Seconds to trace and plan a training step of the model, each time a new one."""

    units = 1

    def __init__(self, build: Any, workload: dict[str, Any]) -> None:
        self._build = build
        self._workload = {**workload, "steps": 1}
        self._values = Values()

    def fresh(self, count: int) -> None:
        """Each run makes its own."""

    def run(self, count: int) -> float:
        return sum(self._once() for _ in range(count))

    def _once(self) -> float:
        model = self._build(self._workload["model"])
        model.compile(optimizer="adam", loss="categoricalCrossentropy")
        x, y = self._values.data(self._workload)
        model.fit(x, y, epochs=1, batchSize=self._workload["batch"], verbose=0).result()
        (made,) = [kept for what, _, kept in model.programs if what == "train"]
        return made.trace_seconds + made.plan_seconds


def loading(build: Any, workload: dict[str, Any]) -> Calls:
    """A model from its files, and the first prediction."""
    folder = tempfile.mkdtemp()
    build(workload["model"]).save(folder).result()
    values = Values()

    def load(x: Any) -> Any:
        return tf.loadLayersModel(str(Path(folder) / "model.json")).result().predict(x)

    case = Calls(lambda: (tf.tensor(values.inputs(workload["model"], 1)),), load)
    weakref.finalize(case, shutil.rmtree, folder, ignore_errors=True)
    return case


def steps(workload: dict[str, Any]) -> Epochs:
    """Steps of one sample through layers of one unit: next to nothing to compute."""
    model = tf.sequential()
    for layer in range(workload["layers"]):
        model.add(tf.layers.dense(units=1, **({} if layer else {"inputShape": [1]})))
    model.compile(optimizer=tf.train.sgd(1e-6), loss="meanSquaredError")
    values, rows = Values(), workload["steps"]

    def fit(x: Any, y: Any, epochs: int) -> None:
        model.fit(x, y, epochs=epochs, batchSize=1, verbose=0).result()

    def make() -> tuple[Any, Any]:
        return tf.tensor(values.uniform(rows, 1)), tf.tensor(values.uniform(rows, 1))

    case = Epochs(make, rows, fit)
    fit(*make(), 1)
    (made,) = [kept for what, _, kept in model.programs if what == "train"]
    case.about = {"instructions": made.program.stats["instructions"]}
    return case


def own(build: Any, workload: dict[str, Any]) -> Any:
    if workload["own"] == "trace":
        return Tracing(build, workload)
    return loading(build, workload) if workload["own"] == "load" else steps(workload)
