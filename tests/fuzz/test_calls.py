"""Some calls of all public functions with hostile arguments; see calls.py for many."""

from __future__ import annotations

from .calls import NOT_CALLED, functions, run

# Fewer than this, and a namespace was not found.
AT_LEAST = 400


def test_calls():
    assert run(400, 20_000) is None


def test_every_namespace_is_called():
    found = functions()
    assert len(found) >= AT_LEAST
    spaces = "image layers linalg losses math metrics signal sparse spectral string train"
    assert {name.split(".")[1] for name in found if name.count(".") == 2} >= set(spaces.split())
    assert len(NOT_CALLED) == 17
