"""Every op has a row, a doc, and a check of its gradient; what is counted cannot be lost unseen."""

from __future__ import annotations

import inspect
from pathlib import Path

import lamina as tf
from lamina import _core

from . import rows_effects
from .table import ASKED, ASKED_GRADIENT, CASES, LEVELS, ROWS
from .test_dtypes import IN_JS as DTYPES_IN_JS
from .test_gradients import CHECKED

# At least so many: whoever adds rows raises these, and a smaller number wants a reason.
COUNTS = {
    "rows": 215,
    "cases": 1803,
    "gradients by differences": 1282,
    "values asked of TensorFlow.js": 1426,
    "gradients asked of TensorFlow.js": 627,
    "dtypes asked of TensorFlow.js": 240,
    "rows of updates and random numbers": 15,
}


def test_counts():
    found = {
        "rows": len(ROWS),
        "cases": len(CASES),
        "gradients by differences": len(CHECKED),
        "values asked of TensorFlow.js": len(ASKED),
        "gradients asked of TensorFlow.js": len(ASKED_GRADIENT),
        "dtypes asked of TensorFlow.js": len(DTYPES_IN_JS),
        "rows of updates and random numbers": len(rows_effects.UPDATES) + len(rows_effects.RANDOM),
    }
    assert found.keys() == COUNTS.keys()
    assert [name for name, count in COUNTS.items() if found[name] < count] == []


def test_levels_are_there():
    """On x86-64 at least the lowest level, with the reference beside it."""
    assert LEVELS
    assert "ref64" not in LEVELS


def test_every_op_has_a_row():
    names = [row.op for row in ROWS]
    assert len(names) == len(set(names))
    assert set(names) | rows_effects.OPS == set(_core.op_names())
    assert not set(names) & rows_effects.OPS


def test_every_gradient_is_checked():
    checked = {row.op for row, _ in CHECKED} | {row.op for row in ROWS if row.refuses_gradient}
    wanted = {name for name in _core.op_names() if _core.op(name).spec["differentiable"]}
    # Between real types alone; of complex numbers, see test_complex.py and test_spectral.py; of projections
    # by transform, which gives the slopes.
    elsewhere = {"cast", "complex", "real", "imag", "complexToPairs", "complexFromPairs"}
    elsewhere |= {"fft", "ifft", "rfft", "irfft", "projectionFractions"}
    assert wanted - checked - rows_effects.OPS == elsewhere


def test_every_op_is_described():
    for name in _core.op_names():
        op = _core.op(name)
        spec = op.spec
        assert spec["doc"].strip().endswith("."), name
        assert op.__name__ == name
        assert op.__doc__
        assert (spec["no_grad"] is not None) or spec["differentiable"], name
        parameters = list(inspect.signature(op).parameters)
        assert parameters == [p["name"] for p in [*spec["inputs"], *spec["attrs"]]], name
        for attr in spec["attrs"]:
            assert attr["required"] or attr["default"] is not None or attr["nullable"], (name, attr["name"])


# Methods that take their arguments in another form than the op.
OTHER_METHODS = {"concat", "maxPoolWithArgmax", "moments", "stack", "where"}


def test_public_ops_are_functions_and_methods_of_the_package():
    for name in _core.public_ops:
        assert callable(getattr(tf, name)), name
        spec = _core.op(name).spec
        assert hasattr(tf.Tensor, name) == (spec["method"] or name in OTHER_METHODS), name


def test_rows_that_are_not_asked_say_why():
    for row in ROWS:
        assert row.js != "" or row.note, row.op
        assert row.js == "" or row.js_grad or row.note or not row.spec["differentiable"], row.op


def test_tests_named_by_rows_exist():
    for place in rows_effects.SINGLE.values():
        file, name = place.split("::")
        assert f"def {name}(" in (Path(__file__).parent / file).read_text(encoding="utf-8")
