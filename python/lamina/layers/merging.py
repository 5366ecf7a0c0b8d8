"""Layers of several inputs: add, multiply, average, maximum, minimum, concatenate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from .. import _core
from ..config import Factory, Integer, Options, option
from .base import FACTORIES, Layer, as_list, layer
from .shapes import Shape, Shapes, as_shapes, is_shape
from .symbolic import SymbolicTensor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .._core import Tensor

__all__ = ["Add", "Average", "Concatenate", "Maximum", "Merge", "Minimum", "Multiply"]


def _broadcast(a: Shape, b: Shape) -> Shape:
    """The shape, without the batch, of an elementwise operation on inputs of shapes a and b."""
    if len(a) < len(b):
        a, b = b, a
    sizes = list(a[: len(a) - len(b)])
    for i, j in zip(a[len(a) - len(b) :], b, strict=True):
        if i is None or j is None:
            sizes.append(None)
        elif i == 1:
            sizes.append(j)
        elif j in (1, i):
            sizes.append(i)
        else:
            raise ValueError(f"Operands could not be broadcast together with shapes {a} {b}")
    return tuple(sizes)


class Merge(Layer):
    """What the merging layers share: input checks, broadcasting of inputs of lower rank, masks."""

    supportsMasking = True

    def merge(self, inputs: Sequence[Tensor]) -> Tensor:
        raise NotImplementedError

    def build(self, inputShape: Shapes) -> None:
        self._check(inputShape)
        self.built = True

    def _check(self, inputShape: Shapes) -> Shape:
        if is_shape(inputShape) or len(inputShape) < 2:
            raise ValueError(
                f"Layer {self.name}: A merge layer should be called on an Array of at least 2 inputs. "
                f"Got {len(as_shapes(inputShape))} input(s)."
            )
        shapes = as_shapes(inputShape)
        batches = {shape[0] for shape in shapes if shape[0] is not None}
        if len(batches) > 1:
            raise ValueError(
                f"Layer {self.name}: Can not merge tensors with different batch sizes. Got tensors with "
                "shapes: "
                f"{shapes}."
            )
        return (batches.pop() if batches else None, *self._merged([shape[1:] for shape in shapes]))

    def _merged(self, shapes: list[Shape]) -> Shape:
        result = shapes[0]
        for shape in shapes[1:]:
            result = _broadcast(result, shape)
        return result

    def computeOutputShape(self, inputShape: Shapes) -> Shape:
        return self._check(inputShape)

    def call(self, inputs: Any, kwargs: dict[str, Any]) -> Tensor:
        tensors = as_list(inputs)
        rank = max(x.rank for x in tensors)
        return self.merge([self._raised(x, rank) for x in tensors])

    @staticmethod
    def _raised(x: Tensor, rank: int) -> Tensor:
        """Axes of size 1 after the batch, up to that rank."""
        if x.rank == rank:
            return x
        return _core.ops.reshape(x, [x.shape[0], *[1] * (rank - x.rank), *x.shape[1:]])

    def computeMask(self, inputs: Any, mask: Any = None) -> Any:
        """True where all inputs that have a mask are True.

        A mask with as many dimensions as its input is True for a step where any of its values is. Raises
        ValueError unless there is one mask, or None, for each input.
        """
        masks = [each for each in self._masks(inputs, mask) if each is not None]
        return _all_of(masks) if masks else None

    def _masks(self, inputs: Any, mask: Any) -> list[Any]:
        """A mask of steps, or None, for each input."""
        if mask is None:
            return []
        for name, given in (("mask", mask), ("inputs", inputs)):
            if not isinstance(given, (list, tuple)):
                raise ValueError(f"Layer {self.name}: `{name}` should be an Array, one entry for each input.")
        if len(mask) != len(inputs):
            raise ValueError(
                f"Layer {self.name}: The Array 'inputs' and 'mask' are expected to have the same length, but "
                f"have different lengths ({len(inputs)} vs {len(mask)})"
            )
        return [
            each if each is None or x is None or each.rank < x.rank else _core.ops.any(each, -1)
            for x, each in zip(inputs, mask, strict=True)
        ]


class _MergeFactory(Factory):
    """A factory that, given a list of tensors instead of a config, applies a new layer to them."""

    other_forms = (("inputs", "Sequence[Any]", "Any"),)

    def __call__(self, config: Any = None, /, *rest: Any, **keywords: Any) -> Any:
        many = isinstance(config, (list, tuple)) and config and not rest
        if many and all(isinstance(each, (SymbolicTensor, _core.Tensor)) for each in config):
            return super().__call__(**keywords).apply(config)
        return super().__call__(config, *rest, **keywords)


def merging(name: str) -> Any:
    """layer(), with the short form `tf.layers.add([a, b])`."""

    def decorate(cls: type[Merge]) -> type[Merge]:
        layer(name)(cls)
        FACTORIES[name] = _MergeFactory(cls, f"tf.layers.{name}")
        return cls

    return decorate


@merging("add")
class Add(Merge):
    """The sum of the inputs."""

    className = "Add"
    options: ClassVar[Options] = ()

    def merge(self, inputs: Sequence[Tensor]) -> Tensor:
        y = inputs[0]
        for x in inputs[1:]:
            y = _core.ops.add(y, x)
        return y


@merging("multiply")
class Multiply(Merge):
    """The product of the inputs."""

    className = "Multiply"
    options: ClassVar[Options] = ()

    def merge(self, inputs: Sequence[Tensor]) -> Tensor:
        y = inputs[0]
        for x in inputs[1:]:
            y = _core.ops.mul(y, x)
        return y


@merging("average")
class Average(Merge):
    """The mean of the inputs."""

    className = "Average"
    options: ClassVar[Options] = ()

    def merge(self, inputs: Sequence[Tensor]) -> Tensor:
        y = inputs[0]
        for x in inputs[1:]:
            y = _core.ops.add(y, x)
        return _core.ops.mul(1 / len(inputs), y)


@merging("maximum")
class Maximum(Merge):
    """The largest of the inputs, value by value."""

    className = "Maximum"
    options: ClassVar[Options] = ()

    def merge(self, inputs: Sequence[Tensor]) -> Tensor:
        y = inputs[0]
        for x in inputs[1:]:
            y = _core.ops.maximum(y, x)
        return y


@merging("minimum")
class Minimum(Merge):
    """The smallest of the inputs, value by value."""

    className = "Minimum"
    options: ClassVar[Options] = ()

    def merge(self, inputs: Sequence[Tensor]) -> Tensor:
        y = inputs[0]
        for x in inputs[1:]:
            y = _core.ops.minimum(y, x)
        return y


@merging("concatenate")
class Concatenate(Merge):
    """The inputs joined along `axis`; their other sizes are equal."""

    className = "Concatenate"
    options: ClassVar[Options] = (option("axis", Integer(), -1, "The axis, the batch being axis 0."),)
    axis: int

    def _check(self, inputShape: Shapes) -> Shape:
        if is_shape(inputShape) or len(inputShape) < 2:
            raise ValueError(
                f"Layer {self.name}: A `Concatenate` layer should be called on a list of at least 2 inputs"
            )
        shapes = as_shapes(inputShape)
        rank = len(shapes[0])
        axis = self.axis % rank if -rank <= self.axis < rank else rank
        others = [shape[:axis] + shape[axis + 1 :] for shape in shapes]
        if axis == rank or any(len(shape) != rank for shape in shapes) or not _compatible(others):
            raise ValueError(
                f"Layer {self.name}: A `Concatenate` layer requires inputs with matching shapes except for "
                "the "
                f"concat axis ({self.axis}). Got input shapes: {shapes}"
            )
        sizes = [shape[axis] for shape in shapes]
        known = [size for size in sizes if size is not None]
        joined = sum(known) if len(known) == len(sizes) else None
        merged = tuple(next((s for s in each if s is not None), None) for each in zip(*others, strict=True))
        return (*merged[:axis], joined, *merged[axis:])

    def call(self, inputs: Any, kwargs: dict[str, Any]) -> Tensor:
        return _core.ops.concat(as_list(inputs), self.axis)

    def computeMask(self, inputs: Any, mask: Any = None) -> Any:
        """The masks of the inputs joined along `axis` in the same way; an input without one counts as
        True.
        """
        masks = self._masks(inputs, mask)
        if all(each is None for each in masks):
            return None
        ops = _core.ops
        tensors = as_list(inputs)
        rank = max(each.rank for each in masks if each is not None)
        axis = self.axis % tensors[0].rank
        whole = [
            ops.fill(list(x.shape[:rank]), True, "bool") if each is None else each
            for x, each in zip(tensors, masks, strict=True)
        ]
        if axis < rank:
            return ops.concat(whole, axis)
        # Joined along an axis that the masks have not: a step counts where it does in every input.
        return _all_of(whole)


def _all_of(masks: Sequence[Tensor]) -> Tensor:
    result = masks[0]
    for each in masks[1:]:
        result = _core.ops.logicalAnd(result, each)
    return result


def _compatible(shapes: list[Shape]) -> bool:
    """Whether the known sizes agree."""
    return all(len({size for size in sizes if size is not None}) <= 1 for sizes in zip(*shapes, strict=True))
