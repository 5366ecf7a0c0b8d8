"""TensorBuffer, and the steps of recurrent networks."""

from __future__ import annotations

import numpy as np
import pytest

import lamina as tf
from support.oracle import Js

from . import derivatives


def test_a_buffer_becomes_a_tensor():
    b = tf.buffer([2, 3])
    assert (b.shape, b.size, b.rank, b.dtype, b.strides) == ((2, 3), 6, 2, "float32", (3,))
    b.set(2.5, 1, 2)
    b.set(-1, 0, 1)
    assert b.get(1, 2) == 2.5
    tensor = b.toTensor()
    b.set(9, 0, 0)
    assert np.asarray(tensor).tolist() == [[0, -1, 0], [0, 0, 2.5]]
    assert [b.indexToLoc(i) for i in (0, 4)] == [[0, 0], [1, 1]]
    assert b.locToIndex([1, 1]) == 4
    assert repr(b) == "<TensorBuffer, shape [2, 3], float32>"


def test_dtypes():
    assert np.asarray(tf.buffer([2], "int32", [1, 2]).toTensor()).dtype == np.int32
    assert tf.buffer([2], "string").toTensor().arraySync() == ["", ""]
    assert np.asarray(tf.buffer([2], "bool", [True, False]).toTensor()).tolist() == [True, False]
    scalar = tf.buffer([])
    scalar.set(3)
    assert (float(scalar.toTensor()), scalar.get(), scalar.indexToLoc(0), scalar.locToIndex([])) == (
        3,
        3,
        [],
        0,
    )


def test_of_a_tensor():
    x = tf.tensor([[1.0, 2.0], [3.0, 4.0]])
    assert x.bufferSync().get(1, 0) == 3
    assert x.buffer().result().values == [1, 2, 3, 4]
    assert tf.TensorBuffer([1], "float32").size == 1


def test_refused():
    b = tf.buffer([2, 3])
    with pytest.raises(ValueError, match=r"coordinates \(1\) must match the rank \(2\)"):
        b.set(1, 0)
    with pytest.raises(IndexError, match=r"out of range element at \[0, 3\]"):
        b.get(0, 3)
    with pytest.raises(ValueError, match="Length of values '1' does not match"):
        tf.buffer([2], "float32", [1])
    with pytest.raises(ValueError, match=r"call tf\.complex"):
        tf.buffer([2], "complex64")
    with pytest.raises(ValueError, match="Unknown data type float64"):
        tf.buffer([2], "float64")
    with pytest.raises(ValueError, match="non-negative"):
        tf.buffer([-1])


RNG = np.random.default_rng(2)


def reals(*shape):
    return RNG.uniform(-1, 1, shape).astype(np.float32)


def test_lstm_cells(tfjs):
    arguments = [np.float32(1.0), reals(5, 8), reals(8), reals(2, 3), reals(2, 2), reals(2, 2)]
    for ours, theirs in zip(tf.basicLSTMCell(*arguments), tfjs.op("basicLSTMCell", *arguments), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)
    derivatives.check(tf.basicLSTMCell, [np.asarray(a, np.float64) for a in arguments], tries=1)


def test_cells_one_upon_another(tfjs):
    bias, kernel, first, second = np.float32(1.0), reals(4, 8), reals(8), reals(8)
    data, c, h = reals(1, 2), [reals(1, 2), reals(1, 2)], [reals(1, 2), reals(1, 2)]
    ours = tf.multiRNNCell(
        [lambda d, c, h, b=b: tf.basicLSTMCell(bias, kernel, b, d, c, h) for b in (first, second)], data, c, h
    )
    ask = Js(
        "(f, k, b0, b1, d, c0, c1, h0, h1) => { const cells = [b0, b1].map(b => (d, c, h) =>"
        " tf.basicLSTMCell(f, k, b, d, c, h)); const [c, h] = tf.multiRNNCell(cells, d, [c0, c1], [h0, h1]);"
        " return [...c, ...h]; }"
    )
    theirs = tfjs.op(ask, bias, kernel, first, second, data, *c, *h)
    for y, e in zip([*ours[0], *ours[1]], theirs, strict=True):
        np.testing.assert_allclose(y, e, rtol=1e-5, atol=1e-6)
