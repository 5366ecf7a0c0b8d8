"""fit, evaluate, predict: numbers, histories and refusals, beside TensorFlow.js where it can be asked."""

from __future__ import annotations

import numpy as np
import pytest

import lamina as tf
from support.nets import NETS, array, close, numbers, one_hot, weights_for

NET = NETS[0]


def make(units=1, name="d", **options):
    model = tf.sequential(layers=[tf.layers.dense(units=units, inputShape=[3], name=name, **options)])
    model.setWeights(weights_for(model))
    return model


def source(model, **compilation):
    return {"topology": model.toJSON(None, False), "weights": weights_for(model), "compile": compilation}


X, Y = numbers(10, 3, seed=1), numbers(10, 1, seed=2)


@pytest.mark.parametrize(
    "config",
    [
        {"epochs": 3, "batchSize": 4},
        {"epochs": 2, "batchSize": 4, "validationSplit": 0.25},
        {"epochs": 5, "initialEpoch": 3},
        {"epochs": 2, "validationData": [numbers(4, 3, seed=5), numbers(4, 1, seed=6)]},
        {"epochs": 0},
    ],
    ids=["batches", "split", "initialEpoch", "validationData", "none"],
)
def test_history_is_that_of_tfjs(tfjs, config):
    model = make()
    model.compile(optimizer="sgd", loss="meanSquaredError", metrics=["mae", "mse"])
    theirs = tfjs.train(
        source(model, optimizer="sgd", loss="meanSquaredError", metrics=["mae", "mse"]),
        fit={"x": X, "y": Y, "config": config},
    )
    history = model.fit(X, Y, {**config, "shuffle": False, "verbose": 0}).result()
    assert history.epoch == theirs.epoch
    assert list(history.history) == list(theirs.history)
    for key, values in theirs.history.items():
        assert close(history.history[key], values), key
    assert history.params == theirs.params
    assert model.history is history
    for weight, expected in zip(model.getWeights(), theirs.weights, strict=True):
        assert close(array(weight), expected)
    model.dispose()


def test_history_reads_as_attributes():
    model = make()
    model.compile(optimizer="sgd", loss="meanSquaredError")
    history = model.fit(X, Y, epochs=2, validationSplit=0.5).result()
    assert history.history.val_loss == history.history["val_loss"]
    assert len(history.history.loss) == 2
    with pytest.raises(AttributeError, match=r"Known keys: val_loss, loss"):
        _ = history.history.accuracy
    model.dispose()


def test_regularization_counts_in_training_only(tfjs):
    regularized = {
        "kernelRegularizer": "l1l2",
        "biasRegularizer": {"className": "L1L2", "config": {"l1": 0.1}},
    }
    model = make(**regularized)
    compilation = {"optimizer": "sgd", "loss": "meanSquaredError"}
    model.compile(compilation)
    asked = source(model, **compilation)
    trained = tfjs.train(asked, batches=[(X, Y)] * 3)
    evaluated = tfjs.predict(asked, evaluate=[X, Y])
    assert float(model.evaluate(X, Y)) == pytest.approx(evaluated.scores[0], rel=1e-5)
    ours = [model.trainOnBatch(X, Y).result() for _ in range(3)]
    assert close(ours, trained.losses)
    assert ours[0] > evaluated.scores[0]
    model.dispose()


def test_a_shared_layer_is_penalized_once():
    x = tf.input(shape=[1])
    layer = tf.layers.dense(units=1, kernelRegularizer=tf.regularizers.l2(1), useBias=False)
    model = tf.model(inputs=x, outputs=layer.apply(layer.apply(x)))
    model.setWeights([np.array([[2]], np.float32)])
    model.compile(optimizer=tf.train.sgd(0), loss="meanSquaredError")
    assert model.trainOnBatch(np.zeros((1, 1)), np.zeros((1, 1))).result() == 4
    optimizer = model.optimizer
    model.dispose()
    optimizer.dispose()


# --- several outputs ---


def two_outputs():
    x = tf.input(shape=[3], name="x")
    outputs = [tf.layers.dense(units=1, name=name).apply(x) for name in ("o1", "o2")]
    model = tf.model(inputs=x, outputs=outputs)
    model.setWeights([np.zeros(w.shape, np.float32) for w in model.weights])
    return model


