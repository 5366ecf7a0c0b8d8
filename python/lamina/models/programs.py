"""The steps of a model as Programs: traced once, then run without Python."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any

from .. import _core
from ..changes import everything, reachable, tell
from .batches import Batches
from .user_code import LOOK_AT_GUARDS_MS, UNKNOWN_PYTHON, UserCode

if TYPE_CHECKING:
    from .compilation import Compilation

__all__ = ["Programs", "fallbacks", "specs_of", "traces"]

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

_told: set[str] = set()


def specs_of(data: Batches, rows: int) -> Specs:
    """What a batch of so many samples looks like."""
    found = []
    for column in (*data.inputs, *data.targets, *data.weights):
        found.append(None if column is None else ((rows, *column.shape[1:]), column.dtype))
    return tuple(found)


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
    metric. Python code of the user's own is inspected before it is traced: what it reads has to stay as it
    is, and what cannot be compiled runs step by step.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self._kept: dict[tuple[str, Specs, Compilation | None], Kept] = {}
        # What is told of changes: of the network (None), and of all that a step of a compilation reads; with
        # the user's own code in it.
        self._flags: dict[Compilation | None, tuple[Any, UserCode]] = {}
        self._others = 0  # steps that were no training
        self._told: set[str] = set()

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[tuple[str, Specs, Kept]]:
        """(what it does, what it was traced for, what is kept) of each Program."""
        for (what, specs, _), kept in list(self._kept.items()):
            if kept.program is not None:
                yield what, specs, kept

    def changed(self, compiled: Compilation | None) -> bool:
        """Whether something changed since Programs of these steps were found."""
        held = self._flags.get(compiled)
        return held is None or bool(held[0].changed)

    def clear(self) -> None:
        self._kept.clear()
        self._flags.clear()
        self.slow_down()

    def limit_ms(self, compiled: Compilation, wanted: float) -> float:
        """How long these steps may run before what the user's own code reads is looked at again."""
        held = self._flags.get(compiled)
        return wanted if held is None or held[1].guards is None else min(wanted, LOOK_AT_GUARDS_MS)

    def training(self, compiled: Compilation, counts: tuple[int, int, int], specs: Specs) -> Any:
        """The Program of a training step, or None where it cannot be traced."""
        return self._find(("train", specs, compiled), lambda: self._train(compiled, counts, specs))

    def testing(self, compiled: Compilation, counts: tuple[int, int, int], specs: Specs) -> Any:
        """The Program of an evaluation step, or None."""

        def run(columns: list[Any]) -> list[Any]:
            inputs, targets, weights = _grouped(columns, counts)
            from .steps import test_step

            return test_step(self._model, compiled, inputs, targets, weights)

        return self._find(("test", specs, compiled), lambda: _traced(specs, run))

    def predicting(self, specs: Specs) -> Any:
        """The Program of the model's outputs, or None."""
        return self._find(("predict", specs, None), lambda: _traced(specs, self._model.run))

    def speed_up(self, program: Any) -> None:
        """Has predict(tensor) run this Program without Python in between, from the next call on."""
        model = self._model
        quick = vars(model).get("predict")
        if quick is None:
            method = type(model).predict.__get__(model)
            quick = _core.quick_predict(method, model.lock)
            vars(model)["predict"] = quick
        held = self._flags.get(None)
        if held is not None:
            quick.add(program, held[0], held[1].guards)

    def slow_down(self) -> None:
        """Has predict go through the method again."""
        quick = vars(self._model).pop("predict", None)
        if quick is not None:
            quick.clear()

    def _find(self, key: tuple[str, Specs, Compilation | None], make: Callable[[], Kept]) -> Any:
        if self._model.runs_eagerly:
            return None
        if key[0] != "train":
            self._others += 1
        flag, _ = self._held(key[2])
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
            flag, code = self._held(compiled)
            kept = None
            if code.reason is None:
                kept = self._traced(make)
                code.settle()
            if code.reason is not None:
                self._tell(code.reason)
                kept = None
            kept = kept or Kept(None, 0.0, 0.0)
            kept.flag = flag
            if not flag.changed and code.holds():
                return kept
        kept = Kept(None, 0.0, 0.0)
        kept.pause = PAUSE
        return kept

    def _traced(self, make: Callable[[], Kept]) -> Kept | None:
        traces[0] += 1
        try:
            return make()
        except MemoryError:
            raise
        except Exception as error:
            # An error that also befalls the plain step is raised there, in its own words.
            self._tell(f"it could not be compiled: {error}")
            return None

    def _held(self, compiled: Compilation | None) -> tuple[Any, UserCode]:
        """The flag of the Programs of a compilation's steps, or of predict, that hold now; the user's code
        in them.
        """
        flag, code = self._flags.get(compiled, (None, UserCode()))
        if flag is not None:
            if flag.changed:
                code = UserCode()
            elif code.holds():
                return flag, code
            else:
                code.fail(self._others + (compiled.optimizer.iterations if compiled else 0))
            for key, kept in list(self._kept.items()):
                if kept.flag is flag:
                    self._kept.pop(key, None)
        flag = _core.Dependent(self._model.stop_flag)
        everything.add(flag)
        for each in reachable(self._model, *(vars(compiled).values() if compiled else ())):
            tell(each, flag)
        for each in code.look(self._model, *(_code_of(compiled) if compiled else ())).objects:
            tell(each, flag)
        self._flags[compiled] = flag, code
        return flag, code

    def _tell(self, reason: str) -> None:
        fallbacks[0] += 1
        # What concerns all models is said once.
        told = _told if reason is UNKNOWN_PYTHON else self._told
        if reason not in told:
            told.add(reason)
            from logging import getLogger

            getLogger("lamina").info("%s runs step by step: %s", self._model.name, reason)

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
            return _traced(specs, run)
        finally:
            optimizer.advance(updates - optimizer.iterations)


def _grouped(columns: list[Any], counts: tuple[int, int, int]) -> tuple[list[Any], list[Any], list[Any]]:
    a, b, _ = counts
    return columns[:a], columns[a : a + b], columns[a + b :]


def _traced(specs: Specs, run: Callable[[list[Any]], Sequence[Any]]) -> Kept:
    begin = perf_counter()
    with _core.Trace() as trace:
        columns = [None if spec is None else trace.input(*spec) for spec in specs]
        outputs = run(columns)
        if trace.asked:
            raise ValueError("it asks for the value of a tensor, and goes on where there is none")
    traced = perf_counter()
    program = trace.program(outputs)
    return Kept(program, traced - begin, perf_counter() - traced)


def _code_of(compiled: Compilation) -> list[Any]:
    """What a step calls beside the network."""
    return [*compiled.losses, *(metric for _, metric in compiled.metrics), compiled.optimizer]


def eager_by_environment() -> bool:
    """Whether LAMINA_EAGER asks for every step to go through Python."""
    return os.environ.get("LAMINA_EAGER", "") not in ("", "0")
