"""What every layer does: calls on tensors and on symbols, names, weights, disposal, a user's own layers."""

from __future__ import annotations

import copy
import functools
import gc
import pickle
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lamina import _core, layers
from lamina.changes import tell
from lamina.errors import DisposedError, LaminaWarning
from lamina.layers.base import Layer, collecting_activity_losses
from lamina.layers.symbolic import InputSpec, SymbolicTensor, get_source_inputs
from lamina.layers.variables import apply_constraints


def ones(*shape: int) -> Any:
    return _core.ops.fill(list(shape), 1)


def number(name: str) -> int:
    """The counter at the end of a default name: dense_Dense3 -> 3."""
    return int("".join(c for c in name[len(name.rstrip("0123456789")) :]))


# --- calls ---


def test_eager_and_symbolic() -> None:
    flat = layers.flatten()
    assert flat.apply(layers.input({"shape": [2, 4]})).shape == (None, 8)
    assert tuple(layers.flatten().apply(ones(2, 3, 4)).shape) == (2, 12)
    assert tuple(layers.dense(units=2)(np.ones((3, 4), "float32")).shape) == (3, 2)
    assert tuple(layers.dense(units=2).apply([[1.0, 2.0]]).shape) == (1, 2)


def test_mixed_inputs_are_refused() -> None:
    with pytest.raises(ValueError, match="all SymbolicTensors or all Tensors"):
        layers.add().apply([layers.input(shape=[2]), ones(1, 2)])


def test_symbolic_tensors_say_what_they_are() -> None:
    x = layers.input(shape=[2], name="entry")
    y = layers.dense(units=3, name="out").apply(x)
    assert isinstance(y, SymbolicTensor)
    assert (y.shape, y.dtype, y.rank) == ((None, 3), "float32", 2)
    assert "(None, 3)" in repr(y)
    for use in (bool, float, np.asarray, list):
        with pytest.raises(TypeError, match="output of layer out and has no values"):
            use(y)


def test_call_hook() -> None:
    seen: list[Any] = []
    layer = layers.dense(units=1)
    layer.setCallHook(lambda inputs, kwargs: seen.append((inputs.shape, kwargs)))
    layer.apply(ones(2, 3), {"training": True})
    layer.clearCallHook()
    layer.apply(ones(2, 3))
    assert [(tuple(shape), kwargs) for shape, kwargs in seen] == [((2, 3), {"training": True})]


def test_an_output_that_is_the_input_has_its_own_handle() -> None:
    x = ones(2, 3)
    y = layers.dropout(rate=0.5).apply(x)
    assert y is not x
    y.dispose()
    assert not x.isDisposed
    np.testing.assert_array_equal(np.array(x), 1)


# --- names ---


def test_default_names() -> None:
    first, second = layers.dense(units=1), layers.dense(units=1)
    assert first.name.startswith("dense_Dense")
    assert number(second.name) == number(first.name) + 1
    assert layers.leakyReLU().name.startswith("leaky_re_lu_LeakyReLU")
    assert layers.inputLayer(inputShape=[1]).name.startswith("input")
    assert layers.dense(units=1, name="mine").name == "mine"


@pytest.mark.parametrize("name", ["_x", "a b", "a:b", "a|b", "-a"])
def test_bad_names(name: str) -> None:
    with pytest.raises(ValueError, match="Not a valid tensor name"):
        layers.dense(units=1, name=name)


def test_weight_names() -> None:
    """originalName is what files know; name is unique in the process."""
    made = [layers.dense(units=1, name="twin_of_names") for _ in range(2)]
    for layer in made:
        layer.apply(ones(1, 2))
    assert [[w.originalName for w in layer.weights] for layer in made] == [
        ["twin_of_names/kernel", "twin_of_names/bias"]
    ] * 2
    names = {w.name for layer in made for w in layer.weights}
    assert len(names) == 4
    assert "twin_of_names/kernel_1" in names


# --- the graph ---


def test_input_and_output() -> None:
    layer = layers.dense(units=2)
    for what in ("input", "output", "outputShape"):
        with pytest.raises(AttributeError):
            getattr(layer, what)
    with pytest.raises(RuntimeError, match="never been called"):
        layer.getInputAt(0)
    x, z = layers.input(shape=[3]), layers.input(shape=[3])
    y = layer.apply(x)
    assert layer.input is x
    assert layer.output is y
    assert layer.outputShape == (None, 2)
    layer.apply(z)
    with pytest.raises(AttributeError, match="multiple inbound nodes"):
        _ = layer.output
    assert layer.getInputAt(1) is z
    assert layer.getOutputAt(0) is y
    assert layer.outputShape == (None, 2)
    with pytest.raises(ValueError, match="only 2 inbound nodes"):
        layer.getOutputAt(2)


