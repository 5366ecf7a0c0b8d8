"""What a Promise answers where an `await` was forgotten, and its result is used before it is there."""

from __future__ import annotations

from .._borders import border

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

    from .core import Core

__all__ = ["Misused", "described"]

REMEDY = "write `await` before that call, or `.result()` behind it"


def described(core: Core) -> str:
    """The Promise in messages about values that are something else than expected."""
    return f"a Promise of {core.name}(), called at {core.made_at}: {REMEDY}"


def _problem(core: Core, problem: str) -> str:
    return f"A Promise {problem}. This one is of {core.name}(), called at {core.made_at}: {REMEDY}."


class Misused:
    """Answers each use that only a result has with an error that says what to write."""

    __slots__ = ()
    _core: Core

    @border
    def __getattr__(self, name: str) -> NoReturn:
        # Private names are questions of protocols, not of people.
        if name.startswith("_"):
            raise AttributeError(f"'Promise' object has no attribute '{name}'", name=name, obj=self)
        raise AttributeError(_problem(self._core, f"has no attribute '{name}'"), name=name, obj=self)

    @border
    def __setattr__(self, name: str, value: object) -> None:
        if name != "_core":
            raise AttributeError(_problem(self._core, f"has no attribute '{name}' to set"))
        object.__setattr__(self, name, value)

    def __bool__(self) -> bool:
        return True

    @border
    def __format__(self, spec: str) -> str:
        if spec:
            raise TypeError(_problem(self._core, f"has no format '{spec}'"))
        return str(self)

    def _described(self) -> str:
        return described(self._core)


def _refusing(problem: str) -> Callable[..., Any]:
    def refuse(self: Misused, *_: object, **__: object) -> NoReturn:
        raise TypeError(_problem(self._core, problem))

    return border(refuse)


_NUMBERS = "float int index complex round trunc floor ceil abs neg pos invert"
_BINARY = "add sub mul truediv floordiv mod divmod pow matmul and or xor lshift rshift"

_PROBLEMS = {
    "is not a number": _NUMBERS.split(),
    "cannot be calculated with": [side + name for name in _BINARY.split() for side in ("", "r")],
    "cannot be ordered": ["lt", "le", "gt", "ge"],
    "has no entries": ["getitem", "setitem", "delitem", "iter", "len", "contains", "reversed"],
    "cannot be called": ["call"],
    "is not a context manager": ["enter", "exit"],
    "is not an array": ["array"],
}

for _text, _names in _PROBLEMS.items():
    for _name in _names:
        setattr(Misused, f"__{_name}__", _refusing(_text))
