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
