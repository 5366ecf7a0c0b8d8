"""Weights of samples and of classes, as one tensor for each output."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .. import _core
from .._convert import with_rank

__all__ = ["counted_steps", "sample_weights", "weighted"]


def sample_weights(
    sampleWeight: Any, classWeight: Any, targets: Sequence[Any], names: Sequence[str]
) -> list[Any]:
    """The weight of each sample for each output: a tensor [samples] (or with time steps), None where all are
    1.

    Where both kinds are given they are multiplied. Raises ValueError where they do not fit the targets.
    """
    by_sample = _by_output(sampleWeight, names, "sampleWeight", _is_weights)
    by_class = _by_output(classWeight, names, "classWeight", _is_classes)
    found = []
    for y, name, samples, classes in zip(targets, names, by_sample, by_class, strict=True):
        weights = None if samples is None else _checked(samples, y, name)
        if classes is not None:
            from_classes = _of_classes(classes, y)
            if weights is None:
                weights = from_classes
            else:
                weights = _core.ops.mul(weights, with_rank(from_classes, weights.rank))
        found.append(weights)
    return found


def counted_steps(weights: Any, mask: Any) -> Any:
    """Not 0 for each sample, or time step, that counts; None where all do."""
    if mask is None:
        return weights
    steps = _core.ops.cast(mask, "float32")
    if weights is None:
        return steps
    rank = max(weights.rank, steps.rank)
    return _core.ops.mul(with_rank(weights, rank), with_rank(steps, rank))


def weighted(loss: Any, weights: Any, mask: Any = None) -> Any:
    """Per-sample losses times their weights; weights of fewer axes hold for all that follow.

    Steps whose mask is false become 0, and the others are scaled so that the mean over all is the mean over
    the rest; 0 where nothing is left.
    """
    ops = _core.ops
    for factors in (weights, None if mask is None else _shares(mask)):
        if factors is not None:
            loss = ops.mul(with_rank(loss, factors.rank), with_rank(factors, loss.rank))
    return loss


def _shares(mask: Any) -> Any:
    ops = _core.ops
    steps = ops.cast(mask, "float32")
    return ops.mul(steps, ops.div(float(mask.size), ops.maximum(ops.sum(steps), 1)))


def _is_classes(value: Any) -> bool:
    """{class: weight}, as opposed to {output: {class: weight}}."""
    return isinstance(value, Mapping) and not any(isinstance(each, Mapping) for each in value.values())


def _is_weights(value: Any) -> bool:
    if isinstance(value, Mapping):
        return False
    if isinstance(value, (list, tuple)):
        return (
            bool(value)
            and not hasattr(value[0], "shape")
            and not isinstance(value[0], (list, tuple, type(None)))
        )
    return True


def _by_output(given: Any, names: Sequence[str], kind: str, is_single: Any) -> list[Any]:
    if given is None or (isinstance(given, (list, tuple)) and not given):
        return [None] * len(names)
    if len(names) == 1:
        if is_single(given):
            return [given]
        if isinstance(given, (list, tuple)) and len(given) == 1:
            return list(given)
        if isinstance(given, Mapping) and names[0] in given:
            return [given[names[0]]]
        return [given]
    if isinstance(given, (list, tuple)) and not is_single(given):
        if len(given) != len(names):
            raise ValueError(
                f"Provided {kind} is an array of {len(given)} element(s), but the model has {len(names)} "
                "outputs. Make sure a set of weights is provided for each model output."
            )
        return list(given)
    if isinstance(given, Mapping) and not is_single(given):
        unknown = [key for key in given if key not in names]
        if unknown:
            raise ValueError(
                f"{kind}: no output is called '{unknown[0]}'. The outputs are {', '.join(names)}"
            )
        return [given.get(name) for name in names]
    raise ValueError(
        f"The model has multiple ({len(names)}) outputs, so {kind} must be either an array with {len(names)} "
        f"elements or an object with {','.join(names)} keys. Provided {kind} not understood: {given!r}"
    )


def _checked(samples: Any, y: Any, name: str) -> Any:
    weights = samples.clone() if isinstance(samples, _core.Tensor) else _core.tensor(samples)
    weights = _core.ops.cast(weights, "float32")
    if weights.rank == 2 and weights.shape[1] == 1 and weights.shape[0] == y.shape[0]:
        weights = _core.ops.reshape(weights, [-1])
    if not 1 <= weights.rank < len(y.shape) or weights.shape != tuple(y.shape[: weights.rank]):
        raise ValueError(
            f"sampleWeight: expected one weight for each of the {y.shape[0]} samples of the output '{name}' "
            f"(shape [{y.shape[0]}]), or one for each of its time steps; got shape {list(weights.shape)}"
        )
    return weights


def _of_classes(classes: Mapping[Any, float], y: Any) -> Any:
    ops = _core.ops
    data = y if isinstance(y, _core.Tensor) else y.slice(0, y.shape[0])
    rank = len(data.shape)
    if rank == 2 and data.shape[1] > 1:
        indices = ops.argMax(data, 1)
    elif rank == 2 and data.shape[1] == 1:
        indices = ops.reshape(data, [-1])
    elif rank == 2:
        raise ValueError(
            f"Encountered unexpected last-dimension size ({data.shape[1]}) during handling of class weights. "
            "The size is expected to be >= 1."
        )
    else:
        raise ValueError(
            f"Unexpected rank of target (y) tensor ({rank}) during handling of class weights. "
            "The rank is expected to be 1 or 2."
        )
    known = {int(key): float(weight) for key, weight in classes.items()}
    weights = []
    for index in indices.dataSync():
        if index not in known:
            raise ValueError(
                "classWeight must contain all classes in the training data. "
                f"The class {index:g} exists in the data but not in classWeight"
            )
        weights.append(known[index])
    return _core.tensor(weights, None, "float32")