ONES, TWOS = np.ones((4, 1), np.float32), np.full((4, 1), 2, np.float32)


def test_names_and_values_of_several_outputs():
    model = two_outputs()
    model.compile(optimizer="sgd", loss="meanSquaredError", metrics=["mae"])
    assert model.metricsNames == ["loss", "o1_loss", "o2_loss", "o1_mae", "o2_mae"]
    x = numbers(4, 3)
    assert [float(v) for v in model.evaluate(x, [ONES, TWOS])] == [5, 1, 4, 1, 2]
    history = model.fit(x, {"o2": TWOS, "o1": ONES}, validationData=[x, [ONES, TWOS]]).result()
    assert list(history.history) == [f"val_{n}" for n in model.metricsNames] + model.metricsNames
    assert [history.history[n][0] for n in model.metricsNames] == [5, 1, 4, 1, 2]
    model.dispose()


def test_losses_and_metrics_by_output():
    model = two_outputs()
    model.compile(
        optimizer="sgd",
        loss={"o1": "meanSquaredError", "o2": "meanAbsoluteError"},
        metrics={"o2": ["mae", "mse"]},
    )
    assert model.metricsNames == ["loss", "o1_loss", "o2_loss", "o2_mae", "o2_mse"]
    assert [float(v) for v in model.evaluate(numbers(4, 3), [ONES, TWOS])] == [3, 1, 2, 2, 4]
    with pytest.raises(ValueError, match=r'Unknown entry in loss dictionary: "o3".*o1,o2'):
        model.compile(optimizer="sgd", loss={"o3": "meanSquaredError"})
    with pytest.raises(ValueError, match='Unknown entry in metrics dictionary: "o3"'):
        model.compile(optimizer="sgd", loss="meanSquaredError", metrics={"o3": "mae"})
    with pytest.raises(ValueError, match=r"The model has 2 output\(s\), but you passed loss"):
        model.compile(optimizer="sgd", loss=["meanSquaredError"])
    with pytest.raises(ValueError, match="one entry per model output"):
        model.compile(optimizer="sgd")
    model.dispose()


def test_an_output_without_a_loss_needs_no_target():
    model = two_outputs()
    with pytest.warns(UserWarning, match='Output "o2" is missing from loss dictionary'):
        model.compile(optimizer="sgd", loss={"o1": "meanSquaredError"})
    assert [float(v) for v in model.evaluate(numbers(4, 3), ONES)] == [1, 1]
    model.dispose()


# --- weights of classes and samples ---


def test_class_weight_has_the_numbers_of_tfjs(tfjs):
    model = make(units=2, activation="softmax")
    model.setWeights([np.zeros((3, 2), np.float32), np.zeros(2, np.float32)])
    model.compile(optimizer="sgd", loss="categoricalCrossentropy")
    y = one_hot(np.array([0, 1, 0, 1]), 2)
    x = numbers(4, 3)
    history = model.fit(x, y, classWeight={0: 1, 1: 10}).result()
    assert history.history.loss[0] == pytest.approx(np.log(2) * 5.5, rel=1e-5)
    theirs = tfjs.train(
        {
            "topology": model.toJSON(None, False),
            "weights": [np.zeros((3, 2), np.float32), np.zeros(2, np.float32)],
            "compile": {"optimizer": "sgd", "loss": "categoricalCrossentropy"},
        },
        fit={"x": x, "y": y, "config": {"classWeight": {"0": 1, "1": 10}}},
    )
    assert close(history.history.loss, theirs.history["loss"])
    for weight, expected in zip(model.getWeights(), theirs.weights, strict=True):
        assert close(array(weight), expected)
    model.dispose()


@pytest.mark.parametrize(
    ("weights", "said"),
    [({0: 1}, "The class 1 exists in the data but not in classWeight"), ({0: 1, 1: 2}, None)],
)
def test_class_weight_of_indices(weights, said):
    model = make(activation="sigmoid")
    model.compile(optimizer="sgd", loss="binaryCrossentropy")
    x, y = numbers(4, 3), np.array([0, 1, 1, 0], np.float32)
    promise = model.fit(x, y, classWeight=weights)
    if said:
        with pytest.raises(ValueError, match=said):
            promise.result()
    else:
        promise.result()
    model.dispose()


