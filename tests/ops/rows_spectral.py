"""Rows of Fourier transforms."""

from __future__ import annotations

import numpy as np

from support.oracle import Js

from .row import Case, Row, case
from .rows_inverse import Complexes

ONLY_COMPLEX = {"float32": TypeError, "int32": TypeError, "string": TypeError}
NO_GRADIENT = {
    "js_grad": False,
    "note": "TensorFlow.js has no gradient of it; ours is in test_spectral.py",
}

# Powers of two, products of small primes, primes that are summed and primes that are convolved.
LENGTHS = (1, 2, 3, 4, 5, 6, 8, 12, 13, 16, 17, 31, 45, 64, 97, 100, 128)


def fourier(x: np.ndarray, inverse: bool = False, scale: float = 1.0) -> np.ndarray:
    z = x[..., 0] + 1j * x[..., 1]
    n = z.shape[-1]
    if z.size:
        z = np.fft.ifft(z) * n if inverse else np.fft.fft(z)
    z = scale * z
    return pairs(z)


def pairs(z: np.ndarray) -> np.ndarray:
    return np.stack([z.real, z.imag], -1)


def irfft(input: np.ndarray) -> np.ndarray:
    n = input.shape[-1]
    z = input.astype(np.complex128)
    return np.fft.irfft(z, 2 * (n - 1), -1) if n > 1 else z.real


def ungraded(*cases: Case) -> list[Case]:
    # Derivatives by differences are taken of real results, of which `fourier` is.
    return [each.but(grad=False) for each in cases]


ROWS = [
    Row(
        op="fourier",
        kind="contraction",
        reference=fourier,
        cases=[
            *(case((n, 2)) for n in LENGTHS),
            case((3, 7, 2), inverse=True, scale=1 / 7),
            case((2, 3, 32, 2), inverse=True),
            case((2, 19, 2), scale=0.5),
            case((0, 4, 2)),
            case((3, 0, 2)),
        ],
        large=case((64, 300, 2)),
        second=False,
        js="",
        note="the transform of all others; those are asked",
        bad=[(([1.0, 2.0],), {}, "must be"), ((np.zeros((2, 3)),), {}, "must be")],
    ),
    Row(
        op="realFourier",
        kind="contraction",
        reference=lambda x: pairs(np.fft.rfft(x)),
        cases=[*(case((n,)) for n in LENGTHS), case((3, 10)), case((2, 3, 34)), case((0, 4))],
        large=case((64, 300)),
        second=False,
        js="",
        note="a step of rfft, which is asked",
        bad=[((1.0,), {}, "must be"), ((np.zeros((2, 0)),), {}, "must be")],
    ),
    Row(
        op="realFourierInverse",
        kind="contraction",
        reference=lambda x: irfft(x[..., 0] + 1j * x[..., 1]),
        cases=[*(case((n, 2)) for n in (2, 3, 4, 9, 18, 49, 65)), case((3, 6, 2)), case((0, 4, 2))],
        large=case((64, 151, 2)),
        second=False,
        js="",
        note="a step of irfft, which is asked",
        bad=[(([1.0, 2.0],), {}, "must be"), ((np.zeros((2, 1, 2)),), {}, "must be")],
    ),
    Row(
        op="complexToPairs",
        kind="exact",
        reference=pairs,
        inputs=(Complexes(),),
        cases=[case(()), case((3, 4)), case((0,))],
        js="",
        note="complex numbers as real ones",
        dtypes={"float32": TypeError, "string": TypeError},
    ),
    Row(
        op="complexFromPairs",
        kind="exact",
        reference=lambda x: (x[..., 0] + 1j * x[..., 1]).astype(np.complex64),
        cases=ungraded(case((2,)), case((3, 4, 2)), case((0, 2))),
        js="",
        note="real numbers as complex ones",
        bad=[(([1.0],), {}, "must be"), ((1.0,), {}, "must be")],
    ),
    Row(
        op="fft",
        kind="complex",
        reference=lambda input: np.fft.fft(input.astype(np.complex128)),
        inputs=(Complexes(),),
        cases=[
            *(case((n,)) for n in LENGTHS),
            case((2, 3, 10)),
            case((2, 1000)),
            case((1009,)),
        ],
        large=case((40, 500)),
        dtypes=ONLY_COMPLEX,
        bad=[((np.complex64(1),), {}, "at least one dimension")],
        **NO_GRADIENT,
    ),
    Row(
        op="ifft",
        kind="complex",
        reference=lambda input: np.fft.ifft(input.astype(np.complex128)),
        inputs=(Complexes(),),
        cases=[*(case((n,)) for n in LENGTHS), case((2, 3, 10)), case((2, 1000))],
        dtypes=ONLY_COMPLEX,
        **NO_GRADIENT,
    ),
    Row(
        op="rfft",
        kind="complex",
        reference=lambda input, fftLength=None: np.fft.rfft(input, fftLength),
        cases=ungraded(
            *(case((n,)) for n in LENGTHS),
            case((2, 3, 10)),
            case((2, 10), fftLength=16),
            case((2, 10), fftLength=7),
            case((3, 10), fftLength=1),
            case((0, 4)).but(js=False),
        ),
        large=case((40, 500)).but(grad=False),
        dtypes={"int32": TypeError, "complex64": TypeError, "string": TypeError},
        bad=[
            ((1.0,), {}, "at least one dimension"),
            (([1.0, 2.0], 0), {}, "length must be at least 1, but got 0"),
        ],
        **NO_GRADIENT,
    ),
    Row(
        op="irfft",
        kind="complex",
        reference=irfft,
        inputs=(Complexes(),),
        cases=[
            case((1,)),
            case((2,)),
            *(case((2, n)) for n in (1, 2, 3, 5, 9, 11, 49, 65)),
            case((2, 3, 6)),
            case((2, 2, 2, 3)),
        ],
        # It gives matrices there, also of vectors and of tensors of rank 4.
        js=Js("(x) => tf.irfft(x).reshape([...x.shape.slice(0, -1), -1])"),
        dtypes=ONLY_COMPLEX,
        bad=[((np.zeros((2, 0), np.complex64),), {}, "must not be empty")],
        **NO_GRADIENT,
    ),
]
