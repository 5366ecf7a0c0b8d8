"""The metrics that `compile` knows by name, and the functions of `tf.metrics`: `f(yTrue, yPred)`.

Their formulas are those of TensorFlow.js 4.22 (tfjs-layers/src/metrics.ts). A model reports the mean of what
a metric returns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from . import _core
from . import counted_metrics as counted
from ._arguments import name_arguments
from ._names import camel, nearest
from .counted_metrics import Metric
from .errors import ConfigError
from .objectives import (
    as_real,
    as_tensor,
    binaryCrossentropy,
    categoricalCrossentropy,
    cosineProximity,
    losses,
    meanAbsoluteError,
    meanAbsolutePercentageError,
    meanSquaredError,
    sparseCategoricalCrossentropy,
)

__all__ = [
    "MAE",
    "MAPE",
    "MSE",
    "Metric",
    "binaryAccuracy",
    "binaryCrossentropy",
    "categoricalAccuracy",
    "categoricalCrossentropy",
    "cosineProximity",
    "mae",
    "mape",
    "meanAbsoluteError",
    "meanAbsolutePercentageError",
    "meanSquaredError",
    "mse",
    "precision",
    "r2Score",
    "recall",
    "sparseCategoricalAccuracy",
    "sparseCategoricalCrossentropy",
]

MetricFunction = Callable[[Any, Any], Any]

ops = _core.ops

ACCURACY = ("accuracy", "acc")
CROSSENTROPY = ("crossentropy", "ce")


def binaryAccuracy(yTrue: Any, yPred: Any) -> Any:
    """The share of predictions on the right side of 0.5, over the last axis. Shape: that of yPred less its
    last axis.
    """
    yTrue = as_tensor(yTrue)
    return ops.mean(ops.equal(yTrue, ops.cast(ops.greater(yPred, 0.5), yTrue.dtype)), -1)


def categoricalAccuracy(yTrue: Any, yPred: Any) -> Any:
    """1 where the largest entries of yTrue and yPred stand at the same place of the last axis, else 0."""
    return ops.cast(ops.equal(ops.argMax(yTrue, -1), ops.argMax(yPred, -1)), "float32")


def sparseCategoricalAccuracy(yTrue: Any, yPred: Any) -> Any:
    """1 where yPred [..., classes] is largest at the class index yTrue ([..., 1] or [...]), else 0."""
    yTrue, yPred = as_real(yTrue), as_tensor(yPred)
    if yTrue.rank == yPred.rank:
        yTrue = ops.squeeze(yTrue, [yTrue.rank - 1])
    return ops.cast(ops.equal(yTrue, ops.cast(ops.argMax(yPred, -1), yTrue.dtype)), "float32")


def _count(yTrue: Any, true: int, yPred: Any, predicted: int) -> Any:
    both = ops.logicalAnd(ops.equal(yTrue, true), ops.equal(yPred, predicted))
    return ops.cast(ops.sum(both), "float32")


def _share(part: Any, rest: Any) -> Any:
    whole = ops.add(part, rest)
    return ops.where(ops.greater(whole, 0), ops.div(part, whole), 0)


def _object(kind: type[Metric], config: Any, options: dict[str, Any]) -> Metric:
    """A metric for compile(), from a config or the same keys."""
    if config is not None and not isinstance(config, Mapping):
        raise ConfigError(
            f"tf.metrics.{kind.factory}: yPred is missing (a config is a dict, got {config!r:.60})"
        )
    given = {**(config or {}), **options}
    known = [name for name in ("thresholds", "name") if name in kind.__init__.__code__.co_varnames]
    for key in given:
        if key not in known:
            raise ConfigError(
                f"tf.metrics.{kind.factory}: unknown option {key!r}. Options: {', '.join(known)}"
            )
    return kind(**given)


def precision(yTrue: Any = None, yPred: Any = None, **options: Any) -> Any:
    """True positives among all predicted positives, a scalar; values are exactly 0 or 1. 0 where nothing is
    positive.

    Without data, `precision({"thresholds": 0.5})` is a metric for compile(), which counts over an epoch what
    lies above the threshold.
    """
    if yPred is None:
        return _object(counted.Precision, yTrue, options)
    return _share(_count(yTrue, 1, yPred, 1), _count(yTrue, 0, yPred, 1))


def recall(yTrue: Any = None, yPred: Any = None, **options: Any) -> Any:
    """True positives among all real positives, a scalar; values are exactly 0 or 1. 0 where nothing is
    positive.

    Without data, `recall({"thresholds": 0.5})` is a metric for compile(), which counts over an epoch what
    lies above the threshold.
    """
    if yPred is None:
        return _object(counted.Recall, yTrue, options)
    return _share(_count(yTrue, 1, yPred, 1), _count(yTrue, 1, yPred, 0))


def r2Score(yTrue: Any = None, yPred: Any = None, **options: Any) -> Any:
    """1 - sum((yTrue - yPred)^2) / sum((yTrue - mean(yTrue))^2), a scalar.

    Without data, `r2Score()` is a metric for compile(), of all that an epoch has seen.
    """
    if yPred is None:
        return _object(counted.R2Score, yTrue, options)
    residual = ops.sum(ops.square(ops.sub(yTrue, yPred)))
    total = ops.sum(ops.square(ops.sub(yTrue, ops.mean(yTrue))))
    return ops.sub(1, ops.div(residual, total))


name_arguments(
    globals(),
    ("binaryAccuracy", "categoricalAccuracy", "precision", "r2Score", "recall", "sparseCategoricalAccuracy"),
)

mse = MSE = meanSquaredError
mae = MAE = meanAbsoluteError
mape = MAPE = meanAbsolutePercentageError

# What a string given to `compile` stands for; 'accuracy' and 'crossentropy' depend on the output, see
# `resolve`.
metrics: dict[str, MetricFunction] = {
    "binaryAccuracy": binaryAccuracy,
    "categoricalAccuracy": categoricalAccuracy,
    "precision": precision,
    "categoricalCrossentropy": categoricalCrossentropy,
    "sparseCategoricalCrossentropy": sparseCategoricalCrossentropy,
    "mse": mse,
    "MSE": MSE,
    "mae": mae,
    "MAE": MAE,
    "mape": mape,
    "MAPE": MAPE,
    "cosine": cosineProximity,
}


# Functions of one batch, and what counts in their place in a model.
COUNTED: dict[MetricFunction, type[Metric]] = {
    precision: counted.Precision,
    recall: counted.Recall,
    r2Score: counted.R2Score,
}


def get(identifier: Any) -> Any:
    """The metric for a name, a function or an object.

    Raises ValueError for an unknown name, with the nearest right one, or the function to pass instead.
    """
    if not isinstance(identifier, str):
        if callable(identifier) or isinstance(identifier, Metric):
            return identifier
        raise ValueError(f"Unknown metric {identifier!r}: a metric is a name or a function f(yTrue, yPred)")
    if identifier in metrics:
        return metrics[identifier]
    raise ValueError(f"Unknown metric {identifier}{_hint(identifier)}")


def _hint(name: str) -> str:
    if camel(name) in __all__ and camel(name) not in metrics:
        return f". Pass the function tf.metrics.{camel(name)}"
    near = nearest(name, (*metrics, *ACCURACY, *CROSSENTROPY))
    return f". Did you mean '{near}'?" if near else ""


def from_label(name: str) -> str | MetricFunction:
    """What a label in a saved file stands for: a name that `compile` takes, or the function that was
    given.
    """
    if name in metrics or name in (*ACCURACY, *CROSSENTROPY):
        return name
    function = losses.get(name) or (globals()[name] if name in __all__ else None)
    if function is None:
        raise ValueError(f"Unknown metric {name}{_hint(name)}")
    return function


def resolve(
    identifier: str | MetricFunction | Metric, output_dim: int | None, loss: MetricFunction | None
) -> tuple[str, MetricFunction | Metric]:
    """The label and the function of one metric of one output.

    'accuracy' and 'crossentropy' (labels 'acc', 'ce') are binary where the output's last dimension is 1 or
    the loss is binaryCrossentropy, sparse where the loss is, and categorical otherwise.
    """
    if isinstance(identifier, str) and identifier in (*ACCURACY, *CROSSENTROPY):
        accuracy = identifier in ACCURACY
        if output_dim == 1 or loss is binaryCrossentropy:
            function = binaryAccuracy if accuracy else binaryCrossentropy
        elif loss is sparseCategoricalCrossentropy:
            function = sparseCategoricalAccuracy if accuracy else sparseCategoricalCrossentropy
        else:
            function = categoricalAccuracy if accuracy else categoricalCrossentropy
        return ("acc" if accuracy else "ce"), function
    function = get(identifier)
    return label(identifier), COUNTED[function]() if function in COUNTED else function


def label(identifier: str | MetricFunction | Metric) -> str:
    """The name under which a metric stands in logs and files: a string keeps itself."""
    if isinstance(identifier, str):
        return identifier
    if isinstance(identifier, Metric):
        return identifier.name
    for known in (losses, metrics):
        for name, function in known.items():
            if function is identifier:
                return name
    name = getattr(identifier, "__name__", type(identifier).__name__)
    return "metric" if name == "<lambda>" else name


def __getattr__(name: str) -> Any:
    from ._names import suggest

    raise AttributeError(suggest(name, __all__, "tf.metrics"))
