"""tf.profile and tf.time: what ran while a function did, op by op, eagerly or in compiled steps."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

from . import _core
from .memory import memory
from .results import AttrDict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .promises import Promise

__all__ = ["profile", "time"]


def profile(f: Callable[[], Any]) -> Promise[AttrDict[Any]]:
    """Runs `f()`, waits for its Promise if it returns one, and tells what it took.

    A Promise of `{newBytes, newTensors, peakBytes, kernels, kernelNames, result}`. Each kernel has `name`,
    `kernelTimeMs`, `inputShapes`, `outputShapes`, `bytesAdded`, `totalBytesSnapshot`, `tensorsAdded`,
    `totalTensorsSnapshot` and `extraInfo`; ops that ran as one group have their names joined by '+'.
    """
    before = memory()
    _core.pool_reset_peak()

    def told(found: Any, result: Any) -> AttrDict[Any]:
        after = memory()
        kernels = [_kernel(event) for event in found]
        return AttrDict(
            newBytes=after["numBytes"] - before["numBytes"],
            newTensors=after["numTensors"] - before["numTensors"],
            peakBytes=_core.pool_stats()["peakBytes"],
            kernels=kernels,
            result=result,
            kernelNames=list(dict.fromkeys(kernel["name"] for kernel in kernels)),
        )

    return _logged(f, lambda found, result, _seconds: told(found, result), "profile")


def time(f: Callable[[], Any]) -> Promise[AttrDict[float]]:
    """Runs `f()`, waits for its Promise if it returns one; a Promise of `{wallMs, kernelMs}`."""

    def told(found: Any, _result: Any, seconds: float) -> AttrDict[float]:
        kernels = sum(event["nanoseconds"] for event in found) / 1e6
        return AttrDict(wallMs=1000 * seconds, kernelMs=kernels)

    return _logged(f, told, "time")


def _logged(f: Callable[[], Any], told: Callable[[Any, Any, float], Any], name: str) -> Promise[Any]:
    from .promises import Promise

    if not callable(f):
        raise TypeError(f"tf.{name}: expected a function, got {type(f).__name__}")
    log = _core.OpLog()
    log.start()
    begin = perf_counter()
    try:
        with _core.OpWatch(log):
            result = f()
    except BaseException as error:
        log.stop()
        if not isinstance(error, Exception):
            raise
        return Promise.reject(error, name=name)
    if not hasattr(type(result), "__await__"):
        seconds = perf_counter() - begin
        log.stop()
        return Promise.resolve(told(log.events, result, seconds))

    def ended(value: Any) -> Any:
        seconds = perf_counter() - begin
        log.stop()
        return told(log.events, value, seconds)

    def failed(error: BaseException) -> Any:
        log.stop()
        raise error

    return Promise.resolve(result).then(ended, failed)


def _kernel(event: dict[str, Any]) -> AttrDict[Any]:
    return AttrDict(
        name="+".join(event["ops"]),
        bytesAdded=event["bytesAdded"],
        totalBytesSnapshot=event["totalBytesSnapshot"],
        tensorsAdded=event["tensorsAdded"],
        totalTensorsSnapshot=event["totalTensorsSnapshot"],
        inputShapes=[list(shape) for shape in event["inputShapes"]],
        outputShapes=[list(shape) for shape in event["outputShapes"]],
        kernelTimeMs=event["nanoseconds"] / 1e6,
        extraInfo="",
    )
