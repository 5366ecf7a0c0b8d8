"""Rows of ops that give images another size."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .row import Case, Row, case

TO_REAL = {"int32": "float32", "bool": "float32", "complex64": TypeError, "string": TypeError}


def weights(size: int, out: int, align: bool, centers: bool, nearest: bool) -> np.ndarray:
    """The matrix [out, size] that resizes one axis."""
    corners = align and out > 1
    ratio = (size - corners) / (out - corners) if out else 0.0
    matrix = np.zeros((out, size))
    for i in range(out):
        if nearest:
            at = ratio * (i + 0.5 * centers)
            matrix[i, min(size - 1, math.floor(at + 0.5 * align))] = 1
        else:
            at = min(max(ratio * (i + 0.5) - 0.5 if centers else ratio * i, 0), size - 1)
            low = math.floor(at)
            matrix[i, low] += 1 - (at - low)
            if at > low:
                matrix[i, low + 1] += at - low
    return matrix


def resize(
    x: np.ndarray, size: Any, alignCorners: bool = False, halfPixelCenters: bool = False, *, nearest: bool
) -> np.ndarray:
    h, w = x.shape[-3:-1]
    rows = weights(h, size[0], alignCorners, halfPixelCenters, nearest)
    columns = weights(w, size[1], alignCorners, halfPixelCenters, nearest)
    return np.einsum("ih,jw,...hwc->...ijc", rows, columns, x)


def resize_back(
    dy: np.ndarray, size: Any, alignCorners: bool = False, halfPixelCenters: bool = False, *, nearest: bool
) -> np.ndarray:
    h, w = dy.shape[-3:-1]
    rows = weights(size[0], h, alignCorners, halfPixelCenters, nearest)
    columns = weights(size[1], w, alignCorners, halfPixelCenters, nearest)
    return np.einsum("ih,jw,...ijc->...hwc", rows, columns, dy)


def resizes(nearest: bool) -> list[Case]:
    cases = []
    for flags in ({}, {"alignCorners": True}, {"halfPixelCenters": True}):
        # TensorFlow.js' gradients overlook halfPixelCenters; the bilinear one takes squares only, the other
        # is wrong for a batch and does not end for a row of one pixel.
        asked = "halfPixelCenters" not in flags
        cases += [
            case((2, 3, 4, 2), size=[5, 7], **flags).but(js_grad=False),
            case((3, 5, 1), size=[2, 3], **flags).but(js_grad=asked and nearest),
            case((1, 4, 4, 3), size=[1, 8], **flags).but(js_grad=asked),
            case((1, 1, 2, 1), size=[3, 2], **flags).but(js_grad=False),
        ]
    return [
        *cases,
        case((2, 6, 4, 1), size=[6, 4]).but(js_grad=False),
        case((0, 2, 2, 1), size=[3, 3]).but(js=False),
        case((1, 2, 2, 1), size=[0, 3]).but(js=False),
    ]


SIZES = {"size": [2, 2]}
WRONG_IMAGES = [
    ((np.ones((2, 2)),), SIZES, "x must be rank 3 or 4, but got rank 2"),
    ((np.ones((2, 2, 1)),), {"size": [2]}, "new shape must 2D"),
    (
        (np.ones((2, 2, 1)),),
        {**SIZES, "alignCorners": True, "halfPixelCenters": True},
        "If halfPixelCenters is true, alignCorners must be false",
    ),
    ((np.ones((2, 2, 1)),), {"size": [-1, 2]}, "-1"),
    ((np.ones((1, 0, 2, 1)),), SIZES, "have no pixels"),
]


def resizing(name: str, nearest: bool, dtypes: dict[str, Any]) -> list[Row]:
    gradient = {"op": f"{name}Grad", "kind": "reduction", "second": False}
    return [
        Row(
            op=name,
            kind="exact" if nearest else "reduction",
            reference=lambda images, **attrs: resize(images, **attrs, nearest=nearest),
            cases=resizes(nearest),
            js=f"image.{name}",
            second=False,
            # The second derivative of something linear shows only behind something that is not.
            js_second=False,
            large=case((2, 40, 50, 3), size=[90, 80]),
            dtypes=dtypes,
            bad=WRONG_IMAGES,
        ),
        Row(
            reference=lambda dy, **attrs: resize_back(dy, **attrs, nearest=nearest),
            cases=[
                case((2, 5, 7, 2), size=[3, 4]),
                case((2, 3, 1), size=[3, 5], alignCorners=True),
                case((1, 4, 6, 3), size=[2, 3], halfPixelCenters=True),
                case((1, 2, 2, 3), size=[4, 4], halfPixelCenters=True),
                case((0, 3, 3, 1), size=[2, 2]),
            ],
            js="",
            note=f"the gradient of {name}",
            bad=[((np.ones((2, 2)),), SIZES, "rank 3 or 4")],
            **gradient,
        ),
    ]


ROWS = [
    *resizing("resizeBilinear", False, TO_REAL),
    *resizing(
        "resizeNearestNeighbor",
        True,
        {"int32": "int32", "bool": TypeError, "complex64": TypeError, "string": TypeError},
    ),
]
