"""Code that reads globals, cells and defaults."""

from __future__ import annotations

from typing import Any

import numpy as np

import lamina as tf

from .case import CLOSED, OPEN, Case, error, snippet

FACTOR = 1.0
STATE = {"factor": 1.0}
LIST = [1.0]
PAIR = (1.0, 2.0)
TENSOR_OF = {}
ARRAY = np.full(2, 2.0, "float32")


class Half(float):
    pass


HALF = Half(0.5)
NUMPY_NUMBER = np.float64(2.0)


@snippet(CLOSED)
def a_lambda() -> Case:
    return Case(loss=lambda a, b: a.sub(b).abs().mean(-1))


@snippet(CLOSED)
def a_global_number() -> Case:
    def change() -> None:
        global FACTOR
        FACTOR += 1.0

    global FACTOR
    FACTOR = 1.0
    return Case(loss=lambda a, b: error(a, b).mul(FACTOR), change=change)


@snippet(CLOSED)
def a_cell() -> Case:
    factor = 1.0

    def change() -> None:
        nonlocal factor
        factor += 1.0

    return Case(loss=lambda a, b: error(a, b).mul(factor), change=change)


@snippet(CLOSED)
def a_default() -> Case:
    def loss(a: Any, b: Any, factor: float = 1.0, *, power: float = 2.0) -> Any:
        return a.sub(b).abs().pow(power).mean(-1).mul(factor)

    def change() -> None:
        loss.__defaults__ = (3.0,)
        loss.__kwdefaults__["power"] = 1.5

    return Case(loss=loss, change=change)


@snippet(CLOSED)
def a_tuple_of_numbers() -> Case:
    return Case(loss=lambda a, b: error(a, b).mul(PAIR[1]))


@snippet(OPEN, "`STATE` is a dict")
def a_global_dict() -> Case:
    STATE["factor"] = 1.0
    return Case(
        loss=lambda a, b: error(a, b).mul(STATE["factor"]),
        change=lambda: STATE.update(factor=STATE["factor"] + 1),
    )


@snippet(OPEN, "`LIST` is a list")
def a_global_list() -> Case:
    LIST[0] = 1.0
    return Case(loss=lambda a, b: error(a, b).mul(LIST[0]), change=lambda: LIST.__setitem__(0, LIST[0] + 1))


@snippet(OPEN, "`kept` is a dict")
def a_dict_in_a_cell() -> Case:
    kept = {"factor": 1.0}
    return Case(loss=lambda a, b: error(a, b).mul(kept["factor"]), change=lambda: kept.update(factor=3.0))


@snippet(OPEN, "default")
def a_list_as_default() -> Case:
    def loss(a: Any, b: Any, kept: Any = [1.0]) -> Any:  # noqa: B006
        return error(a, b).mul(kept[0])

    return Case(loss=loss, change=lambda: loss.__defaults__[0].__setitem__(0, 3.0))


@snippet(OPEN, "`ARRAY` is a numpy.ndarray")
def an_array() -> Case:
    return Case(loss=lambda a, b: a.sub(b).square().mul(ARRAY).mean(-1))


@snippet(OPEN, "Half")
def a_subclass_of_float() -> Case:
    return Case(loss=lambda a, b: error(a, b).mul(HALF))


@snippet(OPEN, "float64")
def a_number_of_numpy() -> Case:
    return Case(loss=lambda a, b: error(a, b).mul(NUMPY_NUMBER))


@snippet(CLOSED)
def a_tensor_and_a_variable() -> Case:
    weight, moving = tf.tensor([1.0, 2.0]), tf.variable(tf.scalar(1.0), False)
    return Case(
        loss=lambda a, b: a.sub(b).square().mul(weight).mean(-1).mul(moving),
        change=lambda: moving.assign(tf.scalar(3.0)),
    )


@snippet(OPEN, "sets the global `FACTOR`")
def a_global_that_is_set() -> Case:
    global FACTOR
    FACTOR = 1.0

    def loss(a: Any, b: Any) -> Any:
        global FACTOR
        FACTOR += 1.0
        return error(a, b).mul(FACTOR)

    return Case(loss=loss)


@snippet(OPEN, "sets `count`")
def a_cell_that_is_set() -> Case:
    count = 0.0

    def loss(a: Any, b: Any) -> Any:
        nonlocal count
        count += 1
        return error(a, b).mul(count)

    return Case(loss=loss)
