"""Stops a fit whose monitored value no longer improves."""

from __future__ import annotations

import math
import warnings
from typing import Any

from ..config import Boolean, Configurable, Enum, Factory, Integer, Number, String, option
from ..errors import LaminaWarning
from ..results import Logs
from .base import Callback
from .progress import say

__all__ = ["EarlyStopping", "earlyStopping"]


class EarlyStopping(Configurable, Callback):
    """Ends the training when a value has not improved for `patience` epochs in a row.

    With patience 0 it ends at the first epoch without an improvement, as in TensorFlow.js. The baseline
    matters for when it ends; the best epoch is the best of those that ran.
    """

    className = "EarlyStopping"
    options = (
        option("monitor", String(), "val_loss", "The key of the logs to watch."),
        option("minDelta", Number(), 0.0, "A change smaller than this is no improvement."),
        option("patience", Integer(minimum=0), 0, "How many epochs without improvement to go on for."),
        option("verbose", Integer(), 0, "1 says at the end of which epoch it stopped."),
        option(
            "mode",
            Enum("EarlyStopping mode", "auto", "min", "max"),
            "auto",
            "Whether less or more is better; 'auto' takes 'max' where the key contains 'acc'.",
        ),
        option("baseline", Number(), None, "The value that the first epoch has to improve on."),
        option("startFromEpoch", Integer(minimum=0), 0, "The first epoch whose value counts."),
        option(
            "restoreBestWeights",
            Boolean(),
            False,
            "Give the model the weights of its best epoch when training ends.",
        ),
    )

    monitor: str
    minDelta: float
    patience: int
    verbose: int
    mode: str
    baseline: float | None
    startFromEpoch: int
    restoreBestWeights: bool

    def __init__(self, config: Any = None, /, **keywords: Any) -> None:
        super().__init__(config, **keywords)
        self._more = self.mode == "max" or (self.mode == "auto" and "acc" in self.monitor)
        self._delta = abs(self.minDelta)
        self._best_weights: list[Any] | None = None
        self._reset()

    def _reset(self) -> None:
        self._wait = 0
        self._stopped_epoch: int | None = None
        worst = -math.inf if self._more else math.inf
        # What counts for the end, and what for the weights.
        self._to_beat = worst if self.baseline is None else self.baseline
        self._best = worst

    def onTrainBegin(self, logs: Logs) -> None:
        self._reset()
        self._forget()

    def onEpochEnd(self, epoch: int, logs: Logs) -> None:
        current = logs.get(self.monitor)
        if current is None:
            warnings.warn(
                f"Metric for EarlyStopping {self.monitor} is not available. "
                f"Available metrics are: {', '.join(logs)}",
                LaminaWarning,
                stacklevel=2,
            )
            return
        if epoch < self.startFromEpoch:
            return
        better = self._improves(current, self._best)
        if better:
            self._best = current
        if self.restoreBestWeights and (better or self._best_weights is None):
            self._remember()
        if self._improves(current, self._to_beat):
            self._to_beat = current
            self._wait = 0
            return
        self._wait += 1
        if self._wait >= self.patience:
            self._stopped_epoch = epoch
            self.model.stopTraining = True

    def onTrainEnd(self, logs: Logs) -> None:
        if self._stopped_epoch is not None and self.verbose:
            say(f"Epoch {self._stopped_epoch}: early stopping.")
        if self._best_weights is not None:
            self.model.setWeights(self._best_weights)
        self._forget()

    def _improves(self, current: float, best: float) -> bool:
        if self._more:
            return current - self._delta > best
        return current + self._delta < best

    def _remember(self) -> None:
        self._forget()
        # A clone shares the buffer; the next update writes into another one.
        self._best_weights = [weight.clone() for weight in self.model.getWeights()]

    def _forget(self) -> None:
        for weight in self._best_weights or ():
            weight.dispose()
        self._best_weights = None


earlyStopping = Factory(EarlyStopping, "tf.callbacks.earlyStopping")
