"""Models as programs for C++ and C: exportProgram."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .. import _core
from ..config import Boolean, Config, Integer, ListOf, Shape, configured, option
from ..results import ModelArtifactsInfo, SaveResult
from .training import Trainable

if TYPE_CHECKING:
    from os import PathLike

    from ..promises import Promise

__all__ = ["Exportable"]

# The first two show how sizes grow with the batch; the others are to agree.
PROBES = (2, 3, 1, 7)


class Exportable(Trainable):
    """The part of a model that leaves Python."""

    @configured(
        "tf.LayersModel.exportProgram",
        option(
            "static",
            Boolean(),
            None,
            "Write a C header that needs nothing but a C compiler, for small networks; "
            "by default where the name ends in .h.",
        ),
        option(
            "batchSize",
            Integer(minimum=1),
            None,
            "The one number of samples that it computes; any by default, 1 in a C header.",
        ),
        option(
            "inputShapes",
            ListOf(Shape()),
            None,
            "The shape of a sample for each input; needed where the model leaves sizes open.",
        ),
    )
    def exportProgram(self, path: str | PathLike[str], config: Config) -> Promise[SaveResult]:
        """Writes what predict computes, with the weights, to a file for `lamina::Program::load` in C++, or,
        where its name ends in `.h`, as a C header; a Promise of the SaveResult.

        The file is replaced whole or not at all. The Promise is rejected with ValueError where the model
        draws random numbers or changes its state, where sizes are open, and where a C header cannot express
        an operation.
        """
        from ..promises import Promise

        try:
            self.assertNotDisposed()
            self._using("exportProgram()")
            self._ensure_built()
            target = os.fspath(path)
            static = target.endswith(".h") if config.static is None else config.static
            shapes = self._sample_shapes(config.inputShapes)
            fixed = self._fixed_batch(config.batchSize, static)
            with self.lock:
                content = self._program(shapes, (fixed,) if fixed else PROBES)
        except Exception as error:
            return Promise.reject(error, name="exportProgram")

        def work(_context: Any) -> SaveResult:
            from datetime import datetime, timezone

            from ..io.files import write_file

            data = content
            if static:
                from .static_c import header_of

                data = header_of(content, target).encode()
            write_file(target, data)
            return SaveResult(
                modelArtifactsInfo=ModelArtifactsInfo(
                    dateSaved=datetime.now(timezone.utc),
                    modelTopologyType="C" if static else "program",
                    modelTopologyBytes=0,
                    weightSpecsBytes=0,
                    weightDataBytes=len(data),
                )
            )

        return Promise.start(work, name="exportProgram")

    def _fixed_batch(self, given: int | None, static: bool) -> int | None:
        sizes = {shape[0] for shape in self.feedInputShapes if shape[0] is not None}
        if given is not None:
            sizes.add(given)
        if len(sizes) > 1:
            raise ValueError(
                f"exportProgram: the batch cannot have {' and '.join(map(str, sorted(sizes)))} samples."
            )
        return sizes.pop() if sizes else 1 if static else None

    def _sample_shapes(self, given: Sequence[Sequence[int | None]] | None) -> list[tuple[int, ...]]:
        known = self.feedInputShapes
        if given is not None and len(given) != len(known):
            raise ValueError(
                f"exportProgram: inputShapes must have one shape for each of {len(known)} inputs, "
                f"got {len(given)}."
            )
        shapes: list[tuple[int, ...]] = []
        for index, (name, size) in enumerate(zip(self.inputNames, known, strict=True)):
            shape = tuple(size[1:]) if given is None else tuple(given[index])
            fits = len(shape) == len(size) - 1 and all(
                a == b or b is None for a, b in zip(shape, size[1:], strict=True)
            )
            if not fits:
                raise ValueError(
                    f"exportProgram: inputShapes[{index}] is {list(shape)}, but '{name}' takes "
                    f"samples of shape {list(size[1:])}."
                )
            if None in shape:
                raise ValueError(
                    f"exportProgram: the shape of '{name}' leaves sizes open: {list(shape)}. Give "
                    "{'inputShapes': [...]} with a shape of one sample for each input."
                )
            shapes.append(tuple(n for n in shape if n is not None))
        return shapes

    def _program(self, shapes: Sequence[tuple[int, ...]], batches: Sequence[int]) -> bytes:
        traces = []
        for batch in batches:
            with _core.Trace() as trace:
                inputs = [
                    trace.input((batch, *shape), key.dtype)
                    for shape, key in zip(shapes, self.graph.inputs, strict=True)
                ]
                traces.append((trace, list(self.run(inputs)), batch))
        from .weights import named_weights

        weights = [(weight.read(), name) for name, weight in named_weights(self).items()]
        content: bytes = _core.export_program(traces, self.inputNames, self.outputNames, weights)
        return content
