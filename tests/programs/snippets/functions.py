"""Code that calls other functions, and modules."""

from __future__ import annotations

import functools
import math
import random
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import lamina as tf

from .case import CLOSED, OPEN, Case, error, snippet

FACTOR = 1.0
STATE = {"factor": 1.0}


def helper(a: Any, b: Any) -> Any:
    return deeper(a.sub(b))


def deeper(x: Any) -> Any:
    return x.square().mul(FACTOR)


def open_helper(a: Any, b: Any) -> Any:
    return error(a, b).mul(STATE["factor"])


@snippet(CLOSED)
def helpers() -> Case:
    def change() -> None:
        global FACTOR
        FACTOR += 1.0

    global FACTOR
    FACTOR = 1.0
    return Case(loss=lambda a, b: helper(a, b).mean(-1), change=change)


@snippet(OPEN, "`STATE` is a dict")
def a_helper_that_reads_a_dict() -> Case:
    STATE["factor"] = 2.0
    return Case(loss=open_helper, change=lambda: STATE.update(factor=5.0))


@snippet(CLOSED)
def comprehensions_and_local_functions() -> Case:
    def loss(a: Any, b: Any) -> Any:
        difference = a.sub(b)
        parts = [part.mul(index + 1) for index, part in enumerate(tf.unstack(difference, -1))]
        parts.append(difference.sum(-1))
        scale = lambda x: x.mul(2.0)  # noqa: E731
        total = sum(scale(part.square()) for part in parts)
        names = {str(index): part for index, part in enumerate(parts)}
        return total.add(names["0"])

    return Case(loss=loss)


def scaled(factor: float, a: Any, b: Any, *, power: float) -> Any:
    return a.sub(b).abs().pow(power).mul(factor).mean(-1)


@snippet(CLOSED)
def a_partial() -> Case:
    return Case(
        loss=functools.partial(scaled, 2.0, power=1.5), metrics=[functools.partial(scaled, 1.0, power=2)]
    )


@snippet(OPEN, "an argument of")
def a_partial_of_a_list() -> Case:
    def loss(kept: Any, a: Any, b: Any) -> Any:
        return error(a, b).mul(kept[0])

    kept = [1.0]
    return Case(loss=functools.partial(loss, kept), change=lambda: kept.__setitem__(0, 4.0))


@snippet(CLOSED)
def a_function_that_is_replaced() -> Case:
    inner = lambda x: x.square()  # noqa: E731

    def change() -> None:
        nonlocal inner
        inner = lambda x: x.abs()  # noqa: E731

    return Case(loss=lambda a, b: inner(a.sub(b)).mean(-1), change=change)


@snippet(CLOSED)
def code_that_is_replaced() -> Case:
    def loss(a: Any, b: Any) -> Any:
        return a.sub(b).square().mean(-1)

    def other(a: Any, b: Any) -> Any:
        return a.sub(b).abs().mean(-1)

    def change() -> None:
        loss.__code__ = other.__code__

    return Case(loss=loss, change=change)


@snippet(OPEN, "getattr")
def a_name_at_run_time() -> Case:
    return Case(loss=lambda a, b: getattr(a.sub(b), "abs")().mean(-1))  # noqa: B009


@snippet(OPEN, "imports `numpy`")
def an_import() -> Case:
    def loss(a: Any, b: Any) -> Any:
        import numpy

        return error(a, b).mul(float(numpy.pi))

    return Case(loss=loss)


@snippet(CLOSED)
def a_number_of_a_foreign_module() -> Case:
    return Case(loss=lambda a, b: error(a, b).mul(np.pi).mul(math.sqrt(math.e)))


@snippet(OPEN, "np.sqrt")
def a_function_of_a_foreign_module() -> Case:
    return Case(loss=lambda a, b: error(a, b).mul(float(np.sqrt(2.0))))


def counted(draws: list[int], function: Callable[[], float]) -> Callable[[], float]:
    def draw() -> float:
        draws.append(1)
        return function()

    return draw


@snippet(OPEN)
def random_numbers_of_python() -> Case:
    draws: list[int] = []
    generator = random.Random(3)
    draw = counted(draws, generator.random)
    return Case(loss=lambda a, b: error(a, b).mul(draw()), draws=draws)


@snippet(OPEN, "random.random")
def the_module_random() -> Case:
    random.seed(4)
    return Case(loss=lambda a, b: error(a, b).mul(random.random()))


@snippet(OPEN)
def random_numbers_of_numpy() -> Case:
    draws: list[int] = []
    generator = np.random.default_rng(3)
    draw = counted(draws, generator.random)
    return Case(metrics=[lambda a, b: error(a, b).mul(float(draw()))], draws=draws)


@snippet(OPEN)
def a_clock() -> Case:
    draws: list[int] = []
    ticks = iter(range(1, 1000))
    clock = counted(draws, lambda: float(next(ticks)))
    return Case(loss=lambda a, b: error(a, b).mul(clock()), draws=draws)


@snippet(OPEN, "time.time")
def the_module_time() -> Case:
    return Case(loss=lambda a, b: error(a, b).mul(1.0 if time.time() > 0 else 2.0))


@snippet(OPEN, "tf.util.now")
def a_clock_of_laminas() -> Case:
    return Case(loss=lambda a, b: error(a, b).mul(1.0 if tf.util.now() > 0 else 2.0))


@snippet(CLOSED)
def random_numbers_of_laminas() -> Case:
    return Case(loss=lambda a, b: error(a, b).add(tf.randomUniform([1])))


@snippet(CLOSED)
def an_attribute_of_a_function() -> Case:
    def loss(a: Any, b: Any) -> Any:
        return error(a, b).mul(loss.factor)  # type: ignore[attr-defined]

    loss.factor = 1.0  # type: ignore[attr-defined]

    def change() -> None:
        loss.factor += 1.0  # type: ignore[attr-defined]

    return Case(loss=loss, change=change)


@snippet(OPEN, "a dict")
def a_function_that_looks_like_laminas() -> Case:
    kept = {"factor": 1.0}

    @functools.wraps(tf.losses.huberLoss)
    def loss(a: Any, b: Any) -> Any:
        return error(a, b).mul(kept["factor"])

    return Case(loss=loss, change=lambda: kept.update(factor=3.0))


@snippet(CLOSED)
def a_decorated_function() -> Case:
    def doubled(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
        @functools.wraps(function)
        def wrapper(*args: Any, **keywords: Any) -> Any:
            return function(*args, **keywords).mul(2.0)

        return wrapper

    return Case(loss=doubled(error))


@snippet(CLOSED)
def a_gradient_of_ones_own() -> Case:
    def square(x: Any, save: Any) -> Any:
        save([x])
        return {"value": x.square(), "gradFunc": lambda dy, saved: dy.mul(saved[0]).mul(FACTOR)}

    own = tf.customGrad(square)

    def change() -> None:
        global FACTOR
        FACTOR += 1.0

    global FACTOR
    FACTOR = 1.0
    return Case(loss=lambda a, b: own(a.sub(b)).mean(-1), change=change)


@snippet(OPEN, "lru_cache")
def a_cached_function() -> Case:
    @functools.lru_cache
    def factor() -> float:
        return 2.0

    return Case(loss=lambda a, b: error(a, b).mul(factor()))
