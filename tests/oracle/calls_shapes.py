"""Slicing, joining, moving elements, making tensors."""

from __future__ import annotations

import numpy as np

from support.oracle import Js

from .description import describe, function
from .draw import Draw

# ---- joining ----


def joined(d: Draw, rank: int | None = None) -> tuple[list[np.ndarray], int]:
    shape = d.shape(rank or 1, rank or 4)
    axis = d.axis(len(shape))
    kind = d.choice(d.real, d.real, d.whole, d.truth, d.text)

    def one() -> np.ndarray:
        dims = list(shape)
        dims[axis] = d.integer(0, 3)
        return kind(tuple(dims))

    return [one() for _ in range(d.integer(1, 4))], axis


def concat(d: Draw) -> list:
    tensors, axis = joined(d)
    # The axis is 0 where it is left out.
    return [tensors, axis] if axis % tensors[0].ndim or d.flag() else [tensors]


describe("concat", concat, bad=[lambda d: [[d.real((2, 3)), d.real((2, 4))], 0], lambda d: [[]]])
describe("concat1d", lambda d: [joined(d, 1)[0]])
for rank in (2, 3, 4):
    describe(f"concat{rank}d", lambda d, rank=rank: [*joined(d, rank)])


def stack(d: Draw) -> list:
    shape = d.shape(0, 4)
    kind = d.choice(d.real, d.real, d.whole, d.truth, d.text)
    axis = d.axis(len(shape) + 1)
    tensors = [kind(shape) for _ in range(d.integer(1, 4))]
    return [tensors, *d.options(axis)]


describe("stack", stack)


def unstack(d: Draw) -> list:
    x = d.no_complex(d.shape(1, 4))
    return [x, *d.options(d.axis(x.ndim))]


describe("unstack", unstack)


def split(d: Draw) -> list:
    x = d.numeric(d.shape(1, 4, largest=6))
    axis = d.axis(x.ndim)
    size = x.shape[axis]
    if d.flag() and size:
        parts = d.choice(*[n for n in range(1, size + 1) if size % n == 0])
    else:
        first = d.integer(0, size)
        parts = d.choice([first, size - first], [first, -1])
    return [x, parts, axis]


describe("split", split, bad=[lambda d: [d.real((4, 3)), 3], lambda d: [d.real((4,)), [1, 2]]])


def mesh(d: Draw) -> list:
    vectors = [d.real((d.integer(1, 4),)) for _ in range(2)]
    return [*vectors, *d.options({"indexing": d.choice("xy", "ij")})]


describe("meshgrid", mesh)

# ---- slicing ----


def sliced(d: Draw, rank: int | None = None) -> tuple[np.ndarray, list[int], list[int]]:
    x = (d.numeric if rank else d.no_complex)(d.shape(rank or 1, rank or 4, largest=5))
    begin = [d.integer(0, n) for n in x.shape]
    size = [-1 if d.often(0.2) else d.integer(0, n - b) for n, b in zip(x.shape, begin, strict=True)]
    return x, begin, size


def slicing(d: Draw) -> list:
    x, begin, size = sliced(d)
    if d.often(0.2):
        return [x, begin[0], size[0]]
    return [x, begin, *d.options(size)]


describe(
    "slice", slicing, bad=[lambda d: [d.real((3,)), [2], [2]], lambda d: [d.real((3, 3)), [0, 4], [1, 1]]]
)
describe("slice1d", lambda d: [(s := sliced(d, 1))[0], s[1][0], s[2][0]])
describe("slice2d", lambda d: [*sliced(d, 2)])
describe("slice3d", lambda d: [*sliced(d, 3)])
describe("slice4d", lambda d: [*sliced(d, 4)])


def strided(d: Draw) -> list:
    x = d.real(d.shape(1, 4, empty=False, largest=5))
    rank = x.ndim
    masks = [int(d.rng.integers(0, 2**rank)) if d.flag() else 0 for _ in range(2)]
    one = 1 << d.integer(0, rank - 1)
    ellipsis, new_axis, shrink = d.choice((0, 0, 0), (0, 0, 0), (one, 0, 0), (0, one, 0), (0, 0, one))
    masks = [m & ~shrink for m in masks]
    strides = [1 if shrink >> i & 1 else d.choice(1, 1, 2, 3, -1, -2) for i in range(rank)]
    begin, end = [], []
    for n, stride in zip(x.shape, strides, strict=True):
        # No range is empty, and ends count from either side.
        first = d.integer(0, n - 1)
        last = d.integer(first + 1, n) if stride > 0 else d.integer(-1, first - 1)
        begin.append(first - n * d.flag())
        end.append(last - n if last < 0 or (last < n and d.flag()) else last)
    rest = [strides, *masks, ellipsis, new_axis, shrink]
    if any(s != 1 for s in strides) or shrink:
        return [x, begin, end, *rest]
    return [x, begin, end, *d.options(*rest)]


