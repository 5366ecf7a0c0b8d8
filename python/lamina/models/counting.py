"""Whose numbers the counting metrics of a model hold: an epoch's, an evaluation's, or those of one batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import _core
from ..counted_metrics import Metric

__all__ = ["CountedRun", "Counts"]


class CountedRun:
    """An epoch, an evaluation or a single batch, whose counts begin at zero."""

    __slots__ = ("ended", "kept")

    def __init__(self) -> None:
        self.kept: list[Any] | None = None  # what the variables held when another run took them
        self.ended = False


class Counts:
    """The variables of a model's counting metrics. Programs hold them, and so one run at a time has them."""

    def __init__(self, metrics: Sequence[Metric]) -> None:
        self._variables = [variable for metric in metrics for variable in metric.variables]
        self._owner: CountedRun | None = None

    def __bool__(self) -> bool:
        return bool(self._variables)

    def take(self, run: CountedRun) -> None:
        """Has the variables hold the counts of a run. Called with the model's lock held, before its steps."""
        owner = self._owner
        if owner is run or not self._variables:
            return
        if owner is not None and not owner.ended:
            owner.kept = [variable.clone() for variable in self._variables]
        held = run.kept or [_core.ops.zerosLike(variable) for variable in self._variables]
        for variable, value in zip(self._variables, held, strict=True):
            variable.assign(value)
        run.kept = None
        self._owner = run

    def end(self, run: CountedRun) -> None:
        """Nobody asks for the run's counts again."""
        run.ended = True
        if self._owner is run:
            self._owner = None
