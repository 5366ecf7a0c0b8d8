"""Making tensors and reading them: tf.tensor and its relatives, and methods of Tensor that are not ops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import _core
from ._arguments import name_arguments
from ._borders import border
from ._convert import as_sizes, none_is_default
from .debugging import check_made

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ._core import Tensor, Variable
    from .promises import Promise

__all__ = [
    "eye", "fill", "fromDLPack", "ones", "print", "scalar", "tensor", "tensor1d", "tensor2d", "tensor3d",
    "tensor4d", "tensor5d", "tensor6d", "variable", "zeros",
]  # fmt: skip

_builtin_print = print
MAX_RANK = 6


def tensor(values: Any, shape: Sequence[int] | None = None, dtype: str | None = None) -> Tensor:
    """A tensor from numbers, booleans or strings, nested lists of them, or an array (NumPy, DLPack, buffers).

    shape: by default that of the nesting. dtype: 'float32' for numbers, 'bool' and 'string' for booleans and
    strings; arrays keep their type as far as there is one: float64 becomes float32, and integers become
    int32.

    Raises ValueError for ragged rows, a shape that does not fit, more than 6 dimensions, integers beyond
    int32, or an array with a float64 beyond float32. docs/arrays.md has the rules.
    """
    made = _core.tensor(values, shape, dtype)
    if made.rank > MAX_RANK:
        raise ValueError(f"A tensor has at most {MAX_RANK} dimensions, but got shape {list(made.shape)}")
    check_made(made, "tensor")
    return made


def scalar(value: float | bool | str | complex, dtype: str | None = None) -> Tensor:
    """A tensor of rank 0 with one value."""
    made = _core.tensor(value, None, dtype)
    if made.rank:
        raise ValueError("Error creating a new Scalar: value must be a primitive (number|boolean|string)")
    check_made(made, "scalar")
    return made


def _of_rank(rank: int, values: Any, shape: Sequence[int] | None, dtype: str | None) -> Tensor:
    if shape is not None and len(shape) != rank:
        raise ValueError(f"tensor{rank}d() requires shape to have {_NUMBERS[rank]} numbers")
    made = _core.tensor(values, shape, dtype)
    if made.rank != rank:
        flat = f"flat/{_ARRAYS[rank]}" if rank > 1 else "a flat array"
        hint = "; `shape` must be provided when `values` are a flat array" if made.rank == 1 else ""
        raise ValueError(
            f"tensor{rank}d() requires values to be {flat}, but got values of shape {list(made.shape)}{hint}"
        )
    check_made(made, f"tensor{rank}d")
    return made


_NUMBERS = ["no", "one", "two", "three", "four", "five", "six"]
_ARRAYS = [
    "",
    "number[]",
    "number[][]",
    "number[][][]",
    "number[][][][]",
    "number[][][][][]",
    "number[][][][][][]",
]


def tensor1d(values: Any, dtype: str | None = None) -> Tensor:
    """A tensor of rank 1 from a list of values."""
    return _of_rank(1, values, None, dtype)


def tensor2d(values: Any, shape: Sequence[int] | None = None, dtype: str | None = None) -> Tensor:
    """A tensor of rank 2 from nested lists, or from a flat list and a shape [rows, columns]."""
    return _of_rank(2, values, shape, dtype)


def tensor3d(values: Any, shape: Sequence[int] | None = None, dtype: str | None = None) -> Tensor:
    """A tensor of rank 3 from nested lists, or from a flat list and a shape."""
    return _of_rank(3, values, shape, dtype)


def tensor4d(values: Any, shape: Sequence[int] | None = None, dtype: str | None = None) -> Tensor:
    """A tensor of rank 4 from nested lists, or from a flat list and a shape."""
    return _of_rank(4, values, shape, dtype)


def tensor5d(values: Any, shape: Sequence[int] | None = None, dtype: str | None = None) -> Tensor:
    """A tensor of rank 5 from nested lists, or from a flat list and a shape."""
    return _of_rank(5, values, shape, dtype)


def tensor6d(values: Any, shape: Sequence[int] | None = None, dtype: str | None = None) -> Tensor:
    """A tensor of rank 6 from nested lists, or from a flat list and a shape."""
    return _of_rank(6, values, shape, dtype)


def variable(
    initialValue: Any, trainable: bool = True, name: str | None = None, dtype: str | None = None
) -> Variable:
    """A variable: a tensor whose value assign() and optimizers replace. Its name is unique among live ones.

    Raises ValueError when the name is taken.
    """
    return _core.Variable(initialValue, trainable, name, dtype)


def fill(shape: Sequence[int], value: float | str | bool, dtype: str | None = None) -> Tensor:
    """A tensor of the given shape with one value everywhere."""
    if isinstance(value, str) and dtype in (None, "string"):
        size = 1
        for dim in shape:
            size *= dim
        return _core.tensor([value] * size, shape, "string") if size else _core.tensor([], shape, "string")
    if isinstance(value, str):
        raise TypeError(f"fill: the value {value!r} is a string, but dtype is '{dtype}'")
    inferred = "bool" if isinstance(value, bool) else "float32"
    return _core.ops.fill(shape, value, dtype or inferred)


@none_is_default
def zeros(shape: Sequence[int], dtype: str = "float32") -> Tensor:
    """A tensor of zeros."""
    return _core.ops.fill(shape, 0, dtype)


@none_is_default
def ones(shape: Sequence[int], dtype: str = "float32") -> Tensor:
    """A tensor of ones."""
    return _core.ops.fill(shape, 1, dtype)


@none_is_default
def eye(
    numRows: int,
    numColumns: int | None = None,
    batchShape: Sequence[int] | None = None,
    dtype: str = "float32",
) -> Tensor:
    """An identity matrix [numRows, numColumns], repeated to [*batchShape, numRows, numColumns]."""
    n, columns = as_sizes([numRows, numRows if numColumns is None else numColumns], "eye")
    matrix = _core.ops.eye(n, columns, dtype)
    if batchShape:
        return _core.ops.broadcastTo(matrix, [*as_sizes(batchShape, "eye"), n, columns])
    return matrix


def fromDLPack(x: Any) -> Tensor:
    """A tensor with a copy of an array of another library on the CPU, through DLPack."""
    return _core.tensor_from_dlpack(x)


def print(x: Any, verbose: bool = False) -> None:
    """Prints a tensor, with its dtype, rank and shape where verbose."""
    _builtin_print(x.toString(verbose) if isinstance(x, _core.Tensor) else x)


# ---- methods of Tensor -----------------------------------------------------------------------------------


def _to_string(self: Tensor, verbose: bool = False) -> str:
    """The tensor's values as text, in TensorFlow.js' layout."""
    from .formatting import tensor_to_string

    return tensor_to_string(self, verbose)


def _represent(self: Tensor) -> str:
    if self.isDisposed:
        return f"<disposed Tensor #{self.id}, shape {list(self.shape)}, {self.dtype}>"
    if self._is_symbolic:
        return f"<traced Tensor, shape {list(self.shape)}, {self.dtype}>"
    return _to_string(self)


def _html(self: Tensor) -> str:
    from .notebook.tables import tensor_html

    return tensor_html(self)


def _print(self: Tensor, verbose: bool = False) -> None:
    """Prints the tensor's values, with dtype, rank and shape where verbose."""
    _builtin_print(_to_string(self, verbose))


