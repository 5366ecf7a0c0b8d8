"""Files from strangers: what is no sound program is refused with words that say where, memory untouched."""

from __future__ import annotations

import copy
import ctypes
import hashlib
import json
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import lamina as tf
from support.nets import NETS

from . import sdk

BEGIN = b'{"__metadata__":{"sha256":"'
ZEROS = b"0" * 64
OK = 0


class Library:
    """The C interface through ctypes."""

    def __init__(self, path: Path) -> None:
        self._c = ctypes.CDLL(str(path))
        self._c.lamina_last_error.restype = ctypes.c_char_p
        self._c.lamina_program_read.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p]
        self._c.lamina_program_free.argtypes = [ctypes.c_void_p]
        self._c.lamina_context_create.argtypes = [ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p]
        self._c.lamina_context_run.argtypes = [ctypes.c_void_p]
        self._c.lamina_context_free.argtypes = [ctypes.c_void_p]

    def problem(self, content: bytes, batch: int = 1) -> str | None:
        """What is wrong with a program, opened and run once; None: nothing."""
        program, context = ctypes.c_void_p(), ctypes.c_void_p()
        try:
            if self._c.lamina_program_read(content, len(content), ctypes.byref(program)) != OK:
                return self._error()
            if self._c.lamina_context_create(program, batch, ctypes.byref(context)) != OK:
                return self._error()
            return None if self._c.lamina_context_run(context) == OK else self._error()
        finally:
            self._c.lamina_context_free(context)
            self._c.lamina_program_free(program)

    def _error(self) -> str:
        text = self._c.lamina_last_error().decode()
        assert text
        return text


@pytest.fixture(scope="module")
def library(cmake_dir: str) -> Library:
    (path,) = (Path(cmake_dir).parent / "lib").glob("liblamina.*")
    return Library(path)


def exported(model: Any, folder: Path) -> bytes:
    model.exportProgram(folder / "m.lamina").result()
    model.dispose()
    return (folder / "m.lamina").read_bytes()


