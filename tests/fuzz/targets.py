"""What is fuzzed: each target takes any bytes and raises only what a reader may raise."""

from __future__ import annotations

import ctypes
import hashlib
import json
import re
import struct
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lamina as tf
from lamina.io.manifest import from_model_json, parse_json
from lamina.models.loading import _from_artifacts

# What a reader says of a file that it does not take.
REFUSALS = (ValueError, OSError)
LARGEST_SHARD = 1 << 20


class Shards:
    """Shards whose names say how long they are ("904.bin"), so that one text is a whole model."""

    def size(self, path: str) -> int:
        found = re.fullmatch(r"(\d{1,7})\.bin", path)
        if found is None or int(found.group(1)) > LARGEST_SHARD:
            raise FileNotFoundError(path)
        return int(found.group(1))

    def read(self, path: str, checksum: str | None) -> bytes:
        return bytes(index % 64 for index in range(self.size(path)))


def model(data: bytes) -> None:
    """A model.json: what it loads as can be written and read again."""
    try:
        artifacts = from_model_json(parse_json(data, "model.json"), Shards())
        # It says that the text was changed, as it is in most inputs: read on.
        artifacts.pop("damage", None)
        made = _from_artifacts(artifacts, True, None)
    except REFUSALS:
        return
    if not made.layers:
        # Something to add layers to; it cannot be saved yet.
        return
    try:
        kept: dict[str, Any] = {}
        made.save(tf.io.withSaveHandler(kept.update)).result()
        try:
            again = _from_artifacts(kept, True, None)
        except REFUSALS as error:
            # A constraint meets its weight first when the weight is set: an axis that is not there, or a
            # largest norm below the smallest.
            assert "axis" in str(error) or "Error in clip" in str(error), error
            return
        assert json.dumps(again.topology()) == json.dumps(made.topology())
        again.dispose()
    finally:
        made.dispose()


def weights(data: bytes) -> None:
    """A line of specs as JSON, then the bytes of the weights."""
    line, _, rest = data.partition(b"\n")
    try:
        specs = parse_json(line, "specs")
        found = tf.io.decodeWeights(rest, specs if isinstance(specs, list) else [specs])
    except REFUSALS:
        return
    for name, tensor in found.items():
        encoded = tf.io.encodeWeights({name: tensor})
        back = tf.io.decodeWeights(encoded.data, encoded.specs)[name]
        assert (back.shape, back.dtype) == (tensor.shape, tensor.dtype)
        assert tf.io.encodeWeights({name: back}).data == encoded.data


def program(data: bytes) -> None:
    """A line with the JSON of a program, one with that of its tensors, their bytes; see program.cpp."""
    text, _, rest = data.partition(b"\n")
    tensors, _, payload = rest.partition(b"\n")
    quoted = json.dumps(text.decode(errors="replace")).encode()
    begin = b'{"__metadata__":{"sha256":"'
    header = begin + b"0" * 64 + b'","format":"lamina-program","version":"1","program":' + quoted + b"}"
    header += b"}" if tensors in (b"", b"{", b"{}") else b"," + tensors.removeprefix(b"{")
    content = struct.pack("<Q", len(header)) + header + payload
    digest = hashlib.sha256(content).hexdigest().encode()
    at = 8 + len(begin)
    content = content[:at] + digest + content[at + 64 :]
    library, found = c_library(), ctypes.c_void_p()
    if library.lamina_program_read(content, ctypes.c_size_t(len(content)), ctypes.byref(found)):
        assert library.lamina_last_error()
    library.lamina_program_free(found)


def c_library() -> ctypes.CDLL:
    (path,) = (Path(tf.__file__).parent / "lib").glob("liblamina.*")
    library = ctypes.CDLL(str(path))
    library.lamina_last_error.restype = ctypes.c_char_p
    return library


TARGETS: dict[str, Callable[[bytes], None]] = {"model": model, "weights": weights, "program": program}


def quiet() -> None:
    """Warnings are said once in a while, not for each input."""
    warnings.simplefilter("ignore")
