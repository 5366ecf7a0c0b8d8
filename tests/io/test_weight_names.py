"""Which value of a file is which weight of a model: names that mean the same, are missing, or are shared."""

from __future__ import annotations

import numpy as np
import pytest

import lamina as tf
from support.nets import NETS, array, close

NET = NETS[0]


def artifacts_of(model):
    kept = {}
    model.save(tf.io.withSaveHandler(kept.update)).result()
    return kept


def renamed(artifacts, rename):
    return {**artifacts, "weightSpecs": [{**s, "name": rename(s["name"])} for s in artifacts["weightSpecs"]]}


@pytest.mark.parametrize(
    "rename",
    [
        lambda name: name,
        lambda name: f"sequential_3/{name}",
        lambda name: "/".join([name.split("/")[0], "some_cell", name.split("/")[1]]),
        lambda name: f"{name}:0",
        lambda name: f"{name.split('/')[0]}/{['kernel', 'bias'].index(name.split('/')[1])}",
        lambda name: f"_layers/{name.split('/')[0]}/vars/{['kernel', 'bias'].index(name.split('/')[1])}",
    ],
    ids=["exact", "prefix", "cell", "suffix", "numbers", "keras 3 paths"],
)
def test_names_that_mean_the_same(rename):
    model = NET.model()
    artifacts = renamed(artifacts_of(model), rename)
    for _ in range(2):
        again = tf.loadLayersModel(tf.io.fromMemory(artifacts)).result()
        assert close(array(again.predict(NET.x)), array(model.predict(NET.x)), 0)
        again.dispose()
    model.dispose()


def test_the_order_decides_where_no_name_is_known():
    model = NET.model()
    artifacts = renamed(artifacts_of(model), lambda name: f"x_{name.replace('/', '_')}")
    with pytest.warns(UserWarning, match="they are taken in order: x_hidden_kernel -> hidden/kernel"):
        again = tf.loadLayersModel(tf.io.fromMemory(artifacts)).result()
    assert close(array(again.predict(NET.x)), array(model.predict(NET.x)), 0)
    model.dispose()
    again.dispose()


def test_strict_names():
    model = NET.model()
    artifacts = artifacts_of(model)
    extra = renamed(artifacts, lambda name: "stray" if name == "out/bias" else name)
    with pytest.raises(
        ValueError, match=r"Provided weight data has no target variable: stray \(.*out/bias\)"
    ):
        tf.loadLayersModel(tf.io.fromMemory(extra)).result()
    fewer = {
        **artifacts,
        "weightSpecs": artifacts["weightSpecs"][:2],
        "weightData": artifacts["weightData"][:192],
    }
    with pytest.raises(ValueError, match="2 of 4 weights are not set: out/kernel,out/bias"):
        tf.loadLayersModel(tf.io.fromMemory(fewer)).result()
    specs = [{**s, "shape": s["shape"][::-1]} for s in artifacts["weightSpecs"]]
    with pytest.raises(
        ValueError, match=r"Shape mismatch: \[8, 5\] vs\. \[5, 8\] for the weight hidden/kernel"
    ):
        tf.loadLayersModel(tf.io.fromMemory({**artifacts, "weightSpecs": specs})).result()
    model.dispose()


def twice_shared(frozen=False):
    """An inner and an outer layer of one name and one shape: nothing else tells them apart."""
    inner = tf.sequential()
    inner.add(tf.layers.dense({"units": 3, "inputShape": [3], "name": "shared", "trainable": not frozen}))
    x = tf.input({"shape": [3]})
    outer = tf.layers.dense({"units": 3, "name": "shared"})
    model = tf.model({"inputs": x, "outputs": outer.apply(inner.apply(x))})
    model.compile({"optimizer": "adam", "loss": "meanSquaredError"})
    return model


@pytest.mark.parametrize("frozen", [False, True])
def test_layers_of_one_name_inside_and_outside(frozen, tmp_path):
    x, y = np.random.default_rng(4).random((2, 8, 3), np.float32)
    model = twice_shared(frozen)
    model.fit(x, y, epochs=2, verbose=0).result()
    assert sorted(weight.name for weight in model.getNamedWeights()) == [
        *("shared/bias", "shared/bias_1", "shared/kernel", "shared/kernel_1")
    ]
    model.save(tmp_path, includeOptimizer=True).result()
    again = tf.loadLayersModel(tmp_path).result()
    for _ in range(2):
        assert array(again.predict(x)).tolist() == array(model.predict(x)).tolist()
        for each in (model, again):
            each.fit(x, y, epochs=2, shuffle=False, verbose=0).result()
    model.exportProgram(tmp_path / "net.lamina").result()
    model.dispose()
    again.dispose()


def test_freezing_moves_no_name():
    model = twice_shared()
    before = {w.name: array(w.tensor).tolist() for w in model.getNamedWeights()}
    model.layers[1].trainable = False
    assert {w.name: array(w.tensor).tolist() for w in model.getNamedWeights()} == before
    model.dispose()


@pytest.mark.parametrize("frozen", [(), (0,), (1,), (0, 1)], ids=str)
def test_files_of_frozen_layers_from_and_for_tensorflowjs(frozen, tmp_path, tfjs):
    x = np.random.default_rng(7).random((3, 2), np.float32)
    layers = [
        tf.layers.batchNormalization(inputShape=[2], name="norm"),
        tf.layers.dense(units=2, name="first"),
        tf.layers.dense(units=2, name="second"),
    ]
    model = tf.sequential(layers=layers)
    model.setWeights([np.full(w.shape, 1 + index, np.float32) for index, w in enumerate(model.weights)])
    for index in frozen:
        model.layers[index].trainable = False
    wanted = array(model.predict(x))
    model.save(tmp_path / "ours").result()
    np.testing.assert_allclose(tfjs.load(tmp_path / "ours", x).outputs[0], wanted, rtol=1e-5)
    again = tf.loadLayersModel(tmp_path / "ours").result()
    assert [layer.trainable for layer in again.layers] == [layer.trainable for layer in model.layers]
    assert array(again.predict(x)).tolist() == wanted.tolist()
    # TensorFlow.js writes what is frozen last.
    theirs = tmp_path / "theirs"
    tfjs.eval(
        """
        const m = await helpers.loadModel(from);
        for (const index of frozen) m.layers[index].trainable = false;
        await helpers.saveModel(m, to);
        return 0;
        """,
        **{"from": str(tmp_path / "ours"), "to": str(theirs), "frozen": list(frozen)},
    )
    read = tf.loadLayersModel(theirs).result()
    assert array(read.predict(x)).tolist() == wanted.tolist()
    assert [array(w).tolist() for w in read.getWeights()] == [array(w).tolist() for w in model.getWeights()]
