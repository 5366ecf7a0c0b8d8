"""What a row of the op table is made of: domains that draw inputs, cases, rows, and how each is called."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from lamina import _core
from support.oracle import UNDEFINED, Js

Shape = tuple[int, ...]
Arrays = list[Any]  # arrays by input; a list of arrays where the op takes a list, None where left out


# ---- domains: what an input's values may be ----------------------------------------------------------------


@dataclass(frozen=True)
class Reals:
    """Uniform values; none nearer than 0.05 to a kink, and no two close together where `distinct`."""

    low: float = -2.0
    high: float = 2.0
    kinks: tuple[float, ...] = ()
    distinct: bool = False

    def draw(self, rng: np.random.Generator, shape: Shape) -> np.ndarray:
        size = int(np.prod(shape))
        values = rng.uniform(0, 1, size)
        if self.distinct:
            values = (rng.permutation(size) + 0.25 + 0.5 * values) / max(size, 1)
        values = (self.low + (self.high - self.low) * values).reshape(shape)
        for kink in self.kinks:
            near = np.abs(values - kink) < 0.05
            values = np.where(near, kink + np.where(values < kink, -0.1, 0.1), values)
        # Exact in float32, so that every level sees the same numbers.
        return values.astype(np.float32).astype(np.float64)


@dataclass(frozen=True)
class Indices:
    low: int
    high: int

    def draw(self, rng: np.random.Generator, shape: Shape) -> np.ndarray:
        return rng.integers(self.low, self.high, shape, dtype=np.int32)


@dataclass(frozen=True)
class Truths:
    def draw(self, rng: np.random.Generator, shape: Shape) -> np.ndarray:
        return rng.uniform(0, 1, shape) < 0.5


Domain = Reals | Indices | Truths


# ---- cases -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """Shapes by input and the attributes of one call."""

    shapes: tuple[Any, ...]
    attrs: dict[str, Any] = field(default_factory=dict)
    js: bool = True  # TensorFlow.js is asked
    js_grad: bool = True  # for its gradient as well
    grad: bool = True  # derivatives are compared with differences

    def but(self, **changes: Any) -> Case:
        return replace(self, **changes)

    def __str__(self) -> str:
        parts = [str(s).replace(" ", "") for s in self.shapes]
        return " ".join([*parts, *(f"{k}={v}".replace(" ", "") for k, v in self.attrs.items())])


def case(*shapes: Any, **attrs: Any) -> Case:
    return Case(shapes, attrs)


# ---- rows --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One op."""

    op: str
    kind: str  # its class in tolerances.py
    reference: Callable[..., Any]  # inputs as float64 (or int32, bool) arrays, attributes by keyword
    cases: Sequence[Case]
    inputs: Sequence[Domain] = (Reals(),)  # by slot; the last one serves all that follow
    smooth: Sequence[Domain] | None = None  # for derivatives, where `inputs` has kinks; likewise
    # How TensorFlow.js is asked: None by the same name; a string names another function, Js is one. "" means
    # not at all, which needs a note.
    js: str | Js | None = None
    js_grad: bool = True  # whether its gradient is right, and there
    js_second: bool = True  # whether its second derivative is
    # Of each input dtype the dtype of the result (a tuple of several results), or the error's class.
    dtypes: dict[str, Any] = field(default_factory=dict)
    second: bool = True  # whether there is a second derivative
    refuses_gradient: str = ""  # the words of the error where a gradient is asked for
    graded: int | None = None  # how many of the outputs have derivatives, where not all
    family: str = ""  # unary, binary, reduction: brings shapes and special values of its own
    special: Sequence[float] | None = None  # of a unary or binary op, where not the usual ones
    large: Case | None = None  # enough elements for several threads
    bad: Sequence[tuple[tuple[Any, ...], dict[str, Any], str]] = ()  # arguments, keywords, words of the error
    shares: bool = False  # the result shares its input's memory
    note: str = ""

    def __str__(self) -> str:
        return self.op

    @property
    def spec(self) -> dict[str, Any]:
        return _core.op(self.op).spec

    def domain(self, slot: int, smooth: bool = False) -> Domain:
        domains = self.smooth if smooth and self.smooth is not None else self.inputs
        return domains[min(slot, len(domains) - 1)]

    def draw(self, case: Case, smooth: bool = False) -> Arrays:
        """The inputs of a case: the same ones each time."""
        rng = np.random.default_rng(zlib.crc32(f"{self.op} {case}".encode()))

        def one(slot: int, shape: Any) -> Any:
            if shape is None:
                return None
            if isinstance(shape, np.ndarray):
                return shape
            if isinstance(shape, list):
                return [one(slot, s) for s in shape]
            return self.domain(slot, smooth).draw(rng, shape)

        return [one(slot, shape) for slot, shape in enumerate(case.shapes)]

    def call(self, inputs: Sequence[Any], case: Case) -> list[Any]:
        """The op's outputs as a list."""
        return outputs_of(_core.op(self.op)(*inputs, **case.attrs))

    def expected(self, inputs: Arrays, case: Case) -> list[np.ndarray]:
        return [np.asarray(y) for y in outputs_of(self.reference(*inputs, **case.attrs))]

    def js_arguments(self, inputs: Arrays, case: Case) -> list[Any]:
        """Inputs and attributes in the block's order, what is not given at the end left out."""
        rest = [case.attrs.get(a["name"], UNDEFINED) for a in self.spec["attrs"]]
        while rest and rest[-1] is UNDEFINED:
            rest.pop()
        return [*(single(x) for x in inputs), *rest]

    @property
    def js_name(self) -> str | Js:
        return self.op if self.js is None else self.js


def outputs_of(result: Any) -> list[Any]:
    return list(result) if isinstance(result, (list, tuple)) else [result]


def _each(f: Callable[[np.ndarray], Any]) -> Callable[[Any], Any]:
    def apply(x: Any) -> Any:
        if x is None:
            return None
        return [apply(part) for part in x] if isinstance(x, list) else f(x)

    return apply


# Inputs as float32 arrays, as float32 tensors, and as tensors of the reference level.
single = _each(lambda x: x.astype(np.float32) if x.dtype == np.float64 else x)
tensor = _each(lambda x: _core.tensor(x.astype(np.float32) if x.dtype == np.float64 else x))
reference = _each(lambda x: _core.reference_tensor(x) if x.dtype == np.float64 else _core.tensor(x))


def flat(inputs: Sequence[Any]) -> list[Any]:
    """All inputs in a row, those of lists included, those left out not."""
    found: list[Any] = []
    for x in inputs:
        found += flat(x) if isinstance(x, list) else [] if x is None else [x]
    return found


def refill(inputs: Sequence[Any], values: Sequence[Any]) -> list[Any]:
    """`inputs` with the members of flat(inputs) replaced."""
    # No function that calls itself: it would keep the tensors alive until the garbage is collected.
    rest = iter(values)
    return [
        [next(rest) for _ in x] if isinstance(x, list) else None if x is None else next(rest) for x in inputs
    ]
