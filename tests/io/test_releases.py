"""Files written by every release open for ever, and go on as they did there (docs/policy.md)."""

from __future__ import annotations

import json

import numpy as np
import pytest

import lamina as tf
from support.nets import close
from support.tools import ROOT, load

RELEASES = sorted((ROOT / "tests" / "data" / "releases").iterdir())


def test_this_release_has_written_its_files():
    """`python tools/release_files.py` writes them, once, when the version is raised."""
    assert tf.__version__ in [folder.name for folder in RELEASES]


@pytest.fixture(params=RELEASES, ids=lambda folder: folder.name)
def release(request):
    model = tf.loadLayersModel(str(request.param / "model")).result()
    yield model, json.loads((request.param / "expected.json").read_text(encoding="utf-8"))
    model.dispose()


def test_its_models_predict_the_same(release):
    model, expected = release
    x, _ = load("release_files").data()
    for found, wanted in zip(model.predict(x), expected["predictions"], strict=True):
        assert close(found, np.asarray(wanted))


def test_its_training_goes_on(release):
    """With the optimizer's state: two steps on, the losses are those of the model that was not saved."""
    model, expected = release
    x, y = load("release_files").data()
    model.trainOnBatch(x, y).result()
    losses = model.trainOnBatch(x, y).result()
    assert close(np.asarray(losses), np.asarray(expected["losses two steps later"]))


def test_its_metadata_is_kept(release):
    model, _ = release
    assert model.getUserDefinedMetadata()["umlaut"] == "ü"


def test_what_a_release_wrote_is_not_written_again(tmp_path):
    import subprocess
    import sys

    script = ROOT / "tools" / "release_files.py"
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "is not written again" in done.stderr
    assert list(tmp_path.iterdir()) == []