BAD_RANGES = [
    lambda d: [d.real((3,)), [0, 0], [1, 1]],
    lambda d: [d.real((3, 3)), [0, 0], [1]],
    lambda d: [d.real((3, 3)), [0, 0], [1, 1], [1, 0]],
    lambda d: [d.real((3, 3)), [0, 0], [1, 1], [1, 1], 0, 0, 3],
    lambda d: [d.real((3, 3)), [0, 0], [1, 1], [-1, 1], 0, 0, 0, 0, 1],
]
describe("stridedSlice", strided, bad=BAD_RANGES, kept=(4, 5, 6, 7, 8))

for rank in (1, 2, 3, 4):
    describe(
        f"reverse{rank}d",
        lambda d, rank=rank: [
            x := d.numeric(d.shape(rank, rank)),
            *([] if rank == 1 else d.options(d.axes(x.ndim))),
        ],
    )
describe("reverse", lambda d: [x := d.numeric(), *d.options(d.axes(x.ndim))])

# ---- gathering ----


def gathering(d: Draw) -> list:
    shape = d.shape(1, 4, empty=False)
    batch = d.integer(0, 1) if len(shape) > 1 and d.often(0.3) else 0
    axis = d.integer(batch, len(shape) - 1)
    lead = shape[:batch]
    indices = d.whole((*lead, *d.shape(0 if not batch else 1, 2, largest=3)), 0, shape[axis] - 1)
    x = d.numeric(shape)
    if batch:
        return [x, indices, axis, batch]
    return [x, indices, d.choice(axis, axis - len(shape))]


describe("gather", gathering, bad=[lambda d: [d.real((3,)), np.array([3], np.int32)]])


def places(d: Draw, shape: tuple[int, ...]) -> np.ndarray:
    depth = d.integer(1, len(shape))
    lead = d.shape(1, 2, empty=False)
    return np.stack([d.whole(lead, 0, n - 1) for n in shape[:depth]], -1)


def gather_nd(d: Draw) -> list:
    x = d.real(d.shape(1, 4, empty=False))
    return [x, places(d, x.shape)]


describe("gatherND", gather_nd)


def scatter_nd(d: Draw) -> list:
    shape = d.shape(1, 4, empty=False)
    indices = places(d, shape)
    rest = shape[indices.shape[-1] :]
    updates = d.choice(d.real, d.whole)((*indices.shape[:-1], *rest))
    return [indices, updates, list(shape)]


describe("scatterND", scatter_nd)


def scatter_update(d: Draw) -> list:
    shape = d.shape(1, 3, empty=False)
    depth = d.integer(1, len(shape))
    every = np.stack(np.meshgrid(*[np.arange(n) for n in shape[:depth]], indexing="ij"), -1).reshape(
        -1, depth
    )
    chosen = every[d.rng.permutation(len(every))[: d.integer(1, len(every))]].astype(np.int32)
    return [d.real(shape), chosen, d.real((len(chosen), *shape[depth:]))]


describe("tensorScatterUpdate", scatter_update)


def sparse_dense(d: Draw) -> list:
    shape = d.shape(1, 3, empty=False)
    every = np.stack(np.meshgrid(*[np.arange(n) for n in shape], indexing="ij"), -1).reshape(-1, len(shape))
    chosen = every[d.rng.permutation(len(every))[: d.integer(1, len(every))]].astype(np.int32)
    values = d.real((len(chosen),))
    return [chosen, values, list(shape), *d.options(np.float32(d.number(-1, 1)))]


describe("sparseToDense", sparse_dense)


def masking(d: Draw) -> list:
    x = d.numeric(d.shape(1, 4, empty=False))
    axis = d.integer(0, x.ndim - 1)
    depth = d.integer(1, x.ndim - axis)
    mask = d.truth(x.shape[axis : axis + depth])
    return [x, mask, axis] if axis or d.flag() else [x, mask]


describe("booleanMaskAsync", masking)
describe(
    "setdiff1dAsync",
    lambda d: [(k := d.choice(d.whole, d.whole))((d.integer(1, 6),)), k((d.integer(1, 4),))],
)

