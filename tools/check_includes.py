#!/usr/bin/env python3
"""The C++ areas include downwards only.

python tools/check_includes.py [root]
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ORDER = ["include", "core", "simd", "kernels", "ops", "autograd", "graph", "files", "capi", "bindings"]
RANK = {area: rank for rank, area in enumerate(ORDER)}

# What an area may include, where that is less than "everything below": kernels work on raw pointers and
# sizes; what is compiled per CPU level must not see the types of the core.
ONLY = {
    "include": {},
    "simd": {"simd": None},
    "kernels": {"simd": None, "kernels": None, "core": {"core/threads.h", "core/random_groups.h"}},
}

# Chooses among the levels' tables; compiled once, for the baseline.
CHOOSERS = {"kernels/isa.h", "kernels/isa.cpp"}

INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)
SUFFIXES = {".h", ".hpp", ".inc", ".cpp", ".cc", ".c"}


def resolve(cpp: Path, file: Path, target: str) -> Path | None:
    for base in (file.parent, cpp, cpp / "include"):
        path = (base / target).resolve()
        if path.exists() and path.is_relative_to(cpp):
            return path.relative_to(cpp)
    return None


def allowed(file: Path, target: Path) -> bool:
    area, other = file.parts[0], target.parts[0]
    if area in ONLY and other != area and file.as_posix() not in CHOOSERS:
        files = ONLY[area].get(other, set())
        return files is None or target.as_posix() in files
    return RANK[other] <= RANK[area]


def check_file(cpp: Path, file: Path) -> list[str]:
    area = file.relative_to(cpp).parts[0]
    where = file.relative_to(cpp.parent)
    if area not in RANK:
        return [f"{where}: the area cpp/{area} has no place in ORDER (tools/check_includes.py)"]
    problems = []
    for target in INCLUDE.findall(file.read_text(encoding="utf-8")):
        path = resolve(cpp, file, target)
        if path is None:
            problems.append(f'{where}: "{target}" is not a file below cpp/ (system headers take <>)')
        elif path.parts[0] in RANK and not allowed(file.relative_to(cpp), path):
            problems.append(f"{where}: {area} must not include {path.as_posix()}")
    return problems


def check(root: Path) -> list[str]:
    cpp = (root / "cpp").resolve()
    files = sorted(p for p in cpp.rglob("*") if p.suffix in SUFFIXES and p.parent != cpp)
    return [problem for file in files for problem in check_file(cpp, file)]


if __name__ == "__main__":
    found = check(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
    sys.exit("\n".join(found) or 0)
