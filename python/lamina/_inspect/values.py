"""Which values never change, and which of Lamina's own names give another value each time."""

from __future__ import annotations

import builtins
import math
import sys
from functools import lru_cache
from types import BuiltinFunctionType, FunctionType
from typing import Any

from .. import _core
from ..changes import Observed
from ..config import ConfiguredFunction, Factory
from ..layers.variables import LayerVariable

__all__ = ["has_dependents", "is_enum", "is_impure", "is_lamina", "is_plain", "is_pure_builtin", "is_symbol"]

_PLAIN = frozenset(
    [int, float, bool, str, bytes, complex, type(None), type(...), type(NotImplemented), range, slice]
)

_PURE = """
    abs all any bool bytes callable chr complex dict divmod enumerate filter float format frozenset int
    isinstance issubclass iter len list map max min next ord pow range repr reversed round set slice sorted
    str sum super tuple type zip
"""

# Modules of Lamina whose functions look at the outside or change it.
_IMPURE_MODULES = frozenset(
    "_promises browser callbacks data debugging doctor environment io models notebook profiling promises "
    "random running serialization show system train".split()
)
_IMPURE_FUNCTIONS = frozenset(
    [
        ("memory", "memory"),
        ("memory", "keep"),
        ("tensor", "print"),
        ("tensor", "print_tensor"),
        ("tensor", "variable"),
        ("tensor_buffer", "buffer"),
        *(
            ("util", name)
            for name in (
                "now createShuffledIndices fetch randUniform repeatedTry sample shuffle shuffleCombo swap"
            ).split()
        ),
    ]
)


@lru_cache(maxsize=1)
def _pure_builtins() -> frozenset[int]:
    found = [getattr(builtins, name) for name in _PURE.split()]
    found += [v for v in vars(builtins).values() if isinstance(v, type) and issubclass(v, BaseException)]
    return frozenset(map(id, found))


def is_plain(value: Any) -> bool:
    """Numbers, strings and the like, of exactly these types."""
    return type(value) in _PLAIN


def is_pure_builtin(value: Any) -> bool:
    """Builtins without effect, and the functions of `math`."""
    if id(value) in _pure_builtins():
        return True
    return isinstance(value, BuiltinFunctionType) and value.__self__ is math


def is_symbol(value: Any) -> bool:
    """What stands for a value in a Program: tensors, variables and the weights of layers."""
    return type(value) in (_core.Tensor, _core.Variable, LayerVariable)


def is_lamina(code: Any) -> bool:
    """Whether a function, class, object or module is Lamina's."""
    if isinstance(code, FunctionType):
        # Not `__module__`, which functools.wraps copies.
        module = code.__globals__.get("__name__")
    else:
        module = getattr(code, "__module__", None)
    if not isinstance(module, str):
        module = getattr(type(code), "__module__", None)
    return isinstance(module, str) and (module == "lamina" or module.startswith("lamina."))


def has_dependents(value: Any) -> bool:
    """Whether it tells of each change of its attributes."""
    return isinstance(value, Observed)


def is_enum(cls: type) -> bool:
    """Whether it is an enumeration, whose members never change."""
    # Where nothing has imported the module, there is none.
    enum = sys.modules.get("enum")
    return enum is not None and issubclass(cls, enum.Enum)


def is_impure(code: Any) -> bool:
    """Whether one of Lamina's functions or classes gives another value each time, or makes something anew."""
    if type(code) is _core.Op or is_enum(type(code)):
        return False
    if isinstance(code, Factory):
        return _part(code.cls.__module__) in ("layers", "models", "train")
    if isinstance(code, (FunctionType, ConfiguredFunction)):
        part, name = _part(code.__module__), code.__name__
        return part in _IMPURE_MODULES or (part, name) in _IMPURE_FUNCTIONS or name.endswith("Async")
    return not isinstance(code, (type, BuiltinFunctionType))


def _part(module: str) -> str:
    """The name below `lamina`."""
    return module.split(".")[1] if "." in module else ""
