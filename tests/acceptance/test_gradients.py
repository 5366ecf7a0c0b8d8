"""Gradients by hand, gradients of gradients, and networks that Python's own control flow makes."""

from __future__ import annotations

import numpy as np
import pytest

import lamina as tf
from support.nets import close

X = np.array([[0.5, -1.25, 2.0], [1.5, 0.25, -0.75]], np.float32)
Y = np.array([[1.0, 2.0, -0.5], [0.75, -1.5, 1.25]], np.float32)


def f(x):
    return tf.sum(tf.mul(tf.tanh(x), tf.square(x)))


def test_grad(tfjs):
    theirs = tfjs.eval("tf.grad((x) => tf.sum(tf.mul(tf.tanh(x), tf.square(x))))(x)", x=X)
    assert close(tf.grad(f)(tf.tensor(X)), theirs)


def test_grad_weighted_by_dy(tfjs):
    theirs = tfjs.eval("tf.grad((x) => tf.exp(x))(x, dy)", x=X, dy=Y)
    assert close(tf.grad(tf.exp)(tf.tensor(X), tf.tensor(Y)), theirs)


def test_grads(tfjs):
    theirs = tfjs.eval("tf.grads((a, b) => tf.mul(tf.sin(a), tf.add(b, a)))([a, b])", a=X, b=Y)
    ours = tf.grads(lambda a, b: tf.mul(tf.sin(a), tf.add(b, a)))([tf.tensor(X), tf.tensor(Y)])
    assert len(ours) == 2
    assert all(close(a, b) for a, b in zip(ours, theirs, strict=True))


def test_value_and_grad(tfjs):
    theirs = tfjs.eval("tf.valueAndGrad((x) => tf.sum(tf.square(x)))(x)", x=X)
    ours = tf.valueAndGrad(lambda x: tf.sum(tf.square(x)))(tf.tensor(X))
    assert close(ours.value, theirs["value"])
    assert close(ours["grad"], theirs["grad"])


def test_value_and_grads(tfjs):
    theirs = tfjs.eval("tf.valueAndGrads((a, b) => tf.sum(tf.mul(a, b)))([a, b])", a=X, b=Y)
    ours = tf.valueAndGrads(lambda a, b: tf.sum(tf.mul(a, b)))([tf.tensor(X), tf.tensor(Y)])
    assert close(ours.value, theirs["value"])
    assert all(close(a, b) for a, b in zip(ours.grads, theirs["grads"], strict=True))


def test_variable_grads(tfjs):
    code = """
        const a = tf.variable(x, true, 'a'), b = tf.variable(y, true, 'b'), c = tf.variable(x, false, 'c');
        return tf.variableGrads(() => tf.sum(tf.mul(tf.mul(a, b), c)), list ? [a] : undefined);
    """
    a, b = tf.variable(X, True, "a"), tf.variable(Y, True, "b")
    c = tf.variable(X, False, "c")
    for some in (False, True):
        theirs = tfjs.eval(code, x=X, y=Y, list=some)
        ours = tf.variableGrads(lambda: tf.sum(tf.mul(tf.mul(a, b), c)), [a] if some else None)
        assert close(ours.value, theirs["value"])
        assert sorted(ours.grads) == sorted(theirs["grads"])
        assert all(close(ours.grads[name], theirs["grads"][name]) for name in theirs["grads"])
    for each in (a, b, c):
        each.dispose()


def test_custom_grad(tfjs):
    """The rule of the documentation's example: a square with the wrong derivative."""
    code = """
        const f = tf.customGrad((x, save) => {
          save([x]);
          return {value: x.square(), gradFunc: (dy, saved) => [dy.mul(saved[0].abs())]};
        });
        return [f(x), tf.grad((x) => f(x))(x)];
    """
    value, slope = tfjs.eval(code, x=X)

    def rule(x, save):
        save([x])
        return {"value": x.square(), "gradFunc": lambda dy, saved: [dy.mul(saved[0].abs())]}

    ours = tf.customGrad(rule)
    assert close(ours(tf.tensor(X)), value)
    assert close(tf.grad(ours)(tf.tensor(X)), slope)


def test_minimize():
    """y = 2x - 1 by hand, as in the guide on training."""
    a, b = tf.variable(tf.scalar(0.5)), tf.variable(tf.scalar(0.0))
    xs = tf.tensor1d([1, 2, 3, 4])
    ys = tf.tensor1d([1, 3, 5, 7])
    optimizer = tf.train.sgd(0.05)

    def loss():
        return tf.mean(tf.squaredDifference(tf.add(tf.mul(a, xs), b), ys))

    first = optimizer.minimize(loss, True)
    assert first is not None
    for _ in range(500):
        assert optimizer.minimize(loss) is None
    assert float(loss()) < float(first) / 1000
    assert float(a) == pytest.approx(2, abs=0.05)
    assert float(b) == pytest.approx(-1, abs=0.1)
    for each in (a, b):
        each.dispose()
    optimizer.dispose()


