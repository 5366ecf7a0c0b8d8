"""Names that people bring from Python libraries are answered with the right ones."""

from __future__ import annotations

import pytest

from lamina._names import nearest, suggest

TF = [
    "sequential",
    "model",
    "input",
    "mean",
    "sum",
    "matMul",
    "concat",
    "expandDims",
    "randomNormal",
    "layers",
    "add",
]


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("Sequential", "tf.sequential"),
        ("reduce_mean", "tf.mean"),
        ("matmul", "tf.matMul"),
        ("expand_dims", "tf.expandDims"),
        ("Input", "tf.input"),
        ("concatenate", "tf.concat"),
        ("layer", "tf.layers"),
        ("keras", "tf.sequential"),
        ("optimizers", "tf.train"),
        ("random", "tf.randomNormal"),
    ],
)
def test_tf(name: str, answer: str) -> None:
    said = suggest(name, TF)
    assert said.startswith(f"tf has no '{name}'")
    assert answer in said


def test_other_namespaces() -> None:
    assert "tf.layers.conv2d" in suggest("Conv2D", ["conv2d", "dense"], "tf.layers")
    assert "LayersModel.fitDataset" in suggest("fit_generator", ["fit", "fitDataset"], "LayersModel")
    assert "LayersModel.trainOnBatch" in suggest("train_on_batch", ["trainOnBatch"], "LayersModel")
    assert suggest("qqqqq", TF) == "tf has no 'qqqqq'."


def test_a_suggestion_exists() -> None:
    """What is not there is not suggested."""
    assert suggest("reduce_mean", ["sum"]) == "tf has no 'reduce_mean'."
    assert nearest("unitz", ["units", "dtype"]) == "units"
    assert nearest("kernel_size", ["kernelSize"]) == "kernelSize"
    assert nearest("zzzz", ["units"]) is None
