"""Common mistakes are answered with what to write."""

from __future__ import annotations

import pytest

import lamina as tf


class Forgotten(tf.layers.Layer):
    className = "Forgotten"

    def __init__(self):
        self.units = 3

    def call(self, inputs, kwargs=None):
        return inputs


class Forward(tf.layers.Layer):
    className = "Forward"

    def forward(self, inputs):
        return inputs


@pytest.fixture
def model():
    made = tf.sequential(layers=[tf.layers.dense(units=1, inputShape=[2])])
    yield made
    made.dispose()


@pytest.mark.parametrize(
    "use", [lambda layer: layer.apply(tf.ones([1, 2])), lambda layer: tf.sequential(layers=[layer])]
)
def test_a_forgotten_init(use):
    with pytest.raises(AttributeError, match=r"Forgotten does not call .* write `super\(\).__init__\(\)`"):
        use(Forgotten())


def test_a_forgotten_init_of_a_model():
    class Mine(tf.LayersModel):
        def __init__(self):
            pass

    with pytest.raises(AttributeError, match=r"Mine does not call .* write `super\(\).__init__\(\)`"):
        Mine().predict([[1.0]])


def test_forward_in_place_of_call():
    with pytest.raises(
        TypeError, match=r"Forward defines forward\(\), .* write `def call\(self, inputs, kwargs\):`"
    ):
        Forward()


def test_forward_beside_call_is_a_method_like_others():
    class Both(Forward):
        className = "BothForwardAndCall"

        def call(self, inputs, kwargs=None):
            return self.forward(inputs)

    assert Both().apply(tf.ones([1, 2])) is not None


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_model_in_itself(model, wrapped):
    outer = tf.sequential(layers=[model]) if wrapped else model
    with pytest.raises(ValueError, match=r"cannot be added to itself.*modelFromJSON"):
        model.add(outer)
    assert len(model.layers) == 1
    assert model.predict([[1.0, 2.0]]).shape == (1, 1)


def test_a_file_of_weights(model):
    with pytest.raises(TypeError, match=r"{name: tensor}, but got 'x' \(str\).*tf.loadLayersModel\(path\)"):
        model.loadWeights("x")


@pytest.mark.parametrize(
    ("call", "dictionary", "keywords"),
    [
        (
            lambda m: m.compile("adam", "mse"),
            "{\"optimizer\": 'adam', \"loss\": 'mse'}",
            "optimizer='adam', loss='mse'",
        ),
        (
            lambda m: tf.layers.embedding(10, 4),
            '{"inputDim": 10, "outputDim": 4}',
            "inputDim=10, outputDim=4",
        ),
        (
            lambda m: tf.layers.conv2d(8, 3, "relu"),
            '{"filters": 8, "kernelSize": 3, "activation": \'relu\'}',
            "activation='relu'",
        ),
        (lambda m: m.fit([1], [2], 32, 5), '{"batchSize": 32, "epochs": 5}', "x, y, batchSize=32, epochs=5"),
    ],
)
def test_options_by_position(model, call, dictionary, keywords):
    with pytest.raises(ValueError) as error:
        call(model)
    assert dictionary in str(error.value)
    assert keywords in str(error.value)


def test_bytes_are_no_picture():
    with pytest.raises(TypeError, match=r"not 3 bytes.*PIL.Image.open\(io.BytesIO\(data\)\)"):
        tf.browser.fromPixels(b"abc")


def test_another_batch_for_a_stateful_layer():
    model = tf.sequential(layers=[tf.layers.lstm(units=2, stateful=True, batchInputShape=[4, 3, 2])])
    with pytest.raises(
        ValueError, match=r"keeps states of 4 samples, but this batch has 3. Give batches of 4"
    ):
        model.predict(tf.ones([3, 3, 2]))
    assert model.predict(tf.ones([4, 3, 2])).shape == (4, 2)
    model.dispose()
