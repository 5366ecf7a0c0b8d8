"""Promises of real models: callbacks, several fits, asyncio, notebooks. Nothing may hang."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
import warnings

import numpy as np
import pytest

import lamina as tf

pytestmark = pytest.mark.watchdog(10)

ENDLESS = 10**6


def net(units=4):
    model = tf.sequential(
        layers=[
            tf.layers.dense(units=8, inputShape=[units], activation="relu"),
            tf.layers.dense(units=1),
        ]
    )
    model.compile(optimizer="sgd", loss="meanSquaredError")
    return model


def data(samples=64):
    rng = np.random.default_rng(0)
    return rng.normal(size=(samples, 4)).astype(np.float32), rng.normal(size=(samples, 1)).astype(np.float32)


def stop(fit):
    fit.cancel()
    with pytest.raises(tf.PromiseCancelledError):
        fit.result()


@pytest.fixture
def model():
    made = net()
    yield made
    made.dispose()


def test_a_callback_that_awaits_save_and_evaluates(model, tmp_path):
    x, y = data()
    seen = []

    async def on_epoch_end(epoch, logs):
        saved = await model.save(str(tmp_path / str(epoch)))
        seen.append((epoch, saved.modelArtifactsInfo.weightDataBytes, float(model.evaluate(x, y))))

    async def main():
        await model.fit(x, y, epochs=3, verbose=0, callbacks={"onEpochEnd": on_epoch_end})

    asyncio.run(main())
    assert [epoch for epoch, _, _ in seen] == [0, 1, 2]
    assert {size for _, size, _ in seen} == {4 * (4 * 8 + 8 + 8 + 1)}
    # The files hold what the model was at that epoch.
    for epoch, _, loss in seen:
        loaded = tf.loadLayersModel(str(tmp_path / str(epoch))).result()
        loaded.compile(optimizer="sgd", loss="meanSquaredError")
        assert float(loaded.evaluate(x, y)) == loss
        loaded.dispose()


def test_the_same_callback_under_result(model, tmp_path):
    x, y = data()
    seen = []

    async def on_epoch_end(epoch, logs):
        await model.save(str(tmp_path))
        seen.append(float(model.evaluate(x, y)))

    model.fit(x, y, epochs=2, verbose=0, callbacks={"onEpochEnd": on_epoch_end}).result()
    assert len(seen) == 2


@pytest.mark.parametrize("waiting", ["await", "result"])
def test_a_callback_that_predicts_on_the_fitting_model(model, waiting):
    x, y = data()
    found = []

    def on_batch_end(batch, logs):
        found.append(float(model.predict(x).mean()))
        model.getWeights()

    callbacks = {"onBatchEnd": on_batch_end}

    async def main():
        await model.fit(x, y, epochs=2, batchSize=16, verbose=0, callbacks=callbacks)

    if waiting == "await":
        asyncio.run(main())
    else:
        model.fit(x, y, epochs=2, batchSize=16, verbose=0, callbacks=callbacks).result()
    assert len(set(found)) == 8


def test_predict_from_elsewhere_waits_for_a_step_at_most(model):
    x, y = data()
    fit = model.fit(x, y, epochs=ENDLESS, verbose=0)
    caught = fit.catch(type)
    values = [float(model.predict(x).mean()) for _ in range(5)]
    assert fit.state == "pending"
    assert np.isfinite(values).all()
    stop(fit)
    assert caught.result() is tf.PromiseCancelledError


def test_result_in_a_cell_of_a_running_loop(model):
    """A notebook runs a cell's plain code on the thread of its loop."""
    x, y = data()
    epochs = []

    async def cell():
        callbacks = {"onEpochEnd": lambda epoch, logs: epochs.append(epoch)}
        return model.fit(x, y, epochs=3, verbose=0, callbacks=callbacks).result()

    history = asyncio.run(cell())
    assert len(history.history.loss) == 3
    assert epochs == [0, 1, 2]


def test_result_on_the_loop_that_a_callback_needs_says_await(model):
    x, y = data()

    async def on_epoch_end(epoch, logs):
        await asyncio.sleep(0)

    async def cell():
        promise = model.fit(x, y, epochs=2, verbose=0, callbacks={"onEpochEnd": on_epoch_end})
        with pytest.raises(RuntimeError, match="await"):
            promise.result()

    asyncio.run(cell())


def test_two_fits_at_once():
    """Each epoch of one waits for an epoch of the other: neither could end alone."""
    x, y = data()
    models = [net(), net()]
    meeting = threading.Barrier(2, timeout=8)

    async def main():
        promises = [m.fit(x, y, epochs=3, verbose=0, callbacks={"onEpochEnd": meet}) for m in models]
        return await asyncio.gather(*promises)

    async def meet(epoch, logs):
        await asyncio.to_thread(meeting.wait)

    histories = asyncio.run(main())
    assert [len(h.history.loss) for h in histories] == [3, 3]
    for m in models:
        m.dispose()