def _array_sync(self: Tensor) -> Any:
    """The values as nested lists; a plain value for a scalar."""
    return self._to_list()


def _data_sync(self: Tensor) -> Any:
    """The values in row-major order: a read-only memoryview, or a list of strings."""
    if self.dtype == "string":
        return self._to_flat_list()
    return memoryview(_core.ops.reshape(self, [self.size]))


def _array(self: Tensor) -> Promise[Any]:
    """A Promise of arraySync()."""
    from .promises import Promise

    return Promise.resolve(self._to_list())


def _data(self: Tensor) -> Promise[Any]:
    """A Promise of dataSync()."""
    from .promises import Promise

    return Promise.resolve(_data_sync(self))


def _numpy_array(self: Tensor, dtype: Any = None, copy: bool | None = None) -> Any:
    import numpy

    if self.dtype == "string":
        values = numpy.array(self._to_flat_list(), dtype=object).reshape(self.shape)
    else:
        values = numpy.asarray(memoryview(self))
    if dtype is not None and values.dtype != dtype:
        if copy is False:
            raise ValueError(f"A {self.dtype} tensor cannot be seen as {dtype} without a copy.")
        return values.astype(dtype)
    return values.copy() if copy else values


def _iterate(self: Tensor) -> Iterator[Tensor]:
    if self.rank == 0:
        raise TypeError("A scalar tensor cannot be iterated over.")
    return iter(_core.ops.unstack(self))


