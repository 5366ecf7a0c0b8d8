"""The row of non-maximum suppression."""

from __future__ import annotations

import math

import numpy as np

from support.oracle import Js

from .row import Reals, Row, case

BOX = np.array([[0.0, 0.0, 1.0, 1.0]])


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    low_a, high_a = np.minimum(a[:2], a[2:]), np.maximum(a[:2], a[2:])
    low_b, high_b = np.minimum(b[:2], b[2:]), np.maximum(b[:2], b[2:])
    common = np.prod(np.maximum(np.minimum(high_a, high_b) - np.maximum(low_a, low_b), 0))
    areas = np.prod(high_a - low_a), np.prod(high_b - low_b)
    return float(common / (sum(areas) - common)) if min(areas) > 0 else 0.0


def select_boxes(
    boxes: np.ndarray,
    scores: np.ndarray,
    maxOutputSize: int,
    iouThreshold: float = 0.5,
    scoreThreshold: float = -math.inf,
    softNmsSigma: float = 0.0,
) -> np.ndarray:
    """The best again and again, after which all others lose what they share with it."""
    left = {i: float(s) for i, s in enumerate(scores) if s > scoreThreshold}
    selected: list[int] = []
    while left and len(selected) < maxOutputSize:
        best = max(left, key=lambda i: (left[i], -i))
        del left[best]
        selected.append(best)
        for i in list(left):
            share = overlap(boxes[i], boxes[best])
            if softNmsSigma:
                left[i] *= math.exp(-0.5 / softNmsSigma * share**2)
            if share >= iouThreshold or left[i] <= scoreThreshold:
                del left[i]
    return np.array(selected, np.int32)


class Corners(Reals):
    """Boxes of which some lie over each other, in any order of corners."""

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        boxes = rng.uniform(0, 1, shape)
        boxes[..., 2:] = boxes[..., :2] + rng.uniform(-0.6, 0.8, boxes[..., 2:].shape)
        return boxes.astype(np.float32).astype(np.float64)


SELECT = (
    "(b, s, n, iou, t, sigma) => sigma === undefined ? tf.image.nonMaxSuppression(b, s, n, iou, t)"
    " : tf.image.nonMaxSuppressionWithScore(b, s, n, iou, t, sigma).selectedIndices"
)

ROWS = [
    Row(
        op="selectBoxes",
        kind="exact",
        reference=select_boxes,
        inputs=(Corners(), Reals(0, 1, distinct=True)),
        cases=[
            case((12, 4), (12,), maxOutputSize=5),
            case((12, 4), (12,), maxOutputSize=30),
            case((12, 4), (12,), maxOutputSize=12, iouThreshold=0.1),
            case((12, 4), (12,), maxOutputSize=12, iouThreshold=0.3, scoreThreshold=0.4),
            case((12, 4), (12,), maxOutputSize=12, iouThreshold=1.0, scoreThreshold=0.2, softNmsSigma=0.3),
            case((40, 4), (40,), maxOutputSize=40, iouThreshold=0.6, scoreThreshold=0.0, softNmsSigma=0.5),
            case((0, 4), (0,), maxOutputSize=3).but(js=False),
        ],
        js=Js(SELECT),
        bad=[
            ((BOX, [1.0], 1, 1.5), {}, "iouThreshold must be in .0, 1., but was '1.5'"),
            ((BOX[0], [1.0], 1), {}, "boxes must be a 2D tensor, but was of rank '1'"),
            ((BOX[:, :3], [1.0], 1), {}, "boxes must have 4 columns, but 2nd dimension was 3"),
            ((BOX, [[1.0]], 1), {}, "scores must be a 1D tensor"),
            ((BOX, [1.0, 2.0], 1), {}, "scores has incompatible shape with boxes. Expected 1, but was 2"),
            ((BOX, [1.0], 1, 0.5, 0.0, 2.0), {}, "softNmsSigma must be in .0, 1., but was '2'"),
        ],
    ),
]
