"""tf.signal: windows, frames and the short-time Fourier transform."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from . import _core
from ._arguments import name_arguments, named
from ._convert import as_tensor, as_whole, none_is_default

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._core import Tensor

__all__ = ["frame", "hammingWindow", "hannWindow", "stft"]

ops = _core.ops


def enclosingPowerOfTwo(value: float) -> int:
    """The smallest power of two that is not below the value."""
    number = float(value)
    if not 0 < number < math.inf:
        raise ValueError(f"enclosingPowerOfTwo: the value must be positive and finite, but got {value}.")
    power = 1
    while power < number:
        power *= 2
    return power


def cosineWindow(windowLength: int, a: float, b: float) -> Tensor:
    """The window a - b cos(2 pi i / n) for i below windowLength, as float32.

    n is windowLength where that is even, so that the window goes on periodically, and windowLength - 1 where
    it is odd.
    """
    windowLength = as_whole(windowLength, "cosineWindow: windowLength")
    if windowLength < 0:
        raise ValueError(f"cosineWindow: windowLength must not be negative, but got {windowLength}.")
    period = windowLength - windowLength % 2
    step = 2 * math.pi / period if period else 0.0
    places = ops.range(0, windowLength, 1, "float32")
    return ops.sub(float(a), ops.mul(ops.cos(ops.mul(places, step)), float(b)))


@named
def hannWindow(windowLength: int) -> Tensor:
    """The Hann window: cosineWindow(windowLength, 0.5, 0.5)."""
    return cosineWindow(windowLength, 0.5, 0.5)


def hammingWindow(windowLength: int) -> Tensor:
    """The Hamming window: cosineWindow(windowLength, 0.54, 0.46)."""
    return cosineWindow(windowLength, 0.54, 0.46)


@none_is_default
def frame(signal: Any, frameLength: int, frameStep: int, padEnd: bool = False, padValue: float = 0) -> Tensor:
    """The frames [n, frameLength] of a signal, a vector, of which one begins every frameStep values.

    padEnd: whether frames that reach beyond the end are there, too, filled up with padValue.
    """
    values = as_tensor(signal)
    if values.rank != 1:
        raise ValueError(f"signal.frame: the signal must be of rank 1, but got rank {values.rank}.")
    frameLength = as_whole(frameLength, "signal.frame: frameLength")
    frameStep = as_whole(frameStep, "signal.frame: frameStep")
    if frameLength < 1 or frameStep < 1:
        raise ValueError(
            f"signal.frame: frameLength and frameStep must be at least 1, got {frameLength} and {frameStep}."
        )
    size = values.size
    count = -(-size // frameStep) if padEnd else max(0, (size - frameLength) // frameStep + 1)
    if not count:
        return ops.reshape(ops.slice(values, 0, 0), [0, frameLength])
    missing = max(0, (count - 1) * frameStep + frameLength - size)
    if missing:
        values = ops.pad(values, [0, missing], padValue)
    starts = ops.reshape(ops.range(0, count * frameStep, frameStep, "int32"), [count, 1])
    return ops.gather(values, ops.add(starts, ops.range(0, frameLength, 1, "int32")))


@none_is_default
def stft(
    signal: Any,
    frameLength: int,
    frameStep: int,
    fftLength: int | None = None,
    windowFn: Callable[[int], Any] = hannWindow,
) -> Tensor:
    """The short-time Fourier transform: rfft of the frames of a signal, each times a window.

    The result is complex64 [frames, fftLength / 2 + 1]; fftLength is the enclosing power of two of
    frameLength unless given. windowFn(frameLength) gives the window.
    """
    length = enclosingPowerOfTwo(frameLength) if fftLength is None else fftLength
    frames = frame(signal, frameLength, frameStep)
    return ops.rfft(ops.mul(frames, windowFn(frameLength)), length)


name_arguments(globals(), [*__all__, "cosineWindow"])


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    from ._names import suggest_in_tf

    raise AttributeError(suggest_in_tf(name, __all__, "tf.signal"))