def test_sample_weight():
    model = make()
    model.compile(optimizer=(sgd := tf.train.sgd(0)), loss="meanSquaredError", metrics=["mse"])
    predicted = array(model.predict(X))
    each = ((predicted - Y) ** 2)[:, 0]
    weights = np.arange(10, dtype=np.float32)
    history = model.fit(X, Y, sampleWeight=weights, batchSize=4).result()
    assert history.history.loss[0] == pytest.approx(float((each * weights).mean()), rel=1e-5)
    assert history.history.mse[0] == pytest.approx(float(each.mean()), rel=1e-5)
    total, mse = (float(v) for v in model.evaluate(X, Y, sampleWeight=weights))
    assert total == pytest.approx(float((each * weights).mean()), rel=1e-5)
    assert mse == pytest.approx(float(each.mean()), rel=1e-5)
    split = model.fit(X, Y, sampleWeight=weights, validationSplit=0.5).result()
    assert split.history.val_loss[0] == pytest.approx(float((each * weights)[5:].mean()), rel=1e-5)
    given = model.fit(X, Y, validationData=[X, Y, weights]).result()
    assert given.history.val_loss[0] == pytest.approx(float((each * weights).mean()), rel=1e-5)
    with pytest.raises(ValueError, match="one weight for each of the 10 samples"):
        model.fit(X, Y, sampleWeight=[1, 2]).result()
    model.dispose()
    sgd.dispose()


def test_both_kinds_of_weights_multiply():
    model = make()
    model.compile(optimizer=(sgd := tf.train.sgd(0)), loss="meanSquaredError")
    y = np.array([0, 1, 0, 1, 0, 1, 0, 1, 0, 1], np.float32)[:, None]
    each = ((array(model.predict(X)) - y) ** 2)[:, 0]
    weights = np.arange(10, dtype=np.float32)
    history = model.fit(X, y, sampleWeight=weights, classWeight={0: 1, 1: 3}).result()
    expected = (each * weights * np.where(y[:, 0] == 1, 3, 1)).mean()
    assert history.history.loss[0] == pytest.approx(float(expected), rel=1e-5)
    model.dispose()
    sgd.dispose()


# --- the data ---


def test_rank_1_data_become_columns():
    model = tf.sequential(layers=[tf.layers.dense(units=1, inputShape=[1])])
    model.compile(optimizer="sgd", loss="meanSquaredError")
    model.fit([1, 2, 3, 4], [1, 3, 5, 7]).result()
    assert model.predict([1, 2]).shape == (2, 1)
    assert model.predict(np.array([1.0, 2.0])).shape == (2, 1)
    assert model.predict(tf.tensor1d([1, 2, 3])).shape == (3, 1)
    with pytest.raises(ValueError, match="at least 1D, but received a 0D tensor"):
        model.predict(3)
    model.dispose()


def test_data_are_read_as_they_are_at_the_call():
    model = make()
    model.compile(optimizer=(sgd := tf.train.sgd(0)), loss="meanSquaredError")
    x, y = X.copy(), Y.copy()
    expected = float(model.evaluate(x, y))
    promise = model.fit(x, y, epochs=3, shuffle=False)
    x[:] = 1e9
    y[:] = -1e9
    assert promise.result().history.loss == pytest.approx([expected] * 3, rel=1e-5)
    t = tf.tensor(X)
    promise = model.fit(t, Y)
    t.dispose()
    promise.result()
    model.dispose()
    sgd.dispose()


