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
