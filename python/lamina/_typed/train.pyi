# Written by tools/make_stubs.py; change the sources and run it again.

from lamina._typed import train_schedules
from lamina.train.adam_family import (
    AdamOptimizer as AdamOptimizer,
    AdamWOptimizer as AdamWOptimizer,
    AdamaxOptimizer as AdamaxOptimizer,
    NadamOptimizer as NadamOptimizer,
)
from lamina.train.optimizer import Optimizer as Optimizer
from lamina.train.optimizers import (
    AdadeltaOptimizer as AdadeltaOptimizer,
    AdagradOptimizer as AdagradOptimizer,
    LionOptimizer as LionOptimizer,
    MomentumOptimizer as MomentumOptimizer,
    RMSPropOptimizer as RMSPropOptimizer,
    SGDOptimizer as SGDOptimizer,
)
from lamina.train.schedules import LearningRateSchedule
from typing import Any, TypedDict, overload
from typing_extensions import Required

schedules = train_schedules
class AdadeltaConfig(TypedDict, total=False):
    learningRate: float | LearningRateSchedule | dict[str, Any] | None
    """Size of a step: a number, or a schedule of tf.train.schedules."""
    lr: float | LearningRateSchedule | dict[str, Any] | None
    rho: float | None
    """Decay of both means."""
    epsilon: float | None
    """Added to the denominator, so that it is never 0."""
    clipNorm: float | None
    """Each gradient is scaled down to this norm where it is longer."""
    clipValue: float | None
    """Each element of a gradient is held between this and its negative."""
    globalClipNorm: float | None
    """All gradients are scaled down together, as one vector."""

@overload
def adadelta(config: AdadeltaConfig | None = ..., /) -> AdadeltaOptimizer: ...
@overload
def adadelta(learningRate: float | LearningRateSchedule | dict[str, Any] | None = ..., rho: float | None = ..., epsilon: float | None = ..., *, clipNorm: float | None = ..., clipValue: float | None = ..., globalClipNorm: float | None = ...) -> AdadeltaOptimizer: ...
@overload
def adadelta(*, learningRate: float | LearningRateSchedule | dict[str, Any] | None = ..., rho: float | None = ..., epsilon: float | None = ..., clipNorm: float | None = ..., clipValue: float | None = ..., globalClipNorm: float | None = ..., lr: float | LearningRateSchedule | dict[str, Any] | None = ...) -> AdadeltaOptimizer:
    """Adadelta: steps scaled by the ratio of running means of squared steps and of squared gradients."""
    ...

class AdagradConfig(TypedDict, total=False):
    learningRate: float | LearningRateSchedule | dict[str, Any]
    """Size of a step: a number, or a schedule of tf.train.schedules."""
    lr: float | LearningRateSchedule | dict[str, Any] | None
    initialAccumulatorValue: float | None
    """Where the sums of squares start."""
    clipNorm: float | None
    """Each gradient is scaled down to this norm where it is longer."""
    clipValue: float | None
    """Each element of a gradient is held between this and its negative."""
    globalClipNorm: float | None
    """All gradients are scaled down together, as one vector."""

@overload
def adagrad(config: AdagradConfig, /) -> AdagradOptimizer: ...
@overload
def adagrad(learningRate: float | LearningRateSchedule | dict[str, Any], initialAccumulatorValue: float | None = ..., *, clipNorm: float | None = ..., clipValue: float | None = ..., globalClipNorm: float | None = ...) -> AdagradOptimizer: ...
@overload
def adagrad(*, learningRate: float | LearningRateSchedule | dict[str, Any] | None = ..., initialAccumulatorValue: float | None = ..., clipNorm: float | None = ..., clipValue: float | None = ..., globalClipNorm: float | None = ..., lr: float | LearningRateSchedule | dict[str, Any] | None = ...) -> AdagradOptimizer:
    """Adagrad: steps divided by the root of the sum of all squared gradients."""
    ...

