"""The loop of `fit`, and evaluation over batches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .. import _core
from ..callbacks.progress import LOOK_MS, display_for
from ..callbacks.run import CallbackList
from ..results import AttrDict, History
from .batches import Batches
from .compilation import Compilation
from .counting import CountedRun
from .programs import specs_of
from .running import batches_run
from .shuffling import block_of, permutation
from .steps import test_step, train_step
from .walk import Walk

__all__ = ["FitJob", "evaluate"]


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
        # Batch, sums and number of updates before an epoch that was left in the middle.
        self._resumed: tuple[int, list[float], int] | None = None

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
            verbose=1 if config.verbose is None else config.verbose,
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
        context.on_cancel(model.stop_flag.set)
        context.shows(callbacks.html)
        try:
            callbacks.on_train_begin()
            epoch = self.config.initialEpoch
            while epoch < self.config.epochs:
                passed = self._quick_epochs(context, callbacks, epoch)
                epoch += passed
                context.check()
                if passed and self._resumed is None:
                    if model._stop_training:
                        break
                    continue
                callbacks.on_epoch_begin(epoch)
                complete = self._epoch(context, callbacks)
                # After a stop in the middle of an epoch there is no validation.
                validation = self._validate(context) if complete else {}
                callbacks.on_epoch_end(epoch, validation)
                context.check()
                epoch += 1
                if model._stop_training:
                    break
            context.check()
            callbacks.on_train_end()
        finally:
            callbacks.close()
        return callbacks.history

    @property
    def _steps(self) -> int:
        """Batches in an epoch."""
        return min(len(self.data), self.config.stepsPerEpoch or len(self.data))

    @property
    def _block(self) -> int:
        """Samples that shuffling keeps together; 0 for none."""
        return block_of(self.config.shuffle, self.data.full)

    def _programs(self) -> tuple[Any, Any] | None:
        """The Programs of a full batch and of a shorter last one; None where a step runs through Python."""
        data = self.data
        found = []
        for rows in (data.full, data.rest(self._steps)):
            program = None
            if rows:
                program = self.model.programs.training(self.compiled, data.counts, specs_of(data, rows))
                if program is None:
                    return None
            found.append(program)
        return found[0], found[1]

    def _clear_stop(self, context: Any) -> bool:
        """Clears the flag that ends a call into the core; False where somebody waits for that end already."""
        model = self.model
        model.stop_flag.clear()
        # Looked at after clearing: who comes later sets the flag again.
        model.assertNotDisposed()
        return not (
            model.lock.waiting
            or context.cancelled
            or model._stop_training
            or model.programs.changed(self.compiled)
        )

    def _quick_epochs(self, context: Any, callbacks: CallbackList, epoch: int) -> int:
        """As many epochs as can run in one call, since nobody has to be told of each; how many that were."""
        if callbacks.wants_epochs or self.validation is not None or self.compiled.counts:
            return 0
        programs = self._programs()
        if programs is None:
            return 0
        model = self.model
        optimizer = self.compiled.optimizer
        with model.lock:
            if not self._clear_stop(context):
                return 0
            before = optimizer.iterations
            complete: int
            try:
                complete, sums, batch, partial = _core.run_epochs(
                    self._feed(), programs, before, self._steps, self.config.epochs - epoch, model.stop_flag,
                    limit_ms=model.programs.limit_ms(self.compiled, LOOK_MS),
                )  # fmt: skip
            finally:
                optimizer.advance(model.stop_flag.steps)
        callbacks.epochs_passed(
            epoch, complete, self.names, sums, seen=self._seen(self._steps), begun=batch / self._steps
        )
        if batch:
            self._resumed = (batch, partial, before + complete * self._steps)
        return complete

    def _seen(self, steps: int) -> int:
        """Samples in the first so many batches."""
        return min(steps * self.data.size, self.data.samples)

    def _feed(self) -> Any:
        return self.data.feed(self._block)

    def _epoch(self, context: Any, callbacks: CallbackList) -> bool:
        """One epoch; False where it was stopped before its last batch."""
        model, data, steps = self.model, self.data, self._steps
        optimizer = self.compiled.optimizer
        batch, sums, updates = self._resumed or (0, [0.0] * len(self.names), optimizer.iterations)
        self._resumed = None
        counts, run = self.compiled.counts, CountedRun()
        order = permutation(data.samples, updates, self._block) if self._block else None
        each = callbacks.wants_batches
        while batch < steps:
            # Steps through Python may take long: whoever looks on hears of each.
            alone = each or self._programs() is None
            if alone:
                callbacks.on_batch_begin(batch)
            with model.lock:
                counts.take(run)
                # An attribute may have changed meanwhile.
                programs = self._programs()
                free = self._clear_stop(context) and not alone
                begin = batch
                if programs is None:
                    batch, sums, values = self._eager_step(batch, order, sums)
                else:
                    end = steps if free else batch + 1
                    sink = _core.Sums(sums)
                    try:
                        batch, _ = _core.run_loop(
                            self._feed(), programs, sink, begin, end, model.stop_flag,
                            limit_ms=model.programs.limit_ms(self.compiled, LOOK_MS), order=order,
                        )  # fmt: skip
                    finally:
                        optimizer.advance(model.stop_flag.steps)
                    sums, values = sink.totals, sink.last
            if batch > begin:
                size = self._seen(batch) - self._seen(batch - 1)
                sums = self.compiled.total(sums, values, self._seen(batch))
                logs = dict(zip(self.names, values, strict=True))
                totals = dict(zip(self.names, sums, strict=True))
                callbacks.on_batches_end(batch - 1, size, logs, totals, self._seen(batch))
            context.check()
            if model._stop_training and batch < steps:
                break
        counts.end(run)
        return batch == steps

    def _eager_step(self, batch: int, order: Any, sums: list[float]) -> tuple[int, list[float], list[float]]:
        """One step through Python, with the results of run_loop and its sums."""
        size, inputs, targets, weights = self.data.at(batch, order)
        found = train_step(self.model, self.compiled, inputs, targets, weights)
        values = [float(value) for value in found]
        return batch + 1, [s + v * size for s, v in zip(sums, values, strict=True)], values

    def _validate(self, context: Any) -> dict[str, float]:
        if self.validation is None:
            return {}
        values = evaluate(
            self.model, self.compiled, self.validation, self.config.validationSteps, context.check
        )
        return {f"val_{name}": float(value) for name, value in zip(self.names, values, strict=True)}


def evaluate(
    model: Any,
    compiled: Compilation,
    data: Batches,
    steps: int | None = None,
    check: Any = None,
    *,
    verbose: int = 0,
) -> list[Any]:
    """Means of the values over all batches, weighted by their sizes, as scalars."""
    if not data.samples:
        raise ValueError("There are no samples to evaluate.")
    count = min(len(data), steps or len(data))
    names = compiled.unique_names()
    means: list[float] = []
    with Walk(verbose, count) as walk:
        for batch, sums in _evaluated(model, compiled, data, count, check):
            seen = min(batch * data.size, data.samples)
            means = [total / seen for total in sums]
            walk.at(batch, lambda: dict(zip(names, means, strict=True)))  # noqa: B023 - called at once
    return [_core.tensor(mean) for mean in means]


def _evaluated(
    model: Any, compiled: Compilation, data: Batches, count: int, check: Any
) -> Iterator[tuple[int, list[float]]]:
    """Now and then how many batches are done, and the sums of values times sizes of batches."""
    sums = _core.Sums()
    counts, run = compiled.counts, CountedRun()

    def find() -> list[Any] | None:
        counts.take(run)
        programs = [
            model.programs.testing(compiled, data.counts, specs_of(data, rows)) if rows else None
            for rows in (data.full, data.rest(count))
        ]
        return None if programs[0] is None or (data.rest(count) and programs[1] is None) else programs

    def step(batch: int) -> None:
        size, inputs, targets, weights = data.at(batch)
        sums.add([float(v) for v in test_step(model, compiled, inputs, targets, weights)], size)

    for batch in batches_run(model, data, find, sums, count, compiled=compiled, step=step, check=check):
        if batch:
            yield batch, compiled.total(sums.totals, sums.last, min(batch * data.size, data.samples))
    counts.end(run)
