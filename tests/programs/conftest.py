"""What tests of Programs share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lamina.models import programs


@pytest.fixture
def fallbacks() -> Iterator[list[int]]:
    """How often steps fell back during the test; the count is put back afterwards."""
    before = programs.fallbacks[0]
    programs.fallbacks[0] = 0
    yield programs.fallbacks
    programs.fallbacks[0] = before
