"""Shapes, slices, gathering, reductions, products."""

from __future__ import annotations

import numpy as np

import lamina as tf

from .node import Inexpressible, Node, adapter, as_held, tensor

# ---- reductions ----

REDUCED = {
    "ReduceMax": tf.max, "ReduceMin": tf.min, "ReduceMean": tf.mean, "ReduceProd": tf.prod,
    "ReduceSum": tf.sum,
    "ReduceLogSumExp": tf.logSumExp,
    "ReduceL1": lambda x, axes, keep: tf.sum(tf.abs(x), axes, keep),
    "ReduceL2": lambda x, axes, keep: tf.sqrt(tf.sum(tf.square(x), axes, keep)),
    "ReduceSumSquare": lambda x, axes, keep: tf.sum(tf.square(x), axes, keep),
    "ReduceLogSum": lambda x, axes, keep: tf.log(tf.sum(x, axes, keep)),
}  # fmt: skip


def _reduction(n: Node, reduce):
    axes = n.get("axes")
    if n.has(1):
        axes = n.ints(1)
    if not axes:
        if n.get("noop_with_empty_axes", 0):
            axes = []
            # Each element is reduced by itself.
            return tf.squeeze(reduce(tf.expandDims(n.x(), 0), [0], True), [0])
        axes = None
    return reduce(n.x(), None if axes is None else [int(a) for a in axes], bool(n.get("keepdims", 1)))


for _name, _function in REDUCED.items():
    adapter(_name)(lambda n, f=_function: _reduction(n, f))


@adapter("ArgMax ArgMin")
def place_of(n: Node):
    axis, keep = n.get("axis", 0), n.get("keepdims", 1)
    find = tf.argMax if n.kind == "ArgMax" else tf.argMin
    x = n.x()
    if n.get("select_last_index", 0):
        size = x.shape[axis]
        found = tf.sub(size - 1, find(tf.reverse(x, [axis]), axis))
        found = tf.cast(found, "int32")
    else:
        found = find(x, axis)
    return tf.expandDims(found, axis if axis >= 0 else axis + x.rank) if keep else found


@adapter("CumSum CumProd")
def scan(n: Node):
    cumulative = tf.cumsum if n.kind == "CumSum" else tf.cumprod
    return cumulative(n.x(), n.ints(1)[0], bool(n.get("exclusive", 0)), bool(n.get("reverse", 0)))


@adapter("TopK")
def top(n: Node):
    k, axis = n.ints(1)[0], n.get("axis", -1)
    x = n.x()
    order = [i for i in range(x.rank) if i != axis % x.rank] + [axis % x.rank]
    back = np.argsort(order).tolist()
    moved = tf.transpose(x, order)
    if n.get("largest", 1):
        values, indices = tf.topk(moved, k).values, tf.topk(moved, k).indices
    else:
        found = tf.topk(tf.neg(moved), k)
        values, indices = tf.neg(found.values), found.indices
    return [tf.transpose(values, back), tf.transpose(indices, back)]


@adapter("Hardmax")
def hardmax(n: Node):
    axis = n.get("axis", -1) % n.rank()
    depth = n.x().shape[axis]
    hot = tf.oneHot(tf.argMax(n.x(), axis), depth, 1, 0, "float32")
    order = [*range(axis), n.rank() - 1, *range(axis, n.rank() - 1)]
    return tf.transpose(hot, order)


# ---- shapes ----


@adapter("Reshape")
def reshape(n: Node):
    sizes = n.ints(1)
    if not n.get("allowzero", 0):
        sizes = [n.array(0).shape[i] if size == 0 else size for i, size in enumerate(sizes)]
    return tf.reshape(n.x(), sizes)


@adapter("Flatten")
def flatten(n: Node):
    axis = n.get("axis", 1)
    axis += n.rank() * (axis < 0)
    return tf.reshape(n.x(), [int(np.prod(n.array(0).shape[:axis])), int(np.prod(n.array(0).shape[axis:]))])


