"""Arrays and Python values in: NumPy of every kind, nested lists, buffers, interfaces, DLPack, text."""

from __future__ import annotations

import array
import decimal
import fractions

import numpy as np
import pytest

import lamina as tf
from lamina import _core
from support.ids import shown
from support.oracle import TfjsError

VALUES = np.array([[0, 1, 2], [3, 100, 7]])

# NumPy's dtypes and what becomes of them.
DTYPES = {
    "float16": "float32",
    "float32": "float32",
    "float64": "float32",
    "int8": "int32",
    "int16": "int32",
    "int32": "int32",
    "int64": "int32",
    "uint8": "int32",
    "uint16": "int32",
    "uint32": "int32",
    "uint64": "int32",
    "bool": "bool",
    "complex64": "complex64",
    "complex128": "complex64",
}


def layouts(x: np.ndarray) -> dict[str, np.ndarray]:
    """The same values laid out in memory in every way."""
    wide = np.zeros((2 * x.shape[0], 3 * x.shape[1]), x.dtype)
    wide[1::2, ::3] = x
    odd = np.zeros(x.nbytes + 1, np.uint8)[1:].view(x.dtype).reshape(x.shape)
    odd[...] = x
    record = np.zeros(x.shape, [("a", np.int8), ("b", x.dtype)])
    record["b"] = x
    locked = x.copy()
    locked.setflags(write=False)
    return {
        "contiguous": x,
        "fortran": np.asfortranarray(x),
        "strided": wide[1::2, ::3],
        "reversed": x[::-1, ::-1].copy()[::-1, ::-1],
        "other endianness": x.astype(x.dtype.newbyteorder()),
        "unaligned": odd,
        "field of a record": record["b"],
        "read-only": locked,
        "transposed twice": x.T.copy().T,
    }


@pytest.mark.parametrize("dtype", DTYPES)
def test_numpy_arrays(dtype):
    x = VALUES.astype(dtype)
    for name, layout in layouts(x).items():
        t = tf.tensor(layout)
        assert (t.dtype, t.shape) == (DTYPES[dtype], x.shape), name
        np.testing.assert_array_equal(t, x.astype(DTYPES[dtype]), err_msg=name)


@pytest.mark.parametrize("dtype", DTYPES)
def test_numpy_shapes(dtype):
    for shape in ((), (0,), (2, 0, 3), (1,), (2, 1, 2, 1, 2, 1)):
        x = np.ones(shape, dtype)
        t = tf.tensor(x)
        assert (t.dtype, t.shape) == (DTYPES[dtype], shape)
        np.testing.assert_array_equal(t, x.astype(DTYPES[dtype]))
    broadcast = np.broadcast_to(np.array([1, 2], dtype), (3, 2))
    np.testing.assert_array_equal(tf.tensor(broadcast), broadcast.astype(DTYPES[dtype]))


def test_the_array_is_copied():
    x = np.zeros(3, np.float32)
    t = tf.tensor(x)
    x[:] = 1
    assert t.arraySync() == [0, 0, 0]


def test_special_values():
    x = np.array([np.nan, np.inf, -np.inf, -0.0, 1e-45, 3.4e38, 65504.0, 6e-8])
    for dtype in (np.float16, np.float32, np.float64):
        with np.errstate(over="ignore"):
            given = x.astype(dtype)
        np.testing.assert_array_equal(np.asarray(tf.tensor(given)), given.astype(np.float32))
        assert np.signbit(np.asarray(tf.tensor(given))[3])


@pytest.mark.parametrize(
    "x",
    [
        np.array([2**31]),
        np.array([-(2**31) - 1]),
        np.array([2**32], np.uint64),
        np.array([2**31], np.uint32),
        2**31 * np.ones((2, 2), np.int64)[::-1],
    ],
    ids=str,
)
def test_integers_that_do_not_fit(x):
    with pytest.raises(ValueError, match=r"'values' passed to 'tensor'.* does not fit int32"):
        tf.tensor(x)
    with pytest.raises(ValueError, match="'x' passed to 'neg'"):
        tf.neg(x)


@pytest.mark.parametrize(
    "x",
    [np.array([0, 1e39]), np.array([-1e300]), np.array([1 + 1e300j]), np.array(3.5e38), np.float64(1e300)],
    ids=str,
)
def test_floats_that_do_not_fit(x):
    with pytest.raises(ValueError, match=r"'values' passed to 'tensor'.* does not fit float32"):
        tf.tensor(x)
    with pytest.raises(ValueError, match="'b' passed to 'add'"):
        tf.add([1.0], x)