def test_a_second_fit_of_one_model_is_refused(model, tfjs):
    code = """
        const m = tf.sequential({layers: [tf.layers.dense({units: 1, inputShape: [1]})]});
        m.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
        const x = tf.ones([4, 1]), first = m.fit(x, x, {epochs: 3, verbose: 0});
        let said; try { await m.fit(x, x); } catch (e) { said = e.message; }
        await first;
        return said;
    """
    x, y = data()
    first = model.fit(x, y, epochs=ENDLESS, verbose=0)
    with pytest.raises(RuntimeError) as error:
        model.fit(x, y).result()
    stop(first)
    # After its words comes where the other fit was called.
    assert str(error.value).startswith(tfjs.eval(code) + " It was called at ")
    model.fit(x, y, verbose=0).result()


def test_gather(model):
    x, y = data()
    other = net()

    async def main():
        return await asyncio.gather(
            model.fit(x, y, epochs=4, verbose=0),
            other.fit(x, y, epochs=2, verbose=0),
            asyncio.sleep(0.001, "slept"),
        )

    one, two, slept = asyncio.run(main())
    assert (len(one.epoch), len(two.epoch), slept) == (4, 2, "slept")
    other.dispose()


def test_wait_for_stops_the_fit(model):
    x, y = data()
    epochs = []
    callbacks = {"onEpochEnd": lambda epoch, logs: epochs.append(epoch)}

    async def main():
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(model.fit(x, y, epochs=ENDLESS, verbose=0, callbacks=callbacks), 0.1)
        count = len(epochs)
        await asyncio.sleep(0.05)
        assert len(epochs) == count
        # The model is free again, its weights whole.
        await model.fit(x, y, epochs=1, verbose=0)

    asyncio.run(main())
    assert all(np.isfinite(np.asarray(w)).all() for w in model.getWeights())


def test_cancelling_a_task_stops_the_fit(model):
    x, y = data()

    async def main():
        task = asyncio.ensure_future(model.fit(x, y, epochs=ENDLESS, verbose=0))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await model.fit(x, y, epochs=1, verbose=0)).epoch == [0]

    asyncio.run(main())


@pytest.mark.parametrize("use", ["predict", "getWeights", "save"])
def test_an_unawaited_fit_is_noticed(model, use, tmp_path):
    x, y = data()
    calls = {
        "predict": lambda: model.predict(x),
        "getWeights": model.getWeights,
        "save": lambda: model.save(str(tmp_path)).result(),
    }
    fit = model.fit(x, y, epochs=ENDLESS, verbose=0)
    with pytest.warns(
        tf.UnawaitedPromiseWarning, match=rf"{use}\(\) while fit\(\).*test_promises\.py:\d+.*await"
    ):
        calls[use]()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        calls[use]()
    stop(fit)


def test_an_awaited_fit_is_not(model):
    x, y = data()

    async def main():
        fit = asyncio.ensure_future(model.fit(x, y, epochs=40, verbose=0))
        await asyncio.sleep(0)
        model.predict(x)
        await fit

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        asyncio.run(main())


def test_a_rejection_that_nobody_saw(model, caplog):
    x, _ = data()
    with caplog.at_level(logging.ERROR, logger="lamina"):
        promise = model.fit(x, np.zeros([3, 1], np.float32))
        while promise.state == "pending":
            time.sleep(0.001)
        del promise
    assert len(caplog.records) == 1
    text = caplog.records[0].getMessage()
    assert "fit" in text
    assert "test_promises.py:" in text
    assert "nobody saw" in text
    # The record holds the traceback, and that the arrays.
    caplog.clear()


def test_a_rejection_that_somebody_saw(model, caplog):
    x, _ = data()
    y = np.zeros([3, 1], np.float32)
    with caplog.at_level(logging.ERROR, logger="lamina"):
        with pytest.raises(ValueError, match="same number of samples"):
            model.fit(x, y).result()
        seen = []
        model.fit(x, y).catch(lambda error: seen.append(type(error))).result()
    assert seen == [ValueError]
    assert caplog.records == []


def test_an_error_in_a_callback_rejects_the_fit(model):
    x, y = data()

    def on_epoch_end(epoch, logs):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        model.fit(x, y, epochs=3, verbose=0, callbacks={"onEpochEnd": on_epoch_end}).result()
    model.fit(x, y, verbose=0).result()


def test_arrays_are_read_as_they_were_at_the_call():
    """Changing an array while the fit runs changes nothing."""
    losses = []
    for spoil in (False, True):
        tf.setRandomSeed(5)
        model = net()
        x, y = data()
        promise = model.fit(x, y, epochs=20, verbose=0, shuffle=False)
        if spoil:
            x[:] = np.nan
            y[:] = np.nan
        losses.append(promise.result().history.loss)
        model.dispose()
    assert losses[0] == losses[1]


def test_then_and_catch_in_a_row(model):
    x, y = data()
    promise = (
        model.fit(x, y, epochs=2, verbose=0)
        .then(lambda history: history.history.loss[-1])
        .then(lambda loss: 1 / 0 if loss > 0 else None)
        .catch(lambda error: type(error).__name__)
    )
    assert promise.result() == "ZeroDivisionError"
