"""The base of all optimizers: what they remember about each variable, and how an update runs.

An optimizer is a declaration: its options, the names of its slots, and one op that updates a list of
variables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar
from weakref import WeakSet

from .. import _core
from .._borders import borders
from ..changes import notify
from ..config import Configurable, Options
from ..errors import MissingName
from ..results import AttrDict
from ..serialization import deserialize, serialize
from .clipping import CLIPPING, clipped
from .schedules import RATE, LearningRateSchedule

__all__ = ["Optimizer", "classes"]

classes: dict[str, type[Optimizer]] = {}


class Row:
    """The slots of one variable. Rows read from a file have no variable until the first update finds it."""

    __slots__ = ("name", "slots", "variable")

    def __init__(self, name: str, variable: Any, slots: list[Any]) -> None:
        self.name = name
        self.variable = variable
        self.slots = slots


class Optimizer(Configurable):
    """The common part of `tf.train` optimizers. `learningRate` may be read and set at any time.

    Where it was given as a schedule, `learningRateSchedule` is that, and `learningRate` its value at the next
    step.
    """

    options: ClassVar[Options] = CLIPPING

    clipNorm: float | None
    clipValue: float | None
    globalClipNorm: float | None

    # What `compile({"optimizer": name})` uses instead of the factory's defaults; None: not accepted as a
    # string.
    compileDefaults: ClassVar[Mapping[str, Any] | None] = None
    # Slots by their names in files, in the order of getWeights().
    slots: ClassVar[tuple[str, ...]] = ()

    # A variable, so that compiled steps read it anew each time; it is made with the first learning rate.
    _rate: Any = None
    # Whether compile or a file made it, so that it goes with its last user.
    _made_by_model = False
    # The schedule, if any, and the count of steps that it reads: a variable, which compiled steps advance.
    _schedule: LearningRateSchedule | None = None
    _step: Any = None

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        if "className" in cls.__dict__:
            classes[cls.className] = cls

    def __init__(self, config: Any = None, /, **keywords: Any) -> None:
        self._rows: list[Row] = []
        self._by_variable: dict[int, Row] = {}
        self._iterations = 0
        self._users: WeakSet[Any] = WeakSet()
        super().__init__(config, **keywords)
        given = [each.name for each in CLIPPING if getattr(self, each.name) is not None]
        if len(given) > 1:
            raise ValueError(f"{self.className}: only one of {' and '.join(given)} can be used.")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or hasattr(type(self), name):
            return object.__getattribute__(self, name)
        raise MissingName(name, type(self))

    @property
    def learningRate(self) -> float:
        if self._schedule is not None:
            return float(self._schedule(self._iterations))
        return self._learning_rate

    @learningRate.setter
    def learningRate(self, value: float | LearningRateSchedule) -> None:
        if isinstance(value, (LearningRateSchedule, dict)):
            self._follow(RATE.read(value))
            return
        self._follow(None)
        self._learning_rate = float(value)
        rate = _core.tensor(self._learning_rate)
        if self._rate is None or self._rate.isDisposed:
            self._rate = self._make_rate(rate)
        else:
            self._rate.assign(rate)

    @property
    def learningRateSchedule(self) -> LearningRateSchedule | None:
        """The schedule of the learning rate, if it has one."""
        return self._schedule

    def _follow(self, schedule: LearningRateSchedule | None) -> None:
        before, self._schedule = self._schedule, schedule
        if schedule is not None and (self._step is None or self._step.isDisposed):
            self._step = _core.hidden_variable(_core.tensor(self._iterations, [], "int32"))
        if schedule is not before:
            notify(self)

    # --- what a subclass says ---

    def _make_rate(self, rate: Any) -> Any:
        return _core.hidden_variable(rate)

    def _slot_names(self) -> tuple[str, ...]:
        return self.slots

    def _initial_slot(self, variable: Any, slot: str) -> Any:
        return _core.ops.zerosLike(variable)

    def _update(self, variables: list[Any], slots: list[list[Any]], grads: list[Any], rate: Any) -> None:
        """Runs the one op; `slots` holds a list of variables for each name of `_slot_names()`, `rate` is a
        scalar.
        """
        raise NotImplementedError

    def _own_variables(self) -> list[Any]:
        """State that belongs to no variable (Adam's powers of beta)."""
        return []

    def _set_iterations(self, iterations: int) -> None:
        self._iterations = iterations
        if self._step is not None:
            self._step.assign(_core.tensor(iterations, [], "int32"))

    # --- public ---

    @property
    def iterations(self) -> int:
        """How many updates were made."""
        return self._iterations

    def setLearningRate(self, learningRate: float | LearningRateSchedule) -> None:
        """The learning rate of the next updates: a number, or a schedule."""
        self.learningRate = learningRate

    def minimize(
        self, f: Callable[[], Any], returnCost: bool = False, varList: Sequence[Any] | None = None
    ) -> Any:
        """Runs `f()`, which returns a scalar, and moves the variables against its gradient.

        `varList`: the variables to train; all trainable ones by default. Gives the scalar where `returnCost`.
        Raises ValueError when no variable is connected with the result.
        """
        result = self.computeGradients(f, varList)
        if varList is None:
            self.applyGradients(result["grads"])
        else:
            self.apply(list(varList), [result["grads"].get(v.name) for v in varList])
        return result["value"] if returnCost else None

    def computeGradients(self, f: Callable[[], Any], varList: Sequence[Any] | None = None) -> AttrDict[Any]:
        """`{"value": f(), "grads": {name of the variable: gradient}}`; `f` returns a scalar."""
        from ..gradients import variableGrads

        found = variableGrads(f, None if varList is None else list(varList))
        return AttrDict(value=found["value"], grads=found["grads"])

    def applyGradients(self, variableGradients: Mapping[str, Any] | Iterable[Mapping[str, Any]]) -> None:
        """Moves variables by gradients given as `{name: gradient}` or a list of `{"name", "tensor"}`.

        Raises ValueError for a name that no live variable has.
        """
        if isinstance(variableGradients, Mapping):
            named = list(variableGradients.items())
        else:
            named = [(entry["name"], entry["tensor"]) for entry in variableGradients]
        self.apply([find_variable(name) for name, _ in named], [gradient for _, gradient in named])

    def prepare(self, variables: list[Any]) -> None:
        """Makes the state that updates of these variables need, where it is not there yet."""
        self._rows_of(variables)

    def begin_use(self, user: object, *, made_by_model: bool = False) -> None:
        """`user` trains with it from now on. `made_by_model`: no person made it."""
        self._made_by_model = self._made_by_model or made_by_model
        self._users.add(user)

    def end_use(self, user: object) -> int:
        """`user` needs it no more. Frees what a model made and nobody uses; gives the number of variables
        freed.
        """
        self._users.discard(user)
        if self._users or not self._made_by_model:
            return 0
        count = len(self.variables())
        self.dispose()
        return count

    def advance(self, updates: int) -> None:
        """Counts updates that a compiled step made."""
        self._iterations += updates

    def apply(self, variables: list[Any], grads: list[Any]) -> None:
        """Moves `variables` by `grads` of the same order; a None among them leaves its variable alone."""
        rows = self._rows_of(variables)
        pairs = [(row, g) for row, g in zip(rows, grads, strict=True) if g is not None]
        rate, step = self._rate, None
        if self._schedule is not None:
            rate = self._schedule(self._step)
            step = _core.ops.add(self._step, _core.tensor(1, [], "int32"))
        used = [row for row, _ in pairs]
        if pairs:
            slots = [[row.slots[i] for row in used] for i in range(len(self._slot_names()))]
            given = clipped([g for _, g in pairs], self.clipNorm, self.clipValue, self.globalClipNorm)
            self._update([row.variable for row in used], slots, given, rate)
        # Counted when it is done: where memory runs out before, nothing has moved.
        self._iterations += 1
        if step is not None:
            _core.ops.assign(self._step, step)
        from ..layers.variables import apply_constraints

        apply_constraints([row.variable for row in used])

    def getWeights(self) -> Any:
        """A Promise of `[{"name", "tensor"}, ...]`: `iter`, then each slot of all variables."""
        from ..promises import Promise

        return Promise.resolve(self.state())

    def setWeights(self, weightValues: Sequence[Mapping[str, Any]]) -> Any:
        """Restores what getWeights() gave. Slots find their variables at the next update, by name, else by
        order.
        """
        from ..promises import Promise

        self.restore(weightValues)
        return Promise.resolve(None)

    def variables(self) -> list[Any]:
        """All that the optimizer remembers."""
        found = [*self._own_variables(), *(slot for row in self._rows for slot in row.slots)]
        return [variable for variable in found if not variable.isDisposed]

    def dispose(self) -> None:
        """Frees all that the optimizer remembers."""
        for variable in self.variables():
            variable.dispose()
        self._rows.clear()
        self._by_variable.clear()
        notify(self)

    # --- saving ---

    def getConfig(self) -> dict[str, Any]:
        """The options as plain values; limits of gradients only where they are set."""
        limits = [each.name for each in CLIPPING]
        found = {
            each.name: each.kind.serialize(getattr(self, each.name))
            for each in type(self).option_set()
            if each.name not in limits or getattr(self, each.name) is not None
        }
        if self._schedule is not None:
            found["learningRate"] = serialize(self._schedule)
        return found

    def savedConfig(self) -> dict[str, Any]:
        """getConfig() for a file. Beside a schedule stands its present value, which TensorFlow.js goes on
        with.
        """
        found = self.getConfig()
        if self._schedule is not None:
            found |= {"learningRate": self.learningRate, "learningRateSchedule": found["learningRate"]}
        return found

    @classmethod
    def fromConfig(cls, config: dict[str, Any]) -> Any:
        """An optimizer from what getConfig() or savedConfig() gave."""
        schedule = config.get("learningRateSchedule")
        if schedule is not None:
            read = deserialize(schedule, LearningRateSchedule, "learning-rate schedule")
            config = {**config, "learningRate": read}
        return super().fromConfig(config)

    def state(self) -> list[AttrDict[Any]]:
        """What getWeights() promises."""
        return self._state([(row.name, row) for row in self._rows])

    def state_of(self, named: Mapping[str, Any]) -> list[AttrDict[Any]]:
        """The state of these variables alone, in their order and under these names; for a file."""
        waiting = {row.name: row for row in self._rows if row.variable is None}
        rows = {name: self._by_variable.get(v.id) or waiting.get(name) for name, v in named.items()}
        return self._state([(name, row) for name, row in rows.items() if row is not None])

    def _state(self, rows: list[tuple[str, Row]]) -> list[AttrDict[Any]]:
        weights = [AttrDict(name="iter", tensor=_core.tensor(self._iterations, [], "int32"))]
        for i, slot in enumerate(self._slot_names()):
            weights += [AttrDict(name=f"{name}/{slot}", tensor=row.slots[i]) for name, row in rows]
        return weights

    def restore(
        self, weights: Sequence[Mapping[str, Any]], named: Mapping[str, Any] | None = None, trained: int = 0
    ) -> None:
        """The reverse of state(). Raises ValueError when the number of values does not fit this optimizer.

        `named`: the variables of a model by their names in the file. Values with other names belong to the
        first `trained` of them, in order.
        """
        if not weights:
            raise ValueError(
                f"{self.className}.setWeights: the first value must be the iteration count 'iter'"
            )
        slots = self._slot_names()
        rest = list(weights[1:])
        if not slots and rest:
            raise ValueError(f"{self.className} optimizer does not have settable weights.")
        if slots and len(rest) % len(slots):
            raise ValueError(
                f"{self.className} has {len(slots)} slots ({', '.join(slots)}), "
                f"so {len(rest)} values cannot be shared out among its variables"
            )
        for row in self._rows:
            for variable in row.slots:
                variable.dispose()
        self._rows, self._by_variable = [], {}
        self._set_iterations(int(float(weights[0]["tensor"])))
        count = len(rest) // len(slots) if slots else 0
        for index in range(count):
            entries = [rest[index + i * count] for i in range(len(slots))]
            name = entries[0]["name"].removesuffix(f"/{slots[0]}")
            made = [_core.Variable(_core.ops.cast(e["tensor"], "float32").clone(), False) for e in entries]
            self._rows.append(Row(name, None, made))
        if named:
            self._find_variables(named, trained)
        # Compiled steps hold the slots that they were compiled with.
        notify(self)

    def _find_variables(self, named: Mapping[str, Any], trained: int) -> None:
        """Gives rows from a file their variables, where it is clear which these are."""
        names = [row.name for row in self._rows]
        if len(set(names)) == len(names) and named.keys() >= set(names):
            self._adopt([named[name] for name in names], names)
        elif len(names) == trained:
            self._adopt(list(named.values())[:trained], list(named)[:trained])

    def _rows_of(self, variables: list[Any]) -> list[Row]:
        known = [self._by_variable.get(v.id) for v in variables]
        fresh = [v for v, row in zip(variables, known, strict=True) if row is None]
        if fresh:
            self._adopt(fresh)
        return [self._by_variable[v.id] for v in variables]

    def _adopt(self, variables: list[Any], names: list[str] | None = None) -> None:
        """Finds rows for variables that come for the first time: restored ones by name, else by order, else
        new.
        """
        waiting = [row for row in self._rows if row.variable is None]
        by_name = {row.name: row for row in waiting}
        names = names or [v.name for v in variables]
        named = all(name in by_name for name in names)
        if waiting and not named and len(waiting) != len(variables):
            raise ValueError(
                f"The restored weights of {self.className} are for {len(waiting)} variables, "
                f"but {len(variables)} are trained: {', '.join(v.name for v in variables)}"
            )
        for index, variable in enumerate(variables):
            row = (by_name[names[index]] if named else waiting[index]) if waiting else None
            if row is None:
                slots = [
                    _core.Variable(self._initial_slot(variable, slot), False) for slot in self._slot_names()
                ]
                row = Row(variable.name, variable, slots)
                self._rows.append(row)
            else:
                for slot in row.slots:
                    if slot.shape != variable.shape:
                        raise ValueError(
                            f"The restored slot of {row.name} has shape {list(slot.shape)}, "
                            f"the variable {variable.name} has {list(variable.shape)}"
                        )
                row.variable, row.name = variable, variable.name
            self._by_variable[variable.id] = row


borders(Optimizer)


def find_variable(name: str) -> Any:
    """The live variable of that name. Raises ValueError where there is none."""
    variable = _core.find_variable(name)
    if variable is None:
        raise ValueError(f"There is no variable named '{name}'")
    return variable