def test_minimize_some_variables_only():
    a, b = tf.variable(tf.scalar(1.0)), tf.variable(tf.scalar(1.0))
    optimizer = tf.train.momentum(0.1, 0.9)
    optimizer.minimize(lambda: tf.square(tf.add(a, b)), False, [a])
    assert float(a) != 1.0
    assert float(b) == 1.0
    for each in (a, b):
        each.dispose()
    optimizer.dispose()


def test_second_derivatives(tfjs):
    code = "tf.grad((x) => tf.sum(tf.grad((x) => tf.sum(tf.mul(tf.sin(x), tf.square(x))))(x)))(x)"
    theirs = tfjs.eval(code, x=X)
    inner = tf.grad(lambda x: tf.sum(tf.mul(tf.sin(x), tf.square(x))))
    assert close(tf.grad(lambda x: tf.sum(inner(x)))(tf.tensor(X)), theirs)


def test_second_derivatives_through_saved_outputs():
    """TensorFlow.js loses the part of them that passes through the saved tanh(x)."""
    x, t = X, np.tanh(X)
    s = 1 - t * t
    true = 2 * t + 4 * x * s - 2 * x * x * t * s
    assert close(tf.grad(lambda x: tf.sum(tf.grad(f)(x)))(tf.tensor(X)), true)


def test_third_derivative():
    cube = tf.grad(tf.grad(tf.grad(lambda x: tf.pow(x, tf.scalar(3)))))
    assert float(cube(tf.scalar(2.0))) == pytest.approx(6.0)


def test_gradient_penalty_through_a_layer(tfjs):
    """The derivative, by the weights, of a norm of a derivative by the input."""
    code = """
        const d = tf.layers.dense({units: 1, inputShape: [3], activation: 'softplus'});
        d.apply(tf.input({shape: [3]}));
        d.setWeights([k, b]);
        const [kernel] = d.trainableWeights.map((w) => w.val);
        const norm = () => tf.sum(tf.square(tf.grad((x) => tf.sum(d.apply(x)))(x)));
        return tf.variableGrads(norm, [kernel]).grads[kernel.name];
    """
    k, b = np.array([[0.5], [-1.0], [0.25]], np.float32), np.array([0.1], np.float32)
    theirs = tfjs.eval(code, k=k, b=b, x=X)
    layer = tf.layers.dense({"units": 1, "inputShape": [3], "activation": "softplus"})
    layer.apply(tf.input({"shape": [3]}))
    layer.setWeights([k, b])
    variable = layer.trainableWeights[0].val
    norm = lambda: tf.sum(tf.square(tf.grad(lambda x: tf.sum(layer.apply(x)))(tf.tensor(X))))  # noqa: E731
    ours = tf.variableGrads(norm, [variable]).grads[variable.name]
    assert close(ours, theirs)
    layer.dispose()


def test_a_network_that_changes_with_its_input():
    """Python decides for each example how often a layer is applied, and whether another one is."""
    tf.setRandomSeed(11)
    enter = tf.layers.dense(units=8, activation="tanh")
    again = tf.layers.dense(units=8, activation="tanh")
    negative = tf.layers.dense(units=8)
    out = tf.layers.dense(units=1)
    used = set()

    def network(x, depth):
        h = enter.apply(x)
        for _ in range(depth):
            h = again.apply(h)
        if float(tf.sum(x)) < 0:
            h = negative.apply(h)
            used.add("negative")
        else:
            used.add("positive")
        return out.apply(h)

    rng = np.random.default_rng(2)
    examples = []
    for index in range(12):
        x = rng.normal(size=(1, 4)).astype(np.float32)
        examples.append((tf.tensor(x), index % 3, tf.tensor([[float(np.sin(x.sum()))]])))

    def loss():
        errors = [tf.squaredDifference(network(x, depth), y) for x, depth, y in examples]
        return tf.mean(tf.concat(errors, 0))

    optimizer = tf.train.adam(0.02)
    first = float(optimizer.minimize(loss, True))
    for _ in range(120):
        optimizer.minimize(loss)
    assert float(loss()) < first / 20
    assert used == {"negative", "positive"}
    for layer in (enter, again, negative, out):
        layer.dispose()
    optimizer.dispose()
