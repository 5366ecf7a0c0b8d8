"""First and second derivatives of functions of tensors, as NumPy arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from lamina import _core

Function = Callable[..., Any]


def outputs_of(result: Any) -> list[Any]:
    return list(result) if isinstance(result, (list, tuple)) else [result]


def to_tensors(arrays: Sequence[np.ndarray]) -> list[Any]:
    """float64 arrays become tensors of the reference level."""
    return [_core.reference_tensor(a) if a.dtype == np.float64 else _core.tensor(a) for a in arrays]


def _projected(f: Function, xs: Sequence[Any], dys: Sequence[Any]) -> Any:
    """The sum of <output, dy>."""
    ops = _core.ops
    total = None
    for y, dy in zip(outputs_of(f(*xs)), dys, strict=True):
        if dy is not None:
            term = ops.sum(ops.mul(y, *to_tensors([dy])))
            total = term if total is None else ops.add(total, term)
    return total


def _gradient(f: Callable[[], Any], xs: Sequence[Any]) -> list[Any]:
    with _core.Tape() as tape:
        for x in xs:
            tape.watch(x)
        y = f()
    return tape.gradient(y, list(xs))


def _arrays(tensors: Sequence[Any]) -> list[np.ndarray | None]:
    return [None if t is None else np.asarray(t) for t in tensors]


def first(
    f: Function, arrays: Sequence[np.ndarray], dys: Sequence[np.ndarray | None]
) -> list[np.ndarray | None]:
    """d <f(arrays), dys> / d arrays."""
    xs = to_tensors(arrays)
    return _arrays(_gradient(lambda: _projected(f, xs, dys), xs))


def second(
    f: Function,
    arrays: Sequence[np.ndarray],
    dys: Sequence[np.ndarray | None],
    directions: Sequence[np.ndarray],
) -> list[np.ndarray | None]:
    """d (sum of <first derivative, direction>) / d arrays."""
    xs = to_tensors(arrays)

    def directional() -> Any:
        grads = _gradient(lambda: _projected(f, xs, dys), xs)
        return _projected(
            lambda: [g for g in grads if g is not None],
            [],
            [v for g, v in zip(grads, directions, strict=True) if g is not None],
        )

    return _arrays(_gradient(directional, xs))


def check(
    f: Function, arrays: Sequence[np.ndarray], seed: int = 0, tolerance: float = 1e-7, tries: int = 3
) -> None:
    """Both derivatives of f at float64 arrays agree with differences along `tries` random directions."""
    rng = np.random.default_rng(seed)
    dys = [rng.uniform(-1, 1, y.shape) for y in outputs_of(f(*to_tensors(arrays)))]
    directions = [rng.uniform(-1, 1, a.shape) for a in arrays]

    def value(points: Sequence[np.ndarray]) -> float:
        return sum(
            float((np.asarray(y) * dy).sum())
            for y, dy in zip(outputs_of(f(*to_tensors(points))), dys, strict=True)
        )

    def slope(points: Sequence[np.ndarray]) -> float:
        return _along(first(f, points, dys), directions)

    _agree("first", value, first(f, arrays, dys), arrays, rng=rng, tolerance=tolerance, tries=tries)
    _agree(
        "second",
        slope,
        second(f, arrays, dys, directions),
        arrays,
        rng=rng,
        tolerance=10 * tolerance,
        tries=tries,
    )


def _along(gradient: Sequence[np.ndarray | None], directions: Sequence[np.ndarray]) -> float:
    return sum(float((g * v).sum()) for g, v in zip(gradient, directions, strict=True) if g is not None)


def _agree(
    order: str,
    value: Callable[[Sequence[np.ndarray]], float],
    gradient: Sequence[np.ndarray | None],
    arrays: Sequence[np.ndarray],
    *,
    rng: np.random.Generator,
    tolerance: float,
    tries: int,
) -> None:
    step = 1e-5
    for which in range(len(arrays)):
        for _ in range(tries):
            v = [np.zeros_like(a) for a in arrays]
            v[which] = rng.uniform(-1, 1, arrays[which].shape)
            ahead, behind = (
                value([a + sign * step * d for a, d in zip(arrays, v, strict=True)]) for sign in (1, -1)
            )
            expected = (ahead - behind) / (2 * step)
            assert _along(gradient, v) == pytest.approx(expected, rel=tolerance, abs=tolerance * 10), (
                f"{order} derivative by argument {which}"
            )
