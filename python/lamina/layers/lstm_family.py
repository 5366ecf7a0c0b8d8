"""LSTM: lstm and its cell, lstmCell. Gates are in the order input, forget, carry, output."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from .. import _core
from ..activations import ACTIVATION
from ..config import Boolean, Config, Function, Integer, Options, Share, option
from ..initializers import Initializer, Ones
from .base import Layer, layer
from .parts import ACTIVITY, activate, activation_option, bias_options, weight_options
from .recurrent import RNN, SEQUENCE_OPTIONS, RNNCell
from .shapes import Shapes, one_shape

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .._core import Tensor
    from ..activations import Activation
    from ..constraints import Constraint
    from ..regularizers import Regularizer
    from .variables import LayerVariable

__all__ = ["LSTM", "LSTMCell"]

CELL_OPTIONS: Options = (
    option("units", Integer(minimum=1), doc="Size of the output and of both states."),
    activation_option("tanh"),
    option("recurrentActivation", ACTIVATION, "hardSigmoid", "Activation of the gates.", none="linear"),
    *weight_options("kernel", "glorotNormal", "input kernel"),
    *weight_options("recurrent", "orthogonal", "recurrent kernel"),
    *bias_options(),
    option("unitForgetBias", Boolean(), False, "Whether the bias of the forget gate starts at 1."),
    option("dropout", Share(), 0, "Share of the inputs to drop in training, the same ones at every step."),
    option(
        "recurrentDropout", Share(), 0, "Share of the states to drop in training, the same at every step."
    ),
    option("dropoutFunc", Function(), None, "What drops instead: dropoutFunc(ones, rate).", saved=False),
    option("implementation", Integer(), None, "Without effect."),
    ACTIVITY,
)


class _ForgetBias(Initializer):
    """The bias of an LSTM with ones for the forget gate."""

    className = "LSTMForgetBias"
    options = ()

    def __init__(self, inner: Initializer, units: int) -> None:
        self.inner = inner
        self.units = units

    def apply(self, shape: Sequence[int], dtype: str | None = None) -> Tensor:
        units = self.units
        parts = [self.inner.apply([units]), Ones().apply([units]), self.inner.apply([units * 2])]
        return _core.ops.concat(parts, 0)


@layer("lstmCell")
class LSTMCell(RNNCell):
    """One step of an LSTM: call([x, h, c]) gives [h', h', c'].

    Weights: `kernel` [n, 4 * units], `recurrent_kernel` [units, 4 * units], `bias` [4 * units].
    """

    className = "LSTMCell"
    options: ClassVar[Options] = CELL_OPTIONS
    units: int
    activation: Activation
    recurrentActivation: Activation
    useBias: bool
    kernelInitializer: Initializer
    kernelRegularizer: Regularizer | None
    kernelConstraint: Constraint | None
    recurrentInitializer: Initializer
    recurrentRegularizer: Regularizer | None
    recurrentConstraint: Constraint | None
    biasInitializer: Initializer
    biasRegularizer: Regularizer | None
    biasConstraint: Constraint | None
    unitForgetBias: bool
    dropout: float
    recurrentDropout: float
    dropoutFunc: Callable[[Tensor, float], Tensor] | None

    kernel: LayerVariable
    recurrentKernel: LayerVariable
    bias: LayerVariable | None = None

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.dropout = min(max(self.dropout, 0), 1)
        self.recurrentDropout = min(max(self.recurrentDropout, 0), 1)
        self.stateSize = [self.units, self.units]
        self.start_sequence()

    def start_sequence(self) -> None:
        self._input_mask: Tensor | None = None
        self._state_mask: Tensor | None = None

    def build(self, inputShape: Shapes) -> None:
        size = one_shape(inputShape)[-1]
        units = self.units
        self.kernel = self.addWeight(
            "kernel",
            [size, units * 4],
            None,
            self.kernelInitializer,
            self.kernelRegularizer,
            True,
            self.kernelConstraint,
        )
        self.recurrentKernel = self.addWeight(
            "recurrent_kernel",
            [units, units * 4],
            None,
            self.recurrentInitializer,
            self.recurrentRegularizer,
            True,
            self.recurrentConstraint,
        )
        if self.useBias:
            start = _ForgetBias(self.biasInitializer, units) if self.unitForgetBias else self.biasInitializer
            self.bias = self.addWeight(
                "bias", [units * 4], None, start, self.biasRegularizer, True, self.biasConstraint
            )
        self.built = True

    def drop_mask(self, shape: Sequence[int], rate: float) -> Tensor:
        """Zeros for what is dropped, 1 / (1 - rate) elsewhere."""
        ones = _core.ops.fill(list(shape), 1)
        return self.dropoutFunc(ones, rate) if self.dropoutFunc else _core.ops.dropout(ones, rate)

    def computeOutputShape(self, inputShape: Shapes) -> Shapes:
        batch = one_shape(inputShape[:1])[0]
        return [(batch, self.units)] * 3

    def call(self, inputs: Any, kwargs: dict[str, Any]) -> list[Tensor]:
        ops = _core.ops
        if not isinstance(inputs, (list, tuple)) or len(inputs) != 3:
            count = len(inputs) if isinstance(inputs, (list, tuple)) else 1
            raise ValueError(f"LSTMCell expects 3 input Tensors (inputs, h, c), got {count}.")
        x, h, c = inputs
        if kwargs.get("training"):
            x, h = self._dropped(x, h)
        z = ops.add(ops.matMul(x, self.kernel.read()), ops.matMul(h, self.recurrentKernel.read()))
        if self.bias is not None:
            z = ops.add(z, self.bias.read())
        i, f, carry, o = ops.split(z, 4, 1)
        gate = self.recurrentActivation
        c = ops.add(
            ops.mul(activate(f, gate), c), ops.mul(activate(i, gate), activate(carry, self.activation))
        )
        h = ops.mul(activate(o, gate), activate(c, self.activation))
        return [h, h, c]

    def _dropped(self, x: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        if 0 < self.dropout < 1:
            if self._input_mask is None:
                self._input_mask = self.drop_mask(x.shape, self.dropout)
            x = _core.ops.mul(x, self._input_mask)
        if 0 < self.recurrentDropout < 1:
            if self._state_mask is None:
                self._state_mask = self.drop_mask(h.shape, self.recurrentDropout)
            h = _core.ops.mul(h, self._state_mask)
        return x, h


@layer("lstm")
class LSTM(RNN):
    """Long short-term memory: [batch, steps, n] becomes [batch, units], or [batch, steps, units].

    With returnState the output is followed by the states h and c. Weights: `kernel` [n, 4 * units],
    `recurrent_kernel` [units, 4 * units], `bias` [4 * units], the gates being input, forget, carry, output.
    """

    className = "LSTM"
    options_end = True
    options: ClassVar[Options] = (
        *(each.but(stored=False) for each in CELL_OPTIONS),
        *SEQUENCE_OPTIONS,
        *Layer.options,
    )
    cell: LSTMCell

    def configure(self, config: Any, keywords: Mapping[str, Any] | None = None) -> Config:
        values = super().configure(config, keywords)
        taken = {each.name for each in LSTMCell.option_set()} - {"weights", "inputShape", "batchInputShape"}
        cell = {name: value for name, value in values.items() if name in taken and value is not None}
        self.cell = LSTMCell(cell)
        self.activityRegularizer = values.activityRegularizer
        return values

    def _sequence(
        self, x: Tensor, states: list[Tensor], mask: Tensor | None, training: bool
    ) -> tuple[Tensor, list[Tensor]]:
        cell = self.cell
        fused = cell.activation.fused, cell.recurrentActivation.fused
        if None in fused or (training and 0 < cell.recurrentDropout < 1):
            return super()._sequence(x, states, mask, training)
        ops = _core.ops
        if training and 0 < cell.dropout < 1:
            x = ops.mul(x, ops.expandDims(cell.drop_mask([x.shape[0], x.shape[2]], cell.dropout), 1))
        outputs, h, c = ops.lstm(
            x,
            cell.kernel.read(),
            cell.recurrentKernel.read(),
            cell.bias.read() if cell.bias is not None else None,
            states[0],
            states[1],
            None if mask is None else ops.cast(mask, "bool"),
            fused[0],
            fused[1],
            self.goBackwards,
        )
        return (outputs if self.returnSequences else h), [h, c]

    def getConfig(self) -> dict[str, Any]:
        return {**self.cell.getConfig(), **super().getConfig()}
