"""A tensor in Python's hands: views, DLPack, pickling, copies, operators, truth, iteration, indexing."""

from __future__ import annotations

import copy
import gc
import math
import operator
import pickle
import weakref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lamina as tf
from lamina import _core

SAMPLES = {
    "float32": np.float32([[1.5, -2, 0], [3, 4, 5]]),
    "int32": np.int32([[1, -2, 0], [3, 4, 5]]),
    "bool": np.array([[True, False, True], [False, False, True]]),
    "complex64": np.complex64([[1 + 2j, 0, -1j], [3, 4, 5]]),
}
by_dtype = pytest.mark.parametrize("dtype", SAMPLES)


# ---- out ---------------------------------------------------------------------------------------------------


@by_dtype
def test_numpy_sees_the_memory(dtype):
    x = SAMPLES[dtype]
    t = tf.tensor(x)
    holders = _core.holders(t)
    view = np.asarray(t)
    assert (view.dtype, view.shape) == (x.dtype, x.shape)
    assert not view.flags.writeable
    assert np.shares_memory(view, np.asarray(t))
    assert _core.holders(t) == holders + 1
    with pytest.raises(ValueError):
        view[0, 0] = 1
    t.dispose()
    del t
    gc.collect()
    tf.tensor(np.zeros_like(x))  # would take the freed memory
    np.testing.assert_array_equal(view, x)


@by_dtype
def test_numpy_copies_on_demand(dtype):
    t = tf.tensor(SAMPLES[dtype])
    own = np.array(t)
    assert own.flags.writeable
    assert not np.shares_memory(own, np.asarray(t))
    assert np.asarray(t, np.complex128).dtype == np.complex128
    with pytest.raises(ValueError):
        np.asarray(t, np.complex128, copy=False)


@by_dtype
def test_memoryviews(dtype):
    t = tf.tensor(SAMPLES[dtype])
    view = memoryview(t)
    assert view.readonly
    assert (view.shape, view.ndim, view.nbytes) == ((2, 3), 2, SAMPLES[dtype].nbytes)
    assert bytes(view) == SAMPLES[dtype].tobytes()
    t.dispose()
    assert bytes(view) == SAMPLES[dtype].tobytes()
    with pytest.raises(BufferError, match="disposed"):
        memoryview(t)


@by_dtype
def test_dlpack_out(dtype):
    t = tf.tensor(SAMPLES[dtype])
    assert t.__dlpack_device__() == (1, 0)
    other = np.from_dlpack(t)
    np.testing.assert_array_equal(other, SAMPLES[dtype])
    assert not other.flags.writeable
    t.dispose()
    np.testing.assert_array_equal(other, SAMPLES[dtype])
    with pytest.raises(RuntimeError, match="disposed"):
        t.__dlpack__()
    tf.tensor(1.0).__dlpack__()  # never taken


def test_strings_out():
    t = tf.tensor([["a", "b"]])
    array = np.asarray(t)
    assert array.dtype == object
    assert array.tolist() == [["a", "b"]]
    with pytest.raises(BufferError, match="string"):
        memoryview(t)
    with pytest.raises(TypeError, match="string"):
        t.__dlpack__()


@pytest.mark.parametrize(
    "values", [*SAMPLES.values(), np.array(["a", "ü"]), np.float32(3), np.zeros((0, 2), np.int32)]
)
def test_pickle_and_copies(values):
    t = tf.tensor(values)
    for other in (pickle.loads(pickle.dumps(t)), copy.copy(t), copy.deepcopy(t), copy.deepcopy([t])[0]):
        assert (other.dtype, other.shape) == (t.dtype, t.shape)
        assert other.arraySync() == t.arraySync()
        assert other.id != t.id
    with pytest.raises(TypeError, match="variable"):
        pickle.dumps(tf.variable(t))
    t.dispose()
    for f in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(RuntimeError, match="disposed"):
            f(t)


