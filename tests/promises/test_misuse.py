"""A forgotten await: whatever is done with a Promise in place of its result says what to write."""

from __future__ import annotations

import operator

import numpy as np
import pytest

import lamina as tf

X = np.ones((1, 1), "float32")


@pytest.fixture
def model():
    model = tf.sequential(layers=[tf.layers.dense(units=1, inputShape=[1])])
    model.compile(optimizer="sgd", loss="meanSquaredError")
    yield model
    model.dispose()


def says_what_to_write(promise, use):
    with pytest.raises((TypeError, AttributeError, ValueError)) as caught:
        use(promise)
    text = str(caught.value)
    assert f"{promise._core.name}(), called at {promise.made_at}" in text
    assert "`await`" in text and "`.result()`" in text


USES = {
    "attribute": lambda p: p.history,
    "method": lambda p: p.predict(X),
    "setting": lambda p: setattr(p, "trainable", False),
    "float": float,
    "int": int,
    "complex": complex,
    "round": lambda p: round(p, 2),
    "abs": abs,
    "neg": operator.neg,
    "index": lambda p: [1, 2][p],
    "entry": lambda p: p[0],
    "entry set": lambda p: operator.setitem(p, 0, 1),
    "loop": list,
    "unpacked": lambda p: print(*p),
    "len": len,
    "in": lambda p: 1 in p,
    "format": lambda p: f"{p:.3f}",
    "percent": lambda p: "%.3f" % p,  # noqa: UP031
    "added": lambda p: p + 1,
    "added to": lambda p: 1 + p,
    "times": lambda p: 2 * p,
    "by": lambda p: p / 2,
    "power": lambda p: p**2,
    "added to a tensor": lambda p: tf.ones([1]) + p,
    "a tensor added": lambda p: p + tf.ones([1]),
    "added to an array": lambda p: X + p,
    "smaller": lambda p: p < 1,
    "larger": lambda p: p >= 1,
    "sum": sum,
    "max": lambda p: max(p, 1),
    "called": lambda p: p(X),
    "with": lambda p: p.__enter__(),
    "array": np.asarray,
    "array of floats": lambda p: np.asarray(p, "float32"),
    "mean": np.mean,
    "op": lambda p: tf.add(p, 1),
    "tensor": tf.tensor,
    "tensor of several": lambda p: tf.tensor([p, 1]),
    "gradient": tf.grad(lambda a: a),
    "loss": lambda p: tf.losses.meanSquaredError(p, X),
    "units": lambda p: tf.layers.dense(units=p),
    "apply": lambda p: tf.layers.dense(units=1).apply(p),
    "tf.model": lambda p: tf.model(inputs=p, outputs=p),
    "sequential": lambda p: tf.sequential(layers=[p]),
    "add": lambda p: tf.sequential().add(p),
    "load": lambda p: tf.loadLayersModel(p).result(),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
@pytest.mark.parametrize("pending", [True, False])
def test_uses_of_a_promise(use, pending):
    promise = tf.Promise(lambda resolve, _: None) if pending else tf.Promise.resolve(1)
    says_what_to_write(promise, use)


OF_MODELS = {
    "predict": lambda m, p: m.predict(p),
    "fit": lambda m, p: m.fit(p, p).result(),
    "evaluate": lambda m, p: m.evaluate(X, p),
    "setWeights": lambda m, p: m.setWeights(p),
    "save": lambda m, p: m.save(p).result(),
    "callbacks": lambda m, p: m.fit(X, X, callbacks=p).result(),
    "validationData": lambda m, p: m.fit(X, X, validationData=p).result(),
    "optimizer": lambda m, p: m.compile(optimizer=p, loss="meanSquaredError"),
    "loss": lambda m, p: m.compile(optimizer="sgd", loss=p),
}


@pytest.mark.parametrize("use", OF_MODELS.values(), ids=OF_MODELS)
def test_a_promise_given_to_a_model(model, use):
    promise = model.fit(X, X, verbose=0)
    promise.result()
    says_what_to_write(promise, lambda p: use(model, p))


def test_the_line_is_that_of_the_forgotten_call(model):
    promise = model.fit(X, X, verbose=0)
    with pytest.raises(AttributeError, match=r"fit\(\), called at .*test_misuse\.py:\d+"):
        promise.history  # noqa: B018
    promise.result()


def test_what_a_promise_has_stays_its_own():
    promise = tf.Promise.resolve(1)
    assert promise and f"{promise}" == repr(promise)
    assert not hasattr(promise, "history") and getattr(promise, "history", None) is None
    assert promise != tf.Promise.resolve(1) and promise in {promise}
    with pytest.raises(AttributeError, match="has no attribute '_nothing'"):
        promise._nothing  # noqa: B018
    assert promise.result() == 1
