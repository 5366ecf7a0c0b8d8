"""Where the user's callbacks run: on the loop, in result(), or on the work's own thread."""

from __future__ import annotations

import asyncio
import contextvars
import threading
import time
from functools import partial

import pytest

from lamina import _core
from lamina._promises.pump import REST
from lamina.promises import Promise

pytestmark = pytest.mark.watchdog(10)

variable = contextvars.ContextVar("variable", default="unset")


def fit(*callbacks, steps=3, step_s=0.005, name="fit"):
    """Calls all callbacks after each step; what they returned."""

    def work(context):
        found = []
        for _ in range(steps):
            if context.cancelled:
                break
            time.sleep(step_s)
            found += [context.call(callback) for callback in callbacks]
        return found

    return Promise.start(work, name=name)


async def nap(value=None):
    await asyncio.sleep(0.005)
    return value


async def where():
    await asyncio.sleep(0.001)
    return asyncio.get_running_loop()


# Where somebody awaits.


def test_awaited_callbacks_run_on_the_loop():
    async def main():
        loop = asyncio.get_running_loop()
        assert await fit(threading.get_ident) == [threading.get_ident()] * 3
        assert await fit(asyncio.get_running_loop) == [loop] * 3
        assert await fit(where) == [loop] * 3
        assert await asyncio.gather(fit(where), fit(partial(nap, 1))) == [[loop] * 3, [1] * 3]

    asyncio.run(main())


def test_a_promise_of_no_loop_runs_its_callbacks_where_it_is_awaited():
    started = threading.Event()
    promise = fit(lambda: started.wait(5) and threading.get_ident(), steps=1)

    async def main():
        return await promise

    threading.Timer(0.2, started.set).start()
    asyncio.run(main())
    late = fit(threading.get_ident, steps=1, step_s=0.1)

    async def wait():
        return await late

    assert asyncio.run(wait()) == [threading.get_ident()]


def test_unawaited_callbacks_run_on_the_loop_of_the_call():
    async def main():
        promise = fit(threading.get_ident)
        while promise.state == "pending":
            await asyncio.sleep(0.01)
        return await promise

    assert asyncio.run(main()) == [threading.get_ident()] * 3


def test_callbacks_go_on_though_the_loop_of_the_call_ends():
    ran = []
    promises = []

    async def main():
        promises.append(fit(lambda: ran.append(threading.get_ident()), steps=20, step_s=0.01))
        await asyncio.sleep(0.05)

    asyncio.run(main())
    promises[0].result()
    assert len(ran) == 20


def test_a_coroutine_of_an_ending_loop_does_not_hang_the_work():
    promises = []

    async def main():
        promises.append(fit(partial(asyncio.sleep, 60)))
        await asyncio.sleep(0.1)

    asyncio.run(main())
    with pytest.raises(Exception, match="cancelled"):
        promises[0].result(5)


def test_a_loop_that_pauses_does_not_hang_the_work():
    loop = asyncio.new_event_loop()

    async def begin():
        return fit(lambda: 1, steps=40, step_s=0.005)

    promise = loop.run_until_complete(begin())
    assert promise.result(5) == [1] * 40
    loop.close()


# Where result() waits.


def test_result_runs_callbacks_on_its_thread():
    assert fit(threading.get_ident).result() == [threading.get_ident()] * 3
    assert fit(threading.get_ident).then(lambda found: found).result() == [threading.get_ident()] * 3
    both = Promise.all([fit(threading.get_ident), fit(threading.get_ident)]).result()
    assert both == [[threading.get_ident()] * 3] * 2


def test_result_awaits_coroutines_on_one_loop_of_its_own():
    loops = fit(where, where).result()
    assert len(set(loops)) == 1 and loops[0].is_closed()

    background = []

    async def leave_running():
        background.append(asyncio.create_task(nap("done")))

    fit(leave_running, steps=1, step_s=0).then(lambda _x: time.sleep(0.1)).result()
    assert [task.cancelled() or task.result() == "done" for task in background] == [True]
    assert fit(partial(nap, 2), lambda: Promise.resolve(3)).result() == [2, 3] * 3


def test_callbacks_are_not_kept_waiting():
    def work(context):
        began = time.monotonic()
        for _ in range(60):
            context.call(partial(nap, 1))
            context.call(threading.get_ident)
            time.sleep(0.001)
        return time.monotonic() - began

    async def main():
        return await Promise.start(work)

    # A wake-up that is missed costs a tick of 100 ms.
    assert Promise.start(work).result() < 3
    assert asyncio.run(main()) < 3


