# Written by tools/make_stubs.py; change the sources and run it again.

from lamina.train.optimizer import Optimizer as Optimizer
from lamina.train.optimizers import (
    AdamOptimizer as AdamOptimizer,
    MomentumOptimizer as MomentumOptimizer,
    RMSPropOptimizer as RMSPropOptimizer,
    SGDOptimizer as SGDOptimizer,
)
from typing import TypedDict, overload
from typing_extensions import Required

class AdamConfig(TypedDict, total=False):
    learningRate: float | None
    """Size of a step."""
    lr: float | None
    beta1: float | None
    """Decay of the mean of gradients."""
    beta2: float | None
    """Decay of the mean of squared gradients."""
    epsilon: float | None
    """Added to the denominator, so that it is never 0."""

@overload
def adam(config: AdamConfig | None = ..., /) -> AdamOptimizer: ...
@overload
def adam(learningRate: float | None = ..., beta1: float | None = ..., beta2: float | None = ..., epsilon: float | None = ...) -> AdamOptimizer: ...
@overload
def adam(*, learningRate: float | None = ..., beta1: float | None = ..., beta2: float | None = ..., epsilon: float | None = ..., lr: float | None = ...) -> AdamOptimizer:
    """Adam: steps scaled by running means of the gradient and of its square, both corrected for their start"""
    ...

class MomentumConfig(TypedDict, total=False):
    learningRate: float
    """Size of a step."""
    lr: float | None
    momentum: Required[float]
    """How much of the last step is kept."""
    useNesterov: bool | None
    """Look ahead: `w -= learningRate * (g + momentum * a)`."""

@overload
def momentum(config: MomentumConfig, /) -> MomentumOptimizer: ...
@overload
def momentum(learningRate: float, momentum: float, useNesterov: bool | None = ...) -> MomentumOptimizer: ...
@overload
def momentum(*, momentum: float, learningRate: float | None = ..., useNesterov: bool | None = ..., lr: float | None = ...) -> MomentumOptimizer:
    """Gradient descent with momentum: `a = momentum * a + g; w -= learningRate * a`."""
    ...

class RmspropConfig(TypedDict, total=False):
    learningRate: float
    """Size of a step."""
    lr: float | None
    decay: float | None
    """Decay of the mean of squared gradients."""
    momentum: float | None
    """How much of the last step is kept."""
    epsilon: float | None
    """Added to the denominator, so that it is never 0."""
    centered: bool | None
    """Subtract the squared mean of gradients in the denominator."""

@overload
def rmsprop(config: RmspropConfig, /) -> RMSPropOptimizer: ...
@overload
def rmsprop(learningRate: float, decay: float | None = ..., momentum: float | None = ..., epsilon: float | None = ..., centered: bool | None = ...) -> RMSPropOptimizer: ...
@overload
def rmsprop(*, learningRate: float | None = ..., decay: float | None = ..., momentum: float | None = ..., epsilon: float | None = ..., centered: bool | None = ..., lr: float | None = ...) -> RMSPropOptimizer:
    """RMSProp: steps divided by the root of a running mean of squared gradients, with momentum; optionally"""
    ...

class SgdConfig(TypedDict, total=False):
    learningRate: float
    """Size of a step."""
    lr: float | None

@overload
def sgd(config: SgdConfig, /) -> SGDOptimizer: ...
@overload
def sgd(learningRate: float) -> SGDOptimizer: ...
@overload
def sgd(*, learningRate: float | None = ..., lr: float | None = ...) -> SGDOptimizer:
    """Gradient descent: `w -= learningRate * g`."""
    ...
