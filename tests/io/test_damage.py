"""Damaged models: whatever was changed in a file, loading names the field, or nothing was lost."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lamina as tf
from lamina.kinds import to_camel_case
from support import damage
from support.nets import NETS

pytestmark = pytest.mark.filterwarnings("ignore::lamina.errors.LaminaWarning")

# So many changes are tried of each model, evenly taken out of all.
OURS = 400
THEIRS = 400
# Fields that nothing reads.
UNREAD = {"keras_version", "backend", "training_config"}
SHARED = Path(os.environ.get("LAMINA_MODELS") or Path(__file__).resolve().parents[3] / "shared" / "models")
SMALL = ("zaid_xor", "divorce_softmax", "tfjs_examples_abalone", "doodle_nested_seq", "zaid_playground_bn")


def graph() -> Any:
    """Two inputs, a model within the model, a layer that is called twice."""
    words = tf.input(shape=[4], dtype="int32", name="words")
    x = tf.input(shape=[3], name="x")
    inner = tf.sequential(
        layers=[tf.layers.dense(units=3, inputShape=[3], activation="relu", name="d")], name="inner"
    )
    shared = tf.layers.dense(units=2, kernelRegularizer="l1l2", name="shared")
    embedded = tf.layers.flatten(name="flat").apply(
        tf.layers.embedding(inputDim=5, outputDim=2, name="e").apply(words)
    )
    joined = tf.layers.concatenate(name="join").apply([shared.apply(inner.apply(x)), embedded])
    return tf.model(inputs=[words, x], outputs=[shared.apply(x), joined])


MAKE = {net.name: net.make for net in NETS} | {"graph": graph}


@pytest.fixture(params=MAKE)
def folder(request, tmp_path) -> Path:
    model = MAKE[request.param]()
    if request.param == "graph":
        model.compile(optimizer="rmsprop", loss=["meanSquaredError", "meanAbsoluteError"])
    else:
        net = next(net for net in NETS if net.name == request.param)
        model.compile(optimizer="adam", loss=net.loss, metrics=["accuracy"])
        model.trainOnBatch(*net.batches(1)[0]).result()
    model.setUserDefinedMetadata({"labels": ["a", "b"], "n": 1})
    model.save(tmp_path / "saved", includeOptimizer=True).result()
    optimizer = model.optimizer
    model.dispose()
    optimizer.dispose()
    return tmp_path / "saved"


def document(model: Any) -> dict[str, Any]:
    """What a file of the model would say."""
    compilation = model._compilation
    return {
        "modelTopology": model.topology(),
        "trainingConfig": None if compilation is None else compilation.training_config(),
        "userDefinedMetadata": model.getUserDefinedMetadata(),
    }


def numbers(model: Any) -> list[bytes]:
    weights = [np.asarray(w).tobytes() for w in model.getWeights()]
    if model._compilation is not None:
        weights += [np.asarray(entry.tensor).tobytes() for entry in model.optimizer.state()]
    return weights


def loaded(folder: Path) -> Any:
    """What loading gave: the error, or (document, numbers)."""
    try:
        model = tf.loadLayersModel(folder).result()
    except (ValueError, OSError) as error:
        return error
    found = document(model), numbers(model)
    model.dispose()
    return found


def at(value: Any, path: damage.Key) -> Any:
    for key in path:
        try:
            value = value[key]
        except (LookupError, TypeError):
            return damage.MISSING
    return value


def some(changes: list[damage.Change], count: int) -> list[damage.Change]:
    return changes[:: max(1, len(changes) // count)]


def test_no_change_of_our_files_goes_unseen(folder, tmp_path):
    content = damage.copied(folder, tmp_path / "copy")
    original = loaded(folder)
    assert not isinstance(original, Exception)
    tried = some(list(damage.changes(content)), OURS)
    assert len(tried) >= OURS
    for change in tried:
        damage.write(tmp_path / "copy", change.apply(content))
        found = loaded(tmp_path / "copy")
        # Without its checksums the file is like anybody's: the shard itself is still the same.
        unsealed = any(
            key in ("sha256", "jsonSha256", "weights", "weightsManifest") for key in change.path[-2:]
        )
        assert isinstance(found, Exception) or found == original or (unsealed and is_said(found, change)), (
            change.id
        )


def is_said(found: Any, change: damage.Change) -> bool:
    """Whether the model is one that the changed file describes."""
    # What is left out has its default, and keys that no option has are passed over.
    if change.value in (None, "", damage.MISSING) or isinstance(change.value, dict):
        return True
    if is_uncompiled(found, change):
        return True
    said = at(found[0], ours(change.path))
    # TensorFlow.js takes the nearest rate from 0 to 1.
    clipped = str(change.path[-1]).endswith(("dropout", "rate")) and said in (0, 1)
    return clipped or bool(said == change.value)


def is_uncompiled(found: Any, change: damage.Change) -> bool:
    """Whether the model was loaded, but not compiled, with a warning that says why."""
    uncompiled = not isinstance(found, Exception) and found[0]["trainingConfig"] is None
    return change.path[:1] == ("trainingConfig",) and uncompiled


def ours(path: damage.Key) -> damage.Key:
    """The path in our own spelling of the file: Keras puts the model one level deeper."""
    return tuple(key for key in path if key != "model_config")


def check_of_others(folder: Path) -> int:
    """Changes a file without checksums in many ways; gives how many."""
    content = damage.without_checksums(json.loads((folder / "model.json").read_text()))
    damage.write(folder, content)
    original = loaded(folder)
    assert not isinstance(original, Exception), original
    tried = some(list(damage.changes(content)), THEIRS)
    for change in tried:
        path, where = change.path, change.path[:1]
        if isinstance(change.value, list) and where == ("weightsManifest",) and change.value:
            # Other weights of the same size in another order: only a checksum could tell.
            continue
        damage.write(folder, change.apply(content))
        found = loaded(folder)
        unread = where == ("modelTopology",) and at(original[0], ours(path)) is damage.MISSING
        if UNREAD.intersection(path):
            assert not isinstance(found, Exception), change.id
        elif unread:
            assert isinstance(found, Exception) or found[1] == original[1], change.id
        elif not damage.of_wrong_type(change, content):
            assert isinstance(found, Exception) or found == original or is_said(found, change), change.id
        elif where != ("userDefinedMetadata",) and not is_uncompiled(found, change):
            assert isinstance(found, Exception), change.id
            assert names_the_field(str(found), path), (change.id, str(found))
    return len(tried)


def names_the_field(message: str, path: damage.Key) -> bool:
    """Whether a key of the path, or the object that it stands in, is named."""
    keys = [key for key in path if isinstance(key, str)] or ["JSON object"]
    if keys[-1] in ("config", "layers", "inbound_nodes"):
        # A layer without its config lacks what it needs.
        keys += ["required", "layer", "inputs"]
    elif keys[-1] == "class_name":
        keys.append("className")
    else:
        keys = keys[-1:]
    return any(key in message or to_camel_case(key) in message for key in keys)


def test_changed_files_of_others_are_read_as_they_stand_or_refused_by_field(folder):
    assert check_of_others(folder) >= THEIRS


@pytest.mark.skipif(not SHARED.is_dir(), reason=f"there are no models at {SHARED} (LAMINA_MODELS)")
@pytest.mark.parametrize("name", SMALL)
def test_changed_models_of_other_people(name, tmp_path):
    damage.copied(SHARED / name, tmp_path)
    assert check_of_others(tmp_path) >= THEIRS


@pytest.mark.parametrize(
    ("name", "config"),
    [
        # Keras keeps the code of a Lambda, marshalled and in base64.
        ("Lambda", {"function": ["4wAAAAAAAAAA", None, None], "function_type": "lambda"}),
        ("TFOpLambda", {"function": "os.system", "name": "x"}),
        ("os.system", {"command": "true"}),
        ("builtins.eval", {"x": "1"}),
        ("Layer.__init__", {}),
        ("FormatError", {}),
    ],
)
def test_a_file_names_layers_and_nothing_else(folder, name, config):
    content = damage.without_checksums(json.loads((folder / "model.json").read_text()))
    entry = {**content["modelTopology"]["config"]["layers"][-1], "class_name": name, "config": config}
    content["modelTopology"]["config"]["layers"][-1] = entry
    damage.write(folder, content)
    found = loaded(folder)
    assert f"Unknown layer: {name}" in str(found)
