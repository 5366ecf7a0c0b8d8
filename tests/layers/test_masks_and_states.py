"""Masks through layers, and the states of recurrent ones: against TensorFlow.js where it is right."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import lamina as tf
from lamina import _core, layers

from .running import close


def bools(*rows: str) -> Any:
    """bools("110", "100"): a mask [2, 3]."""
    return _core.tensor(np.array([[c == "1" for c in row] for row in rows]))


def tensor(values: Any) -> Any:
    return _core.tensor(np.asarray(values, "float32"))


def test_embedding_masks_zeros() -> None:
    x = _core.tensor(np.array([[1, 0, 2], [0, 0, 1]], "int32"))
    layer = layers.embedding(inputDim=3, outputDim=2, maskZero=True)
    np.testing.assert_array_equal(np.array(layer.computeMask(x)), [[True, False, True], [False, False, True]])
    assert layer.supportsMasking
    plain = layers.embedding(inputDim=3, outputDim=2)
    assert plain.computeMask(x) is None
    assert not plain.supportsMasking


def test_layers_pass_masks_on_or_refuse_them() -> None:
    mask = bools("10")
    assert layers.dense(units=1).computeMask(None, mask) is mask
    assert layers.flatten().computeMask(None, None) is None
    with pytest.raises(TypeError, match="does not support masking"):
        layers.flatten(name="f").computeMask(None, mask)


@pytest.mark.parametrize("kind", ["add", "multiply", "average", "maximum", "minimum"])
def test_merged_masks(kind: str) -> None:
    """All masks count, the last one too, and the result has their rank."""
    layer = getattr(layers, kind)()
    masks = [bools("111", "110"), bools("101", "111"), bools("111", "011")]
    np.testing.assert_array_equal(np.array(layer.computeMask([None] * 3, masks)), bools("101", "010"))
    np.testing.assert_array_equal(np.array(layer.computeMask([None] * 2, [None, masks[0]])), masks[0])
    assert layer.computeMask([None] * 2, [None, None]) is None
    assert layer.computeMask([None] * 2, None) is None


@pytest.mark.parametrize("kind", ["add", "multiply", "average", "maximum", "minimum", "concatenate"])
def test_number_and_rank_of_merged_masks(kind: str) -> None:
    layer = getattr(layers, kind)()
    inputs = [tf.ones([2, 3, 2]), tf.ones([2, 3, 2])]
    steps = bools("101", "110")
    values = tf.tensor(np.array([[[1, 0], [0, 0], [0, 0]], [[0, 1], [1, 1], [0, 0]]], bool))
    np.testing.assert_array_equal(np.array(layer.computeMask(inputs, [steps, values])), bools("100", "110"))
    np.testing.assert_array_equal(np.array(layer.computeMask(inputs, [None, values])), bools("100", "110"))
    for masks in ([steps], [steps] * 3):
        with pytest.raises(ValueError, match=rf"have different lengths \(2 vs {len(masks)}\)"):
            layer.computeMask(inputs, masks)
    with pytest.raises(ValueError, match="`mask` should be an Array"):
        layer.computeMask(inputs, steps)


def test_concatenated_masks() -> None:
    a, b = tensor(np.zeros((2, 3, 4))), tensor(np.zeros((2, 2, 4)))
    mask = bools("110", "100")
    along_steps = layers.concatenate(axis=1).computeMask([a, b], [mask, None])
    np.testing.assert_array_equal(np.array(along_steps), bools("11011", "10011"))
    along_values = layers.concatenate(axis=-1).computeMask([a, a], [mask, bools("011", "111")])
    np.testing.assert_array_equal(np.array(along_values), bools("010", "100"))
    assert layers.concatenate().computeMask([a, a], [None, None]) is None


@pytest.mark.parametrize(
    "options", [{}, {"returnSequences": True}, {"goBackwards": True, "returnSequences": True}]
)
@pytest.mark.parametrize("activation", ["tanh", "softmax"], ids=["fused", "stepwise"])
def test_masked_lstm(tfjs: Any, options: dict[str, Any], activation: str) -> None:
    """Steps that are masked repeat the output before; those at the start give zeros."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=(3, 5, 2)).astype("float32")
    mask = np.array([[0, 0, 1, 1, 0], [1, 0, 1, 1, 1], [1, 1, 1, 1, 1]], bool)
    config = {"units": 3, "returnState": True, "activation": activation, **options}
    layer = layers.lstm(config)
    layer.apply(layers.input(batchShape=x.shape))
    weights = [rng.normal(size=w.shape).astype("float32") for w in layer.weights]
    layer.setWeights(weights)
    here = layer.apply(x, mask=_core.tensor(mask))
    there = tfjs.layer("lstm", config, x, weights=weights, mask=mask).outputs
    assert len(here) == len(there) == 3
    for a, b in zip(here, there, strict=True):
        close(np.array(a), b, "masked output")
    if options == {"returnSequences": True}:
        np.testing.assert_array_equal(np.array(here[0])[0, :2], 0)
        assert layer.computeMask([x], [mask])[0] is mask
        assert layer.computeMask([x], mask)[1:] == [None, None]


