"""Gradients by all variables: the tape watches them as it meets them."""

from __future__ import annotations

import pytest

import lamina as tf
from lamina import _core


@pytest.fixture
def only_those_met(monkeypatch):
    """Listing all variables that are alive is an error here."""

    def refuse():
        raise AssertionError("all variables were listed")

    monkeypatch.setattr(_core, "registeredVariables", refuse)


def gradients(f):
    return {name: float(grad) for name, grad in tf.variableGrads(f)["grads"].items()}


def test_only_those_met_count(tfjs, only_those_met):
    a, b, c = tf.variable(2.0), tf.variable(3.0), tf.variable(5.0)
    found = gradients(lambda: a.mul(b).add(a))
    theirs = tfjs.eval("""
        const a = tf.variable(tf.scalar(2)), b = tf.variable(tf.scalar(3)), c = tf.variable(tf.scalar(5));
        const {grads} = tf.variableGrads(() => a.mul(b).add(a));
        return [a, b, c].map(v => grads[v.name] ? grads[v.name].dataSync()[0] : null);""")
    assert [found.get(v.name) for v in (a, b, c)] == theirs == [4, 2, None]
    tf.dispose([a, b, c])


def test_minimize_moves_those_met(only_those_met):
    a, b, c = tf.variable(2.0), tf.variable(3.0), tf.variable(5.0)
    cost = tf.train.sgd(0.5).minimize(lambda: a.mul(b), True)
    assert [float(v) for v in (cost, a, b, c)] == [6, 0.5, 2, 5]
    tf.dispose([a, b, c])


def test_a_variable_that_is_the_result(tfjs, only_those_met):
    v = tf.variable(2.0)
    theirs = tfjs.eval("const v = tf.variable(tf.scalar(2)); return tf.variableGrads(() => v).grads[v.name];")
    assert gradients(lambda: v) == {v.name: float(theirs)} == {v.name: 1}
    v.dispose()


def test_variables_made_inside_and_those_in_customGrad(only_those_met):
    made = []
    a = tf.variable(2.0)
    double = tf.customGrad(lambda x, save: {"value": x.mul(2), "gradFunc": lambda dy, saved: dy.mul(7)})

    def f():
        if not made:
            made.append(tf.variable(3.0))
        return double(a).mul(made[0])

    assert gradients(f) == {a.name: 21, made[0].name: 4}
    tf.dispose([a, *made])


def test_trainable_is_looked_at_when_a_variable_is_met(only_those_met):
    a, b = tf.variable(2.0), tf.variable(3.0)
    b.trainable = False
    assert gradients(lambda: a.mul(b)) == {a.name: 3}
    b.trainable = True
    a.trainable = False
    assert gradients(lambda: a.mul(b)) == {b.name: 2}
    tf.dispose([a, b])


def test_inner_gradients_leave_the_outer_ones_alone(only_those_met):
    """d/dv of (d(v**3)/dv) is 6 v."""
    v = tf.variable(2.0)
    inner = lambda: tf.variableGrads(lambda: v.mul(v).mul(v))["grads"][v.name]  # noqa: E731
    assert gradients(inner) == {v.name: 12}
    v.dispose()


def test_what_a_variable_is_missing_for(tfjs):
    """TensorFlow.js' words, where no variable is alive, none is trainable, or none matters."""
    texts = []
    for make in ("", "const v = tf.variable(tf.scalar(2), false);", "const v = tf.variable(tf.scalar(2));"):
        texts.append(
            tfjs.eval(
                f"tf.disposeVariables(); {make} try {{ tf.variableGrads(() => tf.scalar(1).mul(2)); }} "
                "catch (error) { return error.message; } finally { tf.disposeVariables(); }"
            )
        )
    assert not _core.registeredVariables()
    made = []
    for text, arguments in zip(texts, (None, (2.0, False), (2.0,)), strict=True):
        if arguments:
            made.append(tf.variable(*arguments))
        with pytest.raises(ValueError) as error:
            tf.variableGrads(lambda: tf.scalar(1).mul(2))
        assert str(error.value).split(". ")[0].rstrip(".") == text.split(". ")[0].rstrip(".")
        tf.dispose(made)


def test_comparisons_have_no_slope(only_those_met):
    v = tf.variable(2.0)
    assert gradients(lambda: tf.cast(v.greater(1), "float32")) == {v.name: 0}
    v.dispose()
