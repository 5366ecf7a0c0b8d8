"""Where data enters a model: inputLayer, and `tf.input` for graphs put together by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from ..config import Boolean, Config, DType, Options, Shape, String, configured, option
from ..results import DisposeResult
from .base import FACTORIES, Layer, layer
from .naming import uid
from .symbolic import InputSpec, Node, SymbolicTensor

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["InputLayer", "input"]


@layer("inputLayer")
class InputLayer(Layer):
    """The entrance of a model. Give inputShape (with batchSize), or batchInputShape."""

    className = "InputLayer"
    options: ClassVar[Options] = (
        option(
            "batchInputShape",
            Shape(),
            None,
            "Shape with the batch size in front.",
            aliases=("batchShape",),
            stored=False,
        ),
        option("sparse", Boolean(), False, "Kept for files of Keras."),
    )
    sparse: bool

    def configure(self, config: Any, keywords: Mapping[str, Any] | None = None) -> Config:
        values = super().configure(config, keywords)
        if values.inputShape is not None and values.batchInputShape is not None:
            raise ValueError(
                "Only provide the inputShape OR batchInputShape argument to inputLayer, not both at the same "
                "time."
            )
        if values.inputShape is None and values.batchInputShape is None:
            raise ValueError("An InputLayer should be passed either a `batchInputShape` or an `inputShape`.")
        if values.batchInputShape is not None and values.batchSize is not None:
            raise ValueError(
                "Cannot specify batchSize if batchInputShape is specified when creating an InputLayer."
            )
        return values

    def _default_name(self) -> str:
        return uid("input")

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.trainable = False
        self.built = True
        shape = self.batchInputShape or ()
        self.inputSpec = [InputSpec(shape=shape)]
        tensor = SymbolicTensor(self.dtype or "float32", shape, self, [], {}, name=self.name)
        Node(
            self,
            inputTensors=[tensor],
            outputTensors=[tensor],
            inputShapes=[shape],
            outputShapes=[shape],
            callArgs={},
            inbound=False,
        )

    def apply(self, inputs: Any, kwargs: Mapping[str, Any] | None = None, **keywords: Any) -> Any:
        """Always an error: an input layer has no inputs."""
        raise ValueError(
            f"Cannot pass any input to an InputLayer's apply() method. InputLayer name: {self.name}"
        )

    __call__ = apply

    def dispose(self) -> DisposeResult:
        """Nothing to free."""
        return DisposeResult(refCountAfterDispose=self._refCount or 0, numDisposedVariables=0)

    def getConfig(self) -> dict[str, Any]:
        return {
            "batchInputShape": list(self.batchInputShape or ()),
            "dtype": self.dtype,
            "sparse": self.sparse,
            "name": self.name,
        }


@configured(
    "tf.input",
    option("shape", Shape(), None, "Shape of one example, without the batch."),
    option("batchShape", Shape(), None, "Shape with the batch size in front, None where it is open."),
    option("name", String(), None, "Name of the input, unique in a model."),
    option("dtype", DType(), "float32", "Dtype."),
    option("sparse", Boolean(), False, "Kept for files of Keras."),
)
def input(config: Config) -> SymbolicTensor:
    """A symbolic tensor that stands for a model's input: `tf.input({"shape": [2, 4]})`.

    Give either shape or batchShape; ValueError otherwise.
    """
    if config.shape is None and config.batchShape is None:
        raise ValueError(
            "Please provide to Input either a `shape` or a `batchShape` argument. Note that `shape` does not "
            "include "
            "the batch dimension."
        )
    if config.shape is not None and config.batchShape is not None:
        raise ValueError("Please provide either a `shape` or `batchShape` argument to Input, but not both.")
    shape = config.batchShape if config.shape is None else (None, *config.shape)
    made = InputLayer(batchInputShape=shape, name=config.name, dtype=config.dtype, sparse=config.sparse)
    return made.inboundNodes[0].outputTensors[0]


FACTORIES["input"] = input  # type: ignore[assignment]
