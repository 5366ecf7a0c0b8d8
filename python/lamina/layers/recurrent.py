"""Recurrent layers: what they share (RNN over a cell), and lstm.

A cell computes one step; the layer runs it over the sequence. LSTM runs the whole sequence as one operation
where nothing in its options asks for single steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from .. import _core
from ..changes import toggle
from ..config import LENGTH, Boolean, Config, Options, option
from ..serialization import ObjectKind, deserialize
from .base import Layer, as_list, layer
from .naming import unique_name
from .shapes import Shape, Shapes, as_shapes
from .symbolic import InputSpec, SymbolicTensor

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .._core import Tensor, Variable
    from ..results import DisposeResult
    from .variables import LayerVariable

__all__ = ["RNN", "RNNCell"]


class RNNCell(Layer):
    """One step of a recurrent layer. Subclasses define `stateSize`, build() and call([x, *states]).

    call() returns the output followed by the new states, each [batch, size].
    """

    stateSize: int | list[int]

    def state_sizes(self) -> list[int]:
        return as_list(self.stateSize)

    def start_sequence(self) -> None:
        """Called before the first step of each sequence: forgets dropout masks."""


SEQUENCE_OPTIONS: Options = (
    option(
        "returnSequences", Boolean(), False, "Whether the outputs of all steps are returned, not of the last."
    ),
    option("returnState", Boolean(), False, "Whether the last states are returned after the output."),
    option(
        "goBackwards",
        Boolean(),
        False,
        "Whether the sequence is taken from its end; outputs stay in that order.",
    ),
    option(
        "stateful",
        Boolean(),
        False,
        "Whether each batch goes on from the states of the one before.",
        stored=False,
    ),
    option("unroll", Boolean(), False, "Without effect."),
    option(
        "inputDim",
        LENGTH,
        None,
        "With inputLength, short for inputShape.",
        stored=False,
        saved=False,
    ),
    option("inputLength", LENGTH, None, "Length of the sequences.", stored=False, saved=False),
)


@layer("rnn")
class RNN(Layer):
    """Runs a cell over sequences: [batch, steps, n] becomes [batch, size], or [batch, steps, size].

    States to begin with are given as `apply(x, {"initialState": [h, ...]})` or as further inputs. Steps whose
    mask is False change nothing and repeat the output before.
    """

    className = "RNN"
    options: ClassVar[Options] = (
        option("cell", ObjectKind(RNNCell, "cell", {}), doc="The cell."),
        *SEQUENCE_OPTIONS,
    )
    cell: RNNCell
    returnSequences: bool
    returnState: bool
    goBackwards: bool
    unroll: bool
    supportsMasking = True

    def configure(self, config: Any, keywords: Mapping[str, Any] | None = None) -> Config:
        values = super().configure(config, keywords)
        self._stateful = values.stateful
        self._states: list[Variable] | None = None
        if values.inputDim is not None and values.inputShape is None:
            values.inputShape = (values.inputLength, values.inputDim)
        return values

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        if getattr(self.cell, "stateSize", None) is None:
            raise ValueError(
                f"Layer {self.name}: The RNN cell should have an attribute `stateSize` (one integer per RNN "
                "state)."
            )
        self.cell.trainable = self._trainable and self.cell.trainable
        self.inputSpec = [InputSpec(ndim=3)]

    # --- weights are those of the cell ---

    @property
    def trainable(self) -> bool:
        return self._trainable

    @trainable.setter
    def trainable(self, trainable: bool) -> None:
        self._trainable = trainable
        self.cell.trainable = trainable
        toggle(self)

    @property  # type: ignore[misc]
    def trainableWeights(self) -> list[LayerVariable]:
        return self.cell.trainableWeights if self._trainable else []

    @property  # type: ignore[misc]
    def nonTrainableWeights(self) -> list[LayerVariable]:
        return self.cell.nonTrainableWeights if self._trainable else self.cell.weights

    def _weights_by_nature(self) -> tuple[list[LayerVariable], list[LayerVariable]]:
        return self.cell._weights_by_nature()

    @property
    def losses(self) -> list[Any]:
        return [*self.cell.losses, *self._losses]

    def setFastWeightInitDuringBuild(self, value: bool) -> None:
        super().setFastWeightInitDuringBuild(value)
        self.cell.setFastWeightInitDuringBuild(value)

    # --- shapes ---

    def build(self, inputShape: Shapes) -> None:
        shape = as_shapes(inputShape)[0]
        batch = shape[0] if self.stateful else None
        self.inputSpec = [InputSpec(shape=(batch, None, *shape[2:]))]
        self.cell.build((shape[0], *shape[2:]))
        self.cell.built = True
        if self.stateful:
            self.resetStates()
        self.built = True

    def computeOutputShape(self, inputShape: Shapes) -> Shapes:
        batch, steps = as_shapes(inputShape)[0][:2]
        sizes = self.cell.state_sizes()
        output: Shape = (batch, steps, sizes[0]) if self.returnSequences else (batch, sizes[0])
        return [output, *((batch, size) for size in sizes)] if self.returnState else output

    def computeMask(self, inputs: Any, mask: Any = None) -> Any:
        """The mask of the sequence where all steps are returned; states have none."""
        output = as_list(mask)[0] if self.returnSequences else None
        return [output, *[None] * len(self.cell.state_sizes())] if self.returnState else output

    # --- states ---

    @property
    def states(self) -> list[Any]:
        """The states carried from batch to batch, or None for each where there are none yet."""
        return [None] * len(self.cell.state_sizes()) if self._states is None else list(self._states)

    def getInitialState(self, x: Tensor) -> list[Tensor]:
        """Zeros, [batch, size] for each state."""
        return [_core.ops.fill([x.shape[0], size], 0) for size in self.cell.state_sizes()]

    def resetStates(self, states: Any = None) -> None:
        """Sets the states to zeros, or to tensors given. RuntimeError where the layer is not stateful."""
        super().resetStates()
        batch = (
            self.inputSpec[0].shape[0]
            if self.inputSpec and self.inputSpec[0] and self.inputSpec[0].shape
            else None
        )
        if batch is None:
            raise ValueError(
                f"Layer {self.name}: If an RNN is stateful, it needs to know its batch size. Specify the "
                "batch size "
                "by the `batchInputShape` option of the first layer, or `batchShape` of tf.input()."
            )
        wanted = [(batch, size) for size in self.cell.state_sizes()]
        values = [_core.ops.fill(list(shape), 0) for shape in wanted] if states is None else as_list(states)
        if len(values) != len(wanted):
            raise ValueError(
                f"Layer {self.name} expects {len(wanted)} state(s), but it received {len(values)} state "
                "value(s)."
            )
        for index, (value, shape) in enumerate(zip(values, wanted, strict=True)):
            if tuple(value.shape) != shape:
                raise ValueError(
                    f"State {index} is incompatible with layer {self.name}: expected shape={shape}, "
                    f"received shape={tuple(value.shape)}"
                )
        self._keep_states(values)

    def _keep_states(self, values: Sequence[Tensor]) -> None:
        if self._states is None:
            self._states = [
                _core.Variable(value, False, unique_name(f"{self.name}/state_{index}"))
                for index, value in enumerate(values)
            ]
            return
        for state, value in zip(self._states, values, strict=True):
            state.assign(value)

    # --- calling ---

    def apply(self, inputs: Any, kwargs: Mapping[str, Any] | None = None, **keywords: Any) -> Any:
        """Like Layer.apply(); `initialState` is a state or a list of them, symbolic where the input is."""
        arguments = {**(kwargs or {}), **keywords}
        initial = arguments.pop("initialState", None)
        if initial is None:
            return super().apply(inputs, arguments)
        if isinstance(inputs, (list, tuple)) and any(hasattr(each, "shape") for each in inputs):
            if len(inputs) > 1:
                raise ValueError(
                    f"Layer {self.name}: When inputs is an array, initialState should not be provided"
                )
            inputs = inputs[0]
        if not isinstance(inputs, (SymbolicTensor, _core.Tensor)):
            inputs = _core.tensor(inputs)
        return super().apply([inputs, *as_list(initial)], arguments)

    __call__ = apply

    def assertInputCompatibility(self, inputs: Any) -> None:
        first, *states = as_list(inputs)
        super().assertInputCompatibility([first])
        sizes = self.cell.state_sizes()
        if not states:
            return
        if len(states) != len(sizes):
            raise ValueError(
                f"RNN Layer {self.name} has {len(sizes)} state(s) but was passed {len(states)} initial "
                "state(s)."
            )
        for index, (state, size) in enumerate(zip(states, sizes, strict=True)):
            InputSpec(shape=(None, size)).check(state, index + 1, self.name)

    def call(self, inputs: Any, kwargs: dict[str, Any]) -> Any:
        x, *states = as_list(inputs)
        if x.rank < 3:
            raise ValueError(f"Layer {self.name}: Input should be at least 3D, but is {x.rank}D.")
        given = states or kwargs.get("initialState")
        begin: list[Tensor] = as_list(given) if given else list(self._states or ()) or self.getInitialState(x)
        if self._states and not given and self._states[0].shape[0] != x.shape[0]:
            batch = self._states[0].shape[0]
            raise ValueError(
                f"Layer {self.name} is stateful and keeps states of {batch} samples, but this batch "
                f"has {x.shape[0]}. Give batches of {batch}, or make the layer with another batch size."
            )
        mask = kwargs.get("mask")
        if isinstance(mask, (list, tuple)):
            mask = mask[0]
        output, last = self._sequence(x, begin, mask, bool(kwargs.get("training")))
        if self.stateful:
            self._keep_states(last)
        return [output, *last] if self.returnState else output

    def _sequence(
        self, x: Tensor, states: list[Tensor], mask: Tensor | None, training: bool
    ) -> tuple[Tensor, list[Tensor]]:
        """The output and the last states, step by step."""
        ops = _core.ops
        self.cell.start_sequence()
        steps = ops.unstack(x, 1)
        masks = [None] * len(steps) if mask is None else [ops.expandDims(m, -1) for m in ops.unstack(mask, 1)]
        order = range(len(steps) - 1, -1, -1) if self.goBackwards else range(len(steps))
        outputs = []
        for index in order:
            output, *new = self.cell.call([steps[index], *states], {"training": training})
            keep = masks[index]
            if keep is not None:
                keep = ops.cast(keep, "bool")
                # The output repeats the one before, which is the first state.
                output = ops.where(keep, output, states[0])
                new = [ops.where(keep, after, before) for after, before in zip(new, states, strict=True)]
            states = new
            outputs.append(output)
        return (ops.stack(outputs, 1) if self.returnSequences else outputs[-1]), states

    # --- config and end ---

    def getConfig(self) -> dict[str, Any]:
        return {**super().getConfig(), "stateful": self.stateful}

    @classmethod
    def fromConfig(cls, config: dict[str, Any]) -> Any:
        if isinstance(config.get("cell"), dict):
            config = {**config, "cell": deserialize(config["cell"], RNNCell, "cell")}
        return super().fromConfig(config)

    def dispose(self) -> DisposeResult:
        result = super().dispose()
        if result["refCountAfterDispose"] == 0 and self._states is not None:
            for state in self._states:
                state.dispose()
            self._states = None
        return result
