"""`import lamina` brings in nothing that only some programs need."""

from __future__ import annotations

import subprocess
import sys

LAZY = [
    "Cython",
    "IPython",
    "asyncio",
    "concurrent.futures",
    "dataclasses",
    "fsspec",
    "h5py",
    "httpx",
    "inspect",
    "matplotlib",
    "mpi4py",
    "numpy",
    "rich",
]

# An editable install may have imported some of them itself: what counts is what the import adds.
SCRIPT = """
import sys
before = set(sys.modules)
import lamina
print(*sorted(set(sys.modules) - before))
"""


def imported() -> list[str]:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_lazy_modules_stay_out():
    modules = imported()
    assert "lamina" in modules
    assert [name for name in LAZY if name in modules] == []


def test_import_prints_nothing():
    done = subprocess.run(
        [sys.executable, "-c", "import lamina"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
