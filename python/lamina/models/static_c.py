"""A saved program as one C99 header: fixed memory, nothing to link but the mathematical functions of C."""

from __future__ import annotations

import json
import math
import os
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .static_elements import ELEMENTS
from .static_sums import SUMS
from .static_text import C_TYPES, Call, Value

__all__ = ["header_of"]

# Beyond this a text of numbers is the wrong thing.
MOST_WEIGHTS = 1 << 22
SUPPORTED = {**ELEMENTS, **SUMS}
FORMATS = {"F32": "f", "I32": "i", "BOOL": "B"}
DTYPES = {"F32": "float32", "I32": "int32", "BOOL": "bool"}
PER_LINE = 8


@dataclass
class Array:
    """Numbers that stand in the header."""

    value: Value
    numbers: Sequence[Any]


def header_of(content: bytes, path: str) -> str:
    """The header for the content of a .lamina file of a fixed batch size; names begin with the file's name.

    Raises ValueError for an operation that has no C here, for types but float32, int32 and bool, and for more
    weights than a header should hold.
    """
    stem = re.sub(r"\W", "_", os.path.splitext(os.path.basename(path))[0]) or "net"
    name = f"_{stem}" if stem[0].isdigit() else stem
    return Header(content, name).text()


class Header:
    def __init__(self, content: bytes, name: str) -> None:
        (length,) = struct.unpack_from("<Q", content)
        self._entries = json.loads(content[8 : 8 + length])
        self._payload = content[8 + length :]
        self._program = json.loads(self._entries["__metadata__"]["program"])
        self._name = name
        self._refuse_unknown()
        self._inputs = [
            Value(f"input{i}", tuple(port["shape"]), port["dtype"])
            for i, port in enumerate(self._program["inputs"])
        ]
        self._arrays: dict[str, Array] = {}
        self._results: list[list[Value]] = []

    def text(self) -> str:
        calls = [self._call(i, call) for i, call in enumerate(self._program["calls"])]
        outputs = [self._value(port["value"]) for port in self._program["outputs"]]
        arenas = self._place(calls, outputs)
        name = self._name
        guard = f"{name.upper()}_H"
        parameters = [f"const {C_TYPES[v.dtype]}* {v.name}" for v in self._inputs]
        parameters += [f"{C_TYPES[v.dtype]}* output{i}" for i, v in enumerate(outputs)]
        sizes = [("INPUT", i, v) for i, v in enumerate(self._inputs)]
        sizes += [("OUTPUT", i, v) for i, v in enumerate(outputs)]
        arena_bytes = sum(n * (1 if t == "bool" else 4) for t, n in arenas.items())
        lines = [
            f"/* {name}_run: a network, written by Lamina (exportProgram). C99; link with -lm.",
            " *",
            *(f" * {what.lower()}{i}: {v.dtype} [{', '.join(map(str, v.shape))}]" for what, i, v in sizes),
            " *",
            f" * {name}_run returns 0, or 1 where an index (of an embedding) is none of its table.",
            " * Intermediate values lie in static memory: one call at a time. Sums are in double unless",
            f" * {name.upper()}_SUM is defined as float before this file is included.",
            " */",
            f"#ifndef {guard}",
            f"#define {guard}",
            "",
            "#include <math.h>",
            "#include <stdint.h>",
            "",
            f"#ifndef {name.upper()}_SUM",
            f"#define {name.upper()}_SUM double",
            "#endif",
            *(f"#define {name.upper()}_{what}{i}_SIZE {v.size}" for what, i, v in sizes),
            f"#define {name.upper()}_ARENA_BYTES {arena_bytes}",
            "",
            *(line for array in self._arrays.values() for line in self._array(array)),
            *(f"static {C_TYPES[t]} {name}_{t}_arena[{n}];" for t, n in arenas.items()),
            "",
            f"static inline int {name}_run({', '.join(parameters)}) {{",
        ]
        for call in calls:
            lines += SUPPORTED[call.op](call, f"{name.upper()}_SUM")
        for i, value in enumerate(outputs):
            lines += [
                f"    for (int32_t i = 0; i < {value.size}; ++i) output{i}[i] = {value.name}[i];",
            ]
        return "\n".join([*lines, "    return 0;", "}", "", f"#endif /* {guard} */", ""])

    def _refuse_unknown(self) -> None:
        unknown = sorted({call["op"] for call in self._program["calls"]} - set(SUPPORTED))
        if unknown:
            raise ValueError(
                f"exportProgram: a C header cannot express {', '.join(unknown)}. Layers that it can: dense, "
                "activations, conv1d, conv2d, depthwiseConv2d, separableConv2d, pooling, batchNormalization, "
                "flatten, reshape, permute, repeatVector, zeroPadding2d, embedding, lstm and merging. "
                f"Operations that it can: {', '.join(sorted(SUPPORTED))}."
            )

    def _call(self, index: int, call: dict[str, Any]) -> Call:
        inputs = [None if v is None else self._value(v) for v in call["inputs"]]
        outputs = [
            Value(f"v{index}" if k == 0 else f"v{index}_{k}", tuple(spec["shape"]), spec["dtype"])
            for k, spec in enumerate(call["outputs"])
        ]
        for value in outputs:
            if value.dtype not in C_TYPES:
                raise ValueError(
                    f"exportProgram: a C header cannot hold {value.dtype} values ({call['op']})."
                )
        self._results.append(outputs)
        return Call(call["op"], inputs, call["attrs"], outputs)

    def _value(self, reference: list[Any]) -> Value:
        kind: str = reference[0]
        index: int = reference[1]
        if kind == "input":
            return self._inputs[index]
        if kind == "call":
            output: int = reference[2]
            return self._results[index][output]
        name = f"constant:{index}" if kind == "constant" else self._program["weights"][index]
        if name not in self._arrays:
            self._arrays[name] = self._read(name, f"{self._name}_{'c' if kind == 'constant' else 'w'}{index}")
        return self._arrays[name].value

    def _read(self, name: str, label: str) -> Array:
        entry = self._entries[name]
        if entry["dtype"] not in FORMATS:
            raise ValueError(f"exportProgram: a C header cannot hold '{name}' of type {entry['dtype']}.")
        begin, end = entry["data_offsets"]
        value = Value(label, tuple(entry["shape"]), DTYPES[entry["dtype"]])
        numbers = struct.unpack(f"<{value.size}{FORMATS[entry['dtype']]}", self._payload[begin:end])
        held = sum(len(array.numbers) for array in self._arrays.values()) + len(numbers)
        if held > MOST_WEIGHTS:
            raise ValueError(f"exportProgram: more than {MOST_WEIGHTS} weights are too many for a C header.")
        return Array(value, numbers)

    def _array(self, array: Array) -> list[str]:
        value = array.value
        texts = [_number(n) for n in array.numbers] or ["0"]
        lines = [f"static const {C_TYPES[value.dtype]} {value.name}[{len(texts)}] = {{"]
        lines += [f"    {', '.join(texts[i : i + PER_LINE])}," for i in range(0, len(texts), PER_LINE)]
        return [*lines, "};"]

    def _place(self, calls: Sequence[Call], outputs: Sequence[Value]) -> dict[str, int]:
        """Gives each result its place in an arena of its type, lowest free place first; the arenas' sizes."""
        last: dict[int, int] = {}
        for step, call in enumerate(calls):
            for value in (*call.inputs, *call.outputs):
                if value is not None:
                    last[id(value.root)] = step
        for value in outputs:
            last[id(value.root)] = len(calls)
        arenas: dict[str, int] = {}
        placed: list[tuple[int, int, int, str]] = []  # begin, end, last step, type
        for step, call in enumerate(calls):
            for value in call.outputs:
                if value.root is not value:
                    value.name = value.root.name
                    continue
                busy = sorted(p for p in placed if p[3] == value.dtype and p[2] >= step)
                at = 0
                for begin, end, _, _ in busy:
                    if begin - at >= value.size:
                        break
                    at = max(at, end)
                placed.append((at, at + value.size, last[id(value)], value.dtype))
                arenas[value.dtype] = max(arenas.get(value.dtype, 1), at + value.size)
                value.name = f"({self._name}_{value.dtype}_arena + {at})"
        return arenas


def _number(value: Any) -> str:
    if not isinstance(value, float):
        return str(int(value))
    if math.isnan(value):
        return "NAN"
    if math.isinf(value):
        return "INFINITY" if value > 0 else "-INFINITY"
    if value == int(value) and abs(value) < 1e6:
        return f"{value:.1f}f"
    mantissa, exponent = value.hex().split("p")
    return f"{mantissa.rstrip('0').rstrip('.')}p{exponent}f"
