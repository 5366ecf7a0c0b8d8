"""Matrices, normalization, losses, recurrent cells, random numbers."""

from __future__ import annotations

import numpy as np

import lamina as tf
from support.oracle import Js

from .description import describe
from .draw import Draw

# ---- matrices ----


def product(d: Draw) -> list:
    n, k, m = (d.integer(1, 4) for _ in range(3))
    ta, tb = d.flag(), d.flag()
    lead = d.choice((), (), (2,), (2, 3), (d.integer(0, 2),))
    a = d.real((*lead, *((k, n) if ta else (n, k))))
    b = d.real((*lead, *((m, k) if tb else (k, m))))
    return [a, b, ta, tb] if ta or tb else [a, b, *d.options(False, False)]


describe(
    "matMul",
    product,
    bad=[lambda d: [d.real((2, 3)), d.real((2, 3))], lambda d: [d.real((3,)), d.real((3, 1))]],
)


def dotted(d: Draw) -> list:
    n, k, m = (d.integer(1, 4) for _ in range(3))
    return [d.real(d.choice((k,), (n, k))), d.real(d.choice((k,), (k, m)))]


describe(
    "dot", dotted, bad=[lambda d: [d.real((2, 3)), d.real((2,))], lambda d: [d.real((2, 2, 2)), d.real((2,))]]
)
describe("outerProduct", lambda d: [d.real((d.integer(1, 5),)), d.real((d.integer(1, 5),))])

EQUATIONS = (
    "ij,jk->ik",
    "ij->ji",
    "ij->",
    "ij->i",
    "i,i->",
    "i,j->ij",
    "bij,bjk->bik",
    "bij,kj->bki",
    "ijk,k->ij",
    "ij,ij->ij",
    "ij,ij->",
    "abc,cd->abd",
)


def sums_of_products(d: Draw) -> list:
    equation = d.choice(*EQUATIONS)
    sizes = {letter: d.integer(1, 4) for letter in "abcdijk"}
    terms = equation.split("->")[0].split(",")
    return [equation, *(d.real(tuple(sizes[letter] for letter in term)) for term in terms)]


describe(
    "einsum",
    sums_of_products,
    bad=[
        lambda d: ["ij", d.real((2, 2))],
        lambda d: ["i,j->ij", d.real((2,))],
        lambda d: ["...i->i", d.real((2,))],
        lambda d: ["i->j", d.real((2,))],
        lambda d: ["i,i->i", d.real((2,)), d.real((3,))],
    ],
)
describe(
    "linalg.bandPart",
    lambda d: [x := d.real(d.shape(2, 4, empty=False)), d.integer(0, x.shape[-2]), d.integer(0, x.shape[-1])],
)


def well_conditioned(d: Draw, rows: int, columns: int) -> np.ndarray:
    return np.asarray(d.real((rows, columns)) * 0.3 + 2 * np.eye(rows, columns), np.float32)


def vectors(d: Draw) -> list:
    columns = d.integer(1, 4)
    x = well_conditioned(d, d.integer(1, columns), columns)
    return [x]


describe("linalg.gramSchmidt", vectors, bad=[lambda d: [d.real((3, 2))]])
describe("linalg.qr", lambda d: [well_conditioned(d, d.integer(1, 4), d.integer(1, 4)), *d.options(d.flag())])

# ---- normalization ----


def normalized(rank: int | None):
    def draw(d: Draw) -> list:
        x = d.real(d.shape(rank or 1, rank or 4, empty=False))
        channels = (x.shape[-1],)
        mean, variance = d.real(channels), d.real(channels, 0.2, 2)
        rest = d.options(d.real(channels), d.real(channels), d.choice(0.001, 0.1))
        if rest and d.often(0.2):
            rest[0] = None
        return [x, mean, variance, *rest]

    return draw


describe("batchNorm", normalized(None))
for rank in (2, 3, 4):
    describe(f"batchNorm{rank}d", normalized(rank))


def local(d: Draw) -> list:
    x = d.real(d.shape(4, 4, empty=False) if d.often(0.8) else d.shape(3, 3, empty=False))
    return [x, *d.options(d.integer(1, 4), d.number(0.5, 2), d.number(0.1, 1), d.number(0.3, 1))]


describe("localResponseNormalization", local)
describe(
    "softmax logSoftmax",
    lambda d: [x := d.real(d.shape(1, 4, empty=False)), *d.options(d.choice(-1, x.ndim - 1))],
)


def average(d: Draw) -> list:
    v = d.real(d.shape(empty=False))
    return [v, d.real(v.shape), d.number(0.1, 0.9), *d.options(d.integer(1, 4), d.flag())]


def average_with_step(d: Draw) -> list:
    # Without a step zeroDebias must be off.
    drawn = average(d)
    return drawn if len(drawn) > 3 else [*drawn, None, False]


describe("movingAverage", average_with_step)
describe(
    "dropout",
    lambda d: [d.real(d.shape(1, 4, empty=False)), d.choice(0, 0.25, 0.5), None, d.integer(1, 99)],
    bad=[lambda d: [d.real((3,)), 1.5], lambda d: [d.real((3,)), -0.1]],
)

# ---- losses ----


