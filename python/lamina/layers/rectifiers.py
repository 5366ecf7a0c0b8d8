"""Activations that are layers of their own: reLU, leakyReLU, prelu, elu, thresholdedReLU, softmax."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from .. import _core
from ..config import Integer, ListOf, Number, OneOf, Options, option
from .base import Layer, as_list, layer
from .parts import one_tensor, weight_options
from .shapes import Shapes, one_shape
from .symbolic import InputSpec

if TYPE_CHECKING:
    from .._core import Tensor
    from ..constraints import Constraint
    from ..initializers import Initializer
    from ..regularizers import Regularizer
    from .variables import LayerVariable

__all__ = ["ELU", "LeakyReLU", "PReLU", "ReLU", "Softmax", "ThresholdedReLU"]


class _SameShape(Layer):
    def computeOutputShape(self, inputShape: Shapes) -> Shapes:
        return inputShape


@layer("reLU")
class ReLU(_SameShape):
    """max(x, 0), cut off at maxValue where that is given."""

    className = "ReLU"
    options: ClassVar[Options] = (option("maxValue", Number(minimum=0), None, "Largest output."),)
    maxValue: float | None
    supportsMasking = True

    def call(self, inputs: Any, kwargs: dict[str, Any]) -> Tensor:
        x = one_tensor(inputs)
        y = _core.ops.relu(x)
        return y if self.maxValue is None else _core.ops.clipByValue(y, 0, self.maxValue)


@layer("leakyReLU")
class LeakyReLU(_SameShape):
    """x where it is positive, alpha * x elsewhere."""

    className = "LeakyReLU"
    options: ClassVar[Options] = (
        option("alpha", Number(), 0.3, "Slope of the negative part.", aliases=("negativeSlope",)),
    )
    alpha: float

    def call(self, inputs: Any, kwargs: dict[str, Any]) -> Tensor:
        return _core.ops.leakyRelu(one_tensor(inputs), self.alpha)


@layer("prelu")
class PReLU(Layer):
    """x where it is positive, alpha * x elsewhere, alpha being learned.

    Weight: `alpha`, of the shape of one input with size 1 along sharedAxes.
    """

    className = "PReLU"
    options: ClassVar[Options] = (
        *weight_options("alpha", "zeros", "slopes"),
        option(
            "sharedAxes",
            OneOf(ListOf(Integer()), Integer()),
            None,
            "Axes (from 1) along which one slope serves all.",
        ),
    )
    alphaInitializer: Initializer
    alphaRegularizer: Regularizer | None
    alphaConstraint: Constraint | None
    sharedAxes: list[int] | None
    supportsMasking = True

    alpha: LayerVariable | None = None

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        if self.sharedAxes is not None:
            self.sharedAxes = as_list(self.sharedAxes)

    def computeOutputShape(self, inputShape: Shapes) -> Shapes:
        return inputShape

    def build(self, inputShape: Shapes) -> None:
        shape = one_shape(inputShape)
        sizes = list(shape[1:])
        for axis in self.sharedAxes or ():
            sizes[axis - 1] = 1
        self.alpha = self.addWeight(
            "alpha",
            sizes,
            "float32",
            self.alphaInitializer,
            self.alphaRegularizer,
            True,
            self.alphaConstraint,
        )
        axes = dict(enumerate(shape)) if self.sharedAxes else {}
        axes.pop(0, None)
        self.inputSpec = [InputSpec(ndim=len(shape), axes=axes)]
        self.built = True

    def call(self, inputs: Any, kwargs: dict[str, Any]) -> Tensor:
        assert self.alpha is not None
        return _core.ops.prelu(one_tensor(inputs), self.alpha.read())


@layer("elu")
class ELU(_SameShape):
    """x where it is positive, alpha * (exp(x) - 1) elsewhere."""

    className = "ELU"
    options: ClassVar[Options] = (option("alpha", Number(), 1, "Bound of the negative part."),)
    alpha: float

    def call(self, inputs: Any, kwargs: dict[str, Any]) -> Tensor:
        ops = _core.ops
        y = ops.elu(one_tensor(inputs))
        if self.alpha == 1:
            return y
        return ops.add(ops.relu(y), ops.mul(self.alpha, ops.minimum(y, 0)))


@layer("thresholdedReLU")
class ThresholdedReLU(_SameShape):
    """x where it is greater than theta, 0 elsewhere."""

    className = "ThresholdedReLU"
    options: ClassVar[Options] = (option("theta", Number(), 1, "The threshold."),)
    theta: float

    def call(self, inputs: Any, kwargs: dict[str, Any]) -> Tensor:
        ops = _core.ops
        x = one_tensor(inputs)
        return ops.mul(x, ops.cast(ops.greater(x, self.theta), "float32"))


@layer("softmax")
class Softmax(_SameShape):
    """exp(x) / sum(exp(x)) along `axis`, which is 1 by default (Keras: the last). A mask takes positions
    out.
    """

    className = "Softmax"
    options: ClassVar[Options] = (
        option("axis", OneOf(Integer(), ListOf(Integer())), 1, "Axis or axes that add up to 1."),
    )
    axis: int | list[int]

    def call(self, inputs: Any, kwargs: dict[str, Any]) -> Tensor:
        ops = _core.ops
        x = one_tensor(inputs)
        mask = kwargs.get("mask")
        if mask is not None:
            x = ops.add(x, ops.mul(ops.sub(1, ops.cast(mask, "float32")), -1e9))
        axes = as_list(self.axis)
        if len(axes) == 1 and axes[0] in (-1, x.rank - 1):
            return ops.softmax(x)
        return ops.exp(ops.sub(x, ops.logSumExp(x, axes, True)))