def test_bytes_train_like_numbers():
    images = np.random.default_rng(0).integers(0, 256, (12, 4), dtype=np.uint8)
    y = numbers(12, 1)

    def run(x):
        tf.setRandomSeed(3)
        model = tf.sequential(layers=[tf.layers.dense(units=1, inputShape=[4])])
        model.setWeights(weights_for(model))
        model.compile(optimizer=(sgd := tf.train.sgd(1e-6)), loss="meanSquaredError")
        history = model.fit(x, y, epochs=3, batchSize=5, validationSplit=0.25).result()
        found = history.history, array(model.predict(x))
        model.dispose()
        sgd.dispose()
        return found

    as_bytes, as_floats = run(images), run(images.astype(np.float32))
    assert as_bytes[0] == as_floats[0]
    assert close(as_bytes[1], as_floats[1], 0)


def test_shuffling_follows_the_seed():
    def run(seed, epochs=3, first=0):
        tf.setRandomSeed(seed)
        model = make()
        model.compile(optimizer="sgd", loss="meanSquaredError")
        seen = []
        model.fit(
            X,
            Y,
            epochs=epochs,
            batchSize=1,
            callbacks={"onBatchEnd": lambda batch, logs: seen.append(logs.loss)},
        ).result()
        model.dispose()
        return seen

    assert run(1) == run(1)
    assert run(1) != run(2)
    once = run(1)
    assert once[:10] != once[10:20]


ERRORS = [
    (
        lambda m: m.fit(numbers(4, 2), numbers(4, 1)).result(),
        r"input expected a batch of elements where each example has shape \[3\] "
        r"\(i.e.,tensor shape \[\*,3\]\) but the input received an input with 4 examples, "
        r"each with shape \[2\] \(tensor shape \[4,2\]\)",
    ),
    (
        lambda m: m.predict(numbers(4, 2)),
        r"Error when checking : expected .*_input to have shape \[null,3\] "
        r"but got array with shape \[4,2\]\.",
    ),
    (lambda m: m.predict(numbers(4, 3, 1)), r"to have 2 dimension\(s\), but got array with shape \[4,3,1\]"),
    (
        lambda m: m.fit(numbers(4, 3, 1), Y[:4]).result(),
        r"to have 2 dimension\(s\)\. but got array with shape 4,3,1",
    ),
    (lambda m: m.fit(X, Y[:4]).result(), r"Found 10 input sample\(s\) and 4 target sample\(s\)"),
    (lambda m: m.fit(X, numbers(10, 2)).result(), r"target expected a batch .* \[1\]"),
    (
        lambda m: m.fit(X, Y, batchSize=0).result(),
        "batchSize is required to be a positive integer, but got 0",
    ),
    (
        lambda m: m.fit(X, Y, batchSize=2.5).result(),
        "batchSize is required to be a positive integer, but got 2.5",
    ),
    (lambda m: m.fit(X), '"y" is missing'),
    (lambda m: m.fit(X, {"epochs": 3}), '"y" is missing'),
    (lambda m: m.fit(X, Y, {"epochs": 3}, verbose=0), "not both"),
    (lambda m: m.fit(X, Y, epoch=3), 'did you mean "epochs"'),
    (lambda m: m.fit(X, Y, batch_size=3), 'write "batchSize"'),
    (lambda m: m.fit(X, Y, epochs="3"), '"epochs" expects an integer'),
    (lambda m: m.fit(X, Y, validationData=[X]).result(), "it must contain 2"),
    (lambda m: m.fit(X, Y, validationSplit=0.99).result(), "leaves none to train"),
    (lambda m: m.fit(X[:0], Y[:0]).result(), "no samples"),
    (lambda m: m.fit({"nobody": X}, Y).result(), "No data provided for"),
    (lambda m: m.evaluate(X), '"y" is missing'),
    (lambda m: m.compile(loss="meanSquaredError"), '"optimizer" is required'),
    (lambda m: m.compile(optimizer="sgd", loss="meanSquaredError", lossWeights=[1]), "unknown option"),
]


@pytest.mark.parametrize(("call", "said"), ERRORS, ids=range(len(ERRORS)))
def test_errors_say_what_is_wrong(call, said):
    model = make()
    model.compile(optimizer="sgd", loss="meanSquaredError")
    with pytest.raises(ValueError, match=said):
        call(model)
    # And the model goes on working.
    model.fit(X, Y).result()
    model.dispose()


