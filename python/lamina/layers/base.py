"""Layer: the base class of every layer, built in or a user's own.

    class Scale(tf.layers.Layer):
        className = "Scale"

        def __init__(self, config):
            super().__init__(config)
            self.factor = config["factor"]

        def build(self, inputShape):
            self.gain = self.addWeight("gain", [inputShape[-1]], "float32", "ones")
            self.built = True

        def call(self, inputs, kwargs):
            return inputs.mul(self.gain.read()).mul(self.factor)

        def getConfig(self):
            return {**super().getConfig(), "factor": self.factor}

    tf.serialization.registerClass(Scale)

`Scale({"factor": 2}).apply(x)` runs on tensors, or adds to a graph where `x` is symbolic.
"""

from __future__ import annotations

import threading
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from .. import _core
from .._borders import border
from ..changes import notify
from ..config import (
    LENGTH,
    NOT_GIVEN,
    Anything,
    Configurable,
    DType,
    Factory,
    Options,
    Shape,
    String,
    option,
)
from ..errors import LaminaWarning, MissingName
from ..kinds import Boolean, to_snake_case
from ..serialization import public
from .connections import Connected
from .holding import WeightHolder
from .naming import check_name, name_scope, next_id, uid
from .shapes import as_shapes, infer_shape, is_shape, shapes_of
from .symbolic import InputSpec, Node, SymbolicTensor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from .._core import Tensor
    from ..regularizers import Regularizer
    from .shapes import Shapes

__all__ = [
    "FACTORIES", "Layer", "collecting_activity_losses", "keeping_averages", "layer", "move_average",
]  # fmt: skip

FACTORIES: dict[str, Factory] = {}
"""The public functions of tf.layers by name; layer() adds to it."""

_local = threading.local()


def layer(name: str, *aliases: str, class_names: tuple[str, ...] = ()) -> Callable[[Any], Any]:
    """Decorates a layer class: registers it and makes `tf.layers.<name>`, also under the aliases."""
    return public(FACTORIES, "tf.layers", name, *aliases, class_names=class_names)


@contextmanager
def collecting_activity_losses() -> Iterator[list[Tensor]]:
    """Collects the penalties of activity regularizers of the layers called inside (scalars), for training."""
    outer = getattr(_local, "activity", None)
    found: list[Tensor] = []
    _local.activity = found
    try:
        yield found
    finally:
        _local.activity = outer


@contextmanager
def keeping_averages() -> Iterator[None]:
    """Moves the averages of the layers called inside at the end, and not at all after an error there."""
    outer = getattr(_local, "moves", None)
    _local.moves = []
    try:
        yield
        for move in _local.moves:
            move()
    finally:
        _local.moves = outer


def move_average(move: Callable[[], None]) -> None:
    """Runs what moves an average of a layer: at the end of the training step, or at once outside of one."""
    moves = getattr(_local, "moves", None)
    if moves is None:
        move()
    else:
        moves.append(move)


def as_list(value: Any) -> list[Any]:
    """A list or tuple as a list, anything else as a list of one."""
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _as_inputs(inputs: Any) -> list[Any]:
    """The inputs of apply(): tensors and symbolic tensors; anything array-like becomes a tensor."""
    if isinstance(inputs, (SymbolicTensor, _core.Tensor)):
        return [inputs]
    many = isinstance(inputs, (list, tuple)) and inputs and all(hasattr(each, "shape") for each in inputs)
    return [
        each if isinstance(each, (SymbolicTensor, _core.Tensor)) else _core.tensor(each)
        for each in (inputs if many else [inputs])
    ]


def _call_style(cls: type) -> str:
    """How a class takes the arguments of call(): "dict" (inputs, kwargs), "none" (inputs) or "keywords"."""
    style = cls.__dict__.get("_style")
    if style is None:
        call = cls.call  # type: ignore[attr-defined]
        code = getattr(call, "__code__", None)
        takes_any = code is not None and bool(code.co_flags & 0x08)
        third = code.co_varnames[2] if code is not None and code.co_argcount >= 3 else None
        if code is None or third == "kwargs" or (third and not call.__defaults__ and not takes_any):
            style = "dict"
        elif third is None and not code.co_kwonlyargcount and not takes_any:
            style = "none"
        else:
            style = "keywords"
        cls._style = style  # type: ignore[attr-defined]
    return str(style)


