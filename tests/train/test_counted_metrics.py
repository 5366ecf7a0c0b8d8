"""Metrics that are not means of batches: counts over an epoch, an evaluation, or one batch."""

from __future__ import annotations

import numpy as np
import pytest

import lamina as tf
from support.nets import array

RNG = np.random.default_rng(3)
P = RNG.uniform(0, 1, (23, 2)).astype(np.float32)
Y = (RNG.uniform(0, 1, (23, 2)) < 0.4).astype(np.float32)
NAMES = ["precision", tf.metrics.recall, tf.metrics.r2Score]


def identity(metrics, **config):
    model = tf.sequential(layers=[tf.layers.activation(activation="linear", inputShape=[2])])
    model.compile(optimizer="sgd", loss="meanSquaredError", metrics=metrics, **config)
    return model


def trained(metrics, rate=0.0, **config):
    model = tf.sequential(
        layers=[tf.layers.dense(units=2, inputShape=[2], useBias=False, kernelInitializer="identity")]
    )
    model.compile(optimizer=tf.train.sgd(rate), loss="meanSquaredError", metrics=metrics, **config)
    return model


def expected(y, p):
    """Precision, recall and r2 of all samples."""
    hit = ((p > 0.5) & (y > 0)).sum()
    r2 = 1 - ((y - p) ** 2).sum() / ((y - y.mean()) ** 2).sum()
    return [hit / (p > 0.5).sum(), hit / (y > 0).sum(), r2]


@pytest.mark.parametrize("eager", [False, True])
@pytest.mark.parametrize("size", [1, 4, 23, 32])
def test_evaluate_counts_over_all_batches(size, eager):
    model = identity(NAMES, runEagerly=eager)
    for _ in range(2):
        found = [float(v) for v in model.evaluate(P, Y, batchSize=size)]
        assert found[1:] == pytest.approx(expected(Y, P), rel=1e-5)
    assert float(model.evaluate(P, Y, batchSize=4, steps=2)[1]) == pytest.approx(expected(Y[:8], P[:8])[0])
    model.dispose()


@pytest.mark.parametrize("eager", [False, True])
def test_fit_counts_by_epoch(eager):
    model = trained(NAMES, runEagerly=eager)
    seen = []
    names = ("precision", "recall", "r2Score")
    logs = {"onBatchEnd": lambda batch, logs: seen.append([logs[name] for name in names])}
    config = {"epochs": 2, "batchSize": 4, "shuffle": False}
    history = model.fit(P, Y, callbacks=logs, validationData=[P[:9], Y[:9]], **config).result().history
    for i, values in enumerate(seen):
        end = min((i % 6 + 1) * 4, 23)
        assert values == pytest.approx(expected(Y[:end], P[:end]), rel=1e-4), i
    for name, value, validated in zip(names, expected(Y, P), expected(Y[:9], P[:9]), strict=True):
        assert history[name] == pytest.approx([value] * 2, rel=1e-5)
        assert history["val_" + name] == pytest.approx([validated] * 2, rel=1e-5)
    silent = model.fit(P, Y, verbose=0, **config).result().history
    assert silent.precision == pytest.approx([expected(Y, P)[0]] * 2, rel=1e-5)
    model.dispose()


def test_runs_within_a_run_keep_to_themselves():
    """evaluate and trainOnBatch from a callback do not disturb the epoch around them."""
    model, inner = trained(["precision"]), []

    def look(batch, logs):
        inner.append(float(model.evaluate(P[:5], Y[:5], batchSize=2)[1]))
        inner.append(model.trainOnBatch(P[5:9], Y[5:9]).result()[1])

    history = model.fit(P, Y, batchSize=4, shuffle=False, callbacks={"onBatchEnd": look}).result().history
    assert history.precision == pytest.approx([expected(Y, P)[0]])
    assert inner == pytest.approx([expected(Y[:5], P[:5])[0], expected(Y[5:9], P[5:9])[0]] * 6)
    model.dispose()


def test_train_on_batch_is_of_that_batch():
    model = trained(["precision"])
    for begin in (0, 8, 16):
        part = slice(begin, begin + 7)
        assert model.trainOnBatch(P[part], Y[part]).result()[1] == pytest.approx(
            expected(Y[part], P[part])[0]
        )
    model.dispose()


