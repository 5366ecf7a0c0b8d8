"""The backend, flags, and what TensorFlow.js asks of its surroundings."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

import lamina as tf
from lamina import _core
from lamina.errors import LaminaWarning


def test_the_backend(tfjs):
    assert tf.getBackend() == "cpu" == tfjs.eval("return tf.getBackend();")
    assert tf.ready().result() is None
    assert tf.setBackend("cpu").result() is True
    assert tf.backend() is tf.findBackend("cpu") is tf.findBackendFactory("cpu")()
    assert tf.findBackend("webgl") is None
    assert tf.findBackendFactory("webgl") is None
    assert tf.backend().epsilon() == tfjs.eval("return tf.backend().epsilon();")
    assert tf.backend().floatPrecision() == tfjs.eval("return tf.backend().floatPrecision();")
    assert tf.version.lamina == tf.__version__
    assert tf.version.tfjs == tfjs.eval("return tf.version.tfjs;")


@pytest.mark.parametrize("name", ["webgl", "wasm", "webgpu", "tensorflow", "gpu"])
def test_other_backends_are_refused(name):
    with pytest.raises(ValueError, match=f"'{name}' not found in registry.*one backend, 'cpu'"):
        tf.setBackend(name).result()
    with pytest.raises(RuntimeError, match="one backend"):
        tf.registerBackend(name, lambda: None, 2)
    with pytest.raises(ValueError, match="not found in registry"):
        tf.removeBackend(name)
    with pytest.raises(RuntimeError, match="cannot be removed"):
        tf.removeBackend("cpu")


@pytest.mark.parametrize(
    "call",
    [
        tf.forceHalfFloat,
        lambda: tf.setWebGLContext(2, None),
        lambda: tf.setPlatform("node", None),
        lambda: tf.env().setPlatform("node", None),
        lambda: tf.env().getQueryParams("?a=1"),
        tf.data.webcam,
        tf.data.microphone,
    ],
)
def test_what_only_a_browser_has(call):
    with pytest.raises(RuntimeError, match=r"tf\.|Python|urllib"):
        call()


def test_flags_that_set_something():
    env = tf.env()
    before = tf.getNumThreads()
    env.set("LAMINA_NUM_THREADS", 3)
    assert tf.getNumThreads() == 3 == env.get("LAMINA_NUM_THREADS") == env.getNumber("LAMINA_NUM_THREADS")
    env.set("LAMINA_NUM_THREADS", before)
    level = env.get("LAMINA_ISA")
    assert level == _core.active_level()
    for each in _core.available_levels():
        env.set("LAMINA_ISA", each)
        assert env.getString("LAMINA_ISA") == each
    env.set("LAMINA_ISA", level)
    with pytest.raises(ValueError, match=r"LAMINA_ISA|level"):
        env.set("LAMINA_ISA", "v9")
    env.set("LAMINA_SEED", 5)
    first = tf.randomUniform([3]).arraySync()
    assert env.get("LAMINA_SEED") == 5
    tf.setRandomSeed(5)
    assert tf.randomUniform([3]).arraySync() == first


def test_debug_mode_by_flag():
    env = tf.env()
    assert env.getBool("DEBUG") is False
    env.set("DEBUG", True)
    assert env.get("DEBUG") is True
    with pytest.warns(LaminaWarning, match="Found NaN.*'log'"):
        tf.log(-1)
    tf.enableProdMode()
    assert env.get("DEBUG") is False
    assert env.get("PROD") is True
    tf.log(-1)
    env.reset()
    assert env.get("PROD") is False


def test_eager_by_flag():
    model = tf.sequential(layers=[tf.layers.dense(units=1, inputShape=[2])])
    model.compile(optimizer="sgd", loss="meanSquaredError")
    x, y = np.ones((4, 2), np.float32), np.ones((4, 1), np.float32)
    tf.env().set("LAMINA_EAGER", True)
    try:
        model.trainOnBatch(x, y).result()
        assert len(model.programs) == 0
    finally:
        tf.env().set("LAMINA_EAGER", False)
    model.trainOnBatch(x, y).result()
    assert len(model.programs) == 1
    model.dispose()


def test_flags_of_ones_own():
    env = tf.env()
    heard = []
    env.registerFlag("MY_FLAG", lambda: 7, heard.append)
    assert env.get("MY_FLAG") == env.getAsync("MY_FLAG").result() == 7
    env.setFlags({"MY_FLAG": 8, "IS_TEST": True})
    assert env.get("MY_FLAG") == 8
    assert heard == [8]
    assert env.getFlags()["IS_TEST"] is True
    env.reset()
    assert (env.get("MY_FLAG"), env.features["IS_TEST"]) == (7, False)


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda e: e.get("NOPE"), "Cannot evaluate flag 'NOPE'"),
        (lambda e: e.get("LAMINA_NUM_THREAD"), "Did you mean LAMINA_NUM_THREADS"),
        (lambda e: e.set("WEBGL_PACK", True), "is for a browser"),
        (lambda e: e.get("WEBGL_PACK"), "is for a browser"),
        (lambda e: e.set("HAS_WEBGL", True), "can only be read"),
    ],
)
def test_wrong_flags(act, said):
    with pytest.raises(ValueError, match=said):
        act(tf.env())
    assert (tf.env().get("HAS_WEBGL"), tf.env().get("WEBGL_VERSION")) == (False, 0)


def test_deprecation_warnings():
    with pytest.warns(LaminaWarning, match="old. You can disable"):
        tf.deprecationWarn("old.")
    tf.disableDeprecationWarnings()
    tf.deprecationWarn("old.")
    tf.env().reset()


def test_memory_limit_and_trim():
    assert tf.getMemoryLimit() == 0
    t = tf.zeros([1 << 20])
    t.dispose()
    assert tf.trimMemory() >= 1 << 22
    assert tf.trimMemory() == 0
    # Kernels' working memory, which earlier tests have left to the threads, counts too.
    limit = _core.pool_stats()["liveBytes"] + (1 << 28)
    tf.setMemoryLimit(limit)
    try:
        assert tf.env().get("LAMINA_MEMORY_LIMIT") == tf.getMemoryLimit() == limit
        with pytest.raises(MemoryError, match=r"zeros|fill"):
            tf.zeros([1 << 27])
        tf.zeros([1 << 10])
    finally:
        tf.setMemoryLimit(0)
    for wrong, error in ((-1, ValueError), (1.5, TypeError), (True, TypeError)):
        with pytest.raises(error, match="setMemoryLimit"):
            tf.setMemoryLimit(wrong)


def test_scopes_by_hand():
    engine = tf.engine()
    before = tf.memory().numTensors
    engine.startScope()
    kept = tf.zeros([2])
    lost = tf.zeros([2])
    engine.endScope({"kept": kept})
    assert lost.isDisposed
    assert not kept.isDisposed
    assert engine.memory().numTensors == before + 1
    kept.dispose()
    with pytest.raises(RuntimeError, match="no scope"):
        engine.endScope()
    assert engine.tidy(lambda: tf.zeros([2]).add(1)).arraySync() == [1, 1]
    assert engine.backendName == "cpu"


def test_dispose_variables():
    variables = [tf.variable(tf.scalar(i), name=f"of_engine_{i}") for i in range(3)]
    assert tf.engine().registeredVariables["of_engine_1"] is not None
    before = tf.memory().numTensors
    tf.disposeVariables()
    assert all(v.isDisposed for v in variables)
    assert tf.memory().numTensors <= before - 3
    again = tf.variable(tf.scalar(1), name="of_engine_1")
    again.dispose()


def test_next_frame_lets_the_loop_run():
    order = []

    async def other():
        for _ in range(3):
            order.append("other")
            await asyncio.sleep(0)

    async def main():
        task = asyncio.create_task(other())
        for _ in range(3):
            await tf.nextFrame()
            order.append("frame")
        await task

    asyncio.run(main())
    assert order[0] == "other"
    assert order.count("frame") == 3
    assert tf.nextFrame().result() is None


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("InputSpec", "layers.symbolic"),
        ("Callback", "callbacks"),
        ("CustomCallback", "callbacks"),
        ("EarlyStopping", "callbacks"),
        ("LayerVariable", "layers.variables"),
        ("RNN", "layers"),
        ("Sequential", "models"),
        ("SGDOptimizer", "train.optimizers"),
        ("AdamaxOptimizer", "train.adam_family"),
    ],
)
def test_classes_are_those_of_their_modules(name, module):
    from importlib import import_module

    assert getattr(tf, name) is getattr(import_module(f"lamina.{module}"), name)


def test_an_optimizer_is_an_instance_of_its_class():
    for name, args in (("sgd", [0.1]), ("momentum", [0.1, 0.9]), ("adagrad", [0.1]), ("adadelta", []),
                       ("adam", []), ("adamax", []), ("rmsprop", [0.1])):  # fmt: skip
        made = getattr(tf.train, name)(*args)
        assert [
            each
            for each in ("SGD", "Momentum", "Adagrad", "Adadelta", "Adam", "Adamax", "RMSProp")
            if type(made) is getattr(tf, f"{each}Optimizer")
        ] == [made.getClassName()]
        made.dispose()
