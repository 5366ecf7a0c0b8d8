"""Signals are heard in the middle of a long call."""

from __future__ import annotations

import signal

import pytest

import lamina as tf

CALLS = {
    "numbers drawn in order": lambda: tf.randomUniform([1 << 27], 0, 1, "bool", 7),
    "different values": lambda: tf.unique(tf.range(0, 1 << 24, 1, "int32")),
    "a product on all threads": lambda: tf.matMul(tf.ones([6144, 6144]), tf.ones([6144, 6144])),
}


class Timer:
    """A signal every 50 ms, and how often its handler ran: one that nobody hears comes once."""

    def __init__(self, handler=lambda: None):
        self.heard = 0
        self._handler = handler

    def __enter__(self):
        def handle(*_):
            self.heard += 1
            self._handler()

        self._before = signal.signal(signal.SIGALRM, handle)
        signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
        return self

    def __exit__(self, *_):
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._before)


@pytest.mark.parametrize("name", CALLS)
def test_heard(name):
    with Timer() as timer:
        CALLS[name]()
    assert timer.heard >= 2


@pytest.mark.parametrize("name", CALLS)
def test_the_call_ends(name):
    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), Timer(stop):
        CALLS[name]()
    # What was underway leaves nothing behind.
    assert tf.matMul(tf.ones([2, 3]), tf.ones([3, 2])).arraySync() == [[3.0, 3.0], [3.0, 3.0]]
