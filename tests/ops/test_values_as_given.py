"""What values and options become: strings, rows of arrays, sizes of -1, buffers, None, and debug mode."""

from __future__ import annotations

import array
import warnings

import numpy as np
import pytest

import lamina as tf
from support.oracle import TfjsError

A, B = ["a", "b", "é", "", "ab"], ["b", "a", "z", "a", "a"]


@pytest.mark.parametrize("name", ["less", "lessEqual", "greater", "greaterEqual", "equal", "notEqual"])
def test_strings_are_compared(name):
    """By code points, which for the letters here are JavaScript's order, too."""
    python = {"less": "__lt__", "lessEqual": "__le__", "greater": "__gt__", "greaterEqual": "__ge__"}
    python |= {"equal": "__eq__", "notEqual": "__ne__"}
    expected = [getattr(a, python[name])(b) for a, b in zip(A, B, strict=True)]
    assert np.asarray(getattr(tf, name)(tf.tensor1d(A), tf.tensor1d(B))).tolist() == expected


def test_order_of_strings_is_that_of_tfjs(tfjs):
    expected = tfjs.eval("tf.less(tf.tensor1d(a), tf.tensor1d(b))", a=A[:2], b=B[:2])
    np.testing.assert_array_equal(tf.less(A[:2], B[:2]), expected)


def test_squeeze_of_no_axes(tfjs):
    x = np.ones((1, 2, 1, 3), np.float32)
    assert tf.squeeze(x, []).shape == tfjs.op("squeeze", x, []).shape == (2, 3)
    assert tf.grad(lambda x: tf.squeeze(x, []))(tf.tensor(x)).shape == x.shape


@pytest.mark.parametrize(
    ("s0", "s1"), [([-1, 3], [1, 3]), ([1, 3], [-1, 1]), ([-1], [2, 1]), ([-1, 2], [-1, 1]), ([], [-1])]
)
def test_unknown_sizes_in_broadcasting(tfjs, s0, s1):
    expected = tfjs.eval("tf.broadcastArgs(tf.tensor1d(a, 'int32'), tf.tensor1d(b, 'int32'))", a=s0, b=s1)
    np.testing.assert_array_equal(tf.broadcastArgs(s0, s1), expected)
    with pytest.raises(ValueError, match="could not be broadcast together with shapes -1,2 and -1,3"):
        tf.broadcastArgs([-1, 2], [-1, 3])


def test_buffers_of_whole_numbers_cut(tfjs):
    values = [1.3, -1.7, 2.0**31, -(2.0**33) - 5, float("nan"), float("inf"), 7, True]
    expected = tfjs.eval(
        "const b = tf.buffer([8], 'int32'); [...v, NaN, Infinity, 7, true].forEach((x, i) => b.set(x, i));"
        "return Array.from(b.values)",
        v=values[:4],
    )
    b = tf.buffer([8], "int32")
    for i, value in enumerate(values):
        b.set(value, i)
    assert [b.get(i) for i in range(8)] == expected
    assert np.asarray(b.toTensor()).tolist() == expected
    assert tf.buffer([2], "int32", [1.9, -1.9]).values == [1, -1]


def test_none_is_the_default():
    y, p = tf.tensor1d([1, 2]), tf.tensor1d([1.5, 4])
    none = tf.Reduction.NONE
    np.testing.assert_array_equal(
        tf.losses.huberLoss(y, p, None, None, none), tf.losses.huberLoss(y, p, reduction=none)
    )
    np.testing.assert_array_equal(tf.losses.logLoss(y, p, None, None), tf.losses.logLoss(y, p))
    np.testing.assert_array_equal(tf.losses.meanSquaredError(y, p, reduction=None), 2.125)
    np.testing.assert_array_equal(tf.topk(p, None).values, [4])
    np.testing.assert_array_equal(tf.pad1d(p, [1, 1], None), [0, 1.5, 4, 0])
    np.testing.assert_array_equal(tf.leakyRelu(tf.neg(p), None), tf.leakyRelu(tf.neg(p)))
    np.testing.assert_array_equal(tf.step(tf.neg(p), None), [0, 0])
    np.testing.assert_array_equal(tf.norm(p, None, None, None), tf.norm(p))
    assert tf.zeros([2], None).dtype == tf.ones([2], dtype=None).dtype == "float32"
    assert tf.buffer([1], None).dtype == "float32"
    assert tf.image.nonMaxSuppression([[0, 0, 1, 1]], [1], 1, None, None).shape == (1,)


