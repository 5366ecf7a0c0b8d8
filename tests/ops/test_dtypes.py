"""Which dtypes an op takes, and what it makes of them: as the rows say, and as TensorFlow.js does."""

from __future__ import annotations

import numpy as np
import pytest

from lamina import _core
from support.oracle import TfjsError

from . import tolerances
from .row import Case, Row, flat, outputs_of, refill
from .table import ROWS

ops = _core.ops

VALUES = {
    "float32": lambda n: np.linspace(0.25, 0.75, n).astype(np.float32),
    "int32": lambda n: (np.arange(n) % 3 + 1).astype(np.int32),
    "bool": lambda n: np.arange(n) % 3 != 1,
    "complex64": lambda n: (np.arange(n) + 1j).astype(np.complex64),
    "string": lambda n: np.array([f"s{i % 3}" for i in range(n)], object),
}

QUESTIONS = [(row, dtype) for row in ROWS for dtype in row.dtypes]
IN_JS = [(row, dtype) for row, dtype in QUESTIONS if row.js != "" and dtype in ("int32", "bool")]
# What we take and TensorFlow.js does not, or makes another dtype of.
OURS = {
    # Real numbers are cut to whole ones there,
    "reciprocal", "expm1", "log1p", "sinh", "softplus", "selu", "divNoNan", "batchNorm", "asin", "acos",
    "atan", "asinh", "acosh", "atanh", "atan2", "logSigmoid",
    # and this is refused on its way.
    "mish",
}  # fmt: skip
MORE_THAN_JS = {(op, dtype) for op in OURS for dtype in ("int32", "bool")} | {
    ("erf", "bool"),
    ("logSumExp", "bool"),  # infinity there
}


def pairs(questions):
    return {"argnames": ("row", "dtype"), "argvalues": questions, "ids": [f"{r}-{d}" for r, d in questions]}


def inputs_of(row: Row, dtype: str) -> tuple[list, Case]:
    """The first case that is not empty, with all its inputs of the dtype."""
    case = next(c for c in row.cases if all(0 not in x.shape for x in flat(row.draw(c))))
    inputs = row.draw(case)
    values = [VALUES[dtype](x.size).reshape(x.shape) for x in flat(inputs)]
    return refill(inputs, values), case


def tensors(inputs):
    return refill(
        inputs,
        [
            _core.tensor(x.tolist(), None, "string") if x.dtype == object else _core.tensor(x)
            for x in flat(inputs)
        ],
    )


@pytest.mark.parametrize(**pairs(QUESTIONS))
def test_dtypes(row, dtype):
    inputs, case = inputs_of(row, dtype)
    expected = row.dtypes[dtype]
    if isinstance(expected, type):
        with pytest.raises(expected, match=row.op if not row.spec["composed"] else "tensor|dtype"):
            row.call(tensors(inputs), case)
        return
    found = tuple(y.dtype for y in row.call(tensors(inputs), case))
    assert found == (expected if isinstance(expected, tuple) else (expected,) * len(found))


@pytest.mark.parametrize(**pairs(IN_JS))
def test_dtypes_in_tensorflow_js(tfjs, row, dtype):
    inputs, case = inputs_of(row, dtype)
    try:
        theirs = outputs_of(tfjs.op(row.js_name, *row.js_arguments(inputs, case)))
    except TfjsError:
        if (row.op, dtype) not in MORE_THAN_JS:
            assert row.dtypes[dtype] is TypeError
        return
    ours = row.call(tensors(inputs), case)
    for y, e in zip(ours, theirs, strict=True):
        array = np.asarray(y)
        if (row.op, dtype) in MORE_THAN_JS:
            assert array.dtype != e.dtype or not np.array_equal(array, e)
            continue
        assert array.dtype == e.dtype
        tolerances.assert_close(array, e, tolerances.TFJS[row.kind], f"{row} {dtype}")
