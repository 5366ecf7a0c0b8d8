"""Operations as C99 text: those that compute or move elements one by one."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from .static_text import (
    ALIASES,
    C_TYPES,
    Call,
    Value,
    broadcast_index,
    index_of,
    nest,
    number,
    strides_of,
)

__all__ = ["ELEMENTS", "UNARY"]

# Formulas of one value x; p and q are attributes.
UNARY = {
    "neg": "-x",
    "abs": "fabsf(x)",
    "sign": "(x > 0.0f) - (x < 0.0f)",
    "floor": "floorf(x)",
    "ceil": "ceilf(x)",
    "round": "rintf(x)",
    "square": "x * x",
    "sqrt": "sqrtf(x)",
    "rsqrt": "1.0f / sqrtf(x)",
    "reciprocal": "1.0f / x",
    "exp": "expf(x)",
    "expm1": "expm1f(x)",
    "log": "logf(x)",
    "log1p": "log1pf(x)",
    "sin": "sinf(x)",
    "cos": "cosf(x)",
    "tanh": "tanhf(x)",
    "tan": "tanf(x)",
    "sinh": "sinhf(x)",
    "cosh": "coshf(x)",
    "asin": "asinf(x)",
    "acos": "acosf(x)",
    "atan": "atanf(x)",
    "asinh": "asinhf(x)",
    "acosh": "acoshf(x)",
    "atanh": "atanhf(x)",
    "erf": "erff(x)",
    "gelu": "0.5f * x * (1.0f + erff(x * 0.707106781186548f))",
    "geluNew": "0.5f * x * (1.0f + tanhf(0.797884560802865f * (x + 0.044715f * x * x * x)))",
    "swish": "x / (1.0f + expf(-x))",
    "mish": "x * tanhf((x > 0.0f ? x : 0.0f) + log1pf(expf(-fabsf(x))))",
    "sigmoid": "1.0f / (1.0f + expf(-x))",
    "softplus": "(x > 0.0f ? x : 0.0f) + log1pf(expf(-fabsf(x)))",
    "relu": "x < 0.0f ? 0.0f : x",
    "relu6": "x < 0.0f ? 0.0f : x > 6.0f ? 6.0f : x",
    "leakyRelu": "x > 0.0f ? x : x * p",
    "elu": "x > 0.0f ? x : expm1f(x)",
    "selu": "1.05070098735548f * (x > 0.0f ? x : 1.67326324235438f * expm1f(x))",
    "hardSigmoid": "fminf(1.0f, fmaxf(0.0f, 0.2f * x + 0.5f))",
    "softsign": "x / (1.0f + fabsf(x))",
    "step": "x > 0.0f ? 1.0f : p",
    "clipByValue": "x < p ? p : x > q ? q : x",
    "cast": "x",
    "logicalNot": "!x",
}
PARAMETERS = {"leakyRelu": ("alpha",), "step": ("alpha",), "clipByValue": ("clipValueMin", "clipValueMax")}
BINARY = {
    "add": "a + b",
    "sub": "a - b",
    "mul": "a * b",
    "div": "a / b",
    "pow": "powf(a, b)",
    "maximum": "a > b ? a : b",
    "minimum": "a < b ? a : b",
    "squaredDifference": "(a - b) * (a - b)",
    "prelu": "a > 0 ? a : b * a",
    "equal": "a == b",
    "notEqual": "a != b",
    "less": "a < b",
    "lessEqual": "a <= b",
    "greater": "a > b",
    "greaterEqual": "a >= b",
    "logicalAnd": "a && b",
    "logicalOr": "a || b",
}
FILLS = {"zerosLike": "0", "onesLike": "1"}


def moved(call: Call, source: Value, index: Callable[[list[str]], str]) -> list[str]:
    """The result's elements, each found at an index of the source."""
    out = call.out

    def body(names: list[str]) -> list[str]:
        return [f"{out.name}[{index_of(names, strides_of(out.shape))}] = {source.name}[{index(names)}];"]

    return nest(out.shape, body)


def unary(call: Call, _sum: str) -> list[str]:
    out, x = call.out, call.inputs[0]
    formula = UNARY[call.op]
    if call.op == "cast":
        formula = f"({C_TYPES[out.dtype]})x" if out.dtype != "bool" else "x != 0"
    elif x.dtype != "float32" and call.op in ("abs", "sign", "relu", "clipByValue"):
        raise ValueError(f"exportProgram: a C header has {call.op} of float32 only.")
    lines = [
        f"    for (int32_t i = 0; i < {out.size}; ++i) {{",
        f"        const {C_TYPES[x.dtype]} x = {x.name}[i];",
    ]
    for letter, attr in zip("pq", PARAMETERS.get(call.op, ()), strict=False):
        lines.append(f"        const float {letter} = {number(call.attrs[attr])};")
    return [*lines, f"        {out.name}[i] = {formula};", "    }"]


def binary(call: Call, _sum: str) -> list[str]:
    out, (a, b) = call.out, call.inputs

    def body(names: list[str]) -> list[str]:
        return [
            f"const {C_TYPES[a.dtype]} a = {a.name}[{broadcast_index(a, out, names)}];",
            f"const {C_TYPES[b.dtype]} b = {b.name}[{broadcast_index(b, out, names)}];",
            f"{out.name}[{index_of(names, strides_of(out.shape))}] = {BINARY[call.op]};",
        ]

    return nest(out.shape, body)


