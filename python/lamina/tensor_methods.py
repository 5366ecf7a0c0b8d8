"""Methods of Tensor that are functions of tf, or ops with arguments in another form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import _core
from .ops import moments
from .ops_evaluation import maxPoolWithArgmax, topk, unique
from .ops_matrices import euclideanNorm, norm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._core import Tensor
    from .promises import Promise
    from .tensor_buffer import TensorBuffer

__all__: list[str] = []

ops = _core.ops


def _as_2d(self: Tensor, rows: int, columns: int) -> Tensor:
    """The elements under the shape [rows, columns]."""
    return ops.reshape(self, [rows, columns])


def _as_3d(self: Tensor, rows: int, columns: int, depth: int) -> Tensor:
    """The elements under the shape [rows, columns, depth]."""
    return ops.reshape(self, [rows, columns, depth])


def _as_4d(self: Tensor, rows: int, columns: int, depth: int, depth2: int) -> Tensor:
    """The elements under the shape [rows, columns, depth, depth2]."""
    return ops.reshape(self, [rows, columns, depth, depth2])


def _as_5d(  # noqa: PLR0917 - the positions are TensorFlow.js'
    self: Tensor, rows: int, columns: int, depth: int, depth2: int, depth3: int
) -> Tensor:
    """The elements under the shape [rows, columns, depth, depth2, depth3]."""
    return ops.reshape(self, [rows, columns, depth, depth2, depth3])


def _reshape_as(self: Tensor, x: Tensor) -> Tensor:
    """The elements under the shape of x."""
    return ops.reshape(self, list(x.shape))


def _to_bool(self: Tensor) -> Tensor:
    """The tensor as bool."""
    return ops.cast(self, "bool")


def _to_float(self: Tensor) -> Tensor:
    """The tensor as float32."""
    return ops.cast(self, "float32")


def _to_int(self: Tensor) -> Tensor:
    """The tensor as int32."""
    return ops.cast(self, "int32")


def _with_self(self: Tensor, others: Tensor | Sequence[Tensor]) -> list[Any]:
    return [self, others] if isinstance(others, _core.Tensor) else [self, *others]


def _concat(self: Tensor, tensors: Tensor | Sequence[Tensor], axis: int = 0) -> Tensor:
    """This tensor and others one behind another along the axis."""
    return ops.concat(_with_self(self, tensors), axis)


def _stack(self: Tensor, x: Tensor | Sequence[Tensor], axis: int = 0) -> Tensor:
    """This tensor and others put together along a new axis."""
    return ops.stack(_with_self(self, x), axis)


def _where(self: Tensor, condition: Tensor, x: Tensor) -> Tensor:
    """This tensor's elements where the condition holds, those of x elsewhere."""
    return ops.where(condition, self, x)


def _bytes(self: Tensor) -> Promise[Any]:
    """A Promise of the tensor's bytes; of strings, a list of the bytes of each."""
    from .promises import Promise

    if self.dtype == "string":
        return Promise.resolve([value.encode() for value in self._to_flat_list()])
    return Promise.resolve(bytes(memoryview(ops.reshape(self, [self.size]))))


def _buffer_sync(self: Tensor) -> TensorBuffer:
    """A TensorBuffer with the tensor's values."""
    from .tensor_buffer import TensorBuffer

    return TensorBuffer(self.shape, self.dtype, self._to_flat_list())


def _buffer(self: Tensor) -> Promise[TensorBuffer]:
    """A Promise of bufferSync()."""
    from .promises import Promise

    return Promise.resolve(_buffer_sync(self))


def _resize_bilinear(
    self: Tensor,
    newShape2D: Sequence[int],
    alignCorners: bool = False,
    halfPixelCenters: bool = False,
) -> Tensor:
    """Images of the size [height, width]: tf.image.resizeBilinear."""
    return ops.resizeBilinear(self, newShape2D, alignCorners, halfPixelCenters)


def _resize_nearest_neighbor(
    self: Tensor,
    newShape2D: Sequence[int],
    alignCorners: bool = False,
    halfFloatCenters: bool = False,
) -> Tensor:
    """Images of the size [height, width]: tf.image.resizeNearestNeighbor, whose halfPixelCenters is
    halfFloatCenters here.
    """
    return ops.resizeNearestNeighbor(self, newShape2D, alignCorners, halfFloatCenters)


def _data_to_gpu(self: Tensor, options: Any = None) -> Tensor:
    """A RuntimeError: there is no GPU. dataSync() and NumPy read the values."""
    raise RuntimeError(
        "dataToGPU: the values of a tensor are in the CPU's memory; dataSync(), arraySync() and "
        "numpy.asarray(tensor) read them."
    )


def _attach() -> None:
    methods: dict[str, Any] = {
        "as2D": _as_2d, "as3D": _as_3d, "as4D": _as_4d, "as5D": _as_5d, "buffer": _buffer,
        "bufferSync": _buffer_sync, "bytes": _bytes, "concat": _concat, "dataToGPU": _data_to_gpu,
        "euclideanNorm": euclideanNorm, "maxPoolWithArgmax": maxPoolWithArgmax, "moments": moments,
        "norm": norm, "reshapeAs": _reshape_as, "resizeBilinear": _resize_bilinear,
        "resizeNearestNeighbor": _resize_nearest_neighbor, "stack": _stack,
        "toBool": _to_bool, "toFloat": _to_float, "toInt": _to_int, "topk": topk, "unique": unique,
        "where": _where,
    }  # fmt: skip
    for name, method in methods.items():
        setattr(_core.Tensor, name, method)


_attach()
