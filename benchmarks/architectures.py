"""The models every peer builds, as plain descriptions: each peer reads them with its own layers.

A description travels to the workers as JSON, also to the one in JavaScript. Images are given as height,
width, channels; "same" padding is that of TensorFlow.
"""

from __future__ import annotations

from typing import Any

Layer = dict[str, Any]
Model = dict[str, Any]


def dense(units: int, activation: str = "linear") -> Layer:
    return {"layer": "dense", "units": units, "activation": activation}


def conv(filters: int, kernel: int, stride: int = 1, **rest: Any) -> Layer:
    given = {"padding": "same", "bias": False, "activation": "linear", **rest}
    return {"layer": "conv", "filters": filters, "kernel": kernel, "stride": stride, **given}


def depthwise(kernel: int, stride: int) -> Layer:
    return {"layer": "depthwise", "kernel": kernel, "stride": stride}


def plain(name: str, **rest: Any) -> Layer:
    """A layer without weights, or one that takes its size from what it is applied to."""
    return {"layer": name, **rest}


def perceptron(*sizes: int, last: str = "softmax") -> Model:
    hidden = [dense(units, "relu") for units in sizes[1:-1]]
    loss = "crossEntropy" if last == "softmax" else "squares"
    return {"input": [sizes[0]], "layers": [*hidden, dense(sizes[-1], last)], "loss": loss}


def convolutional(size: int = 28, filters: tuple[int, int] = (32, 64), units: int = 128) -> Model:
    layers: list[Layer] = []
    for count in filters:
        layers += [conv(count, 3, padding="valid", bias=True, activation="relu"), plain("maxPool", size=2)]
    layers += [plain("flatten"), dense(units, "relu"), dense(10, "softmax")]
    return {"input": [size, size, 1], "layers": layers, "loss": "crossEntropy"}


def residual(blocks: int, widths: tuple[int, ...] = (16, 32, 64), size: int = 32) -> Model:
    """ResNet for small images: 6 * blocks + 2 layers deep with three widths."""
    layers = [conv(widths[0], 3), plain("batchNorm"), plain("relu")]
    for stage, width in enumerate(widths):
        for block in range(blocks):
            stride = 2 if stage and not block else 1
            branch = [
                conv(width, 3, stride),
                plain("batchNorm"),
                plain("relu"),
                conv(width, 3),
                plain("batchNorm"),
            ]
            shortcut = [conv(width, 1, stride), plain("batchNorm")] if stride == 2 else []
            layers += [plain("residual", branch=branch, shortcut=shortcut), plain("relu")]
    layers += [plain("globalPool"), dense(10, "softmax")]
    return {"input": [size, size, 3], "layers": layers, "loss": "crossEntropy"}


def recurrent(vocabulary: int = 20000, size: int = 128, steps: int = 80) -> Model:
    embedding = plain("embedding", vocabulary=vocabulary, size=size)
    layers = [embedding, plain("lstm", units=size), dense(1, "sigmoid")]
    return {"input": [steps], "vocabulary": vocabulary, "layers": layers, "loss": "binaryCrossEntropy"}


MOBILE_BLOCKS = (
    *((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)),
    *((512, 1), (512, 1), (512, 1), (512, 1), (512, 1), (1024, 2), (1024, 1)),
)


def mobile(alpha: float, size: int = 224, blocks: tuple[tuple[int, int], ...] = MOBILE_BLOCKS) -> Model:
    """MobileNet v1."""

    def normed(layer: Layer) -> list[Layer]:
        return [layer, plain("batchNorm"), plain("relu6")]

    layers = normed(conv(int(32 * alpha), 3, 2))
    for filters, stride in blocks:
        layers += normed(depthwise(3, stride)) + normed(conv(int(filters * alpha), 1))
    layers += [plain("globalPool"), dense(1000, "softmax")]
    return {"input": [size, size, 3], "layers": layers, "loss": "crossEntropy"}
