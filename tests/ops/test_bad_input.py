"""Arguments that no op can take: each a Python error that names the op, none a crash."""

from __future__ import annotations

import numpy as np
import pytest

import lamina as tf
from lamina import _core

from .row import flat, refill, tensor
from .table import ROWS, named

ERRORS = (ValueError, TypeError, RuntimeError)
BAD = [(row, *bad) for row in ROWS for bad in row.bad]
WITH_INPUTS = [row for row in ROWS if row.spec["inputs"]]

# For each type of attribute, values that it refuses.
WRONG = {
    "boolean": ["yes"],
    "integer": ["1", 1.5, [1], object(), float("nan"), 1 << 70, None],
    "number": ["1", object(), [1.0], None],
    "string": [3, "no such name", b"same", None],
    "dtype": [3, "float", object(), None],
    "ints": ["1", 1.5, object(), [[None]], ["a"], {"a": 1}, 1 << 70, None],
    "pairs": ["1", 1.5, object(), [[1]], [[[1, 1]]], [[1, 2, 3]], [[1, 1], 2], ["a", "b"], 1 << 70, None],
    "count_or_sizes": ["1", 1.5, object(), None],
    "padding": [3.5, "diagonal", object(), [1], None],
    "seed": [object(), [1]],
}
# What is no tensor. (An integer beyond float32's range is infinite there.)
NO_TENSOR = [
    object(),
    [[1.0], [2.0, 3.0]],
    [1.0, [2.0]],
    [1.0, "a"],
    [None],
    {1: 2.0},
    len,
    [object()],
]


def a_call(row):
    """Inputs and attributes that work."""
    case = next((c for c in row.cases if all(np.size(x) for x in flat(row.draw(c)))), row.cases[0])
    return tensor(row.draw(case)), case


def refused(row, *args, **attrs):
    """The words of the error; not by pytest.raises, whose traceback would keep the tensors alive."""
    try:
        _core.op(row.op)(*args, **attrs)
    except ERRORS as error:
        return str(error)
    raise AssertionError(f"{row.op} took {args} and {attrs}")


@pytest.mark.parametrize(("row", "args", "attrs", "words"), BAD, ids=[f"{b[0]}-{b[3]}" for b in BAD])
def test_refused(row, args, attrs, words):
    with pytest.raises((*ERRORS, MemoryError), match=words):
        _core.op(row.op)(*args, **attrs)


@pytest.mark.parametrize(**named(ROWS))
def test_arguments_that_are_not_there(row):
    inputs, case = a_call(row)
    required = [i for i, x in enumerate(row.spec["inputs"]) if x["arity"] != "optional"]
    required += [a for a in row.spec["attrs"] if a["required"]]
    if required:
        assert row.op in refused(row)
    for a in row.spec["attrs"]:
        if a["required"]:
            rest = {k: v for k, v in case.attrs.items() if k != a["name"]}
            assert a["name"] in refused(row, *inputs, **rest)
    assert f"{row.op}() has no argument 'colour'" in refused(row, *inputs, **case.attrs, colour=1)
    assert "at most" in refused(row, *[1] * 30)
    if inputs:
        first = row.spec["inputs"][0]["name"]
        assert f"more than one value for '{first}'" in refused(row, *inputs, **case.attrs, **{first: 1})


@pytest.mark.parametrize(**named(ROWS))
def test_attributes_of_the_wrong_type(row):
    inputs, case = a_call(row)
    for attr in row.spec["attrs"]:
        name = attr["name"]
        for wrong in WRONG[attr["type"]]:
            if (wrong is None and attr["nullable"]) or (attr["type"] == "string" and name == "dtype"):
                continue
            said = refused(row, *inputs, **{**case.attrs, name: wrong})
            assert row.op in said or name in said, f"{name}={wrong!r}: {said}"


@pytest.mark.parametrize(
    **named([row for row in ROWS if any(a["name"] == "axis" for a in row.spec["attrs"])])
)
def test_axes_out_of_range(row):
    inputs, case = a_call(row)
    for axis in (99, -99, 1 << 40):
        assert "axis" in refused(row, *inputs, **{**case.attrs, "axis": axis}).lower()


@pytest.mark.parametrize(**named(WITH_INPUTS))
def test_what_is_no_tensor(row):
    inputs, case = a_call(row)
    for i in range(len(flat(inputs))):
        for wrong in NO_TENSOR:
            values = flat(inputs)
            values[i] = wrong
            assert row.op in refused(row, *refill(inputs, values), **case.attrs), wrong
    if isinstance(inputs[0], list):
        for wrong in (3, "ab", object(), None):
            assert row.op in refused(row, wrong, **case.attrs)


@pytest.mark.parametrize(**named(WITH_INPUTS))
def test_disposed_tensors(row):
    inputs, case = a_call(row)
    for i in range(len(flat(inputs))):
        values = flat(inputs)
        values[i] = tf.clone(values[i])
        values[i].dispose()
        assert "isposed" in refused(row, *refill(inputs, values), **case.attrs)


def test_the_registry_of_names():
    with pytest.raises(ValueError, match="there is no op 'addd'"):
        _core.op("addd")


def test_ranks_beyond_the_limit():
    deep = np.ones((1,) * 9, np.float32)
    for call in (tf.tensor, _core.ops.abs):
        with pytest.raises(ValueError, match="dimensions"):
            call(deep)


def test_an_array_that_reports_nonsense():
    class Broken:
        def __init__(self, interface):
            self.__array_interface__ = interface

    good = np.ones(3, np.float32)
    fine = dict(good.__array_interface__)
    for change in (
        {"typestr": "<M8"},
        {"typestr": "?"},
        {"typestr": ""},
        {"typestr": 3},
        {"typestr": "<f3"},
        {"typestr": "<fx"},
        {"shape": (-1,)},
        {"shape": "abc"},
        {"shape": None},
        {"data": None},
        {"data": 3},
        {"data": ()},
        {"strides": (1, 2, 3)},
        {"strides": "x"},
    ):
        with pytest.raises(ERRORS):
            _core.ops.abs(Broken({**fine, **change}))
    with pytest.raises(ERRORS):
        _core.ops.abs(Broken({}))
    with pytest.raises(ERRORS):
        _core.ops.abs(Broken(7))


@pytest.mark.parametrize("dtype", ["float32", "int32", "bool"])
@pytest.mark.parametrize("at", [0, 63, 64, 4095, 4096, 99_990])
def test_the_first_index_outside_is_named(dtype: str, at: int) -> None:
    """However many threads look at pieces of the indices."""
    x = tf.ones([1000]).cast(dtype)
    index = np.zeros(100_000, np.int32)
    index[at], index[99_999] = (1000, -7) if at % 2 else (-(2**31), 2**31 - 1)
    for _ in range(5):
        with pytest.raises(ValueError, match=rf"GatherV2: the index value {index[at]} is not in \[0, 999\]"):
            tf.gather(x, index)
    index[at], index[99_999] = 999, 0
    assert tf.sum(tf.gather(x, index).cast("float32")).dataSync()[0] == 100_000