def test_floats_at_the_edge():
    """What rounds to the largest float32 fits; Python's own numbers become infinite as in TensorFlow.js."""
    largest = np.finfo(np.float32).max
    assert float(tf.tensor(np.array(float(largest) * (1 + 1e-8)))) == largest
    assert tf.tensor([1e39, -1e39]).arraySync() == [np.inf, -np.inf]


@pytest.mark.parametrize(
    "x",
    [
        np.datetime64("2020-01-01"),
        np.timedelta64(1, "s"),
        np.void(b"abc"),
        np.longdouble(1),
        [np.datetime64("2020-01-01")],
    ],
    ids=lambda x: type(x).__name__,
)
def test_scalars_of_other_things(x):
    with pytest.raises(TypeError, match="tensor"):
        tf.tensor(x)


def test_numpy_scalars_are_numbers():
    for made in (np.float16, np.float32, np.float64, np.int8, np.int32, np.int64, np.uint8, np.bool_):
        one = made(1)
        assert float(tf.tensor(one)) == 1
        assert tf.add([1.0], one).arraySync() == [2]
        assert tf.ones([2, 3]).sum(np.int64(one) - 1).shape == (3,)
    assert tf.ones([2, 3]).sum(np.array(1)).shape == (2,)
    assert tf.ones([2, 3]).sum(np.array([0, -1])).shape == ()
    for wrong in (np.array(0.5), np.array("a")):
        with pytest.raises(TypeError, match="scalar"):
            tf.ones([2, 3]).sum(wrong)
    assert tf.ones([np.int64(2), np.int8(3)]).shape == (2, 3)
    assert tf.reshape(tf.ones([6]), np.array([3, 2])).shape == (3, 2)
    assert tf.clipByValue([0.0, 9.0], np.float32(1), np.float64(2)).arraySync() == [1, 2]
    assert tf.layers.dense(units=np.int64(3), inputShape=(np.int32(2),)).units == 3


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("int", "int32"),
        ("int64", "int32"),
        ("uint8", "int32"),
        ("long", "int32"),
        ("float", "float32"),
        ("float64", "float32"),
        ("bfloat16", "float32"),
        ("double", "float32"),
        ("boolean", "bool"),
        ("complex128", "complex64"),
        ("str", "string"),
    ],
)
def test_dtypes_of_other_libraries(name, meant):
    with pytest.raises(ValueError, match=f"Unknown dtype '{name}'.*Did you mean '{meant}'"):
        tf.cast([1.0], name)
    with pytest.raises(ValueError, match=f"Did you mean '{meant}'"):
        tf.zeros([2], name)


@pytest.mark.parametrize(
    "x",
    [
        np.array([1, None], object),
        np.array([object()]),
        np.array(["2020-01-01"], "datetime64[D]"),
        np.array([1], "timedelta64[s]"),
        np.zeros(2, [("a", np.float32)]),
        np.zeros(2, np.longdouble),
        np.zeros(2, "V4"),
    ],
    ids=lambda x: str(x.dtype),
)
def test_arrays_of_other_things(x):
    with pytest.raises(TypeError, match="tensor"):
        tf.tensor(x)
    with pytest.raises(TypeError, match="abs"):
        tf.abs(x)


@pytest.mark.parametrize(
    ("values", "dtype", "expected"),
    [
        (3, "float32", 3.0),
        (3.5, "float32", 3.5),
        (True, "bool", True),
        ("é🎲", "string", "é🎲"),
        (1 + 2j, "complex64", 1 + 2j),
        ([], "float32", []),
        ([[], []], "float32", [[], []]),
        ([1, 2], "float32", [1.0, 2.0]),
        ([[1], [2.5]], "float32", [[1.0], [2.5]]),
        ((1, (2)), "float32", [1.0, 2.0]),
        ([True, False], "bool", [True, False]),
        ([["a"], [""]], "string", [["a"], [""]]),
        ([1j, 2], "complex64", [1j, 2 + 0j]),
        (range(3), "float32", [0.0, 1.0, 2.0]),
        (array.array("f", [1, 2]), "float32", [1.0, 2.0]),
        (array.array("d", [1, 2]), "float32", [1.0, 2.0]),
        (array.array("i", [1, -2]), "int32", [1, -2]),
        (array.array("B", [1, 255]), "int32", [1, 255]),
        (bytearray([1, 2]), "int32", [1, 2]),
        (memoryview(array.array("q", [5])), "int32", [5]),
        (memoryview(array.array("f", range(6)))[::2], "float32", [0.0, 2.0, 4.0]),
        (memoryview(bytes(4)).cast("B", (2, 2)), "int32", [[0, 0], [0, 0]]),
        ([np.float32(1), np.float64(2)], "float32", [1.0, 2.0]),
        ([np.array([1.0, 2.0]), [3, 4]], "float32", [[1.0, 2.0], [3.0, 4.0]]),
        (np.float64(2.5), "float32", 2.5),
        (np.int64(7), "int32", 7),
        (np.bool_(True), "bool", True),
        (np.str_("s"), "string", "s"),
        (np.array(["a", "bcd"]), "string", ["a", "bcd"]),
        (np.array(["a", "b"], object), "string", ["a", "b"]),
        ([decimal.Decimal("1.5"), fractions.Fraction(1, 4)], "float32", [1.5, 0.25]),
    ],
    ids=shown,
)
def test_values(values, dtype, expected):
    t = tf.tensor(values)
    assert t.dtype == dtype
    assert t.arraySync() == expected


