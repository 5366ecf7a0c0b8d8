"""Plain results: dicts whose keys read as attributes too, as TensorFlow.js' objects do."""

from __future__ import annotations

from typing import Any, TypeVar

__all__ = ["AttrDict", "DisposeResult", "History", "Logs", "ModelArtifactsInfo", "SaveResult"]

V = TypeVar("V")


class AttrDict(dict[str, V]):
    """A dict that reads `d.key` like `d["key"]`. Methods of dict win over keys of the same name."""

    __slots__ = ()

    def __getattr__(self, name: str) -> V:
        try:
            return self[name]
        except KeyError:
            known = ", ".join(map(str, self)) or "none"
            raise AttributeError(f"There is no '{name}' here. Known keys: {known}") from None

    def __setattr__(self, name: str, value: V) -> None:
        self[name] = value

    def __delattr__(self, name: str) -> None:
        try:
            del self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *(key for key in self if key.isidentifier())]

    def copy(self) -> AttrDict[V]:
        return type(self)(self)


class Logs(AttrDict[float]):
    """Numbers of one batch or epoch, as callbacks receive them: `logs.loss`, `logs["val_acc"]`."""


class DisposeResult(AttrDict[int]):
    """`refCountAfterDispose` and `numDisposedVariables`, as `dispose()` of layers and models returns them."""


class ModelArtifactsInfo(AttrDict[Any]):
    """`dateSaved`, `modelTopologyType`, `modelTopologyBytes`, `weightSpecsBytes`, `weightDataBytes`."""


class SaveResult(AttrDict[Any]):
    """What `save` resolves to: `modelArtifactsInfo`, and `errors` or `responses` where the handler gives
    them.
    """


class History:
    """What `fit` resolves to.

    `history` holds a list of one number per epoch under each key (val_* keys first), `epoch` the indices of
    the epochs, `params` the settings of the run.
    """

    def __init__(self) -> None:
        self.epoch: list[int] = []
        self.history: AttrDict[list[float]] = AttrDict()
        self.params: AttrDict[Any] = AttrDict()

    def __repr__(self) -> str:
        return f"History(epoch={self.epoch}, history={dict(self.history)})"

    def _repr_html_(self) -> str:
        from .notebook.tables import history_html

        return history_html(self)
