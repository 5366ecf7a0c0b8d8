"""Each row of the table against TensorFlow.js: values, gradients, shapes, weights, config, files."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from lamina import layers, serialization

from . import running
from .table import ROWS, Row

rows = pytest.mark.parametrize("row", ROWS, ids=[row.id for row in ROWS])
phases = pytest.mark.parametrize("training", [False, True], ids=["inference", "training"])


def ask(tfjs: Any, row: Row, training: bool, gradients: bool = True) -> Any:
    layer, symbols = running.built(row)
    weights = running.weights_of(row, [w.shape for w in layer.weights], running.names_of(layer))
    dys = running.dys_of(row, [tuple(s.shape) for s in symbols])
    return tfjs.layer(
        row.layer,
        row.config,
        running.inputs_of(row),
        weights=weights,
        dy=dys if gradients else None,
        calls=row.calls,
        training=training,
        **row.kwargs,
    )


@rows
@phases
def test_values_and_gradients(tfjs: Any, row: Row, training: bool) -> None:
    if (row.random and training) or row.only_here:
        pytest.skip(row.only_here or "draws at random")
    gradients = not row.no_gradient_there
    there = ask(tfjs, row, training, gradients)
    layer, here = running.run(row, training, gradients)
    assert len(here.outputs) == len(there.outputs)
    for index, (a, b) in enumerate(zip(here.outputs, there.outputs, strict=True)):
        running.close(a, b, f"output {index}")
    assert running.names_of(layer) == there.weight_names
    for name, a, b in zip(there.weight_names, here.weights, there.weights, strict=True):
        running.close(a, b, f"{name} afterwards")
    if not gradients:
        return
    for index, (a, b) in enumerate(zip(here.grad_inputs, there.grad_inputs, strict=True)):
        if b is not None:
            running.close(a, b, f"gradient of input {index}", 2e-5)
    assert len(here.grad_weights) == len(there.grad_weights)
    for name, a, b in zip(there.trainable_weight_names, here.grad_weights, there.grad_weights, strict=True):
        running.close(a, b, f"gradient of {name}", 2e-5)


@rows
def test_shapes(tfjs: Any, row: Row) -> None:
    """The symbolic shape is that of TensorFlow.js and that of the result; an open batch stays open."""
    layer, here = running.run(row, False, gradients=False)
    assert here.output_shapes == [y.shape for y in here.outputs]
    if not row.only_here:
        there = ask(tfjs, row, False, gradients=False)
        assert [list(s) for s in here.output_shapes] == there.output_shapes
    assert layer.countParams() == sum(w.size for w in here.weights)
    if row.config.get("stateful"):
        return
    symbols = [layers.input(shape=shape[1:], dtype=row.dtype) for shape in row.inputs]
    output = running.make(row).apply(running.one_or_all(symbols))
    open_shapes = [s.shape for s in (output if isinstance(output, list) else [output])]
    assert open_shapes == [(None, *shape[1:]) for shape in here.output_shapes]


def comparable(config: dict[str, Any]) -> dict[str, Any]:
    """Without the name, and without options that are not set: TensorFlow.js leaves some of them out."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(each) for key, each in value.items() if each is not None and each is not False}
        return [plain(each) for each in value] if isinstance(value, (list, tuple)) else value

    found: dict[str, Any] = plain({key: value for key, value in config.items() if key != "name"})
    return found


@rows
def test_config(tfjs: Any, row: Row) -> None:
    """getConfig() is TensorFlow.js', and an equal layer comes from it."""
    layer = running.make(row)
    config = layer.getConfig()
    again = type(layer).fromConfig(config)
    assert again.getConfig() == config
    code = "tf.layers[name](config).getConfig()"
    there = tfjs.eval(code, name=row.layer, config=row.config)
    mine, theirs = comparable(config), comparable(there)
    if "inputShape" not in row.config:
        # The input's dtype goes with a shape that the layer made up here; it has no effect.
        mine.pop("dtype", None)
    assert mine == theirs


