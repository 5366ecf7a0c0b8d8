"""Restructuring changes no bit: losses, weights, optimizer states and files are those that were recorded.

They were right by other tests when they were recorded. A value changes only in a commit that changes the
record (python tests/characterization/record.py) and says why.
"""

from __future__ import annotations

import functools
import json
from typing import Any

import pytest

import lamina as tf

from . import measuring
from .nets import CASES

RECORD = json.loads(measuring.RECORD.read_text(encoding="utf-8"))


@functools.cache
def found(level: str) -> dict[str, Any]:
    return measuring.run(level)


def test_the_record_is_of_these_networks():
    assert list(RECORD) == list(measuring.LEVELS)
    assert all(list(RECORD[level]) == list(CASES) for level in RECORD)
    assert len(CASES) == 26


def test_every_optimizer_is_there():
    names = [name for name in dir(tf.train) if callable(getattr(tf.train, name)) and name != "Optimizer"]
    for level in RECORD.values():
        used = {each["class"].removesuffix("Optimizer").lower() for each in level.values()}
        assert set(names) == used


def test_every_network_moves():
    """One that stands still characterizes nothing."""
    losses = [each["history"]["loss"] for level in RECORD.values() for each in level.values()]
    assert all(len(set(each)) == len(each) == measuring.EPOCHS for each in losses)


@pytest.mark.parametrize("level", measuring.LEVELS)
@pytest.mark.parametrize("name", CASES)
def test_nothing_has_changed(name, level):
    if level not in measuring.levels_here():
        pytest.skip(f"this CPU has no level {level}")
    assert found(level)[name] == RECORD[level][name]