def _index(self: Tensor, key: Any) -> Tensor:
    from .indexing import index

    return index(self, key)


def _as_type(self: Tensor, dtype: str) -> Tensor:
    """The tensor with another dtype."""
    return _core.ops.cast(self, dtype)


def _flatten(self: Tensor) -> Tensor:
    """The tensor with all dimensions made one."""
    return _core.ops.reshape(self, [self.size])


def _as_scalar(self: Tensor) -> Tensor:
    """A tensor with one element as a scalar."""
    if self.size != 1:
        raise ValueError("The array must have only 1 element.")
    return _core.ops.reshape(self, [])


def _as_variable(
    self: Tensor, trainable: bool = True, name: str | None = None, dtype: str | None = None
) -> Variable:
    """A variable that starts with this value."""
    return _core.Variable(self, trainable, name, dtype)


def _throw_if_disposed(self: Tensor) -> None:
    """Raises RuntimeError when the tensor is disposed."""
    _core.identity(self)


# How memoryview calls the elements of a dtype.
_FORMATS: dict[str, Any] = {"float32": "f", "int32": "i", "bool": "?"}


def _reduce(self: Tensor) -> Any:
    _core.identity(self)
    values = bytes(memoryview(self)) if self.dtype in _FORMATS else self._to_flat_list()
    return _restore, (values, self.shape, self.dtype)


def _restore(values: bytes | list[Any], shape: Sequence[int], dtype: str) -> Tensor:
    flat = memoryview(values).cast(_FORMATS[dtype]) if isinstance(values, bytes) else values
    return _core.tensor(flat, shape, dtype)


def _reduce_variable(self: Variable) -> Any:
    raise TypeError(
        "A variable cannot be pickled or copied: its name is unique. Use variable.clone() for its value."
    )


def _deep_copy(self: Tensor, memo: Any) -> Tensor:
    return _core.ops.clone(self)


def _missing(self: Tensor, name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(name)
    from .errors import MissingName

    raise MissingName(name, type(self))


name_arguments(globals(), ("eye", "ones", "zeros"))


def _attach() -> None:
    methods: dict[str, Any] = {
        "toString": _to_string, "__repr__": _represent, "_repr_html_": _html, "print": _print,
        "arraySync": _array_sync,
        "dataSync": _data_sync, "array": _array, "data": _data, "__array__": _numpy_array,
        "__iter__": _iterate,
        "__getattr__": _missing,
        "__getitem__": _index, "asType": _as_type, "flatten": _flatten, "as1D": _flatten,
        "asScalar": _as_scalar,
        "variable": _as_variable, "throwIfDisposed": _throw_if_disposed, "__reduce__": _reduce,
        "__deepcopy__": _deep_copy,
    }  # fmt: skip
    for name, method in methods.items():
        setattr(_core.Tensor, name, border(method))
    setattr(_core.Variable, "__reduce__", _reduce_variable)  # noqa: B010


_attach()
