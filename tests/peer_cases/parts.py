"""Cases of all but layers: losses, metrics, optimizers, initializers, nets, and when a training stops."""

from __future__ import annotations

from typing import Any

import lamina as tf
from lamina import objectives

from .layers import listed, of_tfjs, resolved
from .reading import Case, Differs, same


def named(name: str) -> Any:
    found: Any = tf
    for part in name.split("."):
        found = getattr(found, part)
    return found


def compile_loss(case: Case) -> None:
    loss, y = objectives.losses[case["loss"]], tf.tensor(case["y_true"])
    p = tf.tensor(case["y_pred"])
    same("value of each sample", loss(y, p), case["per_sample"])
    same("value", tf.mean(loss(y, p)), case["value"])
    if case.get("grad_pred") is not None:
        same("gradient", tf.grad(lambda p: tf.mean(loss(y, p)))(p), case["grad_pred"], 2e-5)


def metric(case: Case) -> None:
    same("value", named(case["fn"])(tf.tensor(case["y_true"]), tf.tensor(case["y_pred"])), case["value"])


def tf_loss(case: Case) -> None:
    reduction = {"SUM_BY_NONZERO_WEIGHTS": 3, "NONE": 0, "MEAN": 1, "SUM": 2}[case["reduction"]]
    weights = None if case["weights"] is None else tf.tensor(case["weights"])
    options = case["options"] or []
    function, y = named(case["fn"]), tf.tensor(case["y_true"])

    def loss(p: Any) -> Any:
        if case["fn"] == "losses.computeWeightedLoss":
            return function(p, weights, reduction)
        if case["fn"] == "losses.cosineDistance":
            return function(y, p, 1, weights, reduction)
        return function(y, p, weights, *options, reduction)

    p = tf.tensor(case["y_pred"])
    same("value", loss(p), case["value"])
    if case.get("grad_pred") is not None:
        same("gradient", tf.grad(lambda p: tf.sum(loss(p)))(p), case["grad_pred"], 2e-5)


def optimizer(case: Case) -> None:
    made, w = named(case["fn"])(*resolved(case["args"])), tf.variable(case["start"])
    for grad, after in zip(case["grads"], case["after"], strict=True):
        made.applyGradients({w.name: tf.tensor(grad)})
        same("weights", w, after)
    w.dispose()
    made.dispose()


def constraint(case: Case) -> None:
    same("value", named(case["fn"])(*resolved(case["args"])).apply(tf.tensor(case["w"])), case["value"])


regularizer = constraint


def initializer(case: Case) -> None:
    value = named(case["fn"])(*resolved(case["args"])).apply(case["shape"])
    same("value", value, case["value"])


def early_stopping(case: Case) -> None:
    callback = tf.callbacks.earlyStopping({"monitor": case["monitor"], **case["config"]})
    model = tf.sequential(layers=[tf.layers.dense(units=1, inputShape=[1])])
    model.compile(optimizer="sgd", loss="meanSquaredError")
    callback.setModel(model)
    callback.onTrainBegin({})
    stopped = None
    for epoch, value in enumerate(case["values"]):
        callback.onEpochEnd(epoch, {case["monitor"]: value})
        if model.stopTraining:
            stopped = epoch
            break
    model.dispose()
    if stopped != case["stop_epoch"]:
        raise Differs(f"stops at {stopped}, not {case['stop_epoch']}")


def meta(case: Case) -> None:
    factory = named(case["api"])
    try:
        made = factory(case["config"])
    except Exception:
        if "error" in case:
            return
        raise
    if "error" in case:
        raise Differs("no error")
    if "shape" in case and list(made.shape) != case["shape"]:
        raise Differs(f"shape {made.shape}")
    if "batchInputShape" in case and list(made.batchInputShape) != case["batchInputShape"]:
        raise Differs(f"batchInputShape {made.batchInputShape}")
    if made.dtype != case.get("dtype", made.dtype):
        raise Differs(f"dtype {made.dtype}")


def net(case: Case) -> None:
    model = tf.sequential(layers=resolved(case["layers"]))
    names = [name for name in case["evaluate_names"] if name != "loss"]
    model.setWeights(case["weights"])
    model.compile(optimizer=resolved(case["optimizer"]), loss=case["loss"], metrics=names)
    x = case["inputs"][0] if len(case["inputs"]) == 1 else case["inputs"]
    same("outputs", model.predict(x), case["outputs"][0])
    values = model.evaluate(x, case["target"], batchSize=1024)
    same("evaluate", [float(v) for v in listed(values)], case["evaluate"])
    config = {"epochs": len(case["losses"]), "batchSize": 1024, "shuffle": False, "verbose": 0}
    history = model.fit(x, case["target"], **config).result().history
    for name, wanted in case["history"].items():
        same(f"history of {name}", history[name], wanted)
    same("weights", model.getWeights(), case["weights_after"])
    same("outputs after training", model.predict(x), case["outputs_after"][0])
    model.dispose()


def run(case: Case) -> None:
    """A case of TensorFlow.js of any kind."""
    kinds = {
        each.__name__: each
        for each in (
            compile_loss,
            metric,
            tf_loss,
            optimizer,
            constraint,
            initializer,
            early_stopping,
            meta,
            net,
        )
    }
    {"layer": of_tfjs, "regularizer": regularizer, **kinds}[case["kind"]](case)
