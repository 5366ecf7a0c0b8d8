"""Options in every spelling that is right, and what is said about those that are wrong."""

from __future__ import annotations

import re

import numpy as np
import pytest

import lamina as tf
from support.nets import close

X = np.random.default_rng(0).normal(size=(6, 4, 5, 3)).astype(np.float32)


@pytest.mark.parametrize(
    "make",
    [
        lambda: tf.train.sgd({"lr": 0.01}),
        lambda: tf.train.sgd(lr=0.01),
        lambda: tf.train.sgd(0.01),
        lambda: tf.train.sgd({"learningRate": 0.01}),
        lambda: tf.train.sgd(learningRate=0.01),
    ],
    ids=["lr in a dict", "lr", "position", "learningRate in a dict", "learningRate"],
)
def test_five_ways_to_the_same_optimizer(make):
    optimizer = make()
    assert optimizer.getConfig() == tf.train.sgd(0.01).getConfig() == {"learningRate": 0.01}
    v = tf.variable(tf.scalar(1.0))
    optimizer.minimize(lambda: tf.square(v))
    assert float(v) == pytest.approx(0.98)
    v.dispose()


def test_batch_normalization_of_another_axis():
    layer = tf.layers.batchNormalization({"axis": 1})
    found = np.asarray(layer.apply(X, {"training": True}))
    mean = X.mean(axis=(0, 2, 3), keepdims=True)
    variance = X.var(axis=(0, 2, 3), keepdims=True)
    assert close(found, (X - mean) / np.sqrt(variance + 1e-3))
    assert [w.shape for w in layer.weights] == [(4,)] * 4
    layer.dispose()


CHANNELS_FIRST = {
    "conv2d": {"filters": 2, "kernelSize": 3, "padding": "same", "strides": 2, "useBias": True},
    "depthwiseConv2d": {"kernelSize": 2, "depthMultiplier": 2},
    "maxPooling2d": {"poolSize": [2, 3], "strides": [1, 2], "padding": "same"},
    "averagePooling2d": {"poolSize": 2},
    "globalAveragePooling2d": {},
    "flatten": {},
}


@pytest.mark.parametrize("name", CHANNELS_FIRST)
def test_channels_first_is_channels_last_transposed(name):
    factory = getattr(tf.layers, name)
    last = factory({**CHANNELS_FIRST[name], "dataFormat": "channelsLast"})
    first = factory({**CHANNELS_FIRST[name], "dataFormat": "channelsFirst"})
    expected = np.asarray(last.apply(X))
    given = np.ascontiguousarray(X.transpose(0, 3, 1, 2))
    first.apply(given)
    if last.weights:
        first.setWeights(last.getWeights())
    found = np.asarray(first.apply(given))
    assert close(found, expected.transpose(0, 3, 1, 2) if expected.ndim == 4 else expected)
    for layer in (first, last):
        layer.dispose()


@pytest.mark.parametrize("name", ["conv2d", "maxPooling2d", "flatten"])
def test_channels_first_as_in_tensorflowjs(tfjs, name):
    config = {**CHANNELS_FIRST[name], "dataFormat": "channelsFirst"}
    layer = getattr(tf.layers, name)(config)
    layer.apply(X)
    weights = [np.asarray(w) for w in layer.getWeights()]
    theirs = tfjs.layer(name, config, X, weights=weights or None)
    assert close(layer.apply(X), theirs.outputs[0])
    layer.dispose()


def compiled(**options):
    model = tf.sequential(layers=[tf.layers.dense(units=1, inputShape=[2], name="only")])
    model.compile(**{"optimizer": "sgd", "loss": "meanSquaredError", **options})
    return model


def fitted(*arguments, **options):
    return compiled().fit(*arguments, **options)


DATA = (np.ones((4, 2)), np.ones((4, 1)))

