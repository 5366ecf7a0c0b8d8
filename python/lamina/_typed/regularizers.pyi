# Written by tools/make_stubs.py; change the sources and run it again.

from lamina.regularizers import L1 as L1, L1L2 as L1L2, L2 as L2, Regularizer as Regularizer
from typing import TypedDict, overload

class L1Config(TypedDict, total=False):
    l1: float | None
    """Factor of the sum of absolute values."""

@overload
def l1(config: L1Config | None = ..., /) -> L1: ...
@overload
def l1(l1: float | None = ...) -> L1:
    """l1 * sum(|x|)."""
    ...

class L1l2Config(TypedDict, total=False):
    l1: float | None
    """Factor of the sum of absolute values."""
    l2: float | None
    """Factor of the sum of squares (without a half)."""

@overload
def l1l2(config: L1l2Config | None = ..., /) -> L1L2: ...
@overload
def l1l2(*, l1: float | None = ..., l2: float | None = ...) -> L1L2:
    """l1 * sum(|x|) + l2 * sum(x^2)."""
    ...

class L2Config(TypedDict, total=False):
    l2: float | None
    """Factor of the sum of squares (without a half)."""

@overload
def l2(config: L2Config | None = ..., /) -> L2: ...
@overload
def l2(l2: float | None = ...) -> L2:
    """l2 * sum(x^2), without a half."""
    ...
