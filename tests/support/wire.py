"""NumPy values as the oracle process reads and writes them (the other side is interop/codec.mjs)."""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

DTYPES = {"float32": "<f4", "int32": "<i4", "bool": "u1", "complex64": "<c8"}


class _Undefined:
    def __repr__(self) -> str:
        return "UNDEFINED"


UNDEFINED = _Undefined()
"""JavaScript's `undefined`, where it differs from null (None)."""


@dataclass(frozen=True)
class Js:
    """A JavaScript expression, evaluated with `tf` in scope: `Js("(x) => tf.sin(x)")`."""

    source: str


def tfjs_dtype(array: np.ndarray) -> str:
    """The TensorFlow.js dtype that holds the array: 64-bit numbers become 32-bit ones."""
    kind = array.dtype.kind
    if kind == "b":
        return "bool"
    if kind in "iu":
        return "int32"
    if kind == "f":
        return "float32"
    if kind == "c":
        return "complex64"
    if kind in "OUS":
        return "string"
    raise TypeError(f"no TensorFlow.js dtype for a NumPy array of {array.dtype}")


def _encode_array(array: np.ndarray) -> dict[str, Any]:
    dtype = tfjs_dtype(array)
    shape = list(array.shape)
    if dtype == "string":
        return {"$tensor": {"dtype": dtype, "shape": shape, "data": [str(s) for s in array.ravel()]}}
    data = np.ascontiguousarray(array).astype(DTYPES[dtype], copy=False).tobytes()
    return {"$tensor": {"dtype": dtype, "shape": shape, "data": base64.b64encode(data).decode()}}


def _encode_float(value: float) -> Any:
    if math.isfinite(value):
        return value
    return {"$number": "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"}


def encode(value: Any) -> Any:
    """Arrays (and whatever turns into one, a lamina tensor too) become tensors, containers are walked."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return _encode_float(value)
    if isinstance(value, Js):
        return {"$js": value.source}
    if value is UNDEFINED:
        return {"$undefined": True}
    if isinstance(value, dict):
        return {str(k): encode(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [encode(v) for v in value]
    return _encode_array(np.asarray(value))


def _decode_tensor(dtype: str, shape: list[int], data: Any) -> np.ndarray:
    if dtype == "string":
        return np.array(data, dtype=object).reshape(shape)
    flat = np.frombuffer(base64.b64decode(data), DTYPES[dtype])
    return flat.astype({"bool": np.bool_}.get(dtype, flat.dtype)).reshape(shape)


_NUMBERS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf, "-0": -0.0}


def decode(value: Any) -> Any:
    if isinstance(value, list):
        return [decode(v) for v in value]
    if not isinstance(value, dict):
        return value
    if "$tensor" in value:
        return _decode_tensor(**value["$tensor"])
    if "$number" in value:
        return _NUMBERS[value["$number"]]
    return {k: decode(v) for k, v in value.items()}
