#!/usr/bin/env python3
"""One library in its own process, for op_table.py.

{"do": "hello"}                                 -> {}
{"do": "prepare", "op": "add", "size": 1000}    -> {"digest": sum}
{"do": "run", "count": 3}                       -> {"seconds": s}
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from op_calls import KERNEL, ROWS, inputs_of


def lamina() -> tuple[dict[str, Any], Callable[[Any], Any]]:
    import lamina as tf

    return {"tf": tf, "KERNEL": tf.tensor(KERNEL), "NONE": tf.tensor(np.zeros(0, np.float32))}, tf.tensor


def numpy() -> tuple[dict[str, Any], Callable[[Any], Any]]:
    names = {"np": np, "Z": np.float32(0), "ONE": np.float32(1.5), "EYE": np.eye(10, dtype=np.float32)}
    return {**names, "RNG": np.random.default_rng(3)}, np.asarray


def torch() -> tuple[dict[str, Any], Callable[[Any], Any]]:
    import torch
    from torch.nn import functional

    torch.set_num_threads(int(os.environ["LAMINA_BENCH_THREADS"]))
    torch.set_grad_enabled(False)
    kernel = torch.from_numpy(np.ascontiguousarray(KERNEL.transpose(3, 2, 0, 1)))
    return {"torch": torch, "F": functional, "KERNEL": kernel}, torch.from_numpy


def jax() -> tuple[dict[str, Any], Callable[[Any], Any]]:
    import jax

    names = {"jnp": jax.numpy, "lax": jax.lax, "nn": jax.nn, "image": jax.image, "ops": jax.ops, "jax": jax}
    return {**names, "KERNEL": jax.numpy.asarray(KERNEL)}, jax.numpy.asarray


def prepared(peer: str, names: dict[str, Any], convert: Any, op: str, size: int) -> Callable[[], Any]:
    row = next(row for row in ROWS if row.name == op)
    inputs = [convert(x) for x in inputs_of(row.inputs, size)]
    source = f"lambda {', '.join(row.inputs)}: {row.calls[peer]}"
    function = eval(source, {**names, "N": size})
    if peer != "jax":
        return lambda: function(*inputs)
    compiled = names["jax"].jit(function)
    return lambda: compiled(*inputs).block_until_ready()


def digest(result: Any, op: str) -> float | None:
    """The sum of the magnitudes, which the order of the elements does not change."""
    if op.startswith("random"):
        return None
    values = np.asarray(result)
    return float(np.abs(values.astype(np.complex128 if values.dtype.kind == "c" else np.float64)).sum())


def main(peer: str) -> None:
    channel = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    names, convert = globals()[peer]()
    call: Callable[[], Any] | None = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer: dict[str, Any] = {}
            if request["do"] == "prepare":
                call = None
                gc.collect()
                call = prepared(peer, names, convert, request["op"], request["size"])
                answer = {"digest": digest(call(), request["op"])}
            elif request["do"] == "run":
                assert call is not None
                start = time.perf_counter()
                for _ in range(request["count"]):
                    call()
                answer = {"seconds": time.perf_counter() - start}
        except Exception as error:  # a library that cannot do one op still does the others
            answer = {"error": f"{type(error).__name__}: {error}"[:200]}
        print(json.dumps(answer), file=channel, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
