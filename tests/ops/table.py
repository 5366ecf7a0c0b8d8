"""The op table: a row for each op, from the files rows_*.py. The tests beside it say what a row leads to."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from lamina import _core

from .row import Case, Row

FILES = sorted(path.stem for path in Path(__file__).parent.glob("rows_*.py"))
ROWS: list[Row] = [
    row for file in FILES for row in getattr(import_module(f".{file}", __package__), "ROWS", ())
]
BY_NAME = {row.op: row for row in ROWS}
CASES: list[tuple[Row, Case]] = [(row, case) for row in ROWS for case in row.cases]
LEVELS = [level for level in _core.available_levels() if level != "ref64"]


def named(rows: list[tuple[Row, Case]] | list[Row]) -> dict[str, Any]:
    """For pytest.mark.parametrize: rows, or cases of rows, with their names."""
    if not rows or isinstance(rows[0], Row):
        return {"argnames": "row", "argvalues": rows, "ids": [str(r) for r in rows]}
    return {"argnames": ("row", "case"), "argvalues": rows, "ids": [f"{row}-{case}" for row, case in rows]}


# What TensorFlow.js is asked.
ASKED = [(row, case) for row, case in CASES if case.js and row.js != ""]
ASKED_GRADIENT = [
    (row, case)
    for row, case in ASKED
    if row.js_grad and case.js_grad and case.grad and row.spec["differentiable"]
]