def test_lists_of_tensors():
    t = tf.tensor([tf.tensor([1.0, 2.0]), tf.tensor([3.0, 4.0])])
    assert t.arraySync() == [[1, 2], [3, 4]]
    assert tf.stack([tf.scalar(1.0), 2, np.float32(3)]).arraySync() == [1, 2, 3]


@pytest.mark.parametrize(
    ("values", "dtype", "expected"),
    [
        ([1.9, -1.9], "int32", [1, -1]),
        ([0, 0.5, float("nan")], "bool", [False, True, True]),
        ([True, False], "float32", [1.0, 0.0]),
        ([1, 2], "complex64", [1 + 0j, 2 + 0j]),
        (3, "int32", 3),
        (float("nan"), "int32", 0),
        (np.float32([1.5]), "int32", [1]),
        (np.array([3, 0]), "bool", [True, False]),
        (np.array([3, 0]), "float32", [3.0, 0.0]),
        ([], "string", []),
        ([], "int32", []),
    ],
    ids=shown,
)
def test_a_dtype_asked_for(values, dtype, expected):
    t = tf.tensor(values, None, dtype)
    assert t.dtype == dtype
    assert t.arraySync() == expected


@pytest.mark.parametrize(
    "values",
    [
        [[1], [1, 2]],
        [[1, 2], [3]],
        [1, [2]],
        [[1], 2],
        [[[1]], [[1, 2]]],
        ["a", ["b"]],
        [[], [1]],
        [True, [False]],
        [[True], [True, False]],
        [[1, 2], []],
    ],
    ids=shown,
)
def test_ragged_lists(values):
    with pytest.raises(ValueError, match=r"nested|same length|elements"):
        tf.tensor(values)
    with pytest.raises(ValueError, match="'x' passed to 'neg'"):
        tf.neg(values)


@pytest.mark.parametrize(
    ("values", "shape", "dtype"),
    [
        (None, None, None),
        (object(), None, None),
        ({1: 2}, None, None),
        ({1, 2}, None, None),
        (b"\xff", None, None),
        ([b"bytes"], None, "int32"),
        ([b"bytes", 1], None, None),
        ([None], None, None),
        ([1, "a"], None, None),
        (["a", 1], None, None),
        ([True, "a"], None, None),
        ("a", None, "float32"),
        (1, None, "string"),
        ([1], None, "string"),
        (["a"], None, "int32"),
        ([1], None, "float64"),
        ([1], None, "float"),
        ([1], None, 7),
        ([1, 2], [3], None),
        ([1, 2], [-1], None),
        ([1, 2], [2.5], None),
        ([1, 2], "2", None),
        ([[1, 2]], [2, 1], None),
        ([2**31], None, "int32"),
        (2**31, None, "int32"),
        (len, None, None),
        (iter([1]), None, None),
        (10**400, None, None),
        ([10**400], None, None),
        (1j, None, "string"),
    ],
    ids=shown,
)
def test_refused(values, shape, dtype):
    with pytest.raises((ValueError, TypeError)):
        tf.tensor(values, shape, dtype)


def test_a_list_that_holds_itself():
    loop: list = []
    loop.append(loop)
    with pytest.raises((ValueError, RecursionError)):
        tf.tensor(loop)


@pytest.mark.parametrize(
    ("values", "shape"),
    [
        ([1, 2, 3, 4], [2, 2]),
        ([[1, 2], [3, 4]], [2, 2]),
        (5, [1, 1]),
        ([], [0, 3]),
        ([1], []),
        ([1, 2, 3], [2, 2]),
    ],
    ids=shown,
)
def test_shapes_as_in_tensorflow_js(tfjs, values, shape):
    try:
        theirs = tfjs.eval("tf.tensor(values, shape)", values=values, shape=shape)
    except TfjsError:
        with pytest.raises(ValueError):
            tf.tensor(values, shape)
        return
    ours = np.asarray(tf.tensor(values, shape))
    assert ours.dtype == theirs.dtype
    np.testing.assert_array_equal(ours, theirs)


