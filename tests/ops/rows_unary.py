"""Rows of elementwise functions of one tensor."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from support.oracle import Js

from .row import Reals, Row, Truths, case

SHAPES = [(), (1,), (7,), (3, 5), (0,), (2, 0, 3), (2, 3, 1, 2, 1, 2)]
LARGE = case((3, 47_111))

# dtypes of the results
REAL = {"int32": TypeError, "bool": TypeError, "complex64": TypeError, "string": TypeError}
TO_REAL = {"int32": "float32", "bool": "float32", "complex64": TypeError, "string": TypeError}
SAME = {"int32": "int32", "bool": "bool", "complex64": TypeError, "string": TypeError}
ANY = {"int32": "int32", "bool": "bool", "complex64": "complex64", "string": "string"}
TRUTH = {"int32": "bool", "bool": "bool", "complex64": TypeError, "string": TypeError}

erf = np.vectorize(math.erf, otypes=[np.float64])


def sigmoid(x: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-x))


def softplus(x: np.ndarray) -> np.ndarray:
    return np.logaddexp(0.0, x)


def elu(x: np.ndarray) -> np.ndarray:
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


SELU_SCALE, SELU_ALPHA = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717


def selu(x: np.ndarray) -> np.ndarray:
    return SELU_SCALE * np.where(x > 0, x, SELU_ALPHA * np.expm1(np.minimum(x, 0)))


def step(x: np.ndarray, alpha: float = 0.0) -> np.ndarray:
    return np.where(np.isnan(x), x, np.where(x > 0, 1.0, alpha))


def clip(x: np.ndarray, clipValueMin: float, clipValueMax: float) -> np.ndarray:
    return np.clip(x, clipValueMin, clipValueMax)


def gelu_new(x: np.ndarray) -> np.ndarray:
    return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


# TensorFlow.js forgets how a result that it saves for the gradient came about, or has no gradient for the
# comparisons in its gradient: no second derivatives.
ONCE_IN_JS = {
    "elu", "exp", "geluNew", "hardSigmoid", "leakyRelu", "mish", "relu6", "selu", "sigmoid", "swish", "tanh",
}  # fmt: skip


def unary(op: str, kind: str, reference: Any, low: float = -3.0, high: float = 3.0, **more: Any) -> Row:
    kinks = more.pop("kinks", ())
    # The gradients of three shapes tell enough.
    cases = [case(shape).but(js_grad=len(shape) in (0, 2, 6)) for shape in SHAPES]
    cases += [case((5, 7), **attrs) for attrs in more.pop("attrs", [])]
    more.setdefault("dtypes", TO_REAL)
    more.setdefault("large", LARGE)
    more.setdefault("js_second", op not in ONCE_IN_JS)
    return Row(
        op=op,
        kind=kind,
        reference=reference,
        inputs=(Reals(low, high),),
        smooth=(Reals(low, high, kinks=kinks),) if kinks else None,
        cases=[*cases, *more.pop("cases", [])],
        family="unary",
        **more,
    )


FLAT = {"second": False}

ROWS = [
    unary("abs", "exact", np.abs, kinks=(0.0,), dtypes={**SAME, "complex64": "float32"}),
    unary("neg", "exact", np.negative, dtypes=SAME),
    unary("sign", "exact", np.sign, kinks=(0.0,), dtypes=SAME, **FLAT),
    unary("floor", "exact", np.floor, -4.5, 4.5, kinks=range(-5, 6), dtypes=REAL, **FLAT),
    unary("ceil", "exact", np.ceil, -4.5, 4.5, kinks=range(-5, 6), dtypes=REAL, **FLAT),
    unary(
        "round",
        "exact",
        np.round,
        -4.0,
        4.0,
        kinks=[k + 0.5 for k in range(-5, 5)],
        dtypes=SAME,
        special=[-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5, math.inf, -math.inf, math.nan],
        **FLAT,
    ),
    unary("square", "elementwise", np.square, dtypes=SAME),
    unary("sqrt", "elementwise", np.sqrt, 0.1, 9.0, dtypes=REAL),
    unary("rsqrt", "elementwise", lambda x: 1 / np.sqrt(x), 0.1, 9.0, dtypes=REAL),
    unary("reciprocal", "elementwise", lambda x: 1 / x, 0.2, 5.0),
    unary("exp", "transcendental", np.exp),
    unary("expm1", "transcendental", np.expm1),
    unary("log", "transcendental", np.log, 0.1, 9.0, dtypes=REAL),
    unary("log1p", "transcendental", np.log1p, -0.9, 9.0),
    unary("sin", "transcendental", np.sin, -9.0, 9.0, dtypes=REAL),
    unary("cos", "transcendental", np.cos, -9.0, 9.0, dtypes=REAL),
    unary("tan", "transcendental", np.tan, -1.4, 1.4, dtypes=REAL),
    unary("sinh", "transcendental", np.sinh),
    unary("cosh", "transcendental", np.cosh, dtypes=REAL),
    unary("tanh", "transcendental", np.tanh, dtypes=REAL),
    unary("erf", "transcendental", erf),
    unary("sigmoid", "transcendental", sigmoid, -9.0, 9.0, dtypes=REAL),
    unary("softplus", "transcendental", softplus, -9.0, 9.0),
    unary(
        "softsign",
        "elementwise",
        lambda x: x / (1 + np.abs(x)),
        kinks=(0.0,),
        js=Js("x => tf.div(x, tf.add(tf.abs(x), 1))"),
    ),
    unary("relu", "exact", lambda x: np.maximum(x, 0), kinks=(0.0,), dtypes=SAME),
    unary("relu6", "exact", lambda x: np.clip(x, 0, 6), -3.0, 9.0, kinks=(0.0, 6.0), dtypes=SAME),
    unary(
        "leakyRelu",
        "elementwise",
        lambda x, alpha=0.2: np.where(x > 0, x, alpha * x),
        kinks=(0.0,),
        attrs=[{"alpha": 0.5}, {"alpha": 0.0}, {"alpha": -0.3}],
    ),
    unary("elu", "transcendental", elu, kinks=(0.0,), dtypes=REAL),
    unary("selu", "transcendental", selu, kinks=(0.0,)),
    unary(
        "hardSigmoid",
        "transcendental",
        lambda x: np.clip(0.2 * x + 0.5, 0, 1),
        -4.0,
        4.0,
        kinks=(-2.5, 2.5),
        js=Js("x => tf.clipByValue(tf.add(tf.mul(x, 0.2), 0.5), 0, 1)"),
    ),
    unary(
        "gelu",
        "transcendental",
        lambda x: 0.5 * x * (1 + erf(x / math.sqrt(2))),
        js=Js("x => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1))"),
    ),
    unary(
        "geluNew",
        "transcendental",
        gelu_new,
        js=Js(
            "x => tf.mul(tf.mul(x, 0.5), tf.add(1, tf.tanh(tf.mul(Math.sqrt(2 / Math.PI),"
            " tf.add(x, tf.mul(0.044715, tf.mul(x, tf.square(x))))))))"
        ),
    ),
    unary(
        "swish",
        "transcendental",
        lambda x, alpha=1.0: x * sigmoid(alpha * x),
        attrs=[{"alpha": 1.7}],
        js=Js("(x, alpha = 1) => tf.mul(x, tf.sigmoid(tf.mul(x, alpha)))"),
    ),
    unary(
        "mish",
        "transcendental",
        lambda x: x * np.tanh(softplus(x)),
        js=Js("x => tf.mul(x, tf.tanh(tf.softplus(x)))"),
    ),
    unary(
        "step",
        "exact",
        step,
        kinks=(0.0,),
        dtypes=SAME,
        attrs=[{"alpha": -1.0}, {"alpha": 0.25}],
        **FLAT,
    ),
    Row(
        op="clipByValue",
        kind="exact",
        reference=clip,
        inputs=(Reals(-3, 3),),
        smooth=(Reals(-3, 3, kinks=(-1.0, 1.5)),),
        cases=[
            *(case(shape, clipValueMin=-1.0, clipValueMax=1.5) for shape in SHAPES),
            case((4, 3), clipValueMin=-math.inf, clipValueMax=0.25).but(grad=False),
            case((4,), clipValueMin=0.5, clipValueMax=0.5).but(grad=False),
        ],
        dtypes=SAME,
        large=case((3, 47_111), clipValueMin=-1.0, clipValueMax=1.5),
        js_second=False,
        bad=[
            (([1.0], 2, 1), {}, r"Error in clip: min \(2\) must be less than or equal to max \(1\)"),
            (([1.0], math.nan, 1), {}, "Error in clip"),
        ],
    ),
    *(
        unary(op, "exact", reference, dtypes=TRUTH, js_grad=False, **FLAT)
        for op, reference in (("isNaN", np.isnan), ("isInf", np.isinf), ("isFinite", np.isfinite))
    ),
    Row(
        op="logicalNot",
        kind="exact",
        reference=np.logical_not,
        inputs=(Truths(),),
        cases=[case(shape) for shape in SHAPES],
        dtypes={
            "float32": TypeError,
            "int32": TypeError,
            "complex64": TypeError,
            "string": TypeError,
            "bool": "bool",
        },
    ),
    unary("zerosLike", "exact", np.zeros_like, dtypes={**ANY, "string": TypeError}, **FLAT),
    unary("onesLike", "exact", np.ones_like, dtypes={**ANY, "string": TypeError}, **FLAT),
]