def test_output_shape_of_several_nodes() -> None:
    layer = layers.reLU()
    layer.apply(layers.input(shape=[3]))
    layer.apply(layers.input(shape=[4]))
    with pytest.raises(AttributeError, match="different output shapes"):
        _ = layer.outputShape


def test_nodes_record_where_tensors_come_from() -> None:
    a, b = layers.input(shape=[3]), layers.input(shape=[3])
    join = layers.add()
    y = join.apply([a, b])
    (node,) = join.inboundNodes
    assert node.inboundLayers == [a.sourceLayer, b.sourceLayer]
    assert (node.nodeIndices, node.tensorIndices) == ([0, 0], [0, 0])
    assert a.sourceLayer.outboundNodes == [node]
    assert (y.sourceLayer, y.nodeIndex, y.tensorIndex) == (join, 0, 0)
    assert node.getConfig()["inboundLayers"] == [a.sourceLayer.name, b.sourceLayer.name]


def test_source_inputs_of_a_deep_ladder() -> None:
    """Each node is walked once: a ladder of skip connections has 2^60 paths."""
    x = y = layers.input(shape=[3])
    for _ in range(60):
        y = layers.add().apply([y, layers.reLU().apply(y)])
    assert get_source_inputs(y) == [x]


# --- weights ---


def test_weights_and_setting_them() -> None:
    layer = layers.dense(units=2)
    with pytest.raises(RuntimeError, match="not built yet"):
        layer.countParams()
    layer.apply(ones(1, 3))
    assert layer.countParams() == 8
    kernel, bias = np.arange(6, dtype="float32").reshape(3, 2), np.array([5, 6], "float32")
    layer.setWeights([kernel, bias])
    np.testing.assert_array_equal(np.array(layer.apply(ones(1, 3))), [[6 + 5, 9 + 6]])
    with pytest.raises(ValueError, match=r"weight list of length 1.*expecting 2 weights.*kernel"):
        layer.setWeights([kernel])
    with pytest.raises(ValueError, match=r"\(3, 2\) not compatible with provided weight shape \(2, 3\)"):
        layer.setWeights([kernel.T, bias])
    # Nothing was set by the attempts that failed.
    np.testing.assert_array_equal(np.array(layer.getWeights()[0]), kernel)


def test_got_weights_do_not_change() -> None:
    layer = layers.dense(units=2)
    layer.apply(ones(1, 3))
    taken = layer.getWeights()
    before = [np.array(w) for w in taken]
    layer.setWeights([np.full((3, 2), 9, "float32"), np.full(2, 9, "float32")])
    for tensor, values in zip(taken, before, strict=True):
        np.testing.assert_array_equal(np.array(tensor), values)


def test_initial_weights() -> None:
    kernel = np.array([[2.0]], "float32")
    layer = layers.dense(units=1, useBias=False, weights=[kernel])
    np.testing.assert_array_equal(np.array(layer.apply([[3.0]])), [[6]])


def test_trainable() -> None:
    layer = layers.batchNormalization()
    layer.apply(ones(2, 3))
    assert [len(w) for w in (layer.trainableWeights, layer.nonTrainableWeights)] == [2, 2]
    assert [w.originalName.rpartition("/")[2] for w in layer.weights] == [
        "gamma",
        "beta",
        "moving_mean",
        "moving_variance",
    ]
    layer.trainable = False
    assert [len(w) for w in (layer.trainableWeights, layer.nonTrainableWeights)] == [0, 4]
    assert not any(w.val.trainable for w in layer.weights)
    layer.trainable = True
    assert [w.val.trainable for w in layer.weights] == [True, True, False, False]
    frozen = layers.dense(units=1, trainable=False)
    frozen.apply(ones(1, 1))
    assert frozen.trainableWeights == []
    assert not any(w.val.trainable for w in frozen.weights)


def test_weights_of_an_rnn_are_the_cells() -> None:
    layer = layers.lstm(units=2, trainable=False)
    layer.apply(ones(1, 3, 2))
    assert layer.trainableWeights == []
    assert len(layer.nonTrainableWeights) == 3
    layer.trainable = True
    assert [len(w) for w in (layer.trainableWeights, layer.nonTrainableWeights)] == [3, 0]
    assert all(
        w.originalName == f"{layer.name}/{n}"
        for w, n in zip(layer.weights, ["kernel", "recurrent_kernel", "bias"], strict=True)
    )


