"""The files beside a model.json: found so that no path in it leads out of their folder, and read whole."""

from __future__ import annotations

import os
import posixpath
import stat
from collections.abc import Callable

from .artifacts import FormatError

__all__ = ["Shards"]


class Shards:
    """Reads the shards that a manifest names, out of one folder.

    `source` is the model.json, if any: where that is a symbolic link (as in caches that keep files by their
    hash), shards may lie beside what it points to, too.
    """

    def __init__(
        self, folder: str, source: str | None = None, on_read: Callable[[], None] | None = None
    ) -> None:
        self._folder = folder
        self._roots = [os.path.realpath(folder)]
        if source is not None:
            self._roots.append(os.path.dirname(os.path.realpath(source)))
        self._on_read = on_read

    def size(self, path: str) -> int:
        """How many bytes there are."""
        handle = self._open(path)
        try:
            return os.fstat(handle).st_size
        finally:
            os.close(handle)

    def read(self, path: str, checksum: str | None) -> bytes:
        """The bytes of one shard. Raises FormatError where they are not those whose sha256 was recorded."""
        with os.fdopen(self._open(path), "rb") as file:
            data = file.read()
        if checksum is not None:
            from hashlib import sha256

            if sha256(data).hexdigest() != checksum:
                raise FormatError(
                    f"weightsManifest: the content of '{path}' is not what was saved (its sha256 differs)"
                )
        if self._on_read is not None:
            self._on_read()
        return data

    def _open(self, path: str) -> int:
        """Only a file, as a pipe or a device would never end."""
        place = os.path.realpath(os.path.join(self._folder, _relative(path)))
        if not any(place.startswith(os.path.join(root, "")) for root in self._roots):
            raise FormatError(f"weightsManifest: the path {path!r} leaves the model's folder")
        flags = os.O_RDONLY
        for name in ("O_BINARY", "O_CLOEXEC", "O_NOFOLLOW", "O_NONBLOCK"):
            flags |= getattr(os, name, 0)
        handle = os.open(place, flags)
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise FormatError(f"weightsManifest: {path!r} is no file")
        return handle


def _relative(path: str) -> str:
    """The path of a shard, relative to its model. Raises FormatError for one that would leave the model's
    folder.
    """
    plain = posixpath.normpath(path.replace("\\", "/"))
    drive, _ = os.path.splitdrive(path)
    if drive or plain.startswith(("/", "../")) or plain in ("..", "."):
        raise FormatError(f"weightsManifest: the path {path!r} leaves the model's folder")
    try:
        os.fsencode(plain)
    except UnicodeEncodeError:
        plain = "\0"
    if "\0" in plain:
        raise FormatError(f"weightsManifest: {path!r} is no path")
    return plain
