"""Tensors in the making: values that can be set one by one."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

from . import _core
from ._convert import as_sizes, none_is_default
from .debugging import check_made

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._core import Tensor

__all__ = ["TensorBuffer", "buffer"]

_START = {"float32": 0.0, "int32": 0, "bool": 0, "string": ""}


class TensorBuffer:
    """Values of a shape and dtype in row-major order, each of which may be read and set."""

    def __init__(self, shape: Sequence[int], dtype: str = "float32", values: Any = None) -> None:
        if dtype == "complex64":
            raise ValueError(
                "complex64 dtype TensorBuffers are not supported. Please create a TensorBuffer for the real "
                "and imaginary parts separately and call tf.complex(real, imag)."
            )
        if dtype not in _START:
            raise ValueError(f"Unknown data type {dtype}")
        self.shape = tuple(as_sizes(shape, "buffer"))
        self.dtype = dtype
        self.size = 1
        strides = []
        for size in reversed(self.shape):
            strides.append(self.size)
            self.size *= size
        self.strides = tuple(reversed(strides[1:]))
        self.values: list[Any] = (
            [_START[dtype]] * self.size if values is None else [self._cut(value) for value in values]
        )
        if len(self.values) != self.size:
            raise ValueError(
                f"Length of values '{len(self.values)}' does not match the size inferred by the shape "
                f"'{self.size}'."
            )

    @property
    def rank(self) -> int:
        """How many dimensions there are."""
        return len(self.shape)

    def _cut(self, value: Any) -> Any:
        """What a value becomes in a buffer of whole numbers: cut toward zero to 32 bits, as in JavaScript."""
        if self.dtype != "int32" or isinstance(value, (bool, str)):
            return value
        number = float(value)
        whole = int(value) if isinstance(value, int) else int(number) if isfinite(number) else 0
        return (whole + 2**31) % 2**32 - 2**31

    def _place(self, locs: tuple[int, ...]) -> int:
        locs = locs or (0,) * self.rank
        if len(locs) != self.rank and not (self.rank == 0 and locs == (0,)):
            raise ValueError(
                f"The number of provided coordinates ({len(locs)}) must match the rank ({self.rank})"
            )
        if any(not 0 <= loc < size for loc, size in zip(locs, self.shape, strict=False)):
            raise IndexError(
                f"Requested out of range element at {list(locs)}. Buffer shape={list(self.shape)}"
            )
        return self.locToIndex(locs)

    def set(self, value: Any, *locs: int) -> None:
        """Sets the value at the coordinates."""
        self.values[self._place(locs)] = self._cut(value)

    def get(self, *locs: int) -> Any:
        """The value at the coordinates."""
        return self.values[self._place(locs)]

    def locToIndex(self, locs: Sequence[int]) -> int:
        """Where the values hold the element at the coordinates."""
        return (
            sum(loc * stride for loc, stride in zip(locs, (*self.strides, 1), strict=False))
            if self.rank
            else 0
        )

    def indexToLoc(self, index: int) -> list[int]:
        """The coordinates of an element of the values."""
        locs = []
        for stride in (*self.strides, 1) if self.rank else ():
            locs.append(index // stride)
            index %= stride
        return locs

    def toTensor(self) -> Tensor:
        """A tensor of the values as they are now."""
        made = _core.tensor(self.values, self.shape, self.dtype)
        check_made(made, "buffer")
        return made

    def __repr__(self) -> str:
        return f"<TensorBuffer, shape {list(self.shape)}, {self.dtype}>"


@none_is_default
def buffer(shape: Sequence[int], dtype: str = "float32", values: Any = None) -> TensorBuffer:
    """A TensorBuffer of the given shape: zeros (or empty strings), or the values, in row-major order."""
    return TensorBuffer(shape, dtype, values)
