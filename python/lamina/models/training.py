"""What a model does with data: fit, evaluate, predict."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any

from .. import _core
from ..config import (
    NOT_GIVEN,
    Anything,
    Boolean,
    Config,
    Enum,
    Integer,
    ListOf,
    Number,
    OneOf,
    configured,
    option,
)
from ..debugging import checked
from ..errors import ConfigError, LaminaWarning
from . import data as check
from .batches import Batches
from .compiling import Compilable
from .programs import specs_of
from .running import batches_run
from .walk import Walk

if TYPE_CHECKING:
    from ..promises import Promise
    from ..results import History
    from .compilation import Compilation
    from .fitting import FitJob
    from .programs import Specs

__all__ = ["Trainable"]

# One tensor, or a list of them.
Results = Any

# What predict computes at once unless it is told otherwise.
QUICK_SAMPLES = 32

YIELD_EVERY = Anything("'auto', 'batch', 'epoch', 'never' or milliseconds", "str | float")
BATCH_SIZE = Anything("a positive integer", "int")
SHOWN = option(
    "verbose",
    OneOf(Integer(minimum=0), Boolean()),
    0,
    "0: silent, 1: progress bar and a line, 2: a line at the end.",
)
WEIGHTS = Anything("an array of one weight per sample, or a list or dict of them", "Any")
CLASSES = Anything("{class: weight}, or a list or dict of them", "ClassWeights")

FIT_OPTIONS = (
    option("batchSize", BATCH_SIZE, 32, "Samples in each step; the last batch of an epoch may be smaller."),
    option(
        "epochs",
        Integer(minimum=0),
        1,
        "The epoch at which to stop; how many to run where initialEpoch is 0.",
    ),
    option(
        "verbose",
        OneOf(Integer(minimum=0), Boolean()),
        None,
        "0: silent, 1: progress bar, 2: a line for each epoch. Left out: 1, but silent for half a second.",
    ),
    option(
        "callbacks",
        Anything("a dict of functions, a callback, or a list of them", "Callbacks"),
        None,
        "Called along the way.",
    ),
    option("validationSplit", Number(0, 1), 0, "The share of samples, from the end, to validate with."),
    option(
        "validationData",
        ListOf(Anything("data")),
        None,
        "[x, y] or [x, y, sampleWeight] to validate with; goes before validationSplit.",
    ),
    option(
        "shuffle",
        OneOf(Boolean(), Enum("shuffle", "batch")),
        True,
        "Whether to shuffle the samples before each epoch, or, with 'batch', whole batches.",
    ),
    option("classWeight", CLASSES, None, "Factors of the loss by class."),
    option("sampleWeight", WEIGHTS, None, "Factors of the loss by sample."),
    option("initialEpoch", Integer(minimum=0), 0, "The first epoch, for going on with a training."),
    option("stepsPerEpoch", Integer(minimum=1), None, "At most so many batches in an epoch; all by default."),
    option(
        "validationSteps",
        Integer(minimum=1),
        None,
        "At most so many batches of a validation; all by default.",
    ),
    option("yieldEvery", YIELD_EVERY, "auto", "How often the onYield callback runs."),
)


class Trainable(Compilable):
    """The part of a model that deals with data."""

    # --- fit ---

    @configured("tf.LayersModel.fit", *FIT_OPTIONS)
    def fit(self, x: Any, y: Any = NOT_GIVEN, config: Config = NOT_GIVEN) -> Promise[History]:  # type: ignore[assignment]
        """Trains the model; a Promise of the History. Data are read as they are at the call.

        x, y: an array or tensor [samples, ...] for each input and output: one, a list, or a dict by name.
        The Promise is rejected with ValueError where data do not fit the model, and with RuntimeError while
        another fit runs.
        """
        from ..callbacks.base import standardize
        from ..promises import Promise

        _check_arguments(x, y)
        callbacks = standardize(config.callbacks, config.yieldEvery)
        try:
            self.assertNotDisposed()
            self._fit.check_free()
            job = self._fit_job(x, y, config)
            job.callbacks = callbacks
        except Exception as error:
            return Promise.reject(error, name="fit")
        del x, y
        return Promise.start(job.run, name="fit", sole=self._fit)

    def _fit_job(self, x: Any, y: Any, config: Config) -> FitJob:
        compiled = self._compiled()
        size = check.check_batch_size(config.batchSize)
        train = self._batches(x, y, size, config.sampleWeight, config.classWeight)
        validation = None
        if config.validationData:
            validation = self._validation(config.validationData, size)
        elif 0 < config.validationSplit < 1:
            split = math.floor(train.samples * (1 - config.validationSplit))
            if split == 0:
                raise ValueError(
                    f"validationSplit {config.validationSplit} of {train.samples} samples leaves none to "
                    "train with"
                )
            train, validation = train.split(split)
        elif config.validationSteps is not None:
            warnings.warn(
                "validationSteps without validationData or validationSplit has no effect",
                LaminaWarning,
                stacklevel=4,
            )
        if train.samples == 0:
            raise ValueError("There are no samples to train with.")
        from .fitting import FitJob

        return FitJob(self, compiled, train, validation, config)

    def _validation(self, given: list[Any], size: int) -> Batches:
        if len(given) not in (2, 3):
            raise ValueError(
                "When passing validation data, it must contain 2 (valX, valY) or 3 (valX, valY, "
                f"valSampleWeight) items; got {len(given)}."
            )
        return self._batches(given[0], given[1], size, given[2] if len(given) == 3 else None)

    def _batches(
        self,
        x: Any,
        y: Any,
        size: int,
        sampleWeight: Any = None,
        classWeight: Any = None,
        *,
        in_place: bool = False,
    ) -> Batches:
        from ..objectives import sparseCategoricalCrossentropy
        from .weighting import sample_weights

        compiled = self._compiled()
        inputs = check.standardize(x, self.inputNames, self.feedInputShapes, "input", in_place)
        names = [self.outputNames[i] for i in compiled.fed]
        functions = [compiled.losses[i] for i in compiled.fed]
        shapes = [self.internalOutputShapes[i] for i in compiled.fed]
        target_shapes = [
            (*shape[:-1], 1) if function is sparseCategoricalCrossentropy else shape
            for shape, function in zip(shapes, functions, strict=True)
        ]
        targets = check.standardize(y, names, target_shapes, "target", in_place)
        check.check_lengths(inputs, targets)
        check.check_targets(targets, functions, shapes)
        samples = inputs[0].shape[0]
        if self.stateful and samples % size:
            raise ValueError(
                "In a stateful network, you should only pass inputs with a number of samples that is "
                f"divisible by the batch size {size}. Found: {samples} sample(s)."
            )
        weights = sample_weights(sampleWeight, classWeight, targets, names)
        return Batches(inputs, targets, weights, size)

    def trainOnBatch(self, x: Any, y: Any) -> Promise[float | list[float]]:
        """Moves the weights once, on one batch; a Promise of the loss, or of a list of all `metricsNames`.

        A step known to be short runs at once; the Promise is then settled already.
        """
        from ..promises import Promise

        try:
            self.assertNotDisposed()
            compiled = self._compiled()
            batch = self._batches(x, y, 1)
            batch.size = max(1, batch.samples)
        except Exception as error:
            return Promise.reject(error, name="trainOnBatch")
        specs = specs_of(batch, batch.samples)
        try:
            if self._lock.free:
                with self._lock:
                    program = self.programs.brief(compiled, specs)
                    if program is not None:
                        value = self._run_once(program, compiled, batch, specs)
                        return Promise.resolve(value, name="trainOnBatch")
        except Exception as error:
            return Promise.reject(error, name="trainOnBatch")
        return Promise.start(lambda _context: self._train_once(compiled, batch, specs), name="trainOnBatch")

    def _train_once(self, compiled: Compilation, batch: Batches, specs: Specs) -> float | list[float]:
        if not batch.samples:
            raise ValueError("There are no samples to train with.")
        with self._lock:
            program = self.programs.training(compiled, batch.counts, specs)
            return self._run_once(program, compiled, batch, specs)

    def _run_once(
        self, program: Any, compiled: Compilation, batch: Batches, specs: Specs
    ) -> float | list[float]:
        """A training step, through a Program if there is one. The model's lock is held."""
        from .counting import CountedRun

        run = CountedRun()
        compiled.counts.take(run)
        if program is None:
            from .steps import train_step

            results = train_step(self, compiled, *batch.at(0)[1:])
        else:
            columns = (*batch.inputs, *batch.targets, *batch.weights)
            given = [_whole(column) for column in columns if column is not None]
            begin = perf_counter()
            results = program.run(given)
            self.programs.took(compiled, specs, perf_counter() - begin)
            compiled.optimizer.advance(1)
        compiled.counts.end(run)
        values = [float(v) for v in results]
        return values[0] if len(values) == 1 else values

    # --- evaluate and predict ---

    @configured(
        "tf.LayersModel.evaluate",
        option("batchSize", BATCH_SIZE, 32, "Samples computed at once."),
        SHOWN,
        option("sampleWeight", WEIGHTS, None, "Factors of the loss by sample."),
        option("steps", Integer(minimum=1), None, "At most so many batches; all by default."),
    )
    def evaluate(self, x: Any, y: Any = NOT_GIVEN, config: Config = NOT_GIVEN) -> Results:  # type: ignore[assignment]
        """The loss as a scalar tensor, or a list of all values named in `metricsNames`. Without
        regularization.

        Raises ValueError where the data do not fit the model, RuntimeError before compile.
        """
        from .fitting import evaluate

        _check_arguments(x, y, "evaluate")
        self._using("evaluate()")
        compiled = self._compiled()
        size = check.check_batch_size(config.batchSize)
        data = self._batches(x, y, size, config.sampleWeight, in_place=True)
        values = evaluate(self, compiled, data, config.steps, verbose=config.verbose)
        return values[0] if len(values) == 1 else values

    @configured(
        "tf.LayersModel.predict",
        option("batchSize", BATCH_SIZE, 32, "Samples computed at once."),
        SHOWN,
    )
    def predict(self, x: Any, config: Config) -> Results:
        """The output for x, a tensor [samples, ...], or a list of one for each output.

        x: an array or tensor [samples, ...] for each input: one, a list, or a dict by name. Raises ValueError
        where it does not fit the model.
        """
        self._using("predict()")
        self._ensure_built()
        size = check.check_batch_size(config.batchSize)
        inputs = check.standardize_for_predict(x, self.inputNames, self.feedInputShapes, False)
        return self._predict(inputs, size, config.verbose)

    def predictOnBatch(self, x: Any) -> Results:
        """The output for x, computed as one batch. The batch size counts, where the model fixes it."""
        self._using("predictOnBatch()")
        self._ensure_built()
        inputs = check.standardize_for_predict(x, self.inputNames, self.feedInputShapes, True, False)
        return self._predict(inputs, max(1, inputs[0].shape[0]), of="predictOnBatch")

    def _predict(self, inputs: list[Any], size: int, verbose: int = 0, of: str = "predict") -> Results:
        check.check_lengths(inputs, [])
        data = Batches(inputs, [], [], size)
        with Walk(verbose, len(data)) as walk:
            outputs = self._computed(data, walk, of)
            if outputs is None:
                outputs = self._computed_eagerly(data, walk)
        return outputs[0] if len(outputs) == 1 else outputs

    def _computed(self, data: Batches, walk: Walk, of: str) -> list[Any] | None:
        """The outputs for all batches, written where they belong; None where that is not possible."""
        count = len(data)
        with self._lock:
            programs = self._predicting(data) if count else None
        if programs is None:
            return None
        sink = _core.Results.of(programs[0], count - bool(data.rest(count)), programs[1])
        if sink is None:
            return None
        # A predict of the user's own is not overtaken.
        own = getattr(type(self), of) is not getattr(Trainable, of)
        if count == 1 and not own and not self.isTraining:
            self.programs.speed_up(of, programs[0], QUICK_SAMPLES if of == "predict" else 0)
        batch = 0
        find = partial(self._predicting, data)
        for batch in batches_run(self, data, find, sink, count, check=self.assertNotDisposed):
            walk.at(batch)
        if batch < count:
            return None
        outputs: list[Any] = sink.tensors()
        return outputs

    def _predicting(self, data: Batches) -> list[Any] | None:
        """The Programs of a full batch and of a shorter last one."""
        rest = data.rest(len(data))
        programs = [
            self.programs.predicting(specs_of(data, rows)) if rows else None for rows in (data.full, rest)
        ]
        return None if programs[0] is None or (rest and programs[1] is None) else programs

    def _computed_eagerly(self, data: Batches, walk: Walk) -> list[Any]:
        parts = []
        with self._lock:
            for _, taken, _, _ in data.take():
                parts.append(self._outputs(taken))
                walk.at(len(parts))
            if not parts:
                parts = [self._outputs([_whole(column) for column in data.inputs])]
        outputs = [
            pieces[0] if len(pieces) == 1 else _core.ops.concat(list(pieces), 0)
            for pieces in zip(*parts, strict=True)
        ]
        # A model may hand an input through; the user's tensor stays apart from the result.
        return [y.clone() if any(y is x for x in data.inputs) else y for y in outputs]

    def _outputs(self, inputs: list[Any]) -> list[Any]:
        """The outputs of one batch."""
        program = self.programs.predicting(tuple((x.shape, x.dtype) for x in inputs))
        if program is None:
            with checked():
                return self.run(inputs)
        return list(program.run(inputs))

    # --- weights ---

    def getWeights(self, trainableOnly: bool = False) -> list[Any]:
        """The weights, trainable ones first, as tensors that later training does not change."""
        self._using("getWeights()")
        with self._lock:
            return super().getWeights(trainableOnly)

    def setWeights(self, weights: Any) -> None:
        """Assigns tensors or arrays, in the order and shapes of getWeights(). Raises ValueError where they
        differ.
        """
        self._ensure_built()
        with self._lock:
            super().setWeights(weights)

    def _using(self, what: str) -> None:
        self.assertNotDisposed()
        if self.isTraining:
            from ..promises import warn_if_forgotten

            warn_if_forgotten(self._fit, what)


def _whole(column: Any) -> Any:
    return column.slice(0, column.shape[0]) if isinstance(column, check.Rows) else column


def _check_arguments(x: Any, y: Any, what: str = "fit") -> None:
    """Errors of the call itself, before any look at the data."""
    if callable(getattr(x, "forEachAsync", None)) or callable(getattr(x, "iterator", None)):
        raise ConfigError(f"{what}(dataset): use model.{what}Dataset(dataset, config) for datasets")
    options = {each.name for each in FIT_OPTIONS}
    if isinstance(y, Mapping) and y and set(y) <= options:
        raise ConfigError(f'{what}: the argument "y" is missing: write model.{what}(x, y, config)')
    if y is NOT_GIVEN:
        raise ConfigError(f'{what}: the argument "y" is missing: write model.{what}(x, y)')
