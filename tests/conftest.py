"""Fixtures and rules of the whole suite: leaks, watchdog, counts, TensorFlow.js, fixed randomness."""

from __future__ import annotations

import os
import signal
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from support import counting, leaks, watchdog
from support.oracle import Tfjs, TfjsMissing, ensure_installed, node_required

# Failures of tests show Lamina's own lines too.
os.environ.setdefault("LAMINA_TRACEBACK", "full")
# Peers: fixed before anything imports them.
os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")
# Compiling takes longer than running what is compiled.
os.environ.setdefault(
    "XLA_FLAGS", "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"
)

try:
    import hypothesis
except ImportError:
    pass
else:
    # The same examples in each run: a property that fails in CI fails at the desk too.
    hypothesis.settings.register_profile("lamina", deadline=None, derandomize=True, database=None)
    hypothesis.settings.load_profile("lamina")


def pytest_configure(config: pytest.Config) -> None:
    # A shell starts background jobs with Ctrl-C ignored; ours and our children's would be, too.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    watchdog.configure(config)
    config.pluginmanager.register(counting.Counting(config, Path(__file__).resolve().parent))


def pytest_unconfigure(config: pytest.Config) -> None:
    watchdog.unconfigure(config)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What takes long runs in `.ci/run full` alone."""
    if os.environ.get("LAMINA_FULL") != "1":
        long = [item for item in items if item.get_closest_marker("full") is not None]
        items[:] = [item for item in items if item.get_closest_marker("full") is None]
        config.hook.pytest_deselected(items=long)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    with watchdog.guard(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if report.failed:
        item.stash[leaks.failed] = True
    return report


@pytest.fixture(autouse=True)
def leak_check(request: pytest.FixtureRequest) -> Iterator[None]:
    """Opt out with `@pytest.mark.no_leak_check(reason=...)`; house/test_counts.py states how many may."""
    yield from leaks.check(request)


@pytest.fixture(autouse=True)
def fixed_randomness(request: pytest.FixtureRequest) -> None:
    """A test draws the same numbers whatever ran before it, on whichever worker."""
    random = getattr(sys.modules.get("lamina"), "setRandomSeed", None)
    if random is not None:
        random(zlib.crc32(request.node.nodeid.encode()))


@pytest.fixture(scope="session")
def tfjs(request: pytest.FixtureRequest) -> Iterator[Tfjs]:
    """TensorFlow.js in Node; skips where it is missing, fails with LAMINA_REQUIRE_NODE=1."""
    try:
        ensure_installed()
    except TfjsMissing as missing:
        if node_required():
            pytest.fail(f"LAMINA_REQUIRE_NODE=1: {missing}", pytrace=False)
        pytest.skip(str(missing))
    oracle = request.config.stash[counting.oracle] = Tfjs()
    try:
        yield oracle
    finally:
        oracle.close()
