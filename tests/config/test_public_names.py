"""Every public name of TensorFlow.js 4.22 is there, or is answered: not here so far, or what to use instead.

data/names.json holds the names by the chapters of its reference.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import lamina as tf

NAMES = {
    group: names.split()
    for group, names in json.loads((Path(__file__).parent.parent / "data" / "names.json").read_text()).items()
}
EVERY = [(group, name) for group, names in NAMES.items() for name in names]

# How many names are not here so far, by group. Each number only gets smaller.
MISSING = {
    "layers": 42,
    "models": 2,
    "graph models": 4,
    "io": 16,
    "data": 10,
    "utilities: misc": 1,
}
# How many are answered with what does their work here.
REPLACED = 155


def look(name: str) -> tuple[Any, str]:
    """The thing of that name and "", or None and what the error says."""
    owner: Any = tf
    for part in name.split("."):
        try:
            owner = getattr(owner, part)
        except AttributeError as error:
            return None, str(error)
    return owner, ""


def test_counts():
    assert len(EVERY) == 697
    missing: dict[str, int] = {}
    replaced = 0
    for group, name in EVERY:
        found, said = look(name)
        if found is not None:
            continue
        if "so far" in said:
            missing[group] = missing.get(group, 0) + 1
        else:
            assert ": it is for" in said or ": " in said, name
            replaced += 1
    assert {group: count for group, count in missing.items() if count > MISSING.get(group, 0)} == {}
    assert replaced <= REPLACED


@pytest.mark.parametrize("group", NAMES)
def test_no_name_is_left_without_an_answer(group):
    unanswered = []
    for name in NAMES[group]:
        found, said = look(name)
        if found is None and not ("so far" in said or ": " in said or "did you mean" in said):
            unanswered.append((name, said))
    assert unanswered == []


def test_dir_and_getattr_agree():
    for name in dir(tf):
        assert getattr(tf, name) is not None
