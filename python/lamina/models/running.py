"""Runs of a model's Programs over all batches of some data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from .. import _core
from .batches import Batches

__all__ = ["batches_run"]

# The core comes back so often: Ctrl-C is answered, and whoever looks on sees how far it is.
CALL_MS = 100.0


def batches_run(
    model: Any,
    data: Batches,
    find: Callable[[], Sequence[Any] | None],
    sink: Any,
    count: int,
    *,
    compiled: Any = None,
    step: Callable[[int], None] | None = None,
    check: Callable[[], object] | None = None,
) -> Iterator[int]:
    """Runs so many batches; now and then how many are done.

    The model's lock is held for one call into the core at a time. Before each, `find` gives the Programs,
    those of `compiled` or of predict; where it gives None, `step` runs the next batch through Python, or the
    run ends.
    """
    batch = 0
    while batch < count:
        if check is not None:
            check()
        with model.lock:
            # An attribute may have changed meanwhile.
            programs = find()
            if programs is not None:
                # Looked at after clearing: who comes later sets the flag again.
                model.stop_flag.clear()
                alone = model.lock.waiting or model.programs.changed(compiled)
                batch, _ = _core.run_loop(
                    data.feed(), programs, sink, batch, batch + 1 if alone else count, model.stop_flag,
                    limit_ms=model.programs.limit_ms(compiled, CALL_MS),
                )  # fmt: skip
            elif step is not None:
                step(batch)
                batch += 1
            else:
                return
        yield batch
