"""Functions of tf on vectors and matrices that are made of several ops."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from . import _core
from ._arguments import name_arguments
from ._convert import as_tensor, as_whole, none_is_default

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


@none_is_default
def norm(
    x: Any, ord: float | str = "euclidean", axis: int | Sequence[int] | None = None, keepDims: bool = False
) -> Tensor:
    """The norm of the vectors along one axis, of the matrices along two, or of all of x as one vector.

    ord: 'euclidean' (or 2 of vectors, 'fro' of matrices), 1, Infinity or -Infinity.
    """
    given = as_tensor(x)
    if given.dtype in {"int32", "bool"}:
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


@none_is_default
def euclideanNorm(x: Any, axis: int | Sequence[int] | None = None, keepDims: bool = False) -> Tensor:
    """The euclidean norm of the vectors along the axes, or of all of x."""
    return norm(x, "euclidean", axis, keepDims)


# ---- einsum ----------------------------------------------------------------------------------------------


class _Operand:
    """One tensor of a plan: its place among the values, its shape, and a letter for each dimension."""

    def __init__(self, plan: _Plan, place: int, labels: str, shape: Sequence[int]) -> None:
        self.plan = plan
        self.place = place
        self.labels = labels
        self.shape = list(shape)

    def sizes(self, labels: str) -> list[int]:
        return [self.shape[self.labels.index(label)] for label in labels]

    def product(self, labels: str) -> int:
        return math.prod(self.sizes(labels))

    def made(self, op: Any, labels: str, shape: Sequence[int], *arguments: Any) -> _Operand:
        """What the op makes of it."""
        return self.plan.step(op, (self,), labels, shape, *arguments)

    def without_repeats(self) -> _Operand:
        """The diagonal, where a letter stands twice."""
        found = self
        for label in dict.fromkeys(self.labels):
            while found.labels.count(label) > 1:
                first = found.labels.index(label)
                second = found.labels.index(label, first + 1)
                n = found.shape[first]
                others = [i for i in range(len(found.labels)) if i not in (first, second)]
                shape = [found.shape[i] for i in others]
                labels = "".join(found.labels[i] for i in others)
                moved = found.made(ops.transpose, "", [], [*others, first, second])
                flat = moved.made(ops.reshape, "", [], [*shape, n * n])
                if n:
                    places = self.plan.step(ops.range, (), "", [], 0, n * n, n + 1, "int32")
                else:
                    places = self.plan.step(ops.cast, (), "", [], [], "int32")
                found = self.plan.step(ops.gather, (flat, places), labels + label, [*shape, n], len(others))
        return found

    def only(self, kept: set[str]) -> _Operand:
        """Summed over all letters but these."""
        gone = [i for i, label in enumerate(self.labels) if label not in kept]
        if not gone:
            return self
        labels = "".join(each for each in self.labels if each in kept)
        return self.made(ops.sum, labels, self.sizes(labels), gone)

    def ordered(self, labels: str) -> _Operand:
        if labels == self.labels:
            return self
        order = [self.labels.index(label) for label in labels]
        return self.made(ops.transpose, labels, self.sizes(labels), order)

    def shaped(self, labels: str, shape: Sequence[int]) -> _Operand:
        if list(shape) == self.shape:
            return self
        return self.made(ops.reshape, labels, shape, list(shape))


class _Plan:
    """The ops that compute an equation on tensors of certain shapes, one after the other. Each takes values
    by their places, among them the results of those before, and adds its own."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.steps: list[tuple[Any, tuple[int, ...], tuple[Any, ...]]] = []
        self.result = 0

    def step(
        self, op: Any, of: Sequence[_Operand], labels: str, shape: Sequence[int], *arguments: Any
    ) -> _Operand:
        self.steps.append((op, tuple(each.place for each in of), arguments))
        return _Operand(self, self.count + len(self.steps) - 1, labels, shape)

    def multiply(self, a: _Operand, b: _Operand, kept: set[str]) -> _Operand:
        """Their product, summed over what both have and nobody needs any more, as one matrix product."""
        a, b = a.only(kept | set(b.labels)), b.only(kept | set(a.labels))
        common = [label for label in a.labels if label in b.labels]
        batch = "".join(label for label in common if label in kept)
        summed = "".join(label for label in common if label not in kept)
        left = "".join(label for label in a.labels if label not in common)
        right = "".join(label for label in b.labels if label not in common)
        # A matrix that lies the other way round is multiplied as it lies.
        turn_a, turn_b = a.labels == batch + summed + left, b.labels == batch + right + summed
        if not turn_a:
            a = a.ordered(batch + left + summed)
        if not turn_b:
            b = b.ordered(batch + summed + right)
        together = [a.product(batch)] if batch else []
        m, k, n = a.product(left), a.product(summed), b.product(right)
        shape = [*a.sizes(batch + left), *b.sizes(right)]
        rows = a.shaped("", [*together, *((k, m) if turn_a else (m, k))])
        columns = b.shaped("", [*together, *((n, k) if turn_b else (k, n))])
        labels = batch + left + right
        product = self.step(ops.matMul, (rows, columns), labels, [*together, m, n], turn_a, turn_b)
        return product.shaped(labels, shape)

    def run(self, tensors: Sequence[Tensor]) -> Tensor:
        values = list(tensors)
        for op, places, arguments in self.steps:
            values.append(op(*[values[place] for place in places], *arguments))
        return values[self.result]


@lru_cache(maxsize=256)
def _read_equation(equation: str, count: int) -> tuple[list[str], str]:
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


@lru_cache(maxsize=256)
def _plan(equation: str, shapes: tuple[tuple[int, ...], ...]) -> _Plan:
    terms, output = _read_equation(equation, len(shapes))
    sizes: dict[str, int] = {}
    plan = _Plan(len(terms))
    operands: list[_Operand] = []
    for place, (term, shape) in enumerate(zip(terms, shapes, strict=True)):
        if len(term) != len(shape):
            raise ValueError(
                f"einsum: the term '{term}' names {len(term)} dimensions of a tensor of shape {list(shape)}."
            )
        for axis, (label, size) in enumerate(zip(term, shape, strict=True)):
            if sizes.setdefault(label, size) != size:
                raise ValueError(
                    f"einsum: Expected dimension {sizes[label]} at axis {axis} of input shaped "
                    f"{list(shape)}, but got dimension {size}"
                )
        operands.append(_Operand(plan, place, term, shape).without_repeats())
    result = operands[0]
    for i, operand in enumerate(operands[1:], 1):
        kept = set(output).union(*(later.labels for later in operands[i + 1 :]))
        result = plan.multiply(result, operand, kept)
    plan.result = result.only(set(output)).ordered(output).place
    return plan


def einsum(equation: str, *tensors: Any) -> Tensor:
    """Sums of products of elements, as the equation says: 'ij,jk->ik' is the product of two matrices.

    Each term names the dimensions of one tensor by letters; over letters that the output does not name is
    summed. A letter twice in one term takes the diagonal.
    """
    if not isinstance(equation, str):
        raise TypeError(f"einsum: The equation must be a string, but got {equation!r}.")
    _read_equation(equation, len(tensors))
    given = [as_tensor(value) for value in tensors]
    for tensor in given:
        if tensor.dtype == "string":
            raise ValueError("einsum: The tensors must be numeric, but got string tensor.")
    return _plan(equation, tuple(tensor.shape for tensor in given)).run(given)


name_arguments(globals(), __all__)
