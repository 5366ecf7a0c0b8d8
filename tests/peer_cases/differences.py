"""Cases that come out otherwise here, each with the reason. docs/differences.md says the same to users."""

from __future__ import annotations

_MASKS = "masks of merging layers have no axis more, and all of them count"
_CONSTRAINTS = "constraints hold in training"
_LACKING = "TensorFlow.js cannot do it"
_CENTERED = "centered RMSProp adds epsilon to the variance"

TFJS: dict[str, str] = {
    **dict.fromkeys(["add/07", "average/07", "maximum/07", "minimum/07", "multiply/07"], _MASKS),
    **dict.fromkeys(["batchNormalization/12", "conv2d/10", "dense/07", "dense/08", "prelu/05"], _CONSTRAINTS),
    **dict.fromkeys(["elu/02", "elu/03", "softmax/02", "softmax/05", "softmax/07"], _LACKING),
    **dict.fromkeys(
        ["batchNormalization/05", "batchNormalization/13", "concatenate/03", "dense/12"], _LACKING
    ),
    **dict.fromkeys([f"optimizer/rmsprop/{i}" for i in (12, 13, 15, 17)], _CENTERED),
    "averagePooling2d/03": "the gradient of a window at the border divides by what is in it",
    "batchNormalization/08": "statistics of an axis that is not the last are those of that axis",
    "embedding/07": "the loss leaves masked steps out",
    "lstm/10": "regularizers of recurrent weights have an effect",
}

_MASK_RULE = "merged masks count where all are set, as in TensorFlow.js; Keras' rule is an option to come"
_GIVEN = "constraints hold for weights that are given, as in TensorFlow.js"
_OPTION = "an option of Keras to come"
_HARD = "hardSigmoid is TensorFlow.js'; that of Keras 3 is an activation to come"

KERAS: dict[str, str] = {
    **dict.fromkeys(
        ["Add/05", "Average/05", "Maximum/05", "Maximum/08", "Minimum/05", "Multiply/05", "Multiply/08"],
        _MASK_RULE,
    ),
    **dict.fromkeys(
        ["BatchNormalization/12", "Dense/05", "Dense/07", "DepthwiseConv2D/08", "Embedding/03", "PReLU/05"],
        _GIVEN,
    ),
    **dict.fromkeys(["Conv2D/07", "GlobalAveragePooling2D/03", "GlobalMaxPooling2D/03"], _OPTION),
    **dict.fromkeys(["ReLU/02", "ReLU/05", "ReLU/07"], _OPTION),
    **dict.fromkeys(["LSTMCell/03", "activation/hard_sigmoid/01", "activation/hard_sigmoid/02"], _HARD),
    **dict.fromkeys(["metric/R2Score/00", "metric/R2Score/01"], "r2Score is of all numbers together"),
    "Embedding/05": "a batch of numbers is a batch of rows in training, as in TensorFlow.js",
    "Flatten/05": "a batch of numbers cannot be flattened, as in TensorFlow.js",
}
