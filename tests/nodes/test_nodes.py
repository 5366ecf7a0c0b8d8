"""The node tests of ONNX: another judge of what ops compute, beside TensorFlow.js and NumPy."""

from __future__ import annotations

from collections import Counter

import pytest

from . import adapters_elementwise, adapters_layers, adapters_shapes
from .beyond import BEYOND, NO_FUNCTION, PASSED, VERSION
from .cases import cases, difference
from .node import ADAPTERS, Inexpressible

onnx = pytest.importorskip("onnx")

pytestmark = pytest.mark.peers
KNOWN = onnx.__version__.startswith(VERSION)
# Models of several nodes, which say what an op means by simpler ones.
EXPANDED = "expanded"
MODULES = (adapters_elementwise, adapters_layers, adapters_shapes)


@pytest.mark.parametrize("op", [*sorted(ADAPTERS), EXPANDED])
def test_cases(op):
    wrong: list[str] = []
    beyond: Counter[str] = Counter()
    for case in cases().get(op, []):
        try:
            found = difference(case)
        except Inexpressible as reason:
            beyond[str(reason)] += 1
        else:
            wrong += [f"{case.name}: {found}"] * bool(found)
    assert not wrong, "\n".join(["ours first:", *wrong])
    assert dict(beyond) == BEYOND.get(op, {}) or not KNOWN


def test_every_op_has_an_adapter_or_a_reason():
    ops = {op: len(found) for op, found in cases().items()}
    listed = {op: count for group in NO_FUNCTION.values() for op, count in group.items()}
    without = {op: count for op, count in ops.items() if op not in ADAPTERS and op != EXPANDED}
    assert without == listed or not KNOWN
    assert not set(listed) & set(ADAPTERS)
    passed = sum(ops[op] for op in (*ADAPTERS, EXPANDED)) - sum(
        sum(each.values()) for each in BEYOND.values()
    )
    assert passed == PASSED or not KNOWN
