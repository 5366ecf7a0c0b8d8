"""Values: the reference level against NumPy, and TensorFlow.js."""

from __future__ import annotations

import numpy as np
import pytest

import lamina as tf

from . import tolerances
from .row import outputs_of, reference, tensor
from .table import ASKED, CASES, named


@pytest.mark.parametrize(**named(CASES))
def test_the_reference_level_against_numpy(row, case):
    inputs = row.draw(case)
    with np.errstate(all="ignore"):
        expected = row.expected(inputs, case)
    ours = row.call(reference(inputs), case)
    assert len(ours) == len(expected)
    for y, e in zip(ours, expected, strict=True):
        tolerances.assert_close(np.asarray(y), e, tolerances.FLOAT64[row.kind], str(row))


@pytest.mark.parametrize(**named(ASKED))
def test_tensorflow_js(tfjs, row, case):
    inputs = row.draw(case)
    theirs = outputs_of(tfjs.op(row.js_name, *row.js_arguments(inputs, case)))
    ours = row.call(tensor(inputs), case)
    assert len(ours) == len(theirs)
    for y, e in zip(ours, theirs, strict=True):
        array = np.asarray(y)
        assert array.dtype == e.dtype
        tolerances.assert_close(array, e, tolerances.TFJS[row.kind], str(row))


@pytest.mark.parametrize("value", [0.1, 1.0005])
@pytest.mark.parametrize("shape", [(1_000_000, 2), (1_000_000, 3), (300_000, 17), (100_000, 70)])
def test_long_sums_of_columns(shape, value):
    """Equal numbers round alike, which adds up where they are added one after the other."""
    x = np.full(shape, value, np.float32)
    exact = x[:, 0].astype(np.float64).sum()
    t = tf.tensor(x)
    for axes in (0, [0, 1]):
        expected = exact * (1 if axes == 0 else shape[1])
        assert np.abs(np.asarray(tf.sum(t, axes), np.float64) / expected - 1).max() < 3e-6
        mean = np.asarray(tf.mean(t, axes), np.float64)
        assert np.abs(mean / np.float64(x[0, 0]) - 1).max() < 3e-6


def test_long_sum_of_complex_numbers():
    x = np.full(1_000_000, 0.1, np.float32)
    total = complex(np.asarray(tf.sum(tf.complex(x, x))))
    assert abs(total / (complex(1, 1) * float(x.astype(np.float64).sum())) - 1) < 1e-6
