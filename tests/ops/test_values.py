"""Values: the reference level against NumPy, and TensorFlow.js."""

from __future__ import annotations

import numpy as np
import pytest

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
