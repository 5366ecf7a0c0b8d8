"""What may be given as `callbacks` to fit: an object with hooks, a dict of functions, or a list of both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..config import Function, OptionSet, option
from ..kinds import describe
from ..results import AttrDict, Logs

__all__ = ["Callback", "CustomCallback", "standardize"]

HOOKS = ("onTrainBegin", "onTrainEnd", "onEpochBegin", "onEpochEnd", "onBatchBegin", "onBatchEnd")
YIELD_EVERY_MS = 125.0
MOST_ARGUMENTS = 3
HAS_STAR_ARGUMENTS = 0x04


class Callback:
    """A base for callbacks: override the hooks you need, plain or `async`.

    `model` is the model that is trained, `params` the settings of the run (epochs, initialEpoch, samples,
    steps, batchSize, verbose, doValidation, metrics). Logs are numbers under the model's metric names.
    """

    model: Any = None
    params: AttrDict[Any]

    def setParams(self, params: AttrDict[Any]) -> None:
        self.params = params

    def setModel(self, model: Any) -> None:
        self.model = model

    def onTrainBegin(self, logs: Logs) -> Any: ...

    def onTrainEnd(self, logs: Logs) -> Any: ...

    def onEpochBegin(self, epoch: int, logs: Logs) -> Any: ...

    def onEpochEnd(self, epoch: int, logs: Logs) -> Any: ...

    def onBatchBegin(self, batch: int, logs: Logs) -> Any: ...

    def onBatchEnd(self, batch: int, logs: Logs) -> Any: ...


CUSTOM = OptionSet(
    "callbacks",
    [
        *(
            option(
                name,
                Function(),
                None,
                "Called with " + ("(logs)." if "Train" in name else f"({name[2:7].lower()}, logs)."),
            )
            for name in HOOKS
        ),
        option(
            "onYield",
            Function(),
            None,
            "Called with (epoch, batch, logs) from time to time, see `yieldEvery`.",
        ),
        option(
            "nowFunc", Function(), None, "The clock of onYield, in milliseconds; by default the system's."
        ),
        option(
            "nextFrameFunc", Function(), None, "Taken for compatibility; there are no frames to wait for."
        ),
    ],
)


class CustomCallback(Callback):
    """The callback made of a dict of functions: `{"onEpochEnd": lambda epoch, logs: ...}`.

    `yieldEvery` says how often onYield runs: 'auto' (at most every 125 ms), 'batch', 'epoch', 'never', or a
    number of milliseconds.
    """

    def __init__(self, args: Any, yieldEvery: str | float = "auto") -> None:
        functions = CUSTOM.read(args)
        self._epoch = 0
        self._yield = functions.onYield
        if yieldEvery == "never" and self._yield is not None:
            raise ValueError(
                "yieldEvery is `never` but you provided an `onYield` callback. "
                "Either change `yieldEvery` or remove the callback"
            )
        self._every = YIELD_EVERY_MS if yieldEvery == "auto" else yieldEvery
        self._now: Callable[[], float] = functions.nowFunc or _now
        self._last = self._now() if self._yield is not None else 0.0
        # Instance attributes: a hook that nobody gave is never called, so the loop need not stop for it.
        for name in HOOKS:
            if functions[name] is not None:
                setattr(self, name, forgiving(functions[name]))
        if self._yield is not None:
            self._call_yield = forgiving(self._yield)
            self._wrap_for_yield()

    def _wrap_for_yield(self) -> None:
        begin, end = self.onEpochBegin, self.onEpochEnd if self._every == "epoch" else self.onBatchEnd

        def on_epoch_begin(epoch: int, logs: Logs) -> Any:
            self._epoch = epoch
            return begin(epoch, logs)

        def on_end(index: int, logs: Logs) -> Any:
            result = end(index, logs)
            if self._every not in ("batch", "epoch"):
                now = self._now()
                if now - self._last < float(self._every):
                    return result
                self._last = now
            batch = batches_of(self.params) - 1 if self._every == "epoch" else index
            yielded = self._call_yield(self._epoch, batch, logs)
            return both(result, yielded)

        ending = "onEpochEnd" if self._every == "epoch" else "onBatchEnd"
        self.__dict__.update({"onEpochBegin": on_epoch_begin, ending: on_end})


def batches_of(params: AttrDict[Any]) -> int:
    """How many batches an epoch has."""
    batches: int = -(-params["samples"] // params["batchSize"])
    return min(batches, params["steps"] or batches)


def _now() -> float:
    from time import monotonic

    return 1000.0 * monotonic()


def both(first: Any, second: Any) -> Any:
    """The results of two hooks as one: awaitables are awaited in turn."""
    waiting = [each for each in (first, second) if hasattr(type(each), "__await__")]
    if len(waiting) < 2:
        return waiting[0] if waiting else None

    async def in_turn() -> None:
        for each in waiting:
            await each

    return in_turn()


def forgiving(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, called with only as many arguments as it takes, as JavaScript does it."""
    count = _positional(function)
    if count is None or count >= MOST_ARGUMENTS:
        return function

    def call(*arguments: Any) -> Any:
        return function(*arguments[:count])

    return call


def _positional(function: Callable[..., Any]) -> int | None:
    """How many positional arguments a function takes; None where that is not known or has no end."""
    code = getattr(function, "__code__", None)
    if code is not None:
        bound = 1 if getattr(function, "__self__", None) is not None else 0
        return None if code.co_flags & HAS_STAR_ARGUMENTS else int(code.co_argcount) - bound
    from inspect import Parameter, signature

    try:
        parameters = signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    if any(each.kind is Parameter.VAR_POSITIONAL for each in parameters):
        return None
    return sum(
        each.kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD) for each in parameters
    )


def standardize(callbacks: Any, yieldEvery: Any = "auto") -> list[Any]:
    """The callbacks of one fit, as a list of objects with hooks.

    Raises ConfigError for unknown keys of a dict, TypeError for anything that cannot be a callback.
    """
    if callbacks is None:
        return []
    entries: Sequence[Any] = callbacks if isinstance(callbacks, (list, tuple)) else [callbacks]
    found = []
    for entry in entries:
        if isinstance(entry, dict):
            found.append(CustomCallback(entry, yieldEvery))
        elif any(callable(getattr(entry, name, None)) for name in HOOKS) and not isinstance(entry, type):
            found.append(entry)
        else:
            hint = " Make an object of the class first." if isinstance(entry, type) else ""
            raise TypeError(
                f"callbacks: expected a dict of functions or an object with hooks ({', '.join(HOOKS)}), "
                f"got {describe(entry)}.{hint}"
            )
    return found


def hook(callback: Any, name: str) -> Callable[..., Any] | None:
    """The hook of a callback, None where it was not written: then nothing need be called."""
    function: Callable[..., Any] | None = getattr(callback, name, None)
    if function is None or not callable(function):
        return None
    if getattr(function, "__func__", None) is getattr(Callback, name):
        return None
    return function
