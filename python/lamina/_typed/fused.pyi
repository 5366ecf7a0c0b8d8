# Written by tools/make_stubs.py; change the sources and run it again.

from typing import Any, Literal, TypedDict, overload
from typing_extensions import Required

class Conv2dConfig(TypedDict, total=False):
    x: Required[Any]
    """Images [batch, height, width, channels]."""
    filter: Required[Any]
    """The filter."""
    strides: Required[Any]
    """A number or a pair."""
    pad: Required[Any]
    """'same', 'valid', a number, or pairs for each dimension."""
    dataFormat: Literal["NHWC", "NCHW"] | None
    """Where the channels are."""
    dilations: Any
    """A number or a pair."""
    dimRoundingMode: Any
    """'floor', 'round' or 'ceil'."""
    bias: Any
    """Added to the product; broadcasts to it."""
    activation: Literal["linear", "relu", "prelu", "elu", "relu6", "leakyrelu", "sigmoid"] | None
    """Applied last."""
    preluActivationWeights: Any
    """The slopes below 0 of 'prelu'."""
    leakyreluAlpha: float | None
    """The slope below 0 of 'leakyrelu'."""

@overload
def conv2d(config: Conv2dConfig, /) -> Any: ...
@overload
def conv2d(*, x: Any, filter: Any, strides: Any, pad: Any, dataFormat: Literal["NHWC", "NCHW"] | None = ..., dilations: Any = ..., dimRoundingMode: Any = ..., bias: Any = ..., activation: Literal["linear", "relu", "prelu", "elu", "relu6", "leakyrelu", "sigmoid"] | None = ..., preluActivationWeights: Any = ..., leakyreluAlpha: float | None = ...) -> Any:
    """The convolution of x with a filter [height, width, in, out], plus bias, with an activation."""
    ...

class DepthwiseConv2dConfig(TypedDict, total=False):
    x: Required[Any]
    """Images [batch, height, width, channels]."""
    filter: Required[Any]
    """The filter."""
    strides: Required[Any]
    """A number or a pair."""
    pad: Required[Any]
    """'same', 'valid', a number, or pairs for each dimension."""
    dataFormat: Literal["NHWC", "NCHW"] | None
    """Where the channels are."""
    dilations: Any
    """A number or a pair."""
    dimRoundingMode: Any
    """'floor', 'round' or 'ceil'."""
    bias: Any
    """Added to the product; broadcasts to it."""
    activation: Literal["linear", "relu", "prelu", "elu", "relu6", "leakyrelu", "sigmoid"] | None
    """Applied last."""
    preluActivationWeights: Any
    """The slopes below 0 of 'prelu'."""
    leakyreluAlpha: float | None
    """The slope below 0 of 'leakyrelu'."""

@overload
def depthwiseConv2d(config: DepthwiseConv2dConfig, /) -> Any: ...
@overload
def depthwiseConv2d(*, x: Any, filter: Any, strides: Any, pad: Any, dataFormat: Literal["NHWC", "NCHW"] | None = ..., dilations: Any = ..., dimRoundingMode: Any = ..., bias: Any = ..., activation: Literal["linear", "relu", "prelu", "elu", "relu6", "leakyrelu", "sigmoid"] | None = ..., preluActivationWeights: Any = ..., leakyreluAlpha: float | None = ...) -> Any:
    """The depthwise convolution of x with a filter [height, width, in, multiplier], plus bias, with an"""
    ...

class MatMulConfig(TypedDict, total=False):
    a: Required[Any]
    """The left side [..., m, k]."""
    b: Required[Any]
    """The right side [..., k, n]."""
    transposeA: bool | None
    """Whether a is transposed."""
    transposeB: bool | None
    """Whether b is transposed."""
    bias: Any
    """Added to the product; broadcasts to it."""
    activation: Literal["linear", "relu", "prelu", "elu", "relu6", "leakyrelu", "sigmoid"] | None
    """Applied last."""
    preluActivationWeights: Any
    """The slopes below 0 of 'prelu'."""
    leakyreluAlpha: float | None
    """The slope below 0 of 'leakyrelu'."""

@overload
def matMul(config: MatMulConfig, /) -> Any: ...
@overload
def matMul(*, a: Any, b: Any, transposeA: bool | None = ..., transposeB: bool | None = ..., bias: Any = ..., activation: Literal["linear", "relu", "prelu", "elu", "relu6", "leakyrelu", "sigmoid"] | None = ..., preluActivationWeights: Any = ..., leakyreluAlpha: float | None = ...) -> Any:
    """The matrix product of a and b, plus bias, with an activation."""
    ...
