"""Exported models in C++: the bits of predict, from files and memory, on many threads, without allocation."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lamina as tf
from layers.running import inputs_of, one_or_all
from layers.table import ROWS, Row
from programs.test_layers import model_of, usable
from support.nets import NETS, Net

from . import sdk

pytestmark = pytest.mark.watchdog(600)


def as_list(values: Any) -> list[Any]:
    return values if isinstance(values, list) else [values]


def in_cpp(
    consumer: Path, file: Path, x: list[np.ndarray], y: list[np.ndarray], how: str = "run", told: str = ""
) -> list[np.ndarray]:
    """The outputs of a program for x, of the shapes of y."""
    inputs, outputs = file.with_suffix(".in"), file.with_suffix(".out")
    inputs.write_bytes(b"".join(np.ascontiguousarray(a).tobytes() for a in x))
    said = sdk.run(consumer, how, file, len(x[0]), inputs, outputs)
    assert told in ("", said)
    content = outputs.read_bytes()
    assert len(content) == sum(a.nbytes for a in y)
    found = []
    for a in y:
        found.append(np.frombuffer(content[: a.nbytes], a.dtype).reshape(a.shape))
        content = content[a.nbytes :]
    return found


def same_bits(a: list[np.ndarray], b: list[np.ndarray]) -> bool:
    return [v.tobytes() for v in a] == [v.tobytes() for v in b]


def predicted(model: Any, x: list[np.ndarray]) -> list[np.ndarray]:
    return [np.asarray(y) for y in as_list(model.predict(one_or_all([tf.tensor(a) for a in x])))]


def stateful(row: Row) -> bool:
    return bool(row.config.get("stateful"))


def composed(row: Row) -> bool:
    """Runs an op that is put together from others, which takes memory for what lies between."""
    axis = row.config.get("axis", -1)
    return (row.layer == "batchNormalization" and axis != -1) or (
        row.layer == "lstm" and row.config.get("activation") == "softmax"
    )


@pytest.mark.parametrize("row", [r for r in ROWS if usable(r) and not stateful(r)], ids=lambda row: row.id)
def test_every_layer(consumer, tmp_path, row):
    model, x = model_of(row), inputs_of(row)
    y = predicted(model, x)
    model.exportProgram(tmp_path / "m.lamina").result()
    # Not even the heap is asked for anything in twenty runs.
    how, told = ("run", "") if composed(row) else ("memory", "0\n")
    assert same_bits(in_cpp(consumer, tmp_path / "m.lamina", x, y, how, told), y)
    model.dispose()


def test_few_layers_take_memory():
    assert sum(map(composed, ROWS)) == 3


@pytest.mark.parametrize("row", [r for r in ROWS if stateful(r)], ids=lambda row: row.id)
def test_state_is_refused(tmp_path, row):
    model = model_of(row)
    with pytest.raises(ValueError, match="changes its state"):
        model.exportProgram(tmp_path / "m.lamina").result()
    assert not (tmp_path / "m.lamina").exists()
    model.dispose()


@pytest.mark.parametrize("batch", [1, 2, 8, 31])
@pytest.mark.parametrize("net", NETS, ids=lambda net: net.name)
def test_every_batch_size_from_one_file(consumer, tmp_path, net: Net, batch):
    model = net.model()
    x = [np.resize(net.x, (batch, *net.x.shape[1:]))]
    model.exportProgram(tmp_path / "m.lamina").result()
    y = predicted(model, x)
    assert same_bits(in_cpp(consumer, tmp_path / "m.lamina", x, y, "memory", "0\n"), y)
    model.dispose()


@pytest.mark.parametrize("net", NETS, ids=lambda net: net.name)
def test_threads_share_a_program(consumer, tmp_path, net: Net):
    model = net.model()
    x = [net.x[:4]]
    model.exportProgram(tmp_path / "m.lamina").result()
    y = predicted(model, x)
    assert same_bits(in_cpp(consumer, tmp_path / "m.lamina", x, y, "threads"), y)
    model.dispose()


def two_and_two() -> Any:
    a, b = tf.input(shape=[3], name="left"), tf.input(shape=[2], dtype="int32", name="right")
    table = tf.layers.flatten(name="rows").apply(
        tf.layers.embedding(inputDim=5, outputDim=2, name="table").apply(b)
    )
    joined = tf.layers.concatenate(name="joined").apply([a, table])
    return tf.model(inputs=[a, b], outputs=[joined, tf.layers.dense(units=1, name="sum").apply(joined)])


def test_several_inputs_and_outputs(consumer, tmp_path):
    model = two_and_two()
    x = [np.ones((2, 3), np.float32), np.array([[1, 4], [0, 2]], np.int32)]
    model.exportProgram(str(tmp_path / "m.lamina")).result()
    y = predicted(model, x)
    assert same_bits(in_cpp(consumer, tmp_path / "m.lamina", x, y), y)
    shown = sdk.run(consumer, "show", tmp_path / "m.lamina").splitlines()
    assert shown == [
        "batch 0",
        "input left 0 [ -1 3 ]",
        "input right 1 [ -1 2 ]",
        "output joined 0 [ -1 7 ]",
        "output sum 0 [ -1 1 ]",
    ]
    model.dispose()


def test_one_batch_size(consumer, tmp_path):
    model = NETS[0].model()
    saved = model.exportProgram(tmp_path / "m.lamina", {"batchSize": 3}).result()
    assert saved.modelArtifactsInfo.weightDataBytes == (tmp_path / "m.lamina").stat().st_size
    assert "batch 3\ninput hidden_input 0 [ 3 5 ]" in sdk.run(consumer, "show", tmp_path / "m.lamina")
    with pytest.raises(AssertionError, match="batches of 3, not of 4"):
        in_cpp(consumer, tmp_path / "m.lamina", [NETS[0].x[:4]], [])
    model.dispose()


def test_the_file_is_what_the_documentation_says(tmp_path):
    """A safetensors file whose payload is aligned, with the unfused graph and names of weights."""
    model = NETS[0].model()
    model.exportProgram(tmp_path / "m.lamina").result()
    content = (tmp_path / "m.lamina").read_bytes()
    (length,) = struct.unpack_from("<Q", content)
    assert (8 + length) % 64 == 0
    header = json.loads(content[8 : 8 + length])
    program = json.loads(header["__metadata__"]["program"])
    assert header["hidden/kernel"]["shape"] == [5, 8]
    begin, end = header["hidden/kernel"]["data_offsets"]
    kernel = np.frombuffer(content[8 + length :][begin:end], np.float32).reshape(5, 8)
    assert np.array_equal(kernel, np.asarray(model.layers[0].getWeights()[0]))
    assert [(call["op"], call["version"]) for call in program["calls"]] == [
        ("fusedMatMul", 1),
        ("fusedMatMul", 1),
        ("softmax", 1),
    ]
    model.dispose()


def test_the_file_keeps_the_weights_of_the_call(consumer, tmp_path):
    net = NETS[0]
    model = net.model()
    x = [net.x[:3]]
    y = predicted(model, x)
    promise = model.exportProgram(tmp_path / "m.lamina")
    model.trainOnBatch(net.x, net.y)
    promise.result()
    assert not same_bits(predicted(model, x), y)
    assert same_bits(in_cpp(consumer, tmp_path / "m.lamina", x, y), y)
    model.dispose()


class Doubled(tf.layers.Layer):
    """A layer of the user's own."""

    className = "Doubled"

    def call(self, inputs, kwargs):
        x = inputs[0] if isinstance(inputs, list) else inputs
        return tf.mul(x, 2)


