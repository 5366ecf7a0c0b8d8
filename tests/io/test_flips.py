"""Flipped bits, files cut off anywhere, and files that are not where or what a model says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import lamina as tf
from support import damage
from support.nets import NETS

NET = NETS[0]
# .ci/run asks for 100 000.
FLIPS = int(os.environ.get("LAMINA_FLIPS", "4000"))
PROCESSES = 2


@pytest.fixture
def folder(tmp_path) -> Path:
    """A saved model with everything in it: optimizer, metrics, metadata."""
    model = NET.model("adam", ["accuracy"])
    model.trainOnBatch(*NET.batches(1)[0]).result()
    model.setUserDefinedMetadata({"labels": ["a", "b"]})
    model.save(tmp_path / "model", includeOptimizer=True).result()
    model.dispose()
    return tmp_path / "model"


def shard_of(folder: Path) -> Path:
    (found,) = folder.glob("*.bin")
    return found


def refused(folder: Path) -> str:
    with pytest.raises((ValueError, OSError)) as caught:
        tf.loadLayersModel(folder).result()
    return str(caught.value)


@pytest.mark.slow
@pytest.mark.watchdog(900)
def test_no_flipped_bit_goes_unseen(folder, tmp_path):
    running = []
    for index in range(PROCESSES):
        copy = tmp_path / str(index)
        damage.copied(folder, copy)
        count = FLIPS // PROCESSES
        program = Path(__file__).with_name("flipping.py")
        command = [sys.executable, str(program), str(copy), str(index * count), str(count)]
        running.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True))
    for each in running:
        said = each.communicate(timeout=800)[0]
        assert each.returncode == 0, said
        assert said.startswith("fine: ")


@pytest.mark.slow
@pytest.mark.parametrize("ours", [True, False], ids=["with checksums", "without"])
def test_cut_off_at_every_length(folder, ours):
    if not ours:
        damage.write(folder, damage.without_checksums(json.loads((folder / "model.json").read_text())))
    for path in (folder / "model.json", shard_of(folder)):
        data = path.read_bytes()
        for length in range(len(data)):
            path.write_bytes(data[:length])
            assert refused(folder)
        path.write_bytes(data + b"0")
        assert refused(folder)
        path.write_bytes(data)
    tf.loadLayersModel(folder).result().dispose()


def with_path(folder: Path, path: Any) -> None:
    content = damage.without_checksums(json.loads((folder / "model.json").read_text()))
    content["weightsManifest"][0]["paths"] = path if isinstance(path, list) else [path]
    damage.write(folder, content)


@pytest.mark.skipif(not hasattr(os, "symlink") or os.name == "nt", reason="no symbolic links here")
def test_links_do_not_lead_out_of_the_folder(folder, tmp_path):
    shard, outside = shard_of(folder), tmp_path / "outside.bin"
    outside.write_bytes(shard.read_bytes())
    (folder / "link.bin").symlink_to(outside)
    with_path(folder, "link.bin")
    assert "leaves the model's folder" in refused(folder)
    (folder / "up").symlink_to(tmp_path)
    with_path(folder, "up/outside.bin")
    assert "leaves the model's folder" in refused(folder)
    (folder / "inner.bin").symlink_to(shard)
    with_path(folder, "inner.bin")
    tf.loadLayersModel(folder).result().dispose()


@pytest.mark.skipif(not hasattr(os, "symlink") or os.name == "nt", reason="no symbolic links here")
def test_a_cache_of_links_opens(folder, tmp_path):
    """Download caches keep files by their hash and a folder of links to them."""
    view = tmp_path / "snapshots" / "one"
    view.mkdir(parents=True)
    for path in folder.iterdir():
        (view / path.name).symlink_to(path)
    tf.loadLayersModel(view).result().dispose()
    tf.loadLayersModel(view / "model.json").result().dispose()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_what_is_no_file_is_not_waited_for(folder):
    os.mkfifo(folder / "pipe.bin")
    with_path(folder, "pipe.bin")
    assert "is no file" in refused(folder)
    (folder / "folder.bin").mkdir()
    with_path(folder, "folder.bin")
    assert "is no file" in refused(folder)


def test_a_small_file_cannot_ask_for_much(folder):
    shard = shard_of(folder)
    size = shard.stat().st_size
    with open(folder / "sparse.bin", "wb") as file:
        file.truncate(1 << 40)
    with_path(folder, "sparse.bin")
    assert f"but there are {1 << 40}" in refused(folder)
    with_path(folder, [shard.name] * 2)
    assert f"but there are {2 * size}" in refused(folder)
    text = (folder / "model.json").read_text()
    # A layer of 10^12 numbers over a file of a thousand bytes.
    with_path(folder, shard.name)
    large = (folder / "model.json").read_text().replace('"units": 8', '"units": 1000000000000')
    assert large != text
    (folder / "model.json").write_text(large)
    assert "which the file does not have" in refused(folder)
    # The same without any weights.
    content = json.loads(large)
    content["weightsManifest"] = []
    damage.write(folder, content)
    assert "which the file does not have" in refused(folder)
    del content["weightsManifest"]
    damage.write(folder, content)
    assert "weightsManifest is missing" in refused(folder)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"modelTopology":' * 50_000,
        '{"modelTopology": {"class_name": "Sequential", "config": {"layers": [' * 300 + "]}}}" * 300,
        '{"modelTopology": {"a": ' + "9" * 5000 + "}}",
        '{"modelTopology": {"a": NaN}}',
        '{"modelTopology": {"a": -Infinity}}',
        '{"modelTopology": {"a": 1e999}}',
        '{"modelTopology": {}} {}',
        "\ufeff{}",
        "",
        "null",
        '"model"',
        "\0",
    ],
    ids=range(13),
)
def test_texts_that_are_no_model(tmp_path, text):
    (tmp_path / "model.json").write_text(text, encoding="utf-8")
    assert "model.json" in refused(tmp_path) or "modelTopology" in refused(tmp_path)
    with pytest.raises(ValueError, match=r"\w"):
        tf.models.modelFromJSON(text).result()


def test_models_too_deep_within_models_are_refused():
    text = '{"class_name": "Dense", "config": {"units": 1, "batch_input_shape": [null, 1], "name": "d"}}'
    for depth in range(400):
        name = f'"name": "s{depth}"'
        text = f'{{"class_name": "Sequential", "config": {{{name}, "layers": [{text}]}}}}'
    with pytest.raises(ValueError, match="nested too deeply"):
        tf.models.modelFromJSON(text).result()
