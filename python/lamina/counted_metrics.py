"""Metrics that are not means of batches: objects that keep counts over an epoch."""

from __future__ import annotations

from typing import Any, ClassVar

from . import _core
from ._convert import as_tensor, with_rank
from .changes import Observed

__all__ = ["Metric", "Precision", "R2Score", "Recall"]

ops = _core.ops


class Metric(Observed):
    """A metric over all that updateState() was given since the last resetState().

    A metric of your own makes its state in `__init__` by addVariable(), and gives updateState() and result(),
    both as operations on tensors, so that a model can compile them.
    """

    factory: ClassVar[str] = "metric"

    def __init__(self, name: str | None = None) -> None:
        self.name = name or type(self).factory
        self.variables: list[Any] = []

    def addVariable(self, shape: tuple[int, ...] = ()) -> Any:
        """A variable of zeros, float32, which resetState() sets back."""
        variable = _core.hidden_variable(ops.fill(list(shape), 0, "float32"))
        self.variables.append(variable)
        return variable

    def updateState(self, yTrue: Any, yPred: Any, sampleWeight: Any = None) -> None:
        """Takes one batch in. sampleWeight: numbers whose dimensions are the first ones of yPred."""
        raise self._missing("updateState(self, yTrue, yPred, sampleWeight=None)")

    def result(self) -> Any:
        """The value so far, a scalar."""
        raise self._missing("result(self)")

    def resetState(self) -> None:
        """Starts anew."""
        for variable in self.variables:
            variable.assign(ops.zerosLike(variable))

    def assign(self, variable: Any, value: Any) -> None:
        """Has a variable hold a value, for updateState()."""
        ops.assign(variable, value)

    def _missing(self, method: str) -> TypeError:
        name = type(self).__name__
        return TypeError(f"The metric {name} does not say what it counts: define {method} in class {name}.")

    def _add(self, variable: Any, value: Any) -> None:
        self.assign(variable, ops.add(variable, value))


def _summed(values: Any, sampleWeight: Any) -> Any:
    """The weighted sum of numbers or truth values."""
    numbers = ops.cast(values, "float32")
    if sampleWeight is not None:
        numbers = ops.mul(numbers, with_rank(ops.cast(as_tensor(sampleWeight), "float32"), numbers.rank))
    return ops.sum(numbers)


def _share(part: Any, whole: Any) -> Any:
    """part / whole, and 0 where there is nothing."""
    return ops.div(part, ops.maximum(whole, 1e-7))


class Precision(Metric):
    """True positives among all that are predicted positive: above the threshold. 0 where there are none."""

    factory = "precision"

    def __init__(self, thresholds: float = 0.5, name: str | None = None) -> None:
        super().__init__(name)
        self.thresholds = float(thresholds)
        self._hits, self._whole = self.addVariable(), self.addVariable()

    def _counted(self, true: Any, said: Any) -> Any:
        """What the hits are a share of."""
        return said

    def updateState(self, yTrue: Any, yPred: Any, sampleWeight: Any = None) -> None:
        true, said = ops.notEqual(yTrue, 0), ops.greater(yPred, self.thresholds)
        self._add(self._hits, _summed(ops.logicalAnd(true, said), sampleWeight))
        self._add(self._whole, _summed(self._counted(true, said), sampleWeight))

    def result(self) -> Any:
        return _share(self._hits, self._whole)


class Recall(Precision):
    """True positives among all that are positive. 0 where there are none."""

    factory = "recall"

    def _counted(self, true: Any, said: Any) -> Any:
        return true


class R2Score(Metric):
    """1 - sum((yTrue - yPred)^2) / sum((yTrue - mean(yTrue))^2)."""

    factory = "r2Score"

    def __init__(self, name: str | None = None) -> None:
        super().__init__(name)
        self._residual, self._sum = self.addVariable(), self.addVariable()
        self._squares, self._count = self.addVariable(), self.addVariable()

    def updateState(self, yTrue: Any, yPred: Any, sampleWeight: Any = None) -> None:
        true = ops.cast(as_tensor(yTrue), "float32")
        self._add(self._residual, _summed(ops.squaredDifference(true, yPred), sampleWeight))
        self._add(self._sum, _summed(true, sampleWeight))
        self._add(self._squares, _summed(ops.square(true), sampleWeight))
        self._add(self._count, _summed(ops.onesLike(true), sampleWeight))

    def result(self) -> Any:
        mean = _share(self._sum, self._count)
        total = ops.sub(self._squares, ops.mul(self._sum, mean))
        return ops.sub(1, ops.div(self._residual, total))
