"""Models in directories: saved here and opened there, the reverse, and what happens to files that are not
sound.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

import lamina as tf
from support.nets import NETS, array, close, numbers, weights_for

NET = NETS[0]
by_net = pytest.mark.parametrize("net", NETS, ids=lambda net: net.name)


def saved(folder: Path, net=NET, **config):
    model = net.model("adam")
    result = model.save(folder, config).result()
    return model, result


@by_net
def test_saved_here_opens_in_tfjs(tfjs, tmp_path, net):
    model, _ = saved(tmp_path, net)
    theirs = tfjs.load(tmp_path, net.x[:4])
    assert close(array(model.predict(net.x[:4])), theirs.outputs[0])
    model.dispose()


@by_net
def test_saved_by_tfjs_opens_here(tfjs, tmp_path, net):
    model = net.make()
    weights = weights_for(model)
    tfjs.save(tmp_path, {"topology": model.toJSON(None, False), "weights": weights})
    model.setWeights(weights)
    expected = array(model.predict(net.x[:4]))
    model.dispose()
    again = tf.loadLayersModel(tmp_path).result()
    assert close(array(again.predict(net.x[:4])), expected)
    again.dispose()


def test_the_json_has_the_keys_of_tfjs_in_their_order(tfjs, tmp_path):
    model, result = saved(tmp_path / "ours", includeOptimizer=True)
    tfjs.save(
        tmp_path / "theirs",
        {
            "topology": model.toJSON(None, False),
            "weights": weights_for(model),
            "compile": {"optimizer": "adam", "loss": NET.loss, "metrics": []},
        },
        includeOptimizer=True,
    )
    ours = json.loads((tmp_path / "ours" / "model.json").read_text())
    theirs = json.loads((tmp_path / "theirs" / "model.json").read_text())
    assert list(ours) == list(theirs)
    for key in ("format", "generatedBy", "convertedBy", "trainingConfig"):
        assert ours[key] == theirs[key], key
    assert ours["weightsManifest"][0]["weights"] == theirs["weightsManifest"][0]["weights"]
    info = result.modelArtifactsInfo
    assert info.modelTopologyType == "JSON"
    assert info.weightDataBytes == sum(os.path.getsize(p) for p in (tmp_path / "ours").glob("*.bin"))
    assert info.dateSaved.year >= 2024
    model.dispose()


def test_every_way_to_name_a_place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model = NET.model()
    x = NET.x[:2]
    expected = array(model.predict(x))
    places = ["one", "two/deeper", "three/net.json", "file://four", f"file://{tmp_path}/five", Path("six")]
    for place in places:
        model.save(place).result()
        again = tf.loadLayersModel(place).result()
        assert close(array(again.predict(x)), expected, 0)
        again.dispose()
    assert (tmp_path / "three" / "net.json").exists()
    for path in ("one/model.json", "file://one/model.json"):
        again = tf.loadModel(path).result()
        again.dispose()
    model.dispose()


def test_shards_carry_their_hash_and_old_ones_go(tmp_path):
    model, _ = saved(tmp_path)
    group = json.loads((tmp_path / "model.json").read_text())["weightsManifest"][0]
    (name,), (checksum,) = group["paths"], group["sha256"]
    assert hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() == checksum
    assert checksum[:16] in name
    (tmp_path / "mine.bin").write_bytes(b"keep")
    model.setWeights([w + 1 for w in map(array, model.getWeights())])
    model.save(tmp_path).result()
    left = sorted(p.name for p in tmp_path.iterdir())
    assert len(left) == 3
    assert name not in left
    assert "mine.bin" in left
    # The same weights again: their shard has the name of the one that stands there, and stays.
    model.save(tmp_path).result()
    assert sorted(p.name for p in tmp_path.iterdir()) == left
    tf.loadLayersModel(tmp_path).result().dispose()
    model.dispose()


def test_a_save_that_fails_leaves_the_old_model(tmp_path, monkeypatch):
    model, _ = saved(tmp_path)
    x = NET.x[:2]
    expected = array(model.predict(x))
    model.setWeights([w + 1 for w in map(array, model.getWeights())])
    real = os.replace

    def fail(source, target):
        if str(target).endswith("model.json"):
            raise OSError("the disk is full")
        real(source, target)

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="full"):
        model.save(tmp_path).result()
    monkeypatch.undo()
    assert not list(tmp_path.glob("*.tmp"))
    again = tf.loadLayersModel(tmp_path).result()
    assert close(array(again.predict(x)), expected, 0)
    model.dispose()
    again.dispose()


def test_a_save_is_of_the_moment_of_the_call(tmp_path):
    model = NET.model()
    x = NET.x[:2]
    expected = array(model.predict(x))
    promise = model.save(tmp_path)
    model.setWeights([w + 1 for w in map(array, model.getWeights())])
    promise.result()
    again = tf.loadLayersModel(tmp_path).result()
    assert close(array(again.predict(x)), expected, 0)
    model.dispose()
    again.dispose()


def test_large_models_have_several_shards(tmp_path, monkeypatch):
    monkeypatch.setattr("lamina.io.files.SHARD_BYTES", 100)
    model, _ = saved(tmp_path)
    assert len(list(tmp_path.glob("*.bin"))) == 3
    seen = []
    again = tf.loadLayersModel(tmp_path, onProgress=seen.append).result()
    assert seen == pytest.approx([1 / 3, 2 / 3, 1])
    assert close(array(again.predict(NET.x)), array(model.predict(NET.x)), 0)
    model.dispose()
    again.dispose()


# --- the optimizer ---


def test_training_goes_on_where_it_stopped(tmp_path):
    def run(stop_at):
        tf.setRandomSeed(5)
        model = NET.model("adam", ["accuracy"])
        history = []
        for first, last in ((0, stop_at), (stop_at, 6)):
            history += (
                model.fit(NET.x, NET.y, epochs=last, initialEpoch=first, batchSize=8).result().history.loss
            )
            if last != 6:
                model.save(tmp_path, includeOptimizer=True).result()
                model.dispose()
                model = tf.loadLayersModel(tmp_path).result()
                assert model.metricsNames == ["loss", "acc"]
                assert model.optimizer.iterations == 5 * last
        found = history, [array(w).tolist() for w in model.getWeights()]
        model.dispose()
        return found

    def uninterrupted():
        tf.setRandomSeed(5)
        model = NET.model("adam", ["accuracy"])
        history = model.fit(NET.x, NET.y, epochs=6, batchSize=8).result().history.loss
        found = history, [array(w).tolist() for w in model.getWeights()]
        model.dispose()
        return found

    assert run(2) == run(4) == uninterrupted()


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "rmsprop", "adagrad", "adadelta"])
def test_tfjs_goes_on_with_our_optimizer_and_we_with_its(tfjs, tmp_path, optimizer):
    model = NET.model(optimizer)
    batches = NET.batches(8)
    for x, y in batches[:4]:
        model.trainOnBatch(x, y).result()
    model.save(tmp_path / "ours", includeOptimizer=True).result()
    body = """
      const m = await helpers.loadModel(dir);
      const losses = [];
      for (const [x, y] of batches) losses.push(await m.trainOnBatch(tf.tensor(x), tf.tensor(y)));
      await helpers.saveModel(m, target, {includeOptimizer: true});
      return losses;
    """
    rest = [[x.tolist(), y.tolist()] for x, y in batches[4:]]
    target = str(tmp_path / "theirs")
    theirs = tfjs.eval(body, dir=str(tmp_path / "ours"), target=target, batches=rest)
    ours = [model.trainOnBatch(x, y).result() for x, y in batches[4:]]
    assert close(ours, theirs)
    back = tf.loadLayersModel(target).result()
    assert back.optimizer.iterations == 8
    x, y = batches[0]
    assert back.trainOnBatch(x, y).result() == pytest.approx(model.trainOnBatch(x, y).result(), rel=1e-5)
    back.dispose()
    model.dispose()


def test_losses_without_a_name_cannot_be_saved_with_the_optimizer(tmp_path):
    model = NET.make()
    model.compile(optimizer="sgd", loss=lambda y_true, y_pred: y_pred.sub(y_true).square().mean(-1))
    with pytest.raises(ValueError, match="Serialization of non-string loss is not supported"):
        model.save(tmp_path, includeOptimizer=True).result()
    model.save(tmp_path).result()
    model.compile(optimizer="sgd", loss=tf.metrics.meanSquaredError, metrics=[tf.metrics.meanAbsoluteError])
    model.save(tmp_path, includeOptimizer=True).result()
    again = tf.loadLayersModel(tmp_path).result()
    assert again.metricsNames == ["loss", "meanAbsoluteError"]
    model.dispose()
    again.dispose()


def test_an_unknown_optimizer_does_not_keep_the_model_closed(tmp_path):
    model, _ = saved(tmp_path, includeOptimizer=True)
    change(tmp_path, lambda j: j["trainingConfig"]["optimizer_config"].update(class_name="Whatever"))
    with pytest.warns(UserWarning, match="loaded but not compiled: Unknown optimizer: Whatever"):
        again = tf.loadLayersModel(tmp_path).result()
    assert close(array(again.predict(NET.x)), array(model.predict(NET.x)), 0)
    model.dispose()
    again.dispose()


# --- metadata, parts, handlers ---


def test_user_defined_metadata(tfjs, tmp_path):
    model = NET.model()
    data = {"labels": ["a", "b"], "n": 1, "nested": {"x": None, "y": True}}
    model.setUserDefinedMetadata(data)
    model.save(tmp_path).result()
    again = tf.loadLayersModel(tmp_path).result()
    assert again.getUserDefinedMetadata() == data
    code = "(await helpers.loadModel(dir)).getUserDefinedMetadata()"
    assert tfjs.eval(code, dir=str(tmp_path)) == data
    for wrong in ([], "x", {1: 2}, {"t": object()}):
        with pytest.raises(ValueError, match="expected to be a JSON object"):
            model.setUserDefinedMetadata(wrong)
    model.setUserDefinedMetadata({"big": "x" * 2_000_000})
    with pytest.warns(UserWarning, match="too large in size"):
        model.save(tmp_path).result()
    model.dispose()
    again.dispose()


def test_trainable_only(tmp_path):
    model = NETS[2].model()
    model.save(tmp_path, trainableOnly=True).result()
    with pytest.raises(ValueError, match="2 of 8 weights are not set: bn/moving_mean,bn/moving_variance"):
        tf.loadLayersModel(tmp_path).result()
    with pytest.warns(UserWarning, match="bn/moving_mean"):
        again = tf.loadLayersModel(tmp_path, strict=False).result()
    assert close(array(again.getWeights()[0]), array(model.getWeights()[0]), 0)
    model.dispose()
    again.dispose()


def test_handlers():
    model = NET.model()
    kept = {}

    def take(artifacts):
        kept.update(artifacts)
        return {"modelArtifactsInfo": {"dateSaved": None}, "mine": 1}

    result = model.save(tf.io.withSaveHandler(take)).result()
    assert result["mine"] == 1
    assert list(kept)[:4] == ["modelTopology", "format", "generatedBy", "convertedBy"]
    again = tf.loadLayersModel(tf.io.fromMemory(kept)).result()
    assert close(array(again.predict(NET.x)), array(model.predict(NET.x)), 0)
    again.dispose()

    async def slow(artifacts):
        return {"slow": True}

    assert model.save(tf.io.withSaveHandler(slow)).result() == {"slow": True}
    with pytest.raises(ValueError, match="does not have the `save` attribute"):
        model.save(tf.io.fromMemory(kept)).result()
    with pytest.raises(ValueError, match="does not have the `load` method"):
        tf.loadLayersModel(tf.io.withSaveHandler(take)).result()
    model.dispose()


def test_schemes(tmp_path):
    model = NET.model()
    with pytest.raises(ValueError, match="Cannot find any save handlers for URL 'localstorage://m'"):
        model.save("localstorage://m").result()
    with pytest.raises(ValueError, match="Did you mean 'file://'"):
        model.save("fil://m").result()
    with pytest.raises(NotImplementedError, match=r"only model\.json"):
        model.save(tmp_path / "m.keras").result()
    tf.io.registerSaveRouter(
        lambda url, options: tf.io.fileSystem(tmp_path / url[5:]) if url.startswith("mine:") else None
    )
    model.save("mine://x").result()
    assert (tmp_path / "x" / "model.json").exists() or (tmp_path / "/x").exists()
    model.dispose()


# --- files that are not sound ---


def change(folder, edit):
    path = folder / "model.json"
    content = json.loads(path.read_text())
    edit(content)
    # A change on purpose: the checksum of the model.json itself no longer counts.
    path.write_text(json.dumps(content).replace('"jsonSha256"', '"changed"'))


def group(content):
    return content["weightsManifest"][0]


EDITS = [
    (lambda j: j.pop("modelTopology"), "modelTopology is missing"),
    (lambda j: j.update(modelTopology=[]), "modelTopology: expected an object, got list"),
    (lambda j: j.update(format="graph-model"), "format: this is a graph-model"),
    (lambda j: j.update(weightsManifest={}), "weightsManifest: expected a list, got dict"),
    (lambda j: j.update(weightsManifest=[3]), r"weightsManifest\[0\]: expected an object, got int"),
    (
        lambda j: group(j).pop("paths"),
        r"weightsManifest\[0\]\.paths: expected a list of strings, got nothing",
    ),
    (lambda j: group(j).update(weights=None), r"weightsManifest\[0\]\.weights: expected a list"),
    (lambda j: group(j).update(sha256=[]), r"weightsManifest\[0\]\.sha256: expected one entry for each of 1"),
    (lambda j: group(j)["weights"][0].update(shape="big"), r"weights\[0\] \(hidden/kernel\)\.shape"),
    (lambda j: group(j)["weights"][0].update(shape=[10**12, 10**12]), r"needs \d+ bytes"),
    (lambda j: group(j).update(paths=["../../etc/passwd"]), "leaves the model's folder"),
    (lambda j: group(j).update(paths=["/etc/passwd"]), "leaves the model's folder"),
    (lambda j: group(j).update(paths=["..\\secret"]), "leaves the model's folder"),
    (
        lambda j: group(j).update(paths=["C:/secret"] if os.name == "nt" else ["a/../../b"]),
        "leaves the model's folder",
    ),
    (lambda j: j["modelTopology"].update(class_name="Nope"), "Unknown layer: Nope"),
    (lambda j: j["modelTopology"]["config"]["layers"][0].update(class_name="Denze"), "Did you mean Dense"),
    (lambda j: j["modelTopology"].pop("config"), "Improper config format"),
    (lambda j: j["modelTopology"].update(class_name="Dense", config={"units": 1}), "is a layer, not a model"),
]


@pytest.mark.parametrize(("edit", "said"), EDITS, ids=range(len(EDITS)))
def test_bad_files_name_the_field(tmp_path, edit, said):
    model, _ = saved(tmp_path)
    model.dispose()
    change(tmp_path, edit)
    with pytest.raises(ValueError, match=said):
        tf.loadLayersModel(tmp_path).result()


def test_other_files_that_are_no_models(tmp_path):
    with pytest.raises(FileNotFoundError, match="There is no model at"):
        tf.loadLayersModel(tmp_path / "nothing").result()
    with pytest.raises(FileNotFoundError, match=r"There is no model\.json in the directory"):
        tf.loadLayersModel(tmp_path).result()
    (tmp_path / "model.json").write_text("{")
    with pytest.raises(ValueError, match="is not JSON"):
        tf.loadLayersModel(tmp_path).result()
    (tmp_path / "model.json").write_text("[1]")
    with pytest.raises(ValueError, match="expected a JSON object, got list"):
        tf.loadLayersModel(tmp_path).result()
    model, _ = saved(tmp_path)
    shard = next(tmp_path.glob("*.bin"))
    content = bytearray(shard.read_bytes())
    content[7] ^= 1
    shard.write_bytes(content)
    with pytest.raises(ValueError, match="its sha256 differs"):
        tf.loadLayersModel(tmp_path).result()
    shard.unlink()
    with pytest.raises(FileNotFoundError):
        tf.loadLayersModel(tmp_path).result()
    model.dispose()


def test_model_from_json_with_weights(tmp_path):
    model, _ = saved(tmp_path)
    content = json.loads((tmp_path / "model.json").read_text())
    again = tf.models.modelFromJSON({**content, "pathPrefix": str(tmp_path)}).result()
    assert close(array(again.predict(NET.x)), array(model.predict(NET.x)), 0)
    fresh = tf.models.modelFromJSON(json.dumps(content["modelTopology"])).result()
    assert not close(array(fresh.predict(NET.x)), array(model.predict(NET.x)))
    with pytest.raises(ValueError, match="this is not JSON"):
        tf.models.modelFromJSON("{").result()
    for each in (model, again, fresh):
        each.dispose()


def test_layers_of_ones_own(tmp_path):
    class Twice(tf.layers.Layer):
        className = "TwiceOfIoTest"

        def call(self, inputs, kwargs):
            return inputs.mul(2)

    model = tf.sequential(layers=[Twice({"inputShape": [2], "name": "twice"}), tf.layers.dense(units=1)])
    model.save(tmp_path).result()
    with pytest.raises(ValueError, match="Unknown layer: TwiceOfIoTest"):
        tf.loadLayersModel(tmp_path).result()
    again = tf.loadLayersModel(tmp_path, customObjects={"TwiceOfIoTest": Twice}).result()
    x = numbers(3, 2)
    assert close(array(again.predict(x)), array(model.predict(x)), 0)
    model.dispose()
    again.dispose()


def test_infinity_in_a_config_is_refused_by_name(tmp_path):
    model = NET.model()
    model.setUserDefinedMetadata({"x": float("inf")})
    with pytest.raises(ValueError, match="JSON"):
        model.save(tmp_path).result()
    assert not (tmp_path / "model.json").exists()
    model.dispose()
