"""Convolutions over images: conv2d, depthwiseConv2d."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from .. import _core
from ..config import Integer, Options, Size, option
from .base import Layer, layer
from .parts import (
    ACTIVITY,
    DATA_FORMAT,
    PADDING,
    activate,
    activation_option,
    bias_options,
    one_tensor,
    to_channels_first,
    to_channels_last,
    weight_options,
)
from .shapes import Shape, Shapes, infer_shape, one_shape
from .symbolic import InputSpec

if TYPE_CHECKING:
    from .._core import Tensor
    from ..activations import Activation
    from ..constraints import Constraint
    from ..initializers import Initializer
    from ..regularizers import Regularizer
    from .variables import LayerVariable

__all__ = ["Conv2D", "DepthwiseConv2D"]


class BaseConv2D(Layer):
    """What convolutions over images share."""

    options: ClassVar[Options] = (
        option("kernelSize", Size(2), doc="Height and width of the window."),
        option("strides", Size(2), 1, "Steps of the window."),
        PADDING,
        DATA_FORMAT,
        option("dilationRate", Size(2), 1, "Distance between the inputs that the window takes."),
        activation_option(),
        *bias_options(),
        ACTIVITY,
    )
    kernelSize: list[int]
    strides: list[int]
    padding: str
    dataFormat: str
    dilationRate: list[int]
    activation: Activation
    useBias: bool
    biasInitializer: Initializer
    biasRegularizer: Regularizer | None
    biasConstraint: Constraint | None

    bias: LayerVariable | None = None

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        if self.padding == "causal":
            raise NotImplementedError(f"Layer {self.name}: causal padding is for conv1d; use valid or same.")
        if max(self.strides) > 1 and max(self.dilationRate) > 1:
            raise ValueError(
                f"Layer {self.name}: Either strides or dilations must be 1. Got strides {self.strides} and "
                f"dilationRate {self.dilationRate}."
            )
        self.inputSpec = [InputSpec(ndim=4)]

    def _channels(self, inputShape: Shapes) -> int:
        shape = one_shape(inputShape)
        axis = 1 if self.dataFormat == "channelsFirst" else 3
        channels = shape[axis]
        if channels is None:
            raise ValueError(
                f"Layer {self.name}: The channel dimension of the input should be defined. Found {shape}."
            )
        return channels

    def _begin_build(self, inputShape: Shapes) -> int:
        """Takes inputs of so many channels only, from now on."""
        channels = self._channels(inputShape)
        self.inputSpec = [InputSpec(ndim=4, axes={1 if self.dataFormat == "channelsFirst" else 3: channels})]
        return channels

    def _end_build(self, size: int) -> None:
        if self.useBias:
            self.bias = self.addWeight(
                "bias", [size], None, self.biasInitializer, self.biasRegularizer, True, self.biasConstraint
            )
        self.built = True

    def _kernel_shape(self, channels: int) -> list[int]:
        raise NotImplementedError

    def _convolve(self, x: Tensor, kernel: Tensor) -> Tensor:
        """The layer's own convolution of an input as it comes, before bias and activation."""
        raise NotImplementedError

    def computeOutputShape(self, inputShape: Shapes) -> Shapes:
        shape = one_shape(inputShape)
        kernel: Shape = tuple(self._kernel_shape(self._channels(shape)))
        return infer_shape(self._convolve, [shape, kernel])


@layer("conv2d")
class Conv2D(BaseConv2D):
    """Convolves images with `filters` windows: [b, h, w, c] becomes [b, h', w', filters].

    Weights: `kernel` [height, width, c, filters], `bias` [filters].
    """

    className = "Conv2D"
    options: ClassVar[Options] = (
        option("filters", Integer(minimum=1), doc="Number of output channels."),
        *weight_options("kernel", "glorotNormal", "kernel"),
    )
    filters: int
    kernelInitializer: Initializer
    kernelRegularizer: Regularizer | None
    kernelConstraint: Constraint | None

    kernel: LayerVariable | None = None

    def build(self, inputShape: Shapes) -> None:
        self.kernel = self.addWeight(
            "kernel",
            self._kernel_shape(self._begin_build(inputShape)),
            None,
            self.kernelInitializer,
            self.kernelRegularizer,
            True,
            self.kernelConstraint,
        )
        self._end_build(self.filters)

    def _kernel_shape(self, channels: int) -> list[int]:
        return [*self.kernelSize, channels, self.filters]

    def _convolve(self, x: Tensor, kernel: Tensor) -> Tensor:
        return self._fused(x, kernel, None, "linear")

    def _fused(self, x: Tensor, kernel: Tensor, bias: Tensor | None, activation: str) -> Tensor:
        y = _core.ops.fusedConv2d(
            to_channels_last(x, self.dataFormat),
            kernel,
            bias,
            self.strides,
            self.padding,
            "NHWC",
            self.dilationRate,
            activation,
        )
        return to_channels_first(y, self.dataFormat)

    def call(self, inputs: Any, kwargs: dict[str, Any]) -> Tensor:
        assert self.kernel is not None
        bias = self.bias.read() if self.bias is not None else None
        fused = self.activation.fused
        y = self._fused(one_tensor(inputs), self.kernel.read(), bias, fused or "linear")
        return y if fused else activate(y, self.activation)


@layer("depthwiseConv2d")
class DepthwiseConv2D(BaseConv2D):
    """Convolves each channel on its own: [b, h, w, c] becomes [b, h', w', c * depthMultiplier].

    Weights: `depthwise_kernel` [height, width, c, depthMultiplier], `bias` [c * depthMultiplier].
    """

    className = "DepthwiseConv2D"
    options: ClassVar[Options] = (
        option("depthMultiplier", Integer(minimum=1), 1, "Number of output channels for each input channel."),
        *weight_options("depthwise", "glorotNormal", "kernel"),
    )
    depthMultiplier: int
    depthwiseInitializer: Initializer
    depthwiseRegularizer: Regularizer | None
    depthwiseConstraint: Constraint | None

    depthwiseKernel: LayerVariable | None = None

    def build(self, inputShape: Shapes) -> None:
        channels = self._begin_build(inputShape)
        self.depthwiseKernel = self.addWeight(
            "depthwise_kernel",
            self._kernel_shape(channels),
            None,
            self.depthwiseInitializer,
            self.depthwiseRegularizer,
            True,
            self.depthwiseConstraint,
        )
        self._end_build(channels * self.depthMultiplier)

    def _kernel_shape(self, channels: int) -> list[int]:
        return [*self.kernelSize, channels, self.depthMultiplier]

    def _channels_last(self, x: Tensor, kernel: Tensor) -> Tensor:
        return _core.ops.depthwiseConv2d(
            to_channels_last(x, self.dataFormat),
            kernel,
            self.strides,
            self.padding,
            "NHWC",
            self.dilationRate,
        )

    def _convolve(self, x: Tensor, kernel: Tensor) -> Tensor:
        return to_channels_first(self._channels_last(x, kernel), self.dataFormat)

    def call(self, inputs: Any, kwargs: dict[str, Any]) -> Tensor:
        assert self.depthwiseKernel is not None
        y = self._channels_last(one_tensor(inputs), self.depthwiseKernel.read())
        if self.bias is not None:
            y = _core.ops.add(y, self.bias.read())
        # The activation sees the layer's own format, as one along an axis must.
        return activate(to_channels_first(y, self.dataFormat), self.activation)
