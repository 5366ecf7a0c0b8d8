"""The memory pool under any requests: its books balance, its cap holds, and failures leave nothing behind."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamina import _core

ops = _core.ops
SIZES = st.integers(0, 70_000)


@pytest.fixture(autouse=True)
def no_cap() -> Iterator[None]:
    yield
    _core.pool_set_cap(0)
    _core.pool_fail_at(0)


def stats() -> dict[str, int]:
    return _core.pool_stats()


def zeros(size: int):
    return ops.fill([size], 0, "float32")


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("make"), SIZES),
        st.tuples(st.just("drop"), st.integers(0, 50)),
        st.tuples(st.just("dispose"), st.integers(0, 50)),
        st.tuples(st.just("view"), st.integers(0, 50)),
        st.tuples(st.just("trim"), st.just(0)),
    ),
    max_size=40,
)


@given(STEPS)
def test_the_books_balance(steps):
    start = stats()
    held = []
    for step, value in steps:
        if step == "make":
            held.append(zeros(value))
        elif step == "trim":
            cached = stats()["cachedBytes"]
            assert _core.pool_trim() == cached
            assert stats()["cachedBytes"] == 0
        elif held:
            i = value % len(held)
            if step == "drop":
                held.pop(i)
            elif step == "dispose":
                held.pop(i).dispose()
            else:
                held.append(ops.reshape(held[i], [1, -1] if held[i].size else list(held[i].shape)))
        now = stats()
        buffers = {np.asarray(t).__array_interface__["data"][0]: t.size * 4 for t in held}
        assert now["liveBuffers"] - start["liveBuffers"] == len(buffers)
        assert now["liveBytes"] - start["liveBytes"] == sum(buffers.values())
        assert now["peakBytes"] >= now["liveBytes"]
        assert now["cachedBytes"] >= 0
    held.clear()
    assert stats()["liveBytes"] == start["liveBytes"]
    assert stats()["liveBuffers"] == start["liveBuffers"]


@given(st.lists(SIZES, min_size=1, max_size=20), st.integers(0, 300_000))
def test_the_cap_holds(sizes, room):
    _core.pool_trim()
    before = stats()
    cap = before["liveBytes"] + 100_000 + room
    _core.pool_set_cap(cap)
    held = []
    try:
        for size in sizes:
            try:
                held.append(zeros(size))
            except MemoryError as error:
                assert "fill: cannot allocate" in str(error)
                assert f"the pool's cap is {cap} bytes" in str(error)
                assert f"shape [{size}]" in str(error)
            now = stats()
            assert now["liveBytes"] + now["cachedBytes"] <= cap
    finally:
        _core.pool_set_cap(0)
    held.clear()
    assert stats()["liveBytes"] == before["liveBytes"]


@given(st.lists(SIZES, min_size=1, max_size=10), st.integers(1, 10))
def test_a_failure_is_one_error_and_no_loss(sizes, at):
    before = stats()["liveBytes"]
    failures = 0
    held = []
    _core.pool_fail_at(at)
    for size in sizes:
        try:
            held.append(zeros(size))
        except MemoryError:
            failures += 1
    _core.pool_fail_at(0)
    assert failures == (at <= len(sizes))
    assert len(held) == len(sizes) - failures
    assert stats()["liveBytes"] - before == sum(t.size * 4 for t in held)


@given(st.integers(0, 1 << 62), st.integers(0, 1 << 62))
def test_sizes_that_no_machine_has(a, b):
    if a * b < 1 << 34:
        return
    with pytest.raises((MemoryError, ValueError), match=r"too large|cannot allocate|does not fit"):
        ops.fill([a, b], 0)


def test_a_shape_that_cannot_be_addressed_is_a_wrong_value():
    with pytest.raises(ValueError, match="too large to address"):
        ops.fill([1 << 40, 1 << 40], 0)


def test_memory_is_used_again():
    first = zeros(1000)
    address = np.asarray(first).__array_interface__["data"][0]
    assert address % 64 == 0
    del first
    assert np.asarray(zeros(1000)).__array_interface__["data"][0] == address
