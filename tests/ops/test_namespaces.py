"""tf.image, signal, sparse, string and ragged tensors: values, derivatives and errors, as TensorFlow.js has
them.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

import lamina as tf
from support.oracle import Js

from . import derivatives
from .rows_boxes import Corners
from .rows_ragged import INNER, OUTER, SPLITS, WORDS, ints
from .test_functions import flat, function, reals

RNG = np.random.default_rng(12)
PHOTO = RNG.uniform(0, 255, (2, 5, 6, 3)).astype(np.float32)
GRAY = PHOTO[..., :1]
BOXES = Corners().draw(RNG, (15, 4)).astype(np.float32)
SCORES = RNG.permutation(np.linspace(0.05, 0.95, 15)).astype(np.float32)
SIGNAL = reals(23)
SPLIT, ROWIDS = ints(0, 2, 3, 3, 4), ints(0, 0, 2, 3)
PLACES = ints([0, 0], [1, 0], [1, 3], [3, 2])
TEXT = np.array(["Hello  World", "a1b22", "", "x.y.z", "\u00e4\u00f6 \u00fc", "line\nbreak\n"])

# Name and arguments; float32 arrays are differentiated where the name is not in WHOLE.
CALLS = [
    ("image.flipLeftRight", [PHOTO]),
    ("image.grayscaleToRGB", [GRAY]),
    ("image.grayscaleToRGB", [GRAY[0, 0]]),
    ("image.rgbToGrayscale", [PHOTO]),
    ("image.rgbToGrayscale", [PHOTO[0, 0]]),
    ("image.rotateWithOffset", [PHOTO, 0.6]),
    ("image.rotateWithOffset", [PHOTO, -1.2, 7.0, [0.25, 0.75]]),
    ("image.rotateWithOffset", [PHOTO, math.pi / 3, [1.0, 2.0, 3.0], 0.0]),
    ("image.rotateWithOffset", [np.concatenate([PHOTO, GRAY], -1), 0.5, [1.0, 2.0, 3.0], 0.5]),
    ("image.threshold", [PHOTO[0]]),
    ("image.threshold", [GRAY[0], "binary", True, 0.3]),
    ("image.threshold", [PHOTO[0], "otsu"]),
    ("image.threshold", [GRAY[1].astype(np.int32), "otsu", True]),
    ("image.threshold", [np.full((3, 4, 1), 9, np.int32), "otsu"]),
    ("image.resizeBilinear", [PHOTO, [3, 9], True]),
    ("image.resizeNearestNeighbor", [PHOTO[0], [3, 9]]),
    ("image.nonMaxSuppression", [BOXES, SCORES, 6]),
    ("image.nonMaxSuppressionAsync", [BOXES, SCORES, 6, 0.2, 0.3]),
    ("image.nonMaxSuppressionWithScore", [BOXES, SCORES, 9, 0.3]),
    ("image.nonMaxSuppressionWithScore", [BOXES, SCORES, 15, 0.9, 0.1, 0.5]),
    ("image.nonMaxSuppressionWithScoreAsync", [BOXES, SCORES, 15, 1.0, 0.2, 0.2]),
    ("image.nonMaxSuppressionPadded", [BOXES, SCORES, 12, 0.1, 0.5, True]),
    ("image.nonMaxSuppressionPadded", [BOXES, SCORES, 40, 0.1, 0.5, True]),
    ("image.nonMaxSuppressionPaddedAsync", [BOXES, SCORES, 12, 0.1, 0.5, False]),
    (".resizeBilinear", [PHOTO, [2, 2], False, True]),
    (".resizeNearestNeighbor", [PHOTO, [7, 2], False, True]),
    ("signal.hannWindow", [10]),
    ("signal.hannWindow", [9]),
    ("signal.hammingWindow", [16]),
    ("cosineWindow", [7, 0.3, 0.6]),
    ("signal.frame", [SIGNAL, 5, 3]),
    ("signal.frame", [SIGNAL, 5, 4, True, 0.5]),
    ("signal.frame", [SIGNAL, 4, 7, True]),
    ("signal.frame", [SIGNAL[:3], 5, 2]),
    ("signal.frame", [SIGNAL[:3], 5, 2, True]),
    ("signal.stft", [SIGNAL, 8, 4]),
    ("signal.stft", [SIGNAL, 6, 3, 10]),
    ("spectral.rfft", [SIGNAL]),
    ("spectral.rfft", [reals(2, 10), 16]),
    ("sparse.sparseFillEmptyRows", [PLACES, reals(4), [5, 6], -1.5]),
    ("sparse.sparseFillEmptyRows", [PLACES, ints(1, 2, 3, 4), [4, 6], -1]),
    ("sparse.sparseReshape", [PLACES, [5, 6], [3, -1]]),
    ("sparse.sparseSegmentSum", [reals(4, 3), [0, 2, 2, 1], [0, 0, 1, 3]]),
    ("sparse.sparseSegmentMean", [reals(4, 3), [0, 2, 2, 1], [0, 0, 1, 3]]),
    ("sparse.sparseSegmentMean", [ints([5, -5], [2, -2]), [0, 1, 0], [1, 1, 2]]),
    ("sparse.sparseSegmentSum", [ints(4, 5, 6), [2, 2], [0, 1]]),
    ("raggedGather", [[SPLITS], reals(9), ints(2, 1, 0, 3), 1]),
    ("raggedGather", [[OUTER, INNER], reals(5, 2), ints([[2, 0]]), 4]),
    ("raggedRange", [reals(3), reals(3) + 4, np.array([0.5, 1.0, 0.75], np.float32)]),
    ("raggedRange", [ints(0, 5, 8), ints(8, 5, 1), ints(2, 1, -3)]),
    ("raggedRange", [np.float32(0.5), np.float32(2.0), np.float32(0.5)]),
    ("raggedTensorToTensor", [[-1, -1], reals(4), -1.0, [ints(4), SPLIT], ["FIRST_DIM_SIZE", "ROW_SPLITS"]]),
    ("raggedTensorToTensor", [[3, 1], reals(4), 0.5, [SPLIT], ["ROW_SPLITS"]]),
    (
        "raggedTensorToTensor",
        [[6, 4, 2], reals(4, 2), 0.5, [ints(4), ROWIDS], ["FIRST_DIM_SIZE", "VALUE_ROWIDS"]],
    ),
    ("raggedTensorToTensor", [[-1, -1, -1], reals(5), 9.0, [OUTER, INNER], ["ROW_SPLITS", "ROW_SPLITS"]]),
    ("string.stringToHashBucketFast", [np.array(["x" * n + "yz" * (n % 7) for n in range(140)]), 1000003]),
    ("string.stringToHashBucketFast", [np.array([["\u00e4", ""], ["a", "\u20ac"]]), 7]),
    ("string.stringSplit", [["a b", " c  d"], " "]),
    ("string.stringNGrams", [WORDS[:5], ints(0, 2, 5), "-", [2, 3], "<", ">", 1, True]),
    *(
        ("string.staticRegexReplace", [TEXT, pattern, rewrite, everywhere])
        for everywhere in (True, False)
        for pattern, rewrite in (
            (r"\s+", "_"),
            ("l", "<$&>"),
            (r"(\d)(\d)?", "[$2$1$3$$$01$11]"),
            (r"(?<first>[a-z])\.", "$<first>-$<none>"),
            (r"^|$", "|"),
            ("[^]b", "$`#$'"),
            (r"\bx|[\w.]z\b", ""),
            (".", "*"),
            (r"[\s\d]", "~"),
            (r"\u00e4|\x61", "A"),
            ("a{|b{2}|[[&&]", "+"),
            (r"([lo])\1|(?<c>l)(?!\k<c>)", "$1."),
        )
    ),
]

# Made of indices, of strings or of truth; or without a derivative by what they are given.
WHOLE = {
    "image.threshold", "image.nonMaxSuppression", "image.nonMaxSuppressionAsync",
    "image.nonMaxSuppressionPadded", "image.nonMaxSuppressionPaddedAsync", "signal.stft", "spectral.rfft",
}  # fmt: skip
# TensorFlow.js has no gradient of these, or a wrong one.
NOT_IN_JS = {
    "image.flipLeftRight", "image.rotateWithOffset", "image.rgbToGrayscale", "image.resizeBilinear",
    "image.nonMaxSuppressionWithScore", "image.nonMaxSuppressionWithScoreAsync", ".resizeBilinear",
    ".resizeNearestNeighbor", "sparse.sparseFillEmptyRows", "sparse.sparseSegmentSum",
    "sparse.sparseSegmentMean", "raggedGather", "raggedRange", "raggedTensorToTensor", "image.grayscaleToRGB",
}  # fmt: skip
NAMES = [f"{name}{i}" for i, (name, _) in enumerate(CALLS)]


def tensors_of(result):
    return [t for each in flat(result) for t in (each if isinstance(each, list) else [each])]


def ours(name: str, arguments):
    if name.startswith("."):
        return tensors_of(getattr(tf.tensor(arguments[0]), name[1:])(*arguments[1:]))
    result = function(name)(*arguments)
    return tensors_of(result.result() if name.endswith("Async") else result)


def shown(x):
    """Strings as a list of them, which is what TensorFlow.js takes."""
    return x.tolist() if isinstance(x, np.ndarray) and x.dtype.kind == "U" else x


@pytest.mark.parametrize(("name", "arguments"), CALLS, ids=NAMES)
def test_values(tfjs, name, arguments):
    asked = [shown(x) for x in arguments]
    theirs = tensors_of(tfjs.op(name, *asked))
    found = ours(name, arguments)
    assert len(found) == len(theirs)
    for y, e in zip(found, theirs, strict=True):
        array, expected = np.asarray(y), np.asarray(e)
        assert array.shape == expected.shape
        if array.dtype == object:
            assert array.tolist() == expected.tolist()
            continue
        assert array.dtype == expected.dtype
        np.testing.assert_allclose(array, expected, rtol=1e-5, atol=1e-5)


def real_places(arguments) -> list[int]:
    return [
        i for i, x in enumerate(arguments) if isinstance(x, np.ndarray) and x.dtype == np.float32 and x.ndim
    ]


GRADED = [(n, a) for n, a in CALLS if n not in WHOLE and real_places(a)]


def of_reals(name, arguments):
    which = real_places(arguments)

    def f(*values):
        full = list(arguments)
        for i, value in zip(which, values, strict=True):
            full[i] = value
        if name.startswith("."):
            result = tensors_of(getattr(full[0], name[1:])(*full[1:]))
        else:
            result = ours(name, full)
        return [y for y in result if y.dtype in ("float32", "float64")]

    return f, [arguments[i] for i in which]


@pytest.mark.parametrize(("name", "arguments"), GRADED, ids=[f"{n}{i}" for i, (n, _) in enumerate(GRADED)])
def test_derivatives(name, arguments):
    f, reals_given = of_reals(name, arguments)
    scale = max(1.0, *(float(np.abs(x).max()) for x in reals_given))
    # Behind something that is not linear, and of the size of 1.
    squared = lambda *xs: [tf.square(tf.div(y, scale)) for y in f(*xs)]  # noqa: E731
    derivatives.check(squared, [x.astype(np.float64) for x in reals_given], tries=1, tolerance=2e-7)


ASKED = [(n, a) for n, a in GRADED if n not in NOT_IN_JS]


@pytest.mark.parametrize(("name", "arguments"), ASKED, ids=[f"{n}{i}" for i, (n, _) in enumerate(ASKED)])
def test_gradients_of_tensorflow_js(tfjs, name, arguments):
    f, reals_given = of_reals(name, arguments)
    dys = [reals(*y.shape) for y in f(*map(tf.tensor, reals_given))]
    answer = tfjs.grad(name, list(arguments), wrt=real_places(arguments), dy=dys[0])
    for a, b in zip(derivatives.first(f, reals_given, dys), answer.grads, strict=True):
        if b is None:
            assert a is None or not a.any()
        else:
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-4)


BAD = [
    ("image.flipLeftRight", [PHOTO[0]], "image must be rank 4,but got rank 3"),
    ("image.grayscaleToRGB", [SIGNAL], "images must be at least rank 2, but got rank 1"),
    ("image.grayscaleToRGB", [PHOTO], "last dimension of a grayscale image should be size 1, but got size 3"),
    ("image.rgbToGrayscale", [GRAY], "last dimension of an RGB image should be size 3, but got size 1"),
    ("image.rotateWithOffset", [PHOTO[0], 1.0], "image must be rank 4"),
    ("image.rotateWithOffset", [PHOTO, math.inf], "radians must be a finite number"),
    ("image.rotateWithOffset", [PHOTO, 1.0, [1.0]], "fillValue has 1 numbers for 3 channels"),
    ("image.threshold", [PHOTO], "image must be rank 3,but got rank 4"),
    ("image.threshold", [PHOTO[0, ..., :2]], "color channel must be equal to 3 or 1but got 2"),
    ("image.threshold", [PHOTO[0] > 1], "image dtype must be int32 or float32,but got dtype bool"),
    ("image.threshold", [PHOTO[0], "otto"], "Method must be binary or otsu, but was otto"),
    ("image.nonMaxSuppressionAsync", [BOXES, SCORES[:3], 3], "scores has incompatible shape with boxes"),
    ("image.nonMaxSuppressionPadded", [BOXES, SCORES, 3, 2.0], "iouThreshold must be in .0, 1., but was '2'"),
    (".resizeBilinear", [PHOTO, [2]], "new shape must 2D"),
    ("signal.frame", [PHOTO, 3, 1], "must be of rank 1, but got rank 4"),
    ("signal.frame", [SIGNAL, 3, 0], "must be at least 1, got 3 and 0"),
    ("cosineWindow", [-1, 0.5, 0.5], "must not be negative"),
    ("enclosingPowerOfTwo", [0], "must be positive"),
    ("sparse.sparseFillEmptyRows", [ints(0), [1.0], [2, 2], 0.0], "Indices should be Tensor2D"),
    ("sparse.sparseFillEmptyRows", [PLACES, [[1.0]], [2, 2], 0.0], "Values should be Tensor1D"),
    ("sparse.sparseFillEmptyRows", [PLACES, [1.0], [2, 2], [0.0]], "Default value should be a scalar"),
    ("sparse.sparseFillEmptyRows", [PLACES, [1.0], [5, 6], 0.0], "1 values for 4 coordinates"),
    ("sparse.sparseSegmentSum", [1.0, [0], [0]], "Data should be at least 1 dimensional"),
    ("sparse.sparseSegmentMean", [[1.0], [1], [0]], "Bad: indices.0. == 1 out of range"),
    ("raggedGather", [[SPLITS], 1.0, [0], 1], "params.rank must be nonzero"),
    ("raggedRange", [[0.0], [1.0], [0.0]], "Requires delta != 0"),
    (
        "raggedTensorToTensor",
        [[-1, -1], [1.0], 0.0, [[0, 1]], ["ROW_LIMITS"]],
        "'ROW_LIMITS' is no row partition",
    ),
    ("raggedTensorToTensor", [[-1], 1.0, 0.0, [[0, 1]], ["ROW_SPLITS"]], "at least one dimension"),
    (
        "raggedTensorToTensor",
        [[-1, -1], [1.0], [0.0], [[0, 1]], ["ROW_SPLITS"]],
        "defaultValue.rank = 1 must be less",
    ),
    (
        "raggedTensorToTensor",
        [[-1, -1, 3], reals(1, 3), [0.0, 1.0], [[0, 1]], ["ROW_SPLITS"]],
        "2 cannot become 3",
    ),
    (
        "raggedTensorToTensor",
        [[-1, -1], ints(1), tf.scalar(0.5), [[0, 1]], ["ROW_SPLITS"]],
        "but the values are int32",
    ),
    ("string.staticRegexReplace", [TEXT, "(", ""], "Invalid regular expression: /./"),
    ("string.staticRegexReplace", [TEXT, "a\\", ""], "end of pattern"),
    ("string.staticRegexReplace", [TEXT, "[a", ""], "Unterminated character class"),
    (
        "string.staticRegexReplace",
        [[1.0], "a", ""],
        "must be string tensor, but got float32|cannot become a string",
    ),
    (
        "string.stringNGrams",
        [tf.tensor([1.0]), ints(0, 1), "", [1], "", "", 0, False],
        "Data must be of datatype string",
    ),
    (
        "string.stringNGrams",
        [WORDS, tf.tensor([0.0, 7.0]), "", [1], "", "", 0, False],
        "must be of datatype int32",
    ),
    ("string.stringSplit", [[["a"]], " "], "Input should be Tensor1D"),
]


@pytest.mark.parametrize(("name", "arguments", "words"), BAD, ids=[f"{b[0]}-{b[2]}" for b in BAD])
def test_refused(name, arguments, words):
    with pytest.raises((ValueError, TypeError), match=words):
        ours(name, arguments)


def test_power_of_two(tfjs):
    for value in (1, 2, 3, 5, 100, 1024, 1025, 0.3):
        assert tf.enclosingPowerOfTwo(value) == max(tfjs.op("enclosingPowerOfTwo", value), 1)


def test_options_by_keyword():
    flat_gray = np.full((1, 2, 2, 1), 3.0, np.float32)
    assert tf.image.resizeBilinear(images=flat_gray, size=[1, 1], alignCorners=True).shape == (1, 1, 1, 1)
    found = tf.image.nonMaxSuppression(boxes=BOXES, scores=SCORES, maxOutputSize=2, iouThreshold=0.1)
    assert found.shape == (2,)
    windows = tf.signal.stft(SIGNAL, 8, 4, windowFn=lambda n: tf.ones([n]))
    assert windows.shape == (4, 5)
    assert np.array_equal(
        tf.image.cropAndResize(flat_gray, [[0, 0, 1, 1]], [0], cropSize=[1, 1]), flat_gray[:, :1, :1]
    )


def test_no_gpu():
    with pytest.raises(RuntimeError, match="dataSync"):
        tf.tensor([1.0]).dataToGPU()


def test_tensors_of_strings_are_filled_and_gathered():
    filled = tf.sparse.sparseFillEmptyRows([[1, 0]], ["a"], [2, 1], "none")
    assert filled.outputValues.arraySync() == ["none", "a"]
    ragged = tf.raggedTensorToTensor([-1, -1], ["a", "b", "c"], "", [ints(0, 1, 3)], ["ROW_SPLITS"])
    assert ragged.arraySync() == [["a", ""], ["b", "c"]]
    assert tf.raggedGather([ints(0, 1, 3)], ["a", "b", "c"], [1], 1).outputDenseValues.arraySync() == [
        "b",
        "c",
    ]


def test_hashes_fit_the_bytes(tfjs):
    """Of every length around those at which the hash changes its way."""
    words = ["\u00fc" * (n // 2) + "k" * (n % 2) for n in range(200)]
    ask = Js("(x) => tf.string.stringToHashBucketFast(x, 2147483647)")
    assert np.array_equal(tf.string.stringToHashBucketFast(words, 2147483647), tfjs.op(ask, words))


def test_a_ragged_tensor_of_unknown_shape():
    """TensorFlow.js refuses the fully unknown shape, and inner sizes that are left open."""
    values = reals(4, 2)
    expected = np.tile(np.float32([-1, -2]), (3, 2, 1))
    expected[0, :2], expected[1, 0], expected[2, 0] = values[:2], values[2], values[3]
    # Its default is not laid out there, either, where it is more than one number.
    for shape in (-1, [-1, -1, -1]):
        found = tf.raggedTensorToTensor(shape, values, [-1.0, -2.0], [ints(0, 2, 3, 4)], ["ROW_SPLITS"])
        assert np.array_equal(found, expected)
