"""Functions of tf that give an op's outputs another form than the op itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import _core
from ._arguments import name_arguments
from ._convert import none_is_default
from .results import AttrDict

if TYPE_CHECKING:
    from ._core import Tensor

__all__ = ["moments"]


@none_is_default
def moments(x: Any, axis: int | list[int] | None = None, keepDims: bool = False) -> AttrDict[Tensor]:
    """{"mean": ..., "variance": ...} of x over the given axes, or all; the variance is the population's."""
    mean, variance = _core.ops.moments(x, axis, keepDims)
    return AttrDict(mean=mean, variance=variance)


name_arguments(globals(), __all__)
