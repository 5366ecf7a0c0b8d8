"""Callbacks: who is called when, with what, and what they may do."""

from __future__ import annotations

import asyncio

import pytest

import lamina as tf
from lamina import _core
from lamina.formatting import short_number
from lamina.promises import UnawaitedPromiseWarning
from support.nets import array, close, numbers

X, Y = numbers(6, 2, seed=1), numbers(6, 1, seed=2)


def make(**compilation):
    model = tf.sequential(layers=[tf.layers.dense(units=1, inputShape=[2])])
    model.compile({"optimizer": "sgd", "loss": "meanSquaredError", **compilation})
    return model


HOOKS = ("onTrainBegin", "onTrainEnd", "onEpochBegin", "onEpochEnd", "onBatchBegin", "onBatchEnd")


def recorder(calls):
    def hook(name):
        return lambda *arguments: calls.append([name, *arguments[:-1], list(arguments[-1])])

    return {name: hook(name) for name in HOOKS}


def test_order_and_logs_are_those_of_tfjs(tfjs):
    model = make(metrics=["mae"])
    calls = []
    config = {"epochs": 2, "batchSize": 4, "validationSplit": 0.5, "shuffle": False, "verbose": 0}
    model.fit(X, Y, {**config, "callbacks": recorder(calls)}).result()
    body = """
      const calls = [];
      const callbacks = {};
      for (const name of hooks) callbacks[name] = (...a) => {
        const logs = a.pop() ?? {};
        calls.push([name, ...a, Object.keys(logs)]);
      };
      const m = tf.sequential({layers: [tf.layers.dense({units: 1, inputShape: [2]})]});
      m.compile({optimizer: 'sgd', loss: 'meanSquaredError', metrics: ['mae']});
      await m.fit(tf.tensor(x), tf.tensor(y), {...config, callbacks});
      return calls;
    """
    theirs = tfjs.eval(body, x=X.tolist(), y=Y.tolist(), hooks=list(HOOKS), config=config)
    assert calls == theirs
    model.dispose()


def test_objects_dicts_and_lists_of_both():
    seen = []

    class Mine(tf.callbacks.Callback):
        def onEpochEnd(self, epoch, logs):
            seen.append(("object", epoch, logs.loss, self.params.epochs, self.model is model))

    model = make()
    model.fit(
        X, Y, epochs=1, callbacks=[Mine(), {"onEpochEnd": lambda epoch: seen.append(("dict", epoch))}]
    ).result()
    assert [each[0] for each in seen] == ["object", "dict"]
    assert seen[0][3:] == (1, True)
    model.dispose()


def test_functions_may_take_fewer_arguments():
    seen = []
    model = make()
    model.fit(
        X,
        Y,
        epochs=1,
        callbacks={
            "onTrainBegin": lambda: seen.append(0),
            "onEpochEnd": lambda epoch: seen.append(epoch + 1),
        },
    ).result()
    assert seen == [0, 1]
    model.dispose()


@pytest.mark.parametrize(
    ("callbacks", "said"),
    [
        ({"on_epoch_end": print}, 'write "onEpochEnd"'),
        ({"onEpochFinish": print}, "unknown option"),
        ({"onEpochEnd": 3}, "a function"),
        (tf.callbacks.Callback, "Make an object of the class first"),
        ([7], "expected a dict of functions or an object"),
    ],
)
def test_what_is_no_callback_is_refused(callbacks, said):
    model = make()
    with pytest.raises((ValueError, TypeError), match=said):
        model.fit(X, Y, callbacks=callbacks)
    model.fit(X, Y).result()
    model.dispose()


def test_stop_training_after_a_batch_skips_validation_but_ends_the_epoch():
    model = make()
    ended = []

    def on_batch_end(batch, logs):
        if batch == 1:
            model.stopTraining = True

    history = model.fit(
        X,
        Y,
        epochs=5,
        batchSize=1,
        validationSplit=0.5,
        callbacks={"onBatchEnd": on_batch_end, "onEpochEnd": lambda epoch, logs: ended.append(list(logs))},
    ).result()
    assert history.epoch == [0]
    assert ended == [["loss"]]
    model.dispose()


