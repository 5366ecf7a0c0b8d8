"""The seed of the random calls: always the same one, unless LAMINA_ORACLE_SEED is a number or `random`."""

from __future__ import annotations

import os
import secrets

import pytest

FIXED = 20


def chosen() -> int:
    wanted = os.environ.get("LAMINA_ORACLE_SEED", str(FIXED))
    return secrets.randbelow(2**31) if wanted == "random" else int(wanted)


SEED = chosen()


@pytest.fixture(scope="session")
def oracle_seed() -> int:
    return SEED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if SEED != FIXED:
        terminalreporter.write_line(f"random calls were drawn with LAMINA_ORACLE_SEED={SEED}")
