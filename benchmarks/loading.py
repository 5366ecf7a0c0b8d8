"""Loading models in new processes, here and by TensorFlow.js in Node, from after the import on.

    python benchmarks/loading.py [--rounds 7] [model folder ...]

Without folders: one of 3 MB that is made here, and those in LAMINA_MODELS. Both sides run in turn. Node takes
its packages from LAMINA_BENCH_NODE_MODULES, by default those of the interop tests.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from machine import describe as describe_machine

import lamina as tf

ROOT = Path(__file__).resolve().parents[1]
NODE_MODULES = os.environ.get("LAMINA_BENCH_NODE_MODULES") or str(ROOT / "tests/interop/node_modules")

OURS = """
import json, sys, time
import lamina as tf
begin = time.perf_counter()
try:
    tf.loadLayersModel(sys.argv[1]).result()
except ValueError as error:
    print(json.dumps({"error": str(error)}))
else:
    print(json.dumps({"ms": 1e3 * (time.perf_counter() - begin)}))
"""

THEIRS = """
const {createRequire} = require('node:module');
const fs = require('node:fs'), path = require('node:path');
const tf = createRequire(path.join(process.argv[2], 'anything.js'))('@tensorflow/tfjs');
const folder = process.argv[1];
const handler = {load: async () => {
  const {modelTopology, weightsManifest, format, generatedBy, convertedBy, trainingConfig} =
    JSON.parse(fs.readFileSync(path.join(folder, 'model.json'), 'utf8'));
  const groups = weightsManifest ?? [];
  const data = Buffer.concat(groups.flatMap(g => g.paths.map(p => fs.readFileSync(path.join(folder, p)))));
  return {modelTopology, format, generatedBy, convertedBy, trainingConfig,
          weightSpecs: groups.flatMap(g => g.weights),
          weightData: data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength)};
}};
(async () => {
  console.warn = console.log = () => {};
  await tf.setBackend('cpu');
  const begin = performance.now();
  try {
    await tf.loadLayersModel(handler);
    process.stdout.write(JSON.stringify({ms: performance.now() - begin}));
  } catch (error) {
    process.stdout.write(JSON.stringify({error: error.message}));
  }
})();
"""


def run(command: list[str]) -> dict[str, Any]:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"error": done.stderr.strip().splitlines()[-1:]}
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@contextmanager
def of_three_megabytes() -> Iterator[Path]:
    """A dense model with 3 MB of weights."""
    with tempfile.TemporaryDirectory() as folder:
        dense = tf.layers.dense
        layers = [dense(units=1024, inputShape=[256], activation="relu"), dense(units=512)]
        tf.sequential(layers=layers).save(folder).result()
        yield Path(folder)


def compared(folder: Path, rounds: int) -> str:
    """One line: the medians of both sides, and how often ours was faster in its pair."""
    sides = {
        "lamina": [sys.executable, "-c", OURS, str(folder)],
        "tfjs": ["node", "-e", THEIRS, str(folder), NODE_MODULES],
    }
    times: dict[str, list[float]] = {name: [] for name in sides}
    for index in range(rounds + 1):
        for name, command in sides.items():
            answer = run(command)
            if "error" in answer:
                return f"{name} does not open it: {str(answer['error'])[:70]}"
            # The first round fills the file cache.
            if index:
                times[name].append(answer["ms"])
    ours, theirs = (statistics.median(times[name]) for name in sides)
    won = sum(a < b for a, b in zip(times["lamina"], times["tfjs"], strict=True))
    return f"{ours:7.1f} ms {theirs:7.1f} ms   {ours / theirs:5.2f}   faster in {won} of {rounds}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    known = os.environ.get("LAMINA_MODELS")
    folders = given.folders or sorted(Path(known).iterdir() if known else [])
    print(json.dumps(describe_machine()))
    print(f"{'':28} {'Lamina':>10} {'TF.js':>10}   ratio")
    if not given.folders:
        with of_three_megabytes() as folder:
            print(f"{'dense, 3 MB':28} {compared(folder, given.rounds)}", flush=True)
    for folder in folders:
        print(f"{folder.name:28} {compared(folder, given.rounds)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
