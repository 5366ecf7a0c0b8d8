"""Optimizers without corrected means, each a declaration around one op, and optimizers by name (formulas:
tfjs-core/src/optimizers 4.22; Chen et al. 2023 for lion).
"""

from __future__ import annotations

from typing import Any, ClassVar

from .. import _core
from .._names import nearest
from ..config import Boolean, Number, Options, option
from ..serialization import public
from .optimizer import Optimizer, classes
from .options import epsilon, factories, learning_rate

__all__ = [
    "AdadeltaOptimizer",
    "AdagradOptimizer",
    "LionOptimizer",
    "MomentumOptimizer",
    "RMSPropOptimizer",
    "SGDOptimizer",
    "get",
]

ops = _core.ops

# What TensorFlow.js adds under the root of Adagrad, where it is no option.
_EPSILON = 1e-7


@public(factories, "tf.train", "sgd", positional=("learningRate",))
class SGDOptimizer(Optimizer):
    """Gradient descent: `w -= learningRate * g`."""

    className = "SGD"
    compileDefaults: ClassVar[dict[str, Any]] = {"learningRate": 0.01}
    options: ClassVar[Options] = (learning_rate(),)

    def _make_rate(self, rate: Any) -> Any:
        # TensorFlow.js counts this one in memory().
        return _core.Variable(rate, False)

    def _own_variables(self) -> list[Any]:
        return [] if self._rate is None else [self._rate]

    def _update(self, variables: list[Any], slots: list[list[Any]], grads: list[Any], rate: Any) -> None:
        ops.applySgd(variables, grads, rate)


@public(factories, "tf.train", "momentum", positional=("learningRate", "momentum", "useNesterov"))
class MomentumOptimizer(SGDOptimizer):
    """Gradient descent with momentum: `a = momentum * a + g; w -= learningRate * a`."""

    className = "Momentum"
    compileDefaults = None  # type: ignore[assignment]
    slots = ("momentum",)
    options: ClassVar[Options] = (
        learning_rate(),
        option("momentum", Number(), doc="How much of the last step is kept."),
        option("useNesterov", Boolean(), False, "Look ahead: `w -= learningRate * (g + momentum * a)`."),
    )

    momentum: float
    useNesterov: bool

    def setMomentum(self, momentum: float) -> None:
        """The momentum of the next updates."""
        self.momentum = momentum

    def _update(self, variables: list[Any], slots: list[list[Any]], grads: list[Any], rate: Any) -> None:
        ops.applyMomentum(variables, *slots, grads, rate, self.momentum, self.useNesterov)


@public(
    factories,
    "tf.train",
    "rmsprop",
    positional=("learningRate", "decay", "momentum", "epsilon", "centered"),
    class_names=("RMSprop",),
)
class RMSPropOptimizer(Optimizer):
    """RMSProp: steps divided by the root of a running mean of squared gradients, with momentum; optionally
    centered.
    """

    className = "RMSProp"
    compileDefaults: ClassVar[dict[str, Any]] = {"learningRate": 0.001}
    slots = ("rms", "momentum", "mg")
    options: ClassVar[Options] = (
        learning_rate(),
        option("decay", Number(0, 1), 0.9, "Decay of the mean of squared gradients."),
        option("momentum", Number(), 0.0, "How much of the last step is kept."),
        epsilon(),
        option("centered", Boolean(), False, "Subtract the squared mean of gradients in the denominator."),
    )

    decay: float
    momentum: float
    epsilon: float
    centered: bool

    def _slot_names(self) -> tuple[str, ...]:
        return self.slots if self.centered else self.slots[:2]

    def _update(self, variables: list[Any], slots: list[list[Any]], grads: list[Any], rate: Any) -> None:
        squares, moments = slots[:2]
        means = slots[2] if self.centered else []
        ops.applyRmsProp(
            variables,
            squares,
            moments,
            means,
            grads,
            rate,
            self.decay,
            self.momentum,
            self.epsilon,
        )


@public(factories, "tf.train", "adagrad", positional=("learningRate", "initialAccumulatorValue"))
class AdagradOptimizer(Optimizer):
    """Adagrad: steps divided by the root of the sum of all squared gradients."""

    className = "Adagrad"
    compileDefaults: ClassVar[dict[str, Any]] = {"learningRate": 0.01}
    slots = ("accumulator",)
    options: ClassVar[Options] = (
        learning_rate(),
        option("initialAccumulatorValue", Number(minimum=0), 0.1, "Where the sums of squares start."),
    )

    initialAccumulatorValue: float

    def _initial_slot(self, variable: Any, slot: str) -> Any:
        return ops.fill(variable.shape, self.initialAccumulatorValue)

    def _update(self, variables: list[Any], slots: list[list[Any]], grads: list[Any], rate: Any) -> None:
        ops.applyAdagrad(variables, *slots, grads, rate, _EPSILON)


@public(factories, "tf.train", "adadelta", positional=("learningRate", "rho", "epsilon"))
class AdadeltaOptimizer(Optimizer):
    """Adadelta: steps scaled by the ratio of running means of squared steps and of squared gradients."""

    className = "Adadelta"
    compileDefaults: ClassVar[dict[str, Any]] = {"learningRate": 1.0}
    slots = ("accum_grad", "accum_var")
    options: ClassVar[Options] = (
        learning_rate(0.001),
        option("rho", Number(0, 1), 0.95, "Decay of both means."),
        epsilon(),
    )

    rho: float
    epsilon: float

    def _update(self, variables: list[Any], slots: list[list[Any]], grads: list[Any], rate: Any) -> None:
        ops.applyAdadelta(variables, *slots, grads, rate, self.rho, self.epsilon)


@public(factories, "tf.train", "lion", positional=("learningRate", "beta1", "beta2", "weightDecay"))
class LionOptimizer(Optimizer):
    """Lion: steps of one size in the direction of the sign of a running mean of gradients."""

    className = "Lion"
    compileDefaults: ClassVar[dict[str, Any]] = {}
    slots = ("m",)
    options: ClassVar[Options] = (
        learning_rate(0.001),
        option("beta1", Number(0, 1), 0.9, "How much of the mean goes into a step."),
        option("beta2", Number(0, 1), 0.99, "Decay of the mean of gradients."),
        option("weightDecay", Number(minimum=0), 0.0, "The share of a weight that goes, times the rate."),
    )

    beta1: float
    beta2: float
    weightDecay: float

    def _update(self, variables: list[Any], slots: list[list[Any]], grads: list[Any], rate: Any) -> None:
        ops.applyLion(variables, *slots, grads, rate, self.beta1, self.beta2, self.weightDecay)


def get(identifier: str) -> Optimizer:
    """A new optimizer for the string given to `compile`, with its defaults there.

    Raises ValueError for an unknown name, with the nearest right one.
    """
    known = {
        name: cls
        for cls in classes.values()
        if cls.compileDefaults is not None
        for name in (cls.className.lower(), cls.className)
    }
    cls = known.get(identifier)
    if cls is None:
        message = f"Unknown optimizer {identifier}"
        made = {c.className.lower(): c for c in classes.values()}.get(identifier.lower())
        if made is not None and made.compileDefaults is None:
            raise ValueError(f"{message}. Pass tf.train.{identifier.lower()}(...) instead of a string.")
        near = nearest(identifier, known)
        raise ValueError(f"{message}. Did you mean '{near}'?" if near else f"{message}.")
    return cls(dict(cls.compileDefaults or {}))
