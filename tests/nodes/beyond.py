"""What of ONNX' node tests no function of TensorFlow.js does: reasons, and how many cases there are."""

from __future__ import annotations

# The release of ONNX that has these numbers of cases.
VERSION = "1.23"
PASSED = 1178

# Of ops that have an adapter the cases that ask for more.
BEYOND: dict[str, dict[str, int]] = {
    "AveragePool": {
        "a window has strides or dilations": 4,
        "pools in three dimensions have no dilations": 1,
    },
    "BitwiseAnd": {
        "bitwiseAnd spreads no shapes": 2,
    },
    "Cast": {
        "there is no such type": 58,
    },
    "CastLike": {
        "there is no such type": 54,
    },
    "Celu": {
        "there is no type bfloat16": 1,
    },
    "Compress": {
        "there is no type bfloat16": 1,
    },
    "ConvInteger": {
        "padding knows no zero point": 1,
    },
    "ConvTranspose": {
        "transposed convolutions have neither dilations nor groups": 3,
    },
    "Div": {
        "whole numbers are divided downwards": 2,
    },
    "Dropout": {
        "masks are drawn by another generator": 4,
    },
    "Einsum": {
        "there is no such notation": 2,
        "there is no type bfloat16": 3,
    },
    "GRU": {
        "no two directions at once, lengths, or a reset after the product": 1,
    },
    "GatherND": {
        "gatherND knows no batches": 1,
    },
    "HammingWindow": {
        "the constants are 25/46 there and 0.54 here": 2,
    },
    "HannWindow": {
        "windows are periodic": 1,
    },
    "LSTM": {
        "no peepholes, two directions at once, lengths or limits": 2,
    },
    "MaxPool": {
        "a window has strides or dilations": 1,
        "places are counted with the channels first": 2,
        "pools in three dimensions have no dilations": 2,
    },
    "Mod": {
        "mod adds the divisor, which must be finite": 3,
    },
    "NegativeLogLikelihoodLoss": {
        "a tensor has at most 6 dimensions": 2,
    },
    "OneHot": {
        "there is no type bfloat16": 1,
    },
    "Pad": {
        "there is no padding of mode edge": 1,
        "there is no padding of mode wrap": 1,
    },
    "RNN": {
        "no two directions at once, or lengths": 1,
    },
    "Range": {
        "there is no type bfloat16": 1,
    },
    "Resize": {
        "images are resized along height and width, without smoothing": 14,
        "the scale follows from the sizes": 8,
        "there is no such way to resize": 9,
        "there is no such way to round": 6,
    },
    "ScatterElements": {
        "scattering adds or replaces": 3,
    },
    "ScatterND": {
        "scattering adds or replaces": 5,
    },
    "SoftmaxCrossEntropyLoss": {
        "a tensor has at most 6 dimensions": 4,
    },
    "SpaceToDepth": {
        "blocks come before the channels": 1,
    },
    "Unique": {
        "unique values come in the order in which they are met": 7,
    },
    "expanded": {
        "a tensor has at most 6 dimensions": 6,
        "nothing does If": 4,
        "nothing does Loop": 2,
        "nothing does RandomUniformLike": 3,
        "nothing does Scan": 14,
        "nothing does SequenceLength": 6,
        "there is no such type": 70,
        "there is no type bfloat16": 5,
    },
}

# Ops that TensorFlow.js has no function for.
NO_FUNCTION: dict[str, dict[str, int]] = {
    "attention and its parts are layers, not ops": {
        "Attention": 93, "LinearAttention": 14, "RotaryEmbedding": 8, "SwiGLU": 3, "CausalConvWithState": 13,
        "ai.onnx.preview.FlexAttention": 11, "TensorScatter": 3,
    },
    "there are no quantized numbers": {
        "DequantizeLinear": 14, "DynamicQuantizeLinear": 3, "QLinearConv": 1, "QLinearMatMul": 8,
        "QuantizeLinear": 13,
    },
    "of bits only bitwiseAnd": {
        "BitCast": 10, "BitShift": 28, "BitwiseNot": 3, "BitwiseOr": 4, "BitwiseXor": 4,
    },
    "control flow is the host language's": {"If": 3, "Loop": 3, "Scan": 4},
    "sequences and optional values are the host language's": {
        "OptionalGetElement": 4, "OptionalHasElement": 7, "SequenceInsert": 2, "SequenceMap": 6,
        "SplitToSequence": 3,
    },
    "text is split and searched in another way": {
        "RegexFullMatch": 3, "StringConcat": 5, "StringNormalizer": 6, "StringSplit": 6, "TfIdfVectorizer": 7,
    },
    "images are sampled, cut and decoded in another way": {
        "AffineGrid": 4, "CenterCropPad": 6, "Col2Im": 5, "DeformConv": 4, "GridSample": 18,
        "ImageDecoder": 9, "MaxUnpool": 2, "RoiAlign": 3,
    },
    "there is no such signal, series or determinant": {
        "BlackmanWindow": 2, "DFT": 10, "Det": 2, "MelWeightMatrix": 1, "ReverseSequence": 3, "STFT": 2,
    },
    "random numbers come from another generator": {"Bernoulli": 3},
    "models that are no tensors": {
        "ai.onnx.ml.ArrayFeatureExtractor": 1, "ai.onnx.ml.Binarizer": 1, "ai.onnx.ml.LabelEncoder": 4,
        "ai.onnx.ml.TreeEnsemble": 2,
    },
    "optimizers are compared with TensorFlow.js' own": {
        "ai.onnx.preview.training.Adagrad": 2, "ai.onnx.preview.training.Adam": 2,
        "ai.onnx.preview.training.Momentum": 3,
    },
}  # fmt: skip
