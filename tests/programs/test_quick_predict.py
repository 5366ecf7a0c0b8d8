"""predict and predictOnBatch without Python: what they take, and what stays with the methods."""

from __future__ import annotations

import numpy as np
import pytest

import lamina as tf
from lamina.models.training import Trainable

ROW = np.arange(4, dtype="f")[None]


def make():
    return tf.sequential(layers=[tf.layers.dense(units=3, inputShape=[4])])


def of_two_inputs():
    a, b = tf.input(shape=[2]), tf.input(shape=[3])
    return tf.model(inputs=[a, b], outputs=tf.layers.concatenate().apply([a, b]))


@pytest.fixture
def only_quick(monkeypatch):
    """From its call on, the methods fail."""

    def forbid():
        def fail(*_arguments, **_options):
            raise AssertionError("the method ran")

        monkeypatch.setattr(Trainable, "_predict", fail)

    return forbid


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(lambda: (tf.tensor2d(ROW),), id="tensor"),
        pytest.param(lambda: (ROW,), id="array"),
        pytest.param(lambda: (ROW.astype("f8"),), id="doubles"),
        pytest.param(lambda: (np.asfortranarray(np.repeat(ROW, 2, 1)[:, ::2]),), id="strided"),
        pytest.param(lambda: (memoryview(ROW),), id="view"),
        pytest.param(lambda: (ROW.tolist(),), id="list"),
        pytest.param(lambda: ([tf.tensor2d(ROW)],), id="list of a tensor"),
        pytest.param(lambda: (ROW, {"batchSize": 1}), id="config"),
        pytest.param(lambda: (ROW, {"batchSize": 64, "verbose": 0}), id="larger batch"),
    ],
)
def test_usual_forms_take_the_quick_way(given, only_quick):
    model = make()
    wanted = np.array(model.predict(ROW))
    only_quick()
    assert np.array_equal(model.predict(*given()), wanted)
    model.dispose()


def test_options_by_keyword_too(only_quick):
    model = make()
    rows = np.repeat(ROW, 40, 0)
    wanted = np.array(model.predict(rows, batchSize=40))
    only_quick()
    assert np.array_equal(model.predict(rows, batchSize=40), wanted)
    # Forty samples are two batches by default.
    for call in (lambda: model.predict(rows), lambda: model.predict(rows, batchSize=39)):
        with pytest.raises(AssertionError, match="the method ran"):
            call()
    model.dispose()


def test_bytes_and_predict_on_batch(only_quick):
    model = make()
    bytes_ = ROW.astype("u1")
    first, second = np.array(model.predict(bytes_)), np.array(model.predictOnBatch(ROW))
    only_quick()
    assert np.array_equal(model.predict(bytes_), first)
    assert np.array_equal(model.predictOnBatch(ROW), second)
    with pytest.raises(AssertionError, match="the method ran"):
        model.predictOnBatch(np.repeat(ROW, 2, 0))
    model.dispose()


def test_several_inputs(only_quick):
    model = of_two_inputs()
    a, b = np.ones((1, 2), "f"), [[1, 2, 3]]
    wanted = np.array(model.predict([a, b]))
    only_quick()
    assert np.array_equal(model.predict([a, b]), wanted)
    assert np.array_equal(model.predict((tf.tensor2d(a), b)), wanted)
    model.dispose()


@pytest.mark.parametrize(
    ("x", "config", "said"),
    [
        ([[1, 2, 3]], {}, "shape"),
        ([[1, 2, 3, 4], [1]], {}, ""),
        ([[1, "2", 3, 4]], {}, ""),
        (None, {}, "No data provided"),
        (ROW, {"batchSize": 0}, "positive integer"),
        (ROW, {"batchSize": -1}, "positive integer"),
        (ROW, {"batchsize": 1}, "batchSize"),
    ],
)
def test_errors_are_those_of_the_method(x, config, said):
    model = make()
    with pytest.raises(Exception, match=said or None) as first:
        model.predict(x, config)
    model.predict(ROW)
    with pytest.raises(type(first.value)) as second:
        model.predict(x, config)
    assert str(second.value) == str(first.value)
    model.dispose()


def test_a_batch_size_that_the_model_fixes_holds_for_predict_on_batch_alone():
    model = tf.sequential(layers=[tf.layers.dense(units=1, batchInputShape=[2, 4])])
    rows = np.repeat(ROW, 3, 0)
    for _ in range(2):
        model.predictOnBatch(rows[:2])
        assert model.predict(rows).shape == (3, 1)
        with pytest.raises(ValueError, match="shape"):
            model.predictOnBatch(rows)
    model.dispose()


def test_what_the_user_puts_in_its_place_stays():
    model = make()
    model.predict = lambda x: "mine"
    type(model).predict(model, ROW)
    model.compile(optimizer="sgd", loss="meanSquaredError")
    model.fit(ROW, np.ones((1, 3)), verbose=0).result()
    assert model.predict(ROW) == "mine"
    model.dispose()


def test_training_and_new_weights_are_followed():
    model = make()
    model.compile(optimizer="sgd", loss="meanSquaredError")
    for _ in range(3):
        got = np.array(model.predict(ROW))
        kernel, bias = (np.array(w) for w in model.getWeights())
        assert np.allclose(got, ROW @ kernel + bias, atol=1e-6)
        model.fit(ROW, np.ones((1, 3)), verbose=0).result()
    model.dispose()
    with pytest.raises(RuntimeError, match="disposed"):
        model.predict(ROW)
