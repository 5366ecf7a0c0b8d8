"""Functions of tf that are made of several ops: values, gradients and errors, as TensorFlow.js has them."""

from __future__ import annotations

import math

import numpy as np
import pytest

import lamina as tf

from . import derivatives

RNG = np.random.default_rng(8)


def reals(*shape: int) -> np.ndarray:
    return RNG.uniform(-2, 2, shape).astype(np.float32)


def function(name: str):
    found = tf
    for part in name.split("."):
        found = getattr(found, part)
    return found


def flat(result):
    if isinstance(result, dict):
        return list(dict.values(result))
    return list(result) if isinstance(result, (list, tuple)) else [result]


V, M, B = reals(6), reals(3, 4), reals(2, 3, 4)
IMAGE = reals(1, 4, 4, 2)
MASK = np.array([True, False, True])

# Name and arguments; the first arguments that are float32 arrays are differentiated, too.
CALLS = [
    ("concat1d", [[V, V[:2]]]),
    ("concat2d", [[M, M], 1]),
    ("concat3d", [[B, B], 2]),
    ("concat4d", [[IMAGE, IMAGE], 3]),
    ("slice1d", [V, 1, 3]),
    ("slice2d", [M, [1, 0], [2, 3]]),
    ("slice3d", [B, [0, 1, 1], [2, 1, 2]]),
    ("slice4d", [IMAGE, [0, 1, 0, 1], [1, 2, 4, 1]]),
    ("reverse1d", [V]),
    ("reverse2d", [M, 1]),
    ("reverse3d", [B, [0, 2]]),
    ("reverse4d", [IMAGE]),
    ("pad1d", [V, [1, 2], 0.5]),
    ("pad2d", [M, [[1, 0], [0, 2]]]),
    ("pad3d", [B, [[0, 0], [1, 1], [0, 2]], -1]),
    ("pad4d", [IMAGE, [[0, 0], [1, 1], [0, 2], [0, 0]]]),
    ("batchNorm2d", [M, reals(4), abs(reals(4)), reals(4), reals(4), 0.01]),
    ("batchNorm3d", [B, reals(4), abs(reals(4))]),
    ("batchNorm4d", [IMAGE, reals(2), abs(reals(2)), None, reals(2)]),
    ("norm", [V]),
    ("norm", [M]),
    ("norm", [M, "euclidean", 0]),
    ("norm", [M, 1, 1]),
    ("norm", [M, math.inf, 0, True]),
    ("norm", [M, -math.inf, 1]),
    ("norm", [M, 2, 1, True]),
    ("norm", [M, 1, [0, 1]]),
    ("norm", [M, math.inf, [0, 1]]),
    ("norm", [M, -math.inf, [0, 1]]),
    ("norm", [M, "fro", [0, 1], True]),
    ("norm", [B, "euclidean", [1, 2]]),
    ("norm", [np.float32(-3.0)]),
    ("euclideanNorm", [M, 1]),
    ("einsum", ["ij,jk->ik", M, reals(4, 2)]),
    ("einsum", ["ij->ji", M]),
    ("einsum", ["ij->", M]),
    ("einsum", ["i,i->", V, reals(6)]),
    ("einsum", ["bij,bjk->bik", B, reals(2, 4, 3)]),
    ("einsum", ["bij,kj->bki", B, M]),
    ("einsum", ["i,j->ij", V, reals(2)]),
    ("einsum", [" ijk , k -> ij ", B, reals(4)]),
    ("linalg.bandPart", [M, 1, -1]),
    ("linalg.gramSchmidt", [M]),
    ("linalg.qr", [M]),
    ("linalg.qr", [reals(4, 3)]),
    ("linalg.qr", [reals(4, 3), True]),
    ("linalg.qr", [reals(3, 3)]),
    ("topk", [M, 2]),
    ("unique", [np.array([1, 1, 2, 4, 4, 4, 7, 8, 8], np.float32)]),
    ("meshgrid", [V, reals(2)]),
    ("meshgrid", [V, reals(2), {"indexing": "ij"}]),
    ("meshgrid", [V]),
    ("ensureShape", [M, [3, None]]),
    ("sparseToDense", [np.array([4, 5, 6], np.int32), reals(3), [8]]),
    ("sparseToDense", [np.array([[0, 1], [1, 0]], np.int32), reals(2), [2, 3], 0.5]),
    ("sparseToDense", [np.int32(2), np.float32(3), [4]]),
    ("math.confusionMatrix", [[0, 2, 1, 2], [0, 1, 1, 2], 3]),
    ("whereAsync", [MASK]),
    ("booleanMaskAsync", [M, MASK]),
    ("booleanMaskAsync", [B, MASK, 1]),
    ("booleanMaskAsync", [M, M > 0]),
    ("setdiff1dAsync", [np.arange(6, dtype=np.float32), np.array([1, 3, 9], np.float32)]),
    ("inTopKAsync", [M, np.array([0, 1, 3], np.int32), 2]),
]  # fmt: skip

