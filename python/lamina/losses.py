"""tf.losses: losses of labels and predictions, weighted and reduced to one number.

They are not what `compile` knows by name: those give a value per sample, see objectives.py.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any

from . import _core
from ._arguments import name_arguments
from ._convert import as_tensor, none_is_default

if TYPE_CHECKING:
    from ._core import Tensor

__all__ = [
    "absoluteDifference", "computeWeightedLoss", "cosineDistance", "hingeLoss", "huberLoss", "logLoss",
    "meanSquaredError", "sigmoidCrossEntropy", "softmaxCrossEntropy",
]  # fmt: skip

ops = _core.ops


class Reduction(IntEnum):
    """How the losses of all elements become the result."""

    NONE = 0
    MEAN = 1
    SUM = 2
    SUM_BY_NONZERO_WEIGHTS = 3


_DEFAULT = Reduction.SUM_BY_NONZERO_WEIGHTS


def _pair(name: str, labels: Any, predictions: Any) -> tuple[Tensor, Tensor]:
    left, right = as_tensor(labels), as_tensor(predictions)
    if left.shape != right.shape:
        raise ValueError(f"Error in {name}: Shapes {list(left.shape)} and {list(right.shape)} must match")
    return left, right


@none_is_default
def computeWeightedLoss(losses: Any, weights: Any = None, reduction: int = _DEFAULT) -> Tensor:
    """The losses times their weights, which broadcast to them, reduced as tf.Reduction says.

    NONE: as they are. SUM: their sum. MEAN: that divided by the sum of the weights. SUM_BY_NONZERO_WEIGHTS:
    divided by how many weights are not 0.
    """
    values = as_tensor(losses)
    if values.dtype == "string":
        raise ValueError(
            "computeWeightedLoss: Argument 'losses' must be numeric tensor, but got string tensor"
        )
    factors = None if weights is None else as_tensor(weights)
    weighted = values if factors is None else ops.mul(values, factors)
    if reduction == Reduction.NONE:
        return weighted
    total = ops.sum(weighted)
    if reduction == Reduction.SUM:
        return total
    if reduction == Reduction.MEAN:
        if factors is None:
            return ops.mean(weighted)
        repeated = values.size / factors.size if factors.size else 1
        mean = ops.div(total, ops.sum(factors))
        return ops.div(mean, repeated) if repeated > 1 else mean
    if reduction == Reduction.SUM_BY_NONZERO_WEIGHTS:
        if factors is None:
            return ops.div(total, float(values.size))
        each = ops.mul(factors, ops.onesLike(values))
        count = ops.sum(ops.cast(ops.notEqual(each, ops.zerosLike(each)), "float32"))
        return ops.div(total, count)
    raise ValueError(f"Unknown reduction: {reduction}")


@none_is_default
def absoluteDifference(
    labels: Any, predictions: Any, weights: Any = None, reduction: int = _DEFAULT
) -> Tensor:
    """|labels - predictions|."""
    left, right = _pair("absoluteDifference", labels, predictions)
    return computeWeightedLoss(ops.abs(ops.sub(left, right)), weights, reduction)


@none_is_default
def cosineDistance(
    labels: Any, predictions: Any, axis: int, weights: Any = None, reduction: int = _DEFAULT
) -> Tensor:
    """1 - the sum of labels * predictions along the axis, both of length 1 there."""
    left, right = _pair("cosineDistance", labels, predictions)
    return computeWeightedLoss(ops.sub(1, ops.sum(ops.mul(left, right), axis, True)), weights, reduction)


@none_is_default
def hingeLoss(labels: Any, predictions: Any, weights: Any = None, reduction: int = _DEFAULT) -> Tensor:
    """max(0, 1 - y * predictions), where y is 1 for the label 1 and -1 for the label 0."""
    left, right = _pair("hingeLoss", labels, predictions)
    signs = ops.sub(ops.mul(2, left), 1)
    return computeWeightedLoss(ops.relu(ops.sub(1, ops.mul(signs, right))), weights, reduction)


@none_is_default
def huberLoss(
    labels: Any, predictions: Any, weights: Any = None, delta: float = 1.0, reduction: int = _DEFAULT
) -> Tensor:
    """Half the squared error up to delta, and a line from there on."""
    left, right = _pair("huberLoss", labels, predictions)
    error = ops.abs(ops.sub(right, left))
    quadratic = ops.minimum(error, delta)
    linear = ops.sub(error, quadratic)
    losses = ops.add(ops.mul(0.5, ops.square(quadratic)), ops.mul(delta, linear))
    return computeWeightedLoss(losses, weights, reduction)


@none_is_default
def logLoss(
    labels: Any, predictions: Any, weights: Any = None, epsilon: float = 1e-7, reduction: int = _DEFAULT
) -> Tensor:
    """-labels * log(predictions + epsilon) - (1 - labels) * log(1 - predictions + epsilon)."""
    left, right = _pair("logLoss", labels, predictions)
    hit = ops.mul(left, ops.log(ops.add(right, epsilon)))
    miss = ops.mul(ops.sub(1, left), ops.log(ops.add(ops.sub(1, right), epsilon)))
    return computeWeightedLoss(ops.sub(ops.neg(hit), miss), weights, reduction)


@none_is_default
def meanSquaredError(labels: Any, predictions: Any, weights: Any = None, reduction: int = _DEFAULT) -> Tensor:
    """(labels - predictions)^2."""
    left, right = _pair("meanSquaredError", labels, predictions)
    return computeWeightedLoss(ops.squaredDifference(left, right), weights, reduction)


@none_is_default
def sigmoidCrossEntropy(
    multiClassLabels: Any,
    logits: Any,
    weights: Any = None,
    labelSmoothing: float = 0,
    reduction: int = _DEFAULT,
) -> Tensor:
    """The cross entropy of labels and sigmoid(logits), each element by itself.

    labelSmoothing: how far the labels are drawn to 1/2.
    """
    left, right = _pair("sigmoidCrossEntropy", multiClassLabels, logits)
    if right.dtype == "bool":
        right = ops.cast(right, "float32")
    if labelSmoothing > 0:
        left = ops.add(ops.mul(left, 1 - labelSmoothing), 0.5 * labelSmoothing)
    # max(x, 0) - x * z + log(1 + exp(-|x|)) does not overflow.
    rest = ops.log1p(ops.exp(ops.neg(ops.abs(right))))
    losses = ops.add(ops.sub(ops.relu(right), ops.mul(right, left)), rest)
    return computeWeightedLoss(losses, weights, reduction)


@none_is_default
def softmaxCrossEntropy(
    onehotLabels: Any, logits: Any, weights: Any = None, labelSmoothing: float = 0, reduction: int = _DEFAULT
) -> Tensor:
    """The cross entropy of labels and softmax(logits) along the last axis.

    labelSmoothing: how far the labels are drawn to equal shares.
    """
    left, right = _pair("softmaxCrossEntropy", onehotLabels, logits)
    if labelSmoothing > 0:
        left = ops.add(ops.mul(left, 1 - labelSmoothing), labelSmoothing / left.shape[-1])
    losses = ops.neg(ops.sum(ops.mul(ops.logSoftmax(right), left), -1))
    return computeWeightedLoss(losses, weights, reduction)


name_arguments(globals(), __all__)


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    from ._names import suggest_in_tf

    raise AttributeError(suggest_in_tf(name, __all__, "tf.losses"))
