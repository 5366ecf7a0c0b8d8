"""Regularizers: a penalty on weights or outputs, added to the loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from . import _core
from .config import Configurable, Factory, Number, Options, option
from .serialization import ObjectKind, lookup, public

if TYPE_CHECKING:
    from ._core import Tensor

__all__ = ["L1L2", "REGULARIZER", "Regularizer"]

_FACTORIES: dict[str, Factory] = {}

_L1 = option("l1", Number(), 0.01, "Factor of the sum of absolute values.")
_L2 = option("l2", Number(), 0.01, "Factor of the sum of squares (without a half).")


class Regularizer(Configurable):
    """A penalty. Subclasses set `className` and define apply()."""

    def apply(self, x: Tensor) -> Tensor:
        """The penalty of `x`, a scalar."""
        raise NotImplementedError


@public(_FACTORIES, "tf.regularizers", "l1l2")
class L1L2(Regularizer):
    """l1 * sum(|x|) + l2 * sum(x^2)."""

    className = "L1L2"
    options: ClassVar[Options] = (_L1, _L2)
    l1: float
    l2: float

    def apply(self, x: Tensor) -> Tensor:
        ops = _core.ops
        terms = []
        if self.l1:
            terms.append(ops.mul(self.l1, ops.sum(ops.abs(x))))
        if self.l2:
            terms.append(ops.mul(self.l2, ops.sum(ops.square(x))))
        if not terms:
            return ops.fill([], 0)
        return terms[0] if len(terms) == 1 else ops.add(*terms)


class _Single(L1L2):
    """One of the two terms alone; saved as L1L2."""

    def getClassName(self) -> str:
        return L1L2.className

    def getConfig(self) -> dict[str, Any]:
        return {"l1": self.l1, "l2": self.l2}


@public(_FACTORIES, "tf.regularizers", "l1", positional=("l1",))
class L1(_Single):
    """l1 * sum(|x|)."""

    className = "L1"
    options_end: ClassVar[bool] = True
    options: ClassVar[Options] = (_L1,)
    l2 = 0.0


@public(_FACTORIES, "tf.regularizers", "l2", positional=("l2",))
class L2(_Single):
    """l2 * sum(x^2), without a half."""

    className = "L2"
    options_end: ClassVar[bool] = True
    options: ClassVar[Options] = (_L2,)
    l1 = 0.0


REGULARIZER: ObjectKind = ObjectKind(Regularizer, "regularizer", _FACTORIES)

__getattr__, __dir__ = lookup(_FACTORIES, "tf.regularizers", __all__)
