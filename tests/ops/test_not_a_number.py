"""Where NaN is treated on purpose, and where TensorFlow.js does otherwise (docs/differences.md)."""

from __future__ import annotations

import numpy as np
import pytest

import lamina as tf
from lamina import _core

from .table import LEVELS

NAN = np.nan


@pytest.fixture(params=LEVELS)
def level(request):
    before = _core.active_level()
    _core.set_level(request.param)
    yield request.param
    _core.set_level(before)


def windows(channels: int) -> np.ndarray:
    """Two windows of 2x2: one of NaN only, one where NaN stands beside numbers."""
    x = np.array([[NAN, NAN, 1, NAN], [NAN, NAN, 2, 3]], np.float32)
    return np.repeat(x.reshape(1, 2, 4, 1), channels, axis=3)


@pytest.mark.parametrize("channels", [1, 5, 17])
def test_a_maximum_of_nan_alone_is_nan(level, channels):
    found = np.asarray(tf.maxPool(windows(channels), 2, 2, "valid"))
    assert np.isnan(found[0, 0, 0]).all()
    assert (found[0, 0, 1] == 3).all()


def test_tensorflowjs_gives_minus_infinity(tfjs):
    found = np.asarray(tfjs.op("maxPool", windows(1), 2, 2, "valid")).ravel()
    assert found.tolist() == [-np.inf, 3]


def test_extremes_of_long_runs_are_the_first_among_numbers(level):
    """Runs are cut: equals lie in several pieces, and the first pieces are without any number."""
    x = np.full((2, 200_003), -1, np.float32)
    x[:, :70_000] = NAN
    x[0, [90_000, 150_000]] = x[1, [199_999, 200_002]] = 5
    assert tf.argMax(x, 1).arraySync() == [90_000, 199_999]
    assert tf.argMin(-x, 1).arraySync() == [90_000, 199_999]
    assert tf.argMin(x[0]).arraySync() == 70_000
    assert tf.argMax(np.full(140_000, NAN, np.float32)).arraySync() == 0
    x[0, 150_001] = np.inf
    assert tf.argMax(x[0]).arraySync() == 150_001
