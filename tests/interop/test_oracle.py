"""The oracle tells known facts about TensorFlow.js 4.22, and fails loudly where it has to."""

from __future__ import annotations

import numpy as np
import pytest

from support.oracle import UNDEFINED, Js, Tfjs, TfjsError, TfjsTimeout


def f32(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def test_version(tfjs):
    assert tfjs.version() == "4.22.0"


@pytest.mark.parametrize(
    "value",
    [
        f32(1.5, np.nan, np.inf, -np.inf, -0.0),
        np.array([[1, -2], [2**31 - 1, -(2**31)]], np.int32),
        np.array([True, False]),
        np.array(7, np.float32),
        np.zeros((2, 0, 3), np.float32),
        np.array([1 + 2j, -3j], np.complex64),
        np.array([["a", "ü"], ["", "long\nline"]], object),
    ],
    ids=lambda v: str(v.dtype),
)
def test_round_trip(tfjs, value):
    back = tfjs.eval("x", x=value)
    assert back.shape == value.shape
    assert back.dtype == value.dtype
    np.testing.assert_array_equal(back, value)
    if value.dtype == np.float32:
        np.testing.assert_array_equal(np.signbit(back), np.signbit(value))


def test_plain_values(tfjs):
    values = {"a": [1, 2.5, True, "s", None], "b": {"c": float("inf")}}
    assert tfjs.eval("v", v=values) == values
    assert tfjs.eval("v === undefined", v=UNDEFINED) is True
    assert tfjs.eval("[1, 2].map(f)", f=Js("(x) => x + tf.util.sizeFromShape([2, 3])")) == [7, 8]


def test_dtype_rules(tfjs):
    i = np.array([-7, 7], np.int32)
    two = np.array(2, np.int32)
    np.testing.assert_array_equal(tfjs.op("div", i, two), np.array([-4, 3], np.int32))
    assert tfjs.op("div", i, two).dtype == np.int32
    assert tfjs.op("add", i, 1).dtype == np.float32
    t = np.array([True])
    assert tfjs.op("add", t, t).dtype == np.bool_
    assert tfjs.op("mean", i).dtype == np.float32
    assert tfjs.op("oneHot", np.array([5, 0], np.int32), 2).tolist() == [[0, 0], [1, 0]]
    np.testing.assert_array_equal(tfjs.op("round", f32(0.5, 1.5, 2.5)), f32(0, 2, 2))


def test_namespaces_methods_and_several_outputs(tfjs):
    image = np.arange(4, dtype=np.float32).reshape(1, 2, 2, 1)
    assert tfjs.op("image.resizeBilinear", image, [4, 4]).shape == (1, 4, 4, 1)
    assert tfjs.op(".reshape", image, [4]).shape == (4,)
    top = tfjs.op("topk", f32(3, 9, 1, 9), 2)
    assert top["values"].tolist() == [9, 9]
    assert top["indices"].tolist() == [1, 3]
    left, right = tfjs.op("split", f32(1, 2, 3, 4), 2)
    assert (left.tolist(), right.tolist()) == ([1, 2], [3, 4])
    where = tfjs.op("whereAsync", np.array([True, False, True]))
    assert where.tolist() == [[0], [2]]


def test_seeded_random(tfjs):
    uniform = tfjs.op("randomUniform", [4], 0, 1, "float32", 42)
    np.testing.assert_allclose(uniform, [0.68486351, 0.54632449, 0.84559333, 0.19908552], rtol=1e-6)
    normal = tfjs.op("randomNormal", [4], 0, 1, "float32", 42)
    np.testing.assert_allclose(normal, [1.9053093, 0.47744656, 0.4454464, -0.38785839], rtol=1e-6)
    glorot = tfjs.eval("tf.initializers.glorotUniform({seed: 1}).apply([2, 2])")
    np.testing.assert_allclose(glorot.ravel(), [0.06380209, -0.92433059, -0.05457518, 0.29746002], rtol=1e-5)


@pytest.mark.parametrize(
    ("name", "args", "expected"),
    [
        ("relu", [f32(0)], [0]),
        ("abs", [f32(0)], [-1]),
        ("sqrt", [f32(0)], [np.inf]),
        ("max", [f32(2, 2)], [1, 1]),
        ("clipByValue", [f32(0, 1), 0, 1], [1, 1]),
    ],
)
def test_gradient_conventions(tfjs, name, args, expected):
    (grad,) = tfjs.grad(name, args).grads
    np.testing.assert_array_equal(grad, f32(*expected))


def test_gradients_with_upstream_and_second_order(tfjs):
    a, b = np.array([[1, 2], [3, 4]], np.float32), np.array([[5, 6], [7, 8]], np.float32)
    dy = np.array([[1, 0], [0, 2]], np.float32)
    got = tfjs.grad("matMul", [a, b], dy=dy)
    np.testing.assert_allclose(got.value, a @ b)
    np.testing.assert_allclose(got.grads[0], dy @ b.T)
    np.testing.assert_allclose(got.grads[1], a.T @ dy)

    x, v = f32(1, 2, 3), f32(1, 10, 100)
    cubed = tfjs.grad("pow", [x, 3], dy=f32(1, 1, 2), v=v)
    np.testing.assert_allclose(cubed.grads[0], 3 * x**2 * f32(1, 1, 2), rtol=1e-6)
    np.testing.assert_allclose(cubed.second[0], 6 * x * f32(1, 1, 2) * v, rtol=1e-6)

    parts = tfjs.grad("split", [f32(1, 2, 3, 4), 2], dy=[f32(1, 2), f32(3, 4)])
    np.testing.assert_array_equal(parts.grads[0], f32(1, 2, 3, 4))
    function = tfjs.grad(Js("(x, y) => tf.mul(x, x)"), [f32(3), f32(1)])
    assert function.grads[0].tolist() == [6]
    assert function.grads[1] is None


def test_same_padding(tfjs):
    x = np.arange(16, dtype=np.float32).reshape(1, 4, 4, 1)
    got = tfjs.op("conv2d", x, np.ones((3, 3, 1, 1), np.float32), 2, "same")
    assert got.ravel().tolist() == [45, 39, 66, 50]


def test_errors_carry_the_words(tfjs):
    with pytest.raises(TfjsError, match="Operands could not be broadcast together with shapes 2 and 3"):
        tfjs.op("add", f32(1, 2), f32(1, 2, 3))
    with pytest.raises(TfjsError, match="must be float32 tensor, but got int32") as info:
        tfjs.op("sqrt", np.array([4], np.int32))
    assert info.value.name == "Error"
    with pytest.raises(TfjsError, match="is not a function"):
        tfjs.op("noSuchOp", 1)
    with pytest.raises(TfjsError) as info:
        tfjs.layer("dense", {"units": 1, "activation": "nope"}, f32(1, 2).reshape(1, 2))
    assert info.value.name == "ValueError"


def test_printed_text_is_returned(tfjs):
    tfjs.eval("tf.tensor1d([1, 2]).print(); return null;")
    assert tfjs.logs == ["Tensor\n    [1, 2]"]


def test_questions_are_counted():
    tfjs = Tfjs()
    tfjs.asked["op"] += 2
    assert sum(tfjs.asked.values()) == 2


def test_nothing_is_left_behind(tfjs):
    def count() -> int:
        return tfjs.eval("tf.memory().numTensors")

    x, dy = np.ones((2, 3), np.float32), np.ones((2, 4), np.float32)
    before = count()
    for _ in range(3):
        tfjs.grad("exp", [x], v=[x])
        tfjs.layer("dense", {"units": 4}, x, dy=dy)
        with pytest.raises(TfjsError):
            tfjs.op("reshape", x, [7])
    assert count() == before


@pytest.mark.watchdog(30)
def test_a_hang_ends(tfjs):
    slow = Tfjs(timeout=2.0)
    try:
        with pytest.raises(TfjsTimeout, match="no answer in 2"):
            slow.eval("for (;;) {} return 1;")
        assert slow.eval("1 + 1") == 2
    finally:
        slow.close()
