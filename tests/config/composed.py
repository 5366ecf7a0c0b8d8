"""A sound call of every public function that is written in Python, and where the functions are found."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from types import FunctionType
from typing import Any

import lamina as tf
from lamina.config import ConfiguredFunction

NAMESPACES = (
    "losses", "metrics", "linalg", "math", "signal", "spectral", "image", "sparse", "string", "random",
    "fused", "browser",
)  # fmt: skip


def composed() -> Iterator[tuple[str, Any]]:
    """Public functions written in Python, by their dotted names."""
    for name in sorted(tf.__all__):
        value = getattr(tf, name)
        if isinstance(value, FunctionType):
            yield name, value
    for space in NAMESPACES:
        module = getattr(tf, space)
        for name in module.__all__:
            value = getattr(module, name)
            if isinstance(value, (FunctionType, ConfiguredFunction)) and value is not getattr(tf, name, None):
                yield f"{space}.{name}", value


def parameters(function: Any) -> list[str]:
    return [p.name for p in inspect.signature(function).parameters.values() if p.kind is not p.VAR_POSITIONAL]


def _tensor(*shape: int) -> Any:
    return tf.ones(list(shape))


def _whole(*values: int) -> Any:
    return tf.tensor(list(values), None, "int32")


PAIR = {"labels": _tensor(2, 2), "predictions": _tensor(2, 2), "weights": _tensor(2, 2), "reduction": 3}
METRIC = {"yTrue": _tensor(2, 2), "yPred": _tensor(2, 2)}
PER_CHANNEL = {name: tf.ones([2]) for name in ("mean", "variance", "offset", "scale")}
SPARSE = {"yTrue": _whole(0, 1), "yPred": _tensor(2, 2)}
CONVOLUTION = {"x": _tensor(1, 2, 2, 1), "strides": 1, "pad": "valid", "bias": _tensor(1)}
NORM = {**PER_CHANNEL, "varianceEpsilon": 0.1}
BOXES = {
    "boxes": tf.tensor([[0.0, 0.0, 1.0, 1.0]]), "scores": tf.tensor([0.5]), "maxOutputSize": 1,
    "iouThreshold": 0.5, "scoreThreshold": 0.1,
}  # fmt: skip
SOFT = {**BOXES, "softNmsSigma": 0.1}
PADDED = {**BOXES, "padToMaxOutputSize": True}
SEGMENTS = {"data": _tensor(2, 2), "indices": _whole(0, 1), "segmentIds": _whole(0, 0)}


def _sliced(rank: int) -> dict[str, Any]:
    return {"x": _tensor(*[2] * rank), "begin": [0] * rank, "size": [1] * rank}


def _padded(rank: int) -> dict[str, Any]:
    return {"x": _tensor(*[2] * rank), "paddings": [[0, 1]] * rank, "constantValue": 0}


CALLS: dict[str, dict[str, Any]] = {
    "basicLSTMCell": {
        "forgetBias": 1.0, "lstmKernel": _tensor(3, 4), "lstmBias": _tensor(4), "data": _tensor(1, 2),
        "c": _tensor(1, 1), "h": _tensor(1, 1),
    },
    **{f"batchNorm{rank}d": {**NORM, "x": _tensor(*[2] * rank)} for rank in (2, 3, 4)},
    "booleanMaskAsync": {"tensor": _tensor(2), "mask": tf.tensor([True, False]), "axis": 0},
    "concat1d": {"tensors": [_tensor(2), _tensor(2)]},
    **{f"concat{r}d": {"tensors": [_tensor(*[2] * r)] * 2, "axis": 0} for r in (2, 3, 4)},
    "cosineWindow": {"windowLength": 4, "a": 0.5, "b": 0.5},
    "ensureShape": {"x": _tensor(2), "shape": [2]},
    "euclideanNorm": {"x": _tensor(2), "axis": 0, "keepDims": False},
    "eye": {"numRows": 2, "numColumns": 2, "batchShape": [1], "dtype": "float32"},
    "fill": {"shape": [2], "value": 1.0, "dtype": "float32"},
    "inTopKAsync": {"predictions": _tensor(2, 3), "targets": _whole(0, 1), "k": 1},
    "maxPoolWithArgmax": {
        "x": _tensor(1, 2, 2, 1), "filterSize": 1, "strides": 1, "pad": "valid", "includeBatchInIndex": False,
    },
    "moments": {"x": _tensor(2), "axis": 0, "keepDims": False},
    "norm": {"x": _tensor(2, 2), "ord": 1, "axis": 0, "keepDims": False},
    "ones": {"shape": [2], "dtype": "float32"},
    "zeros": {"shape": [2], "dtype": "float32"},
    "pad1d": {"x": _tensor(2), "paddings": [0, 1], "constantValue": 0},
    **{f"pad{rank}d": _padded(rank) for rank in (2, 3, 4)},
    "raggedRange": {"starts": _whole(0), "limits": _whole(2), "deltas": _whole(1)},
    "reverse1d": {"x": _tensor(2)},
    **{f"reverse{rank}d": {"x": _tensor(*[2] * rank), "axis": 0} for rank in (2, 3, 4)},
    "setdiff1dAsync": {"x": _tensor(2), "y": _tensor(2)},
    "slice1d": {"x": _tensor(2), "begin": 0, "size": 1},
    **{f"slice{rank}d": _sliced(rank) for rank in (2, 3, 4)},
    "sparseToDense": {
        "sparseIndices": _whole(0), "sparseValues": _tensor(1), "outputShape": [2], "defaultValue": 0.0,
    },
    "topk": {"x": _tensor(3), "k": 1},
    "unique": {"x": _tensor(3), "axis": 0},
    "whereAsync": {"condition": tf.tensor([True])},
    "losses.absoluteDifference": PAIR,
    "losses.computeWeightedLoss": {"losses": _tensor(2), "weights": _tensor(2), "reduction": 3},
    "losses.cosineDistance": {**PAIR, "axis": 0, "weights": 1.0},
    "losses.hingeLoss": PAIR,
    "losses.huberLoss": {**PAIR, "delta": 1.0},
    "losses.logLoss": {**PAIR, "epsilon": 1e-7},
    "losses.meanSquaredError": PAIR,
    "losses.sigmoidCrossEntropy": {
        "multiClassLabels": _tensor(2, 2), "logits": _tensor(2, 2), "weights": 1.0, "labelSmoothing": 0.1,
    },
    "losses.softmaxCrossEntropy": {
        "onehotLabels": _tensor(2, 2), "logits": _tensor(2, 2), "weights": 1.0, "labelSmoothing": 0.1,
    },
    "linalg.bandPart": {"a": _tensor(2, 2), "numLower": 0, "numUpper": 1},
    "linalg.gramSchmidt": {"xs": tf.tensor([[1.0, 0.0], [0.0, 1.0]])},
    "linalg.qr": {"x": tf.tensor([[1.0, 0.0], [0.0, 1.0]])},
    "math.confusionMatrix": {"labels": _whole(0, 1), "predictions": _whole(0, 1), "numClasses": 2},
    "signal.frame": {
        "signal": _tensor(8), "frameLength": 2, "frameStep": 1, "padEnd": False, "padValue": 0.0,
    },
    "signal.hammingWindow": {"windowLength": 4},
    "signal.hannWindow": {"windowLength": 4},
    "signal.stft": {"signal": _tensor(8), "frameLength": 4, "frameStep": 2, "fftLength": 4},
    "image.flipLeftRight": {"image": _tensor(1, 2, 2, 3)},
    "image.grayscaleToRGB": {"image": _tensor(2, 2, 1)},
    "image.rgbToGrayscale": {"image": _tensor(2, 2, 3)},
    "image.rotateWithOffset": {
        "image": _tensor(1, 2, 2, 3), "radians": 0.5, "fillValue": 0.0, "center": 0.5,
    },
    "image.threshold": {"image": _tensor(2, 2, 1), "method": "binary", "threshValue": 0.5},
    "image.nonMaxSuppression": BOXES,
    "image.nonMaxSuppressionAsync": BOXES,
    "image.nonMaxSuppressionPadded": PADDED,
    "image.nonMaxSuppressionPaddedAsync": PADDED,
    "image.nonMaxSuppressionWithScore": SOFT,
    "image.nonMaxSuppressionWithScoreAsync": SOFT,
    "sparse.sparseFillEmptyRows": {
        "indices": tf.tensor([[0, 0]], None, "int32"), "values": _tensor(1), "denseShape": _whole(2, 2),
        "defaultValue": 0.0,
    },
    "sparse.sparseReshape": {
        "inputIndices": tf.tensor([[0, 0]], None, "int32"), "inputShape": _whole(2, 2),
        "newShape": _whole(4),
    },
    "sparse.sparseSegmentMean": SEGMENTS,
    "sparse.sparseSegmentSum": SEGMENTS,
    "string.staticRegexReplace": {"input": tf.tensor(["a"]), "pattern": "a", "rewrite": "b"},
    "string.stringNGrams": {
        "data": tf.tensor(["a", "b"]), "dataSplits": _whole(0, 2), "separator": "|", "nGramWidths": [1],
        "leftPad": "L", "rightPad": "R", "padWidth": 0, "preserveShortSequences": False,
    },
    "string.stringSplit": {"input": tf.tensor(["a b"]), "delimiter": " "},
    "string.stringToHashBucketFast": {"input": tf.tensor(["a"]), "numBuckets": 4},
    **{f"metrics.{name}": METRIC for name in tf.metrics.__all__ if name != "Metric"},
    **{f"metrics.{name}": SPARSE for name in tf.metrics.__all__ if name.startswith("sparse")},
    "fused.matMul": {"a": _tensor(2, 2), "b": _tensor(2, 2), "bias": _tensor(2)},
    "fused.conv2d": {**CONVOLUTION, "filter": _tensor(1, 1, 1, 1)},
    "fused.depthwiseConv2d": {**CONVOLUTION, "filter": _tensor(1, 1, 1, 1)},
    "meshgrid": {"x": _tensor(2), "y": _tensor(2)},
    "multiRNNCell": {
        "lstmCells": [lambda data, c, h: [tf.add(data, c), h]], "data": _tensor(1, 2), "c": [_tensor(1, 1)],
        "h": [_tensor(1, 1)],
    },
    "raggedGather": {
        "paramsNestedSplits": [_whole(0, 1, 2)], "paramsDenseValues": _tensor(2), "indices": _whole(0),
        "outputRaggedRank": 1,
    },
    "raggedTensorToTensor": {
        "shape": _whole(1, 2), "values": _tensor(2), "defaultValue": 0.0,
        "rowPartitionTensors": [_whole(1), _whole(0, 0)],
        "rowPartitionTypes": ["FIRST_DIM_SIZE", "VALUE_ROWIDS"],
    },
}  # fmt: skip


class Wrong:
    """Nothing that any argument could be."""

    def __repr__(self) -> str:
        return "<something wrong>"


def blame(name: str, function: Any, argument: str) -> str:
    """The message of a call with something wrong in one place."""
    arguments = {**CALLS[name], argument: Wrong()}
    try:
        result = function(**arguments)
        if isinstance(result, tf.Promise):
            result.result()
    except (TypeError, ValueError) as error:
        return str(error)
    return ""