def test_weak_references_and_attributes():
    t = tf.tensor([1.0])
    gone = []
    ref = weakref.ref(t, gone.append)
    assert ref() is t
    del t
    assert gone == [ref]
    with pytest.raises(AttributeError):
        tf.tensor([1.0]).colour = "red"
    with pytest.raises(AttributeError):
        tf.tensor([1.0]).shape = (1, 1)
    with pytest.raises(TypeError, match="made by functions"):
        tf.Tensor([1.0])


# ---- single values -----------------------------------------------------------------------------------------


def test_single_values():
    assert float(tf.scalar(2.5)) == 2.5
    assert int(tf.tensor([[7.9]])) == 7
    assert operator.index(tf.scalar(3, "int32")) == 3
    assert [10, 20, 30, 40][tf.scalar(2, "int32")] == 30
    assert bool(tf.scalar(0.0)) is False
    assert bool(tf.scalar(True)) is True
    assert math.isnan(tf.scalar(float("nan")))
    with pytest.raises(TypeError, match="int32"):
        operator.index(tf.scalar(3.0))
    for f in (float, int, bool):
        with pytest.raises((ValueError, TypeError), match="element"):
            f(tf.tensor([1.0, 2.0]))
        with pytest.raises((ValueError, TypeError), match="element"):
            f(tf.tensor([]))
        with pytest.raises(TypeError, match="string"):
            f(tf.scalar("1"))
    with pytest.raises((OverflowError, ValueError)):
        int(tf.scalar(float("nan")))
    with pytest.raises((OverflowError, ValueError)):
        int(tf.scalar(float("inf")))
    assert bool(tf.scalar(1j))
    assert complex(tf.scalar(1 + 2j)) == 1 + 2j
    assert complex(tf.scalar(3.0)) == 3


def test_length_and_iteration():
    t = tf.tensor(SAMPLES["float32"])
    assert len(t) == 2
    assert [row.arraySync() for row in t] == SAMPLES["float32"].tolist()
    assert 5 in t[1]
    assert list(tf.zeros([0, 3])) == []
    assert [row.shape for row in tf.zeros([2, 0])] == [(0,), (0,)]
    for f in (len, iter, list):
        with pytest.raises(TypeError):
            f(tf.scalar(1.0))
    a, b = tf.tensor([1.0, 2.0])
    assert float(a + b) == 3


def test_equality_and_hash():
    t, u = tf.tensor([1.0, 2.0]), tf.tensor([1.0, 3.0])
    assert (t == u).arraySync() == [True, False]
    assert (t != u).arraySync() == [False, True]
    assert (t == [1, 2]).arraySync() == [True, True]
    assert (t == None) is False  # noqa: E711
    assert (t != None) is True  # noqa: E711
    assert (t == object()) is False
    assert (tf.tensor(["a", "b"]) == "a").arraySync() == [True, False]
    assert len({t, u, t}) == 2
    assert {t: 1}[t] == 1
    for f in (operator.lt, operator.ge):
        with pytest.raises(TypeError):
            f(t, None)
        with pytest.raises(TypeError):
            f(t, "a")


OPERATORS = [
    operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod, operator.pow,
    operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne,
]  # fmt: skip


@pytest.mark.parametrize("f", OPERATORS, ids=lambda f: f.__name__)
def test_operators(f):
    """Of tensors, numbers, lists and arrays, on either side: always a tensor."""
    a, b = np.float32([[1.5, 2, 0.5], [3, 4, 5]]), np.float32([2, 1, 4])
    expected = f(a, b)
    ta, tb = tf.tensor(a), tf.tensor(b)
    for x, y in ((ta, tb), (ta, b), (a, tb), (ta, b.tolist()), (a.tolist(), tb), (ta, tuple(b.tolist()))):
        result = f(x, y)
        assert isinstance(result, tf.Tensor)
        np.testing.assert_allclose(np.asarray(result), expected, rtol=1e-6)
    for x, y, e in (
        (ta, 2, f(a, 2)),
        (2.5, tb, f(2.5, b)),
        (ta, np.float32(2), f(a, 2)),
        (np.float64(2), tb, f(2, b)),
    ):
        result = f(x, y)
        assert isinstance(result, tf.Tensor)
        np.testing.assert_allclose(np.asarray(result), e, rtol=1e-6)


