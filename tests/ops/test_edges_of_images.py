"""Images and pools at their edges: slopes by channel, NaN, windows of nothing but padding, no channels."""

from __future__ import annotations

import numpy as np
import pytest

import lamina as tf

nan = float("nan")
IMAGES = np.arange(1, 9, dtype=np.float32).reshape(1, 2, 2, 2)
FILTER = np.array([-1, 1, -2, 0.5], np.float32).reshape(1, 1, 2, 2)


@pytest.mark.parametrize("kind", ["conv2d", "depthwiseConv2d"])
def test_slopes_of_channels_first(tfjs, kind):
    """A slope for each channel; TensorFlow.js knows NCHW of conv2d only, so NHWC is turned."""
    slopes = [10.0, 100.0] if kind == "conv2d" else [10.0, 100.0, 0.5, 2.0]
    config = {"strides": 1, "pad": 0, "dilations": 1, "activation": "prelu"}
    last = np.ascontiguousarray(IMAGES.transpose(0, 2, 3, 1))
    given = "x: tf.tensor(x), filter: tf.tensor(f), preluActivationWeights: tf.tensor(a), ...c"
    code = f"tf.fused.{kind}({{{given}}})"
    expected = tfjs.eval(code, x=last.tolist(), f=FILTER.tolist(), a=slopes, c=config)
    found = getattr(tf.fused, kind)(
        {"x": IMAGES, "filter": FILTER, "dataFormat": "NCHW", "preluActivationWeights": slopes, **config}
    )
    np.testing.assert_allclose(np.asarray(found).transpose(0, 2, 3, 1), expected, rtol=1e-6)


def test_slopes_of_conv2d_channels_first(tfjs):
    for slopes in ([10.0, 100.0], [3.0], [[[10.0]], [[100.0]]], np.arange(8).reshape(2, 2, 2).tolist()):
        code = """tf.fused.conv2d({x: tf.tensor(x), filter: tf.tensor(f), strides: 1, pad: 0,
            dataFormat: 'NCHW', activation: 'prelu', preluActivationWeights: tf.tensor(a)})"""
        expected = tfjs.eval(code, x=IMAGES.tolist(), f=FILTER.tolist(), a=slopes)
        found = tf.fused.conv2d(
            x=IMAGES, filter=FILTER, strides=1, pad=0, dataFormat="NCHW", activation="prelu",
            preluActivationWeights=slopes,
        )  # fmt: skip
        np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_argmax_passes_over_nan():
    x = tf.tensor4d([nan, 1, 2, 3, 4, 5, 6, 7, 9], [1, 3, 3, 1])
    found = tf.maxPoolWithArgmax(x, 2, 1, 0)
    assert found.result.dataSync().tolist() == [4, 5, 7, 9]
    assert found.indexes.dataSync().tolist() == [4, 5, 7, 8]
    y = tf.tensor4d([1, nan, 2, nan, nan, nan, nan, nan], [2, 2, 2, 1])
    found = tf.maxPoolWithArgmax(y, 2, 1, 0)
    np.testing.assert_array_equal(found.result.dataSync(), [2, nan])
    assert found.indexes.dataSync().tolist() == [2, 0]
    np.testing.assert_array_equal(found.result, tf.maxPool(y, 2, 1, 0))
    assert tf.maxPoolWithArgmax(tf.fill([1, 2, 2, 1], -np.inf), 2, 1, 0).indexes.dataSync().tolist() == [0]


@pytest.mark.parametrize("pad", [1, 2, 3])
@pytest.mark.parametrize("strides", [1, 2])
def test_average_of_nothing_but_padding(tfjs, pad, strides):
    x = np.arange(1, 25, dtype=np.float32).reshape(1, 2, 3, 4, 1)
    x[0, 1, 1, 1, 0] = nan
    expected = tfjs.op("avgPool3d", x, 2, strides, pad)
    np.testing.assert_allclose(tf.avgPool3d(x, 2, strides, pad), expected, rtol=1e-6)
    x = np.nan_to_num(x)
    dx = np.asarray(tf.grad(lambda x: tf.avgPool3d(x, 2, strides, pad))(tf.tensor(x)))
    assert np.isfinite(dx).all()


