"""Kinds of option values: what each takes, how it is saved, and how a type checker sees it (see
config.py).
"""

from __future__ import annotations

import re
from math import isnan
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "LENGTH",
    "Anything",
    "Boolean",
    "DType",
    "Enum",
    "Function",
    "Integer",
    "Kind",
    "ListOf",
    "Number",
    "OneOf",
    "Shape",
    "Size",
    "String",
    "Wrong",
    "describe",
    "to_camel_case",
    "to_snake_case",
]

# More elements than any tensor has.
LARGEST = 1 << 48

_WORD = re.compile(r"(.)([A-Z][a-z0-9]+)")
_EDGE = re.compile(r"([a-z])([A-Z])")
_UNDERSCORES = re.compile(r"_+([A-Za-z0-9_]|$)")


def to_snake_case(name: str) -> str:
    """The spelling of a name in JSON, by TensorFlow.js' rule: 'useBias' -> 'use_bias', 'ReLU' -> 're_lu'."""
    snake = _EDGE.sub(r"\1_\2", _WORD.sub(r"\1_\2", name)).lower()
    return "private" + snake if snake.startswith("_") else snake


def to_camel_case(name: str) -> str:
    """The reverse: 'use_bias' -> 'useBias'. Names without an underscore stay as they are."""
    if len(name) <= 1 or "_" not in name:
        return name
    return _UNDERSCORES.sub(lambda match: match.group(1).upper(), name)


def describe(value: object) -> str:
    """A value and its type, short enough for a message."""
    if value is None:
        return "None"
    own = getattr(type(value), "_described", None)
    if own is not None:
        return str(own(value))
    if isinstance(value, type):
        return f"the class {value.__name__}"
    try:
        shown = repr(value)
    except Exception:  # nested too deeply, or an error of the object's own
        shown = "..."
    if len(shown) > 60:
        shown = shown[:57] + "..."
    return f"{shown} ({type(value).__name__})"


class Wrong(Exception):
    """A value that its kind does not take. The message, if any, replaces "expects ..., got ..."."""

    def about(self, name: str, given: object, kind: Kind) -> str:
        if self.args:
            return f'"{name}": {self.args[0]}'
        return f'"{name}" expects {kind.expected}, got {describe(given)}.'


def whole_number(value: Any) -> int | None:
    """A whole number of JSON, where 3.0 is one as well as 3; None for anything else."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


class OnlyInFiles(Wrong):
    """A value that is wrong where a person writes it, and a warning where a file says so."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


def _plain(value: Any) -> Any:
    """A NumPy scalar, or any rank-0 array, as the Python number it holds."""
    if type(value) in (int, float, bool, str) or getattr(value, "shape", None) != ():
        return value
    item = getattr(value, "item", None)
    return item() if callable(item) else value


class Kind:
    """What an option may be. `expected` completes "expects ..."; `annotation` is Python source for stubs."""

    expected = "any value"
    annotation = "Any"

    def read(self, value: Any) -> Any:
        """The value as the object keeps it; raises Wrong. None comes here only inside lists."""
        return value

    def serialize(self, value: Any) -> Any:
        """The kept value as plain data in TensorFlow.js' spelling (getConfig)."""
        return value

    def to_json(self, value: Any) -> Any:
        """Serialized data as it is written in JSON, where Keras' spelling rules."""
        return value

    def from_json(self, value: Any) -> Any:
        """The reverse of to_json; takes both spellings."""
        return value

    def shown(self, value: Any) -> str:
        """A default in documentation."""
        return repr(value)


class Anything(Kind):
    """A value that is checked where it is used."""

    def __init__(self, expected: str = "any value", annotation: str = "Any") -> None:
        self.expected = expected
        self.annotation = annotation