def test_other_operators():
    a = np.float32([[1, 2], [3, 4]])
    t = tf.tensor(a)
    np.testing.assert_array_equal(-t, -a)
    np.testing.assert_array_equal(abs(-t), a)
    assert (+t) is t
    np.testing.assert_array_equal(t @ a, a @ a)
    np.testing.assert_array_equal(a @ t, a @ a)
    truth = tf.tensor([True, False])
    assert (~truth).arraySync() == [False, True]
    assert (truth & [True, True]).arraySync() == [True, False]
    assert (truth | [False, True]).arraySync() == [True, True]
    assert (np.array([True, True]) ^ truth).arraySync() == [False, True]
    t += 1
    np.testing.assert_array_equal(t, a + 1)
    with pytest.raises(TypeError):
        t + None
    with pytest.raises(TypeError):
        t + "a"
    with pytest.raises(TypeError):
        {} * t
    with pytest.raises(TypeError):
        pow(t, 2, 3)
    with pytest.raises(ValueError, match="broadcast"):
        operator.add(t, [1, 2, 3])


def test_numpys_universal_functions():
    """Where tensors have the operation, it gives a tensor; with `out`, NumPy fills its array."""
    a = np.float32([[1, 2], [3, 4]])
    t = tf.tensor(a)
    for name in ("sqrt", "exp", "arctan", "square", "negative", "absolute", "isnan", "rint", "logical_not"):
        f = getattr(np, name)
        given = (tf.greater(t, 2), a > 2) if name == "logical_not" else (t, a)
        found = f(given[0])
        assert isinstance(found, tf.Tensor), name
        np.testing.assert_allclose(np.asarray(found), f(given[1]), rtol=1e-6)
    for name in ("add", "subtract", "multiply", "divide", "power", "maximum", "matmul", "less", "not_equal"):
        f = getattr(np, name)
        for x, y in ((t, t), (a, t), (t, a), (np.float64(2), t))[: 3 if name == "matmul" else 4]:
            found = f(x, y)
            assert isinstance(found, tf.Tensor), name
            np.testing.assert_allclose(np.asarray(found), f(np.asarray(x), np.asarray(y)), rtol=1e-6)
    out = np.ones((2, 2))
    out += t
    assert type(out) is np.ndarray
    np.testing.assert_array_equal(out, a + 1)
    assert tf.grad(lambda x: np.square(x).sum())(t).arraySync() == (2 * a).tolist()
    np.testing.assert_array_equal(np.add.reduce(t), [4, 6])
    np.testing.assert_array_equal(np.multiply.outer(a, t), np.multiply.outer(a, a))
    for call in (lambda: np.hypot(t, t), lambda: np.add(t, 1, where=a > 2)):
        with pytest.raises(TypeError, match=r"does not work on tensors: take np\.asarray"):
            call()


def test_numpys_other_functions():
    """They see arrays and give arrays."""
    a = np.float32([[1, 2], [3, 4]])
    t = tf.tensor(a)
    for f in (np.sum, np.mean, np.transpose, np.linalg.norm, np.median):
        found = f(t)
        assert not isinstance(found, tf.Tensor)
        np.testing.assert_allclose(found, f(a), rtol=1e-6)
    np.testing.assert_array_equal(np.concatenate([t, a]), np.concatenate([a, a]))
    np.testing.assert_array_equal(np.stack(arrays=(t, t), axis=1), np.stack((a, a), axis=1))


