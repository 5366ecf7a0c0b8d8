"""Ops that change variables or draw random numbers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from lamina import _core

from . import tolerances
from .rows_effects import RANDOM, UPDATES, Random, Update, js_arguments
from .table import LEVELS
from .test_levels import level, threads

ops = _core.ops
SHAPES = [(), (1,), (3,), (5, 7), (0,), (2, 33), (67,), (129,)]
RATE = 0.125
# States that hold squares or sizes.
NOT_NEGATIVE = ("vs", "meanSquares", "sums", "accumGrads", "accumUpdates")
BY_ATTRS = [(row, attrs) for row in UPDATES for attrs in row.attrs]
# With and without what may be left out.
VARIANTS = [
    (row, attrs, full) for row, attrs in BY_ATTRS for full in ([True, False] if row.optional else [True])
]


def parametrize(values):
    names = ("row", "attrs", "full")[: len(values[0])]
    return pytest.mark.parametrize(names, values, ids=lambda v: str(v).replace(" ", ""))


def drawn(row: Update, shapes, full=True) -> tuple[dict[str, list[np.ndarray]], list[np.ndarray]]:
    """Values of all variables by list, and gradients."""
    rng = np.random.default_rng(2)

    def values(low, high):
        return [rng.uniform(low, high, s).astype(np.float32).astype(np.float64) for s in shapes]

    lists = {"variables": values(-1, 1)}
    for name in row.states:
        # Mean squares stay above the squares of means.
        lists[name] = values(0.5, 1) if name in NOT_NEGATIVE else values(-0.3, 0.3)
        if name == row.optional and not full:
            lists[name] = []
    for name in row.singles:
        lists[name] = [np.array(0.75)]
    return lists, values(-0.5, 0.5)


class Held:
    """The variables of a call."""

    def __init__(self, lists, grads, convert):
        self.convert = convert
        self.lists = {name: [_core.Variable(convert(v)) for v in values] for name, values in lists.items()}
        self.grads = [convert(g) for g in grads]

    def apply(self, row: Update, attrs, rate=RATE):
        assert getattr(ops, row.op)(*self.lists.values(), self.grads, rate, **attrs) is None

    def values(self):
        return [np.asarray(v) for variables in self.lists.values() for v in variables]


def double(x):
    return _core.reference_tensor(x)


def single(x):
    return _core.tensor(x.astype(np.float32))


@parametrize(VARIANTS)
def test_updates_against_numpy(row, attrs, full):
    lists, grads = drawn(row, SHAPES, full)
    held = Held(lists, grads, double)
    held.apply(row, attrs)
    expected = []
    states = []
    for i, g in enumerate(grads):
        state = {n: (v[0] if n in row.singles else v[i]).copy() for n, v in lists.items() if v}
        row.reference(state, g, RATE, **attrs)
        states.append(state)
    for name, values in lists.items():
        if name in row.singles:
            before = {single: float(lists[single][0]) for single in row.singles}
            expected.append(np.float64(row.singles[name].after(before, attrs)))
        elif values:
            expected += [s[name] for s in states]
    for ours, e in zip(held.values(), expected, strict=True):
        tolerances.assert_close(ours, e, tolerances.FLOAT64["elementwise"], str(row))


@pytest.mark.parametrize("name", LEVELS)
@parametrize(VARIANTS)
def test_updates_at_each_level(row, attrs, full, name):
    for shapes in (SHAPES, [(n,) for n in range(1, 68)]):
        lists, grads = drawn(row, shapes, full)
        expected = Held(lists, grads, double)
        expected.apply(row, attrs)
        held = Held(lists, grads, single)
        with level(name):
            held.apply(row, attrs)
        for ours, e in zip(held.values(), expected.values(), strict=True):
            assert ours.dtype == np.float32
            tolerances.assert_close(ours, e, tolerances.FLOAT32["transcendental"], f"{row} {name}")


@parametrize(BY_ATTRS)
def test_threads_do_not_matter_to_updates(row, attrs):
    lists, grads = drawn(row, [(301, 403), (7,), (99_999,)])
    results = []
    for count in (1, 2, 4):
        held = Held(lists, grads, single)
        with threads(count):
            held.apply(row, attrs)
        results.append([v.tobytes() for v in held.values()])
    assert results[1] == results[0]
    assert results[2] == results[0]


@parametrize([(row, attrs) for row, attrs in BY_ATTRS if row.js(RATE, **attrs)])
def test_optimizers_of_tensorflow_js(tfjs, row, attrs):
    rng = np.random.default_rng(8)
    x, *gs = (rng.uniform(-1, 1, (3, 5)).astype(np.float32) for _ in range(4))
    name, args = row.js(RATE, **attrs)
    theirs = tfjs.eval(
        f"const v = tf.variable(x); const o = tf.train.{name}(...args);"
        "for (const g of gs) o.applyGradients([{name: v.name, tensor: g}]); return v.clone();",
        x=x, args=args, gs=gs,
    )  # fmt: skip
    lists = {"variables": [x], **{n: [np.zeros_like(x)] for n in row.states if n != row.optional}}
    lists |= {row.optional: []} if row.optional else {}
    lists |= {n: [np.array(single.start(attrs))] for n, single in row.singles.items()}
    held = Held(lists, [], single)
    for g in gs:
        held.grads = [single(g)]
        held.apply(row, attrs)
    tolerances.assert_close(held.values()[0], theirs, tolerances.TFJS["elementwise"], str(row))


@parametrize(BY_ATTRS)
def test_what_others_hold_does_not_change(row, attrs):
    lists, grads = drawn(row, [(5,)])
    held = Held(lists, grads, single)
    before = [v.copy() for v in held.values()]
    clones = [ops.clone(v) for vs in held.lists.values() for v in vs]
    views = held.values()
    held.apply(row, attrs)
    for clone, view, value in zip(clones, views, before, strict=True):
        np.testing.assert_array_equal(clone, value)
        np.testing.assert_array_equal(view, value)


@parametrize(BY_ATTRS)
def test_wrong_updates(row, attrs):
    lists, grads = drawn(row, [(3,), (4,)])
    held = Held(lists, grads, single)
    apply = getattr(ops, row.op)
    variables = list(held.lists.values())
    before = [v.copy() for v in held.values()]
    for arguments, words in (
        ([*variables, held.grads[:1], RATE], "grads has 1 member, expected 2"),
        ([*variables, held.grads[::-1], RATE], r"grads\[0\] has shape \[4\]"),
        ([*variables, held.grads, [RATE, RATE]], "learningRate must be a scalar"),
        ([[variables[0][0]] * 2, *variables[1:], [held.grads[0]] * 2, RATE], "twice|shape"),
        ([held.grads, *variables[1:], held.grads, RATE], "expected a variable"),
        ([variables[0], *variables[1:], 3, RATE], "must be a list of tensors"),
        ([3, *variables[1:], held.grads, RATE], "must be a list"),
    ):
        with pytest.raises((ValueError, TypeError), match=words):
            apply(*arguments, **attrs)
    held.lists["variables"][1].dispose()
    with pytest.raises(RuntimeError, match="disposed"):
        apply(*variables, held.grads, RATE, **attrs)
    for value, was in zip(held.lists["variables"][:1], before[:1], strict=True):
        np.testing.assert_array_equal(value, was)


def test_assign():
    for value in (np.float32([1, 2]), np.int32([1, 2]), np.array([True, False]), np.array(["a", "b"])):
        variable = _core.Variable(_core.tensor(value))
        taken = ops.clone(variable)
        other = _core.tensor(value[::-1].copy())
        ops.assign(variable, other)
        assert variable.arraySync() == other.arraySync()
        assert taken.arraySync() == value.tolist()
        variable.assign(taken)
        assert variable.arraySync() == value.tolist()
        with pytest.raises(ValueError, match="shape"):
            ops.assign(variable, _core.tensor(value[:1].copy()))
        with pytest.raises((ValueError, TypeError), match="dtype"):
            ops.assign(variable, _core.tensor(np.array([1j, 2], np.complex64)))
        with pytest.raises(TypeError, match="expected a variable"):
            ops.assign(taken, other)


# ---- random numbers ----------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def restored_state() -> Iterator[None]:
    state = _core.random_state()
    yield
    _core.set_random_state(state)


def draw(row: Random, shape, seed=None):
    op = getattr(ops, row.op)
    first = np.ones(shape, np.float32) if row.takes_tensor else list(shape)
    names = [a["name"] for a in op.spec["attrs"] if a["name"] != "shape"]
    return np.asarray(op(first, **dict(zip(names, [*row.args, seed], strict=True))))


by_random = pytest.mark.parametrize("row", RANDOM, ids=str)


@by_random
def test_distribution(row):
    _core.set_random_seed(17)
    n = 100_000
    x = draw(row, (n,))
    assert x.dtype == row.dtype
    assert x.mean() == pytest.approx(row.mean, abs=5 * row.deviation / np.sqrt(n))
    assert x.std() == pytest.approx(row.deviation, rel=0.03)
    assert x.min() >= row.low
    assert x.max() <= row.high
    for shape in ((), (0,), (3, 1, 5)):
        assert draw(row, shape).shape == shape


@by_random
def test_sequence(row):
    """A seed of the program starts the numbers anew, and threads do not matter."""
    results = []
    for count in (1, 2, 4):
        _core.set_random_seed(3)
        with threads(count):
            results.append([draw(row, (50_001,)).tobytes() for _ in range(2)])
    assert results[0] == results[1] == results[2]
    assert results[0][0] != results[0][1]
    _core.set_random_seed(4)
    assert draw(row, (50_001,)).tobytes() != results[0][0]


@by_random
def test_seeds_are_those_of_tensorflow_js(tfjs, row):
    for seed in row.seeds:
        first = np.ones((7, 11), np.float32) if row.takes_tensor else [7, 11]
        theirs = tfjs.op(row.js or row.op, *js_arguments(row, first, seed))
        ours = draw(row, (7, 11), seed)
        assert ours.dtype == theirs.dtype
        np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-7)
        assert draw(row, (7, 11), seed).tobytes() == ours.tobytes()
