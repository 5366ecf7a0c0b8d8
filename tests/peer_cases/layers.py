"""A case of a layer run here: outputs, masks, gradients, three steps of training."""

from __future__ import annotations

from typing import Any

import numpy as np

import lamina as tf
from lamina import _core, layers

from .reading import Case, Differs, same


def resolved(value: Any) -> Any:
    """A config with the objects that it stands for."""
    if isinstance(value, dict):
        if "$call" in value:
            space, _, name = value["$call"].rpartition(".")
            return getattr(getattr(tf, space), name)(*[resolved(each) for each in value.get("args", [])])
        return {key: resolved(each) for key, each in value.items()}
    return [resolved(each) for each in value] if isinstance(value, list) else value


def listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def one_or_all(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def kwargs_of(case: Case) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if case.get("training") is not None:
        found["training"] = case["training"]
    masks = case.get("mask")
    if masks:
        found["mask"] = one_or_all([None if m is None else tf.tensor(np.asarray(m, bool)) for m in masks])
    if case.get("initial_state"):
        found["initialState"] = [tf.tensor(state) for state in case["initial_state"]]
    return found


def call(layer: Any, inputs: list[Any], kwargs: dict[str, Any]) -> list[Any]:
    """The outputs; a cell is given its states behind its input, and is no layer of a model."""
    if not layer.getClassName().endswith(("Cell", "Cells")):
        return listed(layer.apply(one_or_all(inputs), kwargs))
    if not layer.built:
        layer.build(inputs[0].shape)
        layer.built = True
    return listed(layer.call(inputs, kwargs))


def run(layer: Any, case: Case) -> None:
    """Raises Differs where something is not as it was computed."""
    inputs = [tf.tensor(x) for x in case["inputs"]]
    kwargs = kwargs_of(case)
    first = call(layer, inputs, kwargs)
    weights = case.get("weights", [])
    if len(layer.getWeights()) != len(weights):
        raise Differs(f"weights: {len(layer.getWeights())}, not {len(weights)}")
    layer.setWeights(weights)
    if getattr(layer, "stateful", False):
        layer.resetStates()
    if "first_outputs" in case:
        same("first outputs", call(layer, inputs, kwargs), case["first_outputs"])
    if case.get("random"):
        same("shapes", [y.shape for y in first], [list(y.shape) for y in case["outputs"]])
        return
    trainable = [weight.read() for weight in layer.trainableWeights]
    sources = [*inputs, *trainable]
    with _core.Tape() as tape:
        for source in sources:
            tape.watch(source)
        outputs = call(layer, inputs, kwargs)
        total = tf.scalar(0)
        if "grad_inputs" in case:
            for y, dy in zip(outputs, case["upstream"], strict=True):
                total = tf.add(total, tf.sum(tf.mul(tf.cast(y, "float32"), tf.tensor(dy))))
    same("outputs", outputs, case["outputs"])
    if "grad_inputs" in case:
        grads = tape.gradient(total, sources)
        same("gradients by inputs", grads[: len(inputs)], case["grad_inputs"], 2e-5)
        same("gradients by weights", grads[len(inputs) :], case["grad_weights"][: len(trainable)], 2e-5)
    if "weights_after_call" in case:
        same("weights after the call", layer.getWeights(), case["weights_after_call"])
    masks = case.get("output_masks")
    if masks and any(mask is not None for mask in masks):
        made = listed(layer.computeMask(one_or_all(inputs), kwargs.get("mask")))
        same("masks", made, masks)
    if "train" in case:
        train(layer, case)


def train(layer: Any, case: Case) -> None:
    wanted = case["train"]
    layer.setWeights(case["weights"])
    inputs = [tf.input(batchShape=x.shape) for x in case["inputs"]]
    # Of a layer that gives its states as well, the first output is trained.
    model = tf.model(inputs=inputs, outputs=listed(layer.apply(one_or_all(inputs)))[0])
    rate = wanted["optimizer"].get("learningRate") or wanted["optimizer"]["learning_rate"]
    model.compile(optimizer=tf.train.sgd(rate), loss="meanSquaredError")
    x = one_or_all([tf.tensor(each) for each in case["inputs"]])
    losses = [model.trainOnBatch(x, wanted["target"]).result() for _ in wanted["losses"]]
    same("losses", losses, wanted["losses"])
    same("trained weights", model.getWeights(), wanted["weights_after"])


def of_tfjs(case: Case) -> None:
    factory = getattr(layers, case["api"].partition(".")[2])
    if "error" not in case:
        run(factory(resolved(case["config"])), case)
        return
    try:
        call(
            factory(resolved(case["config"])), [tf.tensor(x) for x in case.get("inputs", [])], kwargs_of(case)
        )
    except (ValueError, TypeError, NotImplementedError, IndexError):
        return
    raise Differs("no error")
