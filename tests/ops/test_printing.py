"""Tensors as text, in TensorFlow.js' layout."""

from __future__ import annotations

import numpy as np
import pytest

import lamina as tf

RNG = np.random.default_rng(4)

ARRAYS = {
    "scalar": np.float32(3.5),
    "whole scalar": np.float32(-2),
    "small scalar": np.float32(1e-9),
    "large scalar": np.float32(1e22),
    "integer": np.int32(7),
    "truth": np.array(True),
    "text": np.array("hello"),
    "row": np.float32([1, 2.5, -3]),
    "empty": np.zeros(0, np.float32),
    "empty matrix": np.zeros((0, 3), np.float32),
    "empty rows": np.zeros((2, 0), np.float32),
    "numbers of every size": np.float32([1e-10, 1e-7, 0.1, 1 / 3, 123456.789, 1e7, 1e20, 1e21, 1e-6, -0.0]),
    "not finite": np.float32([np.nan, np.inf, -np.inf, 0]),
    "twenty": np.arange(20, dtype=np.float32),
    "twenty-one": np.arange(21, dtype=np.int32),
    "truths": np.array([[True, False], [False, False]]),
    "texts": np.array([["a", "long one"], ["", "é"]]),
    "matrix": RNG.normal(0, 10, (3, 4)).astype(np.float32),
    "integers": RNG.integers(-100, 100, (4, 3)).astype(np.int32),
    "wide": np.arange(75, dtype=np.float32).reshape(3, 25),
    "tall": np.arange(75, dtype=np.float32).reshape(25, 3),
    "large": np.arange(900, dtype=np.int32).reshape(30, 30),
    "rank 3": RNG.normal(0, 1, (2, 3, 2)).astype(np.float32),
    "rank 4": np.arange(24, dtype=np.float32).reshape(2, 3, 2, 2),
    "rank 5": np.arange(32, dtype=np.int32).reshape(2, 2, 2, 2, 2),
    "rank 6": np.arange(64, dtype=np.float32).reshape(2, 2, 2, 2, 2, 2),
    "rank 3, long": np.arange(66, dtype=np.float32).reshape(22, 3, 1),
    "ones": np.ones((1, 1, 1), np.float32),
    "complex": np.complex64([1 + 2j, -0.5, 3.25j]),
    "complex matrix": np.complex64([[1 + 2j, 0], [100.125, -1j]]),
}


@pytest.mark.parametrize("verbose", [False, True])
@pytest.mark.parametrize("name", ARRAYS)
def test_as_tensorflow_js_prints(tfjs, capsys, name, verbose):
    x = ARRAYS[name]
    if x.dtype == np.complex64:
        code = "tf.complex(re, im).toString(verbose)"
        theirs = tfjs.eval(code, re=x.real.copy(), im=x.imag.copy(), verbose=verbose)
    else:
        theirs = tfjs.eval("x.toString(verbose)", x=x, verbose=verbose)
    t = tf.tensor(x)
    assert t.toString(verbose) == theirs
    t.print(verbose)
    tf.print(t, verbose)
    assert capsys.readouterr().out == f"{theirs}\n{theirs}\n"
    assert verbose or repr(t) == str(t) == theirs


def test_other_things_are_printed_too(capsys):
    tf.print([1, 2])
    assert capsys.readouterr().out == "[1, 2]\n"


def test_disposed_and_traced_tensors():
    from lamina import _core

    t = tf.tensor([[1.0]])
    t.dispose()
    assert repr(t) == f"<disposed Tensor #{t.id}, shape [1, 1], float32>"
    with pytest.raises(RuntimeError, match="disposed"):
        t.print()
    trace = _core.Trace()
    with trace:
        assert repr(trace.input([2, 3], "int32")) == "<traced Tensor, shape [2, 3], int32>"


def test_random_numbers(tfjs):
    x = (RNG.normal(0, 1, (40, 5)) * 10.0 ** RNG.integers(-9, 9, (40, 5))).astype(np.float32)
    for part in x.reshape(10, 4, 5):
        assert tf.tensor(part).toString() == tfjs.eval("x.toString()", x=part)
