"""Rows of convolutions and pools."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import reference_nn as nn
from .row import Case, Reals, Row, case

REAL = {"int32": TypeError, "bool": TypeError, "complex64": TypeError, "string": TypeError}
DISTINCT = (Reals(-1, 1, distinct=True),)
EXPLICIT = [[0, 0], [1, 0], [2, 1], [0, 0]]
FIRST = [[0, 0], [0, 0], [1, 0], [2, 1]]


def with_attrs(x: Any, f: Any, *args: Any, **more: Any) -> Case:
    names = ("strides", "pad", "dataFormat", "dilations")
    return case(x, f, **dict(zip(names, args, strict=False)), **more)


CONV = [
    with_attrs((2, 5, 6, 3), (3, 2, 3, 4), 1, "valid"),
    with_attrs((2, 5, 6, 3), (3, 2, 3, 4), 1, "same"),
    with_attrs((2, 5, 6, 3), (3, 2, 3, 4), 2, "same"),
    with_attrs((2, 5, 6, 3), (3, 2, 3, 4), [2, 1], "valid"),
    with_attrs((2, 5, 6, 3), (3, 3, 3, 4), 2, 1),
    with_attrs((2, 5, 6, 3), (3, 2, 3, 4), 2, EXPLICIT),
    with_attrs((5, 6, 3), (3, 3, 3, 4), 1, "same"),
    with_attrs((2, 4, 5, 3), (1, 1, 3, 4), 1, "same"),
    with_attrs((2, 4, 5, 3), (4, 5, 3, 4), 1, "valid"),
    with_attrs((1, 9, 9, 1), (5, 5, 1, 17), 1, "same"),
    with_attrs((1, 7, 5, 17), (3, 3, 17, 33), 1, "valid"),
    with_attrs((1, 5, 19, 4), (2, 3, 4, 3), [1, 3], "same"),
    with_attrs((2, 7, 8, 3), (3, 2, 3, 4), 1, "same", "NHWC", [2, 3]).but(js_grad=False),
    with_attrs((2, 3, 5, 6), (3, 2, 3, 4), 2, "same", "NCHW").but(js_grad=False),
    with_attrs((2, 3, 5, 6), (3, 2, 3, 4), 1, FIRST, "NCHW").but(js_grad=False),
    with_attrs((2, 6, 6, 3), (3, 3, 3, 4), 2, 1, dimRoundingMode="ceil").but(js_grad=False),
    with_attrs((0, 5, 6, 3), (3, 2, 3, 4), 1, "same").but(js=False),
]
DEPTHWISE = [
    with_attrs((2, 5, 6, 3), (3, 2, 3, 2), 1, "valid"),
    with_attrs((2, 5, 6, 3), (3, 2, 3, 2), 2, "same"),
    with_attrs((2, 5, 6, 3), (3, 3, 3, 1), 2, 1),
    with_attrs((5, 6, 3), (3, 3, 3, 1), 1, "same"),
    with_attrs((1, 4, 5, 17), (3, 3, 17, 1), 1, "same"),
    with_attrs((1, 4, 5, 33), (2, 2, 33, 1), 1, "same"),
    with_attrs((1, 5, 6, 5), (2, 2, 5, 3), [1, 2], EXPLICIT).but(js=False),
    with_attrs((2, 7, 8, 3), (3, 2, 3, 2), 1, "same", "NHWC", 2).but(js_grad=False),
    with_attrs((2, 3, 5, 6), (3, 2, 3, 2), 2, "same", "NCHW").but(js=False),
]


def with_bias(c: Case, size: int | None, activation: str = "relu") -> Case:
    bias = None if size is None else (size,)
    return c.but(shapes=(*c.shapes, bias), attrs={**c.attrs, "activation": activation}, js=False)


def pooled(c: Case, size: Any) -> Case:
    return c.but(attrs={**c.attrs, "filterSize": size})


WRONG_CONV = [
    ((np.zeros((2, 3), np.float32), np.zeros((1, 1, 1, 1), np.float32), 1, "same"), {}, "conv2d"),
    (
        (np.zeros((1, 3, 3, 2), np.float32), np.zeros((1, 1, 1, 1), np.float32), 1, "same"),
        {},
        "conv2d.*depth",
    ),
    ((np.zeros((1, 3, 3, 1), np.float32), np.zeros((1, 1, 1, 1), np.float32), 1, "diagonal"), {}, "pad"),
    (
        (np.zeros((1, 3, 3, 1), np.float32), np.zeros((1, 1, 1, 1), np.float32), -1, "same"),
        {},
        "conv2D: Strides",
    ),
]


WRONG_POOLED = (np.zeros((1, 4, 4, 1), np.float32), np.zeros((3, 3, 1, 1), np.float32), None, 1, "same")


def pool(x: Any, *args: Any, **more: Any) -> Case:
    return case(
        x,
        **dict(
            zip(
                ("filterSize", "strides", "pad", "dimRoundingMode", "dilations", "dataFormat"),
                args,
                strict=False,
            )
        ),
        **more,
    )


POOL = [
    pool((2, 5, 6, 3), 2, 2, "valid"),
    pool((2, 5, 6, 3), [3, 2], [1, 2], "same"),
    pool((2, 5, 6, 3), 3, 2, 1),
    pool((5, 6, 3), 2, 1, "same"),
    pool((1, 4, 5, 17), 2, 2, "valid"),
    pool((1, 3, 4, 35), 3, 1, "same"),
    pool((2, 6, 6, 3), 3, 2, 1, "ceil").but(js_grad=False),
    pool((2, 7, 8, 3), 2, 1, "valid", None, 2).but(js=False),
    pool((2, 3, 5, 6), [2, 3], [1, 2], "same", None, 1, "NCHW").but(js=False),
    pool((0, 5, 6, 3), 2, 2, "valid").but(js=False),
]
WRONG_POOL = [
    ((np.zeros((2, 3), np.float32), 2, 1, "same"), {}, "ool"),
    ((np.zeros((1, 3, 3, 1), np.float32), 5, 1, "valid"), {}, "does not fit"),
    ((np.zeros((1, 3, 3, 1), np.float32), 2, 0, "valid"), {}, "ool.*tride"),
]

ROWS = [
    Row(
        "conv2d",
        "contraction",
        nn.conv2d,
        CONV,
        js_second=False,
        dtypes=REAL,
        bad=WRONG_CONV,
        large=with_attrs((2, 40, 41, 16), (3, 3, 16, 33), 1, "same"),
    ),
    Row(
        "fusedConv2d",
        "contraction",
        nn.fused(nn.conv2d),
        [
            with_bias(CONV[0], 4),
            with_bias(CONV[2], 4, "tanh"),
            with_bias(CONV[6], 4, "sigmoid"),
            with_bias(CONV[7], None),
            with_bias(CONV[10], 33, "elu"),
            with_bias(CONV[13], 4, "selu"),
            with_bias(CONV[1], 4, "linear"),
        ],
        js="",
        dtypes={**REAL},
        note="tf.fused.conv2d takes one object",
        large=with_bias(with_attrs((2, 40, 41, 16), (3, 3, 16, 33), 1, "same"), 33),
    ),
    Row(
        "fusedConv2dMaxPool",
        "contraction",
        nn.fused_max_pool,
        [
            pooled(with_bias(CONV[0], 4), 2),
            pooled(with_bias(CONV[1], 4, "tanh"), [2, 3]),
            pooled(with_bias(CONV[4], None, "linear"), [3, 1]),
            pooled(with_bias(CONV[9], 17), [2, 4]),
            pooled(with_bias(CONV[10], 1), [1, 3]),
            pooled(with_bias(CONV[11], 3, "sigmoid"), 2),
            pooled(with_bias(CONV[12], 4), [3, 2]),
            pooled(with_bias(CONV[16], 4), 2),
            pooled(with_bias(with_attrs((2, 9, 1, 3), (3, 1, 3, 4), 1, "same"), 4), [2, 1]),
            pooled(with_bias(with_attrs((2, 40, 9, 2), (3, 3, 2, 70), 1, "valid"), 70), [5, 7]),
        ],
        js="",
        dtypes=REAL,
        bad=[
            (WRONG_POOLED, {"filterSize": 0}, "filterSize"),
            (WRONG_POOLED, {"filterSize": 1}, "no pass"),
        ],
        note="a convolution with the maxPool behind it, in Programs",
        large=pooled(with_bias(with_attrs((2, 40, 41, 16), (3, 3, 16, 33), 1, "same"), 33), 2),
    ),
    Row(
        "depthwiseConv2d",
        "contraction",
        nn.depthwise,
        DEPTHWISE,
        js_second=False,
        dtypes=REAL,
        large=with_attrs((2, 60, 61, 33), (3, 3, 33, 1), 1, "same"),
    ),
    Row(
        "fusedDepthwiseConv2d",
        "contraction",
        nn.fused(nn.depthwise),
        [
            with_bias(DEPTHWISE[0], 6),
            with_bias(DEPTHWISE[1], 6, "tanh"),
            with_bias(DEPTHWISE[4], 17, "sigmoid"),
            with_bias(DEPTHWISE[3], None),
            with_bias(DEPTHWISE[8], 6, "elu"),
        ],
        js="",
        dtypes=REAL,
        note="tf.fused.depthwiseConv2d takes one object",
    ),
    Row(
        "conv2dBackpropInput",
        "contraction",
        nn.conv2d_input,
        [
            case((2, 3, 5, 4), (3, 2, 3, 4), size=[5, 6], strides=1, pad="valid"),
            case((2, 3, 3, 4), (3, 2, 3, 4), size=[5, 6], strides=2, pad="same"),
            case((1, 5, 6, 17), (3, 3, 5, 17), size=[5, 6], strides=1, pad="same"),
            case((1, 3, 3, 2), (3, 3, 2, 2), size=[5, 5], strides=2, pad=1),
            case((1, 5, 6, 2), (2, 2, 3, 2), size=[5, 6], strides=1, pad="same", dilations=2),
        ],
        js="",
        dtypes=REAL,
        note="a part of conv2d's gradient",
        large=case((2, 40, 41, 33), (3, 3, 16, 33), size=[40, 41], strides=1, pad="same"),
    ),
    Row(
        "conv2dBackpropFilter",
        "contraction",
        nn.conv2d_filter,
        [
            case((2, 5, 6, 3), (2, 3, 5, 4), size=[3, 2], strides=1, pad="valid"),
            case((2, 5, 6, 3), (2, 3, 3, 4), size=[3, 2], strides=2, pad="same"),
            case((1, 5, 6, 5), (1, 5, 6, 17), size=[3, 3], strides=1, pad="same"),
            case((1, 5, 6, 3), (1, 5, 6, 2), size=[2, 2], strides=1, pad="same", dilations=2),
        ],
        js="",
        dtypes=REAL,
        note="a part of conv2d's gradient",
        large=case((2, 40, 41, 16), (2, 40, 41, 33), size=[3, 3], strides=1, pad="same"),
    ),
    Row(
        "depthwiseConv2dBackpropInput",
        "contraction",
        nn.depthwise_input,
        [
            case((2, 3, 5, 6), (3, 2, 3, 2), size=[5, 6], strides=1, pad="valid"),
            case((2, 3, 3, 6), (3, 2, 3, 2), size=[5, 6], strides=2, pad="same"),
            case((1, 4, 5, 17), (3, 3, 17, 1), size=[4, 5], strides=1, pad="same"),
        ],
        js="",
        dtypes=REAL,
        note="a part of depthwiseConv2d's gradient",
    ),
    Row(
        "depthwiseConv2dBackpropFilter",
        "contraction",
        nn.depthwise_filter,
        [
            case((2, 5, 6, 3), (2, 3, 5, 6), size=[3, 2], strides=1, pad="valid"),
            case((2, 5, 6, 3), (2, 3, 3, 6), size=[3, 2], strides=2, pad="same"),
            case((1, 4, 5, 17), (1, 4, 5, 17), size=[3, 3], strides=1, pad="same"),
        ],
        js="",
        dtypes=REAL,
        note="a part of depthwiseConv2d's gradient",
        large=case((2, 60, 61, 33), (2, 60, 61, 33), size=[3, 3], strides=1, pad="same"),
    ),
    Row(
        "maxPool",
        "exact",
        nn.max_pool,
        POOL,
        inputs=DISTINCT,
        js_second=False,
        dtypes={**REAL, "int32": "int32", "bool": "bool"},
        bad=WRONG_POOL,
        second=False,
        large=pool((3, 60, 61, 33), 3, 2, "same"),
    ),
    Row(
        "avgPool",
        "reduction",
        nn.avg_pool,
        [c.but(js_grad=False) if c.attrs["pad"] != "valid" else c for c in POOL],
        js_second=False,
        dtypes=REAL,
        bad=WRONG_POOL,
        second=False,
        large=pool((3, 60, 61, 33), 3, 2, "same"),
        note="TensorFlow.js spreads an average as if padding had counted",
    ),
    Row(
        "maxPoolGrad",
        "reduction",
        nn.max_pool_grad,
        [
            Case(((2, 2, 3, 3), (2, 5, 6, 3)), {"filterSize": 2, "strides": 2, "pad": "valid"}),
            Case(((2, 5, 3, 3), (2, 5, 6, 3)), {"filterSize": [3, 2], "strides": [1, 2], "pad": "same"}),
        ],
        inputs=(Reals(), *DISTINCT),
        js="",
        dtypes=REAL,
        second=False,
        note="the gradient of maxPool",
    ),
    Row(
        "maxPoolPick",
        "exact",
        nn.max_pool_pick,
        [
            Case(((2, 5, 6, 3), (2, 5, 6, 3)), {"filterSize": 2, "strides": 2, "pad": "valid"}),
            Case(((2, 5, 6, 3), (2, 5, 6, 3)), {"filterSize": [3, 2], "strides": [1, 2], "pad": "same"}),
        ],
        inputs=(Reals(), *DISTINCT),
        js="",
        dtypes=REAL,
        second=False,
        note="the gradient of maxPoolGrad",
    ),
    Row(
        "avgPoolGrad",
        "reduction",
        nn.avg_pool_grad,
        [
            case((2, 2, 3, 3), filterSize=2, strides=2, pad="valid", size=[5, 6]),
            case((2, 5, 3, 3), filterSize=[3, 2], strides=[1, 2], pad="same", size=[5, 6]),
        ],
        js="",
        dtypes=REAL,
        second=False,
        note="the gradient of avgPool",
    ),
]
