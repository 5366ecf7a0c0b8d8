"""Sizes that no tensor can have are errors, whatever they are made of: no small shape, no signal, no loop."""

from __future__ import annotations

import math

import pytest

import lamina as tf

HUGE = [2**31, 2**32, 2**40, 2**47, 2**61, 2**62, 2**63 - 1]
NONE = tf.zeros([0, 3])


def ones(*shape):
    return tf.ones(list(shape))


def image():
    return ones(1, 1, 1, 4)


# Calls with a size n that is beyond any memory.
CALLS = {
    "zeros": lambda n: tf.zeros([n, n]),
    "zeros of nothing": lambda n: tf.zeros([0, n, n]),
    "eye": lambda n: tf.eye(n, n),
    "linspace": lambda n: tf.linspace(0, 1, n * 2**20),
    "range": lambda n: tf.range(0, float(n) * 2**20),
    "oneHot": lambda n: tf.oneHot(tf.tensor([0, 1], None, "int32"), n * 2**20),
    "pad": lambda n: tf.pad(ones(3), [[n, n * 2**10]]),
    "pad, both sides": lambda n: tf.pad(ones(3, 1), [[n, n], [n, n]]),
    "pad of nothing": lambda n: tf.pad(tf.zeros([0, 3]), [[n, n], [n, n]]),
    "mirrorPad": lambda n: tf.mirrorPad(ones(3), [[n, n]], "symmetric"),
    "tile": lambda n: tf.tile(ones(4, 4), [n, n]),
    "tile by a power of two": lambda n: tf.tile(ones(4), [2**62]),
    "tile of nothing": lambda n: tf.tile(tf.zeros([0, 3, 3]), [n, n, n]),
    "reshape": lambda n: tf.reshape(ones(4), [n, n, n, n]),
    "reshape to a part": lambda n: tf.reshape(ones(4), [n, n, -1]),
    "depthToSpace": lambda n: tf.depthToSpace(image(), n),
    "spaceToBatchND": lambda n: tf.spaceToBatchND(image(), [n, n], [[0, 0], [0, 0]]),
    "spaceToBatchND, padded": lambda n: tf.spaceToBatchND(image(), [1, 1], [[n, n], [n, n]]),
    "batchToSpaceND": lambda n: tf.batchToSpaceND(image(), [n, n], [[0, 0], [0, 0]]),
    "batchToSpaceND, cropped": lambda n: tf.batchToSpaceND(image(), [1, 1], [[n, n], [0, 0]]),
    "broadcastTo": lambda n: tf.broadcastTo(ones(1, 1), [n, n]),
    "slice": lambda n: tf.slice(ones(4), [2], [n]),
    "resizeBilinear": lambda n: tf.image.resizeBilinear(image(), [n, n]),
    "resizeNearestNeighbor": lambda n: tf.image.resizeNearestNeighbor(image(), [n, n]),
    "cropAndResize": lambda n: tf.image.cropAndResize(image(), [[0, 0, 1, 1]], [0], [n, n]),
    "transform": lambda n: tf.image.transform(image(), ones(1, 8), "nearest", "constant", 0, [n, n]),
    "maxPool": lambda n: tf.maxPool(image(), [n, n], 1, n),
    "pool": lambda n: tf.pool(image(), [2, 2], "max", "same", [n, n]),
    "conv2d": lambda n: tf.conv2d(image(), ones(2, 2, 4, 1), 1, "same", "NHWC", [n, n]),
    "conv2d, padded": lambda n: tf.conv2d(image(), ones(2, 2, 4, 1), 1, [[0, 0], [n, n], [n, n], [0, 0]]),
    "conv2dTranspose": lambda n: tf.conv2dTranspose(image(), ones(2, 2, 1, 4), [1, n, n, 1], 1, "same"),
    "dilation2d": lambda n: tf.dilation2d(image(), ones(2, 2, 4), 1, "same", [n, n]),
    "multinomial": lambda n: tf.multinomial(ones(2, 3), n * 2**10, 1),
    "confusionMatrix": lambda n: tf.math.confusionMatrix([0, 1], [0, 1], n),
    "bincount": lambda n: tf.bincount([1, 2], [], n * 2**16),
    "unsortedSegmentSum": lambda n: tf.unsortedSegmentSum(ones(4, 4), [0, 1, 2, 3], n),
    "scatterND": lambda n: tf.scatterND([[0]], ones(1), [n * 2**16]),
    "randomNormal": lambda n: tf.randomNormal([n, n]),
    "rfft": lambda n: tf.spectral.rfft(ones(4), n * 2**16),
    "split": lambda n: tf.split(NONE, n),
    "concat of nothing": lambda n: tf.concat([tf.zeros([2**40, 0])] * 300, 0),
}  # fmt: skip
ERRORS = (ValueError, MemoryError, TypeError)


