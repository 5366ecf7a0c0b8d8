"""Broadcasting as NumPy does it, for any shapes: values, errors and the shapes of gradients."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from lamina import _core

ops = _core.ops

PAIRS = arrays.mutually_broadcastable_shapes(num_shapes=2, max_dims=5, max_side=4, min_side=0)
TRIPLES = arrays.mutually_broadcastable_shapes(num_shapes=3, max_dims=4, max_side=3)
ANY_SHAPE = arrays.array_shapes(min_dims=0, max_dims=4, min_side=1, max_side=3)


def numbers(shape: tuple[int, ...], seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0.5, 2, shape).astype(np.float32)


@given(PAIRS, st.integers(0, 1000))
def test_values(pair, seed):
    a, b = (numbers(shape, seed + i) for i, shape in enumerate(pair.input_shapes))
    for op, f in ((ops.add, np.add), (ops.div, np.divide), (ops.less, np.less)):
        expected = f(a, b)
        found = np.asarray(op(a, b))
        assert found.shape == pair.result_shape
        np.testing.assert_array_equal(found, expected)


@given(PAIRS, st.integers(0, 1000))
def test_gradients_have_the_shapes_of_their_inputs(pair, seed):
    xs = [_core.reference_tensor(numbers(s, seed).astype(np.float64)) for s in pair.input_shapes]
    with _core.Tape() as tape:
        for x in xs:
            tape.watch(x)
        y = ops.mul(*xs)
    for x, other, grad in zip(xs, xs[::-1], tape.gradient(y, xs), strict=True):
        assert grad.shape == x.shape
        # The other factor, summed over what was repeated.
        spread = np.broadcast_to(np.asarray(other), y.shape)
        ones = np.ones(x.shape)
        extra = tuple(range(len(y.shape) - x.rank))
        kept = spread.sum(extra) if extra else spread
        axes = tuple(i for i, n in enumerate(x.shape) if n == 1 and kept.shape[i] != 1)
        np.testing.assert_allclose(np.asarray(grad), kept.sum(axes, keepdims=True) * ones, rtol=1e-12)


@given(TRIPLES, st.integers(0, 1000))
def test_selection(triple, seed):
    condition, a, b = (numbers(shape, seed + i) for i, shape in enumerate(triple.input_shapes))
    np.testing.assert_array_equal(ops.where(condition > 1, a, b), np.where(condition > 1, a, b))


@given(ANY_SHAPE, ANY_SHAPE)
def test_shapes_that_do_not_fit_are_errors(a, b):
    try:
        expected = np.broadcast_shapes(a, b)
    except ValueError:
        expected = None
    try:
        found = ops.add(numbers(a, 0), numbers(b, 1)).shape
    except ValueError as error:
        assert expected is None
        assert "could not be broadcast" in str(error)
    else:
        assert found == expected
