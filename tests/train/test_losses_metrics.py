"""Losses and metrics against TensorFlow.js: values, gradients, names and refusals."""

from __future__ import annotations

import numpy as np
import pytest

import lamina as tf
from lamina import objectives as losses
from support.nets import array, close, numbers, one_hot
from support.oracle import Js

PROBABILITIES = (np.abs(numbers(6, 3, seed=1)) + 0.05).astype(np.float32)
PROBABILITIES /= PROBABILITIES.sum(-1, keepdims=True)
CLASSES = np.array([0, 2, 1, 1, 0, 2])
ONE_HOT = one_hot(CLASSES, 3)
REAL = numbers(6, 3, seed=2)
SIGNS = np.sign(numbers(6, 3, seed=3)).astype(np.float32)
POSITIVE = np.abs(REAL) + 0.1

CASES = {
    "meanSquaredError": (REAL, numbers(6, 3, seed=4)),
    "meanAbsoluteError": (REAL, numbers(6, 3, seed=4)),
    "meanAbsolutePercentageError": (REAL, numbers(6, 3, seed=4)),
    "meanSquaredLogarithmicError": (POSITIVE, np.abs(numbers(6, 3, seed=4))),
    "squaredHinge": (SIGNS, REAL),
    "hinge": (SIGNS, REAL),
    "categoricalHinge": (ONE_HOT, REAL),
    "logcosh": (REAL, numbers(6, 3, seed=4)),
    "categoricalCrossentropy": (ONE_HOT, PROBABILITIES),
    "sparseCategoricalCrossentropy": (CLASSES[:, None].astype(np.float32), PROBABILITIES),
    "binaryCrossentropy": ((SIGNS > 0).astype(np.float32), PROBABILITIES),
    "kullbackLeiblerDivergence": (PROBABILITIES[::-1].copy(), PROBABILITIES),
    "poisson": (POSITIVE, PROBABILITIES),
    "cosineProximity": (REAL, numbers(6, 3, seed=4)),
}


def test_all_strings_are_there():
    assert set(losses.losses) == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_loss_and_its_gradient(tfjs, name):
    y_true, y_pred = CASES[name]
    # The losses are not exported; a model without weights of its own hands them out.
    code = f"""
      const m = tf.sequential({{layers: [tf.layers.activation({{activation: 'linear', inputShape: [3]}})]}});
      m.compile({{optimizer: 'sgd', loss: '{name}'}});
      const f = m.model.lossFunctions[0];
      const t = tf.tensor(y), p = tf.tensor(x);
      return [f(t, p), tf.grad((p) => f(t, p).sum())(p)];
    """
    value, gradient = tfjs.eval(code, y=y_true.tolist(), x=y_pred.tolist())
    loss = losses.losses[name]
    ours = tf.grad(lambda p: loss(tf.tensor(y_true), p).sum())(tf.tensor(y_pred))
    assert close(array(loss(y_true, tf.tensor(y_pred))), value)
    assert close(array(ours), gradient)


@pytest.mark.parametrize(
    ("name", "y_true", "y_pred", "expected"),
    [
        ("categoricalCrossentropy", [[1.0, 0.0]], [[0.0, 1.0]], 16.118095),
        ("binaryCrossentropy", [[0.0]], [[1.0]], 15.942385),
        ("binaryCrossentropy", [[1.0]], [[0.0]], 16.118096),
        ("meanAbsolutePercentageError", [[0.0]], [[1.0]], 1e9),
        ("cosineProximity", [[1.0, 0.0]], [[1.0, 0.0]], -1.0),
    ],
)
def test_edges(name, y_true, y_pred, expected):
    assert array(losses.losses[name](tf.tensor(y_true), tf.tensor(y_pred)))[0] == pytest.approx(
        expected, rel=1e-5
    )


def test_sparse_loss_of_logits_is_not_clipped():
    logits, classes = tf.tensor([[5.0, -5.0]]), tf.tensor([[0.0]])
    value = losses.sparseCategoricalCrossentropy(classes, logits, True)
    assert array(value)[0] == pytest.approx(np.log1p(np.exp(-10)), abs=1e-6)


METRICS = {
    "binaryAccuracy": ((SIGNS > 0).astype(np.float32), PROBABILITIES),
    "binaryCrossentropy": ((SIGNS > 0).astype(np.float32), PROBABILITIES),
    "categoricalAccuracy": (ONE_HOT, PROBABILITIES),
    "sparseCategoricalAccuracy": (CLASSES[:, None].astype(np.float32), PROBABILITIES),
    "categoricalCrossentropy": (ONE_HOT, PROBABILITIES),
    "cosineProximity": (REAL, POSITIVE),
    "meanAbsoluteError": (REAL, POSITIVE),
    "meanAbsolutePercentageError": (REAL, POSITIVE),
    "meanSquaredError": (REAL, POSITIVE),
    "mape": (REAL, POSITIVE),
    "MAPE": (REAL, POSITIVE),
    "mse": (REAL, POSITIVE),
    "MSE": (REAL, POSITIVE),
    "precision": ((SIGNS > 0).astype(np.float32), (REAL > 0).astype(np.float32)),
    "recall": ((SIGNS > 0).astype(np.float32), (REAL > 0).astype(np.float32)),
    "r2Score": (REAL, POSITIVE),
}