@pytest.mark.parametrize("n", HUGE)
@pytest.mark.parametrize("name", CALLS)
def test_beyond_memory(name, n):
    if name == "mirrorPad" or n <= 2**32:
        with pytest.raises((*ERRORS, RuntimeError)):
            CALLS[name](n)
        return
    with pytest.raises(ERRORS):
        CALLS[name](n)


@pytest.mark.parametrize("n", [*HUGE, -(2**63)])
def test_steps_beyond_a_slice(n):
    x = tf.tensor([1.0, 2.0, 3.0])
    assert tf.stridedSlice(x, [0], [3], [n]).arraySync() == ([1.0] if n > 0 else [])
    assert tf.stridedSlice(x, [-n] if n > 0 else [n], [2**63 - 1], [1]).arraySync() == [1.0, 2.0, 3.0]


def test_the_error_names_the_function():
    with pytest.raises(ValueError, match=r"Error in pad: the size 9223372036854775807 \+ 3"):
        tf.pad(ones(3), [[2**63 - 1, 2**63 - 1]])
    with pytest.raises(ValueError, match=r"Error in tile: the size 4 \* 4611686018427387904"):
        tf.tile(ones(4), [2**62])
    with pytest.raises(ValueError, match="reps must not be negative"):
        tf.tile(NONE, [-1, 2])


@pytest.mark.slow
def test_positions_that_int32_cannot_hold():
    many = tf.zeros([2**31 + 8], "bool")
    for call in (tf.argMax, tf.argMin, lambda x: tf.topk(x, 1), lambda x: tf.whereAsync(x).result()):
        with pytest.raises(ValueError, match="more than int32 can hold"):
            call(many)
    many.dispose()


NOT_FINITE = [float("nan"), float("inf"), -float("inf")]


@pytest.mark.parametrize("x", NOT_FINITE)
@pytest.mark.parametrize("seed", [None, 1])
def test_spreads(x, seed):
    """The peer never ends here: a value is what its arithmetic gives."""
    for make in (tf.truncatedNormal, tf.randomNormal):
        assert not any(math.isfinite(v) for v in make([64], x, 1.0, "float32", seed).dataSync())
        if x != -float("inf"):
            assert not any(abs(v) < 1e30 for v in make([64], 0.0, x, "float32", seed).dataSync())
    tf.randomGamma([4], x, 1.0, "float32", seed)
    tf.randomUniform([4], 0.0, x, "float32", seed)


@pytest.mark.parametrize("spread", [-1.0, -float("inf")])
@pytest.mark.parametrize("seed", [None, 1])
def test_a_negative_spread(spread, seed):
    with pytest.raises(ValueError, match="stdDev must not be negative"):
        tf.truncatedNormal([3], 0, spread, "float32", seed)


@pytest.mark.parametrize("x", NOT_FINITE)
def test_sizes_that_are_not_finite(x):
    signal = tf.ones([8])
    for call in (
        lambda: tf.enclosingPowerOfTwo(x),
        lambda: tf.signal.stft(signal, x, 2),
        lambda: tf.signal.stft(signal, 2, x),
        lambda: tf.signal.stft(signal, 2, 2, x),
        lambda: tf.signal.frame(signal, x, 2),
        lambda: tf.signal.frame(signal, 2, x),
        lambda: tf.signal.hannWindow(x),
        lambda: tf.linspace(0, 1, x),
        lambda: tf.range(0, 1, x) if math.isnan(x) else tf.range(x, 1),
        lambda: tf.image.resizeBilinear(image(), [x, 2]),
        lambda: tf.image.cropAndResize(image(), [[0, 0, 1, 1]], [0], [x, 2]),
        lambda: tf.zeros([x]),
    ):
        with pytest.raises((ValueError, TypeError, OverflowError)):
            call()
