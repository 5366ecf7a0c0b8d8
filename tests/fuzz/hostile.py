"""Objects and values that no function expects: their own code runs while somebody reads them."""

from __future__ import annotations

import array
import random
import types
from collections.abc import Callable
from typing import Any

import lamina as tf

NUMBERS: list[Any] = [
    *[0, 1, 2, 3, -1, -2, 5, 0.5, -0.0, 1.5, True, False, 1j, 1e-320, 1e38, 1e300],
    *[2**31 - 1, 2**31, -(2**31), 2**32, 2**40, 2**62, 2**63 - 1, -(2**63), 2**64, 10**400],
    *[float("nan"), float("inf"), -float("inf")],
]
TEXTS = [
    *["", "a", "relu", "same", "valid", "float32", "int32", "string", "bool", "NHWC"],
    *["\0", "\udc80", "é" * 99, "a,b"],
]
SHAPES = [
    *[[], [0], [1], [2], [3], [2, 3], [3, 2], [1, 4, 4, 2], [2, 2, 2, 1], [1, 2, 3, 4, 1]],
    *[[0, 3], [2**40, 0]],
]
ERRORS = [TypeError, ValueError, AttributeError, IndexError, StopIteration, MemoryError]


class Raises(Exception):
    """What the objects raise."""


class Around:
    """What the call at hand was given, for objects that reach for each other."""

    def __init__(self, draw: random.Random) -> None:
        self.draw = draw
        self.lists: list[list[Any]] = []
        self.tensors: list[Any] = []
        self.depth = 0

    def react(self) -> None:
        """Something that ought not to happen in the middle of a call."""
        kind = self.draw.randrange(9)
        if kind == 0:
            raise Raises
        if kind == 1 and self.lists:
            self.draw.choice(self.lists).clear()
        elif kind == 2 and self.lists:
            self.draw.choice(self.lists).extend([1] * self.draw.choice([1, 100]))
        elif kind == 3 and self.tensors:
            self.draw.choice(self.tensors).dispose()
        elif kind == 4 and self.lists:
            chosen = self.draw.choice(self.lists)
            chosen[:] = [None] * len(chosen)
        elif kind == 5 and self.depth < 2:
            # Another operation, with a scope and a tape of its own.
            self.depth += 1
            try:
                tf.tidy(lambda: tf.grad(tf.square)(tf.ones([3])).dataSync())
            finally:
                self.depth -= 1
        elif kind == 6:
            raise self.draw.choice(
                [TypeError, ValueError, AttributeError, IndexError, StopIteration, MemoryError]
            )

    def reading(self, *values: Any) -> Any:
        self.react()
        return self.draw.choice(values)


