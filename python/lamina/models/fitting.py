"""The loop of `fit`, and evaluation over batches."""

from __future__ import annotations

from typing import Any

from .. import _core
from ..callbacks.progress import display_for
from ..callbacks.run import CallbackList
from ..results import AttrDict, History
from .batches import Batches
from .compilation import Compilation
from .shuffling import permutation
from .steps import test_step, train_step

__all__ = ["FitJob", "evaluate"]

ops = _core.ops


class FitJob:
    """One call of fit: its data and settings, ready to run on a thread of its own."""

    def __init__(
        self, model: Any, compiled: Compilation, data: Batches, validation: Batches | None, config: Any
    ) -> None:
        self.model = model
        self.compiled = compiled
        self.data = data
        self.validation = validation
        self.config = config
        self.names = compiled.unique_names()
        self.callbacks: list[Any] = []

    def params(self) -> AttrDict[Any]:
        """What callbacks and the history know of the run."""
        config = self.config
        names = list(self.names)
        if self.validation is not None:
            names += [f"val_{name}" for name in self.names]
        return AttrDict(
            epochs=config.epochs,
            initialEpoch=config.initialEpoch,
            samples=self.data.samples,
            steps=config.stepsPerEpoch,
            batchSize=self.data.size,
            verbose=config.verbose,
            doValidation=self.validation is not None,
            metrics=names,
        )

    def run(self, context: Any) -> History:
        """Trains. The model's lock is held for one step at a time, and never while user code runs."""
        model = self.model
        callbacks = CallbackList(
            self.callbacks, display_for(self.config.verbose), context.call, model, self.params()
        )
        model._history = callbacks.history
        try:
            callbacks.on_train_begin()
            model._stop_training = False
            for epoch in range(self.config.initialEpoch, self.config.epochs):
                callbacks.on_epoch_begin(epoch)
                complete = self._epoch(context, callbacks)
                # After a stop in the middle of an epoch there is no validation.
                validation = self._validate(context) if complete else {}
                callbacks.on_epoch_end(epoch, validation)
                context.check()
                if model._stop_training:
                    break
            callbacks.on_train_end()
        finally:
            callbacks.close()
        return callbacks.history

    def _epoch(self, context: Any, callbacks: CallbackList) -> bool:
        """One epoch; False where it was stopped before its last batch."""
        model, compiled = self.model, self.compiled
        order = None
        steps = min(len(self.data), self.config.stepsPerEpoch or len(self.data))
        if self.config.shuffle:
            order = permutation(self.data.samples, compiled.optimizer.iterations)
        for batch, (size, inputs, targets, weights) in enumerate(self.data.take(order)):
            callbacks.on_batch_begin(batch)
            with model.lock:
                values = train_step(model, compiled, inputs, targets, weights)
                logs = {name: float(value) for name, value in zip(self.names, values, strict=True)}
            callbacks.on_batch_end(batch, size, logs)
            context.check()
            if batch + 1 == steps:
                break
            if model._stop_training:
                return False
        return True

    def _validate(self, context: Any) -> dict[str, float]:
        if self.validation is None:
            return {}
        values = evaluate(
            self.model, self.compiled, self.validation, self.config.validationSteps, context.check
        )
        return {f"val_{name}": float(value) for name, value in zip(self.names, values, strict=True)}


def evaluate(
    model: Any, compiled: Compilation, data: Batches, steps: int | None = None, check: Any = None
) -> list[Any]:
    """Means of the values over all batches, weighted by their sizes, as scalars."""
    totals: list[Any] = []
    seen = 0
    for batch, (size, inputs, targets, weights) in enumerate(data.take()):
        if batch == steps:
            break
        if check is not None:
            check()
        with model.lock:
            values = [ops.mul(size, v) for v in test_step(model, compiled, inputs, targets, weights)]
        totals = [ops.add(t, v) for t, v in zip(totals, values, strict=True)] if totals else values
        seen += size
    if not totals:
        raise ValueError("There are no samples to evaluate.")
    return [ops.div(total, seen) for total in totals]