def convolutional() -> Any:
    """Values of all kinds: a constant, several types, lists, optional inputs, padding."""
    x = tf.input(shape=[6, 6, 2], name="image")
    y = tf.layers.conv2d(filters=3, kernelSize=3, padding="same", activation="relu", name="conv").apply(x)
    y = tf.layers.batchNormalization(name="norm").apply(y)
    y = tf.layers.maxPooling2d(poolSize=2, name="pool").apply(y)
    y = tf.layers.concatenate(name="twice").apply([y, tf.layers.thresholdedReLU(theta=0.3).apply(y)])
    y = tf.layers.flatten(name="flat").apply(y)
    return tf.model(inputs=x, outputs=tf.layers.dense(units=2, activation="softmax", name="out").apply(y))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return exported(NETS[0].model(), tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return exported(convolutional(), tmp_path_factory.mktemp("large"))


def opened(content: bytes) -> tuple[dict[str, Any], dict[str, Any], bytes]:
    """(header, program, payload)"""
    (length,) = struct.unpack_from("<Q", content)
    header = json.loads(content[8 : 8 + length])
    return header, json.loads(header["__metadata__"]["program"]), content[8 + length :]


def sealed(header: dict[str, Any], program: Any, payload: bytes) -> bytes:
    """A file whose checksum is right."""
    header = copy.deepcopy(header)
    if program is not None:
        header["__metadata__"]["program"] = json.dumps(program)
    metadata = {
        "sha256": ZEROS.decode(),
        **{k: v for k, v in header["__metadata__"].items() if k != "sha256"},
    }
    text = json.dumps({**header, "__metadata__": metadata}, separators=(",", ":")).encode()
    text += b" " * (-(8 + len(text)) % 64)
    content = struct.pack("<Q", len(text)) + text + payload
    assert text.startswith(BEGIN + ZEROS)
    return content.replace(ZEROS, hashlib.sha256(content).hexdigest().encode(), 1)


def test_resealed_files_open(library, small, large):
    for content in (small, large):
        header, program, payload = opened(content)
        assert library.problem(content) is None
        assert library.problem(sealed(header, program, payload), 3) is None


def test_no_flipped_bit_is_overlooked(library, small):
    for at in range(len(small)):
        flipped = bytearray(small)
        flipped[at] ^= 1 << at % 8
        assert library.problem(bytes(flipped)) is not None, at


def test_no_cut_file_opens(library, small):
    for length in range(len(small)):
        assert library.problem(small[:length]) is not None, length
    assert "sha256" in (library.problem(small + b"\0") or "")


def edited(content: bytes, edit: Callable[[dict[str, Any], dict[str, Any]], None]) -> bytes:
    header, program, payload = opened(content)
    edit(header, program)
    return sealed(header, program, payload)


def put(*path: Any) -> Callable[[dict[str, Any], dict[str, Any]], None]:
    """Sets the program's value at a path; the last part is the value."""
    *where, last, value = path

    def edit(_header: dict[str, Any], program: dict[str, Any]) -> None:
        target: Any = program
        for part in where:
            target = target[part]
        target[last] = value

    return edit


def put_header(name: str, key: str, value: Any) -> Callable[[dict[str, Any], dict[str, Any]], None]:
    def edit(header: dict[str, Any], _program: dict[str, Any]) -> None:
        header[name][key] = value

    return edit


BAD = [
    (put_header("__metadata__", "version", "2"), "version '2' of the format"),
    (put_header("__metadata__", "format", "other"), "no program written by exportProgram"),
    (put_header("hidden/bias", "dtype", "F64"), "'F64' is none of"),
    (put_header("hidden/bias", "shape", [1 << 40]), "takes"),
    (put_header("hidden/bias", "shape", [1 << 40, 1 << 40]), ""),
    (put_header("hidden/bias", "shape", [-8]), "no size"),
    (put_header("hidden/bias", "shape", [1] * 9), "dimensions"),
    (put_header("hidden/bias", "data_offsets", [0, 32]), "begins at byte"),
    (put_header("hidden/bias", "data_offsets", [160, 1 << 50]), "not within"),
    (put("batch", 0), "at least 1"),
    (put("batch", 3), "batches of 3"),
    (put("calls", 0, "op", "nothing"), "calls[0].op: 'nothing' is unknown"),
    (put("calls", 0, "op", "applySgd"), "applySgd cannot stand in a program"),
    (put("calls", 0, "op", "randomNormal"), "randomNormal cannot stand in a program"),
    (put("calls", 0, "version", 2), "version 2, this release knows version 1"),
    (put("calls", 0, "attrs", "novel", 1), "attrs.novel is unknown"),
    (put("calls", 0, "attrs", "activation", "novel"), "'novel' is none of its choices"),
    (put("calls", 0, "attrs", "transposeA", 1), "must be true or false"),
    (put("calls", 0, "inputs", 0, ["call", 0, 0]), "no call 0 before this place"),
    (put("calls", 1, "inputs", 0, ["call", 0, 1]), "no output 1"),
    (put("calls", 0, "inputs", 0, ["weight", 99]), "no weight 99"),
    (put("calls", 0, "inputs", 0, ["weight", -1]), "no weight -1"),
    (put("calls", 0, "inputs", []), "takes 3 of them, got 0"),
    (put("calls", 0, "inputs", 0, None), "missing"),
    (put("calls", 0, "counts", [1, 1, 2]), ""),
    (put("calls", 0, "outputs", 0, "shape", [1, 8]), "another type or shape than the file states"),
    (put("inputs", 0, "shape", 1, 1 << 47), ""),
    (put("inputs", 0, "shape", 0, {"plus": 1 << 62, "perSample": 1 << 62}), "does not fit"),
    (put("inputs", 0, "dtype", "string"), "no type of a program's values"),
    (put("outputs", []), "outputs is empty"),
    (put("outputs", 0, "value", None), "must not be null"),
    (put("weights", 0, "other"), "no tensor 'other'"),
]


@pytest.mark.parametrize(("edit", "words"), BAD, ids=range(len(BAD)))
def test_what_is_wrong_is_said(library, small, edit, words):
    problem = library.problem(edited(small, edit), 2)
    assert problem is not None and words in problem


def test_a_program_of_nothing_but_constants_is_not_computed(library, large):
    """Else a file could have anything computed while it is opened."""

    def edit(_header: dict[str, Any], program: dict[str, Any]) -> None:
        for call in program["calls"]:
            call["inputs"] = [["constant", 0] for _ in call["inputs"]]

    assert "must depend on an input" in (library.problem(edited(large, edit)) or "")


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


STRANGE = [
    None,
    True,
    -1,
    0,
    1 << 31,
    1 << 62,
    1.5,
    1e308,
    "",
    "x",
    [],
    {},
    [[[]]],
    {"plus": 1, "perSample": -1},
]


def mutants(content: bytes) -> Iterator[bytes]:
    """Each value of header and program replaced by strange ones, left out, and doubled in a list."""
    header, program, payload = opened(content)
    names = {k: v for k, v in header.items() if k != "__metadata__"}
    for tree in (program, names):
        for path in places(tree):
            for value in [*STRANGE, ...]:
                changed = copy.deepcopy(tree)
                target: Any = changed
                for part in path[:-1]:
                    target = target[part]
                if value is not ...:
                    target[path[-1]] = value
                elif isinstance(target, list):
                    target.append(target[path[-1]])
                else:
                    del target[path[-1]]
                if tree is program:
                    yield sealed(header, changed, payload)
                else:
                    yield sealed({"__metadata__": header["__metadata__"], **changed}, None, payload)


@pytest.mark.slow
@pytest.mark.watchdog(300)
def test_mutated_files_are_refused_or_run(library, large):
    """Nothing crashes or hangs. Some mutants are programs of their own (another attribute, a name): few."""
    count = refused = 0
    for content in mutants(large):
        count += 1
        refused += library.problem(content) is not None
    assert count > 4000
    assert refused > 0.95 * count


def test_the_error_names_the_file(library, tmp_path, consumer):
    (tmp_path / "bad.lamina").write_bytes(b"nothing of the kind")
    with pytest.raises(AssertionError, match=r"'.*bad\.lamina' is no file of tensors"):
        sdk.run(consumer, "show", tmp_path / "bad.lamina")
    with pytest.raises(AssertionError, match=r"Cannot open '.*none\.lamina': No such file"):
        sdk.run(consumer, "show", tmp_path / "none.lamina")
