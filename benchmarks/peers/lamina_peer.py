"""Lamina, through its public interface. What tf.* does not name (a convolution's gradients) is its own op."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from cases import Calls, Epochs, Unsupported, Values
from digits import Digits

import lamina as tf
from lamina import _core
from peers.lamina_own import own

LOSSES = {
    "crossEntropy": "categoricalCrossentropy",
    "binaryCrossEntropy": "binaryCrossentropy",
    "squares": "meanSquaredError",
}


class Peer:
    def __init__(self, variant: str, threads: int) -> None:
        del variant
        tf.setNumThreads(threads)

    def versions(self) -> dict[str, str]:
        return {"lamina": _core.version, "level": _core.active_level()}

    def prepare(self, workload: dict[str, Any]) -> Any:
        values = Values()
        if workload["kind"] == "first":
            return Calls(lambda: tuple(map(tf.tensor, values.line())), lambda x, y: first(x, y, workload))
        if workload["kind"] == "op":
            nbytes = workload["work"].get("bytes", 0)
            return Calls(lambda: tensors(values.of_op(workload)), op(workload), nbytes=nbytes)
        if workload["kind"] == "own":
            return own(build, workload)
        if workload["kind"] == "digits":
            return Digits(lambda: classifier(workload))
        model = build(workload["model"])
        if workload["kind"] == "predict":
            rows = workload["batch"]

            def sample() -> tuple[Any, ...]:
                return tensors((values.inputs(workload["model"], rows),))

            if rows == 1:
                # Looked up for each call, as in a user's program: the first call puts a quicker one in place.
                return Calls(sample, lambda x: model.predict(x))  # noqa: PLW0108
            # All samples at once; without the option there are 32 in a batch.
            return Calls(sample, lambda x: model.predict(x, batchSize=rows))
        model.compile(optimizer="adam", loss=LOSSES[workload["model"]["loss"]])

        def fit(x: Any, y: Any, epochs: int) -> None:
            model.fit(x, y, epochs=epochs, batchSize=workload["batch"], verbose=0).result()

        return Epochs(lambda: tensors(values.data(workload)), workload["steps"], fit)


def tensors(arrays: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(tf.tensor(array) for array in arrays)


def classifier(workload: dict[str, Any]) -> tuple[Any, Any]:
    model, batch = build(workload["model"]), workload["batch"]
    model.compile(optimizer="adam", loss=LOSSES[workload["model"]["loss"]])
    return (
        lambda x, y: model.fit(x, y, epochs=1, batchSize=batch, verbose=0).result(),
        lambda x: np.asarray(model.predict(x, batchSize=1000)),
    )


def first(x: Any, y: Any, workload: dict[str, Any]) -> Any:
    """The first program of the documentation, from an empty model to a prediction."""
    model = tf.sequential()
    for units in workload["units"]:
        shape = {} if model.layers else {"inputShape": [1]}
        model.add(tf.layers.dense(units=units, **shape))
    model.compile(loss="meanSquaredError", optimizer="sgd")
    model.fit(x, y, epochs=workload["epochs"], verbose=int(workload["bar"])).result()
    return model


def build(model: dict[str, Any]) -> Any:
    kind = "int32" if "vocabulary" in model else "float32"
    start = tf.input(shape=model["input"], dtype=kind)
    return tf.model(inputs=start, outputs=apply(model["layers"], start))


def apply(layers: list[dict[str, Any]], x: Any) -> Any:
    for layer in layers:
        if layer["layer"] == "residual":
            x = tf.layers.add().apply([apply(layer["branch"], x), apply(layer["shortcut"], x)])
        else:
            x = make(layer).apply(x)
    return x


def make(layer: dict[str, Any]) -> Any:
    name = layer["layer"]
    if name == "dense":
        return tf.layers.dense(units=layer["units"], activation=layer["activation"])
    if name == "conv":
        return tf.layers.conv2d(
            filters=layer["filters"],
            kernelSize=layer["kernel"],
            strides=layer["stride"],
            padding=layer["padding"],
            useBias=layer["bias"],
            activation=layer["activation"],
        )
    if name == "depthwise":
        kernel, stride = layer["kernel"], layer["stride"]
        return tf.layers.depthwiseConv2d(kernelSize=kernel, strides=stride, padding="same", useBias=False)
    if name == "embedding":
        return tf.layers.embedding(inputDim=layer["vocabulary"], outputDim=layer["size"])
    if name == "lstm":
        return tf.layers.lstm(units=layer["units"])
    if name == "maxPool":
        return tf.layers.maxPooling2d(poolSize=layer["size"])
    simple: dict[str, Callable[[], Any]] = {
        "batchNorm": tf.layers.batchNormalization,
        "relu": tf.layers.reLU,
        "relu6": lambda: tf.layers.reLU(maxValue=6),
        "flatten": tf.layers.flatten,
        "globalPool": lambda: tf.layers.globalAveragePooling2d({}),
    }
    return simple[name]()


def op(workload: dict[str, Any]) -> Callable[..., Any]:
    shape = workload["shape"]
    if workload["op"] == "adam":
        weights = tf.variable(tf.zeros(shape))
        optimizer = tf.train.adam(0.001)
        # A variable that nobody holds is gone, and its name with it.
        return lambda gradient: optimizer.applyGradients({weights.name: gradient})
    if workload["op"] in ("layerNorm", "batchNorm"):
        return norm(workload)
    calls: dict[str, Callable[..., Any]] = {
        "matMul": tf.matMul,
        "add": tf.add,
        "relu": tf.relu,
        "exp": tf.exp,
        "tanh": tf.tanh,
        "sigmoid": tf.sigmoid,
        "gelu": _core.ops.gelu,
        "softmax": tf.softmax,
        "sumRows": lambda x: tf.sum(x, 0),
        "sumColumns": lambda x: tf.sum(x, 1),
        "conv": lambda x, w: tf.conv2d(x, w, 1, "same"),
        "convInput": lambda g, w: _core.ops.conv2dBackpropInput(g, w, shape[1:3], 1, "same"),
        "convFilter": lambda x, g: _core.ops.conv2dBackpropFilter(x, g, [3, 3], 1, "same"),
        "depthwise": lambda x, w: tf.depthwiseConv2d(x, w, 1, "same"),
        "maxPool": lambda x: tf.maxPool(x, 2, 2, "valid"),
        "gather": tf.gather,
    }
    if workload["op"] not in calls:
        raise Unsupported
    return calls[workload["op"]]


def norm(workload: dict[str, Any]) -> Callable[..., Any]:
    width = workload["shape"][-1]
    scale, offset = tf.ones([width]), tf.zeros([width])
    if workload["op"] == "batchNorm":
        return lambda x: _core.ops.batchNormTraining(x, offset, scale, 1e-3)
    return lambda x: _core.ops.layerNorm(x, offset, scale, 1e-3)