# ---- shapes ----


def reshaping(d: Draw) -> list:
    x = d.any()
    dims = list(d.rng.permutation(x.shape))
    dims = [int(n) for n in dims]
    if d.flag() and len(dims) > 1:
        dims = [dims[0] * dims[1], *dims[2:]]
    if d.flag() and x.size and dims:
        dims[d.integer(0, len(dims) - 1)] = -1
    return [x, dims + [1] * d.integer(0, 1)]


describe("reshape", reshaping, bad=[lambda d: [d.real((2, 3)), [4]], lambda d: [d.real((4,)), [-1, -1]]])
describe("expandDims", lambda d: [x := d.any(), *d.options(d.axis(x.ndim + 1))])


def squeezing(d: Draw) -> list:
    shape = tuple(1 if d.flag() else n for n in d.shape(0, 4))
    ones = [i - len(shape) * d.flag() for i, n in enumerate(shape) if n == 1 and d.flag()]
    return [d.any(shape), *d.options(ones)] if ones else [d.any(shape)]


describe("squeeze", squeezing, bad=[lambda d: [d.real((2, 3)), [0]]])
describe(
    "ensureShape",
    lambda d: [x := d.any(), [None if d.often(0.3) else n for n in x.shape]],
    bad=[lambda d: [d.real((2, 3)), [2, 4]]],
    js=Js("(x, s) => tf.ensureShape(x, s.map((n) => n ?? null))"),
)
describe(
    "transpose",
    lambda d: [x := d.complex() if d.often(0.1) else d.numeric(), *d.options(d.order(x.ndim))],
    bad=[lambda d: [d.real((2, 3)), [0]], lambda d: [d.real((2, 3)), [0, 2]]],
)
describe("tile", lambda d: [x := d.no_complex(), [d.integer(0 if d.often(0.1) else 1, 3) for _ in x.shape]])


def padding(rank: int | None):
    def draw(d: Draw) -> list:
        x = d.numeric(d.shape(1 if rank is None else rank, 4 if rank is None else rank), bools=False)
        pairs = [[d.integer(0, 2), d.integer(0, 2)] for _ in x.shape]
        return [x, pairs[0] if rank == 1 else pairs, *d.options(d.choice(0, 1, -2))]

    return draw


describe("pad", padding(None))
for rank in (1, 2, 3, 4):
    describe(f"pad{rank}d", padding(rank))


def mirroring(d: Draw) -> list:
    x = d.numeric(d.shape(1, 4, empty=False), bools=False)
    mode = d.choice("reflect", "symmetric")
    most = [n - (mode == "reflect") for n in x.shape]
    return [x, [[d.integer(0, n), d.integer(0, n)] for n in most], mode]


describe(
    "mirrorPad",
    mirroring,
    bad=[
        lambda d: [d.real((2,)), [[2, 0]], "reflect"],
        lambda d: [d.real((2,)), [[3, 0]], "symmetric"],
        lambda d: [d.real((2,)), [[1, 0]], "around"],
    ],
)


def broadcasting(d: Draw) -> list:
    whole = d.shape(0, 4, empty=False)
    return [d.numeric(d.part(whole)), list(whole)]


describe("broadcastTo", broadcasting, bad=[lambda d: [d.real((2, 3)), [2, 4]], lambda d: [d.real((2,)), []]])
describe("broadcastArgs", lambda d: [np.array(s, np.int32) for s in d.broadcast(2)])


def depth(d: Draw) -> list:
    block = d.integer(2, 3)
    n, h, w, c = (d.integer(1, 3) for _ in range(4))
    return [d.real((n, h, w, c * block * block)), block]


describe(
    "depthToSpace", depth, bad=[lambda d: [d.real((1, 2, 2, 3)), 2], lambda d: [d.real((1, 2, 2, 4)), 1]]
)


def to_batch(d: Draw) -> list:
    blocks = [d.integer(1, 3) for _ in range(d.integer(1, 2))]
    sizes, pads = [], []
    for block in blocks:
        size, before = d.integer(1, 4), d.integer(0, 2)
        pads.append([before, -(size + before) % block])
        sizes.append(size)
    return [d.real((d.integer(1, 2), *sizes, d.integer(1, 3))), blocks, pads]


describe("spaceToBatchND", to_batch)


