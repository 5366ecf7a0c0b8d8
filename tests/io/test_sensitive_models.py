"""Two models of other people that no single precision computes to 1e-5, TensorFlow.js's own included.

laugh_dense takes the softmax of logits around -800, where neighbouring floats are 6e-5 apart;
char_lstm_tomgrek feeds saturated gates back forty times. Their exact results (in double precision, from the
formulas) move by more than 1e-5 when each weight and each sum moves by half a unit in its last place, which
is how exactly a float holds it. So a prediction is compared with the exact result, by how far that moves; and
each layer by itself, from the same inputs and states, by the rounding of its sums.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import lamina as tf

from .test_real_models import FOLDER, SENSITIVE, needs_models

Weights = list[np.ndarray]
Noise = Callable[[np.ndarray], np.ndarray]
Forward = Callable[[np.ndarray, Weights, Noise], np.ndarray]
EPSILON = 2.0**-24

pytestmark = needs_models


def weights_of(folder: Path) -> Weights:
    """The numbers of the files, read without Lamina, in the order of the layers."""
    group = json.loads((folder / "model.json").read_text())["weightsManifest"][0]
    data = b"".join((folder / path).read_bytes() for path in group["paths"])
    found, at = {}, 0
    for entry in group["weights"]:
        count = int(np.prod(entry["shape"]))
        found[entry["name"]] = np.frombuffer(data, np.float32, count, at).reshape(entry["shape"])
        at += 4 * count
    assert at == len(data)
    order = sorted(found, key=lambda name: (not name.startswith("lstm"), name.partition("/")[0]))
    return [found[name] for name in order]


def softmax(z: np.ndarray) -> np.ndarray:
    e = np.exp(z - z.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def dense_net(x: np.ndarray, weights: Weights, noise: Noise) -> np.ndarray:
    for kernel, bias in zip(weights[:-2:2], weights[1:-2:2], strict=True):
        x = np.maximum(noise(x @ kernel + bias), 0)
    return softmax(noise(x @ weights[-2] + weights[-1]))


def hard_sigmoid(z: np.ndarray) -> np.ndarray:
    return np.clip(0.2 * z + 0.5, 0, 1)


def lstm_step(
    x: np.ndarray, h: np.ndarray, c: np.ndarray, weights: Weights, noise: Noise
) -> tuple[np.ndarray, np.ndarray]:
    kernel, recurrent, bias = weights
    i, f, g, o = np.split(noise(x @ kernel + h @ recurrent + bias), 4, -1)
    c = hard_sigmoid(f) * c + hard_sigmoid(i) * np.tanh(g)
    return hard_sigmoid(o) * np.tanh(c), c


def lstm_net(x: np.ndarray, weights: Weights, noise: Noise) -> np.ndarray:
    h = c = np.zeros((len(x), weights[1].shape[0]))
    for t in range(x.shape[1]):
        h, c = lstm_step(x[:, t], h, c, weights[:3], noise)
    return softmax(noise(h @ weights[3] + weights[4]))


def exactly(x: np.ndarray) -> np.ndarray:
    return x


NETS: dict[str, Forward] = {"laugh_dense": dense_net, "char_lstm_tomgrek": lstm_net}


def test_all_of_them_are_here():
    assert set(NETS) == SENSITIVE


@pytest.mark.parametrize("name", NETS)
def test_predictions_are_as_near_as_single_precision_comes(name):
    folder, forward = FOLDER / name, NETS[name]
    x, expected = np.load(folder / "input_0.npy"), np.load(folder / "expected_0.npy")
    weights = [each.astype(np.float64) for each in weights_of(folder)]
    draw = np.random.default_rng(1)

    def half_a_unit(values: np.ndarray) -> np.ndarray:
        unit = np.spacing(np.abs(values).astype(np.float32)).astype(np.float64)
        return values + draw.uniform(-0.5, 0.5, values.shape) * unit

    def moved() -> np.ndarray:
        return forward(x, [half_a_unit(each) for each in weights], half_a_unit)

    exact = forward(x, weights, exactly)
    moves = max(np.abs(moved() - exact).max() for _ in range(100))
    model = tf.loadLayersModel(folder).result()
    got = np.asarray(model.predict(tf.tensor(x)))
    model.dispose()
    # Else this model has nothing to do here.
    assert moves > 1e-5 * np.abs(expected).max()
    # A sum is rounded as often as it has terms.
    assert np.abs(got - exact).max() <= 4 * moves
    assert np.abs(expected - exact).max() <= 4 * moves


def test_each_dense_layer_is_exact_but_for_rounding():
    folder = FOLDER / "laugh_dense"
    model = tf.loadLayersModel(folder).result()
    x = np.load(folder / "input_0.npy")
    for layer in model.layers:
        given = tf.tensor(x)
        y = np.asarray(layer.apply(given))
        if layer.getClassName() == "Dense":
            kernel, bias = (np.asarray(w).astype(np.float64) for w in layer.getWeights())
            exact = x @ kernel + bias
            # Half a unit for each of the products and the bias, in the worst case; it is far less.
            bound = 8 * EPSILON * (np.abs(x) @ np.abs(kernel) + np.abs(bias))
            assert (np.abs(y - exact) <= bound).all()
        elif layer.name == "activation_3":
            np.testing.assert_allclose(y, softmax(x.astype(np.float64)), rtol=1e-6)
        else:
            np.testing.assert_array_equal(y, np.maximum(x, 0))
        x = y
    model.dispose()


def test_each_step_of_the_lstm_is_exact_but_for_rounding():
    """From the same state: what differs after forty steps is what saturated steps make of these roundings."""
    folder = FOLDER / "char_lstm_tomgrek"
    weights = weights_of(folder)[:3]
    exact = [each.astype(np.float64) for each in weights]
    x = np.load(folder / "input_0.npy")
    model = tf.loadLayersModel(folder).result()
    layer = model.layers[0]
    cell = tf.layers.lstm({**layer.getConfig(), "returnState": True, "name": "one_step"})
    units = weights[1].shape[0]
    h = c = np.zeros((1, units), np.float32)
    inputs = [tf.zeros([1, 1, x.shape[2]]), tf.tensor(h), tf.tensor(c)]
    cell.apply(inputs[0], {"initialState": inputs[1:]})
    cell.setWeights([tf.tensor(each) for each in weights])
    for t in range(x.shape[1]):
        step = x[:, t].astype(np.float64)
        _, got_h, got_c = (
            np.asarray(each)
            for each in cell.apply(tf.tensor(x[:, t : t + 1]), {"initialState": [tf.tensor(h), tf.tensor(c)]})
        )
        right_h, right_c = lstm_step(step, h.astype(np.float64), c.astype(np.float64), exact, exactly)
        sums = np.abs(step) @ np.abs(exact[0]) + np.abs(h) @ np.abs(exact[1]) + np.abs(exact[2])
        i, f, g, o = np.split(8 * EPSILON * sums, 4, -1)
        # Slopes: 0.2 of the gates, 1 of tanh; a few units of the results themselves.
        of_c = 0.2 * f * np.abs(c) + 0.2 * i + g + 8 * EPSILON * (1 + np.abs(c))
        assert (np.abs(got_c - right_c) <= of_c).all(), t
        assert (np.abs(got_h - right_h) <= of_c + 0.2 * o + 8 * EPSILON).all(), t
        h, c = right_h.astype(np.float32), right_c.astype(np.float32)
    model.dispose()
    cell.dispose()