class AdamConfig(TypedDict, total=False):
    learningRate: float | LearningRateSchedule | dict[str, Any] | None
    """Size of a step: a number, or a schedule of tf.train.schedules."""
    lr: float | LearningRateSchedule | dict[str, Any] | None
    beta1: float | None
    """Decay of the mean of gradients."""
    beta2: float | None
    """Decay of the mean of squared gradients."""
    epsilon: float | None
    """Added to the denominator, so that it is never 0."""
    clipNorm: float | None
    """Each gradient is scaled down to this norm where it is longer."""
    clipValue: float | None
    """Each element of a gradient is held between this and its negative."""
    globalClipNorm: float | None
    """All gradients are scaled down together, as one vector."""

@overload
def adam(config: AdamConfig | None = ..., /) -> AdamOptimizer: ...
@overload
def adam(learningRate: float | LearningRateSchedule | dict[str, Any] | None = ..., beta1: float | None = ..., beta2: float | None = ..., epsilon: float | None = ..., *, clipNorm: float | None = ..., clipValue: float | None = ..., globalClipNorm: float | None = ...) -> AdamOptimizer: ...
@overload
def adam(*, learningRate: float | LearningRateSchedule | dict[str, Any] | None = ..., beta1: float | None = ..., beta2: float | None = ..., epsilon: float | None = ..., clipNorm: float | None = ..., clipValue: float | None = ..., globalClipNorm: float | None = ..., lr: float | LearningRateSchedule | dict[str, Any] | None = ...) -> AdamOptimizer:
    """Adam: steps scaled by running means of the gradient and of its square, both corrected for their start"""
    ...

class AdamaxConfig(TypedDict, total=False):
    learningRate: float | LearningRateSchedule | dict[str, Any] | None
    """Size of a step: a number, or a schedule of tf.train.schedules."""
    lr: float | LearningRateSchedule | dict[str, Any] | None
    beta1: float | None
    """Decay of the mean of gradients."""
    beta2: float | None
    """Decay of the mean of squared gradients."""
    epsilon: float | None
    """Added to the denominator, so that it is never 0."""
    decay: float | None
    """The rate of step i is learningRate / (1 + i * decay)."""
    clipNorm: float | None
    """Each gradient is scaled down to this norm where it is longer."""
    clipValue: float | None
    """Each element of a gradient is held between this and its negative."""
    globalClipNorm: float | None
    """All gradients are scaled down together, as one vector."""

@overload
def adamax(config: AdamaxConfig | None = ..., /) -> AdamaxOptimizer: ...
@overload
def adamax(learningRate: float | LearningRateSchedule | dict[str, Any] | None = ..., beta1: float | None = ..., beta2: float | None = ..., epsilon: float | None = ..., decay: float | None = ..., *, clipNorm: float | None = ..., clipValue: float | None = ..., globalClipNorm: float | None = ...) -> AdamaxOptimizer: ...
@overload
def adamax(*, learningRate: float | LearningRateSchedule | dict[str, Any] | None = ..., beta1: float | None = ..., beta2: float | None = ..., epsilon: float | None = ..., decay: float | None = ..., clipNorm: float | None = ..., clipValue: float | None = ..., globalClipNorm: float | None = ..., lr: float | LearningRateSchedule | dict[str, Any] | None = ...) -> AdamaxOptimizer:
    """Adamax: Adam that divides by the largest gradient so far, which fades by beta2."""
    ...

class AdamwConfig(TypedDict, total=False):
    learningRate: float | LearningRateSchedule | dict[str, Any] | None
    """Size of a step: a number, or a schedule of tf.train.schedules."""
    lr: float | LearningRateSchedule | dict[str, Any] | None
    beta1: float | None
    """Decay of the mean of gradients."""
    beta2: float | None
    """Decay of the mean of squared gradients."""
    epsilon: float | None
    """Added to the denominator, so that it is never 0."""
    weightDecay: float | None
    """The share of a weight that goes, times the rate."""
    clipNorm: float | None
    """Each gradient is scaled down to this norm where it is longer."""
    clipValue: float | None
    """Each element of a gradient is held between this and its negative."""
    globalClipNorm: float | None
    """All gradients are scaled down together, as one vector."""

