"""A user's own layers: weights, shapes found by tracing, ways to write call()."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lamina import _core, layers
from lamina.layers.base import Layer


def ones(*shape: int) -> Any:
    return _core.ops.fill(list(shape), 1)


class Scale(Layer):
    className = "Scale"

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self.factor = config["factor"]

    def build(self, inputShape: Any) -> None:
        self.gain = self.addWeight("gain", [inputShape[-1]], "float32", "ones")
        self.built = True

    def call(self, inputs: Any, kwargs: Any) -> Any:
        return _core.ops.mul(_core.ops.mul(inputs, self.gain.read()), self.factor)

    def getConfig(self) -> dict[str, Any]:
        return {**super().getConfig(), "factor": self.factor}


def test_custom_layer() -> None:
    layer = Scale({"factor": 2, "name": "my_scale"})
    np.testing.assert_array_equal(np.array(layer.apply(ones(1, 2))), [[2, 2]])
    assert [w.originalName for w in layer.weights] == ["my_scale/gain"]
    again = Scale.fromConfig(layer.getConfig())
    assert again.factor == 2
    assert again.name == "my_scale"


class Pairs(Layer):
    """No computeOutputShape: it is found by tracing."""

    def call(self, inputs: Any) -> Any:
        sizes = inputs.shape
        return [
            _core.ops.reshape(inputs, [sizes[0], sizes[1] // 2, 2, sizes[2]]),
            _core.ops.sum(inputs, -1),
            _core.ops.sum(inputs),
        ]


def test_output_shapes_are_traced() -> None:
    known = Pairs().apply(layers.input(shape=[6, 3]))
    assert [y.shape for y in known] == [(None, 3, 2, 3), (None, 6), ()]
    unknown = Pairs().apply(layers.input(shape=[None, 3]))
    assert [y.shape for y in unknown] == [(None, None, 2, 3), (None, None), ()]
    assert Pairs().computeOutputShape([4, 6, 3]) == [(4, 3, 2, 3), (4, 6), ()]
    assert Scale({"factor": 1}).computeOutputShape((None, 5)) == (None, 5)


@pytest.mark.parametrize(
    "call",
    [
        lambda self, inputs, kwargs: _core.ops.mul(inputs, 2 if kwargs.get("training") else 1),
        lambda self, inputs, training=None: _core.ops.mul(inputs, 2 if training else 1),
        lambda self, inputs, *, training=None: _core.ops.mul(inputs, 2 if training else 1),
        lambda self, inputs, **kwargs: _core.ops.mul(inputs, 2 if kwargs.get("training") else 1),
    ],
)
def test_ways_to_write_call(call: Any) -> None:
    layer = type("Own", (Layer,), {"call": call})()
    np.testing.assert_array_equal(
        np.array(layer.apply(ones(1, 2), {"training": True, "mask": None})), [[2, 2]]
    )
    np.testing.assert_array_equal(np.array(layer.apply(ones(1, 2))), [[1, 1]])
