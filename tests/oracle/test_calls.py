"""Random calls of every function, compared with TensorFlow.js: values, gradients, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import lamina as tf
from support.oracle import TfjsError

from . import asking, exclusions
from .description import FUNCTIONS, descriptions, function
from .draw import Draw
from .spoil import spoiled

VALID, REFUSED = 30, 10
EXCLUSIONS = 50
# TensorFlow.js makes something of whatever it is given.
TAKES_ANYTHING = {"enclosingPowerOfTwo", "print"}
SHOWN = 4  # of the differences of one function
ERRORS = (ValueError, TypeError, RuntimeError, MemoryError)
DESCRIBED = descriptions()
THERE = [name for name in FUNCTIONS if callable(function(name))]


def test_every_function_is_described():
    assert [name for name in THERE if name not in DESCRIBED] == []
    assert [name for name in DESCRIBED if name not in FUNCTIONS] == []


def told(name: str, index: int, seed: int, arguments: list[Any]) -> str:
    return f"tf.{name}, call {index} of seed {seed}: {outline(arguments)}"


def outline(value: Any) -> Any:
    """Arguments with types and shapes in place of arrays."""
    if isinstance(value, dict):
        return {k: outline(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [outline(v) for v in value]
    return f"{value.dtype}{list(value.shape)}" if isinstance(value, np.ndarray) else value


def difference(ours: Any, theirs: Any, tolerance: float, at_least: float = 0.01) -> str:
    """What is not the same; nothing if all is.

    The tolerance is relative to the largest value, or to `at_least`: the terms of sums may cancel and leave
    their rounding behind, those of gradients above all.
    """
    if not isinstance(theirs, np.ndarray):
        same = type(ours) is type(theirs) and ours == theirs
        if isinstance(theirs, (int, float)) and not isinstance(theirs, bool):
            same = ours == pytest.approx(theirs, rel=tolerance)
        return "" if same else f"{ours!r} and {theirs!r}"
    ours = np.asarray(ours)
    if (ours.dtype, ours.shape) != (theirs.dtype, theirs.shape):
        return f"{ours.dtype}{list(ours.shape)} and {theirs.dtype}{list(theirs.shape)}"
    if theirs.dtype.kind in "fc":
        largest = float(np.abs(theirs[np.isfinite(theirs)]).max(initial=at_least))
        same = np.allclose(ours, theirs, rtol=0, atol=tolerance * largest, equal_nan=True)
    else:
        same = np.array_equal(ours, theirs)
    return "" if same else f"values {shown(ours)} and {shown(theirs)}"


def shown(values: np.ndarray) -> str:
    return " ".join(np.array2string(values, precision=6, threshold=8, edgeitems=3).split())


class Asked:
    """The calls of one function that are valid, with both results."""

    def __init__(self, tfjs: Any, name: str, seed: int) -> None:
        self.described = DESCRIBED[name]
        self.name, self.seed = name, seed
        self.calls = [self.described.arguments(seed, i) for i in range(VALID)]
        self.tfjs = tfjs
        self.answers = tfjs.batch([self.question("op", call) for call in self.calls])

    def question(self, kind: str, call: list[Any], **fields: Any) -> tuple[str, dict[str, Any]]:
        name = self.described.js or self.name
        return kind, {"name": name, "args": [asking.for_js(a) for a in call], **fields}

    def where(self, index: int) -> str:
        return told(self.name, index, self.seed, self.calls[index])


@pytest.mark.parametrize("name", THERE)
def test_values_and_gradients(tfjs, oracle_seed, name):
    asked = Asked(tfjs, name, oracle_seed)
    described = asked.described
    wrong: list[str] = []
    differentiated: list[tuple[int, Any, Any]] = []
    for index, (call, answer) in enumerate(zip(asked.calls, asked.answers, strict=True)):
        where = asked.where(index)
        draw = Draw(oracle_seed, 3, index)
        try:
            ours = asking.values_of(asking.call(described, [asking.for_us(a, draw) for a in call], draw))
        except ERRORS as error:
            wrong.append(f"{where}: refused, {error}; TensorFlow.js says {answer}")
            continue
        if not exclusions.exclusion(name, "value", call):
            if isinstance(answer, TfjsError):
                wrong.append(f"{where}: TensorFlow.js refuses it, {answer}")
                continue
            theirs = asking.values_of(answer)
            if [path for path, _ in ours] != [path for path, _ in theirs]:
                wrong.append(f"{where}: {ours} and {theirs}")
                continue
            for (path, mine), (_, wanted) in zip(ours, theirs, strict=True):
                if found := difference(mine, wanted, described.tolerance):
                    wrong.append(f"{where} {path or ''}: {found}")
        paths = asking.real_paths(call, described.wrt)
        dys = {path: draw.real(y.shape) for path, y in ours if getattr(y, "dtype", None) == np.float32}
        if (
            paths
            and dys
            and not exclusions.exclusion(name, "gradient", call)
            and not isinstance(answer, TfjsError)
        ):
            order = [dys.get(path) for path, _ in asking.leaves(answer)]
            question = asked.question("grad", call, wrt=[list(p) for p in paths], dy=order)
            differentiated.append((index, question, (paths, dys)))
    answers = tfjs.batch([question for _, question, _ in differentiated])
    for (index, _, (paths, dys)), answer in zip(differentiated, answers, strict=True):
        where = asked.where(index)
        if isinstance(answer, TfjsError):
            wrong.append(f"{where}: TensorFlow.js has no gradient, {answer}")
            continue
        grads = asking.gradients(described, asked.calls[index], paths, dys)
        for path, mine, wanted in zip(paths, grads, answer["grads"], strict=True):
            if found := different_gradients(mine, wanted, described.tolerance):
                wrong.append(f"gradient of {where} by {path}: {found}")
    assert not wrong, "\n".join([f"{len(wrong)} differ, ours first:", *wrong[:SHOWN]])


def different_gradients(ours: Any, theirs: Any, tolerance: float) -> str:
    """None is as good as zeros."""
    if ours is None or theirs is None:
        known = ours if theirs is None else theirs
        return "" if known is None or not np.any(known) else f"{ours} and {theirs}"
    return difference(ours, theirs.astype(np.float32), tolerance, at_least=1.0)


@pytest.mark.parametrize("name", THERE)
def test_refusals(tfjs, oracle_seed, name):
    described = DESCRIBED[name]
    calls = list(spoiled(described, oracle_seed))
    js = described.js or name
    answers = tfjs.batch(
        [("op", {"name": js, "args": [asking.for_js(a) for a in call]}) for call in calls], values=False
    )
    refused = 0
    taken = []
    for index, (call, answer) in enumerate(zip(calls, answers, strict=True)):
        error = refusal(described, call)
        if (
            not isinstance(answer, TfjsError)
            or exclusions.no_kernel(answer)
            or exclusions.exclusion(name, "refusal", call)
        ):
            continue
        if error is None:
            taken.append(f"{told(name, index, oracle_seed, call)}\n    TensorFlow.js says {answer}")
        else:
            refused += 1
            assert len(error) > 12, error
    assert not taken, "\n".join(["taken, though TensorFlow.js refuses:", *taken[:SHOWN]])
    assert refused >= (0 if name in TAKES_ANYTHING else REFUSED), f"{name}: only {refused} calls were refused"


def refusal(described: Any, call: list[Any]) -> str | None:
    """The words of the error; any other than those of bad input goes through."""
    try:
        asking.call(described, [asking.for_us(a) for a in call])
    except ERRORS as error:
        return str(error)
    return None


def test_a_disposed_tensor_is_refused_with_its_name():
    x = tf.tensor([1.0])
    x.dispose()
    with pytest.raises(RuntimeError, match=r"disposed.*'x' of 'abs'"):
        tf.abs(x)


def test_exclusions_are_counted():
    """A new exclusion is a visible change, and each one has its reason."""
    assert len(exclusions.TABLE) == EXCLUSIONS
    assert all(len(entry.reason) > 20 for entry in exclusions.TABLE)
    assert {name for entry in exclusions.TABLE for name in entry.names.split()} <= set(FUNCTIONS)


def test_no_exclusion_is_idle():
    """Each stands for calls that are drawn; none hides what it was not made for."""

    def calls(name: str, what: str) -> Iterator[list[Any]]:
        for seed in range(6):
            if what == "refusal":
                yield from spoiled(DESCRIBED[name], seed)
            else:
                yield from (DESCRIBED[name].arguments(seed, i) for i in range(VALID))

    for entry in exclusions.TABLE:
        names = [name for name in entry.names.split() if name in THERE]
        assert any(exclusions.covers(entry, name, call) for name in names for call in calls(name, entry.what))
