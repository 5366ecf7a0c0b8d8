"""Embedding: a table of vectors, looked up by integers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from .. import _core
from ..config import LENGTH, Boolean, Config, Integer, ListOf, OneOf, Options, option
from .base import Layer, as_list, layer
from .parts import ACTIVITY, one_tensor, weight_options
from .shapes import Shape, Shapes, one_shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .._core import Tensor
    from ..constraints import Constraint
    from ..initializers import Initializer
    from ..regularizers import Regularizer
    from .variables import LayerVariable

__all__ = ["Embedding"]


@layer("embedding")
class Embedding(Layer):
    """Vectors for integers: [batch, ...] of numbers from 0 to inputDim - 1 becomes [batch, ..., outputDim].

    Weight: `embeddings` [inputDim, outputDim].
    """

    className = "Embedding"
    options: ClassVar[Options] = (
        option("inputDim", Integer(minimum=1), doc="How many different integers there are."),
        option("outputDim", Integer(minimum=1), doc="Length of a vector."),
        *weight_options("embeddings", "randomUniform", "table"),
        ACTIVITY,
        option("maskZero", Boolean(), False, "Whether 0 stands for padding, which later layers are to skip."),
        option(
            "inputLength",
            OneOf(LENGTH, ListOf(LENGTH, nullable=True)),
            None,
            "Length of the sequences, where it is constant.",
        ),
    )
    inputDim: int
    outputDim: int
    embeddingsInitializer: Initializer
    embeddingsRegularizer: Regularizer | None
    embeddingsConstraint: Constraint | None
    maskZero: bool
    inputLength: int | list[int | None] | None

    embeddings: LayerVariable | None = None

    def configure(self, config: Any, keywords: Mapping[str, Any] | None = None) -> Config:
        values = super().configure(config, keywords)
        if values.batchInputShape is None and values.inputShape is None:
            self.batchInputShape = (values.batchSize, *as_list(self.inputLength))
        self.supportsMasking = self.maskZero
        return values

    def build(self, inputShape: Shapes) -> None:
        self.embeddings = self.addWeight(
            "embeddings",
            [self.inputDim, self.outputDim],
            "float32",
            self.embeddingsInitializer,
            self.embeddingsRegularizer,
            True,
            self.embeddingsConstraint,
        )
        self.built = True

    def warnOnIncompatibleInputShape(self, inputShape: Shape) -> None:
        """Nothing: inputs may have any rank."""

    def computeMask(self, inputs: Any, mask: Any = None) -> Any:
        """True where the input is not 0, with maskZero."""
        return _core.ops.notEqual(one_tensor(inputs), 0) if self.maskZero else None

    def computeOutputShape(self, inputShape: Shapes) -> Shape:
        shape = one_shape(inputShape)
        if self.inputLength is None:
            return (*shape, self.outputDim)
        lengths = as_list(self.inputLength)
        sizes = shape[1:]
        if len(lengths) != len(sizes) or any(
            a is not None and b is not None and a != b for a, b in zip(lengths, sizes, strict=True)
        ):
            raise ValueError(
                f'Layer {self.name}: "inputLength" is {self.inputLength}, but received input shape has shape '
                f"{shape}"
            )
        known = [size if length is None else length for length, size in zip(lengths, sizes, strict=True)]
        return (shape[0], *known, self.outputDim)

    def call(self, inputs: Any, kwargs: dict[str, Any]) -> Tensor:
        ops = _core.ops
        assert self.embeddings is not None
        x = one_tensor(inputs)
        self.computeOutputShape(tuple(x.shape))
        return ops.gather(self.embeddings.read(), x if x.dtype == "int32" else ops.wholeIndices(x))