@rows
def test_files(tfjs: Any, row: Row) -> None:
    """As JSON the layer reads back here and in TensorFlow.js; TensorFlow.js' own JSON reads back here."""
    layer = running.make(row)
    spec = serialization.serialize(layer)
    assert spec is not None
    written = json.loads(json.dumps(serialization.to_json(spec)))
    assert serialization.from_json(written) == spec
    assert serialization.deserialize(written).getConfig() == spec["config"]
    assert all(key == key.lower() for key in written["config"])
    # A layer travels in a functional model, whose reader and writer turn the spelling.
    names = [f"in{index}" for index in range(len(row.inputs))]
    entrances = [
        {
            "name": name,
            "class_name": "InputLayer",
            "config": {"batch_input_shape": shape, "dtype": row.dtype, "sparse": False, "name": name},
            "inbound_nodes": [],
        }
        for name, shape in zip(names, row.inputs, strict=True)
    ]
    node = [[name, 0, 0, {}] for name in names]
    topology = {
        "class_name": "Model",
        "config": {
            "name": "m",
            "layers": [*entrances, {**written, "name": layer.name, "inbound_nodes": [node]}],
            "input_layers": [[name, 0, 0] for name in names],
            "output_layers": [[layer.name, 0, 0]],
        },
    }
    code = """
        const model = await tf.models.modelFromJSON({modelTopology: topology});
        const layer = model.layers[model.layers.length - 1];
        const json = model.toJSON(null, false).config.layers.slice(-1)[0];
        model.dispose();
        return {config: layer.getConfig(), json};
    """
    if row.config.get("activation") == "gelu_new":
        return  # TensorFlow.js cannot read its own spelling of it
    there = tfjs.eval(code, topology=topology)
    assert comparable(there["config"]) == comparable(spec["config"])
    back = serialization.deserialize(there["json"])
    assert comparable(back.getConfig()) == comparable(spec["config"])


def test_every_layer_has_a_row() -> None:
    """A layer that is registered is in the table; those that are not layers by themselves are named here."""
    made = {row.layer for row in ROWS}
    aliases = {
        name for name, factory in layers.load_all().items() if getattr(factory, "__name__", name) != name
    }
    assert set(layers.load_all()) - aliases - made == {"input", "inputLayer", "lstmCell", "rnn"}


def test_no_module_hides_a_factory() -> None:
    """A module of that name would stand in the factory's place."""
    from pkgutil import iter_modules

    modules = {module.name for module in iter_modules(layers.__path__)}
    assert not modules & set(layers.load_all())


def test_counts() -> None:
    assert len(ROWS) == 129
    assert len({row.id for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", [r for r in ROWS if r.only_here or r.no_gradient_there], ids=lambda r: r.id)
@phases
def test_gradients_by_differences(row: Row, training: bool) -> None:
    """Where TensorFlow.js gives none: central differences at the first and last place of inputs and
    weights.
    """
    layer, here = running.run(row, training)
    inputs = running.inputs_of(row)
    dys = running.dys_of(row, [y.shape for y in here.outputs])
    start = [np.array(w) for w in layer.getWeights()]
    trainable = len(layer.trainableWeights)

    def total(inputs: list[np.ndarray], weights: list[np.ndarray]) -> float:
        layer.setWeights(weights)
        y = layer.apply(running.one_or_all(inputs), {"training": training})
        return float(np.sum(np.array(y).astype("float64") * dys[0]))

    groups = [(inputs, here.grad_inputs), (start, [*here.grad_weights, *[None] * (len(start) - trainable)])]
    for which, (arrays, grads) in enumerate(groups):
        for index, grad in enumerate(grads):
            # Indices jump from one row to another.
            if grad is None or (which == 0 and row.id.startswith("embedding")):
                continue
            for at in [(0,) * grad.ndim, tuple(size - 1 for size in grad.shape)]:
                sums = []
                for step in (2e-3, -2e-3):
                    moved = [each.copy() for each in arrays]
                    moved[index][at] += step
                    sums.append(total(moved if which == 0 else inputs, moved if which == 1 else start))
                slope = (sums[0] - sums[1]) / 4e-3
                assert abs(slope - grad[at]) <= 2e-2 * max(1, abs(slope)), (which, index, at)
