"""Programs that every release exported open for ever, and compute what they computed (docs/policy.md)."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from support.nets import close
from support.tools import ROOT, load

from .test_programs import in_cpp

RELEASES = sorted((ROOT / "tests" / "data" / "releases").iterdir())

pytestmark = pytest.mark.watchdog(600)


@pytest.mark.parametrize("folder", RELEASES, ids=lambda folder: folder.name)
def test_its_program_computes_the_same(consumer, tmp_path, folder):
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))["predictions"]
    wanted = [np.asarray(output, np.float32) for output in expected]
    inputs, _ = load("release_files").data()
    file = Path(shutil.copy(folder / "program.lamina", tmp_path))
    found = in_cpp(consumer, file, [np.asarray(x) for x in inputs], wanted)
    assert all(close(a, b) for a, b in zip(found, wanted, strict=True))
