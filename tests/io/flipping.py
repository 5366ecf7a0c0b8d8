"""Flips bits in the files of a saved model and loads them: `python flipping.py FOLDER FIRST COUNT`.

Says "fine" and how many were refused, or what went wrong. A process of its own, so that a crash has a name.
"""

from __future__ import annotations

import faulthandler
import json
import random
import sys
import warnings
from pathlib import Path
from typing import Any

import lamina as tf


def contents(model: Any) -> Any:
    """All that a file holds."""
    compilation = model._compilation
    return (
        model.topology(),
        None if compilation is None else compilation.training_config(),
        model.getUserDefinedMetadata(),
        [bytes(memoryview(w)) for w in model.getWeights()],
        None if compilation is None else [bytes(memoryview(e.tensor)) for e in model.optimizer.state()],
    )


def loaded(folder: Path) -> Any:
    """What is in the model; None where loading refused it."""
    try:
        model = tf.loadLayersModel(folder).result()
    except (ValueError, OSError):
        return None
    found = contents(model)
    model.dispose()
    return found


def flip(folder: Path, files: list[tuple[Path, bytes]], number: int, original: Any) -> bool:
    """Whether the flip was refused. Raises AssertionError where it loaded as something else."""
    draw = random.Random(number)
    path, data = draw.choices(files, [len(data) for _, data in files])[0]
    place, bit = draw.randrange(len(data)), draw.randrange(8)
    changed = bytearray(data)
    changed[place] ^= 1 << bit
    path.write_bytes(changed)
    try:
        found = loaded(folder)
    finally:
        path.write_bytes(data)
    assert found in (None, original), f"flip {number}: bit {bit} of byte {place} of {path.name}"
    return found is None


def main(folder: Path, first: int, count: int) -> None:
    warnings.simplefilter("ignore")
    content = json.loads((folder / "model.json").read_text())
    shards = [folder / path for group in content["weightsManifest"] for path in group["paths"]]
    files = [(path, path.read_bytes()) for path in (folder / "model.json", *shards)]
    original = loaded(folder)
    assert original is not None
    # A crash says where in the code, a hang after two minutes as well.
    faulthandler.enable()
    refused = 0
    for number in range(first, first + count):
        faulthandler.dump_traceback_later(120, exit=True)
        refused += flip(folder, files, number, original)
    print(f"fine: {refused} of {count} were refused")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
