"""Classes drawn by their probabilities."""

from __future__ import annotations

import numpy as np
import pytest

import lamina as tf

LOGITS = np.array([[0.1, 0.7, -0.4, 1.2], [2.0, -1.0, 0.0, 0.5]], np.float32)


@pytest.mark.parametrize("seed", [42, "text", 0.5])
def test_the_numbers_of_tensorflow_js(tfjs, seed):
    for logits, samples in ((LOGITS, 50), (LOGITS[0], 7), (LOGITS, 0)):
        ours = np.asarray(tf.multinomial(logits, samples, seed))
        theirs = tfjs.op("multinomial", logits, samples, seed)
        assert ours.dtype == np.int32
        assert np.array_equal(ours, theirs)
    p = np.array([0.2, 0.5, 0.3], np.float32)
    assert np.array_equal(tf.multinomial(p, 60, seed, True), tfjs.op("multinomial", p, 60, seed, True))


def test_frequencies():
    n = 40_000
    drawn = np.asarray(tf.multinomial(LOGITS, n))
    p = np.exp(LOGITS) / np.exp(LOGITS).sum(1, keepdims=True)
    for row, expected in zip(drawn, p, strict=True):
        assert np.bincount(row, minlength=4) / n == pytest.approx(expected, abs=0.02)
    assert not np.array_equal(drawn, tf.multinomial(LOGITS, n))


def test_the_same_seed_gives_the_same():
    tf.setRandomSeed(3)
    first = np.asarray(tf.multinomial(LOGITS, 20))
    tf.setRandomSeed(3)
    assert np.array_equal(first, tf.multinomial(LOGITS, 20))


def test_refused():
    with pytest.raises(ValueError, match="at least 2 outcomes, but got 1"):
        tf.multinomial([1.0], 3)
    with pytest.raises(ValueError, match="Rank of probabilities must be 1 or 2, but is 3"):
        tf.multinomial(np.ones((1, 2, 3)), 3)
    with pytest.raises(ValueError, match="numSamples must not be negative"):
        tf.multinomial([1.0, 2.0], -1)
