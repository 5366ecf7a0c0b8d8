"""NaN, infinities and signed zeros, at every level and in TensorFlow.js."""

from __future__ import annotations

import math

import numpy as np
import pytest

from . import tolerances
from .row import Case, Reals, Row, reference, tensor
from .table import LEVELS, ROWS, named
from .test_levels import level

SPECIAL = (math.nan, math.inf, -math.inf, 0.0, -0.0, 1.0, -1.0, 100.0, -100.0)

ROWS_OF_REALS = [
    row for row in ROWS if row.family in {"unary", "binary"} and isinstance(row.domain(0), Reals)
]
REDUCTIONS = [row for row in ROWS if row.family == "reduction" and isinstance(row.domain(0), Reals)]

# What TensorFlow.js makes of them differently, by choice.
NOT_AS_IN_JS = {"sign": "a NaN stays one, 0 there", "mod": "0 mod -Infinity is 0, NaN there"}


def inputs_of(row: Row) -> tuple[list[np.ndarray], Case]:
    """Every special value, or every pair, one element per case; enough of them to fill a vector."""
    values = np.array(row.special or SPECIAL)
    if row.family == "binary":
        a, b = (part.ravel() for part in np.meshgrid(values, values))
        return [a, b], Case((a.shape, b.shape))
    x = np.tile(values, 4)
    return [x], Case((x.shape,))


@pytest.mark.parametrize(**named(ROWS_OF_REALS))
def test_elementwise(row):
    inputs, case = inputs_of(row)
    with np.errstate(all="ignore"):
        expected = row.expected(inputs, case)[0]
        as_single = expected.astype(np.float32) if expected.dtype == np.float64 else expected
    double = np.asarray(row.call(reference(inputs), case)[0])
    tolerances.assert_close(double, expected, tolerances.FLOAT64[row.kind], f"{row} reference")
    for name in LEVELS:
        with level(name):
            ours = np.asarray(row.call(tensor(inputs), case)[0])
        tolerances.assert_close(ours, as_single, tolerances.FLOAT32[row.kind], f"{row} {name}")


@pytest.mark.parametrize(
    **named([row for row in ROWS_OF_REALS if row.js != "" and row.op not in NOT_AS_IN_JS])
)
def test_elementwise_in_tensorflow_js(tfjs, row):
    inputs, case = inputs_of(row)
    theirs = tfjs.op(row.js_name, *row.js_arguments(inputs, case))
    ours = np.asarray(row.call(tensor(inputs), case)[0])
    tolerances.assert_close(ours, theirs, tolerances.TFJS[row.kind], str(row))


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize(**named(REDUCTIONS))
def test_reductions(row, axis):
    rng = np.random.default_rng(1)
    for special in (math.nan, math.inf, -math.inf):
        for size in (1, 3, 16, 33):
            x = rng.uniform(0.5, 1.5, (size, 5) if axis == 0 else (5, size))
            x = x.astype(np.float32).astype(np.float64)
            x[(size // 2, 1) if axis == 0 else (1, size // 2)] = special
            case = Case((x.shape,), {"axis": axis})
            with np.errstate(all="ignore"):
                expected = row.expected([x], case)
            for y, e in zip(row.call(reference([x]), case), expected, strict=True):
                tolerances.assert_close(
                    np.asarray(y), e, tolerances.FLOAT64[row.kind], f"{row} {special} {size}"
                )
            for name in LEVELS:
                with level(name):
                    ours = row.call(tensor([x]), case)
                for y, e in zip(ours, expected, strict=True):
                    what = f"{row} {name} {special} {size}"
                    tolerances.assert_close(np.asarray(y), e, tolerances.FLOAT32[row.kind], what)
