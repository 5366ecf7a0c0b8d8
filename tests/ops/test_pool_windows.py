"""The gradient of maxPool for windows that overlap, meet, lie apart or hang over the edges, by loops."""

from __future__ import annotations

import numpy as np
import pytest

import lamina as tf
from lamina import _core

ops = _core.ops

# size of the image, window, strides, padding
CASES = [
    ((6, 6), (2, 2), (2, 2), "valid"),
    ((7, 5), (2, 2), (2, 2), "valid"),
    ((7, 5), (2, 2), (2, 2), "same"),
    ((8, 9), (2, 2), (3, 3), "valid"),
    ((9, 8), (1, 3), (2, 4), "same"),
    ((7, 7), (3, 3), (2, 2), "same"),
    ((6, 5), (3, 2), (1, 1), "valid"),
    ((3, 3), (3, 3), (3, 3), "valid"),
    ((5, 4), (2, 2), (2, 2), [[0, 0], [2, 2], [3, 1], [0, 0]]),
    ((9, 9), (9, 9), (9, 9), "same"),
    # Overlapping in one direction only.
    ((6, 7), (2, 3), (2, 1), "valid"),
    ((7, 6), (3, 2), (2, 2), "valid"),
]


def starts(size: int, window: int, stride: int, padding: str | list[int]) -> list[int]:
    if padding == "valid":
        before, count = 0, (size - window) // stride + 1
    elif padding == "same":
        count = -(-size // stride)
        before = max((count - 1) * stride + window - size, 0) // 2
    else:
        before, after = padding
        count = (size + before + after - window) // stride + 1
    return [i * stride - before for i in range(count)]


def by_loops(x, dy, window, tops, lefts):
    dx = np.zeros_like(x)
    for b, i, j, c in np.ndindex(dy.shape):
        best = None
        for row in range(max(tops[i], 0), min(tops[i] + window[0], x.shape[1])):
            for column in range(max(lefts[j], 0), min(lefts[j] + window[1], x.shape[2])):
                if best is None or x[b, row, column, c] > x[(b, *best, c)]:
                    best = row, column
        if best is not None:
            dx[(b, *best, c)] += dy[b, i, j, c]
    return dx


@pytest.mark.parametrize("channels", [1, 16, 19])
@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("level", _core.available_levels())
def test_gradient(level, case, channels):
    size, window, strides, padding = case
    rng = np.random.default_rng(3)
    # Few values, so that there are ties; zeros as behind relu.
    x = np.maximum(rng.integers(-2, 4, (3, *size, channels)), 0).astype(np.float32)
    pads = padding[1:3] if isinstance(padding, list) else [padding] * 2
    tops, lefts = (starts(size[i], window[i], strides[i], pads[i]) for i in (0, 1))
    dy = rng.normal(size=(3, len(tops), len(lefts), channels)).astype(np.float32)
    expected = by_loops(x, dy, window, tops, lefts)
    active = _core.active_level()
    _core.set_level(level)
    try:
        found = ops.maxPoolGrad(tf.tensor(dy), tf.tensor(x), window, strides, padding)
        masked = ops.maxPoolGrad(tf.tensor(dy), tf.tensor(x), window, strides, padding, relu=True)
    finally:
        _core.set_level(active)
    assert np.allclose(found, expected, rtol=1e-6, atol=1e-6)
    assert np.array_equal(masked, np.asarray(found) * (x > 0))