# TensorFlow.js has no gradient of these, or none without all of the arguments.
NOT_IN_JS = {
    "batchNorm3d", "batchNorm4d", "booleanMaskAsync", "einsum", "ensureShape", "inTopKAsync",
    "linalg.bandPart", "linalg.qr", "math.confusionMatrix", "setdiff1dAsync", "sparseToDense", "topk",
    "unique", "whereAsync",
}  # fmt: skip
# Made of indices, or of numbers of one type only.
WHOLE = {"sparseToDense", "unique", "whereAsync", "setdiff1dAsync", "inTopKAsync", "math.confusionMatrix"}


def ours(name: str, arguments):
    result = function(name)(*arguments)
    return flat(result.result() if name.endswith("Async") else result)


@pytest.mark.parametrize(("name", "arguments"), CALLS, ids=[f"{n}{i}" for i, (n, _) in enumerate(CALLS)])
def test_values(tfjs, name, arguments):
    theirs = flat(tfjs.op(name, *arguments))
    found = ours(name, arguments)
    assert len(found) == len(theirs)
    for y, e in zip(found, theirs, strict=True):
        array = np.asarray(y)
        assert array.dtype == e.dtype
        assert array.shape == e.shape
        np.testing.assert_allclose(array, e, rtol=1e-5, atol=1e-5)


REAL = [(name, arguments) for name, arguments in CALLS if name not in WHOLE]


@pytest.mark.parametrize(("name", "arguments"), REAL, ids=[f"{n}{i}" for i, (n, _) in enumerate(REAL)])
def test_derivatives(name, arguments):
    spread = [*arguments[0], *arguments[1:]] if isinstance(arguments[0], list) else list(arguments)
    which = [i for i, x in enumerate(spread) if isinstance(x, np.ndarray) and x.dtype == np.float32]
    if not which:
        return

    def f(*tensors):
        values = list(spread)
        for i, tensor in zip(which, tensors, strict=True):
            values[i] = tensor
        if isinstance(arguments[0], list):
            count = len(arguments[0])
            values = [values[:count], *values[count:]]
        return [y for y in ours(name, values) if y.dtype != "int32"]

    # Of functions that are linear the second derivative shows only behind something that is not.
    squared = lambda *tensors: [tf.square(y) for y in f(*tensors)]  # noqa: E731
    derivatives.check(squared, [spread[i].astype(np.float64) for i in which], tries=1, tolerance=2e-7)


ASKED = [(n, a) for n, a in REAL if n not in NOT_IN_JS and not isinstance(a[0], list)]


@pytest.mark.parametrize(("name", "arguments"), ASKED, ids=[f"{n}{i}" for i, (n, _) in enumerate(ASKED)])
def test_gradients_of_tensorflow_js(tfjs, name, arguments):
    wrt = [i for i, x in enumerate(arguments) if isinstance(x, np.ndarray) and x.dtype == np.float32]
    if not wrt:
        return
    dys = [reals(*y.shape) for y in ours(name, arguments)]
    answer = tfjs.grad(name, arguments, wrt=wrt, dy=dys[0] if len(dys) == 1 else dys)

    def f(*tensors):
        values = list(arguments)
        for i, tensor in zip(wrt, tensors, strict=True):
            values[i] = tensor
        return ours(name, values)

    for a, b in zip(derivatives.first(f, [arguments[i] for i in wrt], dys), answer.grads, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-4)