@overload
def adamw(config: AdamwConfig | None = ..., /) -> AdamWOptimizer: ...
@overload
def adamw(learningRate: float | LearningRateSchedule | dict[str, Any] | None = ..., beta1: float | None = ..., beta2: float | None = ..., epsilon: float | None = ..., weightDecay: float | None = ..., *, clipNorm: float | None = ..., clipValue: float | None = ..., globalClipNorm: float | None = ...) -> AdamWOptimizer: ...
@overload
def adamw(*, learningRate: float | LearningRateSchedule | dict[str, Any] | None = ..., beta1: float | None = ..., beta2: float | None = ..., epsilon: float | None = ..., weightDecay: float | None = ..., clipNorm: float | None = ..., clipValue: float | None = ..., globalClipNorm: float | None = ..., lr: float | LearningRateSchedule | dict[str, Any] | None = ...) -> AdamWOptimizer:
    """Adam with weight decay apart from the gradient: `w -= learningRate * weightDecay * w` before each"""
    ...

class LionConfig(TypedDict, total=False):
    learningRate: float | LearningRateSchedule | dict[str, Any] | None
    """Size of a step: a number, or a schedule of tf.train.schedules."""
    lr: float | LearningRateSchedule | dict[str, Any] | None
    beta1: float | None
    """How much of the mean goes into a step."""
    beta2: float | None
    """Decay of the mean of gradients."""
    weightDecay: float | None
    """The share of a weight that goes, times the rate."""
    clipNorm: float | None
    """Each gradient is scaled down to this norm where it is longer."""
    clipValue: float | None
    """Each element of a gradient is held between this and its negative."""
    globalClipNorm: float | None
    """All gradients are scaled down together, as one vector."""

@overload
def lion(config: LionConfig | None = ..., /) -> LionOptimizer: ...
@overload
def lion(learningRate: float | LearningRateSchedule | dict[str, Any] | None = ..., beta1: float | None = ..., beta2: float | None = ..., weightDecay: float | None = ..., *, clipNorm: float | None = ..., clipValue: float | None = ..., globalClipNorm: float | None = ...) -> LionOptimizer: ...
@overload
def lion(*, learningRate: float | LearningRateSchedule | dict[str, Any] | None = ..., beta1: float | None = ..., beta2: float | None = ..., weightDecay: float | None = ..., clipNorm: float | None = ..., clipValue: float | None = ..., globalClipNorm: float | None = ..., lr: float | LearningRateSchedule | dict[str, Any] | None = ...) -> LionOptimizer:
    """Lion: steps of one size in the direction of the sign of a running mean of gradients."""
    ...

class MomentumConfig(TypedDict, total=False):
    learningRate: float | LearningRateSchedule | dict[str, Any]
    """Size of a step: a number, or a schedule of tf.train.schedules."""
    lr: float | LearningRateSchedule | dict[str, Any] | None
    momentum: Required[float]
    """How much of the last step is kept."""
    useNesterov: bool | None
    """Look ahead: `w -= learningRate * (g + momentum * a)`."""
    clipNorm: float | None
    """Each gradient is scaled down to this norm where it is longer."""
    clipValue: float | None
    """Each element of a gradient is held between this and its negative."""
    globalClipNorm: float | None
    """All gradients are scaled down together, as one vector."""

@overload
def momentum(config: MomentumConfig, /) -> MomentumOptimizer: ...
@overload
def momentum(learningRate: float | LearningRateSchedule | dict[str, Any], momentum: float, useNesterov: bool | None = ..., *, clipNorm: float | None = ..., clipValue: float | None = ..., globalClipNorm: float | None = ...) -> MomentumOptimizer: ...
@overload
def momentum(*, momentum: float, learningRate: float | LearningRateSchedule | dict[str, Any] | None = ..., useNesterov: bool | None = ..., clipNorm: float | None = ..., clipValue: float | None = ..., globalClipNorm: float | None = ..., lr: float | LearningRateSchedule | dict[str, Any] | None = ...) -> MomentumOptimizer:
    """Gradient descent with momentum: `a = momentum * a + g; w -= learningRate * a`."""
    ...

class NadamConfig(TypedDict, total=False):
    learningRate: float | LearningRateSchedule | dict[str, Any] | None
    """Size of a step: a number, or a schedule of tf.train.schedules."""
    lr: float | LearningRateSchedule | dict[str, Any] | None
    beta1: float | None
    """Decay of the mean of gradients."""
    beta2: float | None
    """Decay of the mean of squared gradients."""
    epsilon: float | None
    """Added to the denominator, so that it is never 0."""
    clipNorm: float | None
    """Each gradient is scaled down to this norm where it is longer."""
    clipValue: float | None
    """Each element of a gradient is held between this and its negative."""
    globalClipNorm: float | None
    """All gradients are scaled down together, as one vector."""

