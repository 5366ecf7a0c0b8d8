"""The op table: one row for each op. What follows from a row is in the tests beside it."""

from __future__ import annotations

from typing import Any

from lamina import _core

from . import rows_binary, rows_nn, rows_reduce, rows_shape, rows_unary
from .row import Case, Row

ROWS: list[Row] = [*rows_unary.ROWS, *rows_binary.ROWS, *rows_reduce.ROWS, *rows_shape.ROWS, *rows_nn.ROWS]
BY_NAME = {row.op: row for row in ROWS}
CASES: list[tuple[Row, Case]] = [(row, case) for row in ROWS for case in row.cases]
LEVELS = [level for level in _core.available_levels() if level != "ref64"]


def named(rows: list[tuple[Row, Case]] | list[Row]) -> dict[str, Any]:
    """For pytest.mark.parametrize: rows, or cases of rows, with their names."""
    if rows and isinstance(rows[0], Row):
        return {"argnames": "row", "argvalues": rows, "ids": [str(r) for r in rows]}
    return {"argnames": ("row", "case"), "argvalues": rows, "ids": [f"{row}-{case}" for row, case in rows]}


# What TensorFlow.js is asked.
ASKED = [(row, case) for row, case in CASES if case.js and row.js != ""]
ASKED_GRADIENT = [
    (row, case)
    for row, case in ASKED
    if row.js_grad and case.js_grad and case.grad and row.spec["differentiable"]
]
