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

# Models that make large differences of small ones: single precision rounds them further apart than 1e-5.
LOOSE = {
    "char_lstm_tomgrek": 1e-2,  # 40 saturated steps; TensorFlow.js itself is 8e-4 from the exact result
    "laugh_dense": 3e-5,  # logits around -800, where the distance between two floats is 6e-5
}


def numbered(folder: Path, what: str) -> list[np.ndarray]:
    return [np.load(path) for path in sorted(folder.glob(f"{what}_*.npy"))]


@pytest.mark.skipif(not MODELS, reason=f"there are no models at {FOLDER} (LAMINA_MODELS)")
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
        assert np.abs(got - expected).max() <= LOOSE.get(name, 1e-5) * np.abs(expected).max()
    model.dispose()


@pytest.mark.skipif(not MODELS, reason=f"there are no models at {FOLDER} (LAMINA_MODELS)")
def test_enough_of_them_open() -> None:
    opened = 0
    for name in MODELS:
        try:
            tf.loadLayersModel(FOLDER / name).result().dispose()
        except ValueError:
            continue
        opened += 1
    assert opened >= OPENED_AT_LEAST
