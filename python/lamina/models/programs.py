"""The steps of a model as Programs: traced once, then run without Python."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from math import inf
from time import perf_counter
from typing import TYPE_CHECKING, Any

from .. import _core
from ..changes import everything, is_ours, reachable, tell
from ..layers.holding import WeightHolder
from ..layers.variables import LayerVariable
from .batches import Batches
from .user_code import LOOK_AT_GUARDS_MS, UserCode

if TYPE_CHECKING:
    from .compilation import Compilation

__all__ = ["Programs", "fallbacks", "specs_of", "traces"]

# Shape and dtype of each column of a batch; None for a column that is not there.
Specs = tuple["tuple[tuple[int, ...], str] | None", ...]

# What the Programs of a model may hold, beside weights and the arena that they share.
LIMIT_BYTES = 16 << 20

# How often a model's steps were traced, and how often they could not be, over the process; for tests.
traces = [0]
fallbacks = [0]

# How often a step that changes while it is traced is traced again at once, and how many steps then go through
# Python before the next attempt.
ATTEMPTS = 2
PAUSE = 100

# A training step that takes less than this is done before a thread for it would run.
BRIEF_S = 0.0005

_told: set[str] = set()


def specs_of(data: Batches, rows: int) -> Specs:
    """What a batch of so many samples looks like."""
    found = []
    for column in (*data.inputs, *data.targets, *data.weights):
        found.append(None if column is None else ((rows, *column.shape[1:]), column.dtype))
    return tuple(found)


class Kept:
    """A Program (None where the step cannot be traced), with the seconds that it took to make."""

    __slots__ = ("pause", "plan_seconds", "program", "run_seconds", "trace_seconds", "watch")

    def __init__(self, program: Any, trace_seconds: float, plan_seconds: float) -> None:
        self.program = program
        self.trace_seconds = trace_seconds
        self.plan_seconds = plan_seconds
        self.run_seconds = inf  # of the last run that somebody timed
        self.watch: Watch | None = None  # over what it was made from
        self.pause = 0  # Where there is no Program: how many steps go through Python before another attempt.

    @property
    def bytes(self) -> int:
        """What it holds for itself, about."""
        return 1024 + (0 if self.program is None else int(self.program.own_bytes))

    @property
    def holds(self) -> bool:
        """Whether the variables that Python read in the trace still have those values."""
        return self.program is None or bool(self.program.holds)


class Watch:
    """Tells whether something has changed that Programs were made from, and what their user's code reads.

    What people toggle is no such change: the values that it has now belong to the key of a Program.
    """

    def __init__(self, model: Any, compiled: Compilation | None, code: UserCode) -> None:
        self.flag = _core.Dependent(model.stop_flag)
        self.code = code
        self._layers: list[WeightHolder] = []
        self._weights: list[LayerVariable] = []
        everything.add(self.flag)
        for each in reachable(model, *(vars(compiled).values() if compiled else ())):
            # Before its attributes are looked through.
            tell(each, self.flag)
            if isinstance(each, WeightHolder):
                self._layers.append(each)
                if compiled is None and not is_ours(type(each)):
                    # It may read `trainable` also where nothing is trained.
                    self.flag.be_strict()
            elif isinstance(each, LayerVariable):
                self._weights.append(each)
        for each in code.look(model, *(_code_of(compiled) if compiled else ())).objects:
            tell(each, self.flag)
        self._values = self._read()

    def _read(self) -> tuple[bool, ...]:
        return (
            *[layer.trainable for layer in self._layers],
            *[layer._is_frozen for layer in self._layers],
            *[weight.trainable for weight in self._weights],
        )

    @property
    def values(self) -> tuple[bool, ...]:
        """`trainable` of all layers and weights."""
        if self.flag.toggled:
            # Before they are read: who comes later sets it again.
            self.flag.forget_toggles()
            self._values = self._read()
        return self._values

    @property
    def changed(self) -> bool:
        return bool(self.flag.changed)


class Programs:
    """Finds or makes the Programs of one model; the least recently used ones go.

    A Program holds for shapes and dtypes, for what compile settled, and until an object changes that it may
    have read: a layer, or what a layer holds; for those of fit and evaluate also the optimizer, a loss or a
    metric. Python code of the user's own is inspected before it is traced: what it reads has to stay as it
    is, and what cannot be compiled runs step by step.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self._kept: dict[tuple[Any, ...], Kept] = {}
        # Over the network (None), and over all that a step of a compilation reads.
        self._watches: dict[Compilation | None, Watch] = {}
        self._arena = _core.Arena()
        self._others = 0  # steps that were no training
        self._told: set[str] = set()

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[tuple[str, Specs, Kept]]:
        """(what it does, what it was traced for, what is kept) of each Program."""
        for (what, specs, *_), kept in list(self._kept.items()):
            if kept.program is not None:
                yield what, specs, kept

    def changed(self, compiled: Compilation | None) -> bool:
        """Whether something changed since Programs of these steps were found."""
        watch = self._watches.get(compiled)
        return watch is None or watch.changed or bool(watch.flag.toggled)

    def clear(self) -> None:
        self._kept.clear()
        self._watches.clear()
        self.slow_down()

    def limit_ms(self, compiled: Compilation, wanted: float) -> float:
        """How long these steps may run before what the user's own code reads is looked at again."""
        watch = self._watches.get(compiled)
        return wanted if watch is None or watch.code.guards is None else min(wanted, LOOK_AT_GUARDS_MS)

    def training(self, compiled: Compilation, counts: tuple[int, int, int], specs: Specs) -> Any:
        """The Program of a training step, or None where it cannot be traced."""
        return self._find("train", specs, compiled, lambda: self._train(compiled, counts, specs))

    def brief(self, compiled: Compilation, specs: Specs) -> Any:
        """The Program of a training step, if it is known and took little time when it last ran; else None."""
        watch = self._watches.get(compiled)
        if watch is None or watch.changed or self._model.runs_eagerly or not watch.code.holds():
            return None
        kept = self._kept.get(("train", specs, compiled, watch.values))
        if kept is None or kept.watch is not watch or not kept.holds or kept.run_seconds > BRIEF_S:
            return None
        return kept.program

    def took(self, compiled: Compilation, specs: Specs, seconds: float) -> None:
        """Keeps how long the last run of a training step's Program took."""
        watch = self._watches.get(compiled)
        kept = self._kept.get(("train", specs, compiled, watch.values)) if watch else None
        if kept is not None:
            kept.run_seconds = seconds

    def testing(self, compiled: Compilation, counts: tuple[int, int, int], specs: Specs) -> Any:
        """The Program of an evaluation step, or None."""

        def run(columns: list[Any]) -> list[Any]:
            inputs, targets, weights = _grouped(columns, counts)
            from .steps import test_step

            return test_step(self._model, compiled, inputs, targets, weights)

        return self._find("test", specs, compiled, lambda: _traced(specs, run, self._arena))

    def predicting(self, specs: Specs) -> Any:
        """The Program of the model's outputs, or None."""
        return self._find("predict", specs, None, lambda: _traced(specs, self._model.run, self._arena))

    def speed_up(self, name: str, program: Any, usual: int) -> None:
        """Has the method of that name, predict or predictOnBatch, run this Program without Python in between,
        from the next call on. `usual`: samples computed at once where a call does not say, 0: all.
        """
        model = self._model
        quick = vars(model).get(name)
        if quick is None:
            method = getattr(type(model), name).__get__(model)
            vars(model)[name] = quick = _core.quick_predict(method, model.lock, usual)
        watch = self._watches.get(None)
        # What the user put in its place stays there.
        if watch is not None and isinstance(quick, _core.QuickPredict):
            quick.add(program, watch.flag, watch.code.guards)

    def slow_down(self) -> None:
        """Has predict and predictOnBatch go through their methods again."""
        for name in ("predict", "predictOnBatch"):
            quick = vars(self._model).get(name)
            if isinstance(quick, _core.QuickPredict):
                vars(self._model).pop(name, None)
                quick.clear()

    def _find(self, what: str, specs: Specs, compiled: Compilation | None, make: Callable[[], Kept]) -> Any:
        if self._model.runs_eagerly:
            return None
        if what != "train":
            self._others += 1
        made = False
        for _ in range(ATTEMPTS):
            # It is told of changes from before the trace on.
            watch = self._watch(compiled)
            values = watch.values if compiled is not None else ()
            key = (what, specs, compiled, values)
            # Taken out and put in again: the last one used is the last one in the dict. Another thread may
            # call clear() at any time.
            kept = self._kept.pop(key, None)
            if kept is not None and kept.pause:
                kept.pause -= 1
            elif kept is None or kept.watch is not watch or not kept.holds:
                if kept is not None and not kept.holds:
                    watch.code.fail(self._steps(compiled), "a variable whose value it reads")
                kept, made = self._made(watch, make), True
                if not kept.holds or watch.changed or not watch.code.holds():
                    continue
                if values and watch.values != values:
                    continue
            break
        else:
            # It changes whenever it is read.
            kept = Kept(None, 0.0, 0.0)
            kept.pause = PAUSE
        self._kept[key] = kept
        if made:
            self._make_room()
        return kept.program

    def _make_room(self) -> None:
        """Lets go of the Programs that were not used for the longest time; two stay."""
        kept = list(self._kept.items())
        total = sum(each.bytes for _, each in kept)
        for key, each in kept[:-2]:
            if total <= LIMIT_BYTES:
                break
            self._kept.pop(key, None)
            total -= each.bytes

    def _made(self, watch: Watch, make: Callable[[], Kept]) -> Kept:
        """A Program of what holds now, or none."""
        kept = None
        if watch.code.reason is None:
            kept = self._traced(make)
            watch.code.settle()
        if watch.code.reason is not None:
            self._tell(watch.code.reason)
            kept = None
        kept = kept or Kept(None, 0.0, 0.0)
        kept.watch = watch
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

    def _steps(self, compiled: Compilation | None) -> int:
        """How many steps ran, about."""
        return self._others + (compiled.optimizer.iterations if compiled else 0)

    def _watch(self, compiled: Compilation | None) -> Watch:
        """Over the Programs of a compilation's steps, or of predict, that hold now."""
        watch, code = self._watches.get(compiled), UserCode()
        if watch is not None:
            if not watch.changed:
                code = watch.code
                if code.holds():
                    return watch
                code.fail(self._steps(compiled))
            for key, kept in list(self._kept.items()):
                if kept.watch is watch:
                    self._kept.pop(key, None)
        watch = self._watches[compiled] = Watch(self._model, compiled, code)
        return watch

    def _tell(self, reason: str) -> None:
        fallbacks[0] += 1
        from .._inspect import UNKNOWN_PYTHON

        # What concerns all models is said once.
        told = _told if reason is UNKNOWN_PYTHON else self._told
        if reason not in told:
            told.add(reason)
            from logging import getLogger

            getLogger("lamina").info("%s runs step by step: %s", self._model.name, reason)

    def _train(self, compiled: Compilation, counts: tuple[int, int, int], specs: Specs) -> Kept:
        from .steps import train_step, trained_variables

        if not self._model.trainableWeights:
            # The plain step says so.
            return Kept(None, 0.0, 0.0)
        optimizer = compiled.optimizer
        variables = trained_variables(self._model)
        # The optimizer's state is made before, so that the trace finds it there.
        optimizer.prepare(variables)
        updates = optimizer.iterations

        def run(columns: list[Any]) -> list[Any]:
            inputs, targets, weights = _grouped(columns, counts)
            return train_step(self._model, compiled, inputs, targets, weights)

        try:
            return _traced(specs, run, self._arena)
        finally:
            optimizer.advance(updates - optimizer.iterations)


def _grouped(columns: list[Any], counts: tuple[int, int, int]) -> tuple[list[Any], list[Any], list[Any]]:
    a, b, _ = counts
    return columns[:a], columns[a : a + b], columns[a + b :]


def _traced(specs: Specs, run: Callable[[list[Any]], Sequence[Any]], arena: Any) -> Kept:
    begin = perf_counter()
    with _core.Trace() as trace:
        columns = [None if spec is None else trace.input(*spec) for spec in specs]
        outputs = run(columns)
        if trace.asked:
            raise ValueError("it asks for the value of a tensor, and goes on where there is none")
    traced = perf_counter()
    program = trace.program(outputs, arena)
    return Kept(program, traced - begin, perf_counter() - traced)


def _code_of(compiled: Compilation) -> list[Any]:
    """What a step calls beside the network."""
    return [*compiled.losses, *(metric for _, metric in compiled.metrics), compiled.optimizer]


def eager_by_environment() -> bool:
    """Whether LAMINA_EAGER asks for every step to go through Python."""
    return os.environ.get("LAMINA_EAGER", "") not in ("", "0")
