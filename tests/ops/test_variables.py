"""Variables: their names, values, and how they end."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import lamina as tf
from support.oracle import TfjsError


def test_names_are_unique_among_live_ones(tfjs):
    v = tf.variable(tf.scalar(1), True, "of_names")
    with pytest.raises(ValueError, match="Variable with name of_names was already registered") as ours:
        tf.variable(tf.scalar(2), name="of_names")
    with pytest.raises(TfjsError) as theirs:
        tfjs.eval("return [1, 2].map((value) => tf.variable(tf.scalar(value), true, 'a'));")
    assert str(ours.value).replace("of_names", "a") in str(theirs.value)
    v.dispose()
    again = tf.variable(tf.scalar(2), name="of_names")
    # A dropped one gives its name back, too.
    del again
    last = tf.variable(tf.scalar(3), name="of_names")
    last.dispose()


def test_names_by_number():
    """As in TensorFlow.js, and a number that somebody has taken is left out."""
    first = tf.variable(tf.scalar(1))
    taken = tf.variable(tf.scalar(1), name=str(int(first.name) + 1))
    second = tf.variable(tf.scalar(1))
    assert int(second.name) == int(first.name) + 2
    for each in (first, taken, second):
        each.dispose()
        assert each.isDisposed


def test_values_and_dtypes():
    for value, dtype, expected in (
        ([1.5, 2], None, "float32"),
        ([1.5, 2], "int32", "int32"),
        (np.arange(2), None, "int32"),
        (["a", "b"], None, "string"),
        (tf.tensor([True, False]), None, "bool"),
        (1j, None, "complex64"),
    ):
        v = tf.variable(value, True, None, dtype)
        assert v.dtype == expected
        assert isinstance(v, tf.Variable) and isinstance(v, tf.Tensor)
        assert v.trainable
        v.dispose()
    v = tf.tensor([1.0, 2.0]).variable(False, "of_method", "int32")
    assert (v.name, v.trainable, v.dtype, v.arraySync()) == ("of_method", False, "int32", [1, 2])
    v.dispose()


def test_assign():
    v = tf.variable([1.0, 2.0])
    before, clone = np.asarray(v), v.clone()
    for value in (tf.tensor([3.0, 4.0]), [3, 4], (3.0, 4.0), np.float32([3, 4]), np.array([3.0, 4.0])):
        v.assign(tf.tensor([0.0, 0.0]))
        assert v.assign(value) is None
        assert v.arraySync() == [3, 4]
    assert before.tolist() == clone.arraySync() == [1, 2]
    v.dispose()
    n = tf.variable(3, dtype="int32")
    n.assign(4)
    assert int(n) == 4
    n.assign(n.add(tf.scalar(1, "int32")))
    assert int(n) == 5
    n.dispose()
    text = tf.variable(["a"])
    text.assign(["b"])
    assert text.arraySync() == ["b"]
    text.dispose()


@pytest.mark.parametrize(
    ("value", "error", "said"),
    [
        ([1, 2, 3], ValueError, r"shape \[2\], the new value \[3\]"),
        (1.0, ValueError, r"shape \[2\], the new value \[\]"),
        (np.array([1, 2]), ValueError, r"dtype of the new value \(int32\) and previous value \(float32\)"),
        ([True, None], TypeError, "newValue"),
        (None, TypeError, "'newValue' passed to 'assign'"),
        ("a", ValueError, r"the new value \[\]"),
        (["a", "b"], TypeError, "string cannot become float32"),
    ],
)
def test_wrong_values(value, error, said):
    v = tf.variable([1.0, 2.0])
    with pytest.raises(error, match=said):
        v.assign(value)
    assert v.arraySync() == [1, 2]
    v.dispose()
    with pytest.raises(RuntimeError, match="disposed"):
        v.assign([1.0, 2.0])


def test_counts_of_memory(tfjs):
    def ours() -> list[int]:
        m = tf.memory()
        return [m.numTensors - start.numTensors, m.numDataBuffers - start.numDataBuffers]

    start = tf.memory()
    t = tf.tensor([1.0, 2.0])
    v = tf.variable(t)
    found = [ours()]
    v.assign(tf.tensor([3.0, 4.0]))
    found.append(ours())
    t.dispose()
    found.append(ours())
    v.dispose()
    found.append(ours())
    theirs = tfjs.eval("""
        const start = tf.memory(), out = [];
        const see = () => out.push([tf.memory().numTensors - start.numTensors,
                                    tf.memory().numDataBuffers - start.numDataBuffers]);
        const t = tf.tensor([1, 2]), v = tf.variable(t); see();
        const n = tf.tensor([3, 4]); v.assign(n); n.dispose(); see();
        t.dispose(); see(); v.dispose(); see();
        return out;""")
    assert found == theirs


def test_gradients_see_those_that_are_trainable():
    a, b = tf.variable(2.0), tf.variable(3.0, False)
    found = tf.variableGrads(lambda: a.mul(b))
    assert list(found["grads"]) == [a.name]
    assert float(found["grads"][a.name]) == 3
    with pytest.raises(ValueError, match="trainable"):
        tf.variableGrads(lambda: a.mul(b), [b])
    a.dispose()
    b.dispose()


@pytest.mark.parametrize(
    ("decay", "step", "debias"),
    [(0.9, None, False), (0.9, 1, True), (0.9, 7, True), (0.5, 3, False), (0.0, 1, True)],
)
def test_moving_average(tfjs, decay, step, debias):
    rng = np.random.default_rng(4)
    value, x = (rng.normal(size=(3, 2)).astype(np.float32) for _ in range(2))
    v = tf.variable(value)
    theirs = tfjs.eval(
        "return tf.movingAverage(tf.variable(v), x, decay, step ?? undefined, debias);",
        v=value, x=x, decay=decay, step=step, debias=debias,
    )  # fmt: skip
    np.testing.assert_allclose(tf.movingAverage(v, x, decay, step, debias), theirs, rtol=1e-5, atol=1e-6)
    # The variable is the caller's to set.
    np.testing.assert_array_equal(v, value)
    v.dispose()


def test_moving_average_without_a_step():
    v = tf.variable([1.0])
    with pytest.raises(ValueError, match="step is required"):
        tf.movingAverage(v, [2.0], 0.9)
    v.dispose()


def test_copies():
    """A deep copy is a tensor with the value; what would have to bear the name is refused."""
    v = tf.variable([1.0])
    copied = copy.deepcopy(v)
    assert type(copied) is tf.Tensor
    v.assign([2.0])
    assert copied.arraySync() == [1]
    for act in (pickle.dumps, copy.copy):
        with pytest.raises(TypeError, match="its name is unique"):
            act(v)
    v.dispose()
