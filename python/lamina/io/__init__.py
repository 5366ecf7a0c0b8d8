"""`tf.io`: where models come from and go to."""

from __future__ import annotations

from typing import Any

from .artifacts import FormatError, ModelArtifacts, artifacts_info
from .files import fileSystem
from .router import (
    fromMemory,
    getLoadHandlers,
    getSaveHandlers,
    registerLoadRouter,
    registerSaveRouter,
    withSaveHandler,
)
from .weights import decodeWeights, encodeWeights

__all__ = [
    "FormatError",
    "ModelArtifacts",
    "decodeWeights",
    "encodeWeights",
    "fileSystem",
    "fromMemory",
    "fromMemorySync",
    "getLoadHandlers",
    "getModelArtifactsInfoForJSON",
    "getSaveHandlers",
    "registerLoadRouter",
    "registerSaveRouter",
    "withSaveHandler",
    "withSaveHandlerSync",
]

getModelArtifactsInfoForJSON = artifacts_info
fromMemorySync = fromMemory
withSaveHandlerSync = withSaveHandler


def __getattr__(name: str) -> Any:
    from .._names import suggest

    raise AttributeError(suggest(name, __all__, "tf.io"))
