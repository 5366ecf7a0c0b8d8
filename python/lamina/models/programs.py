"""The steps of a model as Programs: traced once, then run without Python."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any

from .. import _core
from ..changes import changes
from .batches import Batches
from .data import Rows

if TYPE_CHECKING:
    from .compilation import Compilation

__all__ = ["Programs", "columns_of", "fallbacks", "specs_of"]

# Shape and dtype of each column of a batch; None for a column that is not there.
Specs = tuple["tuple[tuple[int, ...], str] | None", ...]

LIMIT = 32

# How often a model's steps could not be traced, over the process; for tests.
fallbacks = [0]


def specs_of(data: Batches, rows: int) -> Specs:
    """What a batch of so many samples looks like."""
    found = []
    for column in (*data.inputs, *data.targets, *data.weights):
        found.append(None if column is None else ((rows, *column.shape[1:]), column.dtype))
    return tuple(found)


def columns_of(data: Batches) -> Any:
    """The columns as the core reads them, without those that are not there."""
    columns = _core.Columns()
    for column in (*data.inputs, *data.targets, *data.weights):
        if isinstance(column, Rows):
            columns.add_bytes(column.raw, column.row)
        elif column is not None:
            columns.add_tensor(column)
    return columns


class Kept:
    """A Program (None where the step cannot be traced), with the seconds that it took to make."""

    __slots__ = ("plan_seconds", "program", "trace_seconds", "version")

    def __init__(self, program: Any, trace_seconds: float, plan_seconds: float) -> None:
        self.program = program
        self.trace_seconds = trace_seconds
        self.plan_seconds = plan_seconds
        self.version = -1  # the count of changes at which it was made


class Programs:
    """Finds or makes the Programs of one model; the least recently used ones go.

    A Program holds for shapes and dtypes, for what compile settled, and as long as no attribute of a layer
    changes. The model's own Python code is traced anew for each fit.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self._kept: OrderedDict[Any, Kept] = OrderedDict()
        self._told = False

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[tuple[str, Specs, Kept]]:
        """(what it does, what it was traced for, what is kept) of each Program."""
        for (what, specs), kept in list(self._kept.items()):
            if kept.program is not None:
                yield what, specs, kept

    def clear(self) -> None:
        self._kept.clear()
        self.slow_down()

    def begin_fit(self) -> None:
        """What holds the user's own code is traced anew for each fit."""
        if self._custom():
            self.clear()

    def training(self, compiled: Compilation, counts: tuple[int, int, int], specs: Specs) -> Any:
        """The Program of a training step, or None where it cannot be traced."""
        return self._find(("train", specs), lambda: self._train(compiled, counts, specs))

    def testing(self, compiled: Compilation, counts: tuple[int, int, int], specs: Specs) -> Any:
        """The Program of an evaluation step, or None."""

        def run(columns: list[Any]) -> list[Any]:
            inputs, targets, weights = _grouped(columns, counts)
            from .steps import test_step

            return test_step(self._model, compiled, inputs, targets, weights)

        return self._find(("test", specs), lambda: self._trace(specs, run))

    def predicting(self, specs: Specs) -> Any:
        """The Program of the model's outputs, or None. Layers of the user's own run each time anew."""
        if self._custom_layers():
            return None
        return self._find(("predict", specs), lambda: self._trace(specs, self._model.run))

    def speed_up(self, program: Any) -> None:
        """Has predict(tensor) run this Program without Python in between, from the next call on."""
        model = self._model
        quick = vars(model).get("predict")
        if quick is None:
            method = type(model).predict.__get__(model)
            quick = _core.quick_predict(method, changes, model.lock)
            vars(model)["predict"] = quick
        quick.add(program)

    def slow_down(self) -> None:
        """Has predict go through the method again."""
        quick = vars(self._model).pop("predict", None)
        if quick is not None:
            quick.clear()

    def _find(self, key: Any, make: Callable[[], Kept]) -> Any:
        if self._model.runs_eagerly:
            return None
        found = self._kept.get(key)
        if found is not None and found.version == changes[0]:
            self._kept.move_to_end(key)
            return found.program
        try:
            kept = make()
        except MemoryError:
            raise
        except Exception as error:
            # An error that also befalls the plain step is raised there, in its own words.
            self._tell(error)
            kept = Kept(None, 0.0, 0.0)
        # Making a Program may itself set attributes.
        kept.version = changes[0]
        self._kept[key] = kept
        self._kept.move_to_end(key)
        while len(self._kept) > LIMIT:
            self._kept.popitem(last=False)
        return kept.program

    def _custom_layers(self) -> bool:
        return any(not _ours(layer) for layer in _layers_in(self._model))

    def _custom(self) -> bool:
        """Whether a step runs code that is not Lamina's."""
        compiled = self._model._compilation
        functions: list[Any] = []
        if compiled is not None:
            rate = compiled.optimizer.learningRateSchedule
            functions = [*compiled.losses, *(f for _, f in compiled.metrics), rate]
        return self._custom_layers() or any(f is not None and not _ours(f) for f in functions)

    def _trace(self, specs: Specs, run: Callable[[list[Any]], Sequence[Any]]) -> Kept:
        kept, fingerprint = _traced(specs, run)
        # Code of the user's own may do other things each time it runs; then a Program would not.
        if self._custom() and _traced(specs, run)[1] != fingerprint:
            raise ValueError("its own Python code does not do the same each time it runs")
        return kept

    def _tell(self, error: Exception) -> None:
        fallbacks[0] += 1
        if not self._told:
            self._told = True
            from logging import getLogger

            getLogger("lamina").info(
                "%s runs step by step, since it could not be compiled: %s", self._model.name, str(error)
            )

    def _train(self, compiled: Compilation, counts: tuple[int, int, int], specs: Specs) -> Kept:
        optimizer = compiled.optimizer
        variables = [weight.read() for weight in self._model.collectedTrainableWeights]
        # The optimizer's state is made before, so that the trace finds it there.
        optimizer.prepare(variables)
        updates = optimizer.iterations

        def run(columns: list[Any]) -> list[Any]:
            inputs, targets, weights = _grouped(columns, counts)
            from .steps import train_step

            return train_step(self._model, compiled, inputs, targets, weights)

        try:
            return self._trace(specs, run)
        finally:
            optimizer.advance(updates - optimizer.iterations)


