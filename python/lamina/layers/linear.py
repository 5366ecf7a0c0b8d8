"""Dense: the fully connected layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from .. import _core
from ..config import LENGTH, Config, Integer, Options, option
from .base import Layer, layer
from .parts import ACTIVITY, activate, activation_option, bias_options, one_tensor, weight_options
from .shapes import Shape, Shapes, one_shape
from .symbolic import InputSpec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .._core import Tensor
    from ..activations import Activation
    from ..constraints import Constraint
    from ..initializers import Initializer
    from ..regularizers import Regularizer
    from .variables import LayerVariable

__all__ = ["Dense"]


@layer("dense")
class Dense(Layer):
    """activation(x . kernel + bias) over the last axis: [..., n] becomes [..., units].

    Weights: `kernel` [n, units], `bias` [units].
    """

    className = "Dense"
    options: ClassVar[Options] = (
        option("units", Integer(minimum=1), doc="Size of the last axis of the output."),
        activation_option(),
        *weight_options("kernel", "glorotNormal", "kernel"),
        *bias_options(),
        ACTIVITY,
        option("inputDim", LENGTH, None, "Short for inputShape [inputDim].", stored=False),
    )
    units: int
    activation: Activation
    useBias: bool
    kernelInitializer: Initializer
    kernelRegularizer: Regularizer | None
    kernelConstraint: Constraint | None
    biasInitializer: Initializer
    biasRegularizer: Regularizer | None
    biasConstraint: Constraint | None
    supportsMasking = True

    kernel: LayerVariable | None = None
    bias: LayerVariable | None = None

    def configure(self, config: Any, keywords: Mapping[str, Any] | None = None) -> Config:
        values = super().configure(config, keywords)
        if values.inputDim is not None and values.inputShape is None:
            values.inputShape = (values.inputDim,)
        self.inputSpec = [InputSpec(minNDim=2)]
        return values

    def build(self, inputShape: Shapes) -> None:
        size = one_shape(inputShape)[-1]
        self.kernel = self.addWeight(
            "kernel",
            [size, self.units],
            None,
            self.kernelInitializer,
            self.kernelRegularizer,
            True,
            self.kernelConstraint,
        )
        if self.useBias:
            self.bias = self.addWeight(
                "bias",
                [self.units],
                None,
                self.biasInitializer,
                self.biasRegularizer,
                True,
                self.biasConstraint,
            )
        self.inputSpec = [InputSpec(minNDim=2, axes={-1: size})]
        self.built = True

    def computeOutputShape(self, inputShape: Shapes) -> Shape:
        return (*one_shape(inputShape)[:-1], self.units)

    def call(self, inputs: Any, kwargs: dict[str, Any]) -> Tensor:
        ops = _core.ops
        x = one_tensor(inputs)
        assert self.kernel is not None
        bias = self.bias.read() if self.bias is not None else None
        fused = self.activation.fused
        flat = x if x.rank == 2 else ops.reshape(x, [-1, x.shape[-1]])
        y = ops.fusedMatMul(flat, self.kernel.read(), bias, False, False, fused or "linear")
        if x.rank != 2:
            y = ops.reshape(y, [*x.shape[:-1], self.units])
        return y if fused else activate(y, self.activation)
