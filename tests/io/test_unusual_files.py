"""Files that lack what a model needs are refused; what other programs write in another way is read."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lamina as tf
from lamina.errors import ConfigError
from support import damage

X = np.ones((2, 2), "float32")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    x = tf.input(shape=[2])
    y = tf.layers.dropout(rate=0.5, name="drop").apply(tf.layers.dense(units=3, name="first").apply(x))
    y = tf.layers.batchNormalization(name="norm").apply(y)
    model = tf.model(inputs=x, outputs=tf.layers.dense(units=1, name="last").apply(y))
    model.save(tmp_path / "model").result()
    model.dispose()
    return tmp_path / "model"


def change(folder: Path, change: Any) -> None:
    content = damage.without_checksums(json.loads((folder / "model.json").read_text()))
    change(content)
    damage.write(folder, content)


def entry(content: Any, name: str) -> Any:
    return next(e for e in content["modelTopology"]["config"]["layers"] if e["config"]["name"] == name)


def refused(folder: Path) -> str:
    with pytest.raises(ValueError) as caught:
        tf.loadLayersModel(folder).result()
    return str(caught.value)


def test_without_a_manifest(folder):
    change(folder, lambda content: content.pop("weightsManifest"))
    said = refused(folder)
    assert "weightsManifest is missing, so there are no weights" in said and "modelFromJSON" in said


@pytest.mark.parametrize("name", ["first", "drop"])
@pytest.mark.parametrize("kind", ["empty", "missing"])
def test_a_layer_that_is_applied_to_nothing(folder, name, kind):
    def without_nodes(content):
        found = entry(content, name)
        for key in ("inbound_nodes", "inboundNodes"):
            if key in found:
                if kind == "empty":
                    found[key] = []
                else:
                    del found[key]

    change(folder, without_nodes)
    assert f"the layer {name} has no inboundNodes" in refused(folder)


def test_a_layer_that_nothing_leads_to_and_nothing_needs(folder):
    def add(content):
        extra = {"class_name": "Flatten", "name": "extra", "config": {"name": "extra"}, "inbound_nodes": []}
        content["modelTopology"]["config"]["layers"].append(extra)

    change(folder, add)
    assert "the layer extra has no inboundNodes" in refused(folder)


def test_whole_numbers_with_a_point(folder):
    before = tf.loadLayersModel(folder).result()
    expected = np.asarray(before.predict(X))
    before.dispose()

    def with_points(value):
        if isinstance(value, dict):
            return {key: with_points(each) for key, each in value.items()}
        if isinstance(value, list):
            return [with_points(each) for each in value]
        return float(value) if isinstance(value, int) and not isinstance(value, bool) else value

    def everywhere(content):
        for key in ("modelTopology", "weightsManifest"):
            content[key] = with_points(content[key])

    change(folder, everywhere)
    assert '"shape": [2.0, 3.0]' in (folder / "model.json").read_text()
    after = tf.loadLayersModel(folder).result()
    assert np.array_equal(np.asarray(after.predict(X)), expected)
    after.dispose()


@pytest.mark.parametrize("shape", [[2.5, 3], [-2.0, 3], ["2", 3], [True, 3], [1e300, 3]])
def test_sizes_that_are_none(folder, shape):
    def put(content):
        content["weightsManifest"][0]["weights"][0]["shape"] = shape

    change(folder, put)
    assert "expected sizes of 0 or more" in refused(folder)


OUT_OF_RANGE = [
    ("dropout", {"rate": 1.5}),
    ("dropout", {"rate": -0.1}),
    ("batchNormalization", {"momentum": 99}),
    ("batchNormalization", {"momentum": -1}),
    ("lstm", {"units": 1, "dropout": 2}),
    ("lstm", {"units": 1, "recurrentDropout": -1}),
    ("lstmCell", {"units": 1, "dropout": 2}),
]


@pytest.mark.parametrize(("factory", "config"), OUT_OF_RANGE)
def test_shares_out_of_range_are_errors_where_a_layer_is_made(factory, config):
    name = list(config)[-1]
    with pytest.raises(ConfigError, match=f'"{name}" expects a number from 0 to 1, got {config[name]}'):
        getattr(tf.layers, factory)(config)


@pytest.mark.parametrize(("layer", "key", "value"), [("drop", "rate", 1.5), ("norm", "momentum", 99)])
def test_shares_out_of_range_are_warnings_where_a_file_says_so(folder, layer, key, value):
    change(folder, lambda content: entry(content, layer)["config"].__setitem__(key, value))
    with pytest.warns(tf.LaminaWarning, match=f'"{key}" expects a number from 0 to 1, got {value}'):
        model = tf.loadLayersModel(folder).result()
    assert np.isfinite(np.asarray(model.predict(X))).all()
    model.dispose()
    with warnings.catch_warnings(), pytest.raises(ConfigError):
        warnings.simplefilter("error")
        tf.layers.dropout(rate=1.5)
