"""The node tests that come with the package onnx: a model of one node, or of the nodes that it stands for."""

from __future__ import annotations

import contextlib
import io
import warnings
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from .node import ADAPTERS, Inexpressible, Node, as_held, run


@dataclass(frozen=True)
class NodeCase:
    name: str
    op: str  # what the case is about
    model: Any
    data: Any
    rtol: float
    atol: float


@cache
def cases() -> dict[str, list[NodeCase]]:
    """By op all cases; making them takes some seconds."""
    from onnx.backend.test.loader import load_model_tests

    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        found = load_model_tests(kind="node")
    by_op: dict[str, list[NodeCase]] = {}
    for case in found:
        nodes = case.model.graph.node
        domain = nodes[0].domain
        op = f"{domain}.{nodes[0].op_type}" if domain else nodes[0].op_type
        if len(nodes) > 1 or "_expanded" in case.name:
            op = "expanded"
        by_op.setdefault(op, []).append(
            NodeCase(case.name, op, case.model, case.data_sets, case.rtol, case.atol)
        )
    return by_op


def plain(value: Any) -> Any:
    """Some cases hold tensors as messages."""
    from onnx import numpy_helper

    return numpy_helper.to_array(value) if hasattr(value, "dims") else value


def compute(case: NodeCase, inputs: list[Any]) -> list[np.ndarray]:
    """The model's outputs, node by node."""
    from onnx import helper, numpy_helper

    graph = case.model.graph
    known: dict[str, Any] = {"": None}
    known.update({t.name: numpy_helper.to_array(t) for t in graph.initializer})
    known.update({i.name: plain(value) for i, value in zip(graph.input, inputs, strict=False)})
    for node in graph.node:
        if node.op_type not in ADAPTERS or node.domain:
            raise Inexpressible(f"nothing does {node.op_type}")
        attributes = {}
        for attribute in node.attribute:
            value = helper.get_attribute_value(attribute)
            if isinstance(value, bytes):
                value = value.decode()
            attributes[attribute.name] = plain(value)
        outputs = run(Node(node.op_type, [known[name] for name in node.input], attributes, len(node.output)))
        known.update(zip(node.output, outputs, strict=False))
    return [known[output.name] for output in graph.output]


def difference(case: NodeCase) -> str:
    """What is not as expected; nothing if all is."""
    for inputs, expected in case.data:
        with np.errstate(all="ignore"):
            found = compute(case, list(inputs))
            if len(found) < len(expected):
                return f"{len(found)} outputs of {len(expected)}"
            for ours, wanted in zip(found, expected, strict=False):
                ours, wanted = as_held(ours), as_held(plain(wanted))
                if ours.dtype != wanted.dtype or ours.shape != wanted.shape:
                    return f"{ours.dtype}{ours.shape} and {wanted.dtype}{wanted.shape}"
                if wanted.dtype.kind == "f":
                    same = np.allclose(ours, wanted, rtol=case.rtol, atol=case.atol, equal_nan=True)
                else:
                    same = np.array_equal(ours, wanted)
                if not same:
                    return f"{ours.ravel()[:6]} and {wanted.ravel()[:6]}"
    return ""
