"""The errors and warnings of Lamina, beside Python's own.

TensorFlow.js' ValueError, RuntimeError, AttributeError, NotImplementedError, AssertionError and IndexError
are the Python classes of the same names.
"""

from __future__ import annotations

__all__ = ["ConfigError", "DisposedError", "LaminaWarning"]


class ConfigError(ValueError, TypeError):
    """A config that cannot be used: an unknown key, a wrong value or type, a missing option.

    Both a ValueError and a TypeError, as an unexpected keyword is one thing to Python and the other to
    TensorFlow.js.
    """


class DisposedError(RuntimeError):
    """A layer or model that was disposed is used again."""


class LaminaWarning(UserWarning):
    """What Lamina warns of: the work goes on, but probably not as meant."""
