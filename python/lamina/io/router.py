"""Who handles a URL: handlers found by scheme, plain paths and file:// built in, others registered."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from typing import Any

from .._names import nearest
from ..kinds import describe
from .artifacts import ModelArtifacts
from .files import FileHandler

__all__ = [
    "fromMemory",
    "getLoadHandlers",
    "getSaveHandlers",
    "registerLoadRouter",
    "registerSaveRouter",
    "withSaveHandler",
]

SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*)://")
Router = Callable[[str, Mapping[str, Any]], Any]

_save_routers: list[Router] = []
_load_routers: list[Router] = []


def registerSaveRouter(saveRouter: Router) -> None:
    """Adds a function `f(url, options)` that gives a handler for URLs it knows, and None for others."""
    _save_routers.append(saveRouter)


def registerLoadRouter(loadRouter: Router) -> None:
    """Adds a function `f(url, options)` that gives a handler for URLs it knows, and None for others."""
    _load_routers.append(loadRouter)


def scheme_of(url: str) -> str | None:
    """The scheme of a URL in small letters; None for a path (one letter is a drive)."""
    found = SCHEME.match(url)
    return found.group(1).lower() if found and len(found.group(1)) > 1 else None


def _file_router(url: str, options: Mapping[str, Any]) -> FileHandler | None:
    scheme = scheme_of(url)
    if scheme not in (None, "file"):
        return None
    path = url
    if scheme == "file":
        path = url[len("file://") :]
        # file:///C:/models on Windows
        if os.name == "nt" and re.match(r"^/[A-Za-z]:", path):
            path = path[1:]
    return FileHandler(path, options.get("weightPathPrefix"), options.get("onProgress"))


def _handlers(routers: list[Router], url: Any, options: Mapping[str, Any] | None) -> list[Any]:
    found = (router(os.fspath(url), options or {}) for router in (*routers, _file_router))
    return [handler for handler in found if handler is not None]


def getSaveHandlers(url: Any, saveOptions: Mapping[str, Any] | None = None) -> list[Any]:
    """The handlers that can save to a URL or path."""
    return _handlers(_save_routers, url, saveOptions)


def getLoadHandlers(url: Any, loadOptions: Mapping[str, Any] | None = None) -> list[Any]:
    """The handlers that can load from a URL or path."""
    return _handlers(_load_routers, url, loadOptions)


def handler_for(target: Any, kind: str, options: Mapping[str, Any] | None = None) -> Any:
    """The one handler for a URL, a path or a handler. Raises ValueError for none or several."""
    if not isinstance(target, (str, os.PathLike)):
        if not callable(getattr(target, kind, None)):
            raise ValueError(_lacks(target, kind))
        return target
    found = (getSaveHandlers if kind == "save" else getLoadHandlers)(target, options)
    if not found:
        raise ValueError(f"Cannot find any {kind} handlers for URL '{target}'{_hint(str(target))}")
    if len(found) > 1:
        raise ValueError(f"Found more than one ({len(found)}) {kind} handlers for URL '{target}'")
    return found[0]


def _lacks(target: Any, kind: str) -> str:
    if kind == "save":
        return (
            "LayersModel.save() cannot proceed because the IOHandler provided does not have the `save` "
            f"attribute defined. (Got {describe(target)}; expected a path, a URL or a handler.)"
        )
    return (
        "Cannot proceed with model loading because the IOHandler provided does not have the `load` method "
        f"implemented. (Got {describe(target)}; expected a path, a URL or a handler.)"
    )


def _hint(url: str) -> str:
    scheme = scheme_of(url) or ""
    if nearest(scheme, ["file"]):
        return ". Did you mean 'file://'?"
    return (
        ". Paths and file:// URLs work; others need a handler "
        "(tf.io.registerSaveRouter, tf.io.withSaveHandler)."
    )


class SaveFunction:
    """The handler around a function that takes the artifacts."""

    def __init__(self, function: Callable[[ModelArtifacts], Any]) -> None:
        self.save = function


class Memory:
    """The handler around artifacts that are already there."""

    def __init__(self, artifacts: Mapping[str, Any]) -> None:
        self._artifacts = artifacts

    def load(self) -> ModelArtifacts:
        return ModelArtifacts(self._artifacts)


def withSaveHandler(saveHandler: Callable[[ModelArtifacts], Any]) -> SaveFunction:
    """A handler whose `save` calls the function with the artifacts; what it returns (or promises) is the
    result.
    """
    return SaveFunction(saveHandler)


def fromMemory(modelArtifacts: Mapping[str, Any], *older: Any) -> Memory:
    """A handler that loads artifacts from memory: `{"modelTopology", "weightSpecs", "weightData", ...}`.

    The older form fromMemory(modelTopology, weightSpecs, weightData, trainingConfig) works too.
    """
    if older or not ("modelTopology" in modelArtifacts or "weightSpecs" in modelArtifacts):
        names = ("weightSpecs", "weightData", "trainingConfig")
        return Memory({"modelTopology": modelArtifacts, **dict(zip(names, older, strict=False))})
    return Memory(modelArtifacts)
