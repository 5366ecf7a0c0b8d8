"""Fourier transforms: accuracy at many lengths, and gradients through complex numbers."""

from __future__ import annotations

import numpy as np
import pytest

import lamina as tf
from lamina import _core

RNG = np.random.default_rng(3)


def noise(*shape: int) -> np.ndarray:
    return (RNG.normal(size=shape) + 1j * RNG.normal(size=shape)).astype(np.complex64)


# All small ones, and some large: powers, products, primes, and a prime factor beyond the sums.
LENGTHS = [*range(1, 70), 210, 243, 1000, 1024, 1009, 2310, 4096, 6561, 7919, 30030, 65536, 99991]


def test_every_length():
    for n in LENGTHS:
        x = noise(2, n)
        exact = np.fft.fft(x.astype(np.complex128))
        y = np.asarray(tf.fft(tf.tensor(x)))
        assert np.abs(y - exact).max() <= 2e-6 * np.abs(exact).max(), n
        back = np.asarray(tf.ifft(tf.tensor(y)))
        assert np.abs(back - x).max() <= 2e-6 * np.abs(x).max(), n
        real = x.real.copy()
        half = np.asarray(tf.rfft(real))
        assert half.shape == (2, n // 2 + 1)
        assert np.abs(half - np.fft.rfft(real)).max() <= 2e-6 * np.abs(exact).max(), n
        if n > 1:
            again = np.asarray(tf.irfft(tf.tensor(half)))
            assert again.shape == (2, 2 * (n // 2))
            if n % 2 == 0:
                assert np.abs(again - real).max() <= 4e-6 * np.abs(real).max(), n


def of_parts(transform):
    """A loss of the transform of re + i im, with weights that tell all parts from each other."""
    weights: dict[tuple[int, ...], np.ndarray] = {}

    def loss(re, im):
        y = transform(tf.complex(re, im))
        parts = [tf.real(y), tf.imag(y)] if y.dtype == "complex64" else [y]
        a = weights.setdefault(y.shape, RNG.normal(size=(2, *y.shape)).astype(np.float32))
        return tf.addN([tf.sum(tf.mul(tf.square(part), w)) for part, w in zip(parts, a, strict=False)])

    return loss


@pytest.mark.parametrize("transform", [tf.fft, tf.ifft, tf.irfft], ids=["fft", "ifft", "irfft"])
@pytest.mark.parametrize("n", [1, 2, 5, 12, 17])
def test_gradients_are_slopes_along_both_parts(transform, n):
    x = noise(2, n)
    re, im = x.real.copy(), x.imag.copy()
    loss = of_parts(transform)
    loss(re, im).dispose()
    by_parts = [np.asarray(g) for g in tf.grads(loss)([re, im])]
    for which in (0, 1):
        v = RNG.normal(size=re.shape).astype(np.float32)
        step = 0.02 * v
        # The loss is a square: its differences are exact but for rounding.
        ends = [(re + s * step, im) if which == 0 else (re, im + s * step) for s in (1, -1)]
        ahead, behind = (float(loss(a.astype(np.float32), b.astype(np.float32))) for a, b in ends)
        expected = (ahead - behind) / 0.04
        assert float((by_parts[which] * v).sum()) == pytest.approx(expected, rel=2e-3, abs=2e-2)


@pytest.mark.parametrize("n", [4, 7, 12])
def test_gradients_of_real_input(n):
    x = RNG.normal(size=(n,)).astype(np.float32)
    a = RNG.normal(size=(2, n // 2 + 1))
    f = lambda x: tf.add(  # noqa: E731
        tf.sum(tf.mul(tf.real(tf.rfft(x)), a[0])), tf.sum(tf.mul(tf.imag(tf.rfft(x)), a[1]))
    )
    gradient = np.asarray(tf.grad(f)(tf.tensor(x)))
    basis = np.fft.rfft(np.eye(n), axis=-1)
    expected = (basis.real * a[0] + basis.imag * a[1]).sum(-1)
    np.testing.assert_allclose(gradient, expected, atol=1e-5)


def test_the_gradient_of_power_is_a_second_order_one():
    """|fft(x)|^2 sums to n |x|^2, whose second derivative is 2 n (Parseval)."""
    x = RNG.normal(size=(6,)).astype(np.float32)
    power = lambda x: tf.sum(tf.square(tf.abs(tf.fft(tf.complex(x, tf.zerosLike(x))))))  # noqa: E731
    first = tf.grad(power)
    np.testing.assert_allclose(first(tf.tensor(x)), 12 * x, rtol=1e-4)
    direction = np.float32([1, -1, 2, 0, 0.5, 3])
    second = tf.grad(lambda x: tf.sum(tf.mul(first(x), direction)))(tf.tensor(x))
    np.testing.assert_allclose(second, 12 * direction, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("shape", [(300, 90), (60_000,)], ids=["rows", "passes"])
def test_threads_do_not_matter(shape):
    x = tf.tensor(noise(*shape))
    before = _core.num_threads()
    try:
        _core.set_num_threads(1)
        one = np.asarray(tf.fft(x)).tobytes()
        _core.set_num_threads(4)
        assert np.asarray(tf.fft(x)).tobytes() == one
    finally:
        _core.set_num_threads(before)


def test_the_passes_of_a_long_row():
    z = noise(60_000)
    for ours, exact in ((tf.fft(z), np.fft.fft(z)), (tf.ifft(z), np.fft.ifft(z))):
        assert np.abs(np.asarray(ours) - exact).max() <= 1e-6 * np.abs(exact).max()


def test_methods():
    z = tf.tensor(noise(8))
    assert np.array_equal(z.fft(), tf.spectral.fft(z))
    assert np.array_equal(z.ifft(), tf.spectral.ifft(z))
    assert np.array_equal(z.irfft(), tf.spectral.irfft(z))
    assert np.array_equal(tf.tensor([1.0, 2.0, 4.0]).rfft(), tf.spectral.rfft([1.0, 2.0, 4.0]))