def ones(*shape: int):
    return tf.ones(list(shape))


WITHOUT_CHANNELS = {
    "conv2d of none": (lambda x, f: tf.conv2d(x, f, 1, "same"), [(1, 4, 4, 0), (3, 3, 0, 2)]),
    "conv2d to none": (lambda x, f: tf.conv2d(x, f, 1, "same"), [(1, 4, 4, 2), (3, 3, 2, 0)]),
    "conv2d of no images": (lambda x, f: tf.conv2d(x, f, 1, "same"), [(0, 4, 4, 2), (3, 3, 2, 3)]),
    "conv3d": (lambda x, f: tf.conv3d(x, f, 1, "same"), [(1, 4, 4, 4, 0), (3, 3, 3, 0, 2)]),
    "depthwise": (lambda x, f: tf.depthwiseConv2d(x, f, 1, "same"), [(1, 4, 4, 0), (3, 3, 0, 2)]),
    "depthwise by 0": (lambda x, f: tf.depthwiseConv2d(x, f, 1, "same"), [(1, 4, 4, 2), (3, 3, 2, 0)]),
    "separable": (
        lambda x, f, g: tf.separableConv2d(x, f, g, 1, "same"),
        [(1, 4, 4, 0), (3, 3, 0, 2), (1, 1, 0, 3)],
    ),
    "fused depthwise": (
        lambda x, f: tf.fused.depthwiseConv2d(x=x, filter=f, strides=1, pad="same", activation="relu"),
        [(1, 4, 4, 0), (3, 3, 0, 2)],
    ),
    "maxPool": (lambda x: tf.maxPool(x, 2, 2, "same"), [(1, 4, 4, 0)]),
    "avgPool3d": (lambda x: tf.avgPool3d(x, 2, 2, "same"), [(1, 4, 4, 4, 0)]),
    "batchNorm": (tf.batchNorm, [(1, 4, 4, 0), (0,), (0,)]),
    "resize": (lambda x: tf.image.resizeBilinear(x, [8, 8]), [(1, 4, 4, 0)]),
}


@pytest.mark.parametrize("name", WITHOUT_CHANNELS)
def test_gradients_without_channels(name):
    f, shapes = WITHOUT_CHANNELS[name]
    for g, shape in zip(tf.grads(f)([ones(*shape) for shape in shapes]), shapes, strict=True):
        assert g.shape == shape
        assert not np.asarray(g).any()


def test_pictures_of_width_one():
    for shape in ([3, 1], [3, 1, 1]):
        data = tf.browser.toPixels(tf.tensor([0.0, 0.5, 1.0], shape)).result()
        assert list(data) == [0, 0, 0, 255, 128, 128, 128, 255, 255, 255, 255, 255]
    canvas = np.zeros((2, 1, 4), np.uint8)
    values = [[[1, 2, 3, 4]], [[5, 6, 7, 8]]]
    assert list(tf.browser.toPixels(tf.tensor3d(values, None, "int32"), canvas).result()) == list(range(1, 9))
    assert canvas.ravel().tolist() == list(range(1, 9))


@pytest.mark.parametrize("reduction", [0, 1, 2, 3])
def test_weights_of_the_full_shape(tfjs, reduction):
    labels, logits = (
        np.eye(3, dtype=np.float32)[[2, 0, 1]],
        np.float32([[10, -10, -10], [-10, 10, -10], [-10, -10, 10]]),
    )
    for weights in (np.float32([[0.1, 0.2, 0.3]] * 3), np.float32([[0, 1, 2]]), np.float32([[0], [1], [2]])):
        code = f"tf.losses.softmaxCrossEntropy(tf.tensor(y), tf.tensor(p), tf.tensor(w), 0, {reduction})"
        expected = tfjs.eval(code, y=labels.tolist(), p=logits.tolist(), w=weights.tolist())
        found = tf.losses.softmaxCrossEntropy(labels, logits, weights, 0, reduction)
        np.testing.assert_allclose(found, expected, rtol=1e-5)
