"""tf.data: what only a browser has answers here with what to use instead."""

from __future__ import annotations

from typing import Any, NoReturn

__all__ = ["microphone", "webcam"]


def webcam(webcamVideoElement: Any = None, webcamConfig: Any = None) -> NoReturn:
    """This is for a browser's camera: raises RuntimeError."""
    raise RuntimeError(
        "tf.data.webcam() is for a browser. Read pictures with a library for cameras, such as OpenCV, and "
        "give them to tf.browser.fromPixels(), or to the model as arrays."
    )


def microphone(microphoneConfig: Any = None) -> NoReturn:
    """This is for a browser's microphone: raises RuntimeError."""
    raise RuntimeError(
        "tf.data.microphone() is for a browser. Record with a library for sound, such as sounddevice, and "
        "give the samples to tf.tensor(), or to the model as arrays."
    )


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    from .._names import suggest

    raise AttributeError(suggest(name, __all__, "tf.data"))
