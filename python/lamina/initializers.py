"""Initializers: the first values of weights. A seed gives the numbers that TensorFlow.js draws from it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

from . import _core
from .config import Config, Configurable, Enum, Factory, Number, Options, option
from .kinds import OneOf, String
from .serialization import ObjectKind, lookup, public

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ._core import Tensor

__all__ = [
    "INITIALIZER",
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Identity",
    "Initializer",
    "LeCunNormal",
    "LeCunUniform",
    "Ones",
    "Orthogonal",
    "RandomNormal",
    "RandomUniform",
    "TruncatedNormal",
    "VarianceScaling",
    "Zeros",
]

_FACTORIES: dict[str, Factory] = {}
_WHERE = "tf.initializers"

_SEED = option("seed", OneOf(Number(), String()), None, "Seed of the random numbers.")

# Standard deviation of a standard normal cut off at two: what Keras divides by for 'truncatedNormal'.
_TRUNCATED_STDDEV = 0.87962566103423978


class Initializer(Configurable):
    """Makes the first value of a weight. Subclasses set `className` and define apply()."""

    def apply(self, shape: Sequence[int], dtype: str | None = None) -> Tensor:
        """A tensor of that shape and dtype (by default float32)."""
        raise NotImplementedError

    def _number_dtype(self, dtype: str | None) -> str:
        if dtype not in (None, "float32", "int32"):
            raise NotImplementedError(f"{self.getClassName()} does not support dType {dtype}.")
        return dtype or "float32"


@public(_FACTORIES, _WHERE, "zeros")
class Zeros(Initializer):
    """All zeros."""

    className = "Zeros"
    options: ClassVar[Options] = ()

    def apply(self, shape: Sequence[int], dtype: str | None = None) -> Tensor:
        return _core.ops.fill(list(shape), 0, dtype or "float32")


@public(_FACTORIES, _WHERE, "ones")
class Ones(Initializer):
    """All ones."""

    className = "Ones"
    options: ClassVar[Options] = ()

    def apply(self, shape: Sequence[int], dtype: str | None = None) -> Tensor:
        return _core.ops.fill(list(shape), 1, dtype or "float32")


@public(_FACTORIES, _WHERE, "constant")
class Constant(Initializer):
    """One value everywhere."""

    className = "Constant"
    options: ClassVar[Options] = (option("value", Number(), doc="The value."),)
    value: float

    def apply(self, shape: Sequence[int], dtype: str | None = None) -> Tensor:
        return _core.ops.fill(list(shape), self.value, dtype or "float32")


@public(_FACTORIES, _WHERE, "randomUniform")
class RandomUniform(Initializer):
    """Uniform from minval to maxval."""

    className = "RandomUniform"
    options: ClassVar[Options] = (
        option("minval", Number(), -0.05, "Lower bound."),
        option("maxval", Number(), 0.05, "Upper bound."),
        _SEED,
    )
    minval: float
    maxval: float
    seed: Any

    def apply(self, shape: Sequence[int], dtype: str | None = None) -> Tensor:
        return _core.ops.randomUniform(list(shape), self.minval, self.maxval, dtype or "float32", self.seed)


class _Normal(Initializer):
    mean: float
    stddev: float
    seed: Any
    options: ClassVar[Options] = (
        option("mean", Number(), 0, "Mean."),
        option("stddev", Number(minimum=0), 0.05, "Standard deviation."),
        _SEED,
    )


@public(_FACTORIES, _WHERE, "randomNormal")
class RandomNormal(_Normal):
    """Normal."""

    className = "RandomNormal"
    options: ClassVar[Options] = ()

    def apply(self, shape: Sequence[int], dtype: str | None = None) -> Tensor:
        dtype = self._number_dtype(dtype)
        return _core.ops.randomNormal(list(shape), self.mean, self.stddev, dtype, self.seed)


@public(_FACTORIES, _WHERE, "truncatedNormal")
class TruncatedNormal(_Normal):
    """Normal, drawn anew where it is more than two standard deviations from the mean."""

    className = "TruncatedNormal"
    options: ClassVar[Options] = ()

    def apply(self, shape: Sequence[int], dtype: str | None = None) -> Tensor:
        dtype = self._number_dtype(dtype)
        return _core.ops.truncatedNormal(list(shape), self.mean, self.stddev, dtype, self.seed)


@public(_FACTORIES, _WHERE, "identity", class_names=("IdentityInitializer",))
class Identity(Initializer):
    """The identity matrix times gain; for square matrices."""

    className = "Identity"
    options: ClassVar[Options] = (option("gain", Number(), 1, "Factor."),)
    gain: float

    def apply(self, shape: Sequence[int], dtype: str | None = None) -> Tensor:
        if len(shape) != 2 or shape[0] != shape[1]:
            raise ValueError(
                "Identity matrix initializer can only be used for 2D square matrices, not for the shape "
                f"{tuple(shape)}."
            )
        ops = _core.ops
        eye = ops.oneHot(ops.range(0, shape[0], 1, "int32"), shape[0], self.gain, 0, "float32")
        return eye if dtype in (None, "float32") else ops.cast(eye, dtype)


def _fans(shape: Sequence[int]) -> tuple[float, float]:
    """How many inputs and outputs a kernel of that shape connects; channels last."""
    if len(shape) == 2:
        return shape[0], shape[1]
    if len(shape) in (3, 4, 5):
        receptive = math.prod(shape[:-2])
        return shape[-2] * receptive, shape[-1] * receptive
    root = math.sqrt(math.prod(shape))
    return root, root


@public(_FACTORIES, _WHERE, "varianceScaling")
class VarianceScaling(Initializer):
    """Normal or uniform with variance scale / n, n being the number of inputs, outputs or their mean.

    'normal' is cut off at two standard deviations without making up for it, as TensorFlow.js does;
    'truncatedNormal' makes up for it, as Keras does; 'untruncatedNormal' is not cut off.
    """

    className = "VarianceScaling"
    options: ClassVar[Options] = (
        option("scale", Number(minimum=0), 1, "Factor of the variance."),
        option("mode", Enum("FanMode", "fanIn", "fanOut", "fanAvg"), "fanIn", "What n counts."),
        option(
            "distribution",
            Enum("Distribution", "normal", "uniform", "truncatedNormal", "untruncatedNormal"),
            "normal",
            "What is drawn.",
        ),
        _SEED,
    )
    scale: float
    mode: str
    distribution: str
    seed: Any

    def apply(self, shape: Sequence[int], dtype: str | None = None) -> Tensor:
        fan_in, fan_out = _fans(shape)
        n = {"fanIn": fan_in, "fanOut": fan_out}.get(self.mode, (fan_in + fan_out) / 2)
        variance = self.scale / max(1, n)
        sizes = list(shape)
        if self.distribution == "uniform":
            limit = math.sqrt(3 * variance)
            return _core.ops.randomUniform(sizes, -limit, limit, dtype or "float32", self.seed)
        dtype = self._number_dtype(dtype)
        stddev = math.sqrt(variance)
        if self.distribution == "untruncatedNormal":
            return _core.ops.randomNormal(sizes, 0, stddev, dtype, self.seed)
        if self.distribution == "truncatedNormal":
            stddev /= _TRUNCATED_STDDEV
        return _core.ops.truncatedNormal(sizes, 0, stddev, dtype, self.seed)


class _Preset(VarianceScaling):
    """VarianceScaling under another name, saved as VarianceScaling."""

    options_end: ClassVar[bool] = True
    options: ClassVar[Options] = (_SEED,)
    preset: ClassVar[Mapping[str, Any]] = {}

    def configure(self, config: Any, keywords: Mapping[str, Any] | None = None) -> Config:
        values = super().configure(config, keywords)
        for name, value in self.preset.items():
            setattr(self, name, value)
        return values

    def getClassName(self) -> str:
        return VarianceScaling.className

    def getConfig(self) -> dict[str, Any]:
        return {"scale": self.scale, "mode": self.mode, "distribution": self.distribution, "seed": self.seed}


@public(_FACTORIES, _WHERE, "glorotUniform")
class GlorotUniform(_Preset):
    """Uniform with variance 2 / (inputs + outputs)."""

    className = "GlorotUniform"
    options: ClassVar[Options] = ()
    preset: ClassVar[Mapping[str, Any]] = {"scale": 1, "mode": "fanAvg", "distribution": "uniform"}


@public(_FACTORIES, _WHERE, "glorotNormal")
class GlorotNormal(_Preset):
    """Truncated normal with variance 2 / (inputs + outputs)."""

    className = "GlorotNormal"
    options: ClassVar[Options] = ()
    preset: ClassVar[Mapping[str, Any]] = {"scale": 1, "mode": "fanAvg", "distribution": "normal"}


@public(_FACTORIES, _WHERE, "heNormal")
class HeNormal(_Preset):
    """Truncated normal with variance 2 / inputs."""

    className = "HeNormal"
    options: ClassVar[Options] = ()
    preset: ClassVar[Mapping[str, Any]] = {"scale": 2, "mode": "fanIn", "distribution": "normal"}


@public(_FACTORIES, _WHERE, "heUniform")
class HeUniform(_Preset):
    """Uniform with variance 2 / inputs."""

    className = "HeUniform"
    options: ClassVar[Options] = ()
    preset: ClassVar[Mapping[str, Any]] = {"scale": 2, "mode": "fanIn", "distribution": "uniform"}


@public(_FACTORIES, _WHERE, "leCunNormal", class_names=("LecunNormal",))
class LeCunNormal(_Preset):
    """Truncated normal with variance 1 / inputs."""

    className = "LeCunNormal"
    options: ClassVar[Options] = ()
    preset: ClassVar[Mapping[str, Any]] = {"scale": 1, "mode": "fanIn", "distribution": "normal"}


@public(_FACTORIES, _WHERE, "leCunUniform", class_names=("LecunUniform",))
class LeCunUniform(_Preset):
    """Uniform with variance 1 / inputs."""

    className = "LeCunUniform"
    options: ClassVar[Options] = ()
    preset: ClassVar[Mapping[str, Any]] = {"scale": 1, "mode": "fanIn", "distribution": "uniform"}


_BLOCK = 32


@public(_FACTORIES, _WHERE, "orthogonal", class_names=("OrthogonalInitializer",))
class Orthogonal(Initializer):
    """A random orthogonal matrix times gain; all axes but the last count as rows."""

    className = "Orthogonal"
    options: ClassVar[Options] = (option("gain", Number(), 1, "Factor."), _SEED)
    gain: float
    seed: Any

    def apply(self, shape: Sequence[int], dtype: str | None = None) -> Tensor:
        if len(shape) < 2:
            raise NotImplementedError(f"Orthogonal: shape must be at least 2D, not {tuple(shape)}.")
        dtype = self._number_dtype(dtype)
        ops = _core.ops
        rows, columns = math.prod(shape[:-1]), shape[-1]
        drawn = ops.randomNormal([max(rows, columns), min(rows, columns)], 0, 1, "float32", self.seed)
        q = _orthonormal_rows(ops.transpose(drawn))
        if rows >= columns:
            q = ops.transpose(q)
        q = ops.mul(float(self.gain), ops.reshape(q, list(shape)))
        return q if dtype == "float32" else ops.cast(q, dtype)


def _orthonormal_rows(a: Tensor) -> Tensor:
    """Gram-Schmidt over the rows, in blocks. This is the Q of QR whose R has a positive diagonal."""
    ops = _core.ops
    count, width = a.shape
    done: Tensor | None = None
    for start in range(0, count, _BLOCK):
        block = ops.slice(a, [start, 0], [min(_BLOCK, count - start), width])
        # Once more: the first pass leaves rounding errors that the second removes.
        for _ in range(2):
            if done is not None:
                block = ops.sub(block, ops.matMul(ops.matMul(block, done, False, True), done))
            block = _orthonormal_block(block)
        done = block if done is None else ops.concat([done, block], 0)
    return a if done is None else done


def _orthonormal_block(block: Tensor) -> Tensor:
    ops = _core.ops
    width = block.shape[1]
    rows = []
    for left in range(block.shape[0] - 1, -1, -1):
        first = ops.slice(block, [0, 0], [1, width])
        q = ops.div(first, ops.sqrt(ops.sum(ops.square(first))))
        rows.append(q)
        if left:
            rest = ops.slice(block, [1, 0], [left, width])
            block = ops.sub(rest, ops.matMul(ops.matMul(rest, q, False, True), q))
    return ops.concat(rows, 0) if len(rows) > 1 else rows[0]


INITIALIZER: ObjectKind = ObjectKind(Initializer, "initializer", _FACTORIES)

__getattr__, __dir__ = lookup(_FACTORIES, _WHERE, __all__)
