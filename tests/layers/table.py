"""Every layer with its options, as rows: from each row come the checks of test_table.py.

Add a row for each option whose effect differs, with sizes that differ from one another.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Row:
    """One layer with one config on inputs of given shapes (with the batch)."""

    layer: str
    config: dict[str, Any] = field(default_factory=dict)
    inputs: tuple[tuple[int, ...], ...] = ((2, 3),)
    dtype: str = "float32"
    integers_below: int = 0
    kwargs: dict[str, Any] = field(default_factory=dict)
    # How often the layer is called before the outputs are compared; for layers that keep state.
    calls: int = 1
    # Draws at random in training, so that only inference is compared.
    random: bool = False
    # What TensorFlow.js does not do; values are then tested one by one, gradients compared with differences.
    only_here: str = ""
    # Why TensorFlow.js cannot differentiate it; the gradient is then compared with differences.
    no_gradient_there: str = ""

    @property
    def id(self) -> str:
        options = ",".join(f"{key}={value}" for key, value in {**self.config, **self.kwargs}.items())
        dtype = "" if self.dtype == "float32" else self.dtype
        return f"{self.layer}({options}){list(self.inputs)}{dtype}".replace(" ", "")


IMAGE = ((2, 5, 7, 3),)
IMAGE_FIRST = ((2, 3, 5, 7),)
SEQUENCE = ((3, 4, 2),)

ACTIVATIONS = (
    "elu",
    "selu",
    "relu",
    "relu6",
    "linear",
    "sigmoid",
    "hardSigmoid",
    "softplus",
    "softsign",
    "tanh",
    "softmax",
    "logSoftmax",
    "gelu",
    "gelu_new",
    "mish",
    "swish",
)

ROWS: list[Row] = [
    # dense
    Row("dense", {"units": 4}),
    Row("dense", {"units": 1}, ((5, 1),)),
    Row("dense", {"units": 4, "useBias": False}),
    Row("dense", {"units": 4}, ((2, 3, 5),)),
    Row("dense", {"units": 2, "activation": "softmax"}, ((2, 3, 4, 5),)),
    *(Row("dense", {"units": 4, "activation": name}) for name in ACTIVATIONS),
    Row("dense", {"units": 4, "kernelInitializer": "heUniform", "biasInitializer": "ones", "inputDim": 3}),
    Row("dense", {"units": 4, "kernelRegularizer": "l1l2", "biasConstraint": "nonNeg", "trainable": False}),
    # activations as layers
    *(Row("activation", {"activation": name}, ((3, 5),)) for name in ACTIVATIONS),
    Row("reLU"),
    Row("reLU", {"maxValue": 0.5}, ((4, 5),)),
    Row("leakyReLU", {}, ((4, 5),)),
    Row("leakyReLU", {"alpha": 0.1}, ((4, 5),)),
    Row("prelu", {}, ((2, 3, 4),)),
    Row("prelu", {"sharedAxes": [1]}, ((2, 3, 4),)),
    Row("prelu", {"sharedAxes": [1, 2]}, IMAGE),
    Row("elu", {}, ((4, 5),)),
    Row("thresholdedReLU", {}, ((4, 5),), no_gradient_there="greater has no gradient"),
    Row("thresholdedReLU", {"theta": 0.3}, ((4, 5),), no_gradient_there="greater has no gradient"),
    Row("softmax", {}, ((4, 5),)),
    Row("softmax", {"axis": -1}, ((2, 3, 5),)),
    Row("softmax", {"axis": 1}, ((2, 3, 5),), only_here="softmax along an axis that is not the last"),
    Row("softmax", {"axis": [1, 2]}, ((2, 3, 5),)),
    # shapes
    Row("flatten", {}, ((2, 3, 4),)),
    Row("flatten", {}, IMAGE),
    Row("flatten", {"dataFormat": "channelsFirst"}, IMAGE_FIRST),
    Row("reshape", {"targetShape": [3, 2]}, ((4, 6),)),
    Row("reshape", {"targetShape": [2, None]}, ((4, 3, 4),)),
    Row("reshape", {"targetShape": [-1]}, ((4, 3, 4),)),
    Row("repeatVector", {"n": 4}, ((2, 3),)),
    # dropout
    Row("dropout", {"rate": 0.4}, ((4, 5),), random=True),
    Row("dropout", {"rate": 0}, ((4, 5),)),
    Row("dropout", {"rate": 1}, ((4, 5),)),
    Row("dropout", {"rate": 0.5, "noiseShape": [None, 1, None], "seed": 3}, ((4, 5, 2),)),
    Row("dropout", {"rate": 0.5, "seed": 42}, ((4, 5),)),
    # convolution
    Row("conv2d", {"filters": 4, "kernelSize": 3}, IMAGE),
    Row("conv2d", {"filters": 4, "kernelSize": [2, 3], "strides": [2, 1]}, IMAGE),
    Row("conv2d", {"filters": 4, "kernelSize": 3, "strides": 2, "padding": "same"}, IMAGE),
    Row("conv2d", {"filters": 4, "kernelSize": [3, 2], "padding": "same", "activation": "relu"}, IMAGE),
    Row("conv2d", {"filters": 2, "kernelSize": 1, "useBias": False, "activation": "softmax"}, IMAGE),
    Row(
        "conv2d",
        {"filters": 4, "kernelSize": 3, "dataFormat": "channelsFirst", "activation": "elu"},
        IMAGE_FIRST,
    ),
    Row(
        "conv2d",
        {"filters": 4, "kernelSize": 2, "dilationRate": 2},
        IMAGE,
        no_gradient_there="a dilated convolution has no gradient",
    ),
    Row(
        "conv2d",
        {"filters": 4, "kernelSize": 2, "dilationRate": [1, 3], "padding": "same"},
        IMAGE,
        no_gradient_there="a dilated convolution has no gradient",
    ),
    Row("depthwiseConv2d", {"kernelSize": 3}, IMAGE),
    Row(
        "depthwiseConv2d",
        {"kernelSize": [2, 3], "depthMultiplier": 2, "strides": 2, "padding": "same"},
        IMAGE,
    ),
    Row("depthwiseConv2d", {"kernelSize": 3, "useBias": False, "activation": "tanh"}, IMAGE),
    Row(
        "depthwiseConv2d", {"kernelSize": 3, "depthMultiplier": 2, "dataFormat": "channelsFirst"}, IMAGE_FIRST
    ),
    Row(
        "depthwiseConv2d",
        {"kernelSize": 2, "dilationRate": 2},
        IMAGE,
        only_here="the dilation is ignored there",
    ),
    # pooling
    Row("maxPooling2d", {}, IMAGE),
    Row("maxPooling2d", {"poolSize": [2, 3], "strides": [1, 2], "padding": "same"}, IMAGE),
    Row("maxPooling2d", {"poolSize": 3, "dataFormat": "channelsFirst"}, IMAGE_FIRST),
    Row("averagePooling2d", {}, IMAGE),
    Row(
        "averagePooling2d",
        {"poolSize": [2, 3], "strides": [1, 2], "padding": "same"},
        IMAGE,
        no_gradient_there="it divides by the whole window at the borders",
    ),
    Row("averagePooling2d", {"poolSize": 3, "strides": 1, "dataFormat": "channelsFirst"}, IMAGE_FIRST),
    Row("globalAveragePooling2d", {}, IMAGE),
    Row("globalAveragePooling2d", {"dataFormat": "channelsFirst"}, IMAGE_FIRST),
    Row("globalMaxPooling2d", {}, IMAGE),
    Row("globalMaxPooling2d", {"dataFormat": "channelsFirst"}, IMAGE_FIRST),
    # batch normalization
    Row("batchNormalization", {}, ((4, 3),)),
    Row("batchNormalization", {}, IMAGE),
    Row(
        "batchNormalization",
        {"axis": 1},
        IMAGE_FIRST,
        only_here="statistics of an inner axis are misread there",
    ),
    Row(
        "batchNormalization",
        {"axis": -2, "momentum": 0.5, "epsilon": 0.1},
        ((4, 3, 2),),
        only_here="statistics of an inner axis are misread there",
    ),
    Row(
        "batchNormalization",
        {"trainable": False},
        ((4, 3),),
        calls=2,
        only_here="a frozen one uses its averages in training",
    ),
    Row(
        "batchNormalization",
        {"center": False, "scale": False},
        ((4, 3),),
        only_here="training without gamma or beta",
    ),
    Row("batchNormalization", {"center": False}, ((4, 3),), only_here="training without beta"),
    # embedding
    Row("embedding", {"inputDim": 7, "outputDim": 3}, ((2, 4),), dtype="int32", integers_below=7),
    Row(
        "embedding",
        {"inputDim": 7, "outputDim": 3, "maskZero": True},
        ((5,),),
        dtype="int32",
        integers_below=7,
    ),
    Row(
        "embedding",
        {"inputDim": 7, "outputDim": 3, "inputLength": 4},
        ((2, 4),),
        dtype="int32",
        integers_below=7,
    ),
    Row(
        "embedding",
        {"inputDim": 7, "outputDim": 3},
        ((2, 4),),
        integers_below=7,
        no_gradient_there="of the indices",
    ),
    # recurrent
    Row("lstm", {"units": 3}, SEQUENCE),
    Row("lstm", {"units": 3, "returnSequences": True}, SEQUENCE),
    Row("lstm", {"units": 3, "returnState": True}, SEQUENCE),
    Row("lstm", {"units": 3, "returnSequences": True, "returnState": True, "goBackwards": True}, SEQUENCE),
    Row("lstm", {"units": 3, "useBias": False, "goBackwards": True}, SEQUENCE),
    Row("lstm", {"units": 3, "unitForgetBias": True, "implementation": 2}, SEQUENCE),
    Row("lstm", {"units": 3, "activation": "relu", "recurrentActivation": "sigmoid"}, SEQUENCE),
    Row("lstm", {"units": 3, "activation": None, "recurrentActivation": "tanh"}, SEQUENCE),
    Row("lstm", {"units": 3, "activation": "softmax", "returnSequences": True}, SEQUENCE),
    Row("lstm", {"units": 3, "dropout": 0.3, "recurrentDropout": 0.3}, SEQUENCE, random=True),
    Row("lstm", {"units": 3, "stateful": True, "returnState": True}, SEQUENCE, calls=3),
    Row("lstm", {"units": 3, "returnState": True}, ((3, 4, 2), (3, 3), (3, 3))),
    # merging
    *(
        Row(name, {}, inputs)
        for name in ("add", "multiply", "average", "maximum", "minimum")
        for inputs in (((2, 3), (2, 3)), ((2, 3, 4), (2, 3, 4), (2, 3, 4)))
    ),
    *(Row(name, {}, ((2, 5, 4), (2, 4))) for name in ("add", "multiply", "average")),
    *(
        Row(name, {}, ((2, 5, 4), (2, 4)), no_gradient_there="a broadcast input has none")
        for name in ("maximum", "minimum")
    ),
    Row("concatenate", {}, ((2, 3), (2, 4))),
    Row("concatenate", {"axis": 1}, ((2, 3, 4), (2, 1, 4), (2, 2, 4))),
    Row(
        "concatenate", {"axis": -2}, ((2, 3, 4), (2, 1, 4)), only_here="a negative axis that is not the last"
    ),
]
