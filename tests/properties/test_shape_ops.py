"""Shape ops there and back again: what one does, another undoes, for any shape and dtype."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import lamina as tf

SHAPES = arrays.array_shapes(min_dims=1, max_dims=5, min_side=1, max_side=5)
DTYPES = st.sampled_from(["float32", "int32", "bool", "complex64", "string"])


def values(shape, dtype: str, seed: int = 0) -> tf.Tensor:
    numbers = np.random.default_rng(seed).integers(-99, 99, shape)
    if dtype == "string":
        return tf.tensor(numbers.astype(str))
    return tf.tensor(numbers > 0 if dtype == "bool" else numbers.astype(dtype))


def same(a: tf.Tensor, b: tf.Tensor) -> None:
    assert (a.dtype, a.shape) == (b.dtype, b.shape)
    assert a.arraySync() == b.arraySync()


@given(st.data(), SHAPES, DTYPES)
def test_transpose(data, shape, dtype):
    perm = data.draw(st.permutations(range(len(shape))))
    x = values(shape, dtype)
    y = tf.transpose(x, perm)
    assert y.shape == tuple(shape[p] for p in perm)
    same(tf.transpose(y, np.argsort(perm).tolist()), x)


@given(st.data(), SHAPES, DTYPES)
def test_reverse(data, shape, dtype):
    axes = data.draw(st.sets(st.integers(0, len(shape) - 1)))
    x = values(shape, dtype)
    same(tf.reverse(tf.reverse(x, list(axes)), list(axes)), x)


@given(st.data(), SHAPES, DTYPES)
def test_split_and_concat(data, shape, dtype):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    cuts = sorted(data.draw(st.lists(st.integers(0, shape[axis]), max_size=3)))
    sizes = np.diff([0, *cuts, shape[axis]]).tolist()
    x = values(shape, dtype)
    parts = tf.split(x, sizes, axis)
    assert [p.shape[axis] for p in parts] == sizes
    same(tf.concat(parts, axis), x)


@given(st.data(), SHAPES, DTYPES)
def test_unstack_and_stack(data, shape, dtype):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    x = values(shape, dtype)
    parts = tf.unstack(x, axis)
    assert len(parts) == shape[axis]
    same(tf.stack(parts, axis), x)


@given(st.data(), SHAPES, st.sampled_from(["float32", "int32", "bool", "complex64"]))
def test_pad_and_slice(data, shape, dtype):
    paddings = [data.draw(st.tuples(st.integers(0, 2), st.integers(0, 2))) for _ in shape]
    x = values(shape, dtype)
    y = tf.pad(x, [list(p) for p in paddings])
    same(tf.slice(y, [p[0] for p in paddings], list(shape)), x)


@given(st.data(), SHAPES, DTYPES)
def test_slice(data, shape, dtype):
    begin = [data.draw(st.integers(0, n)) for n in shape]
    size = [data.draw(st.integers(0, n - b)) for n, b in zip(shape, begin, strict=True)]
    x = values(shape, dtype)
    expected = np.asarray(x)[tuple(slice(b, b + n) for b, n in zip(begin, size, strict=True))]
    found = tf.slice(x, begin, size)
    assert found.shape == expected.shape
    assert found.arraySync() == expected.tolist()


@given(st.data(), SHAPES, DTYPES)
def test_tile(data, shape, dtype):
    reps = [data.draw(st.integers(0, 3)) for _ in shape]
    x = values(shape, dtype)
    y = tf.tile(x, reps)
    assert y.shape == tuple(n * r for n, r in zip(shape, reps, strict=True))
    assert y.arraySync() == np.tile(np.asarray(x), reps).tolist()


@given(st.data(), SHAPES, DTYPES)
def test_gather(data, shape, dtype):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    places = data.draw(st.lists(st.integers(0, shape[axis] - 1), max_size=6))
    x = values(shape, dtype)
    found = tf.gather(x, tf.tensor(places, None, "int32"), axis)
    assert found.arraySync() == np.take(np.asarray(x), np.array(places, int), axis).tolist()


@given(st.data(), SHAPES, DTYPES)
def test_reshape(data, shape, dtype):
    size = math.prod(shape)
    divisors = [d for d in range(1, size + 1) if size % d == 0]
    first = data.draw(st.sampled_from(divisors))
    x = values(shape, dtype)
    y = tf.reshape(x, [first, -1])
    assert y.shape == (first, size // first)
    same(tf.reshape(y, list(shape)), x)
    same(tf.squeeze(tf.expandDims(x, 0), [0]), x)


@given(st.data(), SHAPES)
def test_sums_do_not_depend_on_the_way(data, shape):
    """Over all axes at once, or one after another in any order."""
    x = values(shape, "int32")
    total = int(tf.sum(x))
    for axis in sorted(data.draw(st.permutations(range(len(shape)))), reverse=True):
        x = tf.sum(x, axis)
    assert int(x) == total