def test_regularizers_are_losses() -> None:
    layer = layers.dense(
        units=1, kernelRegularizer="l1l2", biasRegularizer={"className": "L1L2", "config": {"l1": 1, "l2": 0}}
    )
    layer.apply(ones(1, 2))
    layer.setWeights([np.array([[3], [-1]], "float32"), np.array([2], "float32")])
    kernel, bias = (float(loss) for loss in layer.calculateLosses())
    assert kernel == pytest.approx(0.01 * 4 + 0.01 * 10)
    assert bias == pytest.approx(2)


def test_activity_regularizer() -> None:
    layer = layers.dense(
        units=1, useBias=False, weights=[np.array([[2.0]], "float32")], activityRegularizer="l1l2"
    )
    layer.apply([[1.0]])
    with collecting_activity_losses() as losses:
        layer.apply([[1.0], [3.0]])
    # |2| + |6| and 4 + 36, by example.
    assert [float(x) for x in losses] == [pytest.approx(0.01 * (8 + 40) / 2)]


def test_constraints_hold_after_every_assignment() -> None:
    layer = layers.dense(units=1, kernelConstraint={"className": "MaxNorm", "config": {"maxValue": 1}})
    layer.apply(ones(1, 2))
    layer.setWeights([np.array([[3], [4]], "float32"), np.zeros(1, "float32")])
    np.testing.assert_allclose(np.array(layer.getWeights()[0]), [[0.6], [0.8]], rtol=1e-5)
    variable = layer.weights[0].read()
    variable.assign(_core.tensor(np.array([[30], [40]], "float32")))
    apply_constraints([w.read() for w in layer.weights])
    np.testing.assert_allclose(np.array(layer.getWeights()[0]), [[0.6], [0.8]], rtol=1e-5)


def changed(layer: Layer, act: Callable[[], object]) -> bool:
    """Whether the layer tells of what `act` does."""
    flag = _core.Dependent()
    tell(layer, flag)
    act()
    return bool(flag.changed)


def test_a_layer_tells_of_attributes_that_get_another_value() -> None:
    layer = layers.dense(units=2, inputShape=[2])
    layer.apply(ones(1, 2))
    tells = functools.partial(changed, layer)
    assert tells(lambda: setattr(layer, "useBias", False))
    assert not tells(lambda: setattr(layer, "useBias", False))
    assert tells(lambda: setattr(layer, "mine", 0.0))
    # It divides differently.
    assert tells(lambda: setattr(layer, "mine", -0.0))
    assert tells(lambda: setattr(layer, "mine", 2.0))
    assert not tells(lambda: setattr(layer, "mine", 2.0))
    assert tells(lambda: setattr(layer, "mine", 2))
    assert tells(lambda: delattr(layer, "mine"))
    assert tells(lambda: layer.setCallHook(print))
    assert tells(layer.clearCallHook)
    assert tells(lambda: layer.addLoss(lambda: ones(1)))
    # A list may have been changed in place before.
    layer.mine = [1]
    assert tells(lambda: setattr(layer, "mine", layer.mine))


def test_a_layer_does_not_tell_of_what_only_asks() -> None:
    layer = layers.dense(units=2, inputShape=[2])
    layer.apply(ones(1, 2))
    for ask in (
        lambda: layer.apply(ones(3, 2), training=True),
        lambda: layer.apply(layers.input(shape=[2])),
        lambda: layer.computeOutputShape([None, 2]),
        layer.countParams,
        layer.getConfig,
        layer.getWeights,
        lambda: repr(layer),
    ):
        assert not changed(layer, ask)


def test_private_attributes_of_a_class_of_ones_own() -> None:
    class Mine(Layer):
        def __init__(self) -> None:
            super().__init__({})
            self._k = 1

    mine, ours = Mine(), layers.dense(units=1)
    assert changed(mine, lambda: setattr(mine, "_k", 2))
    assert changed(mine, lambda: delattr(mine, "_k"))
    # Names that Lamina uses are its own business.
    assert not changed(mine, lambda: setattr(mine, "_refCount", 7))
    assert not changed(ours, lambda: setattr(ours, "_refCount", 7))


