"""Windows, normalization, recurrent layers, images, losses, signals. ONNX has the channels second."""

from __future__ import annotations

from typing import Any

import numpy as np

import lamina as tf

from .node import Inexpressible, Node, adapter


def last(x: Any) -> Any:
    return tf.transpose(x, [0, *range(2, x.rank), 1])


def second(x: Any) -> Any:
    return tf.transpose(x, [0, x.rank - 1, *range(1, x.rank - 1)])


def window_pads(n: Node, kernel: list[int], strides: list[int], dilations: list[int]) -> list[list[int]]:
    """Begin and end of each dimension, from pads or auto_pad."""
    sizes = n.array(0).shape[2:]
    pads = n.get("pads") or [0] * (2 * len(sizes))
    mode = n.get("auto_pad", "NOTSET")
    if mode in ("NOTSET", "VALID"):
        return [[pads[i], pads[i + len(sizes)]] for i in range(len(sizes))]
    found = []
    for size, k, s, e in zip(sizes, kernel, strides, dilations, strict=True):
        total = max((-(-size // s) - 1) * s + (k - 1) * e + 1 - size, 0)
        small = total // 2
        found.append([small, total - small] if mode == "SAME_UPPER" else [total - small, small])
    return found


def padded(x: Any, pads: list[list[int]], value: float = 0) -> Any:
    """x has its channels last."""
    if not any(map(any, pads)):
        return x
    return tf.pad(x, [[0, 0], *pads, [0, 0]], value)


CONVOLVE = {1: tf.conv1d, 2: tf.conv2d, 3: tf.conv3d}


@adapter("Conv ConvInteger")
def convolution(n: Node):
    x, w = last(n.x(0)), n.x(1)
    if n.kind == "ConvInteger":
        x = tf.sub(tf.cast(x, "float32"), tf.cast(n.x(2), "float32")) if n.has(2) else tf.cast(x, "float32")
        w = tf.cast(w, "float32")
    rank = x.rank - 2
    kernel = list(w.shape[2:])
    strides, dilations = n.get("strides") or [1] * rank, n.get("dilations") or [1] * rank
    pads = window_pads(n, kernel, strides, dilations)
    if n.kind == "ConvInteger" and any(map(any, pads)):
        raise Inexpressible("padding knows no zero point")
    x = padded(x, pads)
    groups = n.get("group", 1)
    filters = tf.transpose(w, [*range(2, rank + 2), 1, 0])
    options = (strides, "valid", {1: "NWC", 2: "NHWC", 3: "NDHWC"}[rank], dilations)
    if rank == 1:
        options = (strides[0], "valid", "NWC", dilations[0])
    parts = [
        CONVOLVE[rank](a, f, *options)
        for a, f in zip(tf.split(x, groups, rank + 1), tf.split(filters, groups, rank + 1), strict=True)
    ]
    y = tf.concat(parts, rank + 1)
    y = second(tf.add(y, n.x(2)) if n.has(2) and n.kind == "Conv" else y)
    return tf.cast(y, "int32") if n.kind == "ConvInteger" else y


@adapter("ConvTranspose")
def transposed(n: Node):
    x, w = last(n.x(0)), n.x(1)
    rank = x.rank - 2
    if any(d != 1 for d in n.get("dilations") or [1]) or n.get("group", 1) != 1:
        raise Inexpressible("transposed convolutions have neither dilations nor groups")
    strides = n.get("strides") or [1] * rank
    extra = n.get("output_padding") or [0] * rank
    kernel = list(w.shape[2:])
    filters = tf.transpose(w, [*range(2, rank + 2), 1, 0])
    whole = [(size - 1) * s + k for size, s, k in zip(x.shape[1:-1], strides, kernel, strict=True)]
    batch, out = x.shape[0], w.shape[1]
    if rank == 1:
        x, filters = tf.expandDims(x, 1), tf.expandDims(filters, 0)
        y = tf.conv2dTranspose(x, filters, [batch, 1, *whole, out], [1, *strides], "valid")
        y = tf.squeeze(y, [1])
    else:
        convolve = tf.conv2dTranspose if rank == 2 else tf.conv3dTranspose
        y = convolve(x, filters, [batch, *whole, out], strides, "valid")
    pads = n.get("pads") or [0] * (2 * rank)
    wanted = n.get("output_shape")
    mode = n.get("auto_pad", "NOTSET")
    if mode.startswith("SAME") and not wanted:
        wanted = [size * s for size, s in zip(n.array(0).shape[2:], strides, strict=True)]
    y = padded(y, [[0, e] for e in extra])
    if wanted:
        over = [have + e - want for have, e, want in zip(whole, extra, wanted, strict=True)]
        if min(over) < 0:
            y = padded(y, [[0, max(-o, 0)] for o in over])
        over = [max(o, 0) for o in over]
        begin = [o // 2 if mode != "SAME_LOWER" else o - o // 2 for o in over]
        sizes = list(wanted)
    else:
        begin = pads[:rank]
        sizes = [y.shape[1 + i] - pads[i] - pads[i + rank] for i in range(rank)]
    y = tf.slice(y, [0, *begin, 0], [batch, *sizes, out])
    return second(tf.add(y, n.x(2)) if n.has(2) else y)


def pooled(x: Any, kind: str, kernel: list[int], strides: list[int], dilations: list[int]) -> Any:
    """A pool without padding."""
    rank = x.rank - 2
    if rank == 1:
        y = pooled(tf.expandDims(x, 1), kind, [1, *kernel], [1, *strides], [1, *dilations])
        return tf.squeeze(y, [1])
    if rank == 2:
        return tf.pool(x, kernel, kind, "valid", dilations, strides)
    if any(d != 1 for d in dilations):
        raise Inexpressible("pools in three dimensions have no dilations")
    return (tf.maxPool3d if kind == "max" else tf.avgPool3d)(x, kernel, strides, "valid")


@adapter("MaxPool AveragePool LpPool")
def pool(n: Node):
    if n.outputs > 1:
        raise Inexpressible("places are counted with the channels first")
    kernel = list(n.get("kernel_shape"))
    rank = len(kernel)
    strides, dilations = n.get("strides") or [1] * rank, n.get("dilations") or [1] * rank
    if any(d != 1 for d in dilations) and any(s != 1 for s in strides):
        raise Inexpressible("a window has strides or dilations")
    pads = window_pads(n, kernel, strides, dilations)
    x = tf.cast(last(n.x()), "float32")
    over = [0] * rank
    if n.get("ceil_mode", 0):
        for i, (size, k, s, e) in enumerate(zip(x.shape[1:-1], kernel, strides, dilations, strict=True)):
            reach, room = (k - 1) * e + 1, size + sum(pads[i])
            count = -(-(room - reach) // s) + 1
            # The last window must begin within the input.
            count -= (count - 1) * s >= size + pads[i][0]
            over[i] = max((count - 1) * s + reach - room, 0)
    whole = [[a, b + o] for (a, b), o in zip(pads, over, strict=True)]
    if n.kind == "MaxPool":
        y = pooled(padded(x, whole, -np.inf), "max", kernel, strides, dilations)
        return second(tf.cast(y, n.x().dtype))
    if n.kind == "LpPool":
        p = n.get("p", 2)
        area = float(np.prod(kernel))
        mean = pooled(padded(tf.pow(tf.abs(x), float(p)), whole), "avg", kernel, strides, dilations)
        return second(tf.pow(tf.mul(mean, area), 1 / p))
    ones = tf.onesLike(x)
    counted = padded(ones, pads, 1) if n.get("count_include_pad", 0) else padded(ones, pads)
    counted = padded(counted, [[0, o] for o in over])
    total = pooled(padded(x, whole), "avg", kernel, strides, dilations)
    return second(tf.div(total, pooled(counted, "avg", kernel, strides, dilations)))


@adapter("GlobalAveragePool GlobalMaxPool")
def global_pool(n: Node):
    reduce = tf.mean if n.kind == "GlobalAveragePool" else tf.max
    return reduce(n.x(), list(range(2, n.rank())), True)


# ---- normalization ----


@adapter("Softmax LogSoftmax")
def softmax(n: Node):
    axis, rank = n.get("axis", -1) % n.rank(), n.rank()
    order = [i for i in range(rank) if i != axis] + [axis]
    y = (tf.softmax if n.kind == "Softmax" else tf.logSoftmax)(tf.transpose(n.x(), order))
    return tf.transpose(y, np.argsort(order).tolist())


@adapter("BatchNormalization")
def batch_norm(n: Node):
    x, epsilon = n.x(), n.get("epsilon", 1e-5)
    scale, offset, mean, variance = (n.x(i) for i in range(1, 5))
    if not n.get("training_mode", 0):
        return second(tf.batchNorm(last(x), mean, variance, offset, scale, epsilon))
    momentum = n.get("momentum", 0.9)
    now = tf.moments(last(x), list(range(x.rank - 1)))
    y = second(tf.batchNorm(last(x), now.mean, now.variance, offset, scale, epsilon))
    moved = [
        tf.add(tf.mul(old, momentum), tf.mul(new, 1 - momentum))
        for old, new in ((mean, now.mean), (variance, now.variance))
    ]
    return [y, *moved][: n.outputs]


def standardized(x: Any, axes: list[int], epsilon: float) -> tuple[Any, Any, Any]:
    found = tf.moments(x, axes, True)
    scale = tf.rsqrt(tf.add(found.variance, epsilon))
    return tf.mul(tf.sub(x, found.mean), scale), found.mean, scale


@adapter("InstanceNormalization")
def instance_norm(n: Node):
    y, _, _ = standardized(n.x(), list(range(2, n.rank())), n.get("epsilon", 1e-5))
    per_channel = [-1] + [1] * (n.rank() - 2)
    return tf.add(tf.mul(y, tf.reshape(n.x(1), per_channel)), tf.reshape(n.x(2), per_channel))


@adapter("GroupNormalization")
def group_norm(n: Node):
    groups, x = n.get("num_groups"), n.x()
    b, c, *rest = x.shape
    y, _, _ = standardized(tf.reshape(x, [b, groups, -1]), [2], n.get("epsilon", 1e-5))
    per_channel = [c] + [1] * len(rest)
    y = tf.reshape(y, [b, c, *rest])
    return tf.add(tf.mul(y, tf.reshape(n.x(1), per_channel)), tf.reshape(n.x(2), per_channel))


@adapter("LayerNormalization")
def layer_norm(n: Node):
    axis = n.get("axis", -1) % n.rank()
    y, mean, scale = standardized(n.x(), list(range(axis, n.rank())), n.get("epsilon", 1e-5))
    y = tf.mul(y, n.x(1))
    return [tf.add(y, n.x(2)) if n.has(2) else y, mean, scale][: n.outputs]


@adapter("RMSNormalization")
def rms_norm(n: Node):
    axis = n.get("axis", -1) % n.rank()
    squares = tf.mean(tf.square(n.x()), list(range(axis, n.rank())), True)
    return tf.mul(tf.mul(n.x(), tf.rsqrt(tf.add(squares, n.get("epsilon", 1e-5)))), n.x(1))


@adapter("MeanVarianceNormalization")
def mean_variance(n: Node):
    axes = list(n.get("axes") or [0, 2, 3])
    return standardized(n.x(), axes, 1e-9)[0]


@adapter("LRN")
def local_response(n: Node):
    size = n.get("size")
    alpha, beta, bias = n.get("alpha", 1e-4), n.get("beta", 0.75), n.get("bias", 1.0)
    if size % 2 == 0:
        raise Inexpressible("a window has as much on either side")
    return second(tf.localResponseNormalization(last(n.x()), size // 2, bias, alpha / size, beta))


@adapter("LpNormalization")
def lp_norm(n: Node):
    axis = n.get("axis", -1)
    length = tf.norm(n.x(), n.get("p", 2), axis, True)
    return tf.divNoNan(n.x(), length)


# ---- recurrent ----


@adapter("LSTM")
def lstm(n: Node):
    if n.has(7) or n.get("direction", "forward") == "bidirectional" or n.has(4) or n.get("clip"):
        raise Inexpressible("no peepholes, two directions at once, lengths or limits")
    x, units, gates = _sequence(n, 4)
    w, r, b = (_gates(m, units, [0, 2, 3, 1]) for m in gates)
    backwards = n.get("direction", "forward") == "reverse"
    initial = [_state(n, i, x, units) for i in (5, 6)]
    layer = tf.layers.lstm(units=units, recurrentActivation="sigmoid", returnSequences=True, returnState=True,
                           goBackwards=backwards)  # fmt: skip
    return _layer(n, layer, x, [w, r, b], initial, backwards)


@adapter("GRU")
def gru(n: Node):
    if n.get("direction", "forward") == "bidirectional" or n.has(4) or n.get("linear_before_reset", 0):
        raise Inexpressible("no two directions at once, lengths, or a reset after the product")
    x, units, (w, r, b) = _sequence(n, 3)

    def step(now: Any, states: list[Any]) -> list[Any]:
        (h,) = states
        z, reset, _ = tf.split(tf.add(now, tf.matMul(h, r)), 3, 1)
        z, reset = tf.sigmoid(z), tf.sigmoid(reset)
        third = tf.slice(now, [0, 2 * units], [-1, units])
        new = tf.tanh(tf.add(third, tf.matMul(tf.mul(reset, h), r[:, 2 * units :])))
        return [tf.add(tf.mul(tf.sub(1, z), new), tf.mul(z, h))]

    return _loop(n, x, w, b, [_state(n, 5, x, units)], step)


@adapter("RNN")
def rnn(n: Node):
    if n.get("direction", "forward") == "bidirectional" or n.has(4):
        raise Inexpressible("no two directions at once, or lengths")
    x, units, (w, r, b) = _sequence(n, 1)
    step = lambda now, states: [tf.tanh(tf.add(now, tf.matMul(states[0], r)))]  # noqa: E731
    return _loop(n, x, w, b, [_state(n, 5, x, units)], step)


def _loop(n: Node, x: np.ndarray, w: Any, b: Any, states: list[Any], step: Any) -> list[Any]:
    """One step after the other, of ops."""
    backwards = n.get("direction", "forward") == "reverse"
    found = []
    for t in reversed(range(x.shape[1])) if backwards else range(x.shape[1]):
        states = step(tf.add(tf.matMul(np.ascontiguousarray(x[:, t]), w), b), states)
        found.append(states[0])
    y = np.asarray(tf.stack(found[::-1] if backwards else found, 1))
    return _arranged(n, y, [np.asarray(s) for s in states])


def _sequence(n: Node, gates: int) -> tuple[np.ndarray, int, list[np.ndarray]]:
    """The input [batch, time, features], and kernel, recurrent kernel and bias by the gates' columns."""
    x = n.array(0) if n.get("layout", 0) else n.array(0).transpose(1, 0, 2)
    units = n.get("hidden_size")
    w, r = n.array(1)[0].T, n.array(2)[0].T
    b = n.array(3)[0] if n.has(3) else np.zeros(2 * gates * units, np.float32)
    return x, units, [w, r, b[: gates * units] + b[gates * units :]]


def _gates(m: np.ndarray, units: int, order: list[int]) -> np.ndarray:
    return np.concatenate([m[..., i * units : (i + 1) * units] for i in order], -1)


def _state(n: Node, i: int, x: np.ndarray, units: int) -> np.ndarray:
    if not n.has(i):
        return np.zeros((x.shape[0], units), np.float32)
    return n.array(i)[:, 0] if n.get("layout", 0) else n.array(i)[0]


def _layer(n: Node, layer: Any, x: np.ndarray, weights: list, states: list, backwards: bool) -> list[Any]:
    given = tf.tensor(np.ascontiguousarray(x, np.float32))
    initial = [tf.tensor(np.ascontiguousarray(s, np.float32)) for s in states]
    layer.build(list(given.shape))
    layer.setWeights([tf.tensor(np.ascontiguousarray(w, np.float32)) for w in weights])
    y, *ends = layer.apply(given, {"initialState": initial})
    y = np.asarray(y)
    return _arranged(n, y[:, ::-1] if backwards else y, [np.asarray(e) for e in ends])


def _arranged(n: Node, y: np.ndarray, states: list[np.ndarray]) -> list[np.ndarray]:
    """Outputs [batch, time, units] and last states, with an axis for the direction."""
    batch_first = n.get("layout", 0)
    sequence = y[:, :, None] if batch_first else y.transpose(1, 0, 2)[:, None]
    ends = [s[:, None] if batch_first else s[None] for s in states]
    return [np.ascontiguousarray(sequence), *ends][: n.outputs]


# ---- images, boxes, signals, losses ----


@adapter("Resize Upsample")
def resize(n: Node):
    mode, transform = n.get("mode", "nearest"), n.get("coordinate_transformation_mode", "half_pixel")
    if n.kind == "Upsample":
        transform = "asymmetric"
    scales = n.array(2 if n.kind == "Resize" else 1) if n.has(2) or n.kind == "Upsample" else np.zeros(0)
    if (
        n.rank() != 4
        or n.get("axes")
        or n.get("antialias", 0)
        or n.get("keep_aspect_ratio_policy", "stretch") != "stretch"
    ):
        raise Inexpressible("images are resized along height and width, without smoothing")
    sizes = (
        n.ints(3)[2:]
        if n.has(3)
        else [int(np.floor(s * k)) for s, k in zip(n.array(0).shape[2:], scales[2:], strict=True)]
    )
    if scales.size and any(
        round(s * k) != s * k for s, k in zip(n.array(0).shape[2:], scales[2:], strict=True)
    ):
        raise Inexpressible("the scale follows from the sizes")
    flags = {"asymmetric": (False, False), "align_corners": (True, False), "half_pixel": (False, True)}
    if transform not in flags or mode not in ("nearest", "linear"):
        raise Inexpressible("there is no such way to resize")
    rounding = {
        "asymmetric": "floor",
        "align_corners": "round_prefer_ceil",
        "half_pixel": "floor of the half",
    }
    if (
        mode == "nearest"
        and n.kind == "Resize"
        and n.get("nearest_mode", "round_prefer_floor") != rounding[transform]
    ):
        raise Inexpressible("there is no such way to round")
    function = tf.image.resizeNearestNeighbor if mode == "nearest" else tf.image.resizeBilinear
    return second(function(last(n.x()), sizes, *flags[transform]))


@adapter("NonMaxSuppression")
def suppression(n: Node):
    limit = n.ints(2)[0] if n.has(2) else 0
    iou, score = n.number(3, 0.0), n.number(4, float("-inf"))
    boxes, scores = n.array(0), n.array(1)
    if n.get("center_point_box", 0):
        x, y, w, h = np.moveaxis(boxes, -1, 0)
        boxes = np.stack([y - h / 2, x - w / 2, y + h / 2, x + w / 2], -1)
    found = []
    for batch in range(boxes.shape[0]):
        for kind in range(scores.shape[1]):
            kept = tf.image.nonMaxSuppression(boxes[batch], scores[batch, kind], limit, iou, score)
            found += [[batch, kind, int(i)] for i in np.asarray(kept)]
    return np.asarray(found, np.int64).reshape(-1, 3)


@adapter("HannWindow HammingWindow")
def windows(n: Node):
    length = n.ints(0)[0]
    function = tf.signal.hannWindow if n.kind == "HannWindow" else tf.signal.hammingWindow
    if n.kind == "HammingWindow":
        raise Inexpressible("the constants are 25/46 there and 0.54 here")
    if n.get("periodic", 1):
        return function(length)
    raise Inexpressible("windows are periodic")


@adapter("NegativeLogLikelihoodLoss SoftmaxCrossEntropyLoss")
def class_loss(n: Node):
    x, labels = n.x(0), n.array(1)
    scores = last(x)
    classes = scores.shape[-1]
    if n.kind == "SoftmaxCrossEntropyLoss":
        scores = tf.logSoftmax(scores)
    ignored = n.get("ignore_index")
    weights = n.array(2) if n.has(2) else np.ones(classes, np.float32)
    safe = np.where(labels == ignored, 0, labels) if ignored is not None else labels
    each = weights[safe] * (labels != ignored if ignored is not None else 1)
    hot = tf.oneHot(tf.tensor(safe.astype(np.int32)), classes, 1, 0, "float32")
    losses = tf.neg(tf.sum(tf.mul(hot, scores), -1))
    reduction = {"none": 0, "mean": 1, "sum": 2}[n.get("reduction", "mean")]
    loss = tf.losses.computeWeightedLoss(losses, each.astype(np.float32), reduction)
    return [loss, second(scores)][: n.outputs]
