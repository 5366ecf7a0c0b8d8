"""What users give as x and y, made into one tensor for each input or output, and checked.

The messages are those of TensorFlow.js (tfjs-layers/src/engine/training.ts).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .. import _core

__all__ = [
    "Rows",
    "check_batch_size",
    "check_lengths",
    "check_targets",
    "standardize",
    "standardize_for_predict",
]

Shape = tuple[int | None, ...]


Rows = _core.Rows


def _as_data(value: Any, in_place: bool) -> Any:
    """A tensor (or Rows) of a value. Unless it is read `in_place`, it holds what the value is now: later
    changes do not show.
    """
    if isinstance(value, _core.Tensor):
        return value.clone()
    if isinstance(value, Rows):
        return value
    rows = _core.rows(value, in_place)
    return rows if rows is not None else _core.tensor(value)


def _is_array(value: Any) -> bool:
    """A value that is one array in itself, whatever its form."""
    return isinstance(value, (_core.Tensor, Rows)) or hasattr(value, "shape") or hasattr(value, "__array__")


def _described(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_described(item) for item in value)}]"
    shape = getattr(value, "shape", None)
    return f"{type(value).__name__} {list(shape)}" if shape is not None else repr(value)[:60]


def split_up(data: Any, names: Sequence[str], rank: int | None, kind: str) -> list[Any]:
    """One value for each name, from a single value, a list, or a dict by name."""
    if isinstance(data, Mapping):
        for name in names:
            if data.get(name) is None:
                raise ValueError(
                    f'No data provided for "{name}". Need data for each key in: {",".join(names)}'
                )
        unknown = [key for key in data if key not in names]
        if unknown:
            raise ValueError(
                f'No {kind} of the model is called "{unknown[0]}". Its names are: {",".join(names)}'
            )
        return [data[name] for name in names]
    if isinstance(data, (list, tuple)) and _is_list_of_arrays(data, len(names), rank):
        if len(data) != len(names):
            raise ValueError(
                f"Error when checking model {kind}: the Array of Tensors that you are passing to your model "
                f"is not the size the model expected. Expected to see {len(names)} Tensor(s), but instead "
                f"got the following list of Tensor(s): {_described(data)}"
            )
        return list(data)
    if len(names) > 1:
        shape = getattr(data, "shape", None)
        raise ValueError(
            f"The model {kind} expects {len(names)} Tensor(s), but only received one Tensor. "
            f"Found: Tensor with shape {'?' if shape is None else ','.join(map(str, shape))}"
        )
    return [data]


def _is_list_of_arrays(data: Sequence[Any], count: int, rank: int | None) -> bool:
    """Whether a list means several arrays. A list of plain numbers or lists is one array for a model of one
    input.
    """
    if count > 1:
        return True
    if any(isinstance(item, _core.Tensor) for item in data):
        return True
    if len(data) != 1 or not _is_array(data[0]):
        return False
    own = len(data[0].shape) if hasattr(data[0], "shape") else None
    return rank is None or own is None or own == rank or (own == 1 and rank == 2)


def at_least_rank_2(array: Any) -> Any:
    """A batch of numbers becomes a batch of rows of one number."""
    rank = len(array.shape)
    if rank == 0:
        raise ValueError("Expected tensor to be at least 1D, but received a 0D tensor (scalar).")
    if rank > 1:
        return array
    if isinstance(array, Rows):
        return array.as_column()
    return _core.ops.expandDims(array, 1)


def _js(shape: Sequence[int | None]) -> str:
    from json import dumps

    return dumps(list(shape), separators=(",", ":"))


def _joined(shape: Sequence[int | None]) -> str:
    return ",".join("" if size is None else str(size) for size in shape)


def standardize(
    data: Any, names: Sequence[str], shapes: Sequence[Shape | None], kind: str, in_place: bool = False
) -> list[Any]:
    """x ("input") or y ("target") for fit, evaluate and trainOnBatch: tensors or Rows of rank 2 or more, one
    for each name. `in_place`: arrays are read where they are, while the caller waits.
    """
    if not names:
        if data is None or (isinstance(data, (list, tuple, dict)) and not data):
            return []
        raise ValueError(f"Error when checking model {kind} expected no data, but got {_described(data)}")
    if data is None:
        raise ValueError(f'No data provided for "{names[0]}". Need data for each key in: {",".join(names)}')
    rank = None if shapes[0] is None else len(shapes[0])
    arrays = [at_least_rank_2(_as_data(value, in_place)) for value in split_up(data, names, rank, kind)]
    for name, shape, array in zip(names, shapes, arrays, strict=True):
        if shape is None:
            continue
        got = array.shape
        if len(got) != len(shape):
            raise ValueError(
                f"Error when checking {kind}: expected {name} to have {len(shape)} dimension(s). "
                f"but got array with shape {_joined(got)}"
            )
        if any(want is not None and want != have for want, have in zip(shape[1:], got[1:], strict=True)):
            raise ValueError(
                f"{kind} expected a batch of elements where each example has shape [{_joined(shape[1:])}] "
                f"(i.e.,tensor shape [*,{_joined(shape[1:])}]) but the {kind} received an input with "
                f"{got[0]} examples, each with shape [{_joined(got[1:])}] (tensor shape [{_joined(got)}])"
            )
    return arrays


def standardize_for_predict(
    data: Any,
    names: Sequence[str],
    shapes: Sequence[Shape | None],
    check_batch: bool,
    raise_rank: bool = True,
) -> list[Any]:
    """x for predict, read in place; its messages differ from those of fit in TensorFlow.js too."""
    if data is None:
        raise ValueError(f'No data provided for "{names[0]}". Need data for each key in: {",".join(names)}')
    rank = None if shapes[0] is None else len(shapes[0])
    values = split_up(data, names, rank, "input")
    arrays = [_as_data(value, True) for value in values]
    if raise_rank:
        arrays = [at_least_rank_2(array) for array in arrays]
    for name, shape, array in zip(names, shapes, arrays, strict=True):
        if shape is None:
            continue
        got = array.shape
        if len(got) != len(shape):
            raise ValueError(
                f"Error when checking : expected {name} to have {len(shape)} dimension(s), "
                f"but got array with shape {_js(got)}"
            )
        first = 0 if check_batch else 1
        pairs = zip(shape[first:], got[first:], strict=True)
        if any(want is not None and want != have for want, have in pairs):
            raise ValueError(
                f"Error when checking : expected {name} to have shape {_js(shape)} but got array with shape "
                f"{_js(got)}."
            )
    return arrays


def check_lengths(inputs: Sequence[Any], targets: Sequence[Any]) -> None:
    """All inputs and targets have the same number of samples."""
    lengths = {array.shape[0] for array in inputs}
    if len(lengths) > 1:
        shapes = ",".join(_js(array.shape) for array in inputs)
        raise ValueError(
            f"All input Tensors (x) should have the same number of samples. Got array shapes: [{shapes}]"
        )
    target_lengths = {array.shape[0] for array in targets}
    if len(target_lengths) > 1:
        shapes = ",".join(_js(array.shape) for array in targets)
        raise ValueError(
            f"All target Tensors (y) should have the same number of samples. Got array shapes: [{shapes}]"
        )
    if lengths and target_lengths and lengths != target_lengths:
        raise ValueError(
            "Input Tensors should have the same number of samples as target Tensors. "
            f"Found {lengths.pop()} input sample(s) and {target_lengths.pop()} target sample(s)."
        )


def check_targets(targets: Sequence[Any], functions: Sequence[Any], shapes: Sequence[Shape]) -> None:
    """Targets fit the losses that are known to need a certain shape."""
    from ..objectives import binaryCrossentropy, categoricalCrossentropy, meanSquaredError

    same_shape = (meanSquaredError, binaryCrossentropy, categoricalCrossentropy)
    for y, loss, shape in zip(targets, functions, shapes, strict=True):
        if loss is categoricalCrossentropy and y.shape[-1] == 1:
            raise ValueError(
                f"You are passing a target array of shape {_joined(y.shape)} while using a loss "
                "'categorical_crossentropy'. 'categorical_crossentropy' expects targets to be binary "
                "matrices (1s and 0s) of shape [samples, classes]. For class indices use the loss "
                "'sparseCategoricalCrossentropy'."
            )
        if loss in same_shape:
            for target, output in zip(y.shape[1:], shape[1:], strict=False):
                if output is not None and target != output:
                    raise ValueError(
                        f"A target Tensor with shape {_joined(y.shape)} was passed for an output of shape "
                        f"{_joined(shape)}, while using a loss function that expects targets to have the "
                        "same shape as the output."
                    )


def check_batch_size(batchSize: Any) -> int:
    """The batch size of a config. Raises ValueError unless it is a positive integer."""
    if batchSize is None:
        return 32
    if isinstance(batchSize, bool) or not hasattr(batchSize, "__index__") or batchSize <= 0:
        raise ValueError(f"batchSize is required to be a positive integer, but got {batchSize}")
    return int(batchSize)
