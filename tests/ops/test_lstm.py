"""The LSTM as one op: against TensorFlow.js' layer, and against a loop."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lamina import _core

from . import derivatives

ops = _core.ops
BATCH, TIME, INPUTS, UNITS = 3, 5, 4, 6


def arrays(seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    shapes = [(BATCH, TIME, INPUTS), (INPUTS, 4 * UNITS), (UNITS, 4 * UNITS), (4 * UNITS,)]
    return [rng.uniform(-1, 1, shape).astype(np.float32) for shape in shapes]


def start() -> list[np.ndarray]:
    return [np.zeros((BATCH, UNITS), np.float32)] * 2


def close(ours: Any, theirs: np.ndarray) -> None:
    np.testing.assert_allclose(np.asarray(ours), theirs, rtol=0, atol=1e-5 * max(1, np.abs(theirs).max()))


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize(
    ("activation", "recurrent"),
    [
        ("tanh", "hardSigmoid"),
        ("relu", "sigmoid"),
        ("elu", "tanh"),
        ("softsign", "softplus"),
        ("linear", "relu6"),
        ("swish", "softmax"),
    ],
)
def test_against_the_layer(tfjs, activation, recurrent, backwards, bias):
    x, *weights = arrays()
    if not bias:
        weights.pop()
    config = {
        "units": UNITS,
        "activation": activation,
        "recurrentActivation": recurrent,
        "goBackwards": backwards,
        "returnSequences": True,
        "useBias": bias,
    }
    dy = np.random.default_rng(1).uniform(-1, 1, (BATCH, TIME, UNITS)).astype(np.float32)
    theirs = tfjs.layer("lstm", config, x, weights=weights, dy=dy)

    def ours(x, kernel, recurrent_kernel, *rest):
        return ops.lstm(
            x,
            kernel,
            recurrent_kernel,
            rest[0] if rest else None,
            *start(),
            None,
            activation,
            recurrent,
            backwards,
        )

    outputs, last_h, _ = ours(x, *weights)
    close(outputs, theirs.outputs[0])
    close(last_h, theirs.outputs[0][:, -1])
    grads = derivatives.first(lambda *xs: ours(*xs)[0], [x, *weights], [dy])
    for grad, other in zip(grads, [*theirs.grad_inputs, *theirs.grad_weights], strict=True):
        close(grad, other)


def test_returned_state(tfjs):
    x, *weights = arrays()
    theirs = tfjs.layer("lstm", {"units": UNITS, "returnState": True}, x, weights=weights)
    outputs, h, c = ops.lstm(x, *weights, *start())
    for ours, other in zip((np.asarray(outputs)[:, -1], h, c), theirs.outputs, strict=True):
        close(ours, other)


def by_hand(x: np.ndarray, weights: list[np.ndarray], mask: np.ndarray) -> list[np.ndarray]:
    kernel, recurrent, bias = weights
    h = c = np.zeros((BATCH, UNITS))
    outputs = []
    for t in range(TIME):
        i, f, g, o = np.split(x[:, t] @ kernel + h @ recurrent + bias, 4, axis=1)
        hard = [np.clip(0.2 * z + 0.5, 0, 1) for z in (i, f, o)]
        taken = mask[:, t, None]
        new_c = hard[1] * c + hard[0] * np.tanh(g)
        h, c = np.where(taken, hard[2] * np.tanh(new_c), h), np.where(taken, new_c, c)
        outputs.append(h)
    return [np.stack(outputs, 1), h, c]


def test_masked_steps_keep_the_state():
    x, *weights = arrays()
    mask = np.random.default_rng(2).random((BATCH, TIME)) < 0.6
    mask[0] = False
    close_all = zip(ops.lstm(x, *weights, *start(), mask), by_hand(x, weights, mask), strict=True)
    for ours, expected in close_all:
        close(ours, expected)


def test_backwards_is_the_reversed_sequence():
    x, *weights = arrays()
    mask = np.random.default_rng(2).random((BATCH, TIME)) < 0.6
    there = ops.lstm(x, *weights, *start(), mask, goBackwards=True)
    back = ops.lstm(x[:, ::-1].copy(), *weights, *start(), mask[:, ::-1].copy())
    for a, b in zip(there, back, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_split_sequence_continues():
    x, *weights = arrays()
    whole, h, c = ops.lstm(x, *weights, *start())
    first, *state = ops.lstm(x[:, :2].copy(), *weights, *start())
    rest, *last = ops.lstm(x[:, 2:].copy(), *weights, *state)
    close(whole, np.concatenate([first, rest], 1))
    close(h, np.asarray(last[0]))
    close(c, np.asarray(last[1]))


def test_no_steps():
    x, *weights = arrays()
    h, c = np.ones((BATCH, UNITS), np.float32), np.full((BATCH, UNITS), 2, np.float32)
    outputs, last_h, last_c = ops.lstm(x[:, :0].copy(), *weights, h, c)
    assert outputs.shape == (BATCH, 0, UNITS)
    np.testing.assert_array_equal(last_h, h)
    np.testing.assert_array_equal(last_c, c)


@pytest.mark.parametrize("sizes", [(1, 9, 3, 128), (33, 12, 16, 64), (5, 7, 11, 13)], ids=str)
def test_levels_and_threads_agree(sizes):
    batch, time, inputs, units = sizes
    rng = np.random.default_rng(0)
    shapes = [(batch, time, inputs), (inputs, 4 * units), (units, 4 * units), (4 * units,)]
    values = [rng.uniform(-0.3, 0.3, shape) for shape in shapes]
    state = [np.zeros((batch, units))] * 2
    dys = [rng.uniform(-1, 1, (batch, time, units))]

    def run(arrays: list[np.ndarray], dys: list[np.ndarray]) -> list[np.ndarray]:
        def f(*xs):
            return ops.lstm(*xs, *derivatives.to_tensors([s.astype(arrays[0].dtype) for s in state]))[0]

        xs = derivatives.to_tensors(arrays)
        return [np.asarray(f(*xs)), *derivatives.first(f, arrays, dys)]

    reference = run(values, dys)
    single = [v.astype(np.float32) for v in values], [d.astype(np.float32) for d in dys]
    level, threads = _core.active_level(), _core.num_threads()
    try:
        for name in _core.available_levels():
            _core.set_level(name)
            results = []
            for count in (1, 4):
                _core.set_num_threads(count)
                results.append(run(*single))
            for one, four, exact in zip(*results, reference, strict=True):
                np.testing.assert_array_equal(one, four)
                close(one, exact)
    finally:
        _core.set_level(level)
        _core.set_num_threads(threads)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({0: np.zeros((2, 3), np.float32)}, "x must be rank 3, .*but got rank 2"),
        ({1: np.zeros((INPUTS, 3), np.float32)}, r"kernel must have shape \[4,24\], but got \[4,3\]"),
        ({2: np.zeros((UNITS, 3), np.float32)}, r"recurrentKernel must have shape \[6,24\]"),
        ({3: np.zeros(3, np.float32)}, r"bias must have shape \[24\], but got \[3\]"),
        ({4: np.zeros((BATCH, 3), np.float32)}, r"initialH must have shape \[3,6\], but got \[3,3\]"),
        ({6: np.zeros((BATCH, 3), bool)}, r"mask must have shape \[3,5\], but got \[3,3\]"),
        ({7: "squish"}, "unknown activation squish"),
    ],
)
def test_errors(change, message):
    arguments: list[Any] = [*arrays(), *start(), None, "tanh"]
    for place, value in change.items():
        arguments[place] = value
    with pytest.raises(ValueError, match=message):
        ops.lstm(*arguments)
