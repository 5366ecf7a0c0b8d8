"""TensorFlow below fit(): tf.function around a step of Keras layers, and its plain ops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf
from cases import Calls, Epochs, Unsupported, Values


class Peer:
    def __init__(self, variant: str, threads: int) -> None:
        del variant
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)

    def versions(self) -> dict[str, str]:
        import keras

        return {"tensorflow": tf.__version__, "keras": keras.__version__}

    def prepare(self, workload: dict[str, Any]) -> Any:
        kind, values = workload["kind"], Values()
        if kind in ("first", "own", "digits"):
            raise Unsupported
        if kind == "op":
            call = op(workload)
            nbytes = workload["work"].get("bytes", 0)
            return Calls(lambda: tuple(map(tf.constant, values.of_op(workload))), call, nbytes=nbytes)
        return training(workload, values) if kind == "fit" else predicting(workload, values)


def predicting(workload: dict[str, Any], values: Values) -> Calls:
    from peers.keras_models import build

    model = build(workload["model"])

    def make() -> tuple[Any]:
        return (tf.constant(values.inputs(workload["model"], workload["batch"])),)

    sample = make()[0]
    forward = tf.function(lambda x: model(x, training=False)).get_concrete_function(
        tf.TensorSpec(sample.shape, sample.dtype)
    )
    return Calls(make, lambda x: forward(x).numpy())


def training(workload: dict[str, Any], values: Values) -> Epochs:
    import keras

    from peers.keras_models import LOSSES, build

    model, optimizer = build(workload["model"]), keras.optimizers.Adam(1e-3)
    optimizer.build(model.trainable_variables)
    loss, batch = LOSSES[workload["model"]["loss"]], workload["batch"]

    @tf.function
    def step(x: Any, y: Any) -> Any:
        with tf.GradientTape() as tape:
            value = tf.reduce_mean(loss(y, model(x, training=True)))
        optimizer.apply(tape.gradient(value, model.trainable_variables), model.trainable_variables)
        return value

    def fit(x: Any, y: Any, epochs: int) -> None:
        for _ in range(epochs):
            for part in zip(x, y, strict=True):
                value = step(*part)
        value.numpy()

    def data() -> tuple[Any, Any]:
        """Ready batches: the loop is given what fit() has to gather."""
        x, y = values.data(workload)
        starts = range(0, len(x), batch)
        return tuple([tf.constant(part[s : s + batch]) for s in starts] for part in (x, y))  # type: ignore[return-value]

    return Epochs(data, workload["steps"], fit)


def op(workload: dict[str, Any]) -> Callable[..., Any]:
    name, shape = workload["op"], workload["shape"]
    if name == "adam":
        return adam(shape)
    one, zero = tf.ones([shape[-1]]), tf.zeros([shape[-1]])
    filters = [3, 3, shape[-1], workload.get("filters", 1)]
    four = [1, 1, 1, 1]

    def layer_norm(x: Any) -> Any:
        mean, variance = tf.nn.moments(x, [-1], keepdims=True)
        return tf.nn.batch_normalization(x, mean, variance, zero, one, 1e-3)

    calls: dict[str, Callable[..., Any]] = {
        "matMul": tf.matmul,
        "add": tf.add,
        "relu": tf.nn.relu,
        "exp": tf.exp,
        "tanh": tf.tanh,
        "sigmoid": tf.sigmoid,
        "gelu": tf.function(tf.nn.gelu),
        "softmax": tf.nn.softmax,
        "sumRows": lambda x: tf.reduce_sum(x, 0),
        "sumColumns": lambda x: tf.reduce_sum(x, 1),
        "layerNorm": tf.function(layer_norm),
        "batchNorm": lambda x: tf.raw_ops.FusedBatchNormV3(
            x=x, scale=one, offset=zero, mean=[], variance=[], is_training=True, epsilon=1e-3
        ),
        "conv": lambda x, w: tf.nn.conv2d(x, w, 1, "SAME"),
        "convInput": lambda g, w: tf.raw_ops.Conv2DBackpropInput(
            input_sizes=shape, filter=w, out_backprop=g, strides=four, padding="SAME"
        ),
        "convFilter": lambda x, g: tf.raw_ops.Conv2DBackpropFilter(
            input=x, filter_sizes=filters, out_backprop=g, strides=four, padding="SAME"
        ),
        "depthwise": lambda x, w: tf.nn.depthwise_conv2d(x, w, four, "SAME"),
        "maxPool": lambda x: tf.nn.max_pool2d(x, 2, 2, "VALID"),
        "gather": tf.gather,
    }
    return calls[name]


def adam(shape: list[int]) -> Callable[[Any], Any]:
    weights, mean, square = (tf.Variable(tf.zeros(shape)) for _ in range(3))

    def update(gradient: Any) -> Any:
        return tf.raw_ops.ResourceApplyAdam(
            **{"var": weights.handle, "m": mean.handle, "v": square.handle, "grad": gradient},
            **{"beta1_power": 0.9, "beta2_power": 0.999, "lr": 1e-3},
            **{"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-7},
        )

    return update