def lstm(**options: Any) -> tuple[Any, np.ndarray]:
    rng = np.random.default_rng(1)
    layer = layers.lstm(units=2, **options)
    layer.apply(layers.input(batchShape=[1, 4, 3]))
    layer.setWeights([rng.normal(size=w.shape).astype("float32") for w in layer.weights])
    return layer, rng.normal(size=(1, 4, 3)).astype("float32")


def test_stateful_goes_on() -> None:
    """Two halves in a row are one whole; after resetStates() it begins anew."""
    whole, x = lstm()
    parts, _ = lstm(stateful=True)
    assert parts.stateful
    wanted = np.array(whole.apply(x))
    for _ in range(2):
        parts.apply(x[:, :2])
        np.testing.assert_allclose(np.array(parts.apply(x[:, 2:])), wanted, rtol=1e-5, atol=1e-6)
        assert [tuple(s.shape) for s in parts.states] == [(1, 2), (1, 2)]
        parts.resetStates()
        assert all(not np.array(s).any() for s in parts.states)
    with pytest.raises(ValueError, match="expects 2 state"):
        parts.resetStates([tensor(np.ones((1, 2)))])
    with pytest.raises(ValueError, match=r"expected shape=\(1, 2\)"):
        parts.resetStates([tensor(np.ones((1, 3)))] * 2)
    parts.resetStates([tensor(np.ones((1, 2))), tensor(np.full((1, 2), 2))])
    np.testing.assert_array_equal(np.array(parts.states[1]), [[2, 2]])


def test_initial_states_by_keyword_and_by_input() -> None:
    layer, x = lstm()
    states = [tensor([[0.3, -0.2]]), tensor([[1.0, 0.5]])]
    by_keyword = np.array(layer.apply(x, initialState=states))
    by_input = np.array(layer.apply([tensor(x), *states]))
    np.testing.assert_array_equal(by_keyword, by_input)
    assert not np.allclose(by_keyword, np.array(layer.apply(x)))
    symbols = [layers.input(shape=[2]) for _ in range(2)]
    y = layer.apply(layers.input(shape=[4, 3]), initialState=symbols)
    assert y.shape == (None, 2)
    assert y.inputs[1:] == symbols
    with pytest.raises(ValueError, match="initialState should not be provided"):
        layer.apply([tensor(x), *states], initialState=states)