def from_batch(d: Draw) -> list:
    blocks = [d.integer(1, 3) for _ in range(d.integer(1, 2))]
    sizes = [d.integer(1, 4) for _ in blocks]
    crops = [
        [a := d.integer(0, (s * b - 1) // 2), d.integer(0, s * b - 1 - a)]
        for s, b in zip(sizes, blocks, strict=True)
    ]
    return [d.real((d.integer(1, 2) * int(np.prod(blocks)), *sizes, d.integer(1, 3))), blocks, crops]


describe("batchToSpaceND", from_batch)

# ---- making tensors ----

DTYPES = ("float32", "int32", "bool")


def numbers(d: Draw, rank: int) -> list:
    """Numbers, nested or flat with a shape, and a dtype; not any number is a bool there."""
    dtype = d.choice(*DTYPES)
    shape = d.shape(rank, rank, empty=False)
    values = d.whole(shape, 0, 1) if dtype == "bool" else d.real(shape)
    given = dtype if dtype == "bool" else d.choice(None, dtype)
    if rank > 1 and d.flag():
        return [values.ravel().tolist(), list(shape), given]
    return [values.tolist(), *([] if rank == 1 else [None]), given]


describe(
    "tensor",
    lambda d: [d.numeric().tolist()] if d.flag() else numbers(d, d.integer(2, 4)),
    bad=[
        lambda d: [[1.0, 2.0, 3.0], [2, 2]],
        lambda d: [[[1.0, 2.0], [3.0]]],
        lambda d: [[1.0, 2.0], [2], "float99"],
    ],
)
describe("tensor1d", lambda d: numbers(d, 1), bad=[lambda d: [[[1.0]]]])
for rank in (2, 3, 4, 5, 6):
    describe(
        f"tensor{rank}d",
        lambda d, rank=rank: numbers(d, rank),
        bad=[lambda d: [[1.0, 2.0]], lambda d, rank=rank: [[1.0, 2.0], [1] * (rank - 1) + [3]]],
    )
describe(
    "scalar",
    lambda d: [d.choice(d.number(-3, 3), True, "text", d.integer(-3, 3)), *d.options(None)],
    bad=[lambda d: [[d.number(0, 1)]], lambda d: [[[1.0]], "float32"]],
)
describe("ones zeros", lambda d: [list(d.shape()), *d.options(d.choice(*DTYPES))])
describe(
    "fill",
    lambda d: (
        [list(d.shape()), d.choice(d.integer(-3, 3), d.number(-3, 3)), *d.options("float32")]
        if d.flag()
        else [list(d.shape()), d.choice("s", "text")]
    ),
)
describe(
    "eye", lambda d: [d.integer(1, 4), *d.options(d.integer(1, 4), d.choice([2], [2, 3]), d.choice(*DTYPES))]
)
describe("diag", lambda d: [d.real(d.shape(1, 3, empty=False, largest=3))])
describe(
    "linspace",
    lambda d: [d.number(-3, 3), d.number(-3, 3), d.integer(1, 9)],
    bad=[lambda d: [0, 1, d.integer(-3, 0)]],
)


def ranging(d: Draw) -> list:
    start, stop = d.integer(-5, 5), d.integer(-5, 5)
    step = d.choice(1, 2, 0.5) * (1 if stop >= start else -1)
    if step != int(step):
        return [start, stop, step, "float32"]
    return [start, stop, *d.options(int(step), d.choice("float32", "int32"))]


describe("range", ranging, bad=[lambda d: [0, 5, 0]])
describe(
    "oneHot",
    lambda d: [
        d.whole(d.shape(0, 3), -1, 5),
        d.integer(2, 5),
        *d.options(d.integer(1, 3), d.integer(-2, 0), d.choice("float32", "int32", "bool")),
    ],
    bad=[lambda d: [d.whole((3,)), 1], lambda d: [d.whole((3,)), 0]],
)


def buffer(shape: list[int], *rest):
    return function("buffer")(shape, *rest).toTensor()


describe("buffer", lambda d: [list(d.shape(1)), *d.options(d.choice(*DTYPES))], ours=buffer)


def variable(*arguments):
    made = function("variable")(*arguments)
    copy = function("clone")(made)
    made.dispose()
    return copy


describe("variable", lambda d: [d.numeric(), *d.options(d.flag(), None, None)], ours=variable)
describe(
    "print",
    lambda d: [d.any(), *d.options(d.flag())],
    js=Js("(x, verbose) => x.toString(verbose)"),
    ours=lambda x, *verbose: function("clone")(x).toString(*verbose),
)
