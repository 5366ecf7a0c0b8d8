"""Functions of tf on vectors and matrices that are made of several ops."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from . import _core
from ._convert import as_tensor, as_whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._core import Tensor

__all__ = ["einsum", "euclideanNorm", "norm"]

ops = _core.ops


# ---- norms -----------------------------------------------------------------------------------------------


def _euclidean(x: Tensor, axis: Any) -> Tensor:
    if x.dtype == "complex64":
        x = ops.abs(x)
    return ops.sqrt(ops.squaredSum(x, axis))


def _vector_norm(x: Tensor, ord: Any, axis: Any) -> Tensor:
    if ord == 1:
        return ops.sum(ops.abs(x), axis)
    if ord == math.inf:
        return ops.max(ops.abs(x), axis)
    if ord == -math.inf:
        return ops.min(ops.abs(x), axis)
    if ord in ("euclidean", 2):
        return _euclidean(x, axis)
    raise ValueError(f"Error in norm: invalid ord value: {ord}")


def _matrix_norm(x: Tensor, ord: Any, axes: list[int]) -> Tensor:
    rows, columns = axes
    if ord == 1:
        return ops.max(ops.sum(ops.abs(x), rows, True), axes)
    if ord == math.inf:
        return ops.max(ops.sum(ops.abs(x), columns, True), axes)
    if ord == -math.inf:
        return ops.min(ops.sum(ops.abs(x), columns, True), axes)
    if ord in ("fro", "euclidean"):
        return _euclidean(x, axes)
    raise ValueError(f"Error in norm: invalid ord value: {ord}")


def norm(
    x: Any, ord: float | str = "euclidean", axis: int | Sequence[int] | None = None, keepDims: bool = False
) -> Tensor:
    """The norm of the vectors along one axis, of the matrices along two, or of all of x as one vector.

    ord: 'euclidean' (or 2 of vectors, 'fro' of matrices), 1, Infinity or -Infinity.
    """
    given = as_tensor(x)
    if given.dtype in ("int32", "bool"):
        given = ops.cast(given, "float32")
    axes: list[int] | None = None
    if axis is not None:
        given_axes = axis if isinstance(axis, (list, tuple)) else [axis]
        axes = [as_whole(a, "norm: each axis") for a in given_axes]
    if given.rank == 0:
        found = ops.abs(given)
    elif axes is None:
        found = _vector_norm(given, ord, None)
    elif len(axes) == 1:
        found = _vector_norm(given, ord, axes)
    elif len(axes) == 2:
        found = _matrix_norm(given, ord, axes)
    else:
        raise ValueError(f"Error in norm: invalid axis: {axis}")
    if not keepDims:
        return found
    reduced = range(given.rank) if axes is None else [a % max(given.rank, 1) for a in axes]
    return ops.reshape(found, [1 if i in reduced else size for i, size in enumerate(given.shape)])


def euclideanNorm(x: Any, axis: int | Sequence[int] | None = None, keepDims: bool = False) -> Tensor:
    """The euclidean norm of the vectors along the axes, or of all of x."""
    return norm(x, "euclidean", axis, keepDims)


# ---- einsum ----------------------------------------------------------------------------------------------


class _Labelled:
    """A tensor with a letter for each dimension."""

    def __init__(self, tensor: Tensor, labels: str) -> None:
        self.tensor = tensor
        self.labels = labels

    def size(self, label: str) -> int:
        return self.tensor.shape[self.labels.index(label)]

    def without_repeats(self) -> _Labelled:
        """The diagonal, where a letter stands twice."""
        tensor, labels = self.tensor, self.labels
        for label in dict.fromkeys(labels):
            while labels.count(label) > 1:
                first = labels.index(label)
                second = labels.index(label, first + 1)
                n = tensor.shape[first]
                others = [i for i in range(len(labels)) if i not in (first, second)]
                shape = [tensor.shape[i] for i in others]
                moved = ops.transpose(tensor, [*others, first, second])
                places = ops.range(0, n * n, n + 1, "int32") if n else ops.cast([], "int32")
                tensor = ops.gather(ops.reshape(moved, [*shape, n * n]), places, len(others))
                labels = "".join(labels[i] for i in others) + label
        return _Labelled(tensor, labels)

    def only(self, kept: set[str]) -> _Labelled:
        """Summed over all letters but these."""
        gone = [i for i, label in enumerate(self.labels) if label not in kept]
        if not gone:
            return self
        return _Labelled(ops.sum(self.tensor, gone), "".join(each for each in self.labels if each in kept))

    def ordered(self, labels: str) -> Tensor:
        order = [self.labels.index(label) for label in labels]
        return self.tensor if order == sorted(order) else ops.transpose(self.tensor, order)


def _multiply(a: _Labelled, b: _Labelled, kept: set[str]) -> _Labelled:
    """Their product, summed over what both have and nobody needs any more, as one matrix product."""
    a, b = a.only(kept | set(b.labels)), b.only(kept | set(a.labels))
    common = [label for label in a.labels if label in b.labels]
    batch = "".join(label for label in common if label in kept)
    summed = "".join(label for label in common if label not in kept)
    left = "".join(label for label in a.labels if label not in common)
    right = "".join(label for label in b.labels if label not in common)

    def sizes(of: _Labelled, labels: str) -> list[int]:
        return [of.size(label) for label in labels]

    def product(of: _Labelled, labels: str) -> int:
        return math.prod(sizes(of, labels))

    rows = ops.reshape(
        a.ordered(batch + left + summed), [product(a, batch), product(a, left), product(a, summed)]
    )
    columns = ops.reshape(
        b.ordered(batch + summed + right), [product(b, batch), product(b, summed), product(b, right)]
    )
    shape = [*sizes(a, batch), *sizes(a, left), *sizes(b, right)]
    return _Labelled(ops.reshape(ops.matMul(rows, columns), shape), batch + left + right)


def _read_equation(equation: str, count: int) -> tuple[list[str], str]:
    if not isinstance(equation, str):
        raise TypeError(f"einsum: The equation must be a string, but got {equation!r}.")
    equation = "".join(equation.split())
    if equation.count("->") < 1:
        raise ValueError("einsum: Equations without an arrow are not supported.")
    if equation.count("->") > 1:
        raise ValueError('einsum: Equation must contain exactly one arrow ("->").')
    left, output = equation.split("->")
    if "..." in equation:
        raise ValueError('einsum: The ellipsis notation ("...") is not supported yet.')
    terms = left.split(",")
    if len(terms) != count:
        raise ValueError(f"einsum: Expected {len(terms)} input tensors, received {count}")
    for label in output:
        if not any(label in term for term in terms):
            raise ValueError(
                f"einsum: Output subscripts contain the label {label} not present in the input subscripts."
            )
        if output.count(label) > 1:
            raise ValueError(f"einsum: The output names the label {label} twice.")
    return terms, output


def einsum(equation: str, *tensors: Any) -> Tensor:
    """Sums of products of elements, as the equation says: 'ij,jk->ik' is the product of two matrices.

    Each term names the dimensions of one tensor by letters; over letters that the output does not name is
    summed. A letter twice in one term takes the diagonal.
    """
    terms, output = _read_equation(equation, len(tensors))
    sizes: dict[str, int] = {}
    operands: list[_Labelled] = []
    for term, value in zip(terms, tensors, strict=True):
        tensor = as_tensor(value)
        if tensor.dtype == "string":
            raise ValueError("einsum: The tensors must be numeric, but got string tensor.")
        if len(term) != tensor.rank:
            raise ValueError(
                f"einsum: the term '{term}' names {len(term)} dimensions of a tensor of shape "
                f"{list(tensor.shape)}."
            )
        for axis, (label, size) in enumerate(zip(term, tensor.shape, strict=True)):
            if sizes.setdefault(label, size) != size:
                raise ValueError(
                    f"einsum: Expected dimension {sizes[label]} at axis {axis} of input shaped "
                    f"{list(tensor.shape)}, but got dimension {size}"
                )
        operands.append(_Labelled(tensor, term).without_repeats())
    result = operands[0]
    for i, operand in enumerate(operands[1:], 1):
        kept = set(output).union(*(later.labels for later in operands[i + 1 :]))
        result = _multiply(result, operand, kept)
    return result.only(set(output)).ordered(output)