def test_coroutine_callbacks_are_awaited():
    seen = []

    async def slow(epoch, logs):
        await asyncio.sleep(0.001)
        seen.append(epoch)

    async def main(model):
        await model.fit(X, Y, epochs=3, callbacks={"onEpochEnd": slow})

    model = make()
    asyncio.run(main(model))
    model.fit(X, Y, epochs=2, callbacks={"onEpochEnd": slow}).result()
    assert seen == [0, 1, 2, 0, 1]
    model.dispose()


def test_a_callback_may_use_the_model():
    model = make()
    seen = []

    def on_epoch_end(epoch, logs):
        seen.append((array(model.predict(X)).shape, len(model.getWeights()), float(model.evaluate(X, Y))))

    model.fit(X, Y, epochs=2, callbacks={"onEpochEnd": on_epoch_end}).result()
    assert [each[:2] for each in seen] == [((6, 1), 2)] * 2
    assert seen[1][2] < seen[0][2]
    model.dispose()


def test_errors_of_callbacks_reject_the_fit():
    model = make()

    def fail(epoch, logs):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        model.fit(X, Y, callbacks={"onEpochEnd": fail}).result()
    model.fit(X, Y).result()
    model.dispose()


def test_on_yield():
    model = make()
    seen = []
    model.fit(
        X,
        Y,
        batchSize=2,
        epochs=2,
        yieldEvery="batch",
        callbacks={"onYield": lambda epoch, batch, logs: seen.append((epoch, batch, "loss" in logs))},
    ).result()
    assert seen == [(e, b, True) for e in range(2) for b in range(3)]
    seen.clear()
    model.fit(X, Y, epochs=2, yieldEvery="epoch", callbacks={"onYield": lambda e, b: seen.append(e)}).result()
    assert seen == [0, 1]
    with pytest.raises(ValueError, match="yieldEvery is `never` but you provided an `onYield` callback"):
        model.fit(X, Y, yieldEvery="never", callbacks={"onYield": print})
    clock = iter(range(0, 10_000, 60))
    seen.clear()
    model.fit(
        X, Y, batchSize=1, callbacks={"onYield": lambda e, b: seen.append(b), "nowFunc": lambda: next(clock)}
    ).result()
    assert seen == [2, 5]
    model.dispose()


def test_an_unawaited_fit_is_noticed():
    model = make()
    promise = model.fit(X, Y, epochs=2_000_000)
    with pytest.warns(UnawaitedPromiseWarning, match=r"predict\(\)"):
        model.predict(X)
    promise.cancel()
    with pytest.raises(Exception, match="asked to stop"):
        promise.result()
    model.fit(X, Y).result()
    model.dispose()


def test_cancelling_leaves_a_model_that_works():
    async def main(model):
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(_coroutine(model.fit(X, Y, epochs=10**9)), 0.05)
        await model.fit(X, Y)

    async def _coroutine(promise):
        return await promise

    model = make()
    asyncio.run(main(model))
    assert not model.isTraining
    model.dispose()


# --- early stopping ---


def losses_of(values):
    """Callbacks that replace what the fit measured, so that tests say when it improves."""
    values = iter(values)
    return {"onEpochEnd": lambda epoch, logs: logs.__setitem__("val_loss", next(values))}


@pytest.mark.parametrize(
    ("values", "options", "epochs"),
    [
        ([3, 2, 2, 1], {}, 3),
        ([3, 2, 2, 2, 1], {"patience": 2}, 4),
        ([3, 2, 1, 2, 3], {"patience": 1}, 4),
        ([3, 2.9, 2.8], {"minDelta": 0.5}, 2),
        ([3, 2], {"baseline": 1}, 1),
        ([1, 2, 3, 2], {"mode": "max"}, 4),
        ([3, 4], {"mode": "min"}, 2),
    ],
)
def test_early_stopping(values, options, epochs):
    model = make()
    history = model.fit(
        X, Y, epochs=len(values), callbacks=[losses_of(values), tf.callbacks.earlyStopping(**options)]
    ).result()
    assert len(history.epoch) == epochs
    model.dispose()


