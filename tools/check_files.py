#!/usr/bin/env python3
"""Files stay short, and the repository names neither machines nor download hosts.

python tools/check_files.py [root]
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

MAX_LINES = 500
SOURCES = {".h", ".hpp", ".inc", ".cpp", ".cc", ".c", ".py", ".pyx", ".mjs", ".cmake", ".md"}
LOCKS = {"package-lock.json", "requirements.txt"}
ADDRESS = re.compile(r"https?://|\bgit\+|\"resolved\"|--(extra-)?index-url|--find-links")
MACHINE_PATH = re.compile(r"(?<![\w.$}])/(home|root|work|Users)/\w")


def tracked(root: Path) -> list[Path]:
    done = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        check=True,
    )
    paths = (root / name for name in done.stdout.decode().split("\0") if name)
    return sorted(p for p in set(paths) if p.is_file())


def is_lock(path: Path) -> bool:
    return path.name in LOCKS or path.parent.name == "requirements"


def check_file(root: Path, path: Path) -> list[str]:
    where = path.relative_to(root)
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return []
    problems = []
    lines = text.count("\n")
    if path.suffix in SOURCES and lines > MAX_LINES:
        problems.append(f"{where}: {lines} lines, split by meaning at {MAX_LINES}")
    if is_lock(path) and ADDRESS.search(text):
        problems.append(f"{where}: a lock file must carry no addresses")
    for number, line in enumerate(text.splitlines(), start=1):
        if MACHINE_PATH.search(line):
            problems.append(f"{where}:{number}: an absolute path of some machine")
    return problems


def check(root: Path) -> list[str]:
    root = root.resolve()
    return [problem for path in tracked(root) for problem in check_file(root, path)]


if __name__ == "__main__":
    found = check(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
    sys.exit("\n".join(found) or 0)
