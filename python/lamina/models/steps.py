"""One step of training and of evaluation, as plain functions of tensors.

Nothing here looks at values, so that the same code runs step by step or once under a tracer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import _core
from ..counted_metrics import Metric
from ..debugging import checked, inside
from ..layers.base import collecting_activity_losses, keeping_averages
from ..objectives import sparse_crossentropy, sparseCategoricalCrossentropy
from .compilation import Compilation
from .weighting import counted_steps, weighted

__all__ = ["test_step", "train_step", "trained_variables"]

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
    with checked(), keeping_averages():
        return _train_step(model, compiled, inputs, targets, weights)


def trained_variables(model: Any) -> list[Any]:
    """The variables that a step moves now. Raises ValueError where there are none."""
    variables = [weight.read() for weight in model.trainableWeights]
    if not variables:
        raise ValueError(
            "variableGrads() expects at least one of the input variables to be trainable, but none of the "
            f"{len(model.weights)} variables is trainable."
        )
    return variables


def _train_step(
    model: Any,
    compiled: Compilation,
    inputs: Sequence[Any],
    targets: Sequence[Any],
    weights: Sequence[Any],
) -> list[Any]:
    variables = trained_variables(model)
    with _core.Tape() as tape:
        for variable in variables:
            tape.watch(variable)
        with collecting_activity_losses() as penalties:
            outputs, masks = model.run_with_masks(inputs, training=True)
        with inside("in the loss"):
            values = _losses(compiled, targets, outputs, masks, weights)
            total = _sum([*values, *penalties, *model.calculateLosses()])
    with inside("in the gradients"):
        grads = tape.gradient(total, variables)
    if all(gradient is None for gradient in grads):
        raise ValueError(
            "Cannot find a connection between any variable and the result of the loss function y=f(x). "
            "Please make sure the operations that use variables are inside the function f passed to "
            "minimize()."
        )
    with inside("in the update of the weights"):
        compiled.optimizer.apply(variables, grads)
    return [total, *_reported(compiled, values, targets, outputs, masks=masks, weights=weights)]


def test_step(
    model: Any,
    compiled: Compilation,
    inputs: Sequence[Any],
    targets: Sequence[Any],
    weights: Sequence[Any],
) -> list[Any]:
    """The values of `compiled.names` as scalars, without regularization."""
    with checked():
        outputs, masks = model.run_with_masks(inputs, training=False)
        with inside("in the loss"):
            values = _losses(compiled, targets, outputs, masks, weights)
        return [_sum(values), *_reported(compiled, values, targets, outputs, masks=masks, weights=weights)]


# Names that pytest would otherwise collect.
test_step.__test__ = False  # type: ignore[attr-defined]


def _losses(
    compiled: Compilation,
    targets: Sequence[Any],
    outputs: Sequence[Any],
    masks: Sequence[Any],
    weights: Sequence[Any],
) -> list[Any]:
    """The mean loss of each output that has one, without the steps that its mask leaves out; `targets` and
    `weights` are those of just these outputs.
    """
    found = []
    for target, weight, index in zip(targets, weights, compiled.fed, strict=True):
        function, output, mask = compiled.losses[index], outputs[index], masks[index]
        assert function is not None
        values = _values(function, target, output, counted_steps(weight, mask))
        found.append(ops.mean(weighted(values, weight, mask)))
    return found


def _values(function: Any, target: Any, output: Any, counted: Any) -> Any:
    """What a loss or metric gives; where `counted` is 0, the target need not be a class."""
    if function is sparseCategoricalCrossentropy:
        return sparse_crossentropy(target, output, counted)
    return function(target, output)


def _reported(
    compiled: Compilation,
    values: list[Any],
    targets: Sequence[Any],
    outputs: Sequence[Any],
    *,
    masks: Sequence[Any],
    weights: Sequence[Any],
) -> list[Any]:
    by_output = dict(zip(compiled.fed, zip(targets, weights, strict=True), strict=True))
    found = list(values) if compiled.several else []
    for index, function in compiled.metrics:
        (target, weight), mask = by_output[index], masks[index]
        if isinstance(function, Metric):
            function.updateState(target, outputs[index], counted_steps(None, mask))
            found.append(function.result())
            continue
        of_steps = _values(function, target, outputs[index], counted_steps(weight, mask))
        # A metric may give one number for the whole batch.
        found.append(ops.mean(weighted(of_steps, None, mask if of_steps.rank else None)))
    return found


def _sum(terms: list[Any]) -> Any:
    total = terms[0]
    for term in terms[1:]:
        total = ops.add(total, term)
    return total
