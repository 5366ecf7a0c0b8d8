"""Suites of their own under the real conftest, to try out what guards the tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent

FAKE_LAMINA = """
alive = []

class Tensor:
    def __init__(self): alive.append(1)
    def __del__(self): alive.pop()

def memory():
    return {"numTensors": len(alive), "numDataBuffers": len(alive)}
"""

MARKERS = ["watchdog(seconds): limit", "no_leak_check(reason): opt out"]


def run_suite(
    tmp_path: Path, source: str, *options: str, file: str = "test_it.py", **variables: str
) -> subprocess.CompletedProcess[str]:
    """The source as a suite of its own, with a stand-in for the package."""
    shutil.copy(TESTS / "conftest.py", tmp_path)
    (tmp_path / "lamina.py").write_text(FAKE_LAMINA)
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text("import pytest, time, lamina\n" + source)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n" + "".join(f"    {m}\n" for m in MARKERS))
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "LAMINA"))}
    env["PYTHONPATH"] = os.pathsep.join([str(tmp_path), str(TESTS)])
    env.update(variables)
    command = [sys.executable, "-m", "pytest", "-q", "--strict-markers", "-p", "no:cacheprovider", *options]
    return subprocess.run(
        [*command, str(tmp_path)],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def outcome(done: subprocess.CompletedProcess[str]) -> str:
    return done.stdout.strip().splitlines()[-1].split(" in ")[0]
