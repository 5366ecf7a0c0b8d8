#!/usr/bin/env python3
"""Writes the README's table of figures from docs/performance.md, which benchmarks/report.py writes.

    python tools/readme_figures.py            writes it anew
    python tools/readme_figures.py --check    says whether it is stale, with status 1

All rows of the first part of that page are taken, lost comparisons too.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- figures: begin -->\n", "<!-- figures: end -->\n"
GROUPS = ("The first program", "Training through `fit`", "Digits to 99 % of the test images", "Inference")
PAGE = "[docs/performance.md](docs/performance.md)"
NOTHING = f"None have been taken on a quiet machine yet; {PAGE} says how they are.\n"


def figures(page: str) -> str:
    """The table as Markdown; a sentence where the page has no figures."""
    parts = re.split(r"^## ", page, flags=re.MULTILINE)[1:]
    part = next((part for part in parts if re.match(r"\d+ threads?", part)), None)
    if part is None:
        return NOTHING
    head, *groups = re.split(r"^### ", part, flags=re.MULTILINE)
    rows = [row for group in groups if group.partition("\n")[0] in GROUPS for row in _rows(group)]
    if not rows:
        return NOTHING
    title, _, about = head.partition("\n")
    machine = about.strip().partition("\n")[0].partition(". ")[0]
    return "\n".join(
        [
            f"{title}; {machine}. A ratio above 1 is in favour of Lamina. All of them: {PAGE}.",
            "",
            "| | Lamina | best peer | ratio |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _rows(group: str) -> list[str]:
    """Name, our time, the best peer with its time, and the ratio of each row with both times."""
    found = []
    for line in group.partition("<details")[0].split("\n"):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == 6 and cells[0] and cells[1] and cells[4] and not set(cells[0]) <= {"-"}:
            found.append(f"| {cells[0]} | {cells[1]} | {cells[3]} | {cells[4]} |")
    return [row for row in found if "| ratio |" not in row]


def renewed(readme: str, page: str) -> str:
    before, _, rest = readme.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise SystemExit("the README has no place for figures")
    return before + BEGIN + figures(page) + END + after


if __name__ == "__main__":
    target = ROOT / "README.md"
    old = target.read_text(encoding="utf-8")
    new = renewed(old, (ROOT / "docs" / "performance.md").read_text(encoding="utf-8"))
    if sys.argv[1:] == ["--check"]:
        sys.exit(0 if old == new else "the README's figures are stale: run python tools/readme_figures.py")
    target.write_text(new, encoding="utf-8")