# (what is called, the error, words of its message)
WRONG = {
    "dict and keywords": (
        lambda: tf.layers.dense({"units": 1}, activation="relu"),
        r"one dict or keywords, not both: move activation into the dict",
    ),
    "an unknown key": (lambda: tf.layers.dense({"unit": 1}), r'unknown option "unit"; did you mean "units"'),
    "an unknown keyword": (lambda: tf.layers.dense(unit=1), r'unknown option "unit"; did you mean "units"'),
    "snake_case": (
        lambda: tf.layers.dense(units=1, input_shape=[2]),
        r'unknown option "input_shape".*write "inputShape"',
    ),
    "snake_case of compile": (
        lambda: compiled(loss_weights=[1]),
        r'unknown option "loss_weights"',
    ),
    "snake_case of fit": (lambda: fitted(*DATA, batch_size=2), r'"batch_size".*write "batchSize"'),
    "snake_case of predict": (
        lambda: compiled().predict(DATA[0], batch_size=2),
        r'"batch_size".*write "batchSize"',
    ),
    "snake_case of an optimizer": (lambda: tf.train.adam(beta_1=0.5), r'"beta_1".*write "beta1"'),
    "lr twice": (lambda: tf.train.sgd({"lr": 0.1, "learningRate": 0.1}), r"are the same option"),
    "a loss of Keras": (
        lambda: compiled(loss="mean_squared_error"),
        r"Unknown loss mean_squared_error. Did you mean 'meanSquaredError'",
    ),
    "a metric": (lambda: compiled(metrics=["accurracy"]), r"Did you mean 'accuracy'"),
    "an activation of Keras": (
        lambda: tf.layers.dense(units=1, activation="hard_sigmoid"),
        r'Unknown activation: hard_sigmoid; did you mean "hardSigmoid"',
    ),
    "an initializer": (
        lambda: tf.layers.dense(units=1, kernelInitializer="glorot_uniform"),
        r'did you mean "glorotUniform"',
    ),
    "a padding": (
        lambda: tf.layers.conv2d(filters=1, kernelSize=1, padding="SAME"),
        r'SAME is not a valid PaddingMode.*Did you mean "same"',
    ),
    "a data format": (
        lambda: tf.layers.flatten(dataFormat="channels_first"),
        r"channels_first is not a valid DataFormat.*channelsFirst",
    ),
    "dense(10)": (
        lambda: tf.layers.dense(10),
        r'write tf.layers.dense\({"units": 10}\) or tf.layers.dense\(units=10\)',
    ),
    "dense()": (tf.layers.dense, r'"units" is required'),
    "a number as text": (lambda: tf.layers.dense(units="3"), r'"units" expects an integer.*\'3\''),
    "no units": (lambda: tf.layers.dense(units=0), r'"units" expects an integer of at least 1, got 0'),
    "sgd()": (tf.train.sgd, r'"learningRate" is required'),
    "fit(x)": (lambda: fitted(DATA[0]), r'the argument "y" is missing: write model.fit\(x, y'),
    "fit(x, config)": (
        lambda: fitted(DATA[0], {"epochs": 3}),
        r'the argument "y" is missing: write model.fit\(x, y, config\)',
    ),
    "fit of what does not fit": (
        lambda: fitted(np.ones((4, 3)), DATA[1]).result(),
        r"each example has shape \[2\].*4 examples, each with shape \[3\]",
    ),
    "more targets than inputs": (
        lambda: fitted(DATA[0], np.ones((5, 1))).result(),
        r"4 input sample\(s\) and 5 target sample\(s\)",
    ),
    "predict of what does not fit": (
        lambda: compiled().predict(np.ones((4, 3))),
        r"expected only_input to have shape \[null,2\] but got array with shape \[4,3\]",
    ),
    "a hook": (
        lambda: fitted(*DATA, callbacks={"onEpochEnds": print}).result(),
        r'"onEpochEnds"; did you mean "onEpochEnd"',
    ),
    "input([2])": (lambda: tf.input([2]), r'write tf.input\({"shape": \[2\]}\)'),
    "model(input=...)": (lambda: tf.model(input=1), r'"input"; did you mean "inputs"'),
    "an axis": (
        lambda: tf.layers.batchNormalization(axis=7).apply(X),
        r"there is no axis 7 in an input of shape \(6, 4, 5, 3\)",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_option_names_the_right_one(what):
    call, words = WRONG[what]
    with pytest.raises((ValueError, TypeError)) as error:
        call()
    assert re.search(words, str(error.value), re.DOTALL), str(error.value)
    # TypeError too, so that who expects Python's answer to a wrong keyword is right.
    assert "\n" not in str(error.value)


NAMES = {
    "tf.reduce_mean": ("tf has no 'reduce_mean'", "tf.mean"),
    "tf.reduceMean": ("tf has no 'reduceMean'", "tf.mean"),
    "tf.convert_to_tensor": ("tf has no 'convert_to_tensor'", "tf.tensor"),
    "tf.keras": ("tf has no 'keras'", "tf.layers.dense"),
    "tf.Dense": ("tf has no 'Dense'", "tf.layers.dense"),
    "tf.Adam": ("tf has no 'Adam'", "tf.train.adam"),
    "tf.layers.Dense": ("tf.layers has no 'Dense'", "tf.layers.dense"),
    "tf.layers.conv2D": ("tf.layers has no 'conv2D'", "tf.layers.conv2d"),
    "tf.train.Adam": ("tf.train has no 'Adam'", "tf.train.adam"),
    "model.fit_generator": ("Sequential has no 'fit_generator'", "fit"),
    "model.get_weights()": ("Sequential has no 'get_weights'", "getWeights"),
    "tf.data.csv": ("tf.data has no 'csv' yet",),
    "tf.layers.gru": ("tf.layers has no 'gru' yet",),
    "model.fitDataset": ("Sequential has no 'fitDataset' yet",),
    "tf.scalar(1).numpy()": ("Tensor has no 'numpy'", "arraySync"),
    "tf.scalar(1).reduce_sum()": ("Tensor has no 'reduce_sum'", "Tensor.sum"),
    "model.layers[0].set_weights": ("Dense has no 'set_weights'", "setWeights"),
}


def test_the_class_makes_an_empty_model_as_in_tensorflow_js():
    assert isinstance(tf.Sequential(), tf.LayersModel)
    assert tf.Sequential().layers == []


@pytest.mark.parametrize("expression", NAMES)
def test_an_unknown_name_is_answered_with_the_right_one(expression):
    with pytest.raises(AttributeError) as error:
        eval(expression, {"tf": tf, "model": compiled()})
    for words in NAMES[expression]:
        assert words in str(error.value)


def test_both_spellings_of_names_that_guides_use():
    assert tf.loadModel is tf.loadLayersModel
    assert tf.Model is tf.LayersModel
    assert tf.layers.maxPool2d(poolSize=2).getClassName() == "MaxPooling2D"


def test_undefined_differs_from_null(tfjs):
    """LSTM's activation: not given is tanh, None (null) is linear."""
    x = X[:, 0]
    for config in ({"units": 2}, {"units": 2, "activation": None}):
        layer = tf.layers.lstm(config)
        layer.apply(x)
        weights = [np.asarray(w) for w in layer.getWeights()]
        theirs = tfjs.layer("lstm", config, x, weights=weights)
        assert close(layer.apply(x), theirs.outputs[0])
        layer.dispose()
