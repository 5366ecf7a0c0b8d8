"""Errors name the function and the argument that the user wrote, not what the function is made of."""

from __future__ import annotations

import pytest

import lamina as tf

from .composed import CALLS, blame, composed

FUNCTIONS = dict(composed())
PLACES = [(name, argument) for name, call in CALLS.items() for argument in call]
# What takes functions, the state of the library, or values as they are: nothing in it is made a tensor by
# other functions.
OTHERS = set(
    """
    backend browser.draw browser.fromPixels browser.fromPixelsAsync browser.toPixels buffer customGrad
    deprecationWarn disableDeprecationWarnings dispose disposeVariables einsum enableDebugMode enableProdMode
    enclosingPowerOfTwo engine env findBackend findBackendFactory forceHalfFloat fromDLPack getBackend
    getMemoryLimit getNumThreads grad grads keep memory modelFromJSON nextFrame print profile rand ready
    registerBackend removeBackend scalar setBackend setMemoryLimit setNumThreads setPlatform setRandomSeed
    setWebGLContext sumOutType tensor tensor1d tensor2d tensor3d tensor4d tensor5d tensor6d tidy time
    trimMemory upcastType valueAndGrad valueAndGrads variable variableGrads
""".split()
)
# Anything has a truth value, and what a call does not need is not looked at.
TAKEN = {
    ("euclideanNorm", "keepDims"),
    ("maxPoolWithArgmax", "includeBatchInIndex"),
    ("moments", "keepDims"),
    ("norm", "keepDims"),
    ("signal.frame", "padEnd"),
    ("signal.frame", "padValue"),
    ("image.nonMaxSuppressionPadded", "padToMaxOutputSize"),
    ("image.nonMaxSuppressionPaddedAsync", "padToMaxOutputSize"),
    ("string.stringNGrams", "preserveShortSequences"),
    ("raggedGather", "outputRaggedRank"),
}


def test_every_function_is_called():
    assert set(FUNCTIONS) == set(CALLS) | OTHERS
    assert not set(CALLS) & OTHERS


@pytest.mark.parametrize("name", CALLS)
def test_the_calls_are_sound(name):
    result = FUNCTIONS[name](**CALLS[name])
    if isinstance(result, tf.Promise):
        result.result()


@pytest.mark.parametrize(("name", "argument"), PLACES, ids=[".".join(place) for place in PLACES])
def test_something_wrong(name, argument):
    said = blame(name, FUNCTIONS[name], argument)
    if (name, argument) in TAKEN:
        assert said == ""
        return
    assert f"'{argument}'" in said or argument in said.split()
    assert FUNCTIONS[name].__name__ in said
    assert "something wrong" in said


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda: tf.losses.absoluteDifference([["a"]], [[1.0]]),
            "Argument 'labels' passed to 'absoluteDifference' must be numeric tensor, but got string tensor",
        ),
        (lambda: tf.norm("x"), "Argument 'x' passed to 'norm' must be numeric tensor, but got string tensor"),
        (
            lambda: tf.concat2d([[[1.0]], object], 0),
            r"Argument 'tensors' passed to 'concat2d' is wrong at \[1\], which must be a Tensor",
        ),
        (
            lambda: tf.slice2d([[1.0]], [0, "a"], [1, 1]),
            r"'begin' passed to 'slice2d' is wrong at \[1\], which must be a number, but got 'a' \(str\)",
        ),
    ],
)
def test_values_of_the_wrong_kind(call, said):
    with pytest.raises((TypeError, ValueError), match=said):
        call()


def test_errors_of_functions_that_are_handed_in_are_their_own():
    def cell(data, c, h):
        raise TypeError("the cell's own")

    with pytest.raises(TypeError, match=r"^the cell's own$"):
        tf.multiRNNCell([cell], tf.ones([1, 2]), [tf.ones([1, 1])], [tf.ones([1, 1])])


def test_signatures_and_docs_stay():
    import inspect

    assert list(inspect.signature(tf.losses.huberLoss).parameters)[:2] == ["labels", "predictions"]
    assert tf.losses.huberLoss.__doc__ and tf.losses.huberLoss.__name__ == "huberLoss"
