"""Optimizer steps against TensorFlow.js, and what they leave untouched."""

from __future__ import annotations

import itertools
import threading
from typing import Any

import numpy as np
import pytest

from lamina import _core

ops = _core.ops
# Many elements, so that threads share a variable; few; none.
SHAPES = [(70_001,), (3, 5), (), (0, 4)]
STEPS = 4
RATE = 0.05

_names = (f"optimizer_ops_{i}" for i in itertools.count())


def variable(value: Any) -> Any:
    return _core.Variable(_core.tensor(np.asarray(value, np.float32)), True, next(_names))


def zeros() -> list[Any]:
    return [variable(np.zeros(shape)) for shape in SHAPES]


@pytest.fixture
def made():
    rng = np.random.default_rng(1)
    values = [rng.normal(size=shape).astype(np.float32) for shape in SHAPES]
    grads = [[rng.normal(size=shape).astype(np.float32) for shape in SHAPES] for _ in range(STEPS)]
    variables = [variable(v) for v in values]
    yield variables, values, grads
    for v in variables:
        v.dispose()


def theirs(
    tfjs: Any, optimizer: str, values: list[np.ndarray], grads: list[list[np.ndarray]]
) -> list[np.ndarray]:
    # TensorFlow.js is not asked about empty variables.
    code = f"""
        const variables = values.map((v) => tf.variable(v));
        const optimizer = {optimizer};
        for (const step of grads) {{
          optimizer.applyGradients(variables.map((v, i) => ({{name: v.name, tensor: step[i]}})));
        }}
        return variables.map((v) => v.clone());"""
    return tfjs.eval(code, values=values[:3], grads=[step[:3] for step in grads])


def compare(variables: list[Any], expected: list[np.ndarray]) -> None:
    for v, other in zip(variables, expected, strict=False):
        np.testing.assert_allclose(np.asarray(v), other, rtol=0, atol=2e-6)


def test_sgd(tfjs, made):
    variables, values, grads = made
    for step in grads:
        ops.applySgd(variables, step, RATE)
    compare(variables, theirs(tfjs, f"tf.train.sgd({RATE})", values, grads))


@pytest.mark.parametrize("nesterov", [False, True])
def test_momentum(tfjs, made, nesterov):
    variables, values, grads = made
    accumulators = zeros()
    for step in grads:
        ops.applyMomentum(variables, accumulators, step, RATE, 0.9, nesterov)
    optimizer = f"tf.train.momentum({RATE}, 0.9, {str(nesterov).lower()})"
    compare(variables, theirs(tfjs, optimizer, values, grads))


def test_adam(tfjs, made):
    variables, values, grads = made
    ms, vs, power1, power2 = zeros(), zeros(), variable(0.9), variable(0.999)
    for step in grads:
        ops.applyAdam(variables, ms, vs, power1, power2, step, RATE, 0.9, 0.999, 1e-7)
    compare(variables, theirs(tfjs, f"tf.train.adam({RATE}, 0.9, 0.999, 1e-7)", values, grads))
    assert float(power1) == pytest.approx(0.9 ** (STEPS + 1), rel=1e-6)
    assert float(power2) == pytest.approx(0.999 ** (STEPS + 1), rel=1e-6)


@pytest.mark.parametrize("momentum", [0, 0.5])
def test_rms_prop(tfjs, made, momentum):
    variables, values, grads = made
    squares, moments = zeros(), zeros()
    for step in grads:
        ops.applyRmsProp(variables, squares, moments, [], step, RATE, 0.9, momentum, 1e-3)
    compare(variables, theirs(tfjs, f"tf.train.rmsprop({RATE}, 0.9, {momentum}, 1e-3)", values, grads))


def test_centered_rms_prop_adds_epsilon(made):
    # TensorFlow.js subtracts it, and has the root of a negative number where gradients stay the same.
    variables, values, grads = made
    squares, moments, means = zeros(), zeros(), zeros()
    for step in grads:
        ops.applyRmsProp(variables, squares, moments, means, step, RATE, 0.9, 0.5, 1e-3)
    for i, w in enumerate(values[:3]):
        square = mean = move = np.float64(0)
        expected = w.astype(np.float64)
        for step in grads:
            g = step[i].astype(np.float64)
            square, mean = 0.9 * square + 0.1 * g**2, 0.9 * mean + 0.1 * g
            move = 0.5 * move + RATE * g / np.sqrt(square - mean**2 + 1e-3)
            expected = expected - move
        np.testing.assert_allclose(np.asarray(variables[i]), expected, rtol=0, atol=1e-5)


