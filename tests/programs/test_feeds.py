"""Where batches come from and where outputs go: arrays in place, sinks, and why a loop comes back."""

from __future__ import annotations

import array

import numpy as np
import pytest

import lamina as tf
from lamina import _core

RNG = np.random.default_rng(5)


def net(inputs: int = 4, **options):
    model = tf.sequential(layers=[tf.layers.dense(units=3, inputShape=[inputs], **options)])
    model.compile(loss="meanSquaredError", optimizer="sgd", metrics=["mae"])
    return model


def unaligned(x):
    raw = bytearray(x.nbytes + 1)
    raw[1:] = x.tobytes()
    return np.frombuffer(raw, x.dtype, offset=1).reshape(x.shape)


FORMS = {
    "in place": lambda x: x,
    "read-only": lambda x: np.frombuffer(x.tobytes(), x.dtype).reshape(x.shape),
    "columns first": np.asfortranarray,
    "every other": lambda x: np.repeat(x, 2, axis=0)[::2],
    "unaligned": unaligned,
    "big-endian": lambda x: x.astype(">f4"),
    "doubles": lambda x: x.astype("f8"),
    "view": memoryview,
    "lists": lambda x: x.tolist(),
}


@pytest.mark.parametrize("form", FORMS)
def test_arrays_of_all_forms_hold_the_same_values(form):
    model, x, y = net(), RNG.normal(size=(70, 4)).astype("f"), RNG.normal(size=(70, 3)).astype("f")
    given, wanted = FORMS[form](x), tf.tensor2d(x)
    assert np.array_equal(model.predict(given), model.predict(wanted))
    assert np.array_equal(model.predictOnBatch(given), model.predictOnBatch(wanted))
    there, here = model.evaluate(given, FORMS[form](y)), model.evaluate(wanted, tf.tensor2d(y))
    assert [float(v) for v in there] == [float(v) for v in here]
    model.dispose()


@pytest.mark.parametrize("dtype", ["uint8", "int32", "bool"])
def test_arrays_of_other_types_too(dtype):
    model, x = net(), RNG.integers(0, 2, (40, 4)).astype(dtype)
    assert np.array_equal(model.predict(x), model.predict(x.astype("f")))
    assert np.array_equal(model.predict(x[:, ::-1]), model.predict(x[:, ::-1].astype("f")))
    model.dispose()


def test_values_of_the_standard_library_are_read_in_place():
    model, x = net(1), array.array("f", [1, 2, 3])
    assert np.array_equal(model.predict(x), model.predict(tf.tensor1d([1, 2, 3])))
    model.dispose()


@pytest.mark.parametrize("dtype", ["float32", "uint8"])
def test_evaluate_and_predict_copy_no_arrays(dtype):
    model, x = net(8192), RNG.integers(0, 9, (2048, 8192)).astype(dtype)
    y = np.zeros((2048, 3), "f")
    # A cap with room for batches, not for a copy of all samples.
    _core.pool_trim()
    _core.pool_set_cap(_core.pool_stats()["usedBytes"] + (8 << 20))
    try:
        model.evaluate(x, y)
        model.predict(x)
        with pytest.raises(MemoryError):
            model.fit(x, y, verbose=0).result()
    finally:
        _core.pool_set_cap(0)
    model.dispose()


def test_validations_copy_uint8_data_once():
    model, x = net(8192), RNG.integers(0, 9, (2048, 8192)).astype("u1")
    y = np.zeros((2048, 3), "f")
    _core.pool_trim()
    _core.pool_set_cap(_core.pool_stats()["usedBytes"] + x.nbytes + (8 << 20))
    try:
        model.fit(x[:32], y[:32], epochs=2, validationData=[x, y], verbose=0).result()
    finally:
        _core.pool_set_cap(0)
    model.dispose()


def test_a_loop_leaves_the_array_to_its_owner():
    model, x = net(), bytearray(np.ones((40, 4), "f").tobytes())
    model.predict(memoryview(x).cast("f", [40, 4]))
    # A buffer that somebody holds cannot grow.
    x.extend(b"more")
    model.dispose()


def test_a_model_that_hands_an_array_through_gives_values_of_its_own():
    x = tf.input(shape=[2])
    model = tf.model(inputs=x, outputs=[x, tf.layers.reshape(targetShape=[2]).apply(x)])
    given = np.ones((40, 2), "f")
    first, second = model.predict(given)
    given[:] = 7
    assert np.array_equal(first, np.ones((40, 2))) and np.array_equal(second, np.ones((40, 2)))
    model.dispose()


class Twice(tf.layers.Layer):
    """Two rows of each sample."""

    className = "TwiceForFeeds"

    def computeOutputShape(self, inputShape):
        return inputShape

    def call(self, inputs, **kwargs):
        x = inputs[0] if isinstance(inputs, list) else inputs
        return tf.concat([x, tf.mul(x, 2)], 0)


def test_outputs_of_more_rows_than_samples_are_joined_by_batches():
    model = tf.sequential(layers=[tf.layers.inputLayer(inputShape=[2]), Twice()])
    x = RNG.normal(size=(5, 2)).astype("f")
    batches = [x[:2], x[2:4], x[4:]]
    wanted = np.concatenate([rows * k for rows in batches for k in (1, 2)])
    assert np.array_equal(model.predict(x, batchSize=2), wanted)
    model.dispose()


def program(rows: int):
    with _core.Trace() as trace:
        y = tf.sum(trace.input([rows, 2], "float32"))
    return trace.program([y])


def test_a_loop_says_why_it_comes_back():
    feed = _core.Feed([tf.ones([7, 2])], 7, 3)
    stop, full, last = _core.StopFlag(), program(3), program(1)
    assert feed.batches == 3
    sums = _core.Sums()
    assert _core.run_loop(feed, [full, last], sums, 0, 3, stop) == (3, "done")
    # Each output counts as often as its batch has samples.
    assert (sums.totals, sums.last, stop.steps) == ([6 * 3 + 6 * 3 + 2 * 1], [2], 3)
    assert _core.run_loop(feed, [full], sums, 0, 3, stop) == (2, "no program")
    assert _core.run_loop(feed, [full, last], sums, 0, 3, stop, limit_ms=1e-9) == (1, "late")
    stop.set()
    assert _core.run_loop(feed, [full, last], sums, 0, 3, stop) == (0, "asked")


def test_a_loop_takes_joined_batches_where_a_program_does():
    x = RNG.integers(0, 9, (17, 2)).astype("f")
    feed, stop = _core.Feed([_core.rows(x, in_place=True)], 17, 2), _core.StopFlag()
    programs = [program(2), program(6), program(1)]
    sums = _core.Sums()
    assert _core.run_loop(feed, programs, sums, 0, 9, stop) == (9, "done")
    # Runs of three batches, as long as there are three; then single ones; the short one by itself.
    parts = [x[:6], x[6:12], x[12:14], x[14:16], x[16:]]
    assert sums.totals == [sum(part.sum() * len(part) for part in parts)]
    assert stop.steps == 9


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: _core.Feed([], 4, 0), "at least one sample"),
        (
            lambda: _core.run_loop(_core.Feed([], 4, 2), [program(2)], _core.Sums(), 0, 1, _core.StopFlag()),
            "1 inputs was given 0 columns",
        ),
        (lambda: _core.rows(np.zeros((3, 2), "u1")).slice(1, 4), "no samples 1 to 4 among 3"),
        (lambda: _core.rows(np.zeros((3, 2), "u1")).gather([3]), "no samples 3 to 4 among 3"),
    ],
)
def test_errors_of_feeds(call, said):
    with pytest.raises(ValueError, match=said):
        call()
