#!/usr/bin/env python3
"""Prints a command of the README: the fenced block that follows the line `<!-- command: NAME -->`.

python tools/readme_command.py NAME [README.md]
"""

from __future__ import annotations

import re
import sys
from pathlib import Path


def find(text: str, name: str) -> str:
    pattern = rf"^<!-- command: {re.escape(name)} -->\s*\n```\w*\n(.*?)^```"
    match = re.search(pattern, text, re.MULTILINE | re.DOTALL)
    if match is None:
        raise SystemExit(f"the README has no fenced block after <!-- command: {name} -->")
    return match.group(1).strip()


if __name__ == "__main__":
    path = Path(sys.argv[2] if len(sys.argv) > 2 else "README.md")
    print(find(path.read_text(encoding="utf-8"), sys.argv[1]))