@pytest.mark.parametrize("name", METRICS)
def test_metric(tfjs, name):
    y_true, y_pred = METRICS[name]
    code = f"Array.from(tf.metrics.{name}(tf.tensor(y), tf.tensor(x)).dataSync())"
    expected = tfjs.eval(code, y=y_true.tolist(), x=y_pred.tolist())
    assert close(array(getattr(tf.metrics, name)(y_true, y_pred)).ravel(), expected)


def test_every_function_of_tfjs_is_there(tfjs):
    for name in tfjs.eval("Object.keys(tf.metrics)"):
        assert callable(getattr(tf.metrics, name))


@pytest.mark.parametrize(
    ("loss", "said"),
    [
        ("mse", "meanSquaredError"),
        ("mae", "meanAbsoluteError"),
        ("mean_squared_error", "meanSquaredError"),
        ("categorical_crossentropy", "categoricalCrossentropy"),
        ("softmaxCrossEntropy", "categoricalCrossentropy"),
        ("meanSquareError", "meanSquaredError"),
    ],
)
def test_unknown_losses_name_the_right_one(loss, said):
    with pytest.raises(ValueError, match=f"Unknown loss {loss}.*{said}"):
        losses.get(loss)


def labels(shape, loss, metrics):
    model = tf.sequential(layers=[tf.layers.dense(units=shape, inputShape=[3])])
    model.compile(optimizer="sgd", loss=loss, metrics=metrics)
    names = model.metricsNames
    functions = [function for _, function in model._compilation.metrics]
    model.dispose()
    return names, functions


@pytest.mark.parametrize("metric", ["accuracy", "acc", "crossentropy", "ce", "mse", "MAE", "cosine"])
@pytest.mark.parametrize(
    ("units", "loss"),
    [
        (1, "meanSquaredError"),
        (3, "binaryCrossentropy"),
        (3, "sparseCategoricalCrossentropy"),
        (3, "meanSquaredError"),
    ],
)
def test_labels_and_values_are_those_of_tfjs(tfjs, metric, units, loss):
    model = tf.sequential(
        layers=[tf.layers.dense(units=units, inputShape=[3], activation="sigmoid", name="d")]
    )
    weights = [numbers(3, units, seed=5), numbers(units, seed=6)]
    model.setWeights(weights)
    model.compile(optimizer="sgd", loss=loss, metrics=[metric])
    x = numbers(4, 3, seed=9)
    y = np.array([[0], [1], [0], [1]], np.float32)
    if loss != "sparseCategoricalCrossentropy" and units == 3:
        y = one_hot(y[:, 0].astype(int), 3)
    source = {
        "topology": model.toJSON(None, False),
        "weights": weights,
        "compile": {"optimizer": "sgd", "loss": loss, "metrics": [metric]},
    }
    theirs = tfjs.predict(source, evaluate=[x, y])
    assert model.metricsNames == theirs.metrics_names
    assert close([float(v) for v in model.evaluate(x, y)], theirs.scores)
    model.dispose()


def test_labels_of_functions():
    def mine(y_true, y_pred):
        return y_pred

    names, _ = labels(2, "meanSquaredError", [tf.metrics.meanSquaredError, tf.metrics.binaryAccuracy, mine])
    assert names == ["loss", "meanSquaredError", "binaryAccuracy", "mine"]
    names, _ = labels(2, "meanSquaredError", "mae")
    assert names == ["loss", "mae"]
    names, _ = labels(2, tf.metrics.meanAbsoluteError, lambda y_true, y_pred: y_pred)
    assert names == ["loss", "metric"]


@pytest.mark.parametrize(
    ("metric", "said"),
    [
        ("recall", "tf.metrics.recall"),
        ("r2Score", "tf.metrics.r2Score"),
        ("binary_accuracy", "binaryAccuracy"),
        ("accurcy", "accuracy"),
        (7, "Unknown metric 7"),
    ],
)
def test_unknown_metrics_name_the_right_one(metric, said):
    with pytest.raises(ValueError, match=said):
        labels(2, "meanSquaredError", [metric])


def test_tfjs_refuses_what_we_refuse(tfjs):
    for metric in (
        "recall",
        "r2Score",
        "binaryCrossentropy",
        "sparseCategoricalAccuracy",
        "meanSquaredError",
    ):
        with pytest.raises(ValueError, match="Unknown metric"):
            labels(2, "meanSquaredError", [metric])
        with pytest.raises(Exception, match="Unknown metric"):
            tfjs.predict(
                {
                    "code": Js(
                        "(tf) => tf.sequential({layers: [tf.layers.dense({units: 2, inputShape: [3]})]})"
                    ),
                    "compile": {"optimizer": "sgd", "loss": "meanSquaredError", "metrics": [metric]},
                }
            )
