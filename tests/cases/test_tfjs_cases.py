"""All cases that TensorFlow.js computed, for what there is."""

from __future__ import annotations

import functools
from collections import Counter
from pathlib import Path

import pytest

from . import layers, parts, reading
from .differences import TFJS

pytestmark = pytest.mark.skipif(not reading.there("tfjs"), reason=reading.MISSING)
FILES = sorted(path.stem for path in Path(reading.FOLDER, "tfjs").glob("*.json"))


@functools.cache
def outcome(file: str) -> tuple[dict[str, int], tuple[str, ...]]:
    """How many cases of a file agree, are listed as different, or ask for layers that do not exist yet; and
    what is wrong.
    """
    counts: Counter[str] = Counter()
    wrong = []
    for case in reading.cases("tfjs", file):
        run = layers.of_tfjs if case["kind"] == "layer" else getattr(parts, case["kind"])
        found = reading.outcome(case, run)
        if found in ("agrees", "later"):
            counts[found] += 1
            if case["id"] in TFJS and found == "agrees":
                wrong.append(f"{case['id']}: agrees, though it is listed")
        elif case["id"] in TFJS:
            counts["listed"] += 1
        else:
            wrong.append(f"{case['id']} {case.get('config')}: {found}")
    return dict(counts), tuple(wrong)


@pytest.mark.parametrize("file", FILES)
def test_cases(file):
    assert list(outcome(file)[1]) == []


def test_counts():
    """Layers that come take cases from "later"; whoever adds some moves the numbers."""
    total: Counter[str] = Counter()
    for file in FILES:
        total.update(outcome(file)[0])
    assert total["listed"] == len(TFJS) == 27
    assert total["agrees"] >= 582
    assert total["agrees"] + total["listed"] + total["later"] == 887