def test_a_cell_in_rnn_is_the_layer(tfjs: Any) -> None:
    """rnn(cell) gives what lstm gives, step by step, and is saved as TensorFlow.js saves it."""
    layer, x = lstm(returnSequences=True, goBackwards=True)
    stepwise = layers.rnn(cell=layers.lstmCell(units=2), returnSequences=True, goBackwards=True)
    stepwise.apply(layers.input(shape=[4, 3]))
    stepwise.setWeights(layer.getWeights())
    close(np.array(stepwise.apply(x)), np.array(layer.apply(x)), "output")
    config = stepwise.getConfig()
    assert config["cell"]["className"] == "LSTMCell"
    again = type(stepwise).fromConfig(config)
    assert again.getConfig() == config
    with pytest.raises(ValueError, match="cell"):
        layers.rnn()


def test_dropout_in_lstm() -> None:
    """In training the same inputs, or states, are dropped at every step; otherwise nothing is."""
    seen: list[Any] = []

    def drop_first(ones: Any, rate: float) -> Any:
        seen.append(rate)
        values = np.array(ones)
        values[:, 0] = 0
        return tensor(values)

    layer, x = lstm(dropout=0.5, dropoutFunc=drop_first)
    x_without = x.copy()
    x_without[:, :, 0] = 0
    expected = np.array(layer.apply(x_without))
    close(np.array(layer.apply(x, training=True)), expected, "with inputs dropped")
    assert seen == [0.5]
    assert not np.allclose(np.array(layer.apply(x)), expected)

    layer, x = lstm(recurrentDropout=0.5, dropoutFunc=drop_first)
    kernel, recurrent, bias = (np.array(w) for w in layer.getWeights())
    without = recurrent.copy()
    without[0] = 0
    dropped = np.array(layer.apply(x, training=True))
    layer.setWeights([kernel, without, bias])
    close(dropped, np.array(layer.apply(x)), "with states dropped")


def test_dropout_is_random_and_scaled() -> None:
    layer = layers.dropout(rate=0.25)
    x = tensor(np.ones((100, 100)))
    a, b = (np.array(layer.apply(x, training=True)) for _ in range(2))
    assert set(np.unique(a)) == {0, np.float32(1 / 0.75)}
    assert abs((a == 0).mean() - 0.25) < 0.02
    assert (a != b).any()
    np.testing.assert_array_equal(np.array(layer.apply(x)), 1)


def test_seeded_dropout(tfjs: Any) -> None:
    """The first mask is that of TensorFlow.js; the next ones are others, and the same in every such layer."""
    x = np.ones((4, 5), "float32")
    config = {"rate": 0.5, "seed": 42}
    there = tfjs.layer("dropout", config, x, training=True).outputs[0]
    runs = []
    for _ in range(2):
        layer = layers.dropout(config)
        runs.append([np.array(layer.apply(x, training=True)) for _ in range(3)])
    np.testing.assert_array_equal(runs[0][0], there)
    np.testing.assert_array_equal(runs[0], runs[1])
    assert (runs[0][0] != runs[0][1]).any()
    assert (runs[0][1] != runs[0][2]).any()


def test_noise_shape_is_shared() -> None:
    layer = layers.dropout(rate=0.5, noiseShape=[None, 1, None])
    y = np.array(layer.apply(np.ones((4, 6, 50), "float32"), training=True))
    assert (y == y[:, :1]).all()
    assert 0 < (y == 0).mean() < 1


def test_batch_normalization_moves_its_averages() -> None:
    layer = layers.batchNormalization(momentum=0.9, axis=1)
    x = np.random.default_rng(0).normal(3, 2, size=(6, 2, 5)).astype("float32")
    layer.apply(x, training=True)
    mean, variance = (np.array(w) for w in layer.getWeights()[2:])
    np.testing.assert_allclose(mean, 0.1 * x.mean((0, 2)), rtol=1e-5)
    np.testing.assert_allclose(variance, 0.9 + 0.1 * x.var((0, 2)), rtol=1e-5)
    before = [np.array(w) for w in layer.getWeights()]
    layer.apply(x)
    for a, b in zip(before, layer.getWeights(), strict=True):
        np.testing.assert_array_equal(a, np.array(b))


