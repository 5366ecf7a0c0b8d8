"""The model's lock: fair, re-entrant, cheap."""

from __future__ import annotations

import random
import signal
import sys
import threading
import time

import pytest

from lamina.promises import TicketLock

pytestmark = pytest.mark.watchdog(10)


def in_queue(lock, number):
    deadline = time.monotonic() + 5
    while lock.waiting != number:
        assert time.monotonic() < deadline
        time.sleep(0.0005)


def test_one_at_a_time():
    lock, counter = TicketLock(), [0]

    def work():
        for _ in range(2000):
            with lock:
                before = counter[0]
                if before % 97 == 0:
                    time.sleep(0)
                counter[0] = before + 1

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counter == [12000]
    assert not lock.held and lock.waiting == 0


def test_first_come_first_served():
    lock, order, threads = TicketLock(), [], []

    def work(number):
        with lock:
            order.append(number)

    with lock:
        for number in range(10):
            threads.append(threading.Thread(target=work, args=(number,)))
            threads[-1].start()
            in_queue(lock, number + 1)
    for thread in threads:
        thread.join()
    assert order == list(range(10))


def test_a_predict_waits_for_at_most_one_step():
    lock, stop, steps = TicketLock(), threading.Event(), [0]

    def fit():
        while not stop.is_set():
            with lock:
                steps[0] += 1
                time.sleep(0.01)

    thread = threading.Thread(target=fit)
    thread.start()
    waited = []
    for _ in range(20):
        time.sleep(0.003)
        before = steps[0]
        with lock:
            waited.append(steps[0] - before)
    stop.set()
    thread.join()
    assert max(waited) <= 1


def test_it_is_reentrant_also_while_others_wait():
    lock = TicketLock()
    order = []
    other = threading.Thread(target=lambda: (lock.acquire(), order.append("other"), lock.release()))
    with lock:
        other.start()
        in_queue(lock, 1)
        with lock, lock:
            order.append("inner")
        assert lock.acquire(blocking=False)
        lock.release()
        assert lock.held
    other.join()
    assert order == ["inner", "other"]


def test_acquire_without_waiting_and_with_a_timeout():
    lock = TicketLock()
    found = []

    def work():
        found.append(lock.acquire(blocking=False))
        began = time.monotonic()
        found.append(lock.acquire(timeout=0.05))
        found.append(0.04 < time.monotonic() - began < 2)

    def second():
        found.append(lock.acquire(timeout=0.05))

    with lock:
        thread = threading.Thread(target=work)
        thread.start()
        in_queue(lock, 1)
        behind = threading.Thread(target=second)
        behind.start()
        thread.join()
        behind.join()
        assert lock.waiting == 0
    assert sorted(found) == [False, False, False, True]
    assert lock.acquire(blocking=False)
    lock.release()


def test_who_gives_up_leaves_no_gap():
    lock, order = TicketLock(), []
    with lock:
        head = threading.Thread(target=lambda: order.append(lock.acquire(timeout=0.1)))
        head.start()
        in_queue(lock, 1)
        tail = threading.Thread(target=lambda: order.append(lock.acquire() and (lock.release() or "tail")))
        tail.start()
        in_queue(lock, 2)
        head.join()
    tail.join()
    assert order == [False, "tail"]


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="needs POSIX signals")
def test_ctrl_c_while_waiting_leaves_the_lock_usable():
    lock = TicketLock()
    taken, done = threading.Event(), threading.Event()

    def holder():
        with lock:
            taken.set()
            done.wait(5)

    thread = threading.Thread(target=holder)
    thread.start()
    taken.wait()
    main = threading.main_thread().ident
    assert main is not None
    timer = threading.Timer(0.1, lambda: signal.pthread_kill(main, signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt), lock:
        pass
    assert not lock.held and lock.waiting == 0
    done.set()
    thread.join()
    with lock:
        assert lock.held
    assert "0 waiting" in repr(lock)


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="needs POSIX signals")
def test_ctrl_c_just_as_the_lock_is_handed_over():
    lock, interval = TicketLock(), sys.getswitchinterval()
    main = threading.main_thread().ident
    assert main is not None

    def holder():
        with lock:
            taken.set()
            in_queue(lock, 1)
            # No other thread runs between the two.
            signal.pthread_kill(main, signal.SIGINT)
            lock.release()
            lock.acquire()

    sys.setswitchinterval(1)
    try:
        for _ in range(20):
            taken = threading.Event()
            thread = threading.Thread(target=holder)
            thread.start()
            taken.wait()
            with pytest.raises(KeyboardInterrupt), lock:
                time.sleep(0.1)
            thread.join()
            assert not lock.held and lock.acquire(blocking=False)
            lock.release()
    finally:
        sys.setswitchinterval(interval)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs POSIX timers")
def test_ctrl_c_at_any_moment_leaves_the_lock_usable():
    lock, over = TicketLock(), threading.Event()
    counts = [0, 0]

    def other():
        while not over.is_set():
            with lock:
                counts[0] += 1

    def interrupt(*_):
        raise KeyboardInterrupt

    handler = signal.signal(signal.SIGALRM, interrupt)
    thread = threading.Thread(target=other)
    thread.start()
    drawn = random.Random(1)
    try:
        for _ in range(500):
            try:
                signal.setitimer(signal.ITIMER_REAL, drawn.uniform(1e-5, 5e-4))
                while True:
                    with lock:
                        pass
            except KeyboardInterrupt:
                counts[1] += 1
            assert not lock.held
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        over.set()
        thread.join()
    assert lock.waiting == 0 and counts[0] > 0 and counts[1] == 500


def test_a_release_without_the_lock_is_an_error():
    with pytest.raises(RuntimeError):
        TicketLock().release()


def test_in_a_forked_child_it_is_free(program):
    ended = program(
        """
        from lamina.promises import TicketLock
        lock, own = TicketLock(), TicketLock()
        taken, done = threading.Event(), threading.Event()
        def hold():
            with lock:
                taken.set()
                done.wait(5)
        thread = threading.Thread(target=hold)
        thread.start()
        taken.wait()
        with own:
            child = os.fork()
            if child == 0:
                say(lock.acquire(timeout=1), own.held)
        if child == 0:
            say(own.held)
            os._exit(0)
        os.waitpid(child, 0)
        done.set()
        """
    )
    assert ended.out == ["True True", "False"]
