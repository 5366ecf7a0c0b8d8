"""Lines that are broken on purpose, each with the tests that must notice. Run by tests/mutants.py."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutation:
    """`old` occurs exactly once in `file`; `tests` are arguments for pytest, or "ctest:REGEX"."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


GUARDS = "tests/house/test_guards.py"
RULES = "tests/house/test_rules.py"
ORACLE = "tests/interop/test_oracle.py"
ORACLE_MODELS = "tests/interop/test_oracle_models.py"

MUTATIONS = [
    Mutation(
        "leak check: only growth counts",
        "tests/support/leaks.py",
        "    if after != before:",
        "    if after > before:",
        (GUARDS,),
    ),
    Mutation(
        "leak check: failing tests are checked too",
        "tests/support/leaks.py",
        "or request.node.stash.get(failed, False)",
        "or False",
        (GUARDS,),
    ),
    Mutation(
        "watchdog: the marker's limit is ignored",
        "tests/support/watchdog.py",
        "float(marker.args[0]) if marker is not None",
        "float(DEFAULT_S) if marker is not None",
        (f"{GUARDS}::test_a_hanging_test_fails_by_name",),
    ),
    Mutation(
        "layering: an area may include the one above",
        "tools/check_includes.py",
        "RANK[other] <= RANK[area]",
        "RANK[other] <= RANK[area] + 4",
        (f"{RULES}::test_upward_includes",),
    ),
    Mutation(
        "layering: imports in functions are missed",
        "tools/check_imports.py",
        "        else:\n            yield from imports(node)",
        "        elif isinstance(node, ast.If):\n            yield from imports(node)",
        (f"{RULES}::test_upward_imports",),
    ),
    Mutation(
        "oracle: real and imaginary parts swapped",
        "tests/interop/codec.mjs",
        "const real = values.filter((_, i) => i % 2 === 0);",
        "const real = values.filter((_, i) => i % 2 === 1);",
        (f"{ORACLE}::test_round_trip",),
    ),
    Mutation(
        "oracle: the direction of the second derivative is lost",
        "tests/interop/oracle.mjs",
        "tf.sum(tf.mul(g, v[i]))",
        "tf.sum(g)",
        (ORACLE,),
    ),
    Mutation(
        "oracle: weights are not set",
        "tests/interop/models.mjs",
        "if (weights != null) model.setWeights(weights);",
        "",
        (ORACLE_MODELS,),
    ),
]
