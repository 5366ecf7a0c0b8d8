"""The example, and what the page of the C++ interface shows, are programs that work."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lamina as tf
from support.nets import weights_for
from support.tools import ROOT

from . import sdk

pytestmark = [pytest.mark.watchdog(600), pytest.mark.slow]

EXAMPLE = ROOT / "examples" / "cpp"
PAGE = ROOT / "docs" / "cpp.md"


def digits_model() -> Any:
    """As in examples/digits.py, and smaller."""
    model = tf.sequential(
        layers=[
            tf.layers.conv2d(filters=4, kernelSize=3, activation="relu", inputShape=[8, 8, 1]),
            tf.layers.flatten(),
            tf.layers.dense(units=10, activation="softmax"),
        ]
    )
    model.setWeights(weights_for(model))
    return model


def test_the_example_says_what_predict_says(tmp_path, cmake_dir):
    source = (EXAMPLE / "digits.cpp").read_text()
    assert source.count("\n") <= 30
    numbers = re.search(r"image\[64\] = \{(.*?)\};", source, re.DOTALL)
    assert numbers is not None
    image = np.array([float(n) for n in re.findall(r"\d+(?=,)", numbers[1])], np.float32)
    model = digits_model()
    expected = int(model.predict(image.reshape(1, 8, 8, 1) / 16).argMax(-1).arraySync()[0])
    model.exportProgram(tmp_path / "digits.lamina").result()
    model.dispose()
    program = sdk.build(EXAMPLE, tmp_path / "build", cmake_dir) / "digits"
    assert sdk.run(program, tmp_path / "digits.lamina") == f"This is a {expected}.\n"


def blocks(language: str) -> list[str]:
    text = PAGE.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def test_what_the_page_shows(tmp_path: Path, cmake_dir: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    space: dict[str, Any] = {}
    for block in blocks("python"):
        exec(block, space)
    assert {path.name for path in tmp_path.iterdir()} == {"flowers.lamina", "net.h"}
    space["model"].dispose()

    parts = [block.replace("#include <lamina/lamina.h>\n", "") for block in blocks("cpp")]
    assert len(parts) == 2
    checks = (
        "if (out.size() != 3) return 1;",
        'return lamina::loadTensors("weights.safetensors").size() != 2;',
    )
    bodies = "\n".join(f"{{\n{part}\n{check}\n}}" for part, check in zip(parts, checks, strict=True))
    project = tmp_path / "project"
    project.mkdir()
    (project / "page.cpp").write_text(f"#include <lamina/lamina.h>\nint main() {{\n{bodies}\n}}\n")
    (linking,) = blocks("cmake")
    (project / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.22...3.31)\nproject(page LANGUAGES CXX)\n"
        f"add_executable(program page.cpp)\n{linking}"
    )
    program = sdk.build(project, tmp_path / "build", cmake_dir) / "program"
    sdk.run(program, cwd=tmp_path)
