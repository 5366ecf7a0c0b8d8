"""tf.util against TensorFlow.js, and what Python has otherwise."""

from __future__ import annotations

from array import array
from typing import Any

import numpy as np
import pytest

import lamina as tf
from support.oracle import TfjsError

util = tf.util

SAME: list[tuple[str, list[Any]]] = [
    ("sizeFromShape", [[2, 3, 4]]),
    ("sizeFromShape", [[]]),
    ("sizeFromShape", [[0, 3]]),
    ("isScalarShape", [[]]),
    ("isScalarShape", [[1]]),
    ("computeStrides", [[2, 3, 4, 5]]),
    ("computeStrides", [[2, 3]]),
    ("computeStrides", [[2]]),
    ("computeStrides", [[]]),
    ("indexToLoc", [13, 3, [12, 4]]),
    ("indexToLoc", [5, 1, []]),
    ("indexToLoc", [0, 0, []]),
    ("locToIndex", [[1, 2, 3], 3, [12, 4]]),
    ("locToIndex", [[4], 1, []]),
    ("locToIndex", [[], 0, []]),
    ("inferFromImplicitShape", [[2, -1, 3], 12]),
    ("inferFromImplicitShape", [[2, 3], 6]),
    ("inferFromImplicitShape", [[2, 3], 0]),
    ("inferFromImplicitShape", [[2, 3], 7]),
    ("inferFromImplicitShape", [[-1, -1], 4]),
    ("inferFromImplicitShape", [[-2, 2], 4]),
    ("inferFromImplicitShape", [[-1, 0], 4]),
    ("inferFromImplicitShape", [[-1, 3], 4]),
    ("parseAxisParam", [-1, [2, 3]]),
    ("parseAxisParam", [[0, -1], [2, 3]]),
    ("parseAxisParam", [None, [2, 3]]),
    ("parseAxisParam", [2, [2, 3]]),
    ("parseAxisParam", [[0.5], [2, 3]]),
    ("squeezeShape", [[1, 2, 1, 3]]),
    ("squeezeShape", [[1, 2, 1, 3], [0]]),
    ("squeezeShape", [[1, 2, 1, 3], [1]]),
    ("squeezeShape", [[1, 1]]),
    ("sizeToSquarishShape", [10]),
    ("sizeToSquarishShape", [16]),
    ("assertNonNegativeIntegerDimensions", [[2, -1]]),
    ("assertNonNegativeIntegerDimensions", [[2, 1.5]]),
    ("assertShapesMatch", [[1, 2], [1, 3]]),
    ("assertShapesMatch", [[1, 2], [1, 2]]),
    ("isValidDtype", ["int32"]),
    ("isValidDtype", ["int64"]),
    ("bytesPerElement", ["complex64"]),
    ("bytesPerElement", ["bool"]),
    ("bytesPerElement", ["text"]),
    *(("hasEncodingLoss", [a, b]) for a in ("bool", "int32", "float32", "complex64")
      for b in ("bool", "int32", "float32", "complex64")),
    ("toNestedArray", [[2, 2], [1, 2, 3, 4]]),
    ("toNestedArray", [[2, 1, 2], [1, 2, 3, 4]]),
    ("toNestedArray", [[], [7]]),
    ("toNestedArray", [[0], []]),
    ("toNestedArray", [[2, 2], [1, 2, 3]]),
    ("flatten", [[1, [2, [3, [4]]], []]]),
    ("flatten", [5]),
    ("arraysEqual", [[1, 2], [1, 2]]),
    ("arraysEqual", [[1, 2], [1, 3]]),
    ("arraysEqual", [[1, 2], None]),
    ("arraysEqualWithNull", [[1, None], [1, 3]]),
    ("arraysEqualWithNull", [[1, 2], [1]]),
    ("isInt", [3.0]),
    ("isInt", [3.5]),
    ("isNumber", [3]),
    ("isNumber", ["3"]),
    ("isNumber", [True]),
    ("isBoolean", [True]),
    ("isBoolean", [1]),
    ("isString", ["a"]),
    ("isString", [1]),
    ("clamp", [1, 0, 3]),
    ("clamp", [1, 9, 3]),
    ("clamp", [1, 2, 3]),
    ("clamp", [5, 2, 3]),
    ("nearestLargerEven", [3]),
    ("nearestLargerEven", [4]),
    ("nearestDivisor", [15, 4]),
    ("nearestDivisor", [16, 3]),
    ("nearestDivisor", [13, 2]),
    ("sum", [[1, 2.5, 3]]),
    ("sum", [[]]),
    ("distSquared", [[1, 2], [3, 5]]),
    ("tanh", [0.5]),
    ("rightPad", ["ab", 5]),
    ("rightPad", ["abc", 2]),
    ("makeZerosNestedTypedArray", [[2, 2], "int32"]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "args"), SAME, ids=lambda v: str(v).replace(" ", ""))
