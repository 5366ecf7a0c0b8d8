"""What a line that is broken on purpose is, and the tests that notice most of them."""

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
LEVELS = "tests/ops/test_levels.py"
VALUES = "tests/ops/test_values.py"
GRADIENTS = "tests/ops/test_gradients.py"
BY_HAND = "tests/acceptance/test_gradients.py"
MEMORY = "tests/acceptance/test_memory.py"
STEPS = "tests/train/test_steps.py"
FIT = "tests/models/test_fit.py"
FILES = "tests/io/test_files.py"
LAYERS = "tests/layers/test_table.py"
USER_CODE = "tests/programs/test_user_code.py"
PROGRAMS = "tests/programs/test_models.py"
FOLDING = "tests/programs/test_folding.py"
