"""The table that model.summary() prints, as TensorFlow.js prints it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from typing import Any

from ..layers.variables import count_params

__all__ = ["print_summary", "summary_html"]

HEADER = ("Layer (type)", "Input Shape", "Output shape", "Param #")


def print_summary(
    model: Any,
    line_length: int | None,
    positions: Sequence[float] | None,
    print_line: Callable[[str], Any],
) -> None:
    """One row for each layer; where layers branch or are shared, also the layers that each receives inputs
    from.
    """
    stacked = _is_stack(model)
    header = _header(stacked)
    if stacked:
        line_length = line_length or 90
        positions = positions or (0.32, 0.61, 0.89, 1)
    else:
        line_length = line_length or 115
        positions = positions or (0.24, 0.48, 0.70, 0.80, 1)
    if positions[-1] <= 1:
        positions = [math.floor(line_length * position) for position in positions]
    columns = [int(position) for position in positions]
    print_line("_" * line_length)
    print_line(_row(header, columns))
    print_line("=" * line_length)
    for index, layer in enumerate(model.layers):
        for fields in _rows(layer, None if stacked else model.graph):
            print_line(_row(fields, columns))
        print_line(("=" if index == len(model.layers) - 1 else "_") * line_length)
    for line in _totals(model):
        print_line(line)
    print_line("_" * line_length)


def summary_html(model: Any) -> str:
    """The same as an HTML table."""
    from html import escape

    from ..notebook.tables import table

    stacked = _is_stack(model)
    rows = [fields for layer in model.layers for fields in _rows(layer, None if stacked else model.graph)]
    totals = "".join(f"<div>{line}</div>" for line in _totals(model))
    return f"<div>{escape(model.name)}</div>{table(_header(stacked), rows)}{totals}"


def _header(stacked: bool) -> list[str]:
    return [*HEADER] if stacked else [*HEADER, "Receives inputs"]


def _totals(model: Any) -> list[str]:
    trainable = count_params(model.trainableWeights)
    frozen = count_params(model.nonTrainableWeights)
    return [
        f"Total params: {trainable + frozen}",
        f"Trainable params: {trainable}",
        f"Non-trainable params: {frozen}",
    ]


def _is_stack(model: Any) -> bool:
    """Whether every layer is called once, on the output of the one before."""
    graph = model.graph
    depths = [graph.node_depths[id(node)] for node in graph.nodes]
    if len(set(depths)) != len(depths) or any(len(node.inboundLayers) > 1 for node in graph.nodes):
        return False
    return all(sum(node in graph for node in layer.inboundNodes) <= 1 for layer in model.layers)


def _row(fields: Sequence[str], columns: Sequence[int]) -> str:
    line = ""
    for index, (field, end) in enumerate(zip(fields, columns, strict=False)):
        if index:
            line = line[:-1] + " "
        line = (line + field)[:end].ljust(end)
    return line


def _js(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _rows(layer: Any, graph: Any) -> list[list[str]]:
    inputs = ",".join(_js([list(shape) for shape in node.inputShapes]) for node in layer.inboundNodes)
    try:
        output = _js(layer.outputShape)
    except AttributeError:
        output = "multiple"
    fields = [f"{layer.name} ({layer.getClassName()})", inputs, output, str(layer.countParams())]
    if graph is None:
        return [fields]
    sources = [
        f"{source.name}[{node_index}][{tensor_index}]"
        for node in layer.inboundNodes
        if node in graph
        for source, node_index, tensor_index in zip(
            node.inboundLayers, node.nodeIndices, node.tensorIndices, strict=True
        )
    ]
    rows = [[*fields, sources[0] if sources else ""]]
    return rows + [["", "", "", "", source] for source in sources[1:]]