@adapter("Squeeze")
def squeeze(n: Node):
    return tf.squeeze(n.x(), n.ints(1)) if n.has(1) else tf.squeeze(n.x())


@adapter("Unsqueeze")
def unsqueeze(n: Node):
    axes = n.ints(1)
    rank = n.rank() + len(axes)
    x = n.x()
    for axis in sorted(a % rank for a in axes):
        x = tf.expandDims(x, axis)
    return x


@adapter("Transpose")
def transpose(n: Node):
    return tf.transpose(n.x(), n.get("perm"))


@adapter("Expand")
def expand(n: Node):
    return tf.broadcastTo(n.x(), list(np.broadcast_shapes(n.array(0).shape, tuple(n.ints(1)))))


@adapter("Tile")
def tile(n: Node):
    return tf.tile(n.x(), n.ints(1))


@adapter("Concat")
def concat(n: Node):
    return tf.concat(n.every(), n.get("axis"))


@adapter("Split")
def split(n: Node):
    axis = n.get("axis", 0)
    size = n.array(0).shape[axis]
    if n.has(1):
        return tf.split(n.x(), n.ints(1), axis)
    count = n.get("num_outputs", n.outputs)
    part = -(-size // count)
    sizes = [part] * (size // part)
    sizes += [size - sum(sizes)] * (count > len(sizes))
    return tf.split(n.x(), sizes, axis)


@adapter("Pad")
def pad(n: Node):
    x, axes = n.x(), n.ints(3) if n.has(3) else list(range(n.rank()))
    amounts = n.ints(1)
    pairs = [[0, 0] for _ in range(n.rank())]
    for i, axis in enumerate(axes):
        pairs[axis] = [amounts[i], amounts[i + len(axes)]]
    mode = n.get("mode", "constant")
    if mode == "reflect":
        return tf.mirrorPad(x, pairs, "reflect")
    if mode != "constant":
        raise Inexpressible(f"there is no padding of mode {mode}")
    if min(min(pair) for pair in pairs) < 0:
        raise Inexpressible("padding does not cut")
    return tf.pad(x, pairs, n.number(2, 0))


@adapter("Slice")
def slices(n: Node):
    x = n.x()
    starts, ends = n.ints(1), n.ints(2)
    axes = n.ints(3) if n.has(3) else list(range(len(starts)))
    steps = n.ints(4) if n.has(4) else [1] * len(starts)
    begin, end, strides = [0] * x.rank, list(x.shape), [1] * x.rank
    for axis, start, stop, step in zip(axes, starts, ends, steps, strict=True):
        begin[axis], end[axis], strides[axis] = start, stop, step
    ends_beyond = [0 if s < 0 and e < -size else e for e, s, size in zip(end, strides, x.shape, strict=True)]
    mask = sum(
        1 << i
        for i, (e, s, size) in enumerate(zip(end, strides, x.shape, strict=True))
        if s < 0 and e < -size
    )
    return tf.stridedSlice(x, begin, ends_beyond, strides, 0, mask)


@adapter("Shape")
def shape_of(n: Node):
    sizes = n.array(0).shape
    start, end = n.get("start", 0), n.get("end", len(sizes))
    return tf.tensor(list(sizes[start:end]), [len(sizes[start:end])], "int32")


@adapter("Size")
def size_of(n: Node):
    return tf.scalar(n.x().size, "int32")


@adapter("DepthToSpace")
def depth_to_space(n: Node):
    block = n.get("blocksize")
    if n.get("mode", "DCR") == "DCR":
        return tf.transpose(tf.depthToSpace(tf.transpose(n.x(), [0, 2, 3, 1]), block), [0, 3, 1, 2])
    b, c, h, w = n.array(0).shape
    parts = tf.reshape(n.x(), [b, c // block**2, block, block, h, w])
    moved = tf.transpose(parts, [0, 1, 4, 2, 5, 3])
    return tf.reshape(moved, [b, c // block**2, h * block, w * block])


@adapter("SpaceToDepth")
def space_to_depth(n: Node):
    if n.get("mode", "DCR") != "DCR":
        raise Inexpressible("blocks come before the channels")
    moved = tf.transpose(n.x(), [0, 2, 3, 1])
    return tf.transpose(tf.spaceToDepth(moved, n.get("blocksize")), [0, 3, 1, 2])


@adapter("Trilu")
def triangle(n: Node):
    k = n.ints(1)[0] if n.has(1) else 0
    rows, columns = n.array(0).shape[-2:]
    below = tf.expandDims(tf.range(0, rows, 1, "int32"), 1)
    across = tf.range(0, columns, 1, "int32")
    limit = tf.add(below, tf.scalar(k, "int32"))
    kept = tf.greaterEqual(across, limit) if n.get("upper", 1) else tf.lessEqual(across, limit)
    return tf.where(kept, n.x(), tf.zerosLike(n.x()))


# ---- making tensors ----


KINDS_OF_CONSTANTS = {
    "value": None, "value_float": np.float32, "value_floats": np.float32, "value_int": np.int64,
    "value_ints": np.int64, "value_string": object, "value_strings": object,
}  # fmt: skip


@adapter("Constant")
def constant(n: Node):
    for name, kind in KINDS_OF_CONSTANTS.items():
        if name in n.attributes:
            return tensor(as_held(np.asarray(n.get(name), kind)))
    raise Inexpressible("there is no such constant")


@adapter("ConstantOfShape")
def filled(n: Node):
    value = np.asarray(n.get("value", np.zeros(1, np.float32)))
    kind = {"f": "float32", "i": "int32", "u": "int32", "b": "bool"}[value.dtype.kind]
    return tf.fill(n.ints(0), value.ravel()[0].item(), kind)


@adapter("EyeLike")
def eye(n: Node):
    rows, columns = n.array(0).shape
    k = n.get("k", 0)
    kinds = {1: "float32", 6: "int32", 7: "int32", 9: "bool", 11: "float32"}
    below = tf.expandDims(tf.range(0, rows, 1, "int32"), 1)
    hit = tf.equal(tf.range(0, columns, 1, "int32"), tf.add(below, tf.scalar(k, "int32")))
    return tf.cast(hit, kinds[n.get("dtype", 1 if n.array(0).dtype.kind == "f" else 6)])


@adapter("Range")
def ranging(n: Node):
    kind = "float32" if n.array(0).dtype.kind == "f" else "int32"
    return tf.range(*(n.array(i).item() for i in range(3)), kind)


@adapter("OneHot")
def one_hot(n: Node):
    depth = int(n.array(1).ravel()[0])
    off, on = (v.item() for v in n.array(2))
    indices = tf.cast(n.x(0), "int32")
    indices = tf.where(
        tf.less(indices, tf.scalar(0, "int32")), tf.add(indices, tf.scalar(depth, "int32")), indices
    )
    kind = "float32" if n.array(2).dtype.kind == "f" else "int32"
    hot = tf.oneHot(indices, depth, on, off, kind)
    axis = n.get("axis", -1) % hot.rank
    return tf.transpose(hot, [*range(axis), hot.rank - 1, *range(axis, hot.rank - 1)])


# ---- gathering ----


def _positive(indices, size: int):
    return tf.where(
        tf.less(indices, tf.scalar(0, "int32")), tf.add(indices, tf.scalar(size, "int32")), indices
    )


@adapter("Gather")
def gather(n: Node):
    axis = n.get("axis", 0)
    return tf.gather(n.x(0), _positive(n.x(1), n.array(0).shape[axis]), axis)


@adapter("GatherND")
def gather_nd(n: Node):
    if n.get("batch_dims", 0):
        raise Inexpressible("gatherND knows no batches")
    return tf.gatherND(n.x(0), _each_positive(n))


def _each_positive(n: Node):
    indices = n.array(1)
    sizes = np.asarray(n.array(0).shape[: indices.shape[-1]])
    return tensor(np.where(indices < 0, indices + sizes, indices).astype(np.int32))


def _element_places(n: Node):
    """Of each element of the indices its coordinates in the data."""
    indices, axis = n.array(1), n.get("axis", 0) % n.rank()
    places = list(np.indices(indices.shape))
    places[axis] = np.where(indices < 0, indices + n.array(0).shape[axis], indices)
    return tensor(np.stack(places, -1).astype(np.int32))


@adapter("GatherElements")
def gather_elements(n: Node):
    return tf.gatherND(n.x(0), _element_places(n))


@adapter("ScatterElements Scatter")
def scatter_elements(n: Node):
    if n.get("reduction", "none") == "none":
        return tf.tensorScatterUpdate(n.x(0), _element_places(n), n.x(2))
    if n.get("reduction") == "add":
        return tf.add(n.x(0), tf.scatterND(_element_places(n), n.x(2), list(n.array(0).shape)))
    raise Inexpressible("scattering adds or replaces")


@adapter("ScatterND")
def scatter_nd(n: Node):
    if n.get("reduction", "none") == "none":
        return tf.tensorScatterUpdate(n.x(0), _each_positive(n), n.x(2))
    if n.get("reduction") == "add":
        return tf.add(n.x(0), tf.scatterND(_each_positive(n), n.x(2), list(n.array(0).shape)))
    raise Inexpressible("scattering adds or replaces")


@adapter("NonZero")
def non_zero(n: Node):
    return tf.transpose(tf.whereAsync(tf.cast(n.x(), "bool")).result())


@adapter("Compress")
def compress(n: Node):
    axis = n.get("axis")
    x = n.x() if axis is not None else tf.reshape(n.x(), [-1])
    axis = 0 if axis is None else axis % n.rank()
    mask = np.zeros(x.shape[axis], bool)
    mask[: len(n.array(1))] = n.array(1)
    return tf.booleanMaskAsync(x, mask, axis).result()


@adapter("Unique")
def unique(n: Node):
    if n.outputs > 1 or n.get("sorted", 1):
        raise Inexpressible("unique values come in the order in which they are met")
    return tf.unique(n.x(), n.get("axis", 0)).values


# ---- products ----


def _matrices(a, b):
    """Vectors become matrices, and batches of one matrix spread, as NumPy does."""
    first, second = a.rank == 1, b.rank == 1
    a, b = (tf.expandDims(a, 0) if first else a), (tf.expandDims(b, 1) if second else b)
    y = tf.matMul(a, b)
    y = tf.squeeze(y, [y.rank - 1]) if second else y
    return tf.squeeze(y, [y.rank - (1 if second else 2)]) if first else y


@adapter("MatMul MatMulInteger")
def product(n: Node):
    a, b = n.x(0), n.x(1)
    if n.kind == "MatMulInteger":
        a, b = (tf.sub(x, n.x(i)) if n.has(i) else x for x, i in ((a, 2), (b, 3)))
    return _matrices(a, b)


@adapter("Gemm")
def gemm(n: Node):
    y = tf.matMul(n.x(0), n.x(1), bool(n.get("transA", 0)), bool(n.get("transB", 0)))
    y = tf.mul(y, n.get("alpha", 1.0))
    return tf.add(y, tf.mul(n.x(2), n.get("beta", 1.0))) if n.has(2) else y


@adapter("Einsum")
def einsum(n: Node):
    equation = n.get("equation").replace(" ", "")
    if "..." in equation or "->" not in equation:
        raise Inexpressible("there is no such notation")
    return tf.einsum(equation, *n.every())
