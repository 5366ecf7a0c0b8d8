"""How tensors are printed: TensorFlow.js' layout, with numbers written as JavaScript writes them."""

from __future__ import annotations

from math import isinf, isnan
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._core import Tensor

__all__ = ["cell", "js_number", "short_number", "shown_indices", "tensor_to_string"]

# An axis with more items than this shows its first and last EDGE ones.
LIMIT = 20
EDGE = 3
DIGITS = 7


def js_number(x: float) -> str:
    """The shortest digits that give x back, as JavaScript writes them: 1e21 and 1e-7, but 1e20 in full."""
    if isnan(x):
        return "NaN"
    if isinf(x):
        return "Infinity" if x > 0 else "-Infinity"
    if x == 0:
        return "0"
    digits, _, exponent = f"{abs(x)!r}".partition("e")
    whole, _, fraction = digits.partition(".")
    point = len(whole) + int(exponent or 0)
    stripped = (whole + fraction).lstrip("0")
    point -= len(whole + fraction) - len(stripped)
    stripped = stripped.rstrip("0")
    count = len(stripped)
    if count <= point <= 21:
        text = stripped + "0" * (point - count)
    elif 0 < point <= 21:
        text = f"{stripped[:point]}.{stripped[point:]}"
    elif -6 < point <= 0:
        text = "0." + "0" * -point + stripped
    else:
        power = point - 1
        mantissa = stripped if count == 1 else f"{stripped[0]}.{stripped[1:]}"
        text = f"{mantissa}e{'+' if power > 0 else '-'}{abs(power)}"
    return "-" + text if x < 0 else text


def _rounded(x: float) -> str:
    """x to seven places behind the point, without trailing zeros."""
    if isnan(x) or isinf(x) or abs(x) >= 1e21:
        return js_number(x)
    # Halves go away from zero, as toFixed does; the float is exact in decimal.
    from decimal import ROUND_HALF_UP, Decimal

    return js_number(float(Decimal(x).quantize(Decimal(1).scaleb(-DIGITS), rounding=ROUND_HALF_UP)))


def short_number(value: float) -> str:
    """A loss or metric in a few characters."""
    return f"{value:.4f}" if 1e-3 <= abs(value) < 1e5 or value == 0 else f"{value:.4g}"


def cell(value: Any) -> str:
    """One value of a tensor as TensorFlow.js prints it within a row."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"'{value}'"
    if isinstance(value, complex):
        return f"{_rounded(value.real)} + {_rounded(value.imag)}j"
    return str(value) if isinstance(value, int) else _rounded(value)


def shown_indices(size: int) -> Sequence[int | None]:
    """The indices of an axis that are printed; None stands for those that are left out."""
    if size <= LIMIT:
        return range(size)
    return [*range(EDGE), None, *range(size - EDGE, size)]


def _row(cells: Sequence[Any], widths: Sequence[int]) -> str:
    shown = ["..." if i is None else cell(cells[i]).ljust(widths[i]) for i in shown_indices(len(cells))]
    return "[" + ", ".join(shown) + "]"


def _lines(values: list[Any], rank: int, widths: Sequence[int], last: bool) -> list[str]:
    if rank == 1:
        return [_row(values, widths)]
    lines: list[str] = []
    for i in shown_indices(len(values)):
        if i is None:
            lines.append("...")
        else:
            lines += _lines(values[i], rank - 1, widths, i == len(values) - 1)
    if not lines:
        lines = [""]
    separator = "," if rank == 2 else ""
    lines[0] = "[" + (lines[0] + separator if values else "")
    lines[1:-1] = [f" {line}{separator}" for line in lines[1:-1]]
    ending = "" if last else "," + "\n" * (rank - 1)
    lines[-1] = f" {lines[-1]}]{ending}"
    return lines


def _widths(rows: list[Any], rank: int) -> list[int]:
    """The width of each column, over all rows of the last axis."""
    if rank == 1:
        return [len(cell(x)) for x in rows]
    widths: list[int] = []
    for row in rows:
        inner = _widths(row, rank - 1)
        widths = [max(pair) for pair in zip(widths, inner, strict=True)] if widths else inner
    return widths


def tensor_to_string(tensor: Tensor, verbose: bool = False) -> str:
    """The tensor as TensorFlow.js prints it."""
    head = ["Tensor"]
    shape = tensor.shape
    if verbose:
        shown = ",".join(map(str, shape))
        head += [f"  dtype: {tensor.dtype}", f"  rank: {len(shape)}", f"  shape: [{shown}]", "  values:"]
    values = tensor._to_list()
    if not shape:
        if isinstance(values, (bool, str, complex)):
            body = [values if isinstance(values, str) else cell(values)]
        else:
            body = [js_number(values)]
    else:
        widths = [0] * shape[0] if len(shape) == 1 else _widths(values, len(shape))
        body = _lines(values, len(shape), widths, True)
    return "\n".join([*head, "\n".join("    " + line for line in body)])
