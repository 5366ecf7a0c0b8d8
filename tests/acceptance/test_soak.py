"""Hours of work in short: a million predictions and ten thousand training steps in flat memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PREDICTIONS = 1_000_000
STEPS = 10_000
# Growth in bytes after the first tenth; an allocator's own bookkeeping stays below it.
FLAT = 2 << 20

PROGRAM = """
import gc, sys
sys.path.insert(0, sys.argv[1])
import lamina as tf
from support.nets import NETS
predictions, steps = int(sys.argv[2]), int(sys.argv[3])

def resident():
    gc.collect()
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096

def state():
    memory = tf.memory()
    return resident(), memory.numTensors, memory.numDataBuffers

net = NETS[0]
model = net.model("adam", ["accuracy"])
tensors = [tf.tensor(net.x[:n]) for n in (1, 2, 8)]
batches = net.batches(5)

def predict(count):
    for number in range(count):
        # Tensors and arrays, of several sizes.
        if number % 10:
            model.predict(tensors[number % 3])
        else:
            model.predict(net.x[: 1 + number % 7])

def train(count):
    for number in range(count):
        model.trainOnBatch(*batches[number % 5]).result()

for work, count in ((predict, predictions), (train, steps)):
    work(count // 10)
    first = state()
    work(count - count // 10)
    last = state()
    print(work.__name__, count, last[0] - first[0], last[1] - first[1], last[2] - first[2])
"""


@pytest.mark.slow
@pytest.mark.watchdog(3600)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="resident memory is read from /proc")
def test_memory_stays_flat():
    support = str(Path(__file__).resolve().parents[1])
    command = [sys.executable, "-c", PROGRAM, support, str(PREDICTIONS), str(STEPS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=3500, check=False)
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    assert [line[:2] for line in lines] == [["predict", str(PREDICTIONS)], ["train", str(STEPS)]]
    for name, _, grown, tensors, buffers in lines:
        assert (int(tensors), int(buffers)) == (0, 0), name
        assert int(grown) < FLAT, name
