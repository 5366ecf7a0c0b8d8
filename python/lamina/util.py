"""tf.util: small helpers with shapes, dtypes, lists and random order, as programs for TensorFlow.js use them.

They work on plain numbers and lists; of tensors, the functions of tf do the same at once.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from . import _core
from ._convert import as_sizes, listed
from .results import AttrDict

if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable, Iterable, MutableSequence, Sequence

    from .promises import Promise

__all__ = [
    "arraysEqual", "arraysEqualWithNull", "assertNonNegativeIntegerDimensions", "assertNonNull",
    "assertShapesMatch", "bytesFromStringArray", "bytesPerElement", "clamp", "computeStrides",
    "createShuffledIndices", "decodeString", "distSquared", "encodeString", "flatten", "getArrayFromDType",
    "getTypedArrayFromDType", "hasEncodingLoss", "indexToLoc", "inferDtype", "inferFromImplicitShape",
    "isBoolean", "isFunction", "isInt", "isNumber", "isPromise", "isScalarShape", "isString", "isTypedArray",
    "isValidDtype", "locToIndex", "makeOnesTypedArray", "makeZerosNestedTypedArray", "makeZerosTypedArray",
    "nearestDivisor", "nearestLargerEven", "now", "parseAxisParam", "randUniform", "repeatedTry", "rightPad",
    "shuffle", "shuffleCombo", "sizeFromShape", "sizeToSquarishShape", "squeezeShape", "sum", "sumOutType",
    "swap", "tanh", "toNestedArray", "toTypedArray", "upcastType",
]  # fmt: skip

_SIZES = {"float32": 4, "int32": 4, "bool": 1, "complex64": 8}
_CODES = {"float32": "f", "int32": "i", "bool": "B"}
_WIDTHS = {"bool": 0, "int32": 1, "float32": 2, "complex64": 3}


def _assert(expr: Any, msg: str | Callable[[], str]) -> None:
    """Raises ValueError with the message, or what it returns, unless expr is true."""
    if not expr:
        raise ValueError(msg() if callable(msg) else msg)


_assert.__name__ = _assert.__qualname__ = "assert"
# A word of Python: getattr(tf.util, "assert").
globals()["assert"] = _assert


# ---- shapes ------------------------------------------------------------------------------------------------


def sizeFromShape(shape: Iterable[int]) -> int:
    """How many elements a shape has."""
    return math.prod(listed(shape, "sizeFromShape"))


def isScalarShape(shape: Sequence[int]) -> bool:
    """Whether a shape is that of a scalar, []."""
    return len(shape) == 0


def computeStrides(shape: Sequence[int]) -> list[int]:
    """By how many elements the indices of all axes but the last one step; [] below rank 2."""
    strides: list[int] = []
    size = 1
    for each in reversed(as_sizes(shape, "computeStrides")[1:]):
        size *= each
        strides.append(size)
    return strides[::-1]


def indexToLoc(index: int, rank: int, strides: Sequence[int]) -> list[int]:
    """The coordinates of the element of that index."""
    if rank == 0:
        return []
    locs = []
    for stride in strides[: rank - 1]:
        locs.append(index // stride)
        index %= stride
    return [*locs, index]


def locToIndex(locs: Sequence[int], rank: int, strides: Sequence[int]) -> int:
    """The index of the element at the coordinates."""
    if rank == 0:
        return 0
    return locs[-1] + int(sum(a * b for a, b in zip(locs, strides, strict=False)))


def inferFromImplicitShape(shape: Sequence[int], size: int) -> list[int]:
    """The shape with its -1, if any, replaced so that it has `size` elements. Raises ValueError where none
    does.
    """
    shape = listed(shape, "inferFromImplicitShape")
    unknown = [axis for axis, each in enumerate(shape) if each == -1]
    for axis, each in enumerate(shape):
        if each < -1:
            raise ValueError(f"Shapes can not be < 0. Found {each} at dim {axis}")
    if len(unknown) > 1:
        raise ValueError(
            f"Shapes can only have 1 implicit size. Found -1 at dim {unknown[0]} and dim {unknown[1]}"
        )
    known = math.prod(each for each in shape if each != -1)
    if not unknown:
        if size > 0 and size != known:
            raise ValueError(f"Size({size}) must match the product of shape {list(shape)}")
        return list(shape)
    if known == 0:
        raise ValueError(f"Cannot infer the missing size in {list(shape)} when there are 0 elements")
    if size % known:
        raise ValueError(f"The implicit shape can't be a fractional number. Got {size} / {known}")
    return [size // known if each == -1 else each for each in shape]


def parseAxisParam(axis: int | Sequence[int] | None, shape: Sequence[int]) -> list[int]:
    """The axes as a list of numbers from 0; all of them for None. Raises ValueError for one out of range."""
    rank = len(shape)
    axes = (
        list(range(rank))
        if axis is None
        else [axis]
        if isinstance(axis, int)
        else listed(axis, "parseAxisParam")
    )
    if not all(isInt(each) for each in axes):
        raise ValueError(f"All values in axis param must be integers but got axis {axis}")
    if not all(-rank <= each < rank for each in axes):
        raise ValueError(f"All values in axis param must be in range [-{rank}, {rank}) but got axis {axis}")
    return [each + rank if each < 0 else each for each in axes]


def squeezeShape(shape: Sequence[int], axis: Sequence[int] | None = None) -> AttrDict[Any]:
    """`{"newShape", "keptDims"}`: the shape without its axes of size 1, or without those given."""
    axes = parseAxisParam(axis, shape) if axis else [i for i, each in enumerate(shape) if each == 1]
    for each in axes:
        if shape[each] != 1:
            raise ValueError(f"Can't squeeze axis {each} since its dim '{shape[each]}' is not 1")
    kept = [i for i in range(len(shape)) if i not in axes]
    return AttrDict(newShape=[shape[i] for i in kept], keptDims=kept)


def sizeToSquarishShape(size: int) -> list[int]:
    """A shape [width, height] that is nearly square and has at least `size` elements."""
    width = math.ceil(math.sqrt(size))
    return [width, math.ceil(size / width)]


def assertNonNegativeIntegerDimensions(shape: Sequence[int]) -> None:
    """Raises ValueError unless all sizes are whole numbers of 0 or more."""
    shape = listed(shape, "assertNonNegativeIntegerDimensions")
    for each in shape:
        if not isInt(each) or each < 0:
            raise ValueError(
                "Tensor must have a shape comprised of positive integers but got shape "
                f"[{','.join(map(str, shape))}]."
            )


def assertShapesMatch(shapeA: Any, shapeB: Any, errorMessagePrefix: str = "") -> None:
    """Raises ValueError unless both shapes are the same."""
    if not arraysEqual(shapeA, shapeB):
        raise ValueError(f"{errorMessagePrefix} Shapes {list(shapeA)} and {list(shapeB)} must match")


def assertNonNull(a: Any) -> None:
    """Raises ValueError for None."""
    if a is None:
        raise ValueError("The input to the tensor constructor must be a non-null value.")


# ---- dtypes and arrays -------------------------------------------------------------------------------------


def isValidDtype(dtype: Any) -> bool:
    """Whether this is the name of a dtype."""
    return dtype in {*_SIZES, "string"}


def bytesPerElement(dtype: str) -> int:
    """Bytes of one element. Raises ValueError for an unknown dtype, and for strings, whose sizes differ."""
    if dtype not in _SIZES:
        raise ValueError(f"Unknown dtype {dtype}")
    return _SIZES[dtype]


def hasEncodingLoss(oldType: str, newType: str) -> bool:
    """Whether values of the one dtype may be lost in the other."""
    return _WIDTHS[newType] < _WIDTHS[oldType]


def inferDtype(values: Any) -> str:
    """The dtype that tf.tensor() gives the values."""
    return _core.tensor(values).dtype


def upcastType(typeA: str, typeB: str) -> str:
    """The dtype that holds values of both. Raises ValueError for a string with something else."""
    if "string" in (typeA, typeB):
        if typeA == typeB:
            return typeA
        raise ValueError(f"Can not upcast {typeA} with {typeB}")
    return max(typeA, typeB, key=_WIDTHS.__getitem__)


def sumOutType(type: str) -> str:
    """The dtype of a sum: int32 of truth values."""
    return upcastType(type, "int32")


def getArrayFromDType(dtype: str | None, size: int) -> Any:
    """An array of zeros (array.array), of strings a list of None."""
    if dtype == "string":
        return [None] * size
    return makeZerosTypedArray(size, dtype or "float32")


def getTypedArrayFromDType(dtype: str, size: int) -> array[Any]:
    """An array of zeros."""
    return makeZerosTypedArray(size, dtype)


def makeZerosTypedArray(size: int, dtype: str) -> array[Any]:
    """An array (array.array) of zeros."""
    from array import array

    if dtype not in _CODES:
        raise ValueError(f"Unknown data type {dtype}")
    return array(_CODES[dtype], bytes(_SIZES[dtype] * size))


def makeOnesTypedArray(size: int, dtype: str) -> array[Any]:
    """An array (array.array) of ones."""
    return toTypedArray([1] * size, dtype)


def makeZerosNestedTypedArray(shape: Sequence[int], dtype: str) -> Any:
    """Nested lists of zeros."""
    return toNestedArray(shape, makeZerosTypedArray(sizeFromShape(shape), dtype))


def toTypedArray(a: Any, dtype: str) -> array[Any]:
    """The values, nested or not, as one array (array.array)."""
    from array import array

    if dtype not in _CODES:
        raise ValueError(f"Cannot convert values to a typed array of {dtype}")
    flat = flatten(a)
    return array(_CODES[dtype], flat if dtype == "float32" else [int(each) for each in flat])


def toNestedArray(shape: Sequence[int], a: Sequence[Any], isComplex: bool = False) -> Any:
    """The flat values as lists nested by the shape, a single one for []; complex numbers are two values
    each.
    """
    width = 2 if isComplex else 1
    if len(shape) == 0:
        return a[0] if width == 1 else list(a[:2])
    size = sizeFromShape(shape)
    if size == 0:
        return []
    if size * width != len(a):
        wanted = f"[{','.join(map(str, shape))}]"
        on_behalf = " for a complex tensor" if isComplex else ""
        raise ValueError(f"{wanted} does not match the input size {len(a)}{on_behalf}.")
    nested: list[Any] = list(a)
    sizes = [*shape, 2] if isComplex else list(shape)
    for each in reversed(sizes[1:]):
        nested = [nested[i : i + each] for i in range(0, len(nested), each)]
    return nested


def flatten(arr: Any, result: list[Any] | None = None, skipTypedArray: bool = False) -> list[Any]:
    """All values of nested lists in one list, behind those of `result`."""
    found = [] if result is None else result
    whole = isinstance(arr, (str, bytes)) or not hasattr(arr, "__len__")
    if whole or (skipTypedArray and isTypedArray(arr)):
        found.append(arr)
    else:
        for each in arr:
            flatten(each, found, skipTypedArray)
    return found


def isTypedArray(a: Any) -> bool:
    """Whether this is an array.array, bytearray or memoryview: values of one type in one block."""
    return isinstance(a, (bytearray, memoryview)) or type(a).__name__ == "array"


def bytesFromStringArray(arr: Sequence[bytes | str] | None) -> int:
    """Bytes of the strings together."""
    if arr is None:
        return 0
    total = 0
    for each in arr:
        total += len(each.encode()) if isinstance(each, str) else len(each)
    return total


def encodeString(s: str, encoding: str = "utf-8") -> bytes:
    """The bytes of a string."""
    return s.encode(encoding)


def decodeString(bytes: bytes, encoding: str = "utf-8") -> str:
    """The string of bytes."""
    return bytes.decode(encoding)


def arraysEqual(n1: Any, n2: Any) -> bool:
    """Whether two flat lists have the same values."""
    if n1 is None or n2 is None:
        return n1 is n2
    return list(n1) == list(n2)


def arraysEqualWithNull(n1: Any, n2: Any) -> bool:
    """As arraysEqual, where a None is equal to everything."""
    if n1 is None or n2 is None:
        return n1 is n2
    return len(n1) == len(n2) and all(a == b or a is None or b is None for a, b in zip(n1, n2, strict=True))


# ---- numbers, order, text ----------------------------------------------------------------------------------


def isInt(a: Any) -> bool:
    """Whether this is a whole number."""
    return bool(a % 1 == 0)


def isNumber(value: Any) -> bool:
    """Whether this is a number."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def isBoolean(value: Any) -> bool:
    """Whether this is True or False."""
    return isinstance(value, bool)


