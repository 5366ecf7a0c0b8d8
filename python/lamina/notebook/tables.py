"""HTML of tensors, histories and Promises. Whatever a user named is escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from .. import _core
from ..formatting import cell, short_number, shown_indices
from .curves import charts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .._core import Tensor
    from .._promises.core import Core
    from ..results import History

__all__ = ["history_html", "promise_html", "table", "tensor_html"]

MATRIX = 2


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A plain table; the cells are escaped here."""
    parts = ["<table>"]
    if header:
        parts.append(f"<thead>{_row('th', header)}</thead>")
    parts.append(f"<tbody>{''.join(_row('td', row) for row in rows)}</tbody></table>")
    return "".join(parts)


def _row(tag: str, cells: Sequence[str]) -> str:
    return (
        "<tr>" + "".join(f'<{tag} style="text-align:left">{escape(each)}</{tag}>' for each in cells) + "</tr>"
    )


def tensor_html(tensor: Tensor) -> str:
    """Type, shape and values: of many the first and the last ones, from rank 3 on the first matrix."""
    if tensor.isDisposed or tensor._is_symbolic:
        return f"<pre>{escape(repr(tensor))}</pre>"
    shape = tensor.shape
    head = f"{type(tensor).__name__} {tensor.dtype} [{', '.join(map(str, shape))}]"
    if isinstance(tensor, _core.Variable):
        head += f" {tensor.name}"
    lines = [f"<div><code>{escape(head)}</code></div>"]
    if not shape:
        lines.append(f"<pre>{escape(cell(tensor._to_list()))}</pre>")
    elif tensor.size:
        matrix, where = _first_matrix(tensor)
        if where:
            lines.append(f"<div>{where}</div>")
        lines.append(table([], _shown(matrix)))
    return "".join(lines)


def _first_matrix(tensor: Tensor) -> tuple[Tensor, str]:
    """The first matrix, and where it stands in the tensor; a vector as one row."""
    shape = list(tensor.shape)
    if len(shape) == 1:
        return _core.ops.reshape(tensor, [1, shape[0]]), ""
    outer = len(shape) - MATRIX
    if not outer:
        return tensor, ""
    first = _core.ops.slice(tensor, [0] * len(shape), [1] * outer + shape[outer:])
    where = ", ".join(["0"] * outer + [":", ":"])
    return _core.ops.reshape(first, shape[outer:]), f"[{where}]"


def _shown(matrix: Tensor) -> list[list[str]]:
    """The cells of the rows and columns that are shown, with dots for the others."""
    rows, columns = (list(shown_indices(size)) for size in matrix.shape)
    for axis, indices in enumerate((rows, columns)):
        # Only what is shown is read.
        if None in indices:
            kept = _core.tensor([i for i in indices if i is not None], None, "int32")
            matrix = _core.ops.gather(matrix, kept, axis)
    values = iter(matrix._to_list())
    found = []
    for row in rows:
        cells = iter(() if row is None else next(values))
        found.append(["…" if row is None or column is None else cell(next(cells)) for column in columns])
    return found


def history_html(history: History) -> str:
    """The curves of a fit, and the values of its last epoch."""
    values = history.history
    if not history.epoch:
        return "<div>History of no epochs</div>"
    last = [[key, short_number(series[-1])] for key, series in values.items() if series]
    return charts(values) + table(["", f"epoch {history.epoch[-1] + 1}"], last)


def promise_html(core: Core) -> str:
    """What a Promise is about, how far it is, and what came of it."""
    head = f"<div><code>{escape(f'Promise {core.name}, made at {core.made_at}')}</code>: {_state(core)}</div>"
    if core.state == "pending":
        return head + (core.shows() if core.shows is not None else "")
    if core.state == "rejected":
        error = core.outcome
        return head + f"<pre>{escape(f'{type(error).__name__}: {error}')}</pre>"
    return head + value_html(core.outcome)


def _state(core: Core) -> str:
    return "stopping" if core.cancelled and not core.settled else core.state


def value_html(value: Any) -> str:
    """A value as a notebook shows it."""
    if value is None:
        return ""
    own = getattr(value, "_repr_html_", None)
    found = own() if callable(own) else None
    if isinstance(found, str):
        return found
    text = repr(value)
    return f"<pre>{escape(text if len(text) <= 2000 else text[:1997] + '...')}</pre>"
