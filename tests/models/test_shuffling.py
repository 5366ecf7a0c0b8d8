"""The order of samples in an epoch: what `shuffle` says, step by step and in whole epochs."""

from __future__ import annotations

import numpy as np
import pytest

import lamina as tf
from lamina.models.shuffling import block_of, permutation
from support.nets import array, close

SAMPLES, BATCH = 11, 4
X = np.arange(SAMPLES, dtype=np.float32).reshape(SAMPLES, 1)


def batches_seen(shuffle, epochs=3):
    """The samples of each step of each epoch, as a loss function met them."""
    seen = []

    def loss(target, output):
        seen.append([int(value) for value in target.flatten().arraySync()])
        return tf.losses.meanSquaredError(target, output)

    model = tf.sequential(layers=[tf.layers.dense(units=1, inputShape=[1])])
    model.compile(optimizer="sgd", loss=loss, runEagerly=True)
    model.fit(X, X, batchSize=BATCH, epochs=epochs, shuffle=shuffle, verbose=0).result()
    model.dispose()
    steps = -(-SAMPLES // BATCH)
    return [seen[i : i + steps] for i in range(0, len(seen), steps)]


def trained(shuffle, eagerly):
    tf.setRandomSeed(7)
    model = tf.sequential(layers=[tf.layers.dense(units=1, inputShape=[1], kernelInitializer="ones")])
    model.compile(optimizer=tf.train.sgd(0.001), loss="meanSquaredError", runEagerly=eagerly)
    model.fit(X, 3 * X, batchSize=BATCH, epochs=3, shuffle=shuffle, verbose=0).result()
    weights = [array(w) for w in model.getWeights()]
    model.dispose()
    return weights


def test_without_shuffling_samples_keep_their_order():
    whole = [list(range(i, min(i + BATCH, SAMPLES))) for i in range(0, SAMPLES, BATCH)]
    assert batches_seen(False) == [whole] * 3


def test_shuffled_samples_leave_their_batches():
    tf.setRandomSeed(1)
    epochs = batches_seen(True)
    for batches in epochs:
        assert sorted(i for batch in batches for i in batch) == list(range(SAMPLES))
    assert any(sorted(batch) != batch for batches in epochs for batch in batches)
    assert epochs[0] != epochs[1]


def test_shuffled_batches_keep_together_and_the_short_one_stays_last():
    tf.setRandomSeed(1)
    epochs = batches_seen("batch", epochs=8)
    for batches in epochs:
        assert sorted(batches[:-1]) == [[0, 1, 2, 3], [4, 5, 6, 7]]
        assert batches[-1] == [8, 9, 10]
    assert len({str(batches) for batches in epochs}) == 2


@pytest.mark.parametrize("shuffle", [False, True, "batch"])
def test_whole_epochs_shuffle_as_single_steps_do(shuffle):
    assert all(close(a, b) for a, b in zip(trained(shuffle, False), trained(shuffle, True), strict=True))


def test_a_batch_larger_than_the_data_is_one_block():
    assert block_of("batch", SAMPLES) == SAMPLES
    assert array(permutation(SAMPLES, 0, SAMPLES)).tolist() == list(range(SAMPLES))
    assert array(permutation(SAMPLES, 0, 2)).tolist()[-1] == SAMPLES - 1


def test_a_wrong_value_is_named():
    model = tf.sequential(layers=[tf.layers.dense(units=1, inputShape=[1])])
    model.compile(optimizer="sgd", loss="meanSquaredError")
    with pytest.raises(ValueError, match="shuffle"):
        model.fit(X, X, shuffle="epoch")
    model.dispose()