def test_a_late_result_takes_over():
    promise = fit(threading.get_ident, steps=60, step_s=0.005)
    time.sleep(0.15)
    found = promise.result()
    assert found[-1] == threading.get_ident() != found[0]


def test_a_result_that_times_out_leaves_coroutines_unharmed():
    promise = fit(partial(asyncio.sleep, 0.3, "slept"), steps=2)
    time.sleep(0.01)
    with pytest.raises(TimeoutError):
        promise.result(0.1)
    assert promise.result(5) == ["slept"] * 2


def test_nobody_waits_and_no_loop_runs():
    names = []

    async def callback():
        names.append(threading.current_thread().name)
        await asyncio.sleep(0.001)
        return asyncio.get_running_loop()

    promise = fit(callback, lambda: Promise.resolve(nap(4)))
    while promise.state == "pending":
        time.sleep(0.01)
    found = promise.result()
    assert len({name for name in names}) == 1 and names[0].startswith("lamina-fit-")
    assert len(set(found[::2])) == 1 and found[1::2] == [4] * 3


# On the thread of a running loop.


def test_result_on_the_thread_of_the_loop_runs_plain_callbacks():
    async def main():
        assert fit(threading.get_ident).result() == [threading.get_ident()] * 3
        assert fit(lambda: fit(lambda: 1, steps=1)).result() == [[1]] * 3
        assert fit().then(lambda _x: threading.get_ident()).result() == threading.get_ident()
        assert fit().then(lambda _x: 1).then(lambda x: x + 1).finally_(lambda: None).result() == 2

    asyncio.run(main())


def test_result_on_the_thread_of_the_loop_takes_over_what_waits_for_the_loop():
    async def main():
        promise = fit(threading.get_ident, steps=2)
        chained = Promise.resolve(1).then(lambda x: x + 1)
        time.sleep(0.1)
        assert promise.result() == [threading.get_ident()] * 2
        assert chained.result() == 2

    asyncio.run(main())


def test_result_on_the_thread_of_the_loop_refuses_coroutines():
    async def main():
        with pytest.raises(RuntimeError, match="await"):
            fit(nap).result()
        with pytest.raises(RuntimeError, match="await"):
            Promise.resolve(1).then(nap).result()
        with pytest.raises(RuntimeError, match="await"):
            Promise.resolve(nap()).result()

    asyncio.run(main())


def test_result_on_the_thread_of_the_loop_refuses_to_starve_a_coroutine_under_way():
    async def main():
        promise = fit(partial(nap, 1))
        chained = promise.then(lambda x: x)
        while promise._core.task is None:
            await asyncio.sleep(0)
        with pytest.raises(RuntimeError, match="await"):
            promise.result()
        with pytest.raises(RuntimeError, match="await"):
            chained.result()
        assert await chained == [1] * 3

    asyncio.run(main())


def test_other_loops_and_threads_may_use_result():
    async def main():
        promise = fit(partial(nap, 1))
        found = await asyncio.get_running_loop().run_in_executor(None, promise.result)
        assert found == await promise == [1] * 3

    asyncio.run(main())


def test_a_blocked_loop_leaves_its_callbacks_to_who_else_waits():
    async def main():
        awaited = fit(lambda: 1, steps=3, step_s=0.1)
        task = asyncio.ensure_future(awaited)
        await asyncio.sleep(0.01)
        other = Promise.start(lambda _context: awaited.result(), name="other")
        assert other.result() == [1] * 3
        return await task

    assert asyncio.run(main()) == [1] * 3


# What goes in and comes out.


@pytest.mark.parametrize("way", ["await", "result", "alone"])
@pytest.mark.parametrize("asynchronous", [False, True])
def test_errors_of_callbacks_are_raised_in_the_work(way, asynchronous):
    def plain():
        raise KeyError("from the callback")

    async def coroutine():
        await asyncio.sleep(0)
        plain()

    seen = []

    def work(context):
        try:
            context.call(coroutine if asynchronous else plain)
        except KeyError as error:
            seen.append(error)
            raise

    async def main():
        await Promise.start(work)

    with pytest.raises(KeyError, match="from the callback"):
        if way == "await":
            asyncio.run(main())
        else:
            promise = Promise.start(work)
            while way == "alone" and promise.state == "pending":
                time.sleep(0.01)
            promise.result()
    assert len(seen) == 1


