"""Cases computed by TensorFlow.js and Keras: files of JSON beside the repository, or where LAMINA_CASES says.

Each file is `{"format": "lamina-oracle-1", "source": ..., "cases": [...]}`; an array in it is
`{"shape", "dtype", "data"}`. Every second case of what they were drawn from is there.
"""

from __future__ import annotations

import functools
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

Case = dict[str, Any]
ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("LAMINA_CASES") or ROOT.parent / "shared" / "oracle")
MISSING = "there are no cases: LAMINA_CASES names the folder that holds tfjs and keras"


def there(source: str) -> bool:
    return (FOLDER / source).is_dir()


def cases(source: str, file: str) -> Iterator[Case]:
    """The cases of one file of "tfjs" or "keras", arrays as NumPy's."""
    path = FOLDER / source / f"{file}.json"
    for case in json.loads(path.read_text(encoding="utf-8"))["cases"]:
        yield arrays_in(case)


def arrays_in(value: Any) -> Any:
    if isinstance(value, dict):
        if value.keys() >= {"shape", "dtype", "data"}:
            dtype = {"bool": bool, "string": object}.get(value["dtype"], value["dtype"])
            data = [float(x) if isinstance(x, str) and dtype is not object else x for x in value["data"]]
            return np.array(data, dtype).reshape(value["shape"])
        return {key: arrays_in(each) for key, each in value.items()}
    return [arrays_in(each) for each in value] if isinstance(value, list) else value


class Differs(Exception):
    """What is not as it was computed."""


def outcome(case: Case, run: Callable[[Case], None]) -> str:
    """ "agrees", "later" where it needs what there is not yet, or what is wrong."""
    try:
        run(case)
    except Differs as difference:
        return str(difference)
    except AttributeError as error:
        return "later" if " yet" in str(error) else f"AttributeError: {error}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "agrees"


@functools.cache
def tally(source: str, file: str) -> tuple[dict[str, int], tuple[str, ...]]:
    """How many cases of a file agree, are listed as different, or need what there is not yet; and what is
    wrong.
    """
    from . import keras, parts
    from .differences import KERAS, TFJS

    run, listed = {"tfjs": (parts.run, TFJS), "keras": (keras.run, KERAS)}[source]
    counts: Counter[str] = Counter()
    wrong = []
    for case in cases(source, file):
        name, found = case["id"], outcome(case, run)
        if name in listed and found != "agrees":
            counts["listed"] += 1
        elif found in ("agrees", "later"):
            counts[found] += 1
            if name in listed:
                wrong.append(f"{name}: agrees, though it is listed")
        else:
            wrong.append(f"{name} {case.get('config')}: {found}")
    return dict(counts), tuple(wrong)


def files(source: str) -> list[str]:
    return sorted(path.stem for path in (FOLDER / source).glob("*.json"))


def same(what: str, ours: Any, theirs: Any, tolerance: float = 1e-5) -> None:
    """Raises Differs unless numbers agree within the tolerance of the largest one, or of 1."""
    if isinstance(theirs, list):
        if len(ours) != len(theirs):
            raise Differs(f"{what}: {len(ours)} values, not {len(theirs)}")
        for i, (a, b) in enumerate(zip(ours, theirs, strict=True)):
            same(f"{what} {i}", a, b, tolerance)
        return
    if theirs is None or ours is None:
        # A gradient of zeros may be none at all.
        other = theirs if ours is None else ours
        if other is not None and np.any(np.asarray(other)):
            raise Differs(f"{what}: one of them is missing")
        return
    a, b = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    if a.shape != b.shape:
        raise Differs(f"{what}: shape {list(a.shape)}, not {list(b.shape)}")
    known = np.isfinite(b)
    if not np.array_equal(a[~known], b[~known], equal_nan=True):
        raise Differs(f"{what}: other values that are not finite")
    with np.errstate(invalid="ignore"):
        error = np.abs(a - b)[known].max(initial=0)
    scale = max(1.0, np.abs(b[known]).max(initial=0))
    if not error <= tolerance * scale:
        raise Differs(f"{what}: off by {error / scale:.1e}")
