"""Operations as C99 text: those that sum."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from .static_elements import UNARY
from .static_text import Call, Value, broadcast_index, index_of, nest, number, strides_of

__all__ = ["SUMS"]


def activated(call: Call, expression: str) -> list[str]:
    """The activation of a fused operation, and where it goes."""
    name = call.attrs.get("activation") or "linear"
    formula = "x" if name == "linear" else UNARY[name]
    lines = [f"const float x = (float)({expression});"]
    if name == "leakyRelu":
        lines.append(f"const float p = {number(call.attrs['alpha'])};")
    return [*lines, formula]


def product(call: Call, sum_type: str) -> list[str]:
    out, a, b = call.out, call.inputs[0], call.inputs[1]
    bias = call.inputs[2] if len(call.inputs) > 2 else None
    ta, tb = bool(call.attrs.get("transposeA")), bool(call.attrs.get("transposeB"))
    if len(a.shape) < 2 or len(b.shape) != 2 or (ta and len(a.shape) > 2):
        raise ValueError("exportProgram: a C header has products with a matrix only.")
    n = b.shape[0] if tb else b.shape[1]
    k = b.shape[1] if tb else b.shape[0]
    m = out.size // n if n else 0
    lead = a.shape[-1]

    def body(names: list[str]) -> list[str]:
        i, j = names
        x = f"{a.name}[{f'k * {lead} + {i}' if ta else f'{i} * {k} + k'}]"
        w = f"{b.name}[{f'{j} * {k} + k' if tb else f'k * {n} + {j}'}]"
        start = f"{bias.name}[{j}]" if bias else "0"
        *lines, formula = activated(call, "sum")
        return [
            f"{sum_type} sum = 0;",
            f"for (int32_t k = 0; k < {k}; ++k) sum += ({sum_type}){x} * {w};",
            f"sum += {start};",
            *lines,
            f"{out.name}[{i} * {n} + {j}] = {formula};",
        ]

    return nest((m, n), body)


def window(call: Call, height: int, width: int) -> dict[str, int]:
    """Strides, dilations and what lies above and left of the first window."""

    def pair(value: Any) -> tuple[int, int]:
        values = value if isinstance(value, list) else [value]
        return (values[0], values[-1])

    x, out = call.inputs[0], call.out
    if len(x.shape) != 4 or call.attrs.get("dataFormat", "NHWC") != "NHWC":
        raise ValueError(f"exportProgram: a C header has {call.op} of channelsLast images only.")
    sh, sw = pair(call.attrs["strides"])
    dh, dw = pair(call.attrs.get("dilations", 1))
    pad = call.attrs["pad"]
    if pad == "same":
        top = max((out.shape[1] - 1) * sh + (height - 1) * dh + 1 - x.shape[1], 0) // 2
        left = max((out.shape[2] - 1) * sw + (width - 1) * dw + 1 - x.shape[2], 0) // 2
    elif isinstance(pad, list):
        top, left = (pad[2], pad[4]) if len(pad) == 8 else (pad[0], pad[0])
    else:
        top = left = 0
    return {"sh": sh, "sw": sw, "dh": dh, "dw": dw, "top": top, "left": left}


def over_window(call: Call, height: int, width: int, inner: list[str]) -> list[str]:
    """Loops over those places (y, x) of a window at (i1, i2) that lie within the image."""
    w = window(call, height, width)
    rows, columns = call.inputs[0].shape[1:3]
    return [
        f"for (int32_t r = 0; r < {height}; ++r) {{",
        f"    const int32_t y = i1 * {w['sh']} + r * {w['dh']} - {w['top']};",
        f"    if (y < 0 || y >= {rows}) continue;",
        f"    for (int32_t s = 0; s < {width}; ++s) {{",
        f"        const int32_t x = i2 * {w['sw']} + s * {w['dw']} - {w['left']};",
        f"        if (x < 0 || x >= {columns}) continue;",
        *("        " + line for line in inner),
        "    }",
        "}",
    ]


def convolution(call: Call, sum_type: str) -> list[str]:
    out, image, filters = call.out, call.inputs[0], call.inputs[1]
    bias = call.inputs[2] if len(call.inputs) > 2 else None
    height, width, channels, last = filters.shape
    deep = "epthwise" in call.op
    strides = strides_of(image.shape)

    def body(names: list[str]) -> list[str]:
        n, _, _, o = names
        place = f"{image.name}[{n} * {strides[0]} + y * {strides[1]} + x * {strides[2]} + "
        if deep:
            weight = (
                f"{filters.name}[((r * {width} + s) * {channels} + {o} / {last}) * {last} + {o} % {last}]"
            )
            inner = [f"sum += ({sum_type}){place}{o} / {last}] * {weight};"]
        else:
            weight = f"{filters.name}[((r * {width} + s) * {channels} + c) * {last} + {o}]"
            inner = [f"for (int32_t c = 0; c < {channels}; ++c) sum += ({sum_type}){place}c] * {weight};"]
        start = f"{bias.name}[{o}]" if bias else "0"
        *lines, formula = activated(call, "sum")
        return [
            f"{sum_type} sum = 0;",
            *over_window(call, height, width, inner),
            f"sum += {start};",
            *lines,
            f"{out.name}[{index_of(names, strides_of(out.shape))}] = {formula};",
        ]

    if not deep and channels != image.shape[-1]:
        raise ValueError(f"exportProgram: a C header has no {call.op} in groups.")
    return nest(out.shape, body)


def pooling(call: Call, sum_type: str) -> list[str]:
    out, image = call.out, call.inputs[0]
    size = call.attrs["filterSize"]
    height, width = size[0], size[-1]
    strides = strides_of(image.shape)

    def body(names: list[str]) -> list[str]:
        n, _, _, c = names
        value = f"{image.name}[{n} * {strides[0]} + y * {strides[1]} + x * {strides[2]} + {c}]"
        target = f"{out.name}[{index_of(names, strides_of(out.shape))}]"
        if call.op == "maxPool":
            inner = [f"if (!({value} <= best)) best = {value};"]
            return ["float best = -INFINITY;", *over_window(call, height, width, inner), f"{target} = best;"]
        return [
            f"{sum_type} sum = 0;",
            "int32_t count = 0;",
            *over_window(call, height, width, [f"sum += {value};", "++count;"]),
            f"{target} = (float)(sum / count);",
        ]

    return nest(out.shape, body)


def batch_norm(call: Call, _sum: str) -> list[str]:
    out = call.out
    x, mean, variance, offset, scale = (*call.inputs, None, None)[:5]

    def body(names: list[str]) -> list[str]:
        def at(value: Value) -> str:
            return f"{value.name}[{broadcast_index(value, out, names)}]"

        factor = f"sqrtf({at(variance)} + {number(call.attrs['varianceEpsilon'])})"
        text = f"({at(x)} - {at(mean)}) / {factor}"
        if scale:
            text += f" * {at(scale)}"
        if offset:
            text += f" + {at(offset)}"
        return [f"{out.name}[{index_of(names, strides_of(out.shape))}] = {text};"]

    return nest(out.shape, body)


def softmax(call: Call, sum_type: str) -> list[str]:
    out, x = call.out, call.inputs[0]
    axis = call.attrs.get("dim", call.attrs.get("axis", -1))
    if axis not in (-1, len(x.shape) - 1):
        raise ValueError(f"exportProgram: a C header has {call.op} along the last axis only.")
    n = x.shape[-1]

    def body(names: list[str]) -> list[str]:
        a, y = f"{x.name}[i0 * {n} + j]", f"{out.name}[i0 * {n} + j]"
        last = (
            f"{a} - best - (float)log((double)sum)"
            if call.op == "logSoftmax"
            else f"(float)(expf({a} - best) / sum)"
        )
        loop = f"for (int32_t j = 0; j < {n}; ++j)"
        return [
            "float best = -INFINITY;",
            f"{loop} if ({a} > best) best = {a};",
            f"{sum_type} sum = 0;",
            f"{loop} sum += expf({a} - best);",
            f"{loop} {y} = {last};",
        ]

    return nest((x.size // n if n else 0,), body)


REDUCTIONS = {"sum": "sum += v", "mean": "sum += v", "prod": "sum *= v"}
EXTREMES = {"max": ("-INFINITY", ">"), "min": ("INFINITY", "<")}


def reduction(call: Call, sum_type: str) -> list[str]:
    out, x = call.out, call.inputs[0]
    if x.dtype != "float32":
        raise ValueError(f"exportProgram: a C header has {call.op} of float32 only.")
    given = call.attrs.get("axis")
    rank = len(x.shape)
    given = (
        list(range(rank)) if given is None or given == [] else given if isinstance(given, list) else [given]
    )
    axes = sorted(a % rank for a in given)
    kept = [a for a in range(rank) if a not in axes]
    strides = strides_of(x.shape)
    count = math.prod(x.shape[a] for a in axes)

    def body(names: list[str]) -> list[str]:
        base = index_of(names, [strides[a] for a in kept])
        target = f"{out.name}[{index_of(names, strides_of([x.shape[a] for a in kept]))}]"

        def over(step: str) -> list[str]:
            """The loops over all values, with `v` for each."""

            def inner(places: list[str]) -> list[str]:
                value = f"{x.name}[{base} + {index_of(places, [strides[a] for a in axes])}]"
                return [f"const float v = {value};", step]

            return [line[4:] for line in nest([x.shape[a] for a in axes], inner, "j")]

        if call.op in EXTREMES:
            start, better = EXTREMES[call.op]
            best = [f"float best = {start};", *over(f"if (v {better} best) best = v;")]
            return [*best, f"{target} = best;"]
        if call.op == "logSumExp":
            return [
                "float best = -INFINITY;",
                *over("if (v > best) best = v;"),
                # An infinite shift would give NaN.
                "if (!(fabsf(best) < INFINITY)) best = 0;",
                f"{sum_type} sum = 0;",
                *over("sum += expf(v - best);"),
                f"{target} = (float)log((double)sum) + best;",
            ]
        result = f"sum / {count}" if call.op == "mean" else "sum"
        start = "1" if call.op == "prod" else "0"
        loops = over(f"{REDUCTIONS[call.op]};")
        return [f"{sum_type} sum = {start};", *loops, f"{target} = (float)({result});"]

    return nest([x.shape[a] for a in kept], body)


def lstm(call: Call, sum_type: str) -> list[str]:
    x, kernel, recurrent, bias, first_h, first_c, mask = call.inputs
    y, last_h, last_c, state = call.outputs
    batch, steps, inputs = x.shape
    units = recurrent.shape[0]
    gates = 4 * units
    names = {key: call.attrs.get(key) or "linear" for key in ("activation", "recurrentActivation")}

    def applied(which: str, argument: str) -> str:
        formula = "x" if names[which] == "linear" else UNARY[names[which]]
        return f"{{ const float x = {argument}; r = {formula}; }}"

    recur = "recurrentActivation"
    body = [
        f"const float* const row = {x.name} + (n * {steps} + t) * {inputs};",
        f"float* const z = {state.name} + (n * {steps} + t) * {5 * units};",
        f"float* const h = {y.name} + (n * {steps} + t) * {units};",
        f"const float* const h0 = t ? h - {units} : {first_h.name} + n * {units};",
        f"const float* const c0 = t ? z - {units} : {first_c.name} + n * {units};",
        f"for (int32_t j = 0; j < {gates}; ++j) {{",
        f"    {sum_type} sum = {f'{bias.name}[j]' if bias else '0'};",
        f"    for (int32_t i = 0; i < {inputs}; ++i)",
        f"        sum += ({sum_type})row[i] * {kernel.name}[i * {gates} + j];",
        f"    for (int32_t i = 0; i < {units}; ++i)",
        f"        sum += ({sum_type})h0[i] * {recurrent.name}[i * {gates} + j];",
        "    z[j] = (float)sum;",
        "}",
        f"for (int32_t k = 0; k < {units}; ++k) {{",
        "    float r, c;",
        f"    {applied(recur, 'z[k]')}",
        "    c = r;",
        f"    {applied('activation', f'z[{2 * units} + k]')}",
        "    c *= r;",
        f"    {applied(recur, f'z[{units} + k]')}",
        "    c += r * c0[k];",
        f"    z[{gates} + k] = c;",
        f"    {applied('activation', 'c')}",
        "    h[k] = r;",
        f"    {applied(recur, f'z[{3 * units} + k]')}",
        "    h[k] *= r;",
        *(
            [
                f"    if (!{mask.name}[n * {steps} + t]) {{",
                "        h[k] = h0[k];",
                f"        z[{gates} + k] = c0[k];",
                "    }",
            ]
            if mask
            else []
        ),
        "}",
    ]
    ends = [
        f"{last_h.name}[n * {units} + k] = {y.name}[((n + 1) * {steps} - 1) * {units} + k];",
        f"{last_c.name}[n * {units} + k] = {state.name}[(n + 1) * {steps} * {5 * units} - {units} + k];",
    ]
    return [
        f"    for (int32_t n = 0; n < {batch}; ++n) {{",
        f"        for (int32_t t = 0; t < {steps}; ++t) {{",
        *("            " + line for line in body),
        "        }",
        f"        for (int32_t k = 0; k < {units}; ++k) {{",
        *("            " + line for line in ends),
        "        }",
        "    }",
    ]


SUMS: dict[str, Callable[[Call, str], list[str]]] = {
    **dict.fromkeys(("matMul", "fusedMatMul"), product),
    **dict.fromkeys(("conv2d", "fusedConv2d", "depthwiseConv2d", "fusedDepthwiseConv2d"), convolution),
    **dict.fromkeys(("maxPool", "avgPool"), pooling),
    **dict.fromkeys(("softmax", "logSoftmax"), softmax),
    **dict.fromkeys((*REDUCTIONS, *EXTREMES, "logSumExp"), reduction),
    "batchNorm": batch_norm,
    "lstmFused": lstm,
}