def test_single_values_as_text_and_rounded():
    t = tf.tensor([[1.25]])
    assert f"{t:.1f}" == "1.2"
    assert f"{tf.scalar(7, 'int32'):03d}" == "007"
    assert f"{tf.tensor([1, 2])}" == str(tf.tensor([1, 2]))
    with pytest.raises(TypeError, match=r"is for one value, but the tensor has shape \[2\]"):
        format(tf.tensor([1, 2]), ".1f")
    assert round(tf.tensor([0.5, 1.5, -1.2])).arraySync() == [0, 2, -1]
    with pytest.raises(TypeError, match="no digits"):
        round(t, 1)
    whole, rest = divmod(tf.tensor([7.0, -7.0]), 2)
    assert (whole.arraySync(), rest.arraySync()) == ([3, -4], [1, 1])
    whole, rest = divmod(7, tf.tensor([2.0, 4.0]))
    assert (whole.arraySync(), rest.arraySync()) == ([3, 1], [1, 3])


def test_dtypes_of_operators():
    """Numbers are float32 as in TensorFlow.js; arrays keep their type."""
    i = tf.tensor([7, -7], None, "int32")
    assert (i + 1).dtype == "float32"
    assert (i + np.int32([1, 1])).dtype == "int32"
    assert (i / np.int32([2, 2])).arraySync() == [3, -4]
    assert (i + True).dtype == "int32"
    assert (tf.tensor([True]) + tf.tensor([True])).dtype == "bool"


# ---- indexing ----------------------------------------------------------------------------------------------

SHAPE = (4, 3, 5)
BOX = np.arange(60, dtype=np.float32).reshape(SHAPE)


def of_axis(size: int) -> st.SearchStrategy:
    integers = st.integers(-size, size - 1)
    return st.one_of(integers, st.slices(size))


@st.composite
def keys(draw):
    parts = [draw(of_axis(size)) for size in SHAPE[: draw(st.integers(0, 3))]]
    if draw(st.booleans()) and len(parts) < 3:
        parts.append(Ellipsis)
    for _ in range(draw(st.integers(0, 2))):
        parts.insert(draw(st.integers(0, len(parts))), None)
    return parts[0] if len(parts) == 1 and draw(st.booleans()) else tuple(parts)


@given(keys())
def test_indexing_as_numpy_does(key):
    expected = BOX[key]
    found = tf.tensor(BOX)[key]
    assert found.shape == expected.shape
    np.testing.assert_array_equal(found, expected)


@given(st.lists(st.integers(-4, 3), max_size=6), st.sampled_from(["first", "middle", "last"]))
def test_indexing_by_lists(places, where):
    t = tf.tensor(BOX)
    wanted = np.array(places, int)
    if where == "first":
        np.testing.assert_array_equal(t[places], BOX[wanted])
    elif where == "middle":
        wanted %= 3
        np.testing.assert_array_equal(t[:, wanted], BOX[:, wanted])
    else:
        np.testing.assert_array_equal(t[..., tf.tensor(wanted.tolist(), None, "int32")], BOX[..., wanted])


def test_indexing_by_masks():
    t = tf.tensor(BOX)
    mask = [True, False, False, True]
    np.testing.assert_array_equal(t[mask], BOX[np.array(mask)])
    np.testing.assert_array_equal(t[:, np.array([False, True, True])], BOX[:, 1:])
    assert t[[False] * 4].shape == (0, 3, 5)
    matrix = np.int32([[0, 1], [2, 3]])
    np.testing.assert_array_equal(t[matrix], BOX[matrix])
    np.testing.assert_array_equal(t[1, :, matrix], BOX[1][:, matrix])


@pytest.mark.parametrize(
    "key",
    [
        4,
        -5,
        (0, 3),
        (0, 0, 0, 0),
        (Ellipsis, Ellipsis),
        "a",
        1.5,
        [0, 4],
        [True],
        ([0], [0]),
        {},
        (slice(None, None, 0),),
        [-5],
    ],
    ids=repr,
)
def test_wrong_indices(key):
    with pytest.raises((IndexError, TypeError, ValueError)):
        tf.tensor(BOX)[key]


def test_tensors_do_not_change():
    t = tf.tensor([1.0])
    with pytest.raises(TypeError):
        t[0] = 2
    with pytest.raises(TypeError):
        del t[0]
