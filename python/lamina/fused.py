"""tf.fused: products and convolutions with bias and activation in one pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import _core
from ._arguments import named
from ._convert import as_tensor
from .config import Anything, Boolean, Enum, Number, configured, option

if TYPE_CHECKING:
    from .config import Config

__all__ = ["conv2d", "depthwiseConv2d", "matMul"]

ops = _core.ops

_ACTIVATIONS = ("linear", "relu", "prelu", "elu", "relu6", "leakyrelu", "sigmoid")

_epilogue = (
    option("bias", Anything(), None, "Added to the product; broadcasts to it."),
    option("activation", Enum("FusedActivation", *_ACTIVATIONS), "linear", "Applied last."),
    option("preluActivationWeights", Anything(), None, "The slopes below 0 of 'prelu'."),
    option("leakyreluAlpha", Number(), 0.2, "The slope below 0 of 'leakyrelu'."),
)
_window = (
    option("x", Anything(), doc="Images [batch, height, width, channels]."),
    option("filter", Anything(), doc="The filter."),
    option("strides", Anything(), doc="A number or a pair."),
    option("pad", Anything(), doc="'same', 'valid', a number, or pairs for each dimension."),
    option("dataFormat", Enum("ImageFormat", "NHWC", "NCHW"), "NHWC", "Where the channels are."),
    option("dilations", Anything(), (1, 1), "A number or a pair."),
    option("dimRoundingMode", Anything(), None, "'floor', 'round' or 'ceil'."),
)


def _activated(y: Any, config: Config) -> Any:
    """The activation of ops that have none of their own."""
    kind = config.activation
    if kind == "linear":
        return y
    return ops.leakyRelu(y, config.leakyreluAlpha) if kind == "leakyrelu" else getattr(ops, kind)(y)


def _with_prelu(where: str, config: Config, fused: Any) -> Any:
    """fused(activation), followed by a prelu, which kernels do not have."""
    kind = config.activation
    if kind != "prelu":
        return fused("leakyRelu" if kind == "leakyrelu" else kind)
    if config.preluActivationWeights is None:
        raise ValueError(f"{where}: the activation 'prelu' needs preluActivationWeights.")
    linear = fused("linear")
    slopes = as_tensor(config.preluActivationWeights)
    if getattr(config, "dataFormat", "NHWC") == "NCHW" and slopes.rank == 1 and slopes.size > 1:
        slopes = ops.reshape(slopes, [slopes.size, 1, 1])
    activated = ops.prelu(linear, slopes)
    if activated.shape != linear.shape:
        raise ValueError(
            f"{where}: preluActivationWeights of shape {list(slopes.shape)} do not broadcast to the result "
            f"of shape {list(linear.shape)}."
        )
    return activated


@configured(
    "tf.fused.matMul",
    option("a", Anything(), doc="The left side [..., m, k]."),
    option("b", Anything(), doc="The right side [..., k, n]."),
    option("transposeA", Boolean(), False, "Whether a is transposed."),
    option("transposeB", Boolean(), False, "Whether b is transposed."),
    *_epilogue,
)
@named
def matMul(config: Config) -> Any:
    """The matrix product of a and b, plus bias, with an activation."""
    left, right = as_tensor(config.a), as_tensor(config.b)
    bias = None if config.bias is None else as_tensor(config.bias)
    flags = (config.transposeA, config.transposeB)
    columns = right.shape[-2 if config.transposeB else -1] if right.rank > 1 else None
    if "float32" not in (left.dtype, right.dtype) or (bias is not None and bias.shape != (columns,)):
        # The kernel takes real numbers and a row.
        product = ops.matMul(left, right, *flags)
        summed = product if bias is None else ops.add(product, bias)
        if bias is not None and summed.shape != product.shape:
            raise ValueError(
                f"tf.fused.matMul: a bias of shape {list(bias.shape)} does not broadcast to the product of "
                f"shape {list(product.shape)}."
            )
        if config.activation != "prelu":
            return _activated(summed, config)
        return _with_prelu("tf.fused.matMul", config, lambda _: summed)

    def fused(activation: str) -> Any:
        return ops.fusedMatMul(left, right, bias, *flags, activation, config.leakyreluAlpha)

    return _with_prelu("tf.fused.matMul", config, fused)


def _convolve(where: str, op: Any, config: Config) -> Any:
    def fused(activation: str) -> Any:
        return op(
            config.x,
            config.filter,
            config.bias,
            strides=config.strides,
            pad=config.pad,
            dataFormat=config.dataFormat,
            dilations=config.dilations,
            dimRoundingMode=config.dimRoundingMode,
            activation=activation,
            alpha=config.leakyreluAlpha,
        )

    return _with_prelu(where, config, fused)


@configured("tf.fused.conv2d", *_window, *_epilogue)
@named
def conv2d(config: Config) -> Any:
    """The convolution of x with a filter [height, width, in, out], plus bias, with an activation."""
    return _convolve("tf.fused.conv2d", ops.fusedConv2d, config)


@configured("tf.fused.depthwiseConv2d", *_window, *_epilogue)
@named
def depthwiseConv2d(config: Config) -> Any:
    """The depthwise convolution of x with a filter [height, width, in, multiplier], plus bias, with an
    activation.
    """
    return _convolve("tf.fused.depthwiseConv2d", ops.fusedDepthwiseConv2d, config)
