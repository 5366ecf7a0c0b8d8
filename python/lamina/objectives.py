"""The losses that `compile` knows by name: `f(yTrue, yPred)` gives one value per sample (the last axis goes).

Their formulas are those of TensorFlow.js 4.22 (tfjs-layers/src/losses.ts).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from . import _core
from ._arguments import named
from ._convert import none_is_default
from ._names import nearest

__all__ = ["LossFunction", "get", "losses", "name_of"]

LossFunction = Callable[[Any, Any], Any]

EPSILON = 1e-7
LOG_2 = math.log(2.0)

ops = _core.ops
losses: dict[str, LossFunction] = {}

# Short names are metrics in TensorFlow.js, never losses; the error for one names the loss.
SHORT = {
    "mse": "meanSquaredError",
    "mae": "meanAbsoluteError",
    "mape": "meanAbsolutePercentageError",
    "msle": "meanSquaredLogarithmicError",
    "kld": "kullbackLeiblerDivergence",
    "kldivergence": "kullbackLeiblerDivergence",
    "cosine": "cosineProximity",
    "cosinesimilarity": "cosineProximity",
    "crossentropy": "categoricalCrossentropy",
    "bce": "binaryCrossentropy",
    "cce": "categoricalCrossentropy",
    "softmaxcrossentropy": "categoricalCrossentropy",
}


F = TypeVar("F", bound=Callable[..., Any])


def as_tensor(value: Any) -> Any:
    return value if isinstance(value, _core.Tensor) else _core.tensor(value)


def as_real(value: Any) -> Any:
    """A tensor of real numbers: whole numbers and truth values become float32."""
    tensor = as_tensor(value)
    return ops.cast(tensor, "float32") if tensor.dtype in ("int32", "bool") else tensor


def _loss(function: F) -> F:
    """Makes a function of real numbers a loss that takes every kind of number."""

    @wraps(function)
    def loss(yTrue: Any, yPred: Any, *args: Any, **kwargs: Any) -> Any:
        return function(as_real(yTrue), as_real(yPred), *args, **kwargs)

    losses[function.__name__] = found = named(loss)
    return cast("F", found)


def _l2_normalize(x: Any) -> Any:
    x = ops.cast(x, "float32")
    square_sum = ops.sum(ops.square(x), -1, True)
    return ops.div(x, ops.sqrt(ops.maximum(square_sum, EPSILON)))


@_loss
def meanSquaredError(yTrue: Any, yPred: Any) -> Any:
    """mean((yPred - yTrue)^2) over the last axis."""
    return ops.mean(ops.square(ops.sub(yPred, yTrue)), -1)


@_loss
def meanAbsoluteError(yTrue: Any, yPred: Any) -> Any:
    """mean(|yPred - yTrue|) over the last axis."""
    return ops.mean(ops.abs(ops.sub(yPred, yTrue)), -1)


@_loss
def meanAbsolutePercentageError(yTrue: Any, yPred: Any) -> Any:
    """100 * mean(|yTrue - yPred| / max(|yTrue|, 1e-7)) over the last axis, in percent."""
    scale = ops.maximum(ops.abs(yTrue), EPSILON)
    return ops.mul(100, ops.mean(ops.abs(ops.div(ops.sub(yTrue, yPred), scale)), -1))


@_loss
def meanSquaredLogarithmicError(yTrue: Any, yPred: Any) -> Any:
    """mean((log(1 + yPred) - log(1 + yTrue))^2) over the last axis; both are raised to at least 1e-7
    first.
    """
    predicted = ops.log(ops.add(1, ops.maximum(yPred, EPSILON)))
    expected = ops.log(ops.add(1, ops.maximum(yTrue, EPSILON)))
    return ops.mean(ops.square(ops.sub(predicted, expected)), -1)


@_loss
def squaredHinge(yTrue: Any, yPred: Any) -> Any:
    """mean(max(0, 1 - yTrue * yPred)^2) over the last axis; targets are -1 and 1."""
    return ops.mean(ops.square(ops.maximum(0, ops.sub(1, ops.mul(yTrue, yPred)))), -1)


@_loss
def hinge(yTrue: Any, yPred: Any) -> Any:
    """mean(max(0, 1 - yTrue * yPred)) over the last axis; targets are -1 and 1."""
    return ops.mean(ops.maximum(0, ops.sub(1, ops.mul(yTrue, yPred))), -1)


@_loss
def categoricalHinge(yTrue: Any, yPred: Any) -> Any:
    """max(0, 1 + max((1 - yTrue) * yPred) - sum(yTrue * yPred)) over the last axis; targets are one-hot."""
    positive = ops.sum(ops.mul(yTrue, yPred), -1)
    negative = ops.max(ops.mul(ops.sub(1, yTrue), yPred), -1)
    return ops.maximum(0, ops.add(1, ops.sub(negative, positive)))


@_loss
def logcosh(yTrue: Any, yPred: Any) -> Any:
    """mean(log(cosh(yPred - yTrue))) over the last axis, in the form that does not overflow."""
    difference = ops.sub(yPred, yTrue)
    return ops.mean(ops.sub(ops.add(difference, ops.softplus(ops.mul(-2, difference))), LOG_2), -1)


@_loss
def categoricalCrossentropy(yTrue: Any, yPred: Any, fromLogits: bool = False) -> Any:
    """-sum(yTrue * log(yPred)) over the last axis; targets are one-hot, predictions are scaled to sum to
    1.
    """
    if fromLogits:
        return ops.softmaxCrossEntropy(yPred, yTrue)
    output = ops.div(yPred, ops.sum(yPred, -1, True))
    output = ops.clipByValue(output, EPSILON, 1 - EPSILON)
    return ops.neg(ops.sum(ops.mul(yTrue, ops.log(output)), -1))


@named
@none_is_default
def sparseCategoricalCrossentropy(yTrue: Any, yPred: Any, fromLogits: bool = False) -> Any:
    """categoricalCrossentropy of class indices: yTrue [..., 1] or [...], whole numbers of any dtype; yPred
    [..., classes].

    Raises ValueError for a label that is none of the classes.
    """
    return sparse_crossentropy(yTrue, yPred, fromLogits=fromLogits)


losses["sparseCategoricalCrossentropy"] = sparseCategoricalCrossentropy


def sparse_crossentropy(yTrue: Any, yPred: Any, counted: Any = None, fromLogits: bool = False) -> Any:
    """sparseCategoricalCrossentropy that does not check labels with a 0 in `counted`, whose dimensions are
    the first ones of yPred.
    """
    yPred = as_real(yPred)
    shape = yPred.shape
    labels = ops.classLabels(ops.reshape(yTrue, shape[:-1]), counted, shape[-1])
    if not fromLogits:
        yPred = ops.clipByValue(yPred, EPSILON, 1 - EPSILON)
    return categoricalCrossentropy(ops.oneHot(labels, shape[-1], 1, 0, "float32"), yPred, fromLogits)


@_loss
def binaryCrossentropy(yTrue: Any, yPred: Any) -> Any:
    """mean of -(yTrue * log(yPred) + (1 - yTrue) * log(1 - yPred)) over the last axis; yPred are
    probabilities.
    """
    yTrue, yPred = as_tensor(yTrue), as_tensor(yPred)
    if yTrue.shape != yPred.shape:
        raise ValueError(
            "logits and labels must have the same shape, but got shapes "
            f"{list(yTrue.shape)} and {list(yPred.shape)}"
        )
    p = ops.clipByValue(yPred, EPSILON, 1 - EPSILON)
    logits = ops.log(ops.div(p, ops.sub(1, p)))
    linear = ops.sub(ops.relu(logits), ops.mul(logits, yTrue))
    return ops.mean(ops.add(linear, ops.log1p(ops.exp(ops.neg(ops.abs(logits))))), -1)


@_loss
def kullbackLeiblerDivergence(yTrue: Any, yPred: Any) -> Any:
    """sum(yTrue * log(yTrue / yPred)) over the last axis; both are clipped to [1e-7, 1] inside the
    logarithm.
    """
    ratio = ops.div(ops.clipByValue(yTrue, EPSILON, 1), ops.clipByValue(yPred, EPSILON, 1))
    return ops.sum(ops.mul(yTrue, ops.log(ratio)), -1)


@_loss
def poisson(yTrue: Any, yPred: Any) -> Any:
    """mean(yPred - yTrue * log(yPred + 1e-7)) over the last axis."""
    return ops.mean(ops.sub(yPred, ops.mul(yTrue, ops.log(ops.add(EPSILON, yPred)))), -1)


@_loss
def cosineProximity(yTrue: Any, yPred: Any) -> Any:
    """Minus the cosine of the angle between yTrue and yPred over the last axis: -1 is the best value."""
    return ops.neg(ops.sum(ops.mul(_l2_normalize(yTrue), _l2_normalize(yPred)), -1))


def get(identifier: str | LossFunction) -> LossFunction:
    """The loss for a name or a function.

    Raises ValueError for an unknown name, naming the nearest right one.
    """
    if not isinstance(identifier, str):
        return identifier
    if identifier in losses:
        return losses[identifier]
    message = f"Unknown loss {identifier}"
    suggestion = _suggest(identifier)
    raise ValueError(f"{message}. Did you mean '{suggestion}'?" if suggestion else message)


def _suggest(name: str) -> str | None:
    plain = name.replace("_", "").lower()
    return SHORT.get(plain) or nearest(name, losses)


def name_of(function: LossFunction) -> str | None:
    """The name of a built-in loss, None for any other function."""
    return next((name for name, known in losses.items() if known is function), None)
