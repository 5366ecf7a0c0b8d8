# Written by tools/make_stubs.py; change the sources and run it again.

from lamina.initializers import (
    Constant as Constant,
    GlorotNormal as GlorotNormal,
    GlorotUniform as GlorotUniform,
    HeNormal as HeNormal,
    HeUniform as HeUniform,
    Identity as Identity,
    Initializer as Initializer,
    LeCunNormal as LeCunNormal,
    LeCunUniform as LeCunUniform,
    Ones as Ones,
    Orthogonal as Orthogonal,
    RandomNormal as RandomNormal,
    RandomUniform as RandomUniform,
    TruncatedNormal as TruncatedNormal,
    VarianceScaling as VarianceScaling,
    Zeros as Zeros,
)
from typing import Literal, TypedDict, overload
from typing_extensions import Required

class ConstantConfig(TypedDict, total=False):
    value: Required[float]
    """The value."""

@overload
def constant(config: ConstantConfig, /) -> Constant: ...
@overload
def constant(*, value: float) -> Constant:
    """One value everywhere."""
    ...

class GlorotNormalConfig(TypedDict, total=False):
    seed: float | str | None
    """Seed of the random numbers."""

@overload
def glorotNormal(config: GlorotNormalConfig | None = ..., /) -> GlorotNormal: ...
@overload
def glorotNormal(*, seed: float | str | None = ...) -> GlorotNormal:
    """Truncated normal with variance 2 / (inputs + outputs)."""
    ...

class GlorotUniformConfig(TypedDict, total=False):
    seed: float | str | None
    """Seed of the random numbers."""

@overload
def glorotUniform(config: GlorotUniformConfig | None = ..., /) -> GlorotUniform: ...
@overload
def glorotUniform(*, seed: float | str | None = ...) -> GlorotUniform:
    """Uniform with variance 2 / (inputs + outputs)."""
    ...

class HeNormalConfig(TypedDict, total=False):
    seed: float | str | None
    """Seed of the random numbers."""

@overload
def heNormal(config: HeNormalConfig | None = ..., /) -> HeNormal: ...
@overload
def heNormal(*, seed: float | str | None = ...) -> HeNormal:
    """Truncated normal with variance 2 / inputs."""
    ...

class HeUniformConfig(TypedDict, total=False):
    seed: float | str | None
    """Seed of the random numbers."""

@overload
def heUniform(config: HeUniformConfig | None = ..., /) -> HeUniform: ...
@overload
def heUniform(*, seed: float | str | None = ...) -> HeUniform:
    """Uniform with variance 2 / inputs."""
    ...

class IdentityConfig(TypedDict, total=False):
    gain: float | None
    """Factor."""

@overload
def identity(config: IdentityConfig | None = ..., /) -> Identity: ...
@overload
def identity(*, gain: float | None = ...) -> Identity:
    """The identity matrix times gain; for square matrices."""
    ...

class LeCunNormalConfig(TypedDict, total=False):
    seed: float | str | None
    """Seed of the random numbers."""

@overload
def leCunNormal(config: LeCunNormalConfig | None = ..., /) -> LeCunNormal: ...
@overload
def leCunNormal(*, seed: float | str | None = ...) -> LeCunNormal:
    """Truncated normal with variance 1 / inputs."""
    ...

class LeCunUniformConfig(TypedDict, total=False):
    seed: float | str | None
    """Seed of the random numbers."""

@overload
def leCunUniform(config: LeCunUniformConfig | None = ..., /) -> LeCunUniform: ...
@overload
def leCunUniform(*, seed: float | str | None = ...) -> LeCunUniform:
    """Uniform with variance 1 / inputs."""
    ...

class OnesConfig(TypedDict, total=False):
    pass

def ones(config: OnesConfig | None = ..., /) -> Ones:
    """All ones."""
    ...

class OrthogonalConfig(TypedDict, total=False):
    gain: float | None
    """Factor."""
    seed: float | str | None
    """Seed of the random numbers."""

@overload
def orthogonal(config: OrthogonalConfig | None = ..., /) -> Orthogonal: ...
@overload
def orthogonal(*, gain: float | None = ..., seed: float | str | None = ...) -> Orthogonal:
    """A random orthogonal matrix times gain; all axes but the last count as rows."""
    ...

class RandomNormalConfig(TypedDict, total=False):
    mean: float | None
    """Mean."""
    stddev: float | None
    """Standard deviation."""
    seed: float | str | None
    """Seed of the random numbers."""

@overload
def randomNormal(config: RandomNormalConfig | None = ..., /) -> RandomNormal: ...
@overload
def randomNormal(*, mean: float | None = ..., stddev: float | None = ..., seed: float | str | None = ...) -> RandomNormal:
    """Normal."""
    ...

class RandomUniformConfig(TypedDict, total=False):
    minval: float | None
    """Lower bound."""
    maxval: float | None
    """Upper bound."""
    seed: float | str | None
    """Seed of the random numbers."""

@overload
def randomUniform(config: RandomUniformConfig | None = ..., /) -> RandomUniform: ...
@overload
def randomUniform(*, minval: float | None = ..., maxval: float | None = ..., seed: float | str | None = ...) -> RandomUniform:
    """Uniform from minval to maxval."""
    ...

class TruncatedNormalConfig(TypedDict, total=False):
    mean: float | None
    """Mean."""
    stddev: float | None
    """Standard deviation."""
    seed: float | str | None
    """Seed of the random numbers."""

@overload
def truncatedNormal(config: TruncatedNormalConfig | None = ..., /) -> TruncatedNormal: ...
@overload
def truncatedNormal(*, mean: float | None = ..., stddev: float | None = ..., seed: float | str | None = ...) -> TruncatedNormal:
    """Normal, drawn anew where it is more than two standard deviations from the mean."""
    ...

class VarianceScalingConfig(TypedDict, total=False):
    scale: float | None
    """Factor of the variance."""
    mode: Literal["fanIn", "fanOut", "fanAvg"] | None
    """What n counts."""
    distribution: Literal["normal", "uniform", "truncatedNormal", "untruncatedNormal"] | None
    """What is drawn."""
    seed: float | str | None
    """Seed of the random numbers."""

@overload
def varianceScaling(config: VarianceScalingConfig | None = ..., /) -> VarianceScaling: ...
@overload
def varianceScaling(*, scale: float | None = ..., mode: Literal["fanIn", "fanOut", "fanAvg"] | None = ..., distribution: Literal["normal", "uniform", "truncatedNormal", "untruncatedNormal"] | None = ..., seed: float | str | None = ...) -> VarianceScaling:
    """Normal or uniform with variance scale / n, n being the number of inputs, outputs or their mean."""
    ...

class ZerosConfig(TypedDict, total=False):
    pass

def zeros(config: ZerosConfig | None = ..., /) -> Zeros:
    """All zeros."""
    ...
