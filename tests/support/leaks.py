"""After every test the number of live tensors and buffers is what it was before."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Iterator

import pytest

MARKER = "no_leak_check"
GRACE_S = 0.5

failed = pytest.StashKey[bool]()


class _State:
    """A failed test's traceback keeps its locals alive, so the next baseline is taken after a collection."""

    dirty = True


def live() -> tuple[int, int]:
    """(tensors, buffers); a test that never imports lamina has none."""
    lamina = sys.modules.get("lamina")
    if lamina is None or not hasattr(lamina, "memory"):
        return (0, 0)
    memory = lamina.memory()
    return (memory["numTensors"], memory["numDataBuffers"])


def _settled(expected: tuple[int, int]) -> tuple[int, int]:
    """The counts once garbage is collected and threads that just ended have let go."""
    deadline = time.monotonic() + GRACE_S
    now = live()
    while now != expected:
        gc.collect()
        now = live()
        if now == expected or time.monotonic() > deadline:
            break
        time.sleep(0.01)
    return now


def check(request: pytest.FixtureRequest) -> Iterator[None]:
    marker = request.node.get_closest_marker(MARKER)
    if marker is not None and not marker.kwargs.get("reason"):
        pytest.fail(f"@pytest.mark.{MARKER} needs reason=...")
    if _State.dirty:
        gc.collect()
        _State.dirty = False
    before = live()
    yield
    if marker is not None or request.node.stash.get(failed, False):
        _State.dirty = True
        return
    # pytest keeps the values of this test's own fixtures until after teardown.
    getattr(request.node, "funcargs", {}).clear()
    after = _settled(before)
    if after != before:
        _State.dirty = True
        pytest.fail(
            f"live tensors {before[0]} -> {after[0]}, live buffers {before[1]} -> {after[1]}: "
            "the test left some behind (or freed some that were not its own)",
            pytrace=False,
        )
