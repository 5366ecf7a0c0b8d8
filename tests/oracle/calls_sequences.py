"""Spectra, signals, sparse and ragged tensors, strings."""

from __future__ import annotations

import numpy as np

from .description import describe
from .draw import Draw

# ---- spectra and signals ----


def spectrum(d: Draw) -> list:
    return [d.complex((*d.shape(0, 2, empty=False), d.integer(1, 9)))]


describe("fft ifft spectral.fft spectral.ifft", spectrum)
describe(
    "rfft spectral.rfft",
    lambda d: [
        x := d.real((*d.shape(0, 2, empty=False), d.integer(1, 9))),
        *d.options(d.integer(1, x.shape[-1] + 3)),
    ],
)


def half_spectrum(d: Draw) -> list:
    # The first and the last value of a spectrum of real numbers are real.
    x = d.complex((*d.shape(0, 2, empty=False), d.integer(2, 6)))
    x[..., 0] = x[..., 0].real
    x[..., -1] = x[..., -1].real
    return [x]


describe("irfft spectral.irfft", half_spectrum)
describe(
    "cosineWindow",
    lambda d: [d.integer(1, 9), d.number(0, 1), d.number(0, 1)],
    bad=[lambda d: [-d.integer(1, 9), 0.5, 0.5]],
)
describe("enclosingPowerOfTwo", lambda d: [d.integer(1, 500)])
describe("signal.hammingWindow signal.hannWindow", lambda d: [d.integer(1, 9)])


def framing(d: Draw) -> list:
    length = d.integer(1, 5)
    return [
        d.real((length + d.integer(0, 8),)),
        length,
        d.integer(1, 3),
        *d.options(d.flag(), d.choice(0, 1.5)),
    ]


describe(
    "signal.frame",
    framing,
    bad=[lambda d: [d.real((2, 8)), 2, 1], lambda d: [d.text((8,)), 2, 1]],
    kept=(1, 2),
)
describe(
    "signal.stft",
    lambda d: [d.real((d.integer(8, 16),)), d.integer(3, 8), d.integer(1, 4), *d.options(d.choice(8, 16))],
    bad=[lambda d: [d.real((2, 8)), 2, 1], lambda d: [d.text((8,)), 2, 1]],
    kept=(1, 2, 3),
)

# ---- sparse ----


def rows_of(d: Draw) -> tuple[np.ndarray, int, int]:
    rows, columns = d.integer(1, 5), d.integer(1, 4)
    every = [(r, c) for r in range(rows) for c in range(columns)]
    chosen = sorted(int(i) for i in d.rng.permutation(len(every))[: d.integer(1, len(every))])
    return np.asarray([every[i] for i in chosen], np.int32), rows, columns


def filling(d: Draw) -> list:
    indices, rows, columns = rows_of(d)
    return [
        indices,
        d.real((len(indices),)),
        np.array([rows, columns], np.int32),
        np.float32(d.number(-1, 1)),
    ]


describe("sparse.sparseFillEmptyRows", filling)


def sparse_reshaping(d: Draw) -> list:
    indices, rows, columns = rows_of(d)
    new = d.choice([rows * columns], [columns, rows], [1, -1], [-1, columns])
    return [indices, np.array([rows, columns], np.int32), np.array(new, np.int32)]


describe("sparse.sparseReshape", sparse_reshaping)


def sparse_segments(d: Draw) -> list:
    x = d.real((d.integer(1, 5), *d.shape(0, 2, empty=False)))
    n = d.integer(1, 6)
    return [x, d.whole((n,), 0, x.shape[0] - 1), np.sort(d.whole((n,), 0, 3))]


describe("sparse.sparseSegmentMean sparse.sparseSegmentSum", sparse_segments)

# ---- ragged ----


def ragged_gather(d: Draw) -> list:
    lengths = [d.integer(0, 3) for _ in range(d.integer(1, 4))]
    splits = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    values = d.real((int(splits[-1]), *d.shape(0, 1, empty=False)))
    indices = d.whole(d.shape(1, 2, empty=False, largest=3), 0, len(lengths) - 1)
    return [[splits], values, indices, indices.ndim]


describe("raggedGather", ragged_gather)


def ragged_range(d: Draw) -> list:
    n = d.integer(1, 4)
    kind = np.float32 if d.flag() else np.int32
    starts, limits = d.whole((n,), -3, 3), d.whole((n,), -3, 6)
    deltas = d.whole((n,), 1, 3)
    given = [starts, limits, deltas] if d.flag() else [starts, limits, deltas[0]]
    return [np.asarray(each, kind) for each in given]


describe("raggedRange", ragged_range)


def ragged_dense(d: Draw) -> list:
    lengths = [d.integer(0, 3) for _ in range(d.integer(1, 4))]
    splits = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    shape = d.choice([len(lengths), 3], [-1, -1], [len(lengths) + 1, 2])
    values = d.real((int(splits[-1]),))
    return [np.array(shape, np.int32), values, np.float32(d.number(-1, 1)), [splits], ["ROW_SPLITS"]]


describe("raggedTensorToTensor", ragged_dense)

# ---- strings ----

WORDS = ("", "a", "bb", "c c", "lamina", "wide  gap")


def words(d: Draw, n: int) -> np.ndarray:
    return np.array([d.choice(*WORDS) for _ in range(n)], object)


def grams(d: Draw) -> list:
    n = d.integer(1, 6)
    cut = d.integer(0, n)
    widths = d.choice([1], [2], [3], [2, 1], [1, 2, 3])
    return [
        words(d, n),
        np.array([0, cut, n], np.int32),
        d.choice("|", " "),
        widths,
        d.choice("", "LP"),
        d.choice("", "RP"),
        d.choice(-1, 0, 1),
        d.flag(),
    ]


describe("string.stringNGrams", grams)
describe(
    "string.stringSplit",
    lambda d: [words(d, d.integer(1, 5)), d.choice(" ", "", "a", " a"), *d.options(d.flag())],
)
describe("string.stringToHashBucketFast", lambda d: [d.text(), d.integer(1, 100)])
describe(
    "string.staticRegexReplace",
    lambda d: [d.text(), d.choice("a", "[ab]", "b+", " +"), d.choice("", "x", "yy"), *d.options(d.flag())],
    bad=[lambda d: [d.real((2,)), "a", "b"], lambda d: [d.text((2,)), "(", "b"]],
)
