"""Complex numbers: their parts, their lengths, and the gradients through them."""

from __future__ import annotations

import numpy as np
import pytest

import lamina as tf

RE = np.array([1.5, -2.0, 0.5], np.float32)
IM = np.array([-0.5, 1.0, 2.0], np.float32)


def test_parts():
    z = tf.complex(RE, IM)
    assert z.dtype == "complex64"
    assert np.array_equal(z, RE + 1j * IM)
    assert np.array_equal(tf.real(z), RE)
    assert np.array_equal(tf.imag(z), IM)
    assert np.asarray(tf.abs(z)) == pytest.approx(np.abs(RE + 1j * IM), rel=1e-6)


def test_as_tensorflow_js(tfjs):
    z = RE + 1j * IM
    assert np.asarray(tf.abs(z)) == pytest.approx(tfjs.op("abs", z.astype(np.complex64)), rel=1e-6)


def length(re, im):
    return tf.sum(tf.abs(tf.complex(re, im)))


def test_the_gradient_of_a_length_is_its_direction():
    d_re, d_im = tf.grads(length)([RE, IM])
    size = np.hypot(RE, IM)
    assert np.asarray(d_re) == pytest.approx(RE / size, rel=1e-6)
    assert np.asarray(d_im) == pytest.approx(IM / size, rel=1e-6)


def test_second_derivatives():
    second = tf.grad(lambda re: tf.grads(length)([re, IM])[0])(tf.tensor(RE))
    assert np.asarray(second) == pytest.approx(IM**2 / np.hypot(RE, IM) ** 3, rel=1e-5)


def test_zero_has_no_direction():
    d_re, d_im = tf.grads(length)([[0.0], [0.0]])
    assert float(d_re) == float(d_im) == 0


def test_parts_carry_gradients_back():
    f = lambda re, im: tf.sum(tf.add(tf.mul(tf.real(tf.complex(re, im)), 3), tf.imag(tf.complex(re, im))))  # noqa: E731
    d_re, d_im = tf.grads(f)([RE, IM])
    assert np.array_equal(d_re, [3, 3, 3])
    assert np.array_equal(d_im, [1, 1, 1])


def test_products_and_quotients():
    """|f(z w)|^2 along re and im, against differences."""

    def f(re, im):
        z, w = tf.complex(re, im), tf.complex([0.5, 1.5, -1.0], [1.0, -0.5, 2.0])
        y = tf.div(tf.mul(z, w), tf.add(z, w))
        return tf.sum(tf.add(tf.square(tf.real(y)), tf.mul(3, tf.imag(y))))

    grads = [np.asarray(d) for d in tf.grads(f)([RE, IM])]
    for i in range(3):
        for which in (0, 1):
            step = np.zeros((2, 3), np.float32)
            step[which, i] = 1e-2
            ahead, behind = f(RE + step[0], IM + step[1]), f(RE - step[0], IM - step[1])
            assert grads[which][i] == pytest.approx((float(ahead) - float(behind)) / 2e-2, rel=1e-2, abs=1e-2)


def test_transposed_conjugate():
    z = np.array([[1 + 2j, 3 - 1j]], np.complex64)
    assert np.array_equal(tf.transpose(tf.tensor(z), None, True), z.conj().T)
    assert np.array_equal(tf.transpose(tf.tensor(z), [1, 0]), z.T)
    assert np.array_equal(tf.transpose([[1.0, 2.0]], conjugate=True), [[1], [2]])
    gradient = tf.grad(lambda im: tf.sum(tf.imag(tf.transpose(tf.complex([[1.0]], im), None, True))))(
        tf.tensor([[2.0]])
    )
    assert np.asarray(gradient).tolist() == [[-1]]
