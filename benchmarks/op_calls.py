"""Every op that at least two of the libraries have, as each of them writes it.

A line holds a name, its inputs, and the calls; `|` stands between Lamina, NumPy, PyTorch and JAX, a dash where
there is none. Inputs of n elements: `x y` uniform in [0.1, 0.9]; `s t` in [-1, 1]; `m k` square matrices,
`a b` signed ones; `r` a row, `c` a column for m; `i` indices; `f g` whole numbers as int32; `p q` truths; `w` images
[batch, side, side, 16] and `v` the same with the channels second; `z` complex numbers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

PEERS = ("lamina", "numpy", "torch", "jax")
SIZES = (1_000, 100_000, 10_000_000)


@dataclass(frozen=True)
class Row:
    name: str
    inputs: tuple[str, ...]
    calls: dict[str, str]


def _row(line: str) -> Row:
    head, *calls = (part.strip() for part in line.split("|"))
    name, *inputs = head.split()
    return Row(name, tuple(inputs), {peer: c for peer, c in zip(PEERS, calls, strict=True) if c != "-"})


# What is called alike everywhere.
UNARY = """
abs:s neg:s:negative square:s sign:s floor:s ceil:s round:s sqrt:x exp:s expm1:s log:x log1p:x sin:s cos:s tan:s
sinh:s cosh:s tanh:s asin:s:arcsin acos:s:arccos atan:s:arctan asinh:s:arcsinh atanh:x:arctanh isNaN:s:isnan
isInf:s:isinf isFinite:s:isfinite reciprocal:x
"""
BINARY = """
add:s,t sub:s,t:subtract mul:s,t:multiply div:s,x:divide maximum:s,t minimum:s,t pow:x,s:power
mod:s,x:remainder atan2:s,t:arctan2 equal:f,g less:s,t greaterEqual:s,t:greater_equal notEqual:f,g:not_equal
logicalAnd:p,q:logical_and logicalXor:p,q:logical_xor bitwiseAnd:f,g:bitwise_and
"""
REDUCTIONS = """
sum:s mean:s max:s min:s prod:x all:p any:p argMax:s:argmax argMin:s:argmin
"""

LINES = """
acosh y | tf.acosh(y) | - | torch.acosh(y) | jnp.arccosh(y)
rsqrt x | tf.rsqrt(x) | - | torch.rsqrt(x) | lax.rsqrt(x)
erf s | tf.erf(s) | - | torch.erf(s) | lax.erf(s)
sigmoid s | tf.sigmoid(s) | - | torch.sigmoid(s) | nn.sigmoid(s)
logSigmoid s | tf.logSigmoid(s) | - | F.logsigmoid(s) | nn.log_sigmoid(s)
softplus s | tf.softplus(s) | - | F.softplus(s) | nn.softplus(s)
relu s | tf.relu(s) | np.maximum(s, Z) | torch.relu(s) | nn.relu(s)
relu6 s | tf.relu6(s) | - | F.relu6(s) | nn.relu6(s)
leakyRelu s | tf.leakyRelu(s, 0.2) | - | F.leaky_relu(s, 0.2) | nn.leaky_relu(s, 0.2)
prelu a r | tf.prelu(a, r) | - | F.prelu(a, r) | -
elu s | tf.elu(s) | - | F.elu(s) | nn.elu(s)
selu s | tf.selu(s) | - | F.selu(s) | nn.selu(s)
clipByValue s | tf.clipByValue(s, -0.5, 0.5) | np.clip(s, -0.5, 0.5) | torch.clamp(s, -0.5, 0.5) | jnp.clip(s, -0.5, 0.5)
squaredDifference s t | tf.squaredDifference(s, t) | np.square(s - t) | torch.square(s - t) | jnp.square(s - t)
floorDiv f g | tf.floorDiv(f, tf.add(g, 9)) | np.floor_divide(f, g + 9) | torch.floor_divide(f, g + 9) | jnp.floor_divide(f, g + 9)
add-row m r | tf.add(m, r) | m + r | m + r | m + r
add-column m c | tf.add(m, c) | m + c | m + c | m + c
add-number s | tf.add(s, 1.5) | s + ONE | s + 1.5 | s + 1.5
where p s t | tf.where(p, s, t) | np.where(p, s, t) | torch.where(p, s, t) | jnp.where(p, s, t)
logicalNot p | tf.logicalNot(p) | np.logical_not(p) | torch.logical_not(p) | jnp.logical_not(p)
cast-int s | tf.cast(s, 'int32') | s.astype(np.int32) | s.to(torch.int32) | s.astype(jnp.int32)
cast-float f | tf.cast(f, 'float32') | f.astype(np.float32) | f.to(torch.float32) | f.astype(jnp.float32)
cast-bool s | tf.cast(s, 'bool') | s.astype(bool) | s.to(torch.bool) | s.astype(bool)
addN s t x | tf.addN([s, t, x]) | - | s + t + x | s + t + x
sum-0 m | tf.sum(m, 0) | m.sum(0) | m.sum(0) | m.sum(0)
sum-1 m | tf.sum(m, 1) | m.sum(1) | m.sum(1) | m.sum(1)
mean-1 m | tf.mean(m, 1) | m.mean(1) | m.mean(1) | m.mean(1)
max-0 m | tf.max(m, 0) | m.max(0) | m.amax(0) | m.max(0)
max-1 m | tf.max(m, 1) | m.max(1) | m.amax(1) | m.max(1)
prod-1 m | tf.prod(m, 1) | m.prod(1) | m.prod(1) | m.prod(1)
argMax-0 m | tf.argMax(m, 0) | m.argmax(0) | m.argmax(0) | m.argmax(0)
argMax-1 m | tf.argMax(m, 1) | m.argmax(1) | m.argmax(1) | m.argmax(1)
logSumExp-1 a | tf.logSumExp(a, 1) | - | torch.logsumexp(a, 1) | nn.logsumexp(a, 1)
moments-1 a | tf.moments(a, 1).variance | a.var(1) | torch.var_mean(a, 1, correction=0)[0] | a.var(1)
norm s | tf.norm(s) | np.linalg.norm(s) | torch.linalg.vector_norm(s) | jnp.linalg.norm(s)
cumsum s | tf.cumsum(s) | np.cumsum(s) | torch.cumsum(s, 0) | jnp.cumsum(s)
cumsum-1 a | tf.cumsum(a, 1) | np.cumsum(a, 1) | torch.cumsum(a, 1) | jnp.cumsum(a, 1)
cumsum-0 a | tf.cumsum(a, 0) | np.cumsum(a, 0) | torch.cumsum(a, 0) | jnp.cumsum(a, 0)
cumprod-1 m | tf.cumprod(m, 1) | np.cumprod(m, 1) | torch.cumprod(m, 1) | jnp.cumprod(m, 1)
topk-10 a | tf.topk(a, 10).values | - | torch.topk(a, 10).values | lax.top_k(a, 10)[0]
unique i | tf.unique(i).values | np.unique(i) | torch.unique(i) | -
bincount i | tf.bincount(i, NONE, 1000) | np.bincount(i, minlength=1000) | torch.bincount(i, minlength=1000) | jnp.bincount(i, length=1000)
searchSorted o s | tf.searchSorted(o, s) | np.searchsorted(o, s) | torch.searchsorted(o, s) | jnp.searchsorted(o, s)
unsortedSegmentSum m j | tf.unsortedSegmentSum(m, j, 10) | - | torch.zeros(10, m.shape[1]).index_add_(0, j, m) | ops.segment_sum(m, j, 10)
matMul a b | tf.matMul(a, b) | a @ b | a @ b | a @ b
matMul-transposed a b | tf.matMul(a, b, False, True) | a @ b.T | a @ b.T | a @ b.T
matVec a r | tf.dot(a, r) | a @ r | a @ r | a @ r
dot s t | tf.dot(s, t) | s @ t | s @ t | s @ t
outerProduct r d | tf.outerProduct(r, d) | np.outer(r, d) | torch.outer(r, d) | jnp.outer(r, d)
einsum a b | tf.einsum('ij,kj->ik', a, b) | np.einsum('ij,kj->ik', a, b, optimize=True) | torch.einsum('ij,kj->ik', a, b) | jnp.einsum('ij,kj->ik', a, b)
transpose a | tf.transpose(a) | np.ascontiguousarray(a.T) | a.T.contiguous() | a.T.copy()
transpose-images w | tf.transpose(w, [0, 3, 1, 2]) | np.ascontiguousarray(w.transpose(0, 3, 1, 2)) | w.permute(0, 3, 1, 2).contiguous() | w.transpose(0, 3, 1, 2)
concat-0 a b | tf.concat([a, b], 0) | np.concatenate([a, b], 0) | torch.cat([a, b], 0) | jnp.concatenate([a, b], 0)
concat-1 a b | tf.concat([a, b], 1) | np.concatenate([a, b], 1) | torch.cat([a, b], 1) | jnp.concatenate([a, b], 1)
stack a b | tf.stack([a, b]) | np.stack([a, b]) | torch.stack([a, b]) | jnp.stack([a, b])
slice a | tf.slice(a, [1, 1], [20, 20]) | a[1:21, 1:21].copy() | a[1:21, 1:21].clone() | a[1:21, 1:21]
stridedSlice a | tf.stridedSlice(a, [0, 0], [99999, 99999], [2, 2]) | a[::2, ::2].copy() | a[::2, ::2].contiguous() | a[::2, ::2]
tile a | tf.tile(a, [2, 2]) | np.tile(a, (2, 2)) | a.repeat(2, 2) | jnp.tile(a, (2, 2))
pad a | tf.pad(a, [[1, 1], [1, 1]]) | np.pad(a, 1) | F.pad(a, (1, 1, 1, 1)) | jnp.pad(a, 1)
mirrorPad a | tf.mirrorPad(a, [[1, 1], [1, 1]], 'reflect') | np.pad(a, 1, mode='reflect') | F.pad(a[None], (1, 1, 1, 1), mode='reflect')[0] | jnp.pad(a, 1, mode='reflect')
reverse a | tf.reverse(a, [1]) | a[:, ::-1].copy() | a.flip(1) | a[:, ::-1]
gather a j | tf.gather(a, j) | a[j] | a[j] | a[j]
gather-1 a j | tf.gather(a, j, 1) | a[:, j] | a[:, j] | a[:, j]
gather-elements s i | tf.gather(s, i) | s[i] | s[i] | s[i]
scatterND i s | tf.scatterND(tf.expandDims(i, 1), s, [1000]) | - | torch.zeros(1000).index_add_(0, i, s) | jnp.zeros(1000).at[i].add(s)
oneHot j | tf.oneHot(j, 10, 1, 0, 'float32') | EYE[j] | F.one_hot(j.long(), 10).float() | nn.one_hot(j, 10)
broadcastTo r | tf.broadcastTo(r, [100, r.shape[0]]) | np.broadcast_to(r, (100, len(r))).copy() | r.expand(100, -1).contiguous() | jnp.broadcast_to(r, (100, len(r)))
softmax a | tf.softmax(a) | - | torch.softmax(a, 1) | nn.softmax(a, 1)
logSoftmax a | tf.logSoftmax(a) | - | torch.log_softmax(a, 1) | nn.log_softmax(a, 1)
batchNorm w e | tf.batchNorm(w, e, e, e, e, 0.001) | - | - | (w - e) * lax.rsqrt(e + 0.001) * e + e
maxPool w v | tf.maxPool(w, 2, 2, 'valid') | - | F.max_pool2d(v, 2, 2) | lax.reduce_window(w, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), 'VALID')
avgPool w v | tf.avgPool(w, 2, 2, 'valid') | - | F.avg_pool2d(v, 2, 2) | lax.reduce_window(w, 0.0, lax.add, (1, 2, 2, 1), (1, 2, 2, 1), 'VALID') / 4
conv2d w v | tf.conv2d(w, KERNEL, 1, 'same') | - | F.conv2d(v, KERNEL, padding=1) | lax.conv_general_dilated(w, KERNEL, (1, 1), 'SAME', dimension_numbers=('NHWC', 'HWIO', 'NHWC'))
resizeBilinear w v | tf.image.resizeBilinear(w, [20, 20], False, True) | - | F.interpolate(v, (20, 20), mode='bilinear') | image.resize(w, (w.shape[0], 20, 20, 16), 'bilinear', antialias=False)
fft z | tf.fft(z) | np.fft.fft(z) | torch.fft.fft(z) | jnp.fft.fft(z)
rfft s | tf.rfft(s) | np.fft.rfft(s) | torch.fft.rfft(s) | jnp.fft.rfft(s)
fill s | tf.fill([N], 1.5) | np.full(N, ONE) | torch.full((N,), 1.5) | jnp.full(N, 1.5)
range s | tf.range(0, N, 1) | np.arange(N, dtype=np.float32) | torch.arange(N, dtype=torch.float32) | jnp.arange(N, dtype=jnp.float32)
linspace s | tf.linspace(0, 1, N) | np.linspace(0, 1, N, dtype=np.float32) | torch.linspace(0, 1, N) | jnp.linspace(0, 1, N)
eye m | tf.eye(m.shape[0]) | np.eye(len(m), dtype=np.float32) | torch.eye(len(m)) | jnp.eye(len(m))
randomUniform s | tf.randomUniform([N]) | RNG.random(N, np.float32) | torch.rand(N) | -
randomNormal s | tf.randomNormal([N]) | RNG.standard_normal(N, np.float32) | torch.randn(N) | -
"""


def _alike() -> list[Row]:
    rows = []
    for text, form in ((UNARY, "{0}"), (BINARY, "{0}"), (REDUCTIONS, "{0}")):
        for entry in text.split():
            name, given, *other = entry.split(":")
            inputs = given.split(",")
            theirs = other[0] if other else name
            spread = ", ".join(inputs)
            torchs = {"power": "pow", "argmax": "argmax", "argmin": "argmin"}.get(theirs, theirs)
            torchs = {"equal": "eq", "mean": "mean"}.get(torchs, torchs)
            rows.append(
                Row(
                    form.format(name),
                    tuple(inputs),
                    {
                        "lamina": f"tf.{name}({spread})",
                        "numpy": f"np.{theirs}({spread})",
                        "torch": f"torch.{torchs}({spread})",
                        "jax": f"jnp.{theirs}({spread})",
                    },
                )
            )
    return rows


ROWS = [*_alike(), *(_row(line) for line in LINES.strip().splitlines())]


def inputs_of(names: tuple[str, ...], n: int) -> list[np.ndarray]:
    """The same numbers for everybody."""
    rng = np.random.default_rng(0)
    side = max(int(math.sqrt(n)), 22)
    edge = 8 if n < 10_000 else 32
    batch = max(n // (edge * edge * 16), 1)

    def one(name: str) -> Any:
        if name in "xy":
            low = 1.1 if name == "y" else 0.1
            return rng.uniform(low, low + 0.8, n).astype(np.float32)
        if name in "st":
            return rng.uniform(-1, 1, n).astype(np.float32)
        if name == "o":
            return np.sort(rng.uniform(-1, 1, 1000)).astype(np.float32)
        if name in "mk":
            return rng.uniform(0.5, 1.1, (side, side)).astype(np.float32)
        if name in "ab":
            return rng.uniform(-1, 1, (side, side)).astype(np.float32)
        if name in "rd":
            return rng.uniform(0, 1, side).astype(np.float32)
        if name == "c":
            return rng.uniform(0, 1, (side, 1)).astype(np.float32)
        if name == "e":
            return rng.uniform(0.5, 1, 16).astype(np.float32)
        if name in "ij":
            return rng.integers(0, 1000 if name == "i" else 10, n if name == "i" else side).astype(np.int32)
        if name in "fg":
            return rng.integers(-4, 4, n).astype(np.int32)
        if name in "pq":
            return rng.uniform(0, 1, n) < 0.5
        if name in "wv":
            images = np.random.default_rng(1).uniform(-1, 1, (batch, edge, edge, 16)).astype(np.float32)
            return images if name == "w" else np.ascontiguousarray(images.transpose(0, 3, 1, 2))
        return (rng.uniform(-1, 1, n) + 1j * rng.uniform(-1, 1, n)).astype(np.complex64)

    return [one(name) for name in names]


KERNEL = np.random.default_rng(2).uniform(-0.2, 0.2, (3, 3, 16, 16)).astype(np.float32)
