"""The callbacks of one fit, in their order: the logger of epoch means, the progress display, the user's, the
history.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..results import AttrDict, History, Logs
from .base import HOOKS, forgiving, hook

__all__ = ["CallbackList", "EpochMeans"]


EPOCH_HOOKS = ("onEpochBegin", "onEpochEnd")


class EpochMeans:
    """Means of the batch logs over an epoch, weighted by the size of the batches."""

    def __init__(self) -> None:
        self._seen = 0
        self._totals: dict[str, float] = {}

    def begin(self) -> None:
        self._seen = 0
        self._totals = {}

    def set(self, seen: int, totals: dict[str, float]) -> None:
        self._seen, self._totals = seen, totals

    def so_far(self) -> dict[str, float]:
        return {key: total / self._seen for key, total in self._totals.items()} if self._seen else {}


class CallbackList:
    """Calls the hooks. User code goes through `call`, which runs it where it may run and waits for it."""

    def __init__(
        self,
        callbacks: list[Any],
        display: Any,
        call: Callable[..., Any],
        model: Any,
        params: AttrDict[Any],
    ) -> None:
        self.history = History()
        self.history.params = params
        self._means = EpochMeans()
        self._display = display
        self._call = call
        self._params = params
        self._hooks: dict[str, list[Callable[..., Any]]] = {name: [] for name in HOOKS}
        for callback in callbacks:
            for name, value in (("setParams", params), ("setModel", model)):
                setter = getattr(callback, name, None)
                if callable(setter):
                    setter(value)
            for name in HOOKS:
                function = hook(callback, name)
                if function is not None:
                    self._hooks[name].append(forgiving(function))

    @property
    def wants_batches(self) -> bool:
        """Whether anybody has to be told of each batch."""
        return bool(self._hooks["onBatchBegin"] or self._hooks["onBatchEnd"])

    @property
    def wants_epochs(self) -> bool:
        """Whether anybody has to be told of each epoch."""
        return self.wants_batches or any(self._hooks[n] for n in EPOCH_HOOKS)

    def html(self) -> str:
        """The curves so far, for a notebook that shows the Promise."""
        from ..notebook.curves import charts

        return charts(self.history.history)

    def epochs_passed(
        self, first: int, count: int, names: list[str], sums: list[float], *, seen: int, begun: float
    ) -> None:
        """Epochs that ran in one call; `sums` holds those of all names for each epoch. `begun`: the share of
        the next epoch that ran, too.
        """
        if not count:
            return
        history = self.history
        history.epoch += range(first, first + count)
        passed = {}
        for index, name in enumerate(names):
            of_name = sums[index : count * len(names) : len(names)]
            passed[name] = [total / seen for total in of_name]
            history.history.setdefault(name, []).extend(passed[name])
        if self._display is not None:
            self._display.epochs_passed(first, passed, begun)

    def _run(self, name: str, *arguments: Any) -> None:
        functions = self._hooks[name]
        if functions and self._display is not None:
            self._display.hide()
        for function in functions:
            self._call(function, *arguments)

    def on_train_begin(self) -> None:
        if self._display is not None:
            self._display.begin(self._params, self.history)
        self._run("onTrainBegin", Logs())

    def on_train_end(self) -> None:
        self._run("onTrainEnd", Logs())

    def on_epoch_begin(self, epoch: int) -> None:
        self._means.begin()
        if self._display is not None:
            self._display.epoch_begin(epoch)
        self._run("onEpochBegin", epoch, Logs())

    def on_batch_begin(self, batch: int) -> None:
        if self._hooks["onBatchBegin"]:
            self._run("onBatchBegin", batch, Logs())

    def on_batches_end(
        self, last: int, size: int, values: dict[str, float], totals: dict[str, float], seen: int
    ) -> None:
        """After several batches: the values of the last one, and the sums since the epoch began."""
        self._means.set(seen, totals)
        if self._display is not None:
            self._display.batch_end(last, self._means.so_far)
        if self._hooks["onBatchEnd"]:
            self._run("onBatchEnd", last, Logs(batch=last, size=size, **values))

    def on_epoch_end(self, epoch: int, validation: dict[str, float]) -> None:
        # TensorFlow.js puts the val_ keys first.
        logs = Logs({**validation, **self._means.so_far()})
        if self._display is not None:
            self._display.epoch_end(epoch, logs)
        self._run("onEpochEnd", epoch, logs)
        self.history.epoch.append(epoch)
        for key, value in logs.items():
            self.history.history.setdefault(key, []).append(value)

    def close(self) -> None:
        """The end of the fit, also when it failed or was cancelled."""
        if self._display is not None:
            self._display.close()
