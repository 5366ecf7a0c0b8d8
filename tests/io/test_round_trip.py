"""Any model comes back from artifacts as it was: its config, its weights, what it computes."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import lamina as tf
from support.nets import array

ACTIVATIONS = ["linear", "relu", "tanh", "sigmoid", "softmax", "elu", "hardSigmoid", "softplus", "gelu_new"]
NAMES = st.text("abcXYZ019_-.", min_size=1, max_size=12).filter(lambda name: name[0].isalnum())

dense = st.builds(
    lambda units, activation, bias: ("dense", {"units": units, "activation": activation, "useBias": bias}),
    st.integers(1, 4),
    st.sampled_from(ACTIVATIONS),
    st.booleans(),
)
normalization = st.builds(
    lambda center, scale, momentum: (
        "batchNormalization",
        {"center": center, "scale": scale, "momentum": momentum},
    ),
    st.booleans(),
    st.booleans(),
    st.floats(0, 1),
)
dropout = st.builds(lambda rate: ("dropout", {"rate": rate}), st.floats(0, 0.9))
stacks = st.lists(
    st.tuples(st.one_of(dense, normalization, dropout), NAMES),
    min_size=1,
    max_size=4,
    unique_by=lambda entry: entry[1],
)


def through_memory(model: Any) -> Any:
    kept: dict[str, Any] = {}
    model.save(tf.io.withSaveHandler(kept.update)).result()
    return tf.loadLayersModel(tf.io.fromMemory(kept)).result()


@given(stacks, st.integers(1, 3))
@settings(max_examples=40)
def test_stacks(stack: list[Any], width: int) -> None:
    layers = []
    for index, ((kind, options), name) in enumerate(stack):
        shape = {"inputShape": [width]} if index == 0 else {}
        layers.append(getattr(tf.layers, kind)(**options, **shape, name=name))
    model = tf.sequential(layers=layers)
    again = through_memory(model)
    assert again.getConfig() == model.getConfig()
    assert [w.originalName for w in again.weights] == [w.originalName for w in model.weights]
    for one, other in zip(model.getWeights(), again.getWeights(), strict=True):
        assert np.array_equal(array(one), array(other))
    x = np.linspace(-2, 2, 3 * width, dtype=np.float32).reshape(3, width)
    assert np.array_equal(array(model.predict(x)), array(again.predict(x)))
    model.dispose()
    again.dispose()


@given(st.lists(st.integers(0, 3), min_size=1, max_size=5))
@settings(max_examples=30)
def test_graphs(sources: list[int]) -> None:
    """Each number says from how far back a node takes its second input."""
    x = tf.input(shape=[2])
    tensors = [x]
    for source in sources:
        earlier = tensors[max(0, len(tensors) - 1 - source)]
        hidden = tf.layers.dense(units=2, activation="tanh").apply(tensors[-1])
        tensors.append(tf.layers.add().apply([hidden, earlier]))
    model = tf.model(inputs=x, outputs=tensors[-1])
    again = through_memory(model)
    assert again.getConfig() == model.getConfig()
    data = np.array([[0.5, -1], [2, 3]], np.float32)
    assert np.array_equal(array(model.predict(data)), array(again.predict(data)))
    model.dispose()
    again.dispose()
