"""What is known of each function: how to draw its arguments. The files calls_*.py hold the descriptions."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import lamina as tf
from support.oracle import Js

from .draw import Draw

SURFACE = json.loads((Path(__file__).parent.parent / "data" / "surface.json").read_text())
# Everything TensorFlow.js' reference lists as an op, by name its parameters.
FUNCTIONS: dict[str, list[str]] = {
    name: [p.lstrip(".").split("=")[0].rstrip("?") for p in params]
    for group in SURFACE["functions"].values()
    for name, params in group.items()
}

Arguments = list[Any]
Drawing = Callable[[Draw], Arguments]


@dataclass(frozen=True)
class Description:
    name: str
    draw: Drawing
    # Calls that must fail, beside those that spoil.py makes of the valid ones.
    bad: Sequence[Drawing] = ()
    # How both are asked where it is not by the name alone.
    js: Js | None = None
    ours: Callable[..., Any] | None = None
    # Relative to the largest value.
    tolerance: float = 1e-5
    # Arguments (by place) that no call gets wrong: TensorFlow.js would compute without end.
    kept: Sequence[int] = ()
    # Of the arguments that are real, those (by place) that gradients are asked of; all if None.
    wrt: Sequence[int] | None = None

    def arguments(self, seed: int, index: int) -> Arguments:
        return self.draw(Draw(seed, zlib.crc32(self.name.encode()), index))


@dataclass
class Registry:
    by_name: dict[str, Description] = field(default_factory=dict)

    def add(self, names: str, draw: Drawing, **rest: Any) -> None:
        for name in names.split():
            assert name not in self.by_name, name
            self.by_name[name] = Description(name, draw, **rest)


_registry = Registry()
describe = _registry.add


def function(name: str) -> Any:
    """tf.NAME, or None where it is not there."""
    found: Any = tf
    for part in name.split("."):
        found = getattr(found, part, None)
    return found


def descriptions() -> dict[str, Description]:
    for path in sorted(Path(__file__).parent.glob("calls_*.py")):
        import_module(f".{path.stem}", __package__)
    return _registry.by_name
