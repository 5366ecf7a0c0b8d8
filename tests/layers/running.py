"""One row run here: the layer made, built, given weights, called and differentiated."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from lamina import _core, layers

from .table import Row


@dataclass
class Run:
    outputs: list[np.ndarray]
    output_shapes: list[tuple[int | None, ...]]
    weights: list[np.ndarray]
    grad_inputs: list[np.ndarray | None]
    grad_weights: list[np.ndarray]


def generator(row: Row) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(row.id.encode()))


def inputs_of(row: Row) -> list[np.ndarray]:
    rng = generator(row)
    made = []
    for shape in row.inputs:
        if row.integers_below:
            made.append(rng.integers(0, row.integers_below, shape).astype(row.dtype))
        else:
            # No two values are close, so that maxima and kinks are where both sides see them.
            values = rng.permutation(np.arange(np.prod(shape))) + rng.uniform(0.2, 0.8)
            made.append(((values - values.mean()) / max(1.0, values.std())).reshape(shape).astype(row.dtype))
    return made


def weights_of(row: Row, shapes: list[tuple[int, ...]], names: list[str]) -> list[np.ndarray]:
    rng = generator(row)
    return [
        rng.uniform(0.5, 1.5, shape).astype("float32")
        if "variance" in name
        else rng.normal(0, 0.6, shape).astype("float32")
        for shape, name in zip(shapes, names, strict=True)
    ]


def make(row: Row, **more: Any) -> Any:
    return getattr(layers, row.layer)({**row.config, **more})


def one_or_all(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def built(row: Row) -> tuple[Any, list[Any]]:
    """The layer after a symbolic call with the row's batch size, and its symbolic outputs."""
    layer = make(row)
    symbols = [layers.input(batchShape=shape, dtype=row.dtype) for shape in row.inputs]
    outputs = layer.apply(one_or_all(symbols))
    return layer, outputs if isinstance(outputs, list) else [outputs]


def names_of(layer: Any) -> list[str]:
    return [weight.originalName.rpartition("/")[2] for weight in layer.weights]


def run(row: Row, training: bool, gradients: bool = True) -> tuple[Any, Run]:
    layer, symbols = built(row)
    layer.setWeights(weights_of(row, [w.shape for w in layer.weights], names_of(layer)))
    tensors = [_core.tensor(x) for x in inputs_of(row)]
    outputs: list[Any] = []
    grads: list[Any] = []
    sources = [x for x in tensors if x.dtype == "float32"] + [w.read() for w in layer.trainableWeights]
    for call in range(row.calls):
        with _core.Tape() as tape:
            for source in sources:
                tape.watch(source)
            made = layer.apply(one_or_all(tensors), {**row.kwargs, "training": training})
            outputs = made if isinstance(made, list) else [made]
            dys = dys_of(row, [tuple(y.shape) for y in outputs])
            total = _core.ops.fill([], 0)
            for y, dy in zip(outputs, dys, strict=True):
                total = _core.ops.add(total, _core.ops.sum(_core.ops.mul(y, _core.tensor(dy))))
        if gradients and call == row.calls - 1:
            grads = tape.gradient(total, sources)
    arrays = [None if g is None else np.array(g) for g in grads]
    floats = sum(x.dtype == "float32" for x in tensors)
    for_inputs = iter(arrays[:floats])
    return layer, Run(
        outputs=[np.array(y) for y in outputs],
        output_shapes=[s.shape for s in symbols],
        weights=[np.array(w) for w in layer.getWeights()],
        grad_inputs=[next(for_inputs, None) if x.dtype == "float32" else None for x in tensors],
        grad_weights=[g for g in arrays[floats:] if g is not None],
    )


def dys_of(row: Row, shapes: list[tuple[int, ...]]) -> list[np.ndarray]:
    """What the outputs are multiplied by before they are added up."""
    rng = generator(row)
    return [rng.normal(size=shape).astype("float32") for shape in shapes]


def close(here: Any, there: Any, what: str, tolerance: float = 1e-5) -> None:
    """Within `tolerance` of the largest absolute value."""
    here, there = np.asarray(here), np.asarray(there)
    assert here.shape == there.shape, f"{what}: shape {here.shape} here, {there.shape} there"
    scale = max(1.0, float(np.max(np.abs(there), initial=0)))
    error = float(np.max(np.abs(here.astype("float64") - there), initial=0))
    assert error <= tolerance * scale, f"{what}: off by {error} of {scale}\n{here}\n{there}"
