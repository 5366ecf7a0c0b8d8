"""Traced equals eager, bit for bit; fused ops equal their parts."""

from __future__ import annotations

import numpy as np
import pytest

from lamina import _core

from . import tolerances
from .row import flat, reference, refill, tensor
from .table import CASES, ROWS, named

TRACED = [(row, case) for row, case in CASES if case.shapes and row.spec["shapes"] == "static"]
FROM_VALUES = [row for row in ROWS if row.spec["shapes"] == "from_values"]
FUSED = [(row, case) for row, case in CASES if row.spec["fused"] or row.spec["composed"]]


def bits(tensors):
    return [(t.dtype, t.shape, np.asarray(t).tobytes()) for t in tensors]


@pytest.mark.parametrize(**named(TRACED))
def test_traced_equals_eager(row, case):
    inputs = tensor(row.draw(case))
    values = flat(inputs)
    eager = row.call(inputs, case)
    trace = _core.Trace()
    with trace:
        symbols = [trace.input(list(v.shape), v.dtype) for v in values]
        outputs = row.call(refill(inputs, symbols), case)
    assert [(y.dtype, y.shape) for y in outputs] == [(y.dtype, y.shape) for y in eager]
    if outputs:
        assert all(y._is_symbolic for y in outputs)
        assert bits(trace.run(values, outputs)) == bits(eager)


@pytest.mark.parametrize(**named(FROM_VALUES))
def test_shapes_from_values_cannot_be_traced(row):
    inputs = tensor(row.draw(row.cases[0]))
    trace = _core.Trace()
    with trace:
        symbols = refill(inputs, [trace.input(list(v.shape), v.dtype) for v in flat(inputs)])
        with pytest.raises(RuntimeError, match="the shape of the result depends on values"):
            row.call(symbols, row.cases[0])


def test_a_traced_value_cannot_be_read():
    trace = _core.Trace()
    with trace:
        y = _core.ops.exp(trace.input([2], "float32"))
    for read in (np.asarray, float, bool, list, lambda t: t.arraySync()):
        with pytest.raises((RuntimeError, ValueError, BufferError)):
            read(y)


def decomposed(row, inputs, case):
    """What the op gives where two tapes watch: the result of its parts."""
    with _core.Tape() as outer, _core.Tape() as inner:
        for x in flat(inputs):
            outer.watch(x)
            inner.watch(x)
        return row.call(inputs, case)


@pytest.mark.parametrize(**named(FUSED))
def test_fused_equals_its_parts(row, case):
    inputs = row.draw(case)
    for convert, tolerance in ((reference, tolerances.FLOAT64), (tensor, tolerances.FLOAT32)):
        values = convert(inputs)
        for y, parts in zip(row.call(values, case), decomposed(row, values, case), strict=True):
            tolerances.assert_close(np.asarray(y), np.asarray(parts), tolerance[row.kind], str(row))


def test_fused_ops_are_in_the_table():
    fused = {name for name in _core.op_names() if _core.op(name).spec["fused"]}
    assert fused == {row.op for row in ROWS if row.spec["fused"]}
    assert fused