def isString(value: Any) -> bool:
    """Whether this is a string."""
    return isinstance(value, str)


def isFunction(f: Any) -> bool:
    """Whether this can be called."""
    return callable(f)


def isPromise(object: Any) -> bool:
    """Whether this can be awaited."""
    return hasattr(object, "__await__")


def clamp(min: float, x: float, max: float) -> float:
    """x held between min and max."""
    high = x if x < max else max
    return high if high > min else min


def nearestLargerEven(val: int) -> int:
    """The number, or the next one where it is odd."""
    return val if val % 2 == 0 else val + 1


def nearestDivisor(size: int, start: int) -> int:
    """The smallest divisor of size that is not below start; size itself where there is none."""
    return next((each for each in range(start, size) if size % each == 0), size)


def sum(arr: Iterable[float]) -> float:
    """The sum of numbers."""
    total = 0.0
    for each in arr:
        total += each
    return total


def distSquared(a: Sequence[float], b: Sequence[float]) -> float:
    """The squared distance of two vectors."""
    return sum((x - y) ** 2 for x, y in zip(a, b, strict=True))


def tanh(x: float) -> float:
    """The hyperbolic tangent of a number."""
    return math.tanh(x)


def now() -> float:
    """Milliseconds of a clock that never goes back; differences count."""
    from time import perf_counter

    return perf_counter() * 1000