def where(call: Call, _sum: str) -> list[str]:
    out, (c, a, b) = call.out, call.inputs

    def body(names: list[str]) -> list[str]:
        at = [f"{v.name}[{broadcast_index(v, out, names)}]" for v in (c, a, b)]
        return [f"{out.name}[{index_of(names, strides_of(out.shape))}] = {at[0]} ? {at[1]} : {at[2]};"]

    return nest(out.shape, body)


def fill(call: Call, _sum: str) -> list[str]:
    out = call.out
    return [f"    for (int32_t i = 0; i < {out.size}; ++i) {out.name}[i] = {FILLS[call.op]};"]


def pieces(whole: Value, parts: Sequence[Value], axis: int, apart: bool) -> list[str]:
    """Copies the parts of an array along an axis to it, or from it where they go `apart`."""
    axis %= len(whole.shape)
    lines, begin = [], 0
    for part in parts:

        def body(names: list[str], part: Value = part, begin: int = begin) -> list[str]:
            large = f"{whole.name}[{begin} + {index_of(names, strides_of(whole.shape))}]"
            small = f"{part.name}[{index_of(names, strides_of(part.shape))}]"
            return [f"{small} = {large};" if apart else f"{large} = {small};"]

        lines += nest(part.shape, body)
        begin += part.shape[axis] * strides_of(whole.shape)[axis]
    return lines


def concat(call: Call, _sum: str) -> list[str]:
    return pieces(call.out, call.inputs, call.attrs["axis"], apart=False)


def split(call: Call, _sum: str) -> list[str]:
    return pieces(call.inputs[0], call.outputs, call.attrs["axis"], apart=True)


def transpose(call: Call, _sum: str) -> list[str]:
    x = call.inputs[0]
    perm = call.attrs.get("perm") or list(range(len(x.shape)))[::-1]
    strides = strides_of(x.shape)
    return moved(call, x, lambda names: index_of(names, [strides[p] for p in perm]))


def reverse(call: Call, _sum: str) -> list[str]:
    x = call.inputs[0]
    given = call.attrs.get("axis")
    rank = len(x.shape)
    axes = range(rank) if given is None else [a % rank for a in given]

    def index(names: list[str]) -> str:
        places = [f"({x.shape[a] - 1} - {n})" if a in axes else n for a, n in enumerate(names)]
        return index_of(places, strides_of(x.shape))

    return moved(call, x, index)


def tile(call: Call, _sum: str) -> list[str]:
    x = call.inputs[0]

    def index(names: list[str]) -> str:
        places = [f"({n} % {size})" for n, size in zip(names, x.shape, strict=True)]
        return index_of(places, strides_of(x.shape))

    return moved(call, x, index)


def slices(call: Call, _sum: str) -> list[str]:
    x = call.inputs[0]
    begin = [*call.attrs["begin"], *[0] * len(x.shape)][: len(x.shape)]
    strides = strides_of(x.shape)
    start = sum(b * s for b, s in zip(begin, strides, strict=True))
    return moved(call, x, lambda names: f"{start} + {index_of(names, strides)}")


def pad(call: Call, _sum: str) -> list[str]:
    out, x = call.out, call.inputs[0]
    before = call.attrs["paddings"][::2]
    strides = strides_of(out.shape)
    start = sum(b * s for b, s in zip(before, strides, strict=True))
    value = number(call.attrs["constantValue"])

    def body(names: list[str]) -> list[str]:
        to, source = index_of(names, strides), index_of(names, strides_of(x.shape))
        return [f"{out.name}[{start} + {to}] = {x.name}[{source}];"]

    return [f"    for (int32_t i = 0; i < {out.size}; ++i) {out.name}[i] = {value};", *nest(x.shape, body)]


def gather(call: Call, _sum: str) -> list[str]:
    out, (x, indices) = call.out, call.inputs
    if call.attrs.get("axis", 0) != 0 or call.attrs.get("batchDims", 0) != 0:
        raise ValueError("exportProgram: a C header has gather along the first axis only.")
    row = math.prod(x.shape[1:])

    def body(names: list[str]) -> list[str]:
        i, j = names
        return [
            f"const int32_t k = {indices.name}[{i}];",
            f"if (k < 0 || k >= {x.shape[0]}) return 1;",
            f"{out.name}[{i} * {row} + {j}] = {x.name}[k * {row} + {j}];",
        ]

    return nest((indices.size, row), body)


def whole_indices(call: Call, _sum: str) -> list[str]:
    out, (x,) = call.out, call.inputs

    def body(names: list[str]) -> list[str]:
        (i,) = names
        lines = [f"const {C_TYPES[x.dtype]} k = {x.name}[{i}];"]
        if x.dtype == "float32":
            # NaN is in no range.
            lines += ["if (!(k >= -2147483648.0f && k < 2147483648.0f && k == floorf(k))) return 1;"]
        return [*lines, f"{out.name}[{i}] = (int32_t)k;"]

    return nest((x.size,), body)


ELEMENTS: dict[str, Callable[[Call, str], list[str]]] = {
    **dict.fromkeys(UNARY, unary),
    **dict.fromkeys(BINARY, binary),
    **dict.fromkeys(FILLS, fill),
    **dict.fromkeys(ALIASES, lambda call, _sum: []),
    "where": where,
    "concat": concat,
    "split": split,
    "transpose": transpose,
    "reverse": reverse,
    "tile": tile,
    "slice": slices,
    "pad": pad,
    "gather": gather,
    "wholeIndices": whole_indices,
}