def test_early_stopping_watches_accuracies_upwards():
    assert tf.callbacks.earlyStopping({"monitor": "val_acc"})._more
    assert not tf.callbacks.earlyStopping()._more


def test_early_stopping_without_its_metric_warns():
    model = make()
    with pytest.warns(UserWarning, match="Metric for EarlyStopping val_loss is not available"):
        model.fit(X, Y, callbacks=tf.callbacks.earlyStopping()).result()
    model.dispose()


def test_early_stopping_restores_the_best_weights():
    model = make()
    kept = {}

    def keep(epoch, logs):
        kept[epoch] = [array(w) for w in model.getWeights()]

    model.fit(
        X,
        Y,
        epochs=4,
        callbacks=[
            losses_of([3, 1, 2, 2]),
            {"onEpochEnd": keep},
            tf.callbacks.earlyStopping(patience=2, restoreBestWeights=True),
        ],
    ).result()
    for weight, best, last in zip(model.getWeights(), kept[1], kept[3], strict=True):
        assert close(array(weight), best, 0)
        assert not close(best, last, 0)
    model.dispose()


def test_early_stopping_as_tfjs(tfjs):
    values = [3, 2, 2.5, 2.4, 1.9, 2, 2, 2]
    body = """
      const m = tf.sequential({layers: [tf.layers.dense({units: 1, inputShape: [2]})]});
      const stop = tf.callbacks.earlyStopping({patience: 2});
      stop.setModel(m.model ?? m);
      let stopped = null;
      m.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
      stop.setModel(m.model);
      await stop.onTrainBegin();
      for (let e = 0; e < values.length && stopped === null; ++e) {
        m.model.stopTraining = false;
        await stop.onEpochEnd(e, {val_loss: values[e]});
        if (m.model.stopTraining) stopped = e;
      }
      return stopped;
    """
    stopped = tfjs.eval(body, values=values)
    model = make()
    history = model.fit(
        X, Y, epochs=len(values), callbacks=[losses_of(values), tf.callbacks.earlyStopping(patience=2)]
    ).result()
    assert history.epoch[-1] == stopped
    model.dispose()


# --- what is shown ---


def test_a_short_fit_shows_nothing(capsys):
    model = make()
    model.fit(X, Y, epochs=3).result()
    assert capsys.readouterr().out == ""
    model.dispose()


def test_lines_where_there_is_no_terminal(capsys, monkeypatch):
    monkeypatch.setattr("lamina.callbacks.progress.SILENCE_S", 0.0)
    model = make(metrics=["mae"])
    model.fit(X, Y, epochs=2, validationSplit=0.5).result()
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines] == [["Epoch", "1/2"], ["Epoch", "2/2"]]
    for key in ("loss:", "mae:", "val_loss:", "val_mae:"):
        assert key in lines[0]
    model.fit(X, Y, epochs=2, verbose=0).result()
    assert capsys.readouterr().out == ""
    model.dispose()


@pytest.mark.parametrize("verbose", [1, True, 2])
def test_a_verbose_that_is_written_prints_for_short_fits_too(capsys, verbose):
    model = make()
    model.fit(X, Y, epochs=2, verbose=verbose).result()
    assert capsys.readouterr().out.splitlines()[-1].startswith("Epoch 2/2  ")
    model.dispose()


def test_verbose_2_gives_every_quick_epoch_a_line(capsys):
    model = make()
    history = model.fit(X, Y, epochs=2000, verbose=2).result()
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines] == [f"{i}/2000" for i in range(1, 2001)]
    assert [line.split()[-1] for line in lines] == [short_number(x) for x in history.history.loss]
    model.dispose()


