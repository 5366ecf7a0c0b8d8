"""A call leaves its outputs behind and nothing else, also one that fails for want of memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

import lamina as tf
from lamina import _core

from .row import Case, Row, flat, tensor
from .table import ROWS, named


def live() -> tuple[int, int]:
    return _core.memory()["numTensors"], _core.pool_stats()["liveBuffers"]


def usual(row: Row) -> Case:
    return next((c for c in row.cases if all(np.size(x) for x in flat(row.draw(c)))), row.cases[0])


@pytest.mark.parametrize(**named(ROWS))
def test_outputs_alone_stay(row):
    case = usual(row)
    inputs = tensor(row.draw(case))
    before = live()
    outputs = row.call(inputs, case)
    assert live() == (before[0] + len(outputs), before[1] + (0 if row.shares else len(outputs)))
    outputs.clear()
    assert live() == before


@pytest.mark.parametrize(**named(ROWS))
def test_gradients_leave_nothing(row):
    case = usual(row)
    inputs = tensor(row.draw(case))
    before = live()
    with _core.Tape() as tape:
        for x in flat(inputs):
            tape.watch(x)
        outputs = row.call(inputs, case)
    if row.spec["differentiable"] and not row.refuses_gradient and outputs:
        grads = tape.gradient(outputs[0], flat(inputs))
        assert any(g is not None for g in grads) or not flat(inputs)
        del grads
    del tape, outputs
    assert live() == before


def fails_at(n: int, call) -> bool:
    """Whether the call fails with its n-th allocation."""
    _core.pool_fail_at(n)
    try:
        call()
    except MemoryError as error:
        assert "cannot allocate" in str(error)
        return True
    finally:
        _core.pool_fail_at(0)
    return False


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Another thread may come in any call for the first time, and asks for its working memory then."""
    count = tf.getNumThreads()
    tf.setNumThreads(1)
    yield
    tf.setNumThreads(count)


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize(**named(ROWS))
def test_every_allocation_may_fail(row):
    case = usual(row)
    inputs = tensor(row.draw(case))

    def forward():
        row.call(inputs, case)

    def backward():
        with _core.Tape() as tape:
            for x in flat(inputs):
                tape.watch(x)
            outputs = row.call(inputs, case)
        if row.spec["differentiable"] and not row.refuses_gradient and outputs:
            tape.gradient(outputs[0], flat(inputs))

    for call in (forward, backward):
        before = live()
        # Working memory that the thread keeps from calls before is asked for anew, as in those below.
        _core.pool_fail_at(0)
        count = _core.pool_allocations()
        call()
        count = _core.pool_allocations() - count
        for n in range(1, count + 1):
            assert fails_at(n, call), f"allocation {n} of {count}"
            assert live() == before, f"allocation {n} of {count}"
        assert not fails_at(count + 1, call)


def test_the_error_names_op_and_shape():
    x = _core.tensor(np.ones((3, 4), np.float32))
    _core.pool_fail_at(1)
    try:
        with pytest.raises(
            MemoryError, match=r"exp: cannot allocate 48 bytes.* float32 tensor of shape \[3,4\]"
        ):
            _core.ops.exp(x)
    finally:
        _core.pool_fail_at(0)
