"""Adam and its relatives (formulas: tfjs-core/src/optimizers 4.22; Keras 3 for adamw and nadam)."""

from __future__ import annotations

from typing import Any, ClassVar

from .. import _core
from ..config import Number, Options, option
from ..serialization import public
from .optimizer import Optimizer
from .options import beta1, beta2, epsilon, factories, learning_rate

__all__ = ["AdamOptimizer", "AdamWOptimizer", "AdamaxOptimizer", "NadamOptimizer"]

ops = _core.ops


class _Moments(Optimizer):
    """What keeps running means of the gradient and of its square, and scalars that depend on the number of
    the step.
    """

    slots = ("m", "v")
    # How many of the scalars count steps, and never come to an end.
    _counters: ClassVar[int] = 0

    beta1: float
    beta2: float
    epsilon: float

    def __init__(self, config: Any = None, /, **keywords: Any) -> None:
        super().__init__(config, **keywords)
        self._scalars = [_core.Variable(_core.tensor(start), False) for start in self._starts()]

    def _own_variables(self) -> list[Any]:
        return self._scalars

    def _starts(self) -> list[float]:
        """The scalars before the first step."""
        raise NotImplementedError

    def _set_iterations(self, iterations: int) -> None:
        super()._set_iterations(iterations)
        for variable, start in zip(self._scalars, self._starts(), strict=True):
            variable.assign(_core.tensor(start))
        # The op advances them as it does in training, so that a resumed run agrees bit for bit. Powers end
        # at 0 or where rounding gives the same number again.
        last = None
        for step in range(iterations):
            self._update([], [[], []], [], 0.0)
            if step % 1000 == 0:
                now = [float(variable) for variable in self._scalars[self._counters :]]
                if now == last:
                    break
                last = now


@public(factories, "tf.train", "adam", positional=("learningRate", "beta1", "beta2", "epsilon"))
class AdamOptimizer(_Moments):
    """Adam: steps scaled by running means of the gradient and of its square, both corrected for their start
    at 0.
    """

    className = "Adam"
    compileDefaults: ClassVar[dict[str, Any]] = {}
    options: ClassVar[Options] = (learning_rate(0.001), beta1(), beta2(), epsilon())

    def _starts(self) -> list[float]:
        return [self.beta1, self.beta2]

    def _update(self, variables: list[Any], slots: list[list[Any]], grads: list[Any], rate: Any) -> None:
        ops.applyAdam(variables, *slots, *self._scalars, grads, rate, self.beta1, self.beta2, self.epsilon)


@public(
    factories, "tf.train", "adamw", positional=("learningRate", "beta1", "beta2", "epsilon", "weightDecay")
)
class AdamWOptimizer(AdamOptimizer):
    """Adam with weight decay apart from the gradient: `w -= learningRate * weightDecay * w` before each
    step.
    """

    className = "AdamW"
    options: ClassVar[Options] = (
        learning_rate(0.001),
        beta1(),
        beta2(),
        epsilon(),
        option("weightDecay", Number(minimum=0), 0.004, "The share of a weight that goes, times the rate."),
    )

    weightDecay: float

    def _update(self, variables: list[Any], slots: list[list[Any]], grads: list[Any], rate: Any) -> None:
        ops.applyAdam(
            variables,
            *slots,
            *self._scalars,
            grads,
            rate,
            self.beta1,
            self.beta2,
            self.epsilon,
            self.weightDecay,
        )


@public(factories, "tf.train", "adamax", positional=("learningRate", "beta1", "beta2", "epsilon", "decay"))
class AdamaxOptimizer(_Moments):
    """Adamax: Adam that divides by the largest gradient so far, which fades by beta2."""

    className = "Adamax"
    compileDefaults: ClassVar[dict[str, Any]] = {}
    options: ClassVar[Options] = (
        learning_rate(0.002),
        beta1(),
        beta2(),
        epsilon(),
        option("decay", Number(minimum=0), 0.0, "The rate of step i is learningRate / (1 + i * decay)."),
    )

    decay: float
    _counters = 1

    def _starts(self) -> list[float]:
        return [0.0, self.beta1]

    def _set_iterations(self, iterations: int) -> None:
        super()._set_iterations(iterations)
        # The power may have come to its end before.
        self._scalars[0].assign(_core.tensor(float(iterations)))

    def _update(self, variables: list[Any], slots: list[list[Any]], grads: list[Any], rate: Any) -> None:
        ops.applyAdamax(
            variables,
            *slots,
            *self._scalars,
            grads,
            rate,
            self.beta1,
            self.beta2,
            self.epsilon,
            self.decay,
        )


@public(factories, "tf.train", "nadam", positional=("learningRate", "beta1", "beta2", "epsilon"))
class NadamOptimizer(_Moments):
    """Nadam: Adam that looks ahead as Nesterov's momentum does, with a momentum that grows towards beta1."""

    className = "Nadam"
    compileDefaults: ClassVar[dict[str, Any]] = {}
    options: ClassVar[Options] = (learning_rate(0.001), beta1(), beta2(), epsilon())

    def _starts(self) -> list[float]:
        # Powers of beta2 and of 0.96, and the product of the momenta so far.
        return [self.beta2, 0.96, 1.0]

    def _update(self, variables: list[Any], slots: list[list[Any]], grads: list[Any], rate: Any) -> None:
        ops.applyNadam(variables, *slots, *self._scalars, grads, rate, self.beta1, self.beta2, self.epsilon)
