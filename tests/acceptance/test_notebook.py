"""A real kernel, driven as Jupyter drives it: live progress, and the interrupt button during a fit."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytest.importorskip("ipykernel", reason="ipykernel is not installed")

LIMIT_S = 60.0

FIRST = """
import lamina as tf
import numpy as np

def net(units=1):
    model = tf.sequential(layers=[tf.layers.dense(units=units, inputShape=[1])])
    model.compile(optimizer="sgd", loss="meanSquaredError")
    return model

xs = np.linspace(-1, 1, 64).reshape(-1, 1)
model = net()
"""


class Notebook:
    """One kernel and its cells."""

    def __init__(self, client: Any, interrupt: Callable[[], None]) -> None:
        self._client = client
        self.interrupt = interrupt

    def run(
        self, code: str, during: Callable[[dict[str, Any]], None] = lambda _: None
    ) -> list[dict[str, Any]]:
        """The messages that a cell shows, up to its end; `during` gets each as it comes."""
        asked = self._client.execute(code)
        found = []
        deadline = time.monotonic() + LIMIT_S
        while True:
            message = self._client.get_iopub_msg(timeout=deadline - time.monotonic())
            if message["parent_header"].get("msg_id") != asked:
                continue
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                return found
            found.append(message)
            during(message)

    def value(self, code: str) -> str:
        """The text of a cell's last expression."""
        shown = self.run(code)
        assert not errors(shown), errors(shown)
        return next(m["content"]["data"]["text/plain"] for m in shown if m["msg_type"] == "execute_result")


def errors(shown: list[dict[str, Any]]) -> list[str]:
    return [m["content"]["ename"] for m in shown if m["msg_type"] == "error"]


def pages(shown: list[dict[str, Any]], kind: str) -> list[str]:
    return [m["content"]["data"].get("text/html", "") for m in shown if m["msg_type"] == kind]


@pytest.fixture(scope="module")
def notebook() -> Iterator[Notebook]:
    from jupyter_client.manager import KernelManager

    manager = KernelManager(kernel_name="python3")
    manager.kernel_spec.argv[0] = __import__("sys").executable
    manager.start_kernel()
    client = manager.client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=LIMIT_S)
        book = Notebook(client, manager.interrupt_kernel)
        assert not errors(book.run(FIRST))
        yield book
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_values_are_html(notebook):
    (tensor,) = pages(notebook.run("tf.tensor([[1, 2], [3, 4]])"), "execute_result")
    assert "<td" in tensor and "Tensor float32 [2, 2]" in tensor
    (summary,) = pages(notebook.run("model.summary()"), "display_data")
    assert "Trainable params: 2" in summary
    (history,) = pages(notebook.run("await model.fit(xs, xs, epochs=3, verbose=0)"), "execute_result")
    assert "<svg" in history


@pytest.mark.parametrize("wait", ["await {}", "{}.result()"], ids=["await", "result"])
def test_a_fit_shows_curves_that_grow(notebook, wait):
    fit = (
        "model.fit(xs, xs, epochs=40, batchSize=4,"
        " callbacks={'onEpochEnd': lambda epoch, logs: __import__('time').sleep(0.04)})"
    )
    shown = notebook.run("h = " + wait.replace("{}", fit))
    assert not errors(shown)
    first = pages(shown, "display_data")
    later = pages(shown, "update_display_data")
    assert len(first) == 1
    assert len(later) >= 2
    assert later[-1].count("<polyline") == 1
    assert later[-1].count(",") > first[0].count(",")
    assert "Epoch 40/40" in later[-1]


def test_a_short_fit_shows_nothing(notebook):
    shown = notebook.run("h = await model.fit(xs, xs, epochs=2)")
    assert [m["msg_type"] for m in shown] == ["status", "execute_input"]


def test_a_promise_is_followed_to_its_end(notebook):
    shown = notebook.run(
        "import asyncio\n"
        "p = model.fit(xs, xs, epochs=30, verbose=0,"
        " callbacks={'onEpochEnd': lambda epoch, logs: __import__('time').sleep(0.02)})\n"
        "display(p)\n"
        "await p\n"
        "await asyncio.sleep(0.4)"
    )
    assert not errors(shown)
    (first,) = pages(shown, "display_data")
    later = pages(shown, "update_display_data")
    assert "pending" in first
    assert "<svg" in later[0] and "pending" in later[0]
    assert "fulfilled" in later[-1]


@pytest.mark.parametrize("wait", ["await model.fit({})", "model.fit({}).result()"], ids=["await", "result"])
def test_the_interrupt_button_stops_a_fit_and_keeps_the_weights(notebook, wait):
    """Within half a second, and the next cell trains on."""
    pressed: list[float] = []

    def press(message: dict[str, Any]) -> None:
        if message["msg_type"] == "stream" and "now" in message["content"]["text"] and not pressed:
            time.sleep(0.2)
            pressed.append(time.monotonic())
            notebook.interrupt()

    notebook.run("model = net(); before = np.asarray(model.getWeights()[0]).copy()")
    shown = notebook.run(
        "print('now', flush=True)\n" + wait.format("xs, xs, epochs=10_000_000, verbose=0"), press
    )
    took = time.monotonic() - pressed[0]
    assert errors(shown) in (["CancelledError"], ["KeyboardInterrupt"])
    assert took <= 0.5
    assert notebook.value("bool(np.all(np.asarray(model.getWeights()[0]) != before))") == "True"
    assert notebook.value("model.isTraining") == "False"
    assert notebook.value("h = await model.fit(xs, xs, epochs=2, verbose=0); len(h.epoch)") == "2"
