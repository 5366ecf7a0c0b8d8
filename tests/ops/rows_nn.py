"""Rows of products, softmax, normalisation and the LSTM."""

from __future__ import annotations

from typing import Any

from support.oracle import Js

from . import reference_nn as nn
from .row import Case, Reals, Row, Truths, case

REAL = {"int32": TypeError, "bool": TypeError, "complex64": TypeError, "string": TypeError}
TO_REAL = {"int32": "float32", "bool": "float32", "complex64": TypeError, "string": TypeError}
# Odd numbers of rows, columns and depth around the widths of vectors and register tiles.
MATRICES = [(1, 1, 1), (2, 3, 4), (5, 1, 7), (7, 9, 13), (17, 33, 5), (33, 16, 67), (64, 31, 17)]

MAT_MUL = [
    *(Case(((m, k), (k, n))) for m, n, k in MATRICES),
    case((4, 3), (4, 5), transposeA=True),
    case((3, 4), (5, 4), transposeB=True),
    case((4, 3), (5, 4), transposeA=True, transposeB=True),
    case((2, 3, 4), (2, 4, 5)),
    case((2, 3, 4), (1, 4, 5)).but(js_grad=False),
    case((1, 3, 4), (2, 4, 5)).but(js_grad=False),
    case((2, 3, 4), (4, 5)).but(js_grad=False),
    case((3, 4), (2, 4, 5)).but(js_grad=False),
    case((2, 1, 3, 4), (3, 4, 2)).but(js=False),
    case((2, 4, 3), (2, 4, 5), transposeA=True),
    case((2, 4, 3), (2, 5, 4), transposeA=True, transposeB=True),
    case((3, 2, 4), (1, 5, 4), transposeB=True).but(js_grad=False),
    case((0, 3), (3, 2)).but(js=False),
    case((2, 0), (0, 3)).but(js=False),
    case((2, 3), (3, 0)).but(js=False),
]

FUSED_MAT_MUL = [
    *(Case(((m, k), (k, n), (n,)), {"activation": "relu"}) for m, n, k in MATRICES),
    case((3, 4), (4, 5), None),
    case((3, 4), (4, 5), (5,), activation="leakyRelu", alpha=0.3),
    case((4, 3), (5, 4), (5,), transposeA=True, transposeB=True, activation="sigmoid"),
    case((2, 3, 4), (4, 5), (5,), activation="elu"),
    *(
        case((3, 4), (4, 5), (5,), activation=a)
        for a in ("tanh", "relu6", "selu", "hardSigmoid", "softplus", "softsign")
    ),
]


# Shapes of rows: one, vector widths and their neighbours, long ones.
LAST = [(1,), (7,), (3, 5), (2, 3, 4), (4, 16), (4, 17), (3, 67), (2, 1025), (0, 3)]


def lstm_case(
    batch: int, time: int, inputs: int, units: int, *, mask: bool = False, bias: bool = True, **attrs: Any
) -> Case:
    state = (batch, units)
    return case(
        (batch, time, inputs),
        (inputs, 4 * units),
        (units, 4 * units),
        (4 * units,) if bias else None,
        state,
        state,
        (batch, time) if mask else None,
        **attrs,
    )


LSTM = [
    lstm_case(2, 3, 4, 5, recurrentActivation="sigmoid"),
    lstm_case(2, 4, 3, 2, mask=True, recurrentActivation="sigmoid"),
    lstm_case(3, 2, 1, 17, bias=False, recurrentActivation="sigmoid"),
    lstm_case(1, 1, 2, 3, activation="relu", recurrentActivation="tanh"),
    lstm_case(1, 0, 2, 3),
]
LSTM_INPUTS = (*[Reals(-1, 1)] * 6, Truths())
SMALL = Reals(-1, 1)


def lstm_grad_case(
    batch: int, time: int, inputs: int, units: int, *, mask: bool = False, given: str = "dy", **attrs: Any
) -> Case:
    """`given`: which gradients arrive, of dy, dLastH and dLastC."""
    state, outputs = (batch, units), (batch, time, units)
    shapes = (
        (*outputs[:2], inputs),
        (inputs, 4 * units),
        (units, 4 * units),
        state,
        state,
        (batch, time) if mask else None,
        outputs,
        (batch, time, 5 * units),
        *(
            shape if name in given else None
            for name, shape in (("dy", outputs), ("dLastH", state), ("dLastC", state))
        ),
    )
    return case(*shapes, activation="tanh", recurrentActivation="sigmoid", **attrs).but(grad=False)