class Number(Kind):
    """A finite or infinite number; NaN is refused."""

    annotation = "float"
    _noun = "a number"

    def __init__(self, minimum: float | None = None, maximum: float | None = None) -> None:
        self.minimum = minimum
        self.maximum = maximum
        self.expected = self._noun
        if minimum is not None and maximum is not None:
            self.expected += f" from {minimum} to {maximum}"
        elif minimum is not None:
            self.expected += f" of at least {minimum}"
        elif maximum is not None:
            self.expected += f" of at most {maximum}"

    def _checked(self, value: Any) -> Any:
        if (self.minimum is not None and not value >= self.minimum) or (
            self.maximum is not None and not value <= self.maximum
        ):
            raise Wrong
        return value

    def read(self, value: Any) -> Any:
        value = _plain(value)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or isnan(value):
            raise Wrong
        return self._checked(value)


class Share(Number):
    """A number from 0 to 1, such as a rate or a momentum."""

    def __init__(self) -> None:
        super().__init__(0, 1)

    def _checked(self, value: Any) -> Any:
        if not 0 <= value <= 1:
            raise OnlyInFiles(value)
        return value


class Integer(Number):
    """A whole number; 3.0 is one, as every number in JSON."""

    annotation = "int"
    _noun = "an integer"

    def read(self, value: Any) -> int:
        value = _plain(value)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            if hasattr(value, "__index__") and not isinstance(value, bool):
                return int(self._checked(value.__index__()))
            raise Wrong
        return int(self._checked(value))


# One size of a shape.
LENGTH = Integer(1, LARGEST)


class Boolean(Kind):
    expected = "True or False"
    annotation = "bool"

    def read(self, value: Any) -> bool:
        value = _plain(value)
        if not isinstance(value, bool):
            raise Wrong
        return value


class String(Kind):
    expected = "a string"
    annotation = "str"

    def read(self, value: Any) -> str:
        if not isinstance(value, str):
            raise Wrong
        return value


class Enum(Kind):
    """One of a few strings, lowerCamelCase here and snake_case in JSON. `title` is TensorFlow.js' name of the
    set.
    """

    def __init__(self, title: str, *values: str) -> None:
        self.title = title
        self.values = values
        self.expected = "one of " + ", ".join(f'"{v}"' for v in values)
        self.annotation = "Literal[" + ", ".join(f'"{v}"' for v in values) + "]"

    def read(self, value: Any) -> str:
        if not isinstance(value, str):
            raise Wrong
        if value in self.values:
            return value
        camel = to_camel_case(value)
        from ._names import nearest

        near = camel if camel in self.values else nearest(value, self.values)
        hint = f' Did you mean "{near}"?' if near else ""
        raise Wrong(f"{value} is not a valid {self.title}.  Valid values are {', '.join(self.values)}.{hint}")

    def to_json(self, value: Any) -> Any:
        return to_snake_case(value) if isinstance(value, str) else value

    def from_json(self, value: Any) -> Any:
        return to_camel_case(value) if isinstance(value, str) and value not in self.values else value


class DType(Enum):
    """A dtype by name."""

    def __init__(self) -> None:
        super().__init__("DType", "float32", "int32", "bool", "complex64", "string")

    def read(self, value: Any) -> str:
        try:
            return super().read(value)
        except Wrong as wrong:
            # Other libraries' names, as operations answer them: 'int64', 'double'.
            from ._core import ops

            try:
                ops.cast(0, value)
            except (TypeError, ValueError) as error:
                hint = str(error).partition("Did you mean ")[2]
                if hint and wrong.args:
                    raise Wrong(f"{wrong.args[0]} Did you mean {hint}") from None
            raise

    def to_json(self, value: Any) -> Any:
        return value

    def from_json(self, value: Any) -> Any:
        # Keras 3 writes a policy: {"class_name": "DTypePolicy", "config": {"name": "float32"}}.
        config = value.get("config") if isinstance(value, dict) else None
        return config.get("name", value) if isinstance(config, dict) else value


class Function(Kind):
    """A callable; it cannot be saved."""

    expected = "a function"
    annotation = "Callable[..., Any]"

    def read(self, value: Any) -> Any:
        if not callable(value):
            raise Wrong
        return value