def test_threads_do_not_matter(made):
    _, values, grads = made
    before, results = _core.num_threads(), []
    try:
        for threads in (1, 3):
            _core.set_num_threads(threads)
            own, squares, moments = [variable(v) for v in values], zeros(), zeros()
            for step in grads:
                ops.applyRmsProp(own, squares, moments, [], step, RATE, 0.9, 0.5, 1e-7)
            results.append([np.asarray(v) for v in own])
    finally:
        _core.set_num_threads(before)
    for a, b in zip(*results, strict=True):
        np.testing.assert_array_equal(a, b)


def test_what_was_taken_earlier_keeps_its_values(made):
    variables, values, grads = made
    taken = [np.asarray(v) for v in variables]
    clones = [ops.clone(v) for v in variables]
    ops.applySgd(variables, grads[0], RATE)
    for value, array, clone, v in zip(values, taken, clones, variables, strict=True):
        np.testing.assert_array_equal(array, value)
        np.testing.assert_array_equal(clone, value)
        assert not value.size or (np.asarray(v) != value).all()


def test_a_gradient_may_share_memory_with_its_variable():
    v = variable([1, 2])
    ops.applySgd([v], [ops.clone(v)], 0.5)
    np.testing.assert_array_equal(v, [0.5, 1])
    w = variable([0, 0])
    ops.assign(w, ops.clone(v))
    ops.applySgd([v, w], [np.ones(2, np.float32)] * 2, 1)
    np.testing.assert_array_equal(v, [-0.5, 0])
    np.testing.assert_array_equal(w, [-0.5, 0])


def test_assign():
    v = variable([1, 2])
    before = np.asarray(v)
    value = _core.tensor(np.array([3, 4], np.float32))
    ops.assign(v, value)
    ops.applySgd([v], [np.ones(2, np.float32)], 1)
    np.testing.assert_array_equal(before, [1, 2])
    np.testing.assert_array_equal(value, [3, 4])
    np.testing.assert_array_equal(v, [2, 3])
    with pytest.raises(ValueError, match=r"the variable has shape \[2\], the new value \[3\]"):
        ops.assign(v, np.ones(3, np.float32))
    with pytest.raises(ValueError, match="must match"):
        ops.assign(v, np.ones(2, np.int32))


def test_steps_on_shared_variables_do_not_deadlock():
    a, b = variable(np.zeros(5000)), variable(np.zeros(5000))
    ones = np.ones(5000, np.float32)

    def work(variables: list[Any]) -> None:
        for _ in range(300):
            ops.applySgd(variables, [ones, ones], 1)

    threads = [threading.Thread(target=work, args=(order,)) for order in ([a, b], [b, a])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    np.testing.assert_array_equal(a, np.full(5000, -600))
    np.testing.assert_array_equal(b, np.full(5000, -600))


def test_errors():
    v, w, half = variable([1, 2]), variable([1, 2, 3]), variable(0.5)
    two, three = np.ones(2, np.float32), np.ones(3, np.float32)
    cases = [
        (
            lambda: ops.applySgd([v, w], [two, two], 1),
            r"grads\[1\] has shape \[2\], but variables\[1\] has shape \[3\]",
        ),
        (lambda: ops.applySgd([v, w], [two], 1), "grads has 1 member, expected 2"),
        (lambda: ops.applySgd([v, v], [two, two], 1), "the same variable was given twice"),
        (lambda: ops.applyMomentum([v], [v], [two], 1, 0.9), "the same variable was given twice"),
        (lambda: ops.applyMomentum([v], [w], [two], 1, 0.9), r"accumulators\[0\] has shape \[3\]"),
        (lambda: ops.applyMomentum([v], [], [two], 1, 0.9), "accumulators has 0 members, expected 1"),
        (lambda: ops.applySgd([v], [two], three), "learningRate must be a scalar"),
        (
            lambda: ops.applyAdam(
                [v], [variable([0, 0])], [variable([0, 0])], w, half, [two], 1, 0.9, 0.9, 1
            ),
            "accBeta1 must be a scalar",
        ),
    ]
    for call, message in cases:
        with pytest.raises(ValueError, match=message):
            call()
    np.testing.assert_array_equal(v, [1, 2])
