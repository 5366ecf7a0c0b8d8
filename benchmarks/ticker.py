#!/usr/bin/env python3
"""How late a 5 ms ticker on an asyncio loop is while the loop awaits a fit that keeps every thread busy.

python benchmarks/ticker.py [--seconds 5]

Prints the lateness of the ticks at the 50th, 99th and 100th percentile in milliseconds: without a fit, during
one, and during one with runEagerly. What is asked for is a 99th percentile under 5 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import time

import lamina as tf

PERIOD = 0.005


async def ticks(lateness: list[float]) -> None:
    while True:
        due = time.perf_counter() + PERIOD
        await asyncio.sleep(PERIOD)
        lateness.append(1000 * (time.perf_counter() - due))


def network(size: int, eagerly: bool) -> tf.LayersModel:
    model = tf.sequential()
    model.add(tf.layers.dense(units=size, inputShape=[size], activation="relu"))
    model.add(tf.layers.dense(units=size))
    model.compile(optimizer="adam", loss="meanSquaredError", runEagerly=eagerly)
    return model


async def measure(seconds: float, size: int = 0, batch: int = 1, eagerly: bool = False) -> list[float]:
    """The lateness of all ticks while a network of `size` units a layer trains; without one where it is 0."""
    lateness: list[float] = []
    ticking = asyncio.create_task(ticks(lateness))
    if size:
        model = network(size, eagerly)
        x = tf.randomNormal([max(1024, 2 * batch), size])
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(model.fit(x, x, epochs=10**6, batchSize=batch, verbose=0), seconds)
        model.dispose()
    else:
        await asyncio.sleep(seconds)
    ticking.cancel()
    return sorted(lateness)


def percentile(values: list[float], share: float) -> float:
    return values[min(len(values) - 1, int(share * len(values)))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=5.0)
    options = parser.parse_args()
    print(f"{tf.getNumThreads()} threads, load {os.getloadavg()[0]:.1f}")
    print(f"{'':32}{'ticks':>7}{'p50':>8}{'p99':>8}{'max':>8}  ms")
    cases = [
        ("no fit", {}),
        ("large steps", {"size": 512, "batch": 512}),
        ("large steps, eager", {"size": 512, "batch": 512, "eagerly": True}),
        ("small steps", {"size": 16, "batch": 32}),
        ("small steps, eager", {"size": 16, "batch": 32, "eagerly": True}),
    ]
    for name, case in cases:
        late = asyncio.run(measure(options.seconds, **case))
        figures = "".join(f"{percentile(late, share):8.2f}" for share in (0.5, 0.99, 1.0))
        print(f"{name:32}{len(late):7}{figures}")


if __name__ == "__main__":
    main()
