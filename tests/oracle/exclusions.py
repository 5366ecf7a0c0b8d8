"""Where TensorFlow.js is not asked, or does not decide: each with its reason. test_oracle.py counts them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .description import FUNCTIONS


@dataclass(frozen=True)
class Excluded:
    names: str  # functions, by spaces
    what: str  # "value", "gradient" or "refusal"
    reason: str
    # By the parameters' names the arguments of a call; all calls if None.
    when: Callable[[dict[str, Any]], bool] | None = None


TABLE: list[Excluded] = []


def named(name: str, arguments: list[Any]) -> dict[str, Any]:
    if name.startswith("fused.") and arguments and isinstance(arguments[0], dict):
        return arguments[0]
    return dict(zip(FUNCTIONS[name], arguments, strict=False))


def covers(entry: Excluded, name: str, arguments: list[Any]) -> bool:
    try:
        return entry.when is None or bool(entry.when(named(name, arguments)))
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        # A spoiled call need not have what the entry looks at.
        return False


def exclusion(name: str, what: str, arguments: list[Any]) -> Excluded | None:
    """The entry that this call falls under."""
    for entry in TABLE:
        if entry.what == what and name in entry.names.split() and covers(entry, name, arguments):
            return entry
    return None


def no_kernel(error: Exception) -> bool:
    """Whether it says that this backend of TensorFlow.js cannot do what the function allows."""
    return "in the CPU backend" in str(error) or "complex64 dtype TensorBuffers" in str(error)


def exclude(names: str, what: str, reason: str, when: Callable[[dict[str, Any]], bool] | None = None) -> None:
    TABLE.append(Excluded(names, what, reason, when))


def over(a: dict[str, Any], dtype: str) -> bool:
    return any(getattr(x, "dtype", None) == dtype for x in a.values())


def spread(a: dict[str, Any]) -> bool:
    """Whether the first two tensors have different shapes."""
    first, second = list(a.values())[:2]
    return getattr(first, "shape", ()) != getattr(second, "shape", ())


def dilated(a: dict[str, Any]) -> bool:
    given = a.get("dilations", a.get("dilation"))
    return given not in (None, 1, [1], [1, 1], [1, 1, 1])


def weighted(a: dict[str, Any]) -> bool:
    return a.get("weights") is not None and a.get("reduction", 3) == 3


def negative(a: dict[str, Any]) -> bool:
    axis = a.get("axis")
    return min(axis if isinstance(axis, list) else [axis or 0], default=0) < 0


def members(value: Any) -> list[Any]:
    return [m for v in value for m in members(v)] if isinstance(value, (list, tuple)) else [value]


def wider(a: dict[str, Any]) -> bool:
    """Whether there are strings or complex numbers."""
    return any(
        getattr(x, "dtype", None) in ("object", "complex64") or isinstance(x, str)
        for x in members(list(a.values()))
    )


LOSSES = (
    "losses.absoluteDifference losses.computeWeightedLoss losses.cosineDistance losses.hingeLoss "
    "losses.huberLoss losses.logLoss losses.meanSquaredError losses.sigmoidCrossEntropy "
    "losses.softmaxCrossEntropy"
)
CONVOLUTIONS = "conv1d conv2d conv3d depthwiseConv2d separableConv2d fused.conv2d fused.depthwiseConv2d"


def cut_short(a: dict[str, Any]) -> bool:
    """Padding `same` where a stride is larger than its filter, in three dimensions."""
    if a.get("pad") != "same":
        return False
    x = a["x"].shape
    sizes = x[-4:-1]
    filter_ = a["filter"].shape[:3] if "filter" in a else a["filterSize"]
    filter_ = [filter_] * 3 if isinstance(filter_, int) else filter_
    strides = [a["strides"]] * 3 if isinstance(a["strides"], int) else a["strides"]
    if "outputShape" in a:
        sizes = a["outputShape"][-4:-1]
    return any((-(-n // s) - 1) * s + f < n for n, f, s in zip(sizes, filter_, strides, strict=True))


# ---- no gradient there ----

exclude("divNoNan", "gradient", "TensorFlow.js has no gradient of the comparison inside")
exclude(
    "maximum minimum squaredDifference", "gradient", "TensorFlow.js forgets that shapes were spread", spread
)
exclude(LOSSES, "gradient", "TensorFlow.js has no gradient of counting the weights that are not 0", weighted)
exclude(
    "einsum linalg.qr diag maxPoolWithArgmax topk unique linalg.bandPart bincount denseBincount "
    "gatherND scatterND sparseToDense stridedSlice tensorScatterUpdate depthToSpace conv3dTranspose "
    "cumprod",
    "gradient",
    "TensorFlow.js has no gradient of it",
)
exclude(
    "image.flipLeftRight image.rgbToGrayscale image.rotateWithOffset image.cropAndResize "
    "image.transform raggedGather raggedRange raggedTensorToTensor sparse.sparseFillEmptyRows "
    "sparse.sparseSegmentMean sparse.sparseSegmentSum image.nonMaxSuppressionWithScore "
    "image.nonMaxSuppressionWithScoreAsync signal.stft rfft spectral.rfft irfft spectral.irfft",
    "gradient",
    "TensorFlow.js has no gradient of it",
)
exclude(
    "image.resizeNearestNeighbor",
    "gradient",
    "TensorFlow.js does not end, or finds other places than it took",
    lambda a: a.get("alignCorners") or a.get("halfPixelCenters") or a["images"].shape[:-3] == (2,),
)
exclude(
    "batchNorm batchNorm2d batchNorm3d batchNorm4d",
    "gradient",
    "TensorFlow.js needs offset and scale for it",
    lambda a: a.get("offset") is None or a.get("scale") is None,
)
exclude("prod", "gradient", "TensorFlow.js does not know negative axes there", negative)
exclude(
    "linalg.gramSchmidt", "gradient", "TensorFlow.js fails at one vector", lambda a: a["xs"].shape[0] == 1
)
exclude(
    "cumsum",
    "gradient",
    "TensorFlow.js moves dimensions back in the wrong order",
    lambda a: a["x"].ndim > 1 and a.get("axis", 0) % a["x"].ndim != a["x"].ndim - 1,
)
exclude("split", "gradient", "TensorFlow.js fails at one part", lambda a: a["numOrSizeSplits"] == 1)
exclude(
    "unstack", "gradient", "TensorFlow.js fails at one part", lambda a: a["x"].shape[a.get("axis", 0)] == 1
)
exclude("tile", "gradient", "TensorFlow.js fails at a number", lambda a: a["x"].ndim == 0)
exclude("booleanMaskAsync", "gradient", "TensorFlow.js' gradients do not go through Promises")
exclude("logSumExp moments", "gradient", "TensorFlow.js fails without elements", lambda a: a["x"].size == 0)
exclude(
    "fused.conv2d fused.depthwiseConv2d",
    "gradient",
    "TensorFlow.js fails at an image without a batch",
    lambda a: a["x"].ndim == 3,
)
exclude(CONVOLUTIONS, "gradient", "TensorFlow.js has no gradient of dilated windows", dilated)

# ---- wrong there ----

exclude(
    "stridedSlice",
    "value",
    "TensorFlow.js steps through the wrong dimensions where one is taken out",
    lambda a: a.get("shrinkAxisMask") and any(s != 1 for s in a["strides"]),
)
exclude(
    "image.resizeBilinear",
    "gradient",
    "TensorFlow.js takes the height of an image for its width",
    lambda a: a["images"].shape[-3] != a["images"].shape[-2],
)
exclude(
    "image.resizeBilinear",
    "gradient",
    "TensorFlow.js forgets halfPixelCenters",
    lambda a: a.get("halfPixelCenters"),
)
exclude(
    "image.resizeNearestNeighbor",
    "gradient",
    "TensorFlow.js does not find back the places that it took",
    lambda a: any(new < old for new, old in zip(a["size"], a["images"].shape[-3:-1], strict=True)),
)
exclude(
    "image.transform",
    "value",
    "TensorFlow.js transforms the first image only",
    lambda a: a["image"].shape[0] > 1,
)
exclude(
    "cosineWindow signal.hammingWindow signal.hannWindow",
    "value",
    "TensorFlow.js divides by 0",
    lambda a: a["windowLength"] == 1,
)
exclude(
    "irfft spectral.irfft", "value", "TensorFlow.js makes vectors matrices", lambda a: a["input"].ndim == 1
)

exclude(
    "avgPool pool",
    "gradient",
    "TensorFlow.js divides by the whole window at borders",
    lambda a: a["pad"] != "valid" and a.get("poolingType", "avg") == "avg",
)
exclude(
    "avgPool3d",
    "gradient",
    "TensorFlow.js divides by the whole window at borders",
    lambda a: a["pad"] != "valid",
)
exclude("mirrorPad", "gradient", "TensorFlow.js cuts the padding off as if it were constant")
exclude(
    "maxPool3d",
    "gradient",
    "TensorFlow.js takes the height of a window for its width",
    lambda a: not isinstance(a["filterSize"], int) and a["filterSize"][1] != a["filterSize"][2],
)
exclude(
    "conv2d maxPool avgPool pool depthwiseConv2d fused.conv2d fused.depthwiseConv2d",
    "gradient",
    "TensorFlow.js forgets the dimRoundingMode",
    lambda a: a.get("dimRoundingMode") is not None,
)
exclude("all max min logSumExp", "value", "TensorFlow.js reads what is not there", lambda a: a["x"].size == 0)
exclude(
    "lowerBound upperBound searchSorted",
    "value",
    "TensorFlow.js makes vectors matrices",
    lambda a: a["values"].ndim == 1,
)
exclude(
    "denseBincount",
    "value",
    "TensorFlow.js forgets binaryOutput where there are weights",
    lambda a: a.get("binaryOutput") and a["x"].ndim == 1,
)
for _kind in ("value", "gradient", "refusal"):
    exclude(
        "norm",
        _kind,
        "TensorFlow.js takes the second axis after it removed the first one",
        lambda a: a.get("axis") == [1, 0],
    )
for _what in ("value", "gradient"):
    exclude(
        "where",
        _what,
        "TensorFlow.js spreads what has no elements to one",
        lambda a: any(x.size == 0 for x in a.values()),
    )
    exclude("cumsum cumprod", _what, "TensorFlow.js moves a negative axis to the wrong place", negative)
    exclude(
        "add sub mul",
        _what,
        "TensorFlow.js reads complex numbers beyond their end where it spreads shapes",
        lambda a: over(a, "complex64") and spread(a),
    )
    exclude(
        "conv3d conv3dTranspose maxPool3d avgPool3d",
        _what,
        "TensorFlow.js pads by a negative number where a filter is smaller than its stride",
        cut_short,
    )
    exclude(
        "losses.softmaxCrossEntropy",
        _what,
        "TensorFlow.js takes the second dimension for the number of classes",
        lambda a: a["onehotLabels"].ndim != 2 and a.get("labelSmoothing"),
    )

# ---- taken here ----

exclude(
    "transpose booleanMaskAsync split gather reverse reverse1d reverse2d reverse3d reverse4d "
    "batchToSpaceND spaceToBatchND broadcastTo depthToSpace mirrorPad pad pad1d pad2d pad3d pad4d "
    "slice1d slice2d slice3d slice4d variable meshgrid gatherND scatterND sparseToDense raggedGather "
    "raggedTensorToTensor sparse.sparseFillEmptyRows sparse.sparseSegmentMean sparse.sparseSegmentSum "
    "image.flipLeftRight image.grayscaleToRGB image.rotateWithOffset",
    "refusal",
    "elements are moved here whatever their type",
    wider,
)
exclude(
    "concat concat1d concat2d concat3d concat4d stack",
    "refusal",
    "numbers are widened here to the widest type",
    lambda a: len({str(x.dtype) for x in a["tensors"]} - {"object"}) > 1,
)
exclude(
    "stridedSlice",
    "refusal",
    "a range may be empty here",
    lambda a: (
        a["x"].dtype == object
        or any(abs(v) >= 99 for v in members([a["begin"], a["end"], a.get("strides", 1)]))
        or 11 in a["x"].shape
    ),
)
exclude(
    "image.threshold",
    "refusal",
    "Otsu's method does not look at the threshold",
    lambda a: a["method"] == "otsu" and isinstance(a["threshValue"], str),
)
exclude("cumsum cumprod", "refusal", "TensorFlow.js moves a negative axis to the wrong place", negative)
