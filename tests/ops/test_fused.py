"""tf.fused: products and convolutions with bias and activation, as TensorFlow.js takes and computes them."""

from __future__ import annotations

import numpy as np
import pytest

import lamina as tf
from support.oracle import Js

from . import derivatives

RNG = np.random.default_rng(6)


def reals(*shape: int) -> np.ndarray:
    return RNG.uniform(-1, 1, shape).astype(np.float32)


ACTIVATIONS = ["linear", "relu", "relu6", "elu", "sigmoid", "leakyrelu", "prelu"]
A, B = reals(3, 4), reals(4, 5)
IMAGE, FILTER, DEPTHWISE = reals(1, 5, 5, 2), reals(3, 3, 2, 4), reals(3, 3, 2, 1)
CONFIGS = [
    ("matMul", {"a": A, "b": B}),
    ("matMul", {"a": A, "b": B, "bias": reals(5)}),
    ("matMul", {"a": A.T.copy(), "b": B.T.copy(), "transposeA": True, "transposeB": True, "bias": reals(5)}),
    ("matMul", {"a": A, "b": B, "bias": reals(1, 5)}),
    ("matMul", {"a": reals(2, 3, 4), "b": B[None], "bias": reals(5)}),
    ("conv2d", {"x": IMAGE, "filter": FILTER, "strides": 1, "pad": "same"}),
    ("conv2d", {"x": IMAGE, "filter": FILTER, "strides": [2, 2], "pad": "valid", "bias": reals(4)}),
    ("conv2d", {"x": IMAGE[0], "filter": FILTER, "strides": 1, "pad": 1, "bias": reals(4)}),
    ("depthwiseConv2d", {"x": IMAGE, "filter": DEPTHWISE, "strides": 1, "pad": "same", "bias": reals(2)}),
    ("depthwiseConv2d", {"x": IMAGE, "filter": DEPTHWISE, "strides": 2, "pad": "valid"}),
]
CASES = [(name, config, activation) for name, config in CONFIGS for activation in ACTIVATIONS]
by_case = pytest.mark.parametrize(("name", "config", "activation"), CASES)


def complete(name, config, activation):
    config = {**config, "activation": activation, "leakyreluAlpha": 0.3}
    if activation == "prelu":
        width = config["b"].shape[-2 if config.get("transposeB") else -1] if name == "matMul" else None
        channels = width or (config["filter"].shape[3] if name == "conv2d" else 2)
        config["preluActivationWeights"] = np.linspace(0.1, 0.4, channels).astype(np.float32)
    return config


@by_case
def test_values(tfjs, name, config, activation):
    config = complete(name, config, activation)
    collect = f"const c = {{}}; {list(config)!r}.forEach((key, i) => c[key] = values[i]);"
    ask = Js(f"(...values) => {{ {collect} return tf.fused.{name}(c); }}")
    theirs = tfjs.op(ask, *config.values())
    for ours in (getattr(tf.fused, name)(config), getattr(tf.fused, name)(**config)):
        np.testing.assert_allclose(np.asarray(ours), theirs, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("name", "config"), CONFIGS[1::3])
@pytest.mark.parametrize("activation", ["sigmoid", "prelu"])
def test_derivatives(name, config, activation):
    config = complete(name, config, activation)
    keys = [key for key, value in config.items() if isinstance(value, np.ndarray)]

    def f(*values):
        return getattr(tf.fused, name)({**config, **dict(zip(keys, values, strict=True))})

    derivatives.check(f, [config[key].astype(np.float64) for key in keys], tries=1)


def test_whole_numbers():
    y = tf.fused.matMul(a=np.ones((2, 3), np.int32), b=np.ones((3, 2), np.int32), activation="relu")
    assert y.dtype == "int32"
    assert np.array_equal(y, np.full((2, 2), 3))


def test_refused():
    with pytest.raises(ValueError, match="prelu' needs preluActivationWeights"):
        tf.fused.matMul(a=A, b=B, activation="prelu")
    with pytest.raises((ValueError, TypeError), match="activation"):
        tf.fused.matMul(a=A, b=B, activation="softmax")
    with pytest.raises((ValueError, TypeError), match="bias"):
        tf.fused.matMul(a=A, b=B, biass=reals(5))
    with pytest.raises((ValueError, TypeError), match="strides"):
        tf.fused.conv2d(x=IMAGE, filter=FILTER, pad="same")
