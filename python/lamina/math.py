"""tf.math: what TensorFlow.js keeps there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import _core
from ._arguments import name_arguments

if TYPE_CHECKING:
    from ._core import Tensor

__all__ = ["confusionMatrix"]


def confusionMatrix(labels: Any, predictions: Any, numClasses: int) -> Tensor:
    """An int32 matrix that counts, for each label (row), how often each class (column) was predicted."""
    return _core.ops.confusionMatrix(labels, predictions, numClasses)


name_arguments(globals(), __all__)


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    from ._names import suggest_in_tf

    raise AttributeError(suggest_in_tf(name, __all__, "tf.math"))
