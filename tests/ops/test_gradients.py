"""First and second derivatives, against differences in double and against TensorFlow.js."""

from __future__ import annotations

import numpy as np
import pytest

from lamina import _core
from support.oracle import Js

from . import derivatives, tolerances
from .row import Case, Row, flat, reference, refill, single, tensor
from .table import ASKED_GRADIENT, CASES, ROWS, named

ops = _core.ops


def is_real(x: np.ndarray) -> bool:
    return x.dtype == np.float64


CHECKED = [
    (row, case)
    for row, case in CASES
    if row.spec["differentiable"] and case.grad and any(map(is_real, flat(row.draw(case))))
]


def of_reals(row: Row, case: Case, inputs, convert):
    """The op as a function of its real inputs alone, and those."""
    every = flat(inputs)
    which = [i for i, x in enumerate(every) if is_real(x)]
    constants = flat(convert(inputs))

    def f(*reals):
        values = list(constants)
        for i, x in zip(which, reals, strict=True):
            values[i] = x
        return row.call(refill(inputs, values), case)[: row.graded]

    return f, [every[i] for i in which]


@pytest.mark.parametrize(**named(CHECKED))
def test_differences(row, case):
    inputs = row.draw(case, smooth=True)
    f, reals = of_reals(row, case, inputs, reference)
    if row.second:
        derivatives.check(f, reals, tries=1)
    # Of an op that is linear the second derivative shows only behind something that is not.
    derivatives.check(lambda *xs: [ops.square(y) for y in f(*xs)], reals, tries=1)


@pytest.mark.parametrize(**named([row for row in ROWS if row.refuses_gradient]))
def test_refused(row):
    inputs = tensor(row.draw(row.cases[0]))
    with _core.Tape() as tape:
        for x in flat(inputs):
            tape.watch(x)
        y = row.call(inputs, row.cases[0])[0]
    with pytest.raises(RuntimeError, match=row.refuses_gradient):
        tape.gradient(y, flat(inputs))


@pytest.mark.parametrize(**named(ASKED_GRADIENT))
def test_tensorflow_js(tfjs, row, case):
    inputs = row.draw(case, smooth=True)
    rng = np.random.default_rng(5)
    f, reals = of_reals(row, case, inputs, tensor)
    singles = [single(x) for x in reals]
    dys = [rng.uniform(-1, 1, y.shape).astype(np.float32) for y in f(*derivatives.to_tensors(singles))]
    directions = [rng.uniform(-1, 1, x.shape).astype(np.float32) for x in reals]
    arguments = row.js_arguments(inputs, case)
    name = row.js_name
    if isinstance(arguments[0], list):
        count = len(arguments[0])
        name = Js(f"(...a) => tf.{row.op}(a.slice(0, {count}), ...a.slice({count}))")
        arguments = [*arguments[0], *arguments[1:]]
    wrt = [i for i, x in enumerate(arguments) if isinstance(x, np.ndarray) and x.dtype == np.float32]
    answer = tfjs.grad(
        name, arguments, wrt=wrt, dy=dys[0] if len(dys) == 1 else dys, v=directions if row.js_second else None
    )
    compare(derivatives.first(f, singles, dys), answer.grads, f"{row} first")
    if row.js_second:
        compare(derivatives.second(f, singles, dys, directions), answer.second, f"{row} second")


def compare(ours, theirs, what):
    for i, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        if b is None or a is None:
            # Where one has no gradient, the other's is zero.
            assert a is None or not a.any(), f"{what} {i}"
            assert b is None or not b.any(), f"{what} {i}"
        else:
            tolerances.assert_close(a, b, tolerances.TFJS_GRADIENT, f"{what} {i}")


def test_cast():
    """Between real types the gradient passes; through whole numbers it is zero."""
    x = _core.tensor(np.float32([0.5, 1.5]))
    for dtype, expected in (("float32", [2.0, 4.0]), ("int32", None), ("bool", None)):
        with _core.Tape() as tape:
            tape.watch(x)
            y = ops.mul(ops.cast(x, dtype), ops.cast(_core.tensor([2.0, 4.0]), dtype))
        (grad,) = tape.gradient(y, [x])
        if expected is None:
            assert grad is None or not np.asarray(grad).any()
        else:
            assert np.asarray(grad).tolist() == expected


def test_the_second_output_of_several():
    """A gradient that arrives at one output of several, and at none."""
    x = _core.tensor(np.float32([[1, 2], [3, 4]]))
    with _core.Tape() as tape:
        tape.watch(x)
        parts = ops.split(x, 2, 1)
        y = ops.mul(parts[1], 3)
    assert np.asarray(tape.gradient(y, [x])[0]).tolist() == [[0, 3], [0, 3]]
    assert tape.gradient(_core.tensor(1.0), [x]) == [None]
