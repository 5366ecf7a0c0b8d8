"""Constraints: what holds of a weight after every update and every assignment."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from . import _core
from .config import Configurable, Factory, Integer, Number, Options, option
from .serialization import ObjectKind, lookup, public

if TYPE_CHECKING:
    from ._core import Tensor

__all__ = ["CONSTRAINT", "Constraint", "MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm"]

_FACTORIES: dict[str, Factory] = {}
_EPSILON = 1e-7

_AXIS = option(
    "axis", Integer(), 0, "Axis along which the norm is taken: 0 for the inputs of each unit of a dense."
)


class Constraint(Configurable):
    """A projection of a weight. Subclasses set `className` and define apply()."""

    def apply(self, w: Tensor) -> Tensor:
        """The constrained weight, of the same shape."""
        raise NotImplementedError


def _norms(w: Tensor, axis: int) -> Tensor:
    ops = _core.ops
    return ops.sqrt(ops.sum(ops.mul(w, w), axis, True))


def _scaled(w: Tensor, desired: Tensor, norms: Tensor) -> Tensor:
    ops = _core.ops
    return ops.mul(w, ops.div(desired, ops.add(_EPSILON, norms)))


@public(_FACTORIES, "tf.constraints", "maxNorm")
class MaxNorm(Constraint):
    """The norm along `axis` is at most maxValue."""

    className = "MaxNorm"
    options: ClassVar[Options] = (option("maxValue", Number(), 2, "Largest norm."), _AXIS)
    maxValue: float
    axis: int

    def apply(self, w: Tensor) -> Tensor:
        norms = _norms(w, self.axis)
        return _scaled(w, _core.ops.clipByValue(norms, 0, self.maxValue), norms)


@public(_FACTORIES, "tf.constraints", "unitNorm")
class UnitNorm(Constraint):
    """The norm along `axis` is 1."""

    className = "UnitNorm"
    options: ClassVar[Options] = (_AXIS,)
    axis: int

    def apply(self, w: Tensor) -> Tensor:
        return _core.ops.div(w, _core.ops.add(_EPSILON, _norms(w, self.axis)))


@public(_FACTORIES, "tf.constraints", "nonNeg")
class NonNeg(Constraint):
    """No entry is below 0."""

    className = "NonNeg"
    options: ClassVar[Options] = ()

    def apply(self, w: Tensor) -> Tensor:
        return _core.ops.relu(w)


@public(_FACTORIES, "tf.constraints", "minMaxNorm")
class MinMaxNorm(Constraint):
    """The norm along `axis` moves towards the interval from minValue to maxValue."""

    className = "MinMaxNorm"
    options: ClassVar[Options] = (
        option("minValue", Number(), 0, "Smallest norm."),
        option("maxValue", Number(), 1, "Largest norm."),
        option("rate", Number(), 1, "How far to go at each update: 1 holds the interval strictly."),
        _AXIS,
    )
    minValue: float
    maxValue: float
    rate: float
    axis: int

    def apply(self, w: Tensor) -> Tensor:
        ops = _core.ops
        norms = _norms(w, self.axis)
        clipped = ops.clipByValue(norms, self.minValue, self.maxValue)
        desired = ops.add(ops.mul(self.rate, clipped), ops.mul(1 - self.rate, norms))
        return _scaled(w, desired, norms)


CONSTRAINT: ObjectKind = ObjectKind(Constraint, "constraint", _FACTORIES)

__getattr__, __dir__ = lookup(_FACTORIES, "tf.constraints", __all__)
