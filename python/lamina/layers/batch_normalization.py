"""Normalizations: batchNormalization."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from .. import _core
from ..config import Boolean, Integer, ListOf, Number, OneOf, Options, Share, option
from ..initializers import INITIALIZER
from .base import Layer, as_list, layer, move_average
from .parts import one_tensor, weight_options
from .shapes import Shapes, one_shape
from .symbolic import InputSpec

if TYPE_CHECKING:
    from .._core import Tensor
    from ..constraints import Constraint
    from ..initializers import Initializer
    from ..regularizers import Regularizer
    from .variables import LayerVariable

__all__ = ["BatchNormalization"]


@layer("batchNormalization")
class BatchNormalization(Layer):
    """(x - mean) / sqrt(variance + epsilon) * gamma + beta, for each index along `axis`.

    With `training` mean and variance are those of the batch and move the averages that are used otherwise,
    also where the layer is not trainable. Weights of size [n]: `gamma`, `beta`, `moving_mean`,
    `moving_variance`.
    """

    className = "BatchNormalization"
    options: ClassVar[Options] = (
        option(
            "axis", OneOf(Integer(), ListOf(Integer())), -1, "The axis of the channels; 1 with channelsFirst."
        ),
        option("momentum", Share(), 0.99, "How much of the moving averages stays at each step."),
        option("epsilon", Number(minimum=0), 1e-3, "Added to the variance."),
        option("center", Boolean(), True, "Whether beta is added."),
        option("scale", Boolean(), True, "Whether gamma multiplies."),
        *weight_options("beta", "zeros", "offset"),
        *weight_options("gamma", "ones", "factor"),
        option("movingMeanInitializer", INITIALIZER, "zeros", "First value of the moving mean."),
        option("movingVarianceInitializer", INITIALIZER, "ones", "First value of the moving variance."),
    )
    axis: int
    momentum: float
    epsilon: float
    center: bool
    scale: bool
    betaInitializer: Initializer
    betaRegularizer: Regularizer | None
    betaConstraint: Constraint | None
    gammaInitializer: Initializer
    gammaRegularizer: Regularizer | None
    gammaConstraint: Constraint | None
    movingMeanInitializer: Initializer
    movingVarianceInitializer: Initializer
    supportsMasking = True

    gamma: LayerVariable | None = None
    beta: LayerVariable | None = None
    movingMean: LayerVariable
    movingVariance: LayerVariable

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        # Keras writes a list of one axis.
        axes = as_list(self.axis)
        if len(axes) != 1:
            raise ValueError(f"Layer {self.name}: axis is one axis, got {axes}.")
        self.axis = axes[0]

    def computeOutputShape(self, inputShape: Shapes) -> Shapes:
        return inputShape

    def build(self, inputShape: Shapes) -> None:
        shape = one_shape(inputShape)
        if not -len(shape) <= self.axis < len(shape):
            raise ValueError(f"Layer {self.name}: there is no axis {self.axis} in an input of shape {shape}.")
        axis = self.axis % len(shape)
        size = shape[axis]
        if size is None:
            raise ValueError(
                f"Axis {axis} of input tensor should have a defined dimension but the layer {self.name} "
                "received an "
                f"input with shape {shape}."
            )
        self.inputSpec = [InputSpec(ndim=len(shape), axes={axis: size})]
        if self.scale:
            self.gamma = self.addWeight(
                "gamma",
                [size],
                None,
                self.gammaInitializer,
                self.gammaRegularizer,
                True,
                self.gammaConstraint,
            )
        if self.center:
            self.beta = self.addWeight(
                "beta", [size], None, self.betaInitializer, self.betaRegularizer, True, self.betaConstraint
            )
        self.movingMean = self.addWeight("moving_mean", [size], None, self.movingMeanInitializer, None, False)
        self.movingVariance = self.addWeight(
            "moving_variance", [size], None, self.movingVarianceInitializer, None, False
        )
        self.built = True

    def call(self, inputs: Any, kwargs: dict[str, Any]) -> Tensor:
        ops = _core.ops
        x = one_tensor(inputs)
        axis = self.axis % x.rank
        beta = self.beta.read() if self.beta is not None else None
        gamma = self.gamma.read() if self.gamma is not None else None
        if kwargs.get("training") and not self._is_frozen:
            if axis == x.rank - 1:
                y, mean, variance = ops.batchNormTraining(x, beta, gamma, self.epsilon)
                self._move(self.movingMean, mean)
                self._move(self.movingVariance, variance)
                return y
            mean, variance = ops.moments(x, [each for each in range(x.rank) if each != axis])
            self._move(self.movingMean, mean)
            self._move(self.movingVariance, variance)
        else:
            mean, variance = self.movingMean.read(), self.movingVariance.read()
        along = [1] * x.rank
        along[axis] = x.shape[axis]

        def placed(value: Tensor) -> Tensor:
            return value if axis == x.rank - 1 else ops.reshape(value, along)

        offset = None if beta is None else placed(beta)
        scale = None if gamma is None else placed(gamma)
        return ops.batchNorm(x, placed(mean), placed(variance), offset, scale, self.epsilon)

    def _move(self, average: LayerVariable, value: Tensor) -> None:
        def move() -> None:
            ops = _core.ops
            old = average.read()
            average.write(ops.sub(old, ops.mul(ops.sub(old, value), 1 - self.momentum)))

        move_average(move)
