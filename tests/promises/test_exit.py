"""The end of the program, Ctrl-C, and fork."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from lamina._promises.jobs import Job
from lamina.promises import Promise, PromiseCancelledError

pytestmark = pytest.mark.watchdog(20)
posix = pytest.mark.skipif(not hasattr(os, "fork"), reason="POSIX only")


def test_exit_waits_for_what_runs(program):
    ended = program(
        """
        fit(10).then(lambda end: say("then", end))
        say("main ends")
        """
    )
    assert ended.out == ["main ends", "then done"] and ended.code == 0 and ended.err == ""


def test_callbacks_run_during_exit_and_may_start_promises(program):
    ended = program(
        """
        async def save(step):
            await asyncio.sleep(0.01)
            say("saved", step, await fit(1))
        def evaluate(step):
            say("evaluated", step, fit(1, callback=lambda s: None).result())
        async def main():
            fit(2, 0.1, save)
        asyncio.run(main())
        fit(2, 0.1, evaluate)
        fit(2, 0.1, lambda step: fit(1).then(lambda end: end)).then(lambda end: say(end))
        say("main ends")
        """
    )
    assert ended.err == "" and ended.code == 0
    assert ended.out[0] == "main ends"
    expected = ["saved 0 done", "saved 1 done", "evaluated 0 done", "evaluated 1 done", "done"]
    assert sorted(ended.out[1:]) == sorted(expected)


def test_an_error_of_the_program_does_not_break_the_fit(program):
    ended = program("fit(5).then(say)\nraise ValueError('main')")
    assert ended.out == ["done"] and ended.code == 1


@posix
def test_ctrl_c_during_exit_stops_the_fit(program):
    ended = program(
        """
        fit(1000, 0.02).then(say)
        fit(1000, 0.02).then(say)
        threading.Timer(0.2, say, ["now"]).start()
        """
    )
    assert ended.out == ["now", "stopped", "stopped"]
    assert ended.seconds < 0.5


@posix
def test_ctrl_c_during_exit_reaches_a_fit_in_a_callback(program):
    ended = program(
        """
        async def forever(step):
            await asyncio.sleep(60)
        async def main():
            fit(1000, 0.02, forever)
            await asyncio.sleep(0.1)
        loop = asyncio.new_event_loop()
        loop.run_until_complete(main())
        fit(1000, 0.02, forever)
        threading.Timer(0.2, say, ["now"]).start()
        """
    )
    assert ended.seconds < 1.0


@posix
def test_ctrl_c_in_the_program_ends_it_though_a_fit_runs(program):
    ended = program(
        """
        fit(1000, 0.02).then(say)
        say("now")
        time.sleep(30)
        """
    )
    assert ended.out == ["now", "stopped"]
    assert "KeyboardInterrupt" in ended.err
    assert ended.seconds < 0.5


@posix
def test_ctrl_c_in_asyncio_run_stops_the_fit(program):
    ended = program(
        """
        async def main():
            try:
                await fit(1000)
            finally:
                say("left")
        say("now")
        asyncio.run(main())
        """
    )
    assert ended.out == ["now", "left"]
    assert "KeyboardInterrupt" in ended.err and "nobody saw" not in ended.err
    assert ended.seconds < 0.6


@posix
@pytest.mark.parametrize("step_s", [0.02, 3.0])
@pytest.mark.parametrize("callback", ["None", "lambda step: None", "coroutine"])
def test_ctrl_c_in_result(program, step_s, callback):
    ended = program(
        f"""
        async def coroutine(step):
            await asyncio.sleep(0.001)
        promise = fit(1000, {step_s}, {callback})
        say("now")
        try:
            promise.result()
        except KeyboardInterrupt:
            say("interrupted", promise.state)
            say(promise.result())
            say("again", fit(2, 0.01, {callback}).result())
        """
    )
    state = "fulfilled" if step_s < 1 else "pending"
    assert ended.out == ["now", f"interrupted {state}", "stopped", "again done"]
    assert ended.err == "" and ended.code == 0


@posix
@pytest.mark.parametrize("kind", ["sleeping", "busy", "coroutine"])
def test_ctrl_c_within_a_callback(program, kind):
    ended = program(
        f"""
        async def coroutine(step):
            await asyncio.sleep(60)
        def sleeping(step):
            time.sleep(60)
        def busy(step):
            while True:
                pass
        promise = fit(1000, 0.01, {kind})
        threading.Timer(0.2, say, ["now"]).start()
        try:
            promise.result()
        except KeyboardInterrupt:
            say("interrupted", promise.state)
        say("again", fit(2, 0.01).result())
        """
    )
    assert ended.out == ["now", "interrupted rejected", "again done"]
    assert ended.err == ""
    assert ended.seconds < 0.8


@posix
def test_ctrl_c_arrives_within_half_a_second():
    def work(context):
        while not context.cancelled:
            time.sleep(0.01)

    main = threading.main_thread().ident
    assert main is not None
    for _ in range(3):
        promise = Promise.start(work)
        sent = []
        kill = lambda sent=sent: (sent.append(time.monotonic()), signal.pthread_kill(main, signal.SIGINT))  # noqa: E731
        threading.Timer(0.05, kill).start()
        with pytest.raises(KeyboardInterrupt):
            promise.result()
        assert time.monotonic() - sent[0] < 0.5
        assert promise.state == "fulfilled"


@posix
def test_ctrl_c_at_any_moment_never_hangs(program):
    ended = program(
        """
        import random
        main = threading.main_thread().ident
        random.seed(1)
        count = 0
        for trial in range(60):
            async def coroutine(step):
                await asyncio.sleep(0)
            callback = [lambda step: None, coroutine][trial % 2]
            promise = fit(3000, 0.0001, callback)
            timer = threading.Timer(random.uniform(0.001, 0.02), signal.pthread_kill, [main, signal.SIGINT])
            try:
                timer.start()
                promise.result()
            except KeyboardInterrupt:
                count += 1
            timer.join()
        say(count)
        """
    )
    assert ended.out == ["60"]


@posix
def test_fork(program):
    ended = program(
        """
        running = fit(20)
        chained = running.then(lambda end: say("handler of", os.getpid() == parent))
        ended = Promise.resolve(5)
        parent = os.getpid()
        time.sleep(0.05)
        child = os.fork()
        if child == 0:
            for promise in running, chained:
                try:
                    promise.result()
                except RuntimeError as error:
                    say("forked" in str(error), "called at" in str(error))
                try:
                    promise.then(say)
                except RuntimeError as error:
                    say("forked" in str(error))
            async def main():
                try:
                    await running
                except RuntimeError as error:
                    say("forked" in str(error))
                return await fit(2, callback=lambda step: None)
            say(asyncio.run(main()), sys.getswitchinterval())
            say(ended.result(), fit(2).result(), fit(2).then(lambda end: end + "!").result())
            sys.exit(0)
        say(os.waitpid(child, 0)[1])
        chained.result()
        say(running.result())
        """
    )
    child = ["True True", "True", "True True", "True", "True", "done 0.005", "5 done done!"]
    # The parent's handler does not wait for the child.
    handler = "handler of True"
    assert ended.out.count(handler) == 1
    assert [line for line in ended.out if line != handler] == [*child, "0", "done"]
    assert "nobody saw" not in ended.err


def test_ctrl_c_between_claiming_and_calling_does_not_hang_the_work(monkeypatch):
    def run(job, _place):
        if job._claim.acquire(False):
            raise KeyboardInterrupt

    monkeypatch.setattr(Job, "run", run)
    promise = Promise.start(lambda context: context.call(print))
    with pytest.raises(KeyboardInterrupt):
        promise.result()
    with pytest.raises(PromiseCancelledError):
        promise.result(5)
