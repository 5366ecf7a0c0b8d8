"""What is recorded of each network: losses and weights to the bit, and the files it saves.

As a program: LAMINA_ISA=v3 python measuring.py prints all of it as JSON.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
TESTS = FOLDER.parent
RECORD = FOLDER / "record.json"
LEVELS = ("v3", "v4")
EPOCHS = 4


def digest(*parts: bytes) -> str:
    found = hashlib.sha256()
    for part in parts:
        found.update(part)
    return found.hexdigest()[:16]


def of_tensors(tensors: Any) -> str:
    return digest(*(tensor.dataSync().tobytes() for tensor in tensors))


def of_files(folder: Path) -> dict[str, str]:
    """Of model.json and of the weights; the name of a shard is part of model.json."""
    shards = sorted(path for path in folder.iterdir() if path.suffix == ".bin")
    return {
        "model.json": digest((folder / "model.json").read_bytes()),
        "weights": digest(*(path.read_bytes() for path in shards)),
    }


def measured(make: Any) -> dict[str, Any]:
    """Trains the network, and says what came out."""
    import lamina as tf
    from support.nets import weights_for

    tf.setRandomSeed(1)
    case = make()
    model = case.model
    found: dict[str, Any] = {}
    if case.own:
        found["initial"] = of_tensors(model.getWeights())
    else:
        model.setWeights(weights_for(model))
    model.compile(optimizer=case.optimizer, loss=case.loss, metrics=case.metrics or [])
    options = {"epochs": EPOCHS, "batchSize": 8, "shuffle": False, "verbose": 0, **case.fit}
    history = model.fit(case.x, case.y, options).result().history
    found["history"] = {name: [float(value).hex() for value in values] for name, values in history.items()}
    outputs = model.predict(case.x)
    found["predictions"] = of_tensors(outputs if isinstance(outputs, list) else [outputs])
    scores = model.evaluate(case.x, case.y)
    found["scores"] = [float(score).hex() for score in (scores if isinstance(scores, list) else [scores])]
    found["weights"] = of_tensors(model.getWeights())
    state = model.optimizer.getWeights().result()
    found["class"] = type(model.optimizer).__name__
    # Variables of one name are numbered throughout the process, which says nothing about this network.
    found["optimizer"] = {re.sub(r"_\d+(?=/)", "", row["name"]): of_tensors([row["tensor"]]) for row in state}
    with tempfile.TemporaryDirectory() as folder:
        model.save(folder, case.save).result()
        found["files"] = of_files(Path(folder))
    return found


def all_measured() -> dict[str, Any]:
    from characterization.nets import CASES

    return {name: measured(make) for name, make in CASES.items()}


def run(level: str, threads: int = 2) -> dict[str, Any]:
    """What a process of its own measures at this level of the CPU."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("LAMINA_")}
    env.update(LAMINA_ISA=level, LAMINA_NUM_THREADS=str(threads))
    done = subprocess.run(
        [sys.executable, __file__], env=env, capture_output=True, text=True, timeout=100, check=False
    )
    if done.returncode:
        raise RuntimeError(f"LAMINA_ISA={level}: {done.stderr[-3000:]}")
    return json.loads(done.stdout)


def levels_here() -> list[str]:
    """Those of LEVELS that this CPU has."""
    from lamina import _core

    return [level for level in LEVELS if level in _core.available_levels()]


if __name__ == "__main__":
    sys.path.insert(0, str(TESTS))
    json.dump(all_measured(), sys.stdout)
