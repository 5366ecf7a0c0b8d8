"""All cases that TensorFlow.js and Keras computed, for what there is."""

from __future__ import annotations

from collections import Counter

import pytest

from . import reading
from .differences import KERAS, TFJS

FILES = [(source, file) for source in ("tfjs", "keras") for file in reading.files(source)]
needs_cases = pytest.mark.skipif(not FILES, reason=reading.MISSING)


@pytest.mark.parametrize(("source", "file"), FILES, ids=[f"{source} {file}" for source, file in FILES])
def test_cases(source, file):
    assert list(reading.tally(source, file)[1]) == []


@needs_cases
@pytest.mark.parametrize(
    ("source", "listed", "agree", "cases"), [("tfjs", TFJS, 582, 887), ("keras", KERAS, 342, 1454)]
)
def test_counts(source, listed, agree, cases):
    """What comes takes cases from "later"; whoever adds it raises how many agree."""
    total: Counter[str] = Counter()
    for file in reading.files(source):
        total.update(reading.tally(source, file)[0])
    assert total["listed"] == len(listed)
    assert total["agrees"] >= agree
    assert total.total() == cases
