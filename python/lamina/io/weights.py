"""Weights as bytes: laid out back to back in the order of their specs, little endian, not aligned.

The layout is that of TensorFlow.js (tfjs-core/src/io/io_utils.ts): strings are a 4-byte length and UTF-8
each; quantized weights are stored as uint8, uint16 or float16 and become float32 or int32 when they are read.
"""

from __future__ import annotations

import math
import struct
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .. import _core
from ..kinds import whole_number
from ..results import AttrDict
from .artifacts import FormatError, join_bytes

__all__ = ["check_size", "decodeWeights", "encodeWeights", "numbers_of"]

ITEM_BYTES = {"float32": 4, "int32": 4, "bool": 1, "complex64": 8}
QUANTIZED_BYTES = {"uint8": 1, "uint16": 2, "float16": 2}
# What a tensor can have.
MAX_RANK = 8
MAX_SIZE = 1 << 48
FLOAT32_MAX = 3.4028235e38
FORMATS = {"float32": "f", "int32": "i", "bool": "?", "uint8": "B", "uint16": "H"}


def encodeWeights(
    tensors: Iterable[Mapping[str, Any]] | Mapping[str, Any], group: str | None = None
) -> AttrDict[Any]:
    """`{"data": bytes, "specs": [...]}` for tensors given as `{name: tensor}` or a list of `{"name",
    "tensor"}`.

    `group` is written into each spec ('optimizer' marks what is no weight of the model).
    """
    if isinstance(tensors, Mapping):
        tensors = [{"name": name, "tensor": tensor} for name, tensor in tensors.items()]
    specs, parts = [], []
    for entry in tensors:
        tensor = entry["tensor"]
        spec = {"name": entry["name"], "shape": list(tensor.shape), "dtype": tensor.dtype}
        if group is not None:
            spec["group"] = group
        specs.append(spec)
        parts.append(_bytes_of(tensor))
    return AttrDict(data=b"".join(parts), specs=specs)


def _bytes_of(tensor: Any) -> bytes:
    if tensor.dtype == "string":
        encoded = [text.encode() if isinstance(text, str) else text for text in tensor.dataSync()]
        return b"".join(struct.pack("<I", len(text)) + text for text in encoded)
    raw = memoryview(tensor).tobytes()
    return raw if sys.byteorder == "little" else _swapped(raw, 1 if tensor.dtype == "bool" else 4)


def _swapped(raw: bytes, width: int) -> bytes:
    from array import array

    if width == 1:
        return raw
    items = array("I" if width == 4 else "H", raw)
    items.byteswap()
    return items.tobytes()


def decodeWeights(weightData: Any, specs: Sequence[Mapping[str, Any]]) -> AttrDict[Any]:
    """`{name: tensor}` from bytes (or a list of buffers) and specs.

    Raises FormatError, naming the spec and its field, where they do not fit each other. Sizes are checked
    before anything is allocated.
    """
    data = memoryview(join_bytes(weightData)).cast("B")
    plan = _entries(specs)
    offset = 0
    for entry in plan:
        offset = entry.place(data, offset)
    if offset != len(data):
        raise FormatError(f"the weights take {offset} bytes by their specs, but there are {len(data)}")
    names: set[str] = set()
    for entry in plan:
        if entry.name in names:
            raise FormatError(f"{entry.where}.name: '{entry.name}' stands there twice")
        names.add(entry.name)
    found: AttrDict[Any] = AttrDict()
    halves: list[Any] = []
    for entry in plan:
        found[entry.name] = entry.tensor(data, halves)
    return found


def check_size(specs: Sequence[Any], available: int, where: str = "") -> None:
    """Raises FormatError, naming the spec, where the specs are not those of `available` bytes."""
    entries = _entries(specs, where)
    offset = 0
    for entry in entries:
        offset = entry.claim(offset, available)
    if offset != available and all(entry.dtype != "string" for entry in entries):
        raise FormatError(
            f"{where}weights: they take {offset} bytes by their specs, but there are {available}"
        )


