"""Random graphs as Programs and call by call: the same bits, whatever is fused, shared, updated or wanted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamina import _core

ops = _core.ops

SHAPES = [(), (1,), (3,), (2, 3), (1, 3), (2, 1), (3, 3), (0, 3), (2, 2, 3), (40, 65)]

UNARY = [ops.tanh, ops.relu, ops.neg, ops.abs, ops.square, ops.sigmoid, ops.sign, ops.step, ops.elu]
BINARY = [ops.add, ops.sub, ops.mul, ops.maximum, ops.squaredDifference]
COMPARE = [ops.greater, ops.lessEqual, ops.equal]
REDUCE = [ops.sum, ops.mean, ops.max]


def broadcast(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...] | None:
    try:
        shape = np.broadcast_shapes(a, b)
    except ValueError:
        return None
    return shape if np.prod(shape, dtype=int) <= 4000 else None


class Graph:
    """Interprets a list of instructions on tensors; what does not fit is left out, by shapes alone."""

    def __init__(self, inputs: list[Any], variables: list[Any], constants: list[Any]) -> None:
        self.variables = variables
        self.values = [*inputs, *constants, *variables]

    def run(self, code: list[tuple[int, int, int, int]]) -> list[Any]:
        for kind, a, b, c in code:
            made = self.one(KINDS[kind % len(KINDS)], a, b, c)
            if made is not None:
                self.values.append(made)
        return self.values

    def pick(self, index: int) -> Any:
        # Late values more often, so that chains come about.
        count = len(self.values)
        return self.values[count - 1 - index % min(count, 4)] if index % 3 else self.values[index % count]

    def one(self, kind: str, a: int, b: int, c: int) -> Any:
        x = self.pick(a)
        shape = tuple(x.shape)
        if x.dtype == "bool":
            return ops.cast(x, "float32")
        if kind == "unary":
            return UNARY[c % len(UNARY)](x)
        if kind == "reduce":
            axis = b % len(shape) if shape else None
            return REDUCE[c % len(REDUCE)](x, axis, bool(c & 8)) if 0 not in shape else None
        if kind == "shape":
            return self.reshaped(x, b, c)
        y = self.pick(b)
        if y.dtype == "bool":
            return ops.cast(y, "float32")
        if kind == "assign":
            v = self.variables[c % len(self.variables)]
            if tuple(v.shape) == shape:
                ops.assign(v, x)
            return None
        if kind == "matMul":
            fits = len(shape) == 2 and len(y.shape) == 2 and shape[1] == y.shape[0] and max(shape) < 30
            return ops.matMul(ops.tanh(x), y) if fits else None
        if broadcast(shape, tuple(y.shape)) is None:
            return None
        if kind == "compare":
            return COMPARE[c % len(COMPARE)](x, y)
        if kind == "where":
            both = broadcast(shape, tuple(y.shape))
            return ops.where(ops.greater(ops.add(x, y), 0.1), ops.broadcastTo(x, list(both)), 0.5)
        # Kept in bounds, so that no chain grows to infinity.
        return ops.clipByValue(BINARY[c % len(BINARY)](x, y), -3, 3)

    @staticmethod
    def reshaped(x: Any, b: int, c: int) -> Any:
        shape = list(x.shape)
        if c % 5 == 0:
            return x.clone()
        if c % 5 == 1:
            return ops.reshape(x, [int(np.prod(shape, dtype=int))])
        if c % 5 == 2:
            return ops.expandDims(x, b % (len(shape) + 1)) if len(shape) < 4 else None
        if c % 5 == 3:
            return ops.squeeze(x) if 1 in shape else None
        return ops.transpose(x)


KINDS = [
    "unary",
    "binary",
    "binary",
    "unary",
    "compare",
    "where",
    "reduce",
    "shape",
    "shape",
    "matMul",
    "assign",
]

numbers = st.integers(0, 60)
code = st.lists(st.tuples(numbers, numbers, numbers, numbers), min_size=1, max_size=24)


def tensors(shapes: list[int], seed: int) -> list[Any]:
    rng = np.random.default_rng(seed)
    return [_core.tensor(rng.uniform(-1, 1, SHAPES[i]).astype(np.float32)) for i in shapes]


def variables(seed: int) -> list[Any]:
    return [_core.Variable(each, False) for each in tensors([3, 2, 0], seed)]


def bits(values: list[Any]) -> list[Any]:
    return [(v.dtype, tuple(v.shape), np.asarray(v).tobytes()) for v in values]


def wanted(values: list[Any], which: list[int]) -> list[Any]:
    return [values[i % len(values)] for i in which]


@settings(max_examples=150)
@given(
    code,
    st.lists(st.integers(0, len(SHAPES) - 1), min_size=1, max_size=3),
    st.lists(numbers, min_size=1, max_size=5),
    st.booleans(),
)
def test_a_program_gives_what_its_calls_give(instructions, shapes, outputs, all_outputs):
    constants = tensors([3, 0, 8], 1)
    mine, theirs = variables(2), variables(2)
    try:
        with _core.Trace() as trace:
            symbols = [trace.input(list(SHAPES[i]), "float32") for i in shapes]
            traced = Graph(symbols, mine, constants).run(instructions)
            if not all_outputs:
                traced = wanted(traced, outputs)
            program = trace.program(traced)
        for run in range(3):
            inputs = tensors(shapes, 10 + run)
            before = bits(inputs)
            found = program.run(inputs)
            expected = Graph(inputs, theirs, constants).run(instructions)
            if not all_outputs:
                expected = wanted(expected, outputs)
            assert bits(found) == bits(expected)
            assert bits(mine) == bits(theirs)
            assert bits(inputs) == before
    finally:
        for variable in (*mine, *theirs):
            variable.dispose()


def test_what_was_read_before_an_update_keeps_its_value():
    v = _core.Variable(_core.tensor([1.0, 2.0]), False)
    with _core.Trace() as trace:
        x = trace.input([2], "float32")
        before = v.clone()
        seen = ops.reshape(v, [2, 1])
        ops.assign(v, ops.add(v, x))
        after = ops.mul(v, 10.0)
        mixed = ops.add(before, ops.reshape(seen, [2]))
        program = trace.program([before, after, mixed, v, seen, x])
    found = program.run([_core.tensor([5.0, 7.0])])
    assert [np.asarray(y).ravel().tolist() for y in found] == [
        [1, 2],
        [60, 90],
        [2, 4],
        [6, 9],
        [1, 2],
        [5, 7],
    ]
    v.dispose()


def test_one_value_wanted_twice_is_two_tensors():
    with _core.Trace() as trace:
        x = trace.input([3], "float32")
        y = ops.exp(x)
        program = trace.program([y, y, x, x, ops.reshape(y, [3, 1])])
    a, b, c, d, e = program.run([given := _core.tensor([0.0, 1.0, 2.0])])
    a.dispose()
    given.dispose()
    assert np.asarray(b).tolist() == np.asarray(e).ravel().tolist()
    assert np.asarray(c).tolist() == np.asarray(d).tolist() == [0, 1, 2]


@pytest.mark.parametrize("shape", [[], [0], [0, 4], [1]])
def test_empty_and_scalar_shapes(shape):
    with _core.Trace() as trace:
        x = trace.input(shape, "float32")
        y = ops.mul(ops.tanh(ops.add(x, 1.0)), x)
        total = ops.sum(y)
        program = trace.program([y, total])
    value = ops.fill(shape, 0.5)
    expected = ops.mul(ops.tanh(ops.add(value, 1.0)), value)
    assert bits(program.run([value])) == bits([expected, ops.sum(expected)])


@pytest.mark.parametrize("size", [1, 7, 1023, 1024, 1025, 5000, 70000])
def test_long_chains_over_tiles_and_threads(size):
    """A chain longer than one group may be, over vectors of every length around a tile."""

    def chain(x: Any, row: Any) -> Any:
        y = x
        for step in range(40):
            y = UNARY[step % len(UNARY)](ops.add(y, row if step % 2 else 0.25))
            y = ops.where(ops.greater(y, x), ops.maximum(y, -1.0), ops.mul(y, 0.5))
            y = ops.clipByValue(y, -2, 2)
        return y

    rng = np.random.default_rng(size)
    x, row = (_core.tensor(rng.normal(size=s).astype(np.float32)) for s in ((3, size), (size,)))
    with _core.Trace() as trace:
        program = trace.program([chain(trace.input([3, size], "float32"), trace.input([size], "float32"))])
    assert program.stats["fusedGroups"] > 1
    assert bits(program.run([x, row])) == bits([chain(x, row)])


def test_the_arena_is_close_to_what_must_live_at_once():
    rng = np.random.default_rng(0)
    with _core.Trace() as trace:
        x = trace.input([64, 32], "float32")
        kept, y = [], x
        for _ in range(30):
            y = ops.tanh(ops.matMul(y, ops.fill([32, 32], 0.1)))
            if rng.random() < 0.3:
                kept.append(ops.sum(y, 0))
        program = trace.program([y, *kept])
    stats = program.stats
    assert stats["peakLiveBytes"] <= stats["arenaBytes"] <= 1.1 * stats["peakLiveBytes"]
