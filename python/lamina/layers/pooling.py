"""Pooling over images: maxPooling2d, averagePooling2d, globalMaxPooling2d, globalAveragePooling2d."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from .. import _core
from ..config import Options, Size, option
from .base import Layer, layer
from .parts import DATA_FORMAT, PADDING, one_tensor, to_channels_first, to_channels_last
from .shapes import Shape, Shapes, one_shape
from .symbolic import InputSpec

if TYPE_CHECKING:
    from .._core import Tensor

__all__ = ["AveragePooling2D", "GlobalAveragePooling2D", "GlobalMaxPooling2D", "MaxPooling2D"]


class Pooling2D(Layer):
    """What poolings over windows share."""

    options: ClassVar[Options] = (
        option("poolSize", Size(2), 2, "Height and width of the window."),
        option("strides", Size(2), None, "Steps of the window; by default its size."),
        PADDING,
        DATA_FORMAT,
    )
    poolSize: list[int]
    strides: list[int]
    padding: str
    dataFormat: str

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.strides = self.strides or list(self.poolSize)
        if self.padding == "causal":
            raise NotImplementedError(f"Layer {self.name}: causal padding is for conv1d; use valid or same.")
        self.inputSpec = [InputSpec(ndim=4)]

    def _pool(self, x: Tensor) -> Tensor:
        raise NotImplementedError

    def call(self, inputs: Any, kwargs: dict[str, Any]) -> Tensor:
        x = to_channels_last(one_tensor(inputs), self.dataFormat)
        return to_channels_first(self._pool(x), self.dataFormat)


@layer("maxPooling2d", "maxPool2d")
class MaxPooling2D(Pooling2D):
    """The largest value of each window: [b, h, w, c] becomes [b, h', w', c]."""

    className = "MaxPooling2D"
    options: ClassVar[Options] = ()

    def _pool(self, x: Tensor) -> Tensor:
        return _core.ops.maxPool(x, self.poolSize, self.strides, self.padding)


@layer("averagePooling2d", "avgPool2d", "avgPooling2d")
class AveragePooling2D(Pooling2D):
    """The mean of each window, padding not counted: [b, h, w, c] becomes [b, h', w', c]."""

    className = "AveragePooling2D"
    options: ClassVar[Options] = ()

    def _pool(self, x: Tensor) -> Tensor:
        return _core.ops.avgPool(x, self.poolSize, self.strides, self.padding)


class GlobalPooling2D(Layer):
    """What poolings over the whole image share."""

    options: ClassVar[Options] = (DATA_FORMAT,)
    dataFormat: str

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.inputSpec = [InputSpec(ndim=4)]

    def _axes(self) -> list[int]:
        return [2, 3] if self.dataFormat == "channelsFirst" else [1, 2]

    def computeOutputShape(self, inputShape: Shapes) -> Shape:
        shape = one_shape(inputShape)
        return shape[0], shape[1 if self.dataFormat == "channelsFirst" else 3]


@layer("globalAveragePooling2d")
class GlobalAveragePooling2D(GlobalPooling2D):
    """The mean of each channel: [b, h, w, c] becomes [b, c]."""

    className = "GlobalAveragePooling2D"
    options: ClassVar[Options] = ()

    def call(self, inputs: Any, kwargs: dict[str, Any]) -> Tensor:
        return _core.ops.mean(one_tensor(inputs), self._axes())


@layer("globalMaxPooling2d", "globalMaxPool2d")
class GlobalMaxPooling2D(GlobalPooling2D):
    """The largest value of each channel: [b, h, w, c] becomes [b, c]."""

    className = "GlobalMaxPooling2D"
    options: ClassVar[Options] = ()

    def call(self, inputs: Any, kwargs: dict[str, Any]) -> Tensor:
        return _core.ops.max(one_tensor(inputs), self._axes())
