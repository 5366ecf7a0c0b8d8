"""Scratch memory of kernels that cannot be had is a MemoryError, whichever thread asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import lamina as tf
from lamina import _core
from support.nets import numbers

MOST = 200


@pytest.fixture(autouse=True)
def three_threads() -> Iterator[None]:
    before = _core.num_threads()
    _core.set_num_threads(3)
    yield
    _core.pool_fail_at(0)
    _core.set_num_threads(before)


def lstm() -> Callable[..., Any]:
    layer = tf.layers.lstm(units=32, returnSequences=True)
    layer.apply(tf.zeros([1, 12, 24]))
    return layer.apply


X4 = [8, 24, 24, 16]
# Each kernel that takes scratch memory, at a size that is worth several threads.
KERNELS: dict[str, tuple[Callable[[], Callable[..., Any]], list[list[int]]]] = {
    "matMul": (lambda: tf.matMul, [[300, 200], [200, 300]]),
    "matMul of a long sum": (lambda: tf.matMul, [[24, 9000], [9000, 24]]),
    "matMul of a batch": (lambda: tf.matMul, [[16, 60, 60], [16, 60, 60]]),
    "matMul by a vector": (lambda: tf.matMul, [[2, 600], [600, 700]]),
    "conv2d": (lambda: lambda x, f: tf.conv2d(x, f, 1, "same"), [X4, [3, 3, 16, 24]]),
    "conv2d in steps": (lambda: lambda x, f: tf.conv2d(x, f, 2, "same"), [X4, [3, 3, 16, 24]]),
    "conv2dTranspose": (
        lambda: lambda x, f: tf.conv2dTranspose(x, f, [8, 48, 48, 24], 2, "same"),
        [X4, [3, 3, 24, 16]],
    ),
    "depthwiseConv2d": (lambda: lambda x, f: tf.depthwiseConv2d(x, f, 1, "same"), [X4, [3, 3, 16, 1]]),
    "fft": (lambda: lambda x: tf.real(tf.spectral.fft(tf.complex(x, x))), [[200, 600]]),
    "rfft": (lambda: lambda x: tf.imag(tf.spectral.rfft(x)), [[200, 600]]),
    "moments": (lambda: lambda x: tf.moments(x, [0, 1, 2]).variance, [X4]),
    "lstm": (lstm, [[24, 12, 24]]),
}


@pytest.mark.parametrize("kernel", KERNELS)
def test_each_allocation_fails_in_turn(kernel):
    """Values and gradients: an error or the right result, and the next call is right."""
    make, shapes = KERNELS[kernel]
    values = [tf.tensor(numbers(*shape, seed=index)) for index, shape in enumerate(shapes)]

    def work() -> list[bytes]:
        value, grads = tf.valueAndGrads(lambda *given: tf.sum(tf.square(used(*given))))(values)
        return [np.asarray(each).tobytes() for each in (value, *grads)]

    def call() -> list[bytes]:
        return tf.tidy(work)

    used = make()
    expected = call()
    tensors = tf.memory()["numTensors"]
    scratch = 0
    for n in range(1, MOST):
        first = _core.pool_allocations()
        _core.pool_fail_at(n)
        try:
            assert call() == expected
        except MemoryError as error:
            assert "failure asked for by a test" in str(error)
            scratch += "scratch memory" in str(error)
        else:
            if _core.pool_allocations() - first < n:
                break
        finally:
            _core.pool_fail_at(0)
        assert call() == expected
        assert tf.memory()["numTensors"] == tensors
    else:
        raise AssertionError("the call never succeeded")
    assert scratch >= 1
    tf.dispose(values)
