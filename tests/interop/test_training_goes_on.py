"""Models that are trained here, saved, and trained on in TensorFlow.js, and the reverse."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lamina as tf
from support.nets import NETS, array, close

# Those whose state TensorFlow.js can save.
OPTIMIZERS = ["sgd", "adam", "rmsprop", "adagrad", "adadelta"]
METADATA = {"labels": ["a", "ü"], "n": 1.5, "nested": {"x": None, "y": [True]}}
GO_ON = """
  const m = await helpers.loadModel(dir);
  const losses = [];
  for (const [x, y] of batches) losses.push(await m.trainOnBatch(tf.tensor(x), tf.tensor(y)));
  const metadata = m.getUserDefinedMetadata();
  await helpers.saveModel(m, target, {includeOptimizer: true});
  return {losses, metadata};
"""


def split(folder: Path, sizes: list[int]) -> None:
    """Parts the only shard of a saved model, not only between weights; the last part takes the rest."""
    content = json.loads((folder / "model.json").read_text())
    group = content["weightsManifest"][0]
    data = (folder / group["paths"][0]).read_bytes()
    group["paths"] = []
    for index, size in enumerate([*sizes, len(data)]):
        name = f"group1-shard{index + 1}of{len(sizes) + 1}.bin"
        (folder / name).write_bytes(data[:size])
        data = data[size:]
        group["paths"].append(name)
    (folder / "model.json").write_text(json.dumps(content))


def steps(model: Any, batches: Any) -> list[float]:
    return [model.trainOnBatch(x, y).result() for x, y in batches]


@pytest.mark.parametrize("net", NETS, ids=lambda net: net.name)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_here_and_there_and_back(tfjs, tmp_path, monkeypatch, net, optimizer):
    """Saved here in several shards; five steps there; the file from there, cut anew, five steps more."""
    monkeypatch.setattr("lamina.io.files.SHARD_BYTES", 150)
    model = net.model(optimizer)
    model.setUserDefinedMetadata(METADATA)
    batches = net.batches(15)
    steps(model, batches[:5])
    model.save(tmp_path / "ours", includeOptimizer=True).result()
    assert len(list((tmp_path / "ours").glob("*.bin"))) > 1

    # Here: bit for bit as if nothing had been saved.
    again = tf.loadLayersModel(tmp_path / "ours").result()
    assert again.getUserDefinedMetadata() == METADATA
    ours = steps(model, batches[5:10])
    assert steps(again, batches[5:10]) == ours
    for one, other in zip(model.getWeights(), again.getWeights(), strict=True):
        np.testing.assert_array_equal(array(one), array(other))

    # There, with its own arithmetic.
    target = tmp_path / "theirs"
    rest = [[x.tolist(), y.tolist()] for x, y in batches[5:10]]
    theirs = tfjs.eval(GO_ON, dir=str(tmp_path / "ours"), target=str(target), batches=rest)
    assert close(ours, theirs["losses"])
    assert theirs["metadata"] == METADATA
    split(target, [1, 70])
    back = tf.loadLayersModel(target).result()
    assert back.optimizer.iterations == 10
    assert back.getUserDefinedMetadata() == METADATA
    assert close(steps(back, batches[10:]), steps(model, batches[10:]))
    for each in (model, again, back):
        each.dispose()
