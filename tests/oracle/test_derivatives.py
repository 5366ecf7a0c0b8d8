"""Both derivatives of every function at random calls, in double, against differences."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
import pytest

from ops import derivatives

from . import asking
from .description import FUNCTIONS, descriptions, function
from .draw import Draw

CALLS = 4
DESCRIBED = descriptions()
THERE = [name for name in FUNCTIONS if callable(function(name))]
NOT_BY_DIFFERENCES = {
    "raggedRange": "the size of its result depends on its values",
    "unique": "equal values become one",
    "variable": "a variable begins anew, as in TensorFlow.js",
}
# At least so many functions have real inputs and real results, a few less where the draw is unlucky.
FUNCTIONS_CHECKED = 160


def cases(name: str, seed: int) -> list[tuple[Any, list[np.ndarray]]]:
    """Functions of real tensors, each with a point; those without real inputs or outputs are left out."""
    found = []
    for index in range(CALLS):
        draw = Draw(seed, 5, zlib.crc32(name.encode()), index, ties=False)
        arguments = DESCRIBED[name].draw(draw)
        paths = asking.real_paths(arguments, None)
        points = [np.asarray(asking.at(arguments, path), np.float64) for path in paths]
        f = of_reals(name, arguments, paths)
        if any(x.size for x in points) and f(*derivatives.to_tensors(points)):
            found.append((f, points))
    return found


def of_reals(name: str, arguments: list[Any], paths: list[Any]) -> Any:
    def f(*xs: Any) -> list[Any]:
        values = asking.for_us(arguments)
        for path, x in zip(paths, xs, strict=True):
            values = asking.replaced(values, path, x)
        outputs = [y for _, y in asking.outputs_of(asking.call(DESCRIBED[name], values))]
        return [y for y in outputs if getattr(y, "dtype", "") == "float64"]

    return f


@pytest.mark.parametrize("name", [name for name in THERE if name not in NOT_BY_DIFFERENCES])
def test_differences(oracle_seed, name):
    for f, points in cases(name, oracle_seed):
        derivatives.check(f, points, tries=1, tolerance=1e-6)


def test_how_many_are_checked(oracle_seed):
    checked = [name for name in THERE if name not in NOT_BY_DIFFERENCES and cases(name, oracle_seed)]
    assert len(checked) >= FUNCTIONS_CHECKED