def test_objects_and_their_thresholds():
    metrics = [tf.metrics.precision({"thresholds": 0.3}), tf.metrics.recall(thresholds=0.8, name="high")]
    model = identity(metrics)
    assert model.metricsNames == ["loss", "precision", "high"]
    found = [float(v) for v in model.evaluate(P, Y, batchSize=5)]
    assert found[1] == pytest.approx(((P > 0.3) & (Y > 0)).sum() / (P > 0.3).sum())
    assert found[2] == pytest.approx(((P > 0.8) & (Y > 0)).sum() / (Y > 0).sum())
    model.dispose()
    with pytest.raises(ValueError, match="unknown option 'limit'"):
        tf.metrics.precision({"limit": 1})
    with pytest.raises(TypeError, match="yPred is missing"):
        tf.metrics.precision(Y)


def test_an_object_by_itself():
    metric = tf.metrics.precision()
    assert float(metric.result()) == 0
    metric.updateState(Y[:10], P[:10])
    metric.updateState(Y[10:], P[10:])
    assert float(metric.result()) == pytest.approx(expected(Y, P)[0])
    weights = RNG.uniform(0, 2, 23).astype(np.float32)
    metric.resetState()
    metric.updateState(Y, P, weights)
    said, hit = P > 0.5, (P > 0.5) & (Y > 0)
    assert float(metric.result()) == pytest.approx(
        (hit * weights[:, None]).sum() / (said * weights[:, None]).sum()
    )


def test_a_metric_of_ones_own():
    class Largest(tf.metrics.Metric):
        def __init__(self):
            super().__init__("largest")
            self.seen = self.addVariable()

        def updateState(self, yTrue, yPred, sampleWeight=None):
            self.assign(self.seen, tf.maximum(self.seen, tf.max(yPred)))

        def result(self):
            return self.seen

    model = identity([Largest()])
    assert float(model.evaluate(P, Y, batchSize=4)[1]) == pytest.approx(float(P.max()))
    assert float(model.evaluate(P[:3], Y[:3], batchSize=1)[1]) == pytest.approx(float(P[:3].max()))
    model.dispose()


def test_one_object_counts_for_one_output():
    x = tf.input(shape=[2])
    model = tf.model(inputs=x, outputs=[tf.layers.dense(units=1).apply(x), tf.layers.dense(units=1).apply(x)])
    with pytest.raises(ValueError, match="'precision' counts for several outputs"):
        model.compile(optimizer="sgd", loss="meanSquaredError", metrics=[tf.metrics.precision()])
    model.compile(optimizer="sgd", loss="meanSquaredError", metrics=["precision"])
    values = model.evaluate(P, [Y[:, :1], Y[:, :1]], batchSize=4)
    outputs = [array(y) for y in model.predict(P)]
    for value, output in zip(values[3:], outputs, strict=True):
        said = output > 0.5
        assert float(value) == pytest.approx((said & (Y[:, :1] > 0)).sum() / max(said.sum(), 1), rel=1e-5)
    model.dispose()


def test_masked_steps_are_not_counted():
    model = tf.sequential(
        layers=[
            tf.layers.embedding(inputDim=3, outputDim=2, inputLength=4, maskZero=True),
            tf.layers.dense(units=1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="sgd", loss="binaryCrossentropy", metrics=["precision", tf.metrics.recall])
    x = np.float32([[1, 2, 0, 0], [2, 1, 1, 0], [1, 0, 2, 2]])
    y = (RNG.uniform(0, 1, (3, 4, 1)) < 0.5).astype(np.float32)
    said, mask = array(model.predict(x)) > 0.5, (x != 0)[..., None]
    hit = (said & (y > 0) & mask).sum()
    _, precision, recall = (float(v) for v in model.evaluate(x, y, batchSize=2))
    assert precision == pytest.approx(hit / max((said & mask).sum(), 1))
    assert recall == pytest.approx(hit / ((y > 0) & mask).sum())
    model.dispose()


@pytest.mark.parametrize("missing", ["updateState", "result"])
def test_a_metric_that_lacks_a_method_is_told_which(missing):
    class Mine(tf.metrics.Metric):
        def updateState(self, yTrue, yPred, sampleWeight=None):
            pass

        def result(self):
            return tf.scalar(0)

    delattr(Mine, missing)
    model = identity([Mine()])
    with pytest.raises(TypeError, match=rf"Mine .*define {missing}\("):
        model.evaluate(P, Y)
    model.dispose()
