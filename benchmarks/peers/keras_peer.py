"""Keras through fit() and predict(), on the backend that the variant names."""

from __future__ import annotations

import importlib
from typing import Any

from cases import Calls, Epochs, Unsupported, Values
from digits import Digits


class Peer:
    def __init__(self, variant: str, threads: int) -> None:
        self.backend = importlib.import_module(variant)
        if variant == "tensorflow":
            self.backend.config.threading.set_intra_op_parallelism_threads(threads)
            self.backend.config.threading.set_inter_op_parallelism_threads(threads)
        import keras

        self.variant, self.keras = variant, keras

    def versions(self) -> dict[str, str]:
        return {"keras": self.keras.__version__, self.variant: self.backend.__version__}

    def prepare(self, workload: dict[str, Any]) -> Any:
        from peers.keras_models import LOSSES, build

        values, keras = Values(), self.keras
        if workload["kind"] in ("op", "own"):
            raise Unsupported
        if workload["kind"] == "digits":
            return Digits(lambda: self.classifier(workload))
        if workload["kind"] == "first":
            return Calls(values.line, lambda x, y: self.first(x, y, workload))
        model = build(workload["model"])
        if workload["kind"] == "predict":
            rows = workload["batch"]
            inputs = values.inputs
            return Calls(
                lambda: (inputs(workload["model"], rows),),
                lambda x: model.predict(x, batch_size=rows, verbose=0),
            )
        model.compile(optimizer=keras.optimizers.Adam(), loss=LOSSES[workload["model"]["loss"]])

        def fit(x: Any, y: Any, epochs: int) -> None:
            model.fit(x, y, batch_size=workload["batch"], epochs=epochs, verbose=0)

        return Epochs(lambda: values.data(workload), workload["steps"], fit)

    def classifier(self, workload: dict[str, Any]) -> tuple[Any, Any]:
        from peers.keras_models import LOSSES, build

        model, batch = build(workload["model"]), workload["batch"]
        model.compile(optimizer=self.keras.optimizers.Adam(), loss=LOSSES[workload["model"]["loss"]])
        return (
            lambda x, y: model.fit(x, y, batch_size=batch, epochs=1, verbose=0),
            lambda x: model.predict(x, batch_size=1000, verbose=0),
        )

    def first(self, x: Any, y: Any, workload: dict[str, Any]) -> None:
        layers = [self.keras.layers.Dense(units) for units in workload["units"]]
        model = self.keras.Sequential([self.keras.Input((1,)), *layers])
        model.compile(optimizer="sgd", loss="mean_squared_error")
        model.fit(x, y, epochs=workload["epochs"], verbose=int(workload["bar"]))