ROWS = [
    Row(
        "matMul",
        "contraction",
        nn.mat_mul,
        MAT_MUL,
        large=case((150, 300), (300, 201)),
        dtypes={"int32": "int32", "bool": "bool", "complex64": TypeError, "string": TypeError},
        bad=[
            (([1.0], [[1.0]]), {}, "matMul.*rank"),
            (([[1.0]], [[1.0], [1.0]]), {}, "inner shapes .1. and .2."),
            (([[[1.0]], [[1.0]]], [[[1.0]]] * 3), {}, "broadcast"),
        ],
    ),
    Row(
        "fusedMatMul",
        "contraction",
        nn.fused_mat_mul,
        FUSED_MAT_MUL,
        large=case((150, 300), (300, 201), (201,), activation="relu"),
        js="",
        dtypes=REAL,
        note="tf.fused.matMul takes one object",
        bad=[
            (([[1.0]], [[1.0]], [1.0, 2.0]), {}, "bias must have shape .1."),
            (([[1.0]], [[1.0]]), {"activation": "mish"}, "activation"),
            (([[1.0]], [[1.0]]), {"activation": "leakyRelu", "alpha": -1}, "alpha must not be negative"),
        ],
    ),
    Row(
        "softmax",
        "normalisation",
        nn.softmax,
        [*(Case((s,)).but(js=0 not in s) for s in LAST), case((2, 3, 4), dim=2)],
        js_second=False,
        dtypes=REAL,
        large=case((300, 401)),
        bad=[(([[1.0]], 0), {}, "dim")],
    ),
    Row(
        "logSoftmax",
        "normalisation",
        nn.log_softmax,
        [*(Case((s,)).but(js=0 not in s) for s in LAST), case((2, 3, 4), axis=2)],
        js_second=False,
        dtypes=TO_REAL,
        large=case((300, 401)),
        bad=[(([[1.0]], 0), {}, "axis")],
    ),
    Row(
        "softmaxGrad",
        "normalisation",
        nn.softmax_grad,
        [Case((s, s)) for s in LAST],
        js="",
        dtypes=REAL,
        note="the gradient of softmax",
        large=case((300, 401), (300, 401)),
    ),
    Row(
        "logSoftmaxGrad",
        "normalisation",
        nn.log_softmax_grad,
        [Case((s, s)) for s in LAST],
        js="",
        dtypes=REAL,
        note="the gradient of logSoftmax",
        large=case((300, 401), (300, 401)),
    ),
    Row(
        "softmaxCrossEntropy",
        "normalisation",
        nn.cross_entropy,
        [Case((s, s)) for s in LAST if 0 not in s],
        js=Js("(x, t) => tf.neg(tf.sum(tf.mul(t, tf.logSoftmax(x)), -1))"),
        js_second=False,
        dtypes={"int32": "float32", "bool": "float32", "complex64": TypeError, "string": TypeError},
        large=case((300, 401), (300, 401)),
        bad=[(([[1.0, 2.0]], [[1.0]]), {}, "softmaxCrossEntropy"), ((1.0, 1.0), {}, "softmaxCrossEntropy")],
    ),
    Row(
        "softmaxCrossEntropyGrad",
        "normalisation",
        nn.cross_entropy_grad,
        [Case((s, s, s[:-1])) for s in LAST if 0 not in s],
        js="",
        dtypes=REAL,
        note="the gradient of softmaxCrossEntropy",
    ),
    Row(
        "batchNorm",
        "normalisation",
        nn.batch_norm,
        [
            Case(((2, 3, 2, 4), *[(4,)] * 4), {"varianceEpsilon": 0.01}),
            Case(((3, 4), *[(3, 4)] * 4)),
            Case(((3, 4), (4,), (4,), None, None)).but(js_grad=False),
            Case(((5, 17), (17,), (17,), None, (17,))).but(js_grad=False),
            Case(((5, 17), (17,), (17,), (17,), None)).but(js_grad=False),
            Case(((2, 4, 3), *[(1, 4, 1)] * 4)).but(js=False),
            Case(((0, 4), *[(4,)] * 4)).but(js=False),
        ],
        inputs=(Reals(-1, 1), Reals(-1, 1), Reals(0.3, 1)),
        js=Js("(x, m, v, b, g, e) => tf.batchNorm(x, m, v, b ?? undefined, g ?? undefined, e)"),
        dtypes=TO_REAL,
        large=case((300, 401), *[(401,)] * 4),
        bad=[(([[1.0, 2.0]], [1.0, 2.0, 3.0], [1.0]), {}, "batchNorm|broadcast")],
        note="TensorFlow.js needs a scale for its gradient",
    ),
    Row(
        "batchNormTraining",
        "normalisation",
        nn.batch_norm_training,
        [
            case((2, 3, 2, 4), (4,), (4,), varianceEpsilon=0.01),
            case((5, 17), None, None),
            case((6, 3), (3,), None),
            case((33, 2), None, (2,)),
        ],
        js="",
        dtypes=TO_REAL,
        note="a layer in TensorFlow.js: tests/layers",
        large=case((400, 301), (301,), (301,)),
        bad=[(([[1.0, 2.0]], [1.0]), {}, "batchNormTraining")],
    ),
    Row(
        "batchNormTrainingGrad",
        "normalisation",
        nn.batch_norm_training_grad,
        [
            case((2, 3, 2, 4), (4,), (4,), (4,), (2, 3, 2, 4), varianceEpsilon=0.01).but(grad=False),
            case((5, 17), (17,), (17,), None, (5, 17)).but(grad=False),
        ],
        inputs=(SMALL, SMALL, Reals(0.3, 1), SMALL),
        js="",
        dtypes=REAL,
        second=False,
        large=case((400, 301), *[(301,)] * 3, (400, 301)),
        refuses_gradient="asked for around the forward pass",
        note="the gradient of batchNormTraining",
    ),
    Row(
        "layerNorm",
        "normalisation",
        nn.layer_norm,
        [
            case((2, 3, 4), (4,), (4,), epsilon=0.01),
            case((5, 17), None, None),
            case((3, 37), (37,), None),
            case((33, 2), None, (2,)),
        ],
        js="",
        dtypes=TO_REAL,
        note="a layer in TensorFlow.js",
        large=case((400, 301), (301,), (301,)),
        bad=[(([[1.0, 2.0]], [1.0]), {}, "layerNorm")],
    ),
    Row(
        "lstm",
        "recurrence",
        nn.lstm,
        [
            *LSTM,
            lstm_case(2, 4, 3, 2, mask=True, goBackwards=True, recurrentActivation="sigmoid"),
            lstm_case(2, 2, 2, 2, activation="swish", recurrentActivation="sigmoid"),
        ],
        inputs=LSTM_INPUTS,
        js="",
        dtypes={},
        note="a layer in TensorFlow.js: tests/layers",
        large=lstm_case(17, 9, 33, 65, mask=True),
    ),
    Row(
        "lstmFused",
        "recurrence",
        nn.lstm_fused,
        LSTM,
        inputs=LSTM_INPUTS,
        js="",
        dtypes={},
        graded=3,
        note="a part of lstm",
    ),
    Row(
        "lstmGrad",
        "recurrence",
        nn.lstm_grad,
        [
            lstm_grad_case(2, 4, 2, 3, given="dy dLastH dLastC"),
            lstm_grad_case(2, 4, 2, 3, mask=True, given="dLastH", inputGradient=False),
            # Several parts of the batch, and more steps than are kept at once.
            lstm_grad_case(37, 23, 3, 5, mask=True, given="dy dLastC"),
        ],
        inputs=(*[SMALL] * 5, Truths(), *[SMALL] * 5),
        js="",
        dtypes={},
        second=False,
        large=lstm_grad_case(70, 9, 33, 35, mask=True),
        refuses_gradient="asked for around the forward pass",
        note="the gradient of lstmFused",
    ),
]
