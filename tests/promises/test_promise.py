"""What a Promise is: state, chains and combinators as in JavaScript, result() in plain scripts."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import pytest

import lamina.promises
from lamina.promises import Promise

pytestmark = pytest.mark.watchdog(10)


def fail(error):
    raise error


def later(value, seconds=0.02):
    def work(_context):
        time.sleep(seconds)
        return fail(value) if isinstance(value, BaseException) else value

    return Promise.start(work, name="later")


def test_work_starts_at_once_on_a_named_thread():
    began = threading.Event()
    names = []

    def work(_context):
        names.append(threading.current_thread())
        began.set()
        return 7

    promise = Promise.start(work, name="fit")
    assert began.wait(5)
    assert promise.result() == 7
    assert names[0].name.startswith("lamina-fit-")
    assert not names[0].daemon
    assert names[0] is not threading.current_thread()


def test_none_queues_behind_another():
    barrier = threading.Barrier(20)
    promises = [Promise.start(lambda _context: barrier.wait(5)) for _ in range(20)]
    assert sorted(p.result() for p in promises) == list(range(20))


def test_result_gives_the_value_again_and_again():
    promise = later(3)
    assert [promise.result(), promise.result()] == [3, 3]


def test_result_raises_the_error_with_the_place_where_it_came_up():
    promise = later(ValueError("no"))
    lengths = []
    for _ in range(3):
        with pytest.raises(ValueError, match="no") as caught:
            promise.result()
        assert caught.traceback[-1].name == "fail"
        lengths.append(len(caught.traceback))
    assert len(set(lengths)) == 1


def test_a_timeout_of_result_leaves_the_work_alone():
    promise = later(5, 0.3)
    with pytest.raises(TimeoutError, match=r"later\(\).*test_promise.py"):
        promise.result(0.05)
    assert promise.state == "pending"
    assert promise.result(5) == 5


def test_results_of_several_threads():
    promise = later(9, 0.1)
    found = []
    threads = [threading.Thread(target=lambda: found.append(promise.result())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [9] * 8


def test_repr_tells_state_and_line():
    promise = later([1, 2])
    assert "pending" in repr(promise) and "test_promise.py:" in repr(promise)
    promise.result()
    assert repr(promise).endswith("fulfilled: [1, 2]>")
    broken = Promise.reject(ValueError("x"))
    assert "rejected: ValueError('x')" in repr(broken)
    broken.catch(lambda _error: None)
    assert len(repr(Promise.resolve("x" * 1000))) < 300
    assert Promise[int] is not None


def test_made_at_is_the_line_of_the_call():
    promise = Promise.resolve(1)
    line = sys._getframe().f_lineno - 1
    assert promise.made_at == f"{__file__}:{line}"


# Chains.


def test_then_passes_values_on():
    assert later(1).then(lambda x: x + 1).then(lambda x: x * 10).result() == 20


def test_then_adopts_promises_and_coroutines():
    async def double(x):
        return 2 * x

    assert later(1).then(lambda x: later(x + 1)).result() == 2
    assert later(4).then(double).result() == 8
    assert later(4).then(lambda x: Promise.resolve(double(x))).result() == 8
    assert Promise.resolve(double(5)).result() == 10


def test_an_error_skips_to_catch():
    seen = []
    chain = later(ValueError("a")).then(seen.append).catch(lambda e: f"caught {e}").then(lambda s: s + "!")
    assert chain.result() == "caught a!"
    assert seen == []


def test_an_error_in_a_handler_rejects():
    with pytest.raises(KeyError):
        later(1).then(lambda _x: fail(KeyError("k"))).result()
    with pytest.raises(OSError, match="second"):
        later(ValueError()).catch(lambda _e: fail(OSError("second"))).result()
    with pytest.raises(KeyError):
        later(1).then(lambda _x: later(KeyError())).result()


def test_then_takes_two_handlers():
    assert later(1).then(lambda x: x, lambda _e: "bad").result() == 1
    assert later(ValueError()).then(lambda x: x, lambda _e: "bad").result() == "bad"
    assert later(1).then().result() == 1
    with pytest.raises(TypeError, match="callable"):
        Promise.resolve(1).then(3)


@pytest.mark.parametrize("name", ["finally_", "finally"])
def test_finally_passes_the_outcome_on(name):
    calls = []
    assert getattr(later(1), name)(lambda: calls.append("ok")).result() == 1
    with pytest.raises(ValueError, match="v"):
        getattr(later(ValueError("v")), name)(lambda: calls.append("bad")).result()
    assert calls == ["ok", "bad"]
    with pytest.raises(KeyError):
        getattr(later(1), name)(lambda: fail(KeyError())).result()
    assert getattr(later(1), name)(lambda: later(2)).result() == 1
    with pytest.raises(KeyError):
        getattr(later(1), name)(lambda: later(KeyError())).result()


def test_handlers_run_later_and_in_order():
    order = []
    promise = Promise.resolve(0)
    last = [promise.then(lambda _v, i=i: order.append(i)) for i in range(50)][-1]
    order.append("after")
    last.result()
    assert [x for x in order if x != "after"] == list(range(50))
    gate = threading.Event()
    chain = Promise.resolve(0).then(lambda _v: gate.wait(5))
    assert chain.state == "pending"
    gate.set()
    assert chain.result() is True


def test_a_handler_may_wait_for_what_is_queued_behind_it():
    def handler(_value):
        return Promise.resolve(1).then(lambda x: x + 1).result()

    assert Promise.resolve(0).then(handler).result() == 2
    queued = []
    gate = threading.Event()
    first = Promise.resolve(0).then(lambda _v: gate.wait(5) and queued[0].result())
    queued.append(Promise.resolve(5).then(lambda x: x))
    gate.set()
    assert first.result() == 5


def test_a_promise_cannot_follow_itself():
    settlers = []
    promise = Promise(lambda resolve, reject: settlers.append(resolve))
    settlers[0](promise)
    with pytest.raises(TypeError, match="cycle"):
        promise.result()
    own = []
    gate = threading.Event()
    own.append(Promise.resolve(1).then(lambda _v: gate.wait(5) and own[0]))
    gate.set()
    with pytest.raises(TypeError, match="very Promise"):
        own[0].result()


# Combinators and constructors.


def test_resolve_and_reject():
    promise = later(1)
    assert Promise.resolve(promise) is promise
    assert Promise.resolve(3).result() == 3
    assert Promise.resolve().result() is None
    with pytest.raises(ValueError, match="x"):
        Promise.reject(ValueError("x")).result()
    with pytest.raises(TypeError, match="exception"):
        Promise.reject("x")
    promise.result()


def test_all_keeps_the_order():
    assert Promise.all([later(1, 0.1), 2, later(3)]).result() == [1, 2, 3]
    assert Promise.all([]).result() == []
    promise = later(4)
    assert Promise.all(p for p in (promise, promise)).result() == [4, 4]


def test_all_rejects_with_the_first_error():
    slow = later(1, 0.3)
    began = time.monotonic()
    with pytest.raises(ValueError, match="first"):
        Promise.all([slow, later(ValueError("first")), later(KeyError("second"), 0.05)]).result()
    assert time.monotonic() - began < 0.25
    assert slow.result() == 1


def test_the_constructor_is_that_of_javascript():
    assert Promise(lambda resolve, reject: resolve(1)).result() == 1
    with pytest.raises(ValueError, match="x"):
        Promise(lambda resolve, reject: reject(ValueError("x"))).result()
    with pytest.raises(KeyError):
        Promise(lambda resolve, reject: fail(KeyError())).result()
    settlers = []
    promise = Promise(lambda *both: settlers.extend(both))
    threading.Timer(0.05, lambda: (settlers[0](later(8)), settlers[1](ValueError()), settlers[0](9))).start()
    assert promise.result() == 8
    with pytest.raises(TypeError, match="not a function"):
        Promise(None)


def test_cancel_asks_the_work_to_stop():
    def work(context):
        while not context.cancelled:
            time.sleep(0.005)
        return "stopped"

    promise = Promise.start(work)
    assert "pending" in repr(promise)
    promise.cancel()
    assert promise.result(5) == "stopped"
    assert promise.then(lambda x: x).result() == "stopped"


def test_the_import_is_light():
    heavy = "asyncio inspect dataclasses concurrent.futures logging typing"
    code = f"import sys, lamina.promises; print([m for m in {heavy.split()!r} if m in sys.modules])"
    # Alone, whatever the package itself imports beside it.
    folder = os.path.dirname(lamina.promises.__file__)
    alone = f"p = type(sys)('lamina'); p.__path__ = [{folder!r}]; sys.modules['lamina'] = p; "
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; {alone}{code}"],
        capture_output=True,
        text=True,
        timeout=10,
        check=True,
    )
    assert done.stdout.strip() == "[]"