@pytest.mark.parametrize("config", [{"axis": 1}, {"axis": -2, "center": False}, {"scale": False, "axis": 2}])
@pytest.mark.parametrize("training", [False, True])
def test_batch_normalization_by_numpy(config: dict[str, Any], training: bool) -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(1, 2, size=(3, 4, 5)).astype("float32")
    layer = layers.batchNormalization(config)
    layer.apply(layers.input(batchShape=x.shape))
    weights = [rng.uniform(0.5, 1.5, w.shape).astype("float32") for w in layer.weights]
    layer.setWeights(weights)
    axis = config["axis"] % 3
    others = tuple(a for a in range(3) if a != axis)
    shape = [1, 1, 1]
    shape[axis] = -1
    parts = dict(zip(["gamma", "beta", "mean", "variance"], [None] * 4, strict=True))
    names = [
        n
        for n in parts
        if not ((n == "gamma" and layer.gamma is None) or (n == "beta" and layer.beta is None))
    ]
    parts.update(zip(names, [w.reshape(shape) for w in weights], strict=True))
    mean = x.mean(others, keepdims=True) if training else parts["mean"]
    variance = x.var(others, keepdims=True) if training else parts["variance"]
    y = (x - mean) / np.sqrt(variance + 1e-3)
    if parts["gamma"] is not None:
        y = y * parts["gamma"]
    if parts["beta"] is not None:
        y = y + parts["beta"]
    close(np.array(layer.apply(x, training=training)), y, "output")


def test_softmax_of_an_inner_axis() -> None:
    x = np.random.default_rng(0).normal(size=(2, 3, 5)).astype("float32")
    e = np.exp(x)
    close(np.array(layers.softmax().apply(x)), e / e.sum(1, keepdims=True), "axis 1")
    masked = np.array(layers.softmax(axis=-1).apply(x, mask=_core.tensor(np.array([1, 1, 0, 1, 0], bool))))
    kept = e[..., [0, 1, 3]]
    close(masked[..., [0, 1, 3]], kept / kept.sum(-1, keepdims=True), "kept")
    assert masked[..., [2, 4]].max() < 1e-6


def test_dilated_depthwise_convolution() -> None:
    """Each channel on its own is a convolution of one channel, which TensorFlow.js confirms elsewhere."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 7, 6, 3)).astype("float32")
    layer = layers.depthwiseConv2d(kernelSize=2, dilationRate=2, useBias=False)
    assert layer.apply(layers.input(batchShape=x.shape)).shape == (2, 5, 4, 3)
    kernel = rng.normal(size=(2, 2, 3, 1)).astype("float32")
    layer.setWeights([kernel])
    y = np.array(layer.apply(x))
    for channel in range(3):
        plain = layers.conv2d(filters=1, kernelSize=2, dilationRate=2, useBias=False)
        plain.apply(layers.input(batchShape=(2, 7, 6, 1)))
        plain.setWeights([kernel[:, :, channel : channel + 1]])
        close(
            y[..., channel : channel + 1],
            np.array(plain.apply(x[..., channel : channel + 1])),
            f"channel {channel}",
        )


def test_elu_with_alpha() -> None:
    x = np.array([[-2, -0.5, 0, 1]], "float32")
    close(np.array(layers.elu(alpha=0.5).apply(x)), np.where(x > 0, x, 0.5 * np.expm1(x)), "elu")


def test_merging_a_list_of_tensors() -> None:
    a, b = tensor([[1, 2]]), tensor([[3, 4]])
    np.testing.assert_array_equal(np.array(layers.add([a, b])), [[4, 6]])
    x = layers.input(shape=[2])
    assert layers.concatenate([x, x]).shape == (None, 4)
    close(
        np.array(layers.concatenate(axis=-2).apply([np.ones((1, 2, 3)), np.zeros((1, 1, 3))]))[:, :, 0],
        [[1, 1, 0]],
        "c",
    )