BAD = [
    ("concat2d", [[M, V], 0], "must be rank 2, but got a rank 1 tensor"),
    ("slice1d", [M, 0, 1], "slice1d: 'x' must be rank 1"),
    ("reverse3d", [M], "reverse3d: 'x' must be rank 3"),
    ("pad1d", [V, [1]], "Must be length of 2"),
    ("pad2d", [M, [[1, 1]]], "Must be 2 pairs"),
    ("batchNorm2d", [M, M[0], M[0], B], "offset must be rank 2 or rank 1 but got rank 3"),
    ("norm", [M, 3], "invalid ord value: 3"),
    ("norm", [M, 2, [0, 1]], "invalid ord value: 2"),
    ("norm", [B, 1, [0, 1, 2]], "invalid axis"),
    ("einsum", ["ij", M], "without an arrow"),
    ("einsum", ["ij->i->j", M], "exactly one arrow"),
    ("einsum", ["...i->i", V], "ellipsis"),
    ("einsum", ["i,j->ij", V], "Expected 2 input tensors, received 1"),
    ("einsum", ["i->j", V], "label j not present"),
    ("einsum", ["ij->ii", M], "names the label i twice"),
    ("einsum", ["i->i", M], "names 1 dimensions"),
    ("einsum", ["i,i->i", V, M[0]], "Expected dimension 6 at axis 0"),
    ("linalg.bandPart", [V, 0, 0], "Rank must be at least 2"),
    ("linalg.gramSchmidt", [reals(3, 2)], "exceeds number of dimensions"),
    ("linalg.gramSchmidt", [[tf.tensor([1.0]), tf.tensor([1.0, 2.0])]], "Non-unique lengths"),
    ("linalg.qr", [V], "rank >= 2, but got rank 1"),
    ("meshgrid", [V, V, {"indexing": "yx"}], "not a valid third argument"),
    ("meshgrid", [V, V, {"index": "xy"}], "no option 'index'"),
    ("ensureShape", [M, [3, 5]], "not compatible with expected shape"),
    ("ensureShape", [M, [3]], "not compatible with expected shape"),
    ("sparseToDense", [[0], [1.0], [2, 2]], "outputShape has incorrect number of elements"),
    ("sparseToDense", [[0, 1], [1.0], [2]], "sparseValues has incorrect shape"),
    ("sparseToDense", [[[[0]]], [1.0], [2]], "should be a scalar, vector, or matrix"),
    ("sparseToDense", [tf.tensor([0.5]), [1.0], [2]], "expects the indices to be int32"),
    ("rand", [[2], lambda: 1, "complex64"], "Unknown data type complex64"),
    ("booleanMaskAsync", [M, True], "mask cannot be scalar"),
    ("booleanMaskAsync", [M, [True]], "must match the first K dimensions"),
    ("setdiff1dAsync", [V, np.array([1], np.int32)], "should have the same dtype"),
    ("setdiff1dAsync", [M, V], "x should be 1D tensor"),
    ("inTopKAsync", [V, [1]], "rank 2 or higher, but got 1"),
    ("inTopKAsync", [M, M], "should be 1 larger"),
    ("inTopKAsync", [M, [0, 1]], "should be align"),
    ("inTopKAsync", [M, [0, 1, 2], 9], "must be > 0 && <= the predictions last dimension"),
]


@pytest.mark.parametrize(("name", "arguments", "words"), BAD, ids=[f"{b[0]}-{b[2]}" for b in BAD])
def test_refused(name, arguments, words):
    with pytest.raises((ValueError, TypeError), match=words):
        ours(name, arguments)


def test_einsum_beyond_tensorflow_js():
    a, b, c = reals(2, 3, 3), reals(3, 4), reals(4)
    for equation, operands in [
        ("ijj,jk,k->i", (a, b, c)),
        ("ijj->ij", (a,)),
        ("iii->i", (reals(3, 3, 3),)),
        ("ab,bc,cb,d->da", (reals(2, 3), b, b.T, c)),
    ]:
        np.testing.assert_allclose(
            tf.einsum(equation, *operands), np.einsum(equation, *operands), rtol=1e-5, atol=1e-5
        )
    doubles = [x.astype(np.float64) for x in (a, b, c)]
    derivatives.check(lambda x, y, z: tf.einsum("ijj,jk,k->i", x, y, z), doubles, tries=1)
    assert tf.einsum("ij,jk->ik", np.eye(2, dtype=np.int32), np.ones((2, 3), np.int32)).dtype == "int32"
    assert tf.einsum("ii->i", np.zeros((0, 0), np.float32)).shape == (0,)


def test_qr_of_batches_and_columns_of_zeros():
    x = reals(2, 3, 4, 2)
    for full in (False, True):
        q, r = tf.linalg.qr(x, full)
        np.testing.assert_allclose(np.asarray(q) @ np.asarray(r), x, atol=1e-5)
        np.testing.assert_allclose(
            np.swapaxes(q, -1, -2) @ np.asarray(q),
            np.broadcast_to(np.eye(q.shape[-1]), (2, 3, *q.shape[-1:] * 2)),
            atol=1e-5,
        )
    q, r = tf.linalg.qr([[0.0, 1.0], [0.0, 2.0]])
    np.testing.assert_allclose(np.asarray(q) @ np.asarray(r), [[0, 1], [0, 2]], atol=1e-6)
    # The whole of q is not a function of x where m > n; its first columns are.
    derivatives.check(tf.linalg.qr, [reals(4, 3).astype(np.float64)], tries=1, tolerance=1e-6)


