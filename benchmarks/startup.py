"""Whole processes: the import beyond the bare interpreter, the first program and its memory."""

from __future__ import annotations

import os
import subprocess
import time
from typing import Any

from catalog import PEERS, environment

FIRST: dict[str, str] = {
    "lamina": """
import lamina as tf
m = tf.sequential()
m.add(tf.layers.dense(units=1, inputShape=[1]))
m.compile(loss="meanSquaredError", optimizer="sgd")
m.fit(tf.tensor2d([1, 2, 3, 4], [4, 1]), tf.tensor2d([1, 3, 5, 7], [4, 1]), epochs=1000, verbose=0).result()
m.predict(tf.tensor2d([5], [1, 1])).dataSync()
""",
    "torch": """
import torch
x, y = torch.tensor([[1.], [2.], [3.], [4.]]), torch.tensor([[1.], [3.], [5.], [7.]])
m, loss = torch.nn.Linear(1, 1), torch.nn.MSELoss()
o = torch.optim.SGD(m.parameters(), lr=0.01)
for _ in range(1000):
    o.zero_grad()
    loss(m(x), y).backward()
    o.step()
""",
    "jax": """
import jax, jax.numpy as jnp
x, y = jnp.array([[1.], [2.], [3.], [4.]]), jnp.array([[1.], [3.], [5.], [7.]])
g = jax.grad(lambda w, b: jnp.mean((x @ w + b - y) ** 2), (0, 1))
step = jax.jit(lambda w, b: [p - 0.01 * d for p, d in zip((w, b), g(w, b))])
w, b = jnp.ones((1, 1)), jnp.zeros(1)
for _ in range(1000):
    w, b = step(w, b)
w.block_until_ready()
""",
}
KERAS = """
import numpy as np, keras
m = keras.Sequential([keras.layers.Dense(1)])
m.compile(optimizer="sgd", loss="mean_squared_error")
m.fit(np.array([[1.], [2.], [3.], [4.]]), np.array([[1.], [3.], [5.], [7.]]), epochs=1000, verbose=0)
m.predict(np.array([[5.0]]), verbose=0)
"""
FIRST["keras-jax"] = FIRST["keras-tf"] = KERAS


class Start:
    """Stands where a worker stands: prepare and run, each run a new process."""

    def __init__(self, name: str, threads: int, isa: str) -> None:
        self.name = name
        self._entry = PEERS[name]
        self._environment = environment(threads, isa, self._entry)
        self._program = ""

    def ask(self, **request: Any) -> dict[str, Any]:
        if request["do"] == "prepare":
            return self._prepare(request["workload"]["job"])
        if request["do"] == "run":
            return self._run(request["count"])
        return {}

    def _prepare(self, job: str) -> dict[str, Any]:
        imports = self._entry.imports
        self._program = f"import {imports}" if job == "import" else FIRST.get(self.name, "")
        if not self._program or not imports:
            return {"unsupported": "no process of its own"}
        # Fills the file cache and writes the compiled files; what it takes is not counted.
        first = self._once(self._program)
        if first["status"]:
            return {"missing": f"the process ended with {first['status']}"}
        bare = min(self._once("pass")["seconds"] for _ in range(3))
        return {"units": 1, "first": first["seconds"], "peak": first["peak"], "bare": bare, "once": True}

    def _run(self, count: int) -> dict[str, Any]:
        runs = [self._once(self._program) for _ in range(count)]
        bare = self._once("pass")["seconds"]
        return {
            # Python's own start, measured beside it, is not the library's.
            "seconds": sum(run["seconds"] - bare for run in runs),
            "cpu": sum(run["cpu"] for run in runs),
            "peak": max(run["peak"] for run in runs),
        }

    def _once(self, program: str) -> dict[str, Any]:
        start = time.perf_counter()
        process = subprocess.Popen(
            [self._entry.interpreter(), "-c", program],
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        spent = usage.ru_utime + usage.ru_stime
        return {
            "seconds": seconds,
            "cpu": spent,
            "peak": usage.ru_maxrss * 1024,
            "status": process.returncode,
        }

    def close(self, kill: bool = False) -> None:
        """Nothing stays behind."""
