"""Steps of recurrent networks, made of other ops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import _core
from ._arguments import name_arguments

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ._core import Tensor

__all__ = ["basicLSTMCell", "multiRNNCell"]

ops = _core.ops


def basicLSTMCell(  # noqa: PLR0917 - the positions are TensorFlow.js'
    forgetBias: Any, lstmKernel: Any, lstmBias: Any, data: Any, c: Any, h: Any
) -> list[Tensor]:
    """[newC, newH]: the next state and output of an LSTM cell.

    lstmKernel is [inputs + units, 4 * units], with the gates input, new value, forget, output.
    """
    gates = ops.add(ops.matMul(ops.concat([data, h], 1), lstmKernel), lstmBias)
    entry, value, forget, output = ops.split(gates, 4, 1)
    kept = ops.mul(c, ops.sigmoid(ops.add(forgetBias, forget)))
    state = ops.add(ops.mul(ops.sigmoid(entry), ops.tanh(value)), kept)
    return [state, ops.mul(ops.tanh(state), ops.sigmoid(output))]


def multiRNNCell(
    lstmCells: Sequence[Callable[[Any, Any, Any], Sequence[Tensor]]],
    data: Any,
    c: Sequence[Any],
    h: Sequence[Any],
) -> list[list[Tensor]]:
    """[newC, newH] of cells one upon another; each is a function of its input, state and output."""
    states: list[Tensor] = []
    outputs: list[Tensor] = []
    for cell, state, output in zip(lstmCells, c, h, strict=False):
        new_state, new_output = cell(data, state, output)
        states.append(new_state)
        outputs.append(new_output)
        data = new_output
    return [states, outputs]


name_arguments(globals(), __all__)
