#!/usr/bin/env python3
"""Breaks chosen lines one by one in a scratch copy and reports which of them the tests did not notice.

    python tests/mutants.py                       all of them
    python tests/mutants.py --sample 5 --seed 1   a few, as CI does
    python tests/mutants.py --only NAME           those whose name contains NAME
    python tests/mutants.py --check               only that every line is still there

Run it with the environment that has the package's build and test requirements.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from mutations import MUTATIONS, Mutation
from support.scratch import BuildFailed, Scratch

ROOT = Path(__file__).resolve().parent.parent

CAUGHT, SURVIVED, INVALID = "caught", "SURVIVED", "INVALID"
NO_TESTS, USAGE = 5, 4


def problems(root: Path, mutations: list[Mutation]) -> list[str]:
    """What is wrong with the table itself."""
    found = []
    for m in mutations:
        path = root / m.file
        times = path.read_text(encoding="utf-8").count(m.old) if path.exists() else 0
        if times != 1:
            found.append(f"{m.name}: the old text occurs {times} times in {m.file}")
        if m.old == m.new or not m.tests:
            found.append(f"{m.name}: nothing is changed or no test is named")
        for test in m.tests:
            if not test.startswith(("ctest:", "-")) and not (root / test.split("::", 1)[0]).exists():
                found.append(f"{m.name}: there is no {test}")
    names = [m.name for m in mutations]
    return found + [f"{name}: the name is used twice" for name in set(names) if names.count(name) > 1]


def verdict(scratch: Scratch, mutation: Mutation, limit: float) -> str:
    path = scratch.tree / mutation.file
    original = path.read_text(encoding="utf-8")
    path.write_text(original.replace(mutation.old, mutation.new), encoding="utf-8")
    try:
        # What the last mutation left in the binaries goes as well.
        built = scratch.needs_build(mutation.file)
        if built or scratch.stale:
            scratch.stale = True
            scratch.build()
        scratch.stale = built
        code = scratch.test(mutation.tests, limit)
    except BuildFailed as failure:
        print(failure)
        return INVALID
    finally:
        path.write_text(original, encoding="utf-8")
    if code in (NO_TESTS, USAGE):
        return INVALID
    return CAUGHT if code else SURVIVED


def choose(options: argparse.Namespace) -> list[Mutation]:
    chosen = [m for m in MUTATIONS if options.only.lower() in m.name.lower()]
    if options.sample is not None:
        chosen = random.Random(options.seed).sample(chosen, min(options.sample, len(chosen)))
    return chosen


def run(mutations: list[Mutation], work: Path, limit: float) -> int:
    scratch = Scratch(ROOT, work)
    scratch.build()
    selections = tuple(dict.fromkeys(test for m in mutations for test in m.tests))
    if scratch.test(selections, limit * 5):
        print("The tests fail without any mutation:\n" + scratch.output[-4000:])
        return 1
    results: dict[str, str] = {}
    for mutation in mutations:
        started = time.monotonic()
        results[mutation.name] = verdict(scratch, mutation, limit)
        print(f"{results[mutation.name]:9} {time.monotonic() - started:6.1f} s  {mutation.name}", flush=True)
    caught = list(results.values()).count(CAUGHT)
    print(f"{caught} of {len(results)} mutants caught")
    return int(caught != len(results))


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sample", type=int, help="how many to try")
    parser.add_argument("--seed", default="0", help="which ones --sample takes")
    parser.add_argument("--only", default="", help="part of a name")
    parser.add_argument("--limit", type=float, default=300.0, help="seconds for one mutant's tests")
    parser.add_argument("--work", type=Path, help="folder of the copy and its build, kept for the next run")
    parser.add_argument("--check", action="store_true", help="look at the table only")
    options = parser.parse_args()

    wrong = problems(ROOT, MUTATIONS)
    print("\n".join(wrong), end="\n" if wrong else "")
    if options.check or wrong:
        return bool(wrong)
    if options.work is not None:
        return run(choose(options), options.work, options.limit)
    work = Path(tempfile.mkdtemp(prefix="lamina-mutants-"))
    try:
        return run(choose(options), work, options.limit)
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as failed:
        sys.exit(f"{failed.cmd}: {failed.stderr}")
