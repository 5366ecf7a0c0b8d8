"""One step of training and of evaluation, as plain functions of tensors.

Nothing here looks at values, so that the same code runs step by step or once under a tracer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import _core
from ..debugging import checked, inside
from ..layers.base import collecting_activity_losses
from .compilation import Compilation
from .weighting import weighted

__all__ = ["test_step", "train_step"]

ops = _core.ops


def train_step(
    model: Any,
    compiled: Compilation,
    inputs: Sequence[Any],
    targets: Sequence[Any],
    weights: Sequence[Any],
) -> list[Any]:
    """Moves the model's weights once; gives the values of `compiled.names` as scalars.

    The total holds the penalties of regularizers; the values of single outputs do not.
    """
    with checked():
        return _train_step(model, compiled, inputs, targets, weights)


def _train_step(
    model: Any,
    compiled: Compilation,
    inputs: Sequence[Any],
    targets: Sequence[Any],
    weights: Sequence[Any],
) -> list[Any]:
    variables = [weight.read() for weight in model.collectedTrainableWeights]
    with _core.Tape() as tape:
        for variable in variables:
            tape.watch(variable)
        with collecting_activity_losses() as penalties:
            outputs = model.run(inputs, training=True)
        with inside("in the loss"):
            values = _losses(compiled, targets, outputs, weights)
            total = _sum([*values, *penalties, *model.calculateLosses()])
    with inside("in the gradients"):
        grads = tape.gradient(total, variables)
    if variables and all(gradient is None for gradient in grads):
        raise ValueError(
            "Cannot find a connection between any variable and the result of the loss function y=f(x). "
            "Please make sure the operations that use variables are inside the function f passed to "
            "minimize()."
        )
    with inside("in the update of the weights"):
        compiled.optimizer.apply(variables, grads)
    return [total, *_reported(compiled, values, targets, outputs)]


def test_step(
    model: Any,
    compiled: Compilation,
    inputs: Sequence[Any],
    targets: Sequence[Any],
    weights: Sequence[Any],
) -> list[Any]:
    """The values of `compiled.names` as scalars, without regularization."""
    with checked():
        outputs = model.run(inputs, training=False)
        with inside("in the loss"):
            values = _losses(compiled, targets, outputs, weights)
        return [_sum(values), *_reported(compiled, values, targets, outputs)]


# Names that pytest would otherwise collect.
test_step.__test__ = False  # type: ignore[attr-defined]


def _losses(
    compiled: Compilation, targets: Sequence[Any], outputs: Sequence[Any], weights: Sequence[Any]
) -> list[Any]:
    """The mean loss of each output that has one; `targets` and `weights` are those of just these outputs."""
    found = []
    for target, weight, index in zip(targets, weights, compiled.fed, strict=True):
        function = compiled.losses[index]
        assert function is not None
        found.append(ops.mean(weighted(function(target, outputs[index]), weight)))
    return found


def _reported(
    compiled: Compilation, values: list[Any], targets: Sequence[Any], outputs: Sequence[Any]
) -> list[Any]:
    by_output = dict(zip(compiled.fed, targets, strict=True))
    found = list(values) if compiled.several else []
    for index, function in compiled.metrics:
        found.append(ops.mean(function(by_output[index], outputs[index])))
    return found


def _sum(terms: list[Any]) -> Any:
    total = terms[0]
    for term in terms[1:]:
        total = ops.add(total, term)
    return total
