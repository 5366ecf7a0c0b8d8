"""Each CPU level against the reference, at all sizes around its vector widths, on any number of threads."""

from __future__ import annotations

import contextlib
import platform
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import lamina as tf
from lamina import _core

from . import tolerances
from .row import Case, Row, reference, tensor
from .rows_reduce import LONG
from .table import LEVELS, ROWS, named

SIZES = range(1, 68)
LARGE = [(row, row.large) for row in ROWS if row.large is not None]
LARGE += [(row, case) for row in ROWS if row.family == "reduction" for case in LONG]


@contextlib.contextmanager
def level(name: str) -> Iterator[None]:
    before = _core.active_level()
    _core.set_level(name)
    try:
        yield
    finally:
        _core.set_level(before)


@contextlib.contextmanager
def threads(count: int) -> Iterator[None]:
    before = _core.num_threads()
    _core.set_num_threads(count)
    try:
        yield
    finally:
        _core.set_num_threads(before)


def sizes(row: Row) -> list[Case]:
    """Cases of every size, where the row belongs to a family."""
    if row.family == "unary":
        return [Case(((n,),)) for n in SIZES]
    if row.family == "binary":
        shapes = [
            pair
            for n in SIZES
            for pair in (
                ((n,), (n,)),
                ((n,), ()),
                ((), (n,)),
                ((3, n), (n,)),
                ((3, n), (3, 1)),
                ((3, 1), (n,)),
            )
        ]
        return [Case(pair) for pair in shapes]
    if row.family == "reduction":
        found = [Case(((n,),)) for n in SIZES]
        found += [Case(((3, n),), {"axis": 1}) for n in SIZES] + [Case(((n, 3),), {"axis": 0}) for n in SIZES]
        return found + [Case(((5, n),), {"axis": 0}) for n in SIZES]
    return []


@pytest.mark.parametrize("name", LEVELS)
@pytest.mark.parametrize(**named(ROWS))
def test_levels(row, name):
    for case in [*row.cases, *sizes(row), *(case for of, case in LARGE if of is row)]:
        inputs = row.draw(case)
        expected = [np.asarray(y) for y in row.call(reference(inputs), case)]
        with level(name):
            ours = [np.asarray(y) for y in row.call(tensor(inputs), case)]
        for y, e in zip(ours, expected, strict=True):
            assert y.dtype != np.float64
            tolerances.assert_close(y, e, tolerances.FLOAT32[row.kind], f"{row} {case}")


@pytest.mark.parametrize("name", LEVELS)
def test_long_sums_lose_little(name):
    x, y = np.random.default_rng(8).uniform(size=(2, 3_000_000)).astype(np.float32)
    exact = {"sum": x.sum(dtype=np.float64), "dot": (x * y.astype(np.float64)).sum()}
    with level(name):
        ours = {"sum": float(tf.sum(x)), "dot": float(tf.dot(x, y))}
    assert ours == pytest.approx(exact, rel=3e-7)


@pytest.mark.parametrize(**named(LARGE))
def test_threads_do_not_matter(row, case):
    inputs = tensor(row.draw(case))
    with threads(1):
        expected = [np.asarray(y).tobytes() for y in row.call(inputs, case)]
    for count in (2, 4):
        with threads(count):
            for _ in range(2):
                assert [np.asarray(y).tobytes() for y in row.call(inputs, case)] == expected


def test_a_level_that_is_not_there():
    with pytest.raises(ValueError, match="v9"):
        _core.set_level("v9")
    assert _core.active_level() in LEVELS


# What Linux calls the features that each x86-64 level adds.
FLAGS = {
    "v2": "pni ssse3 cx16 sse4_1 sse4_2 popcnt",
    "v3": "fma movbe avx f16c bmi1 avx2 bmi2 abm",
    "v4": "avx512f avx512dq avx512cd avx512bw avx512vl",
}


@pytest.mark.skipif(
    platform.machine() != "x86_64" or not Path("/proc/cpuinfo").exists(), reason="Linux tells of x86-64 here"
)
def test_the_levels_are_those_that_the_system_tells_of():
    found = re.search(r"^flags\s*:(.*)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    assert found is not None
    told, expected = set(found[1].split()), []
    for name, flags in FLAGS.items():
        if not set(flags.split()) <= told:
            break
        expected.append(name)
    assert expected == LEVELS
