"""Layers without weights that keep or rearrange values: activation, dropout, flatten, reshape,
repeatVector.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

from .. import _core
from ..activations import ACTIVATION
from ..config import Enum, Integer, ListOf, Options, Share, option
from ..config import Shape as ShapeKind
from ..kinds import Anything
from .base import Layer, layer
from .parts import one_tensor, to_channels_last
from .shapes import Shape, Shapes, known_sizes, one_shape
from .symbolic import InputSpec

if TYPE_CHECKING:
    from .._core import Tensor
    from ..activations import Activation as ActivationFunction

__all__ = ["Activation", "Dropout", "Flatten", "RepeatVector", "Reshape"]


@layer("activation")
class Activation(Layer):
    """Applies an activation to every input; the shape stays."""

    className = "Activation"
    options: ClassVar[Options] = (option("activation", ACTIVATION, doc="What is applied.", none="linear"),)
    activation: ActivationFunction
    supportsMasking = True

    def computeOutputShape(self, inputShape: Shapes) -> Shapes:
        return inputShape

    def call(self, inputs: Any, kwargs: dict[str, Any]) -> Tensor:
        return self.activation.apply(one_tensor(inputs))


@layer("dropout")
class Dropout(Layer):
    """In training, sets a random share `rate` of the inputs to 0 and scales the others by 1 / (1 - rate).

    A rate of 0 or of 1 changes nothing. With a seed, each call still draws a mask of its own.
    """

    className = "Dropout"
    options: ClassVar[Options] = (
        option("rate", Share(), doc="Share of inputs to drop, from 0 to 1."),
        option(
            "noiseShape",
            ListOf(Integer(), nullable=True),
            None,
            "Shape of the mask, None where it has the input's size; a 1 gives the axis one common mask.",
        ),
        option("seed", Anything("a number or a string", "int | str"), None, "Seed of the masks."),
    )
    rate: float
    noiseShape: list[int | None] | None
    seed: Any
    supportsMasking = True

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.rate = min(max(self.rate, 0), 1)
        # How many masks were drawn; a variable, so that compiled steps count on.
        self._draws: Any = None

    def computeOutputShape(self, inputShape: Shapes) -> Shapes:
        return inputShape

    def noise_shape(self, x: Tensor) -> list[int] | None:
        if self.noiseShape is None:
            return None
        return [
            size if given is None else given for given, size in zip(self.noiseShape, x.shape, strict=True)
        ]

    def call(self, inputs: Any, kwargs: dict[str, Any]) -> Tensor:
        x = one_tensor(inputs)
        if not kwargs.get("training") or not 0 < self.rate < 1:
            return x
        ops = _core.ops
        if self.seed is None:
            return ops.dropout(x, self.rate, self.noise_shape(x))
        # The same mask at every step would drop the same units for good.
        if self._draws is None:
            self._draws = _core.hidden_variable(_core.tensor(0, None, "int32"))
        mask = ops.dropoutMask(x, self._draws, self.rate, self.noise_shape(x), self.seed)
        self._draws.assign(ops.add(self._draws, _core.tensor(1, None, "int32")))
        return ops.mul(x, mask)


@layer("flatten")
class Flatten(Layer):
    """[batch, a, b, ...] becomes [batch, a * b * ...]; with channelsFirst the channels are moved to the end
    before.
    """

    className = "Flatten"
    options: ClassVar[Options] = (
        option(
            "dataFormat",
            Enum("DataFormat", "channelsLast", "channelsFirst"),
            None,
            "channelsFirst puts the values in the order that channelsLast would.",
        ),
    )
    dataFormat: str | None

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.inputSpec = [InputSpec(minNDim=3)]

    def computeOutputShape(self, inputShape: Shapes) -> Shape:
        batch, *sizes = one_shape(inputShape)
        known = known_sizes(sizes)
        if len(known) != len(sizes):
            raise ValueError(
                f'The shape of the input to "Flatten" is not fully defined (got {tuple(sizes)}). Make sure '
                "to pass a "
                'complete "inputShape" or "batchInputShape" argument to the first layer in your model.'
            )
        return batch, math.prod(known)

    def call(self, inputs: Any, kwargs: dict[str, Any]) -> Tensor:
        x = to_channels_last(one_tensor(inputs), self.dataFormat or "channelsLast")
        return _core.ops.reshape(x, [x.shape[0], math.prod(x.shape[1:])])


@layer("reshape")
class Reshape(Layer):
    """[batch, ...] becomes [batch, *targetShape]; one size may be None (or -1) and follows from the
    others.
    """

    className = "Reshape"
    options: ClassVar[Options] = (
        option("targetShape", ShapeKind(free=-1), doc="The shape without the batch."),
    )
    targetShape: Shape

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.targetShape = tuple(None if size is None or size < 0 else size for size in self.targetShape)
        if self.targetShape.count(None) > 1:
            raise ValueError(
                f"Layer {self.name}: Can only specify one unknown dimension, targetShape is "
                f"{self.targetShape}."
            )

    def _resolved(self, sizes: Shape) -> Shape:
        """targetShape with its unknown size filled in, where `sizes` are all known."""
        known = known_sizes(sizes)
        if len(known) != len(sizes):
            return self.targetShape
        total = math.prod(known)
        fixed = math.prod(size for size in self.targetShape if size is not None)
        open_size = None in self.targetShape
        if (total != fixed and not open_size) or (open_size and (fixed == 0 or total % fixed)):
            raise ValueError(
                f"Layer {self.name}: Total size of new array must be unchanged; the input has shape "
                f"{tuple(sizes)} ({total} values), targetShape is {self.targetShape}."
            )
        return tuple(total // fixed if size is None else size for size in self.targetShape)

    def computeOutputShape(self, inputShape: Shapes) -> Shape:
        batch, *sizes = one_shape(inputShape)
        return (batch, *self._resolved(tuple(sizes)))

    def call(self, inputs: Any, kwargs: dict[str, Any]) -> Tensor:
        x = one_tensor(inputs)
        return _core.ops.reshape(x, [x.shape[0], *known_sizes(self._resolved(x.shape[1:]))])


@layer("repeatVector")
class RepeatVector(Layer):
    """Repeats the input: [batch, size] becomes [batch, n, size]."""

    className = "RepeatVector"
    options: ClassVar[Options] = (option("n", Integer(minimum=1), doc="How often."),)
    n: int

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.inputSpec = [InputSpec(ndim=2)]

    def call(self, inputs: Any, kwargs: dict[str, Any]) -> Tensor:
        return _core.ops.tile(_core.ops.expandDims(one_tensor(inputs), 1), [1, self.n, 1])
