"""Initializers, regularizers, constraints and activations: every name, against TensorFlow.js."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lamina import _core, constraints, initializers, layers, regularizers
from lamina.activations import ACTIVATION, activation_names
from lamina.initializers import INITIALIZER

from .running import close

SHAPES = [(4, 6), (6, 4), (3, 2, 4), (3, 3, 2, 5), (2, 2, 2, 3, 4), (7,)]

SEEDED = [
    ("randomUniform", {}),
    ("randomUniform", {"minval": -2, "maxval": 3}),
    ("randomNormal", {}),
    ("randomNormal", {"mean": 1, "stddev": 2}),
    ("truncatedNormal", {}),
    ("truncatedNormal", {"mean": -1, "stddev": 0.5}),
    ("varianceScaling", {}),
    *(
        ("varianceScaling", {"scale": 2, "mode": mode, "distribution": distribution})
        for mode in ("fanIn", "fanOut", "fanAvg")
        for distribution in ("normal", "uniform")
    ),
    ("glorotUniform", {}),
    ("glorotNormal", {}),
    ("heUniform", {}),
    ("heNormal", {}),
    ("leCunUniform", {}),
    ("leCunNormal", {}),
]


def values(made: Any, shape: tuple[int, ...]) -> np.ndarray:
    return np.array(made.apply(list(shape)))


@pytest.mark.parametrize(("name", "config"), SEEDED, ids=str)
def test_seeded_initializers_are_tensorflows(tfjs: Any, name: str, config: dict[str, Any]) -> None:
    code = "tf.initializers[name](config).apply(shape)"
    for shape in SHAPES:
        here = values(getattr(initializers, name)({**config, "seed": 7}), shape)
        there = tfjs.eval(code, name=name, config={**config, "seed": 7}, shape=list(shape))
        close(here, there, f"{name} {shape}", 1e-6)


@pytest.mark.parametrize("shape", [(3, 3), (5, 3), (3, 5), (2, 3, 4), (2, 2, 40), (70, 70)])
def test_orthogonal(tfjs: Any, shape: tuple[int, ...]) -> None:
    code = "tf.initializers.orthogonal({seed: 3, gain: 2}).apply(shape)"
    here = values(initializers.orthogonal(seed=3, gain=2), shape)
    flat = here.reshape(-1, shape[-1]) / 2
    product = flat @ flat.T if flat.shape[0] < flat.shape[1] else flat.T @ flat
    np.testing.assert_allclose(product, np.eye(len(product)), atol=2e-6)
    if np.prod(shape) < 1000:
        close(here, tfjs.eval(code, shape=list(shape)), "orthogonal", 1e-4)


@pytest.mark.parametrize(
    ("made", "shape", "expected"),
    [
        (initializers.zeros(), (2, 3), np.zeros((2, 3))),
        (initializers.ones(), (2,), np.ones(2)),
        (initializers.constant(value=2.5), (1, 2), [[2.5, 2.5]]),
        (initializers.constant(value=0), (2,), [0, 0]),
        (initializers.identity(), (3, 3), np.eye(3)),
        (initializers.identity(gain=-2), (2, 2), -2 * np.eye(2)),
    ],
)
def test_fixed_initializers(made: Any, shape: tuple[int, ...], expected: Any) -> None:
    np.testing.assert_array_equal(values(made, shape), expected)


def test_bounds_of_zero_count() -> None:
    drawn = values(initializers.randomUniform(minval=0, maxval=1, seed=1), (1000,))
    assert drawn.min() >= 0
    assert values(initializers.randomNormal(stddev=0), (5,)).tolist() == [0] * 5


def test_truncated_distributions() -> None:
    """'normal' is narrower than asked, as in TensorFlow.js; 'truncatedNormal' makes up for it, as in
    Keras.
    """
    shape = (100, 300)
    wanted = np.sqrt(1 / 100)

    def spread(distribution: str) -> tuple[float, float]:
        drawn = values(initializers.varianceScaling(distribution=distribution, seed=5), shape)
        return float(drawn.std() / wanted), float(np.abs(drawn).max() / wanted)

    std, largest = spread("normal")
    assert std == pytest.approx(0.8796, abs=0.01)
    assert largest <= 2
    std, largest = spread("truncatedNormal")
    assert std == pytest.approx(1, abs=0.01)
    assert largest <= 2 / 0.8796 + 1e-3
    std, largest = spread("untruncatedNormal")
    assert std == pytest.approx(1, abs=0.01)
    assert largest > 3


def test_every_initializer_name(tfjs: Any) -> None:
    names = tfjs.eval("Object.keys(tf.initializers)")
    for name in names:
        made = INITIALIZER.read({"className": name[0].upper() + name[1:], "config": {"value": 1}})
        if name != "constant":
            assert type(INITIALIZER.read(name)) is type(made)
        config = {"value": 1} if name == "constant" else {}
        there = tfjs.eval(
            "({className: i.getClassName(), config: i.getConfig()})".replace(
                "i.", "tf.initializers[name](config)."
            ),
            name=name,
            config=config,
        )
        here = getattr(initializers, name)(config)
        assert here.getClassName() == there["className"]
        ours = {key: value for key, value in here.getConfig().items() if value is not None}
        assert ours == {key: value for key, value in there["config"].items() if value is not None}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: initializers.identity().apply([2, 3]), "2D square"),
        (lambda: initializers.orthogonal().apply([3]), "at least 2D"),
        (lambda: initializers.glorotNormal().apply([3, 3], "bool"), "does not support dType bool"),
        (initializers.constant, '"value" is required'),
        (lambda: initializers.varianceScaling(mode="fan_in"), 'Did you mean "fanIn"'),
        (lambda: initializers.varianceScaling(scale=-1), "at least 0"),
        (lambda: initializers.glorotNormal(scale=2), 'unknown option "scale"'),
        (lambda: initializers.glorot_uniform, "tf.initializers.glorotUniform"),
        (lambda: INITIALIZER.read("constant"), "required"),
        (lambda: regularizers.l1(l2=1), '"l2"; its options are l1'),
        (lambda: constraints.max_norm, "tf.constraints.maxNorm"),
    ],
)
def test_refused(call: Any, message: str) -> None:
    with pytest.raises((ValueError, NotImplementedError, AttributeError), match=message):
        call()


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("l1", {}),
        ("l2", {}),
        ("l1l2", {}),
        ("l1", {"l1": 0.5}),
        ("l2", {"l2": 0}),
        ("l1l2", {"l1": 0.2, "l2": 0.3}),
    ],
)
def test_regularizers(tfjs: Any, name: str, config: dict[str, Any]) -> None:
    w = np.random.default_rng(0).normal(size=(3, 4)).astype("float32")
    made = getattr(regularizers, name)(config)
    there = tfjs.eval(
        "const r = tf.regularizers[name](config);"
        " return {value: r.apply(w), config: r.getConfig(), className: r.getClassName()};",
        name=name,
        config=config,
        w=w,
    )
    close(np.array(made.apply(_core.tensor(w))), there["value"], name)
    assert made.getConfig() == there["config"]
    assert made.getClassName() == there["className"]


def test_regularizers_by_name() -> None:
    for name, expected in [
        ("l1", (0.01, 0)),
        ("l2", (0, 0.01)),
        ("l1l2", (0.01, 0.01)),
        ("L1L2", (0.01, 0.01)),
    ]:
        made = layers.dense(units=1, kernelRegularizer=name).kernelRegularizer
        assert (made.l1, made.l2) == expected
    assert (regularizers.l1(0.5).l1, regularizers.l2(0.5).l2) == (0.5, 0.5)


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("maxNorm", {}),
        ("maxNorm", {"maxValue": 0.5, "axis": 1}),
        ("unitNorm", {}),
        ("unitNorm", {"axis": 1}),
        ("nonNeg", {}),
        ("minMaxNorm", {}),
        ("minMaxNorm", {"minValue": 1, "maxValue": 1.5, "rate": 0.7, "axis": 1}),
    ],
)
def test_constraints(tfjs: Any, name: str, config: dict[str, Any]) -> None:
    w = np.random.default_rng(0).normal(size=(3, 4)).astype("float32") * 2
    made = getattr(constraints, name)(config)
    there = tfjs.eval(
        "const c = tf.constraints[name](config); return {value: c.apply(w), config: c.getConfig()};",
        name=name,
        config=config,
        w=w,
    )
    close(np.array(made.apply(_core.tensor(w))), there["value"], name, 1e-6)
    assert made.getConfig() == there["config"]
    assert type(layers.dense(units=1, kernelConstraint=name).kernelConstraint) is type(made)


def test_activation_names_are_tensorflows(tfjs: Any) -> None:
    known = tfjs.eval("Object.keys(tf.serialization.SerializationMap.getMap().classNameMap)")
    lower = {name for name in known if name[0].islower()}
    assert set(activation_names()) == lower
    for name in lower:
        assert ACTIVATION.read(name).getClassName() == name
    assert ACTIVATION.serialize(None) == "linear"