def rightPad(a: str, size: int) -> str:
    """The text with blanks behind it up to the size."""
    return a.ljust(size)


def swap(object: Any, left: Any, right: Any) -> None:
    """Exchanges two entries."""
    object[left], object[right] = object[right], object[left]


def randUniform(a: float, b: float) -> float:
    """A random number from a to b, from the source that tf.setRandomSeed sets."""
    return float(_core.ops.randomUniform([], a, b))


def createShuffledIndices(n: int) -> list[int]:
    """The numbers below n in random order, from the source that tf.setRandomSeed sets."""
    seed = int(_core.ops.randomUniformInt([], 0, 2**31 - 1))
    return list(_core.shuffled(n, seed).arraySync())


def shuffle(array: MutableSequence[Any]) -> None:
    """Brings the entries of a list into random order, in place."""
    array[:] = [array[i] for i in createShuffledIndices(len(array))]


def shuffleCombo(array: MutableSequence[Any], array2: MutableSequence[Any]) -> None:
    """Brings two lists into the same random order, in place. Raises ValueError where their lengths differ."""
    if len(array) != len(array2):
        raise ValueError(
            "Array sizes must match to be shuffled together "
            f"First array length was {len(array)} Second array length was {len(array2)}"
        )
    order = createShuffledIndices(len(array))
    array[:] = [array[i] for i in order]
    array2[:] = [array2[i] for i in order]


def repeatedTry(
    checkFn: Callable[[], Any],
    delayFn: Callable[[int], float] = lambda counter: 0,
    maxCounter: int | None = None,
    scheduleFn: Any = None,
) -> Promise[None]:
    """A Promise that is kept once checkFn() is true; it is called again after delayFn(count) milliseconds.

    It is rejected with TimeoutError after maxCounter calls. scheduleFn(fn, milliseconds) waits instead of a
    sleep, and calls fn.
    """
    from .promises import Promise

    def work(context: Any) -> None:
        from time import sleep

        count = 0
        while not context.call(checkFn):
            count += 1
            delay = delayFn(count)
            if maxCounter is not None and count >= maxCounter:
                raise TimeoutError(f"repeatedTry: the check failed {count} times")
            if scheduleFn is None:
                sleep(delay / 1000)
            else:
                context.call(scheduleFn, lambda: None, delay)

    return Promise.start(work, name="repeatedTry")


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    from ._names import suggest_in_tf

    raise AttributeError(suggest_in_tf(name, __all__, "tf.util"))
