"""The described models as Keras models, for any backend."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import layers as kinds

LOSSES = {
    "crossEntropy": keras.losses.categorical_crossentropy,
    "binaryCrossEntropy": keras.losses.binary_crossentropy,
    "squares": keras.losses.mean_squared_error,
}


def build(described: dict[str, Any]) -> Any:
    start = keras.Input(tuple(described["input"]), dtype="int32" if "vocabulary" in described else "float32")
    return keras.Model(start, apply(described["layers"], start))


def apply(layers: list[dict[str, Any]], x: Any) -> Any:
    for layer in layers:
        if layer["layer"] == "residual":
            x = kinds.Add()([apply(layer["branch"], x), apply(layer["shortcut"], x)])
        else:
            x = make(layer)(x)
    return x


def make(layer: dict[str, Any]) -> Any:
    name = layer["layer"]
    if name == "conv":
        rest = {"use_bias": layer["bias"], "activation": layer["activation"]}
        return kinds.Conv2D(layer["filters"], layer["kernel"], layer["stride"], layer["padding"], **rest)
    simple: dict[str, Callable[[], Any]] = {
        "dense": lambda: kinds.Dense(layer["units"], layer["activation"]),
        "depthwise": lambda: kinds.DepthwiseConv2D(layer["kernel"], layer["stride"], "same", use_bias=False),
        "embedding": lambda: kinds.Embedding(layer["vocabulary"], layer["size"]),
        "lstm": lambda: kinds.LSTM(layer["units"]),
        "maxPool": lambda: kinds.MaxPooling2D(layer["size"]),
        "batchNorm": kinds.BatchNormalization,
        "relu": kinds.ReLU,
        "relu6": lambda: kinds.ReLU(6.0),
        "flatten": kinds.Flatten,
        "globalPool": kinds.GlobalAveragePooling2D,
    }
    return simple[name]()
