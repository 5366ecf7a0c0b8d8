"""Every layer in a file: saved here and opened in TensorFlow.js, saved there and opened here."""

from __future__ import annotations

import pytest

import lamina as tf
from layers.running import inputs_of, one_or_all
from layers.table import ROWS, Row
from programs.test_layers import model_of, usable
from support.nets import array, close, weights_for

# What TensorFlow.js writes into files and does not find again.
UNREADABLE_THERE = {
    "activation": "gelu_new",  # it looks for geluNew
    "targetShape": [-1],  # it leaves the size open, and a dense layer behind it has no weights
}


def is_read_there(row: Row) -> bool:
    return all(row.config.get(key) != value for key, value in UNREADABLE_THERE.items())


# TensorFlow.js has not all that the table has.
BOTH = [row for row in ROWS if usable(row) and not row.only_here and is_read_there(row)]
AT_LEAST = 100


@pytest.mark.parametrize("row", BOTH, ids=lambda row: row.id)
def test_there_and_back(tfjs, tmp_path, row: Row):
    model = model_of(row)
    model.setWeights(weights_for(model))
    x = inputs_of(row)
    expected = array(model.predict(one_or_all(x), batchSize=len(x[0])))
    model.save(tmp_path / "ours").result()
    config = {"batchSize": len(x[0])}
    theirs = tfjs.load(tmp_path / "ours", one_or_all(x), **config).outputs[0]
    assert close(expected, theirs)
    # What TensorFlow.js writes of the model that it has read.
    body = "await helpers.saveModel(await helpers.loadModel(dir), target, {}); return 0;"
    tfjs.eval(body, dir=str(tmp_path / "ours"), target=str(tmp_path / "theirs"))
    again = tf.loadLayersModel(tmp_path / "theirs").result()
    assert close(array(again.predict(one_or_all(x), batchSize=len(x[0]))), expected, 0)
    model.dispose()
    again.dispose()


def test_the_table_is_there():
    assert len(BOTH) >= AT_LEAST
