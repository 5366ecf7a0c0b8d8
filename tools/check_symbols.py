#!/usr/bin/env python3
"""What is compiled for one CPU level must stay with it.

A std template that is instantiated in an AVX-512 object becomes a weak symbol, which the linker may choose
for the whole library: an illegal instruction on older machines. So kernel objects define nothing weak and
export one function.

python tools/check_symbols.py BUILD_DIR
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

# Directories that CMake makes for the per-level OBJECT libraries.
LEVEL_DIR = re.compile(r"kernels?_\w+\.dir$")
EXPORT = re.compile(r"\bfill_table_\w+")
DEFINED = "TDBRSGVWu"


def objects(build: Path) -> list[Path]:
    suffixes = {".o", ".obj"}
    return sorted(p for p in build.rglob("*") if p.suffix in suffixes and any(map(LEVEL_DIR.search, p.parts)))


def check_object(path: Path, nm: str = "nm") -> list[str]:
    done = subprocess.run([nm, "-C", "--defined-only", str(path)], capture_output=True, text=True, check=True)
    problems = []
    for line in done.stdout.splitlines():
        match = re.match(r"^[0-9a-f]*\s+(\S)\s+(.*)$", line)
        if match is None:
            continue
        kind, symbol = match.groups()
        if kind in "WVuwv":
            problems.append(f"{path}: weak symbol {symbol}")
        elif kind in DEFINED and not EXPORT.search(symbol):
            problems.append(f"{path}: exports {symbol}; only fill_table_* may be seen from outside")
    return problems


def check(build: Path) -> list[str]:
    found = objects(build)
    if not found:
        return [f"{build}: no kernel objects here (directories {LEVEL_DIR.pattern})"]
    return [problem for path in found for problem in check_object(path)]


if __name__ == "__main__":
    found = check(Path(sys.argv[1]))
    sys.exit("\n".join(found) or 0)
