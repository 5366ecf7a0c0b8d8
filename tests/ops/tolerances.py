"""How far float32 may be from the reference level, by class of op; nothing about it stands in the rows.

Of each class: the error relative to the value itself, and to the largest value of the result.
"""

from __future__ import annotations

import numpy as np

EPS = 2.0**-24  # half a unit in the last place, as rounding once gives

FLOAT32: dict[str, tuple[float, float]] = {
    "exact": (0.0, 0.0),
    "elementwise": (4 * EPS, 1e-38),
    "transcendental": (8 * EPS, 4 * EPS),
    "reduction": (16 * EPS, 16 * EPS),
    "contraction": (32 * EPS, 32 * EPS),
    "normalisation": (64 * EPS, 32 * EPS),
    "recurrence": (256 * EPS, 64 * EPS),
    "complex": (32 * EPS, 32 * EPS),
}

# The reference level against NumPy.
FLOAT64: dict[str, tuple[float, float]] = {
    kind: (0.0, 0.0) if kind == "exact" else (1e-12, 1e-12) for kind in FLOAT32
}
# Complex numbers are pairs of float32 at every level.
FLOAT64["complex"] = FLOAT32["complex"]

# TensorFlow.js computes in float32 too, partly in another order.
TFJS: dict[str, tuple[float, float]] = {
    kind: (0.0, 0.0) if kind == "exact" else (1e-5, 1e-5) for kind in FLOAT32
}
TFJS_GRADIENT = (1e-5, 1e-5)


def assert_close(
    ours: np.ndarray, expected: np.ndarray, tolerance: tuple[float, float], what: str = ""
) -> None:
    """Same shape, NaN and infinities at the same places, finite values within the tolerance."""
    assert ours.shape == expected.shape, f"{what}: shape {ours.shape}, expected {expected.shape}"
    if ours.dtype.kind in "OU" or expected.dtype.kind in "OU":
        assert ours.tolist() == expected.tolist(), what
        return
    relative, of_largest = tolerance
    kind = np.complex128 if "c" in (ours.dtype.kind, expected.dtype.kind) else np.float64
    a, b = ours.astype(kind), expected.astype(kind)
    finite = np.abs(b[np.isfinite(b)])
    scale = float(finite.max(initial=0))
    np.testing.assert_allclose(a, b, rtol=relative, atol=of_largest * scale, err_msg=what)
