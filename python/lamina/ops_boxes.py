"""Non-maximum suppression: the best of boxes that lie over each other."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from . import _core
from ._arguments import name_arguments
from ._convert import as_tensor, none_is_default
from .results import AttrDict

if TYPE_CHECKING:
    from ._core import Tensor
    from .promises import Promise

__all__ = [
    "nonMaxSuppression",
    "nonMaxSuppressionAsync",
    "nonMaxSuppressionPadded",
    "nonMaxSuppressionPaddedAsync",
    "nonMaxSuppressionWithScore",
    "nonMaxSuppressionWithScoreAsync",
]

ops = _core.ops


@none_is_default
def nonMaxSuppression(
    boxes: Any,
    scores: Any,
    maxOutputSize: int,
    iouThreshold: float = 0.5,
    scoreThreshold: float = -math.inf,
) -> Tensor:
    """The int32 numbers of at most maxOutputSize of the boxes, best score first.

    boxes [n, 4] hold two opposite corners y1, x1, y2, x2, scores [n] are numbers. A box that shares
    iouThreshold or more of its area with a better one is left out, and so is one with a score of
    scoreThreshold or less. (Intersection over union, as the PASCAL VOC challenge defines it.)
    """
    return ops.selectBoxes(boxes, scores, maxOutputSize, iouThreshold, scoreThreshold)


def _corners(boxes: Tensor) -> tuple[Tensor, Tensor]:
    """The smaller and the larger y and x of boxes [n, 4], each [n, 2]."""
    first, second = ops.split(boxes, 2, 1)
    return ops.minimum(first, second), ops.maximum(first, second)


def _overlaps(boxes: Tensor) -> Tensor:
    """Intersection over union of each two boxes, [n, n]; 0 for one without area."""
    low, high = _corners(boxes)
    area = ops.prod(ops.sub(high, low), 1)
    inner_low = ops.maximum(ops.expandDims(low, 1), ops.expandDims(low, 0))
    inner_high = ops.minimum(ops.expandDims(high, 1), ops.expandDims(high, 0))
    common = ops.prod(ops.relu(ops.sub(inner_high, inner_low)), 2)
    union = ops.sub(ops.add(ops.expandDims(area, 1), ops.expandDims(area, 0)), common)
    return ops.divNoNan(common, union)


def _softened(boxes: Tensor, scores: Tensor, sigma: float) -> Tensor:
    """The scores of selected boxes, each less for what it shares with those before it."""
    shares = ops.square(_overlaps(boxes))
    # Below the diagonal: a box does not count against itself.
    shares = ops.sub(ops.bandPart(shares, -1, 0), ops.bandPart(shares, 0, 0))
    return ops.mul(scores, ops.exp(ops.mul(ops.sum(shares, 1), -0.5 / sigma)))


@none_is_default
def nonMaxSuppressionWithScore(  # noqa: PLR0917 - the positions are TensorFlow.js'
    boxes: Any,
    scores: Any,
    maxOutputSize: int,
    iouThreshold: float = 0.5,
    scoreThreshold: float = -math.inf,
    softNmsSigma: float = 0.0,
) -> AttrDict[Tensor]:
    """{"selectedIndices": ..., "selectedScores": ...}: as nonMaxSuppression, with the scores.

    With softNmsSigma a box loses score for what it shares with a better one (Bodla et al., 2017): its score
    is multiplied by exp(-iou^2 / (2 softNmsSigma)). The scores have gradients by scores and boxes.
    """
    corners, values = as_tensor(boxes, "float32"), as_tensor(scores, "float32")
    indices = ops.selectBoxes(corners, values, maxOutputSize, iouThreshold, scoreThreshold, softNmsSigma)
    selected = ops.gather(values, indices)
    if softNmsSigma and softNmsSigma > 0:
        selected = _softened(ops.gather(corners, indices), selected, softNmsSigma)
    return AttrDict(selectedIndices=indices, selectedScores=selected)


@none_is_default
def nonMaxSuppressionPadded(  # noqa: PLR0917 - the positions are TensorFlow.js'
    boxes: Any,
    scores: Any,
    maxOutputSize: int,
    iouThreshold: float = 0.5,
    scoreThreshold: float = -math.inf,
    padToMaxOutputSize: bool = False,
) -> AttrDict[Tensor]:
    """{"selectedIndices": ..., "validOutputs": ...}: as nonMaxSuppression, with the number of boxes selected.

    padToMaxOutputSize: whether zeros fill the indices up to maxOutputSize, or to the number of boxes.
    """
    corners = as_tensor(boxes, "float32")
    indices = ops.selectBoxes(corners, scores, maxOutputSize, iouThreshold, scoreThreshold)
    valid = indices.shape[0]
    missing = min(maxOutputSize, corners.shape[0]) - valid
    if padToMaxOutputSize and missing > 0:
        indices = ops.pad(indices, [0, missing])
    return AttrDict(selectedIndices=indices, validOutputs=_core.tensor(valid, None, "int32"))


@none_is_default
def nonMaxSuppressionAsync(
    boxes: Any,
    scores: Any,
    maxOutputSize: int,
    iouThreshold: float = 0.5,
    scoreThreshold: float = -math.inf,
) -> Promise[Tensor]:
    """A Promise of nonMaxSuppression(...)."""
    from .ops_evaluation import promised

    return promised(
        lambda: nonMaxSuppression(boxes, scores, maxOutputSize, iouThreshold, scoreThreshold),
        "tf.image.nonMaxSuppressionAsync",
    )


@none_is_default
def nonMaxSuppressionWithScoreAsync(  # noqa: PLR0917 - the positions are TensorFlow.js'
    boxes: Any,
    scores: Any,
    maxOutputSize: int,
    iouThreshold: float = 0.5,
    scoreThreshold: float = -math.inf,
    softNmsSigma: float = 0.0,
) -> Promise[AttrDict[Tensor]]:
    """A Promise of nonMaxSuppressionWithScore(...)."""
    from .ops_evaluation import promised

    limits = (maxOutputSize, iouThreshold, scoreThreshold, softNmsSigma)
    return promised(
        lambda: nonMaxSuppressionWithScore(boxes, scores, *limits),
        "tf.image.nonMaxSuppressionWithScoreAsync",
    )


@none_is_default
def nonMaxSuppressionPaddedAsync(  # noqa: PLR0917 - the positions are TensorFlow.js'
    boxes: Any,
    scores: Any,
    maxOutputSize: int,
    iouThreshold: float = 0.5,
    scoreThreshold: float = -math.inf,
    padToMaxOutputSize: bool = False,
) -> Promise[AttrDict[Tensor]]:
    """A Promise of nonMaxSuppressionPadded(...)."""
    from .ops_evaluation import promised

    limits = (maxOutputSize, iouThreshold, scoreThreshold, padToMaxOutputSize)
    return promised(
        lambda: nonMaxSuppressionPadded(boxes, scores, *limits), "tf.image.nonMaxSuppressionPaddedAsync"
    )


name_arguments(globals(), __all__)
