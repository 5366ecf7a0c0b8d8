"""When a fit stops is TensorFlow.js' rule; which epoch's weights it gets back is Keras'."""

from __future__ import annotations

import numpy as np
import pytest

import lamina as tf

ONE = np.ones((1, 1), "float32")
DOWN = [5, 4, 3, 2, 1, 0.5]
FLAT = [1, 1, 1, 1, 1, 1]
UP = [1, 2, 3, 4, 5, 6]
ZIGZAG = [3, 2, 2.5, 1.9, 2.1, 2.2, 1.8, 1.9, 2, 2.1]

CONFIGS = [
    {},
    {"patience": 1},
    {"patience": 2},
    {"patience": 3, "minDelta": 0.2},
    {"mode": "max", "patience": 2},
    {"mode": "min", "minDelta": 0.6},
    {"baseline": 2, "patience": 1},
    {"baseline": 2, "patience": 3},
    {"baseline": 0, "patience": 2},
]


def run(values, **config):
    """The last epoch, and the epoch whose weights the model has at the end: epoch e ends with a kernel e."""
    model = tf.sequential(layers=[tf.layers.dense(units=1, inputShape=[1], useBias=False)])
    model.compile(optimizer=tf.train.sgd(0.0), loss="meanSquaredError")

    def end(epoch, logs):
        model.setWeights([tf.tensor([[float(epoch)]])])
        logs["val_loss"] = values[epoch]

    callbacks = [{"onEpochEnd": end}, tf.callbacks.earlyStopping(**config)]
    history = model.fit(ONE, ONE, epochs=len(values), verbose=0, callbacks=callbacks).result()
    kernel = float(np.asarray(model.getWeights()[0])[0, 0])
    model.dispose()
    return history.epoch[-1], kernel


def test_it_stops_where_tfjs_does(tfjs):
    body = """
      const whole = tf.sequential({layers: [tf.layers.dense({units: 1, inputShape: [1]})]});
      whole.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
      const model = whole.model;
      const stops = [];
      for (const config of configs) for (const values of series) {
        const stop = tf.callbacks.earlyStopping(config);
        model.stopTraining = false;
        stop.setModel(model);
        await stop.onTrainBegin();
        let stopped = values.length - 1;
        for (let e = 0; e < values.length; ++e) {
          await stop.onEpochEnd(e, {val_loss: values[e]});
          if (model.stopTraining) { stopped = e; break; }
        }
        stops.push(stopped);
      }
      return stops;
    """
    series = [DOWN, FLAT, UP, ZIGZAG]
    theirs = tfjs.eval(body, configs=CONFIGS, series=series)
    assert [run(values, **config)[0] for config in CONFIGS for values in series] == theirs


# Values of Keras 3.15: what its EarlyStopping(restore_best_weights=True) ends with.
@pytest.mark.parametrize(
    ("config", "values", "last", "best"),
    [
        ({}, DOWN, 5, 5),
        ({}, UP, 1, 0),
        ({"patience": 1}, DOWN, 5, 5),
        ({"patience": 1}, FLAT, 1, 0),
        ({"patience": 1}, ZIGZAG, 2, 1),
        ({"patience": 2}, FLAT, 2, 0),
        ({"patience": 2}, UP, 2, 0),
        ({"patience": 3, "minDelta": 0.2}, DOWN, 5, 5),
        ({"patience": 3, "minDelta": 0.2}, UP, 3, 0),
        ({"patience": 3, "minDelta": 0.2}, ZIGZAG, 4, 1),
        ({"mode": "max", "patience": 2}, FLAT, 2, 0),
        ({"mode": "max", "patience": 2}, ZIGZAG, 2, 0),
        ({"mode": "min", "minDelta": 0.6}, DOWN, 5, 4),
        ({"mode": "min", "minDelta": 0.6}, FLAT, 1, 0),
        ({"mode": "min", "minDelta": 0.6}, ZIGZAG, 2, 1),
        ({"startFromEpoch": 3}, FLAT, 4, 3),
        ({"startFromEpoch": 3}, UP, 4, 3),
    ],
)
def test_without_a_baseline_all_is_as_in_keras(config, values, last, best):
    assert run(values, restoreBestWeights=True, **config) == (last, best)


@pytest.mark.parametrize(
    ("baseline", "patience", "values", "best"),
    [
        # Never reached: the best of the epochs that ran.
        (1e-9, 3, [5, 4, 3, 2], 2),
        (1e-9, 3, [3, 4, 5, 6], 0),
        (0.5, 9, ZIGZAG, 6),
        # Reached by the first, or on the way.
        (2, 1, UP, 0),
        (2, 9, DOWN, 5),
    ],
)
def test_the_best_epoch_does_not_depend_on_the_baseline(baseline, patience, values, best):
    assert run(values, baseline=baseline, patience=patience, restoreBestWeights=True)[1] == best
