"""The errors and warnings of Lamina, beside Python's own.

TensorFlow.js' ValueError, RuntimeError, AttributeError, NotImplementedError, AssertionError and IndexError
are the Python classes of the same names.
"""

from __future__ import annotations

__all__ = ["ConfigError", "DisposedError", "LaminaWarning", "MissingName"]


class ConfigError(ValueError, TypeError):
    """A config that cannot be used: an unknown key, a wrong value or type, a missing option.

    Both a ValueError and a TypeError, as an unexpected keyword is one thing to Python and the other to
    TensorFlow.js.
    """


class DisposedError(RuntimeError):
    """A layer or model that was disposed is used again."""


class LaminaWarning(UserWarning):
    """What Lamina warns of: the work goes on, but probably not as meant."""


class MissingName(AttributeError):
    """An attribute that a class does not have; the right name is sought when the message is read."""

    def __init__(self, name: str, owner: type) -> None:
        super().__init__(name)
        self.missing = name
        self.owner = owner

    def __str__(self) -> str:
        from ._names import suggest

        names = [name for name in dir(self.owner) if not name.startswith("_")]
        places = [base.__name__ for base in self.owner.__mro__]
        return suggest(self.missing, names, self.owner.__name__, places=places)
