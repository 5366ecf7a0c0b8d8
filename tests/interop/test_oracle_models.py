"""Layers, training and files through the oracle: checked against arithmetic done by hand in NumPy."""

from __future__ import annotations

import json

import numpy as np
import pytest

DENSE = {
    "class_name": "Sequential",
    "config": {
        "name": "s",
        "layers": [
            {
                "class_name": "Dense",
                "config": {"name": "d", "units": 1, "activation": "linear", "batch_input_shape": [None, 1]},
            }
        ],
    },
}
KERNEL, BIAS = np.array([[0.5]], np.float32), np.array([0.25], np.float32)
X = np.array([[1], [2], [3], [4]], np.float32)
Y = 2 * X - 1


@pytest.mark.parametrize("name", ["Dense", "dense"])
def test_dense_layer(tfjs, name):
    rng = np.random.default_rng(0)
    x, k, b, dy = (rng.normal(size=s).astype(np.float32) for s in [(5, 3), (3, 2), (2,), (5, 2)])
    got = tfjs.layer(name, {"units": 2, "name": "out"}, x, weights=[k, b], dy=dy)
    np.testing.assert_allclose(got.outputs[0], x @ k + b, atol=1e-6)
    np.testing.assert_allclose(got.grad_inputs[0], dy @ k.T, atol=1e-6)
    np.testing.assert_allclose(got.grad_weights[0], x.T @ dy, atol=1e-6)
    np.testing.assert_allclose(got.grad_weights[1], dy.sum(0), atol=1e-6)
    assert got.trainable_weight_names == ["kernel", "bias"]
    assert got.output_shapes == [[5, 2]]
    assert got.config["units"] == 2


def test_batch_normalization_moves_once(tfjs):
    x = np.array([[1, 2], [3, 6]], np.float32)
    weights = [
        np.ones(2, np.float32),
        np.zeros(2, np.float32),
        np.zeros(2, np.float32),
        np.ones(2, np.float32),
    ]
    got = tfjs.layer("batchNormalization", {"momentum": 0.5}, x, weights=weights, dy=x, training=True)
    assert got.weight_names == ["gamma", "beta", "moving_mean", "moving_variance"]
    np.testing.assert_allclose(got.weights[2], x.mean(0) / 2)
    np.testing.assert_allclose(got.weights[3], 0.5 + x.var(0) / 2)
    frozen = tfjs.layer("batchNormalization", {}, x, weights=weights)
    np.testing.assert_allclose(frozen.outputs[0], x / np.sqrt(1.001), rtol=1e-5)


def test_nested_and_multi_input_layers(tfjs):
    x = np.ones((2, 3, 4), np.float32)
    inner = {"className": "lstm", "config": {"units": 5, "returnSequences": True}}
    assert tfjs.layer("bidirectional", {"layer": inner}, x).outputs[0].shape == (2, 3, 10)
    assert tfjs.layer("add", {}, [x, x]).outputs[0].sum() == 48
    ids = np.array([[1, 0, 2]], np.int32)
    table = np.arange(6, dtype=np.float32).reshape(3, 2)
    got = tfjs.layer(
        "embedding", {"inputDim": 3, "outputDim": 2}, ids, weights=[table], dy=np.ones((1, 3, 2))
    )
    np.testing.assert_array_equal(got.outputs[0], table[ids])
    assert got.grad_inputs == [None]
    assert got.grad_weights[0].tolist() == [[1, 1]] * 3


def test_sgd_steps(tfjs):
    model = {
        "topology": DENSE,
        "weights": [KERNEL, BIAS],
        "compile": {"optimizer": {"name": "sgd", "args": [0.01]}, "loss": "meanSquaredError"},
    }
    got = tfjs.train(model, batches=[(X, Y)] * 3)
    w, b, losses = 0.5, 0.25, []
    for _ in range(3):
        error = w * X + b - Y
        losses.append(float((error**2).mean()))
        w, b = w - 0.01 * float((2 * error * X).mean()), b - 0.01 * float((2 * error).mean())
    np.testing.assert_allclose(got.losses, losses, rtol=1e-5)
    np.testing.assert_allclose([got.weights[0].item(), got.weights[1].item()], [w, b], rtol=1e-5)
    assert got.weight_names == ["d/kernel", "d/bias"]


def test_fit_history_and_optimizer_state(tfjs):
    model = {
        "code": "() => tf.sequential({layers: [tf.layers.dense({units: 1, inputShape: [1], name: 'd'})]})",
        "weights": [KERNEL, BIAS],
        "compile": {
            "optimizer": {"className": "Adam", "config": {"learningRate": 0.1}},
            "loss": "meanSquaredError",
        },
    }
    got = tfjs.train(model, fit={"x": X, "y": Y, "config": {"epochs": 2, "batchSize": 2}})
    assert list(got.history) == ["loss"]
    assert len(got.history["loss"]) == 2
    names = [w["name"].rsplit("/", 1)[-1] for w in got.optimizer_weights]
    assert names == ["iter", "m", "m", "v", "v"]
    assert got.optimizer_weights[0]["tensor"].item() == 4


def test_save_load_and_evaluate(tfjs, tmp_path):
    model = {
        "topology": DENSE,
        "weights": [KERNEL, BIAS],
        "compile": {"optimizer": "sgd", "loss": "meanSquaredError"},
    }
    saved = tfjs.save(tmp_path / "m", model, includeOptimizer=True)
    assert saved["modelArtifactsInfo"]["weightDataBytes"] == 12
    written = json.loads((tmp_path / "m" / "model.json").read_text())
    assert list(written) == [
        "modelTopology", "format", "generatedBy", "convertedBy", "weightsManifest", "trainingConfig",
    ]  # fmt: skip
    loaded = tfjs.load(tmp_path / "m", X, evaluate=[X, Y, {"batchSize": 2}])
    np.testing.assert_allclose(loaded.outputs[0], X * 0.5 + 0.25)
    np.testing.assert_allclose(loaded.scores, [((X * 0.5 + 0.25 - Y) ** 2).mean()], rtol=1e-6)
    assert loaded.class_name == "Sequential"
    assert tfjs.load(tmp_path / "m" / "model.json").weight_names == ["d/kernel", "d/bias"]
