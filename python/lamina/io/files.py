"""Models in directories: model.json and its shards.

A save writes shards whose names carry the hash of their content, then model.json under another name, and
renames that last: at every moment the directory holds the old model or the new one.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any

from ..results import SaveResult
from .artifacts import FormatError, ModelArtifacts, artifacts_info, dump_json, join_bytes
from .manifest import from_model_json, parse_json, seal, to_model_json
from .shards import Shards

__all__ = ["FileHandler", "fileSystem", "write_file"]

MODEL_JSON = "model.json"
SHARD_BYTES = 1 << 30
OTHER_FORMATS = (".keras", ".h5", ".hdf5")


# Saves of this process come one after the other: two to the same place must not take each other's files away.
_saving = [threading.Lock()]


def _renew_lock() -> None:
    _saving[0] = threading.Lock()


if hasattr(os, "register_at_fork"):
    # A child must not wait for a thread that only its parent has.
    os.register_at_fork(after_in_child=_renew_lock)


class FileHandler:
    """Saves to and loads from a directory, or a file whose name ends in .json."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        weight_prefix: str | None = None,
        on_progress: Callable[[float], Any] | None = None,
    ) -> None:
        path = os.fspath(path)
        if path.endswith(OTHER_FORMATS):
            raise NotImplementedError(f"'{path}': Keras files are not read or written here, only model.json")
        self.path = path
        self._weight_prefix = weight_prefix
        self._on_progress = on_progress

    # --- saving ---

    def save(self, artifacts: ModelArtifacts) -> SaveResult:
        """Writes the model; makes the directories it needs."""
        target = self.path if self.path.endswith(".json") else os.path.join(self.path, MODEL_JSON)
        folder = os.path.dirname(target) or "."
        with _saving[0]:
            _make_folders(folder)
            before = _shards_of(target)
            stem = os.path.splitext(os.path.basename(target))[0]
            paths, sums = self._write_shards(folder, stem, join_bytes(artifacts.get("weightData")))
            # The names of the shards have to be on the disk before that of the file that needs them.
            _sync_folder(folder)
            group: dict[str, Any] = {"paths": paths, "weights": artifacts.get("weightSpecs") or []}
            if sums:
                group["sha256"] = sums
            _write(target, dump_json(seal(to_model_json(artifacts, [group]))).encode())
            _sync_folder(folder)
            for path in before - set(paths):
                # Only files of earlier saves by this handler: their names say so.
                if path.startswith(f"{stem}-") and path.endswith(".bin") and "/" not in path:
                    _forget(os.path.join(folder, path))
        return SaveResult(modelArtifactsInfo=artifacts_info(artifacts))

    def _write_shards(self, folder: str, stem: str, data: Any) -> tuple[list[str], list[str]]:
        from hashlib import sha256

        if data is None:
            return [], []
        view = memoryview(data).cast("B")
        paths: list[str] = []
        sums: list[str] = []
        for start in range(0, len(view), SHARD_BYTES):
            part = view[start : start + SHARD_BYTES]
            digest = sha256(part).hexdigest()
            name = f"{stem}-weights-{digest[:16]}.bin"
            if name in paths:
                name = f"{stem}-weights-{digest[:16]}-{len(paths)}.bin"
            _write(os.path.join(folder, name), part)
            paths.append(name)
            sums.append(digest)
        return paths, sums

    # --- loading ---

    def load(self) -> ModelArtifacts:
        """Reads the model. Raises FileNotFoundError, or FormatError naming file and field."""
        source = self._source()
        try:
            return self._load(source)
        except FileNotFoundError:
            # A save may have replaced the model between the reading of model.json and of its shards.
            return self._load(source)

    def _source(self) -> str:
        if os.path.isdir(self.path):
            source = os.path.join(self.path, MODEL_JSON)
            if not os.path.exists(source):
                raise FileNotFoundError(f"There is no {MODEL_JSON} in the directory '{self.path}'")
            return source
        if not os.path.exists(self.path):
            raise FileNotFoundError(f"There is no model at '{self.path}'")
        return self.path

    def _load(self, source: str) -> ModelArtifacts:
        with open(source, "rb") as file:
            content = parse_json(file.read(), f"'{source}'")
        folder = self._weight_prefix or os.path.dirname(source) or "."
        total = max(1, _count_shards(content))
        done = 0

        def count() -> None:
            nonlocal done
            done += 1
            if self._on_progress is not None:
                self._on_progress(done / total)

        shards = Shards(folder, None if self._weight_prefix else source, count)
        try:
            artifacts = from_model_json(content, shards)
        except FormatError as error:
            raise FormatError(f"'{source}': {error}") from None
        if "damage" in artifacts:
            artifacts["damage"] = f"'{source}': {artifacts['damage']}"
        if self._on_progress is not None and done == 0:
            self._on_progress(1.0)
        return artifacts


def _count_shards(content: Any) -> int:
    try:
        return sum(len(group["paths"]) for group in content["weightsManifest"])
    except (TypeError, KeyError):
        return 0


def _shards_of(target: str) -> set[str]:
    """The shards of the model that stands there now, if any."""
    try:
        with open(target, "rb") as file:
            content = parse_json(file.read(), target)
        return {path for group in content["weightsManifest"] for path in group["paths"]}
    except (OSError, ValueError, TypeError, KeyError):
        return set()


def _write(path: str, data: Any) -> None:
    """Writes a whole file or nothing. What a killed process leaves behind ends in .tmp."""
    temporary = f"{path}.{os.getpid()}.tmp"
    try:
        with open(temporary, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        _forget(temporary)
        raise


def write_file(path: str, data: Any) -> None:
    """A file of its own, atomic and durable as a model is; makes the directories it needs."""
    folder = os.path.dirname(path) or "."
    with _saving[0]:
        _make_folders(folder)
        _write(path, data)
        _sync_folder(folder)


def _make_folders(folder: str) -> None:
    """Makes a directory and those above it, and sees that their names are on the disk."""
    if os.path.isdir(folder):
        return
    above = os.path.dirname(os.path.abspath(folder))
    _make_folders(above)
    os.makedirs(folder, exist_ok=True)
    _sync_folder(above)


def _sync_folder(folder: str) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _forget(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return


def fileSystem(path: str | os.PathLike[str]) -> FileHandler:
    """The handler for a directory, or for a file whose name ends in .json."""
    return FileHandler(path)
