"""Arguments as tensors, for functions that look at them before they call an op."""

from __future__ import annotations

from typing import Any

from . import _core

__all__ = ["as_tensor"]


def as_tensor(x: Any, dtype: str | None = None) -> _core.Tensor:
    """x itself where it is a tensor, else a tensor of it; dtype is what array-likes become."""
    return x if isinstance(x, _core.Tensor) else _core.tensor(x, None, dtype)
