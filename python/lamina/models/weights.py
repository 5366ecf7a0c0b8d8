"""Which weight of a file belongs to which weight of a model."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..errors import LaminaWarning

__all__ = ["load_weights", "named_weights"]

# Parts of paths that Keras 3 adds and that name nothing.
FILLERS = ("vars", "layers", "layer_checkpoint_dependencies")


def load_weights(model: Any, values: Mapping[str, Any], strict: bool = True) -> None:
    """Assigns tensors by the names they have in a file.

    A name is matched as it is; without the cell of a recurrent layer ("lstm/lstm_cell/kernel"); without
    models it is nested in ("sequential/dense/kernel"); as a number within its layer ("dense/0"). Where no
    name fits but all shapes do, in order, the order decides, with a warning.

    Raises ValueError, before anything is assigned, for values without a weight and weights without a value
    (unless `strict` is off: then a warning names them), and for shapes that differ.
    """
    targets = named_weights(model)
    found = _match(model, targets, values)
    if not found and values and _same_shapes(in_order := _in_order(model), values):
        found = dict(zip(values, in_order, strict=True))
        warnings.warn(
            "No weight name of the file is known in the model; as number and shapes agree, they are taken "
            "in order: " + ", ".join(f"{name} -> {weight.originalName}" for name, weight in found.items()),
            LaminaWarning,
            stacklevel=3,
        )
    _check_complete(targets, values, found, strict)
    for name, weight in found.items():
        if tuple(values[name].shape) != tuple(weight.shape):
            raise ValueError(
                f"Shape mismatch: {list(values[name].shape)} vs. {list(weight.shape)} for the weight {name}"
            )
    for name, weight in found.items():
        weight.write(values[name])


def named_weights(model: Any) -> dict[str, Any]:
    """The weights of a model and of the models in it by their names in files, in the order of the layers.

    A layer in an inner model may have the name of an outer one: of a name that is taken, the next weights
    get "_1", "_2" and so on. What is frozen does not change the names.
    """
    named: dict[str, Any] = {}
    seen: set[int] = set()
    for layer in _leaves(model):
        for weight in layer.weights:
            if id(weight) in seen:
                continue
            seen.add(id(weight))
            name = weight.originalName
            number = 0
            while name in named:
                number += 1
                name = f"{weight.originalName}_{number}"
            named[name] = weight
    return named


def _match(model: Any, targets: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    first = next(iter(values), "")
    if first.rpartition("/")[2].isdigit() and first not in targets:
        return _match_numbers(model, values)
    found: dict[str, Any] = {}
    free = dict(targets)
    # Exact names first, so that no guess takes the weight of another.
    for spellings in (lambda name: iter((name,)), _spellings):
        for name in values:
            if name not in found:
                hit = next((each for each in spellings(name) if each in free), None)
                if hit is not None:
                    found[name] = free.pop(hit)
    return {name: found[name] for name in values if name in found}


def _spellings(name: str) -> Iterator[str]:
    tokens = name.split(":", maxsplit=1)[0].split("/")
    for start in range(len(tokens) - 1):
        rest = tokens[start:]
        yield "/".join(rest)
        if len(rest) > 2:
            yield "/".join([*rest[:-2], rest[-1]])


def _match_numbers(model: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """Names such as "dense/0", the numbers counting the weights of one layer."""
    numbered: dict[str, list[Any]] = {}
    for layer in _leaves(model):
        for weight in layer.weights:
            for name in {weight.name, weight.originalName}:
                numbered.setdefault(name.rpartition("/")[0], layer.weights)
    found: dict[str, Any] = {}
    for name in values:
        *path, number = _plain(name)
        for start in range(len(path)):
            weights = numbered.get("/".join(path[start:]))
            if weights is not None and number.isdigit() and int(number) < len(weights):
                found[name] = weights[int(number)]
                break
    return found


def _plain(name: str) -> list[str]:
    tokens = [token.lstrip("_") for token in name.split("/")]
    return [token for token in tokens if token not in FILLERS]


def _leaves(model: Any) -> Iterator[Any]:
    for layer in model._unique_layers:
        if hasattr(layer, "run_with_masks"):
            yield from _leaves(layer)
        else:
            yield layer


def _in_order(model: Any) -> list[Any]:
    """As in files whose names are not to be trusted: of an inner model, what is frozen comes last."""
    weights = {
        id(weight): weight
        for layer in model._unique_layers
        for weight in (*layer.trainableWeights, *layer.nonTrainableWeights)
    }
    return list(weights.values())


def _same_shapes(weights: Sequence[Any], values: Mapping[str, Any]) -> bool:
    return [tuple(w.shape) for w in weights] == [tuple(value.shape) for value in values.values()]


def _check_complete(
    targets: Mapping[str, Any], values: Mapping[str, Any], found: Mapping[str, Any], strict: bool
) -> None:
    extra = [name for name in values if name not in found]
    taken = {id(weight) for weight in found.values()}
    missing = [name for name, weight in targets.items() if id(weight) not in taken]
    if not strict:
        if extra or missing:
            warnings.warn(
                f"Weights not loaded: without a weight in the model: {', '.join(extra) or 'none'}; "
                f"without a value in the file: {', '.join(missing) or 'none'}",
                LaminaWarning,
                stacklevel=4,
            )
        return
    if extra:
        note = f" (the model still lacks {', '.join(missing)})" if missing else ""
        raise ValueError(f"Provided weight data has no target variable: {extra[0]}{note}")
    if missing:
        raise ValueError(f"{len(missing)} of {len(targets)} weights are not set: {','.join(missing)}")
