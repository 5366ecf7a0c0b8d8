"""tf.tidy, keep, dispose and memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, overload

from . import _core
from .results import AttrDict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ._core import Tensor

__all__ = ["dispose", "keep", "memory", "tidy"]

T = TypeVar("T")


def tensors_in(container: Any, seen: set[int] | None = None) -> Iterator[Tensor]:
    """All tensors within nested dicts, sequences, sets and objects with attributes of such kinds."""
    if isinstance(container, _core.Tensor):
        yield container
        return
    if container is None or isinstance(container, (str, bytes, int, float, complex)):
        return
    seen = set() if seen is None else seen
    if id(container) in seen:
        return
    seen.add(id(container))
    if isinstance(container, dict):
        members: Any = dict.values(container)  # a result may call a key `values`
    elif isinstance(container, (list, tuple, set, frozenset)):
        members = container
    elif type(container).__module__.partition(".")[0] == "builtins":
        return
    else:
        members = list(getattr(container, "__dict__", {}).values())
    for member in members:
        yield from tensors_in(member, seen)


@overload
def tidy(nameOrFn: Callable[[], T]) -> T: ...
@overload
def tidy(nameOrFn: str, fn: Callable[[], T]) -> T: ...
def tidy(nameOrFn: Any, fn: Any = None) -> Any:
    """Runs fn() and disposes all tensors made by it, but for those in its result, kept ones and variables.

    tidy(fn) or tidy(name, fn). The result may nest tensors in lists and dicts. When fn raises, everything is
    disposed.

    Raises TypeError where fn is no function, or an async one: a scope cannot span an await.
    """
    if fn is None:
        if not callable(nameOrFn):
            raise TypeError("Please provide a function to tidy()")
        fn = nameOrFn
    else:
        if not isinstance(nameOrFn, str):
            raise TypeError("When calling with two arguments, the first argument to tidy() must be a string")
        if not callable(fn):
            raise TypeError("When calling with two arguments, the 2nd argument to tidy() must be a function")
    depth = _core.scope_depth()
    _core.start_scope()
    results: list[Tensor] = []
    try:
        value = fn()
        if hasattr(value, "__await__"):
            close = getattr(value, "close", None)
            if close is not None:
                close()
            raise TypeError("Cannot return a Promise inside of tidy.")
        results = list(tensors_in(value))
        return value
    finally:
        # A scope that fn opened and left open by hand ends with this one.
        while _core.scope_depth() > depth:
            _core.end_scope(results)


def keep(result: Tensor) -> Tensor:
    """Holds a tensor back from the disposal at the end of tidy(); dispose() still releases it."""
    if not isinstance(result, _core.Tensor):
        raise TypeError(f"Argument 'result' passed to 'keep' must be a Tensor, but got {result!r:.60}")
    result._keep()
    return result


def dispose(container: Any) -> None:
    """Disposes every tensor within a container: a tensor, or nested lists and dicts of them."""
    for tensor in tensors_in(container):
        tensor.dispose()


def memory() -> AttrDict[Any]:
    """What is alive: numTensors, numDataBuffers (which tensors may share), numBytes (counted per tensor).

    unreliable is False: tensors are counted exactly, and memory nobody holds is released at once.
    """
    return AttrDict(unreliable=False, **_core.memory())
