"""Random tensors: TensorFlow.js' numbers for a seed, a sequence of our own without one."""

from __future__ import annotations

import numpy as np
import pytest

from lamina import _core
from support.oracle import UNDEFINED

ops = _core.ops
SHAPE = [7, 11]


@pytest.fixture(autouse=True)
def restored_state():
    state = _core.random_state()
    yield
    _core.set_random_state(state)


@pytest.mark.parametrize("seed", [42, 0.5, 1e21, 123456789012, "text", "ü🎲", -3, 1e-7], ids=repr)
@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("randomUniform", [SHAPE, 0, 1, "float32"]),
        ("randomUniform", [SHAPE, -3.5, 12, "float32"]),
        ("randomUniform", [SHAPE, -3, 12, "int32"]),
        ("randomUniform", [SHAPE, 0, 2, "bool"]),
        ("randomUniformInt", [SHAPE, -3, 12]),
        ("randomNormal", [SHAPE, 0, 1, "float32"]),
        ("randomNormal", [SHAPE, 2, 30, "int32"]),
        ("randomStandardNormal", [SHAPE, "float32"]),
        ("truncatedNormal", [SHAPE, 1, 0.5, "float32"]),
        ("truncatedNormal", [SHAPE, 0, 30, "int32"]),
        ("randomGamma", [SHAPE, 0.5, 2, "float32"]),
        ("randomGamma", [SHAPE, 3, 1, "float32"]),
    ],
    ids=lambda v: v if isinstance(v, str) else "-".join(map(str, v[1:])),
)
def test_seeded(tfjs, name, args, seed):
    ours = np.asarray(getattr(ops, name)(*args, seed))
    theirs = tfjs.op(name, *args, seed)
    assert ours.dtype == theirs.dtype
    np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("rate", [0, 0.1, 0.5, 0.9])
def test_seeded_dropout(tfjs, rate):
    x = np.random.default_rng(0).normal(size=(9, 13)).astype(np.float32)
    for noise in (None, [9, 1], [1, 13]):
        theirs = tfjs.op("dropout", x, rate, UNDEFINED if noise is None else noise, 42)
        np.testing.assert_allclose(ops.dropout(x, rate, noise, 42), theirs, rtol=1e-6)


def test_default_arguments(tfjs):
    np.testing.assert_array_equal(
        ops.randomUniform([3], seed=1), tfjs.eval("tf.randomUniform([3], 0, 1, 'float32', 1)")
    )
    assert np.asarray(ops.randomNormal([3])).dtype == np.float32


def test_a_seed_starts_the_sequence_anew():
    def draws():
        _core.set_random_seed(7)
        return [
            np.asarray(t)
            for t in (
                ops.randomUniform([1000]),
                ops.randomUniform([1000]),
                ops.randomNormal([1000]),
                ops.truncatedNormal([1000]),
                ops.randomUniform([1000], 0, 100, "int32"),
                ops.dropout(np.ones(1000, np.float32), 0.5),
            )
        ]

    first, again = draws(), draws()
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a, b)
    assert (first[0] != first[1]).all()


def test_the_state_resumes_the_sequence():
    _core.set_random_seed(1)
    ops.randomUniform([3])
    state = _core.random_state()
    a = np.asarray(ops.randomUniform([3]))
    _core.set_random_state(state)
    np.testing.assert_array_equal(a, ops.randomUniform([3]))


def test_threads_do_not_matter():
    before = _core.num_threads()
    try:
        drawn = []
        for threads in (1, 2, 5):
            _core.set_num_threads(threads)
            _core.set_random_seed(3)
            drawn.append(
                [
                    np.asarray(ops.randomNormal([100_000], 1, 2)),
                    np.asarray(ops.randomUniform([100_001], -1, 1)),
                ]
            )
        for other in drawn[1:]:
            for a, b in zip(drawn[0], other, strict=True):
                np.testing.assert_array_equal(a, b)
    finally:
        _core.set_num_threads(before)


def test_distributions():
    _core.set_random_seed(11)
    n = 200_000
    u = np.asarray(ops.randomUniform([n], -2, 6))
    assert u.min() >= -2
    assert u.max() < 6
    assert u.mean() == pytest.approx(2, abs=0.03)
    assert u.std() == pytest.approx(8 / np.sqrt(12), abs=0.03)
    z = np.asarray(ops.randomNormal([n], 3, 0.5))
    assert z.mean() == pytest.approx(3, abs=0.01)
    assert z.std() == pytest.approx(0.5, abs=0.01)
    t = np.asarray(ops.truncatedNormal([n], 3, 0.5))
    assert 2 <= t.min() < 2.01
    assert 3.99 < t.max() <= 4
    i = np.asarray(ops.randomUniform([n], 0, 10, "int32"))
    np.testing.assert_allclose(np.bincount(i, minlength=10) / n, 0.1, atol=0.005)


def test_dropout_keeps_the_mean_and_its_mask():
    _core.set_random_seed(5)
    x = _core.tensor(np.ones(100_000, np.float32))
    with _core.Tape() as tape:
        tape.watch(x)
        y = ops.dropout(x, 0.25)
    assert set(np.unique(y)) == {0, np.float32(1 / 0.75)}
    assert np.asarray(y).mean() == pytest.approx(1, abs=0.01)
    np.testing.assert_array_equal(tape.gradient(y, [x])[0], y)


def test_a_traced_mask_differs_in_each_run():
    trace = _core.Trace()
    with trace:
        x = trace.input([1000], "float32")
        y = ops.dropout(x, 0.5)
    ones = _core.tensor(np.ones(1000, np.float32))
    runs = [np.asarray(trace.run([ones], [y])[0]) for _ in range(2)]
    assert (runs[0] != runs[1]).any()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: ops.dropout(np.ones(3, np.float32), 1),
            r"rate must be a float in the range \[0, 1\), but got 1",
        ),
        (lambda: ops.dropout(np.ones(3, np.int32), 0.5), "but got a int32 tensor instead"),
        (lambda: ops.dropout(np.ones(3, np.float32), 0.5, [2]), "could not be broadcast together"),
        (lambda: ops.randomNormal([3], dtype="bool"), "Unsupported data type bool"),
        (lambda: ops.randomUniform([3], dtype="string"), "Unsupported data type string"),
        (lambda: ops.randomUniform([-1]), "-1"),
    ],
)
def test_errors(call, message):
    with pytest.raises(ValueError, match=message):
        call()