def _listed(value: Any) -> list[Any] | None:
    if isinstance(value, (list, tuple)):
        return list(value)
    if hasattr(value, "tolist") and not isinstance(value, (str, bytes)):
        items = value.tolist()
        return items if isinstance(items, list) else None
    return None


class ListOf(Kind):
    """A list or tuple of one kind; kept as a list. `nullable` lets its entries be None."""

    def __init__(self, kind: Kind, nullable: bool = False) -> None:
        self.kind = kind
        self.nullable = nullable
        self.expected = f"a list, each entry {kind.expected}" + (" or None" if nullable else "")
        inner = f"{kind.annotation} | None" if nullable else kind.annotation
        self.annotation = f"Sequence[{inner}]"

    def read(self, value: Any) -> list[Any]:
        items = _listed(value)
        if items is None:
            raise Wrong
        return [None if self.nullable and item is None else self.kind.read(item) for item in items]

    def serialize(self, value: Any) -> Any:
        return None if value is None else [self.kind.serialize(item) for item in value]

    def to_json(self, value: Any) -> Any:
        return [self.kind.to_json(item) for item in value] if isinstance(value, list) else value

    def from_json(self, value: Any) -> Any:
        return [self.kind.from_json(item) for item in value] if isinstance(value, list) else value


class Shape(Kind):
    """A shape: sizes of 0 or more, None (or -1 where `free` says so) for unknown; kept as a tuple, saved as a
    list.
    """

    def __init__(self, free: int | None = None) -> None:
        self.free = free
        self.expected = "a shape (a list of integers" + (
            " or None)" if free is None else f", {free} or None)"
        )
        self.annotation = "Sequence[int | None]"

    def read(self, value: Any) -> tuple[int | None, ...]:
        items = _listed(value)
        if items is None:
            raise Wrong
        integer = Integer()
        sizes = [None if item is None else integer.read(item) for item in items]
        if any(size is not None and not 0 <= size <= LARGEST and size != self.free for size in sizes):
            raise Wrong
        return tuple(sizes)

    def serialize(self, value: Any) -> Any:
        return None if value is None else list(value)

    def shown(self, value: Any) -> str:
        return repr(self.serialize(value))


class Size(Kind):
    """One positive integer for every spatial axis, or a list of `rank` of them; kept as a list."""

    def __init__(self, rank: int) -> None:
        self.rank = rank
        self.expected = f"a positive integer or a list of {rank}"
        self.annotation = "int | Sequence[int]"

    def read(self, value: Any) -> list[int]:
        items = _listed(value)
        if items is None:
            return [LENGTH.read(value)] * self.rank
        if len(items) == 1:
            items = items * self.rank
        if len(items) != self.rank:
            raise Wrong
        return [LENGTH.read(item) for item in items]


class OneOf(Kind):
    """The first of several kinds that takes the value."""

    def __init__(self, *kinds: Kind) -> None:
        self.kinds = kinds
        self.expected = " or ".join(kind.expected for kind in kinds)
        self.annotation = " | ".join(kind.annotation for kind in kinds)

    def _first(self, action: Callable[[Kind], Any]) -> Any:
        said: Wrong | None = None
        for kind in self.kinds:
            try:
                return action(kind)
            except Wrong as wrong:
                if wrong.args:
                    said = wrong
        raise said or Wrong()

    def read(self, value: Any) -> Any:
        return self._first(lambda kind: kind.read(value))

    def serialize(self, value: Any) -> Any:
        for kind in self.kinds:
            try:
                if kind.read(value) == value:
                    return kind.serialize(value)
            except Wrong:
                continue
        return value

    def to_json(self, value: Any) -> Any:
        for kind in self.kinds:
            try:
                kind.read(value)
            except Wrong:
                continue
            return kind.to_json(value)
        return value

    def from_json(self, value: Any) -> Any:
        for kind in self.kinds:
            candidate = kind.from_json(value)
            try:
                kind.read(candidate)
            except Wrong:
                continue
            return candidate
        return value
