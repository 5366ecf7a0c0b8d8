# Written by tools/make_stubs.py; change the sources and run it again.

from lamina.constraints import (
    Constraint as Constraint,
    MaxNorm as MaxNorm,
    MinMaxNorm as MinMaxNorm,
    NonNeg as NonNeg,
    UnitNorm as UnitNorm,
)
from typing import TypedDict, overload

class MaxNormConfig(TypedDict, total=False):
    maxValue: float | None
    """Largest norm."""
    axis: int | None
    """Axis along which the norm is taken: 0 for the inputs of each unit of a dense."""

@overload
def maxNorm(config: MaxNormConfig | None = ..., /) -> MaxNorm: ...
@overload
def maxNorm(*, maxValue: float | None = ..., axis: int | None = ...) -> MaxNorm:
    """The norm along `axis` is at most maxValue."""
    ...

class MinMaxNormConfig(TypedDict, total=False):
    minValue: float | None
    """Smallest norm."""
    maxValue: float | None
    """Largest norm."""
    rate: float | None
    """How far to go at each update: 1 holds the interval strictly."""
    axis: int | None
    """Axis along which the norm is taken: 0 for the inputs of each unit of a dense."""

@overload
def minMaxNorm(config: MinMaxNormConfig | None = ..., /) -> MinMaxNorm: ...
@overload
def minMaxNorm(*, minValue: float | None = ..., maxValue: float | None = ..., rate: float | None = ..., axis: int | None = ...) -> MinMaxNorm:
    """The norm along `axis` moves towards the interval from minValue to maxValue."""
    ...

class NonNegConfig(TypedDict, total=False):
    pass

def nonNeg(config: NonNegConfig | None = ..., /) -> NonNeg:
    """No entry is below 0."""
    ...

class UnitNormConfig(TypedDict, total=False):
    axis: int | None
    """Axis along which the norm is taken: 0 for the inputs of each unit of a dense."""

@overload
def unitNorm(config: UnitNormConfig | None = ..., /) -> UnitNorm: ...
@overload
def unitNorm(*, axis: int | None = ...) -> UnitNorm:
    """The norm along `axis` is 1."""
    ...