@overload
def nadam(config: NadamConfig | None = ..., /) -> NadamOptimizer: ...
@overload
def nadam(learningRate: float | LearningRateSchedule | dict[str, Any] | None = ..., beta1: float | None = ..., beta2: float | None = ..., epsilon: float | None = ..., *, clipNorm: float | None = ..., clipValue: float | None = ..., globalClipNorm: float | None = ...) -> NadamOptimizer: ...
@overload
def nadam(*, learningRate: float | LearningRateSchedule | dict[str, Any] | None = ..., beta1: float | None = ..., beta2: float | None = ..., epsilon: float | None = ..., clipNorm: float | None = ..., clipValue: float | None = ..., globalClipNorm: float | None = ..., lr: float | LearningRateSchedule | dict[str, Any] | None = ...) -> NadamOptimizer:
    """Nadam: Adam that looks ahead as Nesterov's momentum does, with a momentum that grows towards beta1."""
    ...

class RmspropConfig(TypedDict, total=False):
    learningRate: float | LearningRateSchedule | dict[str, Any]
    """Size of a step: a number, or a schedule of tf.train.schedules."""
    lr: float | LearningRateSchedule | dict[str, Any] | None
    decay: float | None
    """Decay of the mean of squared gradients."""
    momentum: float | None
    """How much of the last step is kept."""
    epsilon: float | None
    """Added to the denominator, so that it is never 0."""
    centered: bool | None
    """Subtract the squared mean of gradients in the denominator."""
    clipNorm: float | None
    """Each gradient is scaled down to this norm where it is longer."""
    clipValue: float | None
    """Each element of a gradient is held between this and its negative."""
    globalClipNorm: float | None
    """All gradients are scaled down together, as one vector."""

@overload
def rmsprop(config: RmspropConfig, /) -> RMSPropOptimizer: ...
@overload
def rmsprop(learningRate: float | LearningRateSchedule | dict[str, Any], decay: float | None = ..., momentum: float | None = ..., epsilon: float | None = ..., centered: bool | None = ..., *, clipNorm: float | None = ..., clipValue: float | None = ..., globalClipNorm: float | None = ...) -> RMSPropOptimizer: ...
@overload
def rmsprop(*, learningRate: float | LearningRateSchedule | dict[str, Any] | None = ..., decay: float | None = ..., momentum: float | None = ..., epsilon: float | None = ..., centered: bool | None = ..., clipNorm: float | None = ..., clipValue: float | None = ..., globalClipNorm: float | None = ..., lr: float | LearningRateSchedule | dict[str, Any] | None = ...) -> RMSPropOptimizer:
    """RMSProp: steps divided by the root of a running mean of squared gradients, with momentum; optionally"""
    ...

class SgdConfig(TypedDict, total=False):
    learningRate: float | LearningRateSchedule | dict[str, Any]
    """Size of a step: a number, or a schedule of tf.train.schedules."""
    lr: float | LearningRateSchedule | dict[str, Any] | None
    clipNorm: float | None
    """Each gradient is scaled down to this norm where it is longer."""
    clipValue: float | None
    """Each element of a gradient is held between this and its negative."""
    globalClipNorm: float | None
    """All gradients are scaled down together, as one vector."""

@overload
def sgd(config: SgdConfig, /) -> SGDOptimizer: ...
@overload
def sgd(learningRate: float | LearningRateSchedule | dict[str, Any], *, clipNorm: float | None = ..., clipValue: float | None = ..., globalClipNorm: float | None = ...) -> SGDOptimizer: ...
@overload
def sgd(*, learningRate: float | LearningRateSchedule | dict[str, Any] | None = ..., clipNorm: float | None = ..., clipValue: float | None = ..., globalClipNorm: float | None = ..., lr: float | LearningRateSchedule | dict[str, Any] | None = ...) -> SGDOptimizer:
    """Gradient descent: `w -= learningRate * g`."""
    ...
