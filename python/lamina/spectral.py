"""tf.spectral: Fourier transforms along the last dimension, of any size."""

from __future__ import annotations

from typing import Any

from . import _core

__all__ = ["fft", "ifft", "irfft", "rfft"]

fft = _core.ops.fft
ifft = _core.ops.ifft
irfft = _core.ops.irfft
rfft = _core.ops.rfft


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    from ._names import suggest_in_tf

    raise AttributeError(suggest_in_tf(name, __all__, "tf.spectral"))
