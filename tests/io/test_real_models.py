"""Models that other people made: they open, and give what TensorFlow.js (or Keras) gave."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
import pytest

import lamina as tf

FOLDER = Path(os.environ.get("LAMINA_MODELS") or Path(__file__).resolve().parents[3] / "shared" / "models")
MODELS = sorted(path.name for path in FOLDER.iterdir()) if FOLDER.is_dir() else []
OPENED_AT_LEAST = 11

needs_models = pytest.mark.skipif(not MODELS, reason=f"there are no models at {FOLDER} (LAMINA_MODELS)")

# Single precision, also that of TensorFlow.js, is further than 1e-5 from their exact results, which is what
# test_sensitive_models.py compares with.
SENSITIVE = {"char_lstm_tomgrek", "laugh_dense"}


def numbered(folder: Path, what: str) -> list[np.ndarray]:
    return [np.load(path) for path in sorted(folder.glob(f"{what}_*.npy"))]


@needs_models
@pytest.mark.parametrize("name", MODELS)
def test_model(name: str) -> None:
    folder = FOLDER / name
    try:
        model = tf.loadLayersModel(folder).result()
    except ValueError as error:
        missing = re.search(r"Unknown layer: (\w+)", str(error))
        if missing is None:
            raise
        pytest.skip(f"needs the layer {missing.group(1)}")
    outputs = model.predict(numbered(folder, "input"))
    outputs = outputs if isinstance(outputs, list) else [outputs]
    for output, expected in zip(outputs, numbered(folder, "expected"), strict=True):
        got = np.array(output.arraySync(), np.float32)
        assert got.shape == expected.shape
        assert name in SENSITIVE or np.abs(got - expected).max() <= 1e-5 * np.abs(expected).max()
    model.dispose()


@needs_models
def test_enough_of_them_open() -> None:
    opened = 0
    for name in MODELS:
        try:
            tf.loadLayersModel(FOLDER / name).result().dispose()
        except ValueError:
            continue
        opened += 1
    assert opened >= OPENED_AT_LEAST