def test_every_option_of_an_op_takes_none():
    from lamina import _core

    for name in _core.public_ops:
        for option in _core.op(name).spec["attrs"]:
            assert option["required"] or option["nullable"], (name, option["name"])


@pytest.mark.parametrize("make", [tf.tensor, tf.tensor1d, lambda v: tf.scalar(v[-1])])
def test_debug_mode_looks_at_made_tensors(make):
    with tf.enableDebugMode():
        with pytest.warns(UserWarning, match=r"Found NaN in the result of '(tensor|tensor1d|scalar)'"):
            make([1.0, float("nan")])
        with pytest.warns(UserWarning, match="Found Infinity in the result of 'buffer'"):
            tf.buffer([1], "float32", [float("inf")]).toTensor()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            make([1.0, 2.0])
            tf.tensor(["a"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        make([1.0, float("nan")])


def test_byte_strings_are_strings():
    for values, shape in (
        (b"caf\xc3\xa9", ()),
        ([b"a", "b"], (2,)),
        (np.array([[b"ab", b"c"]]), (1, 2)),
        (np.bytes_(b"a"), ()),
    ):
        t = tf.tensor(values)
        assert (t.dtype, t.shape) == ("string", shape)
    assert tf.tensor(b"caf\xc3\xa9").arraySync() == "caf\xe9"
    with pytest.raises(ValueError, match=r"byte string .* is not UTF-8"):
        tf.tensor([b"\xff"])


@pytest.mark.parametrize(
    ("rows", "dtype"),
    [
        ([np.array([1, 2], "int32"), np.array([3, 4], "int32")], "int32"),
        ([np.array([1, 2], "uint8"), np.array([3, 4], "int64")], "int32"),
        ([[np.array([1, 2], "int32")], [np.array([3, 4], "int32")]], "int32"),
        ([array.array("i", [1, 2]), array.array("i", [3, 4])], "int32"),
        ([tf.tensor1d([1, 2], "int32"), tf.tensor1d([3, 4], "int32")], "int32"),
        ([np.int64(1), np.int32(2)], "int32"),
        ([np.array([1, 2], "int32"), np.array([3, 4], "float32")], "float32"),
        ([np.array([1, 2], "float64"), np.array([3, 4], "float64")], "float32"),
        ([np.array([1, 2], "int32"), [3, 4]], "float32"),
        ([np.array([True]), np.array([False])], "bool"),
    ],
)
def test_rows_of_typed_arrays(rows, dtype):
    t = tf.tensor(rows)
    assert t.dtype == dtype
    np.testing.assert_array_equal(t, np.array([np.asarray(row) for row in rows]).reshape(t.shape))
    assert tf.stack(rows).dtype == dtype


@pytest.mark.parametrize(
    ("values", "shape"),
    [
        ([[[12, 13], [17, 18]]], [1, 2, 2, 1]),
        ([[1, 2, 3, 4]], [1, 2, 2]),
        ([[1], [2]], [2]),
        ([1, 2, 3, 4], [2, 2]),
        ([[1, 2], [3, 4]], [2, 2]),
        ([[1, 2], [3, 4]], [4]),
        ([[1, 2], [3, 4]], [2, 1, 2]),
        ([[1, 2], [3, 4]], [1, 2, 2]),
        ([[1, 2, 3, 4]], [2, 2]),
        ([[[1, 2], [3, 4]]], [1, 4]),
    ],
)
def test_rows_with_a_shape(tfjs, values, shape):
    """The last dimension of nested rows may be split further, as in TensorFlow.js."""
    try:
        expected = tfjs.eval("tf.tensor(v, s)", v=values, s=shape)
    except TfjsError:
        with pytest.raises(ValueError, match="does not match the provided shape"):
            tf.tensor(values, shape)
    else:
        np.testing.assert_array_equal(tf.tensor(values, shape), expected)