class Layer(WeightHolder, Connected, Configurable):
    """A step of a model with its weights. See the head of lamina/layers/base.py for writing your own."""

    className = "Layer"
    options: ClassVar[Options] = (
        option("name", String(), None, "Name of the layer, unique in a model.", stored=False),
        option("trainable", Boolean(), True, "Whether training changes the weights.", stored=False),
        option("inputShape", Shape(), None, "Shape of one input, where the layer comes first.", stored=False),
        option("batchInputShape", Shape(), None, "The same with the batch size in front.", stored=False),
        option("batchSize", LENGTH, None, "Batch size that goes with inputShape.", stored=False),
        option("dtype", DType(), None, "Dtype of the input where the layer comes first.", stored=False),
        option("inputDType", DType(), None, "Another name of dtype.", stored=False),
        option(
            "weights", Anything("a list of tensors", "Sequence[Any]"), None, "First weights.", stored=False
        ),
    )

    activityRegularizer: Regularizer | None = None
    supportsMasking: bool = False
    batchInputShape: tuple[int | None, ...] | None = None
    dtype: str | None = None

    def __init__(self, config: Any = NOT_GIVEN, /, **keywords: Any) -> None:
        cls = type(self)
        if cls.call is Layer.call and hasattr(cls, "forward"):
            raise TypeError(
                f"{cls.__name__} defines forward(), but a layer computes in call(inputs, kwargs): "
                "write `def call(self, inputs, kwargs):` in place of it."
            )
        self.id = next_id()
        self.inputSpec: list[InputSpec | None] | None = None
        self.inboundNodes: list[Node] = []
        self.outboundNodes: list[Node] = []
        self.built = False
        self._trainableWeights = []
        self._nonTrainableWeights = []
        self._addedWeightNames = set()
        self._losses = []
        self._refCount = None
        self._fastWeightInit = False
        self._stateful = False
        self._callHook: Callable[[Any, Any], Any] | None = None
        self._trainable = True
        values = self.configure(config, keywords)
        self.name = check_name(values.name) if values.name else self._default_name()
        self._trainable = values.trainable
        self.initialWeights: list[Any] | None = values.weights
        if values.batchInputShape is not None:
            self.batchInputShape = values.batchInputShape
        elif values.inputShape is not None:
            self.batchInputShape = (values.batchSize, *values.inputShape)
        if self.batchInputShape is not None:
            self.dtype = values.dtype or values.inputDType or "float32"

    def _default_name(self) -> str:
        name = self.getClassName()
        return f"{to_snake_case(name)}_{uid(name)}"

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            # A property that raised AttributeError comes here, too: it raises again, in its own words.
            if hasattr(type(self), name):
                return object.__getattribute__(self, name)
            if "id" not in self.__dict__:
                raise AttributeError(_not_constructed(type(self)))
            raise MissingName(name, type(self))

    # --- what subclasses define ---

    def build(self, inputShape: Shapes) -> None:
        """Makes the weights for inputs of that shape; runs once, before the first call. Ends with built =
        True.
        """
        self.built = True

    def call(self, inputs: Any, kwargs: dict[str, Any]) -> Any:
        """The layer's computation on a tensor, or on a list of tensors where it has several inputs.

        `kwargs` are those of apply(): `training`, `mask`, `initialState`. A subclass may also be written as
        `call(self, inputs)` or `call(self, inputs, training=False)`.
        """
        return inputs

    def computeOutputShape(self, inputShape: Shapes) -> Shapes:
        """The shape(s) of the output for inputs of that shape; None stands for a size that is not known.

        By default the computation itself is traced, which builds the layer.
        """
        shapes = as_shapes(inputShape)
        if not self.built:
            self._build(shapes)
        return infer_shape(lambda *inputs: self._call(list(inputs), {}), shapes)

    def computeMask(self, inputs: Any, mask: Any = None) -> Any:
        """The mask of the output, given the mask of the input: the same, where the layer supports masking.

        Raises TypeError where it does not and a mask comes in.
        """
        if self.supportsMasking:
            return mask
        if any(each is not None for each in as_list(mask)):
            raise TypeError(f"Layer {self.name} does not support masking, but was passed an inputMask.")
        return None

    # --- calling ---

    @border
    def apply(self, inputs: Any, kwargs: Mapping[str, Any] | None = None, **keywords: Any) -> Any:
        """Runs the layer on tensors (or arrays), or adds it to a graph where the inputs are symbolic.

        Options of the call are one dict or keywords: `apply(x, {"training": True})`, `apply(x,
        training=True)`. Returns a tensor or symbolic tensor, a list of them where the layer has several
        outputs. Raises ValueError where the inputs do not fit the layer.
        """
        self.assertNotDisposed()
        arguments = {**(kwargs or {}), **keywords}
        given = _as_inputs(inputs)
        symbolic = [isinstance(each, SymbolicTensor) for each in given]
        if any(symbolic) != all(symbolic):
            raise ValueError("Arguments to apply() must be all SymbolicTensors or all Tensors")
        if not self.built:
            self.assertInputCompatibility(given)
            self._build([tuple(each.shape) for each in given])
            if self._refCount is None and not symbolic[0]:
                self._refCount = 1
        self.assertInputCompatibility(given)
        return self._connect(given, arguments) if symbolic[0] else self._run(given, arguments)

    __call__ = apply

    def _build(self, shapes: list[Any]) -> None:
        given = self.batchInputShape
        if given is not None and len(shapes) == 1 and len(shapes[0]) == len(given):
            shapes = [InputSpec(shape=given).completed(shapes[0])]
        # A layer inside of another may be built in the middle of a trace: weights have values, not symbols.
        with name_scope(self.name), _core.RecordingPaused():
            self.build(shapes[0] if len(shapes) == 1 else shapes)
        self.built = True
        if self.initialWeights is not None:
            self.setWeights(self.initialWeights)

    def _call(self, inputs: list[Any], kwargs: dict[str, Any]) -> Any:
        given = inputs[0] if len(inputs) == 1 else inputs
        style = _call_style(type(self))
        if style == "dict":
            return self.call(given, kwargs)
        if style == "none":
            return self.call(given)  # type: ignore[call-arg]
        code = type(self).call.__code__
        if code.co_flags & 0x08:
            return self.call(given, **kwargs)
        taken = code.co_varnames[2 : code.co_argcount + code.co_kwonlyargcount]
        return self.call(given, **{key: value for key, value in kwargs.items() if key in taken})

    def _run(self, inputs: list[Any], kwargs: dict[str, Any]) -> Any:
        self.invokeCallHook(inputs[0] if len(inputs) == 1 else inputs, kwargs)
        output = self._call(inputs, kwargs)
        several = isinstance(output, (list, tuple))
        # An output that is an input gets a handle of its own, so that disposing one leaves the other.
        outputs = [y.clone() if any(y is x for x in inputs) else y for y in as_list(output)]
        if self.activityRegularizer is not None:
            self._penalize(outputs)
        return outputs if several else outputs[0]

    def _penalize(self, outputs: list[Tensor]) -> None:
        found = getattr(_local, "activity", None)
        if found is not None and self.activityRegularizer is not None:
            # Per example, so that the penalty does not depend on the batch size.
            found += [_core.ops.div(self.activityRegularizer.apply(y), max(1, y.shape[0])) for y in outputs]

    def _connect(self, inputs: list[SymbolicTensor], kwargs: dict[str, Any]) -> Any:
        input_shapes = [x.shape for x in inputs]
        wanted: Shapes = shapes_of(inputs)
        if len(inputs) == 1 and self.inputSpec and self.inputSpec[0]:
            wanted = self.inputSpec[0].completed(inputs[0].shape)
            if wanted != inputs[0].shape and self.batchInputShape is None:
                # For a file: with what it says of the inputs alone, the layer could not be built again.
                self.batchInputShape, self.dtype = wanted, self.dtype or "float32"
        output_shapes = self.computeOutputShape(wanted)
        self.warnOnIncompatibleInputShape(input_shapes[0])
        several = not is_shape(output_shapes)
        shapes = as_shapes(output_shapes)
        with name_scope(self.name):
            outputs = [
                SymbolicTensor(
                    "float32",
                    shape,
                    self,
                    inputs,
                    kwargs,
                    name=self.name,
                    outputTensorIndex=index if several else None,
                )
                for index, shape in enumerate(shapes)
            ]
        Node(
            self,
            inputTensors=inputs,
            outputTensors=outputs,
            inputShapes=input_shapes,
            outputShapes=shapes,
            callArgs=kwargs,
        )
        self._refCount = (self._refCount or 0) + 1
        return outputs if several else outputs[0]

    def assertInputCompatibility(self, inputs: Any) -> None:
        """Raises ValueError where the inputs are not what `inputSpec` asks for."""
        if not self.inputSpec:
            return
        given = as_list(inputs)
        if len(given) != len(self.inputSpec):
            raise ValueError(
                f"Layer {self.name} expects {len(self.inputSpec)} inputs, but it received {len(given)} input "
                "tensors."
            )
        for index, (x, spec) in enumerate(zip(given, self.inputSpec, strict=True)):
            if spec is not None:
                spec.check(x, index, self.name)

    def warnOnIncompatibleInputShape(self, inputShape: tuple[int | None, ...]) -> None:
        """Warns where a symbolic input is not of the shape that the layer was made for."""
        wanted = self.batchInputShape
        if wanted is None:
            return
        if len(wanted) != len(inputShape):
            problem = f"The rank of the input tensor provided (shape: {inputShape}) does not match"
        elif any(a is not None and b is not None and a != b for a, b in zip(wanted, inputShape, strict=True)):
            problem = f"The shape of the input tensor ({inputShape}) does not match"
        else:
            return
        warnings.warn(
            f"{problem} the batchInputShape {wanted} of the layer {self.name}.", LaminaWarning, stacklevel=2
        )

    def setCallHook(self, callHook: Callable[[Any, Any], Any]) -> None:
        """Has `callHook(inputs, kwargs)` called before every run on tensors."""
        self._callHook = callHook
        notify(self)

    def clearCallHook(self) -> None:
        self._callHook = None
        notify(self)

    def invokeCallHook(self, inputs: Any, kwargs: Any) -> None:
        if self._callHook is not None:
            self._callHook(inputs, kwargs)

    # --- state and config ---

    @property
    def stateful(self) -> bool:
        """Whether the layer carries values from one call to the next."""
        return self._stateful

    def resetStates(self, states: Any = None) -> None:
        """Sets the state back. RuntimeError where the layer is not stateful."""
        if not self.stateful:
            raise RuntimeError(f"Cannot call the resetStates() method of the non-stateful layer {self.name}.")

    def getConfig(self) -> dict[str, Any]:
        """The options of the layer as plain values, with its name; not its weights."""
        config: dict[str, Any] = {"name": self.name, "trainable": self.trainable}
        if self.batchInputShape is not None:
            config["batchInputShape"] = list(self.batchInputShape)
        if self.dtype is not None:
            config["dtype"] = self.dtype
        return {**config, **super().getConfig()}

    def __repr__(self) -> str:
        return f"<{self.getClassName()} {getattr(self, 'name', '(not constructed)')}>"


def _not_constructed(cls: type) -> str:
    return (
        f"The __init__() of {cls.__name__} does not call that of its base: write `super().__init__()` as its "
        "first line."
    )
