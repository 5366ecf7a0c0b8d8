"""tf.linalg: bands of matrices, and orthogonal bases."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from . import _core
from ._arguments import name_arguments
from ._convert import as_tensor, as_whole, none_is_default
from .ops_matrices import norm

if TYPE_CHECKING:
    from ._core import Tensor

__all__ = ["bandPart", "gramSchmidt", "qr"]

ops = _core.ops


def bandPart(a: Any, numLower: int | Tensor, numUpper: int | Tensor) -> Tensor:
    """The matrices in a with zeros outside of a band: numLower diagonals below the main one, numUpper above.

    A negative number keeps all of them.
    """
    lower = as_whole(numLower, "bandPart(): numLower")
    return ops.bandPart(a, lower, as_whole(numUpper, "bandPart(): numUpper"))


def gramSchmidt(xs: Any) -> Any:
    """Orthogonal vectors of length 1 that span what the given vectors do, by the Gram-Schmidt process.

    xs: a list of vectors, of which a list is returned, or a matrix whose rows they are, for which one is.
    """
    as_rows = isinstance(xs, (list, tuple)) and bool(xs) and all(isinstance(x, _core.Tensor) for x in xs)
    if as_rows:
        vectors = list(xs)
        for x in vectors:
            if x.rank != 1 or x.shape != vectors[0].shape:
                raise ValueError(
                    "Gram-Schmidt: Non-unique lengths found in the input vectors: "
                    f"({list(x.shape)} vs. {list(vectors[0].shape)})"
                )
    else:
        matrix = as_tensor(xs)
        if matrix.rank != 2 or not matrix.shape[0]:
            raise ValueError(
                "Gram-Schmidt process: input must be a list of vectors, or a matrix that is not empty"
            )
        vectors = ops.unstack(matrix, 0)
    if len(vectors) > vectors[0].shape[0]:
        raise ValueError(
            f"Gram-Schmidt: Number of vectors ({len(vectors)}) exceeds number of dimensions "
            f"({vectors[0].shape[0]})."
        )
    basis: list[Tensor] = []
    for x in vectors:
        rest = x
        for y in basis:
            rest = ops.sub(rest, ops.mul(ops.sum(ops.mul(y, rest)), y))
        basis.append(ops.div(rest, norm(rest, "euclidean")))
    return basis if as_rows else ops.stack(basis, 0)


@none_is_default
def qr(x: Any, fullMatrices: bool = False) -> list[Tensor]:
    """[q, r] with x = q r for each matrix [m, n] in x: q has orthogonal columns, r is upper triangular.

    fullMatrices: whether q is [m, m] and r is [m, n] also where m > n; else they are [m, n] and [n, n].
    """
    given = as_tensor(x)
    if given.rank < 2:
        raise ValueError(f"qr() requires input tensor to have a rank >= 2, but got rank {given.rank}")
    *outer, m, n = given.shape
    batch = math.prod(outer)
    q, r = _householder(ops.reshape(given, [batch, m, n]), batch, m, n)
    if not fullMatrices and m > n:
        q = ops.slice(q, [0, 0, 0], [batch, m, n])
        r = ops.slice(r, [0, 0, 0], [batch, n, n])
    return [ops.reshape(q, [*outer, *q.shape[1:]]), ops.reshape(r, [*outer, *r.shape[1:]])]


def _householder(r: Tensor, batch: int, m: int, n: int) -> tuple[Tensor, Tensor]:
    """The product of one reflection per column, and the matrices [batch, m, n] that they made triangular."""
    if not (batch and m and n):
        return ops.broadcastTo(ops.diag(ops.fill([m], 1)), [batch, m, m]), r
    one = ops.onesLike(ops.slice(r, [0, 0, 0], [batch, 1, 1]))
    zero = ops.zerosLike(one)
    diagonal = ops.reshape(ops.onesLike(ops.slice(r, [0, 0, 0], [1, m, 1])), [m])
    q = ops.broadcastTo(ops.diag(diagonal), [batch, m, m])
    for j in range(min(m, n)):
        column = ops.slice(r, [0, j, j], [batch, m - j, 1])
        head = ops.slice(column, [0, 0, 0], [batch, 1, 1])
        length = ops.sqrt(ops.sum(ops.square(column), 1, True))
        sign = ops.where(ops.greater(head, 0), ops.neg(one), one)
        # A column of zeros needs no reflection.
        there = ops.greater(length, 0)
        pivot = ops.where(there, ops.sub(head, ops.mul(sign, length)), one)
        rest = ops.slice(column, [0, 1, 0], [batch, m - j - 1, 1])
        w = ops.concat([one, ops.div(rest, pivot)], 1)
        tau = ops.neg(ops.div(ops.mul(sign, pivot), ops.where(there, length, one)))
        scaled = ops.mul(ops.where(there, tau, zero), w)
        below = ops.slice(r, [0, j, 0], [batch, m - j, n])
        below = ops.sub(below, ops.matMul(scaled, ops.matMul(w, below, True)))
        r = below if j == 0 else ops.concat([ops.slice(r, [0, 0, 0], [batch, j, n]), below], 1)
        right = ops.slice(q, [0, 0, j], [batch, m, m - j])
        right = ops.sub(right, ops.matMul(ops.matMul(right, w), scaled, False, True))
        q = right if j == 0 else ops.concat([ops.slice(q, [0, 0, 0], [batch, m, j]), right], 2)
    return q, r


name_arguments(globals(), __all__)


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    from ._names import suggest_in_tf

    raise AttributeError(suggest_in_tf(name, __all__, "tf.linalg"))