def test_as_tensorflow_js(tfjs, name, args):
    code = f"const r = tf.util.{name}(...args); return JSON.stringify(r === undefined ? null : r);"
    try:
        theirs = tfjs.eval(code, args=args)
    except TfjsError:
        with pytest.raises(ValueError):
            getattr(util, name)(*args)
        return
    import json

    expected = json.loads(theirs)
    if isinstance(expected, list):
        expected = [list(each.values()) if isinstance(each, dict) else each for each in expected]
    found = getattr(util, name)(*args)
    assert found == expected if not isinstance(found, float) else found == pytest.approx(expected)


@pytest.mark.parametrize("a", ["bool", "int32", "float32", "complex64", "string"])
@pytest.mark.parametrize("b", ["bool", "int32", "float32", "complex64", "string"])
def test_upcast(tfjs, a, b):
    try:
        theirs = tfjs.eval("return tf.upcastType(a, b);", a=a, b=b)
    except TfjsError:
        with pytest.raises(ValueError, match="Can not upcast"):
            tf.upcastType(a, b)
        return
    assert tf.upcastType(a, b) == theirs
    assert tf.sumOutType("bool") == "int32"


def test_typed_arrays():
    assert util.makeZerosTypedArray(3, "float32") == array("f", [0, 0, 0])
    assert util.makeOnesTypedArray(2, "bool") == array("B", [1, 1])
    assert util.toTypedArray([[1.5, 2], [3, 4]], "int32") == array("i", [1, 2, 3, 4])
    assert util.getArrayFromDType(None, 2) == util.getTypedArrayFromDType("float32", 2) == array("f", [0, 0])
    assert util.getArrayFromDType("string", 2) == [None, None]
    assert util.isTypedArray(array("f")) and util.isTypedArray(memoryview(b"")) and not util.isTypedArray([1])
    assert util.flatten([array("f", [1, 2]), [3]], None, True) == [array("f", [1, 2]), 3]
    for call in (lambda: util.makeZerosTypedArray(1, "string"), lambda: util.toTypedArray(["a"], "string")):
        with pytest.raises(ValueError):
            call()
    np.testing.assert_array_equal(tf.tensor(util.makeOnesTypedArray(3, "int32")), [1, 1, 1])


def test_text_and_kinds():
    assert util.decodeString(util.encodeString("grün")) == "grün"
    assert util.bytesFromStringArray(["a", "ü", b"xyz"]) == 6
    assert util.bytesFromStringArray(None) == 0
    assert util.inferDtype([1, 2]) == "float32"
    assert util.inferDtype(["a"]) == "string"
    assert util.isFunction(len) and not util.isFunction(1)
    assert util.isPromise(tf.ready()) and not util.isPromise(1)
    check = getattr(util, "assert")
    check(True, "never")
    with pytest.raises(ValueError, match="said"):
        check(False, lambda: "said")
    with pytest.raises(ValueError, match="non-null"):
        util.assertNonNull(None)


def test_random_order_follows_the_seed():
    tf.setRandomSeed(3)
    first = util.createShuffledIndices(20), util.randUniform(2, 4)
    tf.setRandomSeed(3)
    assert (util.createShuffledIndices(20), util.randUniform(2, 4)) == first
    assert sorted(first[0]) == list(range(20)) != first[0]
    assert 2 <= first[1] <= 4
    a, b = list("abcdefgh"), list("ABCDEFGH")
    util.shuffleCombo(a, b)
    assert [x.upper() for x in a] == b
    util.shuffle(a)
    assert sorted(a) == list("abcdefgh")
    with pytest.raises(ValueError, match="must match to be shuffled"):
        util.shuffleCombo([1], [1, 2])
    util.swap(a, 0, 1)
    assert sorted(a) == list("abcdefgh")


def test_now_goes_on():
    first = util.now()
    assert util.now() >= first


def test_repeated_try():
    calls = []
    util.repeatedTry(lambda: calls.append(1) or len(calls) == 3, lambda count: count).result()
    assert len(calls) == 3
    with pytest.raises(TimeoutError, match="failed 2 times"):
        util.repeatedTry(lambda: False, maxCounter=2).result()
