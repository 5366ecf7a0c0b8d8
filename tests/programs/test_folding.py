"""Inference folds fixed statistics and activations into weights, and prepares weights once: what is computed
stays, whoever writes a weight."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lamina as tf
from lamina import _core
from support.nets import array, close, numbers, weights_for

from .sides import bits

ops = _core.ops
X = numbers(5, 9, 8, 3, seed=1)
Y = numbers(5, 40, seed=2)


def blocks() -> Any:
    """Convolution, depthwise, pointwise and dense layers, each with a normalization, and activations."""
    start = tf.input(shape=[9, 8, 3])
    x = tf.layers.conv2d(filters=20, kernelSize=3, strides=2, padding="same", useBias=True).apply(start)
    x = tf.layers.batchNormalization(name="first").apply(x)
    x = tf.layers.reLU(maxValue=6).apply(x)
    x = tf.layers.depthwiseConv2d(kernelSize=3, padding="same", depthMultiplier=2, useBias=False).apply(x)
    x = tf.layers.batchNormalization(scale=False).apply(x)
    x = tf.layers.leakyReLU(alpha=0.1).apply(x)
    x = tf.layers.conv2d(filters=24, kernelSize=1, useBias=False).apply(x)
    x = tf.layers.batchNormalization(center=False).apply(x)
    x = tf.layers.activation(activation="sigmoid").apply(x)
    x = tf.layers.flatten().apply(x)
    x = tf.layers.dense(units=40).apply(x)
    x = tf.layers.batchNormalization().apply(x)
    model = tf.model(inputs=start, outputs=tf.layers.activation(activation="tanh").apply(x))
    model.setWeights(weights_for(model))
    return model


def eagerly(model: Any) -> np.ndarray:
    """What the layers give step by step."""
    return array(model.apply(tf.tensor(X), training=False))


def ops_of(model: Any, what: str = "predict") -> list[str]:
    found = model.explain(runs=1, printFn=lambda line: None)
    (program,) = (p for p in found.programs if p["what"] == what)
    return [op for instruction in program["instructions"] for op in instruction["ops"]]


def test_normalizations_and_activations_disappear():
    model = blocks()
    found = model.predict(X)
    assert ops_of(model) == ["fusedConv2d", "fusedDepthwiseConv2d", "fusedConv2d", "fusedMatMul"]
    assert close(found, eagerly(model))
    assert bits(model.predict(X)) == bits(found)
    model.dispose()


def first_of(model: Any, name: str) -> Any:
    return next(w for w in model.weights if w.originalName.endswith(name))


def train(model: Any) -> None:
    model.compile(optimizer=(used := tf.train.adam(0.01)), loss="meanSquaredError")
    model.fit(X, Y, epochs=2, batchSize=3, verbose=0).result()
    used.dispose()


def train_one_batch(model: Any) -> None:
    model.compile(optimizer=(used := tf.train.sgd(0.1)), loss="meanSquaredError")
    model.trainOnBatch(X, Y).result()
    used.dispose()


def apply_gradients(model: Any) -> None:
    kernel = first_of(model, "kernel").read()
    tf.train.sgd(0.1).applyGradients({kernel.name: tf.ones(kernel.shape)})


def train_another_model(model: Any) -> None:
    start = tf.input(shape=[9, 8, 3])
    last = tf.layers.flatten().apply(model.layers[1].apply(start))
    other = tf.model(inputs=start, outputs=last)
    other.compile(optimizer=(used := tf.train.sgd(0.1)), loss="meanSquaredError")
    other.trainOnBatch(X, np.zeros((5, last.shape[1]), np.float32)).result()
    used.dispose()


WRITERS: dict[str, Callable[[Any], Any]] = {
    "setWeights": lambda m: m.setWeights([array(w) * 0.9 for w in m.getWeights()]),
    "setWeights of a layer": lambda m: m.layers[1].setWeights(
        [array(w) + 0.1 for w in m.layers[1].getWeights()]
    ),
    "assign a filter": lambda m: first_of(m, "kernel").read().assign(tf.ones([3, 3, 3, 20])),
    "assign a variance": lambda m: first_of(m, "moving_variance").read().assign(tf.fill([20], 3)),
    "assign a mean": lambda m: first_of(m, "moving_mean").read().assign(tf.fill([20], 0.5)),
    "write gamma": lambda m: first_of(m, "gamma").write(tf.fill([20], 2)),
    "write beta": lambda m: first_of(m, "beta").write(tf.fill([20], -1)),
    "write a bias": lambda m: first_of(m, "bias").write(tf.fill([20], 0.5)),
    "fit": train,
    "trainOnBatch": train_one_batch,
    "applyGradients": apply_gradients,
    "fit of another model": train_another_model,
}


@pytest.mark.parametrize("name", WRITERS)
def test_weights_written_are_seen(name):
    model = blocks()
    given = tf.tensor(X)
    before = [bits(model.predict(given)) for _ in range(3)]
    assert before[0] == before[1] == before[2]
    WRITERS[name](model)
    now = model.predict(given)
    assert bits(now) != before[0]
    assert close(now, eagerly(model))
    fresh = blocks()
    fresh.setWeights(model.getWeights())
    assert bits(fresh.predict(given)) == bits(now)
    fresh.dispose()
    model.dispose()


def test_weights_written_between_batches_of_a_fit_are_seen():
    model = blocks()
    model.compile(optimizer=(used := tf.train.sgd(0.05)), loss="meanSquaredError")
    found: list[bytes] = []

    def look(batch: int, logs: Any) -> None:
        now = model.predict(X)
        assert close(now, eagerly(model))
        found.append(bits(now))

    model.fit(X, Y, epochs=2, batchSize=2, verbose=0, callbacks={"onBatchEnd": look}).result()
    assert len(set(found)) == len(found) == 6
    used.dispose()
    model.dispose()


def test_another_cpu_level_prepares_anew():
    model, active = blocks(), _core.active_level()
    try:
        for level in (*_core.available_levels(), active):
            _core.set_level(level)
            assert close(model.predict(X), eagerly(model))
    finally:
        _core.set_level(active)
    model.dispose()


def test_threads_do_not_change_folded_results():
    count = tf.getNumThreads()
    found = set()
    try:
        for threads in (1, 2, 3):
            tf.setNumThreads(threads)
            model = blocks()
            found.add(bits(model.predict(X)))
            model.dispose()
    finally:
        tf.setNumThreads(count)
    assert len(found) == 1


# ---- traces made by hand: what is folded, and what must not be ---------------------------------------------


def both(
    make: Callable[..., Any], x: np.ndarray, *values: np.ndarray
) -> tuple[_core.Program, list[np.ndarray], list[np.ndarray]]:
    """make(x, variables...) as a Program, its results, and those of the ops in turn."""
    variables = [tf.variable(tf.tensor(value)) for value in values]
    given = tf.tensor(x)
    trace = _core.Trace()
    with trace:
        made = make(trace.input(x.shape), *variables)
        made = made if isinstance(made, list) else [made]
    program = trace.program(made)
    folded = [array(t) for t in program.run([given])]
    plain = [array(t) for t in trace.run([given], made)]
    for variable in variables:
        variable.dispose()
    return program, folded, plain


def names(program: Any) -> list[str]:
    return [op for ops, _, _ in program.report() for op in ops]


F, C = numbers(3, 3, 3, 4, seed=3), [numbers(4, seed=4), np.abs(numbers(4, seed=5)) + 0.1]


def normalized(y: Any, mean: Any, variance: Any) -> Any:
    return ops.batchNorm(y, mean, variance, None, None, 1e-3)


def test_an_activation_goes_into_the_product():
    for name in ("relu", "sigmoid", "tanh", "elu", "softplus"):
        program, folded, plain = both(
            lambda x, f, name=name: getattr(ops, name)(ops.conv2d(x, f, 1, "same")), X, F
        )
        assert names(program) == ["fusedConv2d"]
        assert np.array_equal(folded[0], plain[0])
    program, folded, plain = both(lambda x, f: ops.clipByValue(ops.matMul(x, f), 0, 6), Y, numbers(40, 7))
    assert names(program) == ["fusedMatMul"]
    assert np.array_equal(folded[0], plain[0])


POOLED = {
    "beside each other": ((2, 2, "valid"), True),
    "with a rest": (([4, 3], [4, 3], "valid"), True),
    "of one row": (([1, 2], [1, 2], "same"), True),
    "overlapping": ((3, 2, "valid"), False),
    "apart": ((2, 3, "valid"), False),
    "padded": ((2, 2, "same"), False),
    "of one value": ((1, 1, "valid"), False),
}


@pytest.mark.parametrize("name", POOLED)
@pytest.mark.parametrize("pad", ["same", "valid"])
def test_a_max_pool_goes_into_the_convolution(name, pad):
    """With the bits of both ops in turn; 'same' leaves 9 rows, 'valid' 7."""
    windows, folds = POOLED[name]
    for activation in ("linear", "relu", "tanh"):
        program, folded, plain = both(
            lambda x, f, b, activation=activation: ops.maxPool(
                ops.fusedConv2d(x, f, b, 1, pad, activation=activation), *windows
            ),
            X,
            F,
            C[0],
        )
        assert names(program) == (["fusedConv2dMaxPool"] if folds else ["fusedConv2d", "maxPool"])
        assert np.array_equal(folded[0], plain[0])


@pytest.mark.parametrize("width", [3, 4, 5, 15, 29, 60])
def test_cut_rows_keep_the_order_of_sums(width):
    """Few columns left over change how a tile is cut, many images how threads share them."""
    x = numbers(6, 8, width + 2, 48, seed=width)
    for filters, windows in ((20, [3, 2]), (20, [2, 3]), (70, [2, 7])):
        if windows[1] > width:
            continue
        f = numbers(3, 3, 48, filters, seed=filters)
        program, folded, plain = both(
            lambda x, f, w=windows: ops.maxPool(ops.relu(ops.conv2d(x, f, 1, "valid")), w, w, "valid"), x, f
        )
        assert names(program) == ["fusedConv2dMaxPool"]
        assert np.array_equal(folded[0], plain[0])


def test_a_max_pool_stays_where_it_is_not_of_a_convolution_alone():
    def shared(x: Any, f: Any) -> list[Any]:
        y = ops.conv2d(x, f, 1, "same")
        return [ops.maxPool(y, 2, 2, "valid"), ops.neg(y)]

    program, folded, plain = both(shared, X, F)
    assert "maxPool" in names(program)
    assert all(np.array_equal(a, b) for a, b in zip(folded, plain, strict=True))
    for filter in (numbers(3, 3, 3, 1, seed=3), numbers(1, 1, 3, 4, seed=3)):
        conv = ops.depthwiseConv2d if filter.shape[3] == 1 else ops.conv2d
        program, folded, plain = both(
            lambda x, f, conv=conv: ops.maxPool(conv(x, f, 1, "same"), 2, 2, "valid"), X, filter
        )
        assert "maxPool" in names(program)
        assert np.array_equal(folded[0], plain[0])


def test_windows_without_a_number_stay_what_they_are():
    """NaN loses against any number, and -infinity is one."""
    x = X.copy()
    x[0, :4, :4] = np.nan
    x[1, 0, 0, 0] = np.inf
    program, folded, plain = both(
        lambda x, f: ops.maxPool(ops.conv2d(x, f, 1, "valid"), 2, 2, "valid"),
        x,
        F,
    )
    assert names(program) == ["fusedConv2dMaxPool"]
    assert np.isnan(plain[0]).any()
    assert np.array_equal(folded[0], plain[0], equal_nan=True)


@pytest.mark.parametrize(("window", "stride"), [(2, 2), (3, 2)])
def test_the_gradient_of_relu_goes_into_that_of_max_pool(window, stride):
    def make(x: Any, f: Any, dy: Any) -> Any:
        y = ops.relu(ops.conv2d(x, f, 1, "same"))
        pooled = ops.maxPoolGrad(dy, y, [window, window], stride, "same")
        return ops.conv2dBackpropFilter(x, ops.mul(pooled, ops.step(y)), [3, 3], 1, "same")

    dy = numbers(5, 5, 4, 4, seed=9)
    x = X.copy()
    program, folded, plain = both(make, x, F, dy)
    assert names(program) == ["fusedConv2d", "maxPoolGrad", "conv2dBackpropFilter"]
    assert np.array_equal(folded[0], plain[0])
    # The mask of another value is another step.
    program, folded, plain = both(
        lambda x, dy: ops.mul(ops.maxPoolGrad(dy, x, [2, 2], 2, "same"), ops.step(ops.neg(x))),
        X,
        numbers(5, 5, 4, 3, seed=9),
    )
    assert "mul" in names(program)
    assert np.array_equal(folded[0], plain[0])


def test_training_with_max_pool_folds_and_keeps_its_bits():
    def left(eager: bool) -> tuple[list[bytes], list[str]]:
        start = tf.input(shape=[9, 8, 3])
        y = tf.layers.conv2d(filters=4, kernelSize=3, activation="relu", kernelInitializer="ones").apply(
            start
        )
        y = tf.layers.flatten().apply(tf.layers.maxPooling2d(poolSize=2).apply(y))
        model = tf.model(inputs=start, outputs=tf.layers.dense(units=40).apply(y))
        model.setWeights(weights_for(model))
        model.compile(optimizer=(used := tf.train.adam(0.01)), loss="meanSquaredError", runEagerly=eager)
        model.fit(X, Y, epochs=3, batchSize=5, verbose=0, shuffle=False).result()
        found = [bits(w) for w in model.getWeights()], [] if eager else ops_of(model, "train")
        model.dispose()
        used.dispose()
        return found

    weights, steps = left(False)
    assert weights == left(True)[0]
    assert "maxPoolGrad" in steps
    assert "step" not in steps


@pytest.mark.parametrize("low", [-1.0, 0.0])
def test_other_bounds_stay_a_step(low):
    program, folded, plain = both(
        lambda x, f: ops.clipByValue(ops.conv2d(x, f, 1, "same"), low, 5.0), 9 * X, F
    )
    assert names(program) == ["conv2d", "clipByValue"]
    assert np.array_equal(folded[0], plain[0])


def test_what_others_read_stays():
    def make(x: Any, f: Any, mean: Any, variance: Any) -> list[Any]:
        y = ops.conv2d(x, f, 1, "same")
        # Another one has only one reader.
        z = ops.relu(ops.conv2d(ops.neg(x), f, 1, "same"))
        return [normalized(y, mean, variance), ops.neg(y), z]

    program, folded, plain = both(make, X, F, *C)
    assert sorted(name for name in names(program) if "onv2d" in name) == ["conv2d", "fusedConv2d"]
    assert "batchNorm" in names(program)
    assert all(np.array_equal(a, b) for a, b in zip(folded, plain, strict=True))

    def wanted(x: Any, f: Any, mean: Any, variance: Any) -> list[Any]:
        y = ops.conv2d(x, f, 1, "same")
        return [y, normalized(y, mean, variance)]

    program, folded, plain = both(wanted, X, F, *C)
    assert all(np.array_equal(a, b) for a, b in zip(folded, plain, strict=True))


def test_channels_that_come_first_stay():
    x = numbers(2, 3, 6, 4, seed=8)
    program, folded, plain = both(
        lambda x, f, mean, variance: normalized(ops.conv2d(x, f, 1, "same", "NCHW"), mean, variance), x, F, *C
    )
    assert "batchNorm" in names(program)
    assert close(folded[0], plain[0])


def test_statistics_of_the_input_stay():
    program, folded, plain = both(
        lambda x, f: normalized(
            ops.conv2d(x, f, 1, "same"), *ops.moments(ops.conv2d(x, f, 1, "same"), [0, 1, 2])
        ),
        X,
        F,
    )
    assert "batchNorm" in names(program)
    assert close(folded[0], plain[0])


def test_what_follows_from_variables_is_computed_once():
    """A wanted value, one that a step reads, one under another shape; all follow a new assignment."""
    w = tf.variable(tf.tensor(numbers(6, 4, seed=3)))
    x = tf.tensor(numbers(5, 6, seed=4))
    trace = _core.Trace()
    with trace:
        doubled = ops.mul(w, 2.0)
        flat = ops.reshape(ops.exp(doubled), [24])
        made = [ops.matMul(trace.input([5, 6]), ops.tanh(doubled)), doubled, flat]
    program = trace.program(made)
    assert names(program) == ["matMul"]
    for seed in (3, 8, 8, 9):
        w.assign(tf.tensor(numbers(6, 4, seed=seed)))
        for mine, other in zip(program.run([x]), trace.run([x], made), strict=True):
            assert np.array_equal(array(mine), array(other))
    w.dispose()


def test_a_weight_that_the_graph_updates_is_read_anew():
    w = tf.variable(tf.tensor(numbers(6, 4, seed=3)))
    still = tf.variable(tf.tensor(numbers(4, 3, seed=5)))
    x = tf.tensor(numbers(5, 6, seed=4))

    def left(compiled: bool) -> list[np.ndarray]:
        w.assign(tf.tensor(numbers(6, 4, seed=3)))
        trace = _core.Trace()
        with trace:
            y = ops.matMul(ops.relu(ops.matMul(trace.input([5, 6]), w)), still)
            tf.train.sgd(0.1).applyGradients({w.name: ops.mul(w, 0.5)})
        program = trace.program([y])
        run = program.run if compiled else lambda given: trace.run(given, [y])
        return [array(run([x])[0]) for _ in range(3)] + [array(w)]

    for mine, other in zip(left(True), left(False), strict=True):
        assert np.array_equal(mine, other)
    w.dispose()
    still.dispose()
