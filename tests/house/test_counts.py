"""Ways around a rule are counted here, so that each new one is a visible change."""

from __future__ import annotations

import re

from mutants import problems
from mutations import MUTATIONS
from support.tools import ROOT

# This folder tries the markers out on suites of its own.
FILES = [p for p in sorted((ROOT / "tests").rglob("test_*.py")) if p.parent.name != "house"]

MUTANTS = 80

ALLOWED = {
    r"\bno_leak_check\(": 0,
    r"\bmark\.xfail\b": 0,
    r"\bmark\.skip\(": 0,
}


def count(pattern: str) -> int:
    return sum(len(re.findall(pattern, path.read_text(encoding="utf-8"))) for path in FILES)


def test_ways_around_are_counted():
    assert {pattern: count(pattern) for pattern in ALLOWED} == ALLOWED


def test_mutants_still_fit_the_code():
    """Each mutation's line is there, once: the sources move on and the table has to follow."""
    assert problems(ROOT, MUTATIONS) == []
    assert len(MUTATIONS) == MUTANTS
