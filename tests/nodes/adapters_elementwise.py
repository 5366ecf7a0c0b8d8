"""One element at a time."""

from __future__ import annotations

import functools

import numpy as np

import lamina as tf

from .node import Inexpressible, Node, adapter

SAME_NAME = {
    "Abs": tf.abs, "Acos": tf.acos, "Acosh": tf.acosh, "Asin": tf.asin, "Asinh": tf.asinh,
    "Atan": tf.atan, "Atanh": tf.atanh, "Ceil": tf.ceil, "Cos": tf.cos, "Cosh": tf.cosh, "Erf": tf.erf,
    "Exp": tf.exp, "Floor": tf.floor, "Identity": tf.clone, "IsNaN": tf.isNaN, "Log": tf.log,
    "Neg": tf.neg, "Not": tf.logicalNot, "Reciprocal": tf.reciprocal, "Relu": tf.relu, "Round": tf.round,
    "Sigmoid": tf.sigmoid, "Sign": tf.sign, "Sin": tf.sin, "Sinh": tf.sinh, "Softplus": tf.softplus,
    "Sqrt": tf.sqrt, "Tan": tf.tan, "Tanh": tf.tanh,
}  # fmt: skip
for _name, _function in SAME_NAME.items():
    adapter(_name)(lambda n, f=_function: f(n.x()))

BINARY = {
    "Add": tf.add, "And": tf.logicalAnd, "Equal": tf.equal,
    "Greater": tf.greater, "GreaterOrEqual": tf.greaterEqual, "Less": tf.less, "LessOrEqual": tf.lessEqual,
    "Mul": tf.mul, "Or": tf.logicalOr, "PRelu": tf.prelu, "Sub": tf.sub, "Xor": tf.logicalXor,
}  # fmt: skip
for _name, _function in BINARY.items():
    adapter(_name)(lambda n, f=_function: f(n.x(0), n.x(1)))

for _name, _function in {"Max": tf.maximum, "Min": tf.minimum, "Sum": tf.add}.items():
    adapter(_name)(lambda n, f=_function: functools.reduce(f, n.every()))


@adapter("Mean")
def mean(n: Node):
    return tf.div(functools.reduce(tf.add, n.every()), float(len(n.inputs)))


@adapter("BitwiseAnd")
def bits(n: Node):
    if n.array(0).shape != n.array(1).shape:
        raise Inexpressible("bitwiseAnd spreads no shapes")
    return tf.bitwiseAnd(n.x(0), n.x(1))


@adapter("Div")
def divide(n: Node):
    if n.array(0).dtype.kind == "i" and np.any(n.array(0) * n.array(1) < 0):
        raise Inexpressible("whole numbers are divided downwards")
    return tf.div(n.x(0), n.x(1))


@adapter("Pow")
def power(n: Node):
    a, b = n.x(0), n.x(1)
    return tf.cast(tf.pow(tf.cast(a, "float32"), tf.cast(b, "float32")), a.dtype)


@adapter("Mod")
def modulo(n: Node):
    if n.get("fmod", 0):
        a, b = tf.cast(n.x(0), "float32"), tf.cast(n.x(1), "float32")
        rest = tf.mul(tf.sign(a), tf.mod(tf.abs(a), tf.abs(b)))
        return tf.cast(rest, n.x(0).dtype)
    if n.array(1).dtype.kind == "f" and not np.all(np.isfinite(n.array(1))):
        raise Inexpressible("mod adds the divisor, which must be finite")
    return tf.mod(n.x(0), n.x(1))


@adapter("Clip")
def clip(n: Node):
    x = n.x()
    if n.has(1):
        x = tf.maximum(x, n.x(1))
    return tf.minimum(x, n.x(2)) if n.has(2) else x


@adapter("Elu")
def elu(n: Node):
    alpha = n.get("alpha", 1.0)
    x = n.x()
    return tf.where(tf.greater(x, 0), x, tf.mul(tf.elu(x), alpha))


