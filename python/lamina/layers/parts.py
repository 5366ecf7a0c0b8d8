"""Options and computations that several families of layers share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import _core
from ..activations import ACTIVATION, Activation
from ..config import Boolean, Enum, Option, option
from ..constraints import CONSTRAINT
from ..initializers import INITIALIZER
from ..regularizers import REGULARIZER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .._core import Tensor

__all__ = [
    "ACTIVITY",
    "DATA_FORMAT",
    "PADDING",
    "activation_option",
    "bias_options",
    "one_tensor",
    "to_channels_first",
    "to_channels_last",
    "weight_options",
]

PADDING = option(
    "padding",
    Enum("PaddingMode", "valid", "same", "causal"),
    "valid",
    '"valid" adds no border; "same" pads with zeros so that stride 1 keeps the size.',
)
DATA_FORMAT = option(
    "dataFormat",
    Enum("DataFormat", "channelsLast", "channelsFirst"),
    "channelsLast",
    "Where the channels are: [batch, height, width, channels] or [batch, channels, height, width].",
)
ACTIVITY = option("activityRegularizer", REGULARIZER, None, "Penalty on the output, per example.")


def activation_option(default: str = "linear") -> Option:
    # None given on purpose is the linear activation, whatever the default.
    return option("activation", ACTIVATION, default, "What is applied to the result.", none="linear")


def weight_options(prefix: str, initializer: str, what: str) -> Iterator[Option]:
    """`<prefix>Initializer`, `<prefix>Regularizer` and `<prefix>Constraint`."""
    yield option(f"{prefix}Initializer", INITIALIZER, initializer, f"First value of the {what}.")
    yield option(f"{prefix}Regularizer", REGULARIZER, None, f"Penalty on the {what}.")
    yield option(f"{prefix}Constraint", CONSTRAINT, None, f"What holds of the {what} after each update.")


def bias_options() -> Iterator[Option]:
    yield option("useBias", Boolean(), True, "Whether a bias is added.")
    yield from weight_options("bias", "zeros", "bias")


def one_tensor(inputs: Any) -> Tensor:
    """The only input. Raises ValueError where there are several."""
    if isinstance(inputs, (list, tuple)):
        if len(inputs) != 1:
            raise ValueError(f"Expected exactly 1 Tensor; got {len(inputs)}")
        inputs = inputs[0]
    tensor: Tensor = inputs
    return tensor


def to_channels_last(x: Tensor, data_format: str) -> Tensor:
    """[batch, channels, ...] as [batch, ..., channels] where the format says so."""
    if data_format != "channelsFirst":
        return x
    return _core.ops.transpose(x, [0, *range(2, x.rank), 1])


def to_channels_first(x: Tensor, data_format: str) -> Tensor:
    """The reverse of to_channels_last()."""
    if data_format != "channelsFirst":
        return x
    return _core.ops.transpose(x, [0, x.rank - 1, *range(1, x.rank - 1)])


def activate(x: Tensor, activation: Activation) -> Tensor:
    """activation(x), without a call where it is linear."""
    return x if activation.fused == "linear" else activation.apply(x)
