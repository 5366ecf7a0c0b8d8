"""Models as one C header: compiled as strict C99, and the numbers of predict."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lamina as tf
from layers.running import inputs_of, one_or_all
from layers.table import ROWS, Row
from programs.test_layers import model_of, usable
from support.nets import NETS, Net

from . import sdk

pytestmark = pytest.mark.watchdog(600)

# Relative to the largest output: sums are taken in another order and in double.
TOLERANCE = 1e-6

# Reads the inputs from a file, runs, writes the outputs.
MAIN = """
#include "%(name)s.h"
#include <stdio.h>

%(declarations)s

int main(int count, char** arguments) {
    FILE* in = fopen(arguments[1], "rb");
    FILE* out = fopen(arguments[2], "wb");
    size_t done = 0;
    if (count != 3 || !in || !out) return 1;
%(reads)s
    if (%(name)s_run(%(call)s)) return 2;
    if (%(name)s_run(%(call)s)) return 2;
%(writes)s
    fclose(in);
    fclose(out);
    return done == 0;
}
"""
C_TYPES = {"float32": "float", "int32": "int32_t"}


def compiler() -> str:
    found = shutil.which("gcc") or shutil.which("cc")
    assert found is not None, "the tests of C headers need a C compiler"
    return found


def in_c(header: Path, x: list[np.ndarray], y: list[np.ndarray]) -> list[np.ndarray]:
    """The outputs of the header's function for x, of the shapes of y."""
    name = header.stem
    ports = [(f"in{i}", a, f"{name.upper()}_INPUT{i}_SIZE") for i, a in enumerate(x)]
    results = [(f"out{i}", a, f"{name.upper()}_OUTPUT{i}_SIZE") for i, a in enumerate(y)]
    source = header.with_suffix(".c")
    source.write_text(
        MAIN
        % {
            "name": name,
            "declarations": "\n".join(
                f"static {C_TYPES[str(a.dtype)]} {label}[{size}];" for label, a, size in [*ports, *results]
            ),
            "reads": "\n".join(f"    done += fread({v}, sizeof {v}[0], {n}, in);" for v, _, n in ports),
            "writes": "\n".join(f"    done += fwrite({v}, sizeof {v}[0], {n}, out);" for v, _, n in results),
            "call": ", ".join(label for label, _, _ in [*ports, *results]),
        }
    )
    program = header.with_suffix("")
    strict = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wno-unused-const-variable"]
    sdk.run(compiler(), *strict, "-O1", source, "-o", program, "-lm")
    inputs, outputs = header.with_suffix(".in"), header.with_suffix(".out")
    inputs.write_bytes(b"".join(np.ascontiguousarray(a).tobytes() for a in x))
    sdk.run(program, inputs, outputs)
    content = outputs.read_bytes()
    found = []
    for a in y:
        found.append(np.frombuffer(content[: a.nbytes], a.dtype).reshape(a.shape))
        content = content[a.nbytes :]
    return found


def check(model: Any, x: list[np.ndarray], header: Path) -> None:
    y = model.predict(one_or_all([tf.tensor(a) for a in x]))
    y = [np.asarray(v) for v in (y if isinstance(y, list) else [y])]
    model.exportProgram(header, {"static": True, "batchSize": len(x[0])}).result()
    for ours, theirs in zip(y, in_c(header, x, y), strict=True):
        assert np.abs(ours - theirs).max() <= TOLERANCE * np.abs(ours).max()


def stateful(row: Row) -> bool:
    return bool(row.config.get("stateful"))


EXPRESSIBLE = [row for row in ROWS if usable(row) and not stateful(row)]


def test_count():
    """Layers that a header cannot express are a visible change."""
    assert len([row for row in ROWS if usable(row)]) - len(EXPRESSIBLE) == 1


@pytest.mark.parametrize("row", EXPRESSIBLE, ids=lambda row: row.id)
def test_every_layer(tmp_path, row):
    tf.setRandomSeed(1)
    model = model_of(row)
    # Outputs away from zero: there, what cancels out would count, and not what is computed.
    kernel, bias = model.layers[-1].getWeights()
    model.layers[-1].setWeights([kernel, np.asarray(bias) + 1])
    check(model, inputs_of(row), tmp_path / "net.h")
    model.dispose()


@pytest.mark.parametrize("net", NETS, ids=lambda net: net.name)
def test_nets(tmp_path, net: Net):
    model = net.model()
    check(model, [net.x[:1]], tmp_path / f"{net.name}.h")
    model.dispose()


NO_INDICES = [float("nan"), float("inf"), 0.5, -1.0, 4.0, 2.0**31, 2.0**32]


@pytest.mark.parametrize("index", NO_INDICES)
def test_an_index_that_is_none(tmp_path, index):
    """An error of predict, and the status 1 of the header's function, whose program here ends with 2."""
    model = tf.sequential(layers=[tf.layers.embedding(inputDim=4, outputDim=2, inputLength=2)])
    x, y = np.array([[1, index]], "float32"), np.zeros((1, 2, 2), "float32")
    with pytest.raises(ValueError, match="index"):
        model.predict(x)
    header = tmp_path / "net.h"
    model.exportProgram(header, {"batchSize": 1}).result()
    with pytest.raises(AssertionError):
        in_c(header, [x], [y])
    command = [header.with_suffix(each) for each in ("", ".in", ".out")]
    assert subprocess.run(command, check=False).returncode == 2
    assert in_c(header, [np.array([[1, 3]], "float32")], [y])[0].shape == y.shape
    model.dispose()


def test_the_name_says_what_is_written(tmp_path):
    """A C header where it ends in .h, a file for the library elsewhere, unless `static` says otherwise."""
    model = NETS[0].model()
    for name, options, text in [
        ("net.h", {}, True),
        ("net.lamina", {}, False),
        ("net.c", {"static": True}, True),
        ("other.h", {"static": False}, False),
    ]:
        model.exportProgram(tmp_path / name, options).result()
        assert ((tmp_path / name).read_bytes()[:2] == b"/*") == text, name
    model.dispose()


def test_one_sample_unless_told_otherwise(tmp_path):
    model = NETS[0].model()
    model.exportProgram(tmp_path / "2 nets.h", static=True).result()
    text = (tmp_path / "2 nets.h").read_text()
    assert "#define _2_NETS_INPUT0_SIZE 5\n" in text
    assert "static inline int _2_nets_run(const float* input0, float* output0) {" in text
    assert "malloc" not in text
    model.dispose()


class Sums(tf.layers.Layer):
    """An operation that few need."""

    className = "Sums"

    def call(self, inputs, kwargs):
        return tf.cumsum(inputs[0] if isinstance(inputs, list) else inputs, 1)


def test_what_c_cannot_express(tmp_path):
    model = tf.sequential(layers=[tf.layers.dense(units=2, inputShape=[3]), Sums()])
    with pytest.raises(ValueError, match=r"cannot express cumsum.*dense.*conv2d.*lstm"):
        model.exportProgram(tmp_path / "net.h", static=True).result()
    assert not (tmp_path / "net.h").exists()
    model.dispose()


def test_too_many_weights(tmp_path):
    model = tf.sequential(layers=[tf.layers.dense(units=2100, inputShape=[2000], kernelInitializer="zeros")])
    with pytest.raises(ValueError, match="weights are too many"):
        model.exportProgram(tmp_path / "net.h", static=True).result()
    model.dispose()
