"""Gradients held within limits before an update (formulas: Keras 3)."""

from __future__ import annotations

from typing import Any

from .. import _core
from ..config import Number, Options, option
from ..kinds import Wrong

__all__ = ["CLIPPING", "clipped"]

ops = _core.ops


class _Limit(Number):
    _noun = "a number above 0"

    def _checked(self, value: Any) -> Any:
        if value <= 0:
            raise Wrong
        return value


CLIPPING: Options = (
    option("clipNorm", _Limit(), None, "Each gradient is scaled down to this norm where it is longer."),
    option("clipValue", _Limit(), None, "Each element of a gradient is held between this and its negative."),
    option("globalClipNorm", _Limit(), None, "All gradients are scaled down together, as one vector."),
)


def clipped(grads: list[Any], norm: float | None, value: float | None, together: float | None) -> list[Any]:
    """The gradients within the one limit that is given, or as they are."""
    if value is not None:
        return [ops.clipByValue(g, -value, value) for g in grads]
    if norm is not None:
        return [_scaled(g, ops.sum(ops.square(g)), norm) for g in grads]
    if together is not None:
        squares = [ops.sum(ops.square(g)) for g in grads]
        total = squares[0]
        for each in squares[1:]:
            total = ops.add(total, each)
        return [_scaled(g, total, together) for g in grads]
    return grads


def _scaled(gradient: Any, squares: Any, limit: float) -> Any:
    return ops.mul(gradient, ops.div(limit, ops.maximum(ops.sqrt(squares), limit)))
