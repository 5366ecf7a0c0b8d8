"""What Programs cost beside their arithmetic: predict, a step, an instruction, new shapes, waiting for a fit.

python benchmarks/program_overhead.py
"""

from __future__ import annotations

import argparse
import statistics
import threading
import time
import timeit
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

import lamina as tf
from lamina import _core


def microseconds(call: Callable[[], Any], number: int, repeat: int = 9) -> float:
    """Of one call, in the median of several runs."""
    return statistics.median(timeit.repeat(call, number=number, repeat=repeat)) / number * 1e6


def mlp(inputs: int, *units: int) -> Any:
    layers = [tf.layers.dense(units=units[0], inputShape=[inputs], activation="relu")]
    layers += [tf.layers.dense(units=n, activation="relu") for n in units[1:-1]]
    return tf.sequential(layers=[*layers, tf.layers.dense(units=units[-1], activation="softmax")])


def first_program() -> tuple[float, float]:
    """Milliseconds of a fit of 1000 epochs of one step, and of the same with a second layer."""

    def fit(*layers: Any) -> float:
        model = tf.sequential(layers=list(layers))
        model.compile(loss="meanSquaredError", optimizer="sgd")
        x, y = tf.tensor2d([[1], [2], [3], [4]]), tf.tensor2d([[1], [3], [5], [7]])
        begin = time.perf_counter()
        model.fit(x, y, epochs=1000, verbose=0).result()
        return 1000 * (time.perf_counter() - begin)

    dense = tf.layers.dense
    one = [fit(dense(units=1, inputShape=[1])) for _ in range(15)]
    two = [fit(dense(units=4, inputShape=[1]), dense(units=1)) for _ in range(15)]
    return statistics.median(one), statistics.median(two)


def per_instruction(op: Callable[[Any], Any], number: int) -> float:
    """Microseconds that each further instruction adds to a run on tiny values."""

    def program(length: int) -> Any:
        with _core.Trace() as trace:
            y = trace.input([4, 4], "float32")
            for _ in range(length):
                y = op(y)
        return trace.program([y])

    x = tf.ones([4, 4])
    short, long = program(10), program(110)
    return (microseconds(lambda: long.run([x]), number) - microseconds(lambda: short.run([x]), number)) / 100


def waited_for_a_core() -> float:
    """Milliseconds that threads of this process were ready to run and did not, so far; 0 where no one counts.

    Linux counts them in schedstat, without what a virtual machine's host takes.
    """
    waited = 0
    for file in Path("/proc/self/task").glob("*/schedstat"):
        with suppress(OSError):
            waited += int(file.read_text().split()[1])
    return waited / 1e6


def new_shapes(
    do: Callable[[Any, Any, Any], Any], count: int, rounds: int = 3
) -> tuple[list[float], list[float]]:
    """Milliseconds of calls that each have their own number of samples and length of sequence, in rounds, and
    the same without those that waited for a core.

    The shapes come round again when their Programs are long gone.
    """
    layers = [tf.layers.lstm(units=8, inputShape=[None, 4]), tf.layers.dense(units=2)]
    model = tf.sequential(layers=layers)
    model.compile(loss="meanSquaredError", optimizer="adam")
    rng = np.random.default_rng(0)
    batches = [(1 + i % 32, 1 + (7 * i) % 61) for i in range(count)]
    data = [(rng.normal(size=(b, t, 4)).astype("f"), np.zeros((b, 2), "f")) for b, t in batches]
    found, undisturbed = [], []
    for _ in range(rounds):
        for x, y in data:
            before = waited_for_a_core()
            begin = time.perf_counter()
            do(model, x, y)
            found.append(1000 * (time.perf_counter() - begin))
            if waited_for_a_core() - before < found[-1] / 10:
                undisturbed.append(found[-1])
    return found, undisturbed


SHAPED: dict[str, Callable[[Any, Any, Any], Any]] = {
    "trainOnBatch": lambda model, x, y: model.trainOnBatch(x, y).result(),
    "fit": lambda model, x, y: model.fit(x, y, epochs=1, batchSize=len(x), verbose=0).result(),
    "predict": lambda model, x, _: model.predict(x, batchSize=len(x)),
}


def epoch_with_callback(epochs: int) -> float:
    """Microseconds of an epoch of one step, with a callback at its end."""
    model = mlp(1, 1, 1)
    model.compile(loss="meanSquaredError", optimizer="sgd")
    x, y = tf.tensor2d([[1], [2], [3], [4]]), tf.tensor2d([[1], [3], [5], [7]])

    def fit(epochs: int) -> float:
        begin = time.perf_counter()
        model.fit(
            x, y, epochs=epochs, verbose=0, callbacks={"onEpochEnd": lambda _epoch, _logs: None}
        ).result()
        return time.perf_counter() - begin

    fit(2)
    return statistics.median(fit(epochs) for _ in range(5)) / epochs * 1e6


