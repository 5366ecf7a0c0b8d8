#!/usr/bin/env python3
"""Records anew what the networks of this folder give: python tests/characterization/record.py

A value changes only in a commit that changes the record and says why.
"""

from __future__ import annotations

import json
import sys

import measuring


def main() -> int:
    here = measuring.levels_here()
    if missing := [level for level in measuring.LEVELS if level not in here]:
        print(f"this CPU has no level {', '.join(missing)}: record on one that has", file=sys.stderr)
        return 1
    before = json.loads(measuring.RECORD.read_text(encoding="utf-8")) if measuring.RECORD.exists() else {}
    found = {level: measuring.run(level) for level in here}
    for level in here:
        old = before.get(level, {})
        changed = [name for name in {**old, **found[level]} if old.get(name) != found[level].get(name)]
        print(f"{level}: {len(found[level])} networks, changed: {', '.join(changed) or 'none'}")
    measuring.RECORD.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