def numbers_of(specs: Sequence[Any]) -> int:
    """How many numbers there are in the weights of the model itself."""
    return sum(entry.size for entry in _entries(specs) if entry.group != "optimizer")


def _entries(specs: Sequence[Any], where: str = "") -> list[_Entry]:
    if not isinstance(specs, (list, tuple)):
        raise FormatError(f"{where}weights: expected a list of specs, got {type(specs).__name__}")
    return [_Entry(spec, f"{where}weights[{index}]") for index, spec in enumerate(specs)]


class _Entry:
    """One spec, checked, with its place in the bytes."""

    def __init__(self, spec: Mapping[str, Any], where: str) -> None:
        if not isinstance(spec, Mapping):
            raise FormatError(f"{where}: expected an object, got {type(spec).__name__}")
        self.where = where
        self.name = self._field(spec, "name", str)
        self.where = f"{where} ({self.name})"
        self.dtype = self._field(spec, "dtype", str)
        if self.dtype not in ITEM_BYTES and self.dtype != "string":
            raise FormatError(f"{self.where}.dtype: unknown dtype {self.dtype!r}")
        shape = self._field(spec, "shape", list)
        if len(shape) > MAX_RANK:
            raise FormatError(f"{self.where}.shape: a tensor has at most {MAX_RANK} axes, got {len(shape)}")
        sizes = [whole_number(size) for size in shape]
        if any(size is None or not 0 <= size <= MAX_SIZE for size in sizes):
            raise FormatError(f"{self.where}.shape: expected sizes of 0 or more, got {_short(shape)}")
        self.shape: list[int] = [size for size in sizes if size is not None]
        self.size: int = math.prod(self.shape)
        self.group = spec.get("group")
        if self.group is not None:
            self._field(spec, "group", str)
        self.quantization = spec.get("quantization")
        if self.quantization is not None:
            self._check_quantization()
        self.start = self.stop = 0
        self.strings: list[str] = []

    def _field(self, spec: Mapping[str, Any], key: str, kind: type) -> Any:
        value = spec.get(key)
        if not isinstance(value, kind):
            got = "nothing" if value is None else _short(value)
            raise FormatError(f"{self.where}.{key}: expected a {kind.__name__}, got {got}")
        return value

    def _check_quantization(self) -> None:
        quantization, where = self.quantization, f"{self.where}.quantization"
        if not isinstance(quantization, Mapping):
            raise FormatError(f"{where}: expected an object, got {_short(quantization)}")
        stored = quantization.get("dtype")
        if not isinstance(stored, str) or stored not in QUANTIZED_BYTES:
            raise FormatError(f"{where}.dtype: unknown quantization dtype {_short(stored)}")
        if self.dtype not in ("float32", "int32") or (stored == "float16" and self.dtype != "float32"):
            raise FormatError(f"{where}.dtype: {stored} cannot become {self.dtype}")
        if stored != "float16":
            for key in ("min", "scale"):
                value = quantization.get(key)
                if not isinstance(value, (int, float)) or isinstance(value, bool) or abs(value) > FLOAT32_MAX:
                    raise FormatError(
                        f"{where}.{key}: a {stored} weight needs this number, got {_short(value)}"
                    )

    def claim(self, offset: int, available: int) -> int:
        """Where bytes from `offset` on end (strings may take more). Raises FormatError for too few."""
        if self.dtype == "string":
            if self.size * 4 > available - offset:
                raise FormatError(
                    f"{self.where}.shape: {self.shape} strings do not fit into {available} bytes"
                )
            return offset + self.size * 4
        widths = QUANTIZED_BYTES if self.quantization else ITEM_BYTES
        width: int = widths[self.quantization["dtype"] if self.quantization else self.dtype]
        stop = offset + self.size * width
        if stop > available:
            raise FormatError(
                f"{self.where}.shape: {self.shape} needs {self.size * width} bytes from byte {offset} on, "
                f"but there are {available} bytes in all"
            )
        return stop

    def place(self, data: memoryview, offset: int) -> int:
        """Takes the bytes from `offset` on; returns where they end."""
        self.start = offset
        self.stop = self.claim(offset, len(data))
        if self.dtype == "string":
            self.stop = self._read_strings(data, offset)
        return self.stop

    def _read_strings(self, data: memoryview, offset: int) -> int:
        for _ in range(self.size):
            if offset + 4 > len(data):
                raise FormatError(f"{self.where}: the data end within a string")
            (length,) = struct.unpack_from("<I", data, offset)
            offset += 4
            if length > len(data) - offset:
                raise FormatError(f"{self.where}: a string of {length} bytes does not fit into the data")
            try:
                self.strings.append(str(data[offset : offset + length], "utf-8"))
            except UnicodeDecodeError as error:
                raise FormatError(f"{self.where}: a string is not UTF-8 ({error})") from None
            offset += length
        return offset

    def tensor(self, data: memoryview, halves: list[Any]) -> Any:
        if not self.size:
            return _empty(self.shape, self.dtype)
        if self.dtype == "string":
            return _core.tensor(self.strings, self.shape, "string")
        # A copy, as a slice may start at any byte and C code reads whole numbers.
        raw = bytes(data[self.start : self.stop])
        if self.quantization:
            return self._dequantized(raw, halves)
        if self.dtype == "complex64":
            numbers = _numbers(_native(raw, 4), "f").tolist()
            pairs = [complex(re, im) for re, im in zip(numbers[::2], numbers[1::2], strict=True)]
            return _core.tensor(pairs, self.shape, "complex64")
        return _flat(_native(raw, ITEM_BYTES[self.dtype]), FORMATS[self.dtype], self.shape, self.dtype)

    def _dequantized(self, raw: bytes, halves: list[Any]) -> Any:
        assert self.quantization is not None
        stored = self.quantization["dtype"]
        if stored == "float16":
            if not halves:
                halves.append(
                    _table(struct.unpack("<65536e", struct.pack("<65536H", *range(65536))), "float32")
                )
            return _look_up(halves[0], _native(raw, 2), "H", self.shape)
        scale, low = self.quantization["scale"], self.quantization["min"]
        count = 256 if stored == "uint8" else 65536
        form = FORMATS[stored]
        raw = _native(raw, QUANTIZED_BYTES[stored])
        # q * scale + min is taken once for each possible q, in double as TensorFlow.js does it, and then
        # looked up.
        if self.size >= count:
            table = _table((self._value(q, scale, low) for q in range(count)), self.dtype)
            return _look_up(table, raw, form, self.shape)
        values = [self._value(q, scale, low) for q in _numbers(raw, form)]
        return _core.tensor(values, self.shape, self.dtype)

    def _value(self, q: int, scale: float, low: float) -> float:
        value = q * scale + low
        return math.floor(value + 0.5) if self.dtype == "int32" else value


def _short(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else shown[:57] + "..."


def _native(raw: bytes, width: int) -> bytes:
    return raw if sys.byteorder == "little" else _swapped(raw, min(width, 4))


def _empty(shape: list[int], dtype: str) -> Any:
    if dtype == "string":
        return _core.ops.reshape(_core.ops.slice(_core.tensor([""], None, dtype), [0], [0]), shape)
    return _core.ops.fill(shape, 0, dtype)


def _numbers(raw: bytes, form: str) -> Any:
    view: Any = memoryview(raw)
    return view.cast(form)


def _flat(raw: bytes, form: str, shape: list[int], dtype: str) -> Any:
    return _core.tensor(_numbers(raw, form), shape, dtype)


def _table(values: Iterable[float], dtype: str) -> Any:
    return _core.tensor(list(values), None, dtype)


def _look_up(table: Any, raw: bytes, form: str, shape: list[int]) -> Any:
    return _core.ops.reshape(_core.ops.gather(table, _core.tensor(_numbers(raw, form), None, "int32")), shape)
