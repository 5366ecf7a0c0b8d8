"""The steps of a model as Programs: traced once, then run without Python."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any

from .. import _core
from ..changes import everything, reachable, tell
from .batches import Batches
from .data import Rows

if TYPE_CHECKING:
    from .compilation import Compilation

__all__ = ["Programs", "columns_of", "fallbacks", "specs_of", "traces"]

# Shape and dtype of each column of a batch; None for a column that is not there.
Specs = tuple["tuple[tuple[int, ...], str] | None", ...]

LIMIT = 32

# How often a model's steps were traced, and how often they could not be, over the process; for tests.
traces = [0]
fallbacks = [0]

# How often a step that changes while it is traced is traced again at once, and how many steps then go through
# Python before the next attempt.
ATTEMPTS = 2
PAUSE = 100


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

    __slots__ = ("flag", "pause", "plan_seconds", "program", "trace_seconds")

    def __init__(self, program: Any, trace_seconds: float, plan_seconds: float) -> None:
        self.program = program
        self.trace_seconds = trace_seconds
        self.plan_seconds = plan_seconds
        self.flag: Any = None  # tells when something that it was made from has changed
        self.pause = 0  # Where there is no Program: how many steps go through Python before another attempt.


class Programs:
    """Finds or makes the Programs of one model; the least recently used ones go.

    A Program holds for shapes and dtypes, for what compile settled, and until an object changes that it may
    have read: a layer, or what a layer holds; for those of fit and evaluate also the optimizer, a loss or a
    metric. The model's own Python code is traced anew for each fit.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self._kept: dict[tuple[str, Specs, Compilation | None], Kept] = {}
        # What is told of changes: of the network (None), and of all that a step of a compilation reads.
        self._flags: dict[Compilation | None, Any] = {}
        self._told = False

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[tuple[str, Specs, Kept]]:
        """(what it does, what it was traced for, what is kept) of each Program."""
        for (what, specs, _), kept in list(self._kept.items()):
            if kept.program is not None:
                yield what, specs, kept

    def changed(self, compiled: Compilation) -> bool:
        """Whether something changed since Programs of these steps were found."""
        flag = self._flags.get(compiled)
        return flag is None or bool(flag.changed)

    def clear(self) -> None:
        self._kept.clear()
        self._flags.clear()
        self.slow_down()

    def begin_fit(self) -> None:
        """What holds the user's own code is traced anew for each fit."""
        if self._custom():
            self.clear()

    def training(self, compiled: Compilation, counts: tuple[int, int, int], specs: Specs) -> Any:
        """The Program of a training step, or None where it cannot be traced."""
        return self._find(("train", specs, compiled), lambda: self._train(compiled, counts, specs))

    def testing(self, compiled: Compilation, counts: tuple[int, int, int], specs: Specs) -> Any:
        """The Program of an evaluation step, or None."""

        def run(columns: list[Any]) -> list[Any]:
            inputs, targets, weights = _grouped(columns, counts)
            from .steps import test_step

            return test_step(self._model, compiled, inputs, targets, weights)

        return self._find(("test", specs, compiled), lambda: self._trace(specs, run))

    def predicting(self, specs: Specs) -> Any:
        """The Program of the model's outputs, or None. Layers of the user's own run each time anew."""
        if self._custom_layers():
            return None
        return self._find(("predict", specs, None), lambda: self._trace(specs, self._model.run))

    def speed_up(self, program: Any) -> None:
        """Has predict(tensor) run this Program without Python in between, from the next call on."""
        model = self._model
        quick = vars(model).get("predict")
        if quick is None:
            method = type(model).predict.__get__(model)
            quick = _core.quick_predict(method, model.lock)
            vars(model)["predict"] = quick
        flag = self._flags.get(None)
        if flag is not None:
            quick.add(program, flag)

    def slow_down(self) -> None:
        """Has predict go through the method again."""
        quick = vars(self._model).pop("predict", None)
        if quick is not None:
            quick.clear()

    def _find(self, key: tuple[str, Specs, Compilation | None], make: Callable[[], Kept]) -> Any:
        if self._model.runs_eagerly:
            return None
        flag = self._flag(key[2])
        # Taken out and put in again: the last one used is the last one in the dict. Another thread may call
        # clear() at any time.
        kept = self._kept.pop(key, None)
        if kept is None or kept.flag is not flag:
            kept = self._paused(kept) or self._made(key[2], make)
        self._kept[key] = kept
        for oldest in list(self._kept)[:-LIMIT]:
            self._kept.pop(oldest, None)
        return kept.program

    def _paused(self, found: Kept | None) -> Kept | None:
        if found is None or not found.pause:
            return None
        found.pause -= 1
        return found if found.pause else None

    def _made(self, compiled: Compilation | None, make: Callable[[], Kept]) -> Kept:
        """A Program of what holds now; none where that changes while it is read."""
        for _ in range(ATTEMPTS):
            # It is told of changes from before the trace on.
            flag = self._flag(compiled)
            traces[0] += 1
            try:
                kept = make()
            except MemoryError:
                raise
            except Exception as error:
                # An error that also befalls the plain step is raised there, in its own words.
                self._tell(error)
                kept = Kept(None, 0.0, 0.0)
            kept.flag = flag
            if not flag.changed:
                return kept
        kept = Kept(None, 0.0, 0.0)
        kept.pause = PAUSE
        return kept

    def _flag(self, compiled: Compilation | None) -> Any:
        """The flag of the Programs of a compilation's steps, or of predict, that hold now."""
        flag = self._flags.get(compiled)
        if flag is not None and not flag.changed:
            return flag
        for key, kept in list(self._kept.items()):
            if kept.flag is flag and flag is not None:
                self._kept.pop(key, None)
        flag = self._flags[compiled] = _core.Dependent(self._model.stop_flag)
        everything.add(flag)
        for each in reachable(self._model, *(vars(compiled).values() if compiled else ())):
            tell(each, flag)
        return flag

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