def slow_paths(number: int) -> dict[str, float]:
    """Microseconds of calls that once took a way through Python, or copied."""
    rng = np.random.default_rng(0)
    small, one = mlp(4, 16, 16, 3), rng.random((1, 4), dtype=np.float32)
    tensor, numbers = tf.tensor2d(one), one.tolist()
    a, b = tf.input(shape=[2]), tf.input(shape=[2])
    joined = tf.layers.concatenate().apply([a, b])
    two = tf.model(inputs=[a, b], outputs=tf.layers.dense(units=1).apply(joined))
    pair = [tf.ones([1, 2]), tf.ones([1, 2])]
    wide, many = mlp(30, 64, 64, 2), rng.random((4096, 30), dtype=np.float32)
    line = tf.sequential(layers=[tf.layers.dense(units=1, inputShape=[256])])
    line.compile(loss="meanSquaredError", optimizer="sgd")
    x, y = rng.random((8, 256), dtype=np.float32), np.zeros((8, 1), np.float32)
    big, ys = rng.random((64_512, 256), dtype=np.float32), np.zeros((64_512, 1), np.float32)
    xt, yt = tf.tensor2d(big), tf.tensor2d(ys)

    def fit_with_callback() -> None:
        line.fit(
            big[:2048], ys[:2048], verbose=0, callbacks={"onBatchEnd": lambda _batch, _logs: None}
        ).result()

    return {
        "predict one, NumPy": microseconds(lambda: small.predict(one), number),
        "predict one, list": microseconds(lambda: small.predict(numbers), number),
        "predict one, batchSize": microseconds(lambda: small.predict(tensor, {"batchSize": 1}), number),
        "predict one, two inputs": microseconds(lambda: two.predict(pair), number),
        "predictOnBatch, one": microseconds(lambda: small.predictOnBatch(tensor), number),
        "predict of 4096, 30-64-64-2": microseconds(lambda: wide.predict(many), 10),
        "trainOnBatch": microseconds(lambda: line.trainOnBatch(x, y).result(), number // 10),
        "a batch with a callback": microseconds(fit_with_callback, 3) / 64,
        "evaluate 63 MB, NumPy": microseconds(lambda: line.evaluate(big, ys, batchSize=512), 1),
        "evaluate 63 MB, tensor": microseconds(lambda: line.evaluate(xt, yt, batchSize=512), 1),
    }


def after_a_pause(pause: float, calls: int, rounds: int = 100) -> float:
    """Microseconds of each of some additions of 100,000 numbers that follow a pause, in the median."""
    x, found = tf.ones([100_000]), []
    for _ in range(rounds):
        time.sleep(pause)
        begin = time.perf_counter()
        for _ in range(calls):
            tf.add(x, x).dispose()
        found.append((time.perf_counter() - begin) / calls * 1e6)
    return statistics.median(found)


def waiting_for_a_fit(threads: int, calls: int) -> tuple[list[float], float]:
    """Milliseconds of each predict on several threads while the model is fitted, and those of a step."""
    model = mlp(784, 256, 256, 10)
    model.compile(loss="categoricalCrossentropy", optimizer="adam")
    rng = np.random.default_rng(0)
    x = rng.random((4096, 784), dtype=np.float32)
    y = np.eye(10, dtype=np.float32)[rng.integers(0, 10, 4096)]
    begin = time.perf_counter()
    model.fit(x, y, epochs=1, batchSize=128, verbose=0).result()
    step = 1000 * (time.perf_counter() - begin) / 32
    one = tf.tensor2d(x[:1])
    found: list[float] = []

    def work() -> None:
        for _ in range(calls):
            begin = time.perf_counter()
            model.predict(one)
            found.append(1000 * (time.perf_counter() - begin))
            time.sleep(0.002)

    fit = model.fit(x, y, epochs=10_000, batchSize=128, verbose=0)
    several = [threading.Thread(target=work) for _ in range(threads)]
    for thread in several:
        thread.start()
    for thread in several:
        thread.join()
    model.stopTraining = True
    fit.result()
    return found, step


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--number", type=int, default=5000, help="calls in one run")
    options = parser.parse_args()
    model = mlp(4, 16, 16, 3)
    x = tf.tensor2d([[0.1, 0.2, 0.3, 0.4]])
    print(
        f"predict, 4-16-16-3, one sample   {microseconds(lambda: model.predict(x), options.number):8.2f} us"
    )
    one, two = first_program()
    print(f"fit, 1000 epochs of one step     {one:8.2f} ms; two layers {two:.2f} ms")
    for name, op in (
        ("transpose", tf.transpose),
        ("sum", lambda y: tf.sum(y, 0, True)),
        ("softmax", tf.softmax),
    ):
        print(f"an instruction, {name:16} {per_instruction(op, options.number // 5):8.3f} us")
    for name, do in SHAPED.items():
        times, undisturbed = new_shapes(do, 500)
        middle = statistics.median(times)
        # What the rest of the machine does now and then takes longer than a call: no shape is slow by itself
        # that is quick in another round.
        best = max(min(times[i::500]) for i in range(500))
        print(
            f"{name}, 500 new shapes".ljust(33)
            + f"{middle:8.2f} ms; slowest {max(times) / middle:.1f} times the median, "
            f"of the {len(undisturbed)} of {len(times)} that waited for no core "
            f"{max(undisturbed) / middle:.1f}, by the best round of each shape {best / middle:.1f}"
        )
    for name, spent in slow_paths(options.number).items():
        print(f"{name:33}{spent:8.2f} us")
    print(f"an epoch with a callback         {epoch_with_callback(1000):8.2f} us")
    print(
        f"an addition of 1e5, of 200        {after_a_pause(0, 200):8.2f} us; "
        f"after 20 ms without work {after_a_pause(0.02, 200):.2f} us"
    )
    waits, step = waiting_for_a_fit(4, 200)
    print(
        f"predict on 4 threads, with a fit {statistics.median(waits):8.2f} ms; "
        f"p99 {sorted(waits)[int(0.99 * len(waits))]:.2f} ms; a step takes {step:.2f} ms"
    )


if __name__ == "__main__":
    main()