@adapter("Celu")
def celu(n: Node):
    alpha = n.get("alpha", 1.0)
    return tf.mul(tf.elu(tf.div(n.x(), alpha)), alpha)


@adapter("Selu")
def selu(n: Node):
    alpha, gamma = n.get("alpha", 1.67326319217681884765625), n.get("gamma", 1.05070102214813232421875)
    x = n.x()
    return tf.mul(tf.where(tf.greater(x, 0), x, tf.mul(tf.elu(x), alpha)), gamma)


@adapter("LeakyRelu")
def leaky(n: Node):
    return tf.leakyRelu(n.x(), n.get("alpha", 0.01))


@adapter("ThresholdedRelu")
def thresholded(n: Node):
    x = n.x()
    return tf.where(tf.greater(x, n.get("alpha", 1.0)), x, tf.zerosLike(x))


@adapter("HardSigmoid")
def hard_sigmoid(n: Node):
    return tf.clipByValue(tf.add(tf.mul(n.x(), n.get("alpha", 0.2)), n.get("beta", 0.5)), 0, 1)


@adapter("HardSwish")
def hard_swish(n: Node):
    return tf.mul(n.x(), tf.clipByValue(tf.add(tf.div(n.x(), 6), 0.5), 0, 1))


@adapter("Softsign")
def softsign(n: Node):
    return tf.div(n.x(), tf.add(tf.abs(n.x()), 1))


@adapter("Mish")
def mish(n: Node):
    return tf.mul(n.x(), tf.tanh(tf.softplus(n.x())))


@adapter("Swish")
def swish(n: Node):
    return tf.mul(n.x(), tf.sigmoid(tf.mul(n.x(), n.get("alpha", 1.0))))


@adapter("Gelu")
def gelu(n: Node):
    x = n.x()
    if n.get("approximate", "none") == "tanh":
        inner = tf.mul(tf.add(x, tf.mul(tf.pow(x, 3), 0.044715)), float(np.sqrt(2 / np.pi)))
        return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1))
    return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.div(x, float(np.sqrt(2)))), 1))


@adapter("Shrink")
def shrink(n: Node):
    x, bias, limit = tf.cast(n.x(), "float32"), n.get("bias", 0.0), n.get("lambd", 0.5)
    zero = tf.zerosLike(x)
    above = tf.where(tf.greater(x, limit), tf.sub(x, bias), zero)
    return tf.where(tf.less(x, -limit), tf.add(x, bias), above)


@adapter("IsInf")
def is_inf(n: Node):
    x = n.x()
    found = tf.isInf(x)
    if not n.get("detect_positive", 1):
        found = tf.logicalAnd(found, tf.less(x, 0))
    if not n.get("detect_negative", 1):
        found = tf.logicalAnd(found, tf.greater(x, 0))
    return found


@adapter("Where")
def where(n: Node):
    return tf.where(n.x(0), n.x(1), n.x(2))


KINDS = {1: "float32", 6: "int32", 7: "int32", 9: "bool", 11: "float32"}


@adapter("Cast")
def cast(n: Node):
    return _to(n, n.get("to"))


@adapter("CastLike")
def cast_like(n: Node):
    names = {"float32": 1, "int32": 6, "int64": 7, "bool": 9, "float64": 11}
    return _to(n, names.get(str(n.array(1).dtype), 0))


def _to(n: Node, code: int):
    if code not in KINDS or n.array(0).dtype.name not in ("float32", "float64", "int32", "int64", "bool"):
        raise Inexpressible("there is no such type")
    return tf.cast(n.x(), KINDS[code])


@adapter("Dropout")
def dropout(n: Node):
    if n.has(2) and bool(n.array(2)) and n.number(1, 0.5):
        raise Inexpressible("masks are drawn by another generator")
    x = n.x()
    kept = tf.cast(tf.onesLike(x), "bool")
    return [x, kept][: n.outputs]