class Peeking(Doubled):
    """One that looks at values."""

    className = "Peeking"

    def computeOutputShape(self, inputShape):
        return inputShape

    def call(self, inputs, kwargs):
        x = inputs[0] if isinstance(inputs, list) else inputs
        return tf.mul(x, float(tf.sum(x)))


def test_layers_of_ones_own(consumer, tmp_path):
    model = tf.sequential(layers=[tf.layers.dense(units=2, inputShape=[3]), Doubled()])
    x = [np.ones((2, 3), np.float32)]
    y = predicted(model, x)
    model.exportProgram(tmp_path / "m.lamina").result()
    assert same_bits(in_cpp(consumer, tmp_path / "m.lamina", x, y), y)
    model.dispose()

    model = tf.sequential(layers=[tf.layers.dense(units=2, inputShape=[3]), Peeking()])
    with pytest.raises(RuntimeError, match="only traced"):
        model.exportProgram(tmp_path / "m.lamina").result()
    model.dispose()


def test_what_cannot_be_exported(tmp_path):
    open_sizes = tf.sequential(layers=[tf.layers.lstm(units=2, inputShape=[None, 3])])
    file = tmp_path / "m.lamina"
    with pytest.raises(ValueError, match="inputShapes"):
        open_sizes.exportProgram(file).result()
    with pytest.raises(ValueError, match=r"takes samples of shape \[None, 3\]"):
        open_sizes.exportProgram(file, inputShapes=[[4, 2]]).result()
    with pytest.raises(ValueError, match="one shape for each of 1"):
        open_sizes.exportProgram(file, inputShapes=[[4, 3], [4, 3]]).result()
    assert not file.exists()
    open_sizes.exportProgram(file, inputShapes=[[4, 3]]).result()
    assert file.exists()
    open_sizes.dispose()

    fixed = tf.sequential(layers=[tf.layers.dense(units=1, batchInputShape=[4, 2])])
    with pytest.raises(ValueError, match="4 and 5 samples"):
        fixed.exportProgram(file, batchSize=5).result()
    fixed.dispose()
    with pytest.raises(RuntimeError, match="disposed"):
        fixed.exportProgram(file).result()
