"""Names of TensorFlow.js 4.22 that Lamina does not have so far, so that asking for one is answered as such.

A name that is there is found before this is looked at; an entry that has become true does no harm.
"""

from __future__ import annotations

__all__ = ["is_absent"]

_ABSENT = {
    "tf": """
        data image signal sparse spectral string util browser env engine
        cosineWindow enclosingPowerOfTwo fft ifft irfft
        raggedGather raggedRange raggedTensorToTensor rfft backend disposeVariables
        enableProdMode getBackend nextFrame ready registerBackend removeBackend
        setBackend GraphModel RNN InputSpec LayerVariable loadGraphModel
        loadGraphModelSync registerGradient registerKernel registerCallbackConstructor
    """,
    "tf.layers": """
        alphaDropout averagePooling1d averagePooling3d avgPool1d avgPool3d avgPooling1d avgPooling3d
        bidirectional categoryEncoding centerCrop conv1d conv2dTranspose conv3d conv3dTranspose
        convLstm2d convLstm2dCell cropping2D dot gaussianDropout gaussianNoise globalAveragePooling1d
        globalMaxPool1d globalMaxPooling1d gru gruCell layerNormalization masking maxPool1d maxPooling1d
        maxPooling3d permute randomWidth repeatVector rescaling resizing separableConv2d simpleRNN
        simpleRNNCell spatialDropout1d stackedRNNCells timeDistributed upSampling2d zeroPadding2d
    """,
    "tf.train": "adadelta adagrad adamax",
    "Sequential": "fitDataset evaluateDataset",
    "LayersModel": "fitDataset evaluateDataset",
}


def is_absent(name: str, where: str) -> bool:
    """Whether TensorFlow.js has the name in `where` ("tf", "tf.layers", a class)."""
    return name in _ABSENT.get(where, "").split()