@pytest.mark.parametrize("terminal", [False, True])
def test_epochs_beside_a_bar_stay_in_the_core(capsys, monkeypatch, terminal):
    """The display looks now and then; Python is not entered for each epoch, and nothing is lost."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: terminal, raising=False)
    monkeypatch.setattr("lamina.models.fitting.LOOK_MS", 1.0)
    calls = []
    ran = _core.run_epochs
    monkeypatch.setattr(_core, "run_epochs", lambda *a, **k: calls.append(k) or ran(*a, **k))
    model = make()
    history = model.fit(X, Y, epochs=5000, verbose=1).result()
    assert 1 < len(calls) < 500
    assert {call["limit_ms"] for call in calls} == {1.0}
    assert history.epoch == list(range(5000))
    out = capsys.readouterr().out
    assert "Epoch 5000/5000" in out.splitlines()[-1]
    assert ("[=" in out) == terminal
    model.dispose()


def test_a_callback_prints_on_a_line_of_its_own(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setattr("lamina.callbacks.progress.LOOK_MS", 0.0)
    model = make()
    model.fit(
        X, Y, epochs=1, batchSize=2, verbose=1, callbacks={"onBatchEnd": lambda _: print("mine")}
    ).result()
    out = capsys.readouterr().out
    assert "[=" in out
    for line in out.split("\n"):
        assert line.rpartition("\r")[2].strip() == "mine" or "mine" not in line
    model.dispose()


def test_quick_epochs_share_a_line_and_the_last_has_one(capsys, monkeypatch):
    monkeypatch.setattr("lamina.callbacks.progress.SILENCE_S", 0.0)
    monkeypatch.setattr("lamina.callbacks.progress.EPOCH_LINE_S", 1e9)
    model = make()
    stop = {"onEpochEnd": lambda epoch, logs: setattr(model, "stopTraining", epoch == 4)}
    model.fit(X, Y, epochs=100, callbacks=stop).result()
    assert [line.split()[1] for line in capsys.readouterr().out.splitlines()] == ["1/100", "5/100"]
    model.fit(X, Y, epochs=3, verbose=2).result()
    assert [line.split()[1] for line in capsys.readouterr().out.splitlines()] == ["1/3", "2/3", "3/3"]
    model.dispose()


def test_a_bar_on_a_terminal(capsys, monkeypatch):
    monkeypatch.setattr("lamina.callbacks.progress.SILENCE_S", 0.0)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    model = make()
    model.fit(X, Y, epochs=2).result()
    assert "Epoch 2/2" in capsys.readouterr().out
    model.dispose()


def test_evaluate_and_predict_honour_verbose(capsys, monkeypatch):
    model = make(metrics=["mae"])
    loss, mae = (float(value) for value in model.evaluate(X, Y, batchSize=4))
    model.predict(X, batchSize=4)
    assert capsys.readouterr().out == ""
    for verbose in (1, 2):
        model.evaluate(X, Y, batchSize=4, verbose=verbose)
        words = capsys.readouterr().out.split()
        assert [words[0], *words[2:]] == ["2/2", "loss:", short_number(loss), "mae:", short_number(mae)]
        model.predict(X, batchSize=4, verbose=verbose)
        assert capsys.readouterr().out.split()[0] == "2/2"
    monkeypatch.setattr("lamina.models.walk.REDRAW_S", 0.0)
    monkeypatch.setattr("lamina.models.running.CALL_MS", 1e-6)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    for show in (
        lambda v: model.evaluate(X, Y, batchSize=1, verbose=v),
        lambda v: model.predict(X, batchSize=1, verbose=v),
    ):
        show(1)
        shown = capsys.readouterr().out.split("\r")
        assert [f"  {i}/6  " in each or each.strip().endswith(f"  {i}/6") for i, each in enumerate(shown)][
            1:6
        ] == [True] * 5
        assert shown[-1].startswith("6/6  ") and shown[-1].endswith("\n")
        show(2)
        assert "[" not in capsys.readouterr().out
    model.dispose()


def test_early_stopping_says_so(capsys):
    model = make()
    model.fit(
        X, Y, epochs=3, callbacks=[losses_of([1, 2, 3]), tf.callbacks.earlyStopping(verbose=1)]
    ).result()
    assert "Epoch 1: early stopping." in capsys.readouterr().out
    model.dispose()
