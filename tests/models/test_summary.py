"""model.summary(): the text of TensorFlow.js, letter by letter."""

from __future__ import annotations

import pytest

import lamina as tf


def stack():
    return tf.sequential(
        layers=[
            tf.layers.conv2d(
                filters=2, kernelSize=3, inputShape=[8, 8, 1], name="a_convolution_with_a_long_name"
            ),
            tf.layers.batchNormalization(name="bn"),
            tf.layers.flatten(name="flat"),
            tf.layers.dense(units=3, name="out"),
        ]
    )


def branches():
    x = tf.input(shape=[4], name="in")
    h = tf.layers.dense(units=4, name="h").apply(x)
    return tf.model(
        inputs=x, outputs=tf.layers.dense(units=2, name="out").apply(tf.layers.add(name="sum").apply([x, h]))
    )


def shared():
    a, b = tf.input(shape=[2], name="sa"), tf.input(shape=[2], name="sb")
    layer = tf.layers.dense(units=2, name="siamese")
    return tf.model(
        inputs=[a, b], outputs=tf.layers.concatenate(name="both").apply([layer.apply(a), layer.apply(b)])
    )


@pytest.mark.parametrize("make", [stack, branches, shared], ids=lambda make: make.__name__)
@pytest.mark.parametrize("arguments", [[], [60], [100, [0.3, 0.5, 0.8, 0.9, 1]]], ids=str)
def test_text(tfjs, make, arguments):
    model = make()
    ours: list[str] = []
    model.summary(*(arguments + [None] * (2 - len(arguments))), ours.append)
    body = """
      const m = await tf.models.modelFromJSON(topology);
      const lines = [];
      m.summary(args[0], args[1], (line) => lines.push(line));
      return lines;
    """
    padded = arguments + [None] * (2 - len(arguments))
    assert ours == tfjs.eval(body, topology=model.toJSON(None, False), args=padded)
    model.dispose()


def test_frozen_and_printed(capsys):
    model = stack()
    model.layers[0].trainable = False
    model.summary()
    out = capsys.readouterr().out
    assert "Trainable params: 223" in out
    assert "Non-trainable params: 24" in out
    model.dispose()