@pytest.mark.parametrize("way", ["await", "result", "alone"])
def test_context_variables_of_the_call_reach_callbacks(way):
    async def coroutine():
        await asyncio.sleep(0)
        return variable.get()

    async def main():
        variable.set("of the call")
        return await fit(variable.get, coroutine, steps=1)

    def plain():
        variable.set("of the call")
        promise = fit(variable.get, coroutine, steps=1).then(lambda x: [*x, variable.get()])
        variable.set("changed since")
        while way == "alone" and promise.state == "pending":
            time.sleep(0.01)
        return promise.result()[:2] if promise.result()[2] == "of the call" else None

    found = asyncio.run(main()) if way == "await" else contextvars.copy_context().run(plain)
    assert found == ["of the call"] * 2


def test_what_one_callback_sets_the_next_one_finds():
    def set_it():
        variable.set(variable.get() + "+")

    assert fit(set_it, variable.get).result() == [None, "unset+", None, "unset++", None, "unset+++"]


# Waiting within callbacks.


def test_callbacks_wait_for_other_promises():
    async def asynchronous():
        first = await fit(partial(nap, 1), steps=1)
        return first + await fit(lambda: [2], steps=1).then(lambda x: x[0])

    def plain():
        return fit(partial(nap, 3), lambda: fit(lambda: 4, steps=1).result(), steps=1).result()

    async def main():
        return await fit(asynchronous, steps=1)

    assert asyncio.run(main()) == [[1, 2]]
    assert fit(asynchronous, plain, steps=1).result() == [[1, 2], [3, [4]]]
    promise = fit(asynchronous, plain, steps=1)
    while promise.state == "pending":
        time.sleep(0.01)
    assert promise.result() == [[1, 2], [3, [4]]]


def test_a_callback_may_wait_for_another_fit_that_has_callbacks():
    other = fit(partial(nap, "other"), steps=20)
    assert fit(lambda: other.result()[-1], steps=1).result() == ["other"]
    other = fit(partial(nap, "other"), steps=20)

    async def callback():
        return (await other)[-1]

    assert Promise.all([fit(callback, steps=1), other]).result() == [["other"], ["other"] * 20]


def test_a_callback_that_waits_for_its_own_fit_is_refused():
    promises = []

    def plain():
        promises[0].result()

    async def coroutine():
        await promises[0]

    async def main(callback):
        promises[:] = [fit(callback)]
        return await promises[0]

    for callback in (plain, coroutine):
        with pytest.raises(RuntimeError, match="cannot wait for the Promise that called it"):
            asyncio.run(main(callback))
        promises[:] = [fit(callback)]
        with pytest.raises(RuntimeError, match="cannot wait for the Promise that called it"):
            promises[0].result()


def test_cancelling_cuts_a_waiting_coroutine_short():
    async def main():
        ended = []

        async def callback():
            try:
                await asyncio.sleep(60)
            finally:
                ended.append(True)

        promise = fit(callback)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(promise, 0.1)
        assert ended == [True]
        assert promise.state == "rejected"

    asyncio.run(main())


@pytest.mark.parametrize("kind", ["coroutine", "promise"])
def test_cancelling_lets_a_short_callback_end(kind):
    async def main():
        begun = threading.Event()

        async def coroutine():
            begun.set()
            await asyncio.sleep(0.05)
            return "saved"

        def promise():
            begun.set()
            return Promise.start(
                lambda context: time.sleep(0.05) or ("cut" if context.cancelled else "saved")
            )

        awaited = fit(coroutine if kind == "coroutine" else promise)
        task = asyncio.ensure_future(awaited)
        while not begun.is_set():
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await awaited == ["saved"]

    asyncio.run(main())


def test_callbacks_after_a_cancel_still_run():
    ran = []

    def work(context):
        while not context.cancelled:
            time.sleep(0.005)
        return context.call(partial(nap, ran.append("train end")))

    async def main():
        promise = Promise.start(work)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(promise, 0.05)
        return await promise

    assert asyncio.run(main()) is None
    assert ran == ["train end"]


def test_system_exit_in_a_callback_ends_the_waiting_thread():
    def callback():
        raise SystemExit(3)

    promise = fit(callback)
    with pytest.raises(SystemExit):
        promise.result()
    assert promise.state == "rejected"


# How they come together.


def test_a_hint_counts_from_the_time_one_looks():
    one, other = _core.Hint(), _core.Hint()
    assert not one.exchange(other, 0)
    assert not other.exchange(one, 1000)  # told before
    threading.Timer(0.05, one.tell).start()
    assert one.exchange(other, 10**8)


def test_threads_do_not_look_for_each_other_where_callbacks_come_slowly():
    found = []

    def look():
        (pump,) = promise._core.waiters
        found.append(pump._rest)

    promise = fit(look, steps=60)
    promise.result()
    assert max(found) == REST - 1
