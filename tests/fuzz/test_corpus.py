"""What fuzzing has found stays found: each input of the corpus goes through its target."""

from __future__ import annotations

from pathlib import Path

import pytest

from .targets import TARGETS

CORPUS = Path(__file__).resolve().parent / "corpus"
INPUTS = sorted(path for path in CORPUS.glob("*/*") if path.is_file())
# Fewer than this, and the folder was not found.
AT_LEAST = 20

pytestmark = pytest.mark.filterwarnings("ignore::lamina.errors.LaminaWarning")


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_input(path):
    TARGETS[path.parent.name](path.read_bytes())


def test_every_target_has_a_corpus():
    assert {path.parent.name for path in INPUTS} == set(TARGETS)
    assert len(INPUTS) >= AT_LEAST
