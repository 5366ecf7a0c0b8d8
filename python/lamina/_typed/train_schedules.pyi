# Written by tools/make_stubs.py; change the sources and run it again.

from collections.abc import Sequence
from lamina.train.schedules import (
    CosineDecay as CosineDecay,
    CosineDecayRestarts as CosineDecayRestarts,
    ExponentialDecay as ExponentialDecay,
    InverseTimeDecay as InverseTimeDecay,
    LearningRateSchedule as LearningRateSchedule,
    PiecewiseConstantDecay as PiecewiseConstantDecay,
    PolynomialDecay as PolynomialDecay,
    WarmUp as WarmUp,
)
from typing import Any, TypedDict, overload
from typing_extensions import Required

class CosineDecayConfig(TypedDict, total=False):
    initialLearningRate: Required[float]
    """The rate at step 0."""
    decaySteps: Required[int]
    """The number of steps of one decay."""
    alpha: float | None
    """The lowest rate, as a fraction of the first."""
    warmupTarget: float | None
    """The rate at the end of a warm-up, from which it decays."""
    warmupSteps: int | None
    """Steps of a straight line from the first rate to it."""

@overload
def cosineDecay(config: CosineDecayConfig, /) -> CosineDecay: ...
@overload
def cosineDecay(initialLearningRate: float, decaySteps: int, alpha: float | None = ..., *, warmupTarget: float | None = ..., warmupSteps: int | None = ...) -> CosineDecay:
    """Half a cosine from the first rate to alpha times it (Loshchilov & Hutter 2017), after a warm-up if"""
    ...

class CosineDecayRestartsConfig(TypedDict, total=False):
    initialLearningRate: Required[float]
    """The rate at step 0."""
    firstDecaySteps: Required[int]
    """The number of steps of the first decay."""
    tMul: float | None
    """How much longer each decay is."""
    mMul: float | None
    """How much higher each decay begins."""
    alpha: float | None
    """The lowest rate, as a fraction of the first."""

@overload
def cosineDecayRestarts(config: CosineDecayRestartsConfig, /) -> CosineDecayRestarts: ...
@overload
def cosineDecayRestarts(initialLearningRate: float, firstDecaySteps: int, tMul: float | None = ..., mMul: float | None = ..., alpha: float | None = ...) -> CosineDecayRestarts:
    """Cosine decays one after the other, each tMul times as long and mMul times as high as the last."""
    ...

class ExponentialDecayConfig(TypedDict, total=False):
    initialLearningRate: Required[float]
    """The rate at step 0."""
    decaySteps: Required[int]
    """The number of steps of one decay."""
    decayRate: Required[float]
    """How much it decays by."""
    staircase: bool | None
    """Decay once in decaySteps, not a little at each step."""

@overload
def exponentialDecay(config: ExponentialDecayConfig, /) -> ExponentialDecay: ...
@overload
def exponentialDecay(initialLearningRate: float, decaySteps: int, decayRate: float, staircase: bool | None = ...) -> ExponentialDecay:
    """initialLearningRate * decayRate ^ (step / decaySteps)."""
    ...

class InverseTimeDecayConfig(TypedDict, total=False):
    initialLearningRate: Required[float]
    """The rate at step 0."""
    decaySteps: Required[int]
    """The number of steps of one decay."""
    decayRate: Required[float]
    """How much it decays by."""
    staircase: bool | None
    """Decay once in decaySteps, not a little at each step."""

@overload
def inverseTimeDecay(config: InverseTimeDecayConfig, /) -> InverseTimeDecay: ...
@overload
def inverseTimeDecay(initialLearningRate: float, decaySteps: int, decayRate: float, staircase: bool | None = ...) -> InverseTimeDecay:
    """initialLearningRate / (1 + decayRate * step / decaySteps)."""
    ...

class PiecewiseConstantDecayConfig(TypedDict, total=False):
    boundaries: Required[Sequence[float]]
    """Steps, each larger than the one before."""
    values: Required[Sequence[float]]
    """Rates, one more than there are boundaries."""

@overload
def piecewiseConstantDecay(config: PiecewiseConstantDecayConfig, /) -> PiecewiseConstantDecay: ...
@overload
def piecewiseConstantDecay(boundaries: Sequence[float], values: Sequence[float]) -> PiecewiseConstantDecay:
    """values[0] up to and with step boundaries[0], then values[1] up to boundaries[1], and so on."""
    ...

class PolynomialDecayConfig(TypedDict, total=False):
    initialLearningRate: Required[float]
    """The rate at step 0."""
    decaySteps: Required[int]
    """The number of steps of one decay."""
    endLearningRate: float | None
    """The rate at the end."""
    power: float | None
    """1 for a straight line."""
    cycle: bool | None
    """Begin again after decaySteps, more slowly each time."""

@overload
def polynomialDecay(config: PolynomialDecayConfig, /) -> PolynomialDecay: ...
@overload
def polynomialDecay(initialLearningRate: float, decaySteps: int, endLearningRate: float | None = ..., power: float | None = ..., cycle: bool | None = ...) -> PolynomialDecay:
    """From initialLearningRate to endLearningRate in decaySteps, as (1 - step / decaySteps) ^ power."""
    ...

class WarmUpConfig(TypedDict, total=False):
    learningRate: Required[float | LearningRateSchedule | dict[str, Any]]
    """The rate after the warm-up."""
    warmupSteps: Required[int]
    """The number of steps of the warm-up."""
    initialLearningRate: float | None
    """The rate at step 0."""

@overload
def warmUp(config: WarmUpConfig, /) -> WarmUp: ...
@overload
def warmUp(learningRate: float | LearningRateSchedule | dict[str, Any], warmupSteps: int, initialLearningRate: float | None = ...) -> WarmUp:
    """A straight line from initialLearningRate to another rate in warmupSteps, then that rate: a number, or a"""
    ...
