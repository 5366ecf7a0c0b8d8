"""Cases that Keras computed, run here: objects are read from the configs that Keras writes."""

from __future__ import annotations

from typing import Any

import lamina as tf
from lamina import metrics, objectives
from lamina.constraints import Constraint
from lamina.kinds import to_camel_case
from lamina.layers.base import Layer
from lamina.regularizers import Regularizer
from lamina.serialization import deserialize, from_json

from . import layers
from .reading import Case, Differs, same


class NotYet(AttributeError):
    """What a case needs is not there yet."""


def read(case: Case, base: type, what: str) -> Any:
    spec = from_json({"class_name": case["class"], "config": case["serialized"]})
    try:
        return deserialize(spec, base, what)
    except (ValueError, TypeError, AttributeError) as error:
        raise NotYet(f"{case['class']} is not there yet: {error}") from error


def layer(case: Case) -> None:
    if (
        "error" in case
        or case.get("call_style") == "args"
        or case.get("call_kwargs")
        or "call_tensors" in case
    ):
        raise NotYet("this form of a call is not there yet")
    made = read(case, Layer, "layer")
    layers.run(made, {**case, "mask": case.get("mask") or case.get("call_mask")})


def constraint(case: Case) -> None:
    same("value", read(case, Constraint, "constraint").apply(tf.tensor(case["w"])), case["value"])


def regularizer(case: Case) -> None:
    same("value", read(case, Regularizer, "regularizer").apply(tf.tensor(case["w"])), case["value"])


# Keras' metrics by class, as far as there are metrics of that name.
COUNTED = {"Precision": "precision", "Recall": "recall", "R2Score": "r2Score"}


def metric(case: Case) -> None:
    name = COUNTED.get(case["class"])
    known = {"thresholds"} if name != "r2Score" else set()
    if name is None or set(case["config"]) - known or isinstance(case["config"].get("thresholds"), list):
        raise NotYet(f"{case['class']} is not there yet")
    made = getattr(metrics, name)(dict(case["config"]))
    for batch, result in zip(case["batches"], case["results"], strict=True):
        weights = batch["sample_weight"]
        made.updateState(batch["y_true"], batch["y_pred"], weights)
        same("result", made.result(), result)


LOSSES = {
    "KLDivergence": "kullbackLeiblerDivergence",
    "LogCosh": "logcosh",
}


def loss(case: Case) -> None:
    name = LOSSES.get(case["class"], case["class"][0].lower() + case["class"][1:])
    reduction = case["config"].get("reduction", "sum_over_batch_size")
    if name not in objectives.losses or set(case["config"]) - {"reduction"} or "error" in case:
        raise NotYet(f"{case['class']} is not there yet")
    if reduction not in ("sum", "sum_over_batch_size", "none"):
        raise NotYet(f"the reduction {reduction} is not there yet")
    function, y = objectives.losses[name], tf.tensor(case["y_true"])
    weights = None if case["sample_weight"] is None else tf.tensor(case["sample_weight"])

    def total(p: Any) -> Any:
        from lamina.models.weighting import weighted

        each = weighted(function(y, p), weights)
        return each if reduction == "none" else tf.sum(each) if reduction == "sum" else tf.mean(each)

    p = tf.tensor(case["y_pred"])
    same("value", total(p), case["value"])
    same("gradient", tf.grad(lambda p: tf.sum(total(p)))(p), case["grad_pred"], 2e-5)


def activation(case: Case) -> None:
    if case["kwargs"]:
        raise NotYet("options of activations are not there yet")
    name = {"silu": "swish"}.get(case["fn"], case["fn"])
    camel = name.split("_")[0] + "".join(part.title() for part in name.split("_")[1:])
    try:
        made = tf.layers.activation(activation=camel)
    except ValueError as error:
        raise NotYet(f"{camel} is not there yet") from error
    x = tf.tensor(case["inputs"][0])
    same("outputs", made.apply(x), case["outputs"][0])
    dy = tf.tensor(case["upstream"][0])
    same("gradient", tf.grad(made.apply)(x, dy), case["grad_inputs"][0], 2e-5)


def early_stopping(case: Case) -> None:
    config = {to_camel_case(key): value for key, value in case["config"].items()}
    if "baseline" in config:
        raise NotYet("when to stop by a baseline is TensorFlow.js' rule, not yet an option")
    model = tf.sequential(layers=[tf.layers.dense(units=1, inputShape=[1], useBias=False)])
    model.compile(optimizer="sgd", loss="meanSquaredError")
    callback = tf.callbacks.earlyStopping({"monitor": "loss", **config})
    callback.setModel(model)
    callback.onTrainBegin({})
    stopped = None
    for epoch, value in enumerate(case["values"]):
        model.setWeights([tf.tensor([[float(epoch)]])])
        callback.onEpochEnd(epoch, {"loss": value})
        if model.stopTraining:
            stopped = epoch
            break
    callback.onTrainEnd({})
    kernel = float(model.getWeights()[0].dataSync()[0])
    model.dispose()
    if stopped != case["stop_epoch"]:
        raise Differs(f"stops at {stopped}, not {case['stop_epoch']}")
    same("kernel", kernel, case["kernel_after"])


def _later(case: Case) -> None:
    raise NotYet(f"{case['kind']} is not there yet")


RUNS = {
    "layer": layer,
    "constraint": constraint,
    "regularizer": regularizer,
    "metric": metric,
    "loss": loss,
    "activation": activation,
    "early_stopping": early_stopping,
}


def run(case: Case) -> None:
    RUNS.get(case["kind"], _later)(case)
