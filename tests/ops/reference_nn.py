"""The neural network ops in NumPy, from their definitions."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from .rows_unary import elu, selu, sigmoid, softplus

ROUND = {None: math.floor, "floor": math.floor, "ceil": math.ceil, "round": round}

ACTIVATIONS = {
    "linear": lambda x: x,
    "relu": lambda x: np.maximum(x, 0),
    "relu6": lambda x: np.clip(x, 0, 6),
    "elu": elu,
    "selu": selu,
    "sigmoid": sigmoid,
    "tanh": np.tanh,
    "hardSigmoid": lambda x: np.clip(0.2 * x + 0.5, 0, 1),
    "softplus": softplus,
    "softsign": lambda x: x / (1 + np.abs(x)),
    "swish": lambda x: x * sigmoid(x),
}


def activate(x: np.ndarray, activation: str, alpha: float = 0.2) -> np.ndarray:
    if activation == "leakyRelu":
        return np.where(x > 0, x, alpha * x)
    return ACTIVATIONS[activation](x)


# ---- windows -----------------------------------------------------------------------------------------------


def pair(value: Any) -> list[int]:
    return [value, value] if isinstance(value, int) else list(value) * (2 // len(value))


class Windows:
    """Where the windows over an image [n, h, w, c] lie: one for each tap of the filter."""

    def __init__(
        self, image: Any, size: Any, strides: Any, pad: Any, dilations: Any = 1, mode: Any = None
    ) -> None:
        self.size, self.strides, self.dilations = pair(size), pair(strides), pair(dilations)
        self.image = tuple(image)
        self.before, self.out = [], []
        for i in range(2):
            before, after = self._padding(i, pad)
            room = self.image[i] + before + after - ((self.size[i] - 1) * self.dilations[i] + 1)
            self.before.append(before)
            self.out.append(max(ROUND[mode](room / self.strides[i]) + 1, 0))

    def _padding(self, i: int, pad: Any) -> tuple[int, int]:
        if pad == "valid":
            return 0, 0
        if pad == "same":
            reach = (self.size[i] - 1) * self.dilations[i] + 1
            out = -(-self.image[i] // self.strides[i])
            total = max((out - 1) * self.strides[i] + reach - self.image[i], 0)
            return total // 2, total - total // 2
        if isinstance(pad, int):
            return pad, pad
        return tuple(np.reshape(pad, (4, 2))[i + 1].tolist())

    def taps(self) -> Iterator[tuple[tuple[int, int], tuple[Any, ...], tuple[Any, ...]]]:
        """For each tap of the filter the part of the output that it reaches, and what it reads there."""
        for tap in itertools.product(range(self.size[0]), range(self.size[1])):
            to, at = [], []
            for i in range(2):
                start = tap[i] * self.dilations[i] - self.before[i]
                inside = [o for o in range(self.out[i]) if 0 <= start + o * self.strides[i] < self.image[i]]
                to.append(np.array(inside, int))
                at.append(start + np.array(inside, int) * self.strides[i])
            if len(to[0]) and len(to[1]):
                yield tap, np.ix_(*to), np.ix_(*at)


def nhwc(f: Any) -> Any:
    """The function for images [n, h, w, c], for single images and channels first too."""

    def apply(x: np.ndarray, *rest: Any, dataFormat: str = "NHWC", **attrs: Any) -> np.ndarray:
        if x.ndim == 3:
            return f(x[None], *rest, **attrs)[0]
        if dataFormat == "NHWC":
            return f(x, *rest, **attrs)
        if isinstance(attrs["pad"], list):
            p = attrs["pad"]
            attrs["pad"] = [p[0], p[2], p[3], p[1]]
        return np.moveaxis(f(np.moveaxis(x, 1, 3), *rest, **attrs), 3, 1)

    return apply


def _taps(x: np.ndarray, w: Windows) -> Iterator[tuple[Any, Any, np.ndarray]]:
    for tap, to, at in w.taps():
        yield tap, (slice(None), *to), x[(slice(None), *at)]


@nhwc
def conv2d(x, filter, strides, pad, dilations=1, dimRoundingMode=None):
    w = Windows(x.shape[1:3], filter.shape[:2], strides, pad, dilations, dimRoundingMode)
    y = np.zeros((x.shape[0], *w.out, filter.shape[3]))
    for tap, to, part in _taps(x, w):
        y[to] += part @ filter[tap]
    return y


@nhwc
def depthwise(x, filter, strides, pad, dilations=1, dimRoundingMode=None):
    w = Windows(x.shape[1:3], filter.shape[:2], strides, pad, dilations, dimRoundingMode)
    channels, times = filter.shape[2:]
    y = np.zeros((x.shape[0], *w.out, channels * times))
    for tap, to, part in _taps(x, w):
        y[to] += (part[..., None] * filter[tap]).reshape(*part.shape[:3], -1)
    return y


def fused(plain: Any) -> Any:
    def apply(x, filter, bias, activation="linear", alpha=0.2, **attrs):
        y = plain(x, filter, **attrs)
        if bias is not None:
            y = y + (bias[:, None, None] if attrs.get("dataFormat") == "NCHW" else bias)
        return activate(y, activation, alpha)

    return apply


def fused_max_pool(x, filter, bias, filterSize, **attrs):
    return max_pool(fused(conv2d)(x, filter, bias, **attrs), filterSize, filterSize, "valid")


def conv2d_input(dy, filter, size, strides, pad, dilations=1, dimRoundingMode=None):
    w = Windows(size, filter.shape[:2], strides, pad, dilations, dimRoundingMode)
    dx = np.zeros((dy.shape[0], *size, filter.shape[2]))
    for tap, to, at in w.taps():
        dx[(slice(None), *at)] += dy[(slice(None), *to)] @ filter[tap].T
    return dx


def conv2d_filter(x, dy, size, strides, pad, dilations=1, dimRoundingMode=None):
    w = Windows(x.shape[1:3], size, strides, pad, dilations, dimRoundingMode)
    df = np.zeros((*size, x.shape[3], dy.shape[3]))
    for tap, to, part in _taps(x, w):
        df[tap] = np.einsum("nhwc,nhwd->cd", part, dy[to])
    return df


def depthwise_input(dy, filter, size, strides, pad, dilations=1, dimRoundingMode=None):
    w = Windows(size, filter.shape[:2], strides, pad, dilations, dimRoundingMode)
    channels, times = filter.shape[2:]
    dx = np.zeros((dy.shape[0], *size, channels))
    for tap, to, at in w.taps():
        part = dy[(slice(None), *to)]
        dx[(slice(None), *at)] += (part.reshape(*part.shape[:3], channels, times) * filter[tap]).sum(-1)
    return dx


def depthwise_filter(x, dy, size, strides, pad, dilations=1, dimRoundingMode=None):
    w = Windows(x.shape[1:3], size, strides, pad, dilations, dimRoundingMode)
    channels = x.shape[3]
    df = np.zeros((*size, channels, dy.shape[3] // channels))
    for tap, to, part in _taps(x, w):
        other = dy[to].reshape(*part.shape[:3], channels, -1)
        df[tap] = np.einsum("nhwc,nhwcm->cm", part, other)
    return df


def _largest(x, w: Windows) -> tuple[np.ndarray, np.ndarray]:
    """Of each window the largest value and the number of its tap."""
    best = np.full((x.shape[0], *w.out, x.shape[3]), -math.inf)
    which = np.zeros(best.shape, int)
    for tap, to, part in _taps(x, w):
        better = part > best[to]
        which[to] = np.where(better, tap[0] * w.size[1] + tap[1], which[to])
        best[to] = np.where(better, part, best[to])
    return best, which


@nhwc
def max_pool(x, filterSize, strides, pad, dimRoundingMode=None, dilations=1):
    return _largest(x, Windows(x.shape[1:3], filterSize, strides, pad, dilations, dimRoundingMode))[0]


@nhwc
def avg_pool(x, filterSize, strides, pad, dimRoundingMode=None, dilations=1):
    w = Windows(x.shape[1:3], filterSize, strides, pad, dilations, dimRoundingMode)
    total, count = np.zeros((2, x.shape[0], *w.out, x.shape[3]))
    for _, to, part in _taps(x, w):
        total[to] += part
        count[to] += 1
    return total / np.maximum(count, 1)


def max_pool_grad(dy, x, filterSize, strides, pad, dimRoundingMode=None, dilations=1):
    w = Windows(x.shape[1:3], filterSize, strides, pad, dilations, dimRoundingMode)
    which, dx = _largest(x, w)[1], np.zeros(x.shape)
    for tap, to, at in w.taps():
        here = (slice(None), *to)
        dx[(slice(None), *at)] += dy[here] * (which[here] == tap[0] * w.size[1] + tap[1])
    return dx


def max_pool_pick(values, x, filterSize, strides, pad, dimRoundingMode=None, dilations=1):
    w = Windows(x.shape[1:3], filterSize, strides, pad, dilations, dimRoundingMode)
    which = _largest(x, w)[1]
    y = np.zeros(which.shape)
    for tap, to, part in _taps(values, w):
        y[to] += part * (which[to] == tap[0] * w.size[1] + tap[1])
    return y


def avg_pool_grad(dy, filterSize, strides, pad, size, dimRoundingMode=None, dilations=1):
    w = Windows(size, filterSize, strides, pad, dilations, dimRoundingMode)
    count, dx = np.zeros(dy.shape), np.zeros((dy.shape[0], *size, dy.shape[3]))
    for _, to, _at in w.taps():
        count[(slice(None), *to)] += 1
    for _, to, at in w.taps():
        here = (slice(None), *to)
        dx[(slice(None), *at)] += dy[here] / count[here]
    return dx


# ---- products ----------------------------------------------------------------------------------------------


def mat_mul(a, b, transposeA=False, transposeB=False):
    return (np.swapaxes(a, -1, -2) if transposeA else a) @ (np.swapaxes(b, -1, -2) if transposeB else b)


def fused_mat_mul(a, b, bias=None, transposeA=False, transposeB=False, activation="linear", alpha=0.2):
    y = mat_mul(a, b, transposeA, transposeB)
    return activate(y if bias is None else y + bias, activation, alpha)


# ---- along the last axis -----------------------------------------------------------------------------------


def log_softmax(x, **_):
    shifted = x - x.max(-1, keepdims=True, initial=-math.inf) if x.size else x
    return shifted - np.log(np.exp(shifted).sum(-1, keepdims=True)) if x.size else x


def softmax(x, **_):
    return np.exp(log_softmax(x))


def softmax_grad(dy, y):
    return y * (dy - (dy * y).sum(-1, keepdims=True))


def log_softmax_grad(dy, y):
    return dy - np.exp(y) * dy.sum(-1, keepdims=True)


def cross_entropy(logits, labels):
    return -(labels * log_softmax(logits)).sum(-1)


def cross_entropy_grad(logits, labels, dy):
    return (softmax(logits) * labels.sum(-1, keepdims=True) - labels) * dy[..., None]


def batch_norm(x, mean, variance, offset=None, scale=None, varianceEpsilon=1e-3):
    y = (x - mean) / np.sqrt(variance + varianceEpsilon)
    y = y if scale is None else y * scale
    return y if offset is None else y + offset


def batch_norm_training(x, offset=None, scale=None, varianceEpsilon=1e-3):
    rows = x.reshape(-1, x.shape[-1])
    mean, variance = rows.mean(0), rows.var(0)
    return batch_norm(x, mean, variance, offset, scale, varianceEpsilon), mean, variance


def batch_norm_training_grad(x, mean, variance, scale, dy, varianceEpsilon=1e-3):
    over = tuple(range(x.ndim - 1))
    r = 1 / np.sqrt(variance + varianceEpsilon)
    normal = (x - mean) * r
    d = dy if scale is None else dy * scale
    dx = r * (d - d.mean(over) - normal * (d * normal).mean(over))
    return dx, dy.sum(over), (dy * normal).sum(over)


def layer_norm(x, offset=None, scale=None, epsilon=1e-3):
    y = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + epsilon)
    y = y if scale is None else y * scale
    return y if offset is None else y + offset


# ---- LSTM --------------------------------------------------------------------------------------------------


def lstm_fused(
    x, kernel, recurrent, bias, h, c, mask=None, activation="tanh", recurrentActivation="hardSigmoid"
):
    """Outputs, last h, last c, and of each step the gates i, f, c, o with the cell."""
    batch, time, units = x.shape[0], x.shape[1], h.shape[1]
    y, state = np.zeros((batch, time, units)), np.zeros((batch, time, 5 * units))
    for t in range(time):
        z = x[:, t] @ kernel + h @ recurrent + (0 if bias is None else bias)
        i, f, g, o = np.split(z, 4, -1)
        i, f, o = (activate(part, recurrentActivation) for part in (i, f, o))
        g = activate(g, activation)
        cell = f * c + i * g
        out = o * activate(cell, activation)
        keep = np.ones((batch, 1), bool) if mask is None else mask[:, t, None]
        h, c = np.where(keep, out, h), np.where(keep, cell, c)
        y[:, t], state[:, t] = h, np.concatenate([i, f, g, o, c], -1)
    return y, h, c, state


def lstm(x, kernel, recurrent, bias, h, c, mask=None, goBackwards=False, **activations):
    if goBackwards:
        x, mask = x[:, ::-1], None if mask is None else mask[:, ::-1]
    return lstm_fused(x, kernel, recurrent, bias, h, c, mask, **activations)[:3]


def lstm_grad(
    x,
    kernel,
    recurrent,
    initial_h,
    initial_c,
    mask,
    y,
    state,
    dy,
    d_h,
    d_c,
    activation="tanh",
    recurrentActivation="sigmoid",
    inputGradient=True,
):
    """By all inputs of lstm_fused that are weights or states, x first; for tanh and sigmoid alone."""
    assert (activation, recurrentActivation) == ("tanh", "sigmoid")
    batch, time, units = state.shape[0], state.shape[1], recurrent.shape[0]
    dz = np.zeros((batch, time, 4 * units))
    dh = np.zeros((batch, units)) if d_h is None else d_h
    dc = np.zeros((batch, units)) if d_c is None else d_c
    for t in reversed(range(time)):
        i, f, g, o, cell = np.split(state[:, t], 5, -1)
        before = np.split(state[:, t - 1], 5, -1)[4] if t else initial_c
        dh = dh if dy is None else dh + dy[:, t]
        keep = np.ones((batch, 1), bool) if mask is None else mask[:, t, None]
        d = dc + dh * o * (1 - np.tanh(cell) ** 2)
        parts = [
            d * g * i * (1 - i),
            d * before * f * (1 - f),
            d * i * (1 - g**2),
            dh * np.tanh(cell) * o * (1 - o),
        ]
        dz[:, t] = np.where(keep, np.concatenate(parts, -1), 0)
        dc = np.where(keep, d * f, dc)
        dh = np.where(keep, dz[:, t] @ recurrent.T, dh)
    h_before = np.concatenate([initial_h[:, None], y[:, : time - 1]], 1)[:, :time]
    return (
        dz @ kernel.T if inputGradient else np.zeros(0),
        np.einsum("bti,btz->iz", x, dz),
        np.einsum("btu,btz->uz", h_before, dz),
        dz.sum((0, 1)),
        dh,
        dc,
    )