# ---- protocols ---------------------------------------------------------------------------------------------


class Interface:
    """Nothing but __array_interface__."""

    def __init__(self, x: np.ndarray) -> None:
        self.kept = x
        self.__array_interface__ = x.__array_interface__


class Array:
    """Nothing but __array__."""

    def __init__(self, x: np.ndarray) -> None:
        self.kept = x

    def __array__(self, dtype=None, copy=None):
        return self.kept


class DlPack:
    """Nothing but __dlpack__."""

    def __init__(self, x: np.ndarray) -> None:
        self.kept = x

    def __dlpack__(self, **keywords):
        return self.kept.__dlpack__(**keywords)

    def __dlpack_device__(self):
        return self.kept.__dlpack_device__()


class Sequence:
    def __len__(self):
        return 2

    def __getitem__(self, i):
        return [1.0, 2.0][i]


@pytest.mark.parametrize("wrap", [Interface, Array, DlPack])
@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "int64", "uint8", "complex64"])
def test_protocols(wrap, dtype):
    for x in (VALUES.astype(dtype), VALUES.astype(dtype)[:, ::2], np.ones((), dtype), np.ones((0, 2), dtype)):
        t = tf.tensor(wrap(x))
        assert t.dtype == DTYPES[dtype]
        np.testing.assert_array_equal(t, x.astype(DTYPES[dtype]))
        assert tf.add(wrap(x), 1).shape == x.shape


def test_a_sequence():
    assert tf.tensor(Sequence()).arraySync() == [1, 2]


def test_dlpack_of_what_is_read_only():
    """By the newer capsule; an array that does not know of that gives the older one."""
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    x.setflags(write=False)
    np.testing.assert_array_equal(tf.fromDLPack(x), x)
    np.testing.assert_array_equal(tf.fromDLPack(tf.tensor(x)), x)
    older = type("Older", (DlPack,), {"__dlpack__": lambda self: np.array(self.kept).__dlpack__()})
    np.testing.assert_array_equal(tf.fromDLPack(older(x)), x)
    np.testing.assert_array_equal(tf.tensor(older(x)), x)


@pytest.mark.peers
def test_dlpack_of_jax():
    jax = pytest.importorskip("jax", reason="JAX is not installed")
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    for dtype in ("float32", "bfloat16", "float16", "int32", "bool"):
        given = jax.numpy.asarray(x).astype(dtype)
        expected = np.asarray(given.astype(DTYPES.get(dtype, "float32")))
        for take in (tf.fromDLPack, tf.tensor):
            np.testing.assert_array_equal(take(given), expected)
    for back in (jax.numpy.from_dlpack(tf.tensor(x)), jax.numpy.asarray(tf.tensor(x))):
        np.testing.assert_array_equal(back, x)


def test_dlpack_refusals():
    x = np.zeros(2, np.float32)
    t = tf.fromDLPack(x)
    x[:] = 1
    assert t.arraySync() == [0, 0]
    for wrong in (3, object(), [1.0]):
        with pytest.raises((TypeError, AttributeError), match=r"dlpack|DLPack"):
            tf.fromDLPack(wrong)

    class Elsewhere(DlPack):
        def __dlpack__(self, **keywords):
            return "no capsule"

    with pytest.raises((TypeError, ValueError)):
        tf.fromDLPack(Elsewhere(x))
    capsule = x.__dlpack__()
    first = type("Once", (), {"__dlpack__": lambda self, **k: capsule})()
    tf.fromDLPack(first)
    with pytest.raises((TypeError, ValueError)):
        tf.fromDLPack(first)


def test_strings_with_everything_in_them():
    values = ["", "a" * 1000, "é", "🎲", "\x00nul\x00", "line\nbreak", "\u202e"]
    t = tf.tensor(values)
    assert t.arraySync() == values
    assert tf.reshape(t, [7, 1]).arraySync() == [[v] for v in values]
    assert tf.equal(t, values).arraySync() == [True] * 7
    with pytest.raises((ValueError, UnicodeError)):
        tf.tensor(["\ud800"])


def test_the_core_alone_knows_float64():
    for dtype in ("float64", np.float64):
        with pytest.raises(ValueError, match="Unknown dtype"):
            tf.cast([1.0], dtype)
    assert _core.reference_tensor(np.ones(2)).dtype == "float64"
    with pytest.raises(TypeError):
        _core.reference_tensor(np.ones(2, np.float32))
