"""The optimizers, each a declaration around one op (formulas: tfjs-core/src/optimizers, 4.22)."""

from __future__ import annotations

from typing import Any, ClassVar

from .. import _core
from .._names import nearest
from ..config import Boolean, Factory, Number, Option, option
from ..serialization import public
from .optimizer import Optimizer, classes

__all__ = ["AdamOptimizer", "MomentumOptimizer", "RMSPropOptimizer", "SGDOptimizer", "factories", "get"]

factories: dict[str, Factory] = {}

ops = _core.ops


def _learning_rate(default: float | None = None) -> Option:
    doc = "Size of a step."
    if default is None:
        return option("learningRate", Number(), doc=doc, aliases=("lr",))
    return option("learningRate", Number(), default, doc, aliases=("lr",))


def _epsilon() -> Option:
    return option("epsilon", Number(minimum=0), 1e-7, "Added to the denominator, so that it is never 0.")


@public(factories, "tf.train", "sgd", positional=("learningRate",))
class SGDOptimizer(Optimizer):
    """Gradient descent: `w -= learningRate * g`."""

    className = "SGD"
    compileDefaults: ClassVar[dict[str, Any]] = {"learningRate": 0.01}
    options: ClassVar[tuple[Option, ...]] = (_learning_rate(),)

    def _make_rate(self, rate: Any) -> Any:
        # TensorFlow.js counts this one in memory().
        return _core.Variable(rate, False)

    def _own_variables(self) -> list[Any]:
        return [self._rate]

    def _update(self, variables: list[Any], slots: list[list[Any]], grads: list[Any]) -> None:
        ops.applySgd(variables, grads, self._rate)


@public(factories, "tf.train", "momentum", positional=("learningRate", "momentum", "useNesterov"))
class MomentumOptimizer(SGDOptimizer):
    """Gradient descent with momentum: `a = momentum * a + g; w -= learningRate * a`."""

    className = "Momentum"
    compileDefaults = None  # type: ignore[assignment]
    slots = ("momentum",)
    options = (
        _learning_rate(),
        option("momentum", Number(), doc="How much of the last step is kept."),
        option("useNesterov", Boolean(), False, "Look ahead: `w -= learningRate * (g + momentum * a)`."),
    )

    momentum: float
    useNesterov: bool

    def setMomentum(self, momentum: float) -> None:
        """The momentum of the next updates."""
        self.momentum = momentum

    def _update(self, variables: list[Any], slots: list[list[Any]], grads: list[Any]) -> None:
        ops.applyMomentum(variables, *slots, grads, self._rate, self.momentum, self.useNesterov)


@public(factories, "tf.train", "adam", positional=("learningRate", "beta1", "beta2", "epsilon"))
class AdamOptimizer(Optimizer):
    """Adam: steps scaled by running means of the gradient and of its square, both corrected for their start
    at 0.
    """

    className = "Adam"
    compileDefaults: ClassVar[dict[str, Any]] = {}
    slots = ("m", "v")
    options = (
        _learning_rate(0.001),
        option("beta1", Number(0, 1), 0.9, "Decay of the mean of gradients."),
        option("beta2", Number(0, 1), 0.999, "Decay of the mean of squared gradients."),
        _epsilon(),
    )

    beta1: float
    beta2: float
    epsilon: float

    def __init__(self, config: Any = None, /, **keywords: Any) -> None:
        super().__init__(config, **keywords)
        self._acc_beta1 = _core.Variable(_core.tensor(self.beta1), False)
        self._acc_beta2 = _core.Variable(_core.tensor(self.beta2), False)

    def _own_variables(self) -> list[Any]:
        return [self._acc_beta1, self._acc_beta2]

    def _set_iterations(self, iterations: int) -> None:
        super()._set_iterations(iterations)
        self._acc_beta1.assign(_power(self.beta1, iterations + 1))
        self._acc_beta2.assign(_power(self.beta2, iterations + 1))

    def _update(self, variables: list[Any], slots: list[list[Any]], grads: list[Any]) -> None:
        ops.applyAdam(
            variables,
            *slots,
            self._acc_beta1,
            self._acc_beta2,
            grads,
            self._rate,
            self.beta1,
            self.beta2,
            self.epsilon,
        )


def _power(base: float, exponent: int) -> Any:
    """base^exponent rounded after each factor, as the update does it, so that a resumed run agrees bit for
    bit.
    """
    factor = _core.tensor(base)
    power, last = factor, None
    for _ in range(exponent - 1):
        power = ops.mul(power, factor)
        # Once at 0, or where rounding gives the same number again, further factors change nothing.
        now = float(power)
        if now == last:
            break
        last = now
    return power


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
    options = (
        _learning_rate(),
        option("decay", Number(0, 1), 0.9, "Decay of the mean of squared gradients."),
        option("momentum", Number(), 0.0, "How much of the last step is kept."),
        _epsilon(),
        option("centered", Boolean(), False, "Subtract the squared mean of gradients in the denominator."),
    )

    decay: float
    momentum: float
    epsilon: float
    centered: bool

    def _slot_names(self) -> tuple[str, ...]:
        return self.slots if self.centered else self.slots[:2]

    def _update(self, variables: list[Any], slots: list[list[Any]], grads: list[Any]) -> None:
        squares, moments = slots[:2]
        means = slots[2] if self.centered else []
        ops.applyRmsProp(
            variables,
            squares,
            moments,
            means,
            grads,
            self._rate,
            self.decay,
            self.momentum,
            self.epsilon,
        )


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
