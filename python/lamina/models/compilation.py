"""What `compile` settles: the optimizer, a loss for each output, the metrics and their names."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from .. import metrics
from ..counted_metrics import Metric
from ..errors import LaminaWarning
from ..kinds import describe, to_snake_case
from ..objectives import LossFunction, name_of
from ..objectives import get as get_loss
from ..train import optimizers
from ..train.optimizer import Optimizer
from .counting import Counts

__all__ = ["Compilation"]


class Compilation:
    """The compiled form of a model.

    `losses[i]` is the loss of output i, None where it has none. `metrics` holds (output, function) and
    `names` the labels of all values of a step: 'loss', with several outputs '<output>_loss' of each, then the
    metrics, with several outputs as '<output>_<metric>'.
    """

    def __init__(
        self,
        optimizer: Any,
        loss: Any,
        given_metrics: Any,
        output_names: Sequence[str],
        output_shapes: Sequence[tuple[int | None, ...]],
    ) -> None:
        self.loss = [] if loss is None else loss
        self.given_metrics = given_metrics
        self.losses = _losses_of(self.loss, output_names)
        self.metrics: list[tuple[int, LossFunction | Metric]] = []
        self.names = ["loss"]
        several = len(output_names) > 1
        self.several = several
        if several:
            self.names += [
                f"{name}_loss" for name, f in zip(output_names, self.losses, strict=True) if f is not None
            ]
        for index, wanted in enumerate(_metrics_of(given_metrics, output_names)):
            shape = output_shapes[index]
            for identifier in wanted:
                label, function = metrics.resolve(
                    identifier, shape[-1] if shape else None, self.losses[index]
                )
                self.names.append(f"{output_names[index]}_{label}" if several else label)
                self.metrics.append((index, function))
        objects = [metric for _, metric in self.metrics if isinstance(metric, Metric)]
        for i, metric in enumerate(objects):
            if metric in objects[:i]:
                raise ValueError(
                    f"The metric object '{metric.name}' counts for several outputs: give each one of its own."
                )
        self.counts = Counts(objects)
        first = len(self.names) - len(self.metrics)
        # Places among `names` of values of a whole run, where others are means of batches.
        self.counted = [first + i for i, (_, m) in enumerate(self.metrics) if isinstance(m, Metric)]
        self.optimizer = _optimizer_of(optimizer)
        self.optimizer.begin_use(self, made_by_model=isinstance(optimizer, str))
        self.runs_eagerly = False

    def total(self, sums: Sequence[float], values: Sequence[float], samples: int) -> list[float]:
        """Sums over samples, given those over batches and the values of the last one."""
        found = list(sums)
        for place in self.counted:
            found[place] = values[place] * samples
        return found

    @property
    def fed(self) -> list[int]:
        """The outputs that need targets."""
        return [index for index, function in enumerate(self.losses) if function is not None]

    def unique_names(self) -> list[str]:
        """`names`, with _0, _1 ... where a name stands several times."""
        seen: dict[str, int] = {}
        found = []
        for name in self.names:
            if self.names.count(name) > 1:
                number = seen.get(name, 0)
                seen[name] = number + 1
                found.append(f"{name}_{number}")
            else:
                found.append(name)
        return found

    def training_config(self) -> dict[str, Any]:
        """What model.json says of it. Raises ValueError for losses that have no name."""
        return {
            "loss": _written_losses(self.loss),
            "metrics": _written_metrics(self.given_metrics),
            "optimizer_config": {
                "class_name": self.optimizer.getClassName(),
                "config": self.optimizer.savedConfig(),
            },
        }


def _is_promise(value: Any) -> bool:
    # It can be called, but only to say that an `await` was forgotten.
    return hasattr(type(value), "__await__")


def _optimizer_of(optimizer: Any) -> Optimizer:
    if isinstance(optimizer, str):
        return optimizers.get(optimizer)
    if not isinstance(optimizer, Optimizer):
        hint = ""
        if callable(optimizer) and not _is_promise(optimizer):
            hint = " Call it: tf.train.sgd(0.01), not tf.train.sgd."
        raise ValueError(
            f"User-defined optimizer must be an instance of tf.Optimizer. Got {describe(optimizer)}.{hint}"
        )
    return optimizer


def _losses_of(loss: Any, names: Sequence[str]) -> list[LossFunction | None]:
    if isinstance(loss, Mapping):
        for name in loss:
            if name not in names:
                raise ValueError(
                    f'Unknown entry in loss dictionary: "{name}". Only expected the following keys: '
                    f"{','.join(names)}"
                )
        found: list[LossFunction | None] = []
        for name in names:
            if loss.get(name) is None:
                warnings.warn(
                    f'Output "{name}" is missing from loss dictionary. We assume this was done on purpose, '
                    f"and we will not be expecting data to be passed to {name} during training",
                    LaminaWarning,
                    stacklevel=2,
                )
                found.append(None)
            else:
                found.append(_checked(loss[name]))
        return found
    if isinstance(loss, (list, tuple)):
        if len(loss) != len(names):
            raise ValueError(
                "When passing an Array as loss, it should have one entry per model output. "
                f"The model has {len(names)} output(s), but you passed loss={loss}."
            )
        return [None if each is None else _checked(each) for each in loss]
    return [_checked(loss)] * len(names)


def _checked(loss: Any) -> LossFunction:
    if not isinstance(loss, str) and (not callable(loss) or _is_promise(loss)):
        raise ValueError(f"A loss is a name or a function f(yTrue, yPred). Got {describe(loss)}.")
    return get_loss(loss)


def _metrics_of(given: Any, names: Sequence[str]) -> list[Sequence[Any]]:
    if given is None:
        return [() for _ in names]
    if isinstance(given, (str, Metric)) or callable(given):
        return [[given] for _ in names]
    if isinstance(given, (list, tuple)):
        return [given for _ in names]
    if isinstance(given, Mapping):
        for name in given:
            if name not in names:
                raise ValueError(
                    f'Unknown entry in metrics dictionary: "{name}". '
                    f"Only expected the following keys: {','.join(names)}"
                )
        found = (given.get(name, ()) for name in names)
        return [each if isinstance(each, (list, tuple)) else [each] for each in found]
    raise TypeError(
        "Type of metrics argument not understood. Expected an string, function, Array, or Object, "
        f"found: {given!r}"
    )


def _written_losses(loss: Any) -> Any:
    if isinstance(loss, Mapping):
        return {name: _written_losses(each) for name, each in loss.items()}
    if isinstance(loss, (list, tuple)):
        return [_written_losses(each) for each in loss]
    name = loss if isinstance(loss, str) or loss is None else name_of(loss)
    if name is None:
        raise ValueError(
            "Serialization of non-string loss is not supported. Save without includeOptimizer, or compile "
            "with a loss by name."
        )
    return to_snake_case(name)


def _written_metrics(given: Any) -> Any:
    if given is None:
        return {}
    if isinstance(given, Mapping):
        return {name: _written_metrics(each) for name, each in given.items()}
    if isinstance(given, (list, tuple)):
        return [to_snake_case(metrics.label(each)) for each in given]
    return [to_snake_case(metrics.label(given))]
