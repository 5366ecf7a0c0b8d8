"""What the C text of an operation is made of: values, and loops over their elements."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = [
    "ALIASES",
    "C_TYPES",
    "Call",
    "Value",
    "broadcast_index",
    "index_of",
    "nest",
    "number",
    "strides_of",
]

C_TYPES = {"float32": "float", "int32": "int32_t", "bool": "uint8_t"}
# Operations that give another shape to the same memory.
ALIASES = ("reshape", "expandDims", "squeeze", "clone")


@dataclass(eq=False)
class Value:
    """A tensor of the program and the C expression of its first element's address."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    # The value whose memory this is: another one's for reshapes.
    base: Value | None = None
    size: int = field(init=False)

    def __post_init__(self) -> None:
        self.size = math.prod(self.shape)

    @property
    def root(self) -> Value:
        return self if self.base is None else self.base.root


class Call:
    def __init__(self, op: str, inputs: Sequence[Any], attrs: dict[str, Any], outputs: list[Value]) -> None:
        self.op = op
        self.inputs = inputs
        self.attrs = attrs
        self.outputs = outputs
        if op in ALIASES:
            outputs[0].base = inputs[0]

    @property
    def out(self) -> Value:
        return self.outputs[0]


def strides_of(shape: Sequence[int]) -> list[int]:
    strides = [1] * len(shape)
    for axis in range(len(shape) - 2, -1, -1):
        strides[axis] = strides[axis + 1] * shape[axis + 1]
    return strides


def index_of(variables: Sequence[str], strides: Sequence[int]) -> str:
    terms = [v if s == 1 else f"{v} * {s}" for v, s in zip(variables, strides, strict=True) if s]
    return " + ".join(terms) or "0"


def nest(sizes: Sequence[int], body: Callable[[list[str]], list[str]], prefix: str = "i") -> list[str]:
    """Loops over all sizes, with the body inside, which is told the names of the variables."""
    names = [f"{prefix}{axis}" for axis in range(len(sizes))]
    lines = []
    for depth, (name, size) in enumerate(zip(names, sizes, strict=True)):
        lines.append("    " * (depth + 1) + f"for (int32_t {name} = 0; {name} < {size}; ++{name}) {{")
    indent = "    " * (len(sizes) + 1)
    lines += (
        [indent + line for line in body(names)]
        if sizes
        else ["    {", *("    " * 2 + x for x in body(names)), "    }"]
    )
    return [*lines, *("    " * depth + "}" for depth in range(len(sizes), 0, -1))]


def broadcast_index(value: Value, out: Value, names: Sequence[str]) -> str:
    skip = len(out.shape) - len(value.shape)
    strides = [0] * skip + [
        0 if size == 1 else stride for size, stride in zip(value.shape, strides_of(value.shape), strict=True)
    ]
    return index_of(names, strides)


def number(value: Any) -> str:
    special = {"Infinity": "INFINITY", "-Infinity": "-INFINITY", "NaN": "NAN"}
    return special[value] if value in special else f"{float(value)!r}f"