def test_targets_that_do_not_fit_the_loss():
    model = make(units=1)
    model.compile(optimizer="sgd", loss="categoricalCrossentropy")
    with pytest.raises(ValueError, match="expects targets to be binary matrices"):
        model.fit(X, np.ones((10, 1), np.float32)).result()
    model.dispose()
    model = make(units=2)
    model.compile(optimizer="sgd", loss="sparseCategoricalCrossentropy")
    model.fit(X, np.ones(10)).result()
    model.dispose()


def test_a_dataset_is_sent_to_fit_dataset():
    class Dataset:
        def forEachAsync(self, f):
            return None

    model = make()
    model.compile(optimizer="sgd", loss="meanSquaredError")
    with pytest.raises(ValueError, match="fitDataset"):
        model.fit(Dataset())
    model.dispose()


def test_a_second_fit_is_refused():
    model = make()
    model.compile(optimizer="sgd", loss="meanSquaredError")
    first = model.fit(X, Y, epochs=10**9)
    second = model.fit(X, Y)
    with pytest.raises(
        RuntimeError, match=r"Cannot start training because another fit\(\) call is ongoing\."
    ):
        second.result()
    assert model.isTraining
    first.cancel()
    with pytest.raises(tf.PromiseCancelledError):
        first.result()
    model.fit(X, Y).result()
    model.dispose()


def test_steps_limit_batches():
    model = make()
    model.compile(optimizer="sgd", loss="meanSquaredError")
    batches = []
    model.fit(
        X,
        Y,
        batchSize=2,
        epochs=2,
        stepsPerEpoch=3,
        callbacks={"onBatchBegin": batches.append},
    ).result()
    assert batches == [0, 1, 2] * 2
    model.dispose()


def test_frozen_weights_stay():
    model = tf.sequential(
        layers=[tf.layers.dense(units=2, inputShape=[3], name="f1"), tf.layers.dense(units=1, name="f2")]
    )
    model.layers[0].trainable = False
    model.compile(optimizer="sgd", loss="meanSquaredError")
    assert [w.originalName for w in model.weights] == ["f1/kernel", "f1/bias", "f2/kernel", "f2/bias"]
    before = [array(w) for w in model.getWeights()]
    model.fit(X, Y).result()
    after = [array(w) for w in model.getWeights()]
    assert [close(a, b, 0) for a, b in zip(before, after, strict=True)] == [True, True, False, False]
    model.dispose()


def test_a_frozen_model():
    model = make()
    model.trainable = False
    assert model.trainableWeights == []
    assert len(model.weights) == 2
    model.trainable = True
    assert len(model.trainableWeights) == 2
    model.dispose()


def test_predict_in_batches_is_predict():
    model = make()
    whole = array(model.predict(X))
    assert close(array(model.predict(X, {"batchSize": 3})), whole, 0)
    assert close(array(model.predictOnBatch(tf.tensor(X))), whole, 0)
    assert model.predict(np.zeros((0, 3), np.float32)).shape == (0, 1)
    assert list(map(float, model.predict(X[:2]))) == pytest.approx(whole[:2, 0].tolist())
    model.dispose()


def test_train_on_batch_gives_a_number_or_a_list():
    model = make()
    model.compile(optimizer="sgd", loss="meanSquaredError")
    assert isinstance(model.trainOnBatch(X, Y).result(), float)
    model.compile(optimizer="sgd", loss="meanSquaredError", metrics=["mae"])
    values = model.trainOnBatch(X, Y).result()
    assert isinstance(values, list)
    assert len(values) == 2
    model.dispose()


def test_resumed_training_agrees_bit_for_bit():
    def run(stops):
        tf.setRandomSeed(11)
        model = NET.make()
        model.setWeights(weights_for(model))
        optimizer = tf.train.adam(0.01)
        model.compile(optimizer=optimizer, loss=NET.loss)
        first = 0
        for stop in stops:
            model.fit(NET.x, NET.y, epochs=stop, initialEpoch=first, batchSize=8).result()
            first = stop
        found = [array(w).tolist() for w in model.getWeights()]
        model.dispose()
        optimizer.dispose()
        return found

    assert run([6]) == run([2, 6]) == run([1, 2, 3, 4, 5, 6])