def test_unique_takes_zeros_and_nans_as_one():
    found = tf.unique([math.nan, 0.0, -0.0, math.nan, 1.0])
    assert np.array_equal(found.values, [math.nan, 0, 1], equal_nan=True)
    assert np.asarray(found.indices).tolist() == [0, 1, 1, 0, 2]
    many = np.floor(RNG.uniform(-500, 500, 5000)).astype(np.float32)
    found = tf.unique(many)
    assert np.array_equal(np.asarray(found.values)[np.asarray(found.indices)], many)
    _, first = np.unique(many, return_index=True)
    assert np.array_equal(found.values, many[np.sort(first)])


def test_gram_schmidt_of_a_list():
    vectors = [tf.tensor(row) for row in M]
    basis = tf.linalg.gramSchmidt(vectors)
    together = np.stack([np.asarray(y) for y in basis])
    np.testing.assert_allclose(together @ together.T, np.eye(3), atol=1e-5)


def test_rand():
    numbers = iter([0.5, 1.5, -2.5, 3.0])
    assert np.asarray(tf.rand([2, 2], lambda: next(numbers))).tolist() == [[0.5, 1.5], [-2.5, 3.0]]
    assert np.asarray(tf.rand([2], lambda: 2.9, "int32")).tolist() == [2, 2]


def test_methods():
    x = tf.tensor(M)
    y = tf.tensor(M + 1)
    assert x.as2D(4, 3).shape == (4, 3)
    assert x.as3D(2, 2, 3).shape == (2, 2, 3)
    assert x.as4D(1, 2, 2, 3).shape == (1, 2, 2, 3)
    assert x.as5D(1, 1, 2, 2, 3).shape == (1, 1, 2, 2, 3)
    assert x.reshapeAs(tf.zeros([12])).shape == (12,)
    assert (x.toInt().dtype, x.toFloat().dtype, x.toBool().dtype) == ("int32", "float32", "bool")
    assert x.concat(y).shape == (6, 4)
    assert x.concat([y, y], 1).shape == (3, 12)
    assert x.stack(y, 2).shape == (3, 4, 2)
    assert np.array_equal(x.where(tf.greater(x, 0), y), np.where(M > 0, M, M + 1))
    assert float(x.norm()) == pytest.approx(np.linalg.norm(M), rel=1e-6)
    assert x.euclideanNorm(0).shape == (4,)
    assert x.topk(2).values.shape == (3, 2)
    assert x.unique().indices.shape == (3,)
    assert x.bytes().result() == M.tobytes()
    assert tf.tensor(["a", "\u00e4"]).bytes().result() == [b"a", "\u00e4".encode()]


def test_promises_carry_gradients():
    gradient = tf.grad(lambda x: tf.sum(tf.square(tf.booleanMaskAsync(x, MASK).result())))(tf.tensor(M))
    assert np.array_equal(gradient, np.where(MASK[:, None], 2 * M, 0))


def test_the_gradient_of_sparse_to_dense():
    places = np.array([4, 1, 4], np.int32)
    f = lambda values, rest: tf.mul(tf.sparseToDense(places, values, [5], rest), [1.0, 2.0, 3.0, 4.0, 5.0])  # noqa: E731
    by_values, by_default = tf.grads(f)([[1.0, 2.0, 3.0], 0.5])
    assert np.asarray(by_values).tolist() == [0, 2, 5]
    assert float(by_default) == 1 + 3 + 4


def test_results_with_values_are_kept_and_disposed():
    before = tf.memory().numTensors
    found = tf.tidy(lambda: tf.topk(M, 2))
    assert tf.memory().numTensors == before + 2
    assert found.values.shape == found["values"].shape == (3, 2)
    tf.dispose(found)
    assert tf.memory().numTensors == before


def test_average_moves(tfjs):
    v, x = M, M * 2
    for arguments in ([v, x, 0.9, 3], [v, x, np.float32(0.5), 1, False]):
        theirs = tfjs.op("movingAverage", *arguments)
        np.testing.assert_allclose(tf.movingAverage(*arguments), theirs, rtol=1e-5)
