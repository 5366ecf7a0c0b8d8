"""Labels of classes: every kind of whole number, labels that are no class, and steps that do not count."""

from __future__ import annotations

import numpy as np
import pytest

import lamina as tf
from lamina import objectives
from support.nets import array, close, numbers

X = numbers(6, 2, seed=1)
LABELS = np.array([0, 2, 1, 1, 0, 2])
KINDS = [
    "bool",
    "int8",
    "uint8",
    "int16",
    "uint16",
    "int32",
    "uint32",
    "int64",
    "uint64",
    "float32",
    "float64",
]


def classifier(*layers, classes=3, **config):
    model = tf.sequential(
        layers=[*layers, tf.layers.dense(units=classes, inputShape=[2], activation="softmax")]
    )
    model.setWeights(
        [tf.tensor(np.full(w.shape, 0.1, np.float32) * (i + 1)) for i, w in enumerate(model.getWeights())]
    )
    model.compile(optimizer=tf.train.sgd(0.1), loss="sparseCategoricalCrossentropy", **config)
    return model


@pytest.mark.parametrize("shape", [(6,), (6, 1)])
@pytest.mark.parametrize("kind", KINDS)
def test_kinds_of_whole_numbers(kind, shape):
    labels = LABELS if kind != "bool" else LABELS > 0
    model = classifier(metrics=["accuracy", "crossentropy"])
    wanted = classifier(metrics=["accuracy", "crossentropy"])
    weights = {0: 0.5, 1: 2.0, 2: 1.0}
    given, plain = labels.astype(kind).reshape(shape), labels.astype(np.float32).reshape(shape)
    found = model.fit(X, given, epochs=2, batchSize=4, shuffle=False, classWeight=weights).result()
    expected = wanted.fit(X, plain, epochs=2, batchSize=4, shuffle=False, classWeight=weights).result()
    assert found.history == expected.history
    assert [float(v) for v in model.evaluate(X, given)] == [float(v) for v in wanted.evaluate(X, plain)]
    model.dispose(), wanted.dispose()


def test_loss_of_labels():
    p = tf.tensor(np.array([[0.2, 0.5, 0.3], [0.1, 0.1, 0.8]], np.float32))
    for labels in ([1, 2], np.array([[1], [2]], np.int32), [1.7, 2.0]):
        assert close(array(tf.metrics.sparseCategoricalCrossentropy(labels, p)), -np.log([0.5, 0.8]))


@pytest.mark.parametrize("eager", [False, True])
@pytest.mark.parametrize(("label", "said"), [(3, "3"), (-1, "-1"), (np.nan, "nan"), (1e10, r"1e\+10")])
def test_label_that_is_no_class(label, said, eager):
    model = classifier(tf.layers.batchNormalization(inputShape=[2]), metrics=["accuracy"], runEagerly=eager)
    before = [array(w) for w in model.getWeights()]
    labels = LABELS.astype(np.float32)
    labels[4] = label
    message = rf"The label {said} \(sample 4 of the batch\) is none of the 3 classes"
    with pytest.raises(ValueError, match=message):
        model.fit(X, labels, shuffle=False).result()
    for w, old in zip(model.getWeights(), before, strict=True):
        assert np.array_equal(array(w), old)
    with pytest.raises(ValueError, match=message):
        model.evaluate(X, labels)
    model.fit(X, LABELS).result()
    model.dispose()


@pytest.mark.parametrize("eager", [False, True])
def test_samples_without_weight_need_no_label(eager):
    config = {"metrics": ["accuracy", "crossentropy"], "runEagerly": eager}
    model, wanted = classifier(**config), classifier(**config)
    weights = np.float32([1, 0, 2, 1, 1, 0])
    unlabelled = np.where(weights == 0, -1, LABELS)
    found = model.fit(X, unlabelled, sampleWeight=weights, shuffle=False).result()
    expected = wanted.fit(X, LABELS, sampleWeight=weights, shuffle=False).result()
    assert found.history["loss"] == expected.history["loss"]
    assert float(model.evaluate(X, unlabelled, sampleWeight=weights)[0]) == float(
        wanted.evaluate(X, LABELS, sampleWeight=weights)[0]
    )
    model.dispose(), wanted.dispose()


NAMES = sorted(set(objectives.losses) - {"sparseCategoricalCrossentropy"})


@pytest.mark.parametrize("kind", ["int32", "bool"])
@pytest.mark.parametrize("name", NAMES)
def test_losses_take_every_kind_of_number(name, kind):
    y, p = np.array([[0, 1, 1], [1, 0, 1]]), np.float32([[0.2, 0.7, 0.9], [0.6, 0.1, 0.8]])
    loss = objectives.losses[name]
    given = tf.tensor(y.tolist(), None, kind)
    assert close(array(loss(given, tf.tensor(p))), array(loss(tf.tensor(y.astype(np.float32)), tf.tensor(p))))
    assert close(
        array(loss(given, tf.tensor(p.round().astype(np.int32)))),
        array(loss(tf.tensor(y.astype(np.float32)), tf.tensor(p.round()))),
    )


@pytest.mark.parametrize("reduction", [0, 1, 2, 3])
@pytest.mark.parametrize(
    "name", ["hingeLoss", "huberLoss", "logLoss", "sigmoidCrossEntropy", "softmaxCrossEntropy"]
)
def test_weighted_losses_of_truths(tfjs, name, reduction):
    y, p = np.array([[0, 1, 1], [1, 0, 1]], np.float32), np.array([[0, 1, 0], [1, 1, 1]], np.float32)
    options = "" if name == "hingeLoss" else "undefined, "
    code = f"tf.losses.{name}(tf.tensor(y), tf.tensor(p), 2, {options}{reduction})"
    expected = tfjs.eval(code, y=y.tolist(), p=p.tolist())
    loss = getattr(tf.losses, name)
    found = loss(tf.tensor(y > 0), tf.tensor(p > 0), 2.0, reduction=reduction)
    assert close(array(found), np.asarray(expected))
