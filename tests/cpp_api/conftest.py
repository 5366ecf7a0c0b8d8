from __future__ import annotations

from pathlib import Path

import pytest

from . import sdk


@pytest.fixture(scope="session")
def cmake_dir() -> str:
    return sdk.ask("--cmake-dir")


@pytest.fixture(scope="session")
def consumer(tmp_path_factory: pytest.TempPathFactory, cmake_dir: str) -> Path:
    """tests/cpp/consumer, built against the package by the default compiler."""
    return sdk.build(sdk.CONSUMER, tmp_path_factory.mktemp("consumer"), cmake_dir) / "consumer"
