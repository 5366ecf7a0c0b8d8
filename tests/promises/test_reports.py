"""A forgotten await is noticed; a rejection nobody saw is reported once, one that was seen is not."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
import threading
import time
import warnings

import pytest

from lamina.promises import Promise, PromiseCancelledError, Sole, UnawaitedPromiseWarning, warn_if_forgotten

pytestmark = pytest.mark.watchdog(10)


def fail():
    raise ValueError("broken")


def failing(gate=None):
    def work(_context):
        if gate is not None:
            gate.wait(5)
        fail()

    return Promise.start(work, name="fit")


def reports(caplog, number, seconds=1.0):
    """Waits for so many reports, and a little for more that should not come."""
    deadline = time.monotonic() + seconds
    while len(caplog.records) < number and time.monotonic() < deadline:
        time.sleep(0.005)
    time.sleep(0.05)
    gc.collect()
    return caplog.records


def test_a_rejection_nobody_saw_is_reported_once(caplog):
    Promise.start(lambda _context: fail(), name="fit")
    line = sys._getframe().f_lineno - 1
    (record,) = reports(caplog, 1)
    assert record.name == "lamina" and record.levelno == logging.ERROR
    assert f"fit(), called at {__file__}:{line}" in record.getMessage()
    assert "ValueError: broken" in record.getMessage()
    assert record.exc_info is not None and record.exc_info[2] is not None


def test_it_is_reported_when_the_last_handle_goes(caplog):
    promise = failing()
    while promise.state == "pending":
        time.sleep(0.005)
    assert reports(caplog, 1, 0.05) == []
    del promise
    assert len(reports(caplog, 1)) == 1


def test_it_is_reported_at_once_where_no_handle_is_left(caplog):
    gate = threading.Event()
    failing(gate)
    gate.set()
    assert len(reports(caplog, 1)) == 1


def test_a_broken_chain_is_reported_once_at_its_end(caplog):
    failing().then(lambda x: x).then(lambda x: x).finally_(lambda: None)
    (record,) = reports(caplog, 1)
    assert "then" in record.getMessage()
    assert "ValueError: broken" in record.getMessage()


@pytest.mark.parametrize("way", ["result", "catch", "then", "await", "gather", "all", "returned", "settled"])
def test_a_rejection_that_was_seen_is_not_reported(caplog, way):
    async def gather():
        await asyncio.gather(failing(), return_exceptions=True)

    async def await_it():
        with pytest.raises(ValueError):
            await failing()

    if way == "result":
        with pytest.raises(ValueError):
            failing().result()
    elif way == "catch":
        failing().catch(lambda _error: None)
    elif way == "then":
        failing().then(None, lambda _error: None)
    elif way == "await":
        asyncio.run(await_it())
    elif way == "gather":
        asyncio.run(gather())
    elif way == "all":
        Promise.all([failing(), failing()]).catch(lambda _error: None)
    elif way == "returned":
        Promise.resolve(1).then(lambda _x: failing()).catch(lambda _error: None)
    else:
        promise = Promise.reject(ValueError())
        promise.catch(lambda _error: None)
        del promise
    assert reports(caplog, 1, 0.2) == []


def test_work_that_stopped_when_asked_is_not_reported(caplog):
    def work(context):
        while True:
            context.check()
            time.sleep(0.002)

    Promise.start(work).cancel()
    assert reports(caplog, 1, 0.1) == []
    Promise.reject(PromiseCancelledError("never asked"))
    assert len(reports(caplog, 1)) == 1


def test_what_is_unseen_at_exit_is_reported(program):
    ended = program(
        """
        kept = Promise.start(lambda context: 1 / 0, name="fit")
        time.sleep(0.1)
        say("end")
        """
    )
    assert ended.out == ["end"] and ended.code == 0
    assert ended.err.count("fit(), called at <string>:") == 1
    assert ended.err.count("ZeroDivisionError: division by zero") == 2  # message and traceback


def test_a_rejection_after_the_end_of_the_program_is_reported(program):
    ended = program(
        """
        def work(context):
            time.sleep(0.2)
            1 / 0
        kept = Promise.start(work, name="fit")
        """
    )
    assert ended.err.count("fit(), called at <string>:") == 1


# Forgotten awaits.


def test_a_forgotten_await_is_noticed_once():
    gate = threading.Event()
    sole = Sole("Only one fit runs at a time.")
    warn_if_forgotten(sole, "predict()")
    promise = Promise.start(lambda _context: gate.wait(5), name="fit", sole=sole)
    assert not promise.awaited
    with pytest.warns(UnawaitedPromiseWarning, match=r"predict\(\) while fit\(\), called at ") as caught:
        warn_if_forgotten(sole, "predict()")
    assert caught[0].filename == __file__
    assert promise.made_at in str(caught[0].message)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_if_forgotten(sole, "predict()")
    gate.set()
    promise.result()
    assert promise.awaited


@pytest.mark.parametrize("way", ["await", "then", "result", "ended", "callback", "coroutine"])
def test_no_warning_where_nothing_was_forgotten(way):
    gate, sole = threading.Event(), Sole("Only one fit runs at a time.")

    def check():
        warn_if_forgotten(sole, "predict()")
        gate.set()

    async def check_later():
        await asyncio.sleep(0.01)
        check()

    def work(context):
        if way in ("callback", "coroutine"):
            context.call(check if way == "callback" else check_later)
        return gate.wait(5)

    async def main():
        task = asyncio.ensure_future(promises[0])
        await asyncio.sleep(0.01)
        check()
        await task

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        promises = []
        promises.append(Promise.start(work, name="fit", sole=sole))
        if way == "await":
            asyncio.run(main())
        elif way == "then":
            chained = promises[0].then(lambda x: x)
            check()
            assert chained.result()
        elif way == "result":
            threading.Timer(0.1, check).start()
        elif way == "ended":
            gate.set()
            while promises[0].state == "pending":
                time.sleep(0.005)
            check()
        else:
            while promises[0].state == "pending":
                time.sleep(0.005)
        assert promises[0].result() is True
