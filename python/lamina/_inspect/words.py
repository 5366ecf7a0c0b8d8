"""How a verdict speaks of values and places."""

from __future__ import annotations

from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any, NamedTuple

from ..changes import Observed
from .values import is_lamina

__all__ = ["Place", "described", "kind_of", "place_of", "remedy_for"]


class Place(NamedTuple):
    """An attribute of an object; its text is made when somebody asks."""

    name: str
    owner: Any

    def __str__(self) -> str:
        return f"{self.name} of {place_of(self.owner)}"


def kind_of(value: Any) -> str:
    """The name of a value's type, with its module where that is not obvious."""
    kind = type(value)
    module = kind.__module__
    return kind.__qualname__ if module in ("builtins", "__main__") else f"{module}.{kind.__qualname__}"


def described(value: Any) -> str:
    if isinstance(value, ModuleType):
        return "is a module"
    if isinstance(value, (FunctionType, BuiltinFunctionType)) or (is_lamina(value) and callable(value)):
        return "may give something else each time" if not _changes(value) else "acts on more than its result"
    if isinstance(value, (int, float, str, tuple)):
        return f"is a {kind_of(value)}, a subclass that may change"
    return f"is a {kind_of(value)}"


def _changes(value: Any) -> bool:
    return is_lamina(value) and getattr(value, "__name__", "") in ("print", "variable", "keep")


def remedy_for(value: Any) -> str:
    if isinstance(value, (list, dict, set, bytearray)):
        return "make it an attribute of the layer, or a `tf.variable`"
    if hasattr(type(value), "__array__") and hasattr(value, "shape"):
        return "make it a tensor: `tf.tensor(...)`"
    if isinstance(value, (int, float, str)):
        return "make it a plain number or string"
    if isinstance(value, tuple):
        return "make it a plain tuple"
    if isinstance(value, ModuleType):
        return "name what you use of it"
    if callable(value):
        return "use functions of `tf` and `math`, or call it outside of the step"
    return "make it a tensor, a `tf.variable` or a layer"


def place_of(code: Any, line: int | None = None) -> str:
    """Where a function stands, or which object it is."""
    if isinstance(code, MethodType):
        code = code.__func__
    if isinstance(code, FunctionType):
        file = code.__code__.co_filename.replace("\\", "/").rpartition("/")[2]
        return f"{code.__qualname__} ({file}:{line or code.__code__.co_firstlineno})"
    if isinstance(code, Observed):
        name = vars(code).get("name")
        return f"{type(code).__name__} {name}" if isinstance(name, str) else type(code).__name__
    return str(getattr(code, "__name__", type(code).__name__))