def test_a_layer_holds_its_dependents_weakly() -> None:
    layer = layers.dense(units=1)
    for _ in range(1000):
        changed(layer, lambda: None)
    flag = _core.Dependent()
    tell(layer, flag)
    tell(layer, flag)
    assert len(layer._lamina_dependents) == 1
    # A copy is told of nothing, and tells nobody.
    copied = copy.deepcopy(layer.kernelInitializer), pickle.loads(pickle.dumps(layer._lamina_dependents))
    assert len(copied[1]) == 0


# --- the end ---


def test_dispose_counts_uses() -> None:
    layer = layers.dense(units=2, name="shared")
    with pytest.raises(RuntimeError, match="not been built yet"):
        layer.dispose()
    x = layers.input(shape=[3])
    layer.apply(x)
    layer.apply(x)
    assert layer.dispose() == {"refCountAfterDispose": 1, "numDisposedVariables": 0}
    assert layer.dispose() == {"refCountAfterDispose": 0, "numDisposedVariables": 2}
    for use in (layer.dispose, lambda: layer.apply(ones(1, 3))):
        with pytest.raises(DisposedError, match="Layer 'shared' is already disposed"):
            use()
    with pytest.raises(DisposedError, match=r"shared/kernel.* is already disposed"):
        layer.getWeights()


def test_dispose_after_eager_calls_only() -> None:
    layer = layers.dense(units=2)
    layer.apply(ones(1, 3))
    layer.apply(ones(1, 3))
    assert layer.dispose() == {"refCountAfterDispose": 0, "numDisposedVariables": 2}


def test_dispose_of_built_but_unused() -> None:
    layer = layers.dense(units=2)
    layer.build([None, 3])
    with pytest.raises(RuntimeError, match="not been used yet"):
        layer.dispose()


def test_dispose_agrees_with_tensorflow(tfjs: Any) -> None:
    code = """
        const layer = tf.layers.dense({units: 2});
        const x = tf.input({shape: [3]});
        layer.apply(x); layer.apply(tf.ones([1, 3])); layer.apply(x);
        return [layer.dispose(), layer.dispose()];
    """
    layer = layers.dense(units=2)
    x = layers.input(shape=[3])
    layer.apply(x)
    layer.apply(ones(1, 3))
    layer.apply(x)
    assert [layer.dispose(), layer.dispose()] == tfjs.eval(code)


def test_disposing_frees_the_memory() -> None:
    gc.collect()
    before = _core.memory()["numTensors"]
    layer = layers.lstm(units=2, stateful=True, batchInputShape=[1, 3, 2])
    layer.apply(layers.input(batchShape=[1, 3, 2]))
    assert _core.memory()["numTensors"] == before + 5
    layer.dispose()
    assert _core.memory()["numTensors"] == before


