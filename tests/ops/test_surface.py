"""The names of tf, with their parameters and defaults, are those of TensorFlow.js 4.22.

data/surface.json holds them as its declarations do: `name`, `name?` where it may be left out, `name=default`.
"""

from __future__ import annotations

import inspect
import json
import math
from pathlib import Path
from typing import Any

import pytest

import lamina as tf

SURFACE = json.loads((Path(__file__).parent.parent / "data" / "surface.json").read_text())
FUNCTIONS = {name: params for group in SURFACE["functions"].values() for name, params in group.items()}

# Methods whose parameters TensorFlow.js names otherwise than its function's; here the names are the same.
NAMED_LIKE_FUNCTIONS = {"clipByValue", "dot", "pool", "pow", "tile"}
# No signature: they are written in C++.
BUILT_IN = {"dispose"}

CONSTANTS = {
    "null": None, "true": True, "false": False, "{}": None, "Number.NEGATIVE_INFINITY": -math.inf,
    "Reduction.SUM_BY_NONZERO_WEIGHTS": 3, "hannWindow": tf.signal.hannWindow,
}  # fmt: skip


def exists(name: str) -> bool:
    owner: Any = tf
    for part in name.split("."):
        if not hasattr(owner, part):
            return False
        owner = getattr(owner, part)
    return callable(owner)


def found(name: str) -> Any:
    owner: Any = tf
    for part in name.split("."):
        owner = getattr(owner, part)
    return owner


def default_of(text: str) -> Any:
    return CONSTANTS[text] if text in CONSTANTS else json.loads(text.replace("'", '"').replace("=.", "=0."))


def plain(value: Any) -> Any:
    """A number in place of a list of one number."""
    if isinstance(value, (list, tuple)):
        return value[0] if len(set(value)) == 1 else list(value)
    return value


def test_nothing_is_missing():
    assert [name for name in FUNCTIONS if not exists(name)] == []
    assert sorted(name for name in SURFACE["methods"] if not hasattr(tf.Tensor, name)) == []


def compare(
    parameters: list[inspect.Parameter], declared: list[str], name: str, method: bool = False
) -> None:
    ours = {p.name: p for p in parameters}
    names = [each.lstrip(".").split("=")[0].rstrip("?") for each in declared]
    assert list(ours)[: len(names)] == names, name
    for text, each in zip(declared, names, strict=True):
        parameter = ours[each]
        if text.startswith("..."):
            assert parameter.kind is inspect.Parameter.VAR_POSITIONAL
        elif "=" in text:
            wanted = default_of(text.split("=", 1)[1])
            # None asks for the default, too.
            assert plain(parameter.default) == plain(wanted), f"{name}: {each}"
        elif text.endswith("?"):
            assert parameter.default is not inspect.Parameter.empty, f"{name}: {each}"
        elif not method and not any("=" in earlier for earlier in declared[: declared.index(text)]):
            assert parameter.default is inspect.Parameter.empty, f"{name}: {each}"
    for extra in list(ours.values())[len(names) :]:
        assert extra.default is not inspect.Parameter.empty, f"{name}: {extra.name}"


@pytest.mark.parametrize("name", list(FUNCTIONS))
def test_function(name):
    compare(list(inspect.signature(found(name)).parameters.values()), FUNCTIONS[name], name)


METHODS = [name for name in SURFACE["methods"] if name not in BUILT_IN]


@pytest.mark.parametrize("name", METHODS)
def test_method(name):
    method = getattr(tf.Tensor, name)
    if not callable(method):
        return
    parameters = list(inspect.signature(method).parameters.values())[1:]
    declared = SURFACE["methods"][name]
    if name in NAMED_LIKE_FUNCTIONS:
        assert len(parameters) == len(declared)
        return
    # A method may leave out what its function may.
    compare(parameters, declared, name, method=True)
