"""`import lamina` brings in nothing that only some programs need."""

from __future__ import annotations

import subprocess
import sys

LAZY = [
    "Cython",
    "IPython",
    "asyncio",
    "concurrent.futures",
    "dataclasses",
    "fsspec",
    "h5py",
    "httpx",
    "inspect",
    "matplotlib",
    "mpi4py",
    "numpy",
    "rich",
]

# An editable install may have imported some of them itself: what counts is what the import adds.
SCRIPT = """
import sys
before = set(sys.modules)
import lamina
print(*sorted(set(sys.modules) - before))
"""


def imported() -> list[str]:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_lazy_modules_stay_out():
    modules = imported()
    assert "lamina" in modules
    assert [name for name in LAZY if name in modules] == []


def test_import_prints_nothing():
    done = subprocess.run(
        [sys.executable, "-c", "import lamina"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


FIRST = """
import sys
import lamina as tf
before = set(sys.modules)
model = tf.sequential()
model.add(tf.layers.dense(units=1, inputShape=[1]))
model.predict(tf.tensor([[1.0]]))
print(*sorted(name for name in set(sys.modules) - before if name.startswith("lamina.")))
"""
# What a first dense model takes, made and run. Each module costs its start about half a millisecond.
OF_A_FIRST_MODEL = """
    _inspect _inspect.values _inspect.verdict _inspect.walk _inspect.words
    _promises _promises.sole
    activations changes config constraints debugging errors initializers kinds notebook options regularizers
    serialization
    layers layers.base layers.budget layers.connections layers.entrance layers.holding layers.linear
    layers.naming layers.parts layers.places layers.shapes layers.symbolic layers.variables
    models models.batches models.compiling models.container models.data models.entries models.executor
    models.exporting models.graph models.model models.programs models.saving models.sequential
    models.running models.training models.user_code models.walk
""".split()


def test_a_first_model_loads_what_it_needs():
    done = subprocess.run([sys.executable, "-c", FIRST], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.split()) - {f"lamina.{name}" for name in OF_A_FIRST_MODEL} == set()


BAR = """
import sys
import lamina as tf
sys.stdout.isatty = lambda: True
model = tf.sequential(layers=[tf.layers.dense(units=1, inputShape=[1])])
model.compile(optimizer="sgd", loss="meanSquaredError")
model.fit([[1.0]], [[1.0]], epochs=3, verbose=0).result()
before = set(sys.modules)
model.fit([[1.0]], [[1.0]], epochs=3, verbose=1).result()
print("modules:", *sorted(set(sys.modules) - before))
"""


def test_a_bar_imports_nothing():
    """Imports hold the interpreter's lock, for which an event loop would wait."""
    done = subprocess.run([sys.executable, "-c", BAR], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    bar, _, modules = done.stdout.rpartition("modules:")
    assert "[=" in bar and "Epoch 3/3" in bar
    assert modules.split() == []