def loss(low: float = -2, high: float = 2, targets: tuple[float, float] = (-2, 2), between: str = ""):
    def draw(d: Draw) -> list:
        shape = d.shape(2 if between == "classes" else 1, 3, empty=False)
        labels, predictions = d.real(shape, *targets), d.real(shape, low, high)
        if between == "classes":
            # A distribution: the gradient of TensorFlow.js holds for no others.
            labels = np.asarray((labels + 0.1) / (labels + 0.1).sum(-1, keepdims=True), np.float32)
        outer = shape[:-1] if between == "classes" else shape
        if between == "axis":
            axis = d.integer(0, len(shape) - 1)
            outer = tuple(1 if i == axis else n for i, n in enumerate(shape))
        weights = d.choice(None, d.real((), 0.5, 2), d.real(outer, 0.5, 2))
        extra = {"delta": [d.number(0.5, 1.5)], "epsilon": [1e-5], "smoothing": [d.choice(0, 0.2)]}.get(
            between, []
        )
        extra = [d.choice(0, 0.2)] if between == "classes" else extra
        head = [labels, predictions, *([axis] if between == "axis" else [])]
        return [*head, *d.options(weights, *extra, d.choice(0, 1, 2, 3))]

    return draw


describe("losses.absoluteDifference losses.meanSquaredError", loss())
describe("losses.hingeLoss", loss(targets=(0, 1)))
describe("losses.huberLoss", loss(between="delta"))
describe("losses.logLoss", loss(0.1, 0.9, (0, 1), "epsilon"))
describe("losses.sigmoidCrossEntropy", loss(targets=(0, 1), between="smoothing"))
describe("losses.softmaxCrossEntropy", loss(targets=(0, 1), between="classes"), wrt=(1,))
describe("losses.cosineDistance", loss(between="axis"))


def weighted(d: Draw) -> list:
    shape = d.shape(0, 3, empty=False)
    return [
        d.real(shape),
        *d.options(d.choice(None, d.real((), 0.5, 2), d.real(shape, 0.5, 2)), d.choice(0, 1, 2, 3)),
    ]


describe("losses.computeWeightedLoss", weighted)

# ---- recurrent cells ----


def cell(d: Draw) -> list:
    batch, inputs, units = d.integer(1, 3), d.integer(1, 3), d.integer(1, 3)
    return [
        np.float32(d.number(0, 1)),
        d.real((inputs + units, 4 * units)),
        d.real((4 * units,)),
        d.real((batch, inputs)),
        d.real((batch, units)),
        d.real((batch, units)),
    ]


describe("basicLSTMCell", cell)


def cells(d: Draw) -> list:
    batch, inputs, units = d.integer(1, 2), d.integer(1, 3), d.integer(1, 3)
    kernels = [d.real(((inputs if i == 0 else units) + units, 4 * units)) for i in range(2)]
    biases = [d.real((4 * units,)) for _ in kernels]
    states = [[d.real((batch, units)) for _ in kernels] for _ in range(2)]
    return [kernels, biases, d.real((batch, inputs)), *states]


def stacked(kernels, biases, data, c, h):
    made = [
        lambda data, c, h, kernel=kernel, bias=bias: tf.basicLSTMCell(1.0, kernel, bias, data, c, h)
        for kernel, bias in zip(kernels, biases, strict=True)
    ]
    return tf.multiRNNCell(made, data, c, h)


describe(
    "multiRNNCell",
    cells,
    ours=stacked,
    js=Js(
        "(kernels, biases, data, c, h) => tf.multiRNNCell(kernels.map((kernel, i) => (data, c, h) =>"
        " tf.basicLSTMCell(tf.scalar(1), kernel, biases[i], data, c, h)), data, c, h)"
    ),
)

# ---- random numbers, each with a seed ----


def shape_of(d: Draw) -> list[int]:
    return list(d.shape())


describe(
    "randomUniform",
    lambda d: [shape_of(d), d.number(-2, 0), d.number(1, 3), d.choice("float32", "int32"), d.integer(0, 999)],
)
describe("randomUniformInt", lambda d: [shape_of(d), d.integer(-5, 0), d.integer(1, 9), d.integer(1, 999)])
describe(
    "randomNormal truncatedNormal",
    lambda d: [
        shape_of(d),
        d.number(-1, 1),
        d.number(0.5, 2),
        d.choice("float32", "int32"),
        d.integer(1, 999),
    ],
    bad=[lambda d: [[2], 0, 1, "bool"]],
    kept=(0, 1, 2),
)
describe(
    "randomStandardNormal",
    lambda d: [shape_of(d), d.choice("float32", "int32"), d.integer(1, 999)],
    bad=[lambda d: [[2], "bool"]],
    kept=(0,),
)
describe(
    "randomGamma",
    lambda d: [
        shape_of(d),
        d.number(0.5, 4),
        d.number(0.5, 2),
        d.choice("float32", "int32"),
        d.integer(1, 999),
    ],
    bad=[lambda d: [[2], 1, 1, "bool"]],
    kept=(0, 1, 2),
)
describe(
    "multinomial",
    lambda d: [
        d.real((d.integer(1, 3), d.integer(2, 5)), 0.1, 1),
        d.integer(1, 6),
        d.integer(1, 999),
        d.flag(),
    ],
)


def counted(shape, dtype=None):
    numbers = iter(range(10**6))
    return tf.rand(shape, lambda: next(numbers) % 7 / 4, dtype)


describe(
    "rand",
    lambda d: [shape_of(d), *d.options(d.choice("float32", "int32"))],
    ours=counted,
    js=Js("(shape, dtype) => { let i = 0; return tf.rand(shape, () => i++ % 7 / 4, dtype); }"),
)
