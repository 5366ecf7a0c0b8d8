"""Errors of functions that are made of others: they name the function and the argument that the user wrote.

A function calls what it calls, and pays nothing for its errors. Where one comes out of it, its arguments are
held against its annotations, and the first that does not fit is named.
"""

from __future__ import annotations

from functools import wraps
from types import FunctionType
from typing import TYPE_CHECKING, Any

from . import _core
from ._borders import border
from .errors import ConfigError
from .kinds import describe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import FrameType

__all__ = ["name_arguments", "named", "with_caller"]

_CAUGHT = (TypeError, ValueError, AttributeError)
# *arguments and **keywords.
_MANY = (2, 4)
_SEQUENCES = ("Sequence[", "list[", "tuple[")


def name_arguments(names: dict[str, Any], public: Iterable[str]) -> None:
    """Has the functions `public` of a module, whose dict `names` is, name their own arguments in errors."""
    for each in public:
        function = names.get(each)
        wrapped = hasattr(function, "__wrapped__") and not hasattr(function, "fills_none")
        if isinstance(function, FunctionType) and not wrapped:
            names[each] = border(named(function))


def named(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, whose errors name its own arguments."""

    @wraps(function)
    def call(*arguments: Any, **keywords: Any) -> Any:
        try:
            return function(*arguments, **keywords)
        except ConfigError:
            # It speaks of what the user wrote.
            raise
        except _CAUGHT as error:
            from inspect import signature

            try:
                given = signature(function).bind(*arguments, **keywords).arguments
            except TypeError:
                given = {}
            clearer = _blamed(error, function, given)
            if clearer is error:
                raise
        raise clearer

    vars(call).pop("fills_none", None)
    return call


def with_caller(error: Exception, frame: FrameType) -> Exception:
    """The error as the public function that runs in `frame` is to raise it."""
    function = frame.f_globals[frame.f_code.co_name]
    count = frame.f_code.co_argcount + frame.f_code.co_kwonlyargcount
    given = {name: frame.f_locals[name] for name in frame.f_code.co_varnames[:count]}
    return _blamed(error, function, given) if isinstance(error, _CAUGHT) else error


def _blamed(error: Exception, function: Callable[..., Any], given: Mapping[str, Any]) -> Exception:
    """An error that says which of the arguments is not of its kind; `error` itself where it does so, or where
    all are.
    """
    try:
        return _searched(error, function, given)
    except Exception:  # arguments' own code runs here once more, and may do anything
        return error


def _searched(error: Exception, function: Callable[..., Any], given: Mapping[str, Any]) -> Exception:
    from inspect import signature

    shape, words = signature(function), str(error)
    config = given.get("config")
    if isinstance(config, dict):
        given = config
    for name, value in given.items():
        parameter = None if given is config else shape.parameters[name]
        if value is None or (parameter is not None and parameter.kind in _MANY):
            continue
        wrong = _misfit(value, "Any" if parameter is None else str(parameter.annotation))
        # What values hold, such as rows of different lengths, the function may say in better words.
        if wrong.startswith(("must", "is wrong")) or (wrong and "passed to '" in words):
            where = function.__name__
            if where in words and name in words:
                return error
            kind = ValueError if isinstance(error, ValueError) else TypeError
            return kind(f"Argument '{name}' passed to '{where}' {wrong}")
    return _renamed(error, function.__name__, given)


def _renamed(error: Exception, where: str, given: Mapping[str, Any]) -> Exception:
    """The error of an inner function about a value of the right kind, under the names of this one."""
    from re import search

    inner = search(r"Argument '(\w+)' passed to '(\w+)' ", str(error))
    if inner is None or inner[2] == where:
        return error
    rest = str(error)[inner.end() :]
    dtype = search(r"but got (\w+) tensor", rest)
    names = [name for name, value in given.items() if dtype and _dtype_of(value) == dtype[1]]
    name = inner[1] if inner[1] in given else names[0] if names else None
    if name is None:
        return error
    kind = ValueError if isinstance(error, ValueError) else TypeError
    return kind(f"Argument '{name}' passed to '{where}' {rest}")


def _dtype_of(value: Any) -> str:
    try:
        return value.dtype if isinstance(value, _core.Tensor) else _core.tensor(value).dtype
    except _CAUGHT:
        return ""


def _misfit(value: Any, annotation: str) -> str:
    """How a value is none of an annotation's kinds; "" where it is one."""
    kinds = _alternatives(annotation)
    misfits = [_misfit_of(value, kind) for kind in kinds if kind != "None"]
    return "" if "" in misfits else misfits[0] if misfits else ""


def _misfit_of(value: Any, kind: str) -> str:
    if kind in ("Any", "Tensor", "TensorLike"):
        return _no_tensor(value)
    if kind in ("int", "float", "complex"):
        return "" if _is_number(value, kind) else f"must be a number, but got {describe(value)}."
    if kind == "str":
        return "" if isinstance(value, str) else f"must be a string, but got {describe(value)}."
    if kind.startswith("Callable"):
        return "" if callable(value) else f"must be a function, but got {describe(value)}."
    if kind.startswith(_SEQUENCES):
        return _no_list(value, kind[kind.index("[") + 1 : -1])
    return ""


def _no_tensor(value: Any) -> str:
    if isinstance(value, _core.Tensor):
        return ""
    try:
        _core.tensor(value)
    except _CAUGHT as error:
        _, found, rest = str(error).partition("passed to 'tensor'")
        return rest.strip() if found else f"must be a tensor, but got {describe(value)}."
    return ""


def _is_number(value: Any, kind: str) -> bool:
    if isinstance(value, (str, bytes)):
        return False
    try:
        complex(value) if kind == "complex" else float(value)
    except (TypeError, ValueError, OverflowError):
        return False
    return True


def _no_list(value: Any, inner: str) -> str:
    if isinstance(value, (str, bytes)) or not hasattr(value, "__iter__"):
        return f"must be a list, but got {describe(value)}."
    if isinstance(value, _core.Tensor) or not isinstance(value, (list, tuple, range)):
        # What an iterator gives is gone, and it need not end.
        return ""
    for index, each in enumerate(value):
        wrong = "" if each is None else _misfit(each, inner)
        if wrong:
            return f"is wrong at [{index}], which {wrong}"
    return ""


def _alternatives(annotation: str) -> list[str]:
    """The parts of `A | B[C | D]` between the outer bars."""
    parts, depth, part = [], 0, ""
    for character in annotation:
        depth += (character == "[") - (character == "]")
        if character == "|" and not depth:
            parts.append(part.strip())
            part = ""
        else:
            part += character
    return [*parts, part.strip()]
