"""`tf.train.schedules`: learning rates that follow the number of the step (formulas: those of Keras 3).

A schedule stands wherever a learning rate does. It is computed from tensors, so that compiled steps follow it
without being traced anew.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

from .. import _core
from ..config import Boolean, Configurable, Factory, Integer, ListOf, Number, Options, option
from ..serialization import ObjectKind, lookup, public

if TYPE_CHECKING:
    from .._core import Tensor

__all__ = ["LearningRateSchedule"]

ops = _core.ops

_FACTORIES: dict[str, Factory] = {}


class LearningRateSchedule(Configurable):
    """A learning rate for each step. Subclasses set `className`, declare `options` and define call()."""

    def call(self, step: Tensor) -> Tensor:
        """The rate at `step`, a float32 scalar that counts from 0, as a scalar made by operations."""
        raise NotImplementedError(f"{type(self).__name__} has to define call(step).")

    def __call__(self, step: Any) -> Tensor:
        """The rate at a step given as a number or scalar."""
        return self.call(ops.cast(step, "float32"))


_SCHEDULE = ObjectKind(LearningRateSchedule, "learning-rate schedule", _FACTORIES)


class Rate(Number):
    """A learning rate: a number or a schedule."""

    annotation = "float | LearningRateSchedule | dict[str, Any]"
    _noun = "a number or a schedule of tf.train.schedules"

    def read(self, value: Any) -> Any:
        if isinstance(value, (LearningRateSchedule, dict)):
            return _SCHEDULE.read(value)
        return super().read(value)

    def serialize(self, value: Any) -> Any:
        return _SCHEDULE.serialize(value) if isinstance(value, LearningRateSchedule) else value

    def to_json(self, value: Any) -> Any:
        return _SCHEDULE.to_json(value) if isinstance(value, dict) else value

    def from_json(self, value: Any) -> Any:
        return _SCHEDULE.from_json(value) if isinstance(value, dict) else value


RATE = Rate()

_INITIAL = option("initialLearningRate", Number(), doc="The rate at step 0.")
_STEPS = option("decaySteps", Integer(minimum=1), doc="The number of steps of one decay.")
_RATE = option("decayRate", Number(), doc="How much it decays by.")
_STAIRCASE = option("staircase", Boolean(), False, "Decay once in decaySteps, not a little at each step.")
_ALPHA = option("alpha", Number(), 0.0, "The lowest rate, as a fraction of the first.")


_BY_POSITION = ("initialLearningRate", "decaySteps", "decayRate", "staircase")


class _Decay(LearningRateSchedule):
    """What decays from a first rate."""

    options: ClassVar[Options] = (_INITIAL, _STEPS, _RATE, _STAIRCASE)

    initialLearningRate: float
    decaySteps: int
    decayRate: float
    staircase: bool

    def _progress(self, step: Tensor) -> Tensor:
        progress = ops.div(step, float(self.decaySteps))
        return ops.floor(progress) if self.staircase else progress


@public(_FACTORIES, "tf.train.schedules", "exponentialDecay", positional=_BY_POSITION)
class ExponentialDecay(_Decay):
    """initialLearningRate * decayRate ^ (step / decaySteps)."""

    className = "ExponentialDecay"
    options: ClassVar[Options] = (_INITIAL, _STEPS, _RATE, _STAIRCASE)

    def call(self, step: Tensor) -> Tensor:
        return ops.mul(self.initialLearningRate, ops.pow(self.decayRate, self._progress(step)))


@public(_FACTORIES, "tf.train.schedules", "inverseTimeDecay", positional=_BY_POSITION)
class InverseTimeDecay(_Decay):
    """initialLearningRate / (1 + decayRate * step / decaySteps)."""

    className = "InverseTimeDecay"
    options: ClassVar[Options] = (_INITIAL, _STEPS, _RATE, _STAIRCASE)

    def call(self, step: Tensor) -> Tensor:
        return ops.div(self.initialLearningRate, ops.add(1.0, ops.mul(self.decayRate, self._progress(step))))


@public(
    _FACTORIES,
    "tf.train.schedules",
    "polynomialDecay",
    positional=("initialLearningRate", "decaySteps", "endLearningRate", "power", "cycle"),
)
class PolynomialDecay(LearningRateSchedule):
    """From initialLearningRate to endLearningRate in decaySteps, as (1 - step / decaySteps) ^ power."""

    className = "PolynomialDecay"
    options: ClassVar[Options] = (
        _INITIAL,
        _STEPS,
        option("endLearningRate", Number(), 0.0001, "The rate at the end."),
        option("power", Number(), 1.0, "1 for a straight line."),
        option("cycle", Boolean(), False, "Begin again after decaySteps, more slowly each time."),
    )

    initialLearningRate: float
    decaySteps: int
    endLearningRate: float
    power: float
    cycle: bool

    def call(self, step: Tensor) -> Tensor:
        length: Any = float(self.decaySteps)
        if self.cycle:
            length = ops.mul(length, ops.maximum(1.0, ops.ceil(ops.div(step, length))))
        else:
            step = ops.minimum(step, length)
        left = ops.pow(ops.sub(1.0, ops.div(step, length)), self.power)
        return ops.add(ops.mul(self.initialLearningRate - self.endLearningRate, left), self.endLearningRate)


@public(_FACTORIES, "tf.train.schedules", "piecewiseConstantDecay", positional=("boundaries", "values"))
class PiecewiseConstantDecay(LearningRateSchedule):
    """values[0] up to and with step boundaries[0], then values[1] up to boundaries[1], and so on."""

    className = "PiecewiseConstantDecay"
    options: ClassVar[Options] = (
        option("boundaries", ListOf(Number()), doc="Steps, each larger than the one before."),
        option("values", ListOf(Number()), doc="Rates, one more than there are boundaries."),
    )

    boundaries: list[float]
    values: list[float]

    def __init__(self, config: Any = None, /, **keywords: Any) -> None:
        super().__init__(config, **keywords)
        if len(self.boundaries) != len(self.values) - 1:
            raise ValueError(
                f"piecewiseConstantDecay: {len(self.boundaries)} boundaries need {len(self.boundaries) + 1} "
                f"values, got {len(self.values)}."
            )
        if sorted(set(self.boundaries)) != self.boundaries:
            raise ValueError(f"piecewiseConstantDecay: boundaries must increase, got {self.boundaries}.")

    def call(self, step: Tensor) -> Tensor:
        rate = ops.mul(ops.onesLike(step), self.values[-1])
        for boundary, value in zip(reversed(self.boundaries), reversed(self.values[:-1]), strict=True):
            rate = ops.where(ops.lessEqual(step, boundary), value, rate)
        return rate


@public(
    _FACTORIES,
    "tf.train.schedules",
    "cosineDecay",
    positional=("initialLearningRate", "decaySteps", "alpha"),
)
class CosineDecay(LearningRateSchedule):
    """Half a cosine from the first rate to alpha times it (Loshchilov & Hutter 2017), after a warm-up if
    wanted.
    """

    className = "CosineDecay"
    options: ClassVar[Options] = (
        _INITIAL,
        _STEPS,
        _ALPHA,
        option("warmupTarget", Number(), None, "The rate at the end of a warm-up, from which it decays."),
        option("warmupSteps", Integer(minimum=0), 0, "Steps of a straight line from the first rate to it."),
    )

    initialLearningRate: float
    decaySteps: int
    alpha: float
    warmupTarget: float | None
    warmupSteps: int

    def _decayed(self, step: Tensor, first: float) -> Tensor:
        length = float(self.decaySteps)
        share = _half_cosine(ops.div(ops.minimum(step, length), length))
        return ops.mul(first, ops.add(ops.mul(1 - self.alpha, share), self.alpha))

    def call(self, step: Tensor) -> Tensor:
        if self.warmupTarget is None:
            return self._decayed(step, self.initialLearningRate)
        after = self._decayed(ops.sub(step, float(self.warmupSteps)), self.warmupTarget)
        if self.warmupSteps == 0:
            return after
        return _warmed_up(step, self.warmupSteps, self.initialLearningRate, self.warmupTarget, after)


@public(
    _FACTORIES,
    "tf.train.schedules",
    "cosineDecayRestarts",
    positional=("initialLearningRate", "firstDecaySteps", "tMul", "mMul", "alpha"),
)
class CosineDecayRestarts(LearningRateSchedule):
    """Cosine decays one after the other, each tMul times as long and mMul times as high as the last."""

    className = "CosineDecayRestarts"
    options: ClassVar[Options] = (
        _INITIAL,
        option("firstDecaySteps", Integer(minimum=1), doc="The number of steps of the first decay."),
        option("tMul", Number(minimum=1), 2.0, "How much longer each decay is."),
        option("mMul", Number(), 1.0, "How much higher each decay begins."),
        _ALPHA,
    )

    initialLearningRate: float
    firstDecaySteps: int
    tMul: float
    mMul: float
    alpha: float

    def call(self, step: Tensor) -> Tensor:
        progress = ops.div(step, float(self.firstDecaySteps))
        if self.tMul == 1:
            restarts = ops.floor(progress)
            share = ops.sub(progress, restarts)
        else:
            grown = ops.sub(1.0, ops.mul(progress, 1 - self.tMul))
            restarts = ops.floor(ops.div(ops.log(grown), math.log(self.tMul)))
            stretch = ops.pow(self.tMul, restarts)
            begun = ops.div(ops.sub(1.0, stretch), 1 - self.tMul)
            share = ops.div(ops.sub(progress, begun), stretch)
        height = ops.mul(ops.pow(self.mMul, restarts), _half_cosine(share))
        return ops.mul(self.initialLearningRate, ops.add(ops.mul(1 - self.alpha, height), self.alpha))


@public(
    _FACTORIES,
    "tf.train.schedules",
    "warmUp",
    positional=("learningRate", "warmupSteps", "initialLearningRate"),
)
class WarmUp(LearningRateSchedule):
    """A straight line from initialLearningRate to another rate in warmupSteps, then that rate: a number, or a
    schedule that begins there.
    """

    className = "WarmUp"
    options: ClassVar[Options] = (
        option("learningRate", RATE, doc="The rate after the warm-up."),
        option("warmupSteps", Integer(minimum=1), doc="The number of steps of the warm-up."),
        option("initialLearningRate", Number(), 0.0, "The rate at step 0."),
    )

    learningRate: float | LearningRateSchedule
    warmupSteps: int
    initialLearningRate: float

    def call(self, step: Tensor) -> Tensor:
        target: Any = self.learningRate
        after = target
        if isinstance(target, LearningRateSchedule):
            after = target.call(ops.maximum(0.0, ops.sub(step, float(self.warmupSteps))))
            target = target.call(ops.mul(0.0, step))
        return _warmed_up(step, self.warmupSteps, self.initialLearningRate, target, after)


def _half_cosine(share: Tensor) -> Tensor:
    """From 1 at 0 to 0 at 1."""
    return ops.mul(0.5, ops.add(1.0, ops.cos(ops.mul(math.pi, share))))


def _warmed_up(step: Tensor, steps: int, first: float, target: Any, after: Any) -> Tensor:
    line = ops.add(ops.mul(ops.sub(target, first), ops.div(step, float(steps))), first)
    return ops.where(ops.less(step, float(steps)), line, after)


__getattr__, __dir__ = lookup(_FACTORIES, "tf.train.schedules", __all__)