# --- what is refused ---


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: layers.dense(units=1).apply(ones(3)), "expected min_ndim=2, found ndim=1"),
        (lambda: layers.flatten().apply(ones(2, 3)), "expected min_ndim=3, found ndim=2"),
        (lambda: layers.lstm(units=1).apply(ones(2, 3)), "expected ndim=3, found ndim=2"),
        (
            lambda: layers.conv2d(filters=1, kernelSize=1).apply(ones(2, 3, 3)),
            "expected ndim=4, found ndim=3",
        ),
        (
            lambda: layers.dense(units=1).apply([ones(1, 2), ones(1, 2)]),
            "expects 1 inputs, but it received 2",
        ),
        (lambda: layers.flatten().apply(layers.input(shape=[None, 3])), "not fully defined"),
        (
            lambda: layers.conv2d(filters=1, kernelSize=1).apply(layers.input(shape=[3, 3, None])),
            "channel dimension",
        ),
        (lambda: layers.dense(units=1).apply(layers.input(shape=[None])), "needs a known shape"),
        (lambda: layers.batchNormalization(axis=1).apply(layers.input(shape=[None, 2])), "defined dimension"),
        (lambda: layers.batchNormalization(axis=4).apply(ones(1, 2)), "no axis 4"),
        (
            lambda: layers.reshape(targetShape=[5]).apply(ones(2, 6)),
            "Total size of new array must be unchanged",
        ),
        (lambda: layers.reshape(targetShape=[4, None]).apply(ones(2, 6)), "Total size of new array"),
        (lambda: layers.reshape(targetShape=[None, None]), "only specify one unknown"),
        (lambda: layers.add().apply(ones(1, 2)), "at least 2 inputs"),
        (lambda: layers.add().apply([ones(1, 2), ones(2, 2)]), "different batch sizes"),
        (lambda: layers.add().apply([ones(1, 2), ones(1, 3)]), "could not be broadcast together"),
        (lambda: layers.concatenate(axis=1).apply([ones(1, 2, 3), ones(1, 2, 4)]), "matching shapes"),
        (lambda: layers.concatenate(axis=5).apply([ones(1, 2), ones(1, 2)]), "matching shapes"),
        (lambda: layers.embedding(inputDim=3, outputDim=1, inputLength=4).apply(ones(1, 3)), "inputLength"),
        (layers.inputLayer, "either a `batchInputShape` or an `inputShape`"),
        (lambda: layers.inputLayer(inputShape=[1], batchInputShape=[1, 1]), "not both at the same time"),
        (lambda: layers.inputLayer(batchSize=1, batchInputShape=[1, 1]), "batchSize"),
        (lambda: layers.inputLayer(inputShape=[1]).apply(ones(1, 1)), "InputLayer"),
        (layers.input, "either a `shape` or a `batchShape`"),
        (lambda: layers.input(shape=[1], batchShape=[1, 1]), "not both"),
        (lambda: layers.lstm(units=2, stateful=True).apply(layers.input(shape=[3, 2])), "batch size"),
        (lambda: layers.lstm(units=2).apply([ones(1, 3, 2), ones(1, 2)]), r"2 state\(s\) but was passed 1"),
        (
            lambda: layers.lstm(units=2).apply(ones(1, 3, 2), initialState=[ones(1, 2), ones(1, 3)]),
            "expected shape",
        ),
        (lambda: layers.lstm(units=2).resetStates(), "non-stateful"),
        (lambda: layers.conv2d(filters=1, kernelSize=2, padding="causal"), "causal"),
        (lambda: layers.conv2d(filters=1, kernelSize=2, strides=2, dilationRate=2), "strides or dilations"),
        (lambda: layers.maxPooling2d(padding="SAME"), "SAME is not a valid PaddingMode"),
        (lambda: layers.dense(units=1, activation="hard_sigmoid"), 'did you mean "hardSigmoid"'),
        (lambda: layers.dense(units=1, kernelInitializer="glorot_uniform"), 'did you mean "glorotUniform"'),
        (lambda: layers.dense(units=1, kernelRegularizer="l3"), "Unknown regularizer: l3"),
        (lambda: layers.dense(10), "units=10"),
        (lambda: layers.conv2D, "did you mean tf.layers.conv2d"),
        (lambda: layers.Dense, "did you mean tf.layers.dense"),
        (lambda: layers.nothingLikeIt, "tf.layers has no 'nothingLikeIt'"),
        (lambda: InputSpec(ndims=3), 'did you mean "ndim"'),
        (lambda: layers.dense(units=1).apply(ones(1, 2)).foo, "foo"),
    ],
)
def test_refused(call: Any, message: str) -> None:
    with pytest.raises((ValueError, RuntimeError, NotImplementedError, AttributeError), match=message):
        call()


def test_second_input_of_another_size() -> None:
    layer = layers.dense(units=1, name="fixed")
    layer.apply(ones(1, 2))
    with pytest.raises(ValueError, match="Input 0 is incompatible with layer fixed: expected axis -1"):
        layer.apply(ones(1, 3))


def test_warns_of_another_shape() -> None:
    with pytest.warns(LaminaWarning, match=r"does not match the batchInputShape \(None, 4, 2\)"):
        layers.reLU(inputShape=[4, 2]).apply(layers.input(shape=[3, 2]))
    with pytest.warns(LaminaWarning, match="rank"):
        layers.reLU(inputShape=[4]).apply(layers.input(shape=[3, 2]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        layers.reLU(inputShape=[4]).apply(layers.input(shape=[4]))


def test_duplicate_weight_names() -> None:
    class Twice(Layer):
        def build(self, inputShape: Any) -> None:
            self.addWeight("w", [1])
            self.addWeight("w", [1])

    with pytest.raises(ValueError, match="Duplicate weight name w"):
        Twice().apply(ones(1, 1))


def test_names_that_layers_do_not_have() -> None:
    layer = layers.dense(units=1)
    for name, answer in [("get_weights", "getWeights"), ("count_params", "countParams"), ("aply", "apply")]:
        assert not hasattr(layer, name)
        with pytest.raises(AttributeError, match=rf"Dense has no '{name}'; did you mean Dense.{answer}\?"):
            getattr(layer, name)
    with pytest.raises(AttributeError, match="is not connected"):
        _ = layer.input
