"""Fixtures and rules of the whole suite: leak check, watchdog, the TensorFlow.js oracle, fixed randomness."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from support import leaks, watchdog
from support.oracle import Tfjs, TfjsMissing, ensure_installed, node_required

# Peers: fixed before anything imports them.
os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")

try:
    import hypothesis
except ImportError:
    pass
else:
    # The same examples in each run: a property that fails in CI fails at the desk too.
    hypothesis.settings.register_profile("lamina", deadline=None, derandomize=True, database=None)
    hypothesis.settings.load_profile("lamina")

CASES = pytest.StashKey[dict[str, int]]()


def pytest_configure(config: pytest.Config) -> None:
    # A shell starts background jobs with Ctrl-C ignored; ours and our children's would be, too.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    watchdog.configure(config)
    config.stash[CASES] = {}


def pytest_unconfigure(config: pytest.Config) -> None:
    watchdog.unconfigure(config)


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


@pytest.fixture(scope="session")
def tfjs(request: pytest.FixtureRequest) -> Iterator[Tfjs]:
    """TensorFlow.js in Node; skips where it is missing, fails with LAMINA_REQUIRE_NODE=1."""
    try:
        ensure_installed()
    except TfjsMissing as missing:
        if node_required():
            pytest.fail(f"LAMINA_REQUIRE_NODE=1: {missing}", pytrace=False)
        pytest.skip(str(missing))
    oracle = Tfjs()
    try:
        yield oracle
    finally:
        request.config.stash[CASES].update(oracle.asked)
        oracle.close()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """LAMINA_EXPECT_TFJS=N: at least N questions must have been asked, so that a lost test shows."""
    expected = int(os.environ.get("LAMINA_EXPECT_TFJS", "0"))
    asked = sum(session.config.stash[CASES].values())
    if asked < expected and not session.exitstatus:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    cases = config.stash[CASES]
    if cases:
        parts = ", ".join(f"{kind} {n}" for kind, n in sorted(cases.items()))
        terminalreporter.write_line(f"TensorFlow.js was asked {sum(cases.values())} times ({parts})")
    expected = int(os.environ.get("LAMINA_EXPECT_TFJS", "0"))
    if sum(cases.values()) < expected:
        terminalreporter.write_line(f"LAMINA_EXPECT_TFJS={expected}: too few questions asked", red=True)
