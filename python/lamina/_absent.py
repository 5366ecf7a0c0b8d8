"""Names of TensorFlow.js 4.22 that Lamina does not have: so far, or since something else does their work.

A name that is there is found before this is looked at; an entry that has become true does no harm.
"""

from __future__ import annotations

__all__ = ["absent_spelling", "is_absent", "replacement"]

_ABSENT = {
    "tf": """
        GraphModel loadGraphModel loadGraphModelSync registerOp deregisterOp
    """,
    "tf.layers": """
        alphaDropout averagePooling1d averagePooling3d avgPool1d avgPool3d avgPooling1d avgPooling3d
        bidirectional categoryEncoding centerCrop conv1d conv2dTranspose conv3d conv3dTranspose
        convLstm2d convLstm2dCell cropping2D dot gaussianDropout gaussianNoise globalAveragePooling1d
        globalMaxPool1d globalMaxPooling1d gru gruCell layerNormalization masking maxPool1d maxPooling1d
        maxPooling3d permute randomWidth repeatVector rescaling resizing separableConv2d simpleRNN
        simpleRNNCell spatialDropout1d stackedRNNCells timeDistributed upSampling2d zeroPadding2d
    """,
    "tf.data": """
        CSVDataset Dataset FileDataSource TextLineDataset URLDataSource array csv func generator zip
    """,
    "tf.io": """
        CompositeArrayBuffer browserFiles browserHTTPRequest concatenateArrayBuffers copyModel
        decodeWeightsStream getModelArtifactsForJSON getModelArtifactsForJSONSync getWeightSpecs http
        isHTTPScheme listModels loadWeights moveModel removeModel weightsLoaderFactory
    """,
    "Sequential": "fitDataset evaluateDataset",
    "LayersModel": "fitDataset evaluateDataset",
}


def is_absent(name: str, where: str) -> bool:
    """Whether TensorFlow.js has the name in `where` ("tf", "tf.layers", a class)."""
    return name in _ABSENT.get(where, "").split()


def absent_spelling(name: str, where: str) -> str | None:
    """TensorFlow.js' name that is spelled so, case and underscores aside, and that Lamina does not have."""
    wanted = name.replace("_", "").lower()
    return next((each for each in _ABSENT.get(where, "").split() if each.lower() == wanted), None)


_BACKENDS = (
    "it is for backends written in JavaScript; here operations are C++ blocks (docs/add-an-op.md), and "
    "tf.customGrad gives a function of yours a gradient of its own"
)
_GRAPHICS = "it is for graphics cards in a browser; Lamina computes on the CPU, see tf.setNumThreads"
_TESTS = "it is for TensorFlow.js' own tests; numpy.testing compares np.asarray(tensor)"
_SHAPES = "it is for backends written in JavaScript; tensors and tf.util know shapes"

_INSTEAD = {
    _BACKENDS: """
        backend_util kernel_impls registerKernel unregisterKernel getKernel getKernelsForBackend
        copyRegisteredKernels registerGradient unregisterGradient getGradient op MathBackendCPU DataStorage
    """,
    _GRAPHICS: "MathBackendWebGL GPGPUContext webgl webgl_util gpgpu_util webgpu_util",
    _TESTS: "test_util",
    _SHAPES: "broadcast_util slice_util gather_util scatter_util segment_util tensor_util device_util",
    "tf.train makes optimizers: tf.train.sgd(0.1)": "OptimizerConstructors",
    "fit takes a list of callbacks": "CallbackList",
    "callbacks are given to each fit": "registerCallbackConstructor",
}
_UTIL = {
    "tf.io handlers read files and URLs": "fetch",
    "hash() of Python and hashlib do it": "fingerPrint64 hexToLong",
    "tf.tensor() converts values and checks them": (
        "checkConversionForErrors convertBackendValuesAndArrayBuffer createScalarValue"
    ),
}


def replacement(name: str, where: str) -> str:
    """What does the work of a name of TensorFlow.js that will not come; "" for other names."""
    table = {"tf": _INSTEAD, "tf.util": _UTIL}.get(where, {})
    return next((said for said, names in table.items() if name in names.split()), "")
