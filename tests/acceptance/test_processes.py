"""What only a whole process shows: its end during a fit, Ctrl-C, fork."""

from __future__ import annotations

import os
import sys

import pytest

from .programs import python

pytestmark = [
    pytest.mark.watchdog(30),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="POSIX only"),
]


def test_exit_waits_for_a_running_fit():
    ended = python(
        """
        model = net()
        model.fit(*data(), epochs=5000, verbose=0).then(lambda history: say("epochs", len(history.epoch)))
        say("end of the program")
        """
    )
    assert (ended.lines, ended.err, ended.code) == (["end of the program", "epochs 5000"], "", 0)


def test_exit_after_an_error_waits_too():
    ended = python(
        """
        model = net()
        model.fit(*data(), epochs=50, verbose=0).then(lambda history: say("epochs", len(history.epoch)))
        raise ValueError("mine")
        """
    )
    assert (ended.lines, ended.code) == (["epochs 50"], 1)
    assert "ValueError: mine" in ended.err


def test_asyncio_run_that_leaves_a_fit_behind():
    ended = python(
        """
        model = net()
        async def main():
            model.fit(*data(), epochs=50, verbose=0, callbacks={"onTrainEnd": lambda logs: say("trained")})
        asyncio.run(main())
        """
    )
    assert (ended.lines, ended.code) == (["trained"], 0)


def test_a_rejection_nobody_saw_is_told_at_exit():
    ended = python(
        """
        model = net()
        promise = model.fit(tf.ones([4, 1]), tf.ones([3, 1]))
        """
    )
    assert ended.code == 0
    assert ended.err.count("nobody saw it") == 1
    assert "fit()" in ended.err


INTERRUPTED = """
    model = net(64, 64)
    x, y = data(2048, 64, 64)
    times = {}
    def interrupt():
        time.sleep(0.3)
        times["sent"] = time.monotonic()
        os.kill(os.getpid(), signal.SIGINT)
    threading.Thread(target=interrupt).start()
"""


def test_ctrl_c_ends_a_fit_within_half_a_second():
    """The weights are those after a whole batch, and the model goes on."""
    ended = python(
        INTERRUPTED
        + """
    try:
        model.fit(x, y, epochs=10**6, verbose=0).result()
    except KeyboardInterrupt:
        say("interrupted", time.monotonic() - times["sent"] < 0.5)
    finite = tf.all(tf.isFinite(model.predict(x)))
    say(bool(finite.dataSync()[0]), len(model.fit(x, y, epochs=1, verbose=0).result().epoch))
    """
    )
    assert (ended.lines, ended.err, ended.code) == (["interrupted True", "True 1"], "", 0)


def test_ctrl_c_in_asyncio():
    ended = python(
        INTERRUPTED
        + """
    async def main():
        await model.fit(x, y, epochs=10**6, verbose=0)
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        say("interrupted", time.monotonic() - times["sent"] < 0.5)
    say(len(model.fit(x, y, epochs=1, verbose=0).result().epoch))
    """
    )
    assert (ended.lines, ended.code) == (["interrupted True", "1"], 0)
    assert "nobody saw" not in ended.err


def test_ctrl_c_while_a_callback_waits():
    ended = python(
        INTERRUPTED
        + """
    async def on_epoch_end(epoch, logs):
        await asyncio.sleep(100)
    try:
        model.fit(x, y, epochs=3, verbose=0, callbacks={"onEpochEnd": on_epoch_end}).result()
    except KeyboardInterrupt:
        say("interrupted", time.monotonic() - times["sent"] < 0.5)
    """
    )
    assert (ended.lines, ended.code) == (["interrupted True"], 0)


def test_ctrl_c_during_exit():
    ended = python(
        """
        model = net()
        model.fit(*data(), epochs=10**7, verbose=0)
        threading.Timer(0.3, say, ["now"]).start()
        """
    )
    assert ended.lines == ["now"]
    assert ended.seconds < 2


@pytest.mark.parametrize("threads", [1, 4])
def test_a_forked_child_trains(threads):
    """In the midst of a fit of the parent, with the pool of threads at work."""
    ended = python(
        f"""
        tf.setNumThreads({threads})
        model = net(64, 64)
        x, y = data(512, 64, 64)
        fit = model.fit(x, y, epochs=10**6, verbose=0)
        time.sleep(0.1)
        child = os.fork()
        if child == 0:
            own = net(64, 64)
            history = own.fit(x, y, epochs=2, verbose=0).result()
            say("child", len(history.epoch), own.predict(x).shape)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        fit.cancel()
        try:
            fit.result()
        except tf.PromiseCancelledError:
            say("parent", status, model.predict(x).shape)
        """,
        *(["-W", "ignore::DeprecationWarning"] if sys.version_info >= (3, 12) else []),
    )
    assert (ended.lines, ended.code) == (["child 2 (512, 64)", "parent 0 (512, 64)"], 0)


def test_a_model_copied_by_fork_goes_on_in_the_child():
    ended = python(
        """
        model = net(4, 4)
        x, y = data(64, 4, 4)
        model.fit(x, y, epochs=2, verbose=0).result()
        child = os.fork()
        if child == 0:
            model.fit(x, y, epochs=2, verbose=0).result()
            os._exit(0 if model.predict(x).shape == (64, 4) else 1)
        say(os.waitpid(child, 0)[1])
        """,
        *(["-W", "ignore::DeprecationWarning"] if sys.version_info >= (3, 12) else []),
    )
    assert (ended.lines, ended.code) == (["0"], 0)


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="asks which CPUs a thread may use")
def test_threads_may_use_all_cpus_after_work():
    """On two CPUs a thread that is woken is kept off its waker's, but only until it runs."""
    ended = python(
        """
        allowed = set(sorted(os.sched_getaffinity(0))[:2])
        os.sched_setaffinity(0, allowed)
        tf.setNumThreads(2)
        x = tf.ones([100_000])

        def as_before(limit=1):
            threads = [int(thread) for thread in os.listdir("/proc/self/task")]
            until = time.monotonic() + limit
            while time.monotonic() < until:
                if all(os.sched_getaffinity(thread) == allowed for thread in threads):
                    return len(threads) == 2
            return False

        bursts = 0
        for _ in range(300):
            time.sleep(0.002)  # longer than threads look for work before they sleep
            for _ in range(30):
                tf.add(x, x).dispose()
            bursts += as_before()
        say(bursts)
        """
    )
    assert (ended.lines, ended.err, ended.code) == (["300"], "", 0)