def _grouped(columns: list[Any], counts: tuple[int, int, int]) -> tuple[list[Any], list[Any], list[Any]]:
    a, b, _ = counts
    return columns[:a], columns[a : a + b], columns[a + b :]


def _traced(specs: Specs, run: Callable[[list[Any]], Sequence[Any]]) -> tuple[Kept, int]:
    begin = perf_counter()
    with _core.Trace() as trace:
        columns = [None if spec is None else trace.input(*spec) for spec in specs]
        outputs = run(columns)
    traced = perf_counter()
    program = trace.program(outputs)
    return Kept(program, traced - begin, perf_counter() - traced), trace.fingerprint()


def _ours(code: Any) -> bool:
    module = getattr(code, "__module__", None) or type(code).__module__
    return module == "lamina" or module.startswith("lamina.")


def _layers_in(layer: Any) -> Iterator[Any]:
    """A model's layers, with those inside of models and wrappers, and what they are made with."""
    yield layer
    for inner in getattr(layer, "layers", ()):
        yield from _layers_in(inner)
    for value in vars(layer).values():
        if getattr(type(value), "className", None) is not None and not hasattr(value, "layers"):
            yield value


def eager_by_environment() -> bool:
    """Whether LAMINA_EAGER asks for every step to go through Python."""
    return os.environ.get("LAMINA_EAGER", "") not in ("", "0")
