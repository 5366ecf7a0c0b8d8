"""What declarations of optimizers share: the table of factories and their common options."""

from __future__ import annotations

from ..config import Factory, Number, Option, option
from .schedules import RATE

__all__ = ["beta1", "beta2", "epsilon", "factories", "learning_rate"]

factories: dict[str, Factory] = {}


def learning_rate(default: float | None = None) -> Option:
    doc = "Size of a step: a number, or a schedule of tf.train.schedules."
    if default is None:
        return option("learningRate", RATE, doc=doc, aliases=("lr",))
    return option("learningRate", RATE, default, doc, aliases=("lr",))


def epsilon() -> Option:
    return option("epsilon", Number(minimum=0), 1e-7, "Added to the denominator, so that it is never 0.")


def beta1() -> Option:
    return option("beta1", Number(0, 1), 0.9, "Decay of the mean of gradients.")


def beta2() -> Option:
    return option("beta2", Number(0, 1), 0.999, "Decay of the mean of squared gradients.")
