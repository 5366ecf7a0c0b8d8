# Written by tools/make_stubs.py; change the sources and run it again.

from lamina.callbacks.base import Callback as Callback, CustomCallback as CustomCallback
from lamina.callbacks.stopping import EarlyStopping as EarlyStopping
from typing import Literal, TypedDict, overload

class EarlyStoppingConfig(TypedDict, total=False):
    monitor: str | None
    """The key of the logs to watch."""
    minDelta: float | None
    """A change smaller than this is no improvement."""
    patience: int | None
    """How many epochs without improvement to go on for."""
    verbose: int | None
    """1 says at the end of which epoch it stopped."""
    mode: Literal["auto", "min", "max"] | None
    """Whether less or more is better; 'auto' takes 'max' where the key contains 'acc'."""
    baseline: float | None
    """The value that the first epoch has to improve on."""
    startFromEpoch: int | None
    """The first epoch whose value counts."""
    restoreBestWeights: bool | None
    """Give the model the weights of its best epoch when training ends."""

@overload
def earlyStopping(config: EarlyStoppingConfig | None = ..., /) -> EarlyStopping: ...
@overload
def earlyStopping(*, monitor: str | None = ..., minDelta: float | None = ..., patience: int | None = ..., verbose: int | None = ..., mode: Literal["auto", "min", "max"] | None = ..., baseline: float | None = ..., startFromEpoch: int | None = ..., restoreBestWeights: bool | None = ...) -> EarlyStopping:
    """Ends the training when a value has not improved for `patience` epochs in a row."""
    ...