def hostile(around: Around) -> Any:
    """An object of a class of its own; most methods are there by chance."""
    draw = around.draw

    def method(*values: Any) -> Callable[..., Any]:
        def call(self: Any, *args: Any, **kwargs: Any) -> Any:
            return around.reading(*values, self) if draw.random() < 0.8 else values[0]

        return call

    data = array.array(draw.choice("fdibB"), [1, 2, 3])
    released = memoryview(b"abcd")
    released.release()
    strided = memoryview(array.array("f", range(8)))[::-2]
    interface = {"shape": (3,), "typestr": "<f4", "data": (0, True), "version": 3}
    candidates: dict[str, Any] = {
        "__array__": method(memoryview(data), [1.0, 2.0], 3.0, "a", None, strided, released),
        "__len__": method(3, 0, 2**40, -1, "x"),
        "__getitem__": method(1.0, 2, [1.0, 2.0], "a", None),
        "__index__": method(2, 1, 0, 2**70, -1, "x"),
        "__float__": method(1.5, float("nan"), 2, "x"),
        "__int__": method(1, 2**70, 1.5),
        "__bool__": method(True, False, 3),
        "__iter__": lambda self: around.reading(iter([1, 2, 3]), iter([self, self]), iter([]), self),
        "__next__": method(1, 2.5, [1]),
        "__eq__": method(True, False, NotImplemented),
        "__hash__": method(1, 2**70, -1),
        "__repr__": method("<hostile>", "é" * 200, 3),
        "__call__": method(1.0, None, tf.ones([2]), [tf.ones([2])], {"value": 1}),
        "__array_interface__": property(
            method(interface, {**interface, "shape": (-1,)}, {**interface, "typestr": "<f99999999999"}, {}, 3)
        ),
        "__dlpack__": method(None, 3, "capsule"),
        "__dlpack_device__": method((1, 0), (2, 0), None),
        "dtype": property(method("float32", "int32", types.SimpleNamespace(kind="O"), 3)),
        "shape": property(method((2, 3), [3], (-1,), "ab", None, (2**40,))),
        "tolist": method([1.0, 2.0], [["a"]], 3, None),
        "__getattr__": method(1, None, [], "x"),
        "rank": property(method(1, 2, "x")),
    }
    chosen = draw.sample(sorted(candidates), draw.randrange(1, 8))
    bases: tuple[type, ...] = (draw.choice([object, object, object, list, tuple, dict, str, int, float]),)
    members = {
        name: candidates[name] for name in chosen if not (bases[0] is not object and name == "__getattr__")
    }
    return type("Hostile", bases, members)()


def nested(around: Around, depth: int) -> Any:
    draw = around.draw
    rows: list[Any] = [value(around, depth + 1) for _ in range(draw.randrange(5))]
    kind = draw.randrange(12)
    if kind == 0:
        rows.append(rows)
    elif kind == 1:
        for _ in range(draw.choice([7, 40, 5000])):
            rows = [rows]
    around.lists.append(rows)
    return tuple(rows) if kind == 2 else rows


def tensor(around: Around) -> Any:
    draw = around.draw
    kind = draw.randrange(10)
    if kind == 0:
        made = tf.tensor(draw.choice([["a", "bc"], [""], "x"]))
    elif kind == 1:
        made = tf.complex(tf.ones([2]), tf.zeros([2]))
    elif kind == 2:
        made = tf.variable(tf.ones(draw.choice(SHAPES[:8])))
    elif kind == 3:
        made = tf.tensor([float("nan"), float("inf"), -1e38, 2.0])
    elif kind < 6:
        made = tf.cast(tf.randomUniform(draw.choice(SHAPES), -2, 5), draw.choice(["int32", "bool"]))
    else:
        made = tf.randomNormal(draw.choice(SHAPES))
    if draw.random() < 0.04:
        made.dispose()
    around.tensors.append(made)
    return made


def value(around: Around, depth: int = 0) -> Any:
    """One argument: half of them what somebody might mean."""
    draw = around.draw
    kind = draw.randrange(100)
    if kind < 34:
        return tensor(around)
    if kind < 46:
        return draw.choice(NUMBERS[:8]) if kind < 41 else draw.choice(NUMBERS)
    if kind < 52:
        return draw.choice(TEXTS)
    if kind < 62:
        return [draw.choice(NUMBERS[:5]) for _ in range(draw.randrange(5))]
    if kind < 72 and depth < 3:
        return nested(around, depth)
    if kind < 90:
        return hostile(around)
    return draw.choice(odd())


def odd() -> list[Any]:
    strided = memoryview(array.array("f", [1, 2, 3, 4]))[::-2]
    functions = [lambda *a: 1.0, lambda *a: a[0], lambda x, *a: tf.square(x), len, int]
    shaped = types.SimpleNamespace(shape=[2], dtype="float32")
    objects = [object(), tf, type, ..., NotImplemented, slice(1, 2), shaped, None, None]
    iterators = [iter([1, 2]), (x for x in [1, 2]), range(3)]
    collections = [b"abc", bytearray(b"abcd"), strided, {}, {"a": 1}, {1, 2}]
    return [*functions, *objects, *iterators, *collections]
